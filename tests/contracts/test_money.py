"""The second signature binds the money: what was reserved is committed to the fen, and what is left over goes back."""

from sqlalchemy.orm import Session

from marketplace.contracts import queries
from marketplace.contracts.states import ContractState
from marketplace.funds import queries as money
from marketplace.ledger.queries import verify
from tests.contracts.support import PRICE, Deal, active
from tests.projects.village import BUDGET


def test_two_signatures_commit_the_price_and_return_the_surplus(db: Session, deal: Deal) -> None:
    active(db, deal)
    assert queries.contract_facts(db, deal.contract_id).state is ContractState.ACTIVE
    held = [money.fund(db, fund).balances_fen for fund in deal.funds]
    milestones = queries.milestones_of(db, deal.contract_id)
    advance = milestones[0].amount_fen
    assert sum(one.get("committed", 0) for one in held) == PRICE - advance
    assert sum(one.get("payable", 0) for one in held) == advance
    assert sum(one.get("available", 0) for one in held) == BUDGET - PRICE
    assert sum(one.amount_fen for one in milestones) == PRICE
    assert verify(db).ok
