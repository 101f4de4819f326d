"""The pages of evaluations, walked by their roles: compose, declare, check, score, sign, decide, publish, read."""

from typing import Any

import pytest

from marketplace.bids.queries import opened_bids
from marketplace.db.base import Database
from marketplace.evaluation.model import Evaluation
from marketplace.evaluation.queries import award_of, evaluation
from marketplace.evaluation.queries.parts import members_of, quality, valid_bids
from marketplace.evaluation.rules.refusals import StillSealedResult
from marketplace.flows import publishing
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.clock import ManualClock
from marketplace.projects.queries import conditions
from marketplace.web import bids, desk, projects
from marketplace.web import evaluation as evaluation_pages
from tests.bids.support import World
from tests.bids.worlds import built, cheap_passphrases, shared_urls, world
from tests.evaluation.support import (
    OPINION,
    Jury,
    a_jury,
    check_all,
    checked,
    convened,
    decided,
    ids_of,
    open_all,
    reported,
    scored,
    state_of,
    submit,
    written,
)
from tests.web.conftest import Browser, OpenBrowser, actor_of

__all__ = ["built", "cheap_passphrases", "shared_urls", "world"]


@pytest.fixture
def opened(database: Database, world: World, clock: ManualClock) -> World:
    with database.write() as db:
        open_all(db, world, clock.now())
    clock.set(world.opens)
    return world


@pytest.fixture
def site(open_browser: OpenBrowser) -> Browser:
    """A browser on the pages that an evaluation touches."""
    return open_browser(routes=[*bids.ROUTES, *desk.ROUTES, *projects.ROUTES, *evaluation_pages.ROUTES])


def base(world: World) -> str:
    return f"/centre/evaluation/{world.project_id}"


def ok(answer: Any, *words: str) -> str:
    assert answer.status_code == 200, answer.text[:2000]
    for word in words:
        assert word in answer.text, word
    return str(answer.text)


def went(answer: Any, path: str) -> None:
    assert (answer.status_code, answer.headers.get("location")) == (303, path), answer.text[:3000]


def prepared(database: Database, world: World, way: Any, *more: Any) -> Jury:
    with database.write() as db:
        jury: Jury = way(db, world, world.opens, *more)
    return jury


def test_the_whole_way_on_pages(site: Browser, opened: World, database: Database) -> None:
    url = base(opened)
    with database.write() as db:
        jury = a_jury(db, opened, opened.opens)
    site.become(jury.composer)
    ok(site.get("/centre/evaluation"), "待组建评审小组", "等您办理")
    ok(site.get(url), "不少于 7 人", "单位做法")
    ok(site.get(f"{url}/panel"), "随机抽取专家人数")
    few = site.post(f"{url}/panel", {"representatives": [str(one) for one in ids_of(jury.members[:3])]})
    assert few.status_code == 422
    assert "评审小组现有 3 人" in few.text
    assert few.text.count("checked") == 3
    went(site.post(f"{url}/panel", {"representatives": [str(one) for one in ids_of(jury.members)]}), url)
    for member in jury.members:
        site.become(member)
        ok(site.get(f"{url}/declaration"), "示例社会工作服务中心1")
        went(site.post(f"{url}/declaration", {"recuse": "false", "reason": ""}), url)
    check_on_pages(site, opened, database, jury)
    for member in jury.members:
        score_on_pages(site, opened, database, member)
    site.become(jury.members[0])
    ok(site.get(f"{url}/report"), "各成员给分", "综合得分")
    went(site.post(f"{url}/report/opinion", {"opinion": OPINION}), f"{url}/report")
    with database.read() as db:
        digest = db.get_one(Evaluation, opened.project_id).report_digest
    for member in jury.members:
        site.become(member)
        assert digest in ok(site.get(f"{url}/report"))
        went(site.post(f"{url}/report/signature", {"digest": digest, "dissent": ""}), f"{url}/report")
    site.become(jury.head)
    ok(site.get(f"{url}/report"), "最迟确定结果", "确定排名第一的单位")
    went(site.post(f"{url}/report/decision"), f"{url}/report")
    site.become(jury.composer)
    went(site.post(f"{url}/report/publication"), f"{url}/report")
    site.become(None)
    page = ok(site.get(f"/projects/{opened.project_id}/result"), "成交金额", "30,000.00", "评审小组")
    assert "购买主体代表" in page
    assert "/org/bids/" not in page
    ok(site.get(f"/projects/{opened.project_id}"), "结果公告", "得分与评审成员")
    for bidder in opened.bidders:
        site.become(bidder)
        own = f"/org/bids/{opened.project_id}/result"
        ok(site.get(own), "贵单位的得分", "失分")
        assert own in site.get(f"/projects/{opened.project_id}/result").text


