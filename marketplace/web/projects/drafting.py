"""需求与立项: a desk's projects, a new draft, and the one page on which it is written."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.catalogue import queries as catalogue
from marketplace.db.base import Database
from marketplace.documents.commands import store
from marketplace.documents.rules import PROJECT_FILES, FileNotAsNamed, FileNotTaken, fitting
from marketplace.documents.storage import EmptyFile, Storage, TooLarge
from marketplace.identity.queries.organizations import find_organizations, organization
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import Actor, Function
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError, Kind, NotFound, Stale
from marketplace.kit.i18n import N_
from marketplace.procedures import queries as law
from marketplace.procedures.states import MethodCode
from marketplace.projects import commands, queries
from marketplace.projects.model import Project
from marketplace.projects.queries.split import split
from marketplace.projects.rules import Plan, Times, flags, propose
from marketplace.projects.rules.copying import LEFT, TAKEN, nearest
from marketplace.projects.rules.gates import SECTION_NAMES
from marketplace.projects.rules.templates import TEMPLATES
from marketplace.projects.rules.times import TimeField
from marketplace.projects.schemas import NewFile, ProjectFilter
from marketplace.projects.states import FILE_NAMES, PROJECT, FileKind, ProjectAction
from marketplace.web.forms import Form, Typed
from marketplace.web.i18n import gettext, sentence
from marketplace.web.pages import again, done, page
from marketplace.web.paging import paging
from marketplace.web.projects.files import BODY_BYTES_MAX, FILE_BYTES_MAX, pieces
from marketplace.web.projects.filters import wanted
from marketplace.web.projects.forms import NEW, PLAN
from marketplace.web.projects.progress import Progress, progress
from marketplace.web.projects.public import PAGE_SIZE, place_of
from marketplace.web.projects.views import WORDS, Visit, choices, keyless, state_tag
from marketplace.web.values import parse, shape, write

UPLOADS = {
    "mandate_file": FileKind.MANDATE,
    "tender_file": FileKind.TENDER_DOCUMENT,
    "attachment_file": FileKind.ATTACHMENT,
}
"""The file fields of the drafting page."""
COPIES_MAX = 60
FOUND_MAX = 20
REMOVE = "remove:"
"""What the button of a file says to take it off; the file's id follows."""


