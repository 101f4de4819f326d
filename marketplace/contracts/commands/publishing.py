"""The verb that makes a signed contract public."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.contracts.commands.drafting import locked, touch
from marketplace.contracts.model import Contract
from marketplace.contracts.queries.contract import publication_due
from marketplace.contracts.rules.refusals import AlreadyPublished
from marketplace.contracts.states import CONTRACT, ContractAction
from marketplace.db.base import lock
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.outbox.commands import emit
from marketplace.projects.commands.notices import announce
from marketplace.projects.model import Project
from marketplace.projects.states import NoticeKind


def publish(db: Session, actor: Actor, contract_id: UUID, *, now: datetime) -> None:
    """Hang the contract's notice on the project's page: parties, price, term and milestones are public from now on.

    Late is better than never: after its day it is published all the same, and the journal says so.

    Raises:
        NotFound: there is no such contract for the actor.
        Forbidden: the actor may not publish contracts.
        IllegalMove: it has not been signed by both.
        AlreadyPublished: its notice hangs.

    Source:
        采购法条例第五十条: within two working days of signing.
    """
    project_id = db.scalar(select(Contract.project_id).where(Contract.id == contract_id))
    project = lock(db, Project, project_id) if project_id else None
    if project is None:
        raise NotFound
    row = locked(db, actor, contract_id, ContractAction.PUBLISH)
    row.state = CONTRACT.after(row.state, ContractAction.PUBLISH)
    if row.published_at is not None:
        raise AlreadyPublished
    due = publication_due(db, row)
    row.published_by, row.published_at = actor.person_id, now
    touch(row, now)
    announce(db, actor, project, NoticeKind.CONTRACT, now=now, reason=f"{row.number} {row.title}")
    record(
        db, actor, "contract.published", "contract", row.id, now=now,
        number=row.number, late=due is not None and legal_day(now) > due.day,
    )  # fmt: skip
    emit(db, "contract.published", now=now, contract_id=row.id, project_id=row.project_id)
