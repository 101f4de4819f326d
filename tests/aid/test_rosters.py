"""A roster's life: what it asks before it is handed in, who approves it, and where its money is at each step."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.aid import commands, queries
from marketplace.aid.model import Entitlement, Roster
from marketplace.aid.rules.refusals import (
    AlreadyHelped,
    GuardianMissing,
    NobodyInRoster,
    NotAidProgramme,
    ProgrammeTwice,
    RatesMissing,
    RateTwice,
    SumsChanged,
    TooManyHeads,
    WrongSource,
)
from marketplace.aid.schemas import NewActivity, NewProgramme, NewRoster
from marketplace.aid.states import ENTITLEMENT, ROSTER, ProgrammeKind, RosterAction, RosterState
from marketplace.flows import aid as stories
from marketplace.funds import commands as funds
from marketplace.funds.queries import fund
from marketplace.funds.rules import FundClosed, NotThisBuyersMoney, PurposeForbidden, SourceKind
from marketplace.identity.rules import DutiesClash
from marketplace.kit.actor import SYSTEM, Actor
from marketplace.kit.errors import Forbidden, IllegalMove, NotFound, Several
from marketplace.ledger.commands import NotEnough
from marketplace.ledger.queries import verify
from tests.aid.home import (
    RATE,
    VAULT,
    Home,
    a_draft,
    a_home,
    a_programme,
    a_stackable,
    a_submitted,
    an_approved,
    number,
    rates,
    somebody,
)
from tests.funds.purse import a_fund

ROSTER_MOVES = """
draft      edit     draft
draft      submit   submitted
draft      cancel   cancelled
submitted  return   draft
submitted  approve  approved
approved   apply    paying
paying     apply    paying
paying     settle   paid
paid       bounce   paying
"""
ENTITLEMENT_MOVES = """
proposed  grant   granted
granted   pay     paid
paid      bounce  granted
"""


def by_hand(table: str) -> dict[tuple[str, str], str]:
    return {(source, action): target for source, action, target in (line.split() for line in table.split("\n") if line)}


def test_the_tables_of_moves_are_the_handbooks() -> None:
    assert {(str(s), str(a)): str(t) for (s, a), t in ROSTER.moves.items()} == by_hand(ROSTER_MOVES)
    assert {(str(s), str(a)): str(t) for (s, a), t in ENTITLEMENT.moves.items()} == by_hand(ENTITLEMENT_MOVES)
    assert ROSTER.final() == {RosterState.CANCELLED}


@given(st.lists(st.sampled_from(list(RosterAction)), max_size=12))
def test_any_walk_stays_inside_the_table(walk: list[RosterAction]) -> None:
    state = ROSTER.start
    for action in walk:
        if action in ROSTER.actions(state):
            state = ROSTER.after(state, action)
        else:
            with pytest.raises(IllegalMove):
                ROSTER.after(state, action)


MAKERS: dict[str, Callable[..., UUID]] = {"draft": a_draft, "submitted": a_submitted, "approved": an_approved}
PEOPLE = ("clerk", "clerk2", "head", "accountant", "auditor", "stranger")
WHO = """
draft      edit     yes   yes 403   403 404 404
draft      submit   yes   yes 403   403 404 404
draft      cancel   yes   yes 403   403 404 404
draft      return   403   403 409   403 404 404
draft      approve  403   403 409   403 404 404
submitted  edit     409   409 403   403 404 404
submitted  submit   409   409 403   403 404 404
submitted  cancel   409   409 403   403 404 404
submitted  return   403   403 yes   403 404 404
submitted  approve  403   403 yes   403 404 404
approved   edit     409   409 403   403 404 404
approved   submit   409   409 403   403 404 404
approved   cancel   409   409 403   403 404 404
approved   return   403   403 409   403 404 404
approved   approve  403   403 409   403 404 404
"""
"""State and action, then the union's clerks and head, the office's accountant, a supervisor, another organization."""


def attempt(db: Session, actor: Actor, action: str, roster_id: UUID, now: datetime) -> str:
    acts: dict[str, Callable[[], Any]] = {
        "edit": lambda: commands.add_person(db, VAULT, actor, roster_id, somebody(9), now=now),
        "submit": lambda: stories.submit(db, actor, roster_id, now=now),
        "cancel": lambda: commands.cancel_roster(db, actor, roster_id, reason="不再办理", now=now),
        "return": lambda: stories.return_(db, actor, roster_id, reason="请核对", now=now),
        "approve": lambda: stories.approve(db, actor, roster_id, now=now),
    }
    step = db.begin_nested()
    try:
        acts[action]()
    except Forbidden:
        return "403"
    except NotFound:
        return "404"
    except IllegalMove:
        return "409"
    else:
        return "yes"
    finally:
        step.rollback()  # nothing of it is kept
        db.expire_all()


@pytest.mark.parametrize("state", MAKERS)
def test_who_may_do_what_with_a_roster(db: Session, now: datetime, state: str) -> None:
    home = a_home(db, now)
    roster_id = MAKERS[state](db, home, now)
    written = [line.split() for line in WHO.split("\n") if line.startswith(state + " ")]
    expected = {action: dict(zip(PEOPLE, answers, strict=True)) for _, action, *answers in written}
    found = {
        action: {name: attempt(db, getattr(home, name), action, roster_id, now) for name in PEOPLE}
        for action in expected
    }
    assert found == expected


def test_the_buttons_are_what_the_verbs_allow(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    for state, make in MAKERS.items():
        people = {"draft": (1,), "submitted": (2,), "approved": (3,)}[state]
        roster_id = make(db, home, now, people=people)
        written = [line.split() for line in WHO.split("\n") if line.startswith(state + " ")]
        for place, name in enumerate(PEOPLE[:3]):
            shown = {str(one) for one in queries.roster(db, getattr(home, name), roster_id).actions}
            assert shown == {line[1] for line in written if line[2 + place] == "yes"}, (state, name)
        accountants = queries.roster(db, home.accountant, roster_id).actions
        assert accountants == ({RosterAction.APPLY} if state == "approved" else frozenset())


def balances(db: Session, home: Home) -> dict[str, int]:
    return {role: fen for role, fen in fund(db, home.fund_id).balances_fen.items() if fen}


def test_money_is_set_aside_with_the_roster_and_bound_when_it_is_approved(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    roster_id = a_submitted(db, home, now)
    assert balances(db, home) == {"available": 2_000_000 - 2 * RATE, "reserved": 2 * RATE}
    stories.approve(db, home.head, roster_id, now=now)
    assert balances(db, home) == {"available": 2_000_000 - 2 * RATE, "payable": 2 * RATE}
    view = queries.roster(db, home.clerk, roster_id)
    assert (view.heads, view.total_fen, view.state) == (2, 2 * RATE, RosterState.APPROVED)
    assert [(one.heads, one.rate_fen, one.total_fen) for one in view.subtotals] == [(2, RATE, 2 * RATE)]
    assert verify(db).ok


def test_a_returned_roster_gives_its_money_back_and_may_be_handed_in_again(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    roster_id = a_submitted(db, home, now)
    stories.return_(db, home.head, roster_id, reason="第二行账号待核", now=now)
    assert balances(db, home) == {"available": 2_000_000}
    assert queries.roster(db, home.clerk, roster_id).returned_reason == "第二行账号待核"
    commands.add_person(db, VAULT, home.clerk, roster_id, somebody(3), now=now)
    stories.submit(db, home.clerk, roster_id, now=now)
    assert balances(db, home)["reserved"] == 3 * RATE
    assert queries.roster(db, home.clerk, roster_id).returned_reason == ""


def test_nobody_approves_what_they_drew_up(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    both = replace(home.clerk, roles=home.clerk.roles | home.head.roles)
    roster_id = a_submitted(db, home, now)
    with pytest.raises(DutiesClash):
        stories.approve(db, both, roster_id, now=now)
    with pytest.raises(IntegrityError, match="ck_aid_roster_two_people"), db.begin_nested():
        db.execute(
            text("UPDATE aid_roster SET state = 'approved', approved_at = submitted_at, approved_by = submitted_by")
        )


def test_more_than_the_fund_has_is_not_handed_in(db: Session, now: datetime) -> None:
    home = a_home(db, now, amount_fen=RATE)
    roster_id = a_draft(db, home, now)
    with pytest.raises(NotEnough), db.begin_nested():
        stories.submit(db, home.clerk, roster_id, now=now)
    db.expire_all()
    assert db.get_one(Roster, roster_id).state is RosterState.DRAFT


def test_an_empty_roster_and_one_person_too_many_are_refused(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    with pytest.raises(NobodyInRoster), db.begin_nested():
        stories.submit(db, home.clerk, a_draft(db, home, now, people=()), now=now)
    an_approved(db, home, now, people=(1, 2, 3))
    with pytest.raises(TooManyHeads) as refused:
        a_submitted(db, home, now, people=(4, 5))
    assert (refused.value.params["planned"], refused.value.params["heads"]) == (4, 5)


def test_a_child_is_helped_only_when_a_guardian_agreed(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    roster_id = a_draft(db, home, now, people=())
    child = somebody(1, resident_id=number(1, born=date(2015, 6, 1)))
    row = commands.add_person(db, VAULT, home.clerk, roster_id, child, now=now)
    with pytest.raises(GuardianMissing), db.begin_nested():
        stories.submit(db, home.clerk, roster_id, now=now)
    with pytest.raises(IntegrityError, match="guardian_agreed"), db.begin_nested():
        db.execute(text("UPDATE aid_entitlement SET state = 'granted'"))
    db.expire_all()
    commands.record_consent(db, home.clerk, roster_id, row, now=now)
    stories.submit(db, home.clerk, roster_id, now=now)
    stories.approve(db, home.head, roster_id, now=now)


@pytest.mark.parametrize(("born", "child"), [(date(2012, 3, 3), True), (date(2012, 3, 2), False)])
def test_a_childs_age_ends_on_the_fourteenth_birthday(db: Session, now: datetime, born: date, child: bool) -> None:
    home = a_home(db, now)
    row = commands.add_person(
        db, VAULT, home.clerk, a_draft(db, home, now, people=()), somebody(1, resident_id=number(1, born=born)), now=now
    )
    assert db.get_one(Entitlement, row).under_14 is child


def test_the_same_person_is_helped_once_a_year_and_the_refusal_names_no_organization(
    db: Session, now: datetime
) -> None:
    home = a_home(db, now)
    an_approved(db, home, now, people=(1, 2))
    second = a_programme(db, home.clerk, now=now, name="另一项助学")
    roster_id = a_submitted(db, home, now, people=(2, 3), programme_id=second)
    with pytest.raises(AlreadyHelped) as refused, db.begin_nested():
        stories.approve(db, home.head, roster_id, now=now)
    assert (refused.value.params["number"], refused.value.params["period"]) == (1, "2026")
    assert "示例" not in str(refused.value)
    with pytest.raises(IntegrityError, match="ex_aid_entitlement_helped_once"), db.begin_nested():
        db.execute(text("UPDATE aid_entitlement SET state = 'granted' WHERE roster_id = :id"), {"id": roster_id})


def test_help_that_may_be_added_is_added(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    an_approved(db, home, now, people=(1,))
    an_approved(db, home, now, people=(1,), programme_id=a_stackable(db, home, now))


def test_a_roster_that_changed_under_its_approver_is_not_approved(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    roster_id = a_submitted(db, home, now)
    db.execute(text("DELETE FROM aid_entitlement WHERE row_number = 2"))
    with pytest.raises(SumsChanged):
        stories.approve(db, home.head, roster_id, now=now)


def test_a_fund_of_another_source_buyer_or_purpose_pays_no_roster(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    gift = a_fund(db, home.office, SourceKind.DONATION, now=now, name="示例捐赠")
    with pytest.raises(WrongSource):
        a_draft(db, home, now, fund_id=gift)
    other = home.stranger.organization_id
    theirs = a_fund(db, home.office, now=now, name="妇联资金", buyer_id=other)
    with pytest.raises(NotThisBuyersMoney):
        a_draft(db, home, now, fund_id=theirs)
    bound = a_fund(db, home.office, now=now, name="专款", catalogue_codes=("A07",), clause="只用于科普")
    coded = a_programme(db, home.clerk, now=now, name="有目录的助学", catalogue_codes=("A0404", "A0403"))
    with pytest.raises(PurposeForbidden), db.begin_nested():
        a_submitted(db, home, now, fund_id=bound, programme_id=coded)
    roster_id = a_draft(db, home, now)
    funds.close_fund(db, home.accountant, home.fund_id, reason="年终停用", now=now)
    with pytest.raises(FundClosed):
        stories.submit(db, home.clerk, roster_id, now=now)


def test_a_programme_names_its_rates_once(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    with pytest.raises(ProgrammeTwice):
        a_programme(db, home.clerk, now=now)
    with pytest.raises(RatesMissing):
        a_programme(db, home.clerk, now=now, name="无标准", rates=())
    with pytest.raises(RateTwice):
        a_programme(db, home.clerk, now=now, name="重复", rates=(rates()[0], rates()[0]))
    plan = NewProgramme(name="计划", year=2026, kind=ProgrammeKind.PLANNED)
    with pytest.raises(NotFound):
        commands.open_programme(db, home.clerk, plan, now=now, partners=[uuid4()])
    with pytest.raises(NotFound):
        commands.open_programme(db, SYSTEM, plan, now=now)


def test_a_programme_that_pays_nobody_has_no_roster(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    plan = a_programme(db, home.clerk, now=now, name="创业帮扶", kind=ProgrammeKind.PLANNED, rates=(), source=None)
    with pytest.raises(NotAidProgramme):
        a_draft(db, home, now, programme_id=plan)
    for missing in ("programme_id", "fund_id"):
        given: Any = {missing: uuid4()}
        with pytest.raises(NotFound):
            a_draft(db, home, now, **given)
    new = NewRoster(programme_id=home.programme_id, fund_id=home.fund_id, title="别人的名册")
    with pytest.raises(NotFound):
        commands.draft_roster(db, home.stranger, new, now=now)


def test_an_activity_is_shown_to_everybody(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    commands.record_activity(db, home.clerk, NewActivity(name="职工健康讲座", held="2026-03-08"), now=now)
    assert [(one.name, one.organization) for one in queries.activities(db)] == [("职工健康讲座", "示例总工会")]


def test_all_that_is_missing_is_told_at_once(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    roster_id = a_draft(db, home, now, people=(1, 2, 3, 4))
    for place in (5, 6):
        child = somebody(place, resident_id=number(place, born=date(2015, 6, 1)))
        commands.add_person(db, VAULT, home.clerk, roster_id, child, now=now)
    with pytest.raises(Several) as refused:
        stories.submit(db, home.clerk, roster_id, now=now)
    assert [type(one) for one in refused.value.errors] == [GuardianMissing, GuardianMissing, TooManyHeads]


def test_every_desk_is_told_what_waits_for_it(db: Session, now: datetime) -> None:
    home = a_home(db, now)

    def waiting() -> dict[str, list[str]]:
        people = {name: getattr(home, name) for name in PEOPLE}
        found = {name: [one.action for one in queries.todos(db, actor, now=now)] for name, actor in people.items()}
        return {name: actions for name, actions in found.items() if actions}

    roster_id = a_draft(db, home, now)
    assert waiting() == {"clerk": ["核对并提交"], "clerk2": ["核对并提交"]}
    stories.submit(db, home.clerk, roster_id, now=now)
    assert waiting() == {"head": ["审批"]}
    stories.approve(db, home.head, roster_id, now=now)
    assert waiting() == {"accountant": ["申请付款"]}
    assert queries.todos(db, SYSTEM, now=now) == []


def test_a_cancelled_draft_keeps_its_number_and_moves_no_money(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    roster_id = a_draft(db, home, now)
    commands.cancel_roster(db, home.clerk, roster_id, reason="重复录入", now=now)
    assert balances(db, home) == {"available": 2_000_000}
    [card] = queries.rosters(db, home.clerk)
    assert (card.state, card.number) == (RosterState.CANCELLED, "MC-2026-0001")


def test_each_sees_the_rosters_that_concern_them(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    a_draft(db, home, now)
    seen = {name: len(queries.rosters(db, getattr(home, name))) for name in PEOPLE}
    assert seen == {"clerk": 1, "clerk2": 1, "head": 1, "accountant": 1, "auditor": 1, "stranger": 0}
    assert queries.rosters(db, home.clerk, states=[RosterState.PAID]) == []
