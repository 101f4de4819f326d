"""The demo's organizations and people, with one known password."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.identity import commands
from marketplace.identity.credentials import Safe
from marketplace.identity.model import Organization
from marketplace.identity.schemas import NewOrganization, NewPerson
from marketplace.identity.states import OrganizationKind
from marketplace.kit.actor import SYSTEM, Function, Role
from marketplace.kit.codes import uscc_check
from seed.year import year

PASSWORD = "guangan-demo-2026"  # noqa: S105 - printed with the demo's sign-ins; no other installation has it
PASSPHRASE = "春天里一起去看油菜花"  # noqa: S105 - the demo's openers all use it
REGION = "511602"
KINDS = {
    "mass_organization": (OrganizationKind.MASS_ORGANIZATION, "13"),
    "service_centre": (OrganizationKind.PUBLIC_INSTITUTION, "12"),
    "government": (OrganizationKind.GOVERNMENT, "11"),
    "supervisor": (OrganizationKind.MASS_ORGANIZATION, "13"),
    "charity": (OrganizationKind.SOCIAL_GROUP, "51"),
    "operator": (OrganizationKind.OTHER, "A1"),
}


def code(prefix: str, serial: str) -> str:
    """An invented 统一社会信用代码 that passes its own check; ``serial`` is its inner nine characters."""
    body = f"{prefix}{REGION}{serial:0<9}"
    return body + uscc_check(body)


def sign_ins() -> Iterator[tuple[str, str]]:
    """Every demo login with what it is for."""
    story = year()
    yield from ((person.login, person.say) for person in story.people)
    yield from ((supplier.login, f"社会组织：{supplier.name}") for supplier in story.suppliers)


def settle(db: Session, safe: Safe, *, now: datetime) -> dict[str, UUID]:
    """Register the organizations and their people; returns the organizations' ids by key and the people's by login.

    An organization that an earlier story left is the same one, with what it does in this market now.
    """
    story, ids = year(), dict[str, UUID]()
    for number, body in enumerate(story.organizations, 1):
        kind, prefix = KINDS[body.kind]
        found = select(Organization.id, Organization.functions).where(Organization.name == body.name)
        known = db.execute(found).first()
        if known is not None:
            ids[body.key] = known[0]
            functions = sorted({*map(Function, known[1]), *map(Function, body.functions)})
            commands.set_functions(db, SYSTEM, known[0], functions, reason="演示年度", now=now)
            continue
        ids[body.key] = commands.register_organization(
            db,
            SYSTEM,
            NewOrganization(
                name=body.name,
                short_name=body.short,
                kind=kind,
                functions=tuple(Function(word) for word in body.functions),
                uscc=code(prefix, f"MJX9{number:04d}"),
                region=REGION,
            ),
            now=now,
        )
    for person in story.people:
        ids[person.login] = commands.create_person(
            db,
            safe,
            SYSTEM,
            ids[person.organization],
            NewPerson(name=person.name, email=f"{person.login}@demo.invalid", login=person.login),
            roles=[Role(word) for word in person.roles],
            password=PASSWORD,
            now=now,
            totp_required=False,
        )
    return ids
