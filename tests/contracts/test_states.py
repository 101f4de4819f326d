"""Every state, action and role of a contract: the documented move, or the refusal that says what to do."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from marketplace.contracts import commands, queries
from marketplace.contracts.model import Contract
from marketplace.contracts.schemas import Seen
from marketplace.contracts.states import CONTRACT, ContractAction, ContractState, Side
from marketplace.flows import contracting
from marketplace.identity.rules import DutiesClash
from marketplace.kit.actor import Actor
from marketplace.kit.errors import DomainError, Forbidden, IllegalMove, Kind, NotFound
from tests.contracts.support import Deal, active, drafted, half_signed, seen, submitted, to_sign

MOVES = """
draft      edit      draft
draft      submit    submitted
draft      cancel    cancelled
submitted  return    draft
submitted  approve   approved
submitted  cancel    cancelled
approved   return    draft
approved   sign      signing
approved   cancel    cancelled
signing    return    draft
signing    activate  active
signing    cancel    cancelled
active     publish   active
active     complete  completed
completed  publish   completed
"""


def test_the_table_is_the_handbooks() -> None:
    by_hand = {tuple(line.split()) for line in MOVES.strip().splitlines()}
    assert by_hand == {(str(state), str(action), str(after)) for (state, action), after in CONTRACT.moves.items()}
    assert CONTRACT.final() == {ContractState.CANCELLED}
    assert CONTRACT.start is ContractState.DRAFT


@given(st.lists(st.sampled_from(list(ContractAction)), max_size=10))
def test_any_walk_stays_inside_the_table(walk: list[ContractAction]) -> None:
    state = CONTRACT.start
    for action in walk:
        if action in CONTRACT.actions(state):
            state = CONTRACT.after(state, action)
        else:
            with pytest.raises(IllegalMove):
                CONTRACT.after(state, action)


def cancelled(db: Session, deal: Deal) -> Deal:
    to_sign(db, deal)
    commands.cancel(db, deal.approver, deal.contract_id, reason="乙方放弃", now=deal.at)
    return deal


def called_off(db: Session, deal: Deal) -> Deal:
    drafted(db, deal)
    commands.cancel(db, deal.approver, deal.contract_id, reason="任务取消", now=deal.at)
    return deal


MAKERS: dict[str, Callable[[Session, Deal], Deal]] = {
    "draft": drafted,
    "submitted": submitted,
    "approved": to_sign,
    "signing": half_signed,
    "active": active,
    "cancelled": cancelled,
    "called_off": called_off,
}
PEOPLE = ("drafter", "approver", "buyer_clerk", "buyer_head", "supplier", "loser", "auditor", "stranger")
WHO = """
draft      edit     yes 403 yes 403 404 404 404 404
draft      submit   yes 403 yes 403 404 404 404 404
draft      approve  403 409 403 403 404 404 404 404
draft      return   403 409 403 403 404 404 404 404
draft      sign     403 403 403 409 404 404 404 404
draft      publish  409 409 409 409 404 404 404 404
draft      cancel   403 yes 403 403 404 404 404 404
submitted  edit     409 403 409 403 404 404 404 404
submitted  submit   409 403 409 403 404 404 404 404
submitted  approve  403 yes 403 403 404 404 404 404
submitted  return   403 yes 403 403 404 404 404 404
submitted  sign     403 403 403 409 404 404 404 404
submitted  publish  409 409 409 409 404 404 404 404
submitted  cancel   403 yes 403 403 404 404 404 404
approved   edit     409 403 409 403 403 404 404 404
approved   submit   409 403 409 403 403 404 404 404
approved   approve  403 409 403 403 403 404 404 404
approved   return   403 yes 403 yes yes 404 404 404
approved   sign     403 403 403 yes yes 404 404 404
approved   publish  409 409 409 409 403 404 404 404
approved   cancel   403 yes 403 403 403 404 404 404
signing    edit     409 403 409 403 403 404 404 404
signing    submit   409 403 409 403 403 404 404 404
signing    approve  403 409 403 403 403 404 404 404
signing    return   403 yes 403 yes yes 404 404 404
signing    sign     403 403 403 yes 409 404 404 404
signing    publish  409 409 409 409 403 404 404 404
signing    cancel   403 yes 403 403 403 404 404 404
active     edit     409 403 409 403 403 404 404 404
active     submit   409 403 409 403 403 404 404 404
active     approve  403 409 403 403 403 404 404 404
active     return   403 409 403 403 403 404 404 404
active     sign     403 403 403 409 409 404 404 404
active     publish  yes yes yes yes 403 404 404 404
active     cancel   403 409 403 403 403 404 404 404
cancelled  edit     409 403 409 403 403 404 404 404
cancelled  submit   409 403 409 403 403 404 404 404
cancelled  approve  403 409 403 403 403 404 404 404
cancelled  return   403 409 403 403 403 404 404 404
cancelled  sign     403 403 403 409 409 404 404 404
cancelled  publish  409 409 409 409 403 404 404 404
cancelled  cancel   403 409 403 403 403 404 404 404
called_off sign     403 403 403 409 404 404 404 404
called_off return   403 409 403 403 404 404 404 404
"""
"""By state and action: the centre's clerk (who drafted) and head, the buyer's clerk and head, the supplier, a bidder
that lost, an auditor, another buyer's head. Everybody signs for their own side."""


