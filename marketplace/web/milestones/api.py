"""Delivery under ``/api/v1``: the same verbs and reads as the pages."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Response, delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, JSONBody, QueryParameter
from msgspec import Struct

from marketplace.contracts import commands, queries
from marketplace.contracts.schemas import (
    AcceptanceForm,
    Accepted,
    Confirm,
    MilestoneCard,
    MilestoneDossier,
    NewEvidence,
    PublicMilestone,
    Report,
    SendBack,
)
from marketplace.contracts.states import EvidenceKind
from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.flows import delivering, reading
from marketplace.flows.reading import DocumentKind
from marketplace.kit.actor import Actor, Function
from marketplace.kit.clock import Clock
from marketplace.web.milestones.org import BODY_BYTES_MAX
from marketplace.web.projects.files import FILE_BYTES_MAX, file_answer, pieces

Kind = Annotated[EvidenceKind, QueryParameter(name="kind")]
Item = Annotated[int | None, QueryParameter(name="item", ge=0, le=100)]


class Made(Struct, frozen=True):
    """The id of what was made."""

    id: UUID


class Kept(Struct, frozen=True):
    """The version of the draft as it is now."""

    version: int


class MilestonesApi(Controller):
    """Milestones of contracts that the actor's organization performs, buys or runs."""

    path = "/api/v1/milestones"
    tags = ["milestones"]  # noqa: RUF012 - the framework reads it from the class
    request_max_body_size = BODY_BYTES_MAX

    @get(sync_to_thread=True)
    def listed(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], clock: NamedDependency[Clock]
    ) -> tuple[MilestoneCard, ...]:
        """A supplier's milestones; for a desk those that are not decided yet."""
        ask = queries.supplier_milestones if Function.SUPPLIER in actor.functions else queries.desk_milestones
        with database.read() as db:
            return ask(db, actor, now=clock.now())

    @get("/{milestone_id:uuid}", sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
    ) -> MilestoneDossier:
        """One milestone with its reports, findings and decision; also for an office that has to pay for it."""
        with database.read() as db:
            return reading.milestone(db, actor, milestone_id, now=clock.now())

    @put("/{milestone_id:uuid}/report", sync_to_thread=True)
    def save(
        self,
        data: JSONBody[Report],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
    ) -> Kept:
        """Keep a draft of the report; ``version`` is the one that was read."""
        with database.write() as db:
            return Kept(commands.save_report(db, actor, milestone_id, data, now=clock.now()))

    @post("/{milestone_id:uuid}/report", sync_to_thread=True)
    def report(
        self,
        data: JSONBody[Report],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
    ) -> Made:
        """Hand the report in; a second time counts once."""
        with database.write() as db:
            return Made(commands.report(db, actor, milestone_id, data, now=clock.now()))

    @post("/{milestone_id:uuid}/files", sync_to_thread=True)
    def attach(
        self,
        data: Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)],
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
        kind: Kind,
        item: Item = None,
    ) -> Made:
        """Add a file to the report being written; ``item`` is the place of what it proves."""
        with database.write() as db:
            return Made(
                commands.attach_evidence(
                    db, storage, actor, milestone_id, NewEvidence(kind=kind, item=item), pieces(data),
                    name=data.filename, limit_bytes=FILE_BYTES_MAX, now=clock.now(),
                )
            )  # fmt: skip

    @get("/{milestone_id:uuid}/files/{evidence_id:uuid}", sync_to_thread=True)
    def file(
        self,
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        actor: NamedDependency[Actor],
        milestone_id: FromPath[UUID],
        evidence_id: FromPath[UUID],
    ) -> Response[Any]:
        """A file of a report, for the parties only."""
        with database.read() as db:
            card = reading.stored(db, actor, DocumentKind.MILESTONE_EVIDENCE, milestone_id, evidence_id)
        return file_answer(storage, card)

    @delete("/{milestone_id:uuid}/files/{evidence_id:uuid}", sync_to_thread=True)
    def remove(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
        evidence_id: FromPath[UUID],
    ) -> None:
        """Take a file off the report being written."""
        with database.write() as db:
            commands.remove_evidence(db, actor, milestone_id, evidence_id, now=clock.now())

    @post("/{milestone_id:uuid}/verification", sync_to_thread=True, status_code=204)
    def verify(
        self,
        data: JSONBody[Confirm],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
    ) -> None:
        """Confirm the report."""
        with database.write() as db:
            commands.verify(db, actor, milestone_id, data, now=clock.now())

    @post("/{milestone_id:uuid}/return", sync_to_thread=True, status_code=204)
    def send_back(
        self,
        data: JSONBody[SendBack],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
    ) -> None:
        """Send the report back with reason and day."""
        with database.write() as db:
            commands.send_back(db, actor, milestone_id, data, now=clock.now())

    @post("/{milestone_id:uuid}/acceptance", sync_to_thread=True)
    def accept(
        self,
        data: JSONBody[AcceptanceForm],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
    ) -> Accepted:
        """Decide over the milestone: the accepted share becomes payable."""
        now = clock.now()
        return database.run(lambda db: delivering.accept(db, actor, milestone_id, data, now=now))


class PublicMilestonesApi(Controller):
    """What everybody may know of a project's delivery."""

    path = "/api/v1/projects/{project_id:uuid}/milestones"
    tags = ["milestones"]  # noqa: RUF012 - the framework reads it from the class

    @get(sync_to_thread=True)
    def public(self, database: NamedDependency[Database], project_id: FromPath[UUID]) -> tuple[PublicMilestone, ...]:
        """States, dates and counts of the published contract's milestones; small groups are hidden."""
        with database.read() as db:
            return queries.public_milestones(db, project_id)
