"""Earlier projects as templates: what is taken over, what is left, and where a dropped entry went."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from marketplace.identity.queries import actor_of
from marketplace.kit.actor import SYSTEM, Role
from marketplace.projects import commands, queries
from marketplace.projects.model import Project
from marketplace.projects.rules.copying import nearest
from marketplace.projects.schemas import NewProject
from tests.identity.town import a_person
from tests.projects.village import Village, a_draft, an_open, closing, in_evaluation

ENTRIES = [("A0401", "儿童福利服务"), ("A0402", "老年人福利服务"), ("B0101", "法律服务")]


def test_an_entry_in_force_stays_and_a_dropped_one_finds_its_nearest() -> None:
    assert nearest("A0402", "随便什么", ENTRIES) == "A0402"
    assert nearest("A0499", "老年福利服务", ENTRIES) == "A0402"
    assert nearest("C0101", "车辆租赁", ENTRIES) == ""
    assert nearest("A0401", "儿童福利服务", []) == ""


def test_a_copy_leaves_people_and_money_behind(db: Session, village: Village, now: datetime) -> None:
    source = an_open(db, village, now)
    new = NewProject(catalogue_code="A0401", title="第二年托管", buyer_id=village.buyer_id, copy_from=source)
    copy = db.get_one(Project, commands.draft(db, village.centre_clerk, new, now=now + timedelta(days=60)))
    old, plan = queries.plan_of(db, db.get_one(Project, source)), queries.plan_of(db, copy)
    assert plan.openers == (None, None, None)
    assert (plan.contact_name, plan.contact_phone, plan.budget_fen, plan.funding) == ("", "", None, ())
    assert (plan.cost_lines, plan.conditions, plan.criteria) == (old.cost_lines, old.conditions, old.criteria)


def test_milestones_of_a_project_without_service_days_move_by_their_first(
    db: Session, village: Village, now: datetime
) -> None:
    source = a_draft(db, village, now, service_from=None, service_until=None)
    new = NewProject(catalogue_code="A0401", title="第二年托管", buyer_id=village.buyer_id, copy_from=source)
    later = now + timedelta(days=365)
    plan = queries.plan_of(db, db.get_one(Project, commands.draft(db, village.centre_clerk, new, now=later)))
    days = [row.due_on for row in plan.milestones if row.due_on]
    assert days
    assert min(days) > later.date()


def test_anothers_failed_project_is_a_template_but_no_earlier_round(
    db: Session, village: Village, now: datetime
) -> None:
    failed = in_evaluation(db, village, now)
    after = closing(db, failed) + timedelta(hours=1)
    commands.fail(db, SYSTEM, failed, reason="响应不足三家", now=after)
    own = village.stranger.organization_id
    assert own
    clerk = actor_of(db, a_person(db, own, Role.CLERK, now=now), own)
    new = NewProject(catalogue_code="A0401", title="照着做", copy_from=failed)
    assert db.get_one(Project, commands.draft(db, clerk, new, now=after)).round == 1
