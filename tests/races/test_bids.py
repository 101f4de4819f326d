"""Bids between threads that really commit, before the eyes of whoever holds a dump or the owner's key."""

import base64
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, Event

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import select, text

from marketplace.bids import commands, queries, rules
from marketplace.bids.model import Bid, BidEntry
from marketplace.bids.schemas import DraftChange, Opened
from marketplace.bids.sealing.errors import CorruptEnvelope, SameOpenerTwice
from marketplace.bids.sealing.keys import Seat
from marketplace.bids.states import BidState
from marketplace.db.base import Database, plain_url
from marketplace.kit.actor import Actor
from marketplace.kit.errors import DomainError, IllegalMove
from tests.bids.support import (
    KEYS,
    PASSPHRASES,
    PLAN_TEXT,
    World,
    a_bid,
    a_change,
    a_draft,
    a_file,
    opened,
)
from tests.bids.worlds import built, cheap_passphrases, committing_urls, world

__all__ = ["built", "cheap_passphrases", "committing_urls", "world"]

MS = timedelta(milliseconds=1)
PRICE_FEN = 2_718_200
TELLING = {"bid", "bid_draft", "bid_entry", "document", "journal_entry", "journal_detail", "seal_seat", "opener"}
"""Tables where one more mention of an organization or person would tell that it bids."""


def wait_until_somebody_waits(committing: Database) -> None:
    """Until a transaction of this database is held up by another one's lock."""
    question = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(20_000):
        with committing.read() as db:
            if db.scalar(question):
                return
    raise AssertionError("nobody waited")


def both_steps(committing: Database, world: World) -> Opened:
    with committing.write() as db:
        commands.contribute(db, world.openers[Seat.CENTRE], world.project_id, PASSPHRASES[Seat.CENTRE], now=world.opens)
    with committing.write() as db:
        return commands.open_all(
            db,
            KEYS,
            world.openers[Seat.BUYER],
            world.project_id,
            PASSPHRASES[Seat.BUYER],
            storage=world.storage,
            now=world.opens,
        )


def test_a_bid_that_arrived_in_time_is_in_though_opening_starts_while_it_is_written(
    committing: Database, world: World, now: datetime
) -> None:
    with committing.write() as db:
        for who in world.bidders:
            a_draft(db, world, who, now)
    written, go_on = Event(), Event()

    def hand_in(who: Actor) -> None:
        with committing.write() as db:
            at = world.due - MS
            commands.submit(db, KEYS, who, world.project_id, received_at=at, now=at)
            written.set()
            assert go_on.wait(30)

    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(hand_in, world.bidders[0])
        assert written.wait(30)
        opening = pool.submit(both_steps, committing, world)
        wait_until_somebody_waits(committing)
        assert not opening.done()
        go_on.set()
        slow.result(30)
        assert opening.result(30).readable == 1


def test_a_bid_that_reaches_the_box_after_opening_is_refused_and_not_half_in(
    committing: Database, world: World, now: datetime
) -> None:
    with committing.write() as db:
        a_draft(db, world, world.bidders[0], now)
    both_steps(committing, world)
    with pytest.raises(rules.NotCommittedInTime), committing.write() as db:
        commands.submit(db, KEYS, world.bidders[0], world.project_id, received_at=world.due, now=world.opens)
    with committing.read() as db:
        assert db.scalars(select(BidEntry)).all() == []


def at_once(count: int, act: Callable[[int], object]) -> list[object]:
    """What ``count`` threads got that started at one moment: a result or the refusal."""
    start = Barrier(count)

    def run(number: int) -> object:
        start.wait(30)
        try:
            return act(number)
        except DomainError as refusal:
            return refusal

    with ThreadPoolExecutor(count) as pool:
        futures: list[Future[object]] = [pool.submit(run, number) for number in range(count)]
        return [future.result(60) for future in futures]


def test_colleagues_who_begin_at_once_write_one_bid(committing: Database, world: World, now: datetime) -> None:
    who = world.bidders[0]
    with committing.write() as db:
        commands.take_document(db, who, world.project_id, received_at=now, now=now)

    def begin(number: int) -> object:
        with committing.write() as db:
            change = DraftChange(declared=bool(number % 2))
            return commands.save_draft(db, KEYS, who, world.project_id, change, received_at=now).version

    versions = at_once(8, begin)
    with committing.read() as db:
        assert db.scalars(select(Bid)).one().entries == 0
    assert sorted(versions) == list(range(2, 10))  # type: ignore[type-var] # versions are numbers


