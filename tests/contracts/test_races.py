"""Contracts between threads that really commit: one draft, one activation, and never more money than is reserved."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from marketplace.contracts import commands, queries
from marketplace.contracts.model import Contract, ContractSignature, Milestone
from marketplace.contracts.rules.refusals import AlreadySigned, ContractExists
from marketplace.contracts.states import ContractState, Side
from marketplace.db.base import Database
from marketplace.flows import contracting
from marketplace.funds import queries as money
from marketplace.funds.commands import commit as commit_price
from marketplace.funds.rules import MoreThanReserved
from marketplace.kit.actor import SYSTEM
from marketplace.kit.errors import DomainError, IllegalMove
from marketplace.ledger.queries import verify
from tests.contracts.support import PRICE, Deal, seen, to_sign
from tests.projects.village import BUDGET

Outcome = tuple[object, DomainError | None]


def at_once(stories: list[Callable[[], object]]) -> list[Outcome]:
    """Tell stories in threads that begin together; what each returned, and what refused it."""
    gate = Barrier(len(stories))

    def tell(story: Callable[[], object]) -> Outcome:
        gate.wait()
        try:
            return story(), None
        except DomainError as refusal:
            return None, refusal

    with ThreadPoolExecutor(len(stories)) as pool:
        return list(pool.map(tell, stories))


def signing(database: Database, deal: Deal, side: Side) -> Callable[[], object]:
    with database.read() as db:
        what = seen(db, deal.contract_id)
    return lambda: database.run(
        lambda db: contracting.sign(db, deal.signer(side), deal.contract_id, side, what, now=deal.at)
    )


def balances(database: Database, deal: Deal) -> dict[str, int]:
    """What lies in each role of all funds together, while the books balance."""
    found: dict[str, int] = {}
    with database.read() as db:
        assert verify(db).ok
        for fund in deal.funds:
            for role, fen in money.fund(db, fund).balances_fen.items():
                found[role] = found.get(role, 0) + fen
    return found


def test_ten_drafts_at_once_make_one_contract(committing: Database, deal: Deal) -> None:
    def story() -> object:
        return committing.run(lambda db: contracting.draft(db, deal.drafter, deal.project_id, now=deal.at))

    found = at_once([story] * 10)
    assert sum(refusal is None for _, refusal in found) == 1
    assert all(isinstance(refusal, ContractExists) for _, refusal in found if refusal)


def test_both_parties_sign_at_once_and_the_contract_takes_effect_once(committing: Database, deal: Deal) -> None:
    with committing.write() as db:
        to_sign(db, deal)
    found = at_once([signing(committing, deal, side) for side in Side])
    assert sorted(bool(in_force) for in_force, _ in found) == [False, True]
    assert [refusal for _, refusal in found] == [None, None]
    with committing.read() as db:
        milestones = queries.milestones_of(db, deal.contract_id)
        assert db.scalar(select(func.count()).select_from(ContractSignature)) == 2
        assert db.get_one(Contract, deal.contract_id).state is ContractState.ACTIVE
        assert db.scalar(select(func.count()).select_from(Milestone)) == len(milestones)
    advance = milestones[0].amount_fen
    expected = {"available": BUDGET - PRICE, "committed": PRICE - advance, "payable": advance}
    assert balances(committing, deal) == expected


def test_one_party_signs_once_however_often_it_asks(committing: Database, deal: Deal) -> None:
    with committing.write() as db:
        to_sign(db, deal)
    found = at_once([signing(committing, deal, Side.SUPPLIER) for _ in range(8)])
    assert sum(refusal is None for _, refusal in found) == 1
    assert all(isinstance(refusal, AlreadySigned) for _, refusal in found if refusal)
    assert balances(committing, deal) == {"reserved": BUDGET}


def test_sent_back_or_in_force_but_never_both(committing: Database, deal: Deal) -> None:
    with committing.write() as db:
        to_sign(db, deal)
    signing(committing, deal, Side.SUPPLIER)()

    def back() -> object:
        def story(db: object) -> None:
            commands.return_(db, deal.approver, deal.contract_id, reason="条款有误", now=deal.at)  # type: ignore[arg-type]

        return committing.run(story)

    [(_, refused_sign), (_, refused_back)] = at_once([signing(committing, deal, Side.BUYER), back])
    assert (refused_sign is None) != (refused_back is None)
    assert isinstance(refused_sign or refused_back, IllegalMove)
    with committing.read() as db:
        state = db.get_one(Contract, deal.contract_id).state
    assert state is (ContractState.ACTIVE if refused_sign is None else ContractState.DRAFT)
    assert ("reserved" in balances(committing, deal)) is (refused_sign is not None)


def test_fifty_contracts_ask_for_one_projects_money_and_one_gets_it(committing: Database, deal: Deal) -> None:
    def story() -> object:
        return committing.run(
            lambda db: commit_price(db, SYSTEM, deal.project_id, uuid4(), BUDGET // 2 + 1, now=deal.at)
        )

    with pytest.raises(MoreThanReserved), committing.write() as db:
        commit_price(db, SYSTEM, deal.project_id, uuid4(), BUDGET + 1, now=deal.at)
    found = at_once([story] * 50)
    assert sum(refusal is None for _, refusal in found) == 1
    assert all(isinstance(refusal, MoreThanReserved) for _, refusal in found if refusal)
    half = BUDGET // 2 + 1
    assert balances(committing, deal) == {"available": BUDGET - half, "committed": half}
