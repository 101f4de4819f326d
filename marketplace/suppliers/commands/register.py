"""Shared by the verbs of this package: lock a registration, ask for the right, write its data and its history."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.catalogue.model import CatalogueItem, CatalogueVersion
from marketplace.catalogue.states import EditionState
from marketplace.db.base import lock
from marketplace.db.search import pinyin_key, search_text
from marketplace.identity.commands import rename_organization
from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation, Right, require
from marketplace.journal.commands import record
from marketplace.kit.actor import SYSTEM, Actor
from marketplace.kit.errors import DomainError, NotFound, Stale, raise_all
from marketplace.kit.text import clean_line
from marketplace.outbox.commands import emit
from marketplace.suppliers.model import Supplier, SupplierDecision
from marketplace.suppliers.queries.readiness import as_check, latest_checks, required_items
from marketplace.suppliers.rules.codes import nature_problem
from marketplace.suppliers.rules.readiness import ItemOpen, is_good, lamp, valid_until
from marketplace.suppliers.rules.refusals import RatingHalf, ScopeMissing, ServicesMissing, UnknownService
from marketplace.suppliers.schemas import Profile
from marketplace.suppliers.states import LAMP_LABELS, SUPPLIER, SupplierAction

_APART = frozenset({"name", "region", "services"})


def locked(db: Session, actor: Actor, right: Right, organization_id: UUID) -> tuple[Supplier, Organization]:
    """Lock a registration for whoever has the right to it.

    Raises:
        NotFound: no such registration, or another organization's.
        Forbidden: the actor's role lacks the right.
    """
    require(actor, right, {Relation.SUPPLIER: organization_id})
    supplier, organization = lock(db, Supplier, organization_id), db.get(Organization, organization_id)
    if supplier is None or organization is None:
        raise NotFound
    return supplier, organization


def same_revision(supplier: Supplier, revision: int | None) -> None:
    """Refuse to change what somebody else changed since; ``revision`` None asks for nothing.

    Raises:
        Stale: the registration is another one than was read.
    """
    if revision is not None and revision != supplier.revision:
        raise Stale


def profile_problems(db: Session, profile: Profile, uscc: str, *, whole: bool) -> list[DomainError]:
    """What is wrong with an organization's data; ``whole`` also asks for what a draft may still lack."""
    found = [problem for problem in [nature_problem(profile.nature, uscc)] if problem is not None]
    if (profile.rating_grade is None) is not (profile.rating_until is None):
        found.append(RatingHalf(field="rating_until" if profile.rating_grade else "rating_grade"))
    unknown = _unknown_services(db, profile.services)
    if unknown:
        found.append(UnknownService(field="services", codes="、".join(unknown)))
    if whole and not profile.services:
        found.append(ServicesMissing(field="services"))
    if whole and not profile.service_scope.strip():
        found.append(ScopeMissing(field="service_scope"))
    return found


def _unknown_services(db: Session, services: Sequence[str]) -> list[str]:
    version = db.scalar(select(CatalogueVersion.id).where(CatalogueVersion.state == EditionState.PUBLISHED))
    if version is None or not services:
        return []
    query = select(CatalogueItem.code).where(CatalogueItem.version_id == version, CatalogueItem.code.in_(services))
    return sorted(set(services) - set(db.scalars(query)))


def apply(db: Session, supplier: Supplier, organization: Organization, profile: Profile, *, now: datetime) -> list[str]:
    """Write an organization's data and return the names of the fields that changed."""
    name = clean_line(profile.name)
    changed = []
    if name != organization.name:
        rename_organization(db, SYSTEM, organization.id, name, now=now)
        changed.append("name")
    values: dict[str, Any] = {
        field.name: getattr(profile, field.name)
        for field in msgspec.structs.fields(Profile)
        if field.name not in _APART
    }
    values["region"] = profile.region or (organization.uscc or "")[2:8]
    values["services"] = sorted(set(profile.services))
    for field, value in values.items():
        if getattr(supplier, field) != value:
            setattr(supplier, field, value)
            changed.append(field)
    supplier.pinyin = pinyin_key(name)
    supplier.search_text = search_text(
        name, codes=(organization.uscc or "", supplier.service_scope, supplier.supervising_unit)
    )
    return changed


def decide(
    db: Session,
    actor: Actor,
    supplier: Supplier,
    action: SupplierAction,
    *,
    now: datetime,
    reason: str = "",
    checks: Sequence[dict[str, str]] = (),
) -> None:
    """Move a registration, write the decision down and tell whom it concerns.

    Raises:
        IllegalMove: the action is not in the table for the present state.
    """
    supplier.state = SUPPLIER.after(supplier.state, action)
    count = select(func.count()).where(SupplierDecision.organization_id == supplier.organization_id)
    db.add(
        SupplierDecision(
            n=(db.scalar(count) or 0) + 1,
            organization_id=supplier.organization_id,
            action=action,
            state=supplier.state,
            reason=reason,
            checks=list(checks),
            person_id=actor.person_id,
            at=now,
        )
    )
    db.flush()
    past = PAST[action]
    record(
        db, actor, f"supplier.{past}", "supplier", supplier.organization_id,
        now=now, reason=reason, checks=list(checks),
    )  # fmt: skip
    emit(db, f"suppliers.{past}", now=now, organization_id=supplier.organization_id)


PAST = {
    SupplierAction.SUBMIT: "submitted",
    SupplierAction.RETURN: "returned",
    SupplierAction.QUALIFY: "qualified",
    SupplierAction.SUSPEND: "suspended",
    SupplierAction.EXPIRE: "expired",
    SupplierAction.REINSTATE: "reinstated",
    SupplierAction.WITHDRAW: "withdrawn",
    SupplierAction.REOPEN: "reopened",
}
"""The word of each move in journal and messages: ``suppliers.qualified`` and so on."""


def all_right(db: Session, supplier: Supplier, *, on_day: date) -> list[dict[str, str]]:
    """What every item that must be right was found to be, for the record of a qualification.

    Raises:
        ItemOpen: an item is unchecked, failed or past its end.
        Several: more than one is.
    """
    rows = latest_checks(db, supplier.organization_id)
    items = required_items(db, supplier.nature, minors=supplier.serves_minors)
    looks = {item: as_check(rows.get(item.code)) for item in items}
    raise_all(
        ItemOpen(field=f"item-{item.code}", item=item.name, lamp=LAMP_LABELS[lamp(check, on_day)])
        for item, check in looks.items()
        if not is_good(check, on_day)
    )
    return [
        {"kind": item.code, "check": str(rows[item.code].id), "sha256": rows[item.code].proof_sha256 or ""}
        for item in items
    ]


def set_valid_to(db: Session, supplier: Supplier) -> None:
    """Compute anew until when the qualification holds."""
    rows = latest_checks(db, supplier.organization_id)
    items = required_items(db, supplier.nature, minors=supplier.serves_minors)
    checks = {kind: check for kind, row in rows.items() if (check := as_check(row)) is not None}
    supplier.valid_to = valid_until(items, checks)
