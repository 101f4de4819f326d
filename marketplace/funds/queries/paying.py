"""Reads for who asks, approves and pays: payments by where they stand, and what waits for whom."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from marketplace.funds.model import Payment, PaymentApplication
from marketplace.funds.queries.payable import claimable_count
from marketplace.funds.rules import Custody
from marketplace.funds.states import ApplicationState, ObligationKind, PaymentState
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo

PAGE = 100
TODOS_MAX = 20
"""A list to work through today, not the whole desk: that is the page of payments."""


class Standing(StrEnum):
    """Where payments stand, as the finance desk sorts them; ``claimable`` is payable and not asked for yet."""

    CLAIMABLE = "claimable"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    IN_TRANSIT = "in_transit"
    UNKNOWN = "unknown"
    FAILED = "failed"
    PAID = "paid"


STANDING_LABELS: Mapping[Standing, str] = {
    Standing.CLAIMABLE: N_("可申请"),
    Standing.SUBMITTED: N_("待审批"),
    Standing.APPROVED: N_("待执行"),
    Standing.IN_TRANSIT: N_("付款在途"),
    Standing.UNKNOWN: N_("结果不明"),
    Standing.FAILED: N_("失败或退回"),
    Standing.PAID: N_("已付"),
}
STATES: Mapping[Standing, frozenset[PaymentState]] = {
    Standing.SUBMITTED: frozenset({PaymentState.DRAFT}),
    Standing.APPROVED: frozenset({PaymentState.APPROVED}),
    Standing.IN_TRANSIT: frozenset({PaymentState.SUBMITTING, PaymentState.IN_TRANSIT}),
    Standing.UNKNOWN: frozenset({PaymentState.UNKNOWN}),
    Standing.FAILED: frozenset({PaymentState.FAILED, PaymentState.RETURNED}),
    Standing.PAID: frozenset({PaymentState.PAID}),
}
"""The payments of each standing; an application that was sent back counts as not approved yet."""


class PaymentGroup(Struct, frozen=True, kw_only=True):
    """The payments of one application that stand alike; ``payment_id`` is set when it is a single one."""

    application_id: UUID
    number: str
    state: ApplicationState
    kind: ObligationKind
    standing: PaymentState
    label: str
    holder_id: UUID
    payee: str
    count: int
    amount_fen: int
    payment_id: UUID | None
    reason: str
    rails: tuple[Custody, ...]
    prepared_at: datetime


def scope(actor: Actor) -> ColumnElement[bool]:
    """The applications that concern the actor's organization; supervision sees all."""
    if may(actor, Right.READ_PAYMENT, {}):
        return PaymentApplication.id.is_not(None)
    own = actor.organization_id
    return or_(
        PaymentApplication.holder_id == own,
        PaymentApplication.buyer_id == own,
        PaymentApplication.procuring_entity_id == own,
    )


def groups(db: Session, actor: Actor, standing: Standing, *, limit: int = PAGE) -> list[PaymentGroup]:
    """What stands alike, application by application, the newest first."""
    return _groups(db, and_(scope(actor), Payment.state.in_(STATES.get(standing, ()))), limit=limit)


def claims_of(db: Session, supplier_id: UUID, *, limit: int = PAGE) -> list[PaymentGroup]:
    """What was asked for in a supplier's favour, the newest first, by application and where it stands."""
    living = Payment.state != PaymentState.CANCELLED
    return _groups(db, and_(PaymentApplication.payee_id == supplier_id, living), limit=limit)


def _groups(db: Session, *conditions: ColumnElement[bool], limit: int) -> list[PaymentGroup]:
    query = (
        select(
            PaymentApplication,
            Payment.state,
            func.count(),
            func.sum(Payment.amount_fen),
            func.min(cast(Payment.id, Text)),
            func.min(Payment.payee_name),
            func.max(Payment.reason),
            func.array_agg(Payment.rail.distinct()),
        )
        .join(Payment, Payment.application_id == PaymentApplication.id)
        .where(*conditions)
        .group_by(PaymentApplication.id, Payment.state)
        .order_by(PaymentApplication.prepared_at.desc(), PaymentApplication.id, Payment.state)
        .limit(limit)
    )
    return [_group(*row) for row in db.execute(query)]


def _group(
    row: PaymentApplication,
    standing: PaymentState,
    count: int,
    amount: Any,
    first: str,
    payee: str,
    reason: str,
    rails: Sequence[Custody],
) -> PaymentGroup:
    return PaymentGroup(
        application_id=row.id,
        number=row.number,
        state=row.state,
        kind=row.obligation_kind,
        standing=standing,
        label=row.label,
        holder_id=row.holder_id,
        payee=payee if row.payee_id or count == 1 else "",
        count=count,
        amount_fen=int(amount),
        payment_id=UUID(first) if count == 1 else None,
        reason=row.reason or reason,
        rails=tuple(sorted(rails)),
        prepared_at=row.prepared_at,
    )


