"""Programmes as their people and the public see them, and what reached people by the ledger's own word."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, distinct, func, select
from sqlalchemy.orm import Session

from marketplace.aid.model import Activity, Entitlement, Organizer, Programme, Rate
from marketplace.aid.rules.checking import PUBLIC_MIN, publishable
from marketplace.aid.schemas import (
    ActivityView,
    AidReport,
    ProgrammeView,
    PublicLine,
    PublicProgramme,
    RateView,
    ReportLine,
)
from marketplace.aid.states import ProgrammeKind
from marketplace.funds.model import Payment
from marketplace.identity.model import Organization
from marketplace.kit.errors import NotFound
from marketplace.ledger.model import account, movement
from marketplace.ledger.states import AccountRole


def _views(db: Session, rows: Iterable[Programme]) -> list[ProgrammeView]:
    found = list(rows)
    ids = [row.id for row in found]
    rates: dict[UUID, list[RateView]] = {}
    lines = select(Rate).where(Rate.programme_id.in_(ids)).order_by(Rate.rate_fen.desc(), Rate.id)
    for rate in db.scalars(lines):
        view = RateView(
            id=rate.id,
            group_name=rate.group_name,
            group_name_en=rate.group_name_en,
            stage=rate.stage,
            sex=rate.sex,
            rate_fen=rate.rate_fen,
            heads_max=rate.heads_max,
        )
        rates.setdefault(rate.programme_id, []).append(view)
    together: dict[UUID, list[str]] = {}
    names = (
        select(Organizer.programme_id, Organization.name)
        .join(Organization, Organization.id == Organizer.organization_id)
        .where(Organizer.programme_id.in_(ids))
        .order_by(Organizer.place)
    )
    for programme_id, name in db.execute(names):
        together.setdefault(programme_id, []).append(name)
    return [
        ProgrammeView(
            id=row.id,
            kind=row.kind,
            organization_id=row.organization_id,
            organization=together[row.id][0],
            organizers=tuple(together[row.id]),
            name=row.name,
            name_en=row.name_en,
            year=row.year,
            story=row.story,
            purpose=row.purpose,
            rule=row.rule,
            source=row.source,
            catalogue_codes=tuple(row.catalogue_codes),
            note=row.note,
            rates=tuple(rates.get(row.id, ())),
        )
        for row in found
    ]


def programme(db: Session, programme_id: UUID) -> ProgrammeView:
    """One programme.

    Raises:
        NotFound: there is none with this id.
    """
    row = db.get(Programme, programme_id)
    if row is None:
        raise NotFound
    return _views(db, [row])[0]


def programmes(db: Session, *, organization_id: UUID | None = None, story: str | None = None) -> list[ProgrammeView]:
    """Programmes, the latest year first; those of one organization, or of one story."""
    query = select(Programme).order_by(Programme.year.desc(), Programme.opened_at, Programme.name)
    if organization_id is not None:
        query = query.where(Programme.organization_id == organization_id)
    if story is not None:
        query = query.where(Programme.story == story)
    return _views(db, db.scalars(query).all())


def activities(db: Session) -> list[ActivityView]:
    """What was held together, in the order it was written down."""
    query = (
        select(Activity, Organization.name)
        .join(Organization, Organization.id == Activity.organization_id)
        .order_by(Activity.recorded_at, Activity.name)
    )
    return [
        ActivityView(
            id=row.id,
            organization=name,
            partners=row.partners,
            name=row.name,
            name_en=row.name_en,
            held=row.held,
            place=row.place,
            note=row.note,
        )
        for row, name in db.execute(query)
    ]


def _arrived() -> Select[UUID | None, int]:
    """Of each payment for an entitlement, what the ledger's movements brought into ``paid`` and left there.

    Only movements count: what came into the payment's own account, less what went out of it again.
    """
    there = (
        select(account.c.ref.label("payment_id"), func.sum(movement.c.amount_fen).label("fen"))
        .join(movement, (movement.c.to_account == account.c.id) & (movement.c.fund_id == account.c.fund_id))
        .where(account.c.role == AccountRole.PAID)
        .group_by(account.c.ref)
        .subquery()
    )
    back = (
        select(account.c.ref.label("payment_id"), func.sum(movement.c.amount_fen).label("fen"))
        .join(movement, (movement.c.from_account == account.c.id) & (movement.c.fund_id == account.c.fund_id))
        .where(account.c.role == AccountRole.PAID)
        .group_by(account.c.ref)
        .subquery()
    )
    left = (there.c.fen - func.coalesce(back.c.fen, 0)).label("fen")
    return (
        select(Payment.line_id.label("entitlement_id"), func.sum(left).label("fen"))
        .join(there, there.c.payment_id == Payment.id)
        .outerjoin(back, back.c.payment_id == Payment.id)
        .where(Payment.line_id.is_not(None), left > 0)
        .group_by(Payment.line_id)
    )


def report(db: Session, story: str | None = None) -> AidReport:
    """What reached people by programme, from movements that ended in ``paid``, not from any state of ours."""
    arrived = _arrived().subquery()
    query = (
        select(
            Programme.name,
            func.count(distinct(Entitlement.person_id)),
            func.coalesce(func.sum(arrived.c.fen), 0),
        )
        .join(Entitlement, Entitlement.programme_id == Programme.id)
        .join(arrived, arrived.c.entitlement_id == Entitlement.id)
        .group_by(Programme.id, Programme.name, Programme.year, Programme.opened_at)
        .order_by(Programme.year, Programme.opened_at, Programme.name)
    )
    if story is not None:
        query = query.where(Programme.story == story)
    lines = tuple(
        ReportLine(name=name, heads=int(heads), total_fen=int(total)) for name, heads, total in db.execute(query)
    )
    return AidReport(
        story=story or "",
        heads=sum(line.heads for line in lines),
        total_fen=sum(line.total_fen for line in lines),
        programmes=lines,
    )


def public_programmes(db: Session) -> list[PublicProgramme]:
    """Programmes in public with counts and sums of what was paid; of one to four people neither is told.

    Where one group of a programme is so small, no group of it is shown by itself: the rest would give it away.
    """
    arrived = _arrived().subquery()
    counted = (
        select(Entitlement.rate_id, func.count(distinct(Entitlement.person_id)), func.sum(arrived.c.fen))
        .join(arrived, arrived.c.entitlement_id == Entitlement.id)
        .group_by(Entitlement.rate_id)
    )
    paid = {row[0]: (int(row[1]), int(row[2])) for row in db.execute(counted)}
    return [_public(view, {rate.id: paid.get(rate.id, (0, 0)) for rate in view.rates}) for view in programmes(db)]


def _public(view: ProgrammeView, paid: dict[UUID, tuple[int, int]]) -> PublicProgramme:
    heads, total_fen = sum(count for count, _ in paid.values()), sum(fen for _, fen in paid.values())
    is_small = 0 < heads < PUBLIC_MIN
    by_line = publishable({rate_id: count for rate_id, (count, _) in paid.items()})
    return PublicProgramme(
        id=view.id,
        kind=view.kind,
        name=view.name,
        name_en=view.name_en,
        year=view.year,
        organizers=view.organizers,
        source=view.source,
        note=view.note,
        heads=None if is_small else heads,
        paid_fen=None if is_small else total_fen,
        lines=tuple(
            PublicLine(
                group_name=rate.group_name,
                group_name_en=rate.group_name_en,
                rate_fen=rate.rate_fen,
                heads=paid[rate.id][0] if by_line else None,
                paid_fen=paid[rate.id][1] if by_line else None,
            )
            for rate in view.rates
        ),
    )


def paying(db: Session, organization_id: UUID) -> list[ProgrammeView]:
    """The programmes of an organization that pay people."""
    return [view for view in programmes(db, organization_id=organization_id) if view.kind is ProgrammeKind.AID]
