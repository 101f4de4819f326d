"""Cipher suites by name and version, so that another pair of algorithms can take the place of the first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM
from cryptography.hazmat.primitives.hpke import Suite as Hpke
from cryptography.utils import Buffer

from marketplace.bids.sealing.errors import CorruptEnvelope, UnknownSuite


class Aead(Protocol):
    """Encryption under a shared key that notices every change."""

    def encrypt(self, nonce: bytes, data: Buffer, associated_data: bytes | None) -> bytes:
        """The ciphertext of ``data``, 16 bytes longer, bound to ``associated_data``."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plaintext, or InvalidTag."""
        ...


class PublicSuite(Protocol):
    """Encryption to a public key; keys and ciphertexts are plain bytes."""

    def new_private(self) -> bytes:
        """A fresh private key."""
        ...

    def public_of(self, private: bytes) -> bytes:
        """The public key that belongs to ``private``."""
        ...

    def encrypt(self, plaintext: Buffer, public: bytes, info: bytes) -> bytes:
        """Encrypt to the owner of ``public``, bound to ``info``."""
        ...

    def decrypt(self, ciphertext: bytes, private: bytes, info: bytes) -> bytes:
        """Decrypt, or raise CorruptEnvelope."""
        ...


class HpkeX25519:
    """RFC 9180 base mode: X25519, HKDF-SHA256, AES-256-GCM."""

    _suite = Hpke(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

    def new_private(self) -> bytes:
        """A fresh private key, 32 bytes."""
        return X25519PrivateKey.generate().private_bytes_raw()

    def public_of(self, private: bytes) -> bytes:
        """The public key that belongs to ``private``, 32 bytes."""
        return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()

    def encrypt(self, plaintext: Buffer, public: bytes, info: bytes) -> bytes:
        """Encrypt to the owner of ``public``; the result is 48 bytes longer."""
        return self._suite.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), info)

    def decrypt(self, ciphertext: bytes, private: bytes, info: bytes) -> bytes:
        """Decrypt what was encrypted to the owner of ``private``.

        Raises:
            CorruptEnvelope: a byte changed, or key or ``info`` are not those it was sealed with.
        """
        try:
            return self._suite.decrypt(ciphertext, X25519PrivateKey.from_private_bytes(private), info)
        except (InvalidTag, ValueError):
            raise CorruptEnvelope from None


@dataclass(frozen=True, slots=True)
class Suite:
    """A named choice of algorithms: ``public`` for envelopes, ``aead`` for files and drafts."""

    name: str
    public: PublicSuite
    aead: Callable[[bytes], Aead]
    key_bytes: int = 32


DEFAULT = Suite("HPKE-X25519-HKDF-SHA256-AES256GCM/1", HpkeX25519(), AESGCM)
SUITES: dict[str, Suite] = {DEFAULT.name: DEFAULT}


def suite_named(name: str) -> Suite:
    """The suite of this name.

    Raises:
        UnknownSuite: this installation does not have it.
    """
    try:
        return SUITES[name]
    except KeyError:
        raise UnknownSuite from None


def header(magic: bytes, suite: Suite) -> bytes:
    """The first bytes of everything sealed: a magic word of four bytes and the suite's name with its length."""
    name = suite.name.encode()
    return magic + bytes([len(name)]) + name


def read_header(magic: bytes, sealed: bytes) -> tuple[Suite, bytes]:
    """The suite that the first bytes of ``sealed`` name, and those bytes.

    Raises:
        CorruptEnvelope: it does not begin with ``magic``, or is cut short.
        UnknownSuite: the suite is not known here.
    """
    if sealed[: len(magic)] != magic or len(sealed) <= len(magic):
        raise CorruptEnvelope
    end = len(magic) + 1 + sealed[len(magic)]
    if len(sealed) < end:
        raise CorruptEnvelope
    try:
        name = sealed[len(magic) + 1 : end].decode("ascii")
    except UnicodeDecodeError:
        raise CorruptEnvelope from None
    return suite_named(name), sealed[:end]


def context(*parts: str) -> bytes:
    """Parts joined so that no two lists of parts give the same bytes."""
    return b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