def check_on_pages(site: Browser, world: World, database: Database, jury: Jury) -> None:
    url = base(world)
    with database.read() as db:
        found, asked = opened_bids(db, world.project_id), conditions(db, world.project_id)
    site.become(jury.members[0])
    right = {f"met_{number}": "true" for number in range(len(asked))} | {"conforms": "true"}
    for bid in found:
        ok(site.get(f"{url}/checks/{bid.bid_id}"), "阅读全部响应文件")
        wrong = site.post(f"{url}/checks/{bid.bid_id}", right | {"met_0": "false", "reason_1": "写了一半的话"})
        assert wrong.status_code == 422
        assert "写了一半的话" in wrong.text
        assert 'href="#reason_0"' in wrong.text
        open_one = site.post(f"{url}/checks/{bid.bid_id}", {"met_0": "true"})
        assert open_one.status_code == 422
        went(site.post(f"{url}/checks/{bid.bid_id}", right), f"{url}/checks")
        ok(site.get(f"/openings/{world.project_id}/bids/{bid.bid_id}"), "服务方案")
    assert "记录人不能复核" in ok(site.get(f"{url}/checks"))
    assert site.post(f"{url}/checks/confirmation").status_code == 403
    site.become(jury.members[1])
    ok(site.get(f"{url}/checks"), "复核无误，确认结果")
    went(site.post(f"{url}/checks/confirmation"), url)


def score_on_pages(site: Browser, world: World, database: Database, member: Actor) -> None:
    url = base(world)
    with database.read() as db:
        valid, criteria = valid_bids(db, world.project_id), quality(db, world.project_id)
    best = min(range(len(valid)), key=lambda column: valid[column].price_fen)
    sheet: dict[str, str] = {}
    for row, one in enumerate(criteria):
        for column in range(len(valid)):
            sheet[f"points_{row}_{column}"] = str(one.steps[0 if column == best else 1].score_bp)
            sheet[f"reason_{row}_{column}"] = "方案与材料如所述"
    site.become(member)
    ok(site.get(f"{url}/scores"), "只看得到自己的评分")
    part = sheet | {"points_0_0": "", "reason_1_1": ""}
    went(site.post(f"{url}/scores", part | {"act": "draft"}), f"{url}/scores")
    short = site.post(f"{url}/scores", part | {"act": "submit"})
    assert short.status_code == 422
    assert 'href="#points_0_0"' in short.text
    assert 'href="#reason_1_1"' in short.text
    assert "方案与材料如所述" in short.text
    went(site.post(f"{url}/scores", sheet | {"act": "submit"}), url)
    ok(site.get(f"{url}/scores"), "已提交并锁定")


def test_a_member_sees_no_sheet_but_their_own(site: Browser, opened: World, database: Database) -> None:
    jury = prepared(database, opened, checked)
    with database.write() as db:
        submit(db, opened, jury.members[0])
    site.become(jury.members[1])
    for path in ("", "/scores"):
        assert "方案与材料如所述" not in ok(site.get(base(opened) + path))
    assert site.get(f"{base(opened)}/report").status_code == 404
    sheet = site.api("GET", f"/api/v1/projects/{opened.project_id}/evaluation/sheet")
    assert sheet.json() == {"scores": []}
    view = site.api("GET", f"/api/v1/projects/{opened.project_id}/evaluation").json()
    assert view["ranking"] == []


def test_scores_typed_while_the_project_was_cancelled_come_back_to_be_copied(
    site: Browser, opened: World, database: Database
) -> None:
    jury, url = prepared(database, opened, checked), base(opened)
    with database.write() as db:
        valid, criteria = valid_bids(db, opened.project_id), quality(db, opened.project_id)
        publishing.cancel(db, jury.head, opened.project_id, reason="预算调整", now=opened.opens)
    sheet = {"points_0_0": str(criteria[0].steps[0].score_bp), "reason_0_0": "方案有分阶段安排，应急预案齐全"}
    assert valid
    site.become(jury.members[0])
    for act in ("draft", "submit"):
        late = site.post(f"{url}/scores", sheet | {"act": act})
        assert late.status_code in (409, 422), late.text[:500]
        ok_words = ("您刚才填写的内容", "方案有分阶段安排，应急预案齐全</textarea>", "终止了项目")
        for text in ok_words:
            assert text in late.text, text


def test_a_sheet_locked_in_another_window_gives_the_words_typed_in_this_one_back(
    site: Browser, opened: World, database: Database
) -> None:
    jury, url = prepared(database, opened, checked), base(opened)
    with database.write() as db:
        submit(db, opened, jury.members[0])
    site.become(jury.members[0])
    late = site.post(f"{url}/scores", {"reason_0_0": "方案有分阶段安排，应急预案齐全", "act": "draft"})
    assert late.status_code == 422
    assert "您刚才填写的内容" in late.text
    assert "方案有分阶段安排，应急预案齐全</textarea>" in late.text


