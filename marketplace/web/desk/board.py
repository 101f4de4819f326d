"""The boards of the desks: how many projects stand at each stage, what is overdue, and which days come next."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy.orm import Session

from marketplace.bids import queries as bids
from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.bids.states import BID
from marketplace.contracts import queries as contracts
from marketplace.contracts.schemas import ContractBoard, MilestoneCard, UnsignedAward
from marketplace.contracts.states import MILESTONE, ContractState, MilestoneState
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.i18n import N_
from marketplace.projects import queries as projects
from marketplace.projects.schemas import ProjectBoard, ProjectFilter, WaitingProject
from marketplace.projects.states import PROJECT, MilestoneKind, ProjectState
from marketplace.web.bids.views import STATE_TONES
from marketplace.web.desk.views import SOON_DAYS
from marketplace.web.i18n import gettext, say

SHOWN_MAX = 10
OPEN_MAX = 100
AHEAD = timedelta(days=60)
_P, _C, _M = ProjectState, ContractState, MilestoneState
_PROJECTS = "/centre/projects?state="
_STAGES = (_P.DRAFT, _P.SUBMITTED, _P.APPROVED, _P.OPEN, _P.EVALUATION)
_PROJECT_WAITS = {
    _P.SUBMITTED: N_("等负责人审批"),
    _P.APPROVED: N_("等负责人发布公告"),
    _P.OPEN: N_("等开启人到时开启"),
    _P.EVALUATION: N_("等评审和公告结果"),
}
_CONTRACT_WAITS = {
    None: N_("等经办人起草合同"),
    _C.DRAFT: N_("等经办人写完合同"),
    _C.SUBMITTED: N_("等负责人审批合同"),
    _C.APPROVED: N_("等双方签订"),
    _C.SIGNING: N_("等另一方签订"),
}
_MILESTONE_WAITS = {
    _M.SCHEDULED: N_("等承接主体提交「{title}」的材料"),
    _M.RETURNED: N_("等承接主体整改「{title}」"),
    _M.REPORTED: N_("等核验「{title}」"),
    _M.VERIFIED: N_("等验收「{title}」"),
}
_OURS = frozenset({_M.SCHEDULED, _M.RETURNED})
"""States in which a milestone waits for its supplier."""
_MILESTONE_TONES = {_M.SCHEDULED: "grey", _M.RETURNED: "orange", _M.REPORTED: "yellow", _M.VERIFIED: "yellow"}


class Stage(Struct, frozen=True, kw_only=True):
    """A stage of the board in the present language, and the list behind its count."""

    title: str
    count: int
    url: str


class Row(Struct, frozen=True, kw_only=True):
    """One thing with a day: what it is, where it stands, what it waits for; ``late_days`` is 0 while there is time."""

    title: str
    url: str
    meta: str
    stage: tuple[str, str]
    waits: str
    due_on: date
    due_at: datetime | None = None
    late_days: int = 0
    soon: bool = False


class Board(Struct, frozen=True, kw_only=True):
    """The stages with their counts, and the rows the longest overdue first; ``late_count`` of them are overdue."""

    stages: tuple[Stage, ...]
    rows: tuple[Row, ...]
    late_count: int


def board(db: Session, actor: Actor, *, now: datetime) -> Board | None:
    """What a buyer or the centre sees of its projects; None for those who may not read them."""
    own = actor.organization_id
    sides = {Relation.BUYER: own, Relation.PROCURING_ENTITY: own} if own else {}
    if not may(actor, Right.READ_PROJECT, sides):
        return None
    today = legal_day(now)
    before, after = projects.board(db, actor, today=today), contracts.board(db, actor)
    cards = contracts.desk_milestones(db, actor, now=now) if may(actor, Right.READ_CONTRACT, sides) else ()
    rows = [
        *(_project(one, today) for one in before.waiting),
        *(_unsigned(one, one.due_on, today) for one in after.unsigned if one.due_on),
        *(_milestone(one, one.waits_until or one.due_on, today) for one in cards if one.waits_until or one.due_on),
    ]
    near = sorted((row for row in rows if row.late_days or row.soon), key=lambda row: row.due_on)
    late = sum(1 for row in near if row.late_days)
    return Board(stages=_stages(before, after), rows=tuple(near[:SHOWN_MAX]), late_count=late)


def _stages(before: ProjectBoard, after: ContractBoard) -> tuple[Stage, ...]:
    first = [
        Stage(title=gettext(PROJECT.label(state)), count=before.counts.get(state, 0), url=f"{_PROJECTS}{state}")
        for state in _STAGES
    ]
    rest = [
        (N_("待签合同"), after.unsigned_count, "/centre/contracts"),
        (N_("履行中"), after.counts.get(_C.ACTIVE, 0), "/centre/acceptance"),
        (N_("履行完毕"), after.counts.get(_C.COMPLETED, 0), "/centre/contracts"),
    ]
    return (*first, *(Stage(title=gettext(title), count=count, url=url) for title, count, url in rest))


def _late(due_on: date, today: date) -> int:
    return max(0, (today - due_on).days)


def _soon(due_on: date, today: date) -> bool:
    return today <= due_on <= today + timedelta(days=SOON_DAYS)


def _project(one: WaitingProject, today: date) -> Row:
    tone = "green" if one.state is _P.OPEN else "blue" if one.state is _P.EVALUATION else "yellow"
    return Row(
        title=one.title,
        url=f"/centre/projects/{one.id}",
        meta=one.buyer,
        stage=(PROJECT.label(one.state), tone),
        waits=gettext(_PROJECT_WAITS[one.state]),
        due_on=one.due_on,
        late_days=_late(one.due_on, today),
        soon=_soon(one.due_on, today),
    )


def _unsigned(one: UnsignedAward, due_on: date, today: date) -> Row:
    own = f"/centre/contracts/{one.contract_id}"
    return Row(
        title=one.title,
        url=own if one.contract_id else f"/centre/projects/{one.project_id}",
        meta=one.buyer,
        stage=(N_("待签合同"), "blue"),
        waits=gettext(_CONTRACT_WAITS[one.state]),
        due_on=due_on,
        late_days=_late(due_on, today),
        soon=_soon(due_on, today),
    )


def _milestone(card: MilestoneCard, due_on: date | None, today: date) -> Row:
    day = due_on or today
    return Row(
        title=card.project_title,
        url=f"/centre/acceptance/{card.id}",
        meta=card.supplier_name,
        stage=(MILESTONE.label(card.state), _MILESTONE_TONES[card.state]),
        waits=say(_MILESTONE_WAITS[card.state], title=card.title),
        due_on=day,
        late_days=_late(day, today),
        soon=_soon(day, today),
    )


def coming(db: Session, keys: ApplicationKeys, actor: Actor, *, now: datetime) -> tuple[Row, ...]:
    """The days that come next for an organization: bids it may still hand in, milestones within sixty days."""
    own, today = actor.organization_id, legal_day(now)
    sides = {Relation.SUPPLIER: own} if own else {}
    rows: list[Row] = []
    if own is not None and may(actor, Right.BID, sides):
        rows += _own_bids(db, keys, own, now)
    if may(actor, Right.READ_CONTRACT, sides):
        rows += [
            _own_milestone(card, card.waits_until or card.due_on or today, today)
            for card in contracts.supplier_milestones(db, actor, now=now)
            if card.kind is not MilestoneKind.ADVANCE
            and card.state in _OURS
            and (card.waits_until or card.due_on or today) <= today + AHEAD
        ]
    return tuple(sorted(rows, key=lambda row: row.due_on)[:SHOWN_MAX])


def _own_bids(db: Session, keys: ApplicationKeys, own: UUID, now: datetime) -> Iterator[Row]:
    wanted = ProjectFilter(state=_P.OPEN, due_after=now, closing=True)
    cards = {card.id: card for card in projects.public_list(db, wanted, limit=OPEN_MAX).items}
    taken = [cards[one.project_id] for one in bids.takings_of(db, own) if one.project_id in cards]
    states = bids.my_states(db, keys, [card.id for card in taken], own)
    for card in taken:
        if card.bids_due_at is None:
            continue
        state = states.get(card.id, BID.start)
        day = legal_day(card.bids_due_at)
        yield Row(
            title=card.title,
            url=f"/org/bids/{card.id}",
            meta=gettext(N_("递交响应文件")),
            stage=(BID.label(state), STATE_TONES[state]),
            waits="",
            due_on=day,
            due_at=card.bids_due_at,
            soon=state is BID.start and _soon(day, legal_day(now)),
        )


def _own_milestone(card: MilestoneCard, day: date, today: date) -> Row:
    return Row(
        title=card.project_title,
        url=f"/org/milestones/{card.id}",
        meta=card.title,
        stage=(MILESTONE.label(card.state), _MILESTONE_TONES[card.state]),
        waits="",
        due_on=day,
        late_days=_late(day, today),
        soon=_soon(day, today),
    )
