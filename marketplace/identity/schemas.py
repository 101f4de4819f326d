"""What goes into identity's verbs and what its readers get; none carries a password hash or a secret at rest."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.identity.states import AccountState, LinkPurpose, OrganizationKind, OrganizationState
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import DomainError
from marketplace.kit.fields import Email, Name, Title

Login = Annotated[str, Meta(min_length=3, max_length=100, description="letters, figures and . _ @ + -")]


class NewOrganization(Struct, frozen=True, kw_only=True):
    """An organization as it is entered. ``uscc`` is None for one person who gives."""

    name: Title
    kind: OrganizationKind
    functions: tuple[Function, ...]
    uscc: str | None
    short_name: Annotated[str, Meta(max_length=60)] = ""
    region: Annotated[str, Meta(max_length=6)] = ""


class NewPerson(Struct, frozen=True, kw_only=True):
    """A person as somebody enters them. An empty login means: sign in by e-mail address."""

    name: Name
    email: Email
    login: Annotated[str, Meta(max_length=100)] = ""
    phone: Annotated[str, Meta(max_length=30)] = ""
    locale: Annotated[str, Meta(max_length=10)] = ""


class Visitor(Struct, frozen=True, kw_only=True):
    """Whoever is behind a request: a person in one of their organizations, by session or by token."""

    account_id: UUID
    person_id: UUID
    person_name: str
    locale: str
    membership_id: UUID
    organization_id: UUID
    organization_name: str
    functions: frozenset[Function]
    roles: frozenset[Role]
    session_id: UUID | None = None
    token_id: UUID | None = None
    scopes: frozenset[str] | None = None
    seen_at: datetime | None = None
    memberships: int = 1

    @property
    def actor(self) -> Actor:
        """The visitor as the domain knows them."""
        return Actor(
            person_id=self.person_id,
            organization_id=self.organization_id,
            functions=self.functions,
            roles=self.roles,
            scopes=self.scopes,
        )


class SignedIn(Struct, frozen=True, kw_only=True):
    """A session was opened. ``token`` goes into the cookie and nowhere else; recovery codes are shown once."""

    token: str
    session_id: UUID
    recovery_codes: tuple[str, ...] = ()


class SecondStep(Struct, frozen=True, kw_only=True):
    """The password was right and a code is asked for; ``token`` proves the first step for five minutes."""

    token: str


class Refused(Struct, frozen=True, kw_only=True):
    """The sign-in failed. It is returned, not raised, because the failure that was counted must be committed."""

    error: DomainError


class Enrolment(Struct, frozen=True, kw_only=True):
    """A second factor being set up: what the page shows as QR code and as text."""

    secret: str
    uri: str


class StepView(Struct, frozen=True, kw_only=True):
    """The second step of a sign-in: whether a second factor is there or must be set up first."""

    account_id: UUID
    login: str
    enrolled: bool


class LinkView(Struct, frozen=True, kw_only=True):
    """A one-time link as its owner sees it before using it."""

    purpose: LinkPurpose
    login: str
    person_name: str
    organization_name: str
    roles: tuple[Role, ...]
    sets_password: bool
    expires_at: datetime


class LinkMail(Struct, frozen=True, kw_only=True):
    """What the writer of a mail needs of a one-time link; the token stands in no other place in clear."""

    purpose: LinkPurpose
    token: str
    email: str
    person_name: str
    login: str
    locale: str
    organization_name: str
    expires_at: datetime


class Contact(Struct, frozen=True, kw_only=True):
    """Where a person is told something."""

    person_id: UUID
    name: str
    email: str
    locale: str


class OrganizationView(Struct, frozen=True, kw_only=True):
    """An organization as everybody may see it."""

    id: UUID
    name: str
    short_name: str
    pinyin: str
    uscc: str | None
    kind: OrganizationKind
    functions: frozenset[Function]
    region: str
    state: OrganizationState
    registered_at: datetime


class MemberView(Struct, frozen=True, kw_only=True):
    """A person in an organization as colleagues and administrators see them."""

    membership_id: UUID
    person_id: UUID
    account_id: UUID
    name: str
    login: str
    email: str
    state: AccountState
    roles: frozenset[Role]
    joined: bool
    second_factor: bool
    locked_until: datetime | None


class MembershipView(Struct, frozen=True, kw_only=True):
    """One of a person's own places."""

    id: UUID
    organization_id: UUID
    organization_name: str
    roles: frozenset[Role]


class AccountView(Struct, frozen=True, kw_only=True):
    """An account as administrators see it."""

    id: UUID
    person_id: UUID
    login: str
    person_name: str
    pinyin: str
    email: str
    state: AccountState
    locked_until: datetime | None
    second_factor: bool
    totp_required: bool
    organizations: tuple[str, ...]


class DemoSignIn(Struct, frozen=True, kw_only=True):
    """One of the sign-ins that a demo shows to everybody."""

    login: str
    person_name: str
    organization_name: str
    functions: tuple[Function, ...]
    roles: tuple[Role, ...]


class MyAccount(Struct, frozen=True, kw_only=True):
    """A person's own account."""

    login: str
    name: str
    email: str
    password_at: datetime | None
    second_factor: bool
    second_factor_needed: bool
    recovery_codes_left: int


class SessionView(Struct, frozen=True, kw_only=True):
    """One of a person's own sessions."""

    id: UUID
    device: str
    created_at: datetime
    seen_at: datetime


class TokenView(Struct, frozen=True, kw_only=True):
    """One of a person's own API tokens; the token itself was shown once."""

    id: UUID
    name: str
    prefix: str
    scopes: tuple[str, ...]
    organization_name: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked: bool
