"""Verbs of a roster's rows: one person added, a whole sheet taken in, one dropped, a guardian's consent entered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marketplace.aid.commands.shared import editable
from marketplace.aid.model import Beneficiary, Entitlement, Programme, Roster, RosterImport
from marketplace.aid.queries.parts import (
    INDEX_USE,
    account_place,
    name_place,
    number_place,
    period_of,
    sheet_place,
    sums,
    terms_of,
)
from marketplace.aid.rules.checking import RateTerms, is_child, line_refusals, rate_for
from marketplace.aid.rules.refusals import AlreadyInRoster, PersonTwice
from marketplace.aid.rules.sheet import LOST, cell_refusals, consent
from marketplace.aid.schemas import ImportLine, ImportReport, NewEntitlement, Problem
from marketplace.identity.credentials import Vault
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.codes import clean_resident_id
from marketplace.kit.errors import DomainError, NotFound, raise_all
from marketplace.kit.i18n import N_
from marketplace.kit.money import parse_yuan
from marketplace.kit.text import clean_line, mask_but_last_four, mask_name

GUARDIAN_HINT = N_("不满 14 周岁，提交前请登记监护人同意。")
TAKEN, KNOWN, WRONG = "taken", "known", "wrong"
T = TypeVar("T")


@dataclass
class _Desk:
    """What a row is written with: the roster, its programme's terms, who is in it, and the next row's number."""

    roster: Roster
    programme: Programme
    rates: list[RateTerms]
    vault: Vault
    now: datetime
    rows: dict[UUID, int] = field(default_factory=dict)
    """Row numbers by person."""

    @property
    def next_row(self) -> int:
        return max(self.rows.values(), default=0) + 1


@dataclass(frozen=True)
class _Line:
    """A row that passed every check."""

    name: str
    number: str
    rate: RateTerms
    bank_name: str
    account: str
    consent: bool


def _desk(db: Session, vault: Vault, roster: Roster, now: datetime) -> _Desk:
    programme = db.get_one(Programme, roster.programme_id)
    desk = _Desk(roster, programme, terms_of(db, programme.id), vault, now)
    known = select(Entitlement.person_id, Entitlement.row_number).where(Entitlement.roster_id == roster.id)
    desk.rows.update({row[0]: row[1] for row in db.execute(known)})
    return desk


def add_person(db: Session, vault: Vault, actor: Actor, roster_id: UUID, new: NewEntitlement, *, now: datetime) -> UUID:
    """Put one person on a roster with the programme's rate for the stage; returns the entitlement's id.

    Raises:
        NotFound: no such roster, or not one of the actor's organization.
        Forbidden: the actor does not draw up rosters.
        IllegalMove: the roster is not a draft.
        BadResidentId: the number does not pass its own check.
        StageUnknown, WrongSex, BadAccount: the line does not fit the programme.
        AlreadyInRoster: the person is in it.
    """
    roster = editable(db, actor, roster_id, None)
    desk = _desk(db, vault, roster, now)
    number = clean_resident_id(new.resident_id)
    rate = rate_for(new.stage, desk.rates, desk.programme.name)
    raise_all(line_refusals(number, rate, None, new.account_number))
    person_id = _persons(db, vault, [number], now)[number]
    if person_id in desk.rows:
        raise AlreadyInRoster(field="resident_id", number=desk.rows[person_id])
    line = _Line(
        clean_line(new.name), number, rate, clean_line(new.bank_name), new.account_number, new.guardian_consent
    )
    row = _write(desk, person_id, line)
    db.add(row)
    _touch(db, roster)
    record(db, actor, "aid.person_added", "aid_roster", roster.id, now=now, row=row.row_number)
    return row.id


def import_rows(
    db: Session,
    vault: Vault,
    actor: Actor,
    roster_id: UUID,
    rows: Sequence[tuple[int, Mapping[str, str]]],
    *,
    now: datetime,
) -> ImportReport:
    """Take a sheet into a roster: right rows go in, of each wrong one it is told what is wrong, and none is lost.

    The sheet is kept, sealed, with what was found, so that it can be taken home again with the wrong cells marked.

    Raises:
        NotFound: no such roster, or not one of the actor's organization.
        Forbidden: the actor does not draw up rosters.
        IllegalMove: the roster is not a draft.
    """
    roster = editable(db, actor, roster_id, None)
    desk = _desk(db, vault, roster, now)
    first: dict[str, int] = {}
    checked = [_check(desk, first, number, row) for number, row in rows]
    persons = _persons(db, vault, [line.number for _, line, _ in checked if line], now)
    report, total_fen = [], 0
    for (number, line, problems), (_, given) in zip(checked, rows, strict=True):
        outcome = WRONG
        hints: tuple[Problem, ...] = ()
        if line is not None:
            known = persons[line.number] in desk.rows
            outcome = KNOWN if known else TAKEN
            if not known:
                row = _write(desk, persons[line.number], line)
                db.add(row)
                total_fen += row.amount_fen
                hints = ((GUARDIAN_HINT, {}),) if row.under_14 and not row.guardian_consent else ()
        report.append(_told(number, outcome, given, problems, hints))
    found = ImportReport(lines=tuple(report), total_fen=total_fen)
    _touch(db, roster)
    _keep(db, vault, actor, roster_id, found, now)
    record(
        db, actor, "aid.sheet_imported", "aid_roster", roster.id,
        now=now, lines=len(report), taken=found.taken, wrong=found.wrong,
    )  # fmt: skip
    return found


def _told(
    number: int, outcome: str, given: Mapping[str, str], problems: Sequence[DomainError], hints: tuple[Problem, ...]
) -> ImportLine:
    return ImportLine(
        number=number,
        outcome=outcome,
        row={name: "" if text == LOST else text for name, text in given.items()},
        name=mask_name(given.get("name", "")),
        problems=tuple((one.text, {name: str(value) for name, value in one.params.items()}) for one in problems),
        fields=tuple(one.field for one in problems),
        hints=hints,
    )


def _check(
    desk: _Desk, first: dict[str, int], number: int, row: Mapping[str, str]
) -> tuple[int, _Line | None, list[DomainError]]:
    """A row as it may be written, or everything that is wrong with it at once."""
    problems = cell_refusals(row)
    wrong = {problem.field for problem in problems}

    def read(name: str, reader: Callable[[str], T]) -> T | None:
        if name in wrong:
            return None
        try:
            return reader(row.get(name, ""))
        except DomainError as problem:
            problem.field = name
            problems.append(problem)
            return None

    agreed = read("guardian_consent", consent)
    resident_id = read("resident_id", clean_resident_id)
    rate = read("stage", lambda word: rate_for(word, desk.rates, desk.programme.name))
    amount_fen = read("amount_fen", parse_yuan)
    if resident_id is not None:
        if resident_id in first:
            problems.append(PersonTwice(field="resident_id", number=first[resident_id]))
        first.setdefault(resident_id, number)
    if resident_id is not None and rate is not None:
        found = line_refusals(resident_id, rate, amount_fen, row.get("account_number", ""))
        problems += [problem for problem in found if problem.field not in wrong]
    if problems or resident_id is None or rate is None:
        return number, None, problems
    line = _Line(row["name"], resident_id, rate, row["bank_name"], row["account_number"], bool(agreed))
    return number, line, []


def _persons(db: Session, vault: Vault, numbers: Sequence[str], now: datetime) -> dict[str, UUID]:
    """The one row of each person, found by the keyed index, made where there is none; the same for every caller."""
    indexes = {number: vault.blind_indexes(number, INDEX_USE) for number in dict.fromkeys(numbers)}
    if not indexes:
        return {}
    wanted = {index: number for number, versions in indexes.items() for index in versions.values()}
    query = select(Beneficiary.id, Beneficiary.id_index).where(Beneficiary.id_index.in_(wanted))
    found = {wanted[row[1]]: row[0] for row in db.execute(query)}
    fresh = []
    for number in sorted(set(indexes) - set(found), key=lambda one: max(indexes[one].items())[1]):
        person_id, (version, index) = uuid4(), max(indexes[number].items())
        sealed = vault.seal(number, number_place(person_id))
        fresh.append(
            {"id": person_id, "key_version": version, "id_index": index, "id_sealed": sealed, "first_seen_at": now}
        )
    if fresh:
        db.execute(insert(Beneficiary).on_conflict_do_nothing(), fresh)
        found |= {wanted[row[1]]: row[0] for row in db.execute(query)}
    return found


def _write(desk: _Desk, person_id: UUID, line: _Line) -> Entitlement:
    entitlement_id, row_number = uuid4(), desk.next_row
    desk.rows[person_id] = row_number
    return Entitlement(
        id=entitlement_id,
        roster_id=desk.roster.id,
        programme_id=desk.programme.id,
        rate_id=line.rate.id,
        person_id=person_id,
        organization_id=desk.roster.organization_id,
        row_number=row_number,
        purpose=desk.programme.purpose,
        rule=desk.programme.rule,
        period=period_of(desk.programme),
        amount_fen=line.rate.rate_fen,
        name_sealed=desk.vault.seal(line.name, name_place(entitlement_id)),
        name_masked=mask_name(line.name),
        id_last4=line.number[-4:],
        bank_name=line.bank_name,
        account_sealed=desk.vault.seal(line.account, account_place(entitlement_id)),
        account_last4=mask_but_last_four(line.account)[-4:],
        under_14=is_child(line.number, legal_day(desk.now)),
        guardian_consent=line.consent,
    )


def _touch(db: Session, roster: Roster) -> None:
    db.flush()
    roster.heads, roster.total_fen = sums(db, roster.id)
    roster.revision += 1
    db.flush()


def _keep(db: Session, vault: Vault, actor: Actor, roster_id: UUID, report: ImportReport, now: datetime) -> None:
    db.execute(delete(RosterImport).where(RosterImport.roster_id == roster_id))
    db.add(
        RosterImport(
            roster_id=roster_id,
            sealed=vault.seal(msgspec.json.encode(report).decode(), sheet_place(roster_id)),
            lines=len(report.lines),
            wrong=report.wrong,
            by=actor.person_id,
            at=now,
        )
    )
    db.flush()


def remove_person(db: Session, actor: Actor, roster_id: UUID, entitlement_id: UUID, *, now: datetime) -> None:
    """Drop one person from a draft.

    Raises:
        NotFound: no such roster or row, or not one of the actor's organization.
        Forbidden: the actor does not draw up rosters.
        IllegalMove: the roster is not a draft.
    """
    roster = editable(db, actor, roster_id, None)
    row = db.get(Entitlement, entitlement_id)
    if row is None or row.roster_id != roster_id:
        raise NotFound
    number = row.row_number
    db.delete(row)
    _touch(db, roster)
    record(db, actor, "aid.person_removed", "aid_roster", roster.id, now=now, row=number)


def record_consent(db: Session, actor: Actor, roster_id: UUID, entitlement_id: UUID, *, now: datetime) -> None:
    """Enter that a guardian's written consent is on file.

    Raises:
        NotFound: no such roster or row, or not one of the actor's organization.
        Forbidden: the actor does not draw up rosters.
        IllegalMove: the roster is not a draft.

    Source:
        个人信息保护法第三十一条: under fourteen, a guardian's consent.
    """
    roster = editable(db, actor, roster_id, None)
    row = db.get(Entitlement, entitlement_id)
    if row is None or row.roster_id != roster_id:
        raise NotFound
    row.guardian_consent = True
    _touch(db, roster)
    record(db, actor, "aid.consent_recorded", "aid_roster", roster.id, now=now, row=row.row_number)
