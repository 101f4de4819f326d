"""What goes into the verbs about registrations and what their readers get; account numbers never come out whole."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from marketplace.documents.schemas import DocumentView
from marketplace.kit.fields import Email, Line, Name, Phone, Title
from marketplace.suppliers.schemas.records import ReportView
from marketplace.suppliers.states import (
    ChangeState,
    ChangeSubject,
    CheckResult,
    Lamp,
    Nature,
    SupplierAction,
    SupplierState,
    SupplierType,
    Why,
)

RegionOrNone = Annotated[str, Meta(pattern=r"^(\d{6})?$(?!\n)", description="division; empty: as the code says")]
Code = Annotated[str, Meta(max_length=40, description="统一社会信用代码 as it was typed")]
ServiceCode = Annotated[str, Meta(pattern=r"^[AB](\d{2}){0,2}$(?!\n)", description="code in the service catalogue")]
Grade = Annotated[int, Meta(ge=1, le=5, description="评估等级, 1A to 5A")]
Staff = Annotated[int, Meta(ge=0, le=100_000, description="people employed full time")]
Scope = Annotated[str, Meta(max_length=2_000, description="业务范围, as in the certificate")]
AccountNumber = Annotated[str, Meta(min_length=8, max_length=40, description="bank account, figures and spaces")]


class Profile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organization's data as they are reviewed; everything but the bank account."""

    name: Title
    nature: Nature
    legal_representative: Name
    contact_name: Name
    contact_phone: Phone
    contact_email: Email
    region: RegionOrNone = ""
    supervising_unit: Line = ""
    registrar: Line = ""
    address: Line = ""
    service_scope: Scope = ""
    services: tuple[ServiceCode, ...] = ()
    serves_minors: bool = False
    founded_on: date | None = None
    staff_count: Staff | None = None
    rating_grade: Grade | None = None
    rating_until: date | None = None


