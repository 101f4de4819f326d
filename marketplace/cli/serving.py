"""Commands that run until they are stopped: the web server, with or without the worker and the demo, and the worker."""

import argparse
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import msgspec
import uvicorn

from marketplace.app import Installation, opened, site, standins, upgrade, worker_services
from marketplace.cli.demo import NOT_OURS, claim
from marketplace.db.base import connect
from marketplace.kit.clock import Clock
from marketplace.kit.steps import Reached, pass_by
from marketplace.settings import Settings, child_environment
from workers.main import run as run_worker
from workers.main import running

GRACE_S = 10
_SEED = "import sys; from marketplace.cli import main; sys.exit(main(['seed', 'demo']))"


def add_to(commands: Any) -> None:
    """Add this module's commands to the command line."""
    serving = commands.add_parser("serve", help="the web server")
    serving.add_argument("--with-worker", action="store_true", help="background work in the same process")
    serving.add_argument("--demo", action="store_true", help="load the demo and show its sign-ins")
    serving.set_defaults(run=serve)
    working = commands.add_parser("worker", help="background work")
    working.set_defaults(run=worker)


def step(text: str) -> None:
    """Say which step has begun."""
    print(f"==> {text}", file=sys.stderr, flush=True)


class Announcing(uvicorn.Server):
    """A server that tells when it has begun to answer."""

    def __init__(self, config: uvicorn.Config, installation: Installation) -> None:
        super().__init__(config)
        self._installation = installation

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the address and, in the demo, who may sign in."""
        await super().startup(sockets)
        settings = self._installation.settings
        print(f"\n    {settings.base_url}\n", flush=True)
        if settings.demo:
            print(_sign_ins(), flush=True)


def _sign_ins() -> str:
    from seed.people import PASSWORD, sign_ins

    rows = [f"    {login:<20} {say}" for login, say in sign_ins()]
    return "\n".join(["    演示账号 / demo sign-ins", *rows, f"\n    密码 / password: {PASSWORD}", "    Ctrl-C 停止\n"])


def serve(
    settings: Settings, arguments: argparse.Namespace, *, clock: Clock | None = None, reached: Reached = pass_by
) -> int:
    """Serve pages until stopped; everything this command started stops with it.

    Only a caller in the same process can give another ``clock`` than the machine's, or be told of steps ``reached``.
    """
    if arguments.demo:
        settings = msgspec.structs.replace(settings, demo=True)
    listening = _listen(settings)
    if listening is None:
        return 2
    with listening, ExitStack() as held:
        if arguments.demo:
            step("gateway and bank (stand-ins)")
            settings = held.enter_context(standins(settings))
        step("database")
        installation = held.enter_context(opened(settings, clock=clock, reached=reached))
        step("migrations")
        upgrade(installation)
        if arguments.demo and not claim(installation.settings.owner_url):
            print(NOT_OURS, file=sys.stderr)
            return 2
        if installation.director:
            installation.director.webhook(f"{_local_url(settings)}/webhooks/gateway")
        step("pages")
        config = uvicorn.Config(
            site(installation),
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            timeout_graceful_shutdown=GRACE_S,
        )
        seeding: subprocess.Popen[bytes] | None = None
        if arguments.demo:
            step("demo data (goes on behind; the pages show how far it is)")
            seeding = held.enter_context(_seeding(installation))
        if arguments.with_worker:
            step("worker")
            held.enter_context(_working(installation, seeding))
        Announcing(config, installation).run(sockets=[listening])
        step("stopping")
    return 0


def _local_url(settings: Settings) -> str:
    """The address of this server for this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - all addresses, ours too
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _listen(settings: Settings) -> socket.socket | None:
    listening = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        print(
            f"marketplace: {settings.host}:{settings.port} cannot be used ({error.strerror}); "
            "stop what runs there or set MARKETPLACE_PORT",
            file=sys.stderr,
        )
        return None
    return listening


@contextmanager
def _working(installation: Installation, seeding: subprocess.Popen[bytes] | None) -> Iterator[None]:
    """Background work in this process, over connections of its own; it begins when the seeding, if any, has ended.

    Until then the seeding works the outbox off itself, each thing on its own day by its own clock.
    """
    database = connect(installation.settings.database_url, pool_size=installation.settings.pool_size)
    try:
        with running(
            worker_services(installation, database), held=lambda: seeding is not None and seeding.poll() is None
        ):
            yield
    finally:
        database.dispose()


@contextmanager
def _seeding(installation: Installation) -> Iterator[subprocess.Popen[bytes]]:
    """The demo is loaded by a process of its own, so that pages answer at once; it stops when we stop.

    A Ctrl-C is for us alone: we end the child ourselves, without a word from it.
    """
    environment = child_environment(installation.settings)
    child = subprocess.Popen([sys.executable, "-c", _SEED], env=environment, start_new_session=True)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                child.kill()


def worker(settings: Settings, _: argparse.Namespace) -> int:
    """Do background work until SIGINT or SIGTERM; what is under way is finished first."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    with opened(settings) as installation:
        run_worker(worker_services(installation, installation.database), stopping)
    return 0
