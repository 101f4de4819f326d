"""A small town for tests: a centre, a buyer, a supplier and the operator, with people of evidently invented names."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.identity import commands, queries
from marketplace.identity.credentials import Cost, safe_of
from marketplace.identity.schemas import NewOrganization, NewPerson
from marketplace.identity.states import OrganizationKind
from marketplace.kit.actor import SYSTEM, Actor, Function, Role
from marketplace.kit.codes import uscc_check

SAFE = safe_of(bytes(range(32)), cost=Cost(passes=1, memory_kib=8), demo=True)
"""A safe whose hashes cost next to nothing; never used outside tests."""
PASSWORD = "蓝色的门后有七把旧椅子"
PREFIX = {
    OrganizationKind.SOCIAL_GROUP: "51",
    OrganizationKind.SOCIAL_SERVICE_AGENCY: "52",
    OrganizationKind.FOUNDATION: "53",
    OrganizationKind.MASS_ORGANIZATION: "13",
    OrganizationKind.PUBLIC_INSTITUTION: "12",
    OrganizationKind.PUBLIC_INSTITUTION_ONE: "12",
    OrganizationKind.GOVERNMENT: "11",
}


def code_for(kind: OrganizationKind, number: int) -> str:
    """An invented code of region 511602 that passes its own check."""
    body = f"{PREFIX[kind]}511602MJX{number:06d}"
    return body + uscc_check(body)


def an_organization(
    db: Session,
    *functions: Function,
    now: datetime,
    name: str = "",
    kind: OrganizationKind = OrganizationKind.MASS_ORGANIZATION,
) -> UUID:
    number = len(queries.find_organizations(db, limit=10_000)) + 1
    new = NewOrganization(name=name or f"示例单位{number}", kind=kind, functions=functions, uscc=code_for(kind, number))
    return commands.register_organization(db, SYSTEM, new, now=now)


def a_person(
    db: Session,
    organization_id: UUID,
    *roles: Role,
    now: datetime,
    login: str = "",
    name: str = "张三丰",
    totp_required: bool = False,
) -> UUID:
    login = login or f"p{organization_id.hex[:6]}-{'-'.join(sorted(roles)) or 'nobody'}"
    new = NewPerson(name=name, email=f"{login}@example.com", login=login)
    return commands.create_person(
        db, SAFE, SYSTEM, organization_id, new, roles=roles, password=PASSWORD, now=now, totp_required=totp_required
    )


def an_actor(db: Session, *roles: Role, functions: tuple[Function, ...], now: datetime) -> Actor:
    """Somebody with these roles in a new organization with these functions."""
    organization_id = an_organization(db, *functions, now=now)
    return queries.actor_of(db, a_person(db, organization_id, *roles, now=now), organization_id)
