"""What a rule of evaluations forbids in Python, the database forbids too, to the application's own role."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from marketplace.evaluation.queries.parts import members_of
from tests.bids.support import World
from tests.evaluation.support import Jury, checked, convened, decided, open_all, reported, submit


def refused(db: Session, statement: str, **params: Any) -> str:
    """Try a statement as the application; returns the constraint that refused it, or the privilege that lacks."""
    savepoint = db.begin_nested()
    with pytest.raises(DBAPIError) as refusal:
        db.execute(text(statement), params)
    savepoint.rollback()
    diagnosis = refusal.value.orig.diag  # type: ignore[union-attr]
    return str(diagnosis.constraint_name or diagnosis.sqlstate)


PRIVILEGE = "42501"


def seat(db: Session, world: World, jury: Jury, number: int = 0) -> Any:
    return next(one for one in members_of(db, world.project_id) if one.person_id == jury.members[number].person_id)


def test_a_locked_sheet_is_not_changed(db: Session, world: World, now: datetime) -> None:
    open_all(db, world, now)
    jury = checked(db, world, now)
    submit(db, world, jury.members[0])
    mine = {"id": seat(db, world, jury).id}
    assert refused(db, "UPDATE score SET points_bp = 0 WHERE member_id = :id", **mine) == "ck_score_locked"
    assert refused(db, "DELETE FROM score WHERE member_id = :id", **mine) == "ck_score_locked"


def test_a_sheet_with_a_gap_is_not_locked(db: Session, world: World, now: datetime) -> None:
    open_all(db, world, now)
    jury = checked(db, world, now)
    statement = "UPDATE panel_member SET state = 'locked', locked_at = declared_at WHERE id = :id"
    assert refused(db, statement, id=seat(db, world, jury).id) == "ck_panel_member_gap"


def test_points_are_steps_of_quality_criteria_for_valid_bids(db: Session, world: World, now: datetime) -> None:
    open_all(db, world, now)
    jury = checked(db, world, now)
    new = (
        "INSERT INTO score (member_id, bid_id, criterion_id, project_id, points_bp, reason, at)"
        " SELECT :id, bid_id, c.id, c.project_id, :points, '有', :at FROM opened_bid"
        " JOIN project_criterion c ON c.project_id = opened_bid.project_id AND c.kind = :kind LIMIT 1"
    )
    given = {"id": seat(db, world, jury).id, "at": world.opens}
    assert refused(db, new, points=1, kind="quality", **given) == "ck_score_step"
    assert refused(db, new, points=2000, kind="price", **given) == "ck_score_criterion"
    db.execute(text("UPDATE bid SET state = 'disqualified' WHERE project_id = :id"), {"id": world.project_id})
    assert refused(db, new, points=0, kind="quality", **given) == "ck_score_valid"


def test_no_bidder_and_no_staff_of_the_buyer_takes_such_a_seat(db: Session, world: World, now: datetime) -> None:
    open_all(db, world, now)
    jury = convened(db, world, now)
    statement = (
        "INSERT INTO panel_member (id, project_id, place, person_id, organization_id, kind, state, appointed_at,"
        " left_reason, signed_digest, dissent)"
        " SELECT gen_random_uuid(), project_id, 99, :person, organization_id, :kind, 'appointed', :at, '', '', ''"
        " FROM panel_member WHERE id = :id"
    )
    given = {"id": seat(db, world, jury).id, "at": world.opens}
    bidder, buyer = world.bidders[0].person_id, jury.members[1].person_id
    assert refused(db, statement, person=bidder, kind="expert", **given) == "ck_panel_member_bidder"
    assert refused(db, statement, person=buyer, kind="expert", **given) == "ck_panel_member_buyer"
    assert refused(db, statement, person=buyer, kind="centre_staff", **given).startswith("uq_panel_member")


def test_findings_are_not_changed_after_the_checks(db: Session, world: World, now: datetime) -> None:
    open_all(db, world, now)
    checked(db, world, now)
    statement = "UPDATE bid_check SET reason = 'x', passed = false WHERE project_id = :id"
    assert refused(db, statement, id=world.project_id) == "ck_bid_check_closed"


def test_one_person_does_not_record_and_confirm(db: Session, world: World, now: datetime) -> None:
    open_all(db, world, now)
    checked(db, world, now)
    statement = "UPDATE evaluation SET rechecked_by = checker_ids[1] WHERE project_id = :id"
    assert refused(db, statement, id=world.project_id) == "ck_evaluation_two_check"


def test_no_scorer_decides_and_only_the_first_is_awarded(db: Session, world: World, now: datetime) -> None:
    open_all(db, world, now)
    jury = reported(db, world, now)
    new = (
        "INSERT INTO award (id, project_id, bid_id, organization_id, price_fen, apart_ids, decided_by, decided_at)"
        " SELECT gen_random_uuid(), r.project_id, r.bid_id, o.organization_id, o.price_fen,"
        " ARRAY[CAST(:apart AS uuid)], :by, :at FROM ranked_bid r JOIN opened_bid o USING (bid_id)"
        " WHERE r.project_id = :id AND r.place = :place"
    )
    scorer, head, bidder = jury.members[0].person_id, jury.head.person_id, world.bidders[0].person_id
    given = {"id": world.project_id, "at": world.opens}
    assert refused(db, new, apart=scorer, by=scorer, place=1, **given) == "ck_award_scorer"
    assert refused(db, new, apart=head, by=head, place=1, **given) == "ck_award_scorer_does_not_decide"
    assert refused(db, new, apart=scorer, by=bidder, place=1, **given) == "ck_award_bidder"
    assert refused(db, new, apart=scorer, by=head, place=2, **given) == "ck_award_first"


def test_ranking_and_decision_stand(db: Session, world: World, now: datetime) -> None:
    open_all(db, world, now)
    decided(db, world, now)
    for statement in (
        "UPDATE ranked_bid SET place = 9",
        "DELETE FROM ranked_bid",
        "UPDATE award SET price_fen = 1",
        "DELETE FROM award",
        "DELETE FROM evaluation",
        "DELETE FROM panel_member",
    ):
        assert refused(db, statement) == PRIVILEGE, statement
