"""Evaluations under ``/api/v1``: the same verbs and reads as the pages."""

from typing import Any
from uuid import UUID

from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.evaluation import commands, queries
from marketplace.evaluation.queries.parts import sheet_of
from marketplace.evaluation.rules.refusals import NotOnPanel, StillSealedResult
from marketplace.evaluation.schemas import (
    Award,
    Composition,
    Declaration,
    EvaluationCard,
    EvaluationView,
    Given,
    NewCheck,
    Opinion,
    OwnResult,
    PublicResult,
    Sheet,
    Signature,
)
from marketplace.flows import awarding
from marketplace.identity.rules import Relation, Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import NotFound
from marketplace.procedures.states import CountOutcome
from marketplace.web.evaluation.forms import ReasonForm

TAGS = ["evaluation"]


class Appointed(Struct, frozen=True, kw_only=True):
    """The seats that were given."""

    member_ids: list[UUID]


class Outcome(Struct, frozen=True, kw_only=True):
    """What follows from the number of valid bids."""

    outcome: CountOutcome


class Passed(Struct, frozen=True, kw_only=True):
    """Whether a bid passes by what was found."""

    passed: bool


class Written(Struct, frozen=True, kw_only=True):
    """The digest that members sign."""

    report_digest: str


class EvaluationApi(Controller):
    """The panel, the checks, the sheets and the report of a project."""

    path = "/api/v1/projects/{project_id:uuid}/evaluation"
    tags = TAGS

    @get(sync_to_thread=True)
    def one(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], project_id: FromPath[UUID]
    ) -> EvaluationView:
        """One evaluation; points only once every sheet is locked."""
        with database.read() as db:
            return queries.evaluation(db, actor, project_id)

    @post("/members", sync_to_thread=True)
    def appoint(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[Composition],
    ) -> Appointed:
        """Compose the panel or fill its seats: representatives by name, experts by lot."""
        with database.write() as db:
            return Appointed(member_ids=commands.appoint(db, actor, project_id, data, now=clock.now()))

    @post("/members/{member_id:uuid}/dismissal", status_code=204, sync_to_thread=True)
    def dismiss(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        member_id: FromPath[UUID],
        data: JSONBody[ReasonForm],
    ) -> None:
        """Take somebody off the panel who has not declared."""
        with database.write() as db:
            commands.dismiss(db, actor, project_id, member_id, reason=data.reason, now=clock.now())

    @post("/declaration", status_code=204, sync_to_thread=True)
    def declare(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[Declaration],
    ) -> None:
        """Declare that nothing keeps the actor from judging, or step back."""
        with database.write() as db:
            commands.declare(db, actor, project_id, data, now=clock.now())

    @put("/checks/{bid_id:uuid}", sync_to_thread=True)
    def check(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        bid_id: FromPath[UUID],
        data: JSONBody[NewCheck],
    ) -> Passed:
        """Record what was found of a bid."""
        with database.write() as db:
            return Passed(passed=commands.check_bid(db, actor, project_id, bid_id, data, now=clock.now()))

    @post("/checks/confirmation", status_code=200, sync_to_thread=True)
    def confirm(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Outcome:
        """Confirm all findings."""
        with database.write() as db:
            return Outcome(outcome=awarding.confirm_checks(db, actor, project_id, now=clock.now()))

    @get("/sheet", sync_to_thread=True)
    def sheet(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], project_id: FromPath[UUID]
    ) -> Sheet:
        """The actor's own sheet."""
        with database.read() as db:
            mine = queries.evaluation(db, actor, project_id).mine
            if mine is None:
                raise NotOnPanel
            given: dict[Any, Given] = sheet_of(db, mine.id)
        return Sheet(scores=tuple(given[key] for key in sorted(given)))

    @put("/sheet", status_code=204, sync_to_thread=True)
    def save(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[Sheet],
    ) -> None:
        """Save a draft of the actor's own sheet."""
        with database.write() as db:
            commands.save_scores(db, actor, project_id, data, now=clock.now())

    @post("/sheet/submission", status_code=204, sync_to_thread=True)
    def submit(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[Sheet],
    ) -> None:
        """Hand the sheet in and lock it for good."""
        with database.write() as db:
            commands.submit_scores(db, actor, project_id, data, now=clock.now())

    @put("/report", sync_to_thread=True)
    def write(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[Opinion],
    ) -> Written:
        """Write the panel's opinion."""
        with database.write() as db:
            digest = commands.write_report(db, actor, project_id, data.opinion, now=clock.now())
        return Written(report_digest=digest)

    @post("/report/signatures", status_code=204, sync_to_thread=True)
    def sign(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[Signature],
    ) -> None:
        """Sign the report with this digest, with the dissent if there is any."""
        with database.write() as db:
            commands.sign_report(db, actor, project_id, data, now=clock.now())


class AwardApi(Controller):
    """The decision and the result."""

    path = "/api/v1"
    tags = TAGS

    @get("/evaluations", sync_to_thread=True)
    def listed(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> list[EvaluationCard]:
        """The evaluations that concern the actor."""
        with database.read() as db:
            return queries.desk_list(db, actor)

    @post("/projects/{project_id:uuid}/award", sync_to_thread=True)
    def decide(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Award:
        """Award the project to the bid ranked first."""
        with database.write() as db:
            return awarding.decide(db, actor, project_id, now=clock.now())

    @post("/projects/{project_id:uuid}/no-award", status_code=204, sync_to_thread=True)
    def decline(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[ReasonForm],
    ) -> None:
        """Decide that nobody is awarded; the project has failed."""
        with database.write() as db:
            awarding.decline(db, actor, project_id, reason=data.reason, now=clock.now())

    @post("/projects/{project_id:uuid}/result", sync_to_thread=True)
    def publish(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Award:
        """Publish the result; its period begins."""
        with database.write() as db:
            return awarding.publish_result(db, actor, project_id, now=clock.now())

    @get("/projects/{project_id:uuid}/result", sync_to_thread=True)
    def result(self, database: NamedDependency[Database], project_id: FromPath[UUID]) -> PublicResult:
        """The published result, for everybody."""
        with database.read() as db:
            found = queries.public_result(db, project_id)
        if found is None:
            raise StillSealedResult
        return found

    @get("/projects/{project_id:uuid}/own-result", sync_to_thread=True)
    def own(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], project_id: FromPath[UUID]
    ) -> OwnResult:
        """Where the actor's organization lost points."""
        if actor.organization_id is None:
            raise NotFound
        require(actor, Right.READ_BIDS, {Relation.SUPPLIER: actor.organization_id})
        with database.read() as db:
            return queries.own_result(db, project_id, actor.organization_id)
