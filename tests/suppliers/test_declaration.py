"""The declaration on the six conditions: signed once by a person, used for a year, asked anew for a new text."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from marketplace.journal.queries import of_thing
from marketplace.kit.actor import SYSTEM, Actor, Role
from marketplace.kit.errors import Forbidden, IllegalMove, NotFound
from marketplace.suppliers import commands, queries
from marketplace.suppliers.rules.declaration import (
    EDITION,
    Condition,
    NobodySigns,
    NotAllDeclared,
    OtherEdition,
    holds,
    last_day,
    years_after,
)
from tests.suppliers.shelf import a_draft, centre, of

ALL = frozenset(Condition)


def as_role(actor: Actor, *roles: Role) -> Actor:
    return Actor(actor.person_id, actor.organization_id, actor.functions, frozenset(roles))


@pytest.mark.parametrize(
    ("signed", "last"),
    [
        (date(2026, 3, 2), date(2027, 3, 1)),
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2027, 2, 28), date(2028, 2, 27)),
        (date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_signature_is_used_for_one_year_to_the_day(signed: date, last: date) -> None:
    assert last_day(signed) == last
    assert holds(EDITION, last, last)
    assert not holds(EDITION, last, last + timedelta(days=1))


def test_another_text_is_asked_for_anew_whatever_the_day() -> None:
    assert not holds("2019-1", date(2027, 1, 1), date(2026, 3, 2))


def test_leap_days_fall_on_the_first_of_march() -> None:
    assert years_after(date(2028, 2, 29), -3) == date(2025, 3, 1)
    assert years_after(date(2026, 3, 2), -3) == date(2023, 3, 2)


def test_one_person_signs_and_every_bid_reads_who_when_and_since_when(db: Session, now: datetime) -> None:
    actor = a_draft(db, now=now)
    assert queries.declaration_of(db, of(actor)) is None
    text = queries.declaration_text(db, on_day=date(2026, 3, 2))
    assert (text.edition, text.since, len(text.conditions)) == (EDITION, date(2023, 3, 2), 6)
    commands.declare(db, actor, of(actor), ALL, edition=EDITION, now=now)
    found = queries.declaration_of(db, of(actor))
    assert found is not None
    assert (found.signed_by, found.signed_by_name) == (actor.person_id, "联络1")
    assert (found.clean_since, found.signed_on, found.valid_to) == (
        date(2023, 3, 2), date(2026, 3, 2), date(2027, 3, 1),
    )  # fmt: skip
    assert found.holds(date(2027, 3, 1))
    assert not found.holds(date(2027, 3, 2))
    assert "supplier.declared" in [entry.act for entry in of_thing(db, "supplier", of(actor))]


def test_a_second_signature_counts_and_the_first_stays_in_the_record(db: Session, now: datetime) -> None:
    actor = a_draft(db, now=now)
    first = commands.declare(db, actor, of(actor), ALL, edition=EDITION, now=now)
    later = commands.declare(db, actor, of(actor), ALL, edition=EDITION, now=now + timedelta(days=300))
    newest = queries.declaration_of(db, of(actor))
    assert newest is not None
    assert newest.id == later
    assert [one.id for one in queries.declarations(db, of(actor))] == [later, first]


def test_five_of_six_conditions_are_no_declaration(db: Session, now: datetime) -> None:
    actor = a_draft(db, now=now)
    for less in (frozenset[Condition](), ALL - {Condition.CLEAN_RECORD}):
        with pytest.raises(NotAllDeclared):
            commands.declare(db, actor, of(actor), less, edition=EDITION, now=now)
    with pytest.raises(OtherEdition):
        commands.declare(db, actor, of(actor), ALL, edition="2019-1", now=now)


def test_who_signs_for_an_organization(db: Session, tmp_path: Path, now: datetime) -> None:
    actor, other = a_draft(db, now=now), a_draft(db, 2, now=now)
    for role in (Role.CLERK, Role.DRAFTER, Role.ACCOUNTANT):
        with pytest.raises(Forbidden):
            commands.declare(db, as_role(actor, role), of(actor), ALL, edition=EDITION, now=now)
    for role in (Role.HEAD, Role.SIGNATORY):
        commands.declare(db, as_role(actor, role), of(actor), ALL, edition=EDITION, now=now)
    with pytest.raises(NotFound):
        commands.declare(db, other, of(actor), ALL, edition=EDITION, now=now)
    with pytest.raises((NotFound, Forbidden)):
        commands.declare(db, centre(db, Role.HEAD, now=now), of(actor), ALL, edition=EDITION, now=now)
    with pytest.raises(NobodySigns):
        commands.declare(db, SYSTEM, of(actor), ALL, edition=EDITION, now=now)
    commands.withdraw(db, actor, of(actor), now=now)
    with pytest.raises(IllegalMove):
        commands.declare(db, actor, of(actor), ALL, edition=EDITION, now=now)
