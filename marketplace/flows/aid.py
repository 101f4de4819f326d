"""The stories of a roster of aid: money is set aside when it is handed in, bound at approval, applied for, and paid."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.aid import commands as aid
from marketplace.aid.model import Programme, Roster
from marketplace.funds.commands.rosters import RosterMoney, commit_roster, release_roster, reserve_roster
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.ledger import commands as ledger


def submit(db: Session, actor: Actor, roster_id: UUID, *, now: datetime) -> None:
    """Hand a roster in and set its sum aside, to the fen; or neither.

    Raises:
        NotFound: there is no such roster for the actor.
        DomainError: what the roster or the fund refuses; see ``aid.submit_roster`` and ``funds.reserve_roster``.
    """
    _lock_fund(db, roster_id)
    row = aid.submit_roster(db, actor, roster_id, now=now)
    programme = db.get_one(Programme, row.programme_id)
    reserve_roster(
        db,
        actor,
        _money(row),
        buyer_id=row.organization_id,
        catalogue_codes=programme.catalogue_codes,
        until=legal_day(now),
        now=now,
    )


def return_(db: Session, actor: Actor, roster_id: UUID, *, reason: str, now: datetime) -> None:
    """Send a roster back and give back what was set aside for it.

    Raises:
        NotFound: there is no such roster for the actor.
        DomainError: what the roster refuses; see ``aid.return_roster``.
    """
    _lock_fund(db, roster_id)
    row = aid.return_roster(db, actor, roster_id, reason=reason, now=now)
    release_roster(db, actor, _money(row), reason=reason, now=now)


def approve(db: Session, actor: Actor, roster_id: UUID, *, now: datetime) -> None:
    """Approve a roster that somebody else handed in: its sum is committed and payable from now on.

    Raises:
        NotFound: there is no such roster for the actor.
        DomainError: what the roster refuses; see ``aid.approve_roster``.
    """
    _lock_fund(db, roster_id)
    row = aid.approve_roster(db, actor, roster_id, now=now)
    commit_roster(db, actor, _money(row), now=now)


def _lock_fund(db: Session, roster_id: UUID) -> None:
    row = db.get(Roster, roster_id)
    if row is None:
        raise NotFound
    ledger.lock_funds(db, [row.fund_id])


def _money(row: Roster) -> RosterMoney:
    return RosterMoney(roster_id=row.id, fund_id=row.fund_id, amount_fen=row.total_fen, turn=row.turn)
