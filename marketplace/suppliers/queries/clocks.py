"""The centre's list of proofs that end, ended, or wait to be looked at."""

from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from marketplace.identity.model import Organization
from marketplace.identity.rules import Right, require
from marketplace.kit.actor import Actor
from marketplace.suppliers.model import ReadinessKind, Supplier, SupplierCheck
from marketplace.suppliers.queries.desk import new_proofs
from marketplace.suppliers.rules.clocks import ENDING_DAYS
from marketplace.suppliers.schemas import ClockLine
from marketplace.suppliers.states import LISTED, CheckResult, Clock

LINES_MAX = 500


def clocks(db: Session, actor: Actor, which: Clock, *, on_day: date) -> list[ClockLine]:
    """The proofs of listed organizations by their clock, the first to end first, at most ``LINES_MAX``.

    Raises:
        NotFound, Forbidden: the actor does not qualify suppliers.
    """
    require(actor, Right.QUALIFY_SUPPLIER, {})
    if which is Clock.PENDING:
        return [
            ClockLine(
                organization_id=line.organization_id, name=line.name, state=line.state, kind="",
                item="、".join(line.items), valid_to=None, days=None,
            )
            for line in new_proofs(db)
        ]  # fmt: skip
    later = aliased(SupplierCheck)
    newest = (
        select(func.max(later.n))
        .where(later.organization_id == SupplierCheck.organization_id, later.kind == SupplierCheck.kind)
        .scalar_subquery()
    )
    ends = (
        SupplierCheck.valid_to < on_day
        if which is Clock.ENDED
        else SupplierCheck.valid_to.between(on_day, on_day + timedelta(days=ENDING_DAYS))
    )
    query = (
        select(SupplierCheck, Supplier.state, Organization.name, ReadinessKind.name)
        .join(Supplier, Supplier.organization_id == SupplierCheck.organization_id)
        .join(Organization, Organization.id == SupplierCheck.organization_id)
        .join(ReadinessKind, ReadinessKind.code == SupplierCheck.kind)
        .where(
            SupplierCheck.n == newest,
            SupplierCheck.result != CheckResult.FAILED,
            Supplier.state.in_(LISTED),
            ends,
        )
        .order_by(SupplierCheck.valid_to, Organization.name, SupplierCheck.kind)
        .limit(LINES_MAX)
    )
    return [
        ClockLine(
            organization_id=row.organization_id, name=name, state=state, kind=row.kind, item=item,
            valid_to=row.valid_to, days=(row.valid_to - on_day).days if row.valid_to else None,
        )
        for row, state, name, item in db.execute(query)
    ]  # fmt: skip
