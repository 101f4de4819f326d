"""Every state, action and role of applications and payments: a documented move, or a refusal."""

from collections.abc import Callable
from datetime import date, datetime
from itertools import product
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from marketplace.funds import commands, queries
from marketplace.funds.commands import Finding, Verdict
from marketplace.funds.model import Payment
from marketplace.funds.rules import UnderWay
from marketplace.funds.schemas import Change
from marketplace.funds.states import (
    APPLICATION,
    INSTRUCTION,
    PAYMENT,
    ApplicationAction,
    ApplicationState,
    InstructionAction,
    InstructionState,
    PaymentAction,
    PaymentState,
)
from marketplace.identity.rules import DutiesClash
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import DomainError, Forbidden, IllegalMove, NotFound
from tests.funds.desk import Desk, a_desk, applied
from tests.funds.test_settling import attempts_of
from tests.identity.town import an_actor

VALUE_DAY = date(2026, 3, 3)
REASON = "试一试"
APPLICATION_MOVES = {
    ("submitted", "approve"): "approved",
    ("submitted", "return"): "returned",
    ("submitted", "cancel"): "cancelled",
    ("returned", "resubmit"): "submitted",
    ("returned", "cancel"): "cancelled",
    ("approved", "settle"): "settled",
    ("approved", "cancel"): "cancelled",
    ("settled", "reopen"): "approved",
}
PAYMENT_MOVES = {
    ("draft", "approve"): "approved",
    ("draft", "cancel"): "cancelled",
    ("approved", "order"): "submitting",
    ("approved", "cancel"): "cancelled",
    ("submitting", "accept"): "in_transit",
    ("submitting", "time_out"): "unknown",
    ("submitting", "refuse"): "failed",
    ("submitting", "confirm"): "paid",
    ("unknown", "accept"): "in_transit",
    ("unknown", "refuse"): "failed",
    ("unknown", "confirm"): "paid",
    ("unknown", "resend"): "submitting",
    ("in_transit", "confirm"): "paid",
    ("in_transit", "refuse"): "failed",
    ("paid", "bounce"): "returned",
    ("failed", "retry"): "draft",
    ("failed", "cancel"): "cancelled",
    ("returned", "retry"): "draft",
    ("returned", "cancel"): "cancelled",
}
INSTRUCTION_MOVES = {
    ("made", "accept"): "accepted",
    ("made", "refuse"): "refused",
    ("made", "time_out"): "unknown",
    ("unknown", "accept"): "accepted",
    ("unknown", "refuse"): "refused",
    ("unknown", "resend"): "made",
    ("accepted", "finish"): "finished",
}


@pytest.mark.parametrize(
    ("machine", "states", "actions", "handbook"),
    [
        (APPLICATION, ApplicationState, ApplicationAction, APPLICATION_MOVES),
        (PAYMENT, PaymentState, PaymentAction, PAYMENT_MOVES),
        (INSTRUCTION, InstructionState, InstructionAction, INSTRUCTION_MOVES),
    ],
    ids=["application", "payment", "instruction"],
)
def test_it_moves_as_the_handbook_says(machine: Any, states: Any, actions: Any, handbook: dict[Any, str]) -> None:
    for state, action in product(states, actions):
        if (state.value, action.value) in handbook:
            assert machine.after(state, action).value == handbook[state.value, action.value]
        else:
            with pytest.raises(IllegalMove):
                machine.after(state, action)


class Thing(NamedTuple):
    """An application of one payment, in some state."""

    application_id: UUID
    payment_id: UUID


def _heard(db: Session, thing: Thing, now: datetime, *verdicts: Verdict) -> None:
    *_, attempt = attempts_of(db, thing.application_id)
    for verdict in verdicts:
        commands.settle(db, [Finding(attempt.id, verdict, "账号不存在", VALUE_DAY)], now=now)


