"""Corrections of substance as people meet them: written, compared, published, confirmed, and every edition readable."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from marketplace.db.base import Database
from marketplace.kit.actor import Actor
from marketplace.kit.clock import ManualClock
from marketplace.projects import commands, queries
from marketplace.projects.model import Project
from marketplace.projects.rules import ConditionPlan
from marketplace.projects.rules.amending import Proposal, standing
from marketplace.web.desk.todos import todos
from tests.bids.support import KEYS, World, a_bid, opened
from tests.bids.worlds import built, cheap_passphrases, shared_urls, world
from tests.projects.desk import typed_of
from tests.web.conftest import Browser

__all__ = ["built", "cheap_passphrases", "shared_urls", "world"]

REASON = "按答疑补充服务内容"
MORE = "每周另加一次入户。"


def desk(world: World, rest: str = "") -> str:
    return f"/centre/projects/{world.project_id}{rest}"


def clerk(world: World) -> Actor:
    return world.openers[bids_seat("centre")]


def bids_seat(name: str) -> Any:
    from marketplace.bids.sealing.keys import Seat

    return Seat(name)


def state(database: Database, world: World) -> Project:
    with database.read() as db:
        return db.get_one(Project, world.project_id)


def plan(database: Database, world: World) -> Any:
    with database.read() as db:
        return queries.plan_of(db, db.get_one(Project, world.project_id))


def proposed(database: Database, world: World, **changed: Any) -> Proposal:
    now = plan(database, world)
    return msgspec.structs.replace(standing(now, REASON), **({"requirement": f"{now.requirement}\n{MORE}"} | changed))


def propose(database: Database, world: World, now: datetime, **changed: Any) -> UUID:
    proposal = proposed(database, world, **changed)
    with database.write() as db:
        return commands.propose_amendment(db, clerk(world), world.project_id, proposal, now=now)


def correct(database: Database, world: World, now: datetime, **changed: Any) -> None:
    made = propose(database, world, now, **changed)
    with database.write() as db:
        commands.publish_amendment(db, world.head, made, now=now)


@pytest.fixture
def site(browser_of_site: Browser) -> Browser:
    return browser_of_site


def written(site: Browser, world: World, **changed: str) -> dict[str, Any]:
    """The form as a browser would send it, with the requirement, the ceiling and the reason changed."""
    typed = typed_of(site.get(desk(world, "/correction/write")))
    return typed | {"requirement": typed["requirement"] + "\n" + MORE, "reason": REASON} | changed


def test_a_clerk_previews_and_proposes_and_a_head_compares_and_publishes(
    site: Browser, world: World, database: Database, now: datetime
) -> None:
    site.become(clerk(world))
    assert "更正采购文件" in site.get(desk(world)).text
    form = site.get(desk(world, "/correction/write"))
    assert form.status_code == 200
    assert 'name="budget_fen"' not in form.text
    typed = written(site, world, people_count="80")
    preview = site.post(desk(world, "/correction/write"), typed | {"_do": "preview"})
    assert preview.status_code == 200, str(site.logged[-2:])[-3000:]
    assert re.search(r"<ins><span[^>]*>新增：</span>每周另加一次入户。</ins>", preview.text)
    assert re.search(r"<del><span[^>]*>原来：</span>60</del>", preview.text)
    assert "须在截止前再次确认或替换" in preview.text
    with database.read() as db:
        assert queries.proposal(db, clerk(world), world.project_id) is None
    again = typed_of(preview)
    assert again["people_count"] == "80"
    assert site.post(desk(world, "/correction/write"), again | {"_do": "propose"}).status_code == 303
    waits = site.get(desk(world, "/correction")).text
    assert "发布这份更正</button>" not in waits
    assert site.post(desk(world, "/correction/publish")).status_code == 403
    site.become(world.head)
    assert "查看等待发布的更正" in site.get(desk(world)).text
    waits = site.get(desk(world, "/correction"))
    assert re.search(r"<ins><span[^>]*>现在：</span>80</ins>", waits.text)
    seen = re.search(r'name="seen" value="([^"]+)"', waits.text)
    assert seen
    assert site.post(desk(world, "/correction/publish"), {"seen": seen[1]}).status_code == 303
    assert (state(database, world).edition, state(database, world).people_count) == (2, 80)
    assert "没有等待发布的更正" in site.get(desk(world, "/correction")).text
    assert site.post(desk(world, "/correction/publish"), {"seen": seen[1]}).status_code == 404


def test_a_head_drops_a_correction_with_a_reason(
    site: Browser, world: World, database: Database, now: datetime
) -> None:
    propose(database, world, now)
    site.become(world.head)
    bare = site.post(desk(world, "/correction/drop"), {"reason": ""})
    assert bare.status_code == 422
    assert "请填写「作废理由」" in bare.text
    assert site.post(desk(world, "/correction/drop"), {"reason": "内容有误"}).status_code == 303
    assert state(database, world).edition == 1


def test_what_was_written_anew_is_not_published_by_whoever_read_the_earlier_one(
    site: Browser, world: World, database: Database, now: datetime
) -> None:
    propose(database, world, now)
    site.become(world.head)
    waits = site.get(desk(world, "/correction")).text
    seen = re.findall(r'name="seen" value="([^"]+)"', waits)[0]
    site.become(clerk(world))
    typed = written(site, world)
    propose(database, world, now + timedelta(minutes=1), people_count=99)
    overtaken = site.post(desk(world, "/correction/write"), typed | {"_do": "propose"})
    assert overtaken.status_code == 422
    assert "刚被他人修改过" in overtaken.text
    assert MORE in overtaken.text
    site.become(world.head)
    late = site.post(desk(world, "/correction/publish"), {"seen": seen})
    assert late.status_code == 422
    assert "刚被他人修改过" in late.text
    assert site.post(desk(world, "/correction/publish"), {"seen": "gestern"}).status_code in {409, 422}
    assert state(database, world).edition == 1


def test_too_near_the_deadline_the_next_lawful_day_is_told_at_its_field_and_nothing_typed_is_lost(
    site: Browser, world: World, database: Database, clock: ManualClock
) -> None:
    site.become(clerk(world))
    typed = written(site, world)
    clock.set(world.due - timedelta(hours=2))
    near = site.post(desk(world, "/correction/write"), typed | {"_do": "preview"})
    assert near.status_code == 422
    assert re.search(r'id="bids_due_at-error"[^>]*>.*?现在更正，离响应截止太近', near.text, re.DOTALL)
    assert MORE in near.text
    wrong = site.post(desk(world, "/correction/write"), typed | {"ceiling_fen": "十万", "_do": "propose"})
    assert wrong.status_code == 422
    assert 'id="ceiling_fen-error"' in wrong.text
    assert "十万" in wrong.text
    clock.set(world.due + timedelta(seconds=1))
    late = site.get(desk(world, "/correction/write"))
    assert late.status_code == 409
    assert "更正采购文件" not in site.get(desk(world)).text


def test_a_file_is_taken_in_with_the_form_and_stays_with_the_edition_that_showed_it(
    site: Browser, world: World, database: Database, now: datetime
) -> None:
    site.become(clerk(world))
    files = {"new_file": ("补充说明.pdf", b"%PDF-1.7 one", "application/pdf")}
    first = site.post(desk(world, "/correction/write"), written(site, world), files=files)
    assert first.status_code == 200, first.text
    typed = typed_of(first)
    assert typed["files-0-title"] == "补充说明.pdf"
    wrong = {"new_file": ("程序.pdf", b"MZ no pdf", "application/pdf")}
    refused = site.post(desk(world, "/correction/write"), typed, files=wrong)
    assert refused.status_code == 422
    assert typed_of(refused)["files-0-title"] == "补充说明.pdf"
    assert site.post(desk(world, "/correction/write"), typed | {"_do": "propose"}).status_code == 303
    assert "补充说明.pdf" in site.get(desk(world, "/correction")).text
    site.become(world.head)
    site.post(desk(world, "/correction/publish"))
    (hung,) = site.api("GET", f"/api/v1/projects/{world.project_id}").json()["files"]
    address = f"/projects/{world.project_id}/files/{hung['id']}"
    site.become(clerk(world))
    typed = typed_of(site.post(desk(world, "/correction/write"), written(site, world), files=files))
    assert typed["files-0-replaces"] == ""
    site.post(desk(world, "/correction/write"), typed | {"files-0-replaces": hung["id"], "_do": "propose"})
    site.become(world.head)
    assert site.post(desk(world, "/correction/publish")).status_code == 303
    site.become(None)
    assert address not in site.get(f"/projects/{world.project_id}").text
    assert address in site.get(f"/projects/{world.project_id}?edition=2").text
    assert site.get(address).content == b"%PDF-1.7 one"


def test_the_head_is_told_what_waits_and_its_writer_what_was_overtaken(
    site: Browser, world: World, database: Database, now: datetime
) -> None:
    def titles(actor: Actor) -> list[str]:
        with database.read() as db:
            return [one.url for one in todos(db, actor, now=now) if "correction" in one.url]

    propose(database, world, now)
    assert titles(world.head) == [desk(world, "/correction")]
    assert titles(clerk(world)) == []
    assert titles(world.bidders[0]) == []
    with database.write() as db:
        commands.amend(db, world.head, world.project_id, moved(world), now=now)
    assert titles(world.head) == []
    assert titles(clerk(world)) == [desk(world, "/correction/write")]
    site.become(world.head)
    waits = site.get(desk(world, "/correction")).text
    assert "要先核对并重新提交" in waits
    assert "发布这份更正</button>" not in waits
    site.become(clerk(world))
    typed = typed_of(site.get(desk(world, "/correction/write")))
    assert site.post(desk(world, "/correction/write"), typed | {"_do": "propose"}).status_code == 303
    assert titles(world.head) == [desk(world, "/correction")]


def moved(world: World) -> Any:
    from marketplace.projects.schemas import Amendment

    later = timedelta(days=7)
    return Amendment(
        reason="截止顺延一周，其余不变",
        bids_due_at=world.due + later,
        opening_at=world.due + later,
        result_on=(world.due + later).date() + timedelta(days=3),
    )


def test_programs_write_preview_publish_and_drop_corrections(
    site: Browser, world: World, database: Database, now: datetime
) -> None:
    path = f"/api/v1/desk/projects/{world.project_id}/correction"
    body = msgspec.to_builtins(proposed(database, world), str_keys=True)
    site.become(clerk(world))
    assert site.api("GET", path).status_code == 404
    assert site.api("POST", f"{path}/preview", body).json()["must_confirm"] is True
    made = site.api("PUT", path, body)
    assert (made.status_code, made.json()["binds"]) == (200, True)
    refused = site.api("POST", f"{path}/publish")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")
    site.become(world.head)
    stale = site.api("POST", f"{path}/publish", params={"seen": (now - timedelta(1)).isoformat()})
    assert (stale.status_code, stale.json()["type"]) == (409, "/problems/stale")
    assert site.api("POST", f"{path}/drop", {"reason": "再议"}).status_code == 200
    site.become(clerk(world))
    site.api("PUT", path, body)
    site.become(world.head)
    assert site.api("POST", f"{path}/publish").status_code == 200
    site.become(None)
    lines = site.api("GET", f"/api/v1/projects/{world.project_id}/editions").json()
    assert [one["number"] for one in lines] == [1, 2]


def test_who_has_nothing_to_do_with_the_project_sees_no_correction(
    site: Browser, world: World, database: Database, now: datetime
) -> None:
    propose(database, world, now)
    site.become(world.bidders[0])
    for rest in ("/correction", "/correction/write"):
        assert site.get(desk(world, rest)).status_code == 404
    site.become(world.openers[bids_seat("supervisor")])
    assert site.get(desk(world, "/correction/write")).status_code in {403, 404}
    site.become(None)
    assert site.get(desk(world, "/correction")).status_code == 303


def test_every_edition_can_be_read_from_the_notice_that_overtook_it(
    site: Browser, world: World, database: Database, now: datetime
) -> None:
    address = f"/projects/{world.project_id}"
    assert "edition=" not in site.get(address).text
    correct(database, world, now, people_count=80)
    page = site.get(address).text
    assert f'href="{address}?edition=1"' in page
    earlier = site.get(f"{address}?edition=1")
    assert "这是第 1 版，已被更正。" in earlier.text
    assert "60 人" in earlier.text
    assert f'href="{address}"' in earlier.text
    assert "登录后报名" not in earlier.text
    assert "这是第" not in site.get(f"{address}?edition=2").text
    for none in ("3", "0", "x", "-1"):
        assert site.get(f"{address}?edition={none}").status_code == 404, none
    api = f"/api/v1{address}"
    assert [site.api("GET", f"{api}?edition={number}").json()["people_count"] for number in (1, 2)] == [60, 80]
    assert site.api("GET", f"{api}?edition=9").status_code == 404


def test_a_bidder_sees_what_was_corrected_and_confirms_with_one_button(
    site: Browser, world: World, database: Database, now: datetime
) -> None:
    who, page = world.bidders[0], f"/org/bids/{world.project_id}"
    with database.write() as db:
        a_bid(db, world, who, now)
    site.become(who)
    assert "请再次确认或替换" not in site.get(page).text
    early = site.post(f"{page}/confirm-again")
    assert early.status_code == 422
    assert "不用办理" in early.text
    correct(database, world, now, people_count=80)
    shown = site.get(page).text
    assert "采购文件已更正，请再次确认或替换" in shown
    assert re.search(r"<ins><span[^>]*>现在：</span>80</ins>", shown)
    assert "须再次确认" in site.get("/org/bids").text
    with database.read() as db:
        assert [one.url for one in todos(db, who, now=now, keys=KEYS) if one.url == page]
    done = site.post(f"{page}/confirm-again")
    assert (done.status_code, done.headers["location"]) == (303, f"{page}/receipts/2")
    assert "再次确认回执" in site.get(f"{page}/receipts/2").text
    assert "请再次确认或替换" not in site.get(page).text
    again = site.api("POST", f"/api/v1/projects/{world.project_id}/bid/confirmations")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/nothing_to_confirm")
    site.become(world.bidders[1])
    assert site.post(f"{page}/confirm-again").status_code == 404


def test_what_is_asked_anew_is_named_with_the_way_to_replace(
    site: Browser, world: World, database: Database, now: datetime
) -> None:
    who, page = world.bidders[0], f"/org/bids/{world.project_id}"
    with database.write() as db:
        a_bid(db, world, who, now)
    added = (*plan(database, world).conditions, ConditionPlan(content="带队人员有急救证"))
    correct(database, world, now, conditions=added)
    site.become(who)
    shown = site.get(page).text
    assert "只确认不够" in shown
    assert "带队人员有急救证" in shown
    assert "确认，原申报继续有效" not in shown
    refused = site.post(f"{page}/confirm-again")
    assert refused.status_code == 422
    assert "更正增加了必须回应的内容" in refused.text
    api = site.api("POST", f"/api/v1/projects/{world.project_id}/bid/confirmations")
    assert api.json()["type"] == "/problems/replace_instead"
    with database.write() as db:
        opened(db, world, world.opens)
    site.become(None)
    assert "另有 1 份在采购文件更正后没有再次确认" in site.get(f"/projects/{world.project_id}/opening").text


def asked(database: Database, world: World, now: datetime, content: str) -> UUID:
    with database.write() as db:
        return commands.ask_question(
            db, world.bidders[0], world.project_id, content, key=bytes.fromhex("5a" * 32), took_document=True, now=now
        )


def test_an_answer_is_corrected_on_its_page_and_both_stay_public(
    site: Browser, world: World, database: Database, now: datetime
) -> None:
    question = asked(database, world, now, "最多多少人？")
    with database.write() as db:
        commands.answer_question(db, clerk(world), question, "限 60 人。", now=now)
    path = f"/centre/questions/{question}/correct"
    site.become(clerk(world))
    assert site.get(path).status_code == 403
    site.become(world.head)
    assert path in site.get(desk(world)).text
    assert "限 60 人。" in site.get(path).text
    same = site.post(path, {"answer": "限 60 人。"})
    assert same.status_code == 422
    assert site.post(path, {"answer": "限 80 人。"}).status_code == 303
    assert site.get(path).status_code == 409
    site.become(None)
    shown = site.get(f"/projects/{world.project_id}").text
    assert "限 80 人。" in shown
    assert re.search(r"<del[^>]*><span[^>]*>原答复：</span>限 60 人。</del>", shown)


def test_programs_dismiss_extend_and_correct(site: Browser, world: World, database: Database, now: datetime) -> None:
    first, second = (asked(database, world, now, text) for text in ("与本项目有关吗？", "最多多少人？"))
    api = "/api/v1/desk/questions"
    site.become(world.head)
    assert site.api("POST", f"{api}/{first}/dismiss", {"reason": "与本项目无关"}).status_code == 200
    assert "bids_due_at" in site.api("POST", f"{api}/{second}/extend", {"answer": "限 60 人。"}).json()
    assert site.api("POST", f"{api}/{second}/correct", {"answer": "限 80 人。"}).status_code == 200
    again = site.api("POST", f"{api}/{second}/correct", {"answer": "限 90 人。"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/illegal_move")
