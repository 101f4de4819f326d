"""The public flow of money: by the ledger, to the fen, from source to payee; and a receipt's fen in plain words."""

import csv
import io
from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.aid.model import Roster
from marketplace.aid.schemas import NewRate
from marketplace.aid.states import Stage
from marketplace.contracts import queries as contracts
from marketplace.funds import queries
from marketplace.funds.model import Receipt
from marketplace.ledger.queries import held
from marketplace.web.funds.flow import HEADS, flow_csv, money_flow
from marketplace.web.funds.naming import name_refs
from marketplace.web.funds.tracing import in_words, places
from tests.aid.home import a_home, a_programme, an_approved
from tests.contracts.support import Deal, active, project_of
from tests.contracts.worlds import built, committing_urls, deal, shared_urls
from tests.web.conftest import OpenBrowser, browser_of_site, open_browser

__all__ = ["browser_of_site", "built", "committing_urls", "deal", "open_browser", "shared_urls"]


def test_what_leaves_a_fund_is_what_came_in_and_milestones_follow_their_project(db: Session, deal: Deal) -> None:
    active(db, deal)
    funds = queries.funds(db)
    flow = money_flow(db, funds)
    into: dict[str, int] = defaultdict(int)
    out: dict[str, int] = defaultdict(int)
    for source, target, fen in flow.links:
        into[target] += fen
        out[source] += fen
    for fund in funds:
        if fund.received_fen:
            assert into[fund.name] == out[fund.name] == fund.received_fen
    first = contracts.milestones_of(db, deal.contract_id)[0]
    reached = [(source, fen) for source, target, fen in flow.links if target == first.title]
    assert sum(fen for _, fen in reached) == first.amount_fen
    assert {source for source, _ in reached} == {project_of(db, deal).title}
    assert flow.svg is not None
    assert "资金流向图" in flow.svg
    assert len(HEADS) == 5


def test_the_data_hold_every_row_in_whole_fen_and_in_yuan(db: Session, deal: Deal) -> None:
    active(db, deal)
    funds = queries.funds(db)
    rows = list(csv.DictReader(io.StringIO(flow_csv(db, funds))))
    assert [(row["from"], row["to"], int(row["amount_fen"])) for row in rows] == money_flow(db, funds, most=99).links
    assert all(f"{int(row['amount_fen']) / 100:.2f}" == row["amount_yuan"] for row in rows)


def test_beyond_a_few_the_smallest_go_together_and_no_fen_is_lost(db: Session, deal: Deal) -> None:
    active(db, deal)
    funds = queries.funds(db)
    whole, few = money_flow(db, funds, most=99), money_flow(db, funds, most=0)
    from_sources = {fund.name for fund in funds}
    assert sum(fen for source, _, fen in whole.links if source in from_sources) == sum(
        fen for source, _, fen in few.links if source in from_sources
    )


def test_a_receipts_words_add_up_and_name_project_milestone_and_payee(db: Session, deal: Deal) -> None:
    active(db, deal)
    told = ""
    for receipt in db.scalars(select(Receipt)):
        shown = places(db, receipt.id, public=True)
        lines = in_words(shown)
        assert sum(place.amount_fen for place in shown) == receipt.amount_fen
        assert sum(fen for fen, _ in lines) == receipt.amount_fen
        told += "".join(line for _, line in lines)
    first = contracts.milestones_of(db, deal.contract_id)[0]
    assert first.title in told
    assert "等待支付" in told
    assert "已签入合同" in told


@pytest.mark.parametrize(("heads", "is_shown"), [(4, False), (5, True)])
def test_a_group_under_five_is_not_even_told_as_one_and_nobody_is_named(
    db: Session, now: datetime, heads: int, is_shown: bool
) -> None:
    home = a_home(db, now)
    rate = NewRate(group_name="大学新生", stage=Stage.UNIVERSITY, rate_fen=10_000)
    home = replace(home, programme_id=a_programme(db, home.clerk, now=now, name="示例助学二", rates=(rate,)))
    roster = db.get_one(Roster, an_approved(db, home, now, people=range(1, heads + 1)))
    told = " ".join(f"{source} {target}" for source, target, _ in money_flow(db, queries.funds(db)).links)
    assert (roster.title in told) is is_shown
    thing = name_refs(db, [("payable", roster.id)], public=True)["payable", roster.id]
    assert (str(heads) in thing.payee) is is_shown
    assert name_refs(db, [("payable", roster.id)], public=False)["payable", roster.id].project == roster.title
    receipts = list(db.scalars(select(Receipt.id)))
    lines = " ".join(line for one in receipts for _, line in in_words(places(db, one, public=True)))
    assert (roster.title in lines) is is_shown
    assert "不公开姓名" in lines
    assert "受助人0" not in lines


def test_what_nobody_knows_has_no_name(db: Session) -> None:
    stranger = ("reserved", uuid4())
    assert not name_refs(db, [stranger], public=True)[stranger].kind
    assert name_refs(db, [], public=True) == {}
    assert held(db, [uuid4()]) == []


def test_the_page_and_its_data_are_there_for_everybody(open_browser: OpenBrowser) -> None:
    site = open_browser()
    page = site.get("/funds")
    assert page.status_code == 200
    assert "/funds/flow.csv" in page.text
    data = site.get("/funds/flow.csv")
    assert data.status_code == 200
    assert data.headers["content-type"].startswith("text/csv")
    assert data.content.decode("utf-8-sig").splitlines()[0] == "from,to,amount_fen,amount_yuan"
