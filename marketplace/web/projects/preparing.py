"""采购准备: what this project still needs before its notice, a form for each act, and the public intentions."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Redirect, Template
from msgspec import Struct
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.documents.commands import store
from marketplace.documents.rules import PROJECT_FILES, FileNotAsNamed, FileNotTaken, fitting
from marketplace.documents.storage import EmptyFile, Storage, TooLarge
from marketplace.identity.queries.organizations import find_organizations
from marketplace.kit.actor import Actor, Function
from marketplace.kit.clock import Clock
from marketplace.kit.errors import BadValue, DomainError, NotFound
from marketplace.kit.fields import Line, Paragraphs
from marketplace.kit.i18n import N_
from marketplace.projects import commands, queries
from marketplace.projects.queries.preparation import reviewer_candidates
from marketplace.projects.schemas.preparing import (
    DrawOrder,
    IntentionView,
    NewEvaluation,
    NewExemption,
    NewFiling,
    NewIntention,
    NewMinutes,
    NewOpinion,
    NewReviewer,
    NewSoleSource,
    NewSurvey,
    PreparationView,
)
from marketplace.projects.states import (
    ASKED_NAMES,
    BY_NAMES,
    EXEMPT_NAMES,
    FUNCTION_NAMES,
    NOTICE_NAMES,
    SOLE_NAMES,
    ProjectAction,
    ProjectState,
    ReviewFunction,
)
from marketplace.web.forms import FormKind, Typed
from marketplace.web.i18n import say, sentence
from marketplace.web.pages import again, done, page
from marketplace.web.projects.api import TAGS
from marketplace.web.projects.files import BODY_BYTES_MAX, FILE_BYTES_MAX, pieces

PAPER = "paper"
"""The file field of an act; the document it becomes stands in ``document_id``."""


class Named(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who reviews from which side; the legal adviser may be an outside one, by name."""

    purchasing: UUID | None = None
    finance: UUID | None = None
    business: UUID | None = None
    supervision: UUID | None = None
    legal: Line = ""


