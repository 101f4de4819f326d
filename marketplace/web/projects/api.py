"""Projects under ``/api/v1``: the same verbs and reads as the pages."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from marketplace.bids.queries import taking
from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.flows import reading
from marketplace.flows.reading import DocumentKind
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.projects import commands, queries
from marketplace.projects.schemas import (
    NewAnswer,
    NewQuestion,
    NoticeView,
    OpenQuestion,
    ProjectCard,
    ProjectView,
    QuestionView,
)
from marketplace.settings import Settings, master_key
from marketplace.web.paging import COUNT_MAX, cursor
from marketplace.web.projects.files import file_answer
from marketplace.web.projects.filters import wanted
from marketplace.web.projects.public import place_of
from marketplace.web.projects.views import Visit

After = Annotated[str, QueryParameter(max_length=2_000, description="the cursor of the part before")]
TAGS = ["projects"]
PAGE_MAX = 100


class Part(Struct, frozen=True, kw_only=True):
    """A part of a list; ``next`` is the cursor of what follows, or empty. ``total`` counts to a thousand."""

    items: tuple[ProjectCard, ...]
    next: str
    total: int
    total_is_more: bool


class Made(Struct, frozen=True, kw_only=True):
    """What was made, by its key."""

    id: UUID


class ProjectApi(Controller):
    """Published projects, for everybody; and questions about them."""

    path = "/api/v1/projects"
    tags = TAGS

    @get(sync_to_thread=True)
    def listed(
        self,
        request: Visit,
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        after: After = "",
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 20,
    ) -> Part:
        """Published projects; narrowed by ``q state buyer branch band days sort`` as on the page."""
        asked = wanted(request.query_params.dict())
        with database.read() as db:
            found = queries.public_list(db, asked.filter(clock.now()), after=place_of(after), limit=limit)
        return Part(
            items=found.items,
            next=cursor(found.last) if found.last else "",
            total=min(found.total, COUNT_MAX),
            total_is_more=found.total > COUNT_MAX,
        )

    @get("/{project_id:uuid}", sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        edition: Annotated[int | None, QueryParameter(ge=1, description="an earlier edition")] = None,
    ) -> ProjectView:
        """One published project with all its parts, as it stands or as an earlier edition of it said."""
        with database.read() as db:
            view = queries.project(db, project_id, now=clock.now())
            return view if edition is None else queries.as_of(db, view, edition)

    @get("/{project_id:uuid}/notices", sync_to_thread=True)
    def notices(self, database: NamedDependency[Database], project_id: FromPath[UUID]) -> tuple[NoticeView, ...]:
        """Its legal notices."""
        with database.read() as db:
            return queries.notices(db, queries.published(db, project_id).id)

    @get("/{project_id:uuid}/questions", sync_to_thread=True)
    def questions(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        settings: NamedDependency[Settings],
        project_id: FromPath[UUID],
    ) -> tuple[QuestionView, ...]:
        """Its questions: the answered ones, one's own, and for its staff all."""
        with database.read() as db:
            return queries.questions_for(db, actor, project_id, key=master_key(settings))

    @post("/{project_id:uuid}/questions", sync_to_thread=True)
    def ask(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        project_id: FromPath[UUID],
        data: JSONBody[NewQuestion],
    ) -> Made:
        """Ask; nobody learns who asked."""
        with database.write() as db:
            own = actor.organization_id
            took = own is not None and taking(db, project_id, own) is not None
            key = master_key(settings)
            made = commands.ask_question(
                db, actor, project_id, data.content, key=key, took_document=took, now=clock.now()
            )
        return Made(id=made)

    @get("/{project_id:uuid}/files/{file_id:uuid}", sync_to_thread=True)
    def file(
        self,
        request: Visit,
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        project_id: FromPath[UUID],
        file_id: FromPath[UUID],
    ) -> Response[Any]:
        """A file, for whoever may have it."""
        with database.read() as db:
            card = reading.stored(db, request.user.actor, DocumentKind.PROJECT_FILE, project_id, file_id)
        return file_answer(storage, card)


class QuestionApi(Controller):
    """Questions that wait for the actor's organization."""

    path = "/api/v1/desk/questions"
    tags = TAGS

    @get(sync_to_thread=True)
    def waiting(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> list[OpenQuestion]:
        """The unanswered questions, the most urgent first."""
        with database.read() as db:
            return queries.open_questions(db, actor)

    @post("/{question_id:uuid}/answer", status_code=200, sync_to_thread=True)
    def answer(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        question_id: FromPath[UUID],
        data: JSONBody[NewAnswer],
    ) -> Made:
        """Answer one, for everybody at once."""
        with database.write() as db:
            commands.answer_question(db, actor, question_id, data.answer, now=clock.now())
        return Made(id=question_id)
