"""Reads of gifts by invitation: for the office that receives, for the donor, for the worker that asks the gateway."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from marketplace.funds.model import Fund, GiftBasis, GiftInvitation, GiftLink, GiftPayment, Receipt
from marketplace.funds.rules.gifts import ASK_AFTER, fund_refusals, has_lapsed
from marketplace.funds.rules.terms import Custody
from marketplace.funds.schemas import FundView
from marketplace.funds.schemas.gifts import BasisView, GiftView, GivenView, Intent, InvitationView
from marketplace.funds.states.gifts import UNDER_WAY, BasisState, InvitationState
from marketplace.funds.states.terms import FundState
from marketplace.identity.credentials import Safe, tokens
from marketplace.identity.model import Organization, Person
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor, Function
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo

PAGE = 100
INVITE, FOLLOW = "invite", "follow"
"""What a secret link is for: to give by, or to follow the gift by."""


def link_place(link_id: UUID) -> str:
    """The place a link's token is sealed for."""
    return f"gift_link.sealed/{link_id}"


def gift_link_token(db: Session, safe: Safe, link_id: UUID, *, now: datetime) -> str | None:
    """The token for a mail, or None if its link ended, or there is nothing left to give by it."""
    link = db.get(GiftLink, link_id)
    if link is None or link.ended_at is not None or link.sealed is None:
        return None
    invitation = db.get_one(GiftInvitation, link.invitation_id)
    if link.purpose == INVITE and _state(invitation, now) is not InvitationState.OPEN:
        return None
    return safe.vault.open(link.sealed, link_place(link.id))


def _basis_views(db: Session, query: Select[GiftBasis, str]) -> list[BasisView]:
    return [
        BasisView(
            id=row.id,
            holder_id=row.holder_id,
            holder=holder,
            document_no=row.document_no,
            dated_on=row.dated_on,
            note=row.note,
            document_id=row.document_id,
            state=row.state,
            recorded_at=row.recorded_at,
            withdraw_reason=row.withdraw_reason,
        )
        for row, holder in db.execute(query)
    ]


def _bases() -> Select[GiftBasis, str]:
    query = select(GiftBasis, Organization.name).join(Organization, Organization.id == GiftBasis.holder_id)
    return query.order_by(GiftBasis.recorded_at.desc(), GiftBasis.id)


def bases(db: Session, holder_id: UUID | None = None) -> list[BasisView]:
    """Legal bases, newest first: of one holder, or of all; withdrawn ones stand in the list."""
    query = _bases()
    return _basis_views(db, query if holder_id is None else query.where(GiftBasis.holder_id == holder_id))


def basis(db: Session, basis_id: UUID) -> BasisView:
    """One legal basis.

    Raises:
        NotFound: there is none with this id.
    """
    found = _basis_views(db, _bases().where(GiftBasis.id == basis_id))
    if not found:
        raise NotFound
    return found[0]


def basis_of(db: Session, holder_id: UUID) -> BasisView | None:
    """The legal basis that stands for a holder, if any: without it Checkout is off for the holder's gateway funds."""
    standing = _bases().where(GiftBasis.holder_id == holder_id, GiftBasis.state == BasisState.STANDING)
    return next(iter(_basis_views(db, standing)), None)


def _gift_views(db: Session, query: Select[GiftPayment, str, str | None]) -> list[GiftView]:
    return [
        GiftView(
            id=row.id,
            invitation_id=row.invitation_id,
            fund_id=row.fund_id,
            fund=fund,
            donor=row.donor,
            disclose=row.disclose,
            message=row.message,
            amount_fen=row.amount_fen,
            fee_fen=row.fee_fen,
            net_fen=row.net_fen,
            state=row.state,
            refusal=row.refusal,
            intended_at=row.intended_at,
            paid_at=row.paid_at,
            receipt_id=row.receipt_id,
            receipt_number=number or "",
        )
        for row, fund, number in db.execute(query)
    ]


def _gifts() -> Select[GiftPayment, str, str | None]:
    return (
        select(GiftPayment, Fund.name, Receipt.number)
        .join(Fund, Fund.id == GiftPayment.fund_id)
        .outerjoin(Receipt, Receipt.id == GiftPayment.receipt_id)
        .order_by(GiftPayment.intended_at.desc(), GiftPayment.id)
    )


def gifts(db: Session, holder_id: UUID | None = None, *, limit: int = PAGE) -> list[GiftView]:
    """Gifts that arrived, newest first: into the funds of one holder, or of all."""
    query = _gifts().where(GiftPayment.receipt_id.is_not(None)).limit(limit)
    return _gift_views(db, query if holder_id is None else query.where(Fund.holder_id == holder_id))


