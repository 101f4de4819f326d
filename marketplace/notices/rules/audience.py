"""The parties that notices are told to, and which posts in an organization hear of what."""

from enum import StrEnum
from typing import NamedTuple

from marketplace.kit.actor import Role


class Party(StrEnum):
    """How somebody stands to what happened; facts name the organizations or people of each party."""

    PERSON = "person"
    ORGANIZATION = "organization"
    BUYER = "buyer"
    PROCURING_ENTITY = "procuring_entity"
    FINANCE = "finance"
    SUPPLIER = "supplier"
    TAKERS = "takers"
    OPENERS = "openers"
    DRAFTERS = "drafters"
    CENTRES = "centres"
    BUYERS = "buyers"
    SUPPLIERS = "suppliers"
    OPERATORS = "operators"
    DONOR = "donor"


class To(NamedTuple):
    """One address of a notice: the people of a party, or who holds one of ``roles`` in its organizations."""

    party: Party
    roles: frozenset[Role] = frozenset()


_R = Role
DESK = frozenset({_R.CLERK, _R.HEAD})
HEADS = frozenset({_R.HEAD})
CLERKS = frozenset({_R.CLERK})
BOOKS = frozenset({_R.ACCOUNTANT, _R.HEAD})
SECURITY = frozenset({_R.SECURITY_ADMIN})
