"""What an organization and its finance office see of rosters: lists, one with its rows masked, and what waits."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from marketplace.aid.model import AidAccess, Entitlement, Programme, Rate, Roster, RosterImport
from marketplace.aid.queries.parts import entitlements_of, holder_of, parties, readable, sheet_place
from marketplace.aid.queries.programmes import programme
from marketplace.aid.schemas import (
    AccessView,
    ImportReport,
    RosterCard,
    RosterView,
    RowView,
    SheetView,
    Subtotal,
)
from marketplace.aid.states import ROSTER, EntitlementState, RosterAction, RosterState
from marketplace.funds.model import Fund, PaymentApplication
from marketplace.funds.states import ApplicationState
from marketplace.identity.credentials import Vault
from marketplace.identity.model import Organization, Person
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo
from marketplace.ledger.queries import totals

RIGHTS: Mapping[RosterAction, Right] = {
    RosterAction.EDIT: Right.DRAFT_ROSTER,
    RosterAction.SUBMIT: Right.DRAFT_ROSTER,
    RosterAction.CANCEL: Right.DRAFT_ROSTER,
    RosterAction.RETURN: Right.APPROVE_ROSTER,
    RosterAction.APPROVE: Right.APPROVE_ROSTER,
    RosterAction.APPLY: Right.PREPARE_PAYMENT,
}
"""The right that each action of people is an exercise of; the others follow from the bank's word."""
_ENDED = frozenset({ApplicationState.CANCELLED, ApplicationState.SETTLED})
_PAID = Entitlement.state == EntitlementState.PAID


def actions(
    actor: Actor, row: Roster, holder_id: UUID, application: ApplicationState | None = None
) -> frozenset[RosterAction]:
    """What the actor may do with a roster now: the table of moves, held against rights and duties.

    Payment is applied for again only when the former application has ended and not everybody was paid.
    """
    concerned = parties(row, holder_id)
    found = {one for one in ROSTER.actions(row.state) if one in RIGHTS and may(actor, RIGHTS[one], concerned)}
    if row.state is RosterState.PAYING and application not in _ENDED:
        found -= {RosterAction.APPLY}
    if actor.person_id is not None and actor.person_id in (row.drafted_by, row.submitted_by):
        found -= {RosterAction.APPROVE}
    return frozenset(found)


def _concerning(actor: Actor) -> ColumnElement[bool]:
    """Rosters of the actor's organization and those its office pays; a supervisor sees all."""
    if may(actor, Right.READ_ROSTER, {}):
        return Roster.id.is_not(None)
    return or_(Roster.organization_id == actor.organization_id, Fund.holder_id == actor.organization_id)


def rosters(db: Session, actor: Actor, *, states: Sequence[RosterState] = (), limit: int = 200) -> list[RosterCard]:
    """The rosters that the actor may look at, the newest first.

    Raises:
        NotFound: the actor has nothing to do with any.
        Forbidden: the actor's role may not look at rosters.
    """
    own = actor.organization_id
    require(actor, Right.READ_ROSTER, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own, Relation.FINANCE: own})
    paid = func.coalesce(
        select(func.sum(Entitlement.amount_fen)).where(Entitlement.roster_id == Roster.id, _PAID).scalar_subquery(), 0
    )
    query = (
        select(Roster, Programme.name, Programme.year, Organization.short_name, paid)
        .join(Programme, Programme.id == Roster.programme_id)
        .join(Organization, Organization.id == Roster.organization_id)
        .join(Fund, Fund.id == Roster.fund_id)
        .where(_concerning(actor))
        .order_by(Roster.drafted_at.desc(), Roster.number.desc())
        .limit(limit)
    )
    if states:
        query = query.where(Roster.state.in_(states))
    return [
        RosterCard(
            id=row.id,
            number=row.number,
            title=row.title,
            programme=name,
            year=year,
            organization=organization,
            state=row.state,
            heads=row.heads,
            total_fen=row.total_fen,
            paid_fen=int(paid_fen),
            at=row.paid_at or row.approved_at or row.submitted_at or row.drafted_at,
        )
        for row, name, year, organization, paid_fen in db.execute(query)
    ]


def _names(db: Session, ids: Sequence[UUID | None]) -> dict[UUID | None, str]:
    found: dict[UUID | None, str] = {None: ""}
    found |= {row[0]: row[1] for row in db.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))}
    return found


def _rows(db: Session, roster_id: UUID) -> tuple[RowView, ...]:
    stages = select(Rate.id, Rate.stage).join(Roster, Roster.programme_id == Rate.programme_id)
    known = {row[0]: row[1] for row in db.execute(stages.where(Roster.id == roster_id))}
    return tuple(
        RowView(
            id=row.id,
            person_id=row.person_id,
            row_number=row.row_number,
            name=row.name_masked,
            resident_id="*" * 14 + row.id_last4,
            stage=known[row.rate_id],
            amount_fen=row.amount_fen,
            bank_name=row.bank_name,
            account=f"**** {row.account_last4}",
            under_14=row.under_14,
            guardian_consent=row.guardian_consent,
            state=row.state,
            payment_id=row.payment_id,
        )
        for row in entitlements_of(db, roster_id)
    )


def _subtotals(db: Session, roster: Roster) -> tuple[Subtotal, ...]:
    """Heads × rate = sum for each line of the programme that the roster has people of."""
    query = (
        select(Rate, func.count(Entitlement.id), func.count(Entitlement.id).filter(_PAID))
        .join(Entitlement, Entitlement.rate_id == Rate.id)
        .where(Entitlement.roster_id == roster.id)
        .group_by(Rate.id)
        .order_by(Rate.rate_fen.desc(), Rate.id)
    )
    return tuple(
        Subtotal(
            group_name=rate.group_name,
            stage=rate.stage,
            rate_fen=rate.rate_fen,
            heads=heads,
            total_fen=heads * rate.rate_fen,
            paid_heads=paid,
            heads_max=rate.heads_max,
        )
        for rate, heads, paid in db.execute(query)
    )


