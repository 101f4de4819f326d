"""The pages and the API of aid: a roster from the first form to its approval, masked, with a reason to read anybody."""

from datetime import date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from litestar.di import Provide
from python_calamine import CalamineWorkbook

from marketplace.aid import queries
from marketplace.aid.rules.sheet import COLUMNS
from marketplace.db.base import Database
from marketplace.flows import aid as stories
from marketplace.kit.actor import Actor
from marketplace.papers.sheets import XLSX, text_table
from marketplace.web import aid
from marketplace.web.site import ROUTES
from tests.aid.home import RATE, Home, a_draft, a_home, a_submitted, an_approved, number
from tests.identity.town import SAFE
from tests.web.conftest import Browser, OpenBrowser


@pytest.fixture
def home(database: Database, now: datetime) -> Home:
    with database.write() as db:
        return a_home(db, now)


@pytest.fixture
def site(open_browser: OpenBrowser) -> Browser:
    """The whole site with the safe that the tests' people were sealed with."""
    own = aid.routes(Provide(lambda: SAFE, sync_to_thread=False))
    return open_browser(routes=[*(one for one in ROUTES if one not in aid.ROUTES), *own])


def typed_person(place: int, **given: str) -> dict[str, str]:
    return {
        "name": f"受助人{place:02d}", "resident_id": number(place), "stage": "university",
        "bank_name": "示例银行", "account_number": f"622200000000{place:04d}",
    } | given  # fmt: skip


def a_file(*rows: list[str]) -> dict[str, Any]:
    return {"file": ("roster.xlsx", text_table(list(COLUMNS.values()), rows), XLSX)}


def a_row(place: int, amount: str = "3000.00") -> list[str]:
    return [f"受助人{place:02d}", number(place), "大学", amount, "示例银行", f"622200000000{place:04d}", "否"]


def test_a_roster_goes_from_its_first_form_to_its_approval(site: Browser, home: Home) -> None:
    site.become(home.clerk)
    assert "还没有名册" in site.get("/centre/aid").text
    made = site.post(
        "/centre/aid/new",
        {"programme_id": str(home.programme_id), "fund_id": str(home.fund_id), "title": "2026年示例助学名册"},
    )
    assert made.status_code == 303, made.text
    url = made.headers["location"]
    assert site.post(f"{url}/people/new", typed_person(1)).status_code == 303
    imported = site.post(f"{url}/sheet", files=a_file(a_row(2), a_row(3, "2999")))
    assert "与「考上大学的学生」每人" in imported.text
    shown = site.get(url).text
    for part in ("受***1", "提交审批", "陆仟元整", "上次导入有 1 行没有录入"):
        assert part in shown, part
    for secret in (number(1), "受助人01", "6222000000000001"):
        assert secret not in shown
    assert site.post(f"{url}/submit").status_code == 303
    assert "等待负责人审批" in site.get(url).text
    site.become(home.head)
    assert "请审批" in site.get("/centre").text or "待审批" in site.get("/centre").text
    assert site.post(f"{url}/approve").status_code == 303
    site.become(home.accountant)
    assert "申请付款" in site.get(url).text
    site.become(home.stranger)
    assert site.get(url).status_code == 404


def test_what_was_typed_wrongly_comes_back_with_a_word_at_each_field(
    site: Browser, home: Home, database: Database, now: datetime
) -> None:
    with database.write() as db:
        roster_id = a_draft(db, home, now, people=())
    site.become(home.clerk)
    answer = site.post(
        f"/centre/aid/{roster_id}/people/new", typed_person(1, resident_id="511602190001010019", name="")
    )
    assert answer.status_code == 422
    assert "请填写「姓名」" in answer.text
    assert "511602190001010019" in answer.text
    answer = site.post(f"/centre/aid/{roster_id}/people/new", typed_person(1, resident_id="511602190001010019"))
    assert "最后一位校验码不符" in answer.text
    blank = site.post("/centre/aid/new", {"title": ""})
    assert blank.status_code == 422
    assert "请选择「资金」" in blank.text
    assert site.post(f"/centre/aid/{roster_id}/sheet").status_code == 422
    broken = site.post(f"/centre/aid/{roster_id}/sheet", files={"file": ("x.xlsx", b"nothing", XLSX)})
    assert "无法读取这个文件" in broken.text
    empty = site.post(f"/centre/aid/{roster_id}/submit")
    assert empty.status_code == 422
    assert "名册里还没有人" in empty.text


