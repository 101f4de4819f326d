"""The demo's payments: applied for, approved, ordered by three people, and paid by the stand-in bank and gateway."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.flows import claiming
from marketplace.funds import commands
from marketplace.funds.model import Payment, PaymentAttempt
from marketplace.funds.rules import Custody
from marketplace.funds.schemas import NewApplication, NewCustodyAccount
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.kit.money import parse_yuan
from marketplace.standin.control import Control
from seed import books
from seed.market import Stage
from seed.year import Receipt, year


@dataclass(frozen=True, slots=True)
class Office:
    """The three who pay for an office; ``number`` is the invented account out of which it pays."""

    accountant: str
    head: str
    cashier: str
    custody: Custody
    number: str
    bank: str


OFFICES = {
    "czj": Office("finance", "finance-head", "cashier", Custody.QUOTA, "5116020000260001", "国库支付中心（演示）"),
    "qzgh": Office(
        "union-accountant", "head", "union-cashier", Custody.BANK, "6222000026000001", "示例银行广安支行（虚构）"
    ),
    "csh": Office(
        "charity-accountant",
        "charity-head",
        "charity-cashier",
        Custody.BANK,
        "6222000026000002",
        "示例银行广安支行（虚构）",
    ),
}
INVOICES = "2651"
"""How the demo's invoice numbers begin; the rest counts."""


def open_accounts(db: Session, stage: Stage, director: Control, *, now: datetime) -> None:
    """Each office says out of which account it pays, and the stand-in bank opens it."""
    for key, office in OFFICES.items():
        name = next(one.name for one in year().organizations if one.key == key)
        account = NewCustodyAccount(custody=office.custody, number=office.number, name=name, bank_name=office.bank)
        commands.record_custody_account(db, stage.actors[office.accountant], account, now=now)
        director.open_account(office.number, name, fen=0)


def credit(director: Control, receipt: Receipt, *, now: datetime) -> None:
    """The money that an office records has come in at the stand-in bank as well."""
    fund = next(one for one in year().funds if one.key == receipt.fund)
    if fund.custody != Custody.GATEWAY:
        number = OFFICES[fund.holder].number
        director.credit(number, parse_yuan(receipt.yuan), receipt.payer, purpose=receipt.document, now=now)


def apply(db: Session, stage: Stage, milestone_id: UUID, *, now: datetime, series: str = "0") -> list[tuple[str, UUID]]:
    """The accountant of each office that owes part of a milestone asks for it; the offices and the applications.

    ``series`` is a digit that tells a second invoice for the same milestone from the first.
    """
    asked = []
    for key, office in OFFICES.items():
        accountant = stage.actors[office.accountant]
        try:
            one = claiming.claim(db, accountant, milestone_id)
        except NotFound:  # this office's funds owe nothing of it
            continue
        new = NewApplication(
            obligation_id=milestone_id,
            payee_id=one.contract.supplier_id,
            amount_fen=one.payable.free_fen,
            invoice_no=f"{INVOICES}{one.contract.number[-4:]}{one.milestone.place:04d}{series}{list(OFFICES).index(key):07d}",
            invoice_on=legal_day(now),
        )
        asked.append((key, claiming.apply_for_milestone(db, accountant, new, now=now)))
    return asked


def take_back(db: Session, stage: Stage, asked: Sequence[tuple[str, UUID]], *, now: datetime) -> None:
    """The accountant of each office cancels an application, to ask anew."""
    for office, application_id in asked:
        accountant = stage.actors[OFFICES[office].accountant]
        why = "发票被收款单位作废重开，撤销后按新发票重新申请（演示）。"
        commands.cancel_application(db, accountant, application_id, reason=why, now=now)


def send_back(db: Session, stage: Stage, office: str, application_id: UUID, *, now: datetime) -> None:
    """The office's head returns an application."""
    why = "发票购买方名称写成了简称，请收款单位重开后再提交（演示）。"
    commands.return_application(db, stage.actors[OFFICES[office].head], application_id, reason=why, now=now)


def bounce(db: Session, stage: Stage, director: Control, office: str, application_id: UUID, *, now: datetime) -> None:
    """What the bank had paid comes back, and the accountant fetches the statement that says so."""
    query = (
        select(PaymentAttempt.reference)
        .join(Payment, Payment.id == PaymentAttempt.payment_id)
        .where(Payment.application_id == application_id, Payment.rail != Custody.GATEWAY)
    )
    for reference in db.scalars(query):
        director.give_back(reference, "收款户名与账号不符", now=now)
    keeper = OFFICES[office]
    books.fetch(db, stage.actors[keeper.accountant], keeper.number, now=now)


def approve(db: Session, stage: Stage, office: str, application_id: UUID, *, now: datetime) -> None:
    """The office's head approves."""
    commands.approve_application(db, stage.actors[OFFICES[office].head], application_id, now=now)


def order(db: Session, stage: Stage, office: str, application_id: UUID, *, now: datetime) -> None:
    """The office's cashier orders: an instruction file to the bank, transfers at the gateway."""
    cashier: Actor = stage.actors[OFFICES[office].cashier]
    query = select(Payment.id, Payment.rail).where(Payment.application_id == application_id).order_by(Payment.place)
    rows = db.execute(query).all()
    by_file = [one for one, rail in rows if rail is not Custody.GATEWAY]
    by_transfer = [one for one, rail in rows if rail is Custody.GATEWAY]
    if by_file:
        commands.instruct(db, cashier, by_file, now=now)
    if by_transfer:
        commands.release_transfers(db, cashier, by_transfer, now=now)
