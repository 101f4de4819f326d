"""Verbs of the worker: what became of ordered payments is written down once, from whichever side it is heard."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.db.base import lock_all
from marketplace.funds.commands.approving import close
from marketplace.funds.model import Payment, PaymentApplication, PaymentAttempt, PaymentInstruction
from marketplace.funds.states import (
    APPLICATION,
    INSTRUCTION,
    PAYMENT,
    ApplicationAction,
    ApplicationState,
    AttemptOutcome,
    InstructionAction,
    InstructionState,
    PaymentAction,
    PaymentState,
)
from marketplace.journal.commands import record
from marketplace.kit.actor import SYSTEM, Actor
from marketplace.kit.clock import legal_day
from marketplace.ledger import commands as ledger
from marketplace.ledger.schemas import Item
from marketplace.outbox.commands import emit


class Verdict(StrEnum):
    """What a bank or the gateway says of one attempt."""

    TAKEN = "taken"
    PAID = "paid"
    REFUSED = "refused"
    RETURNED = "returned"
    NO_ANSWER = "no_answer"
    NEVER_HAD = "never_had"


class Finding(NamedTuple):
    """What was heard of one attempt; ``value_date`` is the bank's own day, needed where money moved."""

    attempt_id: UUID
    verdict: Verdict
    reason: str = ""
    value_date: date | None = None


@dataclass(slots=True)
class Settled:
    """What findings changed: attempts by what became of them; ``odd`` ones contradict what is on file."""

    paid: list[UUID] = field(default_factory=list)
    failed: list[UUID] = field(default_factory=list)
    returned: list[UUID] = field(default_factory=list)
    unknown: list[UUID] = field(default_factory=list)
    odd: list[UUID] = field(default_factory=list)


class Case(NamedTuple):
    """An attempt with its payment and application, all locked."""

    attempt: PaymentAttempt
    payment: Payment
    application: PaymentApplication


ORDER = (
    Verdict.NEVER_HAD,
    Verdict.NO_ANSWER,
    Verdict.TAKEN,
    Verdict.REFUSED,
    Verdict.PAID,
    Verdict.RETURNED,
)
"""Of several findings about one attempt, the earlier in its life comes first."""


def settle(db: Session, findings: Iterable[Finding], *, now: datetime, actor: Actor = SYSTEM) -> Settled:
    """Write down what became of attempts: their payments, their money, their applications; in batches, each thing once.

    A finding that is known already changes nothing, in whatever order and however often it comes. One that contradicts
    what is on file (paid after it was refused) changes nothing either and is reported as ``odd``: people look at it.

    Raises:
        ValueError: money moved on no day.
    """
    wanted = sorted(set(findings), key=lambda one: ORDER.index(one.verdict))
    cases = _held(db, {one.attempt_id for one in wanted})
    done = Settled()
    for verdict, step in _STEPS.items():
        chosen = {one.attempt_id: one for one in wanted if one.verdict is verdict and one.attempt_id in cases}
        if chosen:
            step(db, actor, [(cases[attempt_id], one) for attempt_id, one in chosen.items()], done, now)
    applications = {case.application.id: case.application for case in cases.values()}
    _announce(db, actor, cases, applications, done, now)
    _finish_files(db, [cases[one] for one in (*done.paid, *done.failed, *done.returned)], now)
    return done


def _finish_files(db: Session, ended: Iterable[Case], now: datetime) -> None:
    """Close the instruction files of which every line has its end; one that was never answered was taken after all."""
    ids = {case.attempt.instruction_id for case in ended if case.attempt.instruction_id}
    waiting = select(PaymentAttempt.instruction_id).where(
        PaymentAttempt.instruction_id.in_(ids), PaymentAttempt.outcome.is_(None)
    )
    left = set(db.scalars(waiting.distinct())) if ids else set()
    for row in lock_all(db, PaymentInstruction, ids - left) if ids - left else ():
        if row.state in (InstructionState.MADE, InstructionState.UNKNOWN):
            row.state, row.answered_at = INSTRUCTION.after(row.state, InstructionAction.ACCEPT), now
        if row.state is InstructionState.ACCEPTED:
            row.state = INSTRUCTION.after(row.state, InstructionAction.FINISH)
    db.flush()


