"""How an act becomes bytes and bytes a digest: pure, the same for whoever checks it later."""

import hashlib
from collections.abc import Mapping

import msgspec

SALT_BYTES = 32


def canonical(data: Mapping[str, object]) -> bytes:
    """The one byte form of ``data``: JSON with sorted keys, no spaces, times in ISO 8601."""
    return msgspec.json.encode(data, order="deterministic")


def salted_digest(salt: bytes, data: Mapping[str, object]) -> bytes:
    """SHA-256 over the salt (32 bytes) and the canonical data."""
    return hashlib.sha256(salt + canonical(data)).digest()
