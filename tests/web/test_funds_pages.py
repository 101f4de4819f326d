"""The pages and the API of money: what is typed is kept, what is wrong is said, the rest is nobody's business."""

from datetime import datetime

import pytest

from marketplace.db.base import Database
from marketplace.funds import commands, queries
from marketplace.funds.rules import SourceKind
from marketplace.kit.actor import Actor, Function, Role
from tests.funds.purse import Office, a_fund, a_new_receipt, an_office
from tests.web.conftest import Browser, actor_of


@pytest.fixture
def office(database: Database, now: datetime) -> Office:
    with database.write() as db:
        return an_office(db, now=now)


def typed_fund(office: Office, **given: str) -> dict[str, str]:
    return {
        "name": "2026年购买服务专项",
        "source": "fiscal_fund",
        "custody": "quota",
        "buyer_id": str(office.buyer_id),
        "year": "2026",
        "basis_document_no": "示例〔2026〕1号",
        "clause": "",
        "catalogue_codes": "",
        "expires_on": "",
    } | given


def typed_receipt(**given: str) -> dict[str, str]:
    return {
        "kind": "appropriation",
        "amount_fen": "1,200.50",
        "value_date": "2026-03-02",
        "document_no": "拨款1号",
        "payer": "示例财政局",
        "note": "",
    } | given


def test_an_accountant_opens_a_fund_records_income_and_corrects_it(
    browser_of_site: Browser, database: Database, office: Office
) -> None:
    site = browser_of_site
    site.become(office.accountant)
    opened = site.post("/finance/funds/new", typed_fund(office))
    assert opened.status_code == 303, opened.text
    fund_url = opened.headers["location"]
    received = site.post(f"{fund_url}/receipts/new", typed_receipt())
    assert received.status_code == 303, received.text
    receipt_url = received.headers["location"]
    assert "1–120,050" in site.get(receipt_url).text
    wrong = site.post(f"{receipt_url}/correct", typed_receipt(amount_fen="12005", reason=""))
    assert wrong.status_code == 422
    assert "12005" in wrong.text
    corrected = site.post(f"{receipt_url}/correct", typed_receipt(amount_fen="12005", reason="少打一位"))
    assert corrected.status_code == 303
    assert "本收据已作废" in site.get(receipt_url).text
    page = site.get(fund_url).text
    assert "12,005.00" in page
    assert "120,051–1,320,550" in page


def test_a_wrong_form_comes_back_with_everything_typed_and_a_message_at_each_field(
    browser_of_site: Browser, office: Office
) -> None:
    browser_of_site.become(office.accountant)
    answer = browser_of_site.post(
        "/finance/funds/new", typed_fund(office, name="", custody="bank", year="二〇二六", clause="只用于托管")
    )
    assert answer.status_code == 422
    assert "只用于托管" in answer.text
    assert "二〇二六" in answer.text
    assert 'href="#name"' in answer.text
    assert 'href="#year"' in answer.text


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("amount_fen", "12.345", "小数"),
        ("amount_fen", "很多", "不是金额"),
        ("value_date", "2026-03-03", "还没有到"),
        ("value_date", "2026-02-30", "请填写日期"),
        ("document_no", "", "请填写"),
    ],
)
def test_a_wrong_receipt_is_refused_at_its_field(
    browser_of_site: Browser, database: Database, office: Office, now: datetime, field: str, value: str, message: str
) -> None:
    with database.write() as db:
        fund = a_fund(db, office, SourceKind.FISCAL, now=now)
    browser_of_site.become(office.accountant)
    answer = browser_of_site.post(f"/finance/funds/{fund}/receipts/new", typed_receipt(**{field: value}))
    assert answer.status_code == 422
    assert message in answer.text
    assert f'href="#{field}"' in answer.text


