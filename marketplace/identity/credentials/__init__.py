"""Passwords, second factors, tokens and the key that seals what must be read again: pure, without a database."""

from dataclasses import dataclass

from marketplace.identity.credentials.passwords import COST, Cost, Hasher
from marketplace.identity.credentials.vault import Vault

__all__ = ["COST", "Cost", "Hasher", "Safe", "Vault", "safe_of"]


@dataclass(frozen=True, slots=True)
class Safe:
    """What identity needs of the installation: its sealing key and its way of hashing passwords.

    ``demo`` says that accounts made with ``totp_required=False`` are spared the second factor; everywhere else that
    mark counts for nothing.
    """

    vault: Vault
    hasher: Hasher
    demo: bool = False


def safe_of(master_key: bytes, *, cost: Cost = COST, demo: bool = False) -> Safe:
    """The safe of an installation with this 32-byte secret; tests hand in a small ``cost``."""
    return Safe(vault=Vault(master_key), hasher=Hasher(cost), demo=demo)
