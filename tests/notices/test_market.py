"""The steps of a project tell those whom each concerns, in the inbox and by mail, and nobody else."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from marketplace.bids.model import DocumentTaking
from marketplace.db.base import Database
from marketplace.identity.queries import actor_of
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.clock import ManualClock
from marketplace.notices.commands import remind
from marketplace.notices.model import Mail, PersonalNotice
from marketplace.notices.queries import inbox
from marketplace.notices.rules import CLOSING_WITHIN, OPENING_AFTER, TOLD
from marketplace.notices.texts import Writer
from marketplace.projects import commands as projects
from marketplace.projects.model import Project
from marketplace.settings import Settings
from marketplace.web import i18n
from tests.identity.town import SAFE, a_person, an_organization
from tests.projects.village import KEY, Village, a_submitted, a_village, an_open
from workers.consumers import assemble
from workers.main import drain


class Scene:
    """A village whose workers have nothing left to do."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self.clock = database, clock
        self.work = assemble(database, clock, Settings(), safe=SAFE)
        with database.write() as db:
            self.village: Village = a_village(db, clock.now())
        self.settle()

    def settle(self) -> None:
        drain(self.work, scheduled=False)

    def told(self, topic: str) -> set[UUID]:
        self.settle()
        with self.database.read() as db:
            return set(db.scalars(select(PersonalNotice.person_id).where(PersonalNotice.topic == topic)))

    def mailed(self, topic: str) -> set[UUID]:
        with self.database.read() as db:
            return set(db.scalars(select(Mail.person_id).where(Mail.topic == topic)))

    def text(self, actor: Actor, topic: str) -> str:
        with self.database.read() as db:
            found = inbox(db, Writer(i18n), ids(actor).pop())
        return next(f"{one.title} {one.text}" for one in found if one.topic == topic)

    def take(self, project_id: UUID, actor: Actor) -> None:
        """Let an organization have taken the document."""
        assert actor.person_id
        assert actor.organization_id
        with self.database.write() as db:
            db.add(
                DocumentTaking(
                    project_id=project_id,
                    organization_id=actor.organization_id,
                    person_id=actor.person_id,
                    taken_at=self.clock.now(),
                )
            )

    def open_project(self) -> UUID:
        with self.database.write() as db:
            return an_open(db, self.village, self.clock.now())

    def due(self, project_id: UUID) -> datetime:
        with self.database.read() as db:
            found = db.get_one(Project, project_id).bids_due_at
        assert found
        return found


def ids(*actors: Actor) -> set[UUID]:
    return {actor.person_id for actor in actors if actor.person_id}


@pytest.fixture
def scene(database: Database, clock: ManualClock) -> Scene:
    return Scene(database, clock)


def test_a_submitted_project_is_told_to_those_who_may_approve_it(scene: Scene) -> None:
    with scene.database.write() as db:
        a_submitted(db, scene.village, scene.clock.now())
    heads = ids(scene.village.buyer_head, scene.village.centre_head)
    assert scene.told("project.submitted") == heads
    assert scene.mailed("project.submitted") == heads
    assert "留守儿童暑期托管服务" in scene.text(scene.village.buyer_head, "project.submitted")


def test_a_returned_project_is_told_to_its_drafter_with_the_reason(scene: Scene) -> None:
    with scene.database.write() as db:
        project_id = a_submitted(db, scene.village, scene.clock.now())
        projects.return_(db, scene.village.buyer_head, project_id, reason="请补充需求调查", now=scene.clock.now())
    assert scene.told("project.returned") == ids(scene.village.centre_clerk)
    assert "请补充需求调查" in scene.text(scene.village.centre_clerk, "project.returned")


def test_a_published_project_is_told_to_all_social_organizations(scene: Scene) -> None:
    scene.open_project()
    told = scene.told("project.published")
    village = scene.village
    assert ids(village.supplier, village.buyer_head, village.centre_clerk, village.auditor) <= told
    assert not ids(village.stranger) & told
    assert scene.mailed("project.published") == set()


def test_who_took_the_document_is_told_of_answers_and_nobody_else(scene: Scene) -> None:
    village, now = scene.village, scene.clock.now()
    with scene.database.write() as db:
        idle = an_organization(db, Function.SUPPLIER, now=now, name="未报名服务中心")
        bystander = actor_of(db, a_person(db, idle, Role.CLERK, now=now, login="idle"), idle)
    project_id = scene.open_project()
    scene.take(project_id, village.supplier)
    with scene.database.write() as db:
        asked = projects.ask_question(
            db, village.supplier, project_id, "是否含午餐？", took_document=True, key=KEY, now=scene.clock.now()
        )
    desk = ids(village.buyer_clerk, village.buyer_head, village.centre_clerk, village.centre_head)
    assert scene.told("question.asked") == desk
    with scene.database.write() as db:
        projects.answer_question(db, village.centre_clerk, asked, "包含。", now=scene.clock.now())
    assert scene.told("question.answered") == ids(village.supplier)
    assert not ids(bystander) & scene.mailed("question.answered")


def test_a_cancelled_project_is_told_to_all_who_had_to_do_with_it(scene: Scene) -> None:
    village, project_id = scene.village, scene.open_project()
    scene.take(project_id, village.supplier)
    with scene.database.write() as db:
        projects.cancel(db, village.buyer_head, project_id, reason="预算调整", now=scene.clock.now())
    told = scene.told("project.cancelled")
    assert ids(village.supplier, village.auditor, village.centre_clerk, village.buyer_head) <= told
    assert "预算调整" in scene.text(village.supplier, "project.cancelled")


def test_the_openers_are_reminded_daily_from_the_deadline_on(scene: Scene) -> None:
    project_id = scene.open_project()
    openers = ids(scene.village.centre_clerk, scene.village.buyer_clerk, scene.village.auditor)
    scene.clock.set(scene.due(project_id) + OPENING_AFTER - timedelta(seconds=1))
    drain(scene.work)
    assert scene.told("project.opening_due") == set()
    scene.clock.advance(timedelta(hours=1))
    drain(scene.work)
    assert scene.told("project.opening_due") == openers
    assert scene.mailed("project.opening_due") == openers
    with scene.database.write() as db:
        assert remind(db, now=scene.clock.now()) == 0
        assert remind(db, now=scene.clock.now() + timedelta(days=1)) == 1


def test_who_took_the_document_is_reminded_once_before_it_closes(scene: Scene) -> None:
    project_id = scene.open_project()
    scene.take(project_id, scene.village.supplier)
    scene.clock.set(scene.due(project_id) - CLOSING_WITHIN)
    drain(scene.work)
    assert scene.told("project.closing_soon") == ids(scene.village.supplier)
    scene.clock.set(scene.due(project_id) - timedelta(minutes=1))
    drain(scene.work)
    with scene.database.read() as db:
        again = db.scalars(select(Mail.id).where(Mail.topic == "project.closing_soon")).all()
    assert len(again) == 1


def test_a_question_without_answer_is_brought_to_mind(scene: Scene) -> None:
    project_id = scene.open_project()
    with scene.database.write() as db:
        projects.ask_question(
            db, scene.village.supplier, project_id, "是否含午餐？", took_document=True, key=KEY, now=scene.clock.now()
        )
        due = db.get_one(Project, project_id).answers_due_at
    assert due
    scene.clock.set(due - timedelta(days=1))
    drain(scene.work)
    assert ids(scene.village.centre_clerk) <= scene.told("question.waiting")


def test_every_reminder_has_its_words() -> None:
    assert {"project.opening_due", "project.closing_soon", "question.waiting"} <= set(TOLD)
