"""The stories of a roster of aid: money is set aside when it is handed in, bound at approval, applied for, and paid."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.aid import commands as aid
from marketplace.aid import queries
from marketplace.aid.commands.shared import locked
from marketplace.aid.model import Programme, Roster
from marketplace.aid.schemas import RosterPayee
from marketplace.aid.states import ROSTER, RosterAction
from marketplace.funds.commands.applying import apply_roster
from marketplace.funds.commands.rosters import RosterMoney, commit_roster, release_roster, reserve_roster
from marketplace.funds.model import Payment
from marketplace.funds.schemas import NewPayee, NewRosterApplication, Obligation, RosterLine
from marketplace.funds.states import ObligationKind
from marketplace.identity.credentials import Vault
from marketplace.identity.rules import Right
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.kit.text import mask_name
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


def apply_for_payment(
    db: Session, vault: Vault, actor: Actor, roster_id: UUID, access_id: UUID, *, now: datetime, note: str = ""
) -> UUID:
    """Ask for everybody on an approved roster to be paid, one payment each; returns the payment application's id.

    ``access_id`` is the reading of names that was written down and committed before. Names and accounts stay sealed.

    Raises:
        NotFound: there is no such roster for the actor.
        IllegalMove: it is not approved.
        DomainError: what the roster or settlement refuses; see ``aid.payees``, ``funds.apply_roster``.
    """
    _lock_fund(db, roster_id)
    row = locked(db, actor, Right.PREPARE_PAYMENT, roster_id)
    ROSTER.after(row.state, RosterAction.APPLY)
    people = queries.payees(db, vault, actor, access_id, roster_id=roster_id, now=now)
    programme = db.get_one(Programme, row.programme_id)
    new = NewRosterApplication(
        obligation=Obligation(
            kind=ObligationKind.ROSTER,
            id=roster_id,
            label=f"{row.number} {row.title}",
            buyer_id=row.organization_id,
            catalogue_codes=tuple(programme.catalogue_codes),
        ),
        lines=tuple(_line(vault, one) for one in people),
        note=note,
    )
    application_id = apply_roster(db, actor, new, now=now)
    query = select(Payment.line_id, Payment.id).where(Payment.application_id == application_id)
    payments = {line_id: payment_id for line_id, payment_id in db.execute(query) if line_id is not None}
    aid.mark_applied(db, actor, roster_id, application_id, payments, now=now)
    return application_id


def _line(vault: Vault, one: RosterPayee) -> RosterLine:
    place = f"payment/name/{one.entitlement_id}"
    payee = NewPayee(
        name=mask_name(one.name),
        name_sealed=vault.seal(one.name, place),
        name_place=place,
        bank_name=one.bank_name,
        account_sealed=one.account_sealed,
        account_place=one.account_place,
        account_last4=one.account_last4,
    )
    return RosterLine(line_id=one.entitlement_id, payee=payee, amount_fen=one.amount_fen)


def _lock_fund(db: Session, roster_id: UUID) -> None:
    """Lock a roster's fund before anything of the roster is read; its fund is the one thing that never changes."""
    fund_id = db.scalar(select(Roster.fund_id).where(Roster.id == roster_id))
    if fund_id is None:
        raise NotFound
    ledger.lock_funds(db, [fund_id])


def _money(row: Roster) -> RosterMoney:
    return RosterMoney(roster_id=row.id, fund_id=row.fund_id, amount_fen=row.total_fen, turn=row.turn)
