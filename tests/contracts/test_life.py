"""What the public sees of a project after its award: stages, money and milestones follow the contract."""

from datetime import timedelta

from sqlalchemy.orm import Session

from marketplace.contracts import commands as contracts
from marketplace.contracts.queries import performing
from marketplace.projects.rules import StageCode, StageStatus
from marketplace.web.projects.life import Life, life_of, tags
from tests.contracts.support import PRICE, Deal, active

DAY = timedelta(days=1)


def status_of(life: Life) -> dict[StageCode, StageStatus]:
    return {code: stage.status for code, stage in life.later.items()}


def test_while_the_result_is_shown_its_stage_is_the_present_one(db: Session, deal: Deal) -> None:
    life = life_of(db, deal.project_id, now=deal.at)
    assert status_of(life) == {StageCode.RESULT: StageStatus.NOW}
    assert life.contract is None


def test_after_its_period_the_contract_is_waited_for(db: Session, deal: Deal) -> None:
    life = life_of(db, deal.project_id, now=deal.signable_from + 5 * DAY)
    assert status_of(life) == {StageCode.RESULT: StageStatus.DONE, StageCode.CONTRACT: StageStatus.NOW}


def test_a_contract_in_force_shows_what_is_due_and_what_is_bound_to_the_fen(db: Session, deal: Deal) -> None:
    active(db, deal)
    contracts.publish(db, deal.drafter, deal.contract_id, now=deal.at)
    life = life_of(db, deal.project_id, now=deal.at + 5 * DAY)
    assert status_of(life)[StageCode.PERFORMANCE] is StageStatus.NOW
    parts = {kind: fen for kind, _, fen in life.parts}
    advance = next(row.one.amount_fen for row in life.milestones if row.one.accepted_at)
    assert parts == {"due": advance, "bound": PRICE - advance}
    assert sum(fen for _, fen in life.sources) == PRICE, "what the price left over went back to its funds"
    assert life.paid_fen == 0
    assert tags(db, [deal.project_id])[deal.project_id][0] == "履行中"


def test_only_published_contracts_in_force_are_on_the_front_page(db: Session, deal: Deal) -> None:
    active(db, deal)
    assert performing(db, limit=5) == []
    contracts.publish(db, deal.drafter, deal.contract_id, now=deal.at)
    (one,) = performing(db, limit=5)
    assert (one.project_id, one.price_fen) == (deal.project_id, PRICE)
    assert one.next_on is not None
