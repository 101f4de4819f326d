"""``marketplace doctor``: what is configured, reachable, behind, and which guard is off."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from marketplace.app import Installation, broker_answers
from marketplace.db import migrate
from marketplace.kit.money import yuan_grouped
from marketplace.payments.rails import bank_of, gateway_of
from marketplace.payments.schemas import PaymentError, Refused
from marketplace.settings import PREFIX, Settings
from marketplace.standin.control import Control
from marketplace.standin.identity import kept_identity
from marketplace.web.assets import are_built

SECRET = frozenset({"secret_key", "gateway_key", "gateway_secret"})
_NO_INSTRUCTION = "doctor"


class Finding(Struct, frozen=True, kw_only=True):
    """One line of the report; ``is_well`` is None for a plain fact."""

    name: str
    is_well: bool | None
    detail: str


def examine(installation: Installation, configured: Settings) -> list[Finding]:
    """Every check of this installation; ``configured`` are the settings before the embedded server was found."""
    return [
        *_variables(configured),
        *_database(installation),
        _guard(installation),
        _broker(installation.settings),
        _gateway(installation),
        _bank(installation),
        Finding(name="page assets", is_well=are_built(), detail="python -m marketplace.web.assets builds them"),
        _folder(installation.settings),
    ]


def _variables(settings: Settings) -> Iterator[Finding]:
    defaults = Settings()
    for field in msgspec.structs.fields(Settings):
        value = getattr(settings, field.name)
        shown = _shown(field.name, str(value))
        source = "default" if value == getattr(defaults, field.name) else "set"
        yield Finding(name=PREFIX + field.name.upper(), is_well=None, detail=f"{shown or '(empty)'} [{source}]")


def _shown(name: str, value: str) -> str:
    """A value as it may be printed: no key, no password."""
    if name in SECRET:
        return "(hidden)" if value else ""
    if "://" in value:
        parts = urlsplit(value)
        if parts.password:
            return value.replace(f":{parts.password}@", ":***@")
    return value


def _database(installation: Installation) -> Iterator[Finding]:
    kind = "embedded" if installation.is_embedded else "configured"
    try:
        with installation.database.read() as db:
            version = db.execute(text("SHOW server_version")).scalar_one()
            has = db.execute(text("SELECT to_regclass('public.alembic_version')")).scalar_one()
            found = db.execute(text("SELECT version_num FROM alembic_version")).scalar() if has else ""
    except DBAPIError as error:
        yield Finding(name="database", is_well=False, detail=f"{kind}, not reachable: {type(error.orig).__name__}")
        return
    yield Finding(name="database", is_well=True, detail=f"{kind} PostgreSQL {version}")
    head = migrate.head()
    state = (
        "up to date" if found == head else f"at {found or 'nothing'}, the code is at {head}: run marketplace migrate"
    )
    yield Finding(name="migrations", is_well=found == head, detail=state)


def _guard(installation: Installation) -> Finding:
    """Whether the application's login is kept from writing the books, asked of the database itself."""
    question = text(
        "SELECT NOT rolsuper AND NOT pg_has_role(rolname, :ledger, 'MEMBER')"
        " AND NOT has_table_privilege('ledger.movement', 'INSERT, UPDATE, DELETE, TRUNCATE')"
        " FROM pg_roles WHERE rolname = session_user"
    )
    ledger = f"{installation.settings.role_prefix}_ledger"
    try:
        with installation.database.read() as db:
            is_on = bool(db.execute(question, {"ledger": ledger}).scalar())
    except DBAPIError:
        detail = "the books are not there yet: run marketplace migrate"
        return Finding(name="ledger guard", is_well=False, detail=detail)
    if is_on:
        return Finding(name="ledger guard", is_well=True, detail="the application can read the books, not write them")
    login = make_url(installation.settings.database_url).username
    detail = f"off: {login} may write the books; set MARKETPLACE_OWNER_URL to another login and run marketplace migrate"
    return Finding(name="ledger guard", is_well=False, detail=detail)


def _broker(settings: Settings) -> Finding:
    if not settings.broker_url:
        return Finding(name="broker", is_well=True, detail="in this process")
    is_there = broker_answers(settings)
    return Finding(name="broker", is_well=is_there, detail="RabbitMQ " + ("reachable" if is_there else "not reachable"))


def _gateway(installation: Installation) -> Finding:
    gateway = gateway_of(installation.settings, installation.clock)
    if gateway is None:
        return Finding(name="gateway", is_well=None, detail="off: no gifts online" + _in_demo(installation))
    try:
        available = yuan_grouped(gateway.available_fen())
    except PaymentError as error:
        return _out_of_reach("gateway", installation.settings.gateway_url, error)
    finally:
        gateway.close()
    whose = "stand-in" if installation.director else installation.settings.gateway_url
    return Finding(name="gateway", is_well=True, detail=f"{whose}, {available} yuan available")


def _bank(installation: Installation) -> Finding:
    bank = bank_of(installation.settings, installation.clock)
    if bank is None:
        return Finding(name="bank", is_well=None, detail="off: files go by hand" + _in_demo(installation))
    try:
        bank.status(_NO_INSTRUCTION)
    except PaymentError as error:
        return _out_of_reach("bank", installation.settings.bank_url, error)
    finally:
        bank.close()
    return Finding(
        name="bank", is_well=True, detail="stand-in" if installation.director else installation.settings.bank_url
    )


def _in_demo(installation: Installation) -> str:
    """Whether the demo, if it runs, has stand-ins although nothing is configured."""
    kept = kept_identity(installation.settings.home)
    return f"; the demo's stand-ins answer at {kept.site}" if kept and Control(kept).is_up() else ""


def _out_of_reach(name: str, url: str, error: PaymentError) -> Finding:
    if isinstance(error, Refused):
        return Finding(name=name, is_well=False, detail=f"{url} refuses us: {error.code}")
    return Finding(name=name, is_well=False, detail=f"{url} not reachable: {error}")


def _folder(settings: Settings) -> Finding:
    probe = settings.home / ".doctor"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        return Finding(name="data folder", is_well=False, detail=f"{settings.home}: {error.strerror}")
    return Finding(name="data folder", is_well=True, detail=str(settings.home))


def report(findings: list[Finding], say: Callable[[str], None]) -> None:
    """Print the findings, one a line, in columns."""
    width = max(len(finding.name) for finding in findings)
    marks = {None: " ", True: "+", False: "!"}
    for finding in findings:
        say(f"{marks[finding.is_well]} {finding.name:<{width}}  {finding.detail}")
