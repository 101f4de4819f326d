"""Reads of an office's desk: every payment that waits, for whom and since when, and the year by months."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import and_, case, extract, func, or_, select
from sqlalchemy.orm import Session

from marketplace.contracts.model import Contract, Milestone
from marketplace.contracts.rules.wording import PAYMENT_DAYS_RULE
from marketplace.funds.model import Fund, Payment, PaymentApplication
from marketplace.funds.queries.payable import owing
from marketplace.funds.queries.paying import STATES, Standing
from marketplace.funds.states import ApplicationState, ObligationKind, PaymentState
from marketplace.identity.model import Organization
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.ledger.model import account, movement
from marketplace.procedures import queries as law
from marketplace.procedures.rules import Rule, snapshot

PENDING_MAX = 20
_STANDINGS: Mapping[PaymentState, Standing] = {state: one for one, states in STATES.items() for state in states}


class Pending(Struct, frozen=True, kw_only=True):
    """One sum that is owed and not paid: where it stands since when, and by when it is due; ``url`` is where one acts.

    ``is_returned``: its application was sent back. ``payee`` is empty where many are paid.
    """

    standing: Standing
    is_returned: bool
    label: str
    number: str
    payee: str
    count: int
    amount_fen: int
    since: datetime
    due_on: date | None
    url: str


class Month(Struct, frozen=True, kw_only=True):
    """What came into the funds of an office in one month by value date, and what was paid out of them, in fen."""

    number: int
    in_fen: int
    out_fen: int


def pending(db: Session, holder_id: UUID, *, limit: int = PENDING_MAX) -> list[Pending]:
    """What an office owes and has not paid, the soonest due first, then the longest waiting.

    Three questions: one for what nobody has asked for yet, one for what was asked for, one for the law's days.

    Source:
        保障中小企业款项支付条例第九条: so long after acceptance an agency pays; the row in force on that day counts.
    """
    law_days = _payment_rows(db)
    found = [*_unasked(db, holder_id, law_days, limit), *_asked(db, holder_id, law_days, limit)]
    return sorted(found, key=lambda one: (one.due_on or date.max, one.since))[:limit]


def _payment_rows(db: Session) -> tuple[Rule, ...]:
    """Every row of the rule that says within how many days is paid; none before rules were entered."""
    try:
        return law.rule_history(db, PAYMENT_DAYS_RULE)
    except NotFound:
        return ()


def payment_days(db: Session, day: date) -> int | None:
    """Within how many days after acceptance an agency pays, by the row in force on ``day``; None where none is.

    Source:
        保障中小企业款项支付条例第九条.
    """
    return _days(_payment_rows(db), day)


def _days(rows: tuple[Rule, ...], day: date) -> int | None:
    rule = snapshot(rows, day=day, version=rows[0].version).find(PAYMENT_DAYS_RULE) if rows else None
    return rule.number if rule else None


def _due(accepted_at: datetime | None, rows: tuple[Rule, ...]) -> date | None:
    """The last day to pay by the row in force on the day of acceptance; None where none was."""
    day = legal_day(accepted_at) if accepted_at else None
    days = _days(rows, day) if day else None
    return day + timedelta(days=days) if day and days is not None else None


def _unasked(db: Session, holder_id: UUID, rows: tuple[Rule, ...], limit: int) -> list[Pending]:
    open_ = owing(holder_id).subquery()
    query = (
        select(
            Milestone.id, Milestone.title, Milestone.accepted_at, Contract.title, Organization.name, open_.c.free_fen
        )
        .join_from(open_, Milestone, Milestone.id == open_.c.obligation_id)
        .join(Contract, Contract.id == Milestone.contract_id)
        .join(Organization, Organization.id == Contract.supplier_id)
        .where(Milestone.accepted_at.is_not(None))
        .order_by(Milestone.accepted_at)
        .limit(limit)
    )
    return [
        Pending(
            standing=Standing.CLAIMABLE,
            is_returned=False,
            label=f"{contract} · {title}",
            number="",
            payee=supplier,
            count=1,
            amount_fen=free_fen,
            since=accepted_at,
            due_on=_due(accepted_at, rows),
            url=f"/finance/payments/new/{milestone_id}",
        )
        for milestone_id, title, accepted_at, contract, supplier, free_fen in db.execute(query)
    ]


def _asked(db: Session, holder_id: UUID, rows: tuple[Rule, ...], limit: int) -> list[Pending]:
    is_milestone = PaymentApplication.obligation_kind == ObligationKind.MILESTONE
    query = (
        select(
            PaymentApplication, Milestone.accepted_at, Organization.name, Payment.state, func.count(),
            func.sum(Payment.amount_fen),
        )
        .join(Payment, Payment.application_id == PaymentApplication.id)
        .outerjoin(Milestone, and_(is_milestone, Milestone.id == PaymentApplication.obligation_id))
        .outerjoin(Organization, Organization.id == PaymentApplication.payee_id)
        .where(
            PaymentApplication.holder_id == holder_id,
            PaymentApplication.state.not_in((ApplicationState.SETTLED, ApplicationState.CANCELLED)),
            Payment.state.not_in((PaymentState.PAID, PaymentState.CANCELLED)),
        )
        .group_by(PaymentApplication.id, Milestone.accepted_at, Organization.name, Payment.state)
        .order_by(Milestone.accepted_at, PaymentApplication.prepared_at, PaymentApplication.id, Payment.state)
        .limit(limit)
    )  # fmt: skip
    return [
        _standing_row(application, payee or "", state, count, int(fen), _due(accepted_at, rows))
        for application, accepted_at, payee, state, count, fen in db.execute(query)
    ]


def _standing_row(
    row: PaymentApplication, payee: str, state: PaymentState, count: int, amount_fen: int, due_on: date | None
) -> Pending:
    standing = _STANDINGS[state]
    return Pending(
        standing=standing,
        is_returned=row.state is ApplicationState.RETURNED,
        label=row.label,
        number=row.number,
        payee=payee,
        count=count,
        amount_fen=amount_fen,
        since=row.prepared_at if standing is Standing.SUBMITTED else row.approved_at or row.prepared_at,
        due_on=due_on,
        url=f"/finance/payments/applications/{row.id}",
    )


def months(db: Session, holder_id: UUID, *, year: int) -> list[Month]:
    """What came in and was paid in each month of a year, from the ledger: one question, over that year's movements.

    Income is what was received less what was entered by mistake; payments are less what came back.
    """
    source, target = account.alias("source"), account.alias("target")
    came, went = movement.c.from_account.is_(None), target.c.role == "paid"
    unmade, back = target.c.role == "voided", source.c.role == "paid"
    number, fen = extract("month", movement.c.value_date), movement.c.amount_fen
    query = (
        select(
            number,
            func.sum(case((came, fen), (unmade, -fen), else_=0)),
            func.sum(case((went, fen), (back, -fen), else_=0)),
        )
        .join_from(movement, target, target.c.id == movement.c.to_account)
        .outerjoin(source, source.c.id == movement.c.from_account)
        .where(
            movement.c.fund_id.in_(select(Fund.id).where(Fund.holder_id == holder_id)),
            movement.c.value_date.between(date(year, 1, 1), date(year, 12, 31)),
            movement.c.verb.in_(("receive", "attempt", "void", "move")),
            or_(came, went, unmade, back),
        )
        .group_by(number)
    )
    found = {int(row[0]): (int(row[1]), int(row[2])) for row in db.execute(query)}
    return [
        Month(number=one, in_fen=found.get(one, (0, 0))[0], out_fen=found.get(one, (0, 0))[1]) for one in range(1, 13)
    ]
