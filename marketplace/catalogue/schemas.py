"""What goes into the service catalogue, and what comes out of it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.catalogue.rules import Entry, Text, level_of
from marketplace.catalogue.states import Conclusion, EditionState, Match, OpinionAction, OpinionState, Outcome
from marketplace.kit.fields import CatalogueCode, Fen, Line, Name, ProcurementCode, Reason

Unit = Annotated[str, Meta(max_length=20, description="what the unit cost is for, such as 人次")]
Standard = Annotated[str, Meta(max_length=2_000, description="what the service must reach, several lines")]
Opinion = Annotated[str, Meta(min_length=2, max_length=2_000, pattern=r"\S", description="an opinion in words")]
Signed = Annotated[str, Meta(max_length=60, description="how the giver calls themselves, may be empty")]


class NewCode(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One procurement code and its name."""

    code: ProcurementCode
    name: Name


class NewItem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of an edition, as it is entered."""

    code: CatalogueCode
    level: Annotated[int, Meta(ge=1, le=3)]
    name: Name
    parent: str = ""
    procurement_codes: Annotated[tuple[ProcurementCode, ...], Meta(max_length=10)] = ()
    match: Match = Match.UNVERIFIED
    note: Line = ""
    name_en: Line = ""
    note_en: Line = ""
    unit: Unit = ""
    unit_cost_fen: Fen | None = None
    standard: Standard = ""

    def entry(self) -> Entry:
        """What the rules look at."""
        return Entry(
            code=self.code,
            level=self.level,
            parent=self.parent,
            match=self.match,
            procurement_codes=self.procurement_codes,
            unit=self.unit,
            unit_cost_fen=self.unit_cost_fen,
        )

    def text(self) -> Text:
        """What is compared between editions."""
        return Text(
            code=self.code,
            name=self.name,
            procurement_codes=self.procurement_codes,
            match=self.match.value,
            unit=self.unit,
            unit_cost_fen=self.unit_cost_fen,
            standard=self.standard,
            note=self.note,
            name_en=self.name_en,
            note_en=self.note_en,
        )


class EntryText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry as it is typed; its level and what it stands under follow from its code."""

    code: CatalogueCode
    name: Name
    procurement_codes: Annotated[tuple[ProcurementCode, ...], Meta(max_length=10)] = ()
    match: Match = Match.UNVERIFIED
    unit: Unit = ""
    unit_cost_fen: Fen | None = None
    standard: Standard = ""
    note: Line = ""
    name_en: Line = ""
    note_en: Line = ""

    def item(self) -> NewItem:
        """The entry with its place."""
        return NewItem(
            code=self.code,
            level=level_of(self.code),
            parent=self.code[:-2],
            name=self.name,
            procurement_codes=tuple(dict.fromkeys(self.procurement_codes)),
            match=self.match,
            unit=self.unit,
            unit_cost_fen=self.unit_cost_fen,
            standard=self.standard,
            note=self.note,
            name_en=self.name_en,
            note_en=self.note_en,
        )


class ChangedEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry as it is to be; ``revision`` is that of the entry that was read."""

    revision: int
    entry: EntryText


class NewDraft(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new edition that begins as a copy of the one in force."""

    label: Name
    note: Line = ""


class Consultation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The legal days between which opinions are heard, both counted."""

    first: date
    last: date


class NewOpinion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An opinion on the entry ``code``, or on the whole; ``signed`` counts for who is not signed in."""

    content: Opinion
    code: Annotated[str, Meta(max_length=5)] = ""
    signed: Signed = ""


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to an opinion, with its reason."""

    action: OpinionAction
    answer: Reason


class NewExpert(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an expert said, on which day."""

    name: Name
    employer: Name
    conclusion: Conclusion
    content: Reason
    given_on: date
    title: Line = ""


