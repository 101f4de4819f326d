"""Ties between officials and organizations: declared or recorded, read by few, counted for three years to the day."""

from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import Forbidden, NotFound
from marketplace.suppliers import commands, queries
from marketplace.suppliers.rules.interests import (
    MustRecuse,
    NoOfficer,
    NotesMissing,
    OwnOrganization,
    TieEnded,
    TieReversed,
    binds,
    first_counted,
    tie_problems,
)
from marketplace.suppliers.rules.refusals import ReasonMissing
from marketplace.suppliers.schemas import NewInterest
from marketplace.suppliers.states import INTEREST_LABELS, InterestKind
from tests.identity.town import an_actor
from tests.suppliers.shelf import a_draft, of, with_rules

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("kind", "from_on", "to_on", "counts"),
    [
        ("employed", None, None, True),
        ("employed", date(2020, 1, 1), date(2023, 3, 2), True),
        ("employed", date(2020, 1, 1), date(2023, 3, 1), False),
        ("legal_representative", None, date(2023, 3, 2), True),
        ("director", None, date(2023, 3, 1), False),
        ("officer", None, date(2025, 1, 1), True),
        ("controller", None, date(2022, 12, 31), False),
        ("kin", None, None, True),
        ("kin", None, date(2026, 3, 2), True),
        ("kin", None, date(2026, 3, 1), False),
        ("other", None, date(2026, 3, 1), False),
        ("employed", date(2026, 3, 3), None, False),
        ("employed", date(2026, 3, 2), None, True),
    ],
)
def test_a_tie_counts_for_three_years_to_the_day_and_kinship_while_it_lasts(
    kind: str, from_on: date | None, to_on: date | None, counts: bool
) -> None:
    assert binds(InterestKind(kind), from_on, to_on, on_day=TODAY, years=3) is counts


def test_three_years_before_a_leap_day_begin_on_the_first_of_march() -> None:
    assert first_counted(date(2028, 2, 29), 3) == date(2025, 3, 1)
    assert set(INTEREST_LABELS) == set(InterestKind)


def test_what_cannot_be_a_tie_is_refused() -> None:
    other, kin = InterestKind.OTHER, InterestKind.KIN
    assert tie_problems(kin, None, None, "", TODAY) == []
    assert tie_problems(other, date(2026, 3, 2), date(2026, 3, 2), "债务往来", TODAY) == []
    assert [type(one) for one in tie_problems(other, date(2026, 3, 3), None, " ", TODAY)] == [TieReversed, NotesMissing]
    assert [type(one) for one in tie_problems(kin, date(2026, 3, 1), date(2026, 2, 1), "", TODAY)] == [TieReversed]


def tie(organization: Actor, kind: str = "director", **more: object) -> NewInterest:
    return NewInterest(organization_id=of(organization), kind=InterestKind(kind), **more)  # type: ignore[arg-type]


@pytest.fixture
def people(db: Session, now: datetime) -> dict[str, Actor]:
    with_rules(db, now)
    clerk = an_actor(db, Role.CLERK, functions=(Function.BUYER,), now=now)

    def beside(role: Role, *functions: Function) -> Actor:
        return Actor(uuid4(), clerk.organization_id, frozenset(functions or clerk.functions), frozenset({role}))

    return {
        "self": clerk,
        "head": beside(Role.HEAD),
        "colleague": beside(Role.CLERK),
        "other_head": an_actor(db, Role.HEAD, functions=(Function.PROCURING_ENTITY,), now=now),
        "security": Actor(uuid4(), uuid4(), frozenset({Function.OPERATOR}), frozenset({Role.SECURITY_ADMIN})),
        "system": Actor(uuid4(), uuid4(), frozenset({Function.OPERATOR}), frozenset({Role.SYSTEM_ADMIN})),
        "auditor": Actor(uuid4(), uuid4(), frozenset({Function.SUPERVISOR}), frozenset({Role.AUDITOR})),
        "supplier": a_draft(db, now=now),
    }


WHO = """
          declare   record    withdraw  read  own
self      done      forbidden done      no    1
head      done      done      done      1     0
colleague done      forbidden forbidden no    0
other_head done     not_found not_found 0     0
security  forbidden done      done      1     no
system    forbidden forbidden forbidden no    no
auditor   forbidden forbidden forbidden 1     no
supplier  forbidden not_found not_found no    no
"""
"""What each may do about a tie that ``self`` declared: declare one's own, record one about ``self``, take it back, read
the register (how many entries), read one's own."""


def tried(act: object) -> str:
    try:
        act()  # type: ignore[operator]
    except (Forbidden, NotFound, MustRecuse) as refusal:
        return {Forbidden: "forbidden", NotFound: "not_found"}[type(refusal)]
    return "done"


