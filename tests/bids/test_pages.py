"""The wizard, the receipt, the opening and the API, as a browser and a program meet them."""

import re
import tempfile
from typing import Any

import pytest

from marketplace.bids import queries
from marketplace.bids.sealing.keys import Seat
from marketplace.db.base import Database
from marketplace.kit.actor import Function
from marketplace.kit.clock import ManualClock
from marketplace.settings import Settings
from marketplace.web.bids import ROUTES
from tests.bids.support import PASSPHRASES, PLAN_TEXT, SECOND, World
from tests.web.conftest import SECRET, Browser, OpenBrowser, actor_of


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    return Settings(home=tmp_path, secret_key=SECRET, upload_bytes_max=2**20)


@pytest.fixture
def site(open_browser: OpenBrowser, settings: Settings) -> Browser:
    return open_browser(routes=ROUTES, settings=settings)


def base(world: World) -> str:
    return f"/org/bids/{world.project_id}"


def upload(site: Browser, world: World, content: bytes, name: str = "资格证明.pdf", token: str | None = None) -> Any:
    site.client.get("/healthz")
    data = {"_csrf_token": site.client.cookies["csrf"] if token is None else token, "kind": "qualification"}
    files = {"file": (name, content and b"%PDF-1.7 " + content, "application/pdf")}
    return site.client.post(f"{base(world)}/files", data=data, files=files, follow_redirects=False)


def fill_in(site: Browser, world: World, database: Database) -> int:
    """Everything but the last page, as a person types it; returns how many pages it took."""
    price = {
        "version": "0", "cost_lines-0-name": "入户陪伴", "cost_lines-0-unit": "次", "cost_lines-0-quantity": "120.5",
        "cost_lines-0-unit_price_fen": "200.00", "cost_lines-1-name": "", "cost_lines-1-quantity": "",
    }  # fmt: skip
    page = site.post(f"{base(world)}/price", price)
    assert (page.status_code, page.headers["location"]) == (303, f"{base(world)}/plan"), page.text
    plan = {
        "approach": PLAN_TEXT, "schedule": "三月至十二月", "staff-0-name": "陈示例", "staff-0-post": "社工",
        "staff-0-qualification": "助理社会工作师", "staff-0-years": "5",
    }  # fmt: skip
    assert site.post(page.headers["location"], plan).headers["location"] == f"{base(world)}/answers"
    with database.read() as db:
        asked = queries.asked_of(db, world.project_id)
    answers = {f"criterion_{number}": "见服务方案" for number in range(len(asked.criteria))}
    answers |= {f"condition_{number}": "true" for number in range(len(asked.conditions))}
    assert site.post(f"{base(world)}/answers", answers).headers["location"] == f"{base(world)}/files"
    return 4


CONFIRM = {"contact_name": "陈示例", "contact_phone": "13800000000", "declared": "true"}


def hand_in(site: Browser, world: World) -> tuple[Any, str]:
    page = site.post(f"{base(world)}/confirm", CONFIRM)
    assert page.status_code == 200, page.text
    found = re.search(r"([A-Z2-7]{4}(?:-[A-Z2-7]{4}){5})", page.text)
    assert found, page.text
    return page, found[1]


def test_a_prepared_organization_hands_in_on_six_pages(
    site: Browser, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.become(world.bidders[0])
    assert site.post(f"{base(world)}/take").headers["location"] == base(world)
    for path in ("", "/price", "/plan", "/answers", "/files", "/confirm"):
        assert site.get(base(world) + path).status_code == 200, path
    pages = 1 + fill_in(site, world, database) + 1
    assert pages <= 6

    def no_spool(*_: Any, **__: Any) -> None:
        raise AssertionError("the file was spooled in the clear")

    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "SpooledTemporaryFile", no_spool)
        patched.setattr("litestar.datastructures.upload_file.SpooledTemporaryFile", no_spool)
        assert upload(site, world, b"secret certificate " * 20_000).status_code == 303
    listed = site.get(f"{base(world)}/files").text
    assert "资格证明.pdf" in listed
    link = re.search(rf'href="({base(world)}/files/[0-9a-f-]+)"', listed)
    assert link
    assert site.get(link[1]).content == b"%PDF-1.7 " + b"secret certificate " * 20_000
    page, code = hand_in(site, world)
    assert "data:text/plain" in page.text
    again = site.get(base(world))
    assert code not in again.text
    assert "已密封递交" in again.text
    receipt = site.get(f"{base(world)}/receipts/1/file")
    assert "SHA-256" in receipt.text
    assert code not in receipt.text
    assert site.get(f"{base(world)}/receipts/9").status_code == 404
    assert site.get("/org/bids").status_code == 200