def test_handing_in_replacing_and_withdrawing_at_once_leaves_whole_entries(
    committing: Database, world: World, now: datetime
) -> None:
    who = world.bidders[0]
    with committing.write() as db:
        a_bid(db, world, who, now)

    def act(number: int) -> object:
        with committing.write() as db:
            if number % 2:
                return commands.withdraw(db, KEYS, who, world.project_id, received_at=now, now=now)
            commands.start_over(db, KEYS, who, world.project_id, received_at=now)
            commands.save_draft(db, KEYS, who, world.project_id, a_change(db, world), received_at=now)
            return commands.submit(db, KEYS, who, world.project_id, received_at=now, now=now)

    results = at_once(8, act)
    refused = [result for result in results if isinstance(result, DomainError)]
    assert {type(refusal) for refusal in refused} <= {IllegalMove}
    with committing.read() as db:
        bid = db.scalars(select(Bid)).one()
        entries = db.scalars(select(BidEntry).order_by(BidEntry.number)).all()
        assert [entry.number for entry in entries] == list(range(1, bid.entries + 1))
        assert bid.entries == 1 + len(results) - len(refused)
        assert bid.state is (BidState.WITHDRAWN if entries[-1].withdrawal else BidState.SEALED)
    both_steps(committing, world)
    with committing.read() as db:
        assert len(queries.opening_list(db, world.project_id).rows) == int(not entries[-1].withdrawal)


def test_of_three_openers_at_once_one_is_first(committing: Database, world: World) -> None:
    seats = list(Seat)

    def first(number: int) -> object:
        seat = seats[number]
        with committing.write() as db:
            return commands.contribute(db, world.openers[seat], world.project_id, PASSPHRASES[seat], now=world.opens)

    results = at_once(3, first)
    assert len([result for result in results if isinstance(result, Seat)]) == 1
    assert {type(result) for result in results if not isinstance(result, Seat)} == {IllegalMove}


def test_a_damaged_envelope_is_reported_and_stops_nobody_else(
    committing: Database, owner_url: str, world: World, now: datetime
) -> None:
    with committing.write() as db:
        damaged = a_bid(db, world, world.bidders[0], now, 3_000_000).receipt
        whole = a_bid(db, world, world.bidders[1], now, 2_000_000).receipt
    flipped = "set_byte(envelope, 4000, get_byte(envelope, 4000) # 1)"
    with psycopg.connect(plain_url(owner_url)) as owner:
        owner.execute(
            f"UPDATE bid_entry SET envelope = {flipped}, sha256 = encode(sha256({flipped}), 'hex') WHERE bid_id = %s",
            [damaged.bid_id],
        )
    found = both_steps(committing, world)
    assert (found.readable, found.unreadable) == (1, 1)
    with committing.read() as db:
        rows = {row.bid_id: row for row in queries.opening_list(db, world.project_id).rows}
    assert (rows[damaged.bid_id].readable, rows[damaged.bid_id].price_fen) == (False, None)
    assert rows[damaged.bid_id].sha256 != damaged.sha256
    assert (rows[whole.bid_id].readable, rows[whole.bid_id].sha256) == (True, whole.sha256)


def test_a_damaged_file_is_named_and_its_bid_still_opens(committing: Database, world: World, now: datetime) -> None:
    who = world.bidders[0]
    with committing.write() as db:
        a_draft(db, world, who, now)
        view = a_file(db, world, who, b"evidence " * 20_000, now)
        commands.submit(db, KEYS, who, world.project_id, received_at=now, now=now)
    (stored,) = [path for path in world.storage.root.rglob("*") if path.is_file()]
    content = bytearray(stored.read_bytes())
    content[-1] ^= 1
    stored.write_bytes(content)
    assert both_steps(committing, world).readable == 1
    with committing.read() as db:
        (bid,) = queries.opened_bids(db, world.project_id)
    assert bid.damaged_files == (view.files[0].id,)