@pytest.mark.parametrize("line", [line.split() for line in WHO.strip().splitlines()[1:]], ids=lambda line: line[0])
def test_who_may_declare_record_take_back_and_read(
    db: Session, people: dict[str, Actor], now: datetime, line: list[str]
) -> None:
    who, may_declare, may_record, may_withdraw, read, own = line
    actor, person, organization = people[who], people["self"].person_id, people["supplier"]
    assert person is not None
    entry = commands.declare_interest(db, people["self"], tie(organization), now=now)

    def count(ask: object) -> str:
        try:
            return str(len(ask(db, actor, on_day=TODAY)))  # type: ignore[operator]
        except (Forbidden, NotFound):
            return "no"

    assert (count(queries.interests), count(queries.own_interests)) == (read, own)
    if who not in ("head", "colleague"):  # people who are made up have no row that a declaration could name
        assert tried(lambda: commands.declare_interest(db, actor, tie(organization, "kin"), now=now)) == (
            "forbidden" if may_declare == "forbidden" else "done"
        )
    assert tried(lambda: commands.record_interest(db, actor, person, tie(organization, "kin"), now=now)) in {
        may_record, "not_found" if may_record == "forbidden" else may_record,
    }  # fmt: skip
    withdrawn = tried(lambda: commands.withdraw_interest(db, actor, entry, reason="登记有误", now=now))
    assert (withdrawn == "done") is (may_withdraw == "done")


def test_nobody_clears_themselves_of_what_others_recorded(db: Session, people: dict[str, Actor], now: datetime) -> None:
    me, head = people["self"], people["head"]
    assert me.person_id is not None
    entry = commands.record_interest(db, head, me.person_id, tie(people["supplier"]), now=now)
    with pytest.raises((Forbidden, NotFound)):
        commands.withdraw_interest(db, me, entry, reason="不实", now=now)
    promoted = Actor(me.person_id, me.organization_id, me.functions, frozenset({Role.HEAD}))
    with pytest.raises(NotFound):
        commands.withdraw_interest(db, promoted, entry, reason="不实", now=now)
    with pytest.raises(ReasonMissing):
        commands.withdraw_interest(db, head, entry, reason=" ", now=now)
    commands.withdraw_interest(db, head, entry, reason="登记有误", now=now)
    with pytest.raises(TieEnded):
        commands.withdraw_interest(db, head, entry, reason="登记有误", now=now)
    with pytest.raises(NotFound):
        commands.withdraw_interest(db, head, uuid4(), reason="登记有误", now=now)
    [shown] = queries.interests(db, head, on_day=TODAY)
    assert (shown.counts, shown.withdraw_reason, shown.by_person) == (False, "登记有误", False)


def test_the_register_is_about_officials_and_organizations_of_the_register(
    db: Session, people: dict[str, Actor], now: datetime
) -> None:
    supplier = people["supplier"]
    assert supplier.person_id is not None
    with pytest.raises(NoOfficer):
        commands.record_interest(db, people["security"], supplier.person_id, tie(supplier), now=now)
    unknown = NewInterest(organization_id=uuid4(), kind=InterestKind.KIN)
    with pytest.raises(OwnOrganization):
        commands.declare_interest(db, people["self"], unknown, now=now)
    with pytest.raises(TieReversed):
        commands.declare_interest(db, people["self"], tie(supplier, from_on=date(2026, 3, 3)), now=now)


def bound(db: Session, organization: UUID, day: date = TODAY) -> list[UUID]:
    return [one.person_id for one in queries.binding(db, [organization], on_day=day)]


def test_who_is_tied_does_not_act_on_the_organizations_affairs(
    db: Session, people: dict[str, Actor], now: datetime, tmp_path: Path
) -> None:
    me, supplier = people["self"].person_id, people["supplier"]
    assert bound(db, of(supplier)) == []
    entry = commands.declare_interest(db, people["self"], tie(supplier, to_on=TODAY), now=now)
    assert bound(db, of(supplier)) == [me]
    assert bound(db, of(supplier), date(2029, 3, 2)) == [me]
    assert bound(db, of(supplier), date(2029, 3, 3)) == []
    assert queries.binding(db, [], on_day=TODAY) == []
    with pytest.raises(MustRecuse):
        commands.check_free(db, me, of(supplier), now=now)
    commands.check_free(db, people["head"].person_id, of(supplier), now=now)
    commands.check_free(db, None, of(supplier), now=now)
    commands.check_free(db, me, of(supplier), now=now + timedelta(days=1097))
    commands.withdraw_interest(db, people["self"], entry, reason="填错了组织", now=now)
    commands.check_free(db, me, of(supplier), now=now)
