"""The change feed, and what people follow, as readers get them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from marketplace.kit.fields import FenOrZero, Name, Search
from marketplace.projects.schemas import ChangeView
from marketplace.projects.states import Frequency, PublicKind


class EventView(Struct, frozen=True, kw_only=True):
    """A public event in the change feed; ``n`` is its place, which never changes.

    ``reason`` and ``changes`` are those of its legal notice; ``question`` and ``answer`` stand with an answer.
    """

    n: int
    id: UUID
    kind: PublicKind
    at: datetime
    project_id: UUID
    project_number: str
    project_title: str
    buyer_name: str
    reason: str
    changes: tuple[ChangeView, ...]
    question: str
    answer: str


class EventPart(Struct, frozen=True, kw_only=True):
    """A part of the change feed; ``after`` is the place to go on from, ``more`` whether anything follows already."""

    items: tuple[EventView, ...]
    after: int
    more: bool


class SearchAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a saved search looks for among new projects; amounts in fen, ``max_fen`` not included."""

    q: Search = ""
    buyer_id: UUID | None = None
    branch: Annotated[str, Meta(max_length=5, pattern=r"^[A-Z0-9]*$(?!\n)")] = ""
    min_fen: FenOrZero | None = None
    max_fen: FenOrZero | None = None


class NewSearch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A search to save, under a name, with how often its finds are told."""

    name: Name
    frequency: Frequency
    asked: SearchAsked = SearchAsked()


class HowOften(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often something is told."""

    frequency: Frequency


class FollowingView(Struct, frozen=True, kw_only=True):
    """Something a person follows: a project (``asked`` says nothing) or a search (``project_id`` is None)."""

    id: UUID
    project_id: UUID | None
    title: str
    number: str
    asked: SearchAsked
    frequency: Frequency
    saved_at: datetime
