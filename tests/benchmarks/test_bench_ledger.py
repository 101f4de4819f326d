"""What guard and tracing cost: the fen line against plain double entry, our Python against the same SQL function."""

import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from marketplace.db import embedded, migrate
from marketplace.db.base import Database, connect, plain_url
from marketplace.ledger import commands as ledger
from marketplace.ledger.queries import trace_receipt, verify
from marketplace.ledger.rules import Span
from marketplace.ledger.schemas import Item

PEER = Path(__file__).parents[2] / ".peers" / "bin" / "python"
ROUNDS, SECONDS, FUNDS, BATCH = 5, 3.0, 200, 100_000
VOID_ABOVE = 1.3
FACTS: dict[str, Any] = {
    "cause": "bench", "actor_id": None, "value_date": date(2026, 3, 2), "now": datetime(2026, 3, 2, tzinfo=UTC),
}  # fmt: skip
AVAILABLE, PROJECT = ("available", None), ("reserved", UUID(int=7))

PLAIN = """
CREATE SCHEMA plain;
CREATE TABLE plain.account (id bigint PRIMARY KEY, balance_fen bigint NOT NULL DEFAULT 0);
CREATE TABLE plain.posting (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL UNIQUE,
  cause text NOT NULL, actor uuid NOT NULL, value_date date NOT NULL, at timestamptz NOT NULL);
CREATE TABLE plain.entry (posting_id bigint NOT NULL REFERENCES plain.posting, account_id bigint NOT NULL
  REFERENCES plain.account, amount_fen bigint NOT NULL, PRIMARY KEY (posting_id, account_id));
CREATE INDEX ON plain.entry (account_id);
INSERT INTO plain.account SELECT generate_series(1, 300000);
CREATE FUNCTION plain.post(k text, a bigint, b bigint, fen bigint, why text, who uuid, day date, t timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE p bigint;
BEGIN
  UPDATE plain.account SET balance_fen = balance_fen + CASE id WHEN a THEN -fen ELSE fen END WHERE id IN (a, b);
  INSERT INTO plain.posting (key, cause, actor, value_date, at) VALUES (k, why, who, day, t) RETURNING id INTO p;
  INSERT INTO plain.entry VALUES (p, a, -fen), (p, b, fen);
  RETURN p;
END $$;
CREATE FUNCTION plain.post_many(ks text[], a bigint, bs bigint[], fens bigint[], why text, who uuid, day date,
  t timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE plain.account SET balance_fen = balance_fen - (SELECT sum(f) FROM unnest(fens) f) WHERE id = a;
  UPDATE plain.account x SET balance_fen = balance_fen + i.f FROM unnest(bs, fens) i (b, f) WHERE x.id = i.b;
  WITH p AS (
    INSERT INTO plain.posting (key, cause, actor, value_date, at) SELECT k, why, who, day, t FROM unnest(ks) k
    RETURNING id, key)
  INSERT INTO plain.entry SELECT p.id, e.account, e.fen FROM p JOIN unnest(ks, bs, fens) i (k, b, f) ON i.k = p.key,
    LATERAL (VALUES (a, -i.f), (i.b, i.f)) e (account, fen);
END $$;
GRANT USAGE ON SCHEMA plain TO PUBLIC;
GRANT ALL ON ALL TABLES IN SCHEMA plain TO PUBLIC;
"""
CALL = "'why', '00000000-0000-0000-0000-000000000001', '2026-03-02', '2026-03-02 09:00+08')"
KEYS = "\\set x random(1, 1000000000000)\n\\set y random(1, 1000000000000)\n"
FUND = "('00000000-0000-4000-8000-' || lpad((:n)::text, 12, '0'))::uuid"
MOVE = (
    f"SELECT ledger.move('b' || :x || '.' || :y, {FUND}, 'available', '{UUID(int=0)}',"
    f" 'reserved', '{UUID(int=7)}', 10, {CALL};\n"
)
SCRIPTS = {
    "plain": KEYS + f"\\set a random(1, {FUNDS})\n\\set b random(1001, {1000 + FUNDS})\n"
    f"SELECT plain.post('b' || :x || '.' || :y, :a, :b, 10, {CALL};\n",
    "function": KEYS + f"\\set n random(1, {FUNDS})\n" + MOVE,
    "hot": KEYS + "\\set n 1\n" + MOVE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bench:
    """A server of our own with fsync on, its addresses, and its pgbench."""

    owner_url: str
    app_url: str
    pgbench: Path
    folder: Path
    database: Database


def fund_id(number: int) -> UUID:
    return UUID(f"00000000-0000-4000-8000-{number:012d}")


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    home = Path(__file__).parents[2] / "var" / "tests" / f"bench-{os.getpid()}"
    server = embedded.start(home, options=("shared_buffers=256MB",))
    try:
        migrate.upgrade(server.owner_url, server.app_url, "bench")
        with psycopg.connect(plain_url(server.owner_url), autocommit=True) as owner:
            owner.execute(PLAIN.encode())
            made = Bench(
                server.owner_url, server.app_url, embedded._binaries(home) / "pgbench", home, connect(server.app_url)
            )
            with made.database.write() as db:
                for number in range(1, FUNDS + 1):
                    ledger.open_fund(db, fund_id(number), "bank", now=FACTS["now"])
                    ledger.receive(
                        db, key=f"r{number}", receipt_id=uuid4(), fund_id=fund_id(number), amount_fen=10**12, **FACTS
                    )
            owner.execute("ANALYZE")
        yield made
        made.database.dispose()
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def pgbench(bench: Bench, script: str, clients: int) -> float:
    """Transactions a second."""
    file = bench.folder / f"{script}.sql"
    file.write_text(SCRIPTS[script], "utf-8")
    command = [
        str(bench.pgbench), "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(int(SECONDS)),
        "-f", str(file), plain_url(bench.app_url),
    ]  # fmt: skip
    shown = subprocess.run(command, check=True, capture_output=True, text=True)
    (line,) = (line for line in shown.stdout.splitlines() if line.startswith("tps"))
    return float(line.split()[2])


def moving(url: str, first: int) -> int:
    """One client: a movement in a transaction of its own, again and again; how many were done."""
    database = connect(url, pool_size=1)
    count, end = 0, time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        with database.write() as db:
            ledger.move(
                db, key=str(uuid4()), fund_id=fund_id((first + count * 7) % FUNDS + 1), source=AVAILABLE,
                target=PROJECT, amount_fen=10, **FACTS,
            )  # fmt: skip
        count += 1
    database.dispose()
    return count


def python(bench: Bench, clients: int) -> float:
    """Movements a second through our Python, each client a process as in production."""
    if clients == 1:
        return moving(bench.app_url, 0) / SECONDS
    with ProcessPoolExecutor(clients, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(abs, range(clients)))
        return sum(pool.map(moving, [bench.app_url] * clients, range(clients))) / SECONDS


def say(*words: object) -> None:
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")


def compare(title: str, runs: dict[str, Callable[[], float]], aims: dict[tuple[str, str], float]) -> None:
    """Alternate the runs, and print the median of each round's ratios beside its aim."""
    seen: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()
    for _ in range(ROUNDS):
        for name, run in runs.items():
            seen[name].append(run())
    say(f"\n{title}: " + ", ".join(f"{name} {statistics.median(rates):,.0f}/s" for name, rates in seen.items()))
    for (name, reference), aim in aims.items():
        ratios = [mine / other for mine, other in zip(seen[name], seen[reference], strict=True)]
        spread = max(seen[reference]) / min(seen[reference])
        void = f"  void: {reference} varied by {spread:.2f}" if spread > VOID_ABOVE else ""
        say(f"  {name} / {reference}: {statistics.median(ratios):.2f} (aim {aim}){void}")


@pytest.mark.bench
@pytest.mark.parametrize("clients", [1, 4])
def test_one_movement(bench: Bench, clients: int) -> None:
    aims = {
        ("function", "plain"): 0.5 if clients == 1 else 0.4,
        ("hot", "plain"): 0.4 if clients == 1 else 0.25,
        ("python", "function"): 0.6 if clients == 1 else 0.5,
    }
    runs: dict[str, Callable[[], float]] = {name: partial(pgbench, bench, name, clients) for name in SCRIPTS}
    runs["python"] = partial(python, bench, clients)
    compare(f"one movement, {clients} client(s)", runs, aims)


def batch_of(bench: Bench, through: str) -> float:
    """Items a second of a batch of ``BATCH`` in chunks that commit."""
    number = uuid4()
    keys = [f"{number}/{at}" for at in range(BATCH)]
    refs = [uuid4() for _ in range(BATCH)] if through != "plain" else []
    chunks = [slice(at, at + ledger.CHUNK) for at in range(0, BATCH, ledger.CHUNK)]
    database = bench.database
    fund = uuid4()
    with database.write() as db:
        ledger.open_fund(db, fund, "bank", now=FACTS["now"])
        ledger.receive(db, key=str(fund), receipt_id=uuid4(), fund_id=fund, amount_fen=10**9, **FACTS)
    if through == "python":
        items = [
            Item(key=key, source=AVAILABLE, target=("reserved", ref), amount_fen=100)
            for key, ref in zip(keys, refs, strict=True)
        ]
        began = time.perf_counter()
        for chunk in chunks:
            with database.write() as db:
                ledger.move_many(db, fund_id=fund, items=items[chunk], **FACTS)
        return BATCH / (time.perf_counter() - began)
    with psycopg.connect(plain_url(bench.app_url), autocommit=True) as raw:
        began = time.perf_counter()
        for chunk in chunks:
            if through == "plain":
                raw.execute(
                    f"SELECT plain.post_many(ARRAY(SELECT %s || g FROM generate_series(1, 5000) g), 1,"
                    f" ARRAY(SELECT 2000 + %s + g FROM generate_series(1, 5000) g),"
                    f" array_fill(100::bigint, ARRAY[5000]), {CALL}",
                    (f"{number}/{chunk.start}/", chunk.start),
                )
            else:
                raw.execute(
                    f"SELECT ledger.move_many(%s, ARRAY(SELECT %s || g FROM generate_series(1, 5000) g),"
                    f" array_fill('available'::text, ARRAY[5000]), array_fill('{UUID(int=0)}'::uuid, ARRAY[5000]),"
                    " array_fill('reserved'::text, ARRAY[5000]),"
                    " ARRAY(SELECT gen_random_uuid() FROM generate_series(1, 5000)),"
                    f" array_fill(100::bigint, ARRAY[5000]), array_fill(NULL::uuid, ARRAY[5000]), {CALL}",
                    (fund, f"{number}/{chunk.start}/"),
                )
        return BATCH / (time.perf_counter() - began)


@pytest.mark.bench
def test_a_batch(bench: Bench) -> None:
    runs: dict[str, Callable[[], float]] = {
        name: partial(batch_of, bench, name) for name in ("plain", "function", "python")
    }
    compare(f"a batch of {BATCH:,}", runs, {("python", "function"): 0.9, ("python", "plain"): 0.45})


def scattered(database: Database, count: int) -> tuple[UUID, UUID]:
    """A fund whose available fen lie in ``count`` fragments, and its receipt."""
    fund, receipt = uuid4(), uuid4()
    with database.write() as db:
        ledger.open_fund(db, fund, "bank", now=FACTS["now"])
        ledger.receive(db, key=str(fund), receipt_id=receipt, fund_id=fund, amount_fen=2 * count, **FACTS)
        even = [Span(at, at + 1) for at in range(0, 2 * count, 2)]
        ledger.move(
            db,
            key=str(uuid4()),
            fund_id=fund,
            source=AVAILABLE,
            target=("fee", None),
            amount_fen=count,
            spans=even,
            **FACTS,
        )
    return fund, receipt


@pytest.mark.bench
def test_many_fragments(bench: Bench) -> None:
    database = bench.database
    took: dict[int, list[float]] = {1_000: [], 10_000: []}
    for _ in range(ROUNDS):
        for count, seconds in took.items():
            fund, receipt = scattered(database, count)
            began = time.perf_counter()
            with database.write() as db:
                ledger.move(
                    db, key=str(uuid4()), fund_id=fund, source=AVAILABLE, target=PROJECT, amount_fen=count, **FACTS
                )
            seconds.append(time.perf_counter() - began)
    medians = {count: statistics.median(seconds) for count, seconds in took.items()}
    say(f"\na movement over fragments: 1,000 in {medians[1_000]:.3f} s, 10,000 in {medians[10_000]:.3f} s")
    say(f"  10,000 / 1,000: {medians[10_000] / medians[1_000]:.1f} (aim 12 or less)")
    began = time.perf_counter()
    with database.read() as db:
        pieces = len(trace_receipt(db, receipt).pieces)
    say(f"  tracing {pieces:,} pieces of a receipt: {time.perf_counter() - began:.2f} s")
    began = time.perf_counter()
    with database.read() as db:
        found = verify(db)
    say(f"  verify of {found.movements:,} movements: {time.perf_counter() - began:.1f} s, well: {found.ok}")


@pytest.mark.bench
def test_history_does_not_slow_a_balance(bench: Bench) -> None:
    query = text("SELECT amount_fen FROM ledger.total WHERE fund_id = :fund AND role = 'available'")
    database, took = bench.database, []
    with database.read() as db:
        for _ in range(200):
            began = time.perf_counter()
            db.execute(query, {"fund": fund_id(1)}).scalar()
            took.append(time.perf_counter() - began)
    say(f"\na balance: {statistics.median(took) * 1000:.2f} ms")


def hordak(bench: Bench) -> float:
    """Transfers a second by django-hordak, in a process and a database of its own."""
    with psycopg.connect(plain_url(bench.owner_url), autocommit=True) as owner:
        owner.execute("DROP DATABASE IF EXISTS hordak")
        owner.execute("CREATE DATABASE hordak")
    url = make_url(bench.owner_url)
    script = Path(__file__).parent / "hordak_peer.py"
    shown = subprocess.run(
        [str(PEER), str(script), str(url.query["host"]), "5432", str(url.username), "hordak", str(SECONDS)],
        check=True, capture_output=True, text=True, env=os.environ | {"PGPASSWORD": str(url.password)},
    )  # fmt: skip
    return float(shown.stdout)


@pytest.mark.bench
def test_django_hordak(bench: Bench) -> None:
    if not PEER.exists():
        say("\ndjango-hordak: not installed; `make bench` installs it")
        return
    runs = {"hordak": lambda: hordak(bench), "python": lambda: python(bench, 1)}
    compare("one movement against django-hordak", runs, {("python", "hordak"): 5})
