"""The frame of every page: who is asked for, what is refused and how it is said, and what each answer carries."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Redirect, Template
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from marketplace.db.base import Database
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.clock import ManualClock
from marketplace.kit.errors import BadValue, DomainError, Forbidden, Kind, NotFound, Several, Stale
from marketplace.kit.fields import Fen, Title
from marketplace.settings import Settings
from marketplace.web import assets
from marketplace.web.access import Visitor, safe_next
from marketplace.web.errors import STATUS, WORDS
from marketplace.web.forms import FormKind, Typed
from marketplace.web.nav import HOUSES
from marketplace.web.pages import again, done
from marketplace.web.portal.pages import Portal
from marketplace.web.services import Seeding
from tests.web.conftest import SECRET, Browser, OpenBrowser, actor_of

REFUSALS: dict[str, DomainError] = {
    "not_found": NotFound(),
    "forbidden": Forbidden(right="发布"),
    "stale": Stale(),
    "several": Several([BadValue(field="title", problem="一。"), BadValue(problem="二。")]),
}


class NewThing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: Title
    amount_fen: Fen


THING = FormKind(NewThing, labels={"title": "项目名称", "amount_fen": "金额"})


class Probe(Controller):
    path = "/probe"

    @get("/who", sync_to_thread=True)
    def who(self, actor: NamedDependency[Actor]) -> str:
        return str(actor.person_id)

    @get("/refuse/{name:str}", sync_to_thread=True)
    def refuse(self, name: FromPath[str]) -> str:
        raise REFUSALS[name]

    @get("/crash", sync_to_thread=True)
    def crash(self) -> str:
        raise ZeroDivisionError("the secret of Zhang San")

    @get("/deadlock", sync_to_thread=True)
    def deadlock(self, database: NamedDependency[Database]) -> str:
        with database.write() as db:
            db.execute(text("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$"))
        return ""

    @get("/number", sync_to_thread=True)
    def number(self, count: FromQuery[int]) -> str:
        return str(count)

    @get("/quiet", sync_to_thread=True, opt={"quiet": True})
    def quiet(self) -> str:
        return "hush"

    @get("/at", sync_to_thread=True)
    def at(self, request: Request[Visitor, Any, Any]) -> str:
        return str(request.scope["received_at"])  # type: ignore[typeddict-item]

    @post("/form", sync_to_thread=True)
    def form(self, typed: NamedDependency[Typed]) -> Template | Redirect:
        form = THING.read(typed)
        if form.data is None:
            said = {"words": WORDS[422], "detail": str(form.errors), "errors": [], "status": 422, "request_id": ""}
            return again("errors/refused.html", form, **said)
        return done("/", "有误", count=1)


class ProbeApi(Controller):
    path = "/api/v1/probe"

    @get("/refuse/{name:str}", sync_to_thread=True)
    def refuse(self, name: FromPath[str]) -> str:
        raise REFUSALS[name]

    @get("/who", sync_to_thread=True)
    def who(self, actor: NamedDependency[Actor]) -> str:
        return str(actor.person_id)

    @get("/crash", sync_to_thread=True)
    def crash(self) -> str:
        raise ZeroDivisionError("the secret of Zhang San")

    @post("/things", sync_to_thread=True, status_code=200)
    def make(self, data: JSONBody[NewThing]) -> NewThing:
        return data

    @get("/things/{thing_id:uuid}", sync_to_thread=True)
    def one(self, thing_id: FromPath[UUID]) -> str:
        return str(thing_id)


@pytest.fixture
def probe(open_browser: OpenBrowser) -> Browser:
    return open_browser(routes=[Portal, Probe, ProbeApi], fresh=True)


def test_every_kind_of_refusal_has_a_status_and_calm_words() -> None:
    assert set(STATUS) == set(Kind)
    assert set(STATUS.values()) <= set(WORDS)


@pytest.mark.parametrize(("name", "status"), [("not_found", 404), ("forbidden", 403), ("stale", 409), ("several", 422)])
def test_a_refusal_is_a_calm_page_and_problem_details(probe: Browser, name: str, status: int) -> None:
    page = probe.get(f"/probe/refuse/{name}")
    assert page.status_code == status
    assert "<h1" in page.text
    assert page.headers["x-request-id"] in page.text
    problem = probe.get(f"/api/v1/probe/refuse/{name}")
    assert problem.status_code == status
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["type"] == f"/problems/{name}"
    assert problem.json()["status"] == status


def test_several_refusals_are_listed_with_their_fields(probe: Browser) -> None:
    problem = probe.get("/api/v1/probe/refuse/several", headers={"accept-language": "zh-CN"}).json()
    assert problem["errors"] == [
        {"field": "title", "code": "bad_value", "message": "一。"},
        {"field": "", "code": "bad_value", "message": "二。"},
    ]
    assert problem["detail"] == "有 2 处需要补充或改正。"


def test_a_mistake_of_ours_tells_nothing_of_the_inside(probe: Browser) -> None:
    for path in ("/probe/crash", "/api/v1/probe/crash"):
        answer = probe.get(path)
        assert answer.status_code == 500
        assert "Zhang San" not in answer.text
        assert "ZeroDivision" not in answer.text
    crash = next(event for event in probe.logged if event["event"] == "crash")
    assert crash["error"] == "ZeroDivisionError"
    assert any(" crash" in place for place in crash["where"])
    assert "Zhang San" not in str(probe.logged)


def test_a_deadlock_is_busy_and_not_broken(probe: Browser) -> None:
    answer = probe.get("/probe/deadlock")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert "40P01" not in answer.text
    assert issubclass(DBAPIError, Exception)


def test_values_of_the_wrong_type_are_told_by_field(probe: Browser) -> None:
    assert probe.get("/probe/number?count=x").status_code == 422
    bad = probe.api("POST", "/api/v1/probe/things", {"title": "x", "amount_fen": 0})
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "title")
    missing = probe.api("POST", "/api/v1/probe/things", {"title": "长者食堂"}).json()
    assert missing["errors"] == [{"field": "amount_fen", "code": "bad_value", "message": "缺少这一项。"}]
    assert probe.api("POST", "/api/v1/probe/things", {"title": "长者食堂", "amount_fen": 5}).status_code == 200
    garbage = probe.client.post(
        "/api/v1/probe/things", content=b"{", headers={"content-type": "application/json", "authorization": "Bearer x"}
    )
    assert garbage.status_code in (400, 422)
    assert garbage.headers["content-type"] == "application/problem+json"
    assert probe.get("/api/v1/probe/things/no-uuid").status_code == 404
    assert probe.get(f"/api/v1/probe/things/{uuid4()}").status_code == 200


def test_who_is_not_signed_in_is_led_to_sign_in_and_back(probe: Browser) -> None:
    answer = probe.get("/probe/who?a=1&b=二")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/probe/who%3Fa%3D1%26b%3D%25E4%25BA%258C"
    api = probe.get("/api/v1/probe/who")
    assert (api.status_code, api.json()["type"]) == (401, "/problems/unauthenticated")
    actor = actor_of(Function.SUPPLIER)
    probe.become(actor)
    assert probe.get("/probe/who").text == str(actor.person_id)


def test_nobody_is_taken_for_anonymous_when_the_look_up_fails(open_browser: OpenBrowser) -> None:
    def fail(_: Any) -> Visitor:
        raise OSError("away")

    browser = open_browser(routes=[Portal, Probe], load_visitor=fail)
    browser.client.cookies.set("session", "x")
    assert browser.get("/").status_code == 200
    assert browser.get("/probe/who").status_code == 503


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example", "x", "/a\r\nb", ""])
def test_nobody_is_led_to_another_site(target: str) -> None:
    assert safe_next(target) == "/"


def test_a_form_without_its_token_changes_nothing(probe: Browser) -> None:
    bare = probe.client.post("/probe/form", data={"title": "长者食堂", "amount_fen": "5"}, follow_redirects=False)
    assert bare.status_code == 403
    assert "没有提交" in bare.text
    forged = probe.post("/probe/form", {"_csrf_token": "0" * 128})
    assert forged.status_code == 403
    assert probe.api("POST", "/api/v1/probe/things", {}, headers={"x-csrftoken": "no"}).status_code == 403
    assert (
        probe.api("POST", "/api/v1/probe/things", {}, headers={"x-csrftoken": "no"}).json()["type"]
        == "/problems/form_too_old"
    )


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(probe: Browser) -> None:
    large = probe.post("/probe/form", {"title": "长" * 2_000_000})
    assert large.status_code == 413
    assert "内容太大" in large.text


def test_a_token_of_another_installation_is_replaced(probe: Browser) -> None:
    probe.client.cookies.set("csrf", "f" * 128, domain="testserver.local")
    probe.get("/")
    probe.client.cookies.delete("csrf", domain="testserver.local") if len(probe.client.cookies.jar) > 1 else None
    assert probe.post("/probe/form", {"title": "长者食堂", "amount_fen": "5"}).status_code == 303


def test_a_wrong_form_comes_back_and_a_right_one_goes_on_with_a_word(probe: Browser) -> None:
    wrong = probe.post("/probe/form", {"title": "", "amount_fen": "1.234"})
    assert wrong.status_code == 422
    assert "<title>有误：" in wrong.text
    right = probe.post("/probe/form", {"title": "长者食堂", "amount_fen": "5"})
    assert (right.status_code, right.headers["location"]) == (303, "/")
    assert '<div class="done" role="status">有误</div>' in probe.get("/").text
    assert 'class="done"' not in probe.get("/").text


def test_every_answer_carries_the_guards(probe: Browser) -> None:
    for path in ("/", "/nowhere", "/probe/crash", "/api/v1/probe/who", "/healthz"):
        headers = probe.get(path).headers
        csp = headers["content-security-policy"]
        assert "default-src 'self'" in csp
        assert "frame-ancestors 'none'" in csp
        assert "unsafe" not in csp
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "strict-transport-security" not in headers
    assert "HX-Request" in probe.get("/").headers["vary"]


def test_behind_tls_cookies_are_secure_and_the_browser_told_to_stay(open_browser: OpenBrowser, tmp_path: Path) -> None:
    browser = open_browser([Portal], Settings(home=tmp_path, secret_key=SECRET, behind_tls=True))
    headers = browser.get("/").headers
    assert headers["strict-transport-security"].startswith("max-age=31536000")
    assert "secure" in headers["set-cookie"].lower()


def test_no_page_holds_an_inline_style_or_script() -> None:
    guilty = [
        f"{path.name}:{number}"
        for path in Path("templates").rglob("*.html")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if " style=" in line or " onclick=" in line or ("<script" in line and "src=" not in line) or "<style" in line
    ]
    assert guilty == []


def test_a_request_is_stamped_when_it_arrives(probe: Browser, clock: ManualClock) -> None:
    assert probe.get("/probe/at").text == str(clock.now())


def test_the_log_names_routes_and_never_what_was_asked_for(probe: Browser) -> None:
    probe.get("/probe/number?count=13800000000")
    probe.get("/probe/refuse/stale")
    probe.get("/probe/quiet")
    lines = [event for event in probe.logged if event["event"] == "request"]
    assert [(line["route"], line["status"]) for line in lines] == [
        ("/probe/number", 200),
        ("/probe/refuse/{name}", 409),
    ]
    assert all(line["request_id"] and line["ms"] >= 0 for line in lines)
    assert "13800000000" not in str(probe.logged)
    figures = probe.get("/metrics").text
    assert 'marketplace_requests_total{method="GET",route="/probe/refuse/{name}",status="409"} 1.0' in figures
    assert "quiet" not in figures


def test_health_is_told_from_readiness(open_browser: OpenBrowser) -> None:
    answers = {"broker": True}
    browser = open_browser([Portal], probes={"broker": lambda: answers["broker"]})
    assert browser.get("/healthz").json() == {"status": "ok"}
    assert browser.get("/readyz").json() == {"database": True, "broker": True}
    answers["broker"] = False
    assert browser.get("/readyz").status_code == 503


def test_the_api_describes_itself_and_only_itself(probe: Browser) -> None:
    paths = probe.get("/schema/openapi.json").json()["paths"]
    assert paths
    assert all(path.startswith("/api/v1/") for path in paths)


def test_the_site_speaks_the_language_that_was_chosen(probe: Browser) -> None:
    assert '<html lang="zh-CN"' in probe.get("/").text
    assert '<html lang="en"' in probe.get("/", headers={"accept-language": "en"}).text
    chosen = probe.get("/language/en?next=/projects")
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/projects")
    assert "Begin here" in probe.get("/", headers={"accept-language": "zh-CN"}).text
    assert probe.get("/language/xx").status_code == 404


def test_static_files_are_kept_for_a_year_under_the_name_of_their_content(probe: Browser) -> None:
    page = probe.get("/").text
    address = page.split('rel="stylesheet" href="')[2].split('"')[0]
    answer = probe.get(address)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/css")
    assert probe.get(address.replace("/static/", "/static/x")).headers["cache-control"] == "no-store"
    assert probe.get("/static/x/../../settings.py").status_code == 404


def test_pages_of_a_signed_in_person_are_kept_by_nobody(probe: Browser) -> None:
    assert probe.get("/").headers["cache-control"] == "no-cache"
    probe.become(actor_of(Function.PROCURING_ENTITY), person="李经办", organization="示例区中心", todo=3)
    page = probe.get("/")
    assert page.headers["cache-control"] == "no-store"
    assert "李经办" in page.text
    assert "待办 3" in page.text
    assert 'action="/sign-out"' in probe.get("/nowhere").text


def test_the_demo_says_that_it_is_one_and_how_far_it_is_loaded(open_browser: OpenBrowser, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, secret_key=SECRET, demo=True)
    page = open_browser([Portal], settings, seeding=lambda: Seeding(12, 40)).get("/").text
    assert "演示环境" in page
    assert "12 / 40" in page


def test_a_person_is_offered_the_desks_of_their_posts() -> None:
    urls = {
        (Function.SUPPLIER, Role.CLERK): ["/org"],
        (Function.BUYER, Role.HEAD): ["/centre"],
        (Function.PROCURING_ENTITY, Role.CASHIER): ["/centre", "/finance"],
        (Function.SUPERVISOR, Role.AUDITOR): ["/supervision"],
        (Function.OPERATOR, Role.SYSTEM_ADMIN): ["/admin"],
        (Function.DONOR, Role.CLERK): [],
    }
    for (function, role), expected in urls.items():
        assert [desk.url for desk in Visitor(actor=actor_of(function, roles=[role])).desks] == expected
    assert {house.desk.url for house in HOUSES} == {"/", "/org", "/centre", "/finance", "/supervision", "/admin"}


def test_no_entry_of_the_navigation_leads_nowhere(browser_of_site: Browser) -> None:
    page = browser_of_site.get("/").text
    links = {part.split('"')[0] for part in page.split('href="/')[1:]}
    for link in links:
        if not link.startswith(("static/", "sign-in")):
            assert browser_of_site.get(f"/{link}").status_code < 500, link
            assert browser_of_site.logged[-1]["route"] != "unmatched", link


def test_the_application_refuses_to_start_without_its_assets(
    open_browser: OpenBrowser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(assets, "STAMP", tmp_path / "none")
    with pytest.raises(assets.AssetsMissing, match=r"python -m marketplace\.web\.assets"):
        open_browser([Portal], fresh=True)


def test_the_assets_lock_names_no_host() -> None:
    folder = Path(assets.__file__).parent
    for name in ("package-lock.json", "package.json", ".npmrc"):
        assert "://" not in (folder / name).read_text("utf-8")
