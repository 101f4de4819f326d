"""The public pages and JSON of the service catalogue."""

import pytest

from marketplace.db.base import Database
from marketplace.kit.clock import ManualClock
from seed import reference
from tests.web.conftest import Browser


@pytest.fixture
def site(browser_of_site: Browser, database: Database, clock: ManualClock) -> Browser:
    reference.load(database, clock)
    return browser_of_site


def test_the_catalogue_shows_its_two_branches_and_that_it_is_a_sample(site: Browser) -> None:
    page = site.get("/catalogue")
    assert page.status_code == 200
    for words in (
        "参考目录（示例）",
        "公共服务",
        "政府履职辅助性服务",
        "儿童福利服务",
        "A0401",
        "B1203",
        "编号和次序须与正式",
    ):
        assert words in page.text


def test_a_two_character_word_finds_an_entry_with_its_code_and_how_sure_it_is(site: Browser) -> None:
    page = site.get("/catalogue?q=儿童")
    assert "找到 1 条" in page.text
    assert "C05010200" in page.text
    assert "名称一致" in page.text
    assert "社会救助服务" not in page.text


def test_a_search_without_result_says_what_to_do(site: Browser) -> None:
    assert "换一个词" in site.get("/catalogue?q=火箭").text
    assert "&lt;b&gt;" in site.get("/catalogue?q=<b>").text


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("A0401", ("儿童福利服务", "C05010200", "名称一致", "社会保障服务")),
        ("A0402", ("名称相近，待核对", "采购品目名称为“养老服务”")),
        ("A1210", ("尚未找到", "无")),
        ("A1702", ("C20010000", "C19010000")),
        ("A04", ("下级条目", "法律援助服务")),
    ],
)
def test_an_entry_shows_its_codes_and_how_sure_they_are(site: Browser, code: str, words: tuple[str, ...]) -> None:
    page = site.get(f"/catalogue/{code}")
    assert page.status_code == 200
    assert all(one in page.text for one in words)


def test_an_entry_that_is_not_there_is_not_found(site: Browser) -> None:
    assert site.get("/catalogue/A9999").status_code == 404
    assert site.api("GET", "/api/v1/catalogue/A9999").status_code == 404


def test_an_empty_house_has_no_catalogue_yet(browser_of_site: Browser) -> None:
    assert browser_of_site.get("/catalogue").status_code == 404


def test_the_catalogue_speaks_english(site: Browser) -> None:
    site.client.cookies.set("language", "en")
    page = site.get("/catalogue/A0401")
    assert "Child welfare" in page.text
    assert "Same name" in page.text


def test_the_catalogue_as_json_is_the_same(site: Browser) -> None:
    body = site.api("GET", "/api/v1/catalogue").json()
    assert len(body["items"]) == 146
    assert (body["version"]["label"], body["version"]["counts"], body["more"]) == (
        "参考目录（示例）",
        [2, 30, 114],
        False,
    )
    [found] = site.api("GET", "/api/v1/catalogue?q=ertong").json()["items"]
    assert (found["code"], found["match"], found["procurement_codes"][0]["code"]) == ("A0401", "exact", "C05010200")
    entry = site.api("GET", "/api/v1/catalogue/A0401").json()
    assert [parent["code"] for parent in entry["parents"]] == ["A", "A04"]
    assert len(site.api("GET", "/api/v1/catalogue/procurement-codes").json()) == 112
