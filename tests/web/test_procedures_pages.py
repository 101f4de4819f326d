"""The public pages and JSON of purchasing rules, the calendar and the ruler."""

from datetime import datetime

import pytest

from marketplace.db.base import Database
from marketplace.kit.clock import LEGAL_ZONE, ManualClock
from seed import reference
from tests.web.conftest import Browser

ASKED = "method=below_threshold_comparison&start=2026-03-02&term_months=3"
RULER = f"/rules/ruler?{ASKED}&amount_fen=126000"
TIMETABLE = f"/api/v1/timetable?{ASKED}&amount_fen=12600000"


@pytest.fixture
def site(browser_of_site: Browser, database: Database, clock: ManualClock) -> Browser:
    reference.load(database, clock)
    return browser_of_site


def test_all_rules_are_shown_with_basis_dates_and_how_far_they_are_trusted(site: Browser) -> None:
    page = site.get("/rules").text
    assert page.count('class="h rule"') == 147
    for words in (
        "全部 147 条",
        "已核对 74",
        "政府采购法第三十五条",
        "不少于 20 日",
        "2003-01-01",
        "以主管部门确认为准",
        "尚未生效",
    ):
        assert words in page
    assert page.count("△ 待确认</strong>") == 54
    assert page.count("△ 单位做法</strong>") == 19


@pytest.mark.parametrize(
    ("query", "count", "words"),
    [
        ("topic=panel", 9, "三分之二"),
        ("trust=practice", 19, "49,999.99 元"),
        ("trust=confirmed&topic=price", 0, "没有符合条件的规则"),
        ("q=质疑", 3, "不超过 7 个工作日"),
        ("q=第三十一条 2003", 0, "没有符合条件的规则"),
        ("q=late_payment", 1, "0.05%"),
        ("q=annual_report", 3, "每年 5 月 31 日前"),
    ],
)
def test_rules_are_found_by_topic_trust_and_words(site: Browser, query: str, count: int, words: str) -> None:
    page = site.get(f"/rules?{query}").text
    assert page.count('class="h rule"') == count
    assert words in page


def test_one_rule_shows_its_history_and_whether_it_is_law(site: Browser) -> None:
    law = site.get("/rules/tender_response_days").text
    assert "政府采购法第三十五条" in law
    assert "以主管部门确认为准" not in law
    assert "以主管部门确认为准" in site.get("/rules/tender_notice_period_days").text
    assert "以本单位内控制度为准" in site.get("/rules/comparison_response_days").text
    assert site.get("/rules/no_such_rule").status_code == 404


def test_the_calendar_shows_days_off_and_make_up_days(site: Browser) -> None:
    page = site.get("/rules/calendar?year=2026").text
    assert "全年 248 个工作日" in page
    assert page.count("<small>休") == 33
    assert page.count("<small>班") == 6
    assert "放假安排尚未录入" in site.get("/rules/calendar?year=2027").text
    assert site.get("/rules/calendar?year=1").status_code == 422


def test_the_ruler_stands_ready_for_the_everyday_purchase(site: Browser) -> None:
    page = site.get("/rules/ruler").text
    assert "比选文件发出至响应截止" in page
    assert "2026-03-09" in page
    assert page.count('<svg class="ruler ') == 4


def test_the_ruler_begins_on_a_working_day(site: Browser, clock: ManualClock) -> None:
    clock.set(datetime(2026, 10, 1, 9, tzinfo=LEGAL_ZONE))
    assert 'value="2026-10-08"' in site.get("/rules/ruler").text


def test_the_ruler_names_the_next_lawful_day(site: Browser) -> None:
    page = site.get(f"{RULER}&close=2026-03-06&sign=2026-03-13").text
    assert "这样安排不合规定" in page
    assert "请改为 2026-03-09 或更晚" in page
    assert "改动后的日期都符合规定" in site.get(f"{RULER}&close=2026-03-10").text


def test_the_ruler_refuses_a_method_above_the_threshold_with_a_sentence(site: Browser) -> None:
    page = site.get(f"/rules/ruler?{ASKED}&amount_fen=300000").text
    assert "预算 300,000.00 元属于「政府采购」，不能采用「限额以下比选」" in page


