"""A person signs the declaration on the six general conditions for the organization."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.identity.rules import Right
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import IllegalMove
from marketplace.procedures.queries import rules
from marketplace.procedures.rules import clean_since
from marketplace.suppliers.commands.register import locked
from marketplace.suppliers.model import SupplierDeclaration
from marketplace.suppliers.rules.declaration import (
    EDITION,
    Condition,
    NobodySigns,
    NotAllDeclared,
    OtherEdition,
    last_day,
    years_after,
)
from marketplace.suppliers.states import SUPPLIER, SupplierAction, SupplierState

CLEAN_YEARS = 3
"""How far back the record must be clean where no dated row says otherwise, in years."""


def declare(
    db: Session, actor: Actor, organization_id: UUID, conditions: Iterable[Condition], *, edition: str, now: datetime
) -> UUID:
    """Sign the declaration for the organization and return its id; every bid uses it until its year is over.

    Raises:
        NotFound, Forbidden: not the actor's organization, or the actor may not sign for it.
        NobodySigns: the system signs nothing.
        IllegalMove: the organization has left the register.
        OtherEdition: another text was read than is in use.
        NotAllDeclared: a condition of the six is missing.

    Source:
        政府采购法第二十二条第一款.
    """
    supplier, _ = locked(db, actor, Right.DECLARE_FOR_SUPPLIER, organization_id)
    if actor.person_id is None:
        raise NobodySigns
    if supplier.state is SupplierState.WITHDRAWN:
        raise IllegalMove(state=SUPPLIER.label(supplier.state), action=SUPPLIER.label(SupplierAction.EDIT))
    if edition != EDITION:
        raise OtherEdition(edition=EDITION)
    if set(conditions) != set(Condition):
        raise NotAllDeclared(field="conditions")
    today = legal_day(now)
    count = select(func.count()).where(SupplierDeclaration.organization_id == organization_id)
    row = SupplierDeclaration(
        n=(db.scalar(count) or 0) + 1,
        organization_id=organization_id,
        edition=EDITION,
        clean_since=clean_since(rules(db, day=today), today) or years_after(today, -CLEAN_YEARS),
        signed_by=actor.person_id,
        signed_on=today,
        signed_at=now,
        valid_to=last_day(today),
    )
    db.add(row)
    db.flush()
    record(
        db, actor, "supplier.declared", "supplier", organization_id,
        now=now, declaration_id=row.id, edition=row.edition, clean_since=row.clean_since, valid_to=row.valid_to,
    )  # fmt: skip
    return row.id
