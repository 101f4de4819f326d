"""What comes from outside is stored once, processed once, and set aside only with a reason."""

import threading
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.kit.errors import IllegalMove, NotFound
from marketplace.outbox import rules
from marketplace.outbox.commands import open_event, settle_event, take_in
from marketplace.outbox.model import Delivery, InboxEvent, Message
from marketplace.outbox.queries import event, parked_events
from marketplace.outbox.rules import ReasonNeeded
from marketplace.outbox.states import INBOX, InboxAction, InboxState

HANDBOOK = {
    ("received", "process"): "processed",
    ("received", "ignore"): "ignored",
    ("received", "park"): "parked",
    ("parked", "process"): "processed",
    ("parked", "ignore"): "ignored",
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
