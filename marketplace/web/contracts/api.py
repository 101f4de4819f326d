"""Contracts under ``/api/v1``: every act of the pages, by the same commands."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from marketplace.contracts import commands, queries
from marketplace.contracts.rules import Terms
from marketplace.contracts.schemas import ContractCard, ContractView, Reasoned, Seen
from marketplace.contracts.states import Side
from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.flows import contracting, reading
from marketplace.flows.reading import DocumentKind
from marketplace.kit.actor import Actor, Function
from marketplace.kit.clock import Clock
from marketplace.web.projects.desk_api import IfMatch, Submitted, version_of
from marketplace.web.projects.files import file_answer

TAGS = ("contracts",)


class NewContract(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The awarded project whose contract is to be drafted."""

    project_id: UUID


class SignedNow(Struct, frozen=True, kw_only=True):
    """Whether the contract is in force now."""

    in_force: bool


def tagged(view: ContractView) -> Response[ContractView]:
    """A contract with its version as the ETag."""
    return Response(view, headers={"etag": f'"{view.version}"'})


class ContractApi(Controller):
    """Contracts as those see and move them whom they concern."""

    path = "/api/v1/contracts"
    tags = TAGS

    @get(sync_to_thread=True)
    def listed(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> tuple[ContractCard, ...]:
        """The contracts of the actor's organization, and awards that have none yet."""
        supplier = Function.SUPPLIER in actor.functions
        with database.read() as db:
            return queries.supplier_contracts(db, actor) if supplier else queries.desk_contracts(db, actor)

    @post(sync_to_thread=True)
    def draft(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[NewContract],
    ) -> Response[ContractView]:
        """Begin the contract of an awarded project."""
        with database.write() as db:
            contract_id = contracting.draft(db, actor, data.project_id, now=clock.now())
            return tagged(queries.contract(db, actor, contract_id, now=clock.now()))

    @get("/{contract_id:uuid}", sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
    ) -> Response[ContractView]:
        """Everything about a contract, and what the actor may do with it now; also for an office that has to pay it."""
        with database.read() as db:
            return tagged(reading.contract(db, actor, contract_id, now=clock.now()))

    @put("/{contract_id:uuid}/terms", sync_to_thread=True)
    def edit(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
        data: JSONBody[Terms],
        if_match: IfMatch,
    ) -> Response[ContractView]:
        """Write the draft as it is to be."""
        with database.write() as db:
            commands.edit(db, actor, contract_id, data, version=version_of(if_match), now=clock.now())
            return tagged(queries.contract(db, actor, contract_id, now=clock.now()))

    @post("/{contract_id:uuid}/submit", sync_to_thread=True, status_code=200)
    def submit(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
    ) -> Submitted:
        """Hand the draft in for approval."""
        with database.write() as db:
            return Submitted(number=commands.submit(db, actor, contract_id, now=clock.now()))

    @post("/{contract_id:uuid}/approve", sync_to_thread=True, status_code=200)
    def approve(
        self,
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
    ) -> Seen:
        """Approve it; answers with the digest of the paper that is to be signed."""
        with database.write() as db:
            return Seen(sha256=contracting.approve(db, storage, actor, contract_id, now=clock.now()))

    @post("/{contract_id:uuid}/return", sync_to_thread=True, status_code=204)
    def send_back(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
        data: JSONBody[Reasoned],
    ) -> None:
        """Send it back to its drafters."""
        with database.write() as db:
            commands.return_(db, actor, contract_id, reason=data.reason, now=clock.now())

    @post("/{contract_id:uuid}/sign/{side:str}", sync_to_thread=True, status_code=200)
    def sign(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
        side: FromPath[Side],
        data: JSONBody[Seen],
    ) -> SignedNow:
        """Sign the paper with the digest that was read, as ``buyer`` or ``supplier``."""
        now = clock.now()
        in_force = database.run(lambda db: contracting.sign(db, actor, contract_id, side, data, now=now))
        return SignedNow(in_force=in_force)

    @post("/{contract_id:uuid}/publish", sync_to_thread=True, status_code=204)
    def publish(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
    ) -> None:
        """Publish it."""
        with database.write() as db:
            commands.publish(db, actor, contract_id, now=clock.now())

    @post("/{contract_id:uuid}/cancel", sync_to_thread=True, status_code=204)
    def cancel(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
        data: JSONBody[Reasoned],
    ) -> None:
        """Cancel it before both have signed."""
        with database.write() as db:
            commands.cancel(db, actor, contract_id, reason=data.reason, now=clock.now())

    @get("/{contract_id:uuid}/paper", sync_to_thread=True)
    def paper(
        self,
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        actor: NamedDependency[Actor],
        contract_id: FromPath[UUID],
    ) -> Response[Any]:
        """The approved paper, byte for byte what is signed."""
        with database.read() as db:
            card = reading.stored(db, actor, DocumentKind.CONTRACT_PAPER, contract_id)
        return file_answer(storage, card)
