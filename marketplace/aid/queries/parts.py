"""What every reader and verb of aid needs: who is concerned by a roster, its rows, its terms, and where seals lie."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from marketplace.aid.model import Entitlement, Programme, Rate, Roster
from marketplace.aid.rules.checking import RateTerms
from marketplace.funds.model import Fund
from marketplace.identity.rules import Parties, Relation, Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound

INDEX_USE = "aid.person"
"""Keeps the keyed index of beneficiaries apart from every other."""


def number_place(person_id: UUID) -> str:
    """The place for which a resident ID number is sealed."""
    return f"aid_person/id/{person_id}"


def name_place(entitlement_id: UUID) -> str:
    """The place for which a name is sealed."""
    return f"aid_entitlement/name/{entitlement_id}"


def account_place(entitlement_id: UUID) -> str:
    """The place for which an account number is sealed."""
    return f"aid_entitlement/account/{entitlement_id}"


def sheet_place(roster_id: UUID) -> str:
    """The place for which the last sheet of a roster is sealed."""
    return f"aid_import/{roster_id}"


def parties(roster: Roster, holder_id: UUID) -> Parties:
    """Who is concerned by a roster: the organization that helps, and the office that holds the money."""
    return {
        Relation.BUYER: roster.organization_id,
        Relation.PROCURING_ENTITY: roster.organization_id,
        Relation.FINANCE: holder_id,
    }


def holder_of(db: Session, fund_id: UUID) -> UUID:
    """The office that holds a fund."""
    return db.execute(select(Fund.holder_id).where(Fund.id == fund_id)).scalar_one()


def readable(db: Session, actor: Actor, roster_id: UUID) -> Roster:
    """A roster that the actor may look at, read without a lock.

    Raises:
        NotFound: no such roster, or one the actor has nothing to do with.
        Forbidden: the actor's role may not look at rosters.
    """
    row = db.get(Roster, roster_id)
    if row is None:
        raise NotFound
    require(actor, Right.READ_ROSTER, parties(row, holder_of(db, row.fund_id)))
    return row


def terms_of(db: Session, programme_id: UUID) -> list[RateTerms]:
    """The rates of a programme, the highest stage first."""
    rows = db.scalars(select(Rate).where(Rate.programme_id == programme_id).order_by(Rate.rate_fen.desc(), Rate.id))
    return [
        RateTerms(
            id=row.id,
            group_name=row.group_name,
            stage=row.stage,
            sex=row.sex,
            rate_fen=row.rate_fen,
            heads_max=row.heads_max,
        )
        for row in rows
    ]


def entitlements_of(db: Session, roster_id: UUID) -> Sequence[Entitlement]:
    """The rows of a roster in their order."""
    query = select(Entitlement).where(Entitlement.roster_id == roster_id).order_by(Entitlement.row_number)
    return db.scalars(query).all()


def sums(db: Session, roster_id: UUID) -> tuple[int, int]:
    """How many people a roster holds and how much they get together, in fen."""
    query = select(func.count(), func.coalesce(func.sum(Entitlement.amount_fen), 0))
    heads, total = db.execute(query.where(Entitlement.roster_id == roster_id)).one()
    return int(heads), int(total)


def period_of(programme: Programme) -> Range[date]:
    """The days that help of a programme is for: its year."""
    return Range(date(programme.year, 1, 1), date(programme.year + 1, 1, 1))