class Publication(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The legal day on which an edition comes in force."""

    in_force_on: date


class NewEdition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An edition of the catalogue with all its entries."""

    label: Name
    items: Annotated[tuple[NewItem, ...], Meta(min_length=1, max_length=2_000)]
    note: Line = ""


class VersionView(Struct, frozen=True, kw_only=True):
    """An edition, and how many entries it has on each of the three levels."""

    id: UUID
    number: int
    label: str
    note: str
    state: EditionState
    published_at: datetime | None
    counts: tuple[int, int, int]
    consult_from: date | None = None
    consult_to: date | None = None
    in_force_on: date | None = None
    withdraw_reason: str = ""


class CodeView(Struct, frozen=True, kw_only=True):
    """A procurement code with its name."""

    code: str
    name: str


class ItemView(Struct, frozen=True, kw_only=True):
    """One entry with its procurement codes and how sure they are."""

    id: UUID
    code: str
    level: int
    parent: str
    name: str
    name_en: str
    match: Match
    note: str
    note_en: str
    procurement_codes: tuple[CodeView, ...]
    unit: str = ""
    unit_cost_fen: int | None = None
    standard: str = ""
    revision: int = 1

    def text(self) -> Text:
        """What is compared between editions."""
        return Text(
            code=self.code,
            name=self.name,
            procurement_codes=tuple(one.code for one in self.procurement_codes),
            match=self.match.value,
            unit=self.unit,
            unit_cost_fen=self.unit_cost_fen,
            standard=self.standard,
            note=self.note,
            name_en=self.name_en,
            note_en=self.note_en,
        )


class Branch(Struct, frozen=True, kw_only=True):
    """An entry with those below it."""

    item: ItemView
    children: tuple["Branch", ...]


class ItemPage(Struct, frozen=True, kw_only=True):
    """One entry with its place in the tree and the edition it belongs to."""

    item: ItemView
    version: VersionView
    parents: tuple[ItemView, ...]
    children: tuple[ItemView, ...]


class Found(Struct, frozen=True, kw_only=True):
    """What a search found; ``more``: there may be further entries."""

    items: tuple[ItemView, ...]
    more: bool


class OpinionView(Struct, frozen=True, kw_only=True):
    """An opinion with its answer; ``giver`` is the organization, or what somebody called themselves (desk only)."""

    id: UUID
    code: str
    entry_name: str
    content: str
    giver: str
    signed_in: bool
    given_at: datetime
    state: OpinionState
    answer: str
    answered_at: datetime | None


class ExpertView(Struct, frozen=True, kw_only=True):
    """What an expert said; ``changed_since`` counts the changes made to the draft since then."""

    id: UUID
    name: str
    employer: str
    title: str
    conclusion: Conclusion
    content: str
    given_on: date
    changed_since: int


class Dossier(Struct, frozen=True, kw_only=True):
    """An edition as the desk sees it. ``missing`` is what keeps it from the experts' step or from submission."""

    version: VersionView
    revision: int
    drafted_at: datetime
    based_on: int | None
    in_force: int | None
    drafters: tuple[str, ...]
    is_drafter: bool
    opinions: tuple[OpinionView, ...]
    experts: tuple[ExpertView, ...]
    has_minutes: bool
    minutes_name: str
    return_reason: str
    submitted_at: datetime | None
    approved_at: datetime | None
    approver: str
    publisher: str
    missing: tuple[tuple[str, dict[str, object]], ...]


class SheetLine(Struct, frozen=True, kw_only=True):
    """What a row of a sheet would do; ``number`` is 0 for an entry that the sheet lacks."""

    number: int
    outcome: Outcome
    code: str
    name: str
    old: Text | None = None
    new: Text | None = None
    fields: tuple[str, ...] = ()
    problems: tuple[tuple[str, dict[str, object]], ...] = ()


class SheetReport(Struct, frozen=True, kw_only=True):
    """What taking in a sheet would do, row by row, to the draft as it is now; ``revision`` is the draft's."""

    id: UUID
    name: str
    whole: bool
    revision: int
    lines: tuple[SheetLine, ...]
    applied_at: datetime | None

    def count(self, outcome: Outcome) -> int:
        """How many rows would come out so."""
        return sum(line.outcome is outcome for line in self.lines)