def test_wrapped_keys_that_were_tampered_with_are_noticed_and_the_third_opener_helps(
    committing: Database, owner_url: str, world: World, now: datetime
) -> None:
    with committing.write() as db:
        a_bid(db, world, world.bidders[0], now)
        commands.contribute(db, world.openers[Seat.CENTRE], world.project_id, PASSPHRASES[Seat.CENTRE], now=world.opens)
    with psycopg.connect(plain_url(owner_url)) as owner:
        owner.execute("UPDATE opening SET peeled = jsonb_set(peeled, '{buyer}', to_jsonb(peeled->>'supervisor'))")

    def open_by(seat: Seat) -> Opened:
        with committing.write() as db:
            return commands.open_all(
                db,
                KEYS,
                world.openers[seat],
                world.project_id,
                PASSPHRASES[seat],
                storage=world.storage,
                now=world.opens,
            )

    with pytest.raises(CorruptEnvelope):
        open_by(Seat.BUYER)
    with pytest.raises(SameOpenerTwice):
        open_by(Seat.CENTRE)
    assert open_by(Seat.SUPERVISOR).readable == 1


def test_an_exchanged_public_key_stops_the_intake(
    committing: Database, owner_url: str, world: World, now: datetime
) -> None:
    with committing.write() as db:
        a_draft(db, world, world.bidders[0], now)
    with psycopg.connect(plain_url(owner_url)) as owner:
        owner.execute("UPDATE project_seal SET public_key = decode(repeat('42', 32), 'hex')")
    with pytest.raises(rules.SealTampered), committing.write() as db:
        commands.submit(db, KEYS, world.bidders[0], world.project_id, received_at=now, now=now)


def dump(owner_url: str) -> dict[str, bytes]:
    """Every row of every table as text, with binary columns as they are."""
    found = {}
    with psycopg.connect(plain_url(owner_url)) as owner:
        tables = owner.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, name in tables:
            with owner.cursor() as cursor:
                cursor.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, name)))
                rows = cursor.fetchall()
            cells = (cell for row in rows for cell in row)
            found[name] = b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)
    return found


def spellings(secret: bytes) -> list[bytes]:
    """A secret as it is, in hexadecimal, and in the three phases of base64."""
    phases = [base64.b64encode(bytes(shift) + secret)[(4 if shift else 0) : -4] for shift in range(3)]
    return [secret, secret.hex().encode(), *phases]


def test_a_dump_of_database_and_files_shows_no_bidder_price_or_plan_before_opening(
    committing: Database, owner_url: str, world: World, now: datetime
) -> None:
    who = world.bidders[0]
    before = dump(owner_url)
    with committing.write() as db:
        a_draft(db, world, who, now, PRICE_FEN)
    with committing.write() as db:
        a_file(db, world, who, b"the secret of the plan " * 9_000, now)
        sealed = commands.submit(db, KEYS, who, world.project_id, received_at=now, now=now)
        a_draft(db, world, world.bidders[1], now, PRICE_FEN)  # a draft is as secret as a bid
    secrets = [
        PLAN_TEXT.encode(),
        str(PRICE_FEN).encode(),
        "入户陪伴".encode(),
        "陈示例".encode(),
        "机密方案".encode(),
        b"the secret of the plan",
        sealed.editing_code.encode(),
        sealed.editing_code.replace("-", "").encode(),
    ]
    tables = dump(owner_url)
    files = {path.name: path.read_bytes() for path in world.storage.root.rglob("*") if path.is_file()}
    assert tables["bid_entry"]
    assert files
    for place, content in {**tables, **files}.items():
        for secret in secrets:
            for spelling in spellings(secret):
                assert spelling not in content, f"{secret!r} is in {place}"
    for bidder in world.bidders[:2]:
        for identity in (bidder.organization_id, bidder.person_id):
            assert identity is not None
            shapes = (str(identity).encode(), identity.bytes, identity.hex.encode())
            for name in TELLING:
                for shape in shapes:
                    assert tables[name].count(shape) == before[name].count(shape), f"{name} tells who bids"
    with committing.write() as db:
        opened(db, world, world.opens)
    assert PLAN_TEXT.encode() in dump(owner_url)["opened_bid"]  # the same look finds it once it is there
