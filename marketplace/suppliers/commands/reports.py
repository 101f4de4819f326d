"""The centre enters how yearly reports were found, one by one or from a table with a report on every row."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.identity.model import Organization
from marketplace.identity.rules import Right, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError, raise_all
from marketplace.procedures.queries import rules
from marketplace.suppliers.commands.register import locked
from marketplace.suppliers.model import Supplier, YearlyReport
from marketplace.suppliers.rules.yearly import NotInRegister, read_row, report_problems
from marketplace.suppliers.schemas import NewReport, ReportLine


def record_report(db: Session, actor: Actor, organization_id: UUID, new: NewReport, *, now: datetime) -> bool:
    """Write down how an organization's report of a year stands; returns whether that was news.

    Raises:
        NotFound, Forbidden: no such registration, or the actor does not qualify suppliers.
        YearUnfit: the year is not over.
        ReportNotOwed: organizations of this kind owe none.
        MissingTooEarly: its last day has not passed.
        ReportSourceMissing: nobody could read it again.
        Several: more than one of these.
        RuleMissing: no row says when reports are due.
    """
    supplier, organization = locked(db, actor, Right.QUALIFY_SUPPLIER, organization_id)
    today = legal_day(now)
    raise_all(
        report_problems(
            rules(db, day=today), supplier.nature, organization.name,
            year=new.year, state=new.state, source=new.source, today=today,
        )
    )  # fmt: skip
    own = YearlyReport.organization_id == organization_id, YearlyReport.year == new.year
    last = db.scalar(select(YearlyReport).where(*own).order_by(YearlyReport.n.desc()).limit(1))
    told = new.state, new.source.strip(), new.note.strip()
    if last is not None and (last.state, last.source, last.note) == told:
        return False
    state, source, note = told
    row = YearlyReport(
        n=(db.scalar(select(func.count()).where(*own)) or 0) + 1, organization_id=organization_id, year=new.year,
        state=state, source=source, note=note, recorded_by=actor.person_id, recorded_at=now,
    )  # fmt: skip
    db.add(row)
    db.flush()
    record(
        db, actor, "supplier.report_recorded", "supplier", organization_id,
        now=now, year=new.year, state=new.state, source=source,
    )  # fmt: skip
    return True


def import_reports(
    db: Session, actor: Actor, rows: Sequence[tuple[int, Mapping[str, str]]], *, now: datetime
) -> list[ReportLine]:
    """Take in a table of yearly reports and report on every row; a row that is wrong changes nothing.

    Raises:
        NotFound, Forbidden: the actor does not qualify suppliers.
    """
    require(actor, Right.QUALIFY_SUPPLIER, {})
    return [_row(db, actor, number, row, now=now) for number, row in rows]


def _row(db: Session, actor: Actor, number: int, row: Mapping[str, str], *, now: datetime) -> ReportLine:
    code, year, state, problems = read_row(row, legal_day(now).year - 1)
    query = select(Supplier.organization_id).join(Organization, Organization.id == Supplier.organization_id)
    found = db.scalar(query.where(Organization.uscc == code)) if code else None
    if found is None and not problems:
        problems.append(NotInRegister(uscc=code))
    news = False
    if found is not None and state is not None and not problems:
        new = NewReport(year=year, state=state, source=row.get("source", ""), note=row.get("note", ""))
        try:
            news = record_report(db, actor, found, new, now=now)
        except DomainError as refusal:
            problems += getattr(refusal, "errors", None) or [refusal]
    return ReportLine(
        number=number,
        uscc=code,
        year=year,
        organization_id=None if problems else found,
        known=not problems and not news,
        problems=tuple((one.text, {key: str(value) for key, value in one.params.items()}) for one in problems),
    )
