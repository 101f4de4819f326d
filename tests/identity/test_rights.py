"""Rights, held against a table written out by hand from the handbook: no row of ours may be missing or too many."""

from collections.abc import Iterable
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.identity.rules import GRANTS, RIGHT_LABELS, Grant, Relation, Right, may, require, rights_of
from marketplace.kit.actor import SYSTEM, Actor, Function, Role
from marketplace.kit.errors import Forbidden, NotFound

FUNCTIONS = {
    "buyer": Function.BUYER, "centre": Function.PROCURING_ENTITY, "supplier": Function.SUPPLIER,
    "finance": Function.FINANCE_OFFICE, "supervisor": Function.SUPERVISOR, "donor": Function.DONOR,
    "operator": Function.OPERATOR,
}  # fmt: skip
RELATIONS = {
    "of its own": Relation.OWN, "as buyer": Relation.BUYER, "as centre": Relation.PROCURING_ENTITY,
    "as supplier": Relation.SUPPLIER, "as finance": Relation.FINANCE, "anywhere": Relation.ANY,
}  # fmt: skip
EVERY = tuple(FUNCTIONS)
DESK = ("buyer clerk as buyer", "buyer head as buyer", "centre clerk as centre", "centre head as centre")
CLERKS = ("buyer clerk as buyer", "centre clerk as centre")
HEADS = ("buyer head as buyer", "centre head as centre")
SUPPLIER = ("supplier clerk as supplier", "supplier head as supplier")
SIGNING = (*SUPPLIER, "supplier signatory as supplier")
WRITING = (*SIGNING, "supplier drafter as supplier")
BOOKS = (*SUPPLIER, "supplier accountant as supplier")
OFFICE_HEADS = ("buyer head of its own", "centre head of its own")
FINANCE = ("finance accountant as finance", "finance cashier as finance", "finance head as finance")
BUYERS_FINANCE = ("finance accountant as buyer", "finance cashier as buyer")
CENTRE = ("centre clerk anywhere", "centre head anywhere")
SUPERVISION = ("supervisor auditor anywhere", "supervisor head anywhere")
EXPECTED: dict[str, tuple[str, ...]] = {
    "edit_catalogue": ("centre clerk anywhere",),
    "publish_catalogue": ("centre head anywhere",),
    "edit_rules": ("centre clerk anywhere",),
    "edit_supplier": SUPPLIER,
    "read_supplier": (*WRITING, "supplier accountant as supplier", *CENTRE, *SUPERVISION),
    "qualify_supplier": CENTRE,
    "debar_supplier": ("centre head anywhere",),
    "declare_for_supplier": ("supplier head as supplier", "supplier signatory as supplier"),
    "declare_interest": tuple(f"{function} {role} of its own" for function in ("buyer", "centre") for role in Role),
    "record_interest": (*OFFICE_HEADS, "operator security_admin anywhere"),
    "read_interest": (*OFFICE_HEADS, "operator security_admin anywhere", *SUPERVISION),
    "read_funds": (*FINANCE, *BUYERS_FINANCE, *DESK, *SUPERVISION),
    "open_fund": ("finance accountant as finance",),
    "record_receipt": ("finance accountant as finance",),
    "correct_receipt": ("finance accountant as finance",),
    "transfer_funds": ("finance head as finance",),
    "hand_in_need": tuple(f"{function} {role} of its own" for function in EVERY for role in ("clerk", "head")),
    "read_need": (*CENTRE, "buyer clerk anywhere", "buyer head anywhere", *SUPERVISION),
    "curate_need": CENTRE,
    "confirm_share": ("buyer head of its own",),
    "read_project": (*DESK, *FINANCE, *SUPERVISION),
    "draft_project": DESK,
    "review_project": (*DESK, *BUYERS_FINANCE, *SUPERVISION),
    "approve_project": HEADS,
    "publish_project": HEADS,
    "cancel_project": HEADS,
    "answer_question": DESK,
    "take_document": WRITING,
    "ask_question": WRITING,
    "bid": WRITING,
    "submit_bid": SIGNING,
    "read_bid_price": (*SIGNING, "supplier accountant as supplier"),
    "open_bids": (*DESK, *SUPERVISION),
    "read_bids": (*DESK, *SIGNING, "centre expert anywhere", *SUPERVISION),
    "compose_panel": DESK,
    "score": ("centre expert anywhere", *DESK),
    "read_evaluation": (*DESK, *SUPERVISION),
    "decide_award": HEADS,
    "publish_result": DESK,
    "read_contract": (*DESK, *BOOKS, *FINANCE, *SUPERVISION),
    "draft_contract": CLERKS,
    "approve_contract": ("centre head as centre", "buyer head as centre"),
    "sign_as_buyer": ("buyer head as buyer",),
    "sign_as_supplier": ("supplier head as supplier",),
    "publish_contract": DESK,
    "report_milestone": SUPPLIER,
    "verify_milestone": CLERKS,
    "accept_milestone": DESK,
    "read_payment": (*FINANCE, *BUYERS_FINANCE, *DESK, *BOOKS, *SUPERVISION),
    "prepare_payment": ("finance accountant as finance",),
    "approve_payment": ("finance head as finance", *HEADS),
    "execute_payment": ("finance cashier as finance",),
    "reconcile": ("finance accountant as finance",),
    "record_legal_basis": ("finance head as finance", "operator system_admin anywhere"),
    "invite_donor": ("finance accountant as finance",),
    "read_roster": (*FINANCE, *BUYERS_FINANCE, *DESK, *SUPERVISION),
    "draft_roster": CLERKS,
    "approve_roster": HEADS,
    "read_beneficiary": DESK,
    "register_organization": ("operator system_admin anywhere",),
    "read_people": (
        *(f"{function} {role} of its own" for function in EVERY for role in Role),
        "operator system_admin anywhere", "operator security_admin anywhere", "operator audit_admin anywhere",
    ),
    "manage_people": (*(f"{function} head of its own" for function in EVERY), "operator system_admin anywhere"),
    "assign_administrators": ("operator security_admin anywhere",),
    "manage_locks": ("operator security_admin anywhere",),
    "read_journal": (*SUPERVISION, "operator audit_admin anywhere"),
    "read_system_log": ("operator audit_admin anywhere",),
    "read_parked": ("operator system_admin anywhere",),
    "replay_parked": ("operator system_admin anywhere",),
    "read_rights": tuple(f"{function} {role} anywhere" for function in EVERY for role in Role),
}  # fmt: skip


