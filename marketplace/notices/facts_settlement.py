"""What happened with payments, as far as notices tell it: never who is on a roster, never an account."""

from sqlalchemy.orm import Session

from marketplace.funds.model import CustodyAccount, Payment, PaymentApplication, PaymentInstruction
from marketplace.notices.rules import Party
from marketplace.notices.schemas import Facts
from marketplace.outbox.schemas import Envelope

APPLICATION_NAMES = frozenset({"number", "label", "amount_fen", "paid_fen", "count", "reason"})
INSTRUCTION_NAMES = frozenset({"number", "amount_fen", "reason"})


def application(db: Session, message: Envelope) -> Facts:
    """A payment application; with a payment, where the message is about some of its payments."""
    row = db.get_one(PaymentApplication, message.id("application_id"))
    one = db.get(Payment, message.id("payment_id")) if "payment_id" in message.payload else None
    amount_fen = int(message.payload.get("amount_fen", one.amount_fen if one else row.amount_fen))
    desk = f"/finance/payments/applications/{row.id}"
    return Facts(
        params={
            "number": row.number,
            "label": row.label,
            "amount_fen": row.amount_fen,
            "paid_fen": amount_fen,
            "count": int(message.payload.get("count", 1)),
            "reason": (one.reason if one else "") or row.reason,
        },
        url=desk,
        urls={Party.SUPPLIER: "/org/claims"},
        people={Party.PERSON: (row.prepared_by,) if row.prepared_by else ()},
        organizations={
            Party.FINANCE: (row.holder_id,),
            Party.BUYER: (row.buyer_id,),
            Party.PROCURING_ENTITY: (row.procuring_entity_id,) if row.procuring_entity_id else (),
            Party.SUPPLIER: (row.payee_id,) if row.payee_id else (),
        },
    )


def instruction(db: Session, message: Envelope) -> Facts:
    """An instruction file that its bank did not take."""
    row = db.get_one(PaymentInstruction, message.id("instruction_id"))
    holder_id = db.get_one(CustodyAccount, row.account_id).holder_id
    return Facts(
        params={"number": row.number, "amount_fen": row.total_fen, "reason": row.reason},
        url=f"/finance/payments/instructions/{row.id}",
        organizations={Party.FINANCE: (holder_id,)},
    )
