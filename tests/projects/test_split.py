"""A draft is warned when its likes of twelve months reach a higher tier together with it; nothing is ever blocked."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from marketplace.procedures.states import BandCode
from marketplace.projects.model import Project
from marketplace.projects.queries.split import split
from tests.projects.village import a_draft, a_village

TODAY = date(2026, 3, 2)


def test_two_drafts_of_one_buyer_for_one_entry_are_added(db: Session, now: datetime) -> None:
    village = a_village(db, now)
    first = db.get_one(Project, a_draft(db, village, now))
    second = db.get_one(Project, a_draft(db, village, now))
    assert first.catalogue_code == second.catalogue_code
    first.budget_fen, second.budget_fen = 15_000_000, 14_999_999
    first.ceiling_fen = second.ceiling_fen = 14_000_000
    db.flush()
    assert split(db, first, today=TODAY) is None
    second.budget_fen = 15_000_000
    db.flush()
    found = split(db, first, today=TODAY)
    assert found is not None
    assert (found.others, found.total_fen, found.together.code) == (1, 30_000_000, BandCode.GOVERNMENT)
    assert first.publish_on is not None
    second.publish_on = first.publish_on - timedelta(days=365)
    db.flush()
    assert split(db, first, today=TODAY) is None
    second.publish_on, second.catalogue_code = None, "9999"
    db.flush()
    assert split(db, first, today=TODAY) is None
    first.budget_fen = None
    assert split(db, first, today=TODAY) is None
