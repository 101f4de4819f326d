"""Projects under ``/api/v1`` for those who prepare them: draft, hand in, approve, publish, correct, cancel."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, QueryParameter
from msgspec import Struct

from marketplace.bids.sealing.application import application_keys
from marketplace.db.base import Database
from marketplace.documents.commands import store
from marketplace.documents.rules import PROJECT_FILES, fitting
from marketplace.documents.storage import Storage
from marketplace.flows import publishing
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.projects import commands, queries
from marketplace.projects.rules import Plan, Times
from marketplace.projects.schemas import (
    Amendment,
    Dossier,
    GateView,
    NewFile,
    NewProject,
    ProjectFilter,
    Reasoned,
)
from marketplace.projects.states import FileKind
from marketplace.settings import Settings
from marketplace.web.i18n import sentence
from marketplace.web.paging import COUNT_MAX, cursor
from marketplace.web.projects.api import PAGE_MAX, TAGS, After, Made, Part
from marketplace.web.projects.filters import wanted
from marketplace.web.projects.public import place_of
from marketplace.web.projects.views import Visit, keyless
from marketplace.web.upload import Arriving, in_upload_thread

IfMatch = Annotated[str, HeaderParameter(name="If-Match", description="the version that was read, as its ETag")]


class Submitted(Struct, frozen=True, kw_only=True):
    """The number a project got when it was handed in."""

    number: str


def tagged(dossier: Dossier) -> Response[Dossier]:
    """A dossier with its version as the ETag."""
    return Response(dossier, headers={"etag": f'"{dossier.version}"'})


def version_of(if_match: str) -> int:
    """The version that ``If-Match`` names; what is none matches none."""
    digits = if_match.strip().removeprefix("W/").strip('"')
    return int(digits) if digits.isdecimal() else -1


class ProjectDeskApi(Controller):
    """Projects as those see and move them who prepare them."""

    path = "/api/v1/desk/projects"
    tags = TAGS

    @get(sync_to_thread=True)
    def listed(
        self,
        request: Visit,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        after: After = "",
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 20,
    ) -> Part:
        """The projects that the actor's organization buys or runs; narrowed by ``q`` and ``state``."""
        asked = wanted(request.query_params.dict())
        narrowed = ProjectFilter(q=asked.q, state=asked.filter(clock.now()).state)
        with database.read() as db:
            found = queries.desk_list(db, actor, narrowed, after=place_of(after), limit=limit)
        return Part(
            items=found.items,
            next=cursor(found.last) if found.last else "",
            total=min(found.total, COUNT_MAX),
            total_is_more=found.total > COUNT_MAX,
        )

    @post(sync_to_thread=True)
    def draft(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[NewProject],
    ) -> Response[Dossier]:
        """Begin a draft from a catalogue entry."""
        with database.write() as db:
            project_id = commands.draft(db, actor, data, now=clock.now())
            return tagged(queries.dossier(db, actor, project_id, now=clock.now()))

    @get("/{project_id:uuid}", sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Response[Dossier]:
        """Everything about a project, and what the actor may do with it now."""
        with database.read() as db:
            return tagged(queries.dossier(db, actor, project_id, now=clock.now()))

    @put("/{project_id:uuid}/plan", sync_to_thread=True)
    def edit(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[Plan],
        if_match: IfMatch,
    ) -> Response[Dossier]:
        """Write the draft as it is to be."""
        with database.write() as db:
            commands.edit(db, actor, project_id, data, version=version_of(if_match), now=clock.now())
            return tagged(queries.dossier(db, actor, project_id, now=clock.now()))

    @get("/{project_id:uuid}/gates", sync_to_thread=True)
    def gates(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> list[GateView]:
        """Everything that keeps the draft from being handed in."""
        with database.read() as db:
            queries.readable(db, actor, project_id)
            missing = queries.missing(db, actor, project_id, now=clock.now(), keyless=keyless(db, project_id))
        return [GateView(field=one.field, code=one.code, text=sentence(one)) for one in missing]

    @post("/{project_id:uuid}/files", request_max_body_size=None)
    async def attach(
        self,
        request: Visit,
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        settings: NamedDependency[Settings],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        name: FromQuery[str],
        kind: FromQuery[FileKind],
        title: FromQuery[str] = "",
    ) -> Made:
        """Hang a file on the draft: its bytes are the body."""
        body = Arriving(request)

        def work() -> Made:
            with database.read() as db:
                queries.readable(db, actor, project_id)
            with database.write() as db:
                limit, now = settings.upload_bytes_max, clock.now()
                fit = fitting(body, name=name, kinds=PROJECT_FILES)
                document_id = store(db, storage, actor, fit, name=name, limit_bytes=limit, now=now)
                new = NewFile(document_id=document_id, kind=kind, title=(title or name)[:200])
                return Made(id=commands.attach(db, actor, project_id, new, now=now))

        return await in_upload_thread(work)

    @delete("/{project_id:uuid}/files/{file_id:uuid}", status_code=204, sync_to_thread=True)
    def detach(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        file_id: FromPath[UUID],
    ) -> None:
        """Take a file off the draft."""
        with database.write() as db:
            commands.detach(db, actor, project_id, file_id, now=clock.now())

    @post("/{project_id:uuid}/submit", status_code=200, sync_to_thread=True)
    def submit(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Submitted:
        """Hand the draft in."""
        with database.write() as db:
            queries.readable(db, actor, project_id)
            known = keyless(db, project_id)
            return Submitted(number=commands.submit(db, actor, project_id, now=clock.now(), keyless=known))

    @post("/{project_id:uuid}/return", status_code=200, sync_to_thread=True)
    def return_(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[Reasoned],
    ) -> Dossier:
        """Send it back to its drafters."""
        with database.write() as db:
            commands.return_(db, actor, project_id, reason=data.reason, now=clock.now())
            return queries.dossier(db, actor, project_id, now=clock.now())

    @post("/{project_id:uuid}/approve", status_code=200, sync_to_thread=True)
    def approve(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Dossier:
        """Approve it."""
        with database.write() as db:
            commands.approve(db, actor, project_id, now=clock.now())
            return queries.dossier(db, actor, project_id, now=clock.now())

    @post("/{project_id:uuid}/publish", status_code=200, sync_to_thread=True)
    def publish(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        project_id: FromPath[UUID],
        data: JSONBody[Times],
    ) -> Dossier:
        """Publish it; times that are given move later."""
        keys, now = application_keys(settings), clock.now()
        times = data if any(getattr(data, name) for name in Times.__struct_fields__) else None
        database.run(lambda db: publishing.publish(db, keys, actor, project_id, now=now, times=times))
        with database.read() as db:
            return queries.dossier(db, actor, project_id, now=now)

    @post("/{project_id:uuid}/amend", status_code=200, sync_to_thread=True)
    def amend(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[Amendment],
    ) -> Dossier:
        """Publish a correction."""
        with database.write() as db:
            commands.amend(db, actor, project_id, data, now=clock.now())
            return queries.dossier(db, actor, project_id, now=clock.now())

    @post("/{project_id:uuid}/cancel", status_code=200, sync_to_thread=True)
    def cancel(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[Reasoned],
    ) -> Dossier:
        """Cancel it."""
        now = clock.now()
        database.run(lambda db: publishing.cancel(db, actor, project_id, reason=data.reason, now=now))
        with database.read() as db:
            return queries.dossier(db, actor, project_id, now=now)