def test_who_has_nothing_to_do_with_it_finds_nothing(site: Browser, opened: World, database: Database) -> None:
    prepared(database, opened, convened)
    strangers = {
        actor_of(Function.BUYER, roles=[Role.HEAD]): 404,
        actor_of(Function.PROCURING_ENTITY, roles=[Role.EXPERT]): 404,
        opened.bidders[0]: 404,
        actor_of(Function.FINANCE_OFFICE, roles=[Role.ACCOUNTANT]): 404,
    }
    for actor, status in strangers.items():
        site.become(actor)
        for path in ("", "/panel", "/declaration", "/checks", "/scores", "/report"):
            assert site.get(base(opened) + path).status_code == status, (actor, path)
    site.become(opened.bidders[0])
    assert site.get("/centre/evaluation").status_code == 403
    assert site.get(f"/org/bids/{opened.project_id}/result").status_code == 404
    assert site.get(f"/projects/{opened.project_id}/result").status_code == 404
    site.become(actor_of(Function.SUPPLIER))
    assert site.get(f"/org/bids/{opened.project_id}/result").status_code == 404


def test_an_expert_reads_bids_only_after_declaring(site: Browser, opened: World, database: Database) -> None:
    with database.write() as db:
        from marketplace.evaluation import commands
        from marketplace.evaluation.schemas import Composition
        from marketplace.identity.queries import actor_of as known
        from tests.evaluation.support import NO_CONFLICT
        from tests.identity.town import a_person, an_organization

        pool = an_organization(db, Function.PROCURING_ENTITY, now=opened.opens, name="示例评审专家库")
        expert = known(db, a_person(db, pool, Role.EXPERT, now=opened.opens, login="expert"), pool)
        jury = a_jury(db, opened, opened.opens, 6)
        composition = Composition(representatives=ids_of(jury.members), experts=1)
        commands.appoint(db, jury.composer, opened.project_id, composition, now=opened.opens)
        bid = opened_bids(db, opened.project_id)[0]
    page = f"/openings/{opened.project_id}/bids/{bid.bid_id}"
    site.become(expert)
    assert site.get(page).status_code == 404
    ok(site.get(base(opened)), "声明是否回避")
    with database.write() as db:
        commands.declare(db, expert, opened.project_id, NO_CONFLICT, now=opened.opens)
    ok(site.get(page), "服务方案")
    ok(site.get("/centre/evaluation"), "回避声明中")


def test_who_was_refused_learns_why_at_once(site: Browser, opened: World, database: Database) -> None:
    from tests.evaluation.support import confirm

    jury = prepared(database, opened, convened)
    with database.write() as db:
        check_all(db, opened, jury, failing=1)
        last = opened_bids(db, opened.project_id)[-1].organization_id
        confirm(db, opened, jury)
    bidder = next(one for one in opened.bidders if one.organization_id == last)
    site.become(bidder)
    ok(site.get(f"/org/bids/{opened.project_id}/result"), "未通过审查", "没有提交登记证书")
    site.become(None)
    ok(site.get(f"/projects/{opened.project_id}"), "未成交")


def test_no_award_and_its_reason(site: Browser, opened: World, database: Database) -> None:
    jury = prepared(database, opened, reported)
    url = base(opened)
    site.become(jury.head)
    assert site.post(f"{url}/report/decline", {"reason": ""}).status_code == 422
    went(site.post(f"{url}/report/decline", {"reason": "采购任务取消"}), url)
    ok(site.get(url), "评审未产生结果", "采购任务取消")
    assert site.post(f"{url}/report/nothing").status_code == 404


def test_a_member_steps_back_and_the_desk_replaces(site: Browser, opened: World, database: Database) -> None:
    from tests.evaluation.support import composed

    jury = prepared(database, opened, composed)
    url = base(opened)
    site.become(jury.members[-1])
    silent = site.post(f"{url}/declaration", {"recuse": "true", "reason": ""})
    assert silent.status_code == 422
    assert "请写明回避的理由" in silent.text
    assert site.post(f"{url}/declaration", {}).status_code == 422
    went(site.post(f"{url}/declaration", {"recuse": "true", "reason": "曾任理事"}), "/centre/evaluation")
    site.become(jury.composer)
    ok(site.get(url), f"{url}/panel", "曾任理事")
    with database.read() as db:
        waiting = members_of(db, opened.project_id)[-2].id
    assert site.post(f"{url}/panel/{waiting}/dismissal", {"reason": ""}).status_code == 422
    went(site.post(f"{url}/panel/{waiting}/dismissal", {"reason": "出差"}), f"{url}/panel")


