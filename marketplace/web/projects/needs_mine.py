"""需求征集 for those who ask: one's own wishes, and the list that everybody may read."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template

from marketplace.db.base import Database
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.i18n import N_
from marketplace.projects import commands, queries
from marketplace.web.forms import Typed
from marketplace.web.pages import done, page
from marketplace.web.paging import paging
from marketplace.web.projects.needs import (
    MINE,
    NEED_FORM,
    NEED_WORDS,
    PUBLIC,
    asked_of,
    collected,
    form_page,
    need_page,
    query_of,
    stored_form,
)
from marketplace.web.projects.public import PAGE_SIZE, place_of
from marketplace.web.projects.views import Visit


class PublicNeeds(Controller):
    """项目库: wishes that staff released, open and adopted."""

    path = PUBLIC

    @get(sync_to_thread=True)
    def listed(
        self,
        request: Visit,
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        after: Annotated[str, QueryParameter(max_length=2_000)] = "",
    ) -> Template:
        """The released wishes."""
        asked = asked_of(request.query_params.dict())
        with database.read() as db:
            found = queries.public_needs(db, asked, now=clock.now(), after=place_of(after), limit=PAGE_SIZE)
            branches = queries.branches(db)
        return page(
            "projects/needs_public.html",
            **NEED_WORDS,
            found=found,
            asked=asked,
            branches=branches,
            paging=paging(PUBLIC, query_of(asked), found.last, after=after, total=found.total),
        )


class MyNeeds(Controller):
    """What one's own organization asked for."""

    path = MINE

    @get(sync_to_thread=True)
    def listed(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        after: Annotated[str, QueryParameter(max_length=2_000)] = "",
    ) -> Template:
        """Everything handed in."""
        with database.read() as db:
            found = queries.own_needs(db, actor, now=clock.now(), after=place_of(after), limit=PAGE_SIZE)
        shown = paging(MINE, {}, found.last, after=after, total=found.total)
        return page("projects/needs_mine.html", **NEED_WORDS, found=found, paging=shown)

    @get("/new", sync_to_thread=True)
    def blank(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> Template:
        """An empty form."""
        with database.read() as db:
            return page("projects/needs_form.html", form=NEED_FORM.blank(), **form_page(db, actor, MINE))

    @post("/new", sync_to_thread=True)
    def hand_in(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Hand a wish in."""
        return collected(typed, database, actor, clock, MINE)

    @get("/{need_id:uuid}", sync_to_thread=True)
    def shown(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], need_id: FromPath[UUID]
    ) -> Template:
        """One wish and what became of it."""
        with database.read() as db:
            context = need_page(db, actor, need_id, MINE)
        return page("projects/needs_one.html", form=context["decline_form"], **context)

    @get("/{need_id:uuid}/edit", sync_to_thread=True)
    def edit_form(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], need_id: FromPath[UUID]
    ) -> Template:
        """A wish in its form."""
        with database.read() as db:
            form = stored_form(db, actor, need_id)
            return page("projects/needs_form.html", form=form, **form_page(db, actor, MINE, need_id))

    @post("/{need_id:uuid}/edit", sync_to_thread=True)
    def edit(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        need_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Write it as it is to be."""
        return collected(typed, database, actor, clock, MINE, need_id)

    @post("/{need_id:uuid}/withdraw", sync_to_thread=True)
    def withdraw(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        need_id: FromPath[UUID],
    ) -> Redirect:
        """Take it back."""
        with database.write() as db:
            commands.withdraw(db, actor, need_id, now=clock.now())
        return done(f"{MINE}/{need_id}", N_("需求已撤回。"))
