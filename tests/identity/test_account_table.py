"""Accounts: each state, action and role, from tables written by hand: the state after it, or the refusal's code."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from marketplace.identity import commands, queries
from marketplace.identity.model import ApiToken
from marketplace.identity.rules import Right
from marketplace.identity.schemas import NewOrganization, NewPerson
from marketplace.identity.states import AccountState, LinkPurpose, OrganizationKind
from marketplace.kit.actor import Actor, Function, Role
from tests.identity.place import OTHER, WHY, Place, place, rows
from tests.identity.town import PASSWORD, SAFE, code_for

__all__ = ["place"]
PEOPLE = ("self", "head", "colleague", "other_head", "centre_head", "system", "security", "audit")
BY_OTHERS = """
invited     invite         own_account invited   forbidden not_found not_found invited     forbidden forbidden
invited     lock           forbidden   forbidden forbidden forbidden forbidden forbidden   illegal   forbidden
invited     unlock         forbidden   forbidden forbidden forbidden forbidden forbidden   illegal   forbidden
invited     reset_factor   forbidden   forbidden forbidden forbidden forbidden forbidden   illegal   forbidden
invited     deactivate     forbidden   forbidden forbidden forbidden forbidden deactivated forbidden forbidden
invited     reinstate      forbidden   forbidden forbidden forbidden forbidden illegal     forbidden forbidden
invited     set_roles      own_account invited   forbidden not_found not_found invited     forbidden forbidden
invited     make_admin     own_account forbidden forbidden not_found not_found forbidden   alien     forbidden
invited     end_membership own_account invited   forbidden not_found not_found invited     forbidden forbidden
active      invite         own_account not_found forbidden not_found not_found not_found   forbidden forbidden
active      lock           forbidden   forbidden forbidden forbidden forbidden forbidden   locked    forbidden
active      unlock         forbidden   forbidden forbidden forbidden forbidden forbidden   illegal   forbidden
active      reset_factor   forbidden   forbidden forbidden forbidden forbidden forbidden   active    forbidden
active      deactivate     forbidden   forbidden forbidden forbidden forbidden deactivated forbidden forbidden
active      reinstate      forbidden   forbidden forbidden forbidden forbidden illegal     forbidden forbidden
active      set_roles      own_account active    forbidden not_found not_found active      forbidden forbidden
active      make_admin     own_account forbidden forbidden not_found not_found forbidden   alien     forbidden
active      end_membership own_account active    forbidden not_found not_found active      forbidden forbidden
locked      invite         own_account not_found forbidden not_found not_found not_found   forbidden forbidden
locked      lock           forbidden   forbidden forbidden forbidden forbidden forbidden   locked    forbidden
locked      unlock         forbidden   forbidden forbidden forbidden forbidden forbidden   active    forbidden
locked      reset_factor   forbidden   forbidden forbidden forbidden forbidden forbidden   locked    forbidden
locked      deactivate     forbidden   forbidden forbidden forbidden forbidden deactivated forbidden forbidden
locked      reinstate      forbidden   forbidden forbidden forbidden forbidden illegal     forbidden forbidden
locked      set_roles      own_account locked    forbidden not_found not_found locked      forbidden forbidden
locked      make_admin     own_account forbidden forbidden not_found not_found forbidden   alien     forbidden
locked      end_membership own_account locked    forbidden not_found not_found locked      forbidden forbidden
deactivated invite         own_account not_found forbidden not_found not_found not_found   forbidden forbidden
deactivated lock           forbidden   forbidden forbidden forbidden forbidden forbidden   illegal   forbidden
deactivated unlock         forbidden   forbidden forbidden forbidden forbidden forbidden   illegal   forbidden
deactivated reset_factor   forbidden   forbidden forbidden forbidden forbidden forbidden   illegal   forbidden
deactivated deactivate     forbidden   forbidden forbidden forbidden forbidden illegal     forbidden forbidden
deactivated reinstate      forbidden   forbidden forbidden forbidden forbidden invited     forbidden forbidden
deactivated set_roles      own_account deactivated forbidden not_found not_found deactivated forbidden forbidden
deactivated make_admin     own_account forbidden forbidden not_found not_found forbidden   alien     forbidden
deactivated end_membership own_account deactivated forbidden not_found not_found deactivated forbidden forbidden
"""
"""The account of a supplier's clerk, by state and action: tried by the person, the organization's head and another
clerk of it, the heads of another supplier and of the centre, and the operator's three administrators."""
OF_ADMINISTRATOR = """
deactivate forbidden deactivated forbidden forbidden
reinstate  forbidden invited     forbidden forbidden
lock       forbidden locked      forbidden forbidden
"""
"""The account of a security administrator: tried by the system's, another security and the audit administrator, and by
the head of the operator. ``reinstate`` follows on a deactivation."""
BY_SECRET = """
invited     accept          active        link_spent
invited     sign_in         wrong_sign_in wrong_sign_in
invited     change_password account_shut  account_shut
invited     enrol           account_shut  account_shut
invited     reset_password  link_spent    link_spent
invited     make_token      account_shut  account_shut
active      accept          link_spent    link_spent
active      sign_in         active        wrong_sign_in
active      change_password active        wrong_password
active      enrol           active        wrong_password
active      reset_password  active        link_spent
active      make_token      active        active
locked      accept          link_spent    link_spent
locked      sign_in         account_shut  wrong_sign_in
locked      change_password account_shut  account_shut
locked      enrol           account_shut  account_shut
locked      reset_password  link_spent    link_spent
locked      make_token      account_shut  account_shut
guessed     sign_in         too_many_failures too_many_failures
guessed     change_password illegal       wrong_password
guessed     enrol           illegal       wrong_password
guessed     reset_password  active        link_spent
guessed     make_token      locked        locked
deactivated accept          link_spent    link_spent
deactivated sign_in         wrong_sign_in wrong_sign_in
deactivated change_password account_shut  account_shut
deactivated enrol           account_shut  account_shut
deactivated reset_password  link_spent    link_spent
deactivated make_token      account_shut  account_shut
"""
"""What a person does about the own account, with the password or link that is theirs, and with a wrong one (as anybody
may try). ``guessed`` is locked by wrong guesses: whoever is signed in stays so."""
ORGANIZATION = """
active register      made      forbidden forbidden forbidden forbidden forbidden
active close         closed    forbidden forbidden forbidden forbidden forbidden
active reopen        illegal   forbidden forbidden forbidden forbidden forbidden
active set_functions active    forbidden forbidden forbidden forbidden forbidden
active rename        active    forbidden forbidden forbidden forbidden forbidden
active invite        active    forbidden forbidden active    forbidden not_found
closed close         illegal   forbidden forbidden forbidden forbidden forbidden
closed reopen        active    forbidden forbidden forbidden forbidden forbidden
closed set_functions closed    forbidden forbidden forbidden forbidden forbidden
closed rename        closed    forbidden forbidden forbidden forbidden forbidden
closed invite        illegal   forbidden forbidden illegal   forbidden not_found
"""
"""A supplier, by state and action: tried by the three administrators (system, security, audit), its head and clerk, and
the head of another supplier."""