class Registration(Profile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the public form takes: code and data, the declaration, and the first account.

    The account is the contact's, who then invites the others. An empty login: sign in by e-mail address.
    """

    uscc: Code
    password: Annotated[str, Meta(max_length=200)]
    login: Annotated[str, Meta(max_length=100)] = ""
    declared: bool = False

    @property
    def profile(self) -> Profile:
        """The data alone, as they will be reviewed."""
        names = (field.name for field in msgspec.structs.fields(Profile))
        return Profile(**{name: getattr(self, name) for name in names})


class Bank(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account that contracts are paid to; its holder must be the organization."""

    bank_name: Title
    account_name: Title
    account_number: AccountNumber


class NewCheck(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One look at one item; a row without a result is not written. Without ``proof_id`` the newest proof is meant."""

    kind: Annotated[str, Meta(max_length=40)]
    result: CheckResult | None = None
    source: Line = ""
    checked_on: date | None = None
    valid_to: date | None = None
    note: Line = ""
    proof_id: UUID | None = None


class NewDebarment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time in which an organization may not take part; without ``to_on`` until it is lifted."""

    source: Title
    reason: Annotated[str, Meta(min_length=2, max_length=2_000)]
    from_on: date
    reference: Line = ""
    to_on: date | None = None


class Demands(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a project asks beyond the items everybody needs; ``also`` names items asked for on demand."""

    service: str = ""
    minors: bool = False
    also: tuple[str, ...] = ()


class Missing(Struct, frozen=True, kw_only=True):
    """One reason why an organization may not bid (``blocks``) or should look again. ``text`` is a message id."""

    why: Why
    kind: str
    text: str
    params: dict[str, str]
    blocks: bool = True

    @property
    def url(self) -> str:
        """Where the organization mends it."""
        if self.why is Why.SERVICE_NOT_COVERED:
            return "/org/profile/data"
        return f"/org/profile#item-{self.kind}" if self.kind else "/org/profile"


class ProofView(Struct, frozen=True, kw_only=True):
    """A proof handed in for an item."""

    id: UUID
    kind: str
    document: DocumentView
    added_at: datetime
    removed: bool
    by_organization: bool


class CheckView(Struct, frozen=True, kw_only=True):
    """One look at one item."""

    id: UUID
    kind: str
    result: CheckResult
    source: str
    checked_on: date
    valid_to: date | None
    note: str
    proof_id: UUID | None
    proof_sha256: str | None
    checked_by: UUID | None
    checked_at: datetime


class ItemView(Struct, frozen=True, kw_only=True):
    """One item of an organization's readiness list as it looks on a day."""

    code: str
    name: str
    name_en: str
    hint: str
    hint_en: str
    basis: str
    confirmed: bool
    public: bool
    proof_by_centre: bool
    required: bool
    must_expire: bool
    pledge: bool
    lamp: Lamp
    check: CheckView | None
    proofs: tuple[ProofView, ...] = ()
    suggested_end: date | None = None


class PublicItem(Struct, frozen=True, kw_only=True):
    """One item as everybody may see it."""

    name: str
    name_en: str
    lamp: Lamp
    checked_on: date | None
    valid_to: date | None


class ListedSupplier(Struct, frozen=True, kw_only=True):
    """A line of the public directory. ``valid`` is whether the qualification holds on the day it was asked for."""

    organization_id: UUID
    name: str
    nature: Nature
    type: SupplierType
    region: str
    services: tuple[str, ...]
    state: SupplierState
    valid: bool
    valid_to: date | None
    rating_grade: int | None
    rating_until: date | None
    rating_holds: bool


class Directory(Struct, frozen=True, kw_only=True):
    """One page of the directory; ``after`` continues it, None at the end. ``total`` counts all that fit."""

    items: tuple[ListedSupplier, ...]
    total: int
    after: UUID | None


class PublicSupplier(Struct, frozen=True, kw_only=True):
    """An organization's public page: nothing personal, no account."""

    listed: ListedSupplier
    uscc: str
    supervising_unit: str
    registrar: str
    service_scope: str
    serves_minors: bool
    founded_on: date | None
    staff_count: int | None
    qualified_on: date | None
    debarred_to: date | None
    debarred: bool
    debarred_by: str
    items: tuple[PublicItem, ...]
    debarments: tuple["DebarmentView", ...] = ()
    reports: tuple[ReportView, ...] = ()
    report_owed: int | None = None


class DecisionView(Struct, frozen=True, kw_only=True):
    """One move of a registration."""

    action: SupplierAction
    state: SupplierState
    reason: str
    person_id: UUID | None
    at: datetime


class ChangeView(Struct, frozen=True, kw_only=True):
    """A proposed change: each field that differs, before and after, as text."""

    id: UUID
    organization_id: UUID
    subject: ChangeSubject
    state: ChangeState
    revision: int
    reason: str
    fields: tuple[tuple[str, str, str], ...]
    proposed: dict[str, object]
    proposed_by: UUID | None
    proposed_at: datetime
    decided_at: datetime | None
    decision_reason: str


class DebarmentView(Struct, frozen=True, kw_only=True):
    """A time in which an organization may not take part."""

    id: UUID
    source: str
    reference: str
    reason: str
    from_on: date
    to_on: date | None
    recorded_at: datetime
    lifted_at: datetime | None
    lift_reason: str
    in_force: bool
    document_id: UUID | None = None


class Hint(Struct, frozen=True, kw_only=True):
    """Something a qualifier should look at twice. ``text`` is a message id; ``organization_id`` the other one."""

    text: str
    params: dict[str, str]
    organization_id: UUID | None = None


class SupplierView(Struct, frozen=True, kw_only=True):
    """An organization's registration as its own people and the centre see it."""

    organization_id: UUID
    uscc: str
    type: SupplierType
    state: SupplierState
    revision: int
    profile: Profile
    bank_name: str
    bank_last4: str
    valid_to: date | None
    registered_at: datetime
    submitted_at: datetime | None
    qualified_at: datetime | None
    actions: frozenset[SupplierAction]
    items: tuple[ItemView, ...]
    decisions: tuple[DecisionView, ...]
    changes: tuple[ChangeView, ...]
    debarments: tuple[DebarmentView, ...]
    returned_for: str = ""
    sees_money: bool = True


class Waiting(Struct, frozen=True, kw_only=True):
    """A line of the centre's queue: an application, a change (``change_id``) or new proofs (``items``) that wait."""

    organization_id: UUID
    name: str
    nature: Nature
    state: SupplierState
    change_id: UUID | None
    subject: ChangeSubject | None
    since: datetime
    items: tuple[str, ...] = ()


class Payee(Struct, frozen=True, kw_only=True):
    """Where an organization is paid: for the payment flow alone."""

    name: str
    bank_name: str
    account_number: str


class ImportLine(Struct, frozen=True, kw_only=True):
    """What became of one row of an imported list: registered, ``known`` before, or wrong.

    ``problems`` are (message id, places) pairs; with any of them nothing was registered.
    """

    number: int
    name: str
    uscc: str
    organization_id: UUID | None
    known: bool = False
    problems: tuple[tuple[str, dict[str, str]], ...] = ()