def test_what_was_typed_wrong_comes_back_with_a_message(site: Browser, world: World) -> None:
    site.become(world.bidders[0])
    site.post(f"{base(world)}/take")
    wrong = {
        "cost_lines-0-name": "课时", "cost_lines-0-unit": "", "cost_lines-0-quantity": "1.234",
        "cost_lines-0-unit_price_fen": "十元",
    }  # fmt: skip
    page = site.post(f"{base(world)}/price", wrong)
    assert page.status_code == 422
    for typed in ("课时", "1.234", "十元"):
        assert typed in page.text
    english = site.post(f"{base(world)}/price", wrong, headers={"accept-language": "en"})
    assert "There is a problem" in english.text or "Fill in" in english.text
    more = site.post(f"{base(world)}/price", {**wrong, "_rows": "add:cost_lines"})
    assert more.status_code == 200
    assert "cost_lines-1-name" in more.text
    page = site.post(f"{base(world)}/confirm", {"contact_name": "陈", "contact_phone": "13800000000"})
    assert page.status_code == 422
    assert "请阅读并勾选声明" in page.text


def test_a_colleagues_change_in_between_is_told_and_nothing_typed_is_lost(
    site: Browser, world: World, database: Database
) -> None:
    site.become(world.bidders[0])
    site.post(f"{base(world)}/take")
    fill_in(site, world, database)
    page = site.post(f"{base(world)}/plan", {"version": "1", "approach": "另一个同事写的方案"})
    assert page.status_code == 422
    assert "另一个同事写的方案" in page.text
    fresh = re.search(r'name="version" value="(\d+)"', page.text)
    assert fresh
    assert site.post(f"{base(world)}/plan", {"version": fresh[1], "approach": "另一个同事写的方案"}).status_code == 303


def test_replacing_with_the_code_and_withdrawing(site: Browser, world: World, database: Database) -> None:
    site.become(world.bidders[0])
    site.post(f"{base(world)}/take")
    fill_in(site, world, database)
    _, code = hand_in(site, world)
    wrong = site.post(f"{base(world)}/reopen", {"code": "AAAA"})
    assert wrong.status_code == 422
    assert "修改码不正确" in wrong.text
    assert site.post(f"{base(world)}/reopen", {"code": code.lower()}).status_code == 303
    page, other = hand_in(site, world)
    assert other != code
    assert "第 2 次" in page.text
    assert site.get(f"{base(world)}/withdraw").status_code == 200
    assert site.post(f"{base(world)}/withdraw").headers["location"] == f"{base(world)}/receipts/3"
    assert site.post(f"{base(world)}/withdraw").status_code == 422
    assert site.get(f"{base(world)}/start-over").status_code == 200
    assert site.post(f"{base(world)}/start-over").status_code == 303


def test_another_organizations_bid_is_not_found_and_staff_are_told_why(site: Browser, world: World) -> None:
    site.become(world.bidders[0])
    site.post(f"{base(world)}/take")
    site.become(world.bidders[1])
    assert site.get(base(world)).status_code == 404
    site.become(world.openers[Seat.CENTRE])
    assert site.get(base(world)).status_code == 403
    assert site.get("/org/bids").status_code == 403
    site.become(None)
    assert site.get(base(world)).headers["location"].startswith("/sign-in")