def test_the_tables_leave_out_no_state() -> None:
    acts = {action for _, action, *_ in rows(BY_OTHERS)}
    assert {(state, action) for state, action, *_ in rows(BY_OTHERS)} == {
        (s.value, a) for s in AccountState for a in acts
    }
    own = {action for _, action, *_ in rows(BY_SECRET)}
    whole = {(state, action) for state, action, *_ in rows(BY_SECRET)} - {("guessed", action) for action in own}
    assert whole == {(s.value, a) for s in AccountState for a in own}


@pytest.mark.parametrize("state", [*AccountState])
def test_who_may_do_what_with_anothers_account(place: Place, state: str) -> None:
    place.bring_to(state)
    for _, action, *expected in [row for row in rows(BY_OTHERS) if row[0] == state]:
        found = [place.tried(place.by(place.people[who], action, place.account_id), place.state) for who in PEOPLE]
        assert found == expected, f"{state} {action}: {dict(zip(PEOPLE, found, strict=True))}"


@pytest.mark.parametrize("function", Function)
def test_no_other_post_of_any_organization_touches_an_account(place: Place, function: Function) -> None:
    place.bring_to("active")
    for role in Role:
        actor = Actor(uuid4(), uuid4(), frozenset({function}), frozenset({role}))
        allowed = {
            (Function.OPERATOR, Role.SECURITY_ADMIN): {"lock", "unlock", "reset_factor"},
            (Function.OPERATOR, Role.SYSTEM_ADMIN): {
                "deactivate",
                "reinstate",
                "invite",
                "set_roles",
                "end_membership",
            },
        }.get((function, role), set())
        for action in {action for _, action, *_ in rows(BY_OTHERS)} - allowed:
            found = place.tried(place.by(actor, action, place.account_id), place.state)
            assert found in {"forbidden", "not_found", "alien"}, f"{function} {role} {action}: {found}"


