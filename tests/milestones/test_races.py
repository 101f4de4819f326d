"""Fifty threads accept what there is: each milestone once, never more than was committed, and nothing deadlocks."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.contracts import commands
from marketplace.contracts.model import Contract, Milestone
from marketplace.contracts.schemas import Confirm
from marketplace.contracts.states import ContractState
from marketplace.db.base import Database
from marketplace.flows import delivering
from marketplace.funds import commands as funds
from marketplace.kit.errors import DomainError
from marketplace.ledger.queries import balance, verify
from marketplace.outbox.model import Message
from tests.milestones.steps import a_file, a_report, an_acceptance, verified
from tests.milestones.worlds import SIGNED, Delivery

NOW = SIGNED + timedelta(days=30)
THREADS = 50


def together(database: Database, stories: list[Callable[[Session], object]]) -> Counter[str]:
    """Tell stories at the same moment, each in a transaction and thread of its own; how each of them ended."""
    ends: Counter[str] = Counter()
    gate = threading.Barrier(len(stories))
    guard = threading.Lock()

    def tell(story: Callable[[Session], object]) -> None:
        gate.wait()
        try:
            database.run(story)
            end = "done"
        except DomainError as refusal:
            end = refusal.code
        with guard:
            ends[end] += 1

    threads = [threading.Thread(target=tell, args=(story,)) for story in stories]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def left(db: Session, delivery: Delivery) -> int:
    return sum(balance(db, fund, ("committed", delivery.contract_id)) for fund in delivery.funds)


def test_fifty_acceptances_of_two_milestones_pay_each_once(
    committing: Database, delivery: Delivery, tmp_path: Path
) -> None:
    with committing.write() as db:
        first, second = (verified(db, tmp_path, delivery, NOW, which=which) for which in (1, 2))
    stories: list[Callable[[Session], object]] = [
        lambda db, which=which: delivering.accept(  # type: ignore[misc] # each thread its own milestone
            db, delivery.acceptor, which, an_acceptance(), now=NOW
        )
        for which in (first, second) * (THREADS // 2)
    ]
    ends = together(committing, stories)
    assert ends["done"] == 2, ends
    assert set(ends) <= {"done", "illegal_move", "contract_not_in_force"}
    with committing.read() as db:
        assert left(db, delivery) == 0
        assert verify(db).ok
        contract = db.get_one(Contract, delivery.contract_id)
        assert contract.state is ContractState.COMPLETED
        assert sum(row.accepted_fen or 0 for row in db.scalars(select(Milestone))) == contract.price_fen
        for which, fen in ((first, 1_333_333), (second, 1_000_000)):
            assert sum(balance(db, fund, ("payable", which)) for fund in delivery.funds) == fen
        topics = Counter(db.scalars(select(Message.topic)))
        assert (topics["milestone.accepted"], topics["contract.completed"]) == (2, 1)


def test_more_than_is_committed_does_not_become_payable(
    committing: Database, delivery: Delivery, tmp_path: Path
) -> None:
    with committing.write() as db:
        milestone_id = verified(db, tmp_path, delivery, NOW)
        taken = left(db, delivery) - 1_333_332
        funds.make_payable(db, delivery.acceptor, delivery.contract_id, delivery.milestones[2], taken, now=NOW)
    ends = together(
        committing,
        [lambda db: delivering.accept(db, delivery.acceptor, milestone_id, an_acceptance(), now=NOW)] * THREADS,
    )
    assert "done" not in ends
    with committing.read() as db:
        assert left(db, delivery) == 1_333_332
        assert db.get_one(Milestone, milestone_id).accepted_fen is None


def test_a_report_handed_in_ten_times_at_once_counts_once(
    committing: Database, delivery: Delivery, tmp_path: Path
) -> None:
    with committing.write() as db:
        for item in (0, 1):
            a_file(db, tmp_path, delivery, NOW, item=item)
    milestone_id = delivery.milestones[1]
    ends = together(
        committing,
        [lambda db: commands.report(db, delivery.supplier_clerk, milestone_id, a_report(version=1), now=NOW)] * 10,
    )
    assert ends == {"done": 10}
    ends = together(
        committing, [lambda db: commands.verify(db, delivery.verifier, milestone_id, Confirm(attempt=1), now=NOW)] * 10
    )
    assert ends == {"done": 1, "illegal_move": 9}
    with committing.read() as db:
        topics = Counter(db.scalars(select(Message.topic)))
    assert (topics["milestone.reported"], topics["milestone.verified"]) == (1, 1)


def test_milestones_that_do_not_make_the_price_are_refused_at_commit(committing: Database, delivery: Delivery) -> None:
    with pytest.raises(IntegrityError, match="do not add up"), committing.write() as db:
        db.execute(
            text(
                "INSERT INTO contract_milestone (id, contract_id, place, kind, title, deliverable, evidence, due_on,"
                " share_bp, amount_fen, state, attempts) SELECT gen_random_uuid(), contract_id, 4, kind, title,"
                " deliverable, evidence, due_on, 1, 1, 'scheduled', 0 FROM contract_milestone WHERE place = 3"
            )
        )
