"""The finance desk: what waits for whom since when and by when, and the year by months, from the ledger to the fen."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.funds.queries.desk import Month, months, pending
from marketplace.funds.queries.paying import Standing
from marketplace.kit.actor import SYSTEM
from marketplace.kit.clock import ManualClock, legal_day
from marketplace.kit.money import yuan_grouped
from marketplace.procedures.commands import amend_rule
from marketplace.procedures.schemas import RuleAmendment
from marketplace.web.figures.months import month_bars
from tests.contracts.support import PURSES, Deal
from tests.contracts.worlds import built, committing_urls, deal, shared_urls
from tests.funds.bankbook import BankBook
from tests.web.conftest import Browser, open_browser
from tests.web.paying import ACCOUNTS, advance, apply, approve, executed, site

__all__ = ["built", "committing_urls", "deal", "open_browser", "shared_urls", "site"]
RECEIVED = sum(fen for _, fen in PURSES)
YEAR = 2026


def holder(deal: Deal) -> UUID:
    assert deal.office.accountant.organization_id
    return deal.office.accountant.organization_id


def year_of(database: Database, deal: Deal) -> dict[int, tuple[int, int]]:
    with database.read() as db:
        found = months(db, holder(deal), year=YEAR)
    return {one.number: (one.in_fen, one.out_fen) for one in found if one.in_fen or one.out_fen}


def test_what_waits_tells_for_whom_since_when_and_by_when(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    milestone = advance(database, deal)
    with database.read() as db:
        (unasked,) = pending(db, holder(deal))
    due = legal_day(milestone.accepted_at) + timedelta(days=30)
    assert (unasked.standing, unasked.since, unasked.due_on) == (Standing.CLAIMABLE, milestone.accepted_at, due)
    assert unasked.url == f"/finance/payments/new/{milestone.id}"
    site.become(deal.office.accountant)
    assert "等会计申请" in site.get("/finance").text
    application_id = apply(site, database, deal, clock)
    with database.read() as db:
        asked, rest = sorted(pending(db, holder(deal)), key=lambda one: one.amount_fen)
    assert (asked.standing, asked.amount_fen, asked.since, asked.due_on) == (
        Standing.SUBMITTED, 10_000, clock.now(), due,
    )  # fmt: skip
    assert asked.amount_fen + rest.amount_fen == unasked.amount_fen
    shown = site.get("/finance").text
    assert "等负责人审批" in shown
    assert f"/finance/payments/applications/{application_id}" in shown
    assert approve(site, deal, application_id).status_code == 303
    site.become(deal.office.cashier)
    shown = site.get("/finance").text
    assert "等出纳执行" in shown
    assert 'href="/finance/payments/execute"' in shown


@pytest.mark.rule("sme_payment_days")
@pytest.mark.parametrize(("first_on", "days", "today_days"), [(1, 30, 30), (0, 20, 20)])
def test_the_day_to_pay_by_follows_the_row_in_force_on_the_day_of_acceptance(
    site: Browser, database: Database, deal: Deal, first_on: int, days: int, today_days: int
) -> None:
    accepted_at = advance(database, deal).accepted_at
    accepted_on = legal_day(accepted_at)
    first_day = accepted_on + timedelta(days=first_on)
    new = RuleAmendment(value=Decimal(20), basis="测试用的新规定", valid_from=first_day, reason="修订")
    with database.write() as db:
        amend_rule(db, SYSTEM, "sme_payment_days", new, now=accepted_at - timedelta(days=2))
    with database.read() as db:
        (owed,) = pending(db, holder(deal))
    assert owed.due_on == accepted_on + timedelta(days=days)
    site.become(deal.office.accountant)
    assert f"应在 {today_days} 日内支付" in site.get("/finance/payments").text


def test_what_is_not_paid_thirty_days_after_acceptance_is_late(site: Browser, deal: Deal, clock: ManualClock) -> None:
    site.become(deal.office.accountant)
    assert "快到期" not in site.get("/finance").text
    clock.set(deal.at + timedelta(days=28))
    assert "快到期" in site.get("/finance").text
    clock.set(deal.at + timedelta(days=33))
    assert "逾期 3 天" in site.get("/finance").text


def test_a_desk_that_keeps_no_money_has_no_such_board(site: Browser, deal: Deal) -> None:
    site.become(deal.buyer_head)
    assert "待付款" not in site.get("/centre").text


def test_the_year_tells_what_came_in_and_was_paid_to_the_fen(
    site: Browser, database: Database, deal: Deal, clock: ManualClock
) -> None:
    assert year_of(database, deal) == {3: (RECEIVED, 0)}
    one = executed(site, database, deal, clock)
    site.become(deal.office.accountant)
    today = legal_day(clock.now())
    for part, custody in zip(one.payments, ("bank", "quota"), strict=True):
        bank = BankBook(ACCOUNTS[custody], balance_fen=10_000_000)
        bank.book(-part.amount_fen, today, name=part.payee_name, number=part.number)
        upload = {"file": ("对账单.csv", bank.statement(today), "text/csv")}
        assert site.post("/finance/reconciliation/statements", files=upload).status_code == 303
    assert year_of(database, deal) == {3: (RECEIVED, one.amount_fen)}
    shown = site.get("/finance").text
    assert "2026 年各月到账与支付" in shown
    assert yuan_grouped(one.amount_fen) in shown


def test_the_board_asks_four_questions_however_much_waits(db: Session, deal: Deal) -> None:
    sent: list[object] = []
    connection = db.connection()

    def note(*call: object) -> None:
        sent.append(call[2])

    event.listen(connection, "before_cursor_execute", note)
    try:
        pending(db, holder(deal))
        months(db, holder(deal), year=YEAR)
    finally:
        event.remove(connection, "before_cursor_execute", note)
    assert len(sent) == 4


@pytest.mark.parametrize(("most", "top"), [(100, "4"), (217_000_000, "240"), (1_000_001, "4"), (90_000_000, "120")])
def test_the_scale_of_the_months_ends_on_a_round_step_above_the_highest_bar(most: int, top: str) -> None:
    drawn = month_bars([("chart-real", "支付", [most, *[0] * 11])], title="一年", description="说明")
    assert f">{top}</text>" in drawn
    assert drawn.count('class="chart-real"') == 2
    assert "style" not in drawn


def test_a_month_in_which_more_came_back_than_was_paid_has_no_bar() -> None:
    drawn = month_bars([("chart-real", "支付", [-100, 100, *[0] * 10])], title="一年", description="说明")
    assert drawn.count('class="chart-real"') == 2


def test_a_month_without_movements_is_there_with_nothing(db: Session, deal: Deal) -> None:
    assert months(db, holder(deal), year=YEAR - 1)[0] == Month(number=1, in_fen=0, out_fen=0)
    assert len(months(db, holder(deal), year=YEAR - 1)) == 12
