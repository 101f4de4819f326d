"""The configuration, read once from the environment; nothing else in the house reads it."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

PREFIX = "MARKETPLACE_"


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting with its working default; the variable is ``MARKETPLACE_`` and the name in capitals."""

    home: Annotated[Path, Meta(description="data folder: database, documents, keys, logs")] = Path("var")
    database_url: Annotated[str, Meta(description="the application's login; empty: embedded PostgreSQL")] = ""
    owner_url: Annotated[str, Meta(description="the migrations' login; empty: the application's")] = ""
    role_prefix: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$", description="prefix of database roles")] = (
        "marketplace"
    )
    pool_size: Annotated[int, Meta(ge=2, le=200, description="database connections of one process")] = 16
    broker_url: Annotated[str, Meta(description="amqp://… of RabbitMQ; empty: in this process")] = ""
    host: Annotated[str, Meta(description="address the web server listens on")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535, description="port of the web server")] = 8000
    public_url: Annotated[str, Meta(description="address in mails and receipts; empty: host and port")] = ""
    behind_tls: Annotated[bool, Meta(description="pages are served over HTTPS by a proxy in front")] = False
    secret_key: Annotated[str, Meta(description="64 hex digits; empty: made once in the data folder")] = ""
    smtp_url: Annotated[str, Meta(description="smtp://user:password@host:port; empty: mail is kept, not sent")] = ""
    mail_from: Annotated[str, Meta(description="sender of mails")] = "notice@marketplace.invalid"
    gateway_url: Annotated[str, Meta(description="Stripe-compatible gateway, without /v1; empty: off")] = ""
    gateway_key: Annotated[str, Meta(description="our key at the gateway")] = ""
    gateway_secret: Annotated[str, Meta(description="secret the gateway signs its webhooks with")] = ""
    bank_url: Annotated[str, Meta(description="where instruction files go; empty: off")] = ""
    rail_timeout_s: Annotated[float, Meta(ge=0.1, le=120, description="seconds to wait for gateway and bank")] = 10.0
    upload_bytes_max: Annotated[int, Meta(ge=1024, description="largest file that may be uploaded")] = 200 * 2**20
    session_idle_s: Annotated[int, Meta(ge=60, description="idle seconds until a person is signed out")] = 1800
    log_level: Annotated[str, Meta(description="DEBUG, INFO, WARNING or ERROR")] = "INFO"
    demo: Annotated[bool, Meta(description="show demo sign-ins and sent mail")] = False

    @property
    def base_url(self) -> str:
        """The address under which people reach this installation, without a closing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


class BadSetting(ValueError):
    """A variable of the environment is unknown or has a value that cannot be used."""


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from ``environ`` (the process's own by default).

    Raises:
        BadSetting: an unknown ``MARKETPLACE_`` variable, or a value of the wrong form; names the variable.
    """
    source = os.environ if environ is None else environ
    known = {field.name for field in msgspec.structs.fields(Settings)}
    given = {key.removeprefix(PREFIX).lower(): value for key, value in source.items() if key.startswith(PREFIX)}
    for name in given:
        if name not in known:
            raise BadSetting(f"{PREFIX}{name.upper()} is not a setting; `marketplace doctor` lists them")
    try:
        settings = msgspec.convert(given, Settings, strict=False, dec_hook=_as_path)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$.")
        raise BadSetting(f"{PREFIX}{place.rstrip('`').upper()}: {problem}") from None
    return msgspec.structs.replace(settings, home=settings.home.resolve())


def _as_path(kind: type, value: object) -> Path:
    if kind is Path and isinstance(value, str) and value:
        return Path(value)
    raise ValueError("a path is needed")


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment for a child process that shall run under the same settings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    for field in msgspec.structs.fields(Settings):
        value = getattr(settings, field.name)
        kept[PREFIX + field.name.upper()] = str(value).lower() if isinstance(value, bool) else str(value)
    return kept


def master_key(settings: Settings) -> bytes:
    """The installation's 32-byte secret, from the setting or from ``home/secret.key`` (made on first use, mode 0600).

    Raises:
        BadSetting: the key is not 64 hexadecimal digits.
    """
    text = settings.secret_key
    if not text:
        path = settings.home / "secret.key"
        if not path.exists():
            settings.home.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(f".{os.getpid()}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_hex(32), "ascii")
            try:
                os.link(draft, path)
            except FileExistsError:
                pass  # another process of this installation was first; its key stands
            finally:
                draft.unlink()
        text = path.read_text("ascii").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        raise BadSetting("MARKETPLACE_SECRET_KEY must be 64 hexadecimal digits") from None
    if len(key) != 32:  # noqa: PLR2004 - 256 bits
        raise BadSetting("MARKETPLACE_SECRET_KEY must be 64 hexadecimal digits")
    return key
