"""Wishes under ``/api/v1``: the same verbs and reads as the pages."""

from uuid import UUID

from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.projects import commands, queries
from marketplace.projects.schemas.needs import (
    Adoption,
    Declining,
    Joining,
    Merging,
    NeedPage,
    NeedRow,
    NeedView,
    NewNeed,
    Showing,
    Withdrawing,
)
from marketplace.web.paging import COUNT_MAX, cursor
from marketplace.web.projects.api import After, Made
from marketplace.web.projects.needs import asked_of
from marketplace.web.projects.public import place_of
from marketplace.web.projects.views import Visit

TAGS = ["needs"]


class NeedPart(Struct, frozen=True, kw_only=True):
    """A part of a list; ``next`` is the cursor of what follows, or empty. ``total`` counts to a thousand."""

    items: tuple[NeedRow, ...]
    next: str
    total: int


def part(found: NeedPage) -> NeedPart:
    """A part of a list with its cursor."""
    last = cursor(found.last) if found.last else ""
    return NeedPart(items=found.items, next=last, total=min(found.total, COUNT_MAX))


class NeedApi(Controller):
    """Wishes that everybody may read; and those of one's own organization."""

    path = "/api/v1/needs"
    tags = TAGS

    @get(sync_to_thread=True)
    def listed(
        self, request: Visit, database: NamedDependency[Database], clock: NamedDependency[Clock], after: After = ""
    ) -> NeedPart:
        """The released wishes; narrowed by ``q state branch`` as on the page."""
        asked = asked_of(request.query_params.dict())
        with database.read() as db:
            return part(queries.public_needs(db, asked, now=clock.now(), after=place_of(after)))

    @post(sync_to_thread=True)
    def hand_in(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[NewNeed],
    ) -> Made:
        """Hand one in, or write one down for a village or unit."""
        with database.write() as db:
            return Made(id=commands.collect(db, actor, data, now=clock.now()))

    @get("/mine", sync_to_thread=True)
    def mine(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        after: After = "",
    ) -> NeedPart:
        """What one's own organization handed in."""
        with database.read() as db:
            return part(queries.own_needs(db, actor, now=clock.now(), after=place_of(after)))

    @get("/{need_id:uuid}", sync_to_thread=True)
    def shown(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], need_id: FromPath[UUID]
    ) -> NeedView:
        """One wish, for its owner and staff, with what may be done with it now."""
        with database.read() as db:
            return queries.need(db, actor, need_id)

    @put("/{need_id:uuid}", sync_to_thread=True)
    def edit(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        need_id: FromPath[UUID],
        data: JSONBody[NewNeed],
    ) -> NeedView:
        """Write it as it is to be."""
        with database.write() as db:
            commands.edit_need(db, actor, need_id, data, now=clock.now())
            return queries.need(db, actor, need_id)

    @post("/{need_id:uuid}/withdraw", status_code=200, sync_to_thread=True)
    def withdraw(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        need_id: FromPath[UUID],
        data: JSONBody[Withdrawing],
    ) -> NeedView:
        """Take it back."""
        with database.write() as db:
            commands.withdraw(db, actor, need_id, reason=data.reason, now=clock.now())
            return queries.need(db, actor, need_id)


class NeedDeskApi(Controller):
    """Wishes as those see and answer them who curate and adopt them."""

    path = "/api/v1/desk/needs"
    tags = TAGS

    @get(sync_to_thread=True)
    def listed(
        self,
        request: Visit,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        after: After = "",
    ) -> NeedPart:
        """All wishes; narrowed by ``q state branch waiting`` as on the page."""
        asked = asked_of(request.query_params.dict())
        with database.read() as db:
            return part(queries.desk_needs(db, actor, asked, now=clock.now(), after=place_of(after)))

    @post("/adoptions", sync_to_thread=True)
    def adopt(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[Adoption],
    ) -> Made:
        """Begin a draft that answers wishes; the answer is the project's id."""
        with database.write() as db:
            return Made(id=commands.adopt(db, actor, data, now=clock.now()))

    @post("/{need_id:uuid}/join", status_code=200, sync_to_thread=True)
    def join(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        need_id: FromPath[UUID],
        data: JSONBody[Joining],
    ) -> NeedView:
        """Let a draft answer it as well."""
        with database.write() as db:
            commands.join(db, actor, need_id, project_id=data.project_id, now=clock.now())
            return queries.need(db, actor, need_id)

    @post("/{need_id:uuid}/merge", status_code=200, sync_to_thread=True)
    def merge(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        need_id: FromPath[UUID],
        data: JSONBody[Merging],
    ) -> NeedView:
        """Merge it into another."""
        with database.write() as db:
            commands.merge(db, actor, need_id, into_id=data.into_id, now=clock.now())
            return queries.need(db, actor, need_id)

    @post("/{need_id:uuid}/decline", status_code=200, sync_to_thread=True)
    def decline(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        need_id: FromPath[UUID],
        data: JSONBody[Declining],
    ) -> NeedView:
        """Say why it is not adopted."""
        with database.write() as db:
            commands.decline(db, actor, need_id, reason=data.reason, now=clock.now())
            return queries.need(db, actor, need_id)

    @post("/{need_id:uuid}/show", status_code=200, sync_to_thread=True)
    def show(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        need_id: FromPath[UUID],
        data: JSONBody[Showing],
    ) -> NeedView:
        """Release it for everybody, or take it back."""
        with database.write() as db:
            commands.show(db, actor, need_id, is_shown=data.is_shown, now=clock.now())
            return queries.need(db, actor, need_id)

    @post("/{need_id:uuid}/reopen", status_code=200, sync_to_thread=True)
    def reopen(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        need_id: FromPath[UUID],
    ) -> NeedView:
        """Let it wait again."""
        with database.write() as db:
            commands.reopen(db, actor, need_id, now=clock.now())
            return queries.need(db, actor, need_id)

    @post("/{need_id:uuid}/free", status_code=200, sync_to_thread=True)
    def free(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        need_id: FromPath[UUID],
    ) -> NeedView:
        """Take it out of its project."""
        with database.write() as db:
            commands.free(db, actor, need_id, now=clock.now())
            return queries.need(db, actor, need_id)
