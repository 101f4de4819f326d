"""Drafts at rest: encrypted under a seed of their own that the server forgets when the bid is handed in."""

import base64
import hmac
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from marketplace.bids.sealing.errors import CorruptEnvelope, TooLargeToSeal
from marketplace.bids.sealing.padding import pad, unpad
from marketplace.bids.sealing.suites import context

NOTE = 2048
"""Bytes of a sealed note: room for the longest file name."""
_NONCE = 12
_SEED = 15  # 120 bits: 24 letters without a remainder


class ApplicationKeys:
    """The keys the running application holds outside the database, drawn from one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.wrapping = self._draw("draft seeds")
        self.bidders = self._draw("bidder digests")
        self.vouching = self._draw("public keys")

    def __repr__(self) -> str:
        return "ApplicationKeys(…)"

    def _draw(self, purpose: str) -> bytes:
        return HKDF(SHA256(), 32, salt=b"marketplace/bids/1", info=purpose.encode()).derive(self._secret)


def new_seed() -> bytes:
    """A fresh seed for one draft."""
    return os.urandom(_SEED)


def wrap_seed(keys: ApplicationKeys, seed: bytes, bid_id: UUID) -> bytes:
    """The seed as it may be stored while the draft is being worked on."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(keys.wrapping).encrypt(nonce, seed, context("draft-seed", str(bid_id)))


def unwrap_seed(keys: ApplicationKeys, wrapped: bytes, bid_id: UUID) -> bytes:
    """The seed of a draft that is being worked on.

    Raises:
        CorruptEnvelope: it was changed, belongs to another bid, or the application's secret is another one.
    """
    return _open(keys.wrapping, wrapped, context("draft-seed", str(bid_id)))


def seal_draft(seed: bytes, content: bytes, bid_id: UUID) -> bytes:
    """A draft as it is stored, padded to a size class.

    Raises:
        TooLargeToSeal: the content is beyond the largest class.
    """
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key(seed)).encrypt(nonce, pad(content), context("draft", str(bid_id)))


def unseal_draft(seed: bytes, sealed: bytes, bid_id: UUID) -> bytes:
    """A draft's content.

    Raises:
        CorruptEnvelope: it was changed, belongs to another bid, or the seed is another one's.
    """
    return unpad(_open(_key(seed), sealed, context("draft", str(bid_id))))


def seal_note(seed: bytes, note: bytes, *place: str) -> bytes:
    """A few words under a draft's seed, bound to where they stand and filled up to a length that says nothing.

    Raises:
        TooLargeToSeal: they are longer than a note may be.
    """
    if len(note) > NOTE:
        raise TooLargeToSeal
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key(seed, b"note")).encrypt(nonce, note.ljust(NOTE), context("note", *place))


def unseal_note(seed: bytes, sealed: bytes, *place: str) -> bytes:
    """What :func:`seal_note` sealed, with its filling of spaces.

    Raises:
        CorruptEnvelope: it was changed, stands elsewhere, or the seed is another one.
    """
    return _open(_key(seed, b"note"), sealed, context("note", *place))


def code_of(seed: bytes) -> str:
    """The seed as a code for the bidder to keep: six groups of four letters and digits."""
    letters = base64.b32encode(seed).decode()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def seed_of(code: str) -> bytes | None:
    """The seed a code stands for, whatever its spaces, hyphens and case; None when it is none."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    letters = letters.replace("0", "O").replace("1", "I").replace("8", "B")
    try:
        seed = base64.b32decode(letters.encode("ascii"))
    except ValueError:
        return None
    return seed if len(seed) == _SEED else None


def _key(seed: bytes, purpose: bytes = b"draft") -> bytes:
    return HKDF(SHA256(), 32, salt=b"marketplace/bids/1", info=purpose).derive(seed)


def _open(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
    except (InvalidTag, ValueError):
        raise CorruptEnvelope from None


def voucher(keys: ApplicationKeys, *parts: str) -> bytes:
    """A keyed digest over public facts, so that a row exchanged in the database is noticed."""
    return hmac.digest(keys.vouching, context(*parts), "sha256")


def vouches(keys: ApplicationKeys, given: bytes, *parts: str) -> bool:
    """Whether ``given`` is the voucher over these facts."""
    return hmac.compare_digest(given, voucher(keys, *parts))