def gift(db: Session, payment_id: UUID) -> GiftView:
    """One attempt to give.

    Raises:
        NotFound: there is none with this id.
    """
    found = _gift_views(db, _gifts().where(GiftPayment.id == payment_id))
    if not found:
        raise NotFound
    return found[0]


def _state(row: GiftInvitation, now: datetime) -> InvitationState:
    """The state as the clock has it: an open invitation whose last day is over has lapsed, marked so or not."""
    if row.state is InvitationState.OPEN and has_lapsed(row.expires_on, now=now):
        return InvitationState.LAPSED
    return row.state


def _invitation_views(db: Session, query: Select[GiftInvitation, Fund, str], *, now: datetime) -> list[InvitationView]:
    rows = db.execute(query).all()
    attempts: dict[UUID, list[GiftView]] = {}
    for one in _gift_views(db, _gifts().where(GiftPayment.invitation_id.in_([row.id for row, _, _ in rows]))):
        attempts.setdefault(one.invitation_id, []).append(one)
    return [
        InvitationView(
            id=row.id,
            fund_id=fund.id,
            fund=fund.name,
            holder_id=fund.holder_id,
            donor=row.donor,
            email=email,
            suggested_fen=row.suggested_fen,
            agreement=row.agreement,
            note=row.note,
            expires_on=row.expires_on,
            state=_state(row, now),
            invited_at=row.invited_at,
            revoke_reason=row.revoke_reason,
            given_at=row.given_at,
            gifts=tuple(attempts.get(row.id, ())),
        )
        for row, fund, email in rows
    ]


def _invitations() -> Select[GiftInvitation, Fund, str]:
    return (
        select(GiftInvitation, Fund, Person.email)
        .join(Fund, Fund.id == GiftInvitation.fund_id)
        .join(Person, Person.id == GiftInvitation.person_id)
        .order_by(GiftInvitation.invited_at.desc(), GiftInvitation.id)
    )


def invitations(
    db: Session, holder_id: UUID | None = None, *, now: datetime, limit: int = PAGE
) -> list[InvitationView]:
    """Invitations, newest first: into the funds of one holder, or of all."""
    query = _invitations().limit(limit)
    return _invitation_views(db, query if holder_id is None else query.where(Fund.holder_id == holder_id), now=now)


def invitation(db: Session, invitation_id: UUID, *, now: datetime) -> InvitationView:
    """One invitation with its attempts.

    Raises:
        NotFound: there is none with this id.
    """
    found = _invitation_views(db, _invitations().where(GiftInvitation.id == invitation_id), now=now)
    if not found:
        raise NotFound
    return found[0]


def gift_parties(holder_id: UUID) -> dict[Relation, UUID | None]:
    """Who is concerned by gifts: the office that receives them, and nobody else by name of donor."""
    return {Relation.FINANCE: holder_id}


def given(db: Session, token: str, *, now: datetime) -> GivenView:
    """What a donor's secret link shows.

    Raises:
        NotFound: no live link has this secret.
    """
    query = select(GiftLink.invitation_id).where(
        GiftLink.token_digest == tokens.digest(token), GiftLink.ended_at.is_(None)
    )
    invitation_id = db.scalar(query)
    if invitation_id is None:
        raise NotFound
    return given_by(db, invitation_id, now=now)


def given_by(db: Session, invitation_id: UUID, *, now: datetime) -> GivenView:
    """What the donor of an invitation is shown; of several attempts the paid one, else the one under way."""
    row = db.get_one(GiftInvitation, invitation_id)
    fund = db.get_one(Fund, row.fund_id)
    named = db.get_one(GiftBasis, row.basis_id)
    last = db.scalar(
        select(GiftPayment)
        .where(GiftPayment.invitation_id == row.id)
        .order_by(GiftPayment.receipt_id.is_(None), GiftPayment.state.not_in(UNDER_WAY), GiftPayment.intended_at.desc())
        .limit(1)
    )
    receipt = db.get(Receipt, last.receipt_id) if last is not None and last.receipt_id else None
    return GivenView(
        invitation_id=row.id,
        state=_state(row, now),
        holder=db.get_one(Organization, fund.holder_id).name,
        holder_id=fund.holder_id,
        fund=fund.name,
        fund_id=fund.id,
        clause=fund.clause,
        agreement=row.agreement,
        donor=row.donor,
        suggested_fen=row.suggested_fen,
        expires_on=row.expires_on,
        basis_no=named.document_no,
        basis_on=named.dated_on,
        is_on=fund.state is FundState.OPEN and basis_of(db, fund.holder_id) is not None,
        payment=gift(db, last.id) if last is not None else None,
        checkout_url=last.session_url if last is not None and last.state in UNDER_WAY else "",
        checkout_ends_at=last.ends_at if last is not None else None,
        receipt_number=receipt.number if receipt else "",
        check_code=receipt.check_code if receipt else "",
        receipt_id=receipt.id if receipt else None,
    )


