"""What the pages of projects show, gathered from the domains below."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request
from markupsafe import Markup
from msgspec import Struct
from sqlalchemy.orm import Session

from marketplace.bids.queries import live_openers, seal, taking
from marketplace.catalogue import queries as catalogue
from marketplace.funds import queries as funds
from marketplace.funds.schemas import FundingView, FundView
from marketplace.identity.queries import names
from marketplace.identity.queries.organizations import find_organizations
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor, Function
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.kit.i18n import N_
from marketplace.kit.money import yuan_grouped
from marketplace.procedures.rules import METHODS, Timetable, lawful_methods
from marketplace.procedures.states import STANDING_NAMES, MethodCode, Standing
from marketplace.projects import queries
from marketplace.projects.model import Project
from marketplace.projects.rules import STAGE_NAMES, TIME_NAMES, Plan, Stage, StageStatus, TimeField, bases, points
from marketplace.projects.schemas import ProjectCard, ProjectView, QuestionView
from marketplace.projects.schemas.amending import EditionLine
from marketplace.projects.schemas.joint import PublicShare
from marketplace.projects.schemas.needs import NeedCard
from marketplace.projects.states import (
    CONDITION_NAMES,
    CRITERION_NAMES,
    FILE_NAMES,
    MILESTONE_NAMES,
    NEGATIVE_QUESTIONS,
    NOTICE_NAMES,
    PROJECT,
    ConditionKind,
    CriterionKind,
    FileKind,
    MilestoneKind,
    NoticeKind,
    ProjectAction,
    ProjectState,
)
from marketplace.web.access import Visitor
from marketplace.web.figures.bar import part_of
from marketplace.web.i18n import gettext, say
from marketplace.web.projects.forms import PLAN
from marketplace.web.projects.life import Life, days_left, life_of
from marketplace.web.show import day, instant

Visit = Request[Visitor, None, Any]
"""The request as pages see it."""
TONES = {
    ProjectState.DRAFT: "grey",
    ProjectState.SUBMITTED: "yellow",
    ProjectState.APPROVED: "yellow",
    ProjectState.OPEN: "green",
    ProjectState.EVALUATION: "blue",
    ProjectState.AWARDED: "blue",
    ProjectState.CANCELLED: "red",
    ProjectState.UNSUCCESSFUL: "red",
}
FUND = N_("{number} {name}（可用 {amount} 元）")
UNUSABLE, KEYLESS = N_("已选资金（现在不能使用，请改选）"), N_("{name}（还没有设置开启口令）")
WAITING = N_("待开启")
"""An open project whose deadline has passed; no job need have run."""
KINDS = {StageStatus.DONE: "done", StageStatus.NOW: "now", StageStatus.TODO: "todo", StageStatus.STOPPED: "failed"}
CHANGE_NAMES: Mapping[str, str] = {
    **PLAN.labels,
    **{name.value: text for name, text in TIME_NAMES.items()},
    "files": FILE_NAMES[FileKind.ATTACHMENT],
    "answer": N_("对提问的答复"),
}
"""What a correction changes, by its field."""
WORDS: Mapping[str, Any] = {
    "State": ProjectState,
    "Action": ProjectAction,
    "ConditionKind": ConditionKind,
    "CriterionKind": CriterionKind,
    "MilestoneKind": MilestoneKind,
    "NoticeKind": NoticeKind,
    "FileKind": FileKind,
    "part_of": part_of,
    "days_left": days_left,
    "condition_names": CONDITION_NAMES,
    "criterion_names": CRITERION_NAMES,
    "milestone_names": MILESTONE_NAMES,
    "notice_names": NOTICE_NAMES,
    "file_names": FILE_NAMES,
    "negative_questions": NEGATIVE_QUESTIONS,
    "time_names": TIME_NAMES,
    "change_names": CHANGE_NAMES,
    "method_names": {code: method.name for code, method in METHODS.items()},
    "project_label": PROJECT.label,
    "points": points,
}
"""What every template of projects may name."""


def state_tag(card: ProjectCard | ProjectView, now: datetime) -> tuple[str, str]:
    """The state of a project in a word and a colour."""
    if card.state is ProjectState.OPEN and card.bids_due_at is not None and now > card.bids_due_at:
        return WAITING, "yellow"
    return PROJECT.label(card.state), TONES[card.state]


def steps(stages: Iterable[Stage]) -> list[tuple[str, Markup, str]]:
    """The stages as the line of steps draws them."""
    return [
        (
            gettext(STAGE_NAMES[stage.code]),
            Markup('<span class="nowrap">{} {}</span>').format(day(stage.on), gettext(stage.note))
            if stage.on
            else Markup(""),
            KINDS[stage.status],
        )
        for stage in stages
    ]


class TimeRow(Struct, frozen=True):
    """One time of the timetable with its legal basis."""

    name: str
    label: str
    shown: Markup
    basis: str


def time_rows(view: ProjectView, table: Timetable | None) -> tuple[TimeRow, ...]:
    """The times of a project in their order, each with the rule behind it."""
    basis = bases(table) if table else {}
    values = {name: getattr(view, name.value) for name in TimeField}
    if view.published_at is not None:
        values[TimeField.PUBLISH] = view.published_at
    return tuple(
        TimeRow(name.value, TIME_NAMES[name], _when(values[name]), basis.get(name.value, "")) for name in TimeField
    )


def _when(value: date | datetime | None) -> Markup:
    return instant(value) if isinstance(value, datetime) else day(value)


class OpenerChoices(Struct, frozen=True):
    """Who may be named as an opener on each seat: people who have set their passphrase."""

    centre: list[tuple[str, str]]
    buyer: list[tuple[str, str]]
    supervisor: list[tuple[str, str]]


class MethodChoice(Struct, frozen=True):
    """A method and whether it may be used for the budget."""

    code: MethodCode
    name: str
    standing: str


class Choices(Struct, frozen=True, kw_only=True):
    """What may be picked on the drafting page."""

    funds: list[tuple[str, str]]
    openers: OpenerChoices
    methods: list[MethodChoice]
    codes: list[tuple[str, str]]


def fund_label(fund: FundView) -> str:
    """A fund in a list to pick from, with what is left of it."""
    return say(FUND, number=fund.number, name=fund.name, amount=yuan_grouped(fund.available_fen))


def choices(db: Session, view: ProjectView, plan: Plan, *, now: datetime) -> Choices:
    """What may be picked for a draft: money of the buyer, people with keys, lawful methods, codes of the entry.

    What the draft holds already stays on offer, marked, also where it could not be picked any more.
    """
    usable = [(str(one.id), fund_label(one)) for one in funds.funds(db, buyer_id=view.buyer.id, only_open=True)]
    joint = queries.fund_holders(db, view.id)
    usable += [(str(one.id), fund_label(one)) for one in (funds.fund(db, key) for key in joint)]
    held = {str(line.fund_id) for line in plan.funding} - {key for key, _ in usable}
    seats = {
        "centre": ([view.procuring_entity.id], plan.opener_centre_id),
        "buyer": ([view.buyer.id], plan.opener_buyer_id),
        "supervisor": (_supervisors(db), plan.opener_supervisor_id),
    }
    return Choices(
        funds=usable + [(key, gettext(UNUSABLE)) for key in sorted(held)],
        openers=OpenerChoices(**{seat: _with_keys(db, *asked) for seat, asked in seats.items()}),
        methods=_methods(db, view, legal_day(now)),
        codes=_codes(db, view),
    )


def _supervisors(db: Session) -> list[UUID]:
    return [one.id for one in find_organizations(db, function=Function.SUPERVISOR, limit=200)]


def _with_keys(db: Session, organization_ids: Sequence[UUID], named: UUID | None) -> list[tuple[str, str]]:
    people = [one.person_id for one in live_openers(db, organization_ids)]
    called = names(db, [*people, *([named] if named else [])])
    found = [(str(one), called.get(one, "")) for one in people]
    if named is not None and named not in people:
        found.append((str(named), say(KEYLESS, name=called.get(named, ""))))
    return found


def _methods(db: Session, view: ProjectView, today: date) -> list[MethodChoice]:
    row = db.get_one(Project, view.id)
    rules = queries.rules_for(db, row, max(view.publish_on or today, today))
    return [
        MethodChoice(choice.method, choice.name, STANDING_NAMES[choice.standing])
        for choice in lawful_methods(rules, view.budget_fen or 0)
        if choice.standing is not Standing.UNLAWFUL or choice.method is view.method
    ]


def _codes(db: Session, view: ProjectView) -> list[tuple[str, str]]:
    entry = catalogue.item(db, view.entry.code).item
    known = [(code.code, f"{code.code} {code.name}") for code in entry.procurement_codes]
    if view.procurement_code and view.procurement_code not in dict(known):
        known.append((view.procurement_code, view.procurement_code))
    return known


def keyless(db: Session, project_id: UUID) -> dict[str, str]:
    """The openers of a project who have no key, by their field."""
    row = db.get_one(Project, project_id)
    named = {
        name: person
        for name in ("opener_centre_id", "opener_buyer_id", "opener_supervisor_id")
        if (person := getattr(row, name)) is not None
    }
    bodies = [row.buyer_id, row.procuring_entity_id, *_supervisors(db)]
    holders = {one.person_id for one in live_openers(db, bodies)}
    called = names(db, named.values())
    return {name: called.get(person, "") for name, person in named.items() if person not in holders}


class PublicPage(Struct, frozen=True, kw_only=True):
    """One project's public page for one visitor; ``shown`` is the edition asked for, ``view`` what holds now."""

    view: ProjectView
    shown: ProjectView
    editions: tuple[EditionLine, ...]
    tag: tuple[str, str]
    steps: list[tuple[str, Markup, str]]
    times: tuple[TimeRow, ...]
    funding: tuple[FundingView, ...]
    questions: tuple[QuestionView, ...]
    took: bool
    is_supplier: bool
    is_staff: bool
    may_ask: bool
    opened_at: datetime | None
    life: Life
    wishes: tuple[NeedCard, ...]
    shares: tuple[PublicShare, ...]
    now: datetime
    number: int

    @property
    def is_earlier(self) -> bool:
        """Whether an edition is shown that was overtaken."""
        return self.shown is not self.view

    @property
    def edition(self) -> EditionLine:
        """The edition that is shown."""
        return next(one for one in self.editions if one.number == self.number)

    @property
    def overtook(self) -> dict[UUID, int]:
        """The editions that were overtaken, by the notice that did it."""
        return {one.notice_id: one.number for one in self.editions if one.notice_id is not None}

    @property
    def is_open(self) -> bool:
        """Whether bids are taken now, by the clock."""
        due = self.view.bids_due_at
        return self.view.state is ProjectState.OPEN and due is not None and self.now <= due

    @property
    def funded_fen(self) -> int:
        """What has been set aside for it."""
        return sum(line.amount_fen for line in self.funding)


