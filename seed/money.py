"""The demo's money: funds opened by their offices, receipts on their days, and one that was mistyped and corrected."""

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from marketplace.funds import commands
from marketplace.funds.rules import Custody, ReceiptKind, SourceKind
from marketplace.funds.schemas import Correction, NewFund, NewReceipt
from marketplace.kit.actor import Actor
from marketplace.kit.money import parse_yuan
from seed.year import Receipt, year

ACCOUNTANTS = {"czj": "finance", "qzgh": "union-accountant", "csh": "charity-accountant"}
"""Whose hand keeps the funds of each office."""


def open_funds(db: Session, actors: dict[str, Actor], ids: dict[str, UUID], moved: timedelta, *, now: datetime) -> None:
    """Open every fund; their ids are added to ``ids`` by key."""
    for fund in year().funds:
        new = NewFund(
            name=fund.name,
            source=SourceKind(fund.source),
            custody=Custody(fund.custody),
            buyer_id=ids[fund.buyer],
            year=(date(2026, 1, 12) + moved).year,
            basis_document_no=fund.basis,
            clause=fund.clause,
            catalogue_codes=fund.codes,
            expires_on=fund.expires + moved if fund.expires else None,
        )
        ids[fund.key] = commands.open_fund(db, actors[ACCOUNTANTS[fund.holder]], new, now=now)


def receive(db: Session, actors: dict[str, Actor], ids: dict[str, UUID], receipt: Receipt, *, now: datetime) -> None:
    """Record one income; the mistyped one is first recorded wrongly and then corrected."""
    story = year()
    holder = next(fund.holder for fund in story.funds if fund.key == receipt.fund)
    accountant = actors[ACCOUNTANTS[holder]]
    new = NewReceipt(
        fund_id=ids[receipt.fund],
        kind=ReceiptKind(receipt.kind),
        amount_fen=parse_yuan(receipt.yuan),
        value_date=receipt.day,
        document_no=receipt.document,
        payer=receipt.payer,
        disclose_payer=not receipt.anonymous,
    )
    slip = story.mistyped
    if receipt.document != slip.document:
        commands.receive(db, accountant, new, now=now)
        return
    wrong = commands.receive(db, accountant, _as_mistyped(new, slip.wrong_yuan), now=now)
    commands.correct(db, accountant, wrong, Correction(receipt=new, reason=slip.reason), now=now)


def _as_mistyped(new: NewReceipt, yuan: str) -> NewReceipt:
    return msgspec.structs.replace(new, amount_fen=parse_yuan(yuan))