def test_a_roster_is_sent_back_with_a_reason_and_given_up_with_another(
    site: Browser, home: Home, database: Database, now: datetime
) -> None:
    with database.write() as db:
        roster_id = a_submitted(db, home, now)
    url = f"/centre/aid/{roster_id}"
    site.become(home.head)
    assert site.post(f"{url}/return", {"reason": ""}).status_code == 422
    assert site.post(f"{url}/return", {"reason": "请核对第二行"}).status_code == 303
    assert site.post(f"{url}/cancel", {"reason": "不办了"}).status_code == 403
    site.become(home.clerk)
    assert "请核对第二行" in site.get(url).text
    assert site.post(f"{url}/cancel", {"reason": "重复"}).status_code == 303
    assert site.post(f"{url}/abolish", {"reason": "重复"}).status_code == 404
    assert "名册已取消" in site.get(url).text


def row_of(database: Database, actor: Actor, roster_id: UUID) -> UUID:
    with database.read() as db:
        return queries.roster(db, actor, roster_id).rows[0].id


def test_one_person_is_shown_only_with_a_reason_and_it_is_on_record(
    site: Browser, home: Home, database: Database, now: datetime
) -> None:
    with database.write() as db:
        roster_id = an_approved(db, home, now, people=(1,))
    url = f"/centre/aid/{roster_id}/people/{row_of(database, home.clerk, roster_id)}"
    site.become(home.head)
    assert number(1) not in site.get(url).text
    assert site.post(url, {"reason": ""}).status_code == 422
    shown = site.post(url, {"reason": "电话核对账号"})
    assert number(1) in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert "电话核对账号" in site.get(f"/centre/aid/{roster_id}").text
    site.become(home.accountant)
    assert site.get(url).status_code == 404
    assert site.post(url, {"reason": "看看"}).status_code == 403


def test_the_checked_sheet_holds_every_row_and_marks_what_is_wrong(
    site: Browser, home: Home, database: Database, now: datetime
) -> None:
    with database.write() as db:
        roster_id = a_draft(db, home, now, people=())
    site.become(home.clerk)
    url = f"/centre/aid/{roster_id}/sheet"
    site.post(url, files=a_file(a_row(1), a_row(2, "1")))
    assert "有误" in site.get(url).text
    taken = site.post(f"{url}/checked.xlsx")
    rows = CalamineWorkbook.from_filelike(BytesIO(taken.content)).get_sheet_by_index(0).to_python()
    assert [row[7] for row in rows] == ["核对结果", "已录入", "有误"]
    assert rows[2][1] == number(2)
    with database.read() as db:
        assert [one.purpose for one in queries.readings(db, home.clerk, roster_id)] == ["export"]
    template = site.get(f"{url}/template.xlsx")
    assert CalamineWorkbook.from_filelike(BytesIO(template.content)).get_sheet_by_index(0).to_python()[0] == list(
        COLUMNS.values()
    )


def test_a_childs_consent_is_entered_and_a_row_dropped_on_the_page(
    site: Browser, home: Home, database: Database, now: datetime
) -> None:
    with database.write() as db:
        roster_id = a_draft(db, home, now, people=())
    site.become(home.clerk)
    url = f"/centre/aid/{roster_id}"
    child = typed_person(1, resident_id=number(1, born=date(2016, 1, 1)))
    assert site.post(f"{url}/people/new", child).status_code == 303
    assert "缺监护人同意" in site.get(url).text
    assert "不满 14 周岁" in site.post(f"{url}/submit").text
    row = row_of(database, home.clerk, roster_id)
    assert site.post(f"{url}/people/{row}/consent").status_code == 303
    assert "监护人已同意" in site.get(url).text
    assert site.post(f"{url}/people/{row}/remove").status_code == 303
    assert "名册里还没有人" in site.get(url).text


def test_a_programme_with_its_rates_is_opened_at_the_desk(site: Browser, home: Home) -> None:
    site.become(home.clerk)
    typed = {
        "name": "2026年金秋助学", "year": "2026", "source": "union_fund", "catalogue_code": "A0404", "note": "",
        "rates-0-group_name": "贫困大学新生", "rates-0-stage": "university", "rates-0-rate_fen": "4000",
        "rates-0-sex": "any", "rates-0-heads_max": "16",
    }  # fmt: skip
    assert site.post("/centre/aid/programmes/new", typed).status_code == 303
    assert "4,000.00" in site.get("/centre/aid").text
    again = site.post("/centre/aid/programmes/new", typed)
    assert again.status_code == 422
    assert "已有名为" in again.text
    site.become(home.head)
    assert site.get("/centre/aid/programmes/new").status_code == 403