def _sheet(db: Session, roster_id: UUID) -> SheetView | None:
    kept = db.get(RosterImport, roster_id)
    return SheetView(lines=kept.lines, wrong=kept.wrong, at=kept.at) if kept else None


def roster(db: Session, actor: Actor, roster_id: UUID) -> RosterView:
    """One roster with its rows masked, its sums, and what the actor may do now.

    Raises:
        NotFound: no such roster, or one the actor has nothing to do with.
        Forbidden: the actor's role may not look at rosters.
    """
    row = readable(db, actor, roster_id)
    holder_id = holder_of(db, row.fund_id)
    names = _names(db, [row.drafted_by, row.submitted_by, row.approved_by])
    subtotals, rows = _subtotals(db, row), _rows(db, roster_id)
    application = db.get(PaymentApplication, row.application_id) if row.application_id else None
    return RosterView(
        id=row.id,
        number=row.number,
        title=row.title,
        state=row.state,
        revision=row.revision,
        programme=programme(db, row.programme_id),
        organization_id=row.organization_id,
        organization=db.get_one(Organization, row.organization_id).name,
        fund_id=row.fund_id,
        fund=db.get_one(Fund, row.fund_id).name,
        fund_holder_id=holder_id,
        fund_available_fen=totals(db, [row.fund_id]).get(row.fund_id, {}).get("available", 0),
        heads=row.heads,
        total_fen=row.total_fen,
        paid_heads=sum(line.paid_heads for line in subtotals),
        paid_fen=sum(line.paid_heads * line.rate_fen for line in subtotals),
        subtotals=subtotals,
        rows=rows,
        consents_missing=sum(one.under_14 and not one.guardian_consent for one in rows),
        drafted_by=names.get(row.drafted_by, ""),
        drafted_at=row.drafted_at,
        submitted_by=names.get(row.submitted_by, ""),
        submitted_at=row.submitted_at,
        approved_by=names.get(row.approved_by, ""),
        approved_at=row.approved_at,
        returned_reason=row.returned_reason,
        application_id=row.application_id,
        application_number=application.number if application else "",
        application_state=application.state if application else None,
        paid_at=row.paid_at,
        actions=actions(actor, row, holder_id, application.state if application else None),
        may_read_people=may(actor, Right.READ_BENEFICIARY, parties(row, holder_id)),
        sheet=_sheet(db, roster_id),
    )


def masked_sheet(db: Session, vault: Vault, actor: Actor, roster_id: UUID) -> ImportReport | None:
    """What became of the last sheet, line by line, without what was typed in it; None when none is kept.

    Raises:
        NotFound: no such roster, or one the actor has nothing to do with.
        Forbidden: the actor's role may not look at rosters.
    """
    readable(db, actor, roster_id)
    kept = db.get(RosterImport, roster_id)
    if kept is None:
        return None
    report = msgspec.json.decode(vault.open(kept.sealed, sheet_place(roster_id)), type=ImportReport)
    lines = tuple(msgspec.structs.replace(line, row={}) for line in report.lines)
    return msgspec.structs.replace(report, lines=lines)


def readings(db: Session, actor: Actor, roster_id: UUID) -> list[AccessView]:
    """Who read plain data of a roster, the latest first.

    Raises:
        NotFound: no such roster, or one the actor has nothing to do with.
        Forbidden: the actor's role may not look at rosters.
    """
    readable(db, actor, roster_id)
    query = (
        select(AidAccess, Entitlement.row_number)
        .outerjoin(
            Entitlement,
            (Entitlement.roster_id == AidAccess.roster_id) & (Entitlement.person_id == AidAccess.beneficiary_id),
        )
        .where(AidAccess.roster_id == roster_id)
        .order_by(AidAccess.at.desc(), AidAccess.id)
        .limit(100)
    )
    found = db.execute(query).all()
    names = _names(db, [row.person_id for row, _ in found])
    return [
        AccessView(
            at=row.at,
            person=names.get(row.person_id, ""),
            purpose=row.purpose,
            row_number=row_number,
            reason=row.reason,
        )
        for row, row_number in found
    ]


_WAITING = {
    RosterState.DRAFT: (RosterAction.SUBMIT, N_("帮扶名册待提交：{title}"), N_("核对并提交")),
    RosterState.SUBMITTED: (RosterAction.APPROVE, N_("帮扶名册待审批：{title}"), N_("审批")),
    RosterState.APPROVED: (RosterAction.APPLY, N_("帮扶名册待申请付款：{title}"), N_("申请付款")),
}


def todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """Rosters that wait for this actor: a draft to hand in, one to approve, one to apply for its payment."""
    del now  # no rule sets a time for these
    if actor.organization_id is None:
        return []
    query = (
        select(Roster, Fund.holder_id)
        .join(Fund, Fund.id == Roster.fund_id)
        .where(
            Roster.state.in_(_WAITING),
            or_(Roster.organization_id == actor.organization_id, Fund.holder_id == actor.organization_id),
        )
        .order_by(Roster.drafted_at)
        .limit(100)
    )
    found = []
    for row, holder_id in db.execute(query):
        action, title, word = _WAITING[row.state]
        if action in actions(actor, row, holder_id):
            params = {"title": row.title, "number": row.number}
            found.append(Todo(title=title, params=params, url=f"/centre/aid/{row.id}", action=word))
    return found