def a_thing(db: Session, desk: Desk, state: PaymentState | ApplicationState, now: datetime) -> Thing:
    """An application (or its payment) brought to a state by the verbs alone."""
    application_id = applied(db, desk, now=now)
    thing = Thing(application_id, queries.application(db, application_id).payments[0].id)
    if state in (ApplicationState.SUBMITTED, PaymentState.DRAFT):
        return thing
    if state is ApplicationState.RETURNED:
        commands.return_application(db, desk.head, application_id, reason=REASON, now=now)
        return thing
    if state in (ApplicationState.CANCELLED, PaymentState.CANCELLED):
        commands.cancel_application(db, desk.accountant, application_id, reason=REASON, now=now)
        return thing
    commands.approve_application(db, desk.head, application_id, now=now)
    if state in (ApplicationState.APPROVED, PaymentState.APPROVED):
        return thing
    commands.instruct(db, desk.cashier, [thing.payment_id], now=now)
    heard: dict[Any, tuple[Verdict, ...]] = {
        PaymentState.SUBMITTING: (),
        PaymentState.UNKNOWN: (Verdict.NO_ANSWER,),
        PaymentState.IN_TRANSIT: (Verdict.TAKEN,),
        PaymentState.PAID: (Verdict.PAID,),
        ApplicationState.SETTLED: (Verdict.PAID,),
        PaymentState.FAILED: (Verdict.REFUSED,),
        PaymentState.RETURNED: (Verdict.PAID, Verdict.RETURNED),
    }
    _heard(db, thing, now, *heard[state])
    return thing


Act = Callable[[Session, Actor, Thing, datetime], object]
CHANGE = Change(amount_fen=40_000, invoice_no="31000000000000000001", invoice_on=date(2026, 3, 1))
ON_APPLICATION: dict[ApplicationAction, Act] = {
    ApplicationAction.APPROVE: lambda db, who, it, now: commands.approve_application(
        db, who, it.application_id, now=now
    ),
    ApplicationAction.RETURN: lambda db, who, it, now: commands.return_application(
        db, who, it.application_id, reason=REASON, now=now
    ),
    ApplicationAction.RESUBMIT: lambda db, who, it, now: commands.resubmit(db, who, it.application_id, CHANGE, now=now),
    ApplicationAction.CANCEL: lambda db, who, it, now: commands.cancel_application(
        db, who, it.application_id, reason=REASON, now=now
    ),
}
ON_PAYMENT: dict[PaymentAction, Act] = {
    PaymentAction.ORDER: lambda db, who, it, now: commands.instruct(db, who, [it.payment_id], now=now),
    PaymentAction.RETRY: lambda db, who, it, now: commands.retry(db, who, it.payment_id, reason=REASON, now=now),
    PaymentAction.CANCEL: lambda db, who, it, now: commands.cancel_payment(
        db, who, it.payment_id, reason=REASON, now=now
    ),
}
MAY: dict[Any, tuple[str, ...]] = {
    ApplicationAction.APPROVE: ("head", "buyer_head", "centre_head"),
    ApplicationAction.RETURN: ("head", "buyer_head", "centre_head"),
    ApplicationAction.RESUBMIT: ("accountant",),
    ApplicationAction.CANCEL: ("accountant",),
    PaymentAction.ORDER: ("cashier",),
    PaymentAction.RETRY: ("accountant",),
    PaymentAction.CANCEL: ("accountant",),
}
"""Who may do what; nobody else, whoever they are."""
PEOPLE = ("accountant", "cashier", "head", "buyer_head", "buyer_clerk", "centre_head", "supplier", "stranger")


def _people(db: Session, desk: Desk, now: datetime) -> dict[str, Actor]:
    stranger = an_actor(db, Role.ACCOUNTANT, Role.HEAD, functions=(Function.FINANCE_OFFICE,), now=now)
    return {name: getattr(desk, name) for name in PEOPLE if name != "stranger"} | {"stranger": stranger}


