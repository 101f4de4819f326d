"""Two thousand prepared bids in the last ten seconds, and files of 200 MB through the real server."""

import base64
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from marketplace.bids import commands, queries
from marketplace.bids.model import Bid, BidDraft, BidEntry, DocumentTaking
from marketplace.bids.rules import COMMIT_WITHIN, TooLate, check_committed_in_time
from marketplace.bids.schemas import Content
from marketplace.bids.sealing import keys
from marketplace.bids.sealing.digests import bidder_digest
from marketplace.bids.sealing.drafts import new_seed, seal_draft, wrap_seed
from marketplace.bids.sealing.keys import Seat
from marketplace.bids.states import BID
from marketplace.db import embedded, migrate
from marketplace.db.base import Database, Row, connect
from marketplace.identity.commands.sessions import open_session, usual_membership
from marketplace.identity.model import Account, Organization
from marketplace.kit.actor import Actor
from marketplace.kit.clock import SystemClock
from marketplace.kit.errors import DomainError
from marketplace.suppliers.model import Supplier, SupplierCheck, SupplierDocument
from tests.benchmarks.test_bench_pages import free_port
from tests.bids.support import KEYS, PASSPHRASES, World, a_change, a_world
from tests.bids.worlds import CHEAP

BIDS, SPREAD, THREADS, LATE = 2_000, timedelta(seconds=10), 40, 50
MIB = 2**20
LARGE, SMALL = 200 * MIB, 2 * MIB
AIM_GROWTH_MIB, START_WAIT_S = 24, 120
ROLES = "bids"


@dataclass(frozen=True, slots=True)
class Stage:
    """A server with its disk's own promises, in it an open project at the real time of day."""

    server: embedded.Server
    database: Database
    world: World


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    home = Path(__file__).parents[2] / "var" / "tests" / f"bids-{os.getpid()}"
    server = embedded.start(home)
    try:
        migrate.upgrade(server.owner_url, server.app_url, ROLES)
        database = connect(server.app_url, pool_size=THREADS)
        with pytest.MonkeyPatch.context() as patched, database.write() as db:
            patched.setattr(keys, "USUAL_COST", CHEAP)
            world = a_world(db, tmp_path_factory.mktemp("bids"), SystemClock().now(), bidders=1)
        yield Stage(server, database, world)
        database.dispose()
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


# Files ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


