"""Pure decisions: rights, duties kept apart, and the limits of sign-in."""

from marketplace.identity.rules.duties import (
    ADMINISTRATORS,
    INCOMPATIBLE,
    ROLES_APART,
    DutiesClash,
    Duty,
    RolesClash,
    apart,
    roles_fit,
)
from marketplace.identity.rules.rights import (
    GRANTS,
    RIGHT_LABELS,
    Grant,
    Parties,
    Relation,
    Right,
    grants_of,
    may,
    require,
    rights_of,
)

__all__ = [
    "ADMINISTRATORS",
    "GRANTS",
    "INCOMPATIBLE",
    "RIGHT_LABELS",
    "ROLES_APART",
    "DutiesClash",
    "Duty",
    "Grant",
    "Parties",
    "Relation",
    "Right",
    "RolesClash",
    "apart",
    "grants_of",
    "may",
    "require",
    "rights_of",
    "roles_fit",
]
