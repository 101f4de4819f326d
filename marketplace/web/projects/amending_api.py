"""Corrections of substance under ``/api/v1``: written by one, published by another, and every edition to read."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import NotFound
from marketplace.projects import commands, queries
from marketplace.projects.rules.amending import Proposal
from marketplace.projects.schemas import ChangeView, Reasoned
from marketplace.projects.schemas.amending import EditionLine, ProposalView
from marketplace.web.projects.amending import previewed
from marketplace.web.projects.api import TAGS, Made

Seen = Annotated[datetime | None, QueryParameter(description="when the correction was written that was read")]


class Foreseen(Struct, frozen=True, kw_only=True):
    """What a correction would change, and whether bids handed in before must be confirmed."""

    changes: tuple[ChangeView, ...]
    must_confirm: bool


def _live(database: Database, actor: Actor, project_id: UUID) -> ProposalView:
    """The correction that waits.

    Raises:
        NotFound: none waits.
    """
    with database.read() as db:
        found = queries.proposal(db, actor, project_id)
    if found is None:
        raise NotFound
    return found


class CorrectionApi(Controller):
    """Corrections of substance of an open project."""

    path = "/api/v1"
    tags = TAGS

    @get("/desk/projects/{project_id:uuid}/correction", sync_to_thread=True)
    def waiting(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], project_id: FromPath[UUID]
    ) -> ProposalView:
        """The correction that waits to be published."""
        return _live(database, actor, project_id)

    @put("/desk/projects/{project_id:uuid}/correction", sync_to_thread=True)
    def propose(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[Proposal],
        seen: Seen = None,
    ) -> ProposalView:
        """Write it, or the waiting one anew."""
        with database.write() as db:
            commands.propose_amendment(db, actor, project_id, data, now=clock.now(), seen=seen)
        return _live(database, actor, project_id)

    @post("/desk/projects/{project_id:uuid}/correction/preview", status_code=200, sync_to_thread=True)
    def preview(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[Proposal],
    ) -> Foreseen:
        """What it would change; nothing is kept."""
        with database.read() as db:
            found = previewed(db, actor, project_id, data, now=clock.now())
        return Foreseen(changes=found.changes, must_confirm=found.must_confirm)

    @post("/desk/projects/{project_id:uuid}/correction/publish", status_code=200, sync_to_thread=True)
    def publish(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        seen: Seen = None,
    ) -> Made:
        """Publish what somebody else wrote."""
        view = _live(database, actor, project_id)
        with database.write() as db:
            commands.publish_amendment(db, actor, view.id, now=clock.now(), seen=seen)
        return Made(id=view.id)

    @post("/desk/projects/{project_id:uuid}/correction/drop", status_code=200, sync_to_thread=True)
    def drop(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[Reasoned],
    ) -> Made:
        """Drop it, with a reason."""
        view = _live(database, actor, project_id)
        with database.write() as db:
            commands.drop_amendment(db, actor, view.id, reason=data.reason, now=clock.now())
        return Made(id=view.id)

    @get("/projects/{project_id:uuid}/editions", sync_to_thread=True)
    def editions(self, database: NamedDependency[Database], project_id: FromPath[UUID]) -> tuple[EditionLine, ...]:
        """The editions of a published project, the first one first."""
        with database.read() as db:
            return queries.editions(db, project_id)
