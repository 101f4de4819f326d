"""Accounts: every state and action is a move of the handbook's table or a refusal that changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.identity import commands, queries
from marketplace.identity.model import Account, Membership, OneTimeLink
from marketplace.identity.schemas import NewPerson, Refused, SignedIn
from marketplace.identity.states import ACCOUNT, ORGANIZATION, AccountAction, AccountState, LinkPurpose
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import DomainError, IllegalMove
from tests.identity.town import PASSWORD, SAFE, an_actor, an_organization

MOVES = """
invited      invite               invited
invited      accept               active
invited      deactivate           deactivated
active       sign_in              active
active       change_password      active
active       reset_password       active
active       enrol                active
active       reset_second_factor  active
active       lock                 locked
active       deactivate           deactivated
locked       lock                 locked
locked       unlock               active
locked       reset_second_factor  locked
locked       deactivate           deactivated
deactivated  reinstate            invited
"""
EXPECTED = {(line.split()[0], line.split()[1]): line.split()[2] for line in MOVES.strip().splitlines()}
OTHER = "三只鹤飞过灰色的屋顶"
WHY = "测试"


@dataclass
class Stage:
    """One invited person and the administrators who look after them."""

    db: Session
    now: datetime
    system_admin: Actor
    security_admin: Actor
    membership_id: UUID
    organization_id: UUID

    @property
    def account(self) -> Account:
        query = (
            select(Account)
            .join(Membership, Membership.person_id == Account.person_id)
            .where(Membership.id == self.membership_id)
        )
        return self.db.scalars(query.execution_options(populate_existing=True)).one()

    @property
    def owner(self) -> Actor:
        return Actor(self.account.person_id, self.organization_id)

    def token(self, purpose: LinkPurpose) -> str:
        """What the mail would carry, or the token of nothing."""
        query = select(OneTimeLink.id).where(
            OneTimeLink.account_id == self.account.id, OneTimeLink.purpose == purpose, OneTimeLink.used_at.is_(None)
        )
        link_id = self.db.scalar(query)
        mail = queries.link_mail(self.db, SAFE, link_id, now=self.now) if link_id else None
        return mail.token if mail else "nothing"

    def bring_to(self, state: AccountState) -> None:
        if state is not AccountState.INVITED:
            self.accept()
        if state is AccountState.LOCKED:
            self.lock()
        if state is AccountState.DEACTIVATED:
            self.deactivate()

    def invite(self) -> None:
        commands.invite_again(self.db, SAFE, self.system_admin, self.membership_id, now=self.now)

    def accept(self) -> None:
        commands.accept_invitation(self.db, SAFE, self.token(LinkPurpose.INVITATION), PASSWORD, now=self.now)

    def sign_in(self) -> None:
        outcome = commands.sign_in(self.db, SAFE, "newcomer", PASSWORD, device="", now=self.now)
        if isinstance(outcome, Refused):
            raise outcome.error
        assert isinstance(outcome, SignedIn)

    def change_password(self) -> None:
        commands.change_password(self.db, SAFE, self.owner, present=PASSWORD, password=OTHER, now=self.now)

    def reset_password(self) -> None:
        commands.request_reset(self.db, SAFE, "newcomer", now=self.now)
        commands.reset_password(self.db, SAFE, self.token(LinkPurpose.PASSWORD_RESET), OTHER, now=self.now)

    def enrol(self) -> None:
        secret = commands.begin_enrolment(self.db, SAFE, self.owner).secret
        code = pyotp.TOTP(secret).at(self.now)
        commands.confirm_enrolment(self.db, SAFE, self.owner, code=code, password=PASSWORD, now=self.now)

    def reset_second_factor(self) -> None:
        commands.reset_second_factor(self.db, self.security_admin, self.account.id, reason=WHY, now=self.now)

    def lock(self) -> None:
        commands.lock_account(self.db, self.security_admin, self.account.id, reason=WHY, now=self.now)

    def unlock(self) -> None:
        commands.unlock_account(self.db, SAFE, self.security_admin, self.account.id, reason=WHY, now=self.now)

    def deactivate(self) -> None:
        commands.deactivate(self.db, self.system_admin, self.account.id, reason=WHY, now=self.now)

    def reinstate(self) -> None:
        commands.reinstate(self.db, SAFE, self.system_admin, self.account.id, reason=WHY, now=self.now)


@pytest.fixture
def stage(db: Session, now: datetime) -> Stage:
    operator = (Function.OPERATOR,)
    system_admin = an_actor(db, Role.SYSTEM_ADMIN, functions=operator, now=now)
    security_admin = an_actor(db, Role.SECURITY_ADMIN, functions=operator, now=now)
    organization_id = an_organization(db, Function.SUPPLIER, now=now)
    newcomer = NewPerson(name="李四光", email="newcomer@example.com", login="newcomer")
    membership_id = commands.invite(db, SAFE, system_admin, organization_id, newcomer, roles=[Role.CLERK], now=now)
    return Stage(db, now, system_admin, security_admin, membership_id, organization_id)


def test_the_moves_of_an_account_are_the_handbooks() -> None:
    assert {(str(state), str(action)): str(to) for (state, action), to in ACCOUNT.moves.items()} == EXPECTED


def test_an_organization_is_closed_and_opened_again() -> None:
    moves = {(str(state), str(action), str(to)) for (state, action), to in ORGANIZATION.moves.items()}
    assert moves == {("active", "close", "closed"), ("closed", "reopen", "active")}


@pytest.mark.parametrize("action", AccountAction)
@pytest.mark.parametrize("state", AccountState)
def test_each_action_in_each_state_is_a_move_or_a_refusal(
    stage: Stage, state: AccountState, action: AccountAction
) -> None:
    stage.bring_to(state)
    assert stage.account.state is state
    act: Callable[[], None] = getattr(stage, action.value)
    expected = EXPECTED.get((state.value, action.value))
    if expected is None:
        with pytest.raises(DomainError):
            act()
        assert stage.account.state is state
    else:
        act()
        assert stage.account.state.value == expected


def test_a_lock_by_hand_lasts_until_somebody_opens_it(stage: Stage) -> None:
    stage.bring_to(AccountState.LOCKED)
    stage.now += timedelta(days=30)
    with pytest.raises(DomainError) as refusal:
        stage.sign_in()
    assert refusal.value.code == "account_shut"
    commands.request_reset(stage.db, SAFE, "newcomer", now=stage.now)
    assert stage.token(LinkPurpose.PASSWORD_RESET) == "nothing"


def test_a_reset_asked_for_before_a_lock_by_hand_does_not_open_it(stage: Stage) -> None:
    stage.bring_to(AccountState.ACTIVE)
    commands.request_reset(stage.db, SAFE, "newcomer", now=stage.now)
    token = stage.token(LinkPurpose.PASSWORD_RESET)
    stage.lock()
    with pytest.raises(IllegalMove):
        commands.reset_password(stage.db, SAFE, token, OTHER, now=stage.now)


def test_a_deactivated_account_keeps_no_secret(stage: Stage) -> None:
    stage.bring_to(AccountState.ACTIVE)
    stage.enrol()
    stage.deactivate()
    account = stage.account
    assert (account.password_hash, account.totp_sealed, account.totp_confirmed_at) == (None, None, None)
    assert queries.my_account(stage.db, account.person_id).recovery_codes_left == 0


@pytest.mark.parametrize("act", ["lock_account", "unlock_account", "deactivate", "reset_second_factor", "reinstate"])
def test_nobody_but_the_administrator_touches_accounts_and_no_administrator_their_own(
    stage: Stage, now: datetime, act: str
) -> None:
    stage.bring_to(AccountState.ACTIVE)
    head = an_actor(stage.db, Role.HEAD, functions=(Function.BUYER,), now=now)
    verb = getattr(commands, act)
    safe = (SAFE,) if act in ("unlock_account", "reinstate") else ()
    with pytest.raises(DomainError) as refusal:
        verb(stage.db, *safe, head, stage.account.id, reason=WHY, now=now)
    assert refusal.value.code == "forbidden"
    admin = stage.system_admin if act in ("deactivate", "reinstate") else stage.security_admin
    own = stage.db.scalars(select(Account.id).where(Account.person_id == admin.person_id)).one()
    with pytest.raises(DomainError) as refusal:
        verb(stage.db, *safe, admin, own, reason=WHY, now=now)
    assert refusal.value.code == "own_account"
