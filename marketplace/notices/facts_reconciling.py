"""What happened in reconciliation, as far as notices tell it."""

from sqlalchemy.orm import Session

from marketplace.funds.model import ReconciliationNote
from marketplace.kit.clock import legal_day
from marketplace.notices.rules import Party
from marketplace.notices.schemas import Facts
from marketplace.outbox.schemas import Envelope

NOTE_NAMES = frozenset({"amount_fen", "day", "due_on", "reason"})


def note(db: Session, message: Envelope) -> Facts:
    """A note on a difference, and who looks into it."""
    row = db.get_one(ReconciliationNote, message.id("note_id"))
    return Facts(
        params={
            "amount_fen": abs(row.amount_fen),
            "day": legal_day(row.made_at),
            "due_on": row.due_on,
            "reason": row.text,
        },
        url="/finance/reconciliation",
        people={Party.PERSON: (row.owner_id,) if row.owner_id else ()},
    )