def test_the_ruler_says_what_the_amount_demands(site: Browser) -> None:
    page = site.get(RULER).text
    for words in (
        "代理机构公开比选（10 万元以上、不足 30 万元）",
        "不少于 7 人，单数",
        "10% 至 30%",
        "3 家",
        "登记采购代理机构",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("method=below_threshold_comparison&amount_fen=5000", "自行采购（不足 1 万元）"),
        ("method=open_tender&amount_fen=3000000", "公开招标（200 万元以上）"),
        ("method=open_tender&amount_fen=3000000", "不少于 5 人，单数，专家不少于三分之二"),
        ("method=below_threshold_comparison&amount_fen=30000", "小额比选（1 万元以上、不足 5 万元）"),
        ("method=single_source&amount_fen=400000", "须说明理由并经批准"),
    ],
)
def test_each_tier_is_told_with_its_borders(site: Browser, asked: str, words: str) -> None:
    assert words in site.get(f"/rules/ruler?{asked}&start=2026-03-02").text


def test_a_method_that_asks_no_panel_says_so_in_json(site: Browser) -> None:
    body = site.api(
        "GET", "/api/v1/timetable?method=single_source&start=2026-03-02&amount_fen=40000000&term_months=3"
    ).json()
    assert (body["panel"], body["min_suppliers"], body["price_weight_percent"]) == (None, None, None)


def test_what_was_typed_wrong_comes_back_with_a_message_at_each_field(site: Browser) -> None:
    page = site.get("/rules/ruler?method=lottery&amount_fen=1.005&start=2026-02-30&term_months=99").text
    assert 'value="1.005"' in page
    assert 'value="2026-02-30"' in page
    assert page.count("govuk-error-message") >= 4
    assert '<svg class="ruler' not in page


def test_a_year_without_a_notice_is_an_estimate_and_says_so(site: Browser) -> None:
    page = site.get(RULER.replace("term_months=3", "term_months=12")).text
    assert "2027年放假安排未录入，截止日为估算" in page
    assert "估算</strong>" in page


def test_the_ruler_speaks_english(site: Browser) -> None:
    site.client.cookies.set("language", "en")
    page = site.get(f"{RULER}&close=2026-03-06").text
    assert "“Responses close” is set to 2026-03-06" in page
    assert "at least 5 working days" in page
    assert "Comparison document to responses" in page


def test_the_timetable_as_json_names_the_basis_of_every_bar(site: Browser) -> None:
    body = site.api("GET", f"{TIMETABLE}&close=2026-03-06").json()
    bars = {bar["rule_id"]: bar for bar in body["bars"]}
    response = bars["comparison_response_days"]
    assert (response["from"], response["to"], response["count"], response["unit"]) == (
        "2026-03-02", "2026-03-09", 5, "working_days",
    )  # fmt: skip
    assert (response["confirmed"], response["practice"]) == (False, True)
    assert {problem["field"] for problem in body["problems"]} == {"close"}
    assert (body["band"], body["panel"]["members"], body["min_suppliers"]) == ("agency", 7, 3)
    assert body["price_weight_percent"] == ["10", "30"]
    assert {day["event"]: day["chosen"] for day in body["days"]}["close"] is True
    assert "以主管部门确认为准" in body["notes"]


def test_a_timetable_that_cannot_be_asked_is_refused_with_its_fields(site: Browser) -> None:
    answer = site.api("GET", "/api/v1/timetable?method=lottery&start=soon&amount_fen=0")
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_the_rules_as_json_are_those_of_the_day_and_the_edition(site: Browser) -> None:
    body = site.api("GET", "/api/v1/rules?on=2026-01-31").json()
    ids = {rule["rule_id"] for rule in body["rules"]}
    assert "abnormal_price_vs_mean_percent" not in ids
    assert "tender_response_days" in ids
    assert site.api("GET", "/api/v1/rules?version=0").json()["rules"] == []
    today = site.api("GET", "/api/v1/rules").json()
    assert (today["day"], today["version"], len(today["rules"])) == ("2026-03-02", 1, 146)
    [late] = site.api("GET", "/api/v1/rules/late_payment_daily_rate_percent").json()
    assert late["value"] == "0.05"
    assert site.api("GET", "/api/v1/rules/none").status_code == 404


def test_the_calendar_as_json_counts_as_the_law_does(site: Browser) -> None:
    due = site.api("GET", "/api/v1/calendar/due?start=2026-09-22&count=7").json()
    assert (due["nominal"], due["rolled"], due["estimated"]) == ("2026-10-09", "2026-10-09", False)
    late = site.api("GET", "/api/v1/calendar/due?start=2026-12-30&count=5").json()
    assert late["notes"] == ["2027年放假安排未录入，截止日为估算"]
    assert len(site.api("GET", "/api/v1/calendar/2026").json()["days"]) == 39
    assert site.api("GET", "/api/v1/calendar/2027").status_code == 404
