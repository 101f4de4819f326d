"""Verbs of a roster: draft, hand in, send back, approve, cancel; and what the bank's word makes of it.

The money of each step is moved by the stories in ``flows/aid.py``, which call these.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, aliased

from marketplace.aid.commands.shared import locked
from marketplace.aid.model import Beneficiary, Entitlement, Programme, Rate, Roster, RosterImport
from marketplace.aid.queries.parts import entitlements_of, sums
from marketplace.aid.rules.checking import band
from marketplace.aid.rules.refusals import (
    AlreadyHelped,
    GuardianMissing,
    NobodyInRoster,
    NotAidProgramme,
    SumsChanged,
    TooManyHeads,
    WrongSource,
)
from marketplace.aid.schemas import NewRoster
from marketplace.aid.states import (
    ENTITLEMENT,
    LIVE,
    PURPOSE_LABELS,
    ROSTER,
    EntitlementAction,
    EntitlementState,
    ProgrammeKind,
    PurposeRule,
    RosterAction,
    RosterState,
)
from marketplace.db.base import lock_all
from marketplace.db.numbers import next_number
from marketplace.funds.model import Fund, Payment
from marketplace.funds.rules import SOURCE_LABELS, NotThisBuyersMoney
from marketplace.funds.states import PaymentState
from marketplace.identity.rules import Duty, Relation, Right, apart, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError, NotFound, raise_all
from marketplace.outbox.commands import emit


def draft_roster(db: Session, actor: Actor, new: NewRoster, *, now: datetime) -> UUID:
    """Begin a roster of a programme of the actor's own organization; returns its id.

    Raises:
        NotFound: no such programme or fund, or not the actor's organization's.
        Forbidden: the actor does not draw up rosters.
        NotAidProgramme: the programme pays nobody.
        WrongSource: the fund is of another source than the programme's money.
        NotThisBuyersMoney: the fund serves another organization.
    """
    programme, fund = db.get(Programme, new.programme_id), db.get(Fund, new.fund_id)
    if programme is None:
        raise NotFound
    own = programme.organization_id
    require(actor, Right.DRAFT_ROSTER, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own})
    if fund is None:
        raise NotFound
    found: list[DomainError] = []
    if programme.kind is not ProgrammeKind.AID or programme.source is None:
        raise NotAidProgramme(field="programme_id", programme=programme.name)
    if fund.source is not programme.source:
        wanted, given = SOURCE_LABELS[programme.source], SOURCE_LABELS[fund.source]
        found.append(WrongSource(field="fund_id", programme=programme.name, wanted=wanted, given=given))
    if fund.buyer_id != own:
        found.append(NotThisBuyersMoney(field="fund_id", fund=fund.name))
    raise_all(found)
    row = Roster(
        number=next_number(db, "roster", on=legal_day(now)),
        programme_id=programme.id,
        organization_id=own,
        fund_id=fund.id,
        title=new.title,
        drafted_by=actor.person_id,
        drafted_at=now,
    )
    db.add(row)
    db.flush()
    record(db, actor, "aid.roster_drafted", "aid_roster", row.id, now=now, number=row.number)
    return row.id


def submit_roster(db: Session, actor: Actor, roster_id: UUID, *, now: datetime) -> Roster:
    """Hand a draft in for approval; all that is missing is told at once. Returns the roster with its sums.

    Raises:
        NotFound: no such roster, or not one of the actor's organization.
        Forbidden: the actor does not draw up rosters.
        IllegalMove: it is not a draft.
        NobodyInRoster: there is nobody in it.
        GuardianMissing: a child's guardian has not agreed.
        TooManyHeads: more people than the programme planned for.
    """
    row = locked(db, actor, Right.DRAFT_ROSTER, roster_id)
    after = ROSTER.after(row.state, RosterAction.SUBMIT)
    heads, total_fen = sums(db, roster_id)
    if not heads:
        raise NobodyInRoster
    raise_all([*_consents_missing(db, roster_id), *_too_many(db, row)])
    row.state, row.heads, row.total_fen = after, heads, total_fen
    row.turn += 1
    row.revision += 1
    row.submitted_by, row.submitted_at, row.returned_reason = actor.person_id, now, ""
    db.execute(delete(RosterImport).where(RosterImport.roster_id == roster_id))
    db.flush()
    record(db, actor, "aid.roster_submitted", "aid_roster", row.id, now=now, heads=heads, total_fen=total_fen)
    emit(db, "aid.roster_submitted", now=now, roster_id=row.id)
    return row


def return_roster(db: Session, actor: Actor, roster_id: UUID, *, reason: str, now: datetime) -> Roster:
    """Send a roster back to those who drew it up.

    Raises:
        NotFound: no such roster, or not one of the actor's organization.
        Forbidden: the actor does not approve rosters.
        IllegalMove: it was not handed in.
    """
    row = locked(db, actor, Right.APPROVE_ROSTER, roster_id)
    row.state = ROSTER.after(row.state, RosterAction.RETURN)
    row.returned_reason = reason
    row.revision += 1
    db.flush()
    record(db, actor, "aid.roster_returned", "aid_roster", row.id, now=now, reason=reason)
    emit(db, "aid.roster_returned", now=now, roster_id=row.id)
    return row


def approve_roster(db: Session, actor: Actor, roster_id: UUID, *, now: datetime) -> Roster:
    """Approve what somebody else handed in: its people are helped from now on, each at most once for a purpose.

    Raises:
        NotFound: no such roster, or not one of the actor's organization.
        Forbidden: the actor does not approve rosters.
        DutiesClash: the actor drew it up or handed it in.
        IllegalMove: it was not handed in.
        SumsChanged: it holds something else than was handed in.
        GuardianMissing: a child's guardian has not agreed.
        AlreadyHelped: a person has had this help in this period; told without the name of whoever gave it.

    Source:
        handbook, section 9: who applies does not approve; 个人信息保护法第三十一条 for children under fourteen.
    """
    row = locked(db, actor, Right.APPROVE_ROSTER, roster_id)
    apart(actor, Duty.APPROVE_ROSTER, {Duty.DRAFT_ROSTER: [one for one in (row.drafted_by, row.submitted_by) if one]})
    after = ROSTER.after(row.state, RosterAction.APPROVE)
    if sums(db, roster_id) != (row.heads, row.total_fen):
        raise SumsChanged
    rows = entitlements_of(db, roster_id)
    lock_all(
        db, Beneficiary, [entitlement.person_id for entitlement in rows]
    )  # of two approvals the second sees the first
    raise_all([*_consents_missing(db, roster_id), *_helped_before(db, roster_id)])
    for entitlement in rows:
        entitlement.state = ENTITLEMENT.after(entitlement.state, EntitlementAction.GRANT)
    row.state, row.approved_by, row.approved_at = after, actor.person_id, now
    row.revision += 1
    db.flush()
    record(db, actor, "aid.roster_approved", "aid_roster", row.id, now=now, heads=row.heads, total_fen=row.total_fen)
    emit(db, "aid.roster_approved", now=now, roster_id=row.id)
    return row


def cancel_roster(db: Session, actor: Actor, roster_id: UUID, *, reason: str, now: datetime) -> None:
    """Give up a draft; it stays in the list with its number.

    Raises:
        NotFound: no such roster, or not one of the actor's organization.
        Forbidden: the actor does not draw up rosters.
        IllegalMove: it is not a draft.
    """
    row = locked(db, actor, Right.DRAFT_ROSTER, roster_id)
    row.state = ROSTER.after(row.state, RosterAction.CANCEL)
    db.execute(delete(RosterImport).where(RosterImport.roster_id == roster_id))
    row.revision += 1
    db.flush()
    record(db, actor, "aid.roster_cancelled", "aid_roster", row.id, now=now, reason=reason)


def mark_applied(
    db: Session, actor: Actor, roster_id: UUID, application_id: UUID, payments: Mapping[UUID, UUID], *, now: datetime
) -> None:
    """Note that payment was applied for: ``payments`` gives the payment of each entitlement.

    Raises:
        NotFound: no such roster, or one the actor has nothing to do with.
        Forbidden: the actor does not apply for payments.
        IllegalMove: it is not approved.
    """
    row = locked(db, actor, Right.PREPARE_PAYMENT, roster_id)
    row.state = ROSTER.after(row.state, RosterAction.APPLY)
    row.application_id = application_id
    for entitlement in entitlements_of(db, roster_id):
        if entitlement.state is EntitlementState.GRANTED and entitlement.id in payments:
            entitlement.payment_id = payments[entitlement.id]
    row.revision += 1
    db.flush()
    record(db, actor, "aid.roster_applied", "aid_roster", row.id, now=now, application_id=application_id)


def follow_payments(db: Session, actor: Actor, application_id: UUID, *, now: datetime) -> None:
    """Let each entitlement of an application be what its payment is: paid, or owed again when the money came back.

    It looks at what stands, so it may be told late, twice, or of payments that help nobody; then it changes nothing.
    """
    query = select(Roster.id).join(Entitlement, Entitlement.roster_id == Roster.id)
    query = query.join(Payment, Payment.id == Entitlement.payment_id).where(Payment.application_id == application_id)
    for row in lock_all(db, Roster, db.scalars(query.distinct()).all()):
        known = select(Payment.id, Payment.state).join(Entitlement, Entitlement.payment_id == Payment.id)
        states = {one[0]: one[1] for one in db.execute(known.where(Entitlement.roster_id == row.id))}
        rows = entitlements_of(db, row.id)
        for entitlement in rows:
            is_paid = entitlement.payment_id is not None and states[entitlement.payment_id] is PaymentState.PAID
            if is_paid and entitlement.state is EntitlementState.GRANTED:
                entitlement.state = ENTITLEMENT.after(entitlement.state, EntitlementAction.PAY)
                entitlement.paid_at = now
            elif not is_paid and entitlement.state is EntitlementState.PAID:
                entitlement.state = ENTITLEMENT.after(entitlement.state, EntitlementAction.BOUNCE)
                entitlement.paid_at = None
        _conclude(db, actor, row, all(one.state is EntitlementState.PAID for one in rows), now)


def _conclude(db: Session, actor: Actor, row: Roster, is_whole: bool, now: datetime) -> None:
    """Close a roster when everybody has their money; open it again when some of it came back."""
    if is_whole and row.state is RosterState.PAYING:
        row.state, row.paid_at = ROSTER.after(row.state, RosterAction.SETTLE), now
        db.flush()
        record(db, actor, "aid.roster_paid", "aid_roster", row.id, now=now, total_fen=row.total_fen)
        emit(db, "aid.roster_paid", now=now, roster_id=row.id)
    elif not is_whole and row.state is RosterState.PAID:
        row.state, row.paid_at = ROSTER.after(row.state, RosterAction.BOUNCE), None
        db.flush()
        record(db, actor, "aid.payment_bounced", "aid_roster", row.id, now=now)
        emit(db, "aid.payment_bounced", now=now, roster_id=row.id)


def _consents_missing(db: Session, roster_id: UUID) -> list[DomainError]:
    query = select(Entitlement.row_number).where(
        Entitlement.roster_id == roster_id, Entitlement.under_14, Entitlement.guardian_consent.is_(False)
    )
    return [GuardianMissing(number=number) for number in db.scalars(query.order_by(Entitlement.row_number))]


def _too_many(db: Session, roster: Roster) -> list[DomainError]:
    """Rates whose planned heads are exceeded by this roster and those handed in before, all together.

    The rates are locked, so that two rosters handed in at once do not both fit.
    """
    rates = lock_all(db, Rate, db.scalars(select(Rate.id).where(Rate.programme_id == roster.programme_id)).all())
    counted = (
        select(Entitlement.rate_id, func.count())
        .join(Roster, Roster.id == Entitlement.roster_id)
        .where(
            Entitlement.programme_id == roster.programme_id,
            (Roster.id == roster.id) | Roster.state.not_in((RosterState.DRAFT, RosterState.CANCELLED)),
        )
        .group_by(Entitlement.rate_id)
    )
    heads = {row[0]: row[1] for row in db.execute(counted)}
    return [
        TooManyHeads(group=rate.group_name, planned=rate.heads_max, heads=heads[rate.id])
        for rate in rates
        if rate.heads_max is not None and heads.get(rate.id, 0) > rate.heads_max
    ]


def _helped_before(db: Session, roster_id: UUID) -> list[DomainError]:
    mine, other = aliased(Entitlement), aliased(Entitlement)
    query = (
        select(mine.row_number, other.purpose, func.lower(other.period), other.amount_fen)
        .join(other, (other.person_id == mine.person_id) & (other.purpose == mine.purpose))
        .where(
            mine.roster_id == roster_id,
            mine.rule == PurposeRule.EXCLUSIVE,
            other.rule == PurposeRule.EXCLUSIVE,
            other.state.in_(LIVE),
            other.id != mine.id,
            other.period.overlaps(mine.period),
        )
        .order_by(mine.row_number)
    )
    return [
        AlreadyHelped(number=number, purpose=PURPOSE_LABELS[purpose], period=str(first.year), band=band(amount_fen))
        for number, purpose, first, amount_fen in db.execute(query)
    ]
