"""Effects happen once however often and in whatever order their messages come; failures wait, then are parked."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.db.numbers import NumberSeries, next_number
from marketplace.kit.clock import ManualClock, legal_day
from marketplace.outbox import rules
from marketplace.outbox.commands import emit, replay, tick
from marketplace.outbox.model import Delivery, Message
from marketplace.outbox.queries import backlog, parked
from marketplace.outbox.schemas import Envelope, Sending
from marketplace.outbox.states import DeliveryState
from marketplace.settings import Settings
from workers import broker as brokers
from workers.broker import Actors, Memory, open_broker
from workers.main import Stuck, drain, running
from workers.relay import relay
from workers.services import Consumer, Outcome, Services, chunks, deliver


def count_one(db: Session, message: Envelope, now: datetime) -> None:
    """An effect that shows how often it happened."""
    next_number(db, "receipt", on=legal_day(now))


def services(
    database: Database,
    clock: ManualClock,
    effect: Consumer = count_one,
    together: Mapping[str, int] | None = None,
) -> Services:
    consumers = {rules.NOTICES: effect, rules.DEADLINES: lambda *_: None}
    return Services(database, clock, Settings(), consumers, together=together or {})


def happened(database: Database) -> int:
    with database.read() as db:
        row = db.execute(select(NumberSeries.last).where(NumberSeries.kind == "receipt")).scalar_one_or_none()
    return row or 0


def tell(database: Database, clock: ManualClock, count: int = 1) -> None:
    with database.write() as db:
        for _ in range(count):
            emit(db, "project.published", now=clock.now(), project_id=uuid4())


def at_once(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Kept:
    """A broker that keeps what it gets, so that the test decides who gets it when."""

    def __init__(self, *, refuses_after: int = 10**9) -> None:
        self.sent: list[UUID] = []
        self._refuses_after = refuses_after

    def send(self, sendings: Sequence[Sending]) -> None:
        if len(self.sent) >= self._refuses_after:
            raise ConnectionError
        self.sent += [sending.delivery_id for sending in sendings]

    def wait_for_room(self, timeout_s: float) -> bool:
        return True


def test_duplicates_and_any_order_change_nothing(database: Database, clock: ManualClock) -> None:
    work, post = services(database, clock), Kept()
    tell(database, clock, 5)
    assert relay(work, post) == 5
    first, *rest = post.sent
    assert deliver(work, [rest[-1]]) == {Outcome.DONE: 1, Outcome.PASSED_BY: 0}
    assert deliver(work, [*reversed(post.sent), first]) == {Outcome.DONE: 4, Outcome.PASSED_BY: 2}
    assert deliver(work, post.sent) == {Outcome.DONE: 0, Outcome.PASSED_BY: 5}
    assert happened(database) == 5


def test_the_same_delivery_in_ten_threads_happens_once(committing: Database, clock: ManualClock) -> None:
    work, post = services(committing, clock), Kept()
    tell(committing, clock, 5)
    relay(work, post)
    barrier = threading.Barrier(10, timeout=20)

    def act() -> None:
        barrier.wait()
        for delivery in post.sent:
            deliver(work, [delivery])
        deliver(work, post.sent)

    threads = [threading.Thread(target=act) for _ in range(10)]
    at_once(threads)
    assert happened(committing) == 5
    with committing.read() as db:
        assert backlog(db, now=clock.now()).sent == 0


def test_two_relays_hand_over_different_deliveries(committing: Database, clock: ManualClock) -> None:
    work, posts = services(committing, clock), [Kept(), Kept(), Kept()]
    tell(committing, clock, 60)
    barrier = threading.Barrier(3, timeout=20)

    def act(post: Kept) -> None:
        barrier.wait()
        while relay(work, post, limit=7):
            pass

    threads = [threading.Thread(target=act, args=(post,)) for post in posts]
    at_once(threads)
    sent = [delivery for post in posts for delivery in post.sent]
    assert len(sent) == len(set(sent)) == 60


def test_what_a_broker_does_not_take_stays_due(database: Database, clock: ManualClock) -> None:
    work, post = services(database, clock), Kept(refuses_after=2)
    tell(database, clock, 5)
    assert relay(work, post) == 2
    clock.advance(rules.RETRY_AFTER)
    rest = Kept()
    assert relay(work, rest) == 3
    assert not set(post.sent) & set(rest.sent)


def test_a_failed_effect_leaves_nothing_and_is_tried_again_later(database: Database, clock: ManualClock) -> None:
    broken = [True]

    def effect(db: Session, message: Envelope, now: datetime) -> None:
        count_one(db, message, now)
        if broken[0]:
            raise RuntimeError("张三")

    work = services(database, clock, effect)
    tell(database, clock)
    with pytest.raises(Stuck):
        drain(work, scheduled=False)
    assert happened(database) == 0
    assert drain(work, scheduled=False) == 0
    broken[0] = False
    clock.advance(rules.RETRY_AFTER)
    assert drain(work, scheduled=False) == 1
    assert happened(database) == 1


def test_one_of_several_that_fails_takes_none_of_the_others_with_it(database: Database, clock: ManualClock) -> None:
    seen: list[UUID] = []

    def effect(db: Session, message: Envelope, now: datetime) -> None:
        seen.append(message.message_id)
        count_one(db, message, now)
        if message.payload.get("bad"):
            raise RuntimeError

    work, post = services(database, clock, effect, {rules.NOTICES: 10}), Kept()
    tell(database, clock, 2)
    with database.write() as db:
        emit(db, "project.published", now=clock.now(), bad=True)
    tell(database, clock, 2)
    relay(work, post)
    assert deliver(work, post.sent) == {Outcome.DONE: 4, Outcome.LATER: 1}
    assert happened(database) == 4
    assert len(seen) == 3 + 5


def test_deliveries_to_one_consumer_go_together_up_to_its_number(database: Database, clock: ManualClock) -> None:
    work = services(database, clock, together={"a": 2})
    names = ["a", "a", "a", "b", "b", "a"]
    found = chunks(work, [Sending(uuid4(), name) for name in names])
    assert [[sending.consumer for sending in chunk] for chunk in found] == [["a", "a"], ["a"], ["b"], ["b"], ["a"]]


def test_an_effect_that_keeps_failing_is_parked_and_works_after_its_replay(
    database: Database, clock: ManualClock
) -> None:
    broken = [True]

    def effect(db: Session, message: Envelope, now: datetime) -> None:
        if broken[0]:
            raise LookupError("张三")
        count_one(db, message, now)

    work = services(database, clock, effect)
    tell(database, clock)
    for _ in range(rules.ATTEMPTS_MAX):
        drain(work, scheduled=False, strict=False)
        clock.advance(rules.RETRY_AFTER_MAX)
    with database.write() as db:
        (job,) = parked(db)
        assert job.error_class == "LookupError"
        assert "张三" not in job.error
        replay(db, job.delivery_id, reason="已修复", now=clock.now())
    broken[0] = False
    assert drain(work, scheduled=False) == 1
    assert happened(database) == 1


def test_a_message_for_a_consumer_that_is_not_there_is_parked_and_not_lost(
    database: Database, clock: ManualClock
) -> None:
    work = Services(database, clock, Settings(), {})
    tell(database, clock)
    for _ in range(rules.ATTEMPTS_MAX):
        drain(work, scheduled=False, strict=False)
        clock.advance(rules.RETRY_AFTER_MAX)
    with database.read() as db:
        assert [job.error_class for job in parked(db)] == ["UnknownConsumer"]


def test_a_message_for_nobody_does_not_hold_up_the_others(database: Database, clock: ManualClock) -> None:
    post = Kept()
    with database.write() as db:
        emit(db, rules.MAIL_QUEUED, now=clock.now())
    tell(database, clock, 3)
    assert relay(services(database, clock), post) == 4
    assert len(post.sent) == 3


def test_a_message_emitted_by_an_effect_is_worked_off_in_the_same_drain(database: Database, clock: ManualClock) -> None:
    def effect(db: Session, message: Envelope, now: datetime) -> None:
        count_one(db, message, now)
        if message.topic == "project.published":
            emit(db, "project.announced", now=now)

    tell(database, clock)
    assert drain(services(database, clock, effect), scheduled=False) == 2


def test_a_scheduled_job_fires_once_with_two_schedulers(committing: Database, clock: ManualClock) -> None:
    fired: list[list[str]] = []
    for _ in range(3):
        barrier = threading.Barrier(2, timeout=20)

        def act(barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            with committing.write() as db:
                fired.append(tick(db, now=clock.now()))

        threads = [threading.Thread(target=act) for _ in range(2)]
        at_once(threads)
        clock.advance(max(rules.SCHEDULE.values()))
    for job in rules.SCHEDULE:
        assert sum(jobs.count(job) for jobs in fired) == 3
    with committing.read() as db:
        topics = db.scalars(select(Message.topic)).all()
    assert sorted(topics) == sorted(rules.SCHEDULED + job for job in rules.SCHEDULE for _ in range(3))


def eventually(found: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(400):
        if found():
            return
        waiting.wait(0.025)
    pytest.fail("it did not happen within ten seconds")


def test_the_running_worker_is_woken_by_a_commit_and_stops_cleanly(committing: Database, clock: ManualClock) -> None:
    work = services(committing, clock)
    before = threading.active_count()
    with running(work, threads=2):
        tell(committing, clock, 30)
        eventually(lambda: happened(committing) == 30)
        clock.advance(timedelta(minutes=1))
        tell(committing, clock, 5)
        eventually(lambda: happened(committing) == 35)
    assert threading.active_count() == before


def test_a_worker_that_is_held_begins_nothing_until_it_is_let_go(committing: Database, clock: ManualClock) -> None:
    held, asked = threading.Event(), threading.Event()
    held.set()

    def is_held() -> bool:
        asked.set()
        return held.is_set()

    tell(committing, clock, 3)
    with running(services(committing, clock), threads=1, held=is_held):
        assert asked.wait(10)
        assert happened(committing) == 0
        held.clear()
        eventually(lambda: happened(committing) == 3)


def test_the_running_worker_takes_up_what_a_dead_one_had_in_memory(committing: Database, clock: ManualClock) -> None:
    work = services(committing, clock)
    tell(committing, clock, 3)
    relay(work, Kept())
    with running(work, threads=1):
        eventually(lambda: happened(committing) == 3)


def test_the_memory_broker_is_bounded(database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    broker = open_broker(Settings())
    assert isinstance(broker, Memory)
    actors = Actors(broker, services(database, clock))
    monkeypatch.setattr(brokers, "IN_FLIGHT_MAX", rules.BATCH + 2)
    for _ in range(2):
        actors.send([Sending(uuid4(), rules.NOTICES)])
    assert actors.wait_for_room(0)
    actors.send([Sending(uuid4(), rules.NOTICES)])
    assert broker.in_flight() == 3
    assert not actors.wait_for_room(0.01)


def test_a_failure_that_cannot_be_recorded_leaves_the_delivery_to_be_sent_again(
    committing: Database, clock: ManualClock
) -> None:
    work, post = services(committing, clock), Kept()
    tell(committing, clock)
    relay(work, post)

    def effect(db: Session, message: Envelope, now: datetime) -> None:
        raise RuntimeError

    class Away:
        """A clock that fails when it is asked for the second time, as the failure is to be recorded."""

        asked = 0

        def now(self) -> datetime:
            self.asked += 1
            if self.asked > 1:
                raise OSError
            return clock.now()

    failing = Services(committing, Away(), Settings(), {rules.NOTICES: effect})
    assert deliver(failing, post.sent) == {Outcome.LATER: 1}
    with committing.read() as db:
        assert db.scalars(select(Delivery.state)).one() is DeliveryState.SENT
    clock.advance(rules.RESEND_AFTER)
    assert relay(work, Kept()) == 1