def _held(db: Session, attempt_ids: Iterable[UUID]) -> dict[UUID, Case]:
    """Attempts with what they belong to, locked in the one order: funds, applications, payments."""
    ids = sorted(attempt_ids)
    known = db.execute(
        select(PaymentAttempt.id, Payment.id, Payment.fund_id, Payment.application_id)
        .join(Payment, Payment.id == PaymentAttempt.payment_id)
        .where(PaymentAttempt.id.in_(ids))
    ).all()
    ledger.lock_funds(db, {row[2] for row in known})
    applications = {row.id: row for row in lock_all(db, PaymentApplication, {row[3] for row in known})}
    payments = {row.id: row for row in lock_all(db, Payment, {row[1] for row in known})}
    attempts = lock_all(db, PaymentAttempt, ids)
    return {
        one.id: Case(one, payments[one.payment_id], applications[payments[one.payment_id].application_id])
        for one in attempts
    }


Chosen = Sequence[tuple[Case, Finding]]


def _never_had(db: Session, actor: Actor, chosen: Chosen, done: Settled, now: datetime) -> None:  # noqa: ARG001
    """The other side knows nothing of it: it is sent again under the same key."""
    for case, _ in chosen:
        if case.payment.state is PaymentState.UNKNOWN and case.attempt.outcome is None:
            case.payment.state = PAYMENT.after(case.payment.state, PaymentAction.RESEND)


def _no_answer(db: Session, actor: Actor, chosen: Chosen, done: Settled, now: datetime) -> None:  # noqa: ARG001
    for case, _ in chosen:
        if case.payment.state is PaymentState.SUBMITTING and case.attempt.outcome is None:
            case.payment.state = PAYMENT.after(case.payment.state, PaymentAction.TIME_OUT)
            done.unknown.append(case.attempt.id)


def _taken(db: Session, actor: Actor, chosen: Chosen, done: Settled, now: datetime) -> None:  # noqa: ARG001
    for case, _ in chosen:
        waits = case.payment.state in (PaymentState.SUBMITTING, PaymentState.UNKNOWN)
        if waits and case.attempt.outcome is None:
            case.payment.state = PAYMENT.after(case.payment.state, PaymentAction.ACCEPT)


def _refused(db: Session, actor: Actor, chosen: Chosen, done: Settled, now: datetime) -> None:
    fresh = []
    for case, finding in chosen:
        if case.attempt.outcome is None:
            fresh.append(case)
            case.payment.state = PAYMENT.after(case.payment.state, PaymentAction.REFUSE)
            case.payment.reason = finding.reason or "对方未说明原因"
            _end(case.attempt, AttemptOutcome.FAILED, case.payment.reason, None, now)
            done.failed.append(case.attempt.id)
        elif case.attempt.outcome is AttemptOutcome.PAID:
            done.odd.append(case.attempt.id)
    _back(db, actor, fresh, "in_transit", "failed", "付款未成退回", legal_day(now), now)


def _paid(db: Session, actor: Actor, chosen: Chosen, done: Settled, now: datetime) -> None:
    by_day: dict[date, list[Case]] = {}
    for case, finding in chosen:
        day = _day(finding)
        if case.attempt.outcome is None:
            case.payment.state = PAYMENT.after(case.payment.state, PaymentAction.CONFIRM)
            case.payment.value_date, case.payment.paid_at, case.payment.reason = day, now, ""
            _end(case.attempt, AttemptOutcome.PAID, "", day, now)
            by_day.setdefault(day, []).append(case)
            done.paid.append(case.attempt.id)
        elif case.attempt.outcome is AttemptOutcome.FAILED:
            done.odd.append(case.attempt.id)
    db.flush()
    for day, cases in sorted(by_day.items(), key=lambda item: item[0]):
        for fund_id, of_fund in _by_fund(cases):
            items = [
                Item(
                    f"paid/{case.attempt.id}",
                    ("in_transit", case.payment.id),
                    ("paid", case.payment.id),
                    case.attempt.amount_fen,
                    case.attempt.id,
                )
                for case in of_fund
            ]
            ledger.move_many(
                db, fund_id=fund_id, items=items, cause="付款确认", actor_id=actor.person_id, value_date=day, now=now
            )


