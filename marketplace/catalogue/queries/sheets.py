"""What a sheet would do to a draft: each row read, held against the entry it names, and against the whole edition."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.catalogue.model import CatalogueSheet, CatalogueVersion, ProcurementCode
from marketplace.catalogue.queries.editions import procurement_codes, tree_of
from marketplace.catalogue.rules import FIELDS, check_entries, level_of
from marketplace.catalogue.rules.refusals import RowMissing, RowNamePlace, RowTwice, RowUnfit
from marketplace.catalogue.rules.sheet import COLUMNS, MATCH_WORDS, names_in
from marketplace.catalogue.schemas import NewItem, SheetLine, SheetReport, Standard, Unit
from marketplace.catalogue.states import Match, Outcome
from marketplace.identity.rules import Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.fields import CatalogueCode, Fen, Line, Name
from marketplace.kit.fields import ProcurementCode as Code
from marketplace.kit.i18n import N_
from marketplace.kit.money import parse_yuan

Rows = Sequence[tuple[int, dict[str, str]]]
CODE_RULE = N_("应是 A 或 B 开头，后接两位或四位数字，例如 A0401。")
CODES_RULE = N_("应是 C 开头加八位数字，多个用分号隔开，最多十个。")
MATCH_RULE = N_("应填：名称一致；名称相近，待核对；尚未找到。")
COST_RULE = N_("应是大于零的金额，以元为单位，最多两位小数。")
LONG_RULE = N_("文字太长，请缩短。")
SHORT = 20
"""So much of a wrong cell is repeated in the report."""


class _Read(Struct, frozen=True):
    """A row as it was read: the entry, or what is wrong with it."""

    number: int
    code: str
    name: str
    item: NewItem | None
    problems: tuple[DomainError, ...]


def sheet_rows(sheet: CatalogueSheet) -> Rows:
    """The rows of a sheet as they were kept."""
    return [(int(number), dict(cells)) for number, cells in sheet.rows]


def _fits(given: Any, kind: Any) -> bool:
    try:
        msgspec.convert(given, kind)
    except msgspec.ValidationError:
        return False
    return True


class _Row:
    """Reads the cells of one row; what the sheet has no column for stays as it was."""

    def __init__(self, cells: Mapping[str, str], old: NewItem | None) -> None:
        self.cells, self.old = cells, old
        self.problems: list[DomainError] = []

    def unfit(self, field: str, rule: str) -> None:
        given = self.cells[field]
        shown = given if len(given) <= SHORT else f"{given[:SHORT]}…"
        self.problems.append(RowUnfit(column=COLUMNS[field], given=shown, rule=rule))

    def was(self, field: str, default: Any) -> Any:
        return getattr(self.old, field) if self.old else default

    def text(self, field: str, kind: Any) -> str:
        if field not in self.cells:
            return str(self.was(field, ""))
        if not _fits(self.cells[field], kind):
            self.unfit(field, LONG_RULE)
        return self.cells[field]

    def name(self, code: str) -> str:
        level, found = level_of(code), dict(names_in(self.cells))
        if any(other > level for other in found):
            column = COLUMNS[f"level_{level}"]
            self.problems.append(RowNamePlace(entry=code, level=level, column=column))
        elif level not in found:
            self.problems.append(RowMissing(column=COLUMNS[f"level_{level}"]))
        elif not _fits(found[level], Name):
            self.unfit(f"level_{level}", LONG_RULE)
        return found.get(level, "")

    def codes(self) -> tuple[str, ...]:
        if "procurement_codes" not in self.cells:
            return tuple(self.was("procurement_codes", ()))
        found = tuple(dict.fromkeys(self.cells["procurement_codes"].split()))
        if len(found) > 10 or not all(_fits(one, Code) for one in found):  # noqa: PLR2004 - as many as an entry has
            self.unfit("procurement_codes", CODES_RULE)
        return found

    def match(self, codes: tuple[str, ...]) -> Match:
        word = self.cells.get("match", "")
        if word and word in MATCH_WORDS:
            return MATCH_WORDS[word]
        if word:
            self.unfit("match", MATCH_RULE)
        elif codes and codes == self.was("procurement_codes", None):
            return Match(self.was("match", Match.UNVERIFIED))
        elif codes:
            self.problems.append(RowMissing(column=COLUMNS["match"]))
        return Match.UNVERIFIED

    def cost(self) -> int | None:
        if "unit_cost_fen" not in self.cells:
            found: int | None = self.was("unit_cost_fen", None)
            return found
        given = self.cells["unit_cost_fen"]
        if not given:
            return None
        try:
            fen = parse_yuan(given)
        except DomainError:
            fen = 0
        if not _fits(fen, Fen):
            self.unfit("unit_cost_fen", COST_RULE)
        return fen


def _read(number: int, cells: Mapping[str, str], old: Callable[[str], NewItem | None]) -> _Read:
    code = cells.get("code", "")
    if not code:
        name = next((text for _, text in names_in(cells)), "")
        return _Read(number, "", name, None, (RowMissing(column=COLUMNS["code"]),))
    row = _Row(cells, old(code))
    if not _fits(code, CatalogueCode):
        row.unfit("code", CODE_RULE)
        return _Read(number, code, next((text for _, text in names_in(cells)), ""), None, tuple(row.problems))
    name, codes = row.name(code), row.codes()
    item = NewItem(
        code=code,
        level=level_of(code),
        parent=code[:-2],
        name=name or code,
        procurement_codes=codes,
        match=row.match(codes),
        unit=row.text("unit", Unit),
        unit_cost_fen=row.cost(),
        standard=row.text("standard", Standard),
        note=row.text("note", Line),
        name_en=row.text("name_en", Line),
        note_en=row.text("note_en", Line),
    )
    return _Read(number, code, name, item, tuple(row.problems))


def planned(
    db: Session, before: Mapping[UUID, NewItem], rows: Rows, *, whole: bool
) -> tuple[tuple[SheetLine, ...], list[NewItem]]:
    """What the rows of a sheet would do to the entries ``before``, and the entries after it if no row is wrong."""
    known = set(db.scalars(select(ProcurementCode.code)))
    old = {item.code: item for item in before.values()}
    read = [_read(number, cells, old.get) for number, cells in rows]
    first: dict[str, int] = {}
    wrong: dict[int, list[DomainError]] = {one.number: list(one.problems) for one in read}
    for one in read:
        if one.item is not None and first.setdefault(one.code, one.number) != one.number:
            wrong[one.number].append(RowTwice(number=first[one.code]))
    named = {one.code: one.item for one in read if one.item is not None and first[one.code] == one.number}
    after = named if whole else old | named
    unplaced = _held_against_whole(after, known, first, wrong)
    lines = [_line(one, old.get(one.code), wrong[one.number]) for one in read]
    if whole:
        lines += [
            SheetLine(number=0, outcome=Outcome.RETIRE, code=code, name=item.name, old=item.text())
            for code, item in sorted(old.items())
            if code not in named
        ]
    lines += [
        SheetLine(number=0, outcome=Outcome.WRONG, code=code, name=old[code].name, problems=_told(problems))
        for code, problems in sorted(unplaced.items())
    ]
    return tuple(lines), list(after.values())


def _held_against_whole(
    after: Mapping[str, NewItem], known: set[str], first: Mapping[str, int], wrong: dict[int, list[DomainError]]
) -> dict[str, list[DomainError]]:
    """Lay what is wrong with the whole edition at the rows it belongs to; what belongs to none is returned."""
    unplaced: dict[str, list[DomainError]] = defaultdict(list)
    for error in check_entries([item.entry() for item in after.values()], known):
        code = str(error.params["entry"])
        if code not in first:
            unplaced[code].append(error)
        elif not wrong[first[code]] or error.field != "match":  # an unread cell is not blamed for what follows
            wrong[first[code]].append(error)
    return unplaced


def _told(problems: Sequence[DomainError]) -> tuple[tuple[str, dict[str, object]], ...]:
    return tuple((one.text, dict(one.params)) for one in problems)


def _line(one: _Read, old: NewItem | None, problems: Sequence[DomainError]) -> SheetLine:
    if problems or one.item is None:
        return SheetLine(
            number=one.number, outcome=Outcome.WRONG, code=one.code, name=one.name, problems=_told(problems)
        )
    new, was = one.item.text(), old.text() if old else None
    fields = tuple(name for name in FIELDS if was is not None and getattr(was, name) != getattr(new, name))
    outcome = Outcome.ADD if was is None else Outcome.CHANGE if fields else Outcome.SAME
    return SheetLine(number=one.number, outcome=outcome, code=one.code, name=one.name, old=was, new=new, fields=fields)


def sheet_report(db: Session, actor: Actor, sheet_id: UUID) -> tuple[UUID, SheetReport]:
    """What taking in a sheet would do now, with the edition's id; of one that was applied only its facts.

    Raises:
        NotFound, Forbidden: there is none, or the actor may not edit the catalogue.
    """
    require(actor, Right.EDIT_CATALOGUE, {})
    sheet = db.get(CatalogueSheet, sheet_id)
    if sheet is None:
        raise NotFound
    version = db.get_one(CatalogueVersion, sheet.version_id)
    before = tree_of(db, version.id)
    lines = () if sheet.applied_at else planned(db, before, sheet_rows(sheet), whole=sheet.whole)[0]
    return version.id, SheetReport(
        id=sheet.id,
        name=sheet.name,
        whole=sheet.whole,
        revision=version.revision,
        lines=lines,
        applied_at=sheet.applied_at,
    )


def code_names(db: Session) -> dict[str, str]:
    """The procurement codes with their names."""
    return {one.code: one.name for one in procurement_codes(db)}
