"""Who the stand-ins are: their port and keys, kept beside their store so that addresses stay valid."""

import json
import secrets
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

HOST = "127.0.0.1"
FILE = "standin.json"
FOLDER = "standin"


@dataclass(frozen=True, slots=True)
class Identity:
    """Where the stand-ins answer, the key that the gateway asks for, and the secret that it signs webhooks with."""

    port: int
    key: str
    secret: str

    @property
    def site(self) -> str:
        """The address of the stand-ins."""
        return f"http://{HOST}:{self.port}"


def kept_identity(home: Path) -> Identity | None:
    """The identity kept in ``home``, if there is one."""
    try:
        return Identity(**json.loads((home / FILE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def identity_of(home: Path, port: int | None = None) -> Identity:
    """The identity kept in ``home``, made on first use; a port that is taken is given up unless it is asked for."""
    path = home / FILE
    kept = kept_identity(home) or Identity(0, f"sk_test_{secrets.token_hex(16)}", f"whsec_{secrets.token_hex(16)}")
    wanted = port or (kept.port if kept.port and _is_free(kept.port) else _free_port())
    found = Identity(wanted, kept.key, kept.secret)
    if found != kept:
        home.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(found)), "utf-8")
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
