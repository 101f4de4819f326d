"""The pages of declarations, ends of proofs, yearly reports and interests, as people use them."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from litestar.di import Provide

from marketplace.db.base import Database
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.clock import ManualClock
from marketplace.suppliers.rules.declaration import EDITION, Condition
from marketplace.web import accounts, suppliers
from marketplace.web.portal.pages import Portal
from seed import reference
from tests.identity.town import SAFE, an_actor
from tests.suppliers.shelf import a_qualified, centre, of
from tests.web.conftest import Browser, OpenBrowser, open_browser

__all__ = ["open_browser"]
safe = Provide(lambda: SAFE, sync_to_thread=False)
ALL = [condition.value for condition in Condition]


@pytest.fixture
def site(open_browser: OpenBrowser, database: Database, clock: ManualClock) -> Browser:
    reference.load(database, clock)
    return open_browser(routes=[Portal, *accounts.routes(safe), *suppliers.routes(safe)])


def as_role(actor: Actor, role: Role) -> Actor:
    return Actor(actor.person_id, actor.organization_id, actor.functions, frozenset({role}))


def test_a_person_signs_the_six_conditions_and_a_drafter_only_reads(
    site: Browser, database: Database, now: datetime, tmp_path: Path
) -> None:
    with database.write() as db:
        actor = a_qualified(db, tmp_path / "documents", now=now)
    site.become(actor)
    assert "代表本组织签署" in site.get("/org/profile/declaration").text
    less = site.post("/org/profile/declaration", {"edition": EDITION, "conditions": ALL[:5]})
    assert less.status_code == 422
    assert less.text.count(" checked") == 5
    assert site.post("/org/profile/declaration", {"edition": EDITION, "conditions": ALL}).status_code == 303
    assert "引用至" in site.get("/org/profile").text
    site.become(as_role(actor, Role.DRAFTER))
    shown = site.get("/org/profile").text
    assert "您的岗位不查看金额和账户" in shown
    assert "1234" not in shown
    assert "由负责人或递交签署人签署" in site.get("/org/profile/declaration").text
    assert site.post("/org/profile/declaration", {"edition": EDITION, "conditions": ALL}).status_code == 403
    assert site.get(f"/api/v1/supplier-records/{of(actor)}/declarations").json()[0]["edition"] == EDITION


def test_the_centre_filters_ends_enters_reports_and_the_public_reads_them(
    site: Browser, database: Database, clock: ManualClock, now: datetime, tmp_path: Path
) -> None:
    with database.write() as db:
        actor, clerk = a_qualified(db, tmp_path / "documents", now=now), centre(db, now=now)
    here = f"/centre/suppliers/{of(actor)}"
    site.become(clerk)
    assert "没有这一类材料" in site.get("/centre/suppliers?due=ending").text
    wrong = site.post(f"{here}/reports", {"year": "2026", "state": "passed", "source": "公告"})
    assert wrong.status_code == 422
    assert "年报在次年报送" in wrong.text
    right = {"year": "2024", "state": "basic", "source": "示例区民政局公告"}
    assert site.post(f"{here}/reports", right).status_code == 303
    assert site.get("/centre/supplier-reports").status_code == 200
    assert site.post("/centre/supplier-reports", {}).status_code == 422
    public = site.get(f"/suppliers/{of(actor)}").text
    assert "基本合格" in public
    assert "最近三年没有记录" in public
    clock.advance(timedelta(days=70))
    assert "即将到期" in site.get("/centre/suppliers?due=ending").text
    clock.advance(timedelta(days=30))
    assert "最近一次年检" in site.get("/centre/suppliers?due=ended").text
    [line] = site.api("GET", "/api/v1/supplier-records/clocks?due=ended").json()
    assert line["days"] < 0


def test_an_official_declares_a_tie_that_the_head_reads_and_others_do_not(
    site: Browser, database: Database, now: datetime, tmp_path: Path
) -> None:
    with database.write() as db:
        a_qualified(db, tmp_path / "documents", now=now)
        clerk = an_actor(db, Role.CLERK, functions=(Function.BUYER,), now=now)
    site.become(clerk)
    unknown = site.post("/account/interests", {"organization": "没有的组织", "kind": "kin", "note": "配偶"})
    assert unknown.status_code == 422
    assert "配偶" in unknown.text
    declared = site.post("/account/interests", {"organization": "示例社会工作服务中心1", "kind": "director"})
    assert declared.status_code == 303
    assert "须回避" in site.get("/account/interests").text
    assert site.get("/organization/interests").status_code == 403
    site.become(as_role(clerk, Role.HEAD))
    assert "示例社会工作服务中心1" in site.get("/organization/interests").text
    assert len(site.api("GET", "/api/v1/interests").json()) == 1