@pytest.mark.parametrize("state", sorted({row[0] for row in rows(BY_SECRET)}))
def test_what_a_person_does_about_the_own_account(place: Place, state: str) -> None:
    place.bring_to(state)
    for _, action, *expected in [row for row in rows(BY_SECRET) if row[0] == state]:
        found = [place.tried(place.own(action, right=right), place.state) for right in (True, False)]
        assert found == expected, f"{state} {action}: {found}"


def test_administrators_are_closed_and_opened_only_by_who_appoints_them(place: Place) -> None:
    account_id = place.account_of(place.people["security"].person_id)
    for action, *expected in rows(OF_ADMINISTRATOR):
        with place.db.begin_nested() as savepoint:
            if action == "reinstate":
                commands.deactivate(place.db, place.people["security2"], account_id, reason=WHY, now=place.now)
            found = [
                place.tried(place.by(place.people[who], action, account_id), lambda: place.state(account_id))
                for who in ("system", "security2", "audit", "operator_head")
            ]
            savepoint.rollback()
        assert found == expected, f"{action}: {found}"
    own = place.tried(place.by(place.people["security"], "deactivate", account_id), place.state)
    assert own == "own_account"


@pytest.mark.parametrize("state", ["active", "closed"])
def test_who_may_do_what_with_an_organization(place: Place, state: str) -> None:
    db, now, home = place.db, place.now, place.home
    if state == "closed":
        commands.close_organization(db, place.people["system"], home, reason=WHY, now=now)
    kind = OrganizationKind.SOCIAL_SERVICE_AGENCY
    new = NewOrganization(name="新单位", kind=kind, functions=(Function.SUPPLIER,), uscc=code_for(kind, 900_001))
    someone = NewPerson(name="王五常", email="wang@example.com", login="wang.wu")
    acts: dict[str, Callable[[Actor], Any]] = {
        "register": lambda who: commands.register_organization(db, who, new, now=now),
        "close": lambda who: commands.close_organization(db, who, home, reason=WHY, now=now),
        "reopen": lambda who: commands.reopen_organization(db, who, home, reason=WHY, now=now),
        "set_functions": lambda who: commands.set_functions(db, who, home, [Function.DONOR], reason=WHY, now=now),
        "rename": lambda who: commands.rename_organization(db, who, home, "新名称", now=now),
        "invite": lambda who: commands.invite(db, SAFE, who, home, someone, roles=[Role.CLERK], now=now),
    }
    for _, action, *expected in [row for row in rows(ORGANIZATION) if row[0] == state]:
        after = (lambda: "made") if action == "register" else (lambda: queries.organization(db, home).state.value)
        found = [
            place.tried(lambda who=who, act=acts[action]: act(place.people[who]), after)  # type: ignore[misc]
            for who in ("system", "security", "audit", "head", "colleague", "other_head")
        ]
        assert found == expected, f"{state} {action}: {found}"


