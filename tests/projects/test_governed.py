"""A new rule governs what is published on its first day or later, and nothing that is published already."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from marketplace.projects.model import Project
from marketplace.projects.queries.governed import governed, keeping
from tests.projects.village import a_draft, a_village, an_open


def test_a_project_not_yet_published_follows_a_new_rule_and_a_published_one_keeps_its_own(
    db: Session, now: datetime
) -> None:
    village = a_village(db, now)
    draft, published = a_draft(db, village, now), an_open(db, village, now)
    head, method = village.centre_head, "below_threshold_comparison"
    planned = db.get_one(Project, draft).publish_on
    assert planned is not None

    def touched(day: date, of: str = method) -> list[object]:
        return [one.id for one in governed(db, head, method=of, first_day=day)]

    assert touched(planned) == touched(planned, "any") == [draft]
    assert touched(planned.replace(year=2027)) == []
    assert touched(planned, "open_tender") == []
    assert [one.id for one in keeping(db, head, method="any")] == [published]
    assert [one.id for one in keeping(db, village.stranger, method="any")] == []