def _returned(db: Session, actor: Actor, chosen: Chosen, done: Settled, now: datetime) -> None:
    """Money that came back after it was paid is owed again; if the payment itself was not heard of yet, it is now."""
    unheard = [(case, finding) for case, finding in chosen if case.attempt.outcome is None]
    _paid(db, actor, unheard, done, now)
    by_day: dict[date, list[Case]] = {}
    for case, finding in chosen:
        if case.attempt.outcome is not AttemptOutcome.PAID:
            if case.attempt.outcome is AttemptOutcome.FAILED:
                done.odd.append(case.attempt.id)
            continue
        case.payment.state = PAYMENT.after(case.payment.state, PaymentAction.BOUNCE)
        case.payment.reason = finding.reason or "收款方银行退回"
        case.payment.value_date, case.payment.paid_at = None, None
        _end(case.attempt, AttemptOutcome.RETURNED, case.payment.reason, case.attempt.value_date, now)
        if case.application.state is ApplicationState.SETTLED:
            case.application.state = APPLICATION.after(case.application.state, ApplicationAction.REOPEN)
            case.application.settled_at = None
        by_day.setdefault(_day(finding), []).append(case)
        done.returned.append(case.attempt.id)
    for day, cases in sorted(by_day.items(), key=lambda item: item[0]):
        _back(db, actor, cases, "paid", "returned", "付后退回", day, now)


_STEPS = {
    Verdict.NEVER_HAD: _never_had,
    Verdict.NO_ANSWER: _no_answer,
    Verdict.TAKEN: _taken,
    Verdict.REFUSED: _refused,
    Verdict.PAID: _paid,
    Verdict.RETURNED: _returned,
}


def _day(finding: Finding) -> date:
    if finding.value_date is None:
        raise ValueError("money that moved has a value date")
    return finding.value_date


def _end(attempt: PaymentAttempt, outcome: AttemptOutcome, reason: str, value_date: date | None, now: datetime) -> None:
    attempt.outcome, attempt.reason, attempt.value_date, attempt.settled_at = outcome, reason, value_date, now


def _by_fund(cases: Iterable[Case]) -> Iterator[tuple[UUID, list[Case]]]:
    found: dict[UUID, list[Case]] = {}
    for case in cases:
        found.setdefault(case.payment.fund_id, []).append(case)
    return iter(sorted(found.items()))


def _back(
    db: Session, actor: Actor, cases: Sequence[Case], role: str, key: str, cause: str, day: date, now: datetime
) -> None:
    """Let the money of attempts be payable again."""
    db.flush()
    for fund_id, of_fund in _by_fund(cases):
        items = [
            Item(
                f"{key}/{case.attempt.id}",
                (role, case.payment.id),
                ("payable", case.application.obligation_id),
                case.attempt.amount_fen,
            )
            for case in of_fund
        ]
        ledger.move_many(
            db, fund_id=fund_id, items=items, cause=cause, actor_id=actor.person_id, value_date=day, now=now
        )


def _announce(
    db: Session,
    actor: Actor,
    cases: Mapping[UUID, Case],
    applications: Mapping[UUID, PaymentApplication],
    done: Settled,
    now: datetime,
) -> None:
    """Journal and outbox, one entry an application and what became of its payments."""
    db.flush()
    for topic, attempt_ids in (
        ("payment.paid", done.paid),
        ("payment.failed", done.failed),
        ("payment.returned", done.returned),
        ("payment.unknown", done.unknown),
    ):
        by_application: dict[UUID, list[Case]] = {}
        for attempt_id in dict.fromkeys(attempt_ids):
            by_application.setdefault(cases[attempt_id].application.id, []).append(cases[attempt_id])
        for application_id, parts in by_application.items():
            amount_fen = sum(case.attempt.amount_fen for case in parts)
            numbers = [case.attempt.reference for case in parts]
            record(
                db,
                actor,
                topic,
                "application",
                application_id,
                now=now,
                payments=numbers,
                amount_fen=amount_fen,
            )
            emit(
                db,
                topic,
                now=now,
                application_id=application_id,
                payment_id=parts[0].payment.id,
                count=len(parts),
                amount_fen=amount_fen,
            )
    for application_id in close(db, actor, applications.values(), now=now):
        record(db, actor, "application.settled", "application", application_id, now=now)
        emit(db, "application.settled", now=now, application_id=application_id)
