"""Tables of organizations, people, the roles they hold, and the secrets by which they are known again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, state_enum
from marketplace.identity.states import (
    ACCOUNT,
    ORGANIZATION,
    AccountState,
    LinkPurpose,
    OrganizationKind,
    OrganizationState,
)
from marketplace.kit.actor import Function, Role

_FUNCTIONS = ", ".join(f"'{word.value}'" for word in Function)


class Organization(Keyed):
    """A body that acts in this market, or one person who gives."""

    __tablename__ = "organization"
    __table_args__ = (
        CheckConstraint("name <> '' AND short_name <> ''", name="named"),
        CheckConstraint("(kind = 'individual') = (uscc IS NULL)", name="bodies_have_a_code"),
        CheckConstraint("uscc ~ '^[0-9A-HJ-NP-RTUWXY]{18}$'", name="uscc_form"),
        CheckConstraint(f"functions <@ ARRAY[{_FUNCTIONS}]", name="known_functions"),
        CheckConstraint(
            "kind <> 'public_institution_one' OR NOT functions && ARRAY['buyer', 'supplier']", name="neither_side"
        ),
        Index("ix_organization_functions", "functions", postgresql_using="gin"),
    )

    name: Mapped[str]
    short_name: Mapped[str]
    uscc: Mapped[str | None] = mapped_column(unique=True)
    kind: Mapped[OrganizationKind] = mapped_column(state_enum(OrganizationKind))
    functions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    region: Mapped[str] = mapped_column(default="")
    pinyin: Mapped[str] = mapped_column(index=True)
    initials: Mapped[str]
    state: Mapped[OrganizationState] = mapped_column(state_enum(OrganizationState), default=ORGANIZATION.start)
    registered_at: Mapped[datetime]


class Person(Keyed):
    """A human being who acts here; told apart from the account, which may be closed."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("name <> ''", name="named"),)

    name: Mapped[str]
    pinyin: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="")


class Account(Keyed):
    """How a person signs in. ``totp_required`` is False only for sign-ins of the demo; the system alone sets it."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("login = lower(login) AND login <> ''", name="login_form"),
        CheckConstraint("state IN ('invited', 'deactivated') OR password_hash IS NOT NULL", name="active_has_password"),
        CheckConstraint("state = 'locked' OR locked_until IS NULL", name="only_locked_until"),
        CheckConstraint("(totp_confirmed_at IS NULL) = (totp_sealed IS NULL)", name="confirmed_has_secret"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), unique=True)
    login: Mapped[str] = mapped_column(unique=True)
    state: Mapped[AccountState] = mapped_column(state_enum(AccountState), default=ACCOUNT.start)
    password_hash: Mapped[str | None]
    password_at: Mapped[datetime | None]
    locked_until: Mapped[datetime | None]
    totp_required: Mapped[bool] = mapped_column(default=True)
    totp_pending: Mapped[bytes | None]
    totp_sealed: Mapped[bytes | None]
    totp_confirmed_at: Mapped[datetime | None]
    totp_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class RecoveryCode(Keyed):
    """A code that stands in once for a lost second factor; only its digest is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "digest"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    digest: Mapped[bytes]
    used_at: Mapped[datetime | None]


class Membership(Keyed):
    """A person's place in one organization; it counts only once the person has agreed to it (``joined_at``)."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("person_id", "organization_id"),
        UniqueConstraint("id", "person_id"),
        Index("ix_membership_organization_id", "organization_id"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    invited_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class RoleHolding(Keyed):
    """A role held for a time. No sum of live rows may join two roles that must stay apart."""

    __tablename__ = "role_holding"
    __table_args__ = (
        ForeignKeyConstraint(
            ["membership_id", "person_id"], ["membership.id", "membership.person_id"], name="fk_role_holding_membership"
        ),
        CheckConstraint("ended_at IS NULL OR ended_at >= since", name="ends_after_start"),
        Index("uq_role_holding_live", "membership_id", "role", unique=True, postgresql_where=text("ended_at IS NULL")),
        ExcludeConstraint(
            ("membership_id", "="),
            ("role", "<>"),
            where=text("ended_at IS NULL AND role IN ('accountant', 'cashier')"),
            name="ex_role_holding_books_apart",
            using="gist",
        ),
        ExcludeConstraint(
            ("person_id", "="),
            ("role", "<>"),
            where=text("ended_at IS NULL AND role IN ('system_admin', 'security_admin', 'audit_admin')"),
            name="ex_role_holding_administrators_apart",
            using="gist",
        ),
    )

    membership_id: Mapped[UUID]
    person_id: Mapped[UUID]
    role: Mapped[Role] = mapped_column(state_enum(Role))
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInSession(Keyed):
    """One signed-in browser, known by the SHA-256 of a random token that was made at this sign-in."""

    __tablename__ = "sign_in_session"
    __table_args__ = (
        CheckConstraint("octet_length(token_digest) = 32", name="digest_sha256"),
        CheckConstraint("expires_at > created_at", name="expires_later"),
        Index("ix_sign_in_session_account_id", "account_id", postgresql_where=text("ended_at IS NULL")),
    )

    token_digest: Mapped[bytes] = mapped_column(unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("membership.id"), index=True)
    device: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ApiToken(Keyed):
    """A key for programs: shown once, kept as a digest, good for some rights in one organization until a day."""

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("octet_length(digest) = 32", name="digest_sha256"),
        CheckConstraint("expires_at > created_at", name="expires_later"),
        CheckConstraint("cardinality(scopes) > 0", name="scoped"),
        CheckConstraint("name <> ''", name="named"),
        Index("ix_api_token_account_id", "account_id"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("membership.id"), index=True)
    name: Mapped[str]
    prefix: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[bytes]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class OneTimeLink(Keyed):
    """A token good for one act until a time.

    ``sealed`` holds the token encrypted under the installation's key, because the mail that carries it is written later
    by a worker and neither the outbox nor a dump of the database may show it; it is emptied when the link is used,
    replaced or sent.
    """

    __tablename__ = "one_time_link"
    __table_args__ = (
        CheckConstraint("octet_length(token_digest) = 32", name="digest_sha256"),
        CheckConstraint("used_at IS NULL OR sealed IS NULL", name="used_is_emptied"),
        Index(
            "uq_one_time_link_live",
            "account_id",
            "purpose",
            "organization_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("used_at IS NULL AND purpose <> 'second_factor'"),
        ),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    purpose: Mapped[LinkPurpose] = mapped_column(state_enum(LinkPurpose))
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    sealed: Mapped[bytes | None]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInFailures(Keyed):
    """How often a login failed lately. The key is a keyed digest of the login, alike for those that do not exist."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (CheckConstraint("failures >= 0", name="counted"), Index("ix_sign_in_failures_last_at", "last_at"))

    failures: Mapped[int]
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]
