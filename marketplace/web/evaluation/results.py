"""Pages of the result: for everybody, and for each bidder its own points."""

from typing import Any
from uuid import UUID

from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from marketplace.db.base import Database
from marketplace.evaluation import queries
from marketplace.evaluation.rules.refusals import StillSealedResult
from marketplace.evaluation.schemas import PublicResult
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.web.access import Visitor
from marketplace.web.evaluation.views import shown


class Results(Controller):
    """结果公告 and a bidder's own result."""

    path = "/"

    @get("/projects/{project_id:uuid}/result", sync_to_thread=True)
    def public(
        self, request: Request[Visitor, Any, Any], database: NamedDependency[Database], project_id: FromPath[UUID]
    ) -> Template:
        """The published result; a bidder finds the way to its own points."""
        with database.read() as db:
            result = queries.public_result(db, project_id)
        if result is None:
            raise StillSealedResult
        return shown("evaluation/result.html", result=result, bid_here=_bid_here(request.user.actor, result))

    @get("/org/bids/{project_id:uuid}/result", sync_to_thread=True)
    def own(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], project_id: FromPath[UUID]
    ) -> Template:
        """Where the actor's organization lost points."""
        if actor.organization_id is None:
            raise NotFound
        require(actor, Right.READ_BIDS, {Relation.SUPPLIER: actor.organization_id})
        with database.read() as db:
            view = queries.own_result(db, project_id, actor.organization_id)
        return shown("evaluation/own_result.html", view=view)


def _bid_here(actor: Actor | None, result: PublicResult) -> bool:
    """Whether the reader's organization is among the bidders, and the reader may see its bids."""
    own = actor.organization_id if actor else None
    if actor is None or own is None or not may(actor, Right.READ_BIDS, {Relation.SUPPLIER: own}):
        return False
    return any(row.organization_id == own for row in result.rows)
