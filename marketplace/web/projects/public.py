"""The public pages: the list of projects, one page per project for its whole life, its text to copy, notices, files."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template

from marketplace.bids.queries import taking
from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.flows import reading
from marketplace.flows.reading import DocumentKind
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.projects import commands, queries
from marketplace.settings import Settings, master_key
from marketplace.web.forms import Typed
from marketplace.web.i18n import CHINESE, locale
from marketplace.web.pages import again, done, page
from marketplace.web.paging import BadCursor, keys, paging
from marketplace.web.projects.copying import copy_text
from marketplace.web.projects.files import file_answer
from marketplace.web.projects.filters import BANDS, SHOWN_STATES, wanted
from marketplace.web.projects.forms import QUESTION
from marketplace.web.projects.life import tags
from marketplace.web.projects.views import WORDS, Visit, public_page, state_tag

PAGE_SIZE = 20


class ProjectPages(Controller):
    """采购项目: find a project, and see its whole life."""

    path = "/projects"

    @get(sync_to_thread=True)
    def listed(
        self,
        request: Visit,
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        after: Annotated[str, QueryParameter(max_length=2_000)] = "",
    ) -> Template:
        """Published projects, narrowed and searched."""
        now = clock.now()
        asked = wanted(request.query_params.dict())
        place = place_of(after)
        with database.read() as db:
            found = queries.public_list(db, asked.filter(now), after=place, limit=PAGE_SIZE)
            buyers = queries.buyers(db)
            branches = queries.branches(db)
            contracts = tags(db, [one.id for one in found.items])
        return page(
            "projects/list.html",
            **WORDS,
            found=found,
            asked=asked,
            buyers=buyers,
            branches=[
                (code, f"{code} {name if locale() == CHINESE else name_en or name}") for code, name, name_en in branches
            ],
            bands=BANDS,
            states=SHOWN_STATES,
            state_tag=lambda one, now: contracts.get(one.id) or state_tag(one, now),
            paging=paging("/projects", asked.query(), found.last, after=after, total=found.total),
        )

    @get("/{project_id:uuid}", sync_to_thread=True)
    def shown(
        self,
        request: Visit,
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        project_id: FromPath[UUID],
        edition: Annotated[str, QueryParameter(max_length=9)] = "",
    ) -> Template:
        """One project's whole life; with ``edition`` what an earlier edition of it said."""
        key, number = master_key(settings), edition_number(edition)
        with database.read() as db:
            view = public_page(db, request.user.actor, project_id, key=key, now=clock.now(), edition=number)
        return page("projects/show.html", **WORDS, page=view, view=view.shown, form=QUESTION.blank())

    @post("/{project_id:uuid}/questions", sync_to_thread=True)
    def ask(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Ask about the project; nobody learns who asked."""
        form, key, now = QUESTION.read(typed), master_key(settings), clock.now()
        if form.data is not None:
            try:
                with database.write() as db:
                    own = actor.organization_id
                    took = own is not None and taking(db, project_id, own) is not None
                    commands.ask_question(
                        db, actor, project_id, form.data.content, key=key, took_document=took, now=now
                    )
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return done(f"/projects/{project_id}#questions", N_("问题已提交，答复后会公开，不显示提问单位。"))
        with database.read() as db:
            view = public_page(db, actor, project_id, key=key, now=now)
        return again("projects/show.html", form, **WORDS, page=view, view=view.view)

    @get("/{project_id:uuid}/text", sync_to_thread=True)
    def text(
        self,
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        request: Visit,
        project_id: FromPath[UUID],
    ) -> Response[str]:
        """The project as plain text, for a WeChat or QQ group."""
        with database.read() as db:
            view = queries.project(db, project_id, now=clock.now())
        return Response(copy_text(view, str(request.base_url)), media_type="text/plain; charset=utf-8")

    @get("/{project_id:uuid}/files/{file_id:uuid}", sync_to_thread=True)
    def file(
        self,
        request: Visit,
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        project_id: FromPath[UUID],
        file_id: FromPath[UUID],
    ) -> Response[Any]:
        """A file of the project, for whoever may have it."""
        with database.read() as db:
            card = reading.stored(db, request.user.actor, DocumentKind.PROJECT_FILE, project_id, file_id)
        return file_answer(storage, card)


def edition_number(text: str) -> int | None:
    """The edition that an address names; None where it names none.

    Raises:
        NotFound: it is no number.
    """
    if not text:
        return None
    if not text.isdecimal():
        raise NotFound
    return int(text)


class Short(Controller):
    """Short addresses that can be said aloud."""

    path = "/p"

    @get("/{number:str}", sync_to_thread=True)
    def by_number(self, database: NamedDependency[Database], number: FromPath[str]) -> Redirect:
        """The project with a number, such as QT-2026-0137."""
        with database.read() as db:
            project_id = queries.by_number(db, number.upper())
        return Redirect(f"/projects/{project_id}", status_code=303)


class Notices(Controller):
    """公告: the legal notices of all projects, the newest first."""

    path = "/notices"

    @get(sync_to_thread=True)
    def listed(self, database: NamedDependency[Database]) -> Template:
        """The latest notices."""
        with database.read() as db:
            lines = queries.notice_lines(db, limit=100)
        return page("projects/notices.html", **WORDS, lines=lines)


def place_of(after: str) -> list[str | int]:
    """The place in a list that an address names.

    Raises:
        BadCursor: it is none of ours.
    """
    if not after:
        return []
    place = keys(after, 2)
    try:
        datetime.fromisoformat(str(place[0]))
        UUID(str(place[1]))
    except ValueError:
        raise BadCursor from None
    return place
