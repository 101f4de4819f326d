"""The pages of joint projects and their JSON: ask, agree with an own fund, refuse with a reason, remove."""

from datetime import datetime
from uuid import UUID

from marketplace.db.base import Database
from marketplace.kit.actor import Function, Role
from marketplace.projects import queries
from marketplace.projects.states import ShareState
from tests.funds.purse import Office, a_fund
from tests.identity.town import an_organization
from tests.projects.test_joint import partner_of
from tests.projects.village import Village, a_draft, somebody
from tests.web.conftest import Browser


def a_fund_of(database: Database, village: Village, now: datetime) -> UUID:
    with database.write() as db:
        holder = an_organization(db, Function.FINANCE_OFFICE, now=now, name="示例财政局")
        accountant = somebody(db, holder, Role.ACCOUNTANT, now)
        return a_fund(db, Office(accountant=accountant, cashier=accountant, buyer_id=partner_of(village)), now=now)


def test_a_partner_is_asked_and_agrees_with_an_own_fund(
    database: Database, village: Village, client: Browser, now: datetime
) -> None:
    fund = a_fund_of(database, village, now)
    with database.write() as db:
        project = a_draft(db, village, now)
    page = f"/centre/projects/{project}/joint"
    client.become(village.stranger)
    assert client.get(page).status_code == 404
    assert "没有请本单位联办的项目" in client.get("/centre/joint").text
    client.become(village.centre_clerk)
    assert "还没有联办单位" in client.get(page).text
    asked = {"organization_id": str(partner_of(village)), "task": "组织志愿者接送", "amount_fen": "10000.00"}
    wrong = client.post(page, {**asked, "amount_fen": ""})
    assert wrong.status_code == 422
    assert "组织志愿者接送" in wrong.text
    assert client.post(page, asked).status_code == 303
    assert client.post(page, asked).status_code == 422, "named once"
    client.become(village.stranger)
    assert "组织志愿者接送" in client.get("/centre/joint").text
    assert client.get(f"/centre/projects/{project}").status_code == 200
    with database.read() as db:
        (share,) = queries.own_shares(db, village.stranger)
    assert client.post(f"/centre/joint/{share.id}/agree", {"fund_id": ""}).status_code == 422
    assert client.post(f"/centre/joint/{share.id}/agree", {"fund_id": str(fund)}).status_code == 303
    client.become(village.centre_clerk)
    assert "已确认" in client.get(page).text
    assert str(fund) in client.get(f"/centre/projects/{project}/edit").text
    client.become(village.stranger)
    assert client.post(f"/centre/joint/{share.id}/refuse", {"reason": ""}).status_code == 422
    assert client.post(f"/centre/joint/{share.id}/refuse", {"reason": "预算调减"}).status_code == 303
    client.become(village.centre_clerk)
    assert "预算调减" in client.get(page).text
    assert client.post(f"{page}/{share.id}/remove", {}).status_code == 303


def test_the_same_by_json(database: Database, village: Village, client: Browser, now: datetime) -> None:
    fund = a_fund_of(database, village, now)
    with database.write() as db:
        project = a_draft(db, village, now)
    base = "/api/v1/desk/shares"
    client.become(village.centre_clerk)
    body = {"organization_id": str(partner_of(village)), "task": "接送", "amount_fen": 100}
    share = client.api("POST", f"{base}/projects/{project}", body).json()["id"]
    client.become(village.stranger)
    assert share in [one["id"] for one in client.api("GET", base).json()]
    assert client.api("POST", f"{base}/{share}/agree", {"fund_id": str(fund)}).status_code == 204
    assert client.api("POST", f"{base}/{share}/refuse", {"reason": "没有预算"}).status_code == 204
    with database.read() as db:
        assert queries.shares(db, village.centre_clerk, project)[0].state is ShareState.REFUSED
    client.become(village.centre_clerk)
    assert client.api("DELETE", f"{base}/{share}").status_code == 204
