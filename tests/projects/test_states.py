"""The table of a project's moves and of who may make them, written out by hand from the handbook."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from marketplace.identity.rules import DutiesClash
from marketplace.kit.actor import Actor, Role
from marketplace.kit.errors import Forbidden, IllegalMove, NotFound
from marketplace.projects import commands, queries
from marketplace.projects.model import Project
from marketplace.projects.rules.refusals import BuyerApproves, DrafterPublishes
from marketplace.projects.schemas import Amendment
from marketplace.projects.states import PROJECT, ProjectAction, ProjectState
from tests.projects.village import (
    Village,
    a_draft,
    a_submitted,
    an_approved,
    an_open,
    closing,
    in_evaluation,
    somebody,
)

MOVES = """
draft       edit     draft
draft       prepare  draft
draft       intend   draft
draft       submit   submitted
draft       cancel   cancelled
submitted   prepare  submitted
submitted   intend   submitted
submitted   review   submitted
submitted   return   draft
submitted   approve  approved
submitted   cancel   cancelled
approved    prepare  approved
approved    intend   approved
approved    return   draft
approved    publish  open
approved    cancel   cancelled
open        amend    open
open        ask      open
open        answer   open
open        close    evaluation
open        fail     unsuccessful
open        cancel   cancelled
evaluation  award    awarded
evaluation  fail     unsuccessful
evaluation  cancel   cancelled
"""


def test_the_table_of_moves_is_the_handbooks() -> None:
    written = {
        (source, action): target for source, action, target in (line.split() for line in MOVES.split("\n") if line)
    }
    assert {(str(s), str(a)): str(t) for (s, a), t in PROJECT.moves.items()} == written
    assert PROJECT.final() == {ProjectState.AWARDED, ProjectState.CANCELLED, ProjectState.UNSUCCESSFUL}


@given(st.lists(st.sampled_from(list(ProjectAction)), max_size=10))
def test_any_walk_stays_inside_the_table(walk: list[ProjectAction]) -> None:
    state = PROJECT.start
    for action in walk:
        if action in PROJECT.actions(state):
            state = PROJECT.after(state, action)
        else:
            with pytest.raises(IllegalMove):
                PROJECT.after(state, action)


MAKERS = {
    "draft": a_draft,
    "submitted": a_submitted,
    "approved": an_approved,
    "open": an_open,
    "evaluation": in_evaluation,
}
PEOPLE = ("buyer_clerk", "buyer_head", "centre_clerk", "centre_head", "auditor", "supplier", "stranger")
WHO = """
draft      edit     yes yes yes yes 404 404 404
draft      submit   yes yes yes yes 404 404 404
draft      approve  403 409 403 apart 404 404 404
draft      publish  403 409 403 409 404 404 404
draft      cancel   403 yes 403 yes 404 404 404
draft      amend    403 409 403 409 404 404 404
submitted  edit     409 409 409 409 404 404 404
submitted  submit   409 409 409 409 404 404 404
submitted  return   403 yes 403 yes 404 404 404
submitted  approve  403 yes 403 apart 404 404 404
submitted  publish  403 409 403 409 404 404 404
submitted  cancel   403 yes 403 yes 404 404 404
approved   edit     409 409 409 409 404 404 404
approved   return   403 yes 403 yes 404 404 404
approved   approve  403 409 403 apart 404 404 404
approved   publish  403 yes 403 yes 404 404 404
approved   cancel   403 yes 403 yes 404 404 404
open       edit     409 409 409 409 404 404 404
open       return   403 409 403 409 404 404 404
open       publish  403 409 403 409 404 404 404
open       amend    403 yes 403 yes 404 404 404
open       cancel   403 yes 403 yes 404 404 404
evaluation amend    403 409 403 409 404 404 404
evaluation cancel   403 yes 403 yes 404 404 404
"""
"""For each state and action: buyer's clerk and head, centre's clerk (the drafter) and head, auditor, supplier, others.

``apart``: refused because the buyer's head approves.
"""


def attempt(db: Session, actor: Actor, action: str, project_id: Any, now: datetime) -> str:
    row = db.get_one(Project, project_id)
    acts: dict[str, Callable[[], Any]] = {
        "edit": lambda: commands.edit(db, actor, project_id, queries.plan_of(db, row), version=row.version, now=now),
        "submit": lambda: commands.submit(db, actor, project_id, now=now),
        "return": lambda: commands.return_(db, actor, project_id, reason="请补充", now=now),
        "approve": lambda: commands.approve(db, actor, project_id, now=now),
        "publish": lambda: commands.publish(
            db, actor, project_id, reserved_fen=row.budget_fen or 0, sealed=True, now=now
        ),
        "amend": lambda: commands.amend(db, actor, project_id, Amendment(reason="澄清服务内容第三项的要求。"), now=now),
        "cancel": lambda: commands.cancel(db, actor, project_id, reason="取消采购任务", now=now),
    }
    try:
        with db.begin_nested() as savepoint:
            acts[action]()
            savepoint.rollback()
    except NotFound:
        return "404"
    except IllegalMove:
        return "409"
    except BuyerApproves:
        return "apart"
    except Forbidden:
        return "403"
    return "yes"


@pytest.mark.parametrize(
    "line", [line for line in WHO.split("\n") if line], ids=lambda line: " ".join(line.split()[:2])
)
def test_who_may_do_what_in_which_state(db: Session, village: Village, now: datetime, line: str) -> None:
    state, action, *expected = line.split()
    project_id = MAKERS[state](db, village, now)
    at = closing(db, project_id) if state == "evaluation" else now
    found = [attempt(db, getattr(village, person), action, project_id, at) for person in PEOPLE]
    assert found == expected


def test_a_drafter_neither_approves_nor_publishes(db: Session, village: Village, now: datetime) -> None:
    project_id = a_draft(db, village, now)
    row = db.get_one(Project, project_id)
    for head in (village.buyer_head, village.centre_head):
        commands.edit(db, head, project_id, queries.plan_of(db, row), version=row.version, now=now)
    commands.submit(db, village.centre_clerk, project_id, now=now)
    with pytest.raises(DutiesClash, match="另一位同事"):
        commands.approve(db, village.buyer_head, project_id, now=now)
    other_head = somebody(db, village.buyer_id, Role.HEAD, now)
    commands.approve(db, other_head, project_id, now=now)
    with pytest.raises(DrafterPublishes):
        commands.publish(db, village.centre_head, project_id, reserved_fen=row.budget_fen or 0, sealed=True, now=now)
    commands.publish(db, other_head, project_id, reserved_fen=row.budget_fen or 0, sealed=True, now=now)


def test_buttons_are_what_the_table_and_the_rights_say(db: Session, village: Village, now: datetime) -> None:
    project_id = a_submitted(db, village, now)
    seen = {
        person: queries.dossier(db, getattr(village, person), project_id, now=now).actions
        for person in ("buyer_clerk", "buyer_head", "centre_clerk", "centre_head")
    }
    assert seen["buyer_clerk"] == seen["centre_clerk"] == set()
    assert seen["buyer_head"] == {ProjectAction.APPROVE, ProjectAction.RETURN, ProjectAction.CANCEL}
    assert seen["centre_head"] == {ProjectAction.RETURN, ProjectAction.CANCEL}
