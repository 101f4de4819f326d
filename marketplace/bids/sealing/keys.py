"""Keys of openers and projects: each opener's own is locked by a passphrase, a project's opens for two of three."""

import hmac
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from marketplace.bids.sealing.errors import CorruptEnvelope, SameOpenerTwice, WrongPassphrase
from marketplace.bids.sealing.suites import DEFAULT, Suite, context

_LOCK_MAGIC = b"SBK1"
_SALT, _NONCE = 16, 12
_PASSES_MAX, _LANES_MAX, _MEMORY_KIB_MAX = 16, 16, 2**20


class Seat(StrEnum):
    """Which of the three openers somebody is."""

    CENTRE = "centre"
    BUYER = "buyer"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess at a passphrase costs: argon2id passes, lanes and memory in KiB."""

    passes: int = 3
    lanes: int = 4
    memory_kib: int = 64 * 1024

    def bytes(self) -> bytes:
        """The cost as it stands in the locked key's header, 6 bytes."""
        return bytes([self.passes, self.lanes]) + self.memory_kib.to_bytes(4, "big")

    def sane(self) -> bool:
        """Whether it is neither nothing nor more than a gibibyte: a changed header must not stop the server."""
        return (
            1 <= self.passes <= _PASSES_MAX
            and 1 <= self.lanes <= _LANES_MAX
            and 8 * self.lanes <= self.memory_kib <= _MEMORY_KIB_MAX
        )


USUAL_COST = Cost()


@dataclass(frozen=True, slots=True)
class OpenerKey:
    """An opener's key pair as it is stored: nobody can use the private half without the passphrase."""

    public: bytes
    locked_private: bytes


@dataclass(frozen=True, slots=True)
class ProjectKey:
    """A project's key pair as it is stored: the private half wrapped for each ordered pair of seats."""

    suite: str
    public: bytes
    wrapped: Mapping[tuple[Seat, Seat], bytes]


def _derive(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    secret = unicodedata.normalize("NFKC", passphrase.strip()).encode()
    kdf = Argon2id(salt=salt, length=32, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib)
    return kdf.derive(secret)


def new_opener_key(passphrase: str, owner: UUID, *, suite: Suite = DEFAULT, cost: Cost | None = None) -> OpenerKey:
    """A fresh key pair for ``owner``, its private half locked by a passphrase only they know."""
    cost = cost or USUAL_COST
    private = suite.public.new_private()
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    head = _LOCK_MAGIC + cost.bytes() + salt + nonce
    bound = head + context("opener-key", suite.name, str(owner))
    locked = head + AESGCM(_derive(passphrase, salt, cost)).encrypt(nonce, private, bound)
    return OpenerKey(suite.public.public_of(private), locked)


def unlock(key: OpenerKey, passphrase: str, owner: UUID, *, suite: Suite = DEFAULT) -> bytes:
    """The private half of an opener's key, for the moment of its use; keep it nowhere.

    Raises:
        WrongPassphrase: the passphrase is not the one it was locked with (or the row was tampered with).
        CorruptEnvelope: what is stored is not a locked key, or does not belong to the public half.
    """
    locked, fixed = key.locked_private, len(_LOCK_MAGIC) + 6
    head = locked[: fixed + _SALT + _NONCE]
    if not locked.startswith(_LOCK_MAGIC) or len(locked) <= len(head):
        raise CorruptEnvelope
    cost = Cost(locked[4], locked[5], int.from_bytes(locked[6:10], "big"))
    if not cost.sane():
        raise CorruptEnvelope
    salt, nonce = head[fixed : fixed + _SALT], head[fixed + _SALT :]
    bound = head + context("opener-key", suite.name, str(owner))
    try:
        private = AESGCM(_derive(passphrase, salt, cost)).decrypt(nonce, locked[len(head) :], bound)
    except InvalidTag:
        raise WrongPassphrase(field="passphrase") from None
    if not hmac.compare_digest(suite.public.public_of(private), key.public):
        raise CorruptEnvelope
    return private


def _layer(suite: Suite, project_id: UUID, public: bytes, layer: str, pair: tuple[Seat, Seat]) -> bytes:
    return context("project-key", suite.name, str(project_id), public.hex(), layer, *pair)


def new_project_key(project_id: UUID, openers: Mapping[Seat, bytes], *, suite: Suite = DEFAULT) -> ProjectKey:
    """A fresh key pair for a project, its private half wrapped for each ordered pair of the three openers.

    For the pair (first, second) it is encrypted to ``second``, and the result to ``first``. Both orders are
    kept, so that whoever comes first can take off the outer layer and leave the rest to the other alone.

    Raises:
        SameOpenerTwice: two seats have one key.
    """
    if set(openers) != set(Seat) or len(set(openers.values())) != len(Seat):
        raise SameOpenerTwice
    private = suite.public.new_private()
    public = suite.public.public_of(private)
    wrapped = {}
    for first, second in permutations(Seat, 2):
        pair = (first, second)
        inner = suite.public.encrypt(private, openers[second], _layer(suite, project_id, public, "inner", pair))
        wrapped[pair] = suite.public.encrypt(inner, openers[first], _layer(suite, project_id, public, "outer", pair))
    return ProjectKey(suite.name, public, wrapped)


def peel(project_id: UUID, key: ProjectKey, seat: Seat, private: bytes, *, suite: Suite = DEFAULT) -> dict[Seat, bytes]:
    """The first opener's part: for each of the other two, the project's key encrypted to that one alone.

    Raises:
        CorruptEnvelope: the wrapped keys were changed, or ``private`` is not this seat's key.
    """
    return {
        second: suite.public.decrypt(
            key.wrapped[seat, second],
            private,
            _layer(suite, project_id, key.public, "outer", (seat, second)),
        )
        for second in Seat
        if second is not seat
    }


def unwrap(
    project_id: UUID,
    key: ProjectKey,
    pair: tuple[Seat, Seat],
    peeled: bytes,
    private: bytes,
    *,
    suite: Suite = DEFAULT,
) -> bytes:
    """The second opener's part: the project's private key, out of what the first one left for this seat.

    Raises:
        SameOpenerTwice: both parts are of one seat.
        CorruptEnvelope: the first part was changed, ``private`` is not the second seat's, or the key does not
            belong to the project's public key.
    """
    if pair[0] is pair[1]:
        raise SameOpenerTwice
    opened = suite.public.decrypt(peeled, private, _layer(suite, project_id, key.public, "inner", pair))
    if not hmac.compare_digest(suite.public.public_of(opened), key.public):
        raise CorruptEnvelope
    return opened
