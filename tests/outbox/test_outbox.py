"""A message is delivered to each consumer, again until it is done, and never silently dropped."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.kit.clock import ManualClock
from marketplace.kit.errors import BadValue, IllegalMove, NotFound
from marketplace.outbox import rules
from marketplace.outbox.commands import (
    discard,
    emit,
    fail,
    finish,
    hand_over,
    put_back,
    replay,
    resend_all,
    sweep,
    take,
    tick,
)
from marketplace.outbox.model import Delivery, Message, ScheduledJob
from marketplace.outbox.queries import backlog, parked, parked_one
from marketplace.outbox.states import DELIVERY, DeliveryAction, DeliveryState

HANDBOOK = {
    ("pending", "send"): "sent",
    ("sent", "resend"): "sent",
    ("sent", "finish"): "done",
    ("sent", "retry"): "pending",
    ("sent", "park"): "parked",
    ("pending", "finish"): "done",
    ("pending", "retry"): "pending",
    ("pending", "park"): "parked",
    ("parked", "replay"): "pending",
    ("parked", "discard"): "discarded",
}


@pytest.mark.parametrize("state", DeliveryState)
@pytest.mark.parametrize("action", DeliveryAction)
def test_a_delivery_moves_as_the_handbook_says(state: DeliveryState, action: DeliveryAction) -> None:
    if (state.value, action.value) in HANDBOOK:
        assert DELIVERY.after(state, action).value == HANDBOOK[state.value, action.value]
    else:
        with pytest.raises(IllegalMove):
            DELIVERY.after(state, action)


def handed(db: Session, now: datetime) -> list[UUID]:
    sendings = hand_over(db, now=now)
    db.flush()
    return [sending.delivery_id for sending in sendings]


def told(db: Session, now: datetime, topic: str = "project.published") -> UUID:
    message = emit(db, topic, now=now, project_id=uuid4())
    return db.scalars(select(Delivery.id).where(Delivery.message_id == message)).one()


def break_down(db: Session, delivery: UUID, now: datetime) -> datetime:
    for _ in range(rules.ATTEMPTS_MAX):
        fail(db, delivery, RuntimeError("张三 510000000000000000"), now=now)
        now += rules.RETRY_AFTER_MAX
    db.flush()
    return now


def test_what_is_emitted_is_handed_over_in_order_and_only_once(db: Session, now: datetime) -> None:
    deliveries = [told(db, now) for _ in range(5)]
    assert handed(db, now) == deliveries
    assert handed(db, now) == []


def test_a_batch_is_bounded(db: Session, now: datetime) -> None:
    for _ in range(5):
        told(db, now)
    assert [len(hand_over(db, now=now, limit=2)) for _ in range(4)] == [2, 2, 1, 0]


def test_what_is_not_done_in_time_is_handed_over_again_ever_more_rarely(db: Session, now: datetime) -> None:
    delivery = told(db, now)
    handed(db, now)
    assert handed(db, now + rules.RESEND_AFTER - timedelta(seconds=1)) == []
    again = now + rules.RESEND_AFTER
    assert handed(db, again) == [delivery]
    assert handed(db, again + rules.RESEND_AFTER) == []
    assert handed(db, again + 2 * rules.RESEND_AFTER) == [delivery]


def test_what_is_done_is_never_handed_over_again_nor_taken(db: Session, now: datetime) -> None:
    delivery = told(db, now)
    handed(db, now)
    (envelope,) = take(db, [delivery])
    assert envelope.topic == "project.published"
    assert isinstance(envelope.id("project_id"), UUID)
    finish(db, [delivery], now=now)
    db.flush()
    assert take(db, [delivery]) == []
    assert handed(db, now + timedelta(days=1)) == []


def test_a_late_copy_of_a_delivery_that_was_put_back_may_still_finish_it(db: Session, now: datetime) -> None:
    delivery = told(db, now)
    handed(db, now)
    put_back(db, [delivery], now=now)
    db.flush()
    assert take(db, [delivery])
    finish(db, [delivery], now=now)
    db.flush()
    assert handed(db, now + timedelta(days=1)) == []


def test_what_the_broker_refused_is_due_again_soon(db: Session, now: datetime) -> None:
    delivery = told(db, now)
    handed(db, now)
    put_back(db, [delivery], now=now)
    db.flush()
    assert handed(db, now) == []
    assert handed(db, now + rules.RETRY_AFTER) == [delivery]


def test_a_brokers_lost_memory_is_made_good_at_once(db: Session, now: datetime) -> None:
    open_one, done = told(db, now), told(db, now)
    handed(db, now)
    finish(db, [done], now=now)
    assert resend_all(db, now=now) == 1
    assert handed(db, now) == [open_one]


def test_a_failed_effect_is_tried_again_and_then_parked_with_its_class_and_no_personal_data(
    db: Session, now: datetime
) -> None:
    delivery = told(db, now)
    handed(db, now)
    for attempt in range(1, rules.ATTEMPTS_MAX):
        assert fail(db, delivery, RuntimeError("张三"), now=now) is DeliveryState.PENDING
        db.flush()
        assert handed(db, rules.retry_at(now, attempt) - timedelta(seconds=1)) == []
        assert handed(db, rules.retry_at(now, attempt)) == [delivery]
    error = IntegrityError("INSERT … 张三", {"name": "张三"}, RuntimeError("张三"))
    assert fail(db, delivery, error, now=now) is DeliveryState.PARKED
    db.flush()
    (job,) = parked(db)
    assert job.error_class == "IntegrityError"
    assert job.attempts == rules.ATTEMPTS_MAX
    assert "张三" not in job.error
    assert parked_one(db, delivery) == job
    assert handed(db, now + timedelta(days=1)) == []


def test_a_delivery_that_kills_whoever_takes_it_is_parked(db: Session, now: datetime) -> None:
    delivery = told(db, now)
    for _ in range(rules.SENDS_MAX):
        assert handed(db, now) == [delivery]
        now += rules.RESEND_AFTER_MAX
    assert handed(db, now) == []
    assert [job.error_class for job in parked(db)] == ["NeverCameBack"]


def test_a_parked_delivery_is_replayed_from_the_start(db: Session, now: datetime) -> None:
    delivery = told(db, now)
    handed(db, now)
    later = break_down(db, delivery, now)
    replay(db, delivery, reason="数据已更正", now=later)
    db.flush()
    assert handed(db, later) == [delivery]
    assert fail(db, delivery, RuntimeError(), now=later) is DeliveryState.PENDING


def test_a_discarded_delivery_is_settled_and_stays_to_be_read(db: Session, now: datetime) -> None:
    delivery = told(db, now)
    handed(db, now)
    later = break_down(db, delivery, now)
    discard(db, delivery, reason="单位已注销", now=now)
    db.flush()
    assert parked(db) == []
    assert handed(db, later + timedelta(days=365)) == []
    kept = db.get_one(Delivery, delivery)
    assert (kept.state, kept.error_class) == (DeliveryState.DISCARDED, "RuntimeError")
    with pytest.raises(IllegalMove):
        replay(db, delivery, reason="x", now=later)


def test_replay_and_discard_ask_for_a_reason_and_for_a_parked_delivery(db: Session, now: datetime) -> None:
    delivery = told(db, now)
    with pytest.raises(NotFound):
        replay(db, uuid4(), reason="x", now=now)
    with pytest.raises(IllegalMove):
        discard(db, delivery, reason="x", now=now)
    handed(db, now)
    break_down(db, delivery, now)
    for blank in ("", " \n"):
        with pytest.raises(rules.ReasonNeeded):
            replay(db, delivery, reason=blank, now=now)
        with pytest.raises(rules.ReasonNeeded):
            discard(db, delivery, reason=blank, now=now)


def test_parked_deliveries_are_listed_page_by_page(db: Session, now: datetime) -> None:
    deliveries = [told(db, now) for _ in range(5)]
    handed(db, now)
    for minute, delivery in enumerate(deliveries):
        break_down(db, delivery, now + timedelta(minutes=minute))
    first = parked(db, limit=2)
    second = parked(db, limit=2, after=first[-1].delivery_id)
    third = parked(db, limit=2, after=second[-1].delivery_id)
    assert [job.delivery_id for job in (*first, *second, *third)] == deliveries


def test_the_backlog_is_counted(db: Session, now: datetime) -> None:
    assert backlog(db, now=now).overdue_s == 0
    deliveries = [told(db, now) for _ in range(3)]
    handed(db, now)
    break_down(db, deliveries[0], now)
    finish(db, [deliveries[1]], now=now)
    told(db, now)
    db.flush()
    found = backlog(db, now=now + timedelta(seconds=90))
    assert (found.pending, found.sent, found.parked, found.overdue_s) == (1, 1, 1, 90)


def test_a_delivery_in_other_hands_is_passed_by(committing: Database, clock: ManualClock) -> None:
    with committing.write() as db:
        delivery = told(db, clock.now())
    with committing.write() as holder:
        assert take(holder, [delivery])
        with committing.write() as other:
            assert take(other, [delivery]) == []
            assert hand_over(other, now=clock.now()) == []


def test_an_emitted_message_is_gone_with_the_change_that_was_rolled_back(
    committing: Database, clock: ManualClock
) -> None:
    def story(db: Session) -> None:
        told(db, clock.now())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        committing.run(story)
    with committing.write() as db:
        assert hand_over(db, now=clock.now()) == []


def test_a_slow_transaction_is_not_overtaken_for_ever(committing: Database, clock: ManualClock) -> None:
    """The trap of an id cursor: the lower number commits after the higher one was relayed."""
    with committing.write() as slow:
        first = told(slow, clock.now())
        with committing.write() as fast:
            second = told(fast, clock.now())
        with committing.write() as db:
            assert [s.delivery_id for s in hand_over(db, now=clock.now())] == [second]
    with committing.write() as db:
        assert [s.delivery_id for s in hand_over(db, now=clock.now())] == [first]


@pytest.mark.parametrize(
    "change",
    [
        "state = 'done'",
        "state = 'parked', due_at = NULL",
        "state = 'sent'",
        "due_at = NULL",
        "attempts = -1",
        "state = 'lost'",
    ],
)
def test_the_database_refuses_a_delivery_that_contradicts_itself(db: Session, now: datetime, change: str) -> None:
    told(db, now)
    with pytest.raises(DBAPIError), db.begin_nested():
        db.execute(text(f"UPDATE delivery SET {change}"))


def test_a_job_runs_once_in_its_time_and_once_after_an_outage(db: Session, now: datetime) -> None:
    job, every = next(iter(rules.SCHEDULE.items()))
    assert job in tick(db, now=now)
    assert tick(db, now=now) == []
    assert job in tick(db, now=now + every)
    assert job in tick(db, now=now + 10 * every)
    db.expire_all()
    assert db.get_one(ScheduledJob, job).due_at == now + 11 * every
    assert (
        db.scalars(select(Message.topic).where(Message.topic == rules.SCHEDULED + job)).all()
        == [rules.SCHEDULED + job] * 3
    )


def test_next_run_keeps_the_jobs_own_step(now: datetime) -> None:
    hour = timedelta(hours=1)
    assert rules.next_run(now, hour, now) == now + hour
    assert rules.next_run(now, hour, now + timedelta(minutes=150)) == now + 3 * hour


def test_old_done_messages_are_swept_and_nothing_else(db: Session, now: datetime) -> None:
    done, still_open = told(db, now), told(db, now)
    handed(db, now)
    finish(db, [done], now=now)
    db.flush()
    assert sweep(db, now=now + rules.KEPT_AFTER_DONE) == 0
    assert sweep(db, now=now + rules.KEPT_AFTER_DONE + timedelta(seconds=1)) == 1
    assert db.scalars(select(Delivery.id)).all() == [still_open]
    assert len(db.scalars(select(Message.id)).all()) == 1


def test_what_the_database_refused_is_kept_by_its_state_and_constraint_never_by_its_values(db: Session) -> None:
    with pytest.raises(IntegrityError) as caught, db.begin_nested():
        db.execute(text("INSERT INTO number_series (kind, year, last) VALUES ('张三', 2026, 0)"))
    said = rules.safe_text(caught.value)
    assert "SQLSTATE 23514" in said
    assert "last_positive" in said
    assert "张三" not in said


def test_a_refusal_is_kept_by_its_code_and_a_failure_by_its_place() -> None:
    assert rules.safe_text(BadValue(problem="张三")) == "bad_value"
    with pytest.raises(ZeroDivisionError) as caught:
        rules.next_run(1, 0, 2)  # type: ignore[arg-type]
    assert rules.safe_text(caught.value).startswith("marketplace/outbox/rules.py:")
    assert rules.safe_text(caught.value).endswith(" next_run")
