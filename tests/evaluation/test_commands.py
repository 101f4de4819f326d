"""An evaluation by its verbs: from the panel to the award."""

from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.evaluation.queries import award_of
from tests.bids.support import World
from tests.evaluation.support import an_award, state_of


def test_the_whole_way_ends_in_a_published_award(db: Session, world: World, now: datetime) -> None:
    award = an_award(db, world, now)
    assert state_of(db, world) == ("awarded", "published")
    assert award == award_of(db, world.project_id)
    assert award.price_fen == 3_000_000
    assert award.organization_id == world.bidders[0].organization_id
