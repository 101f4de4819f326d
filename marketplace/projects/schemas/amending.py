"""Corrections of substance and the editions that they overtook, as readers get them."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from marketplace.projects.rules.amending import Proposal
from marketplace.projects.schemas import ChangeView, ConditionView, CostView, CriterionView, FileView, MilestoneView
from marketplace.projects.states import AmendmentAction, AmendmentState


class EditionContent(Struct, frozen=True, kw_only=True):
    """All that a correction may change in a published project, as it stood; a part of :class:`ProjectView`."""

    requirement: str
    people_kind: str
    people_count: int | None
    people_note: str
    serves_minors: bool
    location: str
    service_from: date | None
    service_until: date | None
    contact_name: str
    contact_phone: str
    ceiling_fen: int | None
    documents_until: date | None
    questions_due_at: datetime | None
    answers_due_at: datetime | None
    bids_due_at: datetime | None
    opening_at: datetime | None
    result_on: date | None
    cost_lines: tuple[CostView, ...]
    conditions: tuple[ConditionView, ...]
    criteria: tuple[CriterionView, ...]
    milestones: tuple[MilestoneView, ...]
    files: tuple[FileView, ...]


class EditionLine(Struct, frozen=True, kw_only=True):
    """An edition of a published project and how long it held; ``notice_id`` is the correction that overtook it.

    Both ``until`` and ``notice_id`` are None for the one that holds.
    """

    number: int
    since: datetime
    until: datetime | None
    notice_id: UUID | None = None


class ProposalView(Struct, frozen=True, kw_only=True):
    """A correction that waits to be published, what it would change, and what the actor may do with it.

    ``is_overtaken``: another correction was published since it was written.
    """

    id: UUID
    project_id: UUID
    state: AmendmentState
    content: Proposal
    changes: tuple[ChangeView, ...]
    binds: bool
    is_overtaken: bool
    proposers: tuple[str, ...]
    proposed_at: datetime
    actions: frozenset[AmendmentAction]
