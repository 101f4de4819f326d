"""A claim, and the page of claims, cost the same number of questions however much is owed."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from marketplace.contracts.model import Milestone
from marketplace.contracts.queries import milestones_of
from marketplace.contracts.states import MilestoneState
from marketplace.flows import claiming
from marketplace.funds import commands as funds
from marketplace.funds.queries import claimable_count
from marketplace.funds.schemas import NewApplication
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import Forbidden, NotFound
from marketplace.projects.states import MilestoneKind
from tests.contracts.support import Deal, active
from tests.contracts.worlds import built, committing_urls, deal, shared_urls
from tests.funds.desk import owed
from tests.funds.purse import Office, a_fund, a_new_receipt

__all__ = ["built", "committing_urls", "deal", "shared_urls"]
FEN, MANY = 1_000, 30


def questions(db: Session, ask: Callable[[], object]) -> int:
    """How many statements an act sends, by a session that has read nothing yet."""
    db.expire_all()
    sent: list[object] = []

    def note(*call: object) -> None:
        sent.append(call[2])

    connection = db.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return len(sent)


def advance(db: Session, deal: Deal) -> UUID:
    return next(one.id for one in milestones_of(db, deal.contract_id) if one.state is MilestoneState.ACCEPTED)


def more(db: Session, deal: Deal) -> None:
    """Many more milestones of the contract, each accepted a day after the other, with something payable."""
    first = db.get_one(Milestone, advance(db, deal))
    facts = {one.key: getattr(first, one.key) for one in inspect(Milestone).column_attrs if one.key != "id"}
    clerk, head = deal.buyer_clerk.person_id, deal.buyer_head.person_id
    done = {
        "kind": MilestoneKind.DELIVERABLE, "due_on": legal_day(deal.at), "attempts": 1,
        "reported_by": deal.supplier.person_id, "reported_at": deal.at, "verified_by": clerk, "verified_at": deal.at,
        "accepted_by": head,
    }  # fmt: skip
    days = [{"place": place, "accepted_at": deal.at + timedelta(days=200 - place)} for place in range(100, 100 + MANY)]
    rows = [Milestone(**(facts | done | day)) for day in days]
    db.add_all(rows)
    db.flush()
    purse = Office(deal.office.accountant, deal.office.cashier, deal.office.buyer_id)
    fund_id = a_fund(db, purse, now=deal.at, name="示例资金3")
    funds.receive(db, deal.office.accountant, a_new_receipt(fund_id, FEN * MANY), now=deal.at)
    for row in rows:
        owed(db, fund_id, FEN, now=deal.at, obligation_id=row.id)


def test_a_claim_and_the_page_of_claims_ask_as_often_of_many_as_of_one(db: Session, deal: Deal) -> None:
    active(db, deal)
    accountant, milestone_id = deal.office.accountant, advance(db, deal)

    def one() -> claiming.Claim:
        return claiming.claim(db, accountant, milestone_id)

    def page() -> list[claiming.Claim]:
        return claiming.claims(db, accountant)

    before, few = one(), (questions(db, one), questions(db, page))
    assert len(page()) == 1
    more(db, deal)
    assert len(page()) == claimable_count(db, accountant.organization_id or UUID(int=0)) == 1 + MANY
    assert (questions(db, one), questions(db, page)) == few
    assert few == (2, 2)
    assert one() == before


def test_a_page_of_claims_is_bounded_and_begins_with_the_longest_accepted(db: Session, deal: Deal) -> None:
    active(db, deal)
    more(db, deal)
    shown = claiming.claims(db, deal.office.accountant, limit=5)
    everything = claiming.claims(db, deal.office.accountant)
    assert shown == everything[:5]
    assert [one.milestone.accepted_at for one in everything] == sorted(
        one.milestone.accepted_at for one in everything if one.milestone.accepted_at
    )


def test_a_claim_is_what_is_payable_and_not_asked_for_fund_by_fund(db: Session, deal: Deal) -> None:
    active(db, deal)
    accountant, milestone_id = deal.office.accountant, advance(db, deal)
    whole = claiming.claim(db, accountant, milestone_id)
    assert whole.payable.payable_fen == whole.payable.free_fen == whole.milestone.accepted_fen
    assert whole.payable.funds == ("示例资金1", "示例资金2")
    assert whole.payee is not None
    assert whole.payee.organization_id == deal.supplier.organization_id

    def ask(fen: int, number: int) -> None:
        new = NewApplication(
            obligation_id=milestone_id, payee_id=whole.contract.supplier_id, amount_fen=fen,
            invoice_no=f"{number:020d}", invoice_on=legal_day(deal.at),
        )  # fmt: skip
        claiming.apply_for_milestone(db, accountant, new, now=deal.at)

    ask(FEN, 1)
    rest = claiming.claim(db, accountant, milestone_id).payable
    assert (rest.payable_fen, rest.free_fen) == (whole.payable.payable_fen, whole.payable.free_fen - FEN)
    ask(rest.free_fen, 2)
    assert claiming.claims(db, accountant) == []
    with pytest.raises(NotFound):
        claiming.claim(db, accountant, milestone_id)


def test_a_claim_is_no_business_of_others(db: Session, deal: Deal) -> None:
    active(db, deal)
    with pytest.raises(Forbidden):
        claiming.claim(db, deal.office.cashier, advance(db, deal))
    with pytest.raises(NotFound):
        claiming.claim(db, deal.office.accountant, UUID(int=1))
