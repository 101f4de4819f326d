"""What a correction may change in a published project, and how it is told."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from marketplace.kit.errors import DomainError
from marketplace.kit.fields import Count, Fen, Instant, Line, Paragraphs, Reason, Title
from marketplace.projects.rules.differences import Line as ChangedLine
from marketplace.projects.rules.differences import marked, told
from marketplace.projects.rules.gates import Facts, gates
from marketplace.projects.rules.plan import (
    ROWS_MAX,
    ConditionPlan,
    CostPlan,
    CriterionPlan,
    MilestonePlan,
    Plan,
    Times,
)
from marketplace.projects.rules.times import TimeField

FILES = "files"
FILES_MAX = 40
_BESIDE = frozenset({"contact_name", "contact_phone"})
"""What a bid does not answer: changed alone, nothing handed in before must be confirmed."""


class ProposedFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stored document to hang on the project, in place of the file it ``replaces`` if it names one."""

    document_id: UUID
    title: Title
    replaces: UUID | None = None


class Proposal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A published project as it is to be, and why: all that a correction may change, whole.

    Buyer, entry, method, budget, money and openers stay. Times left out stay too, and may only move later.
    """

    reason: Reason
    requirement: Paragraphs
    people_kind: Line
    people_count: Count
    people_note: Line = ""
    serves_minors: bool = False
    location: Line = ""
    service_from: date | None = None
    service_until: date
    ceiling_fen: Fen
    cost_lines: Annotated[tuple[CostPlan, ...], Meta(max_length=ROWS_MAX)]
    conditions: Annotated[tuple[ConditionPlan, ...], Meta(max_length=ROWS_MAX)] = ()
    criteria: Annotated[tuple[CriterionPlan, ...], Meta(max_length=ROWS_MAX)]
    milestones: Annotated[tuple[MilestonePlan, ...], Meta(max_length=ROWS_MAX)]
    contact_name: Line = ""
    contact_phone: Line = ""
    documents_until: date | None = None
    questions_due_at: Instant | None = None
    answers_due_at: Instant | None = None
    bids_due_at: Instant | None = None
    opening_at: Instant | None = None
    result_on: date | None = None
    files: Annotated[tuple[ProposedFile, ...], Meta(max_length=FILES_MAX)] = ()

    @property
    def times(self) -> Times:
        """The times that are to move."""
        return Times(**{name: getattr(self, name) for name in MOVABLE})


MOVABLE = tuple(name for name in Times.__struct_fields__ if name != "publish_on")
AMENDABLE = tuple(name for name in Proposal.__struct_fields__ if name in Plan.__struct_fields__ and name not in MOVABLE)
"""The fields of a plan that a correction may change beside its times, in the order of the plan."""


class Change(Struct, frozen=True, kw_only=True):
    """One field that a correction changes; ``lines`` are the changed lines of a long text or a list, marked."""

    field: str
    before: str
    after: str
    lines: tuple[ChangedLine, ...] = ()


def standing(plan: Plan, reason: str) -> Proposal:
    """The proposal that changes nothing: what stands, to be written over.

    Raises:
        msgspec.ValidationError: the plan is none that was ever handed in.
    """
    given = {name: getattr(plan, name) for name in (*AMENDABLE, *MOVABLE)}
    return msgspec.convert({**given, "reason": reason}, Proposal, from_attributes=True)


def amended(plan: Plan, proposal: Proposal) -> Plan:
    """The plan as it will be."""
    moved = {name: value for name in MOVABLE if (value := getattr(proposal, name)) is not None}
    return msgspec.structs.replace(plan, **{name: getattr(proposal, name) for name in AMENDABLE}, **moved)


def changes(before: Plan, after: Plan) -> list[Change]:
    """What a correction changes, field by field in the order of the plan, as the public notice keeps it."""
    found = []
    for name in (*AMENDABLE, *MOVABLE):
        old, new = told(name, getattr(before, name)), told(name, getattr(after, name))
        if old != new:
            is_long = isinstance(getattr(after, name), tuple) or "\n" in old + new or len(old + new) > LONG
            found.append(Change(field=name, before=old, after=new, lines=marked(old, new) if is_long else ()))
    return found


LONG = 60
"""Two values longer than this together are told by what differs in them, not side by side."""


def binds(found: list[Change]) -> bool:
    """Whether bids that were handed in before must be confirmed: something that they answer changes."""
    return any(one.field not in _BESIDE and one.field not in set(TimeField) for one in found)


def refusals(plan: Plan, facts: Facts) -> Iterator[DomainError]:
    """What the gates of a draft refuse in the parts that a correction may change."""
    for refusal in gates(plan, facts):
        if refusal.field.partition("-")[0] in AMENDABLE:
            yield refusal
