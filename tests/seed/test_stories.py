"""Both stories told whole, once: what they must add up to, and that the demo shows where a thing may stand.

It takes three minutes of one core, so it runs with the walks through the demo, not with a newcomer's tests.
"""

import secrets
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, text

from marketplace.aid import queries as aid
from marketplace.app import Installation, opened, standins
from marketplace.bids.model import Bid
from marketplace.bids.states import BidState
from marketplace.contracts.model import Contract, Milestone
from marketplace.contracts.states import ContractState, MilestoneState
from marketplace.funds.model import Fund, GiftPayment, Payment, PaymentApplication, Receipt
from marketplace.funds.queries.reconciling import closings
from marketplace.funds.rules import Custody
from marketplace.funds.schemas.reconciling import Closing
from marketplace.funds.states import ApplicationState, PaymentState
from marketplace.funds.states.gifts import GiftState
from marketplace.funds.states.reconciling import Category
from marketplace.kit.clock import legal_day
from marketplace.ledger.queries import totals, trace_receipt, trace_ref, verify
from marketplace.ledger.states import GONE
from marketplace.projects.model import Project, Question
from marketplace.projects.states import ProjectState
from marketplace.settings import Settings
from seed.facts_2016 import facts
from seed.guangan import ACCOUNTS
from seed.stories import tell
from tests.conftest import Urls

pytestmark = pytest.mark.browser
STORIES = ("guangan-2016", "demo")
GIVEN_FEN = 3_700_000


