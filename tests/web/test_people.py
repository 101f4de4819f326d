"""People and administration in the browser: invitations, roles, locks; what belongs to others is not found."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from marketplace.db.base import Database
from marketplace.identity import commands, queries
from marketplace.identity.model import Account
from marketplace.identity.rules import Right
from marketplace.identity.schemas import NewPerson
from marketplace.identity.states import LinkPurpose, OrganizationKind
from marketplace.kit.actor import Function, Role
from marketplace.kit.clock import ManualClock
from tests.identity.town import PASSWORD, SAFE, a_person, code_for
from tests.web.conftest import Browser, OpenBrowser
from tests.web.visits import a_supplier, browse, mailed, sign_in, staff

Open = Callable[..., Browser]


@pytest.fixture
def open_accounts(open_browser: OpenBrowser, database: Database, clock: ManualClock, tmp_path: Path) -> Open:
    def make(**changes: object) -> Browser:
        return browse(open_browser, database, clock, tmp_path, **changes)

    return make


@pytest.fixture
def visit(open_accounts: Open) -> Browser:
    return open_accounts()


@pytest.fixture
def supplier(database: Database, now: datetime) -> UUID:
    return a_supplier(database, now)


def test_a_head_invites_a_colleague_who_joins_by_the_link(visit: Browser, database: Database, now: datetime) -> None:
    staff(database, now, Function.SUPPLIER, Role.HEAD, login="head")
    sign_in(visit, "head")
    wrong = visit.post("/organization/people/new", {"name": "赵六福", "email": "not an address", "roles": ["clerk"]})
    assert wrong.status_code == 422
    assert "赵六福" in wrong.text
    assert "not an address" in wrong.text
    assert re.search(r'value="clerk"\s+checked', wrong.text)
    clash = visit.post(
        "/organization/people/new",
        {"name": "赵六福", "email": "zhao@example.com", "roles": ["accountant", "cashier"]},
    )
    assert clash.status_code == 422
    assert "会计与出纳不得由同一人兼任" in clash.text
    fine = {"name": "赵六福", "email": "zhao@example.com", "roles": ["clerk"]}
    assert visit.post("/organization/people/new", fine).headers["location"] == "/organization/people"
    assert "赵六福" in visit.get("/organization/people").text
    token = mailed(database, now, LinkPurpose.INVITATION)
    visit.post("/sign-out")
    shown = visit.get(f"/invitation/{token}").text
    assert "经办" in shown
    assert visit.post(f"/invitation/{token}", {"password": ""}).status_code == 422
    assert visit.post(f"/invitation/{token}", {"password": PASSWORD}).headers["location"] == "/sign-in"
    sign_in(visit, "zhao@example.com")
    assert visit.get(f"/invitation/{token}").status_code == 404
    assert visit.get("/organization/people/new").status_code == 403


def test_roles_are_changed_with_a_reason_and_people_let_go(visit: Browser, database: Database, now: datetime) -> None:
    organization_id, _ = staff(database, now, Function.BUYER, Role.HEAD, login="head")
    with database.write() as db:
        person_id = a_person(db, organization_id, Role.CLERK, now=now, login="clerk", name="钱七巧")
        place = queries.memberships_of(db, person_id)[0].id
    sign_in(visit, "head")
    assert visit.get(f"/organization/people/{place}").status_code == 200
    page = f"/organization/people/{place}"
    missing = visit.post(f"{page}/roles", {"roles": ["clerk", "head"], "reason": ""})
    assert missing.status_code == 422
    assert visit.post(f"{page}/roles", {"roles": ["clerk", "head"], "reason": "兼任"}).status_code == 303
    with database.read() as db:
        assert queries.actor_of(db, person_id, organization_id).roles == {Role.CLERK, Role.HEAD}
    assert visit.post(f"{page}/end", {"roles": ["clerk"], "reason": "调离"}).status_code == 303
    assert "钱七巧" not in visit.get("/organization/people").text.replace("钱七巧已移出本单位", "")


def test_another_organizations_people_are_not_found(
    visit: Browser, database: Database, now: datetime, supplier: UUID
) -> None:
    staff(database, now, Function.BUYER, Role.HEAD, login="head")
    with database.read() as db:
        stranger = queries.memberships_of(db, supplier)[0]
    sign_in(visit, "head")
    assert visit.get(f"/organization/people/{stranger.id}").status_code == 404
    assert visit.post(f"/organization/people/{stranger.id}/end", {"reason": "试试"}).status_code == 404
    assert visit.get(f"/admin/organizations/{stranger.organization_id}").status_code == 403
    assert visit.get(f"/admin/organizations/{stranger.organization_id}/people").status_code == 404
    api = f"/api/v1/organizations/{stranger.organization_id}/people"
    assert visit.api("GET", api).status_code == 404
    assert visit.api("POST", f"/api/v1/memberships/{stranger.id}/end", {"reason": "试试"}).status_code == 404
    assert visit.get("/admin/accounts").status_code == 403


def test_one_may_act_for_another_organization_and_its_rights_come_with_it(
    visit: Browser, database: Database, now: datetime, supplier: UUID
) -> None:
    organization_id, head_id = staff(database, now, Function.DONOR, Role.HEAD, login="head")
    with database.write() as db:
        head = queries.actor_of(db, head_id, organization_id)
        person = NewPerson(name="王五常", email="supplier@example.com", login="supplier")
        commands.invite(db, SAFE, head, organization_id, person, roles=[Role.CLERK], now=now)
    token = mailed(database, now, LinkPurpose.INVITATION)
    assert visit.post(f"/invitation/{token}").status_code == 303
    sign_in(visit, "supplier")
    assert "切换单位" in visit.get("/account").text
    with database.read() as db:
        place = next(one for one in queries.memberships_of(db, supplier) if one.organization_id == organization_id)
    before = visit.client.cookies["session"]
    assert visit.post(f"/account/organizations/{place.id}").status_code == 303
    assert visit.client.cookies["session"] != before
    assert visit.api("GET", "/api/v1/me").json()["organization_id"] == str(organization_id)


def test_the_rights_page_shows_the_tables_and_who_is_missing(visit: Browser, database: Database, now: datetime) -> None:
    staff(database, now, Function.BUYER, Role.HEAD, login="head")
    sign_in(visit, "head")
    shown = visit.get("/rights").text
    for sentence in (
        "缺人",
        "受托经办单位的",
        "采购与验收由不同的人办理",
        "会计与出纳不得由同一人兼任",
        "所有登录的人",
    ):
        assert sentence in shown
    tables = visit.api("GET", "/api/v1/rights").json()
    assert {row["right"] for row in tables["rights"]} == {right.value for right in Right}
    duties = visit.api("GET", "/api/v1/organization/duties").json()
    assert any(row["lacking"] for row in duties)


def test_administrators_find_lock_unlock_and_deactivate_accounts(
    visit: Browser, database: Database, now: datetime, supplier: UUID
) -> None:
    organization_id, _ = staff(database, now, Function.OPERATOR, Role.SECURITY_ADMIN, login="security")
    with database.write() as db:
        a_person(db, organization_id, Role.SYSTEM_ADMIN, now=now, login="system")
        account_id = db.scalars(select(Account.id).where(Account.person_id == supplier)).one()
    sign_in(visit, "security")
    assert "王五常" in visit.get("/admin/accounts?q=王五").text
    assert "王五常" not in visit.get("/admin/accounts?q=王五&state=locked").text
    one = f"/admin/accounts/{account_id}"
    shown = visit.get(one).text
    assert f"{one}/lock" in shown
    assert f"{one}/deactivate" not in shown
    assert visit.post(f"{one}/lock", {"reason": ""}).status_code == 422
    assert visit.post(f"{one}/lock", {"reason": "异常登录"}).status_code == 303
    assert visit.post(f"{one}/lock", {"reason": "异常登录"}).status_code == 303
    assert visit.post(f"{one}/unlock", {"reason": "已核实"}).status_code == 303
    twice = visit.post(f"{one}/unlock", {"reason": "已核实"})
    assert twice.status_code == 422
    assert "已核实" in twice.text
    assert visit.post(f"{one}/dance", {"reason": "试试"}).status_code == 404
    assert visit.api("POST", f"/api/v1/accounts/{account_id}/deactivate", {"reason": "离职"}).status_code == 403
    visit.post("/sign-out")
    sign_in(visit, "system")
    assert visit.api("POST", f"/api/v1/accounts/{account_id}/deactivate", {"reason": "离职"}).status_code == 204
    assert visit.get(f"/admin/accounts/{uuid4()}").status_code == 404


def test_the_system_administrator_registers_an_organization_and_invites_its_head(
    visit: Browser, database: Database, now: datetime
) -> None:
    staff(database, now, Function.OPERATOR, Role.SYSTEM_ADMIN, login="system")
    sign_in(visit, "system")
    code = code_for(OrganizationKind.FOUNDATION, 900009)
    typed = {"name": "广安示例基金会", "kind": "foundation", "uscc": "530000", "functions": ["supplier", "donor"]}
    wrong = visit.post("/admin/organizations/new", typed)
    assert wrong.status_code == 422
    assert "广安示例基金会" in wrong.text
    made = visit.post("/admin/organizations/new", {**typed, "uscc": f"{code[:6]} {code[6:]}"})
    page = made.headers["location"]
    assert visit.get(page).status_code == 200
    assert "广安示例基金会" in visit.get("/admin/organizations?q=gasl&function=donor").text
    person = {"name": "孙八方", "email": "sun@example.com", "roles": ["head"]}
    assert visit.post(f"{page}/people/new", person).status_code == 303
    assert "孙八方" in visit.get(page).text
    assert visit.post(f"{page}/close", {"functions": ["donor"], "reason": "注销"}).status_code == 303
    assert visit.post(f"{page}/functions", {"functions": ["donor"], "reason": "调整"}).status_code == 303
    listed = visit.api("GET", "/api/v1/organizations?q=gasl").json()
    assert listed["items"][0]["state"] == "closed"