@pytest.mark.parametrize("state", ApplicationState)
def test_an_application_in_each_state_by_each_role(db: Session, now: datetime, state: ApplicationState) -> None:
    desk = a_desk(db, now=now, fen=100_000_000)
    people, kept = _people(db, desk, now), a_thing(db, desk, state, now)
    for action, name in product(ON_APPLICATION, PEOPLE):
        wanted = APPLICATION_MOVES.get((state.value, action.value))
        if name in MAY[action] and wanted:
            thing = a_thing(db, desk, state, now)
            ON_APPLICATION[action](db, people[name], thing, now)
            assert queries.application(db, thing.application_id).state.value == wanted
            continue
        with pytest.raises(DomainError) as refused, db.begin_nested():
            ON_APPLICATION[action](db, people[name], kept, now)
        if name in MAY[action]:
            assert isinstance(refused.value, IllegalMove | UnderWay), (state, action, name)
        else:
            assert isinstance(refused.value, NotFound if name == "stranger" else Forbidden), (state, action, name)


@pytest.mark.parametrize("state", PaymentState)
def test_a_payment_in_each_state_by_each_role(db: Session, now: datetime, state: PaymentState) -> None:
    desk = a_desk(db, now=now, fen=100_000_000)
    people, kept = _people(db, desk, now), a_thing(db, desk, state, now)
    for action, name in product(ON_PAYMENT, PEOPLE):
        wanted = PAYMENT_MOVES.get((state.value, action.value))
        if state is PaymentState.DRAFT:  # a draft of an application that waits for approval goes only with it
            wanted = None
        if name in MAY[action] and wanted:
            thing = a_thing(db, desk, state, now)
            ON_PAYMENT[action](db, people[name], thing, now)
            assert db.get_one(Payment, thing.payment_id).state.value == wanted
            continue
        with pytest.raises(DomainError) as refused, db.begin_nested():
            ON_PAYMENT[action](db, people[name], kept, now)
        expected = IllegalMove if name in MAY[action] else NotFound if name == "stranger" else Forbidden
        assert isinstance(refused.value, expected), (state, action, name)


def test_a_payment_asked_for_again_is_approved_by_somebody_else(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    thing = a_thing(db, desk, PaymentState.FAILED, now)
    commands.retry(db, desk.accountant, thing.payment_id, reason=REASON, now=now)
    with pytest.raises(IllegalMove):
        commands.instruct(db, desk.cashier, [thing.payment_id], now=now)
    with pytest.raises(Forbidden):
        commands.approve_payment(db, desk.accountant, thing.payment_id, now=now)
    commands.approve_payment(db, desk.buyer_head, thing.payment_id, now=now)
    assert queries.payment(db, thing.payment_id).state is PaymentState.APPROVED
    with pytest.raises(IllegalMove):
        commands.approve_payment(db, desk.head, thing.payment_id, now=now)


def test_no_two_steps_by_one_person_whatever_roles_they_hold(db: Session, now: datetime) -> None:
    desk = a_desk(db, now=now)
    everything = frozenset(Role)

    def as_everything(actor: Actor) -> Actor:
        return Actor(actor.person_id, actor.organization_id, actor.functions, everything)

    thing = a_thing(db, desk, ApplicationState.SUBMITTED, now)
    with pytest.raises(DutiesClash):
        commands.approve_application(db, as_everything(desk.accountant), thing.application_id, now=now)
    with pytest.raises(DutiesClash):
        commands.return_application(db, as_everything(desk.accountant), thing.application_id, reason=REASON, now=now)
    commands.approve_application(db, desk.head, thing.application_id, now=now)
    for somebody in (desk.accountant, desk.head):
        with pytest.raises(DutiesClash):
            commands.instruct(db, as_everything(somebody), [thing.payment_id], now=now)
    commands.instruct(db, desk.cashier, [thing.payment_id], now=now)
    _heard(db, thing, now, Verdict.REFUSED)
    for somebody in (desk.head, desk.cashier):
        with pytest.raises(DutiesClash):
            commands.retry(db, as_everything(somebody), thing.payment_id, reason=REASON, now=now)
    commands.retry(db, desk.accountant, thing.payment_id, reason=REASON, now=now)
    for somebody in (desk.accountant, desk.cashier):
        with pytest.raises(DutiesClash):
            commands.approve_payment(db, as_everything(somebody), thing.payment_id, now=now)
