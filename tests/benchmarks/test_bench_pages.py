"""The public list of projects against the same page in Django: one process each, the same tables, the same visitors."""

import http.client
import os
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from marketplace.db import embedded, migrate
from marketplace.db.base import connect
from marketplace.kit.clock import LEGAL_ZONE
from tests.projects.village import a_village, an_open

HERE = Path(__file__).parent
PEER = Path(__file__).parents[2] / ".peers" / "bin" / "python"
PROJECTS, VISITORS, SECONDS, ROUNDS, AIM, VOID_ABOVE = 60, 4, 4.0, 5, 1.5, 1.3
BEGIN = datetime(2026, 3, 2, 9, tzinfo=LEGAL_ZONE)


@dataclass(frozen=True, slots=True)
class Pace:
    """What the visitors of one run saw."""

    pages_per_s: float
    p99_ms: float
    page_bytes: int


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def server() -> Iterator[embedded.Server]:
    home = Path(__file__).parents[2] / "var" / "tests" / f"pages-{os.getpid()}"
    found = embedded.start(home)
    try:
        migrate.upgrade(found.owner_url, found.app_url, "pages")
        database = connect(found.app_url)
        with database.write() as db:
            village = a_village(db, BEGIN)
            for number in range(PROJECTS):
                an_open(db, village, BEGIN, title=f"第{number}村留守儿童暑期托管服务")
        database.dispose()
        yield found
    finally:
        found.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def served(command: list[str], port: int, environment: Mapping[str, str], folder: Path) -> Iterator[int]:
    """A server process for the length of the block, once it answers."""
    process = subprocess.Popen(command, env=os.environ | environment, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def ours(server: embedded.Server, home: Path) -> Iterator[int]:
    port = free_port()
    names = {"HOME": str(home), "DATABASE_URL": server.app_url, "OWNER_URL": server.owner_url, "PORT": str(port)}
    names |= {"ROLE_PREFIX": "pages", "LOG_LEVEL": "ERROR"}
    command = [str(Path(sys.executable).with_name("marketplace")), "serve"]
    with served(command, port, {f"MARKETPLACE_{key}": value for key, value in names.items()}, HERE) as found:
        yield found


@contextmanager
def django(server: embedded.Server) -> Iterator[int]:
    port, url = free_port(), make_url(server.app_url)
    names = {"HOST": str(url.query["host"]), "USER": str(url.username), "PASSWORD": str(url.password)}
    names["NAME"] = str(url.database)
    command = [
        str(PEER), "-m", "gunicorn", "--workers", "1", "--threads", str(VISITORS), "--log-level", "error",
        "--bind", f"127.0.0.1:{port}", "page_peer:application",
    ]  # fmt: skip
    with served(command, port, {f"PEER_{key}": value for key, value in names.items()}, HERE) as found:
        yield found


def visit(port: int, seconds: float) -> Pace:
    """``VISITORS`` people read the list again and again, each over a connection that stays open."""
    took: list[float] = []
    sizes: set[int] = set()
    end = time.perf_counter() + seconds

    def one() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        while time.perf_counter() < end:
            began = time.perf_counter()
            line.request("GET", "/projects", headers={"Accept-Language": "zh-CN"})
            answer = line.getresponse()
            body = answer.read()
            took.append(time.perf_counter() - began)
            assert answer.status == http.HTTPStatus.OK
            sizes.add(len(body))
        line.close()

    people = [threading.Thread(target=one) for _ in range(VISITORS)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return Pace(len(took) / seconds, statistics.quantiles(took, n=100)[98] * 1000, max(sizes))


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


@pytest.mark.bench
def test_the_project_list_against_the_same_page_in_django(server: embedded.Server, tmp_path: Path) -> None:
    if not PEER.exists():
        say("\nthe same page in Django: not installed; `make bench` installs it")
        return
    runs: dict[str, list[Pace]] = {"ours": [], "django": []}
    with ours(server, tmp_path) as our_port, django(server) as their_port:
        for name, port in (("ours", our_port), ("django", their_port)):
            visit(port, 1)
            runs[name].clear()
        for _ in range(ROUNDS):
            runs["ours"].append(visit(our_port, SECONDS))
            runs["django"].append(visit(their_port, SECONDS))
    say(f"\nthe public list of {PROJECTS} projects, one process, {VISITORS} visitors, {ROUNDS} rounds")
    for name, paces in runs.items():
        rates = [pace.pages_per_s for pace in paces]
        note = " VOID, too noisy" if max(rates) / min(rates) > VOID_ABOVE else ""
        p99 = statistics.median(pace.p99_ms for pace in paces)
        size = paces[0].page_bytes / 1024
        say(f"  {name:8} {statistics.median(rates):7.0f} pages/s  p99 {p99:5.1f} ms  {size:.0f} kB{note}")
    each = [a.pages_per_s / b.pages_per_s for a, b in zip(runs["ours"], runs["django"], strict=True)]
    say(f"  ours / django: {statistics.median(each):.2f} (aim ≥ {AIM})")
