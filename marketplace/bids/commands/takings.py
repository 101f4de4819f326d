"""The verb of 报名: an organization takes the document of a project."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.bids.commands.gate import admitted, open_project, organization_of, taking_of
from marketplace.bids.model import DocumentTaking
from marketplace.bids.schemas import Taking
from marketplace.identity.rules import Right
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.outbox.commands import emit
from marketplace.projects.queries import may_take_part
from marketplace.projects.rules.preparing import MayNotTakePart


def take_document(db: Session, actor: Actor, project_id: UUID, *, received_at: datetime, now: datetime) -> Taking:
    """Register the actor's organization for a project: it gets the document and every notice about it.

    Taking it twice changes nothing. Who took it is known to the taker, and to staff only after opening.

    Raises:
        Forbidden: the actor may not act for a supplier.
        NotFound: no such project is public.
        BiddingNotOpen: the project takes no bids.
        TooLate: the deadline has passed.
        MayNotBid: the organization may not supply.
        MayNotTakePart: the project is open to chosen organizations alone.
    """
    organization_id = organization_of(actor, Right.TAKE_DOCUMENT)
    project = open_project(db, project_id, received_at, hold=False)
    admitted(db, organization_id)
    if not may_take_part(db, project, organization_id):
        raise MayNotTakePart
    row = taking_of(db, project.id, organization_id)
    if row is None:
        assert actor.person_id is not None  # noqa: S101 - the system has no organization
        row = DocumentTaking(
            project_id=project.id, organization_id=organization_id, person_id=actor.person_id, taken_at=now
        )
        db.add(row)
        db.flush()  # the journal names the taking by its own key, and nobody by theirs
        record(db, None, "document.taken", "document_taking", row.id, now=now)
        emit(db, "document.taken", now=now, project_id=project.id, organization_id=organization_id)
    return Taking(project_id=project.id, organization_id=organization_id, taken_at=row.taken_at)