def test_a_reinstated_person_whose_link_ran_out_is_sent_another(place: Place) -> None:
    place.bring_to("deactivated")
    commands.reinstate(place.db, SAFE, place.people["system"], place.account_id, reason=WHY, now=place.now)
    place.now += timedelta(days=8)
    commands.invite_again(place.db, SAFE, place.people["head"], place.place, now=place.now)
    commands.accept_invitation(place.db, SAFE, place.token(LinkPurpose.INVITATION), OTHER, now=place.now)
    assert place.state() == "active"


LINKS = """
live     active
used     link_spent
replaced link_spent
late     link_spent
left     link_spent
"""
"""An invitation by what became of it, and what comes of following it."""


@pytest.mark.parametrize("row", rows(LINKS), ids=lambda row: row[0])
def test_an_invitation_opens_once_in_time_and_where_it_was_sent(place: Place, row: list[str]) -> None:
    state, expected = row
    token, head = place.token(LinkPurpose.INVITATION), place.people["head"]
    if state == "used":
        commands.accept_invitation(place.db, SAFE, token, PASSWORD, now=place.now)
    if state == "replaced":
        commands.invite_again(place.db, SAFE, head, place.place, now=place.now)
    if state == "left":
        commands.end_membership(place.db, head, place.place, reason=WHY, now=place.now)
    at = place.now + timedelta(days=7 if state == "late" else 6)
    assert (
        place.tried(lambda: commands.accept_invitation(place.db, SAFE, token, OTHER, now=at), place.state) == expected
    )


TOKENS = """
live         known   revoked not_found forbidden
expired      unknown revoked not_found forbidden
revoked      unknown revoked not_found forbidden
locked       unknown account_shut not_found forbidden
deactivated  unknown account_shut not_found forbidden
left         unknown revoked not_found forbidden
closed       unknown revoked not_found forbidden
role_ended   powerless revoked not_found forbidden
"""
"""A token by its state: what it opens, and what comes of revoking it: by its owner, by the head, by a token."""


@pytest.mark.parametrize("row", rows(TOKENS), ids=lambda row: row[0])
def test_a_token_opens_while_it_its_owner_and_its_place_live(place: Place, row: list[str]) -> None:
    state, opens, *expected = row
    db, now, me, head, system = place.db, place.now, place.people["self"], place.people["head"], place.people["system"]
    place.bring_to("active")
    token_id, text = commands.make_token(db, me, name="对接", scopes=[Right.BID], days=2, now=now)
    brought: dict[str, Callable[[], object]] = {
        "revoked": lambda: commands.revoke_token(db, me, token_id, now=now),
        "locked": lambda: commands.lock_account(db, place.people["security"], place.account_id, reason=WHY, now=now),
        "deactivated": lambda: commands.deactivate(db, system, place.account_id, reason=WHY, now=now),
        "left": lambda: commands.end_membership(db, head, place.place, reason=WHY, now=now),
        "closed": lambda: commands.close_organization(db, system, place.home, reason=WHY, now=now),
        "role_ended": lambda: commands.set_roles(db, head, place.place, [Role.CASHIER], reason=WHY, now=now),
    }
    brought.get(state, lambda: None)()
    at = now + timedelta(days=3 if state == "expired" else 1)
    found = queries.visitor_by_token(db, text, now=at)
    powers = found is not None and Role.CLERK in found.roles
    assert ("unknown" if found is None else "known" if powers else "powerless") == opens

    def after() -> str:
        db.expire_all()
        return "revoked" if db.get_one(ApiToken, token_id).revoked_at else "live"

    by_token = Actor(me.person_id, place.home, me.functions, me.roles, frozenset({Right.BID.value}))
    tried = [
        place.tried(lambda who=who: commands.revoke_token(db, who, token_id, now=at), after)  # type: ignore[misc]
        for who in (me, head, by_token)
    ]
    assert tried == expected
