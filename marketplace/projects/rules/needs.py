"""Wishes: what a draft takes over from them, how long one may wait, and what may be refused."""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec
from msgspec import Struct

from marketplace.kit.days import Calendar
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.projects.rules.plan import Plan
from marketplace.projects.states import ProjectState

WAIT_DAYS = 10
"""So many working days a wish may wait for an answer before it turns amber."""
ADOPTED_AT_ONCE = 50
"""So many wishes one project may answer at a time."""
FREE_FROM = frozenset({ProjectState.DRAFT, ProjectState.UNSUCCESSFUL, ProjectState.CANCELLED})
"""While a project stands so, a wish can be taken out of it again."""


class NeedBound(DomainError):
    """The project that adopted the wish is under way."""

    kind, code = Kind.CONFLICT, "need_bound"
    text = N_("采纳这条需求的项目正在办理，不能移出。项目终止或未成交后可以重新受理。")


class MergeTarget(DomainError):
    """The wish to merge into is itself settled, or the very same."""

    kind, code = Kind.INVALID, "need_merge_target"
    text = N_("「{title}」不能作为合并的目标。请选择另一条待采纳或已采纳的需求。")


class BroughtByMissing(DomainError):
    """A wish is written down for somebody else, and who or how is not said."""

    kind, code = Kind.INVALID, "need_brought_by_missing"
    text = N_("代村（社区）或单位登记的需求，请写明提出单位和提出方式。")


class NeedTakenMeanwhile(DomainError):
    """One of several wishes is no longer there to be adopted."""

    kind, code = Kind.CONFLICT, "need_taken"
    text = N_("「{title}」已不是待采纳状态，不能采纳。请回到需求列表重新选择。")


class NoNeeds(DomainError):
    """Nothing was chosen to adopt."""

    kind, code = Kind.INVALID, "no_needs"
    text = N_("请至少选择一条需求，一次最多 {limit} 条。")


class Wish(Struct, frozen=True, kw_only=True):
    """What a draft takes over from a wish; ``place`` is who brought it."""

    title: str
    content: str
    place: str
    people_kind: str = ""
    people_count: int | None = None
    location: str = ""
    wished_from: date | None = None
    wished_until: date | None = None


def waits_until(collected: date, calendar: Calendar) -> date:
    """The last working day on which a wish collected on a day should have its answer."""
    return calendar.add_working_days(collected, WAIT_DAYS).rolled


def _apart(texts: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(text for text in texts if text))


def prefilled(plan: Plan, wishes: Sequence[Wish]) -> Plan:
    """A fresh plan with what the wishes say: their words first, people added up, places named, days moved to them.

    People are added up only where every wish counts them. The service never begins before the plan's own first lawful
    day; the milestones move along with it and none lies beyond its end.
    """
    said = "\n".join(f"{wish.place}提出：{wish.title}。{wish.content}" for wish in wishes)
    counts = [wish.people_count for wish in wishes]
    people = sum(count or 0 for count in counts) if all(counts) else None
    plan = msgspec.structs.replace(
        plan,
        need=f"{said}\n{plan.need}".strip(),
        people_kind=_apart(wish.people_kind for wish in wishes) or plan.people_kind,
        people_count=people,
        location=_apart(wish.location or wish.place for wish in wishes),
    )
    return _moved(plan, wishes)


def _moved(plan: Plan, wishes: Sequence[Wish]) -> Plan:
    begins = [wish.wished_from for wish in wishes if wish.wished_from]
    ends = [wish.wished_until for wish in wishes if wish.wished_until]
    if plan.service_from is None or plan.service_until is None:
        return plan
    start = max([plan.service_from, *([min(begins)] if begins else [])])
    shift = start - plan.service_from
    until = max(ends) if ends and max(ends) > start else plan.service_until + shift
    return msgspec.structs.replace(
        plan,
        service_from=start,
        service_until=until,
        milestones=tuple(
            msgspec.structs.replace(row, due_on=None if row.due_on is None else _within(row.due_on + shift, until))
            for row in plan.milestones
        ),
    )


def _within(day: date, until: date) -> date:
    return min(day, until)
