"""Duties and roles that one person may never combine, and the five people with whom everything still runs."""

from itertools import combinations
from uuid import UUID, uuid4

import pytest

from marketplace.identity.rules import INCOMPATIBLE, ROLES_APART, DutiesClash, Duty, RolesClash, apart, roles_fit
from marketplace.identity.rules.staffing import candidates, divide, staffing
from marketplace.kit.actor import SYSTEM, Actor, Function, Role

CLASHES = {
    "edit_catalogue publish_catalogue", "draft_project approve_project", "draft_contract approve_contract",
    "draft_project review_project",
    "draft_roster approve_roster", "prepare_payment approve_payment", "approve_payment execute_payment",
    "prepare_payment execute_payment", "draft_project accept_milestone", "decide_award accept_milestone",
    "draft_contract accept_milestone", "verify_milestone accept_milestone", "report_milestone verify_milestone",
    "report_milestone accept_milestone", "bid score", "bid decide_award", "score decide_award",
    "execute_payment reconcile",
}  # fmt: skip
ROLE_CLASHES = {
    "accountant cashier", "system_admin audit_admin", "system_admin security_admin", "security_admin audit_admin",
}  # fmt: skip
CENTRE = {Function.PROCURING_ENTITY, Function.FINANCE_OFFICE}
AN, BO, CHEN, DENG, ER = (uuid4() for _ in range(5))
CENTRE_OF_THREE = {AN: {Role.CLERK, Role.CASHIER}, BO: {Role.HEAD}, CHEN: {Role.ACCOUNTANT, Role.CLERK}}
BUYER_OF_TWO = {DENG: {Role.CLERK}, ER: {Role.HEAD}}
OUTSIDE = {Duty.BID, Duty.REPORT_MILESTONE, Duty.SCORE}
"""The suppliers' duties, and the panel's, which is drawn from experts."""


def pairs(lines: set[str], kind: type[Duty] | type[Role]) -> set[frozenset[Duty | Role]]:
    return {frozenset(kind(word) for word in line.split()) for line in lines}


def test_the_incompatible_duties_are_the_handbooks() -> None:
    assert set(INCOMPATIBLE) == pairs(CLASHES, Duty)
    assert set(ROLES_APART) == pairs(ROLE_CLASHES, Role)


@pytest.mark.parametrize(("done", "duty"), list(combinations(Duty, 2)) + [(b, a) for a, b in combinations(Duty, 2)])
def test_whoever_did_one_of_a_pair_may_not_do_the_other(done: Duty, duty: Duty) -> None:
    actor = Actor(uuid4(), uuid4())
    assert actor.person_id is not None
    clash = frozenset({done, duty}) in pairs(CLASHES, Duty)
    if clash:
        with pytest.raises(DutiesClash):
            apart(actor, duty, {done: [uuid4(), actor.person_id]})
    else:
        apart(actor, duty, {done: [actor.person_id]})
    apart(actor, duty, {done: [uuid4()]})


def test_a_duty_may_be_taken_twice_by_the_same_person() -> None:
    actor = Actor(uuid4(), uuid4())
    assert actor.person_id is not None
    for duty in Duty:
        apart(actor, duty, {duty: [actor.person_id]})


def test_the_system_clashes_with_nobody() -> None:
    apart(SYSTEM, Duty.APPROVE_PAYMENT, {Duty.PREPARE_PAYMENT: [uuid4()]})


@pytest.mark.parametrize("pair", sorted(map(sorted, ROLES_APART)), ids=" ".join)
def test_roles_that_must_stay_apart_are_refused_together(pair: list[Role]) -> None:
    with pytest.raises(RolesClash):
        roles_fit({*pair, Role.CLERK})
    for role in pair:
        roles_fit({role, Role.CLERK})


def test_the_everyday_flow_runs_with_a_centre_of_three_and_a_buyer_of_two() -> None:
    able = {
        duty: candidates(duty, CENTRE, CENTRE_OF_THREE) + candidates(duty, {Function.BUYER}, BUYER_OF_TWO)
        for duty in Duty
        if duty not in OUTSIDE
    }
    taken = divide(able)
    assert set(taken) == set(Duty) - OUTSIDE
    for first, second in combinations(taken, 2):
        if taken[first] == taken[second]:
            assert frozenset({first, second}) not in INCOMPATIBLE


@pytest.mark.parametrize("missing", [BO, CHEN], ids=["head", "accountant"])
def test_with_one_of_the_centre_missing_its_page_says_what_lacks(missing: UUID) -> None:
    people = {person: roles for person, roles in CENTRE_OF_THREE.items() if person != missing}
    lacking = {line.duty for line in staffing(CENTRE, people) if line.lacking}
    assert lacking
    for line in staffing(CENTRE, people):
        if line.lacking and not line.people:
            assert line.posts, "the page can say which post to fill"


def test_a_buyer_of_two_sees_who_deputizes() -> None:
    lines = {line.duty: line for line in staffing({Function.BUYER}, {ER: {Role.HEAD}})}
    approving = lines[Duty.APPROVE_PROJECT]
    drafting = lines[Duty.DRAFT_PROJECT]
    assert {approving.lacking, drafting.lacking} == {True, False}, "one person cannot do both"
    short = approving if approving.lacking else drafting
    assert short.clashes
    assert any(grant.function is Function.PROCURING_ENTITY for grant in short.deputies)


def test_one_person_is_never_given_two_duties_that_clash() -> None:
    only = uuid4()
    taken = divide({duty: [only] for duty in Duty})
    for first, second in combinations(taken, 2):
        assert frozenset({first, second}) not in INCOMPATIBLE
