"""A further row of a rule on its page and through the API: the projects it touches first, then the row."""

import pytest

from marketplace.db.base import Database
from marketplace.kit.actor import Function
from marketplace.kit.clock import ManualClock
from seed import reference
from tests.web.conftest import Browser, actor_of

RULE = "/rules/comparison_response_days"
TYPED = {"value": "6", "basis": "内控制度第三条", "valid_from": "2026-04-01", "reason": "制度修订"}


@pytest.fixture
def site(browser_of_site: Browser, database: Database, clock: ManualClock) -> Browser:
    reference.load(database, clock)
    browser_of_site.become(actor_of(Function.PROCURING_ENTITY))
    return browser_of_site


def test_what_a_row_touches_is_shown_before_it_is_entered(site: Browser) -> None:
    assert f'href="{RULE}/new"' in site.get(RULE).text
    assert "现有最新一行" in site.get(f"{RULE}/new").text
    asked = site.post(f"{RULE}/new", TYPED)
    assert asked.status_code == 200
    assert "哪些项目受影响" in asked.text
    assert 'value="内控制度第三条"' in asked.text
    assert "第 2 版" not in site.get(RULE).text
    answer = site.post(f"{RULE}/new", {**TYPED, "_confirm": "yes"})
    assert (answer.status_code, answer.headers["location"]) == (303, RULE)
    page = site.get(RULE).text
    assert "第 2 版" in page
    assert "第 1 版" in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"value": "2.5"}, "数值 2.5 不能用在这条规则里"),
        ({"valid_from": "2026-03-02"}, "请填写 2026-03-03 或更晚"),
        ({"valid_to": "2026-03-05"}, "失效日期 2026-03-05 早于生效日期 2026-04-01"),
        ({"basis": ""}, "请填写「依据」"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(
    site: Browser, typed: dict[str, str], words: str
) -> None:
    for step in ({}, {"_confirm": "yes"}):
        answer = site.post(f"{RULE}/new", {**TYPED, **typed, **step})
        assert answer.status_code == 422
        assert words in answer.text
        assert 'value="制度修订"' in answer.text
    assert "第 2 版" not in site.get(RULE).text


def test_an_amount_is_typed_in_yuan(site: Browser) -> None:
    path = "/rules/self_purchase_max_fen"
    assert site.post(f"{path}/new", {**TYPED, "value": "19999.99", "_confirm": "yes"}).status_code == 303
    assert "19,999.99 元" in site.get(path).text


def test_who_may_not_keep_the_rules_sees_no_form(site: Browser) -> None:
    site.become(actor_of(Function.BUYER))
    assert f"{RULE}/new" not in site.get(RULE).text
    assert site.get(f"{RULE}/new").status_code in {403, 404}
    assert site.post(f"{RULE}/new", TYPED).status_code in {403, 404}
    site.become(None)
    assert site.get(f"{RULE}/new").status_code in {303, 401}


def test_a_row_is_added_through_the_api_and_may_be_asked_first(site: Browser) -> None:
    path = "/api/v1/rules/comparison_response_days/rows"
    body = {"value": "6", "basis": "内控制度第三条", "valid_from": "2026-04-01", "reason": "制度修订"}
    asked = site.api("POST", f"{path}?dry=true", body)
    assert (asked.status_code, asked.json()["version"]) == (201, None)
    assert site.api("POST", path, body).json()["version"] == 2
    again = site.api("POST", path, body)
    assert again.status_code == 422
    assert [(one["field"], one["code"]) for one in again.json()["errors"]] == [("valid_from", "rule_same_day")]