def intent_of(db: Session, payment_id: UUID) -> Intent:
    """What the gateway is asked for, or was, in an attempt to give.

    Raises:
        NotFound: there is none with this id.
    """
    query = select(GiftPayment, Fund.name).join(Fund, Fund.id == GiftPayment.fund_id)
    found = db.execute(query.where(GiftPayment.id == payment_id)).one_or_none()
    if found is None:
        raise NotFound
    row, fund = found
    return Intent(
        payment_id=row.id,
        key=row.idempotency_key,
        amount_fen=row.amount_fen,
        title=fund,
        ends_at=row.ends_at,
        state=row.state,
        session_id=row.session_id,
        url=row.session_url,
        asked_at=row.asked_at,
    )


def gift_of_session(db: Session, session_id: str) -> UUID | None:
    """The attempt whose checkout this is, if we know it."""
    return db.scalar(select(GiftPayment.id).where(GiftPayment.session_id == session_id)) if session_id else None


def gifts_to_ask(db: Session, *, now: datetime) -> list[UUID]:
    """Attempts under way that nobody asked the gateway about just now."""
    query = select(GiftPayment.id).where(
        GiftPayment.state.in_(UNDER_WAY),
        GiftPayment.intended_at <= now - ASK_AFTER,
        or_(GiftPayment.asked_at.is_(None), GiftPayment.asked_at <= now - ASK_AFTER),
    )
    return list(db.scalars(query.order_by(GiftPayment.intended_at, GiftPayment.id)))


def fund_problems(fund: FundView, *, now: datetime) -> list[DomainError]:
    """Why nobody can be asked to give to a fund; empty if somebody can."""
    return fund_refusals(fund.name, fund.source, fund.custody, fund.state, fund.expires_on, now=now)


def holders_without_basis(db: Session, holder_ids: Sequence[UUID] | None = None) -> list[tuple[UUID, str]]:
    """The holders of open gateway funds for which no legal basis stands: Checkout is off for them."""
    standing = select(GiftBasis.holder_id).where(GiftBasis.state == BasisState.STANDING)
    query = (
        select(Organization.id, Organization.name)
        .join(Fund, Fund.holder_id == Organization.id)
        .where(Fund.custody == Custody.GATEWAY, Fund.state == FundState.OPEN, Organization.id.not_in(standing))
        .distinct()
        .order_by(Organization.name, Organization.id)
    )
    if holder_ids is not None:
        query = query.where(Organization.id.in_(holder_ids))
    return [(row[0], row[1]) for row in db.execute(query)]


def gift_todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """What waits in gifts: a legal basis to record, and invitations that lapsed unanswered."""
    if actor.is_system or actor.organization_id is None:
        return []
    found: list[Todo] = []
    own = {Relation.FINANCE: actor.organization_id}
    if may(actor, Right.RECORD_LEGAL_BASIS, own):
        holders = [actor.organization_id] if Function.FINANCE_OFFICE in actor.functions else None
        for _, name in holders_without_basis(db, holders):
            found.append(
                Todo(
                    title=N_("登记「{holder}」接受捐赠的法律依据，登记前不能在线收款"),
                    params={"holder": name},
                    url="/finance/gifts/basis",
                    action=N_("登记"),
                )
            )
    if may(actor, Right.INVITE_DONOR, own):
        lapsed = db.scalar(
            select(func.count())
            .select_from(GiftInvitation)
            .join(Fund, Fund.id == GiftInvitation.fund_id)
            .where(
                Fund.holder_id == actor.organization_id,
                GiftInvitation.state.in_((InvitationState.OPEN, InvitationState.LAPSED)),
                GiftInvitation.expires_on < legal_day(now),
            )
        )
        if lapsed:
            found.append(
                Todo(
                    title=N_("{count} 份捐赠邀请已过期，请重发或撤回"),
                    params={"count": str(lapsed)},
                    url="/finance/gifts",
                    action=N_("查看"),
                )
            )
    return found
