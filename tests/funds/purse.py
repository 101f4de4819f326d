"""A small purse for tests: a finance office, two buyers, and funds of every source."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.funds import commands
from marketplace.funds.rules import Custody, ReceiptKind, SourceKind
from marketplace.funds.schemas import NewFund, NewReceipt
from marketplace.identity.queries import actor_of
from marketplace.kit.actor import Actor, Function, Role
from tests.identity.town import a_person, an_organization

DAY = date(2026, 3, 2)
CUSTODY = {SourceKind.FISCAL: Custody.QUOTA, SourceKind.UNION: Custody.BANK, SourceKind.DONATION: Custody.BANK}
INCOME = {
    SourceKind.FISCAL: ReceiptKind.APPROPRIATION,
    SourceKind.UNION: ReceiptKind.UNION_ALLOTMENT,
    SourceKind.DONATION: ReceiptKind.GIFT,
}


@dataclass(frozen=True)
class Office:
    """An office that keeps money, its accountant, and the buyer that may use it."""

    accountant: Actor
    cashier: Actor
    buyer_id: UUID


def an_office(db: Session, *, now: datetime) -> Office:
    holder = an_organization(db, Function.FINANCE_OFFICE, now=now, name="示例财政局")
    buyer = an_organization(db, Function.BUYER, now=now, name="示例总工会")
    people = {role: a_person(db, holder, role, now=now) for role in (Role.ACCOUNTANT, Role.CASHIER)}
    return Office(
        accountant=actor_of(db, people[Role.ACCOUNTANT], holder),
        cashier=actor_of(db, people[Role.CASHIER], holder),
        buyer_id=buyer,
    )


def a_new_fund(office: Office, source: SourceKind = SourceKind.UNION, **given: object) -> NewFund:
    facts: dict[str, object] = {
        "name": "示例资金",
        "source": source,
        "custody": CUSTODY[source],
        "buyer_id": office.buyer_id,
        "year": 2026,
        "basis_document_no": "示例〔2026〕1号",
    }
    return NewFund(**(facts | given))  # type: ignore[arg-type]


def a_fund(
    db: Session, office: Office, source: SourceKind = SourceKind.UNION, *, now: datetime, **given: object
) -> UUID:
    return commands.open_fund(db, office.accountant, a_new_fund(office, source, **given), now=now)


def a_new_receipt(fund_id: UUID, amount_fen: int, source: SourceKind = SourceKind.UNION, **given: object) -> NewReceipt:
    facts: dict[str, object] = {
        "fund_id": fund_id,
        "kind": INCOME[source],
        "amount_fen": amount_fen,
        "value_date": DAY,
        "document_no": f"回单{amount_fen}",
        "payer": "示例付款方",
    }
    return NewReceipt(**(facts | given))  # type: ignore[arg-type]
