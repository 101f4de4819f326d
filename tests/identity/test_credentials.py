"""Passwords worth having, seals bound to their place, tokens for programs with no more rights than their owner."""

import re
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.identity import commands, queries
from marketplace.identity.commands.api_tokens import BadToken
from marketplace.identity.credentials import COST, Cost, Hasher, Vault, tokens, totp
from marketplace.identity.credentials.passwords import COMMON, LENGTH_MIN, WeakPassword, check_new
from marketplace.identity.credentials.vault import BrokenSeal
from marketplace.identity.model import Account, ApiToken
from marketplace.identity.rules import Right, may
from marketplace.identity.rules.sign_in import SEEN_STEP
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import Forbidden, NotFound
from marketplace.settings import load
from tests.identity.town import PASSWORD, SAFE, a_person, an_actor, an_organization

CHEAP = Cost(passes=1, memory_kib=8)


@pytest.mark.parametrize(
    "password",
    [
        "短密码",
        "x" * (LENGTH_MIN - 1),
        "y" * 201,
        "1234567890",
        "Password123",
        "ababababab",
        "my-wangwu-key",
        "WANGWU2026!!",
    ],
)
def test_a_password_that_is_soon_guessed_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        check_new(password, "wangwu@example.com")


@pytest.mark.parametrize("password", [PASSWORD, "correct horse battery", "q8#Lm2!vTz"])
def test_a_password_worth_having_is_taken(password: str) -> None:
    check_new(password, "wangwu@example.com")


def test_the_common_passwords_are_long_enough_to_matter_and_in_lower_case() -> None:
    assert all(len(word) >= LENGTH_MIN and word == word.lower() for word in COMMON)


def test_a_hash_is_argon2id_with_its_own_salt_and_tells_its_cost() -> None:
    cheap, dear = Hasher(CHEAP), Hasher(Cost(passes=2, memory_kib=16))
    first, second = cheap.hash(PASSWORD), cheap.hash(PASSWORD)
    assert first != second
    assert first.startswith("$argon2id$")
    assert cheap.verify(first, PASSWORD)
    assert not cheap.verify(first, PASSWORD + "x")
    assert dear.verify(first, PASSWORD)
    assert dear.outdated(first)
    assert not cheap.outdated(first)
    assert COST.memory_kib >= 19 * 1024


@pytest.mark.parametrize("kept", [None, "", "not a hash"])
def test_without_a_kept_hash_the_answer_is_no_even_for_the_password_of_nobody(kept: str | None) -> None:
    assert not Hasher(CHEAP).verify(kept, "nobody's password")


def test_a_hash_made_at_another_cost_is_renewed_at_sign_in(db: Session, now: datetime) -> None:
    organization_id = an_organization(db, Function.SUPPLIER, now=now)
    a_person(db, organization_id, Role.HEAD, now=now, login="renewed")
    account = db.scalars(select(Account).where(Account.login == "renewed")).one()
    account.password_hash = Hasher(Cost(passes=2, memory_kib=16)).hash(PASSWORD)
    commands.sign_in(db, SAFE, "renewed", PASSWORD, device="", now=now)
    assert account.password_hash is not None
    assert not SAFE.hasher.outdated(account.password_hash)


def test_a_seal_opens_only_in_its_place_and_under_its_key() -> None:
    vault = Vault(bytes(32))
    sealed = vault.seal("秘密", "account.totp:1")
    assert vault.open(sealed, "account.totp:1") == "秘密"
    assert vault.seal("秘密", "account.totp:1") != sealed
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for key, value, place in ((vault, sealed, "2"), (vault, changed, "1"), (Vault(bytes(31) + b"1"), sealed, "1")):
        with pytest.raises(BrokenSeal):
            key.open(value, f"account.totp:{place}")
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(b"short")


def test_a_code_for_the_authenticator_can_be_scanned_and_needs_no_style() -> None:
    address = totp.uri(totp.new_secret(), "wang.wu", "示例")
    assert address.startswith("otpauth://totp/")
    drawn = totp.qr_svg(address)
    assert drawn.startswith("<svg")
    assert "style=" not in drawn


@pytest.fixture
def head(db: Session, now: datetime) -> Actor:
    return an_actor(db, Role.HEAD, functions=(Function.BUYER,), now=now)


def a_token(db: Session, actor: Actor, now: datetime, *scopes: Right, days: int = 30) -> tuple[UUID, str]:
    return commands.make_token(db, actor, name="对账程序", scopes=scopes or [Right.READ_PROJECT], days=days, now=now)


