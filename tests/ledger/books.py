"""Short ways for tests to call the ledger: the facts that a case is not about have fixed values."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from marketplace.ledger import commands as ledger
from marketplace.ledger.schemas import PlaceLike
from marketplace.ledger.states import NOBODY

AVAILABLE: PlaceLike = ("available", None)
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FACTS: dict[str, Any] = {"cause": "测试", "actor_id": None, "value_date": date(2026, 3, 2), "now": NOW}


def a_fund(db: Session, *amounts_fen: int, custody: str = "bank") -> UUID:
    """A fund that received these amounts, each by a receipt of its own."""
    fund_id = uuid4()
    ledger.open_fund(db, fund_id, custody, now=NOW)
    for amount_fen in amounts_fen:
        a_receipt(db, fund_id, amount_fen)
    return fund_id


def a_receipt(db: Session, fund_id: UUID, amount_fen: int, **facts: Any) -> UUID:
    """A receipt into a fund."""
    receipt_id = uuid4()
    given: dict[str, Any] = FACTS | {"key": f"receipt/{receipt_id}"} | facts
    ledger.receive(db, receipt_id=receipt_id, fund_id=fund_id, amount_fen=amount_fen, **given)
    return receipt_id


def move(db: Session, fund_id: UUID, source: PlaceLike, target: PlaceLike, amount_fen: int, **facts: Any) -> int:
    """A movement under a key of its own, unless one is given."""
    given: dict[str, Any] = FACTS | {"key": str(uuid4())} | facts
    return ledger.move(db, fund_id=fund_id, source=source, target=target, amount_fen=amount_fen, **given)


def held(db: Session, fund_id: UUID, place: PlaceLike) -> list[tuple[int, int]]:
    """The spans an account holds, ascending."""
    query = text(
        "SELECT lower(h.span), upper(h.span) FROM ledger.holding h JOIN ledger.account a ON a.id = h.account_id"
        " WHERE a.fund_id = :fund AND a.role = :role AND a.ref = :ref ORDER BY h.span"
    )
    values = {"fund": fund_id, "role": str(place[0]), "ref": place[1] or NOBODY}
    return [(row[0], row[1]) for row in db.execute(query, values)]
