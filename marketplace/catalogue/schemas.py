"""What goes into the service catalogue, and what comes out of it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.catalogue.rules import Entry
from marketplace.catalogue.states import EditionState, Match
from marketplace.kit.fields import CatalogueCode, Line, Name, ProcurementCode


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

    def entry(self) -> Entry:
        """What the rules look at."""
        return Entry(
            code=self.code,
            level=self.level,
            parent=self.parent,
            match=self.match,
            procurement_codes=self.procurement_codes,
        )


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
