"""Whom the page of an overtaken form tells what was done meanwhile inside a project, and whom not."""

from marketplace.db.base import Database
from tests.bids.support import World
from tests.bids.worlds import built, cheap_passphrases, shared_urls, world
from tests.evaluation.support import written
from tests.web.conftest import Browser
from tests.web.test_evaluation_pages import base, opened, prepared, site

__all__ = ["built", "cheap_passphrases", "opened", "shared_urls", "site", "world"]


def test_a_bidder_refused_after_the_opening_is_not_told_how_far_the_evaluation_is(
    site: Browser, opened: World, database: Database
) -> None:
    jury = prepared(database, opened, written)
    site.become(opened.bidders[0])
    late = site.post(f"/org/bids/{opened.project_id}/withdraw", {"reason": "价格写错了，需要重新核算以后再报"})
    assert late.status_code in (409, 422), late.text[:500]
    assert "汇总了评分" not in late.text
    site.become(jury.members[0])
    late = site.post(f"{base(opened)}/scores", {"reason_0_0": "方案有分阶段安排，应急预案齐全", "act": "draft"})
    assert late.status_code in (409, 422), late.text[:500]
    assert "汇总了评分" in late.text, "a member of the panel is told why the sheet is closed"
