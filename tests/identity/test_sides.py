"""A public institution of class one neither buys nor supplies: code and database both refuse it."""

from datetime import datetime

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.identity import commands
from marketplace.identity.model import Organization
from marketplace.identity.rules.sides import NeitherSide, check_sides
from marketplace.identity.states import OrganizationKind
from marketplace.kit.actor import SYSTEM, Function
from tests.identity.town import an_organization

ONE = OrganizationKind.PUBLIC_INSTITUTION_ONE
BARRED = {(ONE, Function.BUYER), (ONE, Function.SUPPLIER)}


@pytest.mark.parametrize("kind", OrganizationKind)
@pytest.mark.parametrize("function", Function)
def test_only_class_one_is_kept_out_and_only_of_the_two_sides(kind: OrganizationKind, function: Function) -> None:
    if (kind, function) not in BARRED:
        check_sides(kind, [function])
        return
    with pytest.raises(NeitherSide, match="第八条，待核对原文"):
        check_sides(kind, [Function.PROCURING_ENTITY, function])


@pytest.mark.parametrize("side", [Function.BUYER, Function.SUPPLIER])
def test_it_is_not_registered_with_a_side_and_not_given_one_later(db: Session, now: datetime, side: Function) -> None:
    with pytest.raises(NeitherSide):
        an_organization(db, Function.PROCURING_ENTITY, side, now=now, kind=ONE)
    centre = an_organization(db, Function.PROCURING_ENTITY, now=now, kind=ONE)
    with pytest.raises(NeitherSide):
        commands.set_functions(db, SYSTEM, centre, [Function.PROCURING_ENTITY, side], reason="试", now=now)
    assert db.get_one(Organization, centre).functions == ["procuring_entity"]


@pytest.mark.parametrize("side", ["buyer", "supplier"])
def test_the_database_refuses_it_too(db: Session, now: datetime, side: str) -> None:
    centre = an_organization(db, Function.PROCURING_ENTITY, now=now, kind=ONE)
    with pytest.raises(IntegrityError, match="neither_side"), db.begin_nested():
        db.execute(update(Organization).where(Organization.id == centre).values(functions=["procuring_entity", side]))
    other = an_organization(db, Function.SUPPLIER, Function.BUYER, now=now)
    with pytest.raises(IntegrityError, match="neither_side"), db.begin_nested():
        db.execute(update(Organization).where(Organization.id == other).values(kind=ONE))
