"""The second factor: time-based codes of RFC 6238, and recovery codes for a lost phone."""

import secrets
from datetime import datetime
from hashlib import sha256

import pyotp
import segno

PERIOD_S = 30
DRIFT_STEPS = 1
"""A phone's clock may be half a minute off, either way."""
RECOVERY_CODES = 10
_RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_secret() -> str:
    """A fresh base32 secret of 160 bits."""
    return pyotp.random_base32()


def step_at(now: datetime) -> int:
    """The number of the half minute that ``now`` falls in."""
    return int(now.timestamp()) // PERIOD_S


def accepted_step(secret: str, code: str, *, now: datetime, last_step: int) -> int | None:
    """The step whose code this is, or None; a step up to ``last_step`` was used and is never accepted again."""
    given = "".join(code.split())
    here = step_at(now)
    found = None
    for step in range(here - DRIFT_STEPS, here + DRIFT_STEPS + 1):
        right = secrets.compare_digest(pyotp.TOTP(secret).at(step * PERIOD_S).encode(), given.encode())
        if right and step > last_step:
            found = step
    return found


def uri(secret: str, login: str, issuer: str) -> str:
    """The address an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def qr_svg(content: str) -> str:
    """A QR code as one inline SVG element without style attributes; the page sizes it by its class."""
    return segno.make(content, error="m").svg_inline(
        scale=4, border=2, svgclass="qr", lineclass="qr-line", light="white", omitsize=True
    )


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes of twelve characters that are not mistaken for one another, in groups of four; shown once."""
    return tuple(
        "-".join("".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(4)) for _ in range(3))
        for _ in range(RECOVERY_CODES)
    )


def recovery_digest(code: str) -> bytes:
    """What is kept of a recovery code; sixty random bits need no slow hash, and few guesses are let through."""
    return sha256("".join(code.lower().replace("-", " ").split()).encode()).digest()
