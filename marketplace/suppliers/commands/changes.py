"""Reviewed data are changed by asking: the organization proposes, the centre decides, the old ones hold until then."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.identity.credentials import Safe
from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation, Right, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound, Stale, raise_all
from marketplace.kit.text import clean_code
from marketplace.outbox.commands import emit
from marketplace.suppliers.commands.register import apply, locked, profile_problems, set_valid_to
from marketplace.suppliers.model import Supplier, SupplierChange
from marketplace.suppliers.queries.desk import OPEN_CHANGES, bank_place, change_place, profile_of
from marketplace.suppliers.rules.codes import bank_problems
from marketplace.suppliers.rules.refusals import NothingChanged, ReasonMissing, SelfQualified
from marketplace.suppliers.schemas import Bank, Profile
from marketplace.suppliers.states import CHANGE, SUPPLIER, ChangeAction, ChangeSubject, SupplierAction


def propose(
    db: Session, actor: Actor, organization_id: UUID, profile: Profile, *, reason: str = "", now: datetime
) -> UUID:
    """Ask for other data of a reviewed organization and return the change's id; an open one is written anew.

    Raises:
        NotFound, Forbidden: not the actor's organization, or not the actor's right.
        IllegalMove: the organization is not reviewed yet (edit the application), or has left.
        NothingChanged: the data are the same.
        DomainError: what :func:`profile_problems` says of them.
    """
    supplier, organization = locked(db, actor, Right.EDIT_SUPPLIER, organization_id)
    supplier.state = SUPPLIER.after(supplier.state, SupplierAction.PROPOSE)
    uscc = organization.uscc or ""
    whole = msgspec.structs.replace(
        profile, region=profile.region or uscc[2:8], services=tuple(sorted(set(profile.services)))
    )
    raise_all(profile_problems(db, whole, uscc, whole=True))
    before = msgspec.to_builtins(profile_of(supplier, organization.name))
    proposed = msgspec.to_builtins(whole)
    if before == proposed:
        raise NothingChanged
    return _keep(db, actor, organization_id, ChangeSubject.PROFILE, before, proposed, None, reason, now=now)


def propose_bank(
    db: Session, safe: Safe, actor: Actor, organization_id: UUID, bank: Bank, *, reason: str = "", now: datetime
) -> UUID:
    """Ask for another account to be paid to and return the change's id; an open one is written anew.

    Raises:
        NotFound, Forbidden: not the actor's organization, or not the actor's right.
        IllegalMove: the organization is not reviewed yet, or has left.
        PayeeDiffers, BadAccount, Several: the account cannot be taken.
        NothingChanged: the account is the same.
    """
    supplier, organization = locked(db, actor, Right.EDIT_SUPPLIER, organization_id)
    supplier.state = SUPPLIER.after(supplier.state, SupplierAction.PROPOSE)
    raise_all(bank_problems(bank.account_name, bank.account_number, organization.name))
    number = clean_code(bank.account_number)
    known = safe.vault.open(supplier.bank_sealed, bank_place(organization_id)) if supplier.bank_sealed else ""
    if (number, bank.bank_name) == (known, supplier.bank_name):
        raise NothingChanged
    holder = {"account_name": organization.name}
    before = holder | {"bank_name": supplier.bank_name, "bank_last4": supplier.bank_last4}
    proposed = holder | {"bank_name": bank.bank_name, "bank_last4": number[-4:]}
    change_id = _keep(db, actor, organization_id, ChangeSubject.BANK, before, proposed, b"-", reason, now=now)
    change = db.get_one(SupplierChange, change_id)
    change.bank_sealed = safe.vault.seal(number, change_place(change_id))
    return change_id


def _keep(
    db: Session,
    actor: Actor,
    organization_id: UUID,
    subject: ChangeSubject,
    before: dict[str, Any],
    proposed: dict[str, Any],
    sealed: bytes | None,
    reason: str,
    *,
    now: datetime,
) -> UUID:
    """Write a change, or the open one anew; its supplier is locked already, so there is at most one."""
    change = db.scalar(
        select(SupplierChange).where(
            SupplierChange.organization_id == organization_id,
            SupplierChange.subject == subject,
            SupplierChange.state.in_(OPEN_CHANGES),
        )
    )
    if change is None:
        change = SupplierChange(
            id=uuid4(), organization_id=organization_id, subject=subject, state=CHANGE.start, revision=1
        )
        db.add(change)
    else:
        change.state = CHANGE.after(change.state, ChangeAction.RESUBMIT)
        change.revision += 1
    change.before, change.proposed, change.bank_sealed, change.reason = before, proposed, sealed, reason.strip()
    change.proposed_by, change.proposed_at = actor.person_id, now
    change.decided_by, change.decided_at, change.decision_reason = None, None, ""
    db.flush()
    differing = sorted(field for field in proposed if proposed[field] != before.get(field))
    record(
        db, actor, "supplier.change_proposed", "supplier", organization_id,
        now=now, reason=change.reason, change_id=change.id, subject=subject, fields=differing,
    )  # fmt: skip
    emit(db, "suppliers.change_proposed", now=now, organization_id=organization_id, change_id=change.id)
    return change.id


def _locked(db: Session, actor: Actor, right: Right, change_id: UUID) -> tuple[SupplierChange, Supplier, Organization]:
    """Lock the supplier, then its change, in the order in which a change is proposed."""
    found = db.scalar(select(SupplierChange.organization_id).where(SupplierChange.id == change_id))
    if found is None:
        require(actor, right, {Relation.SUPPLIER: None})
        raise NotFound
    supplier, organization = locked(db, actor, right, found)
    change = lock(db, SupplierChange, change_id)
    if change is None:
        raise NotFound
    return change, supplier, organization


def _tell(db: Session, actor: Actor, change: SupplierChange, word: str, *, now: datetime) -> None:
    record(
        db, actor, f"supplier.change_{word}", "supplier", change.organization_id,
        now=now, reason=change.decision_reason, change_id=change.id, subject=change.subject,
    )  # fmt: skip
    emit(db, f"suppliers.change_{word}", now=now, organization_id=change.organization_id, change_id=change.id)


def _decide(actor: Actor, change: SupplierChange, action: ChangeAction, revision: int | None, *, now: datetime) -> None:
    state = CHANGE.after(change.state, action)
    if revision is not None and revision != change.revision:
        raise Stale
    if actor.person_id is not None and actor.person_id == change.proposed_by:
        raise SelfQualified
    change.state, change.decided_by, change.decided_at = state, actor.person_id, now


def return_change(
    db: Session, actor: Actor, change_id: UUID, *, reason: str, revision: int | None, now: datetime
) -> None:
    """Send a change back to be put right.

    Raises:
        NotFound, Forbidden: no such change, or the actor does not qualify suppliers.
        ReasonMissing: the organization would not know what to do.
        IllegalMove: it does not wait for a decision.
        Stale: it is another ``revision`` than was looked at.
        SelfQualified: the actor proposed it.
    """
    change, _, _ = _locked(db, actor, Right.QUALIFY_SUPPLIER, change_id)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    _decide(actor, change, ChangeAction.RETURN, revision, now=now)
    change.decision_reason = reason.strip()
    _tell(db, actor, change, "returned", now=now)


def accept_change(
    db: Session, safe: Safe, actor: Actor, change_id: UUID, *, revision: int | None, now: datetime
) -> None:
    """Put a change in force.

    Raises:
        NotFound, Forbidden: no such change, or the actor does not qualify suppliers.
        IllegalMove: it does not wait for a decision, or the organization has left.
        Stale: it is another ``revision`` than was looked at.
        SelfQualified: the actor proposed it.
        PayeeDiffers: the organization's name changed since, so that the account is no longer its own.
        DomainError: what :func:`profile_problems` says of the data today.
    """
    change, supplier, organization = _locked(db, actor, Right.QUALIFY_SUPPLIER, change_id)
    SUPPLIER.after(supplier.state, SupplierAction.PROPOSE)
    _decide(actor, change, ChangeAction.ACCEPT, revision, now=now)
    if change.subject is ChangeSubject.PROFILE:
        profile = msgspec.convert(change.proposed, Profile)
        raise_all(profile_problems(db, profile, organization.uscc or "", whole=True))
        apply(db, supplier, organization, profile, now=now)
        set_valid_to(db, supplier)
    elif change.bank_sealed is not None:
        number = safe.vault.open(change.bank_sealed, change_place(change.id))
        raise_all(bank_problems(change.proposed["account_name"], number, organization.name))
        supplier.bank_name, supplier.bank_last4 = change.proposed["bank_name"], number[-4:]
        supplier.bank_sealed = safe.vault.seal(number, bank_place(supplier.organization_id))
    supplier.revision += 1
    _tell(db, actor, change, "accepted", now=now)


def withdraw_change(db: Session, actor: Actor, change_id: UUID, *, now: datetime) -> None:
    """Take back a change that is not decided.

    Raises:
        NotFound, Forbidden: no such change, another organization's, or not the actor's right.
        IllegalMove: it is decided.
    """
    change, _, _ = _locked(db, actor, Right.EDIT_SUPPLIER, change_id)
    change.state = CHANGE.after(change.state, ChangeAction.WITHDRAW)
    _tell(db, actor, change, "withdrawn", now=now)