def row(right: str, line: str) -> Grant:
    function, role, relation = line.split(" ", 2)
    return Grant(Right(right), FUNCTIONS[function], Role(role), RELATIONS[relation])


def by_hand() -> frozenset[Grant]:
    return frozenset(row(right, line) for right, lines in EXPECTED.items() for line in lines)


def an_actor(functions: Iterable[Function], roles: Iterable[Role], scopes: frozenset[str] | None = None) -> Actor:
    return Actor(uuid4(), uuid4(), frozenset(functions), frozenset(roles), scopes)


def parties_of(grant: Grant, organization_id: UUID | None) -> dict[Relation, UUID | None]:
    """A thing to which the organization stands in the grant's relation, and strangers in all others."""
    parties: dict[Relation, UUID | None] = {relation: uuid4() for relation in Relation if relation is not Relation.ANY}
    return parties | ({grant.relation: organization_id} if grant.relation is not Relation.ANY else {})


def test_the_table_of_rights_is_the_handbooks() -> None:
    assert by_hand() == GRANTS
    assert set(EXPECTED) == set(Right) == set(RIGHT_LABELS)


@pytest.mark.parametrize("grant", sorted(GRANTS), ids="-".join)
def test_each_row_lets_pass_whom_it_names_and_nobody_beside(grant: Grant) -> None:
    actor = an_actor({grant.function}, {grant.role})
    parties = parties_of(grant, actor.organization_id)
    assert may(actor, grant.right, parties)
    require(actor, grant.right, parties)
    for other_role in Role:
        stranger = an_actor({grant.function}, {other_role})
        expected = Grant(grant.right, grant.function, other_role, Relation.ANY) in by_hand()
        assert may(stranger, grant.right, parties) is expected


