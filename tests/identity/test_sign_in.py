"""Signing in: one path for every login, locks that pass, sessions that cannot be fixed and end when idle."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.identity import commands, queries
from marketplace.identity.credentials import Hasher, tokens, totp
from marketplace.identity.model import Account, OneTimeLink, RecoveryCode, SignInFailures, SignInSession
from marketplace.identity.rules.sign_in import (
    FAILURES_MAX,
    LINK_LIFE,
    LOCK,
    SESSION_MAX,
    AccountShut,
    LinkSpent,
    NoMembership,
    TooManyFailures,
    WrongCode,
    WrongPassword,
    WrongSignIn,
)
from marketplace.identity.schemas import Refused, SecondStep, SignedIn, Visitor
from marketplace.identity.states import AccountState, LinkPurpose
from marketplace.journal.model import JournalDetail, JournalEntry
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.clock import ManualClock
from marketplace.outbox.model import Message
from tests.identity.town import PASSWORD, SAFE, a_person, an_actor, an_organization

IDLE_S = 1800


def enter(db: Session, now: datetime, login: str = "supplier", password: str = PASSWORD) -> SignedIn:
    outcome = commands.sign_in(db, SAFE, login, password, device="测试浏览器", now=now)
    assert isinstance(outcome, SignedIn), outcome
    return outcome


def refusal(db: Session, now: datetime, login: str = "supplier", password: str = "wrong wrong") -> str:
    outcome = commands.sign_in(db, SAFE, login, password, device="", now=now)
    assert isinstance(outcome, Refused)
    return outcome.error.code


def visitor(db: Session, token: str, now: datetime) -> Visitor | None:
    return queries.visitor_by_session(db, token, now=now, idle_s=IDLE_S)


@pytest.fixture
def supplier(db: Session, now: datetime) -> UUID:
    """A person of a social organization, who signs in by password alone."""
    return a_person(db, an_organization(db, Function.SUPPLIER, now=now), Role.HEAD, now=now, login="supplier")


@pytest.fixture
def staff(db: Session, now: datetime) -> UUID:
    """A clerk of a buyer, who needs a second factor and has none yet."""
    buyer = an_organization(db, Function.BUYER, now=now)
    return a_person(db, buyer, Role.CLERK, now=now, login="staff", totp_required=True)


def enrol(db: Session, now: datetime) -> tuple[str, SignedIn]:
    """The secret and session of ``staff`` after a first sign-in."""
    step = commands.sign_in(db, SAFE, "staff", PASSWORD, device="", now=now)
    assert isinstance(step, SecondStep)
    secret = commands.begin_enrolment_in_step(db, SAFE, step.token, now=now).secret
    outcome = commands.second_step(db, SAFE, step.token, pyotp.TOTP(secret).at(now), device="", now=now)
    assert isinstance(outcome, SignedIn)
    return secret, outcome


def second(db: Session, code: str, now: datetime) -> SignedIn | Refused:
    step = commands.sign_in(db, SAFE, "staff", PASSWORD, device="", now=now)
    assert isinstance(step, SecondStep)
    return commands.second_step(db, SAFE, step.token, code, device="", now=now)


def test_who_signs_in_is_known_with_organization_functions_and_roles(
    db: Session, now: datetime, supplier: UUID
) -> None:
    found = visitor(db, enter(db, now).token, now)
    assert found is not None
    assert (found.person_id, found.functions, found.roles) == (
        supplier, frozenset({Function.SUPPLIER}), frozenset({Role.HEAD}),
    )  # fmt: skip
    assert found.actor == queries.actor_of(db, supplier, found.organization_id)


@pytest.mark.usefixtures("supplier")
def test_a_login_is_found_however_it_is_typed(db: Session, now: datetime) -> None:
    enter(db, now, login="  Ｓupplier ")


@pytest.mark.usefixtures("supplier")
def test_only_the_digest_of_a_fresh_token_is_kept(db: Session, now: datetime) -> None:
    first, again = enter(db, now), enter(db, now)
    assert first.token != again.token
    kept = set(db.scalars(select(SignInSession.token_digest)))
    assert kept == {tokens.digest(first.token), tokens.digest(again.token)}


@pytest.mark.usefixtures("supplier")
def test_a_token_from_before_sign_in_is_worth_nothing(db: Session, now: datetime) -> None:
    planted = tokens.new_token()
    enter(db, now)
    assert visitor(db, planted, now) is None


@pytest.mark.usefixtures("supplier")
def test_an_idle_session_ends_by_itself_and_a_busy_one_lives_on(db: Session, clock: ManualClock) -> None:
    opened = enter(db, clock.now())
    half = timedelta(seconds=IDLE_S / 2)
    for _ in range(4):
        now = clock.advance(half)
        assert visitor(db, opened.token, now)
        commands.note_visit(db, opened.session_id, now=now)
    assert visitor(db, opened.token, clock.advance(timedelta(seconds=IDLE_S - 1)))
    assert visitor(db, opened.token, clock.advance(timedelta(seconds=1))) is None


@pytest.mark.usefixtures("supplier")
def test_however_busy_a_session_ends_with_the_working_day(db: Session, now: datetime) -> None:
    opened = enter(db, now)
    last = now + SESSION_MAX
    commands.note_visit(db, opened.session_id, now=last - timedelta(seconds=61))
    assert visitor(db, opened.token, last - timedelta(seconds=1))
    assert visitor(db, opened.token, last) is None


@pytest.mark.usefixtures("supplier")
def test_signing_out_ends_one_session_and_signing_out_everywhere_all(db: Session, now: datetime) -> None:
    one, two, three = (enter(db, now) for _ in range(3))
    who = visitor(db, two.token, now)
    assert who is not None
    commands.sign_out(db, who.actor, one.session_id, now=now)
    assert [visitor(db, each.token, now) is not None for each in (one, two, three)] == [False, True, True]
    commands.sign_out_everywhere(db, who.actor, now=now, but=two.session_id)
    assert [visitor(db, each.token, now) is not None for each in (one, two, three)] == [False, True, False]
    commands.end_session(db, who.actor, two.session_id, now=now)
    assert queries.sessions_of(db, who.person_id, now=now, idle_s=IDLE_S) == []


@pytest.mark.usefixtures("supplier")
def test_wrong_guesses_close_the_login_for_a_while_and_no_longer(db: Session, clock: ManualClock) -> None:
    codes = [refusal(db, clock.now()) for _ in range(FAILURES_MAX)]
    assert set(codes) == {WrongSignIn.code}
    assert refusal(db, clock.now(), password=PASSWORD) == TooManyFailures.code
    assert db.scalars(select(Account.state).where(Account.login == "supplier")).one() is AccountState.LOCKED
    assert refusal(db, clock.advance(LOCK - timedelta(seconds=1)), password=PASSWORD) == TooManyFailures.code
    enter(db, clock.advance(timedelta(seconds=1)))


@pytest.mark.usefixtures("supplier")
def test_guesses_far_apart_do_not_add_up(db: Session, clock: ManualClock) -> None:
    for _ in range(FAILURES_MAX * 2):
        assert refusal(db, clock.advance(timedelta(minutes=16))) == WrongSignIn.code
    enter(db, clock.now())


@pytest.mark.usefixtures("supplier")
def test_guesses_do_not_throw_out_whoever_is_signed_in(db: Session, now: datetime) -> None:
    opened = enter(db, now)
    for _ in range(FAILURES_MAX):
        refusal(db, now)
    assert visitor(db, opened.token, now)


@pytest.mark.usefixtures("supplier")
def test_a_login_of_nobody_is_answered_and_locked_just_like_a_real_one(
    db: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    verify = Hasher.verify

    def counted(self: Hasher, kept: str | None, password: str) -> bool:
        hashed.append("hash")
        return verify(self, kept, password)

    monkeypatch.setattr(Hasher, "verify", counted)

    def attempt(login: str) -> tuple[str, int, int]:
        before = len(hashed)
        code = refusal(db, now, login=login)
        entries = db.scalar(select(func.count()).select_from(JournalEntry).where(JournalEntry.thing_kind == "login"))
        return code, len(hashed) - before, entries or 0

    real = [attempt("supplier") for _ in range(FAILURES_MAX + 1)]
    none = [attempt("nobody-here") for _ in range(FAILURES_MAX + 1)]
    assert [code for code, _, _ in real] == [code for code, _, _ in none]
    assert {work for _, work, _ in real + none} == {1}
    assert none[0][2] - real[-1][2] == real[0][2]


@pytest.mark.usefixtures("supplier")
def test_a_reset_is_answered_alike_for_logins_that_exist_and_that_do_not(db: Session, now: datetime) -> None:
    for login in ("supplier", "nobody-here"):
        commands.request_reset(db, SAFE, login, now=now)
    entries = db.scalars(select(JournalEntry.thing_kind).where(JournalEntry.act.startswith("account.reset"))).all()
    assert entries == ["login", "login"]
    mails = db.scalars(select(Message.payload).where(Message.topic == "identity.reset_requested")).all()
    assert len(mails) == 1


def reset_token(db: Session, now: datetime) -> str:
    commands.request_reset(db, SAFE, "supplier", now=now)
    payload = db.scalars(
        select(Message.payload).where(Message.topic == "identity.reset_requested").order_by(Message.n.desc())
    ).first()
    assert payload is not None
    mail = queries.link_mail(db, SAFE, UUID(payload["link_id"]), now=now)
    assert mail is not None
    return mail.token


@pytest.mark.usefixtures("supplier")
def test_a_reset_link_works_once_within_the_hour_and_ends_sessions_and_locks(db: Session, now: datetime) -> None:
    opened = enter(db, now)
    for _ in range(FAILURES_MAX):
        refusal(db, now)
    token = reset_token(db, now)
    later = now + LINK_LIFE[LinkPurpose.PASSWORD_RESET]
    with pytest.raises(LinkSpent):
        commands.reset_password(db, SAFE, token, "七只白鹅走过木桥边", now=later)
    assert commands.reset_password(db, SAFE, token, "七只白鹅走过木桥的早晨", now=now) == "supplier"
    assert visitor(db, opened.token, now) is None
    enter(db, now, password="七只白鹅走过木桥的早晨")
    with pytest.raises(LinkSpent):
        commands.reset_password(db, SAFE, token, PASSWORD, now=now)


@pytest.mark.usefixtures("supplier")
def test_a_newer_reset_link_ends_the_earlier_and_haste_sends_none(db: Session, now: datetime) -> None:
    first = reset_token(db, now)
    assert reset_token(db, now + timedelta(seconds=30)) == first
    second_token = reset_token(db, now + timedelta(seconds=61))
    assert second_token != first
    with pytest.raises(LinkSpent):
        commands.reset_password(db, SAFE, first, "七只白鹅走过木桥的早晨", now=now + timedelta(seconds=61))


@pytest.mark.usefixtures("supplier")
def test_no_token_stands_in_clear_in_any_row(db: Session, now: datetime) -> None:
    token = reset_token(db, now)
    payloads = " ".join(str(payload) for payload in db.scalars(select(Message.payload)))
    details = " ".join(str(data) for data in db.scalars(select(JournalDetail.data)))
    sealed = b"".join(found for found in db.scalars(select(OneTimeLink.sealed)) if found)
    assert token not in payloads + details
    assert token.encode() not in sealed
    assert "supplier@example.com" not in payloads + details


@pytest.mark.usefixtures("supplier")
def test_a_mailed_token_is_forgotten_once_it_was_sent(db: Session, now: datetime) -> None:
    token = reset_token(db, now)
    link_id = db.scalars(select(OneTimeLink.id).where(OneTimeLink.used_at.is_(None))).one()
    commands.forget_link_token(db, link_id)
    assert queries.link_mail(db, SAFE, link_id, now=now) is None
    assert queries.link_view(db, token, LinkPurpose.PASSWORD_RESET, now=now).login == "supplier"


def test_changing_the_password_ends_the_other_sessions(db: Session, now: datetime, supplier: UUID) -> None:
    here, there = enter(db, now), enter(db, now)
    who = visitor(db, here.token, now)
    assert who is not None
    with pytest.raises(WrongPassword):
        commands.change_password(db, SAFE, who.actor, present="wrong wrong", password="新的密码有十个字以上", now=now)
    commands.change_password(
        db, SAFE, who.actor, present=PASSWORD, password="新的密码有十个字以上", but_session=here.session_id, now=now
    )
    assert visitor(db, here.token, now)
    assert visitor(db, there.token, now) is None
    assert queries.my_account(db, supplier).password_at == now


def test_staff_set_up_a_second_factor_before_their_first_session(db: Session, now: datetime, staff: UUID) -> None:
    _, opened = enrol(db, now)
    assert len(opened.recovery_codes) == totp.RECOVERY_CODES
    mine = queries.my_account(db, staff)
    assert mine.second_factor
    assert mine.second_factor_needed
    assert db.scalar(select(func.count()).select_from(SignInSession)) == 1


@pytest.mark.usefixtures("staff")
def test_without_the_code_there_is_no_session(db: Session, now: datetime) -> None:
    enrol(db, now)
    outcome = second(db, "000000", now + timedelta(minutes=1))
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, WrongCode)
    assert db.scalar(select(func.count()).select_from(SignInSession)) == 1


@pytest.mark.usefixtures("staff")
def test_a_code_is_good_once_and_within_half_a_minute_of_drift(db: Session, now: datetime) -> None:
    secret, _ = enrol(db, now)
    assert isinstance(second(db, pyotp.TOTP(secret).at(now), now), Refused), "used at enrolment"
    later = now + timedelta(minutes=2)
    code = pyotp.TOTP(secret).at(later - timedelta(seconds=30))
    assert isinstance(second(db, f"{code[:3]} {code[3:]}", later), SignedIn)
    assert isinstance(second(db, code, later), Refused)
    assert isinstance(second(db, pyotp.TOTP(secret).at(later - timedelta(seconds=90)), later), Refused)


@pytest.mark.usefixtures("staff")
def test_a_recovery_code_stands_in_once(db: Session, now: datetime) -> None:
    _, opened = enrol(db, now)
    later = now + timedelta(minutes=2)
    assert isinstance(second(db, opened.recovery_codes[0].upper(), later), SignedIn)
    assert isinstance(second(db, opened.recovery_codes[0], later), Refused)
    kept = db.scalars(select(RecoveryCode.digest)).all()
    assert opened.recovery_codes[1].encode() not in kept


@pytest.mark.usefixtures("staff")
def test_wrong_codes_close_the_login_and_the_step_is_over_in_five_minutes(db: Session, clock: ManualClock) -> None:
    secret, _ = enrol(db, clock.now())
    now = clock.advance(timedelta(minutes=1))
    step = commands.sign_in(db, SAFE, "staff", PASSWORD, device="", now=now)
    assert isinstance(step, SecondStep)
    with pytest.raises(LinkSpent):
        commands.second_step(db, SAFE, step.token, "123456", device="", now=now + timedelta(minutes=5))
    for _ in range(FAILURES_MAX):
        assert isinstance(commands.second_step(db, SAFE, step.token, "000000", device="", now=now), Refused)
    right = commands.second_step(db, SAFE, step.token, pyotp.TOTP(secret).at(now), device="", now=now)
    assert isinstance(right, Refused)
    assert isinstance(right.error, TooManyFailures)


@pytest.mark.usefixtures("staff")
def test_a_step_cannot_replace_a_second_factor_that_is_in_force(db: Session, now: datetime) -> None:
    enrol(db, now)
    step = commands.sign_in(db, SAFE, "staff", PASSWORD, device="", now=now)
    assert isinstance(step, SecondStep)
    with pytest.raises(LinkSpent):
        commands.begin_enrolment_in_step(db, SAFE, step.token, now=now)


def test_staff_cannot_take_the_second_factor_away_and_others_can(
    db: Session, now: datetime, staff: UUID, supplier: UUID
) -> None:
    enrol(db, now)
    with pytest.raises(commands.second_factor.SecondFactorNeeded):
        commands.remove_second_factor(db, SAFE, Actor(staff, None), password=PASSWORD, now=now)
    secret = commands.begin_enrolment(db, SAFE, Actor(supplier, None)).secret
    with pytest.raises(WrongCode):
        commands.confirm_enrolment(db, SAFE, Actor(supplier, None), code="000000", password=PASSWORD, now=now)
    code = pyotp.TOTP(secret).at(now)
    commands.confirm_enrolment(db, SAFE, Actor(supplier, None), code=code, password=PASSWORD, now=now)
    assert isinstance(commands.sign_in(db, SAFE, "supplier", PASSWORD, device="", now=now), SecondStep)
    fresh = commands.renew_recovery_codes(db, SAFE, Actor(supplier, None), password=PASSWORD, now=now)
    assert len(set(fresh)) == totp.RECOVERY_CODES
    commands.remove_second_factor(db, SAFE, Actor(supplier, None), password=PASSWORD, now=now)
    enter(db, now)


def test_what_a_demo_spares_its_people_nobody_is_spared_elsewhere(db: Session, now: datetime) -> None:
    buyer = an_organization(db, Function.BUYER, now=now)
    a_person(db, buyer, Role.CLERK, now=now, login="played", totp_required=False)
    earnest = replace(SAFE, demo=False)
    assert isinstance(commands.sign_in(db, SAFE, "played", PASSWORD, device="", now=now), SignedIn)
    assert isinstance(commands.sign_in(db, earnest, "played", PASSWORD, device="", now=now), SecondStep)


def test_a_person_of_no_organization_cannot_sign_in(db: Session, now: datetime, supplier: UUID) -> None:
    admin = an_actor(db, Role.SYSTEM_ADMIN, functions=(Function.OPERATOR,), now=now)
    opened = enter(db, now)
    place = queries.memberships_of(db, supplier)[0]
    commands.end_membership(db, admin, place.id, reason="离职", now=now)
    assert visitor(db, opened.token, now) is None
    assert refusal(db, now, password=PASSWORD) == NoMembership.code


def test_closing_an_organization_ends_what_its_people_do_there(db: Session, now: datetime, supplier: UUID) -> None:
    admin = an_actor(db, Role.SYSTEM_ADMIN, functions=(Function.OPERATOR,), now=now)
    opened = enter(db, now)
    organization_id = queries.memberships_of(db, supplier)[0].organization_id
    commands.close_organization(db, admin, organization_id, reason="注销登记", now=now)
    assert visitor(db, opened.token, now) is None
    assert refusal(db, now, password=PASSWORD) == NoMembership.code
    commands.reopen_organization(db, admin, organization_id, reason="恢复", now=now)
    enter(db, now)


def test_old_counters_are_tidied_away(db: Session, now: datetime, supplier: UUID) -> None:
    refusal(db, now, login="nobody-here")
    enter(db, now + timedelta(hours=1))
    assert db.scalar(select(func.count()).select_from(SignInFailures)) == 1
    assert supplier
    assert AccountShut.code == "account_shut"
