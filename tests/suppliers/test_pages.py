"""The register's pages as people use them: registering, filling in, handing in, checking row by row, deciding."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from litestar.di import Provide

from marketplace.db.base import Database
from marketplace.kit.actor import Function, Role
from marketplace.kit.clock import ManualClock
from marketplace.suppliers import queries
from marketplace.web import accounts, suppliers
from marketplace.web.portal.pages import Portal
from seed import reference
from tests.identity.town import PASSWORD, SAFE, an_actor
from tests.suppliers.shelf import (
    ALL,
    CENTRE_PROOFS,
    OWN_PROOFS,
    TODAY,
    a_draft,
    a_qualified,
    a_registration,
    a_submitted,
    centre,
    check_all,
    of,
)
from tests.web.conftest import Browser, OpenBrowser, open_browser

__all__ = ["open_browser"]
safe = Provide(lambda: SAFE, sync_to_thread=False)


@pytest.fixture
def site(open_browser: OpenBrowser, database: Database, clock: ManualClock) -> Browser:
    reference.load(database, clock)
    return open_browser(routes=[Portal, *accounts.routes(safe), *suppliers.routes(safe)])


def typed(number: int = 1, **changes: str) -> dict[str, str]:
    new = a_registration(number)
    known = {
        "uscc": new.uscc, "nature": new.nature.value, "name": new.name, "service_scope": new.service_scope,
        "legal_representative": new.legal_representative, "contact_name": new.contact_name,
        "contact_phone": new.contact_phone, "contact_email": new.contact_email, "password": PASSWORD,
        "declared": "true", "supervising_unit": "", "login": "",
    }  # fmt: skip
    return {**known, **changes}


def test_an_organization_registers_and_is_sent_to_sign_in(site: Browser, database: Database) -> None:
    assert "登记入库" in site.get("/suppliers/register").text
    answer = site.post("/suppliers/register", typed(uscc="　" + typed()["uscc"].lower()))
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/org/profile")
    signed_in = site.post("/sign-in?next=/org/profile", {"login": "office1@example.com", "password": PASSWORD})
    assert signed_in.status_code == 303


def test_wrong_input_comes_back_with_everything_typed_and_a_message_at_each_field(site: Browser) -> None:
    page = site.post("/suppliers/register", typed(uscc="52511602MJX00000", contact_phone="123", name=""))
    assert page.status_code == 422
    assert "请填写「组织名称」。" in page.text
    assert "应为手机号码" in page.text
    assert "您填了 16 位" in page.text
    page = site.post("/suppliers/register", typed(uscc="52511602MJX00000", declared="", nature="mass_organization"))
    assert page.status_code == 422
    for words in ("您填了 16 位", "不能作为承接主体", "请确认本组织不是公益一类", 'value="52511602MJX00000"', "代表1"):
        assert words in page.text
    assert PASSWORD not in page.text
    assert 'href="#uscc"' in page.text
    english = site.post("/suppliers/register", typed(uscc="52511602MJX00000"), headers={"accept-language": "en"})
    assert "has 18 characters" in english.text


def upload(site: Browser, path: str, data: dict[str, str], name: str, content: bytes = b"%PDF-1.7 proof") -> Any:
    return site.post(path, data, files={name: ("章程.pdf", content, "application/pdf")})


def test_an_organization_fills_in_uploads_and_hands_in(site: Browser, database: Database, now: datetime) -> None:
    with database.write() as db:
        actor = a_draft(db, services=(), now=now)
    site.become(actor)
    assert "提交前要完成" in site.get("/org/profile").text
    refused = site.post("/org/profile/submit")
    assert refused.status_code == 422
    assert "请至少选择一类能够承接的服务" in refused.text
    assert 'href="#item-certificate"' in refused.text
    data = {"services": ["A04", "A10"], "founded_on": "2019年5月6日", "revision": "1", "rating_grade": ""}
    profile = {name: typed()[name] for name in ("name", "nature", "service_scope", "legal_representative")}
    contact = {name: typed()[name] for name in ("contact_name", "contact_phone", "contact_email")}
    assert site.post("/org/profile/data", {**profile, **contact, **data}).status_code == 303
    stale = site.post("/org/profile/data", {**profile, **contact, **data})
    assert (stale.status_code, "刚被他人修改过" in stale.text) == (422, True)
    bank = {"account_name": "别人", "bank_name": "示例银行广安支行", "account_number": "6222000000001234"}
    wrong = site.post("/org/profile/bank", bank)
    assert "必须是本组织的对公账户" in wrong.text
    assert site.post("/org/profile/bank", {**bank, "account_name": profile["name"]}).status_code == 303
    assert "6222000000001234" not in site.get("/org/profile/bank").text
    empty = site.post("/org/profile/proofs", {"kind": "scope"})
    assert (empty.status_code, "请先选择文件" in empty.text) == (422, True)
    for kind in OWN_PROOFS:
        assert upload(site, "/org/profile/proofs", {"kind": kind}, "file").status_code == 303
    shown = site.get("/org/profile").text
    assert "章程.pdf" in shown
    proof = re.search(r"/org/profile/proofs/[0-9a-f-]{36}(?!/)", shown)
    assert proof
    file = site.get(proof[0])
    assert (file.content, file.headers["content-disposition"][:10]) == (b"%PDF-1.7 proof", "attachment")
    revision = re.search(r'name="revision" value="(\d+)"', shown)
    assert revision
    assert site.post("/org/profile/submit", {"revision": revision[1]}).status_code == 303
    assert "等待中心核对" in site.get("/org/profile").text


def check_rows(**rows: dict[str, str]) -> dict[str, str]:
    return {
        f"checks-{index}-{name}": text
        for index, (kind, fields) in enumerate(rows.items())
        for name, text in {"kind": kind, **fields}.items()
    }


def test_the_centre_checks_row_by_row_and_keeps_files_of_a_wrong_form(
    site: Browser, database: Database, tmp_path: Path, now: datetime
) -> None:
    with database.write() as db:
        actor, clerk = a_submitted(db, tmp_path / "documents", now=now), centre(db, now=now)
    site.become(clerk)
    base = f"/centre/suppliers/{of(actor)}"
    assert "示例社会工作服务中心1" in site.get("/centre/suppliers").text
    page = site.get(base).text
    assert "还有 11 项没有核对符合" in page
    assert "未成年人保护法" not in page
    good = {"result": "passed", "source": "原件", "checked_on": "2026-03-02"}
    rows = check_rows(scope=good, certificate=good, dishonest_list=good)
    wrong = upload(site, f"{base}/checks", rows, "checks-2-file")
    assert wrong.status_code == 422
    assert "有有效期。请填写" in wrong.text
    assert "章程.pdf" in wrong.text
    rows["checks-1-valid_to"] = "2028-12-31"
    assert site.post(f"{base}/checks", rows).status_code == 303
    assert "还有 8 项没有核对符合" in site.get(base).text
    assert site.post(f"{base}/qualify", {"revision": "99"}).status_code == 422
    unreasoned = site.post(f"{base}/return", {"reason": ""})
    assert (unreasoned.status_code, "请写明理由" in unreasoned.text) == (422, True)
    assert site.post(f"{base}/return", {"reason": "章程缺页"}).status_code == 303
    site.become(actor)
    assert "章程缺页" in site.get("/org/profile").text


def test_a_qualified_organization_stands_in_the_directory_without_anything_personal(
    site: Browser, database: Database, tmp_path: Path, now: datetime
) -> None:
    with database.write() as db:
        actor, clerk = a_submitted(db, tmp_path, now=now), centre(db, now=now)
        check_all(db, tmp_path, clerk, of(actor), now=now)
    site.become(clerk)
    base = f"/centre/suppliers/{of(actor)}"
    assert "各项都已核对符合" in site.get(base).text
    assert site.post(f"{base}/qualify", {"revision": "2"}).status_code == 303
    site.become(None)
    listing = site.get("/suppliers?q=社会&service=A04&kind=social_organization&standing=valid").text
    assert "示例社会工作服务中心1" in listing
    assert "没有符合条件的组织" in site.get("/suppliers?grade=5").text
    page = site.get(f"/suppliers/{of(actor)}").text
    for words in (
        "资格有效",
        "核对过的资质",
        "登记证书在有效期内",
        "2028-12-31",
        "还没有在本平台承接项目",
        "社会服务机构",
    ):
        assert words in page
    for secret in ("代表1", "联络1", "0826-200", "office1@", "1234", "示例银行"):
        assert secret not in page
    assert site.get("/suppliers/00000000-0000-4000-8000-000000000000").status_code == 404
    assert site.get("/suppliers?after=x").status_code == 422


def test_a_change_is_shown_old_beside_new_and_decided(
    site: Browser, database: Database, tmp_path: Path, now: datetime
) -> None:
    with database.write() as db:
        actor, clerk = a_qualified(db, tmp_path, now=now), centre(db, now=now)
    site.become(actor)
    shown = site.get("/org/profile/data").text
    assert "同意前仍以原资料为准" in shown
    new = a_registration(1)
    form = {**typed(), "services": ["A04", "B01"], "address": "示例路 8 号", "reason": "搬家"}
    form = {name: text for name, text in form.items() if name not in ("uscc", "password", "login", "declared")}
    form["supervising_unit"] = new.supervising_unit
    assert site.post("/org/profile/data", form).status_code == 303
    assert "变更待审核" in site.get("/org/profile").text
    assert site.post("/org/profile/bank", {"account_name": new.name, "bank_name": "示例银行城南支行",
                                           "account_number": "6222 0000 9999 8888"}).status_code == 303  # fmt: skip
    with database.read() as db:
        changes = {one.subject: one for one in queries.supplier(db, actor, of(actor), on_day=TODAY).changes}
    site.become(clerk)
    base = f"/centre/suppliers/{of(actor)}/changes"
    page = site.get(f"{base}/{changes['profile'].id}").text  # type: ignore[index] # the enum is its word
    assert "示例路 8 号" in page
    assert "搬家" in page
    assert site.post(f"{base}/{changes['bank'].id}/return", {"reason": ""}).status_code == 422  # type: ignore[index]
    assert site.post(f"{base}/{changes['bank'].id}/return", {"reason": "缺开户证明"}).status_code == 303  # type: ignore[index]
    assert site.post(f"{base}/{changes['profile'].id}/accept", {"revision": "1"}).status_code == 303  # type: ignore[index]
    site.become(actor)
    own = site.get("/org/profile").text
    assert "缺开户证明" in own
    assert site.post(f"/org/profile/changes/{changes['bank'].id}/withdraw").status_code == 303  # type: ignore[index]
    assert site.post("/org/profile/withdraw", {"reason": "注销"}).status_code == 303
    assert site.post("/org/profile/reopen").status_code == 303


def test_heads_suspend_reinstate_and_debar(site: Browser, database: Database, tmp_path: Path, now: datetime) -> None:
    with database.write() as db:
        actor, head = a_qualified(db, tmp_path, now=now), centre(db, Role.HEAD, now=now)
    site.become(head)
    base = f"/centre/suppliers/{of(actor)}"
    assert site.post(f"{base}/suspend", {"reason": "履约异常"}).status_code == 303
    assert site.post(f"{base}/reinstate", {"reason": "已整改"}).status_code == 303
    bad = {"source": "示例区财政局", "reason": "虚假材料", "from_on": "2026-03-10", "to_on": "2026-03-01"}
    refused = site.post(f"{base}/debarments", bad)
    assert (refused.status_code, "截止日期不能早于" in refused.text) == (422, True)
    assert site.post(f"{base}/debarments", {**bad, "to_on": "2026-09-10", "from_on": "2026-03-01"}).status_code == 303
    assert "生效中" in site.get(base).text
    assert "在禁止参加期内" in site.get(f"/suppliers/{of(actor)}").text
    lift = re.search(rf"{base}/debarments/[0-9a-f-]+/lift", site.get(base).text)
    assert lift
    assert site.post(lift[0], {"reason": "复议撤销"}).status_code == 303


def test_pages_are_for_whom_they_concern(site: Browser, database: Database, tmp_path: Path, now: datetime) -> None:
    with database.write() as db:
        actor, other = a_submitted(db, tmp_path, now=now), a_draft(db, 2, now=now)
        expert = an_actor(db, Role.EXPERT, functions=(Function.PROCURING_ENTITY,), now=now)
        stranger = an_actor(db, Role.CLERK, functions=(Function.SUPPLIER,), now=now)
        proof = queries.supplier(db, actor, of(actor), on_day=TODAY).items[0].proofs[0].id
    assert site.get("/org/profile").status_code == 303
    site.become(other)
    assert site.get(f"/org/profile/proofs/{proof}").status_code == 404
    assert site.get(f"/centre/suppliers/{of(actor)}").status_code == 404
    assert site.get("/centre/suppliers").status_code == 403
    site.become(expert)
    assert site.get(f"/centre/suppliers/{of(actor)}").status_code == 403
    assert site.get("/org/profile").status_code == 403
    site.become(stranger)
    assert site.get("/org/profile").headers["location"] == "/org/profile/begin"
    assert site.get("/org/profile/begin").status_code == 200


def test_the_same_through_the_api(site: Browser, database: Database, tmp_path: Path, now: datetime) -> None:
    new = {name: text for name, text in typed().items() if text} | {"declared": True, "services": ["A04"]}
    site.api("GET", "/api/v1/suppliers")
    made = site.api("POST", "/api/v1/suppliers", new)
    assert made.status_code == 201
    twice = site.api("POST", "/api/v1/suppliers", {**new, "uscc": "12"})
    assert {error["field"] for error in twice.json()["errors"]} == {"uscc", "contact_email"}
    with database.write() as db:
        actor, clerk = a_submitted(db, tmp_path, 2, now=now), centre(db, now=now)
    site.become(actor)
    path, review = f"/api/v1/suppliers/{of(actor)}", f"/api/v1/supplier-reviews/{of(actor)}"
    answer = site.api("GET", f"{path}/registration")
    tag = answer.headers["etag"]
    assert (answer.json()["state"], answer.json()["bank_last4"]) == ("submitted", "1234")
    assert site.api("GET", f"{path}/readiness?service=A0401&minors=true&also=insurance").json()["ready"] is False
    site.become(clerk)
    assert [one["name"] for one in site.api("GET", "/api/v1/supplier-reviews/queue").json()] == [
        "示例社会工作服务中心2"
    ]
    for kind in CENTRE_PROOFS:
        sent = site.api(
            "POST", f"{path}/proofs/{kind}", files={"data": ("截图.png", b"\x89PNG\r\n\x1a\n x", "image/png")}
        )
        assert sent.status_code == 201
    rows: list[dict[str, Any]] = [{"kind": kind, "result": "passed", "source": "原件"} for kind in ALL]
    refused = site.api("POST", f"{review}/checks", rows)
    assert [one["field"] for one in refused.json()["errors"]] == ["checks-0-valid_to"]
    rows[0]["valid_to"] = "2028-01-01"
    assert site.api("POST", f"{review}/checks", rows).json() == {"count": 11}
    assert site.api("POST", f"{review}/qualify", {}, headers={"if-match": '"77"'}).status_code == 409
    assert site.api("POST", f"{review}/qualify", {}, headers={"if-match": tag}).json()["state"] == "qualified"
    assert site.api("GET", f"{review}/hints").status_code == 200
    assert site.api("POST", f"{review}/praise", {}).status_code == 404
    assert site.api("GET", "/api/v1/supplier-reviews?state=qualified").json()["total"] == 1
    assert site.api("GET", path).json()["listed"]["valid"] is True
    assert site.api("GET", "/api/v1/suppliers?q=社会&kind=social_organization&valid_only=true").json()["total"] == 1
    site.become(actor)
    profile = site.api("GET", f"{path}/registration").json()["profile"] | {"address": "示例路 1 号"}
    change = site.api("POST", f"{path}/changes/profile", {"profile": profile, "reason": "搬家"})
    assert change.status_code == 201
    site.become(clerk)
    assert (
        site.api("POST", f"/api/v1/supplier-changes/{change.json()['id']}/return", {"reason": "缺证明"}).status_code
        == 204
    )
    site.become(actor)
    site.api("POST", f"{path}/changes/profile", {"profile": profile})
    site.become(clerk)
    assert site.api("POST", f"/api/v1/supplier-changes/{change.json()['id']}/acceptance").status_code == 204
    site.become(actor)
    assert site.api("GET", f"{path}/readiness").json() == {"ready": True, "missing": []}
    assert site.api("POST", f"{path}/withdrawal", {"reason": "注销"}).status_code == 204
    assert site.api("POST", f"{path}/reopening").status_code == 204
    assert site.api("PUT", f"{path}/registration", profile, headers={"if-match": '"1"'}).status_code == 409


def test_a_list_is_imported_with_a_report_on_every_row(site: Browser, database: Database, now: datetime) -> None:
    with database.write() as db:
        clerk = centre(db, now=now)
    site.become(clerk)
    template = site.get("/centre/suppliers/import/template.xlsx")
    assert template.status_code == 200
    assert "请先选择文件" in site.post("/centre/suppliers/import").text
    sent = site.post("/centre/suppliers/import", files={"file": ("名单.xlsx", template.content, "application/x")})
    assert (sent.status_code, "已登记" in sent.text, "示例社会工作服务中心" in sent.text) == (200, True, True)
    broken = site.post("/centre/suppliers/import", files={"file": ("名单.xlsx", b"x", "application/x")})
    assert (broken.status_code, "无法读取这个文件" in broken.text) == (422, True)
