"""From taking the document to the opened list, by the rules and against them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from marketplace.bids import commands, queries, rules
from marketplace.bids.model import BidDraft, BidEntry
from marketplace.bids.schemas import DraftChange, MyBid, StaffMember
from marketplace.bids.sealing.errors import TooLargeToSeal
from marketplace.bids.sealing.files import unseal_pieces
from marketplace.bids.sealing.keys import Seat
from marketplace.bids.states import BidState
from marketplace.documents.storage import EmptyFile, TooLarge, chunks_of
from marketplace.identity.model import Organization
from marketplace.identity.queries import actor_of
from marketplace.identity.states import OrganizationKind
from marketplace.journal.model import JournalEntry
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import Forbidden, IllegalMove, NotFound, Several, Stale
from marketplace.suppliers.model import Supplier
from tests.bids.support import (
    KEYS,
    PLAN_TEXT,
    SECOND,
    World,
    a_bid,
    a_change,
    a_draft,
    a_file,
    opened,
)
from tests.identity.town import a_person, an_organization

MS = timedelta(milliseconds=1)


def mine(db: Session, world: World, who: Actor) -> MyBid:
    assert who.organization_id is not None
    found = queries.my_bid(db, KEYS, world.project_id, who.organization_id)
    assert found is not None
    return found


def test_a_bid_is_written_in_parts_handed_in_and_opened(db: Session, world: World, now: datetime) -> None:
    first, second = world.bidders[:2]
    receipt = a_bid(db, world, first, now, price_fen=3_000_000).receipt
    a_bid(db, world, second, now, price_fen=2_800_000)
    assert receipt.entry == 1
    assert receipt.envelope_bytes > 16_000
    assert mine(db, world, first).state is BidState.SEALED
    found = opened(db, world, world.opens)
    assert (found.readable, found.unreadable, found.withdrawn) == (2, 0, 0)
    listed = queries.opening_list(db, world.project_id)
    assert {(row.organization_id, row.price_fen) for row in listed.rows} == {
        (first.organization_id, 3_000_000),
        (second.organization_id, 2_800_000),
    }
    assert receipt.sha256 in {row.sha256 for row in listed.rows}
    assert (listed.first.seat, listed.second.seat) == (Seat.CENTRE, Seat.SUPERVISOR)
    bid = next(b for b in queries.opened_bids(db, world.project_id) if b.organization_id == first.organization_id)
    assert bid.content.plan.approach == PLAN_TEXT
    assert queries.opened_bid(db, bid.bid_id) == bid


def test_how_ones_own_bids_stand_is_told_without_unsealing_a_draft(db: Session, world: World, now: datetime) -> None:
    sealed, drafted, other = world.bidders
    a_bid(db, world, sealed, now)
    a_draft(db, world, drafted, now)
    db.execute(update(BidDraft).values(content=b"tampered with"))
    for who, states in ((sealed, {BidState.SEALED}), (drafted, {BidState.DRAFT}), (other, set())):
        assert who.organization_id is not None
        found = queries.my_states(db, KEYS, [world.project_id, uuid4()], who.organization_id)
        assert set(found.values()) == states
        assert set(found) <= {world.project_id}


def test_the_document_is_taken_once_and_before_bidding(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    with pytest.raises(rules.DocumentNotTaken):
        commands.save_draft(db, KEYS, who, world.project_id, DraftChange(declared=True), received_at=now)
    taking = commands.take_document(db, who, world.project_id, received_at=now, now=now)
    again = commands.take_document(db, who, world.project_id, received_at=now + SECOND, now=now + SECOND)
    assert taking == again
    assert queries.takings_of(db, taking.organization_id) == [taking]


def test_who_took_the_document_is_shown_to_nobody_before_opening(db: Session, world: World, now: datetime) -> None:
    a_bid(db, world, world.bidders[0], now)
    commands.take_document(db, world.bidders[1], world.project_id, received_at=now, now=now)
    with pytest.raises(NotFound):
        queries.takers(db, world.project_id)
    assert len(queries.takers_to_notify(db, world.project_id)) == 2
    opened(db, world, world.opens)
    assert len(queries.takers(db, world.project_id)) == 2


@pytest.mark.parametrize("late", [MS, timedelta(days=3)])
def test_everything_is_refused_a_millisecond_late_though_no_job_has_run(
    db: Session, world: World, now: datetime, late: timedelta
) -> None:
    who, other = world.bidders[:2]
    code = a_bid(db, world, who, now).editing_code
    a_draft(db, world, other, now)
    at = world.due + late
    acts: list[Callable[[], object]] = [
        lambda: commands.submit(db, KEYS, other, world.project_id, received_at=at, now=at),
        lambda: commands.withdraw(db, KEYS, who, world.project_id, received_at=at, now=at),
        lambda: commands.save_draft(db, KEYS, other, world.project_id, DraftChange(declared=True), received_at=at),
        lambda: a_file(db, world, other, b"late", at),
        lambda: commands.remove_file(db, KEYS, other, world.project_id, uuid4(), received_at=at),
        lambda: commands.reopen_draft(db, KEYS, who, world.project_id, code, received_at=at),
        lambda: commands.start_over(db, KEYS, who, world.project_id, received_at=at),
        lambda: commands.take_document(db, world.bidders[2], world.project_id, received_at=at, now=at),
    ]
    for act in acts:
        with pytest.raises(rules.TooLate):
            act()


def test_a_replacement_written_in_time_is_refused_late(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_bid(db, world, who, now)
    commands.start_over(db, KEYS, who, world.project_id, received_at=now)
    commands.save_draft(db, KEYS, who, world.project_id, a_change(db, world, 2_900_000), received_at=now)
    with pytest.raises(rules.TooLate):
        commands.submit(db, KEYS, who, world.project_id, received_at=world.due + MS, now=world.due + MS)
    opened(db, world, world.opens)
    assert [row.price_fen for row in queries.opening_list(db, world.project_id).rows] == [3_000_000]


def test_a_bid_on_the_last_instant_is_in(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_draft(db, world, who, now)
    commands.submit(db, KEYS, who, world.project_id, received_at=world.due, now=world.due + 29 * SECOND)
    assert opened(db, world, world.opens).readable == 1


def test_what_is_not_through_in_thirty_seconds_is_refused(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_draft(db, world, who, now)
    at = world.due - SECOND
    with pytest.raises(rules.NotCommittedInTime):
        commands.submit(db, KEYS, who, world.project_id, received_at=at, now=at + 31 * SECOND)
    with pytest.raises(rules.NotCommittedInTime):
        commands.withdraw(db, KEYS, who, world.project_id, received_at=at, now=at + 31 * SECOND)


def test_what_arrived_in_time_but_came_after_opening_is_told_so(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_draft(db, world, who, now)
    opened(db, world, world.opens)
    with pytest.raises(rules.NotCommittedInTime):
        commands.submit(db, KEYS, who, world.project_id, received_at=world.due, now=world.due + 30 * SECOND)


def test_the_last_entry_counts(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    first = a_bid(db, world, who, now, price_fen=3_000_000)
    draft = commands.reopen_draft(db, KEYS, who, world.project_id, first.editing_code, received_at=now)
    assert draft.price_fen == 3_000_000
    commands.save_draft(db, KEYS, who, world.project_id, a_change(db, world, 2_500_000), received_at=now)
    second = commands.submit(db, KEYS, who, world.project_id, received_at=now, now=now)
    assert second.receipt.entry == 2
    assert second.editing_code != first.editing_code
    opened(db, world, world.opens)
    (row,) = queries.opening_list(db, world.project_id).rows
    assert (row.price_fen, row.sha256) == (2_500_000, second.receipt.sha256)


def test_a_withdrawn_bid_is_not_opened_and_may_be_handed_in_anew(db: Session, world: World, now: datetime) -> None:
    gone, back = world.bidders[:2]
    for who in (gone, back):
        a_bid(db, world, who, now)
        receipt = commands.withdraw(db, KEYS, who, world.project_id, received_at=now, now=now)
        assert (receipt.entry, receipt.withdrawal) == (2, True)
        with pytest.raises(IllegalMove):
            commands.withdraw(db, KEYS, who, world.project_id, received_at=now, now=now)
    commands.start_over(db, KEYS, back, world.project_id, received_at=now)
    commands.save_draft(db, KEYS, back, world.project_id, a_change(db, world, 2_000_000), received_at=now)
    commands.submit(db, KEYS, back, world.project_id, received_at=now, now=now)
    assert len(mine(db, world, back).receipts) == 3
    found = opened(db, world, world.opens)
    assert (found.readable, found.withdrawn) == (1, 1)
    assert [row.price_fen for row in queries.opening_list(db, world.project_id).rows] == [2_000_000]


def test_what_was_handed_in_is_closed_even_to_the_server(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    code = a_bid(db, world, who, now).editing_code
    bid = mine(db, world, who)
    assert bid.draft is None
    assert bid.locked_draft
    draft = db.scalars(select(BidDraft)).one()
    assert draft.wrapped_seed is None
    with pytest.raises(rules.DraftIsLocked):
        commands.save_draft(db, KEYS, who, world.project_id, DraftChange(declared=True), received_at=now)
    with pytest.raises(rules.DraftIsLocked):
        commands.submit(db, KEYS, who, world.project_id, received_at=now, now=now)
    for wrong in ("", "ABCD", code[:-1] + ("A" if code[-1] != "A" else "B")):
        with pytest.raises(rules.WrongCode):
            commands.reopen_draft(db, KEYS, who, world.project_id, wrong, received_at=now)


def test_another_organizations_bid_is_not_there_for_one(db: Session, world: World, now: datetime) -> None:
    owner, other = world.bidders[:2]
    code = a_bid(db, world, owner, now).editing_code
    commands.take_document(db, other, world.project_id, received_at=now, now=now)
    assert other.organization_id is not None
    assert queries.my_bid(db, KEYS, world.project_id, other.organization_id) is None
    with pytest.raises(NotFound):
        commands.withdraw(db, KEYS, other, world.project_id, received_at=now, now=now)
    with pytest.raises(NotFound):
        commands.reopen_draft(db, KEYS, other, world.project_id, code, received_at=now)
    with pytest.raises(NotFound):
        commands.submit(db, KEYS, other, world.project_id, received_at=now, now=now)


def test_staff_cannot_bid(db: Session, world: World, now: datetime) -> None:
    staff = world.openers[Seat.CENTRE]
    with pytest.raises(Forbidden):
        commands.take_document(db, staff, world.project_id, received_at=now, now=now)
    with pytest.raises(Forbidden):
        commands.submit(db, KEYS, staff, world.project_id, received_at=now, now=now)
    with pytest.raises(NotFound):
        commands.submit(db, KEYS, Actor(None, None), world.project_id, received_at=now, now=now)
    with pytest.raises(NotFound):
        commands.take_document(db, world.bidders[0], uuid4(), received_at=now, now=now)


def test_what_is_missing_is_listed_whole(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    a_draft(db, world, who, now)
    commands.save_draft(db, KEYS, who, world.project_id, DraftChange(staff=(), declared=False), received_at=now)
    with pytest.raises(Several) as found:
        commands.submit(db, KEYS, who, world.project_id, received_at=now, now=now)
    assert {type(error) for error in found.value.errors} == {rules.StaffMissing, rules.ConfirmationMissing}
    commands.save_draft(db, KEYS, who, world.project_id, a_change(db, world, 10**12), received_at=now)
    with pytest.raises(rules.AboveCeiling):
        commands.submit(db, KEYS, who, world.project_id, received_at=now, now=now)


def test_two_colleagues_do_not_overwrite_each_other(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    version = a_draft(db, world, who, now).version
    change = DraftChange(staff=(StaffMember(name="周示例", post="护理员"),))
    commands.save_draft(db, KEYS, who, world.project_id, change, version=version, received_at=now)
    with pytest.raises(Stale):
        commands.save_draft(db, KEYS, who, world.project_id, change, version=version, received_at=now)
    with pytest.raises(Stale):
        commands.submit(db, KEYS, who, world.project_id, version=version, received_at=now, now=now)


def test_texts_beyond_the_largest_envelope_are_refused(db: Session, world: World, now: datetime) -> None:
    who = world.bidders[0]
    commands.take_document(db, who, world.project_id, received_at=now, now=now)
    staff = tuple(StaffMember(name="名" * 120, post="岗" * 120, qualification="证" * 500) for _ in range(9_000))
    with pytest.raises(TooLargeToSeal):
        commands.save_draft(db, KEYS, who, world.project_id, DraftChange(staff=staff), received_at=now)


def test_files_stream_in_sealed_and_come_out_after_opening(db: Session, world: World, now: datetime) -> None:
    who, content = world.bidders[0], b"%PDF-1.7 secret plan " * 60_000
    a_draft(db, world, who, now)
    view = a_file(db, world, who, content, now, name="方案.pdf")
    assert [(f.name, f.size_bytes) for f in view.files] == [("方案.pdf", len(content))]
    a_file(db, world, who, b"to go", now, name="多余.txt")
    extra = mine(db, world, who).draft.files[1]  # type: ignore[union-attr] # it was just saved
    assert len(commands.remove_file(db, KEYS, who, world.project_id, extra.id, received_at=now).files) == 1
    with pytest.raises(NotFound):
        commands.remove_file(db, KEYS, who, world.project_id, extra.id, received_at=now)
    assert who.organization_id is not None
    own = queries.my_draft_file(db, KEYS, world.project_id, who.organization_id, view.files[0].id)
    with world.storage.open(own.sealed_sha256) as stream:
        assert b"".join(unseal_pieces(chunks_of(stream), own.key, own.size_bytes)) == content
    commands.submit(db, KEYS, who, world.project_id, received_at=now, now=now)
    with pytest.raises(NotFound):
        queries.my_draft_file(db, KEYS, world.project_id, who.organization_id, view.files[0].id)
    opened(db, world, world.opens)
    (bid,) = queries.opened_bids(db, world.project_id)
    file = queries.opened_file(db, bid.bid_id, bid.content.files[0].id)
    with world.storage.open(file.sealed_sha256) as stream:
        assert b"".join(unseal_pieces(chunks_of(stream), file.key, file.size_bytes)) == content
    assert bid.damaged_files == ()
    with pytest.raises(NotFound):
        queries.opened_file(db, bid.bid_id, uuid4())


def test_a_file_too_large_empty_or_one_too_many_is_refused(
    db: Session, world: World, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = world.bidders[0]
    a_draft(db, world, who, now)
    with pytest.raises(TooLarge):
        a_file(db, world, who, bytes(1001), now, limit_bytes=1000)
    with pytest.raises(EmptyFile):
        a_file(db, world, who, b"", now)
    monkeypatch.setattr("marketplace.bids.commands.drafting.FILES_MAX", 1)
    a_file(db, world, who, b"one", now)
    with pytest.raises(rules.TooManyFiles):
        a_file(db, world, who, b"two", now)


def test_the_journal_says_that_something_was_entered_and_not_by_whom_or_where(
    db: Session, world: World, now: datetime
) -> None:
    receipt = a_bid(db, world, world.bidders[0], now).receipt
    entry = db.get_one(JournalEntry, receipt.journal_entry_id)
    assert (entry.act, entry.person_id, entry.organization_id) == ("bid.entered", None, None)
    assert entry.thing_id not in {world.project_id, receipt.bid_id}
    about_project = db.scalars(select(JournalEntry.act).where(JournalEntry.thing_id == world.project_id)).all()
    assert not [act for act in about_project if act.startswith("bid.")]


def test_a_commitment_can_be_checked_from_the_receipt_alone(db: Session, world: World, now: datetime) -> None:
    from marketplace.bids.sealing.digests import commitment

    receipt = a_bid(db, world, world.bidders[0], now).receipt
    envelope = db.scalars(select(BidEntry.envelope)).one()
    assert commitment(bytes.fromhex(receipt.salt), envelope or b"") == receipt.commitment


def test_an_entry_cannot_be_changed_by_the_application(db: Session, world: World, now: datetime) -> None:
    from sqlalchemy.exc import ProgrammingError

    a_bid(db, world, world.bidders[0], now)
    for act in ("UPDATE bid_entry SET number = 7", "DELETE FROM bid_entry", "DELETE FROM bid", "TRUNCATE bid_entry"):
        with pytest.raises(ProgrammingError, match="permission denied"), db.begin_nested():
            db.execute(text(act))


def test_a_registered_bidder_found_to_be_of_class_one_does_not_bid_any_more(
    db: Session, world: World, now: datetime
) -> None:
    who = world.bidders[0]
    commands.take_document(db, who, world.project_id, received_at=now, now=now)
    kind = OrganizationKind.PUBLIC_INSTITUTION_ONE
    db.execute(update(Organization).where(Organization.id == who.organization_id).values(kind=kind, functions=[]))
    for act in (
        lambda: commands.take_document(db, who, world.project_id, received_at=now, now=now),
        lambda: a_draft(db, world, who, now),
        lambda: commands.ready_to_write(db, who, world.project_id, received_at=now),
        lambda: commands.submit(db, KEYS, who, world.project_id, received_at=now, now=now),
    ):
        with pytest.raises(rules.MayNotBid, match="第八条"):
            act()


def test_a_public_institution_of_no_stated_class_does_not_bid_and_one_of_class_two_does(
    db: Session, world: World, now: datetime
) -> None:
    kind = OrganizationKind.PUBLIC_INSTITUTION
    new = an_organization(db, Function.SUPPLIER, now=now, kind=kind)
    unknown = actor_of(db, a_person(db, new, Role.CLERK, now=now), new)
    with pytest.raises(rules.MayNotBid):
        commands.take_document(db, unknown, world.project_id, received_at=now, now=now)
    registered = world.bidders[0]
    stated = select(Supplier).where(Supplier.organization_id == registered.organization_id)
    assert db.scalar(stated) is not None, "it is in the register, with a nature that may supply"
    db.execute(update(Organization).where(Organization.id == registered.organization_id).values(kind=kind))
    commands.take_document(db, registered, world.project_id, received_at=now, now=now)
