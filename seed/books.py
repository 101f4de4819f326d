"""The stories' reconciliation: statements fetched, likely pairs confirmed, strange credits explained."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.funds.commands.matching import want_statement
from marketplace.funds.commands.reconciling import confirm_match, explain
from marketplace.funds.model import CustodyAccount
from marketplace.funds.queries.reconciling import books, page
from marketplace.funds.schemas.reconciling import NewMatch, NewNote
from marketplace.funds.states.reconciling import Category
from marketplace.kit.actor import Actor


class Found(NamedTuple):
    """What was found out of a payer's money that no receipt records."""

    payer: str
    category: Category
    text: str
    due: date | None = None


def fetch(db: Session, accountant: Actor, number: str, *, now: datetime) -> None:
    """The accountant has the bank asked for the latest statements of an account."""
    account_id = db.scalars(select(CustodyAccount.id).where(CustodyAccount.number == number)).one()
    want_statement(db, accountant, account_id, now=now)


def close(db: Session, accountant: Actor, *, found: Sequence[Found] = (), now: datetime) -> None:
    """The accountant confirms what surely belongs together in every book of the office, and notes what was found."""
    for one in books(db, holder_id=accountant.organization_id):
        if not one.key:
            continue
        for likely in page(db, one, now=now).suggestions:
            if likely.is_named:
                items = tuple(item.key for item in (*likely.theirs, *likely.ours))
                confirm_match(db, accountant, one.key, NewMatch(items=items), now=now)
        for item in page(db, one, now=now).theirs:
            told = next((note for note in found if note.payer == item.name and item.note is None), None)
            if told is not None:
                explain(db, accountant, one.key, _note(accountant, item.key, told), now=now)


def _note(accountant: Actor, item: str, told: Found) -> NewNote:
    """An open item is looked into by the accountant."""
    owner = accountant.person_id if told.category is Category.OPEN else None
    return NewNote(item=item, category=told.category, text=told.text, owner_id=owner, due_on=told.due)
