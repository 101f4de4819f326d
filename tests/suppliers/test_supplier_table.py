"""Registrations: each state, action and role, from tables written by hand: the state after it, or why not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import DomainError
from marketplace.suppliers import commands
from marketplace.suppliers.model import Supplier
from marketplace.suppliers.states import SupplierState
from tests.identity.town import SAFE, an_actor
from tests.suppliers.shelf import a_bank, a_profile, a_qualified, centre, of

OF_THE_ORGANIZATION = """
draft     edit draft submit submitted propose illegal   withdraw withdrawn reopen illegal
submitted edit illegal submit illegal propose illegal   withdraw withdrawn reopen illegal
returned  edit returned submit submitted propose illegal withdraw withdrawn reopen illegal
qualified edit illegal submit illegal propose qualified withdraw withdrawn reopen illegal
suspended edit illegal submit illegal propose suspended withdraw withdrawn reopen illegal
expired   edit illegal submit illegal propose expired   withdraw withdrawn reopen illegal
withdrawn edit illegal submit illegal propose illegal   withdraw illegal   reopen draft
"""
"""What clerk and head of the organization bring about. Its other posts and the centre are forbidden all of it; to the
rest of the world there is no such registration."""
OF_THE_CENTRE = """
draft     check illegal   send_back illegal  qualify illegal   suspend illegal   reinstate illegal   reinstate illegal
submitted check submitted send_back returned qualify qualified suspend illegal   reinstate illegal   reinstate illegal
returned  check illegal   send_back illegal  qualify illegal   suspend illegal   reinstate illegal   reinstate illegal
qualified check qualified send_back illegal  qualify illegal   suspend suspended reinstate illegal   reinstate illegal
suspended check suspended send_back illegal  qualify illegal   suspend illegal   reinstate forbidden reinstate qualified
expired   check expired   send_back illegal  qualify illegal   suspend suspended reinstate qualified reinstate qualified
withdrawn check illegal   send_back illegal  qualify illegal   suspend illegal   reinstate illegal   reinstate illegal
"""
"""What a centre brings about: ``reinstate`` by its clerk and by its head, ``suspend`` by its head alone (its clerk is
forbidden it), the rest by both. Who is of the organization too and handed in does not qualify it; all others are
forbidden."""


def pairs(table: str, state: str) -> list[tuple[str, str]]:
    [line] = [line.split() for line in table.strip().splitlines() if line.split()[0] == state]
    return list(zip(line[1::2], line[2::2], strict=True))


class Desk:
    """An organization of the register, everybody who may try, and what each attempt comes to."""

    def __init__(self, db: Session, folder: Path, now: datetime) -> None:
        self.db, self.folder, self.now = db, folder, now
        self.own = a_qualified(db, folder, now=now)
        self.home = of(self.own)
        self.clerk, self.chief = centre(db, now=now), centre(db, Role.HEAD, now=now)
        self.twice = replace(self.clerk, person_id=self.own.person_id)
        self.other = an_actor(db, Role.HEAD, functions=(Function.SUPPLIER,), now=now)
        self.outside = [
            an_actor(db, role, functions=(function,), now=now)
            for function, role in ((Function.SUPERVISOR, Role.AUDITOR), (Function.BUYER, Role.HEAD))
        ]
        self.clerks = [replace(self.own, roles=frozenset({role})) for role in (Role.CLERK, Role.HEAD)]
        self.below = [
            replace(self.own, roles=frozenset({role})) for role in (Role.DRAFTER, Role.SIGNATORY, Role.ACCOUNTANT)
        ]

    def bring_to(self, state: str) -> None:
        db, own, home, now = self.db, self.own, self.home, self.now
        if state == "suspended":
            commands.suspend(db, self.chief, home, reason="整改", now=now)
        if state == "expired":  # the day after its first proof ends; it is tried at ``now``, when every item is right
            commands.expire_due(db, now=now.replace(year=now.year + 5))
        if state in ("draft", "submitted", "returned", "withdrawn"):
            commands.withdraw(db, own, home, now=now)
        if state in ("draft", "submitted", "returned"):
            commands.reopen(db, own, home, now=now)
        if state in ("submitted", "returned"):
            commands.submit(db, own, home, revision=None, now=now)
        if state == "returned":
            commands.send_back(db, self.clerk, home, reason="补正", now=now)
        assert self.state() == state

    def state(self) -> str:
        self.db.expire_all()
        return self.db.get_one(Supplier, self.home).state.value

    def tried(self, actor: Actor, action: str) -> str:
        db, home, now = self.db, self.home, self.now
        new = a_profile(db, self.own, address="示例路 1 号")
        acts: dict[str, Callable[[], object]] = {
            "edit": lambda: commands.edit(db, actor, home, new, revision=None, now=now),
            "set_bank": lambda: commands.set_bank(db, SAFE, actor, home, a_bank(db, self.own), revision=None, now=now),
            "submit": lambda: commands.submit(db, actor, home, revision=None, now=now),
            "propose": lambda: commands.propose(db, actor, home, new, now=now),
            "withdraw": lambda: commands.withdraw(db, actor, home, now=now),
            "reopen": lambda: commands.reopen(db, actor, home, now=now),
            "check": lambda: commands.check(db, actor, home, [], now=now),
            "send_back": lambda: commands.send_back(db, actor, home, reason="补正", now=now),
            "qualify": lambda: commands.qualify(db, actor, home, revision=None, now=now),
            "suspend": lambda: commands.suspend(db, actor, home, reason="整改", now=now),
            "reinstate": lambda: commands.reinstate(db, actor, home, reason="已改正", now=now),
        }
        try:
            with db.begin_nested() as savepoint:
                acts[action]()
                db.flush()
                found = self.state()
                savepoint.rollback()
        except DomainError as refusal:
            found = {"illegal_move": "illegal"}.get(refusal.code, refusal.code)
        db.expire_all()
        return found


@pytest.fixture
def desk(db: Session, tmp_path: Path, now: datetime) -> Desk:
    return Desk(db, tmp_path, now)


@pytest.mark.parametrize("state", [*SupplierState])
def test_who_may_do_what_with_a_registration(desk: Desk, state: str) -> None:
    desk.bring_to(state)
    for action, expected in pairs(OF_THE_ORGANIZATION, state):
        for name in (action, "set_bank") if action == "edit" else (action,):
            assert [desk.tried(who, name) for who in desk.clerks] == [expected] * 2, f"{state} {name}"
            assert {desk.tried(who, name) for who in desk.below} == {"forbidden"}, f"{state} {name}"
            strangers = (desk.other, desk.clerk, desk.chief, *desk.outside)
            assert {desk.tried(who, name) for who in strangers} == {"not_found"}, f"{state} {name}"
    by_clerk = [*pairs(OF_THE_CENTRE, state)[:3], pairs(OF_THE_CENTRE, state)[4], ("suspend", "forbidden")]
    by_head = [*pairs(OF_THE_CENTRE, state)[:4], pairs(OF_THE_CENTRE, state)[5]]
    for who, expectations in ((desk.clerk, by_clerk), (desk.chief, by_head)):
        for action, expected in expectations:
            assert desk.tried(who, action) == expected, f"{state} {action} {who.roles}"
    for action in ("check", "send_back", "qualify", "suspend", "reinstate"):
        own = {desk.tried(who, action) for who in (*desk.clerks, *desk.below)}
        assert own == {"forbidden"}, f"{state} {action}"
        assert {desk.tried(who, action) for who in (desk.other, *desk.outside)} == {"not_found"}, f"{state} {action}"
    decided = "self_qualified" if state == "submitted" else "illegal"
    assert desk.tried(desk.twice, "qualify") == decided


def test_the_tables_leave_out_no_state() -> None:
    for table in (OF_THE_ORGANIZATION, OF_THE_CENTRE):
        assert [line.split()[0] for line in table.strip().splitlines()] == [state.value for state in SupplierState]
