"""How an organization's yearly reports stand, by year."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from marketplace.procedures.queries import rules
from marketplace.suppliers.model import Supplier, YearlyReport
from marketplace.suppliers.rules.yearly import due_on, year_owed
from marketplace.suppliers.schemas import ReportView


def reports(db: Session, organization_id: UUID, *, on_day: date) -> tuple[ReportView, ...]:
    """The newest entry of each year, the latest year first; public, as registrars publish them."""
    supplier = db.get(Supplier, organization_id)
    query = (
        select(YearlyReport)
        .where(YearlyReport.organization_id == organization_id)
        .ext(distinct_on(YearlyReport.year))
        .order_by(YearlyReport.year.desc(), YearlyReport.n.desc())
    )
    rows = list(db.scalars(query))
    known = rules(db, day=on_day) if rows else None
    return tuple(
        ReportView(
            year=row.year,
            state=row.state,
            due_on=due_on(known, supplier.nature, row.year) if known and supplier else None,
            source=row.source,
            note=row.note,
            recorded_at=row.recorded_at,
        )
        for row in rows
    )


def report_owed(db: Session, organization_id: UUID, *, on_day: date) -> tuple[int, date] | None:
    """The newest year whose report is due by a day, with its last day; None where none is owed."""
    supplier = db.get(Supplier, organization_id)
    known = rules(db, day=on_day)
    year = year_owed(known, supplier.nature, on_day) if supplier else None
    due = due_on(known, supplier.nature, year) if supplier and year else None
    return None if year is None or due is None else (year, due)