@given(
    st.sampled_from(Right),
    st.sets(st.sampled_from(Function), max_size=3),
    st.sets(st.sampled_from(Role), max_size=3),
    st.sets(st.sampled_from([relation for relation in Relation if relation is not Relation.ANY])),
)
def test_whoever_may_has_a_row_in_the_handbooks_table(
    right: Right, functions: set[Function], roles: set[Role], relations: set[Relation]
) -> None:
    actor = an_actor(functions, roles)
    parties = dict.fromkeys(relations, actor.organization_id)
    expected = any(
        grant.right is right
        and grant.function in functions
        and grant.role in roles
        and (grant.relation is Relation.ANY or grant.relation in relations)
        for grant in by_hand()
    )
    assert may(actor, right, parties) is expected


def test_another_organizations_thing_is_not_found_and_ones_own_without_the_role_is_forbidden() -> None:
    clerk = an_actor({Function.BUYER}, {Role.CLERK})
    with pytest.raises(NotFound):
        require(clerk, Right.APPROVE_PROJECT, {Relation.BUYER: uuid4(), Relation.PROCURING_ENTITY: None})
    with pytest.raises(Forbidden) as refusal:
        require(clerk, Right.APPROVE_PROJECT, {Relation.BUYER: clerk.organization_id})
    assert "审批项目" in str(refusal.value)


def test_where_there_is_nothing_to_hide_the_refusal_is_plain() -> None:
    with pytest.raises(Forbidden):
        require(an_actor({Function.SUPPLIER}, {Role.HEAD}), Right.EDIT_CATALOGUE, {})
    with pytest.raises(Forbidden):
        require(an_actor({Function.PROCURING_ENTITY}, {Role.ACCOUNTANT}), Right.QUALIFY_SUPPLIER, {_own(): uuid4()})


def _own() -> Relation:
    return Relation.SUPPLIER


def test_the_system_may_everything() -> None:
    assert all(may(SYSTEM, right, {}) for right in Right)


def test_nobody_without_organization_may_anything_that_belongs_to_one() -> None:
    adrift = Actor(uuid4(), None, frozenset(Function), frozenset(Role))
    assert not may(adrift, Right.DRAFT_PROJECT, {Relation.BUYER: None})


def test_a_token_narrows_what_its_owner_may() -> None:
    actor = an_actor({Function.BUYER}, {Role.HEAD}, scopes=frozenset({"read_project"}))
    parties = {Relation.BUYER: actor.organization_id}
    assert may(actor, Right.READ_PROJECT, parties)
    with pytest.raises(Forbidden):
        require(actor, Right.APPROVE_PROJECT, parties)


def test_a_scope_gives_no_right_that_the_role_has_not() -> None:
    actor = an_actor({Function.BUYER}, {Role.CLERK}, scopes=frozenset({"approve_project"}))
    assert not may(actor, Right.APPROVE_PROJECT, {Relation.BUYER: actor.organization_id})


def test_the_rights_of_a_role_are_those_of_its_rows() -> None:
    found = rights_of({Function.OPERATOR}, {Role.SECURITY_ADMIN})
    assert found == {
        Right.ASSIGN_ADMINISTRATORS, Right.MANAGE_LOCKS, Right.READ_PEOPLE, Right.READ_RIGHTS,
        Right.RECORD_INTEREST, Right.READ_INTEREST,
    }  # fmt: skip
