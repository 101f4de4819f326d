"""Corrections of substance on the desk: one person writes it over the plan, another compares and publishes it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.documents.commands import store
from marketplace.documents.rules import PROJECT_FILES, FileNotAsNamed, FileNotTaken, fitting
from marketplace.documents.storage import EmptyFile, Storage, TooLarge
from marketplace.identity.rules import Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, NotFound, Stale
from marketplace.kit.i18n import N_
from marketplace.projects import commands, queries
from marketplace.projects.commands.amending import before_deadline, judge
from marketplace.projects.model import Project
from marketplace.projects.queries.editions import change_views
from marketplace.projects.rules.amending import AMENDABLE, MOVABLE, Proposal, binds
from marketplace.projects.schemas import ChangeView, Reasoned
from marketplace.projects.schemas.amending import ProposalView
from marketplace.projects.states import PROJECT, PUBLIC_FILES, AmendmentAction, ProjectAction, ProjectState
from marketplace.web.forms import Form, FormKind, Typed
from marketplace.web.i18n import sentence
from marketplace.web.pages import again, done, page
from marketplace.web.projects.files import BODY_BYTES_MAX, FILE_BYTES_MAX, pieces
from marketplace.web.projects.forms import PLAN
from marketplace.web.projects.views import WORDS
from marketplace.web.rows import ROWS, indexes
from marketplace.web.values import write

SUBSTANCE = FormKind(
    Proposal,
    labels={
        "reason": N_("更正理由"),
        **{name: text for name, text in PLAN.labels.items() if name.partition(".")[0] in {*AMENDABLE, *MOVABLE}},
        "files.title": N_("文件名称"),
        "files.replaces": N_("替换哪个文件"),
    },
    hints={
        **PLAN.hints,
        "reason": N_("写清楚改了什么、为什么。随更正公告公开。"),
    },
)
UPLOAD, SEEN = "new_file", "seen"
FORM = "projects/amend_write.html"
WAITING = "projects/amend_waiting.html"
REASON = FormKind(Reasoned, labels={"reason": N_("作废理由")})


class Preview:
    """What a correction would change, and whether bids handed in before must be confirmed."""

    def __init__(self, changes: tuple[ChangeView, ...], *, must_confirm: bool) -> None:
        self.changes, self.must_confirm = changes, must_confirm


def address(project_id: UUID) -> str:
    """Where the correction of a project waits."""
    return f"/centre/projects/{project_id}/correction"


def may_write(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> bool:
    """Whether the actor may write a correction of a project now, by the clock too."""
    row = db.get_one(Project, project_id)
    in_time = row.state is ProjectState.OPEN and row.bids_due_at is not None and now <= row.bids_due_at
    return in_time and may(actor, Right.DRAFT_PROJECT, queries.parties(row))


def previewed(db: Session, actor: Actor, project_id: UUID, proposal: Proposal, *, now: datetime) -> Preview:
    """What a correction would change, refused as proposing it would be; nothing is kept.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not draft it.
        IllegalMove: the project is not open.
        DeadlinePassed: bids have closed by the clock.
        DomainError: what the proposal itself is refused for.
    """
    row = queries.readable(db, actor, project_id)
    require(actor, Right.DRAFT_PROJECT, queries.parties(row))
    PROJECT.after(row.state, ProjectAction.AMEND)
    before_deadline(row, now)
    _, found = judge(db, row, proposal, now=now)
    return Preview(change_views(found), must_confirm=binds(found))


class Corrections(Controller):
    """更正采购文件: what waits to be published, and the page on which it is written."""

    path = "/centre/projects/{project_id:uuid}/correction"

    @get(sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template:
        """The correction that waits, old beside new."""
        with database.read() as db:
            context = _waiting_page(db, actor, project_id, now=clock.now())
        return page(WAITING, form=REASON.blank(), **context)

    @post("/publish", sync_to_thread=True)
    def publish(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Publish what somebody else wrote."""
        now, form = clock.now(), REASON.blank()
        with database.read() as db:
            view = _live(db, actor, project_id)
        try:
            with database.write() as db:
                commands.publish_amendment(db, actor, view.id, now=now, seen=seen_of(typed.one(SEEN)))
        except DomainError as refusal:
            form.refused(refusal)
        else:
            word = BOUND if view.binds else FREE
            return done(f"/centre/projects/{project_id}", word)
        with database.read() as db:
            context = _waiting_page(db, actor, project_id, now=now)
        return again(WAITING, form, **context)

    @post("/drop", sync_to_thread=True)
    def drop(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Drop it, with a reason."""
        now, form = clock.now(), REASON.read(typed)
        with database.read() as db:
            view = _live(db, actor, project_id)
        if form.data is not None:
            try:
                with database.write() as db:
                    commands.drop_amendment(db, actor, view.id, reason=form.data.reason, now=now)
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return done(f"/centre/projects/{project_id}", N_("更正已作废，原公告内容不变。"))
        with database.read() as db:
            context = _waiting_page(db, actor, project_id, now=now)
        return again(WAITING, form, **context)

    @get("/write", sync_to_thread=True)
    def blank(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template:
        """The plan to write over, or the waiting correction once more."""
        with database.read() as db:
            context = _writing_page(db, actor, project_id, now=clock.now())
            form = _standing(context["dossier"].plan, context["waiting"])
        return page(FORM, form=form, preview=None, **context)

    @post("/write", sync_to_thread=True, request_max_body_size=BODY_BYTES_MAX)
    def save(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Show what would change, or hand it on to be published; nothing typed is lost."""
        now = clock.now()
        with database.read() as db:
            require(actor, Right.DRAFT_PROJECT, queries.parties(queries.readable(db, actor, project_id)))
        refused = _take_files(database, storage, actor, typed, now=now)
        form, preview, refusal = SUBSTANCE.read(typed), None, None
        if form.data is not None and not refused:
            try:
                if typed.one("_do") == "propose":
                    with database.write() as db:
                        seen = seen_of(typed.one(SEEN))
                        commands.propose_amendment(db, actor, project_id, form.data, now=now, seen=seen)
                    return done(address(project_id), N_("更正已提交，等待另一位负责人核对后发布。"))
                with database.read() as db:
                    preview = previewed(db, actor, project_id, form.data, now=now)
            except DomainError as problem:
                refusal = problem
                form.refused(problem)
        form.errors |= refused
        with database.read() as db:
            context = _writing_page(db, actor, project_id, now=now)
        if isinstance(refusal, Stale) and context["waiting"] is not None:  # who hands it in again has been told
            form.texts[SEEN] = [context["waiting"].proposed_at.isoformat()]
        return again(FORM, form, preview=preview, **context)


BOUND = N_("更正公告已发布，报名单位会收到通知。更正以前递交的响应文件须在截止前再次确认或替换。")
FREE = N_("更正公告已发布，报名单位会收到通知。")


def seen_of(text: str) -> datetime | None:
    """When the correction was written that a page showed; None if it showed none.

    Raises:
        Stale: the page says what no page of ours says.
    """
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        raise Stale from None


def _live(db: Session, actor: Actor, project_id: UUID) -> ProposalView:
    """The waiting correction.

    Raises:
        NotFound: none waits.
    """
    view = queries.proposal(db, actor, project_id)
    if view is None:
        raise NotFound
    return view


def _waiting_page(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> dict[str, Any]:
    dossier, view = queries.dossier(db, actor, project_id, now=now), queries.proposal(db, actor, project_id)
    cards = queries.papers_of(db, view) if view else {}
    return {
        **WORDS,
        "AmendmentAction": AmendmentAction,
        "view": dossier.project,
        "waiting": view,
        "papers": cards,
        "may_write": may_write(db, actor, project_id, now=now),
        "is_late": dossier.project.bids_due_at is not None and now > dossier.project.bids_due_at,
    }


def _writing_page(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> dict[str, Any]:
    """What stands beside the form.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not draft it.
        IllegalMove: it is not open.
        DeadlinePassed: bids have closed by the clock.
    """
    row = queries.readable(db, actor, project_id)
    require(actor, Right.DRAFT_PROJECT, queries.parties(row))
    PROJECT.after(row.state, ProjectAction.AMEND)
    before_deadline(row, now)
    dossier = queries.dossier(db, actor, project_id, now=now)
    hung = [(str(one.id), one.title) for one in dossier.project.files if one.kind in PUBLIC_FILES]
    waiting = queries.proposal(db, actor, project_id)
    shown = {**WORDS, "dossier": dossier, "view": dossier.project, "waiting": waiting, "hung": hung}
    return shown | {"accept": ",".join(PROJECT_FILES), "upload": UPLOAD}


def _standing(plan: Any, waiting: ProposalView | None) -> Form[Proposal]:
    """The form over what stands, or over what waits; a time moves only later, so the later one of both is shown."""
    known = {name: getattr(plan, name) for name in (*AMENDABLE, *MOVABLE)}
    if waiting is not None:
        content = waiting.content
        known |= {name: getattr(content, name) for name in (*AMENDABLE, "reason", "files")}
        for name in MOVABLE:
            both = [one for one in (getattr(content, name), getattr(plan, name)) if one is not None]
            known[name] = max(both, default=None)
    form = SUBSTANCE.blank(**known)
    form.texts[SEEN] = [waiting.proposed_at.isoformat() if waiting else ""]
    return form


def _take_files(database: Database, storage: Storage, actor: Actor, typed: Typed, *, now: datetime) -> dict[str, str]:
    """Store new files first and write them into the form as rows; returns what refused one, by its field."""
    refused: dict[str, str] = {}
    for upload in typed.files.get(UPLOAD, []):
        if not upload.filename:
            continue
        try:
            document_id = _stored(database, storage, actor, upload, now=now)
        except (EmptyFile, FileNotAsNamed, FileNotTaken, TooLarge) as refusal:
            refused[UPLOAD] = sentence(refusal)
            continue
        row = max(indexes(typed.texts, "files"), default=-1) + 1
        typed.texts[f"files-{row}-document_id"] = [write("document_id", document_id)]
        typed.texts[f"files-{row}-title"] = [upload.filename[:200]]
        typed.texts[f"files-{row}-replaces"] = [""]
    if typed.files.get(UPLOAD) and any(one.filename for one in typed.files[UPLOAD]):
        typed.texts.pop(ROWS, None)
    return refused


def _stored(database: Database, storage: Storage, actor: Actor, upload: UploadFile, *, now: datetime) -> UUID:
    fit = fitting(pieces(upload), name=upload.filename, kinds=PROJECT_FILES)
    with database.write() as db:
        return store(db, storage, actor, fit, name=upload.filename, limit_bytes=FILE_BYTES_MAX, now=now)
