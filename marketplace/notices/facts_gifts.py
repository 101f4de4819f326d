"""What happened with gifts by invitation, as far as notices tell it."""

from sqlalchemy.orm import Session

from marketplace.funds.model import Fund, GiftBasis, GiftInvitation, GiftPayment, Receipt
from marketplace.identity.model import Organization
from marketplace.notices.rules import Party
from marketplace.notices.schemas import Facts
from marketplace.outbox.schemas import Envelope


def invitation(db: Session, message: Envelope) -> Facts:
    """An invitation; a message with a link carries it to the donor."""
    row = db.get_one(GiftInvitation, message.id("invitation_id"))
    fund = db.get_one(Fund, row.fund_id)
    return Facts(
        params={
            "holder": db.get_one(Organization, fund.holder_id).name,
            "fund": fund.name,
            "expires_on": row.expires_on,
        },
        url="/funds",
        urls={Party.FINANCE: f"/finance/gifts/{row.id}"},
        people={Party.DONOR: (row.person_id,)},
        organizations={Party.FINANCE: (fund.holder_id,)},
        link_id=message.id("link_id") if "link_id" in message.payload else None,
    )


def gift(db: Session, message: Envelope) -> Facts:
    """A gift that arrived, with its receipt; the donor hears of it by a link of their own."""
    row = db.get_one(GiftPayment, message.id("payment_id"))
    fund = db.get_one(Fund, row.fund_id)
    receipt = db.get_one(Receipt, row.receipt_id)
    return Facts(
        params={
            "holder": db.get_one(Organization, fund.holder_id).name,
            "fund": fund.name,
            "number": receipt.number,
            "amount_fen": row.amount_fen,
            "fee_fen": row.fee_fen,
            "net_fen": row.net_fen,
            "value_on": receipt.value_date,
        },
        url=f"/finance/receipts/{receipt.id}",
        people={Party.DONOR: (db.get_one(GiftInvitation, row.invitation_id).person_id,)},
        organizations={Party.FINANCE: (fund.holder_id,), Party.BUYER: (fund.buyer_id,)},
        link_id=message.id("link_id") if "link_id" in message.payload else None,
    )


def basis(db: Session, message: Envelope) -> Facts:
    """A holder's legal basis to receive."""
    row = db.get_one(GiftBasis, message.id("basis_id"))
    return Facts(
        params={
            "holder": db.get_one(Organization, row.holder_id).name,
            "document_no": row.document_no,
            "reason": row.withdraw_reason,
        },
        url="/finance/gifts/basis",
        organizations={Party.FINANCE: (row.holder_id,)},
    )