def test_who_has_not_the_right_gets_a_plain_sentence_and_a_stranger_finds_nothing(
    browser_of_site: Browser, database: Database, office: Office, now: datetime
) -> None:
    with database.write() as db:
        fund = a_fund(db, office, now=now)
        receipt = commands.receive(db, office.accountant, a_new_receipt(fund, 100), now=now)
    site = browser_of_site
    site.become(office.cashier)
    assert site.get(f"/finance/funds/{fund}").status_code == 200
    refused = site.post(f"/finance/funds/{fund}/receipts/new", typed_receipt(kind="union_allotment"))
    assert refused.status_code == 403
    assert "登记到账" in refused.text
    stranger: Actor = actor_of(Function.FINANCE_OFFICE, roles=[Role.ACCOUNTANT])
    site.become(stranger)
    for path in (f"/finance/funds/{fund}", f"/finance/receipts/{receipt}", f"/finance/receipts/{receipt}/correct"):
        assert site.get(path).status_code == 404
    site.become(None)
    assert site.get(f"/finance/funds/{fund}").status_code in {302, 303}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_of_money_speaks_both_languages(
    browser_of_site: Browser, database: Database, office: Office, now: datetime, language: str
) -> None:
    with database.write() as db:
        fund = a_fund(db, office, now=now)
        receipt = commands.receive(db, office.accountant, a_new_receipt(fund, 100), now=now)
    site = browser_of_site
    site.become(office.accountant)
    site.client.cookies.set("language", language)
    paths = (
        "/finance/funds", "/finance/funds/new", f"/finance/funds/{fund}", f"/finance/funds/{fund}/receipts/new",
        f"/finance/receipts/{receipt}", f"/finance/receipts/{receipt}/correct", "/funds", "/trace",
    )  # fmt: skip
    for path in paths:
        answer = site.get(path)
        assert answer.status_code == 200, path
        assert f'lang="{language}"' in answer.text
        assert ("接口文档" in answer.text) is (language == "zh-CN"), path


def test_whoever_holds_number_and_code_sees_where_the_fen_are_and_nobody_else(
    browser_of_site: Browser, database: Database, office: Office, now: datetime
) -> None:
    with database.write() as db:
        fund = a_fund(db, office, now=now)
        receipt = commands.receive(db, office.accountant, a_new_receipt(fund, 12345), now=now)
        view = queries.receipt(db, receipt)
    found = browser_of_site.post("/trace", {"number": view.number.lower(), "check_code": view.check_code.lower()})
    assert found.status_code == 200
    assert "123.45" in found.text
    missed = browser_of_site.post("/trace", {"number": view.number, "check_code": "WRONGONE"})
    assert missed.status_code == 422
    assert view.number in missed.text
    assert "123.45" not in missed.text


def test_the_api_does_what_the_pages_do(browser_of_site: Browser, office: Office) -> None:
    site = browser_of_site
    site.become(office.accountant)
    new = {
        "name": "示例资金", "source": "union_fund", "custody": "bank", "buyer_id": str(office.buyer_id), "year": 2026,
        "basis_document_no": "示例1号",
    }  # fmt: skip
    fund = site.api("POST", "/api/v1/funds", new)
    assert fund.status_code == 201, fund.text
    receipt = {
        "fund_id": fund.json()["id"], "kind": "union_allotment", "amount_fen": 1000, "value_date": "2026-03-02",
        "document_no": "1", "payer": "上级工会",
    }  # fmt: skip
    made = site.api("POST", "/api/v1/receipts", receipt)
    assert made.status_code == 201, made.text
    assert (made.json()["first_serial"], made.json()["after_last_serial"]) == (0, 1000)
    again = site.api("POST", "/api/v1/receipts", receipt)
    assert again.status_code == 409
    assert again.json()["errors"][0]["field"] == "document_no"
    correction = {"receipt": receipt | {"amount_fen": 2000}, "reason": "录错金额"}
    corrected = site.api("POST", f"/api/v1/receipts/{made.json()['id']}/correction", correction)
    assert corrected.json()["replaces_id"] == made.json()["id"]
    assert len(site.api("GET", f"/api/v1/funds/{fund.json()['id']}/receipts").json()) == 2
    closed = site.api("POST", f"/api/v1/funds/{fund.json()['id']}/close", {"reason": "年度结束"})
    assert closed.json()["state"] == "closed"
    assert site.api("POST", "/api/v1/funds", new | {"custody": "quota"}).status_code == 422
