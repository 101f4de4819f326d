"""Digests around a sealed bid: who it is (keyed), that it was there (salted), and what the bidder takes home."""

import hashlib
import hmac
import os
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SM3, Hash

from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.bids.sealing.suites import context


def bidder_digest(keys: ApplicationKeys, project_id: UUID, organization_id: UUID) -> bytes:
    """The only name a bidder has before opening: another one in every project, meaningless without the secret."""
    return hmac.digest(keys.bidders, context("bidder", str(project_id), str(organization_id)), "sha256")


def sha256_hex(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def sm3_hex(data: bytes) -> str:
    """SM3 (GB/T 32905-2016) in hexadecimal."""
    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize().hex()


def new_salt() -> bytes:
    """A fresh salt of 32 bytes."""
    return os.urandom(32)


def commitment(salt: bytes, envelope: bytes) -> str:
    """What the journal keeps of an envelope: nothing can be learnt from it without the salt."""
    return hashlib.sha256(b"bid-commitment\0" + salt + hashlib.sha256(envelope).digest()).hexdigest()