class OutsideOpinion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the outside legal adviser signed on paper."""

    passes: bool
    opinion: Paragraphs = ""
    document_id: UUID | None = None


def _name(db: Session, actor: Actor, project_id: UUID, data: Named, *, now: datetime) -> None:
    sides = [side for side in ReviewFunction if side is not ReviewFunction.LEGAL]
    new = [NewReviewer(function=one, reviewer_id=found) for one in sides if (found := getattr(data, one.value))]
    if data.legal.strip():
        new.append(NewReviewer(function=ReviewFunction.LEGAL, outside_name=data.legal.strip()))
    commands.name_reviewers(db, actor, project_id, tuple(new), now=now)


def _legal(db: Session, actor: Actor, project_id: UUID, data: OutsideOpinion, *, now: datetime) -> None:
    new = NewOpinion(passes=data.passes, opinion=data.opinion, document_id=data.document_id)
    commands.record_opinion(db, actor, project_id, ReviewFunction.LEGAL, new, now=now)


class Act(NamedTuple):
    """Something that is done on the page: its form, its verb, and what is said when it is done."""

    form: FormKind[Any]
    verb: Callable[..., object]
    done: str


_OPINION = {"passes": N_("审查结论"), "opinion": N_("审查意见"), "document_id": N_("书面意见")}
_EARLY = {
    "title": N_("项目名称"),
    "need": N_("需求概况"),
    "budget_fen": N_("预算金额"),
    "month": N_("预计采购月份（填该月任一天）"),
}
ACTS: Mapping[str, Act] = {
    "minutes": Act(
        FormKind(
            NewMinutes,
            labels={
                "held_on": N_("会议日期"),
                "attended": N_("参加人"),
                "decision": N_("会议决定"),
                "document_id": N_("会议纪要文件"),
            },
        ),
        commands.record_minutes,
        N_("会议纪要已登记。"),
    ),
    "evaluation": Act(
        FormKind(
            NewEvaluation,
            labels={
                "necessity": N_("必要性"),
                "own_duty": N_("是否属于本单位职责"),
                "market": N_("市场能力"),
                "cost": N_("成本测算"),
                "result": N_("预期效果"),
            },
        ),
        commands.record_evaluation,
        N_("事前评估已登记。"),
    ),
    "survey": Act(
        FormKind(
            NewSurvey,
            labels={
                "answers": N_("调查对象的答复"),
                "answers.organization": N_("调查对象"),
                "answers.asked_how": N_("方式"),
                "answers.asked_on": N_("日期"),
                "answers.summary": N_("答复要点"),
                "reason": N_("答复不足的理由"),
                "public_opinion": N_("社会公众的意见"),
                "reused_id": N_("沿用以前的调查"),
                "document_id": N_("调查材料"),
            },
        ),
        commands.record_survey,
        N_("需求调查已登记。"),
    ),
    "filing": Act(
        FormKind(
            NewFiling,
            labels={"number": N_("备案号"), "filed_on": N_("备案日期"), "document_id": N_("备案材料")},
        ),
        commands.file_plan,
        N_("采购实施计划备案已登记。"),
    ),
    "sole": Act(
        FormKind(
            NewSoleSource,
            labels={
                "organization_id": N_("供应商"),
                "ground": N_("法定情形"),
                "reason": N_("理由"),
                "document_id": N_("批准材料"),
            },
        ),
        commands.name_sole_source,
        N_("单一来源的理由和供应商已登记。"),
    ),
    "reviewers": Act(
        FormKind(Named, labels={side.value: name for side, name in FUNCTION_NAMES.items()}),
        _name,
        N_("审查人员已指定。"),
    ),
    "legal": Act(FormKind(OutsideOpinion, labels=_OPINION), _legal, N_("法律顾问的意见已登记。")),
    "opinion": Act(FormKind(NewOpinion, labels=_OPINION), commands.review, N_("审查意见已提交。")),
    "intention": Act(FormKind(NewIntention, labels=_EARLY), commands.publish_intention, N_("采购意向已公开。")),
    "exemption": Act(
        FormKind(NewExemption, labels={"ground": N_("豁免情形"), "reason": N_("豁免理由")}),
        commands.exempt_intention,
        N_("意向公开的豁免已登记。"),
    ),
    "publicity": Act(FormKind(NewIntention, labels=_EARLY), commands.publicize_sole_source, N_("单一来源公示已发布。")),
    "draw": Act(
        FormKind(DrawOrder, labels={"wanted": N_("抽取几家")}),
        commands.draw_invited,
        N_("受邀供应商已抽取，种子和名单已留存。"),
    ),
}


class PreparingPages(Controller):
    """The preparation of one project."""

    path = "/centre/projects/{project_id:uuid}/preparation"

    @get(sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template:
        """What is asked and there, and a form for each act."""
        with database.read() as db:
            context = preparing_page(db, actor, project_id, clock.now())
        return page("projects/preparation.html", **context)

    @get("/{act:str}", sync_to_thread=True)
    def blank(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        act: FromPath[str],
    ) -> Template:
        """The form of one act."""
        asked = ACTS.get(act)
        if asked is None:
            raise NotFound
        with database.read() as db:
            context = preparing_page(db, actor, project_id, clock.now())
        return page("projects/preparation_act.html", form=asked.form.blank(), act=act, **context)

    @post("/{act:str}", sync_to_thread=True, request_max_body_size=BODY_BYTES_MAX)
    def acted(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        act: FromPath[str],
    ) -> Template | Redirect:
        """Do one of the acts; nothing typed is lost."""
        asked, now = ACTS.get(act), clock.now()
        if asked is None:
            raise NotFound
        refused = _take(database, storage, actor, project_id, typed, now)
        form = asked.form.read(typed)
        if "document_id" in form.errors:
            form.errors[PAPER] = form.errors.pop("document_id")
        form.errors |= refused
        if form.data is not None and not refused:
            data = form.data
            try:
                with database.write() as db:
                    asked.verb(db, actor, project_id, data, now=now)
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return done(f"/centre/projects/{project_id}/preparation", asked.done)
        with database.read() as db:
            context = preparing_page(db, actor, project_id, now)
        return again("projects/preparation_act.html", form, act=act, **context)


def _take(
    database: Database, storage: Storage, actor: Actor, project_id: UUID, typed: Typed, now: datetime
) -> dict[str, str]:
    """Take in the paper of an act first: a wrong field elsewhere does not lose it. Returns what refused it."""
    for upload in typed.files.get(PAPER, []):
        if not upload.filename:
            continue
        with database.read() as db:
            queries.readable(db, actor, project_id)
        try:
            fit = fitting(pieces(upload), name=upload.filename, kinds=PROJECT_FILES)
            with database.write() as db:
                found = store(db, storage, actor, fit, name=upload.filename, limit_bytes=FILE_BYTES_MAX, now=now)
        except (EmptyFile, FileNotAsNamed, FileNotTaken, TooLarge) as refusal:
            return {PAPER: sentence(refusal)}
        typed.texts["document_id"] = [str(found)]
    return {}


def preparing_page(db: Session, actor: Actor, project_id: UUID, now: datetime) -> dict[str, Any]:
    """What the page of a preparation shows.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor's roles do not let them see it.
    """
    view = queries.preparing(db, actor, project_id, now=now)
    wanted = {task.demand.what.value for task in view.tasks}
    mayprepare = ProjectAction.PREPARE in view.actions
    return {
        "view": view,
        "accept": ",".join(PROJECT_FILES),
        "people": [(str(one), name) for one, name in reviewer_candidates(db, project_id)] if mayprepare else [],
        "suppliers": [(str(one.id), one.name) for one in find_organizations(db, function=Function.SUPPLIER, limit=500)]
        if mayprepare and "sole_source" in wanted
        else [],
        "reusable": queries.reusable_surveys(db, actor, project_id, now=now) if mayprepare else (),
        "wanted": wanted,
        "submitted": view.state is ProjectState.SUBMITTED,
        "lack_of": lambda task: say(task.lack, **task.params),
        "by_names": BY_NAMES,
        "function_names": FUNCTION_NAMES,
        "asked": [(one.value, say(name)) for one, name in ASKED_NAMES.items()],
        "grounds": [(one.value, say(name)) for one, name in SOLE_NAMES.items()],
        "exempts": [(one.value, say(name)) for one, name in EXEMPT_NAMES.items()],
        "may_prepare": mayprepare,
        "may_intend": ProjectAction.INTEND in view.actions,
    }


class IntentionPages(Controller):
    """What is intended: public."""

    path = "/intentions"

    @get(sync_to_thread=True)
    def listed(self, database: NamedDependency[Database]) -> Template:
        """Purchases that are still to come, the latest word first."""
        with database.read() as db:
            found = queries.intentions(db)
        return page("projects/preparation_intentions.html", found=found, notice_names=NOTICE_NAMES)


class Intentions(Struct, frozen=True, kw_only=True):
    """What is intended."""

    items: tuple[IntentionView, ...]


class IntentionApi(Controller):
    """What is intended, for programs."""

    path = "/api/v1/intentions"
    tags = TAGS

    @get(sync_to_thread=True)
    def listed(self, database: NamedDependency[Database]) -> Intentions:
        """Purchases that are still to come, the latest word first."""
        with database.read() as db:
            return Intentions(items=queries.intentions(db))


class PreparingApi(Controller):
    """A project's preparation under ``/api/v1``."""

    path = "/api/v1/desk/projects/{project_id:uuid}/preparation"
    tags = TAGS

    @get(sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> PreparationView:
        """What is asked, by which basis and when, and what of it is there."""
        with database.read() as db:
            return queries.preparing(db, actor, project_id, now=clock.now())

    @post("/{act:str}", status_code=200, sync_to_thread=True)
    def acted(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        act: FromPath[str],
        data: JSONBody[dict[str, Any]],
    ) -> PreparationView:
        """Do one of the acts of the page, named as there, with the same fields."""
        asked, now = ACTS.get(act), clock.now()
        if asked is None:
            raise NotFound
        try:
            new = msgspec.convert(data, asked.form.shape, strict=False)
        except msgspec.ValidationError as problem:
            raise BadValue(problem=str(problem)) from None
        with database.write() as db:
            asked.verb(db, actor, project_id, new, now=now)
            return queries.preparing(db, actor, project_id, now=now)
