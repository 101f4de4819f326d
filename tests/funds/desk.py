"""A paying desk for tests: who keeps the money, who buys, who is paid, and what is owed."""

import itertools
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from marketplace.funds import commands
from marketplace.funds.commands.matching import record_custody_account
from marketplace.funds.rules import Custody, SourceKind
from marketplace.funds.schemas import (
    NewApplication,
    NewCustodyAccount,
    NewPayee,
    NewRosterApplication,
    Obligation,
    RosterLine,
)
from marketplace.funds.states import ObligationKind
from marketplace.identity.queries import actor_of
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.text import mask_name
from marketplace.ledger import commands as ledger
from tests.funds.purse import DAY, INCOME, a_fund, a_new_receipt
from tests.identity.town import SAFE, a_person, an_organization

SIGNED_ON = date(2026, 2, 20)
ACCOUNTS = {Custody.BANK: "95588000000000000001", Custody.QUOTA: "95599000000000000002"}
PAYEE_ACCOUNT = "62220000000000000042"
CODE = "A0401"


@dataclass(frozen=True)
class Desk:
    """Who acts, and the funds by their custody."""

    accountant: Actor
    cashier: Actor
    head: Actor
    buyer_head: Actor
    buyer_clerk: Actor
    centre_head: Actor
    supplier: Actor
    holder_id: UUID
    buyer_id: UUID
    centre_id: UUID
    supplier_id: UUID
    funds: dict[Custody, UUID] = field(default_factory=dict)


def a_desk(
    db: Session, *, now: datetime, fen: int = 1_000_000, custodies: tuple[Custody, ...] = (Custody.BANK,)
) -> Desk:
    """An office with one fund of each custody, each with ``fen`` available."""
    holder = an_organization(db, Function.FINANCE_OFFICE, now=now, name="示例财政局")
    buyer = an_organization(db, Function.BUYER, now=now, name="示例总工会")
    centre = an_organization(db, Function.PROCURING_ENTITY, now=now, name="示例服务中心")
    supplier = an_organization(db, Function.SUPPLIER, now=now, name="示例社工站")

    def somebody(organization: UUID, role: Role) -> Actor:
        return actor_of(db, a_person(db, organization, role, now=now), organization)

    desk = Desk(
        accountant=somebody(holder, Role.ACCOUNTANT),
        cashier=somebody(holder, Role.CASHIER),
        head=somebody(holder, Role.HEAD),
        buyer_head=somebody(buyer, Role.HEAD),
        buyer_clerk=somebody(buyer, Role.CLERK),
        centre_head=somebody(centre, Role.HEAD),
        supplier=somebody(supplier, Role.HEAD),
        holder_id=holder,
        buyer_id=buyer,
        centre_id=centre,
        supplier_id=supplier,
    )
    return replace(desk, funds={custody: a_purse(db, desk, custody, fen, now=now) for custody in custodies})


SOURCES = {Custody.BANK: SourceKind.UNION, Custody.QUOTA: SourceKind.FISCAL, Custody.GATEWAY: SourceKind.DONATION}


def a_purse(db: Session, desk: Desk, custody: Custody, fen: int, *, now: datetime, **given: object) -> UUID:
    """A fund of the office with ``fen`` available; its account is recorded when it is the first of its custody."""
    source = SOURCES[custody]
    office = _Office(desk)
    fund = a_fund(db, office, source, now=now, custody=custody, **given)  # type: ignore[arg-type]
    receipt = a_new_receipt(fund, fen, source, kind=INCOME[source])
    commands.receive(db, desk.accountant, receipt, now=now)
    if custody in ACCOUNTS and not any(known == custody for known in desk.funds):
        account = NewCustodyAccount(
            custody=custody, number=ACCOUNTS[custody], name="示例财政局", bank_name="示例银行广安支行"
        )
        record_custody_account(db, desk.accountant, account, now=now)
    return fund


class _Office:
    """The same people as ``purse`` knows them."""

    def __init__(self, desk: Desk) -> None:
        self.accountant, self.buyer_id = desk.accountant, desk.buyer_id


