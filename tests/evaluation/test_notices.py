"""An evaluation tells members what to do, heads what to decide, and every bidder the result."""

from uuid import UUID

import pytest
from sqlalchemy import select

from marketplace.db.base import Database
from marketplace.kit.clock import ManualClock
from marketplace.notices.model import Mail, PersonalNotice
from marketplace.settings import Settings
from tests.bids.support import World
from tests.evaluation.support import an_award
from tests.identity.town import SAFE
from workers.consumers import assemble
from workers.main import drain

TO_MEMBERS = ("panel.appointed", "evaluation.convened", "bids.checked", "evaluation.ranked", "report.written")


@pytest.mark.parametrize("topic", [*TO_MEMBERS, "report.delivered", "award.decided", "award.published"])
def test_each_step_is_told_and_mailed(database: Database, world: World, clock: ManualClock, topic: str) -> None:
    with database.write() as db:
        an_award(db, world, clock.now())
    clock.set(world.opens)
    drain(assemble(database, clock, Settings(), safe=SAFE), scheduled=False)
    with database.read() as db:
        told = set(db.scalars(select(PersonalNotice.person_id).where(PersonalNotice.topic == topic)))
        mailed = set(db.scalars(select(Mail.person_id).where(Mail.topic == topic)))
    bidders: set[UUID] = {one.person_id for one in world.bidders if one.person_id}
    assert told == mailed
    if topic in TO_MEMBERS:
        assert len(told) == 7
    if topic == "report.delivered":
        assert world.head.person_id in told
        assert not bidders & told
    if topic == "award.published":
        assert bidders <= told
    else:
        assert not bidders & told
