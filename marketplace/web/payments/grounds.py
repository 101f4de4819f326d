"""What a payment stands on, as the office that pays it reads it: the contract, the milestone's report and its files."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.flows import reading
from marketplace.flows.reading import DocumentKind
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import NotFound
from marketplace.web.contracts import views as contract_views
from marketplace.web.milestones import views as milestone_views
from marketplace.web.pages import page
from marketplace.web.projects.files import file_answer


def _of_finance(actor: Actor) -> None:
    """These pages are for money's own people; the contract's parties have theirs.

    Raises:
        NotFound: the actor holds no post of finance in its organization.
    """
    if not may(actor, Right.READ_CONTRACT, {Relation.FINANCE: actor.organization_id}):
        raise NotFound


class PaidContracts(Controller):
    """A contract out of whose milestones one became payable from the office's funds; to be read only."""

    path = "/finance/contracts/{contract_id:uuid}"

    @get(sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
    ) -> Template:
        """The contract with all it says, and the milestones that the office has to pay."""
        with database.read() as db:
            view = reading.contract(db, actor, contract_id, now=clock.now())
            _of_finance(actor)
            carried = reading.owed_milestones(db, actor, contract_id)
            return page(
                "contracts/show.html",
                **contract_views.WORDS,
                view=view,
                facts_=view.facts,
                state_tag=contract_views.state_tag(view.facts, supplier=False),
                funds=contract_views.names_of_funds(db, view.facts),
                my_side=None,
                carried=carried,
                base=f"/finance/contracts/{contract_id}",
                supplier=False,
                paying=True,
            )

    @get("/paper", sync_to_thread=True)
    def paper(
        self,
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        actor: NamedDependency[Actor],
        contract_id: FromPath[UUID],
    ) -> Response[Any]:
        """The signed paper, byte for byte."""
        with database.read() as db:
            card = reading.stored(db, actor, DocumentKind.CONTRACT_PAPER, contract_id)
        return file_answer(storage, card)


class PaidMilestones(Controller):
    """A milestone that became payable from the office's funds; to be read only."""

    path = "/finance/milestones/{milestone_id:uuid}"

    @get(sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
    ) -> Template:
        """What was agreed, what was reported with which files, what was found and decided."""
        with database.read() as db:
            view = reading.milestone(db, actor, milestone_id, now=clock.now())
        _of_finance(actor)
        return page(
            "milestones/judge.html",
            **milestone_views.WORDS,
            view=view,
            stages=milestone_views.stages(view),
            barred="",
            may_decide=False,
            last=view.reports[-1] if view.reports else None,
            base=f"/finance/milestones/{milestone_id}",
            paying=True,
        )

    @get("/files/{evidence_id:uuid}", sync_to_thread=True)
    def file(
        self,
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        actor: NamedDependency[Actor],
        milestone_id: FromPath[UUID],
        evidence_id: FromPath[UUID],
    ) -> Response[Any]:
        """A file of a report as a download."""
        with database.read() as db:
            card = reading.stored(db, actor, DocumentKind.MILESTONE_EVIDENCE, milestone_id, evidence_id)
        return file_answer(storage, card)