def test_a_late_act_is_refused_on_every_page(
    site: Browser, world: World, database: Database, clock: ManualClock
) -> None:
    site.become(world.bidders[0])
    site.post(f"{base(world)}/take")
    fill_in(site, world, database)
    clock.set(world.due + SECOND / 1000)
    assert "截止" in site.get(base(world)).text
    for path, form in (("/confirm", CONFIRM), ("/price", {"cost_lines-0-name": ""}), ("/withdraw", {})):
        page = site.post(base(world) + path, form)
        assert page.status_code == 422
        assert "截止时间已过" in page.text, path
    late = upload(site, world, b"late")
    assert late.status_code == 422
    assert "截止时间已过" in late.text


def test_an_upload_without_token_too_large_or_broken_off_is_refused(site: Browser, world: World) -> None:
    site.become(world.bidders[0])
    site.post(f"{base(world)}/take")
    assert upload(site, world, b"x", token="forged").status_code == 403
    large = upload(site, world, bytes(2**20 + 1))
    assert large.status_code == 422
    assert "1 MB" in large.text
    assert upload(site, world, b"").status_code == 422
    broken = site.client.post(
        f"{base(world)}/files", content=b"--b\r\nContent-Disposition: form-data; na",
        headers={"content-type": "multipart/form-data; boundary=b"}, follow_redirects=False,
    )  # fmt: skip
    assert broken.status_code in (403, 422)


def test_neither_log_nor_metrics_tell_that_somebody_bids(site: Browser, world: World, database: Database) -> None:
    site.become(world.bidders[0])
    site.post(f"{base(world)}/take")
    fill_in(site, world, database)
    hand_in(site, world)
    assert not [line for line in site.logged if "bids" in str(line)]
    assert "/org/bids" not in site.get("/metrics").text


def test_openers_set_passphrases_and_open_in_two_steps(
    site: Browser, world: World, database: Database, clock: ManualClock
) -> None:
    site.become(world.bidders[0])
    site.post(f"{base(world)}/take")
    fill_in(site, world, database)
    upload(site, world, b"the certificate itself")
    hand_in(site, world)
    public = f"/projects/{world.project_id}/opening"
    box = f"/openings/{world.project_id}"
    assert site.get(public).status_code == 404
    assert site.get(box).status_code == 404
    site.become(world.openers[Seat.CENTRE])
    assert "密封中" in site.get("/openings").text
    early = site.post(box, {"passphrase": PASSPHRASES[Seat.CENTRE]})
    assert early.status_code == 422
    clock.set(world.opens)
    wrong = site.post(box, {"passphrase": "一句错误的口令"})
    assert wrong.status_code == 422
    assert "一句错误的口令" not in wrong.text
    assert site.post(box, {"passphrase": PASSPHRASES[Seat.CENTRE]}).status_code == 303
    assert "等另一位开启人" in site.get("/openings").text
    assert "同" in site.post(box, {"passphrase": PASSPHRASES[Seat.CENTRE]}).text
    assert site.get(public).status_code == 404
    site.become(world.openers[Seat.SUPERVISOR])
    assert site.get(box).status_code == 200
    assert site.post(box, {"passphrase": PASSPHRASES[Seat.SUPERVISOR]}).status_code == 303
    assert site.get(box).headers["location"] == public
    site.become(None)
    listed = site.get(public)
    assert "24,100.00" in listed.text
    with database.read() as db:
        (bid,) = queries.opened_bids(db, world.project_id)
    shown = f"/openings/{world.project_id}/bids/{bid.bid_id}"
    for who, status in ((world.openers[Seat.BUYER], 200), (world.bidders[0], 200), (world.bidders[1], 404)):
        site.become(who)
        assert site.get(shown).status_code == status
    site.become(world.openers[Seat.BUYER])
    assert PLAN_TEXT in site.get(shown).text
    file = f"{shown}/files/{bid.content.files[0].id}"
    assert site.get(file).content == b"%PDF-1.7 the certificate itself"
    site.become(actor_of(Function.BUYER))
    assert site.get(file).status_code == 404