def person(deal: Deal, name: str) -> Actor:
    others = {"loser": deal.losers[0], "auditor": deal.village.auditor, "stranger": deal.village.stranger}
    return others[name] if name in others else getattr(deal, name)


def attempt(db: Session, actor: Actor, action: str, deal: Deal) -> str:
    one, now = deal.contract_id, deal.at
    row = db.get_one(Contract, one)
    side = Side.SUPPLIER if actor in (deal.supplier, *deal.losers) else Side.BUYER
    what = seen(db, one) if row.paper_edition else Seen(sha256="0" * 64)
    acts: dict[str, Callable[[], Any]] = {
        "edit": lambda: commands.edit(db, actor, one, queries.terms_of(row), version=row.version, now=now),
        "submit": lambda: commands.submit(db, actor, one, now=now),
        "approve": lambda: contracting.approve(db, deal.storage, actor, one, now=now),
        "return": lambda: commands.return_(db, actor, one, reason="请改正", now=now),
        "sign": lambda: contracting.sign(db, actor, one, side, what, now=now),
        "publish": lambda: commands.publish(db, actor, one, now=now),
        "cancel": lambda: commands.cancel(db, actor, one, reason="取消", now=now),
    }
    try:
        with db.begin_nested() as savepoint:
            acts[action]()
            savepoint.rollback()
    except NotFound:
        return "404"
    except Forbidden:
        return "403"
    except DomainError as refusal:
        return "409" if refusal.kind is Kind.CONFLICT else refusal.code
    finally:
        db.expire_all()
    return "yes"


@pytest.mark.parametrize("state", list(MAKERS))
def test_who_may_do_what_in_each_state(db: Session, deal: Deal, state: str) -> None:
    MAKERS[state](db, deal)
    lines = [line.split() for line in WHO.strip().splitlines() if line.split()[0] == state]
    for _, action, *expected in lines:
        found = [attempt(db, person(deal, name), action, deal) for name in PEOPLE]
        assert found == expected, f"{state} {action}: {dict(zip(PEOPLE, found, strict=True))}"


def test_what_the_page_offers_is_what_the_commands_do(db: Session, deal: Deal) -> None:
    to_sign(db, deal)
    row = db.get_one(Contract, deal.contract_id)
    offered = {name: queries.actions(db, person(deal, name), row) for name in PEOPLE}
    action = ContractAction
    assert offered["drafter"] == frozenset()
    assert offered["approver"] == {action.RETURN, action.CANCEL}
    assert offered["buyer_head"] == {action.RETURN, action.SIGN}
    assert offered["supplier"] == {action.RETURN, action.SIGN}
    assert offered["stranger"] == frozenset()


def test_whoever_wrote_in_it_does_not_approve_it(db: Session, deal: Deal) -> None:
    submitted(db, deal)
    both = replace(deal.drafter, roles=deal.drafter.roles | deal.approver.roles)
    with pytest.raises(DutiesClash):
        contracting.approve(db, deal.storage, both, deal.contract_id, now=deal.at)
    assert ContractAction.APPROVE not in queries.actions(db, both, db.get_one(Contract, deal.contract_id))


def test_a_completed_contract_can_still_be_published_and_nothing_else(db: Session, deal: Deal) -> None:
    active(db, deal)
    row = db.get_one(Contract, deal.contract_id)
    row.state, row.completed_at = ContractState.COMPLETED, deal.at
    db.flush()
    for action in ("edit", "submit", "approve", "return", "cancel"):
        assert attempt(db, deal.approver, action, deal) in {"403", "409"}, action
    assert attempt(db, deal.buyer_head, "sign", deal) == "409"
    assert attempt(db, deal.drafter, "publish", deal) == "yes"
