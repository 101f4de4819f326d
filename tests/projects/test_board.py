"""A desk's board: how many projects stand in each state, and which their own timetable has overtaken."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from marketplace.kit.clock import legal_day
from marketplace.projects import queries
from marketplace.projects.model import Project
from marketplace.projects.queries.board import NEAR
from marketplace.projects.states import ProjectState
from tests.projects.village import BEGIN, Village, a_draft, a_submitted, an_approved, an_open, in_evaluation

STAGES = {
    ProjectState.SUBMITTED: (a_submitted, "publish_on"),
    ProjectState.APPROVED: (an_approved, "publish_on"),
    ProjectState.OPEN: (an_open, "opening_at"),
    ProjectState.EVALUATION: (in_evaluation, "result_on"),
}


@pytest.mark.parametrize("state", STAGES)
def test_a_project_waits_from_three_days_before_its_own_timetable_would_have_it_moved_on(
    db: Session, village: Village, state: ProjectState
) -> None:
    build, planned = STAGES[state]
    row = db.get_one(Project, build(db, village, BEGIN))
    assert row.state is state
    due_on = legal_day(row.opening_at) if planned == "opening_at" and row.opening_at else getattr(row, planned)
    early = queries.board(db, village.buyer_head, today=due_on - NEAR - timedelta(days=1))
    late = queries.board(db, village.buyer_head, today=due_on + timedelta(days=1))
    assert early.waiting == ()
    assert [(one.id, one.state, one.due_on) for one in late.waiting] == [(row.id, state, due_on)]
    assert late.counts == {state: 1}


def test_a_draft_has_no_day_to_be_late_for_and_strangers_see_no_board(db: Session, village: Village) -> None:
    a_draft(db, village, BEGIN)
    mine = queries.board(db, village.buyer_head, today=legal_day(BEGIN) + timedelta(days=400))
    assert (mine.counts, mine.waiting) == ({ProjectState.DRAFT: 1}, ())
    assert queries.board(db, village.supplier, today=legal_day(BEGIN)).counts == {}