class Served:
    """The real server in a process of its own, and what memory it takes."""

    def __init__(self, stage: Stage, home: Path) -> None:
        self.port = free_port()
        names = {"HOME": home, "DATABASE_URL": stage.server.app_url, "OWNER_URL": stage.server.owner_url}
        names |= {"PORT": self.port, "ROLE_PREFIX": ROLES, "LOG_LEVEL": "ERROR", "SECRET_KEY": "5a" * 32}
        command = [str(Path(sys.executable).with_name("marketplace")), "serve"]
        environment = os.environ | {f"MARKETPLACE_{key}": str(value) for key, value in names.items()}
        self.process = subprocess.Popen(command, env=environment, cwd=home, stdout=subprocess.DEVNULL)
        until = time.monotonic() + START_WAIT_S
        while True:
            try:
                self.ask("GET", "/healthz")
            except OSError:
                assert time.monotonic() < until, "the server came up"
                time.sleep(0.2)
            else:
                return

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=600)) as line:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            line.request(method, path, body=body, headers=named)  # type: ignore[arg-type] # an iterator, text or nothing
            answer = line.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())

    def memory(self, which: str) -> float:
        """``VmRSS`` (now) or ``VmHWM`` (the most since it was asked to forget), in MiB."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(which)) / 1024

    def forget_peak(self) -> None:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", "ascii")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def body_of(size: int) -> Iterator[bytes]:
    """A PDF of ``size`` bytes that no machine can shrink."""
    start, noise = b"%PDF-1.7 ", os.urandom(MIB)
    yield start
    size -= len(start)
    while size > 0:
        yield noise[: min(size, MIB)]
        size -= MIB


def signed_in(db: Session, actor: Actor, now: datetime) -> str:
    account = db.scalars(select(Account).where(Account.person_id == actor.person_id)).one()
    return open_session(db, account, usual_membership(db, account), device="bench", now=now).token


def by_form_of_programs(site: Served, base: str, known: dict[str, str], size: int) -> None:
    """One request, its body the file."""
    path = f"{base}/files?name=plan.pdf&kind=plan"
    answer = site.ask("POST", path, body_of(size), **known, content_length=str(size))
    assert answer.status == 201, answer.body


def resumable(site: Served, base: str, known: dict[str, str], size: int) -> None:
    """Announced, cut in the middle, taken up again."""
    said = ",".join(
        f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in {"filename": "a.pdf", "kind": "plan"}.items()
    )
    tus = known | {"tus_resumable": "1.0.0"}
    begun = site.ask("POST", f"{base}/uploads", **tus, upload_length=str(size), upload_metadata=said)
    assert begun.status == 201, begun.body
    where, whole = begun.headers["location"], b"".join(body_of(size))
    for until in (size // 2, size):
        at = int(site.ask("HEAD", where, **tus).headers["upload-offset"])
        more = {"upload_offset": str(at), "content_type": "application/offset+octet-stream"}
        sent = site.ask("PATCH", where, whole[at:until], **tus, **more)
        assert sent.status == 204, sent.body
    assert sent.headers["upload-offset"] == str(size)


@pytest.mark.bench
def test_large_files_leave_the_memory_of_the_server_flat(stage: Stage, tmp_path: Path) -> None:
    who, now = stage.world.bidders[0], SystemClock().now()
    with stage.database.write() as db:
        commands.take_document(db, who, stage.world.project_id, received_at=now, now=now)
        session = signed_in(db, who, now)
    base = f"/api/v1/projects/{stage.world.project_id}/bid"
    site = Served(stage, tmp_path)
    try:
        token = site.ask("GET", "/healthz").headers["set-cookie"].split("csrf=")[1].split(";")[0]
        known = {"cookie": f"session={session}; csrf={token}", "x_csrftoken": token}
        say(f"\nfiles through the real server, one process, MiB of memory (aim: at most {AIM_GROWTH_MIB} more)")
        say(f"  {'':28} {'before':>7} {'peak':>7} {'after':>7} {'growth':>7} {'MB/s':>7}")
        for name, send in (("one request", by_form_of_programs), ("resumable, cut once", resumable)):
            for size in (SMALL, LARGE):
                if size == SMALL:
                    send(site, base, known, size)  # the first of a kind loads code
                site.forget_peak()
                before, began = site.memory("VmRSS"), time.perf_counter()
                send(site, base, known, size)
                took, peak, after = time.perf_counter() - began, site.memory("VmHWM"), site.memory("VmRSS")
                note = "" if peak - before <= AIM_GROWTH_MIB else "  MISSED"
                label = f"{name}, {size // MIB} MiB"
                speed = size / took / 1e6
                say(f"  {label:28} {before:7.0f} {peak:7.0f} {after:7.0f} {peak - before:7.1f} {speed:7.0f}{note}")
    finally:
        site.stop()
    with stage.database.read() as db:
        mine = queries.my_bid(db, KEYS, stage.world.project_id, who.organization_id or UUID(int=0))
    assert mine is not None
    assert mine.draft is not None
    assert sorted(file.size_bytes for file in mine.draft.files) == sorted(2 * [SMALL, SMALL, LARGE])


# The last ten seconds ---------------------------------------------------------------------------------------------


def cloned(db: Session, table: type[Row], like: UUID, key: str, **other: str) -> None:
    """As many rows like those of the organization ``like`` as there are rows in ``newcomer``."""
    columns = [column.name for column in table.__table__.columns if column.computed is None]
    values = ", ".join(other.get(name, f"t.{name}") for name in columns)
    name = table.__tablename__
    db.execute(
        text(
            f"INSERT INTO {name} ({', '.join(columns)})"
            f" SELECT {values} FROM {name} AS t, newcomer AS w WHERE t.{key} = :like"
        ),
        {"like": like},
    )


def crowd(db: Session, world: World) -> list[Actor]:
    """``BIDS`` qualified organizations like the first one, by four statements."""
    first = world.bidders[0]
    assert first.organization_id
    db.execute(text("CREATE TEMPORARY TABLE newcomer (n int, id uuid DEFAULT gen_random_uuid()) ON COMMIT DROP"))
    db.execute(text("INSERT INTO newcomer (n) SELECT generate_series(1, :count)"), {"count": BIDS})
    cloned(db, Organization, first.organization_id, "id", id="w.id", uscc="'52511602MJ' || lpad(w.n::text, 8, '0')")
    proof = "md5(t.{}::text || w.id::text)::uuid"
    of = {"organization_id": "w.id"}
    cloned(db, Supplier, first.organization_id, "organization_id", **of)
    cloned(db, SupplierDocument, first.organization_id, "organization_id", **of, id=proof.format("id"))
    cloned(
        db, SupplierCheck, first.organization_id, "organization_id",
        **of, id=proof.format("id"), proof_id=proof.format("proof_id"),
    )  # fmt: skip
    return [replace(first, organization_id=one) for one in db.execute(text("SELECT id FROM newcomer")).scalars()]


def prepared(db: Session, world: World, people: list[Actor], at: datetime) -> None:
    """Each organization has taken the document and written a complete draft."""
    change = a_change(db, world)
    bids, drafts, takings = [], [], []
    for n, who in enumerate(people):
        own = who.organization_id
        assert own
        bid_id, seed = UUID(int=2**100 + n), new_seed()
        written: dict[str, Any] = msgspec.structs.asdict(change)
        content = Content(organization_id=own, **written)
        digest = bidder_digest(KEYS, world.project_id, own)
        bids.append(
            {"id": bid_id, "project_id": world.project_id, "bidder_digest": digest, "state": BID.start, "entries": 0}
        )
        sealed = seal_draft(seed, content.encode(), bid_id)
        drafts.append(
            {"bid_id": bid_id, "wrapped_seed": wrap_seed(KEYS, seed, bid_id), "content": sealed, "version": 1}
        )
        takings.append(
            {"project_id": world.project_id, "organization_id": own, "person_id": who.person_id, "taken_at": at}
        )
    for table, rows in ((Bid, bids), (BidDraft, drafts), (DocumentTaking, takings)):
        db.execute(insert(table), rows)


@dataclass(frozen=True, slots=True)
class Handed:
    """One submission: how long after its arrival it was committed, or why it was refused."""

    took_s: float
    refusal: DomainError | None = None


class Deadline:
    """The last ten seconds told in real seconds: the deadline is ``SPREAD`` after the beginning."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.due, self.began = stage, stage.world.due, time.perf_counter()

    def now(self) -> datetime:
        return self.due - SPREAD + timedelta(seconds=time.perf_counter() - self.began)

    def hand_in(self, who: Actor, received_at: datetime) -> Handed:
        """What the server does with a submission that arrived at ``received_at``, to the end of its commit."""
        try:
            with self.stage.database.write() as db:
                commands.submit(db, KEYS, who, self.stage.world.project_id, received_at=received_at, now=self.now())
                db.flush()
                check_committed_in_time(received_at, self.now())
        except DomainError as refusal:
            return Handed((self.now() - received_at).total_seconds(), refusal)
        return Handed((self.now() - received_at).total_seconds())

    def wait_until(self, at: datetime) -> None:
        left = (at - self.now()).total_seconds()
        if left > 0:
            time.sleep(left)


