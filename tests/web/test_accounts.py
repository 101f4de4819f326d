"""Accounts in the visit and through the API: a session's life, links, people, and refusals that lose nothing."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import event

import seed.people
from marketplace.db.base import Database
from marketplace.identity.rules import Right
from marketplace.identity.rules.sign_in import DEMO_PASSWORD
from marketplace.identity.states import LinkPurpose
from marketplace.kit.actor import Function, Role
from marketplace.kit.clock import ManualClock
from marketplace.settings import Settings
from marketplace.web.accounts import visitor_loader
from tests.identity.town import PASSWORD, a_person, an_organization
from tests.web.conftest import SECRET, Browser, OpenBrowser
from tests.web.visits import ROUTES, a_supplier, browse, mailed, sign_in

OTHER = "三只鹤飞过灰色的屋顶"
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


def test_the_page_of_demo_sign_ins_names_the_password_that_the_seed_gives() -> None:
    assert seed.people.PASSWORD == DEMO_PASSWORD
