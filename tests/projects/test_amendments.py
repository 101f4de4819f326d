"""Corrections of substance: proposed by one, published by another, told word by word, and what was before is kept."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.kit.actor import Actor
from marketplace.kit.errors import Forbidden, IllegalMove, NotFound, Stale
from marketplace.outbox.model import Message
from marketplace.projects import commands, queries
from marketplace.projects.model import Condition, Criterion, Project, ProjectEdition, ProposedAmendment
from marketplace.projects.rules import ConditionPlan, CriterionPlan
from marketplace.projects.rules import refusals as no
from marketplace.projects.rules.amending import Proposal, ProposedFile, standing
from marketplace.projects.rules.differences import Mark, marked
from marketplace.projects.schemas import Amendment
from marketplace.projects.states import AMENDMENT, AmendmentState
from tests.projects.village import Village, a_draft, a_paper, an_open, closing, in_evaluation

SECOND = timedelta(seconds=1)
MOVES = """
proposed revise  proposed
proposed publish published
proposed drop    dropped
"""


def plan_of(db: Session, project_id: UUID) -> Any:
    return queries.plan_of(db, db.get_one(Project, project_id))


def proposed(db: Session, project_id: UUID, **changed: Any) -> Proposal:
    plan = plan_of(db, project_id)
    given: dict[str, Any] = {"requirement": plan.requirement + "\n每周另加一次入户。"} | changed
    return msgspec.structs.replace(standing(plan, "按答疑补充服务内容"), **given)


def correct(db: Session, village: Village, project_id: UUID, now: datetime, **changed: Any) -> UUID:
    made = commands.propose_amendment(
        db, village.centre_clerk, project_id, proposed(db, project_id, **changed), now=now
    )
    commands.publish_amendment(db, village.centre_head, made, now=now)
    return made


def test_the_moves_of_a_correction_are_these() -> None:
    written = {(source, action): target for source, action, target in map(str.split, MOVES.strip().splitlines())}
    assert {(str(s), str(a)): str(t) for (s, a), t in AMENDMENT.moves.items()} == written
    assert AMENDMENT.final() == {AmendmentState.PUBLISHED, AmendmentState.DROPPED}


def test_a_correction_is_told_field_by_field_and_what_was_before_can_be_read(
    db: Session, village: Village, now: datetime
) -> None:
    project_id = an_open(db, village, now)
    before = queries.project(db, project_id, now=now)
    (first, *others) = plan_of(db, project_id).cost_lines
    assert first.unit_cost_fen is not None
    cheaper = (msgspec.structs.replace(first, unit_cost_fen=first.unit_cost_fen - 1), *others)
    correct(db, village, project_id, now, ceiling_fen=4_999_999, cost_lines=cheaper, people_count=80)
    row, after = db.get_one(Project, project_id), queries.project(db, project_id, now=now)
    assert (row.edition, row.binding_edition) == (2, 2)
    told = {one.field: one for one in after.notices[-1].changes}
    assert set(told) == {"requirement", "people_count", "ceiling_fen", "cost_lines"}
    assert (told["people_count"].before, told["people_count"].after) == ("60", "80")
    assert (told["ceiling_fen"].before, told["ceiling_fen"].after) == ("50,000.00", "49,999.99")
    (line,) = told["requirement"].lines
    assert [(piece.mark, piece.text) for piece in line.pieces] == [(Mark.NEW, "每周另加一次入户。")]
    assert [one.number for one in queries.editions(db, project_id)] == [1, 2]
    earlier = queries.as_of(db, after, 1)
    assert (earlier.requirement, earlier.people_count, earlier.ceiling_fen) == (before.requirement, 60, 5_000_000)
    assert (earlier.criteria, earlier.cost_lines) == (before.criteria, before.cost_lines)
    assert queries.as_of(db, after, 2) == after
    with pytest.raises(NotFound):
        queries.as_of(db, after, 3)
    topics = list(db.scalars(select(Message.topic).order_by(Message.n)))
    assert "project.amended_binding" in topics


def test_what_stays_keeps_its_id_and_what_is_new_is_of_the_new_edition(
    db: Session, village: Village, now: datetime
) -> None:
    project_id = an_open(db, village, now)
    plan = plan_of(db, project_id)
    old = {row.name: row.id for row in db.scalars(select(Criterion).where(Criterion.project_id == project_id))}
    kept_conditions = set(db.scalars(select(Condition.id).where(Condition.project_id == project_id)))
    first, *others = plan.criteria
    quality = next(one for one in plan.criteria if one.kind == "quality")
    renamed = msgspec.structs.replace(quality, name="全新的评分项")
    swapped = tuple(renamed if one == quality else one for one in (*others, first))
    conditions = (*plan.conditions, ConditionPlan(content="带队人员有急救证", proof="证书"))
    correct(db, village, project_id, now, criteria=swapped, conditions=conditions)
    rows = list(db.scalars(select(Criterion).where(Criterion.project_id == project_id).order_by(Criterion.place)))
    assert [row.name for row in rows] == [one.name for one in swapped]
    assert {row.name: row.edition for row in rows if row.edition > 1} == {"全新的评分项": 2}
    assert all(row.id == old[row.name] for row in rows if row.edition == 1)
    fresh = db.scalars(select(Condition).where(Condition.project_id == project_id, Condition.edition == 2)).all()
    assert [row.content for row in fresh] == ["带队人员有急救证"]
    assert kept_conditions <= set(db.scalars(select(Condition.id).where(Condition.project_id == project_id)))


def test_a_new_contact_or_later_times_bind_nobody_to_confirm(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    plan = plan_of(db, project_id)
    correct(db, village, project_id, now, requirement=plan.requirement, contact_name="王示例")
    row = db.get_one(Project, project_id)
    assert (row.edition, row.binding_edition, row.contact_name) == (2, 1, "王示例")


def test_a_file_is_replaced_and_the_old_one_stays_with_its_edition(
    db: Session, village: Village, now: datetime
) -> None:
    project_id = an_open(db, village, now)
    plan, paper = plan_of(db, project_id), a_paper(db, village.centre_clerk, now)
    file = ProposedFile(document_id=paper, title="补充说明")
    correct(db, village, project_id, now, requirement=plan.requirement, files=(file,))
    (hung,) = queries.project(db, project_id, now=now).files
    newer = ProposedFile(document_id=a_paper(db, village.centre_clerk, now), title="补充说明二", replaces=hung.id)
    correct(db, village, project_id, now, requirement=plan.requirement, files=(newer,))
    view = queries.project(db, project_id, now=now)
    assert [one.title for one in view.files] == ["补充说明二"]
    assert [one.title for one in queries.as_of(db, view, 2).files] == ["补充说明"]
    for wrong in (
        ProposedFile(document_id=a_paper(db, village.stranger, now), title="别人的"),
        ProposedFile(document_id=paper, title="没有这个", replaces=uuid4()),
    ):
        with pytest.raises(NotFound):
            commands.propose_amendment(
                db, village.centre_clerk, project_id, proposed(db, project_id, files=(wrong,)), now=now
            )


def test_what_a_draft_may_not_say_a_correction_may_not_either(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    plan = plan_of(db, project_id)
    cases: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"ceiling_fen": 5_000_001}, no.CeilingOverBudget),
        ({"ceiling_fen": 100}, no.CostsOverCeiling),
        ({"milestones": plan.milestones[:-1]}, no.MilestonesNotWhole),
        ({"criteria": (*plan.criteria, CriterionPlan(name="多出一项", weight_bp=100, steps="1 有\n0 无"))},
         no.CriteriaNotHundred),
        ({"requirement": ""}, no.Lacking),
        ({"bids_due_at": plan.bids_due_at - SECOND}, no.OnlyLater),
        ({"requirement": plan.requirement}, no.NothingAmended),
    ]  # fmt: skip
    for changed, refusal in cases:
        with pytest.raises(refusal):
            commands.propose_amendment(
                db, village.centre_clerk, project_id, proposed(db, project_id, **changed), now=now
            )


def test_a_correction_too_late_names_the_next_lawful_day(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    due = closing(db, project_id)
    with pytest.raises(no.CloseTooNear) as refused:
        commands.propose_amendment(db, village.centre_clerk, project_id, proposed(db, project_id), now=due)
    assert refused.value.params["offered"] == date(2026, 3, 11).isoformat()
    with pytest.raises(no.DeadlinePassed):
        commands.propose_amendment(db, village.centre_clerk, project_id, proposed(db, project_id), now=due + SECOND)


def test_another_correction_in_between_sends_the_proposal_back_to_its_writer(
    db: Session, village: Village, now: datetime
) -> None:
    project_id = an_open(db, village, now)
    made = commands.propose_amendment(db, village.centre_clerk, project_id, proposed(db, project_id), now=now)
    due = closing(db, project_id)
    moved = Amendment(reason="顺延一天", result_on=(due + timedelta(days=9)).date())
    commands.amend(db, village.centre_head, project_id, moved, now=now)
    view = queries.proposal(db, village.centre_head, project_id)
    assert view is not None
    assert view.is_overtaken
    with pytest.raises(no.ProposalOvertaken):
        commands.publish_amendment(db, village.centre_head, made, now=now)
    again = commands.propose_amendment(db, village.centre_clerk, project_id, proposed(db, project_id), now=now)
    assert again == made
    commands.publish_amendment(db, village.centre_head, made, now=now)
    assert db.get_one(Project, project_id).edition == 3


def test_who_wrote_does_not_publish_by_rule_and_by_constraint(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    made = commands.propose_amendment(db, village.centre_head, project_id, proposed(db, project_id), now=now)
    with pytest.raises(no.ProposerPublishes):
        commands.publish_amendment(db, village.centre_head, made, now=now)
    row = db.get_one(ProposedAmendment, made)
    with pytest.raises(IntegrityError, match=r"proposer_does_not_publish|published_has_notice"), db.begin_nested():
        db.execute(
            text("UPDATE project_amendment SET state = 'published', ended_by = :who, ended_at = :at WHERE id = :id"),
            {"who": row.proposer_ids[0], "at": now, "id": made},
        )
    commands.publish_amendment(db, village.buyer_head, made, now=now)


def test_the_database_lets_no_other_act_change_what_is_published(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    for statement in (
        "UPDATE project SET requirement = 'x' WHERE id = :id",
        "UPDATE project SET budget_fen = budget_fen + 1 WHERE id = :id",
        "UPDATE project SET edition = edition + 1 WHERE id = :id",
        "UPDATE project_criterion SET name = 'x' WHERE project_id = :id",
        "DELETE FROM project_cost_line WHERE project_id = :id",
    ):
        with pytest.raises(IntegrityError, match=r"frozen|kept"), db.begin_nested():
            db.execute(text(statement), {"id": project_id})
    correct(db, village, project_id, now)
    with pytest.raises(IntegrityError, match="frozen"), db.begin_nested():
        db.execute(delete(Criterion).where(Criterion.project_id == project_id))
    notice = queries.project(db, project_id, now=now).notices[0]
    db.add(ProjectEdition(project_id=project_id, number=2, content={}, notice_id=notice.id, until=now))
    db.flush()
    with pytest.raises(IntegrityError, match="overtaken"), db.begin_nested():
        db.execute(text("SET CONSTRAINTS project_edition_overtaken IMMEDIATE"))
    db.execute(text("UPDATE project SET edition = 3 WHERE id = :id"), {"id": project_id})


def test_a_text_is_told_by_the_words_that_differ() -> None:
    (changed, gone, new) = marked("每周 3 次，共 12 周\n旧的一段\n留下的", "每周 4 次，共 12 周\n留下的\nABCDEF")
    assert [(piece.mark, piece.text) for piece in changed.pieces] == [
        (Mark.SAME, "每周 "), (Mark.GONE, "3"), (Mark.NEW, "4"), (Mark.SAME, " 次，共 12 周")
    ]  # fmt: skip
    assert [piece.mark for line in (gone, new) for piece in line.pieces] == [Mark.GONE, Mark.NEW]
    assert marked("甲\n", "甲\n\n") == ()


WHO = """
open       propose yes yes yes yes 404 404 404
draft      propose 409 409 409 409 404 404 404
evaluation propose 409 409 409 409 404 404 404
proposed   revise  yes yes yes yes 404 404 404
proposed   publish 403 yes 403 yes 404 404 404
proposed   drop    yes yes yes yes 404 404 404
published  publish 403 409 403 409 404 404 404
published  drop    409 409 409 409 404 404 404
dropped    publish 403 409 403 409 404 404 404
dropped    drop    409 409 409 409 404 404 404
"""
"""For each: buyer's clerk and head, centre's clerk (who proposed) and head, auditor, supplier, others."""
PEOPLE = ("buyer_clerk", "buyer_head", "centre_clerk", "centre_head", "auditor", "supplier", "stranger")


def test_who_may_do_what_with_a_correction_in_which_state(db: Session, village: Village, now: datetime) -> None:
    clerk = village.centre_clerk
    made: dict[str, tuple[UUID, UUID]] = {}
    for state in ("proposed", "published", "dropped"):
        project_id = an_open(db, village, now)
        row = commands.propose_amendment(db, clerk, project_id, proposed(db, project_id), now=now)
        made[state] = (project_id, row)
    commands.publish_amendment(db, village.centre_head, made["published"][1], now=now)
    commands.drop_amendment(db, clerk, made["dropped"][1], reason="写错了", now=now)
    for state, maker in (("open", an_open), ("draft", a_draft), ("evaluation", in_evaluation)):
        made[state] = (maker(db, village, now), uuid4())

    def tried(actor: Actor, action: str, project_id: UUID, row: UUID) -> str:
        plan = proposed(db, project_id, contact_name="赵示例")
        acts: dict[str, Callable[[], object]] = {
            "propose": lambda: commands.propose_amendment(db, actor, project_id, plan, now=now),
            "revise": lambda: commands.propose_amendment(db, actor, project_id, plan, now=now),
            "publish": lambda: commands.publish_amendment(db, actor, row, now=now),
            "drop": lambda: commands.drop_amendment(db, actor, row, reason="不需要了", now=now),
        }
        try:
            with db.begin_nested() as savepoint:
                acts[action]()
                savepoint.rollback()
        except NotFound:
            return "404"
        except Forbidden:
            return "403"
        except (IllegalMove, Stale):
            return "409"
        finally:
            db.expire_all()
        return "yes"

    for line in WHO.strip().splitlines():
        state, action, *expected = line.split()
        assert [tried(getattr(village, one), action, *made[state]) for one in PEOPLE] == expected, line
