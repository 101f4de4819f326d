"""Books, matches and notes on their pages and under the API, as accountant and cashier meet them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from uuid import uuid4

import pytest

from marketplace.db.base import Database
from marketplace.funds.rules import Custody, SourceKind
from marketplace.kit.clock import ManualClock, legal_day
from marketplace.payments.gateway import Gateway
from marketplace.payments.schemas import GatewayEntry, Unreachable
from marketplace.web.payments.reconciling import GatewayAway, fetch_bookings
from tests.contracts.support import Deal
from tests.contracts.worlds import built, committing_urls, deal, shared_urls
from tests.funds.bankbook import BankBook
from tests.funds.purse import a_fund
from tests.web.conftest import Browser, OpenBrowser, open_browser
from tests.web.paying import (
    ACCOUNTS,
    SITE,
    book_key,
    record_accounts,
    site,
)

__all__ = ["built", "committing_urls", "deal", "open_browser", "shared_urls", "site"]


def test_a_book_is_matched_and_explained_on_its_page(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    record_accounts(site, deal)
    today = legal_day(clock.now())
    bank = BankBook(ACCOUNTS["bank"])
    bank.book(2_999_999, date(2026, 3, 2))
    bank.book(-1_500, today, name="示例银行", purpose="账户管理费")
    site.become(deal.office.accountant)
    assert "请先选择对账单文件" in site.post("/finance/reconciliation/statements", {}).text
    bad = site.post("/finance/reconciliation/statements", files={"file": ("x.csv", b"nonsense", "text/csv")})
    assert bad.status_code == 422
    assert "无法读取" in bad.text
    content = bank.statement(today)
    upload = {"file": ("对账单.csv", content, "text/csv")}
    assert site.post("/finance/reconciliation/statements", files=upload).status_code == 303
    again = site.post("/finance/reconciliation/statements", files=upload)
    assert "statements" in again.headers["location"]
    url = f"/finance/reconciliation/{book_key(database, 'bank')}"
    assert "有未对上的记录" in site.get("/finance/reconciliation").text
    page = site.get(url).text
    assert "建议匹配（1）" in page
    keys = re.findall(r'name="items" value="([^"]+)"', page)
    pair, fee = keys[:2], keys[3]
    assert len(set(keys)) == 3
    alone = site.post(f"{url}/match", {"items": pair[:1], "note": ""})
    assert alone.status_code == 422
    assert "请在左右两边勾选" in alone.text
    assert alone.text.count(" checked") == 1
    unequal = site.post(f"{url}/match", {"items": [fee, pair[1]]})
    assert "合计不相等" in unequal.text
    assert site.post(f"{url}/match", {"items": pair}).status_code == 303
    assert "最近确认的匹配" in site.get(url).text
    note = f"{url}/note"
    assert "账户管理费" in site.get(f"{note}?item={fee}").text
    assert site.get(f"{note}?item=line:{uuid4()}").status_code == 404
    wrong = site.post(note, {"item": fee, "category": "open", "text": "在查"})
    assert wrong.status_code == 422
    assert "须指定一位负责人" in wrong.text
    assert "在查" in wrong.text
    assert site.post(note, {"item": fee, "category": "fee", "text": "见回单"}).status_code == 303
    assert "已对平" in site.get(url).text
    take_back(site, url, fee)


def take_back(site: Browser, url: str, fee: str) -> None:
    """Withdraw the note, undo the match, ask the bank anew."""
    withdraw = re.search(r'action="([^"]+/withdraw)"', site.get(f"{url}/note?item={fee}").text)
    assert withdraw
    assert site.post(withdraw[1]).status_code == 303
    assert "没有对平" in site.get(url).text
    undo = re.search(r'action="([^"]+/undo)"', site.get(url).text)
    assert undo
    key = url.rsplit("/", 1)[1]
    assert site.post(undo[1], {"book": key, "reason": ""}).status_code == 422
    assert site.post(undo[1], {"book": key, "reason": "对错了"}).status_code == 303
    assert "建议匹配（1）" in site.get(url).text
    assert site.post(f"{url}/fetch").status_code == 303
    assert site.post("/finance/reconciliation/gateway/fetch").status_code == 404


def test_who_paid_is_kept_from_the_books_and_others_books_are_not_found(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    record_accounts(site, deal)
    url = f"/finance/reconciliation/{book_key(database, 'bank')}"
    site.become(deal.office.cashier)
    assert "匹配勾选的记录" not in site.get(url).text
    refused = site.post(f"{url}/match", {"items": ["line:a", "line:b"]})
    assert refused.status_code == 403
    assert "对账" in refused.text
    site.become(replace(deal.office.accountant, organization_id=uuid4()))
    assert site.get(url).status_code == 404
    assert site.get(f"/finance/reconciliation/statements/{uuid4()}").status_code == 404


def test_reconciliation_is_there_for_programs(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    record_accounts(site, deal)
    api = "/api/v1/reconciliation"
    today = legal_day(clock.now())
    bank = BankBook(ACCOUNTS["bank"])
    bank.book(2_999_999, date(2026, 3, 2))
    bank.book(-700, today, name="示例银行")
    site.become(deal.office.accountant)
    client, token = site.client, site.client.cookies["csrf"]
    taken = client.post(f"{api}/statements", content=bank.statement(today), headers={"x-csrftoken": token})
    assert taken.status_code == 201, taken.text
    assert taken.json()["fresh"] == 2
    (statement,) = site.api("GET", f"{api}/statements").json()
    assert len(site.api("GET", f"{api}/statements/{statement['id']}").json()) == 2
    assert site.api("GET", f"{api}/statements/{uuid4()}").status_code == 404
    book = f"{api}/books/{book_key(database, 'bank')}"
    page = site.api("GET", book).json()
    (likely,) = page["suggestions"]
    items = [likely["theirs"][0]["key"], likely["ours"][0]["key"]]
    fee = next(one["key"] for one in page["theirs"] if one["amount_fen"] == -700)
    match = site.api("POST", f"{book}/matches", {"items": items}).json()["id"]
    note = site.api("POST", f"{book}/notes", {"item": fee, "category": "fee", "text": "手续费"}).json()["id"]
    closings = {one["book"]["custody"]: one for one in site.api("GET", api).json()}
    assert closings["bank"]["explained_fen"] == {"fee": -700}
    assert site.api("POST", f"{book}/notes/{note}/withdraw").status_code == 200
    assert site.api("POST", f"{api}/matches/{match}/undo", {"reason": "对错了"}).status_code == 200
    assert site.api("POST", f"{book}/fetch").status_code == 202
    assert site.api("POST", f"{api}/books/gateway/fetch").status_code == 404


class SilentGateway(Gateway):
    """A gateway that does not answer, or that has one booking."""

    def __init__(self, entries: list[GatewayEntry] | None = None) -> None:
        self.entries = entries

    def balance_transactions(self, *, since: datetime, until: datetime) -> Iterator[GatewayEntry]:
        if self.entries is None:
            raise Unreachable("silence")
        return iter([one for one in self.entries if since <= one.made_at < until])


def test_the_gateways_bookings_are_fetched_on_its_page(
    open_browser: OpenBrowser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    with database.write() as db:
        a_fund(db, deal.office, SourceKind.DONATION, now=deal.at, custody=Custody.GATEWAY)
    clock.set(deal.at)
    url = "/finance/reconciliation/gateway"
    entry = GatewayEntry(
        id="txn_1", kind="adjustment", amount_fen=500, fee_fen=0, net_fen=500, source="", made_at=clock.now()
    )
    for gateway, status in ((None, 404), (SilentGateway(), 503), (SilentGateway([entry]), 303)):
        site = open_browser(routes=SITE, gateway=gateway)
        site.become(deal.office.accountant)
        assert site.post(f"{url}/fetch").status_code == status
    assert "txn_1" in site.get(url).text
    assert site.api("POST", "/api/v1/reconciliation/books/gateway/fetch").json() == {"fresh": 0}
    with pytest.raises(GatewayAway), database.read():
        fetch_bookings(database, deal.office.accountant, SilentGateway(), clock)
    site.become(deal.office.cashier)
    assert site.post(f"{url}/fetch").status_code == 403
