"""Keys of openers, seals of projects, and the two steps that open all bids."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from marketplace.bids import commands, queries, rules
from marketplace.bids.model import Bid, BidDraft
from marketplace.bids.schemas import Opened
from marketplace.bids.sealing.errors import SameOpenerTwice, WrongPassphrase
from marketplace.bids.sealing.keys import Seat
from marketplace.flows.opening import open_bids
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import Forbidden, IllegalMove, NotFound
from marketplace.projects import commands as projects
from marketplace.projects.model import Project
from marketplace.projects.states import ProjectState
from tests.bids.support import (
    KEYS,
    PASSPHRASES,
    World,
    a_bid,
    a_draft,
    opened,
)
from tests.identity.town import an_actor
from tests.projects.village import a_village, an_approved

MS = timedelta(milliseconds=1)


def contribute(db: Session, world: World, seat: Seat, at: datetime, passphrase: str = "") -> Seat:
    secret = passphrase or PASSPHRASES[seat]
    return commands.contribute(db, world.openers[seat], world.project_id, secret, now=at)


def open_it(db: Session, world: World, seat: Seat, at: datetime, passphrase: str = "") -> Opened:
    return commands.open_all(
        db, KEYS, world.openers[seat], world.project_id, passphrase or PASSPHRASES[seat], storage=world.storage, now=at
    )


def vars_of(actor: Actor) -> tuple[frozenset[Function], frozenset[Role]]:
    return actor.functions, actor.roles


def test_nothing_opens_before_the_deadline_and_thirty_seconds(db: Session, world: World, now: datetime) -> None:
    a_bid(db, world, world.bidders[0], now)
    for at in (now, world.due, world.opens - MS):
        for act in (contribute, open_it):
            with pytest.raises(rules.TooEarlyToOpen):
                act(db, world, Seat.CENTRE, at)


def test_one_opener_cannot_stand_for_two(db: Session, world: World, now: datetime) -> None:
    a_bid(db, world, world.bidders[0], now)
    with pytest.raises(rules.NoFirstPassphrase):
        open_it(db, world, Seat.BUYER, world.opens)
    assert contribute(db, world, Seat.BUYER, world.opens) is Seat.BUYER
    with pytest.raises(SameOpenerTwice):
        open_it(db, world, Seat.BUYER, world.opens)
    with pytest.raises(SameOpenerTwice):
        contribute(db, world, Seat.BUYER, world.opens)
    with pytest.raises(IllegalMove):
        contribute(db, world, Seat.CENTRE, world.opens)
    assert open_it(db, world, Seat.CENTRE, world.opens).readable == 1
    for act in (contribute, open_it):
        with pytest.raises(rules.AlreadyOpened):
            act(db, world, Seat.SUPERVISOR, world.opens)


def test_a_wrong_passphrase_opens_nothing(db: Session, world: World, now: datetime) -> None:
    a_bid(db, world, world.bidders[0], now)
    with pytest.raises(WrongPassphrase):
        contribute(db, world, Seat.BUYER, world.opens, PASSPHRASES[Seat.CENTRE])
    contribute(db, world, Seat.BUYER, world.opens)
    with pytest.raises(WrongPassphrase):
        open_it(db, world, Seat.CENTRE, world.opens, "一句错误的口令在这里")
    with pytest.raises(NotFound):
        queries.opening_list(db, world.project_id)


def test_who_is_no_opener_finds_no_box(db: Session, world: World, now: datetime) -> None:
    stranger = Actor(uuid4(), world.openers[Seat.CENTRE].organization_id, *vars_of(world.openers[Seat.CENTRE]))
    with pytest.raises(NotFound):
        commands.contribute(db, stranger, world.project_id, "x" * 12, now=world.opens)
    with pytest.raises(NotFound):
        commands.contribute(db, world.bidders[0], world.project_id, "x" * 12, now=world.opens)
    with pytest.raises(NotFound):
        commands.contribute(db, stranger, uuid4(), "x" * 12, now=world.opens)


def test_an_easily_guessed_passphrase_is_refused(db: Session, world: World, now: datetime) -> None:
    with pytest.raises(rules.WeakPassphrase):
        commands.enrol_opener_key(db, KEYS, world.openers[Seat.BUYER], "12345678", now=now)
    with pytest.raises(Forbidden):
        commands.enrol_opener_key(db, KEYS, world.bidders[0], PASSPHRASES[Seat.BUYER], now=now)
    with pytest.raises(NotFound):
        commands.enrol_opener_key(db, KEYS, Actor(None, None), PASSPHRASES[Seat.BUYER], now=now)


def test_a_new_key_retires_the_old_one_which_still_opens_what_it_sealed(
    db: Session, world: World, now: datetime
) -> None:
    a_bid(db, world, world.bidders[0], now)
    who = world.openers[Seat.CENTRE]
    new = commands.enrol_opener_key(db, KEYS, who, "一句全新的更长的口令", now=now)
    assert who.person_id is not None
    assert queries.live_opener(db, who.person_id) == new
    with pytest.raises(WrongPassphrase):
        contribute(db, world, Seat.CENTRE, world.opens, "一句全新的更长的口令")
    assert opened(db, world, world.opens).readable == 1


def test_drafts_never_handed_in_are_gone_after_opening(db: Session, world: World, now: datetime) -> None:
    a_bid(db, world, world.bidders[0], now)
    a_draft(db, world, world.bidders[1], now)
    opened(db, world, world.opens)
    assert db.scalars(select(BidDraft)).all() == []
    assert len(queries.opening_list(db, world.project_id).rows) == 1


def test_no_bid_at_all_opens_to_an_empty_list(db: Session, world: World) -> None:
    assert opened(db, world, world.opens).readable == 0
    assert queries.opening_list(db, world.project_id).rows == ()


def test_an_exchanged_public_key_stops_the_intake(db: Session, world: World, now: datetime) -> None:
    a_draft(db, world, world.bidders[0], now)
    other = type(KEYS)(b"\7" * 32)
    assert world.bidders[0].organization_id is not None
    from marketplace.bids.commands.seals import public_key_of

    with pytest.raises(rules.SealTampered):
        public_key_of(db, other, world.project_id)
    with pytest.raises(NotFound):
        public_key_of(db, KEYS, uuid4())


def test_a_seal_needs_three_people_with_keys_of_the_right_organizations(db: Session, now: datetime) -> None:
    village = a_village(db, now)
    project_id = an_approved(db, village, now)
    for opener in (village.centre_clerk, village.buyer_clerk, village.auditor):
        with pytest.raises(rules.OpenersMissing):
            commands.seal_project(db, KEYS, village.centre_head, project_id, now=now)
        commands.enrol_opener_key(db, KEYS, opener, "一句只有本人知道的话", now=now)
    with pytest.raises(Forbidden):
        commands.seal_project(db, KEYS, village.centre_clerk, project_id, now=now)
    with pytest.raises(NotFound):
        commands.seal_project(db, KEYS, village.centre_head, uuid4(), now=now)
    with pytest.raises(NotFound):
        queries.seal(db, project_id)
    assert commands.seal_project(db, KEYS, village.centre_head, project_id, now=now).opened_at is None


def test_an_exchanged_key_of_an_opener_seals_nothing(db: Session, now: datetime) -> None:
    village = a_village(db, now)
    project_id = an_approved(db, village, now)
    for opener in (village.centre_clerk, village.buyer_clerk, village.auditor):
        commands.enrol_opener_key(db, KEYS, opener, "一句只有本人知道的话", now=now)
    db.execute(text("UPDATE opener SET public_key = decode(repeat('42', 32), 'hex')"))
    db.expire_all()
    with pytest.raises(rules.SealTampered):
        commands.seal_project(db, KEYS, village.centre_head, project_id, now=now)


def test_the_seal_shows_its_openers_and_how_far_it_is(db: Session, world: World, now: datetime) -> None:
    a_bid(db, world, world.bidders[0], now)
    before = queries.seal(db, world.project_id)
    assert [view.seat for view in before.seats] == list(Seat)
    assert before.opened_at is None
    centre = world.openers[Seat.CENTRE]
    assert centre.person_id is not None
    assert queries.seats_of(db, centre.person_id) == [world.project_id]
    opened(db, world, world.opens)
    after = queries.seal(db, world.project_id)
    assert (after.fingerprint, after.opened_at) == (before.fingerprint, world.opens)
    assert queries.seats_of(db, centre.person_id) == []


def test_a_bid_without_its_own_digest_is_not_read(db: Session, world: World, now: datetime) -> None:
    """An envelope copied into another bidder's row opens as nobody's."""
    receipt = a_bid(db, world, world.bidders[0], now).receipt
    bid = db.get_one(Bid, receipt.bid_id)
    bid.bidder_digest = bytes(32)
    db.flush()
    found = opened(db, world, world.opens)
    assert (found.readable, found.unreadable) == (0, 1)
    (row,) = queries.opening_list(db, world.project_id).rows
    assert (row.organization_id, row.price_fen, row.readable) == (None, None, False)


def test_an_opener_is_told_when_a_box_waits_and_when_a_key_is_missing(db: Session, world: World, now: datetime) -> None:
    centre, buyer = world.openers[Seat.CENTRE], world.openers[Seat.BUYER]
    assert queries.todos(db, centre, now=world.due) == []
    (todo,) = queries.todos(db, centre, now=world.opens)
    assert todo.url == f"/openings/{world.project_id}"
    contribute(db, world, Seat.CENTRE, world.opens)
    assert queries.todos(db, centre, now=world.opens) == []
    assert len(queries.todos(db, buyer, now=world.opens)) == 1
    assert queries.todos(db, Actor(None, None), now=world.opens) == []
    project = db.get_one(Project, world.project_id)
    stranger = world.head
    assert stranger.person_id is not None
    assert queries.enrolled(db, [stranger.person_id]) == set()
    assert {one.person_id for one in queries.live_openers(db, [project.buyer_id])} == {buyer.person_id}


def test_a_named_opener_without_a_key_is_asked_to_set_one(db: Session, now: datetime) -> None:
    village = a_village(db, now)
    an_approved(db, village, now)
    (todo,) = queries.todos(db, village.auditor, now=now)
    assert todo.url == "/openings/key"
    commands.enrol_opener_key(db, KEYS, village.auditor, "一句只有本人知道的话", now=now)
    assert queries.todos(db, village.auditor, now=now) == []


@pytest.mark.parametrize(("count", "state"), [(3, ProjectState.EVALUATION), (1, ProjectState.UNSUCCESSFUL)])
def test_enough_bids_go_on_to_evaluation_and_too_few_fail_the_project(
    db: Session, world: World, now: datetime, count: int, state: ProjectState
) -> None:
    for who in world.bidders[:count]:
        a_bid(db, world, who, now)
    contribute(db, world, Seat.CENTRE, world.opens)
    found, _ = open_bids(
        db,
        KEYS,
        world.openers[Seat.BUYER],
        world.project_id,
        PASSPHRASES[Seat.BUYER],
        storage=world.storage,
        now=world.opens,
    )
    project = db.get_one(Project, world.project_id)
    assert (found.readable, project.state) == (count, state)
    assert (str(count) in project.end_reason) is (state is ProjectState.UNSUCCESSFUL)


def test_a_cancelled_project_takes_no_bids_though_its_deadline_is_ahead(
    db: Session, world: World, now: datetime
) -> None:
    a_draft(db, world, world.bidders[0], now)
    projects.cancel(db, world.head, world.project_id, reason="采购任务取消", now=now)
    with pytest.raises(rules.BiddingNotOpen):
        commands.submit(db, KEYS, world.bidders[0], world.project_id, received_at=now, now=now)
    with pytest.raises(rules.BiddingNotOpen):
        commands.take_document(db, world.bidders[1], world.project_id, received_at=now, now=now)


def test_who_is_not_in_the_register_may_write_but_not_hand_in(db: Session, world: World, now: datetime) -> None:
    newcomer = an_actor(db, Role.HEAD, functions=(Function.SUPPLIER,), now=now)
    a_draft(db, world, newcomer, now)
    with pytest.raises(rules.NotQualified):
        commands.submit(db, KEYS, newcomer, world.project_id, received_at=now, now=now)