def test_a_passphrase_is_set_typed_twice(site: Browser, world: World) -> None:
    site.become(world.openers[Seat.BUYER])
    page = site.post("/openings/key", {"passphrase": "一句很长的新口令吧", "repeated_passphrase": "另一句"})
    assert page.status_code == 422
    assert "不一致" in page.text
    short = {"passphrase": "短", "repeated_passphrase": "短"}
    assert site.post("/openings/key", short).status_code == 422
    good = {"passphrase": "一句很长很长的新口令", "repeated_passphrase": "一句很长很长的新口令"}
    assert site.post("/openings/key", good).status_code == 303
    assert site.get("/openings/key").status_code == 200
    site.become(world.bidders[0])
    assert site.get("/openings").status_code == 403


def test_the_page_about_the_seal_says_what_it_cannot_hide(site: Browser) -> None:
    page = site.get("/help/sealed-bids")
    assert page.status_code == 200
    assert "份数的上限" in page.text
    assert "bounds the number of bids" in site.get("/help/sealed-bids", headers={"accept-language": "en"}).text


def test_programs_do_the_same_through_the_api(
    site: Browser, world: World, database: Database, clock: ManualClock
) -> None:
    api = f"/api/v1/projects/{world.project_id}"
    site.become(world.bidders[0])
    assert site.api("GET", f"{api}/bid").status_code == 404
    assert site.api("POST", f"{api}/document-taking").status_code == 201
    asked = site.api("GET", f"{api}/bid-requirements").json()
    change: dict[str, Any] = {
        "cost_lines": [{"name": "陪伴", "unit": "次", "quantity_hundredths": 10000, "unit_price_fen": 20000}],
        "plan": {"approach": PLAN_TEXT, "schedule": "三月"},
        "staff": [{"name": "陈示例", "post": "社工"}],
        "criteria": {one["id"]: {"text": "见方案"} for one in asked["criteria"]},
        "conditions": {one["id"]: {"met": True} for one in asked["conditions"]},
        "contact": {"name": "陈示例", "phone": "13800000000"},
        "declared": True,
    }
    saved = site.api("PATCH", f"{api}/bid", change)
    assert saved.status_code == 200, saved.text
    assert saved.json()["price_fen"] == 2_000_000
    stale = site.api("PATCH", f"{api}/bid", {"declared": True}, headers={"if-match": '"1"'})
    assert stale.status_code == 409
    fresh = site.api("PATCH", f"{api}/bid", {"declared": True}, headers={"if-match": saved.headers["etag"]})
    assert fresh.status_code == 200
    added = site.api("POST", f"{api}/bid/files?name=a.pdf&kind=plan", content=b"%PDF-1.7 bytes of a plan")
    assert added.status_code == 201, added.text
    assert [file["name"] for file in added.json()["files"]] == ["a.pdf"]
    sealed = site.api("POST", f"{api}/bid/submissions")
    assert sealed.status_code == 201, sealed.text
    code = sealed.json()["editing_code"]
    assert site.api("GET", f"{api}/bid").json()["draft"] is None
    assert site.api("POST", f"{api}/bid/reopening", {"code": code}).status_code == 200
    file_id = added.json()["files"][0]["id"]
    assert site.api("DELETE", f"{api}/bid/files/{file_id}").json()["files"] == []
    assert site.api("POST", f"{api}/bid/submissions").json()["receipt"]["entry"] == 2
    assert site.api("POST", f"{api}/bid/withdrawals").json()["withdrawal"] is True
    assert site.api("POST", f"{api}/bid/fresh-draft").json()["price_fen"] == 0
    site.api("PATCH", f"{api}/bid", change)
    assert site.api("POST", f"{api}/bid/submissions").status_code == 201
    assert site.api("GET", f"{api}/opening").status_code == 404
    assert site.api("GET", f"{api}/seal").json()["state"] == "sealed_box"
    clock.set(world.due + SECOND / 1000)
    refused = site.api("POST", f"{api}/bid/withdrawals")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/bid_too_late")
    clock.set(world.opens)
    for seat in (Seat.BUYER, Seat.SUPERVISOR):
        site.become(world.openers[seat])
        assert site.api("POST", f"{api}/opening", {"passphrase": PASSPHRASES[seat]}).status_code == 200
    assert site.api("GET", f"{api}/opening").json()["rows"][0]["price_fen"] == 2_000_000
