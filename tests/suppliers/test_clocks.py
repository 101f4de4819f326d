"""The ends of proofs and debarments are told of once each: at 30 and 7 days, and when the last day is over."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.kit.actor import Role
from marketplace.outbox.model import Message
from marketplace.suppliers import commands, queries
from marketplace.suppliers.rules.clocks import stage_on, to_tell, told_until
from marketplace.suppliers.schemas import NewDebarment
from marketplace.suppliers.states import SupplierState, Why
from tests.suppliers.shelf import a_qualified, a_submitted, attach, centre, of, passed, view

END = date(2026, 5, 31)
"""The yearly report checked in March ends when the next is due."""


@pytest.mark.parametrize(
    ("today", "stage"),
    [
        (date(2026, 4, 30), None),
        (date(2026, 5, 1), 30),
        (date(2026, 5, 23), 30),
        (date(2026, 5, 24), 7),
        (date(2026, 5, 31), 7),
        (date(2026, 6, 1), 0),
        (date(2027, 6, 1), 0),
    ],
)
def test_the_stages_begin_thirty_and_seven_days_before_the_last_day_and_on_the_day_after(
    today: date, stage: int | None
) -> None:
    assert stage_on(END, today) == stage


@pytest.mark.parametrize(
    ("today", "told", "expected"),
    [
        (date(2026, 5, 1), [], 30),
        (date(2026, 5, 2), [30], None),
        (date(2026, 5, 24), [30], 7),
        (date(2026, 5, 24), [], 7),
        (date(2026, 5, 25), [7], None),
        (date(2026, 6, 1), [30, 7], 0),
        (date(2026, 6, 2), [0], None),
        (date(2026, 1, 1), [], None),
    ],
)
def test_each_stage_is_told_once_and_a_missed_one_not_afterwards(
    today: date, told: list[int], expected: int | None
) -> None:
    assert to_tell(END, today, told) == expected
    assert told_until(date(2026, 5, 1)) == END


def topics(db: Session) -> list[str]:
    found = db.scalars(select(Message.topic).where(Message.topic.like("suppliers.%")))
    wanted = ("suppliers.proof_", "suppliers.debarment_ended", "suppliers.expired", "suppliers.reinstated")
    return sorted(topic for topic in found if topic.startswith(wanted))


def at(now: datetime, day: date) -> datetime:
    return now + (day - date(2026, 3, 2))


def test_an_organization_hears_three_times_of_a_proof_and_the_centre_once(
    db: Session, tmp_path: Path, now: datetime
) -> None:
    a_qualified(db, tmp_path, now=now)
    assert commands.remind_ends(db, now=at(now, date(2026, 4, 30))) == 0
    for day in (date(2026, 5, 1), date(2026, 5, 1), date(2026, 5, 2), date(2026, 5, 24), date(2026, 5, 31)):
        commands.remind_ends(db, now=at(now, day))
    assert topics(db) == ["suppliers.proof_ending", "suppliers.proof_nears"]
    for _ in range(2):
        commands.remind_ends(db, now=at(now, date(2026, 6, 1)))
    assert topics(db) == ["suppliers.proof_ended", "suppliers.proof_ending", "suppliers.proof_nears"]


def test_a_batch_passes_nobody_by(db: Session, tmp_path: Path, now: datetime) -> None:
    for number in (1, 2, 3):
        a_qualified(db, tmp_path, number, now=now)
    later = at(now, date(2026, 5, 2))
    assert [commands.remind_ends(db, now=later, limit=1) for _ in range(4)] == [1, 1, 1, 0]


def test_nobody_is_called_for_a_proof_that_waits_to_be_looked_at_or_before_the_register(
    db: Session, tmp_path: Path, now: datetime
) -> None:
    actor = a_qualified(db, tmp_path, now=now)
    a_submitted(db, tmp_path, 2, now=now)
    later = at(now, date(2026, 5, 2))
    attach(db, tmp_path, actor, of(actor), "annual_report", now=later)
    assert commands.remind_ends(db, now=later) == 0


def test_a_qualification_ends_by_itself_and_comes_back_with_the_check_that_mends_it(
    db: Session, tmp_path: Path, now: datetime
) -> None:
    actor = a_qualified(db, tmp_path, now=now)
    clerk, later = centre(db, now=now), at(now, date(2026, 6, 1))
    assert commands.expire_due(db, now=later - timedelta(days=1)) == 0
    assert commands.expire_due(db, now=later) == 1
    assert view(db, actor).state is SupplierState.EXPIRED
    attach(db, tmp_path, actor, of(actor), "annual_report", now=later)
    commands.check(db, clerk, of(actor), [passed("scope")], now=later)
    assert view(db, actor).state is SupplierState.EXPIRED
    commands.check(db, clerk, of(actor), [passed("annual_report")], now=later)
    assert view(db, actor).state is SupplierState.QUALIFIED
    assert "suppliers.reinstated" in topics(db)
    assert queries.is_ready(db, of(actor), date(2026, 6, 1)) == []


def test_a_suspended_organization_does_not_come_back_by_a_check(db: Session, tmp_path: Path, now: datetime) -> None:
    actor = a_qualified(db, tmp_path, now=now)
    commands.suspend(db, centre(db, Role.HEAD, now=now), of(actor), reason="调查中", now=now)
    commands.check(db, centre(db, now=now), of(actor), [passed("scope")], now=now)
    assert view(db, actor).state is SupplierState.SUSPENDED


def test_an_expired_document_stops_a_bid_with_a_sentence_that_names_it(
    db: Session, tmp_path: Path, now: datetime
) -> None:
    actor = a_qualified(db, tmp_path, now=now)
    [lacks] = queries.is_ready(db, of(actor), date(2026, 6, 1))
    assert (lacks.why, lacks.kind, lacks.blocks) == (Why.EXPIRED, "annual_report", True)
    assert lacks.text.format(**lacks.params) == (
        "「最近一次年检（年报）合格」已于 2026-05-31 到期。请上传新的证明材料，由中心核对。"
    )


def test_a_debarment_ends_the_day_after_its_last_without_a_job_and_its_end_is_told_once(
    db: Session, tmp_path: Path, now: datetime
) -> None:
    actor, head = a_qualified(db, tmp_path, now=now), centre(db, Role.HEAD, now=now)
    ban = NewDebarment(source="示例区财政局", reason="虚假材料", from_on=date(2026, 3, 10), to_on=date(2026, 4, 10))
    commands.debar(db, head, of(actor), ban, now=now)
    lifted = commands.debar(db, head, of(actor), ban, now=now)
    commands.lift(db, head, lifted, reason="决定撤销", now=now)
    barred = {
        day: [one.why for one in queries.is_ready(db, of(actor), day)]
        for day in (date(2026, 3, 9), date(2026, 3, 10), date(2026, 4, 10), date(2026, 4, 11))
    }
    assert barred == {
        date(2026, 3, 9): [], date(2026, 3, 10): [Why.DEBARRED], date(2026, 4, 10): [Why.DEBARRED],
        date(2026, 4, 11): [],
    }  # fmt: skip
    assert commands.remind_ends(db, now=at(now, date(2026, 4, 10))) == 0
    assert commands.remind_ends(db, now=at(now, date(2026, 4, 11))) == 1
    assert commands.remind_ends(db, now=at(now, date(2026, 4, 12))) == 0
    assert topics(db) == ["suppliers.debarment_ended"]
