"""An office for tests of reconciliation, whose one account stands in the ledger and at a bank."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.funds.commands import instructing, matching
from marketplace.funds.commands import reconciling as reconcile
from marketplace.funds.model import CustodyAccount, PaymentAttempt
from marketplace.funds.queries.reconciling import book, page
from marketplace.funds.queries.settlement import application
from marketplace.funds.rules import Custody
from marketplace.funds.schemas.reconciling import BookPage, Closing, NewMatch, NewNote
from marketplace.funds.states.reconciling import Category
from marketplace.kit.actor import Actor
from marketplace.kit.errors import DomainError
from tests.funds.bankbook import BankBook
from tests.funds.desk import ACCOUNTS, Desk, a_desk, approved
from tests.funds.purse import DAY

FEN = 1_000_000


@dataclass
class Office:
    """An office whose one account stands in the ledger and at a bank."""

    db: Session
    desk: Desk
    bank: BankBook
    now: datetime

    @property
    def key(self) -> str:
        account = self.db.scalars(select(CustodyAccount).where(CustodyAccount.number == self.bank.account)).one()
        return str(account.id)

    def fetch(self, day: date = DAY) -> None:
        matching.import_statement(self.db, self.desk.accountant, self.bank.statement(day), now=self.now)

    def page(self) -> BookPage:
        return page(self.db, book(self.db, self.desk.accountant, self.key), now=self.now)

    @property
    def closing(self) -> Closing:
        return self.page().closing

    def match(self, *keys: str, actor: Actor | None = None) -> UUID:
        new = NewMatch(items=keys)
        return reconcile.confirm_match(self.db, actor or self.desk.accountant, self.key, new, now=self.now)

    def explain(self, item: str, category: Category, **more: Any) -> UUID:
        new = NewNote(item=item, category=category, text="见银行回单", **more)
        return reconcile.explain(self.db, self.desk.accountant, self.key, new, now=self.now)

    def pay(self, fen: int = 50_000) -> PaymentAttempt:
        application_id = approved(self.db, self.desk, fen, now=self.now)
        ids = [one.id for one in _payments(self.db, application_id)]
        instructing.instruct(self.db, self.desk.cashier, ids, now=self.now)
        return self.db.scalars(select(PaymentAttempt).where(PaymentAttempt.payment_id == ids[0])).one()


def _payments(db: Session, application_id: UUID) -> Any:
    return application(db, application_id).payments


@pytest.fixture
def office(db: Session, now: datetime) -> Office:
    return Office(db, a_desk(db, now=now), BankBook(ACCOUNTS[Custody.BANK]), now)


def refused(office: Office, kind: type[DomainError], act: Any) -> DomainError:
    with pytest.raises(kind) as caught, office.db.begin_nested():
        act()
    return caught.value


def closed_so_far(office: Office) -> None:
    """The opening receipt is matched."""
    office.bank.book(FEN, DAY)
    office.fetch()
    shown = office.page()
    office.match(shown.theirs[0].key, shown.ours[0].key)
    assert office.closing.is_closed