def owed(db: Session, fund_id: UUID, fen: int, *, now: datetime, obligation_id: UUID | None = None) -> UUID:
    """Let ``fen`` of a fund be payable for a milestone (or roster) of no contract; return its id."""
    obligation_id = obligation_id or uuid4()
    places = (
        ("available", None),
        ("reserved", obligation_id),
        ("committed", obligation_id),
        ("payable", obligation_id),
    )
    for source, target in itertools.pairwise(places):
        ledger.move(
            db, key=f"test/{uuid4()}", fund_id=fund_id, source=source, target=target, amount_fen=fen, cause="试",
            actor_id=None, value_date=DAY, now=now,
        )  # fmt: skip
    return obligation_id


def a_payee(organization_id: UUID | None, account: str = PAYEE_ACCOUNT, name: str = "示例社工站") -> NewPayee:
    place = f"test.account:{account}"
    is_person = organization_id is None
    return NewPayee(
        name=mask_name(name) if is_person else name,
        name_sealed=SAFE.vault.seal(name, f"test.name:{account}") if is_person else None,
        name_place=f"test.name:{account}" if is_person else "",
        bank_name="示例银行城北支行",
        account_sealed=SAFE.vault.seal(account, place),
        account_place=place,
        account_last4=account[-4:],
        organization_id=organization_id,
    )


def an_obligation(desk: Desk, obligation_id: UUID, **given: object) -> Obligation:
    facts: dict[str, object] = {
        "kind": ObligationKind.MILESTONE,
        "id": obligation_id,
        "label": "第一个里程碑",
        "buyer_id": desk.buyer_id,
        "catalogue_codes": (CODE,),
        "procuring_entity_id": desk.centre_id,
        "payee_id": desk.supplier_id,
        "contract_id": uuid4(),
        "contract_number": "HT-2026-0001",
        "contract_signed_on": SIGNED_ON,
    }
    return Obligation(**(facts | given))  # type: ignore[arg-type]


def a_form(desk: Desk, obligation_id: UUID, fen: int, **given: object) -> NewApplication:
    facts: dict[str, object] = {
        "obligation_id": obligation_id,
        "payee_id": desk.supplier_id,
        "amount_fen": fen,
        "invoice_no": f"{uuid4().int % 10**20:020d}",
        "invoice_on": DAY,
    }
    return NewApplication(**(facts | given))  # type: ignore[arg-type]


def applied(db: Session, desk: Desk, fen: int = 50_000, *, now: datetime, custody: Custody = Custody.BANK) -> UUID:
    """An application for a milestone of ``fen``, as it was handed in."""
    obligation_id = owed(db, desk.funds[custody], fen, now=now)
    return commands.apply_payment(
        db,
        desk.accountant,
        a_form(desk, obligation_id, fen),
        an_obligation(desk, obligation_id),
        a_payee(desk.supplier_id),
        now=now,
    )


def approved(db: Session, desk: Desk, fen: int = 50_000, *, now: datetime, custody: Custody = Custody.BANK) -> UUID:
    """An application for a milestone of ``fen`` that the office's head approved."""
    application_id = applied(db, desk, fen, now=now, custody=custody)
    commands.approve_application(db, desk.head, application_id, now=now)
    return application_id


def a_roster(db: Session, desk: Desk, amounts_fen: list[int], *, now: datetime, fund_id: UUID | None = None) -> UUID:
    """An application for a roster with a line of each amount."""
    roster_id = owed(db, fund_id or desk.funds[Custody.BANK], sum(amounts_fen), now=now)
    lines = tuple(
        RosterLine(line_id=uuid4(), payee=a_payee(None, f"6217{n:016d}", f"示例{n}"), amount_fen=fen)
        for n, fen in enumerate(amounts_fen)
    )
    obligation = an_obligation(
        desk, roster_id, kind=ObligationKind.ROSTER, label="金秋助学名册", payee_id=None, contract_id=None,
        contract_number="", contract_signed_on=None,
    )  # fmt: skip
    return commands.apply_roster(db, desk.accountant, NewRosterApplication(obligation=obligation, lines=lines), now=now)