def counts(db: Session, actor: Actor) -> dict[Standing, int]:
    """How many payments of the actor's organization stand where; what is claimable is counted by its own reader."""
    query = (
        select(Payment.state, func.count())
        .join(PaymentApplication, PaymentApplication.id == Payment.application_id)
        .where(scope(actor))
        .group_by(Payment.state)
    )
    by_state = {row[0]: int(row[1]) for row in db.execute(query)}
    return {standing: sum(by_state.get(one, 0) for one in states) for standing, states in STATES.items()}


def fen_of_supplier(db: Session, supplier_id: UUID) -> dict[Standing, int]:
    """How many fen of a supplier's payments stand where."""
    query = (
        select(Payment.state, func.sum(Payment.amount_fen))
        .where(Payment.payee_id == supplier_id)
        .group_by(Payment.state)
    )
    by_state = {row[0]: int(row[1]) for row in db.execute(query)}
    return {standing: sum(by_state.get(one, 0) for one in states) for standing, states in STATES.items()}


def todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:  # noqa: ARG001 - every domain's todos look alike
    """What waits for accountant, approver and cashier; nothing that their own act on it has closed to them."""
    if actor.is_system or actor.organization_id is None:
        return []
    finance = {Relation.FINANCE: actor.organization_id}
    found: list[Todo] = []
    if may(actor, Right.PREPARE_PAYMENT, finance):
        found += _to_prepare(db, actor.organization_id)
    found += _to_approve(db, actor)
    if may(actor, Right.EXECUTE_PAYMENT, finance):
        found += _to_execute(db, actor)
    return found


def _to_prepare(db: Session, holder_id: UUID) -> list[Todo]:
    counted = {
        Standing.CLAIMABLE: (claimable_count(db, holder_id), N_("{count} 项应付款可以申请付款"), N_("申请")),
        Standing.FAILED: (
            _count(db, PaymentApplication.holder_id == holder_id, Payment.state.in_(STATES[Standing.FAILED])),
            N_("{count} 笔付款没有付成，需要处理"),
            N_("处理"),
        ),
        Standing.SUBMITTED: (
            _count(
                db, PaymentApplication.holder_id == holder_id, PaymentApplication.state == ApplicationState.RETURNED
            ),
            N_("{count} 笔付款申请被退回，需要补正"),
            N_("补正"),
        ),
    }
    return [
        Todo(title=title, params={"count": str(count)}, url=f"/finance/payments?state={standing}", action=action)
        for standing, (count, title, action) in counted.items()
        if count
    ]


def _count(db: Session, *conditions: ColumnElement[bool]) -> int:
    query = select(func.count(Payment.id)).join(PaymentApplication, PaymentApplication.id == Payment.application_id)
    return db.scalar(query.where(*conditions)) or 0


def _to_approve(db: Session, actor: Actor) -> list[Todo]:
    own = actor.organization_id
    ways = {
        Relation.FINANCE: PaymentApplication.holder_id,
        Relation.BUYER: PaymentApplication.buyer_id,
        Relation.PROCURING_ENTITY: PaymentApplication.procuring_entity_id,
    }
    mine = [column == own for relation, column in ways.items() if may(actor, Right.APPROVE_PAYMENT, {relation: own})]
    if not mine:
        return []
    waiting = or_(
        PaymentApplication.state == ApplicationState.SUBMITTED,
        and_(PaymentApplication.state == ApplicationState.APPROVED, Payment.state == PaymentState.DRAFT),
    )
    not_mine = func.bool_or(
        or_(Payment.prepared_by == actor.person_id, PaymentApplication.prepared_by == actor.person_id)
    ).is_not(True)
    query = (
        select(PaymentApplication)
        .join(Payment, Payment.application_id == PaymentApplication.id)
        .where(or_(*mine), waiting)
        .group_by(PaymentApplication.id)
        .having(not_mine)
        .order_by(PaymentApplication.prepared_at, PaymentApplication.id)
        .limit(TODOS_MAX)
    )
    return [
        Todo(
            title=N_("审批付款单 {number}：{label}"),
            params={"number": row.number, "label": row.label},
            url=f"/finance/payments/applications/{row.id}",
            action=N_("审批"),
        )
        for row in db.scalars(query)
    ]


def _to_execute(db: Session, actor: Actor) -> list[Todo]:
    person = actor.person_id
    count = _count(
        db,
        PaymentApplication.holder_id == actor.organization_id,
        Payment.state == PaymentState.APPROVED,
        Payment.prepared_by.is_distinct_from(person),
        Payment.approved_by.is_distinct_from(person),
    )
    if not count:
        return []
    return [
        Todo(
            title=N_("{count} 笔已批准的付款待执行"),
            params={"count": str(count)},
            url="/finance/payments/execute",
            action=N_("执行"),
        )
    ]