class Desk(Controller):
    """A desk's own projects, and new ones."""

    path = "/centre/projects"

    @get(sync_to_thread=True)
    def listed(
        self,
        request: Visit,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        after: Annotated[str, QueryParameter(max_length=2_000)] = "",
    ) -> Template:
        """The projects that the actor's organization buys or runs."""
        asked = wanted(request.query_params.dict())
        narrowed = ProjectFilter(q=asked.q, state=asked.filter(clock.now()).state)
        with database.read() as db:
            found = queries.desk_list(db, actor, narrowed, after=place_of(after), limit=PAGE_SIZE)
        return page(
            "projects/desk.html",
            **WORDS,
            found=found,
            asked=asked,
            state_tag=state_tag,
            may_draft=_drafts(actor),
            paging=paging("/centre/projects", asked.query(), found.last, after=after, total=found.total),
        )

    @get("/new", sync_to_thread=True)
    def blank(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        code: Annotated[str, QueryParameter(max_length=20)] = "",
        copy: Annotated[str, QueryParameter(max_length=40)] = "",
        find: Annotated[str, QueryParameter(max_length=100)] = "",
    ) -> Template:
        """What to begin with: an entry of the catalogue, a title, a template or an earlier project."""
        with database.read() as db:
            shown = _beginnings(db, actor, find=find)
        return page("projects/new.html", form=NEW.blank(catalogue_code=code, copy_from=copy), **shown)

    @post("/new", sync_to_thread=True)
    def begin(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Begin a draft."""
        form = NEW.read(typed)
        if form.data is not None:
            try:
                with database.write() as db:
                    project_id = commands.draft(db, actor, form.data, now=clock.now())
            except DomainError as refusal:
                if refusal.kind is Kind.MISSING:
                    raise
                form.refused(refusal)
            else:
                return done(f"/centre/projects/{project_id}/edit", N_("草稿已建好，模板内容已填入，请逐项核对补充。"))
        with database.read() as db:
            shown = _beginnings(db, actor)
        return again("projects/new.html", form, **shown)


def _drafts(actor: Actor) -> bool:
    own = actor.organization_id
    return own is not None and may(actor, Right.DRAFT_PROJECT, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own})


def _beginnings(db: Session, actor: Actor, *, find: str = "") -> dict[str, Any]:
    own = actor.organization_id
    require(actor, Right.DRAFT_PROJECT, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own})
    entrusted = Function.PROCURING_ENTITY in actor.functions
    asked = ProjectFilter(q=find)
    earlier = {one.id: one for one in queries.desk_list(db, actor, asked, limit=COPIES_MAX).items}
    public = queries.public_list(db, asked, limit=COPIES_MAX).items if find else ()
    earlier = {**{one.id: one for one in public}, **earlier}
    entries = [(one.code, one.name) for one in catalogue.choices(db)]
    found = [(one, nearest(one.catalogue_code, one.catalogue_name, entries)) for one in earlier.values()]
    buyers = find_organizations(db, function=Function.BUYER, limit=200) if entrusted else []
    return {
        "entries": [(one.code, f"{one.code} {one.name}") for one in catalogue.choices(db)],
        "templates": [(code, gettext(template.name)) for code, template in TEMPLATES.items()],
        "copies": [
            (str(one.id), " ".join(part for part in (one.number, one.title) if part)) for one in earlier.values()
        ],
        "find": find,
        "found": found[:FOUND_MAX] if find else [],
        "taken": TAKEN,
        "left": LEFT,
        "buyers": [(str(one.id), one.name) for one in buyers],
        "own": organization(db, own) if own else None,
    }


class Drafting(Controller):
    """The one page on which a draft is written."""

    path = "/centre/projects/{project_id:uuid}/edit"

    @get(sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template:
        """The draft as it is stored, with what is still missing."""
        with database.read() as db:
            context = _editing(db, actor, project_id, now=clock.now())
        return page("projects/edit.html", form=form_of(context["dossier"].plan, context["dossier"].version), **context)

    @post(sync_to_thread=True, request_max_body_size=BODY_BYTES_MAX)
    def save(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Save the draft, work out its times, take off a file, or save it and hand it in; nothing typed is lost."""
        now, wish = clock.now(), typed.one("_do")
        with database.read() as db:
            require(actor, Right.DRAFT_PROJECT, queries.parties(queries.readable(db, actor, project_id)))
        refused_files = take_files(database, storage, actor, project_id, typed, now=now)
        form, refusal = PLAN.read(typed), None
        if wish == "propose":
            form = with_times(database, actor, project_id, form, now=now)
        elif wish.startswith(REMOVE):
            form = without_file(database, actor, project_id, wish.removeprefix(REMOVE), form, now=now)
        elif form.data is not None and not refused_files:
            refusal = _kept(database, actor, project_id, form, now=now, hand_in=wish == "submit")
            if refusal is None and wish == "submit":
                return done(f"/centre/projects/{project_id}", N_("项目已提交审批。"))
            if refusal is None:
                return done(f"/centre/projects/{project_id}/edit", N_("草稿已保存。"))
            form.refused(refusal)
        form.errors |= refused_files
        with database.read() as db:
            context = _editing(db, actor, project_id, now=now)
        if isinstance(refusal, Stale):  # who saves again has been told, and has both before them
            form.texts["version"] = [str(context["dossier"].version)]
        return again("projects/edit.html", form, **context)


def form_of(plan: Plan, version: int) -> Form[Plan]:
    """The drafting form over what is stored."""
    form = PLAN.of(plan)
    form.texts["version"] = [str(version)]
    return form


def _kept(
    database: Database, actor: Actor, project_id: UUID, form: Form[Plan], *, now: datetime, hand_in: bool
) -> DomainError | None:
    """Write the draft and perhaps hand it in; returns what refused it. What was written stays, though not handed in."""
    plan, version = form.data, form.value("version")
    assert plan is not None  # noqa: S101 - the caller has looked
    try:
        with database.write() as db:
            read = int(version) if version.isdecimal() else -1
            form.texts["version"] = [str(commands.edit(db, actor, project_id, plan, version=read, now=now))]
        if hand_in:
            with database.write() as db:
                commands.submit(db, actor, project_id, now=now, keyless=keyless(db, project_id))
    except DomainError as refusal:
        return refusal
    return None


def without_file(
    database: Database, actor: Actor, project_id: UUID, file_id: str, form: Form[Plan], *, now: datetime
) -> Form[Plan]:
    """The form once more after a file was taken off the draft; nothing typed is saved or lost.

    Raises:
        NotFound: there is no such file.
    """
    try:
        which = UUID(file_id)
    except ValueError:
        raise NotFound from None
    with database.write() as db:
        commands.detach(db, actor, project_id, which, now=now)
    return Form(PLAN, form.texts)


def take_files(
    database: Database, storage: Storage, actor: Actor, project_id: UUID, typed: Typed, *, now: datetime
) -> dict[str, str]:
    """Take in the files of a drafting form first, so that a wrong field elsewhere does not lose them.

    Returns what refused a file, by its field.
    """
    refused: dict[str, str] = {}
    for name, kind in UPLOADS.items():
        for upload in typed.files.get(name, []):
            if not upload.filename:
                continue
            try:
                _take(database, storage, actor, project_id, kind, upload, now=now)
            except (EmptyFile, FileNotAsNamed, FileNotTaken, TooLarge) as refusal:
                refused[name] = sentence(refusal)
    return refused


def _take(
    database: Database,
    storage: Storage,
    actor: Actor,
    project_id: UUID,
    kind: FileKind,
    upload: UploadFile,
    *,
    now: datetime,
) -> None:
    fit = fitting(pieces(upload), name=upload.filename, kinds=PROJECT_FILES)
    with database.write() as db:
        document_id = store(db, storage, actor, fit, name=upload.filename, limit_bytes=FILE_BYTES_MAX, now=now)
        title = upload.filename if kind is FileKind.ATTACHMENT else FILE_NAMES[kind]
        new = NewFile(document_id=document_id, kind=kind, title=title[:200])
        commands.attach(db, actor, project_id, new, now=now)


def with_times(database: Database, actor: Actor, project_id: UUID, form: Form[Plan], *, now: datetime) -> Form[Plan]:
    """The form once more with the first lawful times for the first day and method that were typed; nothing is saved."""
    today = legal_day(now)
    with database.read() as db:
        row = queries.readable(db, actor, project_id)
        first = max(_typed_day(form.value("publish_on")) or row.publish_on or today, today)
        method = form.value("method")
        chosen = MethodCode(method) if method in set(MethodCode) else row.method
        rules, calendar = queries.rules_for(db, row, first), law.calendar(db)
    times = propose(rules, calendar, chosen, first) if chosen else Times()
    fresh = Form(PLAN, form.texts)
    for name in TimeField:
        fresh.texts[name.value] = [write(name.value, getattr(times, name.value))]
    fresh.errors = {spot: text for spot, text in form.errors.items() if spot not in set(TimeField)}
    return fresh


def _typed_day(text: str) -> date | None:
    """A day as it was typed, or None if it is none."""
    try:
        found = parse("publish_on", shape(date), text)
    except DomainError:
        return None
    return found if isinstance(found, date) else None


def _editing(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> dict[str, Any]:
    """What the drafting page shows beside the form.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not draft it.
        IllegalMove: it is no draft.
    """
    dossier = queries.dossier(db, actor, project_id, now=now)
    row = db.get_one(Project, project_id)
    require(actor, Right.DRAFT_PROJECT, queries.parties(row))
    PROJECT.after(row.state, ProjectAction.EDIT)
    missing = queries.missing(db, actor, project_id, now=now, keyless=keyless(db, project_id))
    line: Progress = progress(missing)
    return {
        **WORDS,
        "dossier": dossier,
        "view": dossier.project,
        "choices": choices(db, dossier.project, dossier.plan, now=now),
        "progress": line,
        "flags": flags(dossier.plan),
        "split": split(db, row, today=legal_day(now)),
        "sections": SECTION_NAMES,
        "accept": ",".join(PROJECT_FILES),
        "table": queries.legal_times(db, project_id, now=now),
    }
