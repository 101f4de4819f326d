"""The pages and the JSON of delivery, as supplier, clerk, acceptor and strangers meet them."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from marketplace.contracts import commands
from marketplace.contracts.model import Milestone, MilestoneEvidence, MilestoneReport
from marketplace.contracts.schemas import Confirm, SendBack
from marketplace.contracts.states import EvidenceKind, MilestoneState
from marketplace.db.base import Database
from marketplace.identity.model import Person
from marketplace.kit.actor import Actor
from marketplace.kit.clock import ManualClock
from marketplace.web import desk
from marketplace.web.milestones import ROUTES
from tests.milestones.steps import TEXT, a_report, accepted, reported, returned, verified
from tests.milestones.worlds import SIGNED, Delivery
from tests.web.conftest import Browser, OpenBrowser

NOW = SIGNED + timedelta(days=30)
PHOTO = b"\xff\xd8\xff\xe0 an invented photo"


@pytest.fixture
def site(open_browser: OpenBrowser, clock: ManualClock) -> Browser:
    clock.set(NOW)
    return open_browser(routes=[*ROUTES, *desk.ROUTES])


def send(site: Browser, path: str, data: dict[str, Any], files: list[Any] | None = None) -> Any:
    site.client.get("/healthz")
    form = {"_csrf_token": site.client.cookies["csrf"], **data}
    return site.client.post(path, data=form, files=files or [], follow_redirects=False)


def state_of(database: Database, milestone_id: UUID) -> MilestoneState:
    with database.read() as db:
        return db.get_one(Milestone, milestone_id).state


def written(**given: str) -> dict[str, str]:
    return {
        "attempt": "1", "version": "0", "content": TEXT, "people_served": "60", "sessions": "24", "hours": "72.5",
        **given,
    }  # fmt: skip


def test_a_milestone_is_proved_from_a_phone_in_two_pages(site: Browser, delivery: Delivery, database: Database) -> None:
    site.become(delivery.supplier_clerk)
    listed = site.get("/org/milestones")
    assert "暑期托管开班" in listed.text
    path = f"/org/milestones/{delivery.milestones[1]}"
    page = site.get(path)
    assert 'accept="image/*" capture="environment"' in page.text
    assert "签到表" in page.text
    files = [
        ("camera-0", ("IMG_1.jpg", PHOTO, "image/jpeg")),
        ("file-1", ("签到表.pdf", b"%PDF-1.7 sheet", "application/pdf")),
        ("file-other", ("说明.docx", b"PK\x03\x04 text", "application/octet-stream")),
    ]
    answer = send(site, path, written(act="submit"), files)
    assert (answer.status_code, answer.headers.get("location")) == (303, path), answer.text
    assert state_of(database, delivery.milestones[1]) is MilestoneState.REPORTED
    with database.read() as db:
        kept = {(one.kind, one.item) for one in db.scalars(select(MilestoneEvidence))}
    assert kept == {(EvidenceKind.PHOTO, 0), (EvidenceKind.SIGN_IN_SHEET, 1), (EvidenceKind.OTHER, None)}
    assert send(site, path, written(act="submit")).status_code == 303
    seen = site.get(path).text
    assert "第 1 次提交" in seen
    link = re.search(rf'href="({path}/files/[0-9a-f-]+)"', seen)
    assert link
    assert site.get(link[1]).content in {PHOTO, b"sheet", b"text"}


def test_what_a_report_lacks_stands_at_its_place_and_nothing_is_lost(
    site: Browser, delivery: Delivery, database: Database
) -> None:
    site.become(delivery.supplier_clerk)
    path = f"/org/milestones/{delivery.milestones[1]}"
    files = [("camera-0", ("IMG_1.jpg", PHOTO, "image/jpeg")), ("file-1", ("空.pdf", b"", "application/pdf"))]
    answer = send(site, path, written(act="submit", people_served="", content="开班"), files)
    assert answer.status_code == 422
    for text in ("开班", "IMG_1.jpg", "24", "72.5", "文件是空的"):
        assert text in answer.text, text
    with database.read() as db:
        draft = db.scalars(select(MilestoneReport)).one()
    assert (draft.content, draft.sessions, draft.submitted_at) == ("开班", 24, None)
    answer = send(site, path, written(act="submit", people_served="", content="开班", version=str(draft.version)))
    assert answer.status_code == 422
    assert 'id="ticked-1-error"' in answer.text
    assert "请填写服务人数" in answer.text
    assert 'href="#ticked-1"' in answer.text
    wrong = send(site, path, written(act="save", people_served="许多", version=str(draft.version)))
    assert wrong.status_code == 422
    assert "许多" in wrong.text
    english = site.client.post(
        path, data={"_csrf_token": site.client.cookies["csrf"], **written(act="submit", people_served="many")},
        headers={"accept-language": "en"}, follow_redirects=False,
    )  # fmt: skip
    assert "There is a problem" in english.text or "need" in english.text
    saved = send(site, path, written(act="save", content="开班了，先存着", version=str(draft.version)))
    assert saved.status_code == 303
    assert "开班了，先存着" in site.get(path).text


def test_a_colleague_who_wrote_meanwhile_is_not_overwritten(
    site: Browser, delivery: Delivery, database: Database
) -> None:
    path = f"/org/milestones/{delivery.milestones[1]}"
    site.become(delivery.supplier_clerk)
    send(site, path, written(act="save"))
    site.become(delivery.supplier_head)
    send(site, path, written(act="save", version="2", sessions="30"))
    site.become(delivery.supplier_clerk)
    answer = send(site, path, written(act="save", version="2", sessions="31"))
    assert answer.status_code == 422
    assert "刚被他人修改过" in answer.text
    assert 'value="31"' in answer.text
    assert send(site, path, written(act="save", version="3", sessions="31")).status_code == 303


def test_a_file_is_taken_off_the_draft(site: Browser, delivery: Delivery, database: Database) -> None:
    path = f"/org/milestones/{delivery.milestones[1]}"
    site.become(delivery.supplier_clerk)
    send(site, path, written(act="save"), [("camera-0", ("IMG_1.jpg", PHOTO, "image/jpeg"))])
    form = re.search(rf'action="({path}/files/[0-9a-f-]+/remove)"', site.get(path).text)
    assert form
    assert site.post(form[1]).status_code == 303
    assert "IMG_1.jpg" not in site.get(path).text


def test_a_clerk_sees_all_side_by_side_and_sends_it_back(
    site: Browser, delivery: Delivery, database: Database, tmp_path: Path
) -> None:
    with database.write() as db:
        milestone_id = reported(db, tmp_path / "documents", delivery, NOW)
    site.become(delivery.verifier)
    assert "暑期托管开班" in site.get("/centre/acceptance").text
    path = f"/centre/acceptance/{milestone_id}"
    page = site.get(path).text
    for text in ("合同约定", "承接主体的报告", "材料", TEXT, "两个托管点", "核验通过", "退回整改", "IMG_0001.jpg"):
        assert text in page, text
    assert "验收结论" not in page
    wrong = site.post(f"{path}/return", {"attempt": "1", "reason": "缺第二周", "mend_by": "2026-06-01"})
    assert wrong.status_code == 422
    assert "缺第二周" in wrong.text
    assert "整改期限应晚于今天" in wrong.text
    assert site.post(f"{path}/return", {"attempt": "1", "reason": "", "mend_by": ""}).status_code == 422
    back = site.post(f"{path}/return", {"attempt": "1", "reason": "缺第二周", "mend_by": "2026-06-20"})
    assert back.status_code == 303
    site.become(delivery.supplier_clerk)
    mended = site.get(f"/org/milestones/{milestone_id}").text
    assert "需要整改" in mended
    assert "缺第二周" in mended


def test_verified_by_one_and_accepted_by_another(
    site: Browser, delivery: Delivery, database: Database, tmp_path: Path
) -> None:
    with database.write() as db:
        milestone_id = reported(db, tmp_path / "documents", delivery, NOW)
    path = f"/centre/acceptance/{milestone_id}"
    site.become(delivery.verifier)
    assert site.post(f"{path}/verify", {"attempt": "x"}).status_code == 422
    assert site.post(f"{path}/verify", {"attempt": "1", "note": "现场看过"}).status_code == 303
    assert site.post(f"{path}/verify", {"attempt": "1"}).status_code == 422
    assert "不能再办理「验收里程碑」" in site.get(path).text
    barred = site.post(f"{path}/accept", accepting())
    assert barred.status_code == 403
    assert "请由另一位同事办理" in barred.text
    site.become(delivery.acceptor)
    typed = accepting(decision="part", opinion="家长满意", asked="20", satisfied="30")
    wrong = site.post(f"{path}/accept", typed)
    assert wrong.status_code == 422
    for text in ("家长满意", "请填写通过的比例"):
        assert text in wrong.text, text
    wrong = site.post(f"{path}/accept", typed | {"share_bp": "80"})
    assert wrong.status_code == 422
    for text in ("不能多于询问的人数", "请写明哪些没有达到合同要求"):
        assert text in wrong.text, text
    contradicts = typed | {"decision": "all", "share_bp": "50", "satisfied": "19"}
    wrong = site.post(f"{path}/accept", contradicts)
    assert wrong.status_code == 422
    assert "比例只在部分通过时填写" in wrong.text
    right = typed | {"share_bp": "80", "satisfied": "19", "reason": "第二点晚开班"}
    assert site.post(f"{path}/accept", right).status_code == 303
    shown = site.get(path).text
    assert "10,666.66" in shown
    assert "询问 20 人，满意 19 人" in shown
    assert state_of(database, milestone_id) is MilestoneState.PARTLY_ACCEPTED
    again = site.post(f"{path}/accept", right)
    assert again.status_code == 422
    assert "部分通过" in again.text


def accepting(**given: str) -> dict[str, str]:
    return {
        "attempt": "1", "decision": "all", "share_bp": "", "asked": "20", "satisfied": "19", "opinion": "很满意",
        "reason": "", **given,
    }  # fmt: skip


def test_who_has_nothing_to_do_with_it_finds_nothing(
    site: Browser, delivery: Delivery, database: Database, tmp_path: Path
) -> None:
    with database.write() as db:
        milestone_id = reported(db, tmp_path / "documents", delivery, NOW)
        file_id = db.scalars(select(MilestoneEvidence.id).limit(1)).one()
    paths = (
        f"/org/milestones/{milestone_id}", f"/centre/acceptance/{milestone_id}",
        f"/org/milestones/{milestone_id}/files/{file_id}", f"/centre/acceptance/{milestone_id}/files/{file_id}",
        f"/api/v1/milestones/{milestone_id}", f"/api/v1/milestones/{milestone_id}/files/{file_id}",
    )  # fmt: skip
    for reader in (delivery.stranger, delivery.other_supplier):
        site.become(reader)
        assert [site.get(path).status_code for path in paths] == [404] * 6
    site.become(None)
    assert all(site.get(path).status_code in {303, 401} for path in paths)
    site.become(delivery.auditor)
    assert [site.get(path).status_code for path in paths] == [404, *[200] * 5]
    site.become(delivery.auditor)
    assert site.post(f"/centre/acceptance/{milestone_id}/verify", {"attempt": "1"}).status_code in {403, 404}
    site.become(delivery.supplier_clerk)
    assert site.post(f"/centre/acceptance/{milestone_id}/verify", {"attempt": "1"}).status_code == 403
    assert site.get("/centre/acceptance").status_code == 403
    assert site.get(f"/centre/acceptance/{milestone_id}").status_code == 404
    assert site.client.post(f"/centre/acceptance/{milestone_id}/verify", data={"attempt": "1"}).status_code == 403


def test_every_state_has_its_pages(site: Browser, delivery: Delivery, database: Database, tmp_path: Path) -> None:
    def look(who: Actor, path: str) -> str:
        site.become(who)
        answer = site.get(path)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    folder = tmp_path / "documents"
    org, centre = (f"{base}/{delivery.milestones[1]}" for base in ("/org/milestones", "/centre/acceptance"))
    assert "还没有提交" in look(delivery.verifier, centre)
    with database.write() as db:
        returned(db, folder, delivery, NOW)
    assert "待整改" in look(delivery.verifier, centre)
    assert "IMG_0001.jpg" in look(delivery.supplier_clerk, org)
    with database.write() as db:
        accepted(db, folder, delivery, NOW, which=2)
    last = delivery.milestones[2]
    assert "验收通过" in look(delivery.supplier_clerk, f"/org/milestones/{last}")
    assert "验收通过" in look(delivery.acceptor, f"/centre/acceptance/{last}")
    assert "逾期" not in look(delivery.supplier_clerk, "/org/milestones")
    assert "等待承接主体提交" in look(delivery.acceptor, "/centre/acceptance")


def test_late_is_told_with_its_days(site: Browser, delivery: Delivery, clock: ManualClock) -> None:
    clock.set(SIGNED.replace(month=8, day=3))
    site.become(delivery.supplier_clerk)
    assert "逾期 3 天" in site.get("/org/milestones").text
    site.become(delivery.acceptor)
    assert "逾期 3 天" in site.get("/centre/acceptance").text


def test_a_program_does_the_same_by_json(site: Browser, delivery: Delivery, database: Database, tmp_path: Path) -> None:
    base = f"/api/v1/milestones/{delivery.milestones[1]}"
    site.become(delivery.supplier_clerk)
    assert len(site.api("GET", "/api/v1/milestones").json()) == 3
    content = {"attempt": 1, "version": 0, "content": TEXT, "people_served": 60, "hours": "72.5"}
    assert site.api("PUT", f"{base}/report", content).json() == {"version": 2}
    headers = {"x-csrftoken": site.client.cookies["csrf"]}
    for item in (0, 1):
        made = site.client.post(
            f"{base}/files?kind=photo&item={item}", files={"data": ("IMG.jpg", PHOTO, "image/jpeg")}, headers=headers
        )
        assert made.status_code == 201, made.text
    extra = site.client.post(
        f"{base}/files?kind=other", files={"data": ("x.pdf", b"%PDF-1.7 x", "application/pdf")}, headers=headers
    ).json()["id"]
    assert site.api("DELETE", f"{base}/files/{extra}").status_code == 204
    refused = site.api("POST", f"{base}/report", content | {"version": 1, "people_served": None})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/stale")
    assert site.api("POST", f"{base}/report", content | {"version": 2}).status_code == 201
    assert site.api("POST", f"{base}/report", content | {"version": 2}).status_code == 201
    site.become(delivery.verifier)
    assert len(site.api("GET", "/api/v1/milestones").json()) == 2
    found = site.api("GET", base).json()
    assert [one["attempt"] for one in found["reports"]] == [1]
    file = found["reports"][0]["files"][0]
    assert site.get(f"{base}/files/{file['id']}").content == PHOTO
    day = (NOW + timedelta(days=9)).date().isoformat()
    assert site.api("POST", f"{base}/return", {"attempt": 1, "reason": "请补", "mend_by": day}).status_code == 204
    site.become(delivery.supplier_clerk)
    assert site.api("POST", f"{base}/report", content | {"attempt": 2}).status_code == 201
    site.become(delivery.verifier)
    assert site.api("POST", f"{base}/verification", {"attempt": 2}).status_code == 204
    site.become(delivery.acceptor)
    decision = {"attempt": 2, "share_bp": 10_000, "asked": 20, "satisfied": 20, "opinion": "满意"}
    assert site.api("POST", f"{base}/acceptance", decision).json()["amount_fen"] == 1_333_333
    site.become(None)
    public = site.api("GET", f"/api/v1/projects/{delivery.project_id}/milestones").json()
    assert [one["state"] for one in public] == ["accepted", "accepted", "scheduled"]
    assert "opinion" not in public[1]


def test_the_desk_and_the_day_list_lead_here(
    site: Browser, delivery: Delivery, database: Database, tmp_path: Path
) -> None:
    with database.write() as db:
        milestone_id = verified(db, tmp_path / "documents", delivery, NOW)
    site.become(delivery.acceptor)
    assert f"/centre/acceptance/{milestone_id}" in site.get("/centre").text


def test_words_typed_while_a_colleague_was_faster_come_back_to_be_copied(
    site: Browser, delivery: Delivery, database: Database, tmp_path: Path
) -> None:
    with database.write() as db:
        milestone_id = reported(db, tmp_path / "documents", delivery, NOW)
        commands.verify(db, delivery.second_acceptor, milestone_id, Confirm(attempt=1), now=NOW)
    path = f"/centre/acceptance/{milestone_id}"
    site.become(delivery.verifier)
    late = site.post(f"{path}/verify", {"attempt": "1", "note": "现场看过两次<b>"})
    assert late.status_code == 422
    for text in ("您刚才填写的内容", "现场看过两次&lt;b&gt;</textarea>", "已于 2026-06-05 10:00 核验了里程碑"):
        assert text in late.text, text
    assert person_name(database, delivery.second_acceptor) in late.text, "a colleague is named"
    with database.write() as db:
        back = SendBack(attempt=1, reason="签到表缺第二周", mend_by=date(2026, 8, 20))
        commands.send_back(db, delivery.acceptor, milestone_id, back, now=NOW + timedelta(minutes=5))
    typed = accepting(opinion="家长满意，希望延长时间", reason="第二点晚开班")
    late = site.post(f"{path}/accept", typed)
    for text in ("家长满意，希望延长时间</textarea>", "第二点晚开班</textarea>", "已于 2026-06-05 10:05 退回了里程碑"):
        assert text in late.text, text
    assert person_name(database, delivery.acceptor) not in late.text.partition("退回了里程碑")[0].rpartition("<div")[2]


def test_words_typed_by_somebody_who_may_not_are_shown_on_the_page_of_the_refusal(
    site: Browser, delivery: Delivery, database: Database, tmp_path: Path
) -> None:
    with database.write() as db:
        milestone_id = verified(db, tmp_path / "documents", delivery, NOW)
    site.become(delivery.verifier)
    refused = site.post(f"/centre/acceptance/{milestone_id}/accept", accepting(opinion="家长满意，希望延长时间"))
    assert refused.status_code == 403
    assert "家长满意，希望延长时间</textarea>" in refused.text
    assert "_csrf_token</" not in refused.text


def person_name(database: Database, actor: Actor) -> str:
    with database.read() as db:
        return db.get_one(Person, actor.person_id).name


def test_a_verification_of_an_older_report_can_be_sent_again_once_the_newer_is_read(
    site: Browser, delivery: Delivery, database: Database, tmp_path: Path
) -> None:
    with database.write() as db:
        milestone_id = returned(db, tmp_path / "documents", delivery, NOW)
        commands.report(db, delivery.supplier_clerk, milestone_id, a_report(2, ticked=[0, 1]), now=NOW)
    site.become(delivery.verifier)
    path = f"/centre/acceptance/{milestone_id}"
    stale = site.post(f"{path}/verify", {"attempt": "1", "note": "现场看过"})
    assert stale.status_code == 422
    assert 'name="attempt" value="2"' in stale.text
    assert 'value="现场看过"' in stale.text
    assert site.post(f"{path}/verify", {"attempt": "2", "note": "现场看过"}).status_code == 303


def test_a_file_of_another_kind_is_refused_with_the_kinds_that_are_taken_and_nothing_typed_is_lost(
    site: Browser, delivery: Delivery
) -> None:
    site.become(delivery.supplier_clerk)
    path = f"/org/milestones/{delivery.milestones[1]}"
    files = [
        ("camera-0", ("IMG_1.jpg", PHOTO, "image/jpeg")),
        ("file-1", ("签到表.exe", b"MZ\x90\x00", "application/pdf")),
        ("file-other", ("说明.pdf", b"MZ\x90\x00", "application/pdf")),
    ]
    page = send(site, path, written(act="save"), files)
    assert page.status_code == 422
    for text in (
        "这里不收「签到表.exe」",
        "「说明.pdf」的内容与后缀",
        "pdf、ofd、doc、docx、xls、xlsx、wps、et",
        "IMG_1.jpg",
        TEXT,
    ):
        assert text in page.text, text