@pytest.fixture(scope="module")
def town(module_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation in which both stories were told."""
    settings = Settings(
        home=tmp_path_factory.mktemp("home"), database_url=module_urls.app, owner_url=module_urls.owner,
        role_prefix="tests", secret_key=secrets.token_hex(32), demo=True,
    )  # fmt: skip
    with standins(settings) as full, opened(full) as installation:
        tell(installation, STORIES, say=lambda _: None)
        yield installation


def states_of(town: Installation, model: type) -> set[str]:
    """Every state in which at least one thing of a kind stands."""
    with town.database.read() as db:
        return set(db.scalars(select(model.state).distinct()))  # type: ignore[attr-defined]


def books_of(town: Installation) -> list[Closing]:
    with town.database.read() as db:
        return closings(db, now=town.clock.now())


def test_the_books_hold_in_every_rule(town: Installation) -> None:
    with town.database.read() as db:
        found = verify(db)
    assert found.ok, found


def test_2016_reached_the_people_the_article_counts(town: Installation) -> None:
    with town.database.read() as db:
        report = aid.report(db, "guangan-2016")
    assert (report.heads, report.total_fen) == (facts().checksum.heads, facts().checksum.total_fen)
    lines = {line.name: (line.heads, line.total_fen) for line in report.programmes}
    told = {one.name_zh: [line for line in facts().aid_lines if line.programme == one.id] for one in facts().programmes}
    assert lines == {
        name: (sum(one.heads for one in given), sum(one.total_fen for one in given))
        for name, given in told.items()
        if given
    }


def test_projects_stand_in_every_state(town: Installation) -> None:
    assert states_of(town, Project) == set(ProjectState)


def test_contracts_stand_in_every_state(town: Installation) -> None:
    assert states_of(town, Contract) == set(ContractState)


def test_milestones_stand_in_every_state(town: Installation) -> None:
    assert states_of(town, Milestone) == set(MilestoneState)


def test_a_milestone_is_late(town: Installation) -> None:
    late = select(func.count()).where(
        Milestone.state == MilestoneState.SCHEDULED, Milestone.due_on < legal_day(town.clock.now())
    )
    with town.database.read() as db:
        assert db.scalar(late)


def test_payments_stand_in_every_state_that_lasts(town: Installation) -> None:
    passing = {PaymentState.SUBMITTING, PaymentState.UNKNOWN, PaymentState.IN_TRANSIT}
    assert states_of(town, Payment) == set(PaymentState) - passing, "the workers bring what is under way to its end"
    assert states_of(town, PaymentApplication) == set(ApplicationState)


def test_a_bid_was_withdrawn_and_a_question_waits(town: Installation) -> None:
    assert BidState.WITHDRAWN in states_of(town, Bid)
    with town.database.read() as db:
        assert db.scalar(select(func.count()).where(Question.answered_at.is_(None)))


def test_gifts_came_through_the_gateway_and_each_can_be_followed(town: Installation) -> None:
    with town.database.read() as db:
        given = list(db.scalars(select(GiftPayment).order_by(GiftPayment.intended_at)))
        fund_id = db.scalars(select(Fund.id).where(Fund.custody == Custody.GATEWAY)).one()
        held = totals(db, [fund_id])[fund_id]
        traces = [trace_receipt(db, one.receipt_id) for one in given if one.receipt_id]
        payers = dict(db.execute(select(Receipt.payer, Receipt.disclose_payer).where(Receipt.fund_id == fund_id)).all())
    assert [one.state for one in given] == [GiftState.PAID] * 3
    assert sum(one.amount_fen for one in given) == sum(held.values()) == GIVEN_FEN
    assert [sum(piece.amount_fen for piece in one.pieces) for one in traces] == [one.amount_fen for one in given]
    assert sorted(payers.values()) == [False, True, True]
    assert held["paid"] > 0, "the advance went out by transfer"
    assert all("虚构" in name for name in payers)


def test_every_payment_comes_from_receipts_to_the_fen(town: Installation) -> None:
    with town.database.read() as db:
        rows = db.execute(select(Payment.id, Payment.amount_fen).where(Payment.state == PaymentState.PAID)).all()
        for payment_id, amount_fen in rows[:: max(1, len(rows) // 20)]:
            found = trace_ref(db, payment_id)
            assert sum(part.amount_fen for part in found.held) == found.amount_fen == amount_fen
            assert sum(source.amount_fen for part in found.held for source in part.sources) == amount_fen


def test_the_books_of_2016_close_with_nothing_untold(town: Installation) -> None:
    found = [one for one in books_of(town) if one.book.number in ACCOUNTS.values()]
    assert len(found) == len(ACCOUNTS)
    for one in found:
        assert one.is_closed
        assert (one.theirs_fen, one.ledger_fen, one.open_items, one.explained_items) == (0, 0, 0, 0)


def test_the_gateway_closes_by_itself(town: Installation) -> None:
    (one,) = [one for one in books_of(town) if one.book.custody is Custody.GATEWAY]
    assert one.is_closed
    assert one.theirs_fen == one.ledger_fen


def test_this_years_books_leave_a_few_things_to_do(town: Installation) -> None:
    found = [one for one in books_of(town) if one.book.number and one.book.number not in ACCOUNTS.values()]
    assert all(one.gap_fen == 0 for one in found), "no day is missing"
    assert [set(one.explained_fen) for one in found if one.explained_fen] == [{Category.UNIDENTIFIED}]
    assert sum(one.open_items for one in found) == 1
    assert sum(one.untold_items for one in found) == 3, "a gift and its booking to confirm, a stranger's money"
    with town.database.read() as db:
        funds = list(db.scalars(select(Fund.id)))
        left = sum(fen for one in totals(db, funds).values() for role, fen in one.items() if role not in GONE)
    assert left == sum(one.ledger_fen for one in books_of(town))


def test_a_second_telling_leaves_all_alone(town: Installation) -> None:
    tables = ("journal_entry", "ledger.movement", "project", "contract", "payment", "gift_payment", "person")

    def counts() -> list[int]:
        with town.database.read() as db:
            return [int(db.scalar(text(f"SELECT count(*) FROM {table}")) or 0) for table in tables]

    before = counts()
    tell(town, STORIES, say=lambda _: None)
    assert counts() == before
