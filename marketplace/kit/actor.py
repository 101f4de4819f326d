"""Who acts: a person in an organization with roles there, or the system itself."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Function(StrEnum):
    """What an organization is in this market; one may be several."""

    BUYER = "buyer"
    PROCURING_ENTITY = "procuring_entity"
    SUPPLIER = "supplier"
    FINANCE_OFFICE = "finance_office"
    SUPERVISOR = "supervisor"
    DONOR = "donor"
    OPERATOR = "operator"


class Role(StrEnum):
    """The post a person holds in an organization."""

    CLERK = "clerk"
    HEAD = "head"
    ACCOUNTANT = "accountant"
    CASHIER = "cashier"
    EXPERT = "expert"
    DRAFTER = "drafter"
    SIGNATORY = "signatory"
    AUDITOR = "auditor"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


@dataclass(frozen=True, slots=True)
class Actor:
    """One person acting for one organization. ``person_id`` is None only for the system itself.

    ``scopes`` is None for a person who signed in; an API token may use no rights but the ones it names.
    """

    person_id: UUID | None
    organization_id: UUID | None
    functions: frozenset[Function] = field(default_factory=frozenset)
    roles: frozenset[Role] = field(default_factory=frozenset)
    scopes: frozenset[str] | None = None

    @property
    def is_system(self) -> bool:
        """Whether the system itself acts: a worker, a seed, a migration."""
        return self.person_id is None


SYSTEM = Actor(person_id=None, organization_id=None)
