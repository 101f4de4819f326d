"""A list of organizations is taken in row by row: right rows are registered, wrong ones are told with their reasons."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.identity.commands import invite, register_organization
from marketplace.identity.credentials import Safe
from marketplace.identity.model import Organization
from marketplace.identity.rules import Right, require
from marketplace.identity.schemas import NewOrganization, NewPerson
from marketplace.journal.commands import record
from marketplace.kit.actor import SYSTEM, Actor, Function
from marketplace.kit.errors import DomainError
from marketplace.kit.text import clean_code
from marketplace.suppliers.commands.registration import FIRST_ROLES, write_new
from marketplace.suppliers.model import Supplier
from marketplace.suppliers.rules.codes import kind_of
from marketplace.suppliers.rules.tables import nature_by_code, row_problems
from marketplace.suppliers.schemas import ImportLine, Profile


def import_list(
    db: Session, safe: Safe, actor: Actor, rows: Sequence[tuple[int, Mapping[str, str]]], *, now: datetime
) -> list[ImportLine]:
    """Register the organizations of a list as drafts, invite the contact of each, and report on every row.

    Whoever imports them counts as having registered them, so somebody else has to qualify them. A row that is wrong, or
    whose organization is in the register, changes nothing.

    Raises:
        NotFound, Forbidden: the actor does not qualify suppliers.
    """
    require(actor, Right.QUALIFY_SUPPLIER, {})
    seen: dict[str, int] = {}
    report = []
    for number, row in rows:
        problems = row_problems(row, seen)
        code = clean_code(row.get("uscc", ""))
        line = _known(db, number, row, code)
        if line is None and not problems:
            line, problems = _take_in(db, safe, actor, number, row, code, now=now)
        if line is None:
            told = tuple((problem.text, {k: str(v) for k, v in problem.params.items()}) for problem in problems)
            line = ImportLine(number=number, name=row.get("name", ""), uscc=code, organization_id=None, problems=told)
        seen.setdefault(code, number)
        report.append(line)
    return report


def _known(db: Session, number: int, row: Mapping[str, str], code: str) -> ImportLine | None:
    """The line of an organization that is in the register, whatever else the row says."""
    query = select(Supplier.organization_id).join(Organization, Organization.id == Supplier.organization_id)
    found = db.scalar(query.where(Organization.uscc == code))
    if found is None:
        return None
    return ImportLine(number=number, name=row.get("name", ""), uscc=code, organization_id=found, known=True)


def _take_in(
    db: Session, safe: Safe, actor: Actor, number: int, row: Mapping[str, str], code: str, *, now: datetime
) -> tuple[ImportLine | None, list[DomainError]]:
    nature = nature_by_code(code)
    if nature is None:
        raise AssertionError("a row without a nature has a problem")
    profile = Profile(
        name=row["name"],
        nature=nature,
        legal_representative=row["legal_representative"],
        contact_name=row["contact_name"],
        contact_phone=row["contact_phone"],
        contact_email=row["contact_email"],
        supervising_unit=row.get("supervising_unit", ""),
        registrar=row.get("registrar", ""),
        service_scope=row.get("service_scope", ""),
    )
    new = NewOrganization(name=profile.name, kind=kind_of(nature), functions=(Function.SUPPLIER,), uscc=code)
    first = NewPerson(name=profile.contact_name, email=profile.contact_email, phone=profile.contact_phone)
    try:
        with db.begin_nested():
            made = register_organization(db, SYSTEM, new, now=now)
            write_new(db, actor, made, profile, now=now)
            invite(db, safe, SYSTEM, made, first, roles=FIRST_ROLES, now=now)
            record(db, actor, "supplier.imported", "supplier", made, now=now, line=number)
    except DomainError as refusal:
        return None, [refusal]
    return ImportLine(number=number, name=profile.name, uscc=code, organization_id=made), []