def _opened_at(db: Session, project_id: UUID) -> datetime | None:
    """When the bids were opened; None before, and where nothing was ever sealed."""
    try:
        return seal(db, project_id).opened_at
    except NotFound:
        return None


def public_page(
    db: Session, actor: Actor | None, project_id: UUID, *, key: bytes, now: datetime, edition: int | None = None
) -> PublicPage:
    """The public page of a project, with what the visitor may do there; ``edition`` shows what that one said.

    Raises:
        NotFound: no such project is public, or it has no such edition.
    """
    life = life_of(db, project_id, now=now)
    view = queries.project(db, project_id, now=now, later=life.later)
    own = actor.organization_id if actor else None
    parties = {Relation.BUYER: view.buyer.id, Relation.PROCURING_ENTITY: view.procuring_entity.id}
    is_staff = actor is not None and may(actor, Right.READ_PROJECT, parties)
    is_supplier = actor is not None and own is not None and may(actor, Right.TAKE_DOCUMENT, {Relation.SUPPLIER: own})
    took = own is not None and taking(db, project_id, own) is not None
    questions = queries.questions_for(db, actor, project_id, key=key) if actor else view.questions
    asking = view.state is ProjectState.OPEN and view.questions_due_at is not None and now <= view.questions_due_at
    editions = queries.editions(db, project_id)
    holds = editions[-1].number
    shown = view if edition in (None, holds) else queries.as_of(db, view, edition)
    return PublicPage(
        view=view,
        shown=shown,
        editions=editions,
        number=holds if edition is None else edition,
        tag=life.tag or state_tag(view, now),
        steps=steps(view.stages),
        times=time_rows(shown, queries.legal_times(db, project_id, now=now)),
        funding=tuple(funds.funding_of(db, [project_id]).get(project_id, [])),
        questions=questions,
        took=took,
        is_supplier=is_supplier,
        is_staff=is_staff,
        may_ask=asking and took,
        opened_at=_opened_at(db, project_id),
        life=life,
        wishes=queries.public_needs_of(db, project_id),
        shares=queries.public_shares(db, project_id),
        now=now,
    )
