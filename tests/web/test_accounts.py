"""Accounts in the visit and through the API: a session's life, links, people, and refusals that lose nothing."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pyotp
import pytest
from litestar.di import Provide
from sqlalchemy import event, select

from marketplace.db.base import Database
from marketplace.identity import commands, queries
from marketplace.identity.model import Account, OneTimeLink
from marketplace.identity.rules import Right
from marketplace.identity.rules.sign_in import DEMO_PASSWORD
from marketplace.identity.schemas import NewPerson
from marketplace.identity.states import LinkPurpose, OrganizationKind
from marketplace.kit.actor import Function, Role
from marketplace.kit.clock import ManualClock
from marketplace.settings import Settings
from marketplace.web.accounts import routes, visitor_loader
from marketplace.web.portal.pages import Portal
from tests.identity.town import PASSWORD, SAFE, a_person, an_organization, code_for
from tests.web.conftest import SECRET, Browser, OpenBrowser

OTHER = "三只鹤飞过灰色的屋顶"
ROUTES = [Portal, *routes(Provide(lambda: SAFE, sync_to_thread=False))]
Open = Callable[..., Browser]


@pytest.fixture
def open_accounts(open_browser: OpenBrowser, database: Database, clock: ManualClock, tmp_path: Path) -> Open:
    """Browsers whose visitors are found by their real sessions and tokens."""

    def make(**changes: object) -> Browser:
        settings = Settings(home=tmp_path, secret_key=SECRET, **changes)  # type: ignore[arg-type] # a test's own mixture
        return open_browser(routes=ROUTES, settings=settings, load_visitor=visitor_loader(database, clock, settings))

    return make


@pytest.fixture
def visit(open_accounts: Open) -> Browser:
    return open_accounts()


@pytest.fixture
def supplier(database: Database, now: datetime) -> UUID:
    with database.write() as db:
        organization_id = an_organization(db, Function.SUPPLIER, now=now, name="示例社工服务中心")
        return a_person(db, organization_id, Role.HEAD, now=now, login="supplier", name="王五常")


def staff(database: Database, now: datetime, function: Function, *roles: Role, login: str) -> tuple[UUID, UUID]:
    with database.write() as db:
        organization_id = an_organization(db, function, now=now)
        return organization_id, a_person(db, organization_id, *roles, now=now, login=login)


def sign_in(visit: Browser, login: str, password: str = PASSWORD, target: str = "") -> str:
    """Sign in and say where it led."""
    answer = visit.post("/sign-in", {"login": login, "password": password, "next": target})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def mailed(database: Database, now: datetime, purpose: LinkPurpose) -> str:
    with database.read() as db:
        link_id = db.scalars(
            select(OneTimeLink.id).where(OneTimeLink.purpose == purpose, OneTimeLink.used_at.is_(None))
        ).one()
        mail = queries.link_mail(db, SAFE, link_id, now=now)
    assert mail is not None
    return mail.token


@pytest.mark.usefixtures("supplier")
def test_signing_in_leads_to_what_was_wanted_and_out_again(visit: Browser) -> None:
    wanted = visit.get("/account")
    assert wanted.status_code == 303
    assert wanted.headers["location"] == "/sign-in?next=/account"
    assert sign_in(visit, "supplier", target="/account") == "/account"
    shown = visit.get("/account")
    assert "王五常" in shown.text
    assert "示例社工服务中心" in shown.text
    assert visit.post("/sign-out").headers["location"] == "/"
    assert visit.get("/account").status_code == 303


@pytest.mark.usefixtures("supplier")
def test_nobody_is_led_to_another_site_after_signing_in(visit: Browser) -> None:
    assert sign_in(visit, "supplier", target="https://elsewhere.example/") == "/account"
    visit.post("/sign-out")
    assert sign_in(visit, "supplier", target="//elsewhere.example/") == "/account"


@pytest.mark.usefixtures("supplier")
def test_the_cookie_is_fresh_at_each_sign_in_and_out_of_reach_of_scripts(visit: Browser) -> None:
    visit.client.cookies.set("session", "planted-by-somebody-else")
    answer = visit.post("/sign-in", {"login": "supplier", "password": PASSWORD})
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("session="))
    assert "planted" not in cookie
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Secure" not in cookie


@pytest.mark.usefixtures("supplier")
def test_behind_tls_the_cookie_is_held_to_host_and_https(open_accounts: Open) -> None:
    visit = open_accounts(behind_tls=True)
    visit.client.base_url = "https://testserver.local"
    answer = visit.post("/sign-in", {"login": "supplier", "password": PASSWORD})
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("__Host-session="))
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert "王五常" in visit.get("/account").text


@pytest.mark.usefixtures("supplier")
def test_a_wrong_sign_in_keeps_the_login_and_never_the_password(visit: Browser) -> None:
    answer = visit.post("/sign-in", {"login": "supplier", "password": "wrong wrong wrong"})
    assert answer.status_code == 401
    assert 'value="supplier"' in answer.text
    assert "wrong wrong" not in answer.text
    assert "登录名或密码不正确" in answer.text
    nobody = visit.post("/sign-in", {"login": "nobody-here", "password": "wrong wrong wrong"})
    same = re.compile(r'value="(supplier|nobody-here)"|name="_csrf_token" value="[^"]+"')
    assert same.sub("", nobody.text) == same.sub("", answer.text)


@pytest.mark.usefixtures("supplier")
def test_an_empty_sign_in_is_told_at_its_fields(visit: Browser) -> None:
    answer = visit.post("/sign-in", {"login": "supplier", "password": ""})
    assert answer.status_code == 422
    assert 'href="#password"' in answer.text
    assert 'value="supplier"' in answer.text


@pytest.mark.usefixtures("supplier")
def test_too_many_guesses_are_counted_over_requests_and_told(visit: Browser) -> None:
    for _ in range(5):
        visit.post("/sign-in", {"login": "supplier", "password": "wrong wrong wrong"})
    answer = visit.post("/sign-in", {"login": "supplier", "password": PASSWORD})
    assert answer.status_code == 429
    assert "15 分钟" in answer.text


@pytest.mark.usefixtures("supplier")
def test_an_idle_browser_is_signed_out(visit: Browser, clock: ManualClock) -> None:
    sign_in(visit, "supplier")
    for _ in range(3):
        clock.advance(timedelta(minutes=29))
        assert visit.get("/account").status_code == 200
    clock.advance(timedelta(minutes=30))
    assert visit.get("/account").status_code == 303


def test_staff_enrol_an_authenticator_and_then_need_it(
    open_browser: OpenBrowser, database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    with database.write() as db:
        buyer = an_organization(db, Function.BUYER, now=clock.now())
        a_person(db, buyer, Role.CLERK, now=clock.now(), login="clerk", totp_required=True)
    settings = Settings(home=tmp_path, secret_key=SECRET)
    visit = open_browser(routes=ROUTES, settings=settings, load_visitor=visitor_loader(database, clock, settings))
    assert sign_in(visit, "clerk", target="/rights") == "/sign-in/code?next=/rights"
    assert visit.get("/account").status_code == 303, "the first step alone opens nothing"
    shown = visit.get("/sign-in/code?next=/rights").text
    assert "<svg" in shown
    secret = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", shown)
    assert secret is not None
    totp = pyotp.TOTP(secret[1].replace(" ", ""))
    wrong = visit.post("/sign-in/code", {"code": "000000", "next": "/rights"})
    assert wrong.status_code == 401
    assert secret[1] in wrong.text, "the same secret is shown again"
    codes = visit.post("/sign-in/code", {"code": totp.at(clock.now()), "next": "/rights"})
    assert codes.status_code == 200
    assert len(re.findall(r"<code>[\w-]{14}</code>", codes.text)) == 10
    assert visit.get("/rights").status_code == 200
    visit.post("/sign-out")
    clock.advance(timedelta(minutes=1))
    sign_in(visit, "clerk")
    assert '<svg class="qr' not in visit.get("/sign-in/code").text
    assert visit.post("/sign-in/code", {"code": totp.at(clock.now())}).headers["location"] == "/account"
    assert visit.get("/sign-in/code").headers["location"] == "/sign-in"


@pytest.mark.usefixtures("supplier")
def test_a_forgotten_password_is_reset_by_mail_without_telling_who_exists(
    visit: Browser, database: Database, now: datetime
) -> None:
    answers = [visit.post("/password/forgot", {"login": login}) for login in ("supplier", "nobody-here")]
    assert answers[0].text.count("") == answers[1].text.count("")
    token = mailed(database, now, LinkPurpose.PASSWORD_RESET)
    assert visit.get(f"/password/reset/{token}").status_code == 200
    weak = visit.post(f"/password/reset/{token}", {"password": "supplier"})
    assert weak.status_code == 422
    assert "至少用 10 个字符" in weak.text
    assert visit.post(f"/password/reset/{token}", {"password": OTHER}).headers["location"] == "/sign-in"
    assert visit.get(f"/password/reset/{token}").status_code == 404
    assert sign_in(visit, "supplier", OTHER) == "/account"
    assert not any(token in str(line) for line in visit.logged), "tokens do not reach the log"


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


@pytest.mark.usefixtures("supplier")
def test_the_account_page_changes_password_ends_sessions_and_sets_up_an_authenticator(
    visit: Browser, open_accounts: Open, clock: ManualClock
) -> None:
    elsewhere = open_accounts()
    sign_in(visit, "supplier")
    sign_in(elsewhere, "supplier")
    assert visit.get("/account").text.count("退出该设备") == 1
    assert visit.post("/account/sessions/end-others").status_code == 303
    assert elsewhere.get("/account").status_code == 303
    wrong = visit.post("/account/password", {"present_password": "wrong", "password": OTHER})
    assert wrong.status_code == 422
    assert 'href="#present_password"' in wrong.text
    assert visit.post("/account/password", {"present_password": PASSWORD, "password": OTHER}).status_code == 303
    begun = visit.post("/account/second-factor/begin").text
    secret = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", begun)
    assert secret is not None
    code = pyotp.TOTP(secret[1].replace(" ", "")).at(clock.now())
    bad = visit.post("/account/second-factor/confirm", {"code": "000000", "present_password": OTHER})
    assert bad.status_code == 422
    done = visit.post("/account/second-factor/confirm", {"code": code, "present_password": OTHER})
    assert "恢复码只显示这一次" in done.text
    assert visit.get("/account/second-factor").status_code == 200
    again = visit.post("/account/second-factor/codes", {"present_password": OTHER})
    assert "恢复码只显示这一次" in again.text
    assert visit.post("/account/second-factor/remove", {"present_password": "wrong"}).status_code == 422
    assert visit.post("/account/second-factor/remove", {"present_password": OTHER}).status_code == 303


@pytest.mark.usefixtures("supplier")
def test_a_token_is_shown_once_and_calls_the_api_within_its_scopes(visit: Browser, open_accounts: Open) -> None:
    sign_in(visit, "supplier")
    assert visit.get("/account/tokens").status_code == 200
    none = visit.post("/account/tokens", {"name": "申报程序", "days": "30"})
    assert none.status_code == 422
    assert "申报程序" in none.text
    made = visit.post("/account/tokens", {"name": "申报程序", "days": "30", "scopes": [Right.BID.value]})
    token = re.search(r"mkt_[\w-]+", made.text)
    assert token is not None
    assert token[0] not in visit.get("/account").text
    program = open_accounts()
    program.client.cookies.clear()
    header = {"authorization": f"Bearer {token[0]}"}
    me = program.client.get("/api/v1/me", headers=header)
    assert me.status_code == 200
    assert me.json()["scopes"] == ["bid"]
    refused = program.client.post("/api/v1/me/tokens", json={"name": "x", "days": 1, "scopes": ["bid"]}, headers=header)
    assert refused.status_code == 403
    listed = visit.api("GET", "/api/v1/me/tokens").json()
    assert visit.api("DELETE", f"/api/v1/me/tokens/{listed[0]['id']}").status_code == 204
    assert program.client.get("/api/v1/me", headers=header).status_code == 401


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


@pytest.mark.usefixtures("supplier")
def test_demo_sign_ins_are_shown_in_a_demo_alone(open_accounts: Open, database: Database, now: datetime) -> None:
    assert DEMO_PASSWORD not in open_accounts().get("/sign-in").text
    shown = open_accounts(demo=True).get("/sign-in").text
    assert DEMO_PASSWORD in shown
    assert "王五常" in shown


@pytest.mark.usefixtures("supplier")
def test_finding_the_visitor_takes_one_query_and_writes_at_most_once_a_minute(
    visit: Browser, database: Database, clock: ManualClock
) -> None:
    sign_in(visit, "supplier")
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement.split(maxsplit=1)[0])

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        for _ in range(3):
            visit.get("/password/forgot")
        assert [word for word in asked if word in ("SELECT", "UPDATE")] == ["SELECT"] * 3
        asked.clear()
        clock.advance(timedelta(minutes=1))
        visit.get("/password/forgot")
        assert [word for word in asked if word in ("SELECT", "UPDATE")] == ["SELECT", "UPDATE"]
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


@pytest.mark.usefixtures("supplier")
def test_the_api_signs_in_and_out(visit: Browser) -> None:
    wrong = visit.api("POST", "/api/v1/sign-in", {"login": "supplier", "password": "wrong"})
    assert wrong.status_code == 401
    assert wrong.json()["type"] == "/problems/wrong_sign_in"
    assert visit.api("POST", "/api/v1/sign-in", {"login": "supplier", "password": PASSWORD}).json()["signed_in"]
    assert len(visit.api("GET", "/api/v1/me/sessions").json()) == 1
    assert visit.api("POST", "/api/v1/password/forgot", {"login": "nobody-here"}).status_code == 202
    assert visit.api("DELETE", "/api/v1/me/sessions").status_code == 204
    assert visit.api("GET", "/api/v1/me").status_code == 401


@pytest.mark.usefixtures("supplier")
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_of_ones_own_speaks_both_languages(visit: Browser, language: str) -> None:
    sign_in(visit, "supplier")
    visit.get(f"/language/{language}")
    for path in ("/account", "/account/password", "/account/second-factor", "/account/tokens", "/account/organizations",
                 "/organization/people", "/organization/people/new", "/rights"):  # fmt: skip
        answer = visit.get(path)
        assert answer.status_code == 200, path
        if language == "en":
            body = re.sub(r"<header.*?</header>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
            left = set(re.findall(r"[\u4e00-\u9fff]{2,}", body)) - {"王五常", "示例社工服务中心", "中文"}
            assert not left, f"{path}: {left}"
