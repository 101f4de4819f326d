"""The pages of gifts: the donor's by a secret link alone, the office's behind its rights; what is typed is kept."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from marketplace.db.base import Database
from marketplace.funds.commands import gifts as commands
from marketplace.funds.commands import giving
from marketplace.funds.queries import gifts as queries
from marketplace.identity.credentials import Safe
from marketplace.identity.queries import actor_of as actor_in
from marketplace.kit.actor import Function, Role
from marketplace.kit.clock import ManualClock
from marketplace.settings import Settings
from marketplace.web.accounts.doors import provide_safe
from tests.funds.givers import Hands, an_invitation, an_open_checkout, open_hands, paid
from tests.identity.town import a_person, an_organization
from tests.web.conftest import SECRET, Browser, OpenBrowser, actor_of

PDF = ("依据.pdf", b"%PDF-1.7 example", "application/pdf")


@pytest.fixture
def hands(database: Database, tmp_path: Path, now: datetime) -> Hands:
    with database.write() as db:
        return open_hands(db, tmp_path, now=now)


@pytest.fixture
def safe(tmp_path: Path) -> Safe:
    return provide_safe(Settings(home=tmp_path, secret_key=SECRET))


def typed_basis(hands: Hands, **given: str) -> dict[str, str]:
    return {"holder_id": str(hands.holder_id), "document_no": "示例民政〔2026〕8号", "dated_on": "2026-02-01"} | given


def typed_invitation(hands: Hands, **given: str) -> dict[str, str]:
    return {
        "fund_id": str(hands.fund_id), "donor": "陈七念", "email": "donor@example.com", "suggested_fen": "200",
        "agreement": "", "expires_on": "2026-04-01", "note": "",
    } | given  # fmt: skip


def token_in(text: str) -> str:
    return text.partition("data-gift-link>")[2].partition("</code>")[0].rpartition("/gifts/")[2]


def a_token(database: Database, hands: Hands, now: datetime) -> tuple[UUID, str]:
    with database.write() as db:
        issued = an_invitation(db, hands, now=now)
    return issued.invitation_id, issued.token


def test_a_head_records_the_basis_and_an_accountant_invites(
    browser_of_site: Browser, database: Database, tmp_path: Path, now: datetime
) -> None:
    with database.write() as db:
        hands = open_hands(db, tmp_path, now=now, with_basis=False)
    site = browser_of_site
    site.become(hands.accountant)
    assert "在线收款关闭" in site.get("/finance/gifts").text
    assert site.post("/finance/gifts/basis", typed_basis(hands), files={"paper": PDF}).status_code == 403
    refused = site.post("/finance/gifts/new", typed_invitation(hands))
    assert refused.status_code == 422
    assert "还没有登记" in refused.text
    site.become(hands.head)
    missing = site.post("/finance/gifts/basis", typed_basis(hands))
    assert missing.status_code == 422
    assert "示例民政〔2026〕8号" in missing.text
    assert "上传依据文件" in missing.text
    kept = site.post("/finance/gifts/basis", typed_basis(hands), files={"paper": PDF})
    assert kept.status_code == 303, kept.text
    shown = site.get("/finance/gifts/basis").text
    assert "待有关部门确认" in shown
    paper = shown.partition('/paper"')[0].rpartition('href="')[2]
    assert site.get(f"{paper}/paper").content == PDF[1]
    site.become(hands.accountant)
    invited = site.post("/finance/gifts/new", typed_invitation(hands))
    assert invited.status_code == 200, invited.text
    token = token_in(invited.text)
    assert invited.headers["cache-control"] == "no-store"
    site.become(None)
    donor = site.get(f"/gifts/{token}")
    assert donor.status_code == 200
    assert "只用于留守儿童假期托管" in donor.text
    assert "支付平台暂时没有接通" in donor.text, "this installation has no gateway"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("suggested_fen", "0.50", "单笔捐赠金额应在 1.00 元至"),
        ("suggested_fen", "1.005", "小数"),
        ("email", "nobody", "邮箱"),
        ("expires_on", "2026-03-02", "今天之后"),
        ("donor", "", "请填写"),
        ("fund_id", "", "请选择"),
    ],
)
def test_a_wrong_invitation_comes_back_with_everything_typed(
    browser_of_site: Browser, hands: Hands, field: str, value: str, message: str
) -> None:
    browser_of_site.become(hands.accountant)
    answer = browser_of_site.post("/finance/gifts/new", typed_invitation(hands, note="熟人介绍", **{field: value}))
    assert answer.status_code == 422
    assert message in answer.text
    assert "熟人介绍" in answer.text
    assert f'href="#{field}"' in answer.text


def test_an_invitation_is_renewed_and_revoked_and_old_links_lead_nowhere(
    browser_of_site: Browser, database: Database, hands: Hands, now: datetime
) -> None:
    invitation, token = a_token(database, hands, now)
    site = browser_of_site
    site.become(hands.accountant)
    assert token not in site.get(f"/finance/gifts/{invitation}").text
    wrong = site.post(f"/finance/gifts/{invitation}/renew", {"expires_on": "2027-03-02"})
    assert wrong.status_code == 422
    assert "2027-03-02" in wrong.text or 'value="2027"' in wrong.text
    again = site.post(f"/finance/gifts/{invitation}/renew", {"expires_on": "2026-05-01"})
    assert again.status_code == 200
    fresh = token_in(again.text)
    assert fresh != token
    assert site.get(f"/gifts/{token}").status_code == 404
    assert site.post(f"/finance/gifts/{invitation}/revoke", {"reason": ""}).status_code == 422
    assert site.post(f"/finance/gifts/{invitation}/revoke", {"reason": "误发"}).status_code == 303
    assert site.post(f"/finance/gifts/{invitation}/revoke", {"reason": "误发"}).status_code == 422
    site.become(None)
    page = site.get(f"/gifts/{fresh}").text
    assert "已由“示例财政局”撤回" in page
    assert "我愿意捐赠" not in page


def test_a_stranger_finds_nothing_and_a_colleague_without_the_right_is_told(
    browser_of_site: Browser, database: Database, hands: Hands, now: datetime
) -> None:
    invitation, _ = a_token(database, hands, now)
    site = browser_of_site
    site.become(actor_of(Function.FINANCE_OFFICE, roles=[Role.ACCOUNTANT]))
    assert site.get(f"/finance/gifts/{invitation}").status_code == 404
    assert site.post(f"/finance/gifts/{invitation}/revoke", {"reason": "试试"}).status_code == 404
    site.become(hands.office.cashier)
    assert site.get(f"/finance/gifts/{invitation}").status_code == 200
    refused = site.post(f"/finance/gifts/{invitation}/revoke", {"reason": "试试"})
    assert refused.status_code == 403
    assert "邀请捐赠人" in refused.text
    assert site.get("/finance/gifts/new").status_code == 403
    site.become(actor_of(Function.BUYER, roles=[Role.HEAD]))
    assert site.get("/finance/gifts").status_code == 403
    site.become(None)
    assert site.get("/finance/gifts").status_code in {302, 303}
    assert site.get("/gifts/an-invented-secret").status_code == 404


def test_without_a_gateway_nothing_typed_is_lost(
    browser_of_site: Browser, database: Database, hands: Hands, now: datetime
) -> None:
    _, token = a_token(database, hands, now)
    answer = browser_of_site.post(f"/gifts/{token}", {"amount_fen": "123.45", "donor": "陈七念", "message": "给孩子们"})
    assert answer.status_code == 422
    assert "没有接通" in answer.text


def test_a_donors_page_tells_where_every_fen_is(
    browser_of_site: Browser, database: Database, hands: Hands, now: datetime, safe: Safe
) -> None:
    _, token = a_token(database, hands, now)
    with database.write() as db:
        intent = an_open_checkout(db, token, now=now)
    site = browser_of_site
    waiting = site.get(f"/gifts/{token}").text
    assert "https://pay.example.com/1" in waiting
    assert "不要重复付款" in waiting
    back = site.get(f"/gifts/back/{intent.payment_id}").text
    assert "还没有告诉我们" in back
    assert "陈七念" not in back
    with database.write() as db:
        giving.settle(db, safe, intent.payment_id, paid(intent), now=now)
        given = queries.given(db, token, now=now)
    page = site.get(f"/gifts/{token}").text
    assert given.receipt_number in page
    assert given.check_code in page
    assert "198.80 元还没有动用" in page
    assert "1.20 元是支付平台收取的手续费" in page
    assert "我愿意捐赠" not in page
    done = site.get(f"/gifts/back/{intent.payment_id}").text
    assert given.receipt_number in done
    assert given.check_code not in done
    assert token not in done
    traced = site.post("/trace", {"number": given.receipt_number, "check_code": given.check_code})
    assert "198.80" in traced.text
    site.become(hands.accountant)
    assert given.receipt_number in site.get("/finance/gifts").text


def test_a_link_that_lapsed_says_so_by_the_clock(
    open_browser: OpenBrowser, database: Database, hands: Hands, now: datetime, clock: ManualClock
) -> None:
    _, token = a_token(database, hands, now)
    clock.advance(timedelta(days=40))
    page = open_browser().get(f"/gifts/{token}").text
    assert "到期" in page
    assert "我愿意捐赠" not in page


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_of_gifts_speaks_both_languages(
    browser_of_site: Browser, database: Database, hands: Hands, now: datetime, language: str, safe: Safe
) -> None:
    invitation, token = a_token(database, hands, now)
    _, other = a_token(database, hands, now)
    with database.write() as db:
        intent = an_open_checkout(db, token, now=now)
        giving.settle(db, safe, intent.payment_id, paid(intent), now=now)
        basis = queries.basis_of(db, hands.holder_id)
        operator = an_organization(db, Function.OPERATOR, now=now, name="示例运营单位")
        admin = actor_in(db, a_person(db, operator, Role.SYSTEM_ADMIN, now=now), operator)
    assert basis is not None
    site = browser_of_site
    site.client.cookies.set("language", language)
    paths = {
        hands.accountant: ("/finance/gifts", "/finance/gifts/new", f"/finance/gifts/{invitation}"),
        hands.head: ("/finance/gifts/basis", f"/finance/gifts/basis/{basis.id}/withdraw"),
        admin: ("/finance/gifts/basis",),
        None: (f"/gifts/{token}", f"/gifts/{other}", f"/gifts/back/{intent.payment_id}"),
    }
    for actor, some in paths.items():
        site.become(actor)
        for path in some:
            answer = site.get(path)
            assert answer.status_code == 200, path
            assert f'lang="{language}"' in answer.text
            assert ("接口文档" in answer.text) is (language == "zh-CN"), path


def test_the_api_does_what_the_desk_does(browser_of_site: Browser, hands: Hands) -> None:
    site = browser_of_site
    site.become(hands.accountant)
    new = {
        "fund_id": str(hands.fund_id), "donor": "陈七念", "email": "donor@example.com", "expires_on": "2026-04-01",
        "suggested_fen": 20_000,
    }  # fmt: skip
    made = site.api("POST", "/api/v1/gifts/invitations", new)
    assert made.status_code == 201, made.text
    link = made.json()["link_path"]
    here = f"/api/v1/gifts/invitations/{made.json()['invitation']['id']}"
    assert site.get(link).status_code == 200
    assert site.api("POST", "/api/v1/gifts/invitations", new | {"suggested_fen": 1}).status_code == 422
    renewed = site.api("POST", f"{here}/renew", {"expires_on": "2026-05-01"})
    assert renewed.json()["link_path"] != link
    assert len(site.api("GET", "/api/v1/gifts/invitations").json()) == 1
    revoked = site.api("POST", f"{here}/revoke", {"reason": "误发"})
    assert revoked.json()["state"] == "revoked"
    assert site.api("GET", here).json()["revoke_reason"] == "误发"
    assert site.api("GET", "/api/v1/gifts").json() == []
    site.become(hands.head)
    facts = {"document_no": "示例民政〔2026〕9号", "dated_on": "2026-02-01"}
    basis = site.client.post(
        f"/api/v1/gifts/bases/{hands.holder_id}", params=facts, files={"data": PDF},
        headers={"x-csrftoken": site.client.cookies["csrf"]},
    )  # fmt: skip
    assert basis.status_code == 201, basis.text
    gone = site.api("POST", f"/api/v1/gifts/bases/{basis.json()['id']}/withdraw", {"reason": "到期"})
    assert gone.json()["state"] == "withdrawn"
    assert [one["state"] for one in site.api("GET", "/api/v1/gifts/bases").json()] == ["withdrawn", "withdrawn"]


def test_a_withdrawn_basis_turns_the_donors_page_off(
    browser_of_site: Browser, database: Database, hands: Hands, now: datetime
) -> None:
    _, token = a_token(database, hands, now)
    with database.write() as db:
        basis = queries.basis_of(db, hands.holder_id)
        assert basis is not None
        commands.withdraw_basis(db, hands.head, basis.id, reason="资格到期", now=now)
    page = browser_of_site.get(f"/gifts/{token}").text
    assert "在线收款已关闭" in page
    refused = browser_of_site.post(f"/gifts/{token}", {"amount_fen": "20", "donor": "陈七念"})
    assert refused.status_code == 422
