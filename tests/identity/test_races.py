"""Sign-in under many hands at once: guesses are counted one by one, a link is used once, roles never join."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from marketplace.db.base import Database
from marketplace.identity import commands, queries
from marketplace.identity.commands.organizations import AlreadyRegistered
from marketplace.identity.model import OneTimeLink, Organization, SignInFailures, SignInSession
from marketplace.identity.rules.sign_in import FAILURES_MAX, LinkSpent, TooManyFailures, WrongSignIn
from marketplace.identity.schemas import NewOrganization, NewPerson, Refused
from marketplace.identity.states import OrganizationKind
from marketplace.kit.actor import SYSTEM, Function, Role
from tests.identity.town import PASSWORD, SAFE, a_person, an_organization, code_for

HANDS = 12


def a_supplier(database: Database, now: datetime) -> UUID:
    with database.write() as db:
        organization_id = an_organization(db, Function.SUPPLIER, now=now)
        a_person(db, organization_id, Role.HEAD, now=now, login="supplier")
    return organization_id


def test_guesses_at_once_are_each_counted(committing: Database, now: datetime) -> None:
    a_supplier(committing, now)

    def guess(_: int) -> str:
        with committing.write() as db:
            outcome = commands.sign_in(db, SAFE, "supplier", "wrong wrong", device="", now=now)
        assert isinstance(outcome, Refused)
        return outcome.error.code

    with ThreadPoolExecutor(HANDS) as hands:
        codes = list(hands.map(guess, range(HANDS)))
    assert codes.count(WrongSignIn.code) == FAILURES_MAX
    assert codes.count(TooManyFailures.code) == HANDS - FAILURES_MAX
    with committing.read() as db:
        assert db.scalars(select(SignInFailures.failures)).one() == FAILURES_MAX


def test_an_invitation_used_by_many_hands_lets_one_in(committing: Database, now: datetime) -> None:
    organization_id = a_supplier(committing, now)
    with committing.write() as db:
        head = queries.contacts_of(db, organization_id, [Role.HEAD])[0].person_id
        actor = queries.actor_of(db, head, organization_id)
        person = NewPerson(name="王五常", email="wang@example.com")
        commands.invite(db, SAFE, actor, organization_id, person, roles=[Role.CLERK], now=now)
        mail = queries.link_mail(db, SAFE, db.scalars(select(OneTimeLink.id)).one(), now=now)
    assert mail is not None

    def accept(_: int) -> bool:
        try:
            with committing.write() as db:
                commands.accept_invitation(db, SAFE, mail.token, PASSWORD, now=now)
        except LinkSpent:
            return False
        return True

    with ThreadPoolExecutor(HANDS) as hands:
        assert sum(hands.map(accept, range(HANDS))) == 1


def test_one_code_is_registered_once_however_many_try(committing: Database, now: datetime) -> None:
    kind = OrganizationKind.SOCIAL_GROUP
    new = NewOrganization(name="示例社团", kind=kind, functions=(Function.SUPPLIER,), uscc=code_for(kind, 7))

    def register(_: int) -> bool:
        try:
            with committing.write() as db:
                commands.register_organization(db, SYSTEM, new, now=now)
        except AlreadyRegistered:
            return False
        return True

    with ThreadPoolExecutor(HANDS) as hands:
        assert sum(hands.map(register, range(HANDS))) == 1
    with committing.read() as db:
        assert db.scalar(select(func.count()).select_from(Organization)) == 1


def test_signing_in_from_many_devices_at_once_opens_a_session_each(committing: Database, now: datetime) -> None:
    a_supplier(committing, now)

    def enter(_: int) -> None:
        with committing.write() as db:
            commands.sign_in(db, SAFE, "supplier", PASSWORD, device="", now=now)

    with ThreadPoolExecutor(HANDS) as hands:
        list(hands.map(enter, range(HANDS)))
    with committing.read() as db:
        assert db.scalar(select(func.count(func.distinct(SignInSession.token_digest)))) == HANDS
