"""Organizations for tests of the register, made by its own verbs: registered, handed in, qualified."""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.documents.storage import FolderStorage
from marketplace.identity.queries import actor_of, people_of
from marketplace.identity.states import OrganizationKind
from marketplace.kit.actor import SYSTEM, Actor, Function, Role
from marketplace.procedures import commands as procedures
from marketplace.suppliers import commands, queries
from marketplace.suppliers.schemas import Bank, NewCheck, Profile, Registration, SupplierView
from marketplace.suppliers.states import CheckResult, Nature
from seed import reference
from tests.identity.town import PASSWORD, SAFE, an_actor, code_for

TODAY = date(2026, 3, 2)
SCOPE = "困境儿童关爱陪伴、留守儿童寒暑假托管、社区社会工作服务。"
KINDS = {
    Nature.SOCIAL_GROUP: OrganizationKind.SOCIAL_GROUP,
    Nature.SOCIAL_SERVICE_AGENCY: OrganizationKind.SOCIAL_SERVICE_AGENCY,
    Nature.FOUNDATION: OrganizationKind.FOUNDATION,
}
OWN_PROOFS = (
    "certificate", "scope", "bank", "annual_report", "accounting", "capability", "tax_insurance", "declaration",
)  # fmt: skip
CENTRE_PROOFS = ("abnormal_list", "dishonest_list", "procurement_list")
ALL = (*OWN_PROOFS, *CENTRE_PROOFS)


def a_registration(number: int = 1, **changes: Any) -> Registration:
    kind = KINDS.get(changes.get("nature", Nature.SOCIAL_SERVICE_AGENCY), OrganizationKind.FOUNDATION)
    known: dict[str, Any] = {
        "uscc": code_for(kind, number),
        "name": f"示例社会工作服务中心{number}",
        "nature": Nature.SOCIAL_SERVICE_AGENCY,
        "legal_representative": f"代表{number}",
        "contact_name": f"联络{number}",
        "contact_phone": f"0826-200{number:04d}",
        "contact_email": f"office{number}@example.com",
        "service_scope": SCOPE,
        "supervising_unit": "示例区民政局",
        "services": ("A04",),
        "password": PASSWORD,
        "declared": True,
    }  # fmt: skip
    return Registration(**{**known, **changes})


def a_draft(db: Session, number: int = 1, *, now: datetime, **changes: Any) -> Actor:
    """Register an organization; returns its first person, acting for it."""
    organization_id = commands.register(db, SAFE, a_registration(number, **changes), now=now)
    [first] = people_of(db, SYSTEM, organization_id)
    return actor_of(db, first.person_id, organization_id)


def with_rules(db: Session, now: datetime) -> None:
    """Enter the purchasing rules, as reference data bring them."""
    procedures.add_rules(db, SYSTEM, reference.rule_rows(), reason="首次录入", now=now)


def of(actor: Actor) -> UUID:
    """The organization an actor acts for."""
    assert actor.organization_id is not None
    return actor.organization_id


def view(db: Session, actor: Actor, on_day: date = TODAY) -> SupplierView:
    return queries.supplier(db, actor, of(actor), on_day=on_day)


def a_bank(db: Session, actor: Actor) -> Bank:
    name = view(db, actor).profile.name
    return Bank(bank_name="示例银行广安支行", account_name=name, account_number="6222 0000 0000 1234")


def attach(db: Session, folder: Path, actor: Actor, organization_id: UUID, kind: str, *, now: datetime) -> UUID:
    text = f"{organization_id} {kind} {now}".encode()
    return commands.attach(
        db, FolderStorage(folder), actor, organization_id, kind, [text], name=f"{kind}.txt", limit_bytes=1000, now=now
    )  # fmt: skip


def complete(db: Session, folder: Path, actor: Actor, *, now: datetime) -> None:
    """Fill in the account and attach every proof that the organization owes."""
    commands.set_bank(db, SAFE, actor, of(actor), a_bank(db, actor), revision=None, now=now)
    minors = ("minors_check",) if view(db, actor).profile.serves_minors else ()
    for kind in (*OWN_PROOFS, *minors):
        attach(db, folder, actor, of(actor), kind, now=now)


def a_submitted(db: Session, folder: Path, number: int = 1, *, now: datetime, **changes: Any) -> Actor:
    actor = a_draft(db, number, now=now, **changes)
    complete(db, folder, actor, now=now)
    commands.submit(db, actor, of(actor), revision=None, now=now)
    return actor


def centre(db: Session, role: Role = Role.CLERK, *, now: datetime) -> Actor:
    return an_actor(db, role, functions=(Function.PROCURING_ENTITY,), now=now)


def passed(kind: str, **changes: Any) -> NewCheck:
    known: dict[str, Any] = {"kind": kind, "result": CheckResult.PASSED, "source": "原件"}
    if kind == "certificate":
        known["valid_to"] = date(2028, 12, 31)
    return NewCheck(**{**known, **changes})


def check_all(db: Session, folder: Path, clerk: Actor, organization_id: UUID, *, now: datetime) -> None:
    """The centre looks at everything and finds it right."""
    for kind in CENTRE_PROOFS:
        attach(db, folder, clerk, organization_id, kind, now=now)
    commands.check(db, clerk, organization_id, [passed(kind) for kind in ALL], now=now)


def a_qualified(db: Session, folder: Path, number: int = 1, *, now: datetime, **changes: Any) -> Actor:
    actor = a_submitted(db, folder, number, now=now, **changes)
    clerk = centre(db, now=now)
    check_all(db, folder, clerk, of(actor), now=now)
    if changes.get("serves_minors"):
        commands.check(db, clerk, of(actor), [passed("minors_check")], now=now)
    commands.qualify(db, clerk, of(actor), revision=None, now=now)
    return actor


def a_profile(db: Session, actor: Actor, **changes: Any) -> Profile:
    """The organization's present data, some of them different."""
    import msgspec

    return msgspec.structs.replace(view(db, actor).profile, **changes)
