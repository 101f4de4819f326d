"""The stages the public sees of a project: the handbook's twenty-two gathered into seven, derived, never stored."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from marketplace.kit.clock import legal_day
from marketplace.kit.i18n import N_
from marketplace.projects.states import ProjectState


class StageCode(StrEnum):
    """The shown stages in their order."""

    NOTICE = "notice"
    BIDDING = "bidding"
    EVALUATION = "evaluation"
    RESULT = "result"
    CONTRACT = "contract"
    PERFORMANCE = "performance"
    COMPLETION = "completion"


STAGE_NAMES = {
    StageCode.NOTICE: N_("采购公告"),
    StageCode.BIDDING: N_("答疑与征集"),
    StageCode.EVALUATION: N_("开启评审"),
    StageCode.RESULT: N_("结果公告"),
    StageCode.CONTRACT: N_("签约"),
    StageCode.PERFORMANCE: N_("履约"),
    StageCode.COMPLETION: N_("验收结项"),
}


class StageStatus(StrEnum):
    """How far a stage is."""

    DONE = "done"
    NOW = "now"
    TODO = "todo"
    STOPPED = "stopped"


class Stage(Struct, frozen=True, kw_only=True):
    """One stage: its day (done: when it was; else when it is planned), and what the day is (a message id)."""

    code: StageCode
    status: StageStatus
    on: date | None = None
    note: str = ""


class Course(Struct, frozen=True, kw_only=True):
    """What the stages are derived from. ``later`` holds the stages after the award, as the packages above know them."""

    state: ProjectState
    publish_on: date | None = None
    published_at: datetime | None = None
    bids_due_at: datetime | None = None
    opening_at: datetime | None = None
    closed_at: datetime | None = None
    result_on: date | None = None
    awarded_at: datetime | None = None
    ended_at: datetime | None = None
    service_from: date | None = None
    service_until: date | None = None
    later: Mapping[StageCode, Stage] = {}


_PRESENT = {
    ProjectState.DRAFT: 0,
    ProjectState.SUBMITTED: 0,
    ProjectState.APPROVED: 0,
    ProjectState.OPEN: 1,
    ProjectState.EVALUATION: 2,
    ProjectState.AWARDED: 3,
}
DUE, PLANNED = N_("截止"), N_("计划")


def _on(instant: datetime | None) -> date | None:
    return None if instant is None else legal_day(instant)


def stages(course: Course, now: datetime) -> tuple[Stage, ...]:
    """The seven stages of a project as of ``now``.

    A deadline that has passed moves the line on, also when no job has run yet.
    """
    if course.state in (ProjectState.CANCELLED, ProjectState.UNSUCCESSFUL):
        at = 0 if course.published_at is None else (2 if course.closed_at else 1)
    else:
        at = _PRESENT[course.state]
        if course.state is ProjectState.OPEN and course.bids_due_at is not None and now > course.bids_due_at:
            at = 2
    stopped = course.ended_at is not None
    days: dict[StageCode, tuple[date | None, str]] = {
        StageCode.NOTICE: (_on(course.published_at) or course.publish_on, "" if course.published_at else PLANNED),
        StageCode.BIDDING: (_on(course.bids_due_at), DUE),
        StageCode.EVALUATION: (_on(course.closed_at) or _on(course.opening_at), "" if course.closed_at else PLANNED),
        StageCode.RESULT: (_on(course.awarded_at) or course.result_on, "" if course.awarded_at else PLANNED),
        StageCode.CONTRACT: (None, ""),
        StageCode.PERFORMANCE: (course.service_from, PLANNED),
        StageCode.COMPLETION: (course.service_until, PLANNED),
    }
    line = []
    for index, code in enumerate(StageCode):
        if code in course.later:
            line.append(course.later[code])
            continue
        status = StageStatus.DONE if index < at else StageStatus.NOW if index == at else StageStatus.TODO
        day, note = days[code]
        if stopped and index == at:
            status, day, note = StageStatus.STOPPED, _on(course.ended_at), ""
        elif stopped and index > at:
            day, note = None, ""
        line.append(Stage(code=code, status=status, on=day, note=note))
    return tuple(line)
