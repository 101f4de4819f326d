"""Random tokens, of which only the SHA-256 is ever kept."""

import re
import secrets
from hashlib import sha256

TOKEN_BYTES = 32
API_MARK = "mkt"
"""Begins every API token, so that scanners find one that was published by mistake."""
_API = re.compile(r"mkt_[a-z2-7]{10}_[A-Za-z0-9_-]{43}")
_PREFIX_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
PREFIX_CHARS = 10


def new_token() -> str:
    """32 random bytes as 43 URL-safe characters."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> bytes:
    """The SHA-256 of a token: 256 random bits cannot be guessed back, so no slow hash is needed."""
    return sha256(token.encode()).digest()


def new_api_token() -> tuple[str, str]:
    """A token for programs and its public prefix, by which its owner recognizes it."""
    prefix = f"{API_MARK}_{''.join(secrets.choice(_PREFIX_ALPHABET) for _ in range(PREFIX_CHARS))}"
    return f"{prefix}_{new_token()}", prefix


def api_prefix(token: str) -> str | None:
    """The prefix of something that has the form of an API token, or None."""
    return token[: len(API_MARK) + 1 + PREFIX_CHARS] if _API.fullmatch(token) else None
