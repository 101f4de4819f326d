"""The tables of projects refuse what the rules refuse, whoever writes."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.projects.village import Village, a_draft, a_submitted, an_approved, an_open


def refused(db: Session, statement: str, **values: Any) -> str:
    """The constraint that refuses a statement."""
    with pytest.raises(IntegrityError) as error, db.begin_nested():
        db.execute(text(statement), values)
    found: str = error.value.orig.diag.constraint_name  # type: ignore[union-attr]
    return found


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("title = ''", "ck_project_titled"),
        ("number = 'X-1'", "ck_project_number_form"),
        ("budget_fen = 0", "ck_project_budget_positive"),
        ("ceiling_fen = budget_fen + 1", "ck_project_ceiling_within_budget"),
        ("version = 0", "ck_project_counted"),
        ("people_count = 0", "ck_project_people_counted"),
        ("service_until = service_from - 1", "ck_project_service_ends_later"),
        ("negative_answers = '[]'", "ck_project_negative_answers_object"),
        ("state = 'elsewhere'", "projectstate"),
        ("questions_due_at = bids_due_at + interval '1 day'", "ck_project_times_in_order"),
        ("need = ''", "ck_project_complete_when_submitted"),
        ("bids_due_at = NULL", "ck_project_complete_when_submitted"),
        ("mandate_document_id = NULL", "ck_project_mandated"),
        ("opener_buyer_id = opener_centre_id", "ck_project_three_openers"),
        ("opener_buyer_id = NULL", "ck_project_three_openers"),
        ("approved_by = drafter_ids[1]", "ck_project_drafter_does_not_approve"),
        ("published_by = drafter_ids[1]", "ck_project_drafter_does_not_publish"),
        ("state = 'approved', approved_at = NULL", "ck_project_approved_has_time"),
        ("state = 'open'", "ck_project_published_when_open"),
        ("state = 'cancelled'", "ck_project_end_has_reason"),
        ("end_reason = '无', ended_at = submitted_at", "ck_project_end_has_reason"),
    ],
)
def test_a_handed_in_project_keeps_its_form(
    db: Session, village: Village, now: datetime, change: str, constraint: str
) -> None:
    project_id = a_submitted(db, village, now)
    assert refused(db, f"UPDATE project SET {change} WHERE id = :id", id=project_id) == constraint


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("UPDATE project_milestone SET share_bp = share_bp - 1 WHERE place = 1", "ck_project_sums_hold"),
        ("UPDATE project_milestone SET due_on = NULL WHERE place = 2", "ck_project_sums_hold"),
        ("UPDATE project_criterion SET weight_bp = weight_bp - 1 WHERE place = 1", "ck_project_sums_hold"),
        ("UPDATE project_criterion SET weight_bp = NULL WHERE place = 1", "ck_project_sums_hold"),
        ("DELETE FROM project_cost_line", "ck_project_sums_hold"),
        ("UPDATE project_planned_funding SET amount_fen = amount_fen - 1", "ck_project_sums_hold"),
        ("UPDATE project SET ceiling_fen = 1", "ck_project_sums_hold"),
    ],
)
def test_a_draft_that_does_not_add_up_leaves_the_draft_only_to_be_cancelled(
    db: Session, village: Village, now: datetime, change: str, constraint: str
) -> None:
    project_id = a_draft(db, village, now)
    db.execute(text(change))
    handed_in = "number = 'QT-2026-9999', submitted_at = updated_at"
    statement = f"UPDATE project SET state = 'submitted', {handed_in} WHERE id = :id"
    assert refused(db, statement, id=project_id) == constraint
    cancelled = "UPDATE project SET state = 'cancelled', ended_at = updated_at, end_reason = '不办了' WHERE id = :id"
    db.execute(text(cancelled), {"id": project_id})


PARTS = ("cost_line", "planned_funding", "condition", "criterion", "milestone")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("maker", [a_submitted, an_approved, an_open])
def test_the_lists_of_what_was_handed_in_are_frozen(
    db: Session, village: Village, now: datetime, maker: Any, part: str
) -> None:
    maker(db, village, now)
    for statement in (f"UPDATE project_{part} SET place = place + 50", f"DELETE FROM project_{part}"):
        assert refused(db, statement) == "ck_project_part_frozen"


def test_a_published_notice_is_never_changed(db: Session, village: Village, now: datetime) -> None:
    an_open(db, village, now)
    for statement in ("UPDATE project_notice SET reason = '改'", "DELETE FROM project_notice"):
        assert refused(db, statement) == "ck_project_notice_frozen"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE project_cost_line SET amount_fen = amount_fen + 1", "ck_project_cost_line_amount_follows"),
        ("UPDATE project_criterion SET kind = 'price'", "uq_project_criterion_price"),
        ("UPDATE project_milestone SET kind = 'advance'", "uq_project_milestone_advance"),
        ("UPDATE project_milestone SET share_bp = 10001 WHERE place = 1", "ck_project_milestone_share_bounded"),
        ("UPDATE project_planned_funding SET amount_fen = 0", "ck_project_planned_funding_positive"),
    ],
)
def test_a_row_of_a_list_keeps_its_form(
    db: Session, village: Village, now: datetime, statement: str, constraint: str
) -> None:
    a_draft(db, village, now)
    assert refused(db, statement) == constraint
