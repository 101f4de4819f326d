"""Seals small secrets that must be read again, and digests logins, under keys derived from the installation's one."""

import hmac
import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
INDEX_VERSION = 1
"""The version of the key under which new blind indexes are made; older ones are still asked."""


class BrokenSeal(ValueError):
    """A sealed value was changed, belongs to another row, or was sealed under another installation's key."""


def _derive(master: bytes, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"marketplace.identity.{use}.v1".encode()).derive(
        master
    )


class Vault:
    """AES-256-GCM and HMAC-SHA-256 under keys that HKDF derives; every seal is bound to the place it is kept in."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise ValueError("the master key has 32 bytes")
        self._sealing = AESGCM(_derive(master, "sealing"))
        self._digesting = _derive(master, "login")
        self._indexing = {version: _derive(master, f"index.{version}") for version in range(1, INDEX_VERSION + 1)}

    def seal(self, secret: str, place: str) -> bytes:
        """``secret`` encrypted for one ``place`` (table, column and row key)."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._sealing.encrypt(nonce, secret.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """The secret again.

        Raises:
            BrokenSeal: changed, moved to another place, or sealed under another key.
        """
        try:
            return self._sealing.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode()).decode()
        except InvalidTag:
            raise BrokenSeal(place) from None

    def login_key(self, login: str) -> UUID:
        """What stands for a login, whether it exists or not; a dump of the database does not tell which login it is."""
        return UUID(bytes=hmac.digest(self._digesting, login.encode(), "sha256")[:16])

    def blind_indexes(self, number: str, use: str) -> dict[int, bytes]:
        """What stands for a number in a table, by version of the key: equal numbers are found, none can be guessed.

        ``use`` keeps tables apart: the same number gives another index in each.
        """
        return {
            version: hmac.digest(key, f"{use}\0{number}".encode(), "sha256") for version, key in self._indexing.items()
        }
