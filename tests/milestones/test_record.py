"""What everybody may read of an organization's work: published contracts, acceptance, and no small group."""

from pathlib import Path
from uuid import uuid4

from sqlalchemy.orm import Session

from marketplace.contracts import commands, queries
from marketplace.contracts.model import Contract
from marketplace.contracts.schemas import TrackRecord
from marketplace.contracts.states import ContractState
from tests.milestones.steps import accepted
from tests.milestones.worlds import NOW, PRICE, SIGNED, Delivery


def record_of(db: Session, delivery: Delivery) -> TrackRecord:
    db.expire_all()
    return queries.track_record(db, db.get_one(Contract, delivery.contract_id).supplier_id)


def published(db: Session, delivery: Delivery) -> None:
    if db.get_one(Contract, delivery.contract_id).published_at is None:
        commands.publish(db, delivery.verifier, delivery.contract_id, now=SIGNED)


def test_an_organization_without_contracts_has_an_empty_record(db: Session) -> None:
    assert queries.track_record(db, uuid4()) == TrackRecord(completed=0, ongoing=0, contracts=(), asked=0, satisfied=0)


def test_a_contract_is_part_of_the_record_once_it_is_published(db: Session, delivery: Delivery) -> None:
    published(db, delivery)
    record = record_of(db, delivery)
    assert (record.completed, record.ongoing) == (0, 1)
    (one,) = record.contracts
    assert (one.project_id, one.state, one.price_fen) == (delivery.project_id, ContractState.ACTIVE, PRICE)
    assert (one.milestones, one.decided, one.accepted_fen) == (2, 0, 0), "the advance is not a delivery"


def test_acceptances_and_what_people_said_are_added_up(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    published(db, delivery)
    accepted(db, tmp_path, delivery, NOW, which=1, asked=30, satisfied=24)
    accepted(db, tmp_path, delivery, NOW, which=2, share_bp=5_000, reason="少二十天", asked=20, satisfied=10)
    record = record_of(db, delivery)
    (one,) = record.contracts
    assert (record.completed, record.ongoing, one.state) == (1, 0, ContractState.COMPLETED)
    assert (one.decided, one.decided_fen, one.accepted_fen) == (2, 2_333_333, 1_833_333)
    assert (record.asked, record.satisfied) == (50, 34)


def test_no_small_group_follows_from_the_sum(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    published(db, delivery)
    accepted(db, tmp_path, delivery, NOW, which=1, asked=30, satisfied=20)
    accepted(db, tmp_path, delivery, NOW, which=2, asked=20, satisfied=18)
    record = record_of(db, delivery)
    assert (record.asked, record.satisfied) == (30, 20), "two of twenty would be a small group"
