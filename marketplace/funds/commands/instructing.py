"""Verbs of the cashier: order approved payments, by instruction file or by transfer at the gateway."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.db.base import lock_all
from marketplace.db.numbers import next_number
from marketplace.funds.commands.applying import refusals_of, uses_of
from marketplace.funds.commands.approving import approvers, preparers
from marketplace.funds.model import CustodyAccount, Payment, PaymentApplication, PaymentAttempt, PaymentInstruction
from marketplace.funds.queries.payable import parties_of
from marketplace.funds.rules import (
    CUSTODY_LABELS,
    FILE_LINES_MAX,
    Custody,
    NoCustodyAccount,
    NothingChosen,
    WrongRail,
)
from marketplace.funds.states import PAYMENT, PaymentAction
from marketplace.identity.rules import Duty, Right, apart, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound, raise_all
from marketplace.ledger import commands as ledger
from marketplace.ledger.schemas import Item, Order
from marketplace.outbox.commands import emit


def instruct(db: Session, actor: Actor, payment_ids: Sequence[UUID], *, now: datetime) -> list[UUID]:
    """Order approved payments out of the office's bank and quota accounts: one instruction file an account.

    Each payment gets an attempt, its money goes from ``payable`` to ``in_transit``, and a worker hands the file in.
    Returns the instruction files' ids.

    Raises:
        NothingChosen: no payment is given.
        NotFound: a payment does not exist or is not of the actor's office.
        Forbidden: the actor may not execute payments.
        DutiesClash: the actor prepared or approved one of them.
        IllegalMove: one of them is not approved, or was ordered already.
        WrongRail: one leaves by the gateway.
        NoCustodyAccount: the office has recorded no account for it.
        FundLapsed, PurposeForbidden, NotThisBuyersMoney: a fund may not pay this.

    Source:
        会计法第三十五条 (出纳); 国库集中支付制度.
    """
    rows, payments = _held(db, actor, payment_ids)
    _see_that_they_may(db, actor, rows, payments, now)
    for one in payments:
        if one.rail is Custody.GATEWAY:
            raise WrongRail(number=one.number, custody=CUSTODY_LABELS[one.rail])
    accounts = _accounts(db, rows, payments)
    ids = []
    for account_id, chosen in accounts.items():
        for start in range(0, len(chosen), FILE_LINES_MAX):
            lines = chosen[start : start + FILE_LINES_MAX]
            ids.append(_write_instruction(db, actor, account_id, lines, now))
    return ids


def release_transfers(db: Session, actor: Actor, payment_ids: Sequence[UUID], *, now: datetime) -> list[UUID]:
    """Order approved payments out of money at the gateway; a worker makes the transfers. Returns the attempts' ids.

    Raises:
        NothingChosen: no payment is given.
        NotFound: a payment does not exist or is not of the actor's office.
        Forbidden: the actor may not execute payments.
        DutiesClash: the actor prepared or approved one of them.
        IllegalMove: one of them is not approved, or was ordered already.
        WrongRail: one leaves by an instruction file.
        FundLapsed, PurposeForbidden, NotThisBuyersMoney: a fund may not pay this.
    """
    rows, payments = _held(db, actor, payment_ids)
    _see_that_they_may(db, actor, rows, payments, now)
    for one in payments:
        if one.rail is not Custody.GATEWAY:
            raise WrongRail(number=one.number, custody=CUSTODY_LABELS[one.rail])
    attempts = _order(db, actor, payments, None, now)
    for attempt in attempts:
        facts = {"reference": attempt.reference, "amount_fen": attempt.amount_fen}
        record(db, actor, "payment.ordered", "payment", attempt.payment_id, now=now, what=facts)
        emit(db, "transfer.ordered", now=now, attempt_id=attempt.id)
    return [attempt.id for attempt in attempts]


def _held(
    db: Session, actor: Actor, payment_ids: Sequence[UUID]
) -> tuple[dict[UUID, PaymentApplication], list[Payment]]:
    """Payments with their applications, their funds locked first; the right is asked of each application."""
    if not payment_ids:
        raise NothingChosen(field="payment_ids")
    wanted = set(payment_ids)
    known = db.execute(select(Payment.fund_id, Payment.application_id).where(Payment.id.in_(wanted)).distinct()).all()
    ledger.lock_funds(db, [fund_id for fund_id, _ in known])
    rows = {row.id: row for row in lock_all(db, PaymentApplication, [application_id for _, application_id in known])}
    payments = lock_all(db, Payment, wanted)
    if len(payments) != len(wanted):
        raise NotFound
    for row in rows.values():
        require(actor, Right.EXECUTE_PAYMENT, parties_of(row))
    return rows, sorted(payments, key=lambda one: (rows[one.application_id].number, one.place))


def _see_that_they_may(
    db: Session, actor: Actor, rows: dict[UUID, PaymentApplication], payments: Sequence[Payment], now: datetime
) -> None:
    """Whether the actor may pay these, and whether their funds still may."""
    of: dict[UUID, list[Payment]] = {}
    for one in payments:
        of.setdefault(one.application_id, []).append(one)
    for application_id, parts in of.items():
        row = rows[application_id]
        done = {Duty.PREPARE_PAYMENT: preparers(row, parts), Duty.APPROVE_PAYMENT: approvers(row, parts)}
        apart(actor, Duty.EXECUTE_PAYMENT, done)
        for one in parts:
            PAYMENT.after(one.state, PaymentAction.ORDER)
    asked = {
        (one.fund_id, rows[one.application_id].buyer_id, tuple(rows[one.application_id].catalogue_codes)): one
        for one in payments
    }
    for one in asked.values():
        raise_all(refusals_of(db, [one.fund_id], uses_of(rows[one.application_id], legal_day(now))))


def _accounts(
    db: Session, rows: dict[UUID, PaymentApplication], payments: Iterable[Payment]
) -> dict[UUID, list[Payment]]:
    """The payments by the account that they leave."""
    holders = {row.holder_id for row in rows.values()}
    known = {
        (row.holder_id, row.custody): row.id
        for row in db.scalars(select(CustodyAccount).where(CustodyAccount.holder_id.in_(holders)))
    }
    found: dict[UUID, list[Payment]] = {}
    for one in payments:
        account_id = known.get((rows[one.application_id].holder_id, one.rail))
        if account_id is None:
            raise NoCustodyAccount(custody=CUSTODY_LABELS[one.rail])
        found.setdefault(account_id, []).append(one)
    return found


def _write_instruction(db: Session, actor: Actor, account_id: UUID, payments: Sequence[Payment], now: datetime) -> UUID:
    row = PaymentInstruction(
        id=uuid4(),
        number=next_number(db, "instruction", on=legal_day(now)),
        account_id=account_id,
        day=legal_day(now),
        count=len(payments),
        total_fen=sum(one.amount_fen for one in payments),
        made_by=actor.person_id,
        made_at=now,
    )
    db.add(row)
    db.flush()
    _order(db, actor, payments, row.id, now)
    record(
        db,
        actor,
        "instruction.made",
        "instruction",
        row.id,
        now=now,
        number=row.number,
        count=row.count,
        total_fen=row.total_fen,
    )
    emit(db, "instruction.made", now=now, instruction_id=row.id)
    return row.id


def _order(
    db: Session, actor: Actor, payments: Sequence[Payment], instruction_id: UUID | None, now: datetime
) -> list[PaymentAttempt]:
    """One attempt at each payment: written down, ordered in the ledger, its money sent on its way; a batch a fund."""
    attempts = list(_attempts(actor, payments, instruction_id, now))
    db.add_all(attempts)
    obligations = _obligations(db, payments)
    by_fund: dict[UUID, list[tuple[Payment, PaymentAttempt]]] = {}
    for one, attempt in zip(payments, attempts, strict=True):
        one.state = PAYMENT.after(one.state, PaymentAction.ORDER)
        one.tries, one.executed_by, one.reason = attempt.n, actor.person_id, ""
        by_fund.setdefault(one.fund_id, []).append((one, attempt))
    db.flush()
    for fund_id in sorted(by_fund):
        pairs = by_fund[fund_id]
        orders = [Order(attempt.id, ("in_transit", one.id), one.amount_fen) for one, attempt in pairs]
        ledger.order_attempts(db, fund_id=fund_id, orders=orders, outcome="paid", actor_id=actor.person_id, now=now)
        items = [
            Item(
                f"order/{attempt.id}",
                ("payable", obligations[one.application_id]),
                ("in_transit", one.id),
                one.amount_fen,
            )
            for one, attempt in pairs
        ]
        ledger.move_many(
            db,
            fund_id=fund_id,
            items=items,
            cause="付款指令",
            actor_id=actor.person_id,
            value_date=legal_day(now),
            now=now,
        )
    return attempts


def _attempts(
    actor: Actor, payments: Iterable[Payment], instruction_id: UUID | None, now: datetime
) -> Iterator[PaymentAttempt]:
    for one in payments:
        attempt_id, n = uuid4(), one.tries + 1
        reference = one.number if n == 1 else f"{one.number}R{n}"
        yield PaymentAttempt(
            id=attempt_id,
            payment_id=one.id,
            n=n,
            idempotency_key=str(attempt_id),
            reference=reference,
            instruction_id=instruction_id,
            amount_fen=one.amount_fen,
            ordered_by=actor.person_id,
            ordered_at=now,
        )


def _obligations(db: Session, payments: Iterable[Payment]) -> dict[UUID, UUID]:
    ids = {one.application_id for one in payments}
    query = select(PaymentApplication.id, PaymentApplication.obligation_id).where(PaymentApplication.id.in_(ids))
    return {row[0]: row[1] for row in db.execute(query)}
