"""Verbs of the office that receives gifts: its legal basis, and invitations to named donors."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.documents.commands import clean_name, store
from marketplace.documents.rules import PAPERS, fitting
from marketplace.documents.storage import Storage
from marketplace.funds.model import Fund, GiftBasis, GiftInvitation, GiftLink
from marketplace.funds.queries.gifts import FOLLOW, INVITE, link_place
from marketplace.funds.rules.gifts import (
    FutureBasis,
    GiftsOff,
    NoBasisPaper,
    NoHolder,
    amount_refusals,
    expiry_refusals,
    fund_refusals,
    has_lapsed,
)
from marketplace.funds.schemas.gifts import Issued, NewBasis, NewInvitation
from marketplace.funds.states.gifts import (
    BASIS,
    INVITATION,
    BasisAction,
    BasisState,
    InvitationAction,
    InvitationState,
)
from marketplace.identity.credentials import Safe, tokens
from marketplace.identity.model import Organization, Person
from marketplace.identity.rules import Relation, Right, require
from marketplace.identity.rules.names import pinyin_key
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor, Function
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound, raise_all
from marketplace.kit.text import clean_line
from marketplace.outbox.commands import emit

REPLACED = "由新登记的依据替代"
__all__ = [
    "FOLLOW",
    "INVITE",
    "forget_gift_token",
    "invite",
    "issue_link",
    "lapse_due",
    "record_basis",
    "renew",
    "revoke",
    "standing_basis",
    "withdraw_basis",
]


def record_basis(
    db: Session,
    storage: Storage,
    actor: Actor,
    new: NewBasis,
    chunks: Iterable[bytes] | None,
    *,
    name: str,
    limit_bytes: int,
    now: datetime,
) -> UUID:
    """Record the paper by which a holder may receive gifts; an earlier one is withdrawn. Returns its id.

    ``chunks`` are the bytes of the paper, ``name`` its file name.

    Raises:
        NotFound, Forbidden: neither the holder's finance head nor a system administrator.
        NoHolder: the organization is no finance office.
        FutureBasis: the paper is of a day that has not come.
        NoBasisPaper: there is no file.
        TooLarge, EmptyFile: the file is.
        FileNotTaken, FileNotAsNamed: it is of a kind that is not taken.

    Source:
        捐赠法第十、十一条, 慈善法第二十二至二十七条: who may receive, and how; to be confirmed for each holder.
    """
    holder = lock(db, Organization, new.holder_id)
    if holder is None:
        raise NotFound
    require(actor, Right.RECORD_LEGAL_BASIS, {Relation.FINANCE: holder.id})
    if Function.FINANCE_OFFICE.value not in holder.functions:
        raise NoHolder(field="holder_id")
    if new.dated_on > legal_day(now):
        raise FutureBasis(field="dated_on", dated_on=new.dated_on)
    if chunks is None:
        raise NoBasisPaper(field="paper")
    standing = select(GiftBasis.id).where(GiftBasis.holder_id == holder.id, GiftBasis.state == BasisState.STANDING)
    for earlier in db.scalars(standing):
        _withdraw(db, actor, db.get_one(GiftBasis, earlier), REPLACED, now)
    fit = fitting(chunks, name=clean_name(name), kinds=PAPERS, field="paper")
    document_id = store(db, storage, actor, fit, name=name, limit_bytes=limit_bytes, now=now)
    row = GiftBasis(
        holder_id=holder.id,
        document_no=clean_line(new.document_no),
        dated_on=new.dated_on,
        note=new.note,
        document_id=document_id,
        recorded_by=actor.person_id,
        recorded_at=now,
    )
    db.add(row)
    db.flush()
    record(
        db, actor, "gift.basis_recorded", "gift_basis", row.id,
        now=now, document_no=row.document_no, dated_on=row.dated_on, document_id=document_id, holder_id=holder.id,
    )  # fmt: skip
    emit(db, "gift.basis_recorded", now=now, basis_id=row.id)
    return row.id


def withdraw_basis(db: Session, actor: Actor, basis_id: UUID, *, reason: str, now: datetime) -> None:
    """Withdraw a legal basis: from now on no donor is led to Checkout for this holder's funds.

    Raises:
        NotFound: no such basis, or not one of the actor's office.
        Forbidden: the actor may not record legal bases.
        IllegalMove: it is withdrawn already.
    """
    known = db.get(GiftBasis, basis_id)
    if known is None:
        raise NotFound
    lock(db, Organization, known.holder_id)
    row = lock(db, GiftBasis, basis_id)
    if row is None:
        raise NotFound
    require(actor, Right.RECORD_LEGAL_BASIS, {Relation.FINANCE: row.holder_id})
    _withdraw(db, actor, row, reason, now)
    emit(db, "gift.basis_withdrawn", now=now, basis_id=row.id)


def _withdraw(db: Session, actor: Actor, row: GiftBasis, reason: str, now: datetime) -> None:
    row.state = BASIS.after(row.state, BasisAction.WITHDRAW)
    row.withdrawn_by, row.withdrawn_at, row.withdraw_reason = actor.person_id, now, reason
    db.flush()
    record(db, actor, "gift.basis_withdrawn", "gift_basis", row.id, now=now, reason=reason)


def standing_basis(db: Session, holder_id: UUID) -> UUID:
    """The legal basis by which a holder may receive gifts now.

    Raises:
        GiftsOff: none is recorded.
    """
    query = select(GiftBasis.id).where(GiftBasis.holder_id == holder_id, GiftBasis.state == BasisState.STANDING)
    found = db.scalar(query)
    if found is None:
        raise GiftsOff(holder=db.get_one(Organization, holder_id).name)
    return found


def invite(db: Session, safe: Safe, actor: Actor, new: NewInvitation, *, now: datetime) -> Issued:
    """Ask one named donor for one gift into a gateway fund; the secret link is mailed, and told here once.

    Raises:
        NotFound: no such fund, or not one of the actor's office.
        Forbidden: the actor may not invite donors.
        GiftsOff: the holder's legal basis is not recorded.
        NotForGifts, NotOpenForGifts: the fund takes no gift through Checkout.
        BadExpiry, GiftOutOfBounds: the last day, or the suggested amount.

    Source:
        慈善法第二十九条 (directed, never in public), 第三十二条 (no quotas).
    """
    fund = lock(db, Fund, new.fund_id)
    if fund is None:
        raise NotFound
    require(actor, Right.INVITE_DONOR, {Relation.FINANCE: fund.holder_id})
    raise_all(
        [
            *fund_refusals(fund.name, fund.source, fund.custody, fund.state, fund.expires_on, now=now),
            *expiry_refusals(new.expires_on, now=now),
            *amount_refusals(new.suggested_fen, "suggested_fen"),
        ]
    )
    basis_id = standing_basis(db, fund.holder_id)
    donor = clean_line(new.donor)
    person = Person(name=donor, pinyin=pinyin_key(donor), email=new.email.strip())
    db.add(person)
    db.flush()
    row = GiftInvitation(
        fund_id=fund.id,
        basis_id=basis_id,
        person_id=person.id,
        donor=donor,
        suggested_fen=new.suggested_fen,
        agreement=new.agreement.strip() or fund.clause or fund.name,
        note=new.note,
        expires_on=new.expires_on,
        invited_by=actor.person_id,
        invited_at=now,
    )
    db.add(row)
    db.flush()
    link, token = issue_link(db, safe, row.id, INVITE, now=now)
    record(
        db, actor, "gift.invited", "gift_invitation", row.id,
        now=now, fund_id=fund.id, suggested_fen=row.suggested_fen, expires_on=row.expires_on,
    )  # fmt: skip
    emit(db, "gift.invited", now=now, invitation_id=row.id, link_id=link)
    return Issued(invitation_id=row.id, token=token)


def issue_link(db: Session, safe: Safe, invitation_id: UUID, purpose: str, *, now: datetime) -> tuple[UUID, str]:
    """Make a secret link in place of an earlier one of the same purpose; returns its id and token."""
    earlier = update(GiftLink).where(
        GiftLink.invitation_id == invitation_id, GiftLink.purpose == purpose, GiftLink.ended_at.is_(None)
    )
    db.execute(earlier.values(ended_at=now, sealed=None))
    token, link_id = tokens.new_token(), uuid4()
    db.add(
        GiftLink(
            id=link_id,
            invitation_id=invitation_id,
            purpose=purpose,
            token_digest=tokens.digest(token),
            sealed=safe.vault.seal(token, link_place(link_id)),
            issued_at=now,
        )
    )
    db.flush()
    return link_id, token


def forget_gift_token(db: Session, link_id: UUID) -> None:
    """Empty the sealed token: its mail was handed over, in the same transaction that says so."""
    link = lock(db, GiftLink, link_id)
    if link is not None:
        link.sealed = None


def renew(db: Session, safe: Safe, actor: Actor, invitation_id: UUID, expires_on: date, *, now: datetime) -> Issued:
    """Send an invitation once more, until a new day; the earlier link no longer leads anywhere.

    Raises:
        NotFound: no such invitation, or not one of the actor's office.
        Forbidden: the actor may not invite donors.
        IllegalMove: it was revoked, or the gift was given.
        GiftsOff, NotForGifts, NotOpenForGifts, BadExpiry: as for a new one.
    """
    row, fund = _own(db, actor, invitation_id)
    row.state = INVITATION.after(row.state, InvitationAction.RENEW)
    raise_all(
        [
            *fund_refusals(fund.name, fund.source, fund.custody, fund.state, fund.expires_on, now=now),
            *expiry_refusals(expires_on, now=now),
        ]
    )
    row.basis_id = standing_basis(db, fund.holder_id)
    row.expires_on = expires_on
    link, token = issue_link(db, safe, row.id, INVITE, now=now)
    record(db, actor, "gift.invited_again", "gift_invitation", row.id, now=now, expires_on=expires_on)
    emit(db, "gift.invited", now=now, invitation_id=row.id, link_id=link)
    return Issued(invitation_id=row.id, token=token)


def revoke(db: Session, actor: Actor, invitation_id: UUID, *, reason: str, now: datetime) -> None:
    """Take an invitation back. A payment that the donor has begun is still recorded when it arrives.

    Raises:
        NotFound: no such invitation, or not one of the actor's office.
        Forbidden: the actor may not invite donors.
        IllegalMove: it was revoked already, or the gift was given.
    """
    row, _ = _own(db, actor, invitation_id)
    row.state = INVITATION.after(row.state, InvitationAction.REVOKE)
    row.revoked_at, row.revoke_reason = now, reason
    record(db, actor, "gift.revoked", "gift_invitation", row.id, now=now, reason=reason)
    emit(db, "gift.revoked", now=now, invitation_id=row.id)


def _own(db: Session, actor: Actor, invitation_id: UUID) -> tuple[GiftInvitation, Fund]:
    row = lock(db, GiftInvitation, invitation_id)
    if row is None:
        raise NotFound
    fund = db.get_one(Fund, row.fund_id)
    require(actor, Right.INVITE_DONOR, {Relation.FINANCE: fund.holder_id})
    return row, fund


def lapse_due(db: Session, *, now: datetime) -> int:
    """Mark the invitations whose last day is over; returns how many. Nothing waits for this: the clock decides."""
    open_ones = select(GiftInvitation.id).where(
        GiftInvitation.state == InvitationState.OPEN, GiftInvitation.expires_on < legal_day(now)
    )
    lapsed = 0
    for invitation_id in sorted(db.scalars(open_ones)):
        row = lock(db, GiftInvitation, invitation_id)
        if row is not None and row.state is InvitationState.OPEN and has_lapsed(row.expires_on, now=now):
            row.state = INVITATION.after(row.state, InvitationAction.LAPSE)
            emit(db, "gift.lapsed", now=now, invitation_id=row.id)
            lapsed += 1
    return lapsed
