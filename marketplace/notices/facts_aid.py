"""What happened with rosters of aid, as far as notices tell it: never who is on them."""

from sqlalchemy.orm import Session

from marketplace.aid.model import Roster
from marketplace.aid.queries.parts import holder_of
from marketplace.notices.rules import Party
from marketplace.notices.schemas import Facts
from marketplace.outbox.schemas import Envelope

NAMES = frozenset({"title", "number", "heads", "amount_fen", "reason"})


def roster(db: Session, message: Envelope) -> Facts:
    """A roster, the organization that helps and the office that pays."""
    row = db.get_one(Roster, message.id("roster_id"))
    return Facts(
        params={
            "title": row.title,
            "number": row.number,
            "heads": row.heads,
            "amount_fen": row.total_fen,
            "reason": row.returned_reason,
        },
        url=f"/centre/aid/{row.id}",
        organizations={
            Party.ORGANIZATION: (row.organization_id,),
            Party.FINANCE: (holder_of(db, row.fund_id),),
        },
    )
