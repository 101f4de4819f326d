"""Wishes as they come in and go out."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.kit.fields import CatalogueCode, Count, Fen, Line, Name, Reason, Search, Title
from marketplace.projects.rules import TemplateCode
from marketplace.projects.rules.needs import ADOPTED_AT_ONCE
from marketplace.projects.states import NeedAction, NeedChannel, NeedState, ProjectState

Said = Annotated[str, Meta(min_length=2, max_length=4_000, pattern=r"\S")]
NeedIds = Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=ADOPTED_AT_ONCE)]


class NewNeed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wish. ``brought_by`` and ``channel`` are given where a centre writes it down for a village or unit."""

    title: Title
    content: Said
    people_kind: Line = ""
    people_count: Count | None = None
    location: Line = ""
    wished_from: date | None = None
    wished_until: date | None = None
    catalogue_code: CatalogueCode | None = None
    cost_fen: Fen | None = None
    brought_by: Line = ""
    channel: NeedChannel | None = None
    contact_name: Line = ""
    contact_phone: Line = ""

    def __post_init__(self) -> None:
        """Refuse a wish that ends before it begins."""
        if self.wished_from and self.wished_until and self.wished_until < self.wished_from:
            raise ValueError("期望结束不能早于期望开始。")


class Adoption(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft to begin from wishes; ``buyer_id`` is left out where the adopter's own organization buys."""

    need_ids: NeedIds
    catalogue_code: CatalogueCode
    title: Title
    buyer_id: UUID | None = None
    template: TemplateCode | None = None


class Joining(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The draft that a wish is joined to."""

    project_id: UUID


class Merging(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The wish that another is merged into."""

    into_id: UUID


class Showing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether everybody may see a wish."""

    is_shown: bool = False


class Declining(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a wish is not adopted; whoever brought it reads this."""

    reason: Reason


class Withdrawing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a wish is taken back, if anything is said."""

    reason: Line = ""


class NeedFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a list of wishes is narrowed to; ``waiting`` leaves those that wait too long."""

    q: Search = ""
    state: NeedState | None = None
    branch: str = ""
    waiting: bool = False


class AnsweringProject(Struct, frozen=True, kw_only=True):
    """The project that answers a wish; before its publication everybody is told only that there is one."""

    id: UUID
    number: str | None
    title: str
    state: ProjectState
    is_public: bool


class NeedCard(Struct, frozen=True, kw_only=True):
    """A wish as everybody may read it once it is shown; ``place`` is the village or unit it is for."""

    id: UUID
    state: NeedState
    title: str
    content: str
    place: str
    people_kind: str
    people_count: int | None
    location: str
    wished_from: date | None
    wished_until: date | None
    catalogue_code: str
    collected_at: datetime
    project: AnsweringProject | None


class NeedView(Struct, frozen=True, kw_only=True):
    """A wish as staff and its owner read it; the contact is for staff and the owner only.

    ``merged_into`` is the wish that took this one in; ``reason`` why it was declined, its own or that of the other.
    """

    card: NeedCard
    cost_fen: int | None
    channel: NeedChannel
    organization_id: UUID
    organization_name: str
    brought_by: str
    contact_name: str
    contact_phone: str
    is_shown: bool
    waits_until: date
    merged_into: NeedCard | None
    merged: tuple[NeedCard, ...]
    reason: str
    decided_at: datetime | None
    actions: frozenset[NeedAction]


class NeedRow(Struct, frozen=True, kw_only=True):
    """A wish in a list; ``is_late`` once it waits longer than it should."""

    card: NeedCard
    is_shown: bool
    waits_until: date
    is_late: bool
    merged_into: Name | None = None


class NeedPage(Struct, frozen=True, kw_only=True):
    """A part of a list; ``last`` are the keys after which the next part begins, None at the end."""

    items: tuple[NeedRow, ...]
    last: tuple[str, str] | None
    total: int
