"""From what is payable to what is paid and reconciled, as accountant, head, cashier and supplier meet it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from marketplace.db.base import Database
from marketplace.funds.commands.settling import Finding, Verdict, settle
from marketplace.funds.queries import application, custody_accounts, instructions
from marketplace.funds.queries.paying import todos
from marketplace.funds.rules import Custody
from marketplace.kit.actor import Actor, Role
from marketplace.kit.clock import ManualClock, legal_day
from tests.contracts.support import Deal
from tests.contracts.worlds import built, committing_urls, deal, shared_urls
from tests.funds.bankbook import BankBook
from tests.web.conftest import Browser, open_browser
from tests.web.paying import (
    ACCOUNTS,
    INVOICE,
    advance,
    apply,
    approve,
    book_key,
    both,
    executed,
    record_accounts,
    site,
    typed,
    view,
)

__all__ = ["built", "committing_urls", "deal", "open_browser", "shared_urls", "site"]


def test_from_what_is_payable_to_what_is_paid(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    milestone = advance(database, deal)
    site.become(deal.office.accountant)
    listed = site.get("/finance/payments")
    assert f"/finance/payments/new/{milestone.id}" in listed.text
    blank = site.get(f"/finance/payments/new/{milestone.id}")
    for words in ("付款依据", "示例资金1", "示例资金2", "尾号", "符合这项资金的限定用途和使用期限"):
        assert words in blank.text, words
    one = executed(site, database, deal, clock)
    assert [part.state for part in one.payments] == ["submitting", "submitting"]
    with database.read() as db:
        files = instructions(db, one.holder_id)
    assert len(files) == 2
    for file in files:
        page = site.get(f"/finance/payments/instructions/{file.id}")
        assert file.number in page.text
        content = site.post(f"/finance/payments/instructions/{file.id}/file")
        assert content.status_code == 200
        assert file.number in content.content.decode("utf-8-sig")
    for part, custody in zip(one.payments, ("bank", "quota"), strict=True):
        bank = BankBook(ACCOUNTS[custody], balance_fen=10_000_000)
        bank.book(-part.amount_fen, legal_day(clock.now()), name=part.payee_name, number=part.number)
        upload = {"file": ("对账单.csv", bank.statement(legal_day(clock.now())), "text/csv")}
        site.become(deal.office.accountant)
        answer = site.post("/finance/reconciliation/statements", files=upload)
        assert answer.status_code == 303, answer.text
        assert part.number in site.get(answer.headers["location"]).text
    assert view(database, one.id).state == "settled"
    for path, words in {
        "/finance/payments?state=paid": one.number,
        f"/finance/payments/{one.payments[0].id}": "这笔钱从哪里来",
        f"/finance/payments/applications/{one.id}": "已结清",
    }.items():
        assert words in site.get(path).text, path
    site.become(deal.supplier)
    assert "已支付" in site.get("/org/claims").text


def test_an_application_with_wrong_input_comes_back_with_everything_typed(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    milestone = advance(database, deal)
    url = f"/finance/payments/new/{milestone.id}"
    site.become(deal.office.accountant)
    too_much = site.post(url, typed(clock, amount_fen="99,999.99", note="第一笔"))
    assert too_much.status_code == 422
    assert "最多可以申请" in too_much.text
    assert "99,999.99" in too_much.text
    assert "第一笔" in too_much.text
    assert 'href="#amount_fen"' in too_much.text
    wrong = site.post(url, typed(clock, invoice_no="发票", invoice_on="2020-01-01"))
    assert wrong.status_code == 422
    assert 'href="#invoice_no"' in wrong.text
    early = site.post(url, typed(clock, invoice_on="2020-01-01"))
    assert "早于合同签订日期" in early.text
    late = site.post(url, typed(clock, invoice_on=(legal_day(clock.now()) + timedelta(days=9)).isoformat()))
    assert "还没有到" in late.text
    apply(site, database, deal, clock)
    again = site.post(url, typed(clock))
    assert again.status_code == 422
    assert f"发票 {INVOICE} 已用于付款单" in again.text
    assert INVOICE in again.text


def test_the_review_shows_three_papers_side_by_side_and_one_button(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    application_id = apply(site, database, deal, clock)
    path = f"/finance/payments/applications/{application_id}"
    own = site.get(path).text
    assert "批准付款（双人）" not in own
    site.become(deal.finance_head)
    page = site.get(path).text
    for words in ("合同", "验收", "发票", INVOICE, "收款方就是合同的承接主体", "批准付款（双人）", "您是第二个人"):
        assert words in page, words
    assert "hx-" not in page, "money never leaves by a request that a page makes by itself"
    assert approve(site, deal, application_id).headers["location"] == path
    assert "批准付款（双人）" not in site.get(path).text


def test_nobody_approves_their_own_application_or_pays_what_they_prepared_or_approved(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    record_accounts(site, deal)
    application_id = apply(site, database, deal, clock)
    path = f"/finance/payments/applications/{application_id}"
    site.become(both(deal.office.accountant, Role.HEAD))
    assert "须由另一位有审批权限的同事批准" in site.get(path).text
    refused = site.post(f"{path}/approve")
    assert refused.status_code == 403
    assert "您已在此事项上办理过「申请付款」，不能再办理「审批付款」" in refused.text
    assert approve(site, deal, application_id).status_code == 303
    ids = [str(one.id) for one in view(database, application_id).payments]
    for person, done in ((deal.office.accountant, "申请付款"), (deal.finance_head, "审批付款")):
        site.become(both(person, Role.CASHIER))
        assert "您已参与申请或审批" in site.get("/finance/payments/execute").text
        refused = site.post("/finance/payments/execute", {"payment_ids": ids})
        assert refused.status_code == 403
        assert f"您已在此事项上办理过「{done}」，不能再办理「执行付款」" in refused.text
    assert {one.state for one in view(database, application_id).payments} == {"approved"}


def test_what_is_sent_back_comes_with_its_reason_and_is_put_right(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    application_id = apply(site, database, deal, clock)
    path = f"/finance/payments/applications/{application_id}"
    site.become(deal.finance_head)
    empty = site.post(f"{path}/return", {"reason": " "})
    assert empty.status_code == 422
    assert "请填写「原因」" in empty.text
    assert site.post(f"{path}/return", {"reason": "发票号码少一位"}).status_code == 303
    assert site.post(f"{path}/burn", {"reason": "试"}).status_code == 404
    site.become(deal.office.accountant)
    assert "发票号码少一位" in site.get(path).text
    assert INVOICE in site.get(f"{path}/mend").text
    wrong = site.post(f"{path}/mend", typed(clock, amount_fen="1e9"))
    assert wrong.status_code == 422
    too_much = site.post(f"{path}/mend", typed(clock, amount_fen="88888"))
    assert "最多可以申请" in too_much.text
    assert "88888" in too_much.text
    assert site.post(f"{path}/mend", typed(clock, invoice_no=f"{INVOICE}9")).status_code == 303
    assert view(database, application_id).invoice_no == f"{INVOICE}9"
    assert site.post(f"{path}/cancel", {"reason": "合同有变"}).status_code == 303
    assert "已撤销" in site.get(path).text
    assert approve(site, deal, application_id).status_code == 422


def test_a_payment_that_failed_shows_its_reason_and_is_asked_for_again(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    one = executed(site, database, deal, clock)
    with database.write() as db:
        findings = [Finding(part.attempts[0].id, Verdict.REFUSED, "账号与户名不符") for part in one.payments]
        settle(db, findings, now=clock.now())
    first, second = one.payments
    path = f"/finance/payments/{first.id}"
    site.become(deal.supplier)
    claims = site.get("/org/claims").text
    assert "账号与户名不符" in claims
    assert "改正后通知会计重新申请" in claims
    site.become(deal.office.accountant)
    assert one.number in site.get("/finance/payments?state=failed").text
    page = site.get(path).text
    assert "账号与户名不符" in page
    assert "重新申请" in page
    assert site.post(f"{path}/retry", {"reason": ""}).status_code == 422
    assert site.post(f"{path}/retry", {"reason": "户名已更正"}).status_code == 303
    site.become(deal.finance_head)
    assert "批准付款（双人）" in site.get(path).text
    assert site.post(f"{path}/approve").status_code == 303
    refused = site.post(f"{path}/approve")
    assert refused.status_code == 422
    assert "当前状态是「待支付」" in refused.text
    site.become(deal.office.accountant)
    assert site.post(f"/finance/payments/{second.id}/cancel", {"reason": "改由线下支付"}).status_code == 303
    assert site.post(f"/finance/payments/{second.id}/cancel", {"reason": "再取消"}).status_code == 422
    assert site.post(f"/finance/payments/{second.id}/burn", {"reason": "试"}).status_code == 404


def test_an_unknown_outcome_says_that_nothing_is_paid_twice(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    one = executed(site, database, deal, clock)
    with database.write() as db:
        settle(db, [Finding(one.payments[0].attempts[0].id, Verdict.NO_ANSWER)], now=clock.now())
    assert "查清之前不会再付一次" in site.get(f"/finance/payments/{one.payments[0].id}").text
    assert one.number in site.get("/finance/payments?state=unknown").text


def test_nothing_ticked_and_no_account_are_told_on_the_page(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    application_id = apply(site, database, deal, clock)
    approve(site, deal, application_id)
    site.become(deal.office.cashier)
    assert "请至少选择一笔" in site.post("/finance/payments/execute", {}).text
    ids = [str(one.id) for one in view(database, application_id).payments]
    answer = site.post("/finance/payments/execute", {"payment_ids": ids})
    assert answer.status_code == 422
    assert "请会计先登记付款账户" in answer.text
    assert answer.text.count(" checked") == len(ids)
    record_accounts(site, deal)
    form = {"custody": "bank", "number": "12345678", "name": "示例财政局", "bank_name": "示例银行"}
    twice = site.post("/finance/payments/accounts", form)
    assert twice.status_code == 422
    assert "已经登记过" in twice.text
    with database.read() as db:
        assert {one.custody for one in custody_accounts(db)} == {Custody.BANK, Custody.QUOTA}


def test_strangers_find_nothing_and_roles_without_the_right_are_told(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    one = executed(site, database, deal, clock)
    with database.read() as db:
        file = instructions(db, one.holder_id)[0]
    paths = (
        f"/finance/payments/applications/{one.id}", f"/finance/payments/{one.payments[0].id}",
        f"/finance/payments/instructions/{file.id}", f"/finance/payments/new/{uuid4()}",
    )  # fmt: skip
    stranger = replace(deal.office.accountant, organization_id=uuid4(), person_id=uuid4())
    site.become(stranger)
    for path in paths:
        assert site.get(path).status_code == 404, path
    assert site.get(f"/finance/payments/applications/{uuid4()}").status_code == 404
    site.become(deal.supplier)
    for path in ("/finance/payments", "/finance/payments/execute", "/finance/reconciliation"):
        refused = site.get(path)
        assert refused.status_code in (403, 404), path
    site.become(deal.office.cashier)
    milestone = advance(database, deal)
    refused = site.get(f"/finance/payments/new/{milestone.id}")
    assert refused.status_code == 403
    assert "申请付款" in refused.text
    refused = site.post(f"/finance/payments/applications/{one.id}/approve")
    assert refused.status_code == 403
    assert "审批付款" in refused.text
    site.become(deal.office.accountant)
    refused = site.post(f"/finance/payments/instructions/{file.id}/file")
    assert refused.status_code == 403
    site.become(None)
    assert site.get("/finance/payments").status_code in {302, 303}


def test_readers_are_led_only_where_they_may_go(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    one = executed(site, database, deal, clock)
    own = site.get(f"/finance/payments/{one.payments[0].id}").text
    assert "/finance/payments/instructions/" in own
    assert 'href="/finance/receipts/' in own
    closed = ("/finance/payments/instructions/", "/finance/receipts/", "/finance/reconciliation", "/finance/gifts")
    for reader in (deal.drafter, deal.supplier):
        site.become(reader)
        shown = site.get(f"/finance/payments/{one.payments[0].id}").text
        for link in closed:
            assert f'href="{link}' not in shown, (reader.organization_id, link)
        assert 'href="/finance"' not in shown


def test_todos_ask_only_for_what_the_reader_may_do_now(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    def asked(actor: Actor) -> list[str]:
        with database.read() as db:
            return [todo.title.format(**todo.params) for todo in todos(db, actor, now=clock.now())]

    assert asked(deal.office.accountant) == ["1 项应付款可以申请付款"]
    application_id = apply(site, database, deal, clock, amount_fen="10000.00")
    number = view(database, application_id).number
    (waiting,) = asked(deal.finance_head)
    assert number in waiting
    assert [one for one in asked(both(deal.office.accountant, Role.HEAD)) if number in one] == []
    approve(site, deal, application_id)
    assert asked(deal.office.cashier) == ["2 笔已批准的付款待执行"]
    assert asked(both(deal.finance_head, Role.CASHIER)) == []
    assert asked(deal.supplier) == []


def test_every_act_of_the_pages_is_there_for_programs(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    milestone = advance(database, deal)
    site.become(deal.office.accountant)
    api = "/api/v1/payments"
    for custody, number in ACCOUNTS.items():
        new = {"custody": custody, "number": number, "name": "示例财政局", "bank_name": "示例银行"}
        assert site.api("POST", f"{api}/accounts", new).status_code == 201
    assert len(site.api("GET", f"{api}/accounts").json()) == 2
    (claim,) = site.api("GET", f"{api}/claims").json()
    assert claim["milestone_id"] == str(milestone.id)
    asked = {
        "obligation_id": str(milestone.id), "payee_id": claim["payee_id"], "amount_fen": 10_000,
        "invoice_no": INVOICE, "invoice_on": legal_day(clock.now()).isoformat(),
    }  # fmt: skip
    problem = site.api("POST", f"{api}/applications", asked | {"payee_id": str(uuid4())})
    assert problem.status_code == 409
    assert problem.json()["type"].endswith("wrong_payee")
    made = site.api("POST", f"{api}/applications", asked)
    assert made.status_code == 201, made.text
    one = f"{api}/applications/{made.json()['id']}"
    site.become(deal.finance_head)
    assert site.api("POST", f"{one}/return", {"reason": "请补说明"}).json()["state"] == "returned"
    site.become(deal.office.accountant)
    change = {"amount_fen": 9_000, "invoice_no": INVOICE, "invoice_on": asked["invoice_on"], "note": "补了"}
    assert site.api("PUT", one, change).json()["amount_fen"] == 9_000
    site.become(deal.finance_head)
    assert site.api("POST", f"{one}/approve").json()["state"] == "approved"
    site.become(deal.office.cashier)
    assert site.api("GET", f"{api}?state=approved").json()[0]["count"] == 2
    ids = [part["id"] for part in site.api("GET", one).json()["payments"]]
    ordered = site.api("POST", f"{api}/orders", {"payment_ids": ids}).json()
    assert (len(ordered["instruction_ids"]), ordered["transfers"]) == (2, 0)
    file = f"{api}/instructions/{ordered['instruction_ids'][0]}"
    assert site.api("GET", file).json()["number"]
    assert site.api("POST", f"{file}/file").status_code == 200
    assert len(site.api("GET", f"{api}/instructions").json()) == 2
    with database.write() as db:
        found = [part.attempts[0].id for part in application(db, UUID(made.json()["id"])).payments]
        settle(db, [Finding(one_id, Verdict.REFUSED, "户名不符") for one_id in found], now=clock.now())
    site.become(deal.office.accountant)
    assert site.api("POST", f"{api}/{ids[0]}/retry", {"reason": "已更正"}).json()["state"] == "draft"
    assert site.api("POST", f"{api}/{ids[1]}/cancel", {"reason": "不付了"}).json()["state"] == "cancelled"
    assert site.api("POST", f"{api}/{ids[1]}/burn", {"reason": "不付了"}).status_code == 404
    site.become(deal.finance_head)
    assert site.api("POST", f"{api}/{ids[0]}/approve").json()["state"] == "approved"
    assert site.api("GET", f"{api}/{ids[0]}").json()["attempts"][0]["outcome"] == "failed"
    site.become(deal.office.accountant)
    site.api("POST", f"{api}/{ids[0]}/cancel", {"reason": "不付了"})
    again = site.api("POST", f"{api}/applications", asked | {"invoice_no": "99999999"}).json()
    assert (
        site.api("POST", f"{api}/applications/{again['id']}/cancel", {"reason": "不付了"}).json()["state"]
        == "cancelled"
    )
    site.become(deal.supplier)
    claims = site.api("GET", "/api/v1/claims").json()
    assert claims["owed"][0]["amount_fen"] == milestone.amount_fen
    assert claims["has_account"] is True


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_of_payments_speaks_both_languages(
    site: Browser, database: Database, deal: Deal, clock: ManualClock, language: str
) -> None:
    one = executed(site, database, deal, clock)
    with database.read() as db:
        file = instructions(db, one.holder_id)[0]
    site.client.cookies.set("language", language)
    paths = {
        deal.office.accountant: (
            "/finance/payments", "/finance/payments?state=in_transit",
            f"/finance/payments/new/{advance(database, deal).id}",
            f"/finance/payments/applications/{one.id}", f"/finance/payments/{one.payments[0].id}",
            "/finance/payments/execute", f"/finance/payments/instructions/{file.id}", "/finance/payments/accounts",
            "/finance/reconciliation", f"/finance/reconciliation/{book_key(database, 'bank')}",
        ),
        deal.supplier: ("/org/claims",),
    }  # fmt: skip
    for person, mine in paths.items():
        site.become(person)
        for path in mine:
            answer = site.get(path)
            assert answer.status_code == 200, path
            assert f'lang="{language}"' in answer.text
            assert ("接口文档" in answer.text) is (language == "zh-CN"), path
