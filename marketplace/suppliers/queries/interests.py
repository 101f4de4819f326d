"""Who is tied to which organization: what a person, their head and supervision may read, and what binds on a day."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from marketplace.identity.model import Membership, Organization, Person
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import Actor, Function
from marketplace.kit.errors import NotFound
from marketplace.kit.text import clean_code, clean_line
from marketplace.procedures.queries import rules
from marketplace.suppliers.model import Interest, Supplier
from marketplace.suppliers.rules.interests import LOOKBACK_RULE, binds
from marketplace.suppliers.schemas import InterestView

_OFFICES = [Function.BUYER.value, Function.PROCURING_ENTITY.value]


def offices_of(db: Session, person_id: UUID) -> frozenset[UUID]:
    """The buyers and procuring entities a person is of now; for this package alone."""
    query = (
        select(Membership.organization_id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(
            Membership.person_id == person_id,
            Membership.ended_at.is_(None),
            Organization.functions.overlap(_OFFICES),
        )
    )
    return frozenset(db.scalars(query))


def _views(db: Session, *fits: ColumnElement[bool], on_day: date) -> list[InterestView]:
    supplier = aliased(Organization)
    query = (
        select(Interest, Person.name, supplier.name)
        .join(Person, Person.id == Interest.person_id)
        .join(supplier, supplier.id == Interest.organization_id)
        .where(*fits)
        .order_by(Interest.recorded_at.desc(), Interest.id)
    )
    rows: Sequence[Any] = db.execute(query).all()
    years = rules(db, day=on_day).number(LOOKBACK_RULE) if rows else 0
    return [
        InterestView(
            id=row.id,
            person_id=row.person_id,
            person_name=person,
            organization_id=row.organization_id,
            organization_name=organization,
            kind=row.kind,
            from_on=row.from_on,
            to_on=row.to_on,
            note=row.note,
            by_person=row.recorded_by == row.person_id,
            recorded_at=row.recorded_at,
            withdrawn_at=row.withdrawn_at,
            withdraw_reason=row.withdraw_reason,
            counts=row.withdrawn_at is None and binds(row.kind, row.from_on, row.to_on, on_day=on_day, years=years),
        )
        for row, person, organization in rows
    ]


def own_interests(db: Session, actor: Actor, *, on_day: date) -> list[InterestView]:
    """The actor's own entries, whoever recorded them.

    Raises:
        NotFound, Forbidden: the actor is nobody of a buyer or a centre.
    """
    require(actor, Right.DECLARE_INTEREST, {Relation.OWN: actor.organization_id})
    if actor.person_id is None:
        raise NotFound
    return _views(db, Interest.person_id == actor.person_id, on_day=on_day)


def interests(db: Session, actor: Actor, *, on_day: date) -> list[InterestView]:
    """The entries about people of the actor's office, for its head; all, for supervision and security administrators.

    Raises:
        NotFound, Forbidden: the actor may not read the register of interests.
    """
    require(actor, Right.READ_INTEREST, {Relation.OWN: actor.organization_id})
    if may(actor, Right.READ_INTEREST, {Relation.OWN: None}):
        return _views(db, on_day=on_day)
    people = select(Membership.person_id).where(
        Membership.organization_id == actor.organization_id, Membership.ended_at.is_(None)
    )
    return _views(db, Interest.person_id.in_(people), on_day=on_day)


def registered(db: Session, text: str) -> UUID | None:
    """The organization of the register with exactly this name or code."""
    name, code = clean_line(text), clean_code(text)
    query = select(Supplier.organization_id).join(Organization, Organization.id == Supplier.organization_id)
    return db.scalar(query.where((Organization.name == name) | (Organization.uscc == code)).limit(1))


def binding(db: Session, organization_ids: Iterable[UUID], *, on_day: date) -> list[InterestView]:
    """The ties to these organizations that keep their people away on a day; for verbs and flows, not for pages.

    Raises:
        RuleMissing: no row says how many years count.

    Source:
        政府采购法实施条例第九条.
    """
    wanted = set(organization_ids)
    if not wanted:
        return []
    found = _views(db, Interest.organization_id.in_(wanted), Interest.withdrawn_at.is_(None), on_day=on_day)
    return [one for one in found if one.counts]
