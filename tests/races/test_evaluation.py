"""Evaluations between threads that really commit: the last two sheets at once, two decisions at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

from sqlalchemy import func, select

from marketplace.db.base import Database
from marketplace.evaluation import commands, model
from marketplace.evaluation.model import Evaluation, RankedBid
from marketplace.evaluation.schemas import Composition
from marketplace.evaluation.states import EvaluationState
from marketplace.flows import awarding
from marketplace.identity.queries import actor_of
from marketplace.kit.actor import Actor, Role
from marketplace.kit.errors import DomainError, IllegalMove
from tests.bids.support import World
from tests.bids.worlds import built, cheap_passphrases, committing_urls, world
from tests.evaluation.support import a_jury, a_sheet, checked, ids_of, open_all, reported, submit
from tests.identity.town import a_person

__all__ = ["built", "cheap_passphrases", "committing_urls", "world"]


def at_once(stories: list[Callable[[], object]]) -> list[DomainError | None]:
    """Tell stories in threads that begin together; what each was refused with, or None."""
    gate = Barrier(len(stories))

    def tell(story: Callable[[], object]) -> DomainError | None:
        gate.wait()
        try:
            story()
        except DomainError as refusal:
            return refusal
        return None

    with ThreadPoolExecutor(len(stories)) as pool:
        return list(pool.map(tell, stories))


def test_sheets_submitted_at_once_are_all_in_and_ranked_once(committing: Database, world: World, now: datetime) -> None:
    with committing.write() as db:
        open_all(db, world, now)
        jury = checked(db, world, now)
        sheet = a_sheet(db, world.project_id)

    def hand_in(member: Actor) -> Callable[[], object]:
        def story() -> None:
            with committing.write() as db:
                commands.submit_scores(db, member, world.project_id, sheet, now=world.opens)

        return story

    assert at_once([hand_in(member) for member in jury.members]) == [None] * len(jury.members)
    with committing.read() as db:
        assert db.get_one(Evaluation, world.project_id).state is EvaluationState.SCORED
        assert db.scalar(select(func.count()).select_from(RankedBid)) == 3


def test_one_sheet_submitted_twice_at_once_is_locked_once(committing: Database, world: World, now: datetime) -> None:
    with committing.write() as db:
        open_all(db, world, now)
        jury = checked(db, world, now)

    def story() -> None:
        with committing.write() as db:
            submit(db, world, jury.members[0])

    found = at_once([story, story])
    assert sorted(type(one).__name__ for one in found) == [IllegalMove.__name__, "NoneType"]


def test_two_heads_who_decide_at_once_make_one_award(committing: Database, world: World, now: datetime) -> None:
    with committing.write() as db:
        open_all(db, world, now)
        jury = reported(db, world, now)
        centre = jury.head.organization_id
        assert centre
        other = actor_of(db, a_person(db, centre, Role.HEAD, now=now, login="second-head"), centre)

    def decision(head: Actor) -> Callable[[], object]:
        def story() -> None:
            with committing.write() as db:
                awarding.decide(db, head, world.project_id, now=world.opens)

        return story

    found = at_once([decision(jury.head), decision(other), decision(jury.head), decision(other)])
    assert [one for one in found if one is None] == [None]
    with committing.read() as db:
        assert db.scalar(select(func.count()).select_from(model.Award)) == 1


def test_two_clerks_who_compose_at_once_make_one_panel(committing: Database, world: World, now: datetime) -> None:
    with committing.write() as db:
        open_all(db, world, now)
        jury = a_jury(db, world, now)

    def story() -> None:
        with committing.write() as db:
            composition = Composition(representatives=ids_of(jury.members))
            commands.appoint(db, jury.composer, world.project_id, composition, now=world.opens)

    found = at_once([story, story])
    assert [one for one in found if one is None] == [None]
    with committing.read() as db:
        assert db.scalar(select(func.count()).select_from(model.PanelMember)) == 7
