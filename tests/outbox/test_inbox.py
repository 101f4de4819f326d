"""What comes from outside is stored once, processed once, and set aside only with a reason."""

import threading
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.kit.errors import DomainError, IllegalMove, Kind, NotFound
from marketplace.outbox import rules
from marketplace.outbox.commands import (
    discard,
    fail,
    hand_over,
    ignore_event,
    open_event,
    replay,
    replay_event,
    settle_event,
    take_in,
)
from marketplace.outbox.model import Delivery, InboxEvent, Message
from marketplace.outbox.queries import event, parked, parked_event, parked_events, parked_job_of
from marketplace.outbox.rules import ReasonNeeded
from marketplace.outbox.states import INBOX, DeliveryState, InboxAction, InboxState

HANDBOOK = {
    ("received", "process"): "processed",
    ("received", "ignore"): "ignored",
    ("received", "park"): "parked",
    ("parked", "process"): "processed",
    ("parked", "ignore"): "ignored",
    ("parked", "replay"): "received",
}
ABOUT = {"object_kind": "transfer", "object_id": "tr_1"}


@pytest.mark.parametrize("state", InboxState)
@pytest.mark.parametrize("action", InboxAction)
def test_an_event_moves_as_the_handbook_says(state: InboxState, action: InboxAction) -> None:
    if (state.value, action.value) in HANDBOOK:
        assert INBOX.after(state, action).value == HANDBOOK[state.value, action.value]
    else:
        with pytest.raises(IllegalMove):
            INBOX.after(state, action)


def arrive(db: Session, now: datetime, event_id: str = "evt_1", source: str = "gateway") -> UUID:
    row_id = take_in(db, source, event_id, "transfer.created", ABOUT, now=now)
    assert row_id is not None
    return row_id


def test_an_event_is_taken_in_once_and_told_to_settlement(db: Session, now: datetime) -> None:
    row_id = arrive(db, now)
    assert take_in(db, "gateway", "evt_1", "transfer.created", {"other": 1}, now=now + timedelta(days=1)) is None
    found = event(db, row_id)
    assert (found.source, found.event_id, found.kind, found.payload, found.received_at, found.state) == (
        "gateway", "evt_1", "transfer.created", ABOUT, now, InboxState.RECEIVED,
    )  # fmt: skip
    (message,) = db.scalars(select(Message).where(Message.topic == rules.INBOX_RECEIVED))
    assert message.payload == {"event_id": str(row_id)}
    (delivery,) = db.scalars(select(Delivery).where(Delivery.message_id == message.id))
    assert delivery.consumer == rules.SETTLEMENT


def test_two_sources_may_use_the_same_id(db: Session, now: datetime) -> None:
    assert arrive(db, now) != arrive(db, now, source="bank")


def test_twenty_threads_take_the_same_event_in_once(committing: Database, now: datetime) -> None:
    taken: list[UUID | None] = []

    def take() -> None:
        with committing.write() as db:
            taken.append(take_in(db, "gateway", "evt_1", "transfer.created", ABOUT, now=now))

    threads = [threading.Thread(target=take) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in taken if one]) == 1
    assert len(taken) == 20
    with committing.read() as db:
        assert db.scalar(select(func.count()).select_from(Message)) == 1


def test_an_event_of_a_transaction_that_failed_may_come_again(committing: Database, now: datetime) -> None:
    def fail(db: Session) -> None:
        arrive(db, now)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        committing.run(fail)
    with committing.write() as db:
        arrive(db, now)


def test_a_processed_event_is_not_opened_again(db: Session, now: datetime) -> None:
    row_id = arrive(db, now)
    opened = open_event(db, row_id)
    assert opened is not None
    assert opened.id == row_id
    settle_event(db, row_id, InboxAction.PROCESS, now=now)
    assert open_event(db, row_id) is None
    assert event(db, row_id).settled_at == now
    with pytest.raises(IllegalMove):
        settle_event(db, row_id, InboxAction.PROCESS, now=now)


@pytest.mark.parametrize("action", [InboxAction.IGNORE, InboxAction.PARK])
def test_an_event_is_set_aside_only_with_a_reason(db: Session, now: datetime, action: InboxAction) -> None:
    row_id = arrive(db, now)
    with pytest.raises(ReasonNeeded):
        settle_event(db, row_id, action, now=now, reason=" ")
    settle_event(db, row_id, action, now=now, reason="没有对应的付款")
    assert event(db, row_id).reason == "没有对应的付款"


def test_a_parked_event_waits_for_a_person_who_settles_it(db: Session, now: datetime) -> None:
    later, first = arrive(db, now + timedelta(hours=1), "evt_2"), arrive(db, now)
    arrive(db, now, "evt_3")
    for row_id in (later, first):
        settle_event(db, row_id, InboxAction.PARK, now=now, reason="没有对应的付款")
    assert [one.id for one in parked_events(db)] == [first, later]
    assert open_event(db, first) is not None
    settle_event(db, first, InboxAction.PROCESS, now=now)
    settle_event(db, later, InboxAction.IGNORE, now=now, reason="与本平台无关")
    assert parked_events(db) == []


