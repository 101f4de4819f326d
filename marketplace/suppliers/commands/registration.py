"""An organization registers, fills in its data, hands in, withdraws and begins anew."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.identity.commands import create_person, register_organization
from marketplace.identity.commands.people import LoginTaken
from marketplace.identity.credentials import Safe
from marketplace.identity.credentials.passwords import check_new
from marketplace.identity.model import Account, Organization
from marketplace.identity.rules import Relation, Right, require
from marketplace.identity.rules.names import clean_login
from marketplace.identity.schemas import NewOrganization, NewPerson
from marketplace.journal.commands import record
from marketplace.kit.actor import SYSTEM, Actor, Function, Role
from marketplace.kit.errors import DomainError, NotFound, Stale, raise_all
from marketplace.kit.text import clean_code
from marketplace.outbox.commands import emit
from marketplace.suppliers.commands.register import apply, decide, locked, profile_problems, same_revision
from marketplace.suppliers.model import Supplier, SupplierDocument
from marketplace.suppliers.queries.desk import bank_place, profile_of
from marketplace.suppliers.queries.readiness import required_items
from marketplace.suppliers.rules.codes import NotDeclared, bank_problems, kind_of, uscc_problem
from marketplace.suppliers.rules.readiness import ProofMissing
from marketplace.suppliers.rules.refusals import BankMissing
from marketplace.suppliers.schemas import Bank, Profile, Registration
from marketplace.suppliers.states import SUPPLIER, ProofBy, SupplierAction

FIRST_ROLES = frozenset({Role.CLERK, Role.HEAD})
"""What the first person of an organization is there, so that the others can be invited."""


def write_new(db: Session, actor: Actor, organization_id: UUID, profile: Profile, *, now: datetime) -> Supplier:
    """Write a new registration in draft for an organization that has none.

    Raises:
        NotFound: there is no such organization.
    """
    organization = db.get(Organization, organization_id)
    if organization is None:
        raise NotFound
    supplier = Supplier(organization_id=organization_id, registered_by=actor.person_id, registered_at=now)
    apply(db, supplier, organization, profile, now=now)
    db.add(supplier)
    db.flush()
    record(db, actor, "supplier.registered", "supplier", organization_id, now=now, nature=profile.nature)
    emit(db, "suppliers.registered", now=now, organization_id=organization_id)
    return supplier


def _registration_problems(db: Session, new: Registration, login: str) -> list[DomainError]:
    wrong_code = uscc_problem(new.uscc)
    code = "" if wrong_code else clean_code(new.uscc)
    found = [wrong_code] if wrong_code else []
    found += profile_problems(db, new.profile, code, whole=False)
    if not new.declared:
        found.append(NotDeclared(field="declared"))
    if db.scalar(select(Account.id).where(Account.login == login)) is not None:
        found.append(LoginTaken(field="login" if new.login else "contact_email", login=login))
    try:
        check_new(new.password, login)
    except DomainError as weak:
        found.append(weak)
    return found


def register(db: Session, safe: Safe, new: Registration, *, now: datetime) -> UUID:
    """Register an organization with its first person, who may sign in at once; returns the organization's id.

    Nobody is signed in here: the organization and the account are made by the system. Everything wrong is told at once.

    Raises:
        DomainError: what :func:`uscc_problem` or :func:`nature_problem` say, a rating by half, or an unknown service.
        NotDeclared: the declaration on being allowed to supply is missing.
        AlreadyRegistered: the code is in use.
        LoginTaken, BadLogin, WeakPassword: the account cannot be made so.
        Several: more than one of these.

    Source:
        政府购买服务管理办法（财政部令第102号）第六条、第八条 (to be confirmed).
    """
    login = clean_login(new.login or new.contact_email)
    raise_all(_registration_problems(db, new, login))
    organization_id = register_organization(
        db,
        SYSTEM,
        NewOrganization(
            name=new.name, kind=kind_of(new.nature), functions=(Function.SUPPLIER,), uscc=new.uscc, region=new.region
        ),
        now=now,
    )
    first = NewPerson(name=new.contact_name, email=new.contact_email, phone=new.contact_phone, login=login)
    try:
        with db.begin_nested():
            person_id = create_person(
                db, safe, SYSTEM, organization_id, first, roles=FIRST_ROLES, password=new.password, now=now
            )
    except IntegrityError:  # somebody took the login at the same time
        raise LoginTaken(field="login" if new.login else "contact_email", login=login) from None
    actor = Actor(person_id, organization_id, frozenset({Function.SUPPLIER}), FIRST_ROLES)
    write_new(db, actor, organization_id, new.profile, now=now)
    return organization_id


def begin(db: Session, actor: Actor, organization_id: UUID, profile: Profile, *, declared: bool, now: datetime) -> None:
    """Begin the registration of an organization that is known here already but not yet in the register.

    Raises:
        NotFound: another organization, or none.
        Forbidden: the actor's role may not edit it.
        Stale: it has a registration.
        NotDeclared: the declaration on being allowed to supply is missing.
        DomainError: what :func:`nature_problem` says, a rating by half, or an unknown service.
    """
    require(actor, Right.EDIT_SUPPLIER, {Relation.SUPPLIER: organization_id})
    organization = db.get(Organization, organization_id)
    if organization is None:
        raise NotFound
    if db.get(Supplier, organization_id) is not None:
        raise Stale
    missing = [] if declared else [NotDeclared(field="declared")]
    raise_all([*profile_problems(db, profile, organization.uscc or "", whole=False), *missing])
    write_new(db, actor, organization_id, profile, now=now)


def edit(
    db: Session, actor: Actor, organization_id: UUID, profile: Profile, *, revision: int | None, now: datetime
) -> None:
    """Change the data of an application that is not handed in yet, or was returned.

    Raises:
        NotFound, Forbidden: not the actor's organization, or not the actor's right.
        IllegalMove: it is handed in or decided; reviewed data are changed by ``propose``.
        Stale: it is another ``revision`` now.
        DomainError: what :func:`nature_problem` says, a rating by half, or an unknown service.
    """
    supplier, organization = locked(db, actor, Right.EDIT_SUPPLIER, organization_id)
    supplier.state = SUPPLIER.after(supplier.state, SupplierAction.EDIT)
    same_revision(supplier, revision)
    raise_all(profile_problems(db, profile, organization.uscc or "", whole=False))
    changed = apply(db, supplier, organization, profile, now=now)
    supplier.revision += 1
    record(db, actor, "supplier.edited", "supplier", organization_id, now=now, fields=changed)


def set_bank(
    db: Session, safe: Safe, actor: Actor, organization_id: UUID, bank: Bank, *, revision: int | None, now: datetime
) -> None:
    """Enter the account that contracts are paid to, before the application is decided.

    Raises:
        NotFound, Forbidden: not the actor's organization, or not the actor's right.
        IllegalMove: it is handed in or decided; a reviewed account is changed by ``propose_bank``.
        Stale: it is another ``revision`` now.
        PayeeDiffers: the holder is not the organization.
        BadAccount: the number is none.
        Several: both.
    """
    supplier, organization = locked(db, actor, Right.EDIT_SUPPLIER, organization_id)
    supplier.state = SUPPLIER.after(supplier.state, SupplierAction.EDIT)
    same_revision(supplier, revision)
    raise_all(bank_problems(bank.account_name, bank.account_number, organization.name))
    number = clean_code(bank.account_number)
    supplier.bank_name, supplier.bank_last4 = bank.bank_name, number[-4:]
    supplier.bank_sealed = safe.vault.seal(number, bank_place(organization_id))
    supplier.revision += 1
    record(db, actor, "supplier.bank_set", "supplier", organization_id, now=now, last4=number[-4:])


def submit(db: Session, actor: Actor, organization_id: UUID, *, revision: int | None, now: datetime) -> None:
    """Hand in an application; what is missing is listed whole.

    Raises:
        NotFound, Forbidden: not the actor's organization, or not the actor's right.
        IllegalMove: it is handed in or decided.
        Stale: it is another ``revision`` now.
        ServicesMissing, ScopeMissing, BankMissing, ProofMissing: something is not filled in or not attached.
        Several: more than one of these.
    """
    supplier, organization = locked(db, actor, Right.EDIT_SUPPLIER, organization_id)
    SUPPLIER.after(supplier.state, SupplierAction.SUBMIT)
    same_revision(supplier, revision)
    found = profile_problems(db, profile_of(supplier, organization.name), organization.uscc or "", whole=True)
    if supplier.bank_sealed is None:
        found.append(BankMissing(field="bank"))
    attached = set(
        db.scalars(
            select(SupplierDocument.kind).where(
                SupplierDocument.organization_id == organization_id, SupplierDocument.removed_at.is_(None)
            )
        )
    )
    found += [
        ProofMissing(field=f"item-{item.code}", item=item.name)
        for item in required_items(db, supplier.nature, minors=supplier.serves_minors)
        if item.proof_by is ProofBy.ORGANIZATION and item.code not in attached
    ]
    raise_all(found)
    supplier.submitted_by, supplier.submitted_at = actor.person_id, now
    supplier.qualified_by = supplier.qualified_at = supplier.valid_to = None
    decide(db, actor, supplier, SupplierAction.SUBMIT, now=now)


def withdraw(db: Session, actor: Actor, organization_id: UUID, *, reason: str = "", now: datetime) -> None:
    """Leave the register, or take back an application.

    Raises:
        NotFound, Forbidden: not the actor's organization, or not the actor's right.
        IllegalMove: it has left already.
    """
    supplier, _ = locked(db, actor, Right.EDIT_SUPPLIER, organization_id)
    decide(db, actor, supplier, SupplierAction.WITHDRAW, reason=reason, now=now)


def reopen(db: Session, actor: Actor, organization_id: UUID, *, now: datetime) -> None:
    """Begin anew after leaving; the data are still there, the application is to be handed in again.

    Raises:
        NotFound, Forbidden: not the actor's organization, or not the actor's right.
        IllegalMove: it has not left.
    """
    supplier, _ = locked(db, actor, Right.EDIT_SUPPLIER, organization_id)
    decide(db, actor, supplier, SupplierAction.REOPEN, now=now)
    supplier.revision += 1
