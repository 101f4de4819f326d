"""A supplier with a person whose account is acted on, everybody who may try, and what each attempt comes to."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.identity import commands, queries
from marketplace.identity.model import Account, Membership, OneTimeLink
from marketplace.identity.rules import Right
from marketplace.identity.schemas import NewPerson, Refused
from marketplace.identity.states import LinkPurpose
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import DomainError
from tests.identity.town import PASSWORD, SAFE, a_person, an_actor, an_organization

WHY, OTHER = "测试", "三只鹤飞过灰色的屋顶"
NAMES = {"illegal_move": "illegal", "not_an_operator": "alien"}


def rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


class Place:
    """A supplier with its head and two clerks, one of them the person whose account is acted on."""

    def __init__(self, db: Session, now: datetime) -> None:
        self.db, self.now = db, now
        self.home = an_organization(db, Function.SUPPLIER, now=now)
        operator = an_organization(db, Function.OPERATOR, now=now)
        self.people: dict[str, Actor] = {
            "head": self.member(self.home, Role.HEAD, "head"),
            "colleague": self.member(self.home, Role.CLERK, "colleague"),
            "other_head": an_actor(db, Role.HEAD, functions=(Function.SUPPLIER,), now=now),
            "centre_head": an_actor(db, Role.HEAD, functions=(Function.PROCURING_ENTITY,), now=now),
            "system": self.member(operator, Role.SYSTEM_ADMIN, "system"),
            "security": self.member(operator, Role.SECURITY_ADMIN, "security"),
            "audit": self.member(operator, Role.AUDIT_ADMIN, "audit"),
            "operator_head": self.member(operator, Role.HEAD, "operator-head"),
            "security2": self.member(operator, Role.SECURITY_ADMIN, "security2"),
        }
        new = NewPerson(name="李四光", email="newcomer@example.com", login="newcomer")
        system = self.people["system"]
        self.place = commands.invite(db, SAFE, system, self.home, new, roles=[Role.CLERK], now=now)
        person_id = db.get_one(Membership, self.place).person_id
        self.people["self"] = Actor(person_id, self.home, frozenset({Function.SUPPLIER}), frozenset({Role.CLERK}))
        self.account_id = self.account_of(person_id)

    def member(self, organization_id: UUID, role: Role, login: str) -> Actor:
        person_id = a_person(self.db, organization_id, role, now=self.now, login=login)
        return queries.actor_of(self.db, person_id, organization_id)

    def account_of(self, person_id: UUID | None) -> UUID:
        return self.db.scalars(select(Account.id).where(Account.person_id == person_id)).one()

    def state(self, account_id: UUID | None = None) -> str:
        self.db.expire_all()
        return self.db.get_one(Account, account_id or self.account_id).state.value

    def token(self, purpose: LinkPurpose) -> str:
        live = (OneTimeLink.account_id == self.account_id, OneTimeLink.purpose == purpose)
        link_id = self.db.scalar(select(OneTimeLink.id).where(*live, OneTimeLink.used_at.is_(None)))
        mail = queries.link_mail(self.db, SAFE, link_id, now=self.now) if link_id else None
        return mail.token if mail else "nothing"

    def bring_to(self, state: str) -> None:
        security, system = self.people["security"], self.people["system"]
        if state != "invited":
            commands.accept_invitation(self.db, SAFE, self.token(LinkPurpose.INVITATION), PASSWORD, now=self.now)
        if state == "locked":
            commands.lock_account(self.db, security, self.account_id, reason=WHY, now=self.now)
        if state == "guessed":
            for _ in range(5):
                commands.sign_in(self.db, SAFE, "newcomer", OTHER, device="", now=self.now)
        if state == "deactivated":
            commands.deactivate(self.db, system, self.account_id, reason=WHY, now=self.now)
        assert self.state() == ("locked" if state == "guessed" else state)

    def tried(self, act: Callable[[], object], after: Callable[[], str]) -> str:
        """What an act comes to, in a transaction that is taken back."""
        try:
            with self.db.begin_nested() as savepoint:
                answer = act()
                if isinstance(answer, Refused):
                    raise answer.error
                found = after()
                savepoint.rollback()
        except DomainError as refusal:
            found = NAMES.get(refusal.code, refusal.code)
        self.db.expire_all()
        return found

    def by(self, actor: Actor, action: str, account_id: UUID) -> Callable[[], object]:
        db, now, place = self.db, self.now, self.place
        acts: dict[str, Callable[[], object]] = {
            "invite": lambda: commands.invite_again(db, SAFE, actor, place, now=now),
            "lock": lambda: commands.lock_account(db, actor, account_id, reason=WHY, now=now),
            "unlock": lambda: commands.unlock_account(db, SAFE, actor, account_id, reason=WHY, now=now),
            "reset_factor": lambda: commands.reset_second_factor(db, actor, account_id, reason=WHY, now=now),
            "deactivate": lambda: commands.deactivate(db, actor, account_id, reason=WHY, now=now),
            "reinstate": lambda: commands.reinstate(db, SAFE, actor, account_id, reason=WHY, now=now),
            "set_roles": lambda: commands.set_roles(db, actor, place, [Role.ACCOUNTANT], reason=WHY, now=now),
            "make_admin": lambda: commands.set_roles(
                db, actor, place, [Role.CLERK, Role.SYSTEM_ADMIN], reason=WHY, now=now
            ),
            "end_membership": lambda: commands.end_membership(db, actor, place, reason=WHY, now=now),
        }
        return acts[action]

    def own(self, action: str, *, right: bool) -> Callable[[], object]:
        db, now, me, password = self.db, self.now, self.people["self"], PASSWORD if right else OTHER

        def link(purpose: LinkPurpose) -> str:
            return self.token(purpose) if right else "nothing"

        def reset() -> object:
            commands.request_reset(db, SAFE, "newcomer", now=now)
            return commands.reset_password(db, SAFE, link(LinkPurpose.PASSWORD_RESET), OTHER, now=now)

        def enrol() -> object:
            code = pyotp.TOTP(commands.begin_enrolment(db, SAFE, me).secret).at(now)
            return commands.confirm_enrolment(db, SAFE, me, code=code, password=password, now=now)

        acts: dict[str, Callable[[], object]] = {
            "accept": lambda: commands.accept_invitation(db, SAFE, link(LinkPurpose.INVITATION), PASSWORD, now=now),
            "sign_in": lambda: commands.sign_in(db, SAFE, "newcomer", password, device="", now=now),
            "change_password": lambda: commands.change_password(
                db, SAFE, me, present=password, password=OTHER + "二", now=now
            ),
            "reset_password": reset,
            "enrol": enrol,
            "make_token": lambda: commands.make_token(db, me, name="对接", scopes=[Right.BID], days=1, now=now),
        }
        return acts[action]


@pytest.fixture
def place(db: Session, now: datetime) -> Place:
    return Place(db, now)
