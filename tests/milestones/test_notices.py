"""Each step of delivery tells those whom it concerns, in words that say what to do."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.contracts import commands, queries
from marketplace.contracts.schemas import Confirm
from marketplace.db.base import Database
from marketplace.flows import delivering
from marketplace.kit.actor import Actor
from marketplace.kit.clock import ManualClock, at_legal
from marketplace.notices.commands import remind
from marketplace.notices.model import PersonalNotice
from marketplace.notices.queries import inbox
from marketplace.notices.texts import Writer
from marketplace.outbox.model import Message
from marketplace.settings import Settings
from marketplace.web import i18n
from marketplace.web.desk.views import line
from marketplace.web.i18n import say
from tests.identity.town import SAFE
from tests.milestones.steps import a_report, an_acceptance, reported, returned, verified
from tests.milestones.worlds import SIGNED, Delivery
from workers.consumers import assemble
from workers.main import drain

NOW = SIGNED + timedelta(days=30)


def told(database: Database, topic: str) -> set[UUID]:
    with database.read() as db:
        return set(db.scalars(select(PersonalNotice.person_id).where(PersonalNotice.topic == topic)))


def text(database: Database, actor: Actor, topic: str) -> str:
    assert actor.person_id
    with database.read() as db:
        found = inbox(db, Writer(i18n), actor.person_id)
    return next(f"{one.title} {one.text}" for one in found if one.topic == topic)


def test_who_hears_of_a_milestone_from_its_report_to_the_contracts_end(
    database: Database, delivery: Delivery, clock: ManualClock, tmp_path: Path
) -> None:
    clock.set(NOW)
    who = delivery
    workers = assemble(database, clock, Settings(), safe=SAFE)
    with database.write() as db:
        milestone_id = returned(db, tmp_path, delivery, NOW)
    drain(workers, scheduled=False)
    clerks = {one.person_id for one in (who.verifier, who.second_acceptor, who.project_drafter, who.contract_drafter)}
    suppliers = {who.supplier_clerk.person_id, who.supplier_head.person_id}
    heard = told(database, "milestone.reported")
    assert heard >= clerks
    assert not heard & (suppliers | {who.acceptor.person_id, who.decider.person_id, who.stranger.person_id})
    assert told(database, "milestone.returned") == suppliers
    assert "签到表缺第二周" in text(database, who.supplier_head, "milestone.returned")
    assert "2026-08-20" in text(database, who.supplier_head, "milestone.returned")
    with database.write() as db:
        commands.report(db, who.supplier_clerk, milestone_id, a_report(2, ticked=[0, 1]), now=NOW)
        commands.verify(db, who.verifier, milestone_id, Confirm(attempt=2), now=NOW)
        form = an_acceptance(2, share_bp=8_000, reason="第二点晚开班")
        delivering.accept(db, who.acceptor, milestone_id, form, now=NOW)
        last = verified(db, tmp_path, delivery, NOW, which=2)
        nothing = an_acceptance(share_bp=0, reason="没有结班")
        delivering.accept(db, who.acceptor, last, nothing, now=NOW)
    drain(workers, scheduled=False)
    desk = clerks | {who.acceptor.person_id, who.decider.person_id}
    assert told(database, "milestone.verified") >= desk
    paying = told(database, "milestone.accepted")
    assert suppliers | {who.finance.person_id} <= paying
    assert not paying & desk
    assert "验收通过 80.00%，应付 10,666.66 元" in text(database, who.finance, "milestone.accepted")
    assert "没有结班" in text(database, who.supplier_clerk, "milestone.rejected")
    assert told(database, "contract.completed") >= desk | suppliers | {who.finance.person_id}


def given(database: Database, topic: str) -> int:
    with database.read() as db:
        return db.scalar(select(func.count()).where(Message.topic == topic)) or 0


def test_a_supplier_is_reminded_once_before_the_day_and_all_are_told_once_when_it_is_late(
    database: Database, delivery: Delivery, clock: ManualClock
) -> None:
    who, due = delivery, date(2026, 7, 31)
    suppliers = {who.supplier_clerk.person_id, who.supplier_head.person_id}
    clock.set(at_legal(due - timedelta(days=8), 23, 59))
    with database.write() as db:
        assert remind(db, now=clock.now()) == 0
    clock.set(at_legal(due - timedelta(days=7), 0, 1))
    drain(assemble(database, clock, Settings(), safe=SAFE))
    assert told(database, "milestone.due_soon") == suppliers
    assert "2026-07-31" in text(database, who.supplier_clerk, "milestone.due_soon")
    clock.set(at_legal(due, 23, 59))
    drain(assemble(database, clock, Settings(), safe=SAFE))  # another worker, days later
    assert given(database, "milestone.due_soon") == 1
    assert told(database, "milestone.late") == set()
    for day in (1, 2, 40):
        clock.set(at_legal(due + timedelta(days=day), 0, 1))
        drain(assemble(database, clock, Settings(), safe=SAFE))
        assert given(database, "milestone.late") == 1
    heard = told(database, "milestone.late")
    assert heard >= suppliers | {who.verifier.person_id, who.second_acceptor.person_id, who.contract_drafter.person_id}
    assert not heard & {who.stranger.person_id, who.other_supplier.person_id, who.finance.person_id}
    assert "应在 2026-07-31 前提交" in text(database, who.verifier, "milestone.late")


def test_after_an_outage_only_the_lateness_is_told_and_two_workers_tell_it_once(
    committing: Database, delivery: Delivery
) -> None:
    database = committing
    late = at_legal(date(2026, 8, 3), 9)
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda _: database.run(lambda db: remind(db, now=late)), range(2)))
    assert sorted(counts) == [0, 1]
    assert (given(database, "milestone.due_soon"), given(database, "milestone.late")) == (0, 1)


def test_a_report_ends_the_reminders_and_a_return_begins_them_anew(
    database: Database, delivery: Delivery, tmp_path: Path
) -> None:
    with database.write() as db:
        returned(db, tmp_path, delivery, NOW)  # to be mended by 20 August
    for day, soon, late in ((date(2026, 8, 1), 0, 0), (date(2026, 8, 14), 1, 0), (date(2026, 8, 21), 1, 1)):
        with database.write() as db:
            remind(db, now=at_legal(day, 9))
        assert (given(database, "milestone.due_soon"), given(database, "milestone.late")) == (soon, late)
    with database.write() as db:
        commands.report(db, delivery.supplier_clerk, delivery.milestones[1], a_report(2, ticked=[0, 1]), now=NOW)
        assert remind(db, now=at_legal(date(2026, 9, 1), 9)) == 0


def test_a_late_milestone_is_urgent_on_both_desks_and_gone_once_reported(
    db: Session, delivery: Delivery, tmp_path: Path
) -> None:
    late = at_legal(date(2026, 8, 3), 9)
    (mine,) = queries.todos(db, delivery.supplier_clerk, now=late)
    (theirs,) = queries.todos(db, delivery.verifier, now=late)
    assert mine.urgent
    assert theirs.urgent
    assert say(theirs.title, **theirs.params).endswith("的里程碑「暑期托管开班」已逾期 3 天，请了解原因")
    assert theirs.url == f"/centre/acceptance/{delivery.milestones[1]}"
    assert not queries.todos(db, delivery.supplier_clerk, now=at_legal(date(2026, 7, 1), 9))
    assert line(theirs, late).tone == "red"
    reported(db, tmp_path, delivery, late)
    assert [one.urgent for one in queries.todos(db, delivery.verifier, now=late)] == [False]