def test_there_is_nothing_to_open_where_nothing_came(db: Session, now: datetime) -> None:
    with pytest.raises(NotFound):
        open_event(db, uuid4())
    with pytest.raises(NotFound):
        event(db, uuid4())
    with pytest.raises(NotFound):
        settle_event(db, uuid4(), InboxAction.PROCESS, now=now)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("state = 'processed'", "settled_has_time"),
        ("settled_at = received_at", "settled_has_time"),
        ("state = 'parked', settled_at = received_at", "set_aside_has_reason"),
        ("state = 'ignored', settled_at = received_at", "set_aside_has_reason"),
        ("state = 'lost', settled_at = received_at", "inboxstate"),
    ],
)
def test_the_database_agrees(db: Session, now: datetime, change: str, constraint: str) -> None:
    arrive(db, now)
    with pytest.raises(IntegrityError, match=constraint), db.begin_nested():
        db.execute(text(f"UPDATE {InboxEvent.__tablename__} SET {change}"))


@pytest.mark.parametrize(
    ("event_id", "payload", "constraint"), [("''", "'{}'", "named"), ("'e'", "'[]'", "payload_object")]
)
def test_the_database_takes_in_nothing_nameless_or_shapeless(
    db: Session, event_id: str, payload: str, constraint: str
) -> None:
    values = f"gen_random_uuid(), 'gateway', {event_id}, 'k', {payload}, 'received', '2026-03-02Z', ''"
    columns = "id, source, event_id, kind, payload, state, received_at, reason"
    with pytest.raises(IntegrityError, match=constraint), db.begin_nested():
        db.execute(text(f"INSERT INTO inbox_event ({columns}) VALUES ({values})"))


def give_up(db: Session, now: datetime, error: Exception) -> None:
    """Let the worker fail until it is left to people."""
    (sending,) = hand_over(db, now=now)
    for _ in range(rules.ATTEMPTS_MAX):
        fail(db, sending.delivery_id, error, now=now)
    db.flush()


class TooBad(DomainError):
    kind, code, text = Kind.CONFLICT, "too_bad", "对不上。"


class TooBadOf(DomainError):
    kind, code, text = Kind.CONFLICT, "too_bad_of", "「{name}」对不上。"


@pytest.mark.parametrize(
    ("error", "reason"),
    [(TooBad(), "对不上。"), (TooBadOf(name="张三"), rules.GAVE_UP), (LookupError("张三 510000"), rules.GAVE_UP)],
)
def test_an_event_that_fails_too_often_waits_for_a_person_with_a_reason_that_names_nobody(
    db: Session, now: datetime, error: Exception, reason: str
) -> None:
    row_id = arrive(db, now)
    give_up(db, now, error)
    (waiting,) = parked_events(db)
    assert (waiting.id, waiting.state, waiting.reason, waiting.settled_at) == (row_id, InboxState.PARKED, reason, now)
    assert parked(db) == [], "it is listed as what it is, not as a job"
    assert parked_event(db, row_id) == waiting


def test_an_event_that_never_comes_back_waits_for_a_person(db: Session, now: datetime) -> None:
    row_id = arrive(db, now)
    for days in range(rules.SENDS_MAX + 1):
        hand_over(db, now=now + timedelta(days=days))
    assert event(db, row_id).reason == rules.NEVER_CAME_BACK


def test_a_parked_event_is_replayed_with_its_job_and_by_its_job(db: Session, now: datetime) -> None:
    row_id = arrive(db, now)
    for again in (1, 2):
        give_up(db, now, LookupError())
        with pytest.raises(ReasonNeeded):
            replay_event(db, row_id, reason=" ", now=now)
        job = parked_job_of(db, row_id)
        assert job is not None
        if again == 1:
            replay_event(db, row_id, reason="已核对", now=now)
        else:
            replay(db, job, reason="已核对", now=now)
        db.flush()
        found = event(db, row_id)
        assert (found.state, found.settled_at, found.reason) == (InboxState.RECEIVED, None, "")
        assert parked_job_of(db, row_id) is None
    with pytest.raises(IllegalMove):
        replay_event(db, row_id, reason="已核对", now=now)
    with pytest.raises(NotFound):
        replay_event(db, uuid4(), reason="已核对", now=now)
    assert [one.delivery_id for one in hand_over(db, now=now)] == [job]


def test_an_event_parked_by_a_person_is_told_to_a_worker_anew(db: Session, now: datetime) -> None:
    row_id = arrive(db, now)
    settle_event(db, row_id, InboxAction.PARK, now=now, reason="没有对应的付款")
    with pytest.raises(ReasonNeeded):
        replay_event(db, row_id, reason=" ", now=now)
    assert replay_event(db, row_id, reason="已核对", now=now).state is InboxState.RECEIVED
    told = select(func.count()).select_from(Message).where(Message.topic == rules.INBOX_RECEIVED)
    assert db.scalar(told) == 2


@pytest.mark.parametrize("by_job", [False, True])
def test_a_parked_event_that_is_none_of_ours_is_settled_with_its_job(
    db: Session, now: datetime, *, by_job: bool
) -> None:
    row_id = arrive(db, now)
    give_up(db, now, LookupError())
    job = parked_job_of(db, row_id)
    assert job is not None
    if by_job:
        discard(db, job, reason="与本平台无关", now=now)
    else:
        with pytest.raises(ReasonNeeded):
            ignore_event(db, row_id, reason="", now=now)
        ignore_event(db, row_id, reason="与本平台无关", now=now)
    db.flush()
    assert (event(db, row_id).state, db.get_one(Delivery, job).state) == (
        InboxState.IGNORED, DeliveryState.DISCARDED,
    )  # fmt: skip
    assert parked_events(db) == []
    with pytest.raises(NotFound):
        parked_event(db, row_id)
    with pytest.raises(IllegalMove):
        ignore_event(db, row_id, reason="x", now=now)
