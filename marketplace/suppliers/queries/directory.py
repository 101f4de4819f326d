"""The public directory of social organizations and other suppliers, and one organization's public page."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.orm import Session

from marketplace.db.search import found, words
from marketplace.identity.model import Organization
from marketplace.identity.rules import Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.procedures.rules import RuleMissing
from marketplace.suppliers.model import Supplier
from marketplace.suppliers.queries.readiness import debarments, debarments_on, readiness
from marketplace.suppliers.queries.reports import report_owed, reports
from marketplace.suppliers.rules.declaration import years_after
from marketplace.suppliers.schemas import Directory, ListedSupplier, PublicItem, PublicSupplier
from marketplace.suppliers.states import LISTED, TYPE_OF, Nature, SupplierState, SupplierType

PAGE = 20
PAGE_MAX = 100
SHOWN_YEARS = 3
"""For how many years after its end a debarment stands on the public page."""


def _holds(on_day: date) -> ColumnElement[bool]:
    return (Supplier.state == SupplierState.QUALIFIED) & or_(Supplier.valid_to.is_(None), Supplier.valid_to >= on_day)


def _service(code: str) -> ColumnElement[bool]:
    """The organization offers ``code``, a heading above it, or anything below it."""
    above = [code[:length] for length in (1, 3, 5) if length <= len(code)]
    services = func.unnest(Supplier.services).column_valued("service")
    below = select(services).where(services.startswith(code, autoescape=True)).exists()
    return or_(Supplier.services.overlap(above), below)


def listed(supplier: Supplier, name: str, on_day: date) -> ListedSupplier:
    """A line of the directory, as it is on a day."""
    in_time = supplier.valid_to is None or supplier.valid_to >= on_day
    return ListedSupplier(
        organization_id=supplier.organization_id,
        name=name,
        nature=supplier.nature,
        type=TYPE_OF[supplier.nature],
        region=supplier.region,
        services=tuple(supplier.services),
        state=supplier.state,
        valid=supplier.state is SupplierState.QUALIFIED and in_time,
        valid_to=supplier.valid_to,
        rating_grade=supplier.rating_grade,
        rating_until=supplier.rating_until,
        rating_holds=supplier.rating_until is not None and supplier.rating_until >= on_day,
    )


def directory(
    db: Session,
    *,
    on_day: date,
    search: str = "",
    kind: SupplierType | None = None,
    nature: Nature | None = None,
    service: str = "",
    valid_only: bool = False,
    grade: int | None = None,
    after: UUID | None = None,
    limit: int = PAGE,
) -> Directory:
    """Organizations that are or were qualified, in the order of their pinyin, ``limit`` from behind ``after``.

    ``search`` finds words of two characters or more, codes and pinyin; ``service`` a code of the catalogue or anything
    under it; ``grade`` that rating or better, if it holds on ``on_day``.
    """
    fits: list[ColumnElement[bool]] = [Supplier.state.in_(LISTED)]
    if words(search):
        fits.append(Supplier.organization_id.in_(found(Supplier, Supplier.organization_id, search)))
    if kind is not None:
        fits.append(Supplier.nature.in_([one for one, its in TYPE_OF.items() if its is kind]))
    if nature is not None:
        fits.append(Supplier.nature == nature)
    if service:
        fits.append(_service(service))
    if valid_only:
        fits.append(_holds(on_day))
    if grade is not None:
        fits.append((Supplier.rating_grade >= grade) & (Supplier.rating_until >= on_day))
    return _pages(db, fits, on_day, after, limit)


def register(
    db: Session,
    actor: Actor,
    *,
    on_day: date,
    state: SupplierState | None = None,
    search: str = "",
    after: UUID | None = None,
    limit: int = PAGE,
) -> Directory:
    """Every organization of the register in any state, for the centre, in the order of their pinyin.

    Raises:
        NotFound, Forbidden: the actor may not read other organizations' registrations.
    """
    require(actor, Right.QUALIFY_SUPPLIER, {})
    fits: list[ColumnElement[bool]] = [] if state is None else [Supplier.state == state]
    if words(search):
        fits.append(Supplier.organization_id.in_(found(Supplier, Supplier.organization_id, search)))
    return _pages(db, fits, on_day, after, limit)


def _pages(db: Session, fits: Sequence[ColumnElement[bool]], on_day: date, after: UUID | None, limit: int) -> Directory:
    total = db.scalar(select(func.count()).select_from(Supplier).where(*fits)) or 0
    rows = _page(db, fits, after, min(limit, PAGE_MAX))
    more = len(rows) > min(limit, PAGE_MAX)
    items = tuple(listed(supplier, name, on_day) for supplier, name in rows[: min(limit, PAGE_MAX)])
    return Directory(items=items, total=total, after=items[-1].organization_id if more else None)


def _page(db: Session, fits: Iterable[ColumnElement[bool]], after: UUID | None, limit: int) -> list[Any]:
    query = (
        select(Supplier, Organization.name)
        .join(Organization, Organization.id == Supplier.organization_id)
        .where(*fits)
        .order_by(Supplier.pinyin, Supplier.organization_id)
        .limit(limit + 1)
    )
    if after is not None:
        last = db.execute(select(Supplier.pinyin).where(Supplier.organization_id == after)).scalar_one_or_none()
        query = query.where(tuple_(Supplier.pinyin, Supplier.organization_id) > tuple_(last or "", after))
    return list(db.execute(query).all())


def public_page(db: Session, organization_id: UUID, *, on_day: date) -> PublicSupplier:
    """What everybody may know of an organization.

    Raises:
        NotFound: not in the directory.
    """
    supplier, organization = db.get(Supplier, organization_id), db.get(Organization, organization_id)
    if supplier is None or organization is None or supplier.state not in LISTED:
        raise NotFound
    barred = debarments_on(db, organization_id, on_day)
    since = years_after(on_day, -SHOWN_YEARS)
    items = tuple(
        PublicItem(
            name=item.name,
            name_en=item.name_en,
            lamp=item.lamp,
            checked_on=item.check.checked_on if item.check else None,
            valid_to=item.check.valid_to if item.check else None,
        )
        for item in readiness(db, supplier, on_day=on_day)
        if item.public and (item.required or item.check is not None)
    )
    return PublicSupplier(
        listed=listed(supplier, organization.name, on_day),
        uscc=organization.uscc or "",
        supervising_unit=supplier.supervising_unit,
        registrar=supplier.registrar,
        service_scope=supplier.service_scope,
        serves_minors=supplier.serves_minors,
        founded_on=supplier.founded_on,
        staff_count=supplier.staff_count,
        qualified_on=legal_day(supplier.qualified_at) if supplier.qualified_at else None,
        debarred=bool(barred),
        debarred_to=max((row.to_on for row in barred if row.to_on), default=None),
        debarred_by=barred[0].source if barred else "",
        items=items,
        debarments=tuple(
            one for one in debarments(db, organization_id, on_day=on_day) if one.to_on is None or one.to_on >= since
        ),
        reports=reports(db, organization_id, on_day=on_day),
        report_owed=_owed(db, organization_id, on_day),
    )


def _owed(db: Session, organization_id: UUID, on_day: date) -> int | None:
    """The newest year of which a report is due, as far as the rules in force say."""
    try:
        owed = report_owed(db, organization_id, on_day=on_day)
    except RuleMissing:
        return None
    return owed[0] if owed else None
