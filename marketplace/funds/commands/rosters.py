"""Verbs that set money aside for a roster of aid, bind it at approval, and give it back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.funds.model import Fund
from marketplace.funds.queries import restriction
from marketplace.funds.rules import FundClosed, Use, use_refusals
from marketplace.funds.states import FundState
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError, NotFound, raise_all
from marketplace.ledger import commands as ledger
from marketplace.ledger.schemas import PlaceLike

AVAILABLE: PlaceLike = ("available", None)


@dataclass(frozen=True, slots=True)
class RosterMoney:
    """What a roster needs of one fund. ``turn`` tells its submissions apart: each sets money aside anew."""

    roster_id: UUID
    fund_id: UUID
    amount_fen: int
    turn: int


def reserve_roster(
    db: Session,
    actor: Actor,
    money: RosterMoney,
    *,
    buyer_id: UUID,
    catalogue_codes: Collection[str],
    until: date,
    now: datetime,
) -> None:
    """Set money aside for a roster that was handed in: ``available`` becomes ``reserved``.

    The caller has decided that the actor may and holds the roster's lock; the fund is locked first. Of a programme with
    several catalogue codes it is enough that the giver's restriction allows one.

    Raises:
        NotFound: the fund does not exist.
        FundClosed, NotThisBuyersMoney, PurposeForbidden, FundExpires: the fund may not serve this use.
        NotEnough: the fund has less than the roster asks for.

    Source:
        慈善法第五十四条: earmarking is asked when money is set aside.
    """
    ledger.lock_funds(db, [money.fund_id])
    row = lock(db, Fund, money.fund_id)
    if row is None:
        raise NotFound
    found: list[DomainError] = []
    if row.state is not FundState.OPEN:
        found.append(FundClosed(field="fund_id", fund=row.name))
    uses = [Use(catalogue_code=code, buyer_id=buyer_id, until=until) for code in sorted(catalogue_codes) or [""]]
    answers = [use_refusals(row.name, row.buyer_id, restriction(row), use) for use in uses]
    fewest: list[DomainError] = min(answers, key=len)
    found += fewest
    raise_all(found)
    _move(db, actor, money, "reserve", AVAILABLE, ("reserved", money.roster_id), "帮扶名册占用", now)
    record(db, actor, "funding.reserved", "roster", money.roster_id, now=now, amount_fen=money.amount_fen)


def release_roster(db: Session, actor: Actor, money: RosterMoney, *, reason: str, now: datetime) -> None:
    """Give back what was set aside for a roster that was returned: ``reserved`` becomes ``available``.

    Raises:
        NotEnough: less is reserved for it.
    """
    ledger.lock_funds(db, [money.fund_id])
    _move(db, actor, money, "release", ("reserved", money.roster_id), AVAILABLE, "帮扶名册退回", now)
    record(
        db, actor, "funding.released", "roster", money.roster_id, now=now, reason=reason, amount_fen=money.amount_fen
    )


def commit_roster(db: Session, actor: Actor, money: RosterMoney, *, now: datetime) -> None:
    """Bind what was set aside for an approved roster and make it payable: ``reserved``, ``committed``, ``payable``.

    Raises:
        NotEnough: less is reserved for it.
    """
    ledger.lock_funds(db, [money.fund_id])
    reserved, committed = ("reserved", money.roster_id), ("committed", money.roster_id)
    _move(db, actor, money, "commit", reserved, committed, "帮扶名册核准", now)
    _move(db, actor, money, "payable", committed, ("payable", money.roster_id), "帮扶名册应付", now)
    record(db, actor, "funding.committed", "roster", money.roster_id, now=now, amount_fen=money.amount_fen)


def _move(
    db: Session,
    actor: Actor,
    money: RosterMoney,
    step: str,
    source: PlaceLike,
    target: PlaceLike,
    cause: str,
    now: datetime,
) -> None:
    ledger.move(
        db,
        key=f"roster/{money.roster_id}/{money.turn}/{step}",
        fund_id=money.fund_id,
        source=source,
        target=target,
        amount_fen=money.amount_fen,
        cause=cause,
        actor_id=actor.person_id,
        value_date=legal_day(now),
        now=now,
    )
