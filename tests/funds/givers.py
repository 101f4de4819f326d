"""An office that may receive gifts, for tests: its head records the basis, its accountant invites donors."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.documents.storage import FolderStorage
from marketplace.funds.commands import gifts, giving
from marketplace.funds.rules import Custody, SourceKind
from marketplace.funds.schemas.gifts import Intent, Issued, NewBasis, NewInvitation, Seen, Wish
from marketplace.funds.states.gifts import GiftState
from marketplace.identity.queries import actor_of
from marketplace.kit.actor import Actor, Role
from marketplace.kit.clock import legal_day
from tests.funds.purse import Office, a_fund, an_office
from tests.identity.town import SAFE, a_person


@dataclass(frozen=True)
class Hands:
    """A finance office with its head, its accountant, a fund at the gateway, and a place for papers."""

    office: Office
    head: Actor
    fund_id: UUID
    storage: FolderStorage

    @property
    def accountant(self) -> Actor:
        return self.office.accountant

    @property
    def holder_id(self) -> UUID:
        assert self.head.organization_id is not None
        return self.head.organization_id


def open_hands(db: Session, folder: Path, *, now: datetime, with_basis: bool = True) -> Hands:
    office = an_office(db, now=now)
    holder = office.accountant.organization_id
    assert holder is not None
    head = actor_of(db, a_person(db, holder, Role.HEAD, now=now, name="周六顺"), holder)
    fund_id = a_fund(
        db,
        office,
        SourceKind.DONATION,
        now=now,
        custody=Custody.GATEWAY,
        name="示例助学捐赠",
        clause="只用于留守儿童假期托管",
    )
    hands = Hands(office=office, head=head, fund_id=fund_id, storage=FolderStorage(folder / "papers"))
    if with_basis:
        a_basis(db, hands, now=now)
    return hands


def a_basis(db: Session, hands: Hands, *, now: datetime, actor: Actor | None = None, **given: object) -> UUID:
    facts: dict[str, object] = {
        "holder_id": hands.holder_id, "document_no": "示例民政〔2026〕3号", "dated_on": date(2026, 2, 1),
    }  # fmt: skip
    new = NewBasis(**(facts | given))  # type: ignore[arg-type]
    return gifts.record_basis(
        db, hands.storage, actor or hands.head, new, [b"%PDF-1.7 example"], name="依据.pdf", limit_bytes=10_000, now=now
    )


def an_invitation(db: Session, hands: Hands, *, now: datetime, **given: object) -> Issued:
    facts: dict[str, object] = {
        "fund_id": hands.fund_id, "donor": "陈七念", "email": "donor@example.com", "suggested_fen": 20_000,
        "expires_on": legal_day(now) + timedelta(days=30),
    }  # fmt: skip
    return gifts.invite(db, SAFE, hands.accountant, NewInvitation(**(facts | given)), now=now)  # type: ignore[arg-type]


def a_wish(amount_fen: int = 20_000, **given: object) -> Wish:
    return Wish(**({"amount_fen": amount_fen, "donor": "陈七念"} | given))  # type: ignore[arg-type]


def an_open_checkout(db: Session, token: str, *, now: datetime, amount_fen: int = 20_000) -> Intent:
    intent = giving.intend(db, token, a_wish(amount_fen), now=now)
    giving.opened(
        db, intent.payment_id, session_id=f"cs_{intent.payment_id.hex}", url="https://pay.example.com/1", now=now
    )
    return intent


def paid(intent: Intent, fee_fen: int | None = 120, **given: Any) -> Seen:
    facts: dict[str, Any] = {
        "session_id": f"cs_{intent.payment_id.hex}", "state": GiftState.PAID, "amount_fen": intent.amount_fen,
        "charge_id": f"ch_{intent.payment_id.hex}", "fee_fen": fee_fen,
    }  # fmt: skip
    return Seen(**(facts | given))
