"""A correction of substance published while bids are handed in: each bid is of the old edition, or of the new one."""

from datetime import datetime

import msgspec
from sqlalchemy import select

from marketplace.bids import commands, queries
from marketplace.bids.model import Bid, BidEntry
from marketplace.bids.sealing.keys import Seat
from marketplace.db.base import Database
from marketplace.projects import commands as projects
from marketplace.projects.model import Project
from marketplace.projects.queries import plan_of
from marketplace.projects.rules.amending import standing
from tests.bids.support import KEYS, World, a_draft
from tests.bids.worlds import built, cheap_passphrases, committing_urls, world
from tests.races.test_bids import at_once

__all__ = ["built", "cheap_passphrases", "committing_urls", "world"]


def test_a_bid_beside_a_correction_is_of_the_old_edition_and_must_be_confirmed_or_of_the_new_one(
    committing: Database, world: World, now: datetime
) -> None:
    with committing.write() as db:
        for who in world.bidders:
            a_draft(db, world, who, now)
        plan = plan_of(db, db.get_one(Project, world.project_id))
        more = msgspec.structs.replace(
            standing(plan, "补充服务内容"), requirement=f"{plan.requirement}\n每周另加一次入户。"
        )
        made = projects.propose_amendment(db, world.openers[Seat.CENTRE], world.project_id, more, now=now)

    def act(number: int) -> object:
        with committing.write() as db:
            if number == len(world.bidders):
                projects.publish_amendment(db, world.head, made, now=now)
                return made
            return commands.submit(db, KEYS, world.bidders[number], world.project_id, received_at=now, now=now)

    refused = [one for one in at_once(len(world.bidders) + 1, act) if isinstance(one, Exception)]
    assert refused == []
    with committing.read() as db:
        assert db.get_one(Project, world.project_id).binding_edition == 2
        entries = {one.bid_id: one.edition for one in db.scalars(select(BidEntry))}
        assert len(entries) == len(db.scalars(select(Bid)).all()) == len(world.bidders)
        for who in world.bidders:
            assert who.organization_id
            mine = queries.my_bid(db, KEYS, world.project_id, who.organization_id)
            assert mine is not None
            assert mine.must_confirm is (entries[mine.bid_id] == 1)
            assert entries[mine.bid_id] in {1, 2}
