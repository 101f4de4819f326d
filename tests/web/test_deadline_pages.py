"""The list of deadlines: red when over, amber within three working days, each person their own."""

from datetime import date

import pytest

from marketplace.db.base import Database
from marketplace.kit.actor import Function
from marketplace.kit.clock import ManualClock
from marketplace.web.procedures.deadlines import lamp_of
from seed import reference
from tests.procedures.reference import CALENDAR
from tests.web.conftest import Browser, actor_of


@pytest.mark.parametrize(
    ("due", "lamp"),
    [("2026-04-01", "red"), ("2026-04-02", "amber"), ("2026-04-08", "amber"), ("2026-04-09", "green")],
)
def test_a_deadline_is_amber_from_three_working_days_before_it(due: str, lamp: str) -> None:
    assert lamp_of(date.fromisoformat(due), date(2026, 4, 2), CALENDAR) == lamp


def test_staff_see_the_desks_deadlines_and_nobody_sees_them_unasked(
    browser_of_site: Browser, database: Database, clock: ManualClock
) -> None:
    reference.load(database, clock)
    browser_of_site.become(actor_of(Function.PROCURING_ENTITY))
    page = browser_of_site.get("/deadlines")
    assert page.status_code == 200
    assert "本单位项目的期限" in page.text
    browser_of_site.become(None)
    assert browser_of_site.get("/deadlines").status_code in {303, 401}