def test_each_sees_in_the_days_list_what_waits_for_them(site: Browser, opened: World, database: Database) -> None:

    def waits(actor: Actor, word: str) -> bool:
        site.become(actor)
        return word in site.get("/centre").text

    with database.write() as db:
        jury = a_jury(db, opened, opened.opens)
    assert waits(jury.composer, "请组建或补足")
    jury = prepared(database, opened, convened)
    assert waits(jury.members[2], "请审查")
    with database.write() as db:
        check_all(db, opened, jury)
    assert waits(jury.members[2], "请复核")
    assert not waits(jury.members[0], "请复核")


@pytest.mark.parametrize(
    ("way", "who", "word"),
    [
        (checked, "member", "请为"),
        (scored, "member", "请写"),
        (written, "member", "请签署"),
        (reported, "head", "请确定"),
        (decided, "composer", "请公告"),
    ],
)
def test_later_steps_wait_for_the_right_people(
    site: Browser, opened: World, database: Database, way: Any, who: str, word: str
) -> None:
    jury = prepared(database, opened, way)
    actor = {"member": jury.members[1], "head": jury.head, "composer": jury.composer}[who]
    site.become(actor)
    assert word in ok(site.get("/centre"))


def test_every_act_is_open_to_programs(site: Browser, opened: World, database: Database) -> None:
    api = f"/api/v1/projects/{opened.project_id}"
    with database.write() as db:
        jury = a_jury(db, opened, opened.opens)

    def call(actor: Actor, method: str, path: str, json: Any = None, status: int = 204) -> Any:
        site.become(actor)
        answer = site.api(method, f"{api}{path}", json)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.text else None

    people = [str(one) for one in ids_of(jury.members)]
    seats = call(jury.composer, "POST", "/evaluation/members", {"representatives": people}, 201)
    assert len(seats["member_ids"]) == 7
    gone = f"/evaluation/members/{seats['member_ids'][-1]}/dismissal"
    call(jury.composer, "POST", gone, {"reason": "联系不上"})
    with database.write() as db:
        from tests.evaluation.support import colleagues

        jury.members[-1:] = colleagues(db, opened, 1, opened.opens)
    call(jury.composer, "POST", "/evaluation/members", {"representatives": [str(ids_of(jury.members)[-1])]}, 201)
    for member in jury.members:
        call(member, "POST", "/evaluation/declaration", {"recuse": False})
    with database.read() as db:
        asked = [{"condition_id": str(one.id), "met": True} for one in conditions(db, opened.project_id)]
        ids = [str(bid.bid_id) for bid in opened_bids(db, opened.project_id)]
    for bid in ids:
        assert call(jury.members[0], "PUT", f"/evaluation/checks/{bid}", {"findings": asked}, 200) == {"passed": True}
    assert call(jury.members[1], "POST", "/evaluation/checks/confirmation", None, 200) == {"outcome": "enough"}
    with database.read() as db:
        scores = [
            {"bid_id": bid, "criterion_id": str(one.id), "points_bp": one.steps[0].score_bp, "reason": "如所述"}
            for bid in ids
            for one in quality(db, opened.project_id)
        ]
    call(jury.members[0], "PUT", "/evaluation/sheet", {"scores": scores[:1]})
    for member in jury.members:
        call(member, "POST", "/evaluation/sheet/submission", {"scores": scores})
    digest = call(jury.members[0], "PUT", "/evaluation/report", {"opinion": OPINION}, 200)["report_digest"]
    for member in jury.members:
        call(member, "POST", "/evaluation/report/signatures", {"digest": digest})
    assert call(jury.members[0], "GET", "/evaluation", None, 200)["ranking"][0]["total_bp"] == 10_000
    call(jury.members[0], "POST", "/award", None, 403)
    award = call(jury.head, "POST", "/award", None, 201)
    assert award["published_at"] is None
    early = site.api("GET", f"{api}/result")
    assert (early.status_code, early.json()["type"]) == (404, f"/problems/{StillSealedResult.code}")
    call(jury.composer, "POST", "/result", None, 201)
    assert call(opened.bidders[0], "GET", "/own-result", None, 200)["place"] in {1, 2, 3}
    assert len(call(opened.bidders[0], "GET", "/result", None, 200)["panel"]) == 7
    assert site.api("GET", "/api/v1/evaluations").status_code == 200
    with database.read() as db:
        assert state_of(db, opened) == ("awarded", "published")
        assert award_of(db, opened.project_id)
        assert evaluation(db, jury.head, opened.project_id).winner_name