@pytest.mark.bench
def test_two_thousand_bids_in_the_last_ten_seconds(stage: Stage) -> None:
    world, database = stage.world, stage.database
    began = time.perf_counter()
    with database.write() as db:
        people = crowd(db, world)
        prepared(db, world, people, world.due - SPREAD)
    built = time.perf_counter() - began
    line = Deadline(stage)
    arrivals = [line.due - SPREAD + SPREAD * (n + 1) / BIDS for n in range(BIDS)]
    waiting = []
    with ThreadPoolExecutor(THREADS) as pool:
        for who, at in zip(people, arrivals, strict=True):
            line.wait_until(at)
            waiting.append(pool.submit(line.hand_in, who, at))
        late = [pool.submit(line.hand_in, who, line.due + timedelta(milliseconds=1)) for who in people[:LATE]]
        handed, tardy = [one.result() for one in waiting], [one.result() for one in late]
    ended = line.now()
    with database.read() as db:
        entered = db.scalar(select(func.count()).select_from(BidEntry))
    began = time.perf_counter()
    at = max(world.opens, ended)
    with database.write() as db:
        commands.contribute(db, world.openers[Seat.CENTRE], world.project_id, PASSPHRASES[Seat.CENTRE], now=at)
    with database.write() as db:
        seat = Seat.SUPERVISOR
        box = commands.open_all(
            db, KEYS, world.openers[seat], world.project_id, PASSPHRASES[seat], storage=world.storage, now=at
        )
    took = sorted(one.took_s for one in handed)
    refused = [one.refusal for one in handed if one.refusal]
    say(
        f"\n{BIDS:,} prepared bids for one project in its last {SPREAD.seconds} seconds, {THREADS} threads, synced disk"
    )
    say(f"  the commands themselves, without HTTP; organizations and drafts made in {built:.0f} s")
    say(f"  {'committed':28} {entered:7,}    aim {BIDS:,}")
    say(f"  {'refused though in time':28} {len(refused):7,}    aim 0")
    say(f"  {'late by 1 ms, refused':28} {sum(isinstance(one.refusal, TooLate) for one in tardy):7,}    aim {LATE}")
    say(f"  {'arrival to commit, p50':28} {statistics.median(took):7.2f} s")
    say(f"  {'arrival to commit, p99':28} {took[int(len(took) * 0.99)]:7.2f} s")
    say(f"  {'arrival to commit, longest':28} {took[-1]:7.2f} s  aim ≤ {COMMIT_WITHIN.seconds} s")
    say(f"  {'last commit after deadline':28} {max((ended - line.due).total_seconds(), 0):7.2f} s")
    say(f"  {'opened and readable':28} {box.readable:7,}    aim {BIDS:,}, in {time.perf_counter() - began:.1f} s")
    assert refused == []
    assert all(isinstance(one.refusal, TooLate) for one in tardy)
    assert entered == BIDS
    assert (box.readable, box.unreadable, box.withdrawn) == (BIDS, 0, 0)
