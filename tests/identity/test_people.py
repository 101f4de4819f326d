"""Organizations and their people: codes checked, invitations agreed to, roles kept apart twice over."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.identity import commands, queries
from marketplace.identity.commands.locks import OwnAccount
from marketplace.identity.commands.organizations import AlreadyRegistered, CodeMissing, KindMismatch
from marketplace.identity.commands.people import AlreadyMember, LoginTaken, NoRoles, NotAnOperator
from marketplace.identity.model import OneTimeLink, Organization, RoleHolding
from marketplace.identity.rules import RolesClash
from marketplace.identity.rules.names import BadLogin
from marketplace.identity.rules.sign_in import AccountShut, LinkSpent
from marketplace.identity.schemas import NewOrganization, NewPerson, SignedIn
from marketplace.identity.states import LinkPurpose, OrganizationKind
from marketplace.kit.actor import SYSTEM, Actor, Function, Role
from marketplace.kit.codes import BadUscc
from marketplace.kit.errors import Forbidden, NotFound
from tests.identity.town import PASSWORD, SAFE, a_person, an_actor, an_organization, code_for

AGENCY = OrganizationKind.SOCIAL_SERVICE_AGENCY


def new_organization(**changes: object) -> NewOrganization:
    known: dict[str, object] = {
        "name": "广安示例社工服务中心",
        "kind": AGENCY,
        "functions": (Function.SUPPLIER,),
        "uscc": code_for(AGENCY, 900001),
    }
    return NewOrganization(**(known | changes))  # type: ignore[arg-type] # a test's own mixture


def someone(login: str = "wang.wu", email: str = "") -> NewPerson:
    return NewPerson(name="王五常", email=email or f"{login}@example.com", login=login)


def token_of(db: Session, now: datetime) -> str:
    """The token in the latest invitation mail."""
    query = (
        select(OneTimeLink.id)
        .where(OneTimeLink.purpose == LinkPurpose.INVITATION, OneTimeLink.used_at.is_(None))
        .order_by(OneTimeLink.issued_at.desc())
    )
    mail = queries.link_mail(db, SAFE, db.scalars(query).one(), now=now)
    assert mail is not None
    return mail.token


@pytest.fixture
def admin(db: Session, now: datetime) -> Actor:
    return an_actor(db, Role.SYSTEM_ADMIN, functions=(Function.OPERATOR,), now=now)


@pytest.fixture
def head(db: Session, now: datetime) -> Actor:
    return an_actor(db, Role.HEAD, functions=(Function.BUYER,), now=now)


def test_an_organization_is_registered_with_its_code_cleaned_and_its_pinyin(
    db: Session, now: datetime, admin: Actor
) -> None:
    code = code_for(AGENCY, 900001)
    typed = new_organization(uscc=f" {code.lower()[:9]} {code.lower()[9:]} ")
    found = queries.organization(db, commands.register_organization(db, admin, typed, now=now))
    assert (found.uscc, found.region, found.functions) == (code, "511602", frozenset({Function.SUPPLIER}))
    for part in ("示例", "gasl", "guanganshi", code.lower()):
        assert [row.id for row in queries.find_organizations(db, search=part, function=Function.SUPPLIER)] == [found.id]
    assert queries.organizations(db, [found.id, uuid4()]) == {found.id: found}


def test_a_code_is_registered_once(db: Session, now: datetime, admin: Actor) -> None:
    commands.register_organization(db, admin, new_organization(), now=now)
    with pytest.raises(AlreadyRegistered) as refusal:
        commands.register_organization(db, admin, new_organization(name="另一个名称"), now=now)
    assert "广安示例社工服务中心" in str(refusal.value)


def test_a_code_must_pass_its_check_and_fit_the_kind(db: Session, now: datetime, admin: Actor) -> None:
    good = code_for(AGENCY, 900001)
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    with pytest.raises(BadUscc):
        commands.register_organization(db, admin, new_organization(uscc=wrong), now=now)
    with pytest.raises(CodeMissing):
        commands.register_organization(db, admin, new_organization(uscc=""), now=now)
    with pytest.raises(KindMismatch):
        commands.register_organization(db, admin, new_organization(kind=OrganizationKind.FOUNDATION), now=now)
    with pytest.raises(KindMismatch):
        commands.register_organization(db, admin, new_organization(kind=OrganizationKind.GOVERNMENT), now=now)


def test_one_person_who_gives_has_no_code(db: Session, now: datetime, admin: Actor) -> None:
    donor = new_organization(kind=OrganizationKind.INDIVIDUAL, functions=(Function.DONOR,), uscc=None)
    assert queries.organization(db, commands.register_organization(db, admin, donor, now=now)).uscc is None


def test_only_the_system_administrator_registers_closes_and_gives_functions(
    db: Session, now: datetime, admin: Actor, head: Actor
) -> None:
    with pytest.raises(Forbidden):
        commands.register_organization(db, head, new_organization(), now=now)
    organization_id = an_organization(db, Function.BUYER, now=now)
    for verb in (commands.close_organization, commands.reopen_organization):
        with pytest.raises(Forbidden):
            verb(db, head, organization_id, reason="试试", now=now)
    commands.set_functions(
        db, admin, organization_id, [Function.BUYER, Function.FINANCE_OFFICE], reason="代管", now=now
    )
    assert queries.organization(db, organization_id).functions == {Function.BUYER, Function.FINANCE_OFFICE}


def test_whoever_is_invited_joins_by_the_link_with_a_first_password(db: Session, now: datetime, head: Actor) -> None:
    assert head.organization_id is not None
    membership_id = commands.invite(db, SAFE, head, head.organization_id, someone(), roles=[Role.CLERK], now=now)
    (invited,) = [row for row in queries.people_of(db, head, head.organization_id) if not row.joined]
    assert (invited.membership_id, invited.roles) == (membership_id, frozenset({Role.CLERK}))
    with pytest.raises(NotFound):
        queries.actor_of(db, invited.person_id, head.organization_id)
    token = token_of(db, now)
    shown = queries.link_view(db, token, LinkPurpose.INVITATION, now=now)
    assert (shown.sets_password, shown.roles) == (True, (Role.CLERK,))
    assert commands.accept_invitation(db, SAFE, token, PASSWORD, now=now) == "wang.wu"
    assert queries.actor_of(db, invited.person_id, head.organization_id).roles == {Role.CLERK}
    with pytest.raises(LinkSpent):
        commands.accept_invitation(db, SAFE, token, PASSWORD, now=now)


def test_an_invitation_ends_after_seven_days_or_with_a_newer_one(db: Session, now: datetime, head: Actor) -> None:
    assert head.organization_id is not None
    place = commands.invite(db, SAFE, head, head.organization_id, someone(), roles=[Role.CLERK], now=now)
    old = token_of(db, now)
    with pytest.raises(LinkSpent):
        commands.accept_invitation(db, SAFE, old, PASSWORD, now=now + timedelta(days=7))
    commands.invite_again(db, SAFE, head, place, now=now)
    with pytest.raises(LinkSpent):
        commands.accept_invitation(db, SAFE, old, PASSWORD, now=now)
    commands.accept_invitation(db, SAFE, token_of(db, now), PASSWORD, now=now)
    with pytest.raises(NotFound):
        commands.invite_again(db, SAFE, head, place, now=now)


def test_nobody_is_made_a_colleague_without_agreeing(db: Session, now: datetime, head: Actor) -> None:
    assert head.organization_id is not None
    home = an_organization(db, Function.SUPPLIER, now=now)
    person_id = a_person(db, home, Role.HEAD, now=now, login="wang.wu")
    commands.invite(db, SAFE, head, head.organization_id, someone(), roles=[Role.CLERK], now=now)
    assert [place.organization_id for place in queries.memberships_of(db, person_id)] == [home]
    token = token_of(db, now)
    assert not queries.link_view(db, token, LinkPurpose.INVITATION, now=now).sets_password
    commands.accept_invitation(db, SAFE, token, None, now=now)
    assert {place.organization_id for place in queries.memberships_of(db, person_id)} == {home, head.organization_id}


def test_a_person_of_two_organizations_acts_for_one_at_a_time_and_switches_under_a_new_token(
    db: Session, now: datetime, head: Actor
) -> None:
    assert head.organization_id is not None
    person_id = a_person(db, an_organization(db, Function.SUPPLIER, now=now), Role.HEAD, now=now, login="wang.wu")
    opened = commands.sign_in(db, SAFE, "wang.wu", PASSWORD, device="", now=now)
    assert isinstance(opened, SignedIn)
    commands.invite(db, SAFE, head, head.organization_id, someone(), roles=[Role.CLERK], now=now)
    commands.accept_invitation(db, SAFE, token_of(db, now), None, now=now)
    before = queries.visitor_by_session(db, opened.token, now=now, idle_s=600)
    assert before is not None
    assert before.memberships == 2
    other = next(place for place in queries.memberships_of(db, person_id) if place.id != before.membership_id)
    switched = commands.switch_membership(db, before.actor, opened.session_id, other.id, device="", now=now)
    assert queries.visitor_by_session(db, opened.token, now=now, idle_s=600) is None
    after = queries.visitor_by_session(db, switched.token, now=now, idle_s=600)
    assert after is not None
    assert (after.organization_id, after.roles) == (head.organization_id, frozenset({Role.CLERK}))
    with pytest.raises(NotFound):
        commands.switch_membership(db, after.actor, switched.session_id, uuid4(), device="", now=now)


def test_logins_are_ones_own(db: Session, now: datetime, head: Actor) -> None:
    assert head.organization_id is not None
    here = head.organization_id
    a_person(db, here, Role.CLERK, now=now, login="wang.wu")
    with pytest.raises(AlreadyMember):
        commands.invite(db, SAFE, head, here, someone(), roles=[Role.CLERK], now=now)
    with pytest.raises(LoginTaken):
        commands.invite(db, SAFE, head, here, someone(email="another@example.com"), roles=[Role.CLERK], now=now)
    with pytest.raises(BadLogin):
        commands.invite(
            db, SAFE, head, here, someone(login="王 五", email="w@example.com"), roles=[Role.CLERK], now=now
        )
    with pytest.raises(NoRoles):
        commands.invite(db, SAFE, head, here, someone(login="zhao.liu"), roles=[], now=now)


def test_whoever_was_deactivated_is_not_invited_past_the_administrator(
    db: Session, now: datetime, head: Actor, admin: Actor
) -> None:
    assert head.organization_id is not None
    home = an_organization(db, Function.SUPPLIER, now=now)
    a_person(db, home, Role.HEAD, now=now, login="wang.wu")
    (member,) = queries.people_of(db, admin, home)
    commands.deactivate(db, admin, member.account_id, reason="违规", now=now)
    with pytest.raises(AccountShut):
        commands.invite(db, SAFE, head, head.organization_id, someone(), roles=[Role.CLERK], now=now)


def test_a_head_manages_the_own_people_and_finds_no_others(db: Session, now: datetime, head: Actor) -> None:
    elsewhere = an_organization(db, Function.BUYER, now=now)
    stranger = a_person(db, elsewhere, Role.CLERK, now=now)
    place = queries.memberships_of(db, stranger)[0].id
    with pytest.raises(NotFound):
        queries.people_of(db, head, elsewhere)
    with pytest.raises(NotFound):
        commands.invite(db, SAFE, head, elsewhere, someone(), roles=[Role.CLERK], now=now)
    with pytest.raises(NotFound):
        commands.set_roles(db, head, place, [Role.HEAD], reason="试试", now=now)
    with pytest.raises(NotFound):
        commands.end_membership(db, head, place, reason="试试", now=now)
    with pytest.raises(NotFound):
        commands.invite(db, SAFE, head, uuid4(), someone(), roles=[Role.CLERK], now=now)


def test_a_clerk_sees_colleagues_and_changes_nothing(db: Session, now: datetime, head: Actor) -> None:
    assert head.organization_id is not None
    clerk_id = a_person(db, head.organization_id, Role.CLERK, now=now)
    clerk = queries.actor_of(db, clerk_id, head.organization_id)
    people = queries.people_of(db, clerk, head.organization_id)
    assert len(people) == 2
    boss = next(row for row in people if row.person_id == head.person_id)
    with pytest.raises(Forbidden):
        commands.set_roles(db, clerk, boss.membership_id, [Role.CLERK], reason="试试", now=now)
    own = next(row for row in people if row.person_id == clerk_id)
    with pytest.raises(OwnAccount):
        commands.set_roles(db, clerk, own.membership_id, [Role.HEAD], reason="试试", now=now)


def test_roles_change_and_the_record_keeps_what_was(db: Session, now: datetime, head: Actor) -> None:
    assert head.organization_id is not None
    person_id = a_person(db, head.organization_id, Role.CLERK, now=now)
    place = queries.memberships_of(db, person_id)[0].id
    commands.set_roles(db, head, place, [Role.CLERK, Role.CASHIER], reason="兼任出纳", now=now)
    commands.set_roles(db, head, place, [Role.CLERK], reason="不再兼任", now=now + timedelta(days=1))
    assert queries.actor_of(db, person_id, head.organization_id).roles == {Role.CLERK}
    held = db.execute(select(RoleHolding.role, RoleHolding.ended_at).where(RoleHolding.membership_id == place)).all()
    assert {(str(role), ended is None) for role, ended in held} == {("clerk", True), ("cashier", False)}
    with pytest.raises(NoRoles):
        commands.set_roles(db, head, place, [], reason="试试", now=now)


def test_accountant_and_cashier_stay_apart_in_python_and_in_the_database(
    db: Session, now: datetime, head: Actor
) -> None:
    assert head.organization_id is not None
    person_id = a_person(db, head.organization_id, Role.ACCOUNTANT, now=now)
    place = queries.memberships_of(db, person_id)[0].id
    with pytest.raises(RolesClash):
        commands.set_roles(db, head, place, [Role.ACCOUNTANT, Role.CASHIER], reason="试试", now=now)
    db.add(RoleHolding(membership_id=place, person_id=person_id, role=Role.CASHIER, since=now))
    with pytest.raises(IntegrityError, match="books_apart"):
        db.flush()


def test_the_three_administrators_are_three_people_in_python_and_in_the_database(db: Session, now: datetime) -> None:
    operator = an_organization(db, Function.OPERATOR, now=now)
    other = an_organization(db, Function.OPERATOR, now=now)
    security = queries.actor_of(db, a_person(db, operator, Role.SECURITY_ADMIN, now=now), operator)
    person_id = a_person(db, operator, Role.SYSTEM_ADMIN, now=now)
    place = queries.memberships_of(db, person_id)[0].id
    with pytest.raises(RolesClash):
        commands.set_roles(db, security, place, [Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN], reason="试试", now=now)
    db.execute(
        text("INSERT INTO membership (id, person_id, organization_id, invited_at, joined_at)"
             " VALUES (:id, :person, :organization, :now, :now)"),
        {"id": (second := uuid4()), "person": person_id, "organization": other, "now": now},
    )  # fmt: skip
    with pytest.raises(RolesClash):
        commands.set_roles(db, security, second, [Role.AUDIT_ADMIN], reason="试试", now=now)
    db.add(RoleHolding(membership_id=second, person_id=person_id, role=Role.AUDIT_ADMIN, since=now))
    with pytest.raises(IntegrityError, match="administrators_apart"):
        db.flush()


def test_administrators_are_appointed_by_the_security_administrator_in_the_operator_alone(
    db: Session, now: datetime, admin: Actor, head: Actor
) -> None:
    assert admin.organization_id is not None
    assert head.organization_id is not None
    with pytest.raises(Forbidden):
        commands.invite(db, SAFE, admin, admin.organization_id, someone(), roles=[Role.AUDIT_ADMIN], now=now)
    security = an_actor(db, Role.SECURITY_ADMIN, functions=(Function.OPERATOR,), now=now)
    commands.invite(db, SAFE, security, admin.organization_id, someone(), roles=[Role.AUDIT_ADMIN], now=now)
    with pytest.raises(NotAnOperator):
        commands.invite(
            db, SAFE, security, head.organization_id, someone("zhao.liu"), roles=[Role.AUDIT_ADMIN], now=now
        )
    with pytest.raises(Forbidden):
        commands.invite(db, SAFE, security, head.organization_id, someone("zhao.liu"), roles=[Role.CLERK], now=now)


def test_whoever_left_may_come_back_by_a_new_invitation(db: Session, now: datetime, head: Actor) -> None:
    assert head.organization_id is not None
    person_id = a_person(db, head.organization_id, Role.CLERK, now=now, login="wang.wu")
    place = queries.memberships_of(db, person_id)[0].id
    commands.end_membership(db, head, place, reason="调离", now=now)
    assert queries.memberships_of(db, person_id) == []
    commands.invite(db, SAFE, head, head.organization_id, someone(), roles=[Role.ACCOUNTANT], now=now)
    commands.accept_invitation(db, SAFE, token_of(db, now), None, now=now)
    assert queries.actor_of(db, person_id, head.organization_id).roles == {Role.ACCOUNTANT}


def test_people_with_known_passwords_are_made_by_the_system_alone(db: Session, now: datetime, admin: Actor) -> None:
    assert admin.organization_id is not None
    with pytest.raises(Forbidden):
        commands.create_person(
            db, SAFE, admin, admin.organization_id, someone(), roles=[Role.CLERK], password=PASSWORD, now=now
        )
    with pytest.raises(NotFound):
        commands.create_person(db, SAFE, SYSTEM, uuid4(), someone(), roles=[], password=PASSWORD, now=now)


def test_notices_find_the_holders_of_a_post(db: Session, now: datetime, head: Actor) -> None:
    assert head.organization_id is not None
    here: UUID = head.organization_id
    clerk = a_person(db, here, Role.CLERK, now=now, login="wang.wu")
    (found,) = queries.contacts_of(db, here, [Role.CLERK])
    assert (found.person_id, found.email) == (clerk, "wang.wu@example.com")
    assert queries.contacts(db, [clerk]) == [found]
    assert queries.names(db, [clerk]) == {clerk: found.name}
    assert queries.names(db, []) == {}


def test_the_rights_page_tells_what_an_organization_lacks(db: Session, now: datetime, head: Actor) -> None:
    assert head.organization_id is not None
    lines = queries.staffing_of(db, head.organization_id)
    assert any(line.lacking for line in lines)
    a_person(db, head.organization_id, Role.CLERK, now=now)
    assert sum(line.lacking for line in queries.staffing_of(db, head.organization_id)) < sum(
        line.lacking for line in lines
    )


def test_the_database_refuses_an_organization_without_code_or_with_an_unknown_function(
    db: Session, now: datetime
) -> None:
    body = {"name": "甲", "short_name": "甲", "pinyin": "jia", "initials": "j", "registered_at": now, "region": ""}
    for changes, name in (
        ({"kind": OrganizationKind.FOUNDATION, "functions": []}, "bodies_have_a_code"),
        ({"kind": OrganizationKind.INDIVIDUAL, "functions": ["king"]}, "known_functions"),
    ):
        with pytest.raises(IntegrityError, match=name), db.begin_nested():
            db.add(Organization(**body, **changes))