def test_a_token_carries_its_owner_within_its_scopes(db: Session, now: datetime, head: Actor) -> None:
    token_id, secret = a_token(db, head, now)
    found = queries.visitor_by_token(db, secret, now=now)
    assert found is not None
    assert (found.token_id, found.scopes, found.person_id) == (token_id, frozenset({"read_project"}), head.person_id)
    assert not may(found.actor, Right.APPROVE_PROJECT, {})
    assert re.fullmatch(r"mkt_[a-z2-7]{10}_[\w-]{43}", secret)


def test_only_the_digest_and_prefix_of_a_token_are_kept(db: Session, now: datetime, head: Actor) -> None:
    token_id, secret = a_token(db, head, now)
    row = db.get_one(ApiToken, token_id)
    assert row.digest == tokens.digest(secret)
    assert secret.startswith(row.prefix)
    (shown,) = queries.tokens_of(db, head.person_id or uuid4(), now=now)
    assert secret not in str(shown)


def test_a_token_that_was_altered_revoked_or_is_past_its_day_opens_nothing(
    db: Session, now: datetime, head: Actor
) -> None:
    token_id, secret = a_token(db, head, now, days=1)
    assert queries.visitor_by_token(db, secret[:-1] + ("A" if secret[-1] != "A" else "B"), now=now) is None
    assert queries.visitor_by_token(db, "mkt_short", now=now) is None
    assert queries.visitor_by_token(db, secret, now=now + timedelta(days=1)) is None
    commands.revoke_token(db, head, token_id, now=now)
    commands.revoke_token(db, head, token_id, now=now)
    assert queries.visitor_by_token(db, secret, now=now) is None


def test_a_token_loses_what_its_owner_loses(db: Session, now: datetime) -> None:
    admin = an_actor(db, Role.SYSTEM_ADMIN, functions=(Function.OPERATOR,), now=now)
    buyer = an_organization(db, Function.BUYER, now=now)
    person_id = a_person(db, buyer, Role.HEAD, now=now)
    _, secret = a_token(db, queries.actor_of(db, person_id, buyer), now, Right.APPROVE_PROJECT)
    place = queries.memberships_of(db, person_id)[0].id
    commands.set_roles(db, admin, place, [Role.CLERK], reason="调整", now=now)
    found = queries.visitor_by_token(db, secret, now=now)
    assert found is not None
    assert found.roles == {Role.CLERK}
    commands.end_membership(db, admin, place, reason="离职", now=now)
    assert queries.visitor_by_token(db, secret, now=now) is None


def test_a_token_is_asked_for_with_a_name_own_rights_and_a_day(db: Session, now: datetime, head: Actor) -> None:
    wrongs: tuple[dict[str, object], ...] = (
        {"name": " "},
        {"scopes": []},
        {"scopes": [Right.EXECUTE_PAYMENT]},
        {"days": 0},
        {"days": 367},
    )
    for wrong in wrongs:
        asked: dict[str, object] = {"name": "对账程序", "scopes": [Right.READ_PROJECT], "days": 30}
        with pytest.raises(BadToken):
            commands.make_token(db, head, now=now, **(asked | wrong))  # type: ignore[arg-type] # wrong on purpose


def test_a_program_with_a_token_does_not_touch_its_owners_account(db: Session, now: datetime, head: Actor) -> None:
    _, secret = a_token(db, head, now)
    found = queries.visitor_by_token(db, secret, now=now)
    assert found is not None
    with pytest.raises(Forbidden):
        a_token(db, found.actor, now)
    with pytest.raises(Forbidden):
        commands.change_password(db, SAFE, found.actor, present=PASSWORD, password="另一个十个字以上的密码", now=now)


def test_a_token_is_revoked_by_its_owner_alone(db: Session, now: datetime, head: Actor) -> None:
    token_id, _ = a_token(db, head, now)
    other = an_actor(db, Role.HEAD, functions=(Function.BUYER,), now=now)
    with pytest.raises(NotFound):
        commands.revoke_token(db, other, token_id, now=now)


def test_the_use_of_a_token_is_noted_at_most_once_a_minute(db: Session, now: datetime, head: Actor) -> None:
    token_id, _ = a_token(db, head, now)
    for instant in (now, now + SEEN_STEP / 2, now + SEEN_STEP):
        commands.note_token_use(db, token_id, now=instant)
    assert db.get_one(ApiToken, token_id, populate_existing=True).used_at == now + SEEN_STEP


def test_the_settings_bound_idle_time() -> None:
    assert load({}).session_idle_s == 1800