def test_everybody_sees_counts_and_sums_and_never_a_name(
    site: Browser, home: Home, database: Database, now: datetime
) -> None:
    with database.write() as db:
        an_approved(db, home, now, people=(1, 2))
    shown = site.get("/aid").text
    assert "示例助学" in shown
    assert "受***1" not in shown
    public = site.api("GET", "/api/v1/aid/programmes").json()
    assert public[0]["heads"] == 0, "nobody was paid yet"


def test_the_same_verbs_answer_under_the_api(site: Browser, home: Home, database: Database, now: datetime) -> None:
    site.become(home.clerk)
    new = {"programme_id": str(home.programme_id), "fund_id": str(home.fund_id), "title": "接口名册"}
    roster = site.api("POST", "/api/v1/aid/rosters", new)
    assert roster.status_code == 201, roster.text
    url = f"/api/v1/aid/rosters/{roster.json()['id']}"
    added = site.api("POST", f"{url}/people", typed_person(1) | {"guardian_consent": False})
    assert added.json()["total_fen"] == RATE
    sheet = site.client.post(
        f"{url}/sheet",
        files={"data": a_file(a_row(2), a_row(3, "1"))["file"]},
        headers={"x-csrftoken": site.client.cookies["csrf"]},
    )
    assert [line["outcome"] for line in sheet.json()["lines"]] == ["taken", "wrong"], sheet.text
    row = added.json()["rows"][0]["id"]
    assert site.api("POST", f"{url}/people/{row}/consent").status_code == 200
    reading = site.api("POST", f"{url}/people/{row}/reading", {"reason": "核对"})
    assert reading.json()["resident_id"] == number(1)
    last = site.api("GET", url).json()["rows"][1]["id"]
    assert site.api("POST", f"{url}/people/{last}/removal").json()["heads"] == 1
    assert site.api("POST", f"{url}/submission").json()["state"] == "submitted"
    refused = site.api("POST", f"{url}/approval")
    assert refused.status_code == 403
    site.become(home.head)
    assert site.api("POST", f"{url}/return", {"reason": "再核"}).json()["state"] == "draft"
    site.become(home.clerk)
    assert site.api("POST", f"{url}/submission").status_code == 200
    site.become(home.head)
    assert site.api("POST", f"{url}/approval").json()["state"] == "approved"
    assert len(site.api("GET", "/api/v1/aid/rosters").json()) == 1
    site.become(home.accountant)
    paid = site.api("POST", f"{url}/application")
    assert paid.json()["state"] == "paying", paid.text
    site.become(home.clerk)
    other = site.api("POST", "/api/v1/aid/rosters", new | {"title": "不办的名册"}).json()["id"]
    dropped = site.api("POST", f"/api/v1/aid/rosters/{other}/cancellation", {"reason": "重复"})
    assert dropped.json()["state"] == "cancelled"
    opened = site.api(
        "POST",
        "/api/v1/aid/programmes",
        {"name": "接口项目", "year": 2026, "source": "union_fund",
         "rates": [{"group_name": "学生", "stage": "university", "rate_fen": 100000}]},
    )  # fmt: skip
    assert opened.status_code == 201, opened.text


def test_the_accountant_applies_for_payment_on_the_page(
    site: Browser, home: Home, database: Database, now: datetime
) -> None:
    with database.write() as db:
        roster_id = a_submitted(db, home, now)
    url = f"/centre/aid/{roster_id}"
    site.become(home.accountant)
    early = site.post(f"{url}/apply")
    assert early.status_code == 422, early.text
    with database.write() as db:
        stories.approve(db, home.head, roster_id, now=now)
    assert site.post(f"{url}/apply").status_code == 303
    shown = site.get(url).text
    assert "FK-2026-0001" in shown
    with database.read() as db:
        application_id = queries.roster(db, home.accountant, roster_id).application_id
    assert site.get(f"/finance/payments/applications/{application_id}").status_code == 200
    assert f'href="/finance/payments/applications/{application_id}"' in shown
    assert "申请付款</button>" not in shown
