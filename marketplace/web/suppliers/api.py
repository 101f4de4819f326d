"""The register as JSON: the directory, one's own registration, and the centre's checks and decisions."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Response, delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, HeaderParameter, JSONBody, QueryParameter
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.flows import reading
from marketplace.flows.reading import DocumentKind
from marketplace.identity.credentials import Safe
from marketplace.identity.rules import Relation, Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import NotFound
from marketplace.suppliers import commands, queries
from marketplace.suppliers.schemas import (
    Bank,
    Demands,
    Directory,
    Missing,
    Profile,
    PublicSupplier,
    Registration,
    SupplierView,
)
from marketplace.suppliers.states import ChangeSubject, SupplierType
from marketplace.web.suppliers.public import Service, Wanted
from marketplace.web.suppliers.views import BODY_BYTES_MAX, PROOF_BYTES_MAX, file_answer, pieces_of

IfMatch = Annotated[str | None, HeaderParameter(name="If-Match")]
After = Annotated[UUID | None, QueryParameter(name="after")]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=100)]


class Made(Struct, frozen=True):
    """The id of what was made."""

    id: UUID


class ReasonGiven(Struct, frozen=True):
    """Why; some acts ask for it, some take none."""

    reason: str = ""


class Proposal(Struct, frozen=True, kw_only=True):
    """Other data, or another account, of a reviewed organization, with the reason."""

    profile: Profile | None = None
    bank: Bank | None = None
    reason: str = ""


class Beginning(Struct, frozen=True, kw_only=True):
    """The registration of an organization that is known here already."""

    profile: Profile
    declared: bool


class Readiness(Struct, frozen=True, kw_only=True):
    """Whether an organization may bid, and what it lacks."""

    ready: bool
    missing: list[Missing]


def revision_of(if_match: str | None) -> int | None:
    """The revision that ``If-Match`` names, or None when any will do; what is none matches none."""
    if if_match is None or if_match == "*":
        return None
    digits = if_match.strip().strip('"')
    return int(digits) if digits.isdecimal() else 0


def tagged(view: SupplierView) -> Response[SupplierView]:
    """A registration with its revision as the ETag."""
    return Response(view, headers={"etag": f'"{view.revision}"'})


class SuppliersApi(Controller):
    """The directory, and an organization's own registration."""

    path = "/suppliers"
    tags = ("suppliers",)
    request_max_body_size = BODY_BYTES_MAX

    @get(sync_to_thread=True)
    def directory(
        self,
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        wanted: Wanted = "",
        service: Service = "",
        kind: Annotated[SupplierType | None, QueryParameter(name="kind")] = None,
        valid_only: Annotated[bool, QueryParameter(name="valid_only")] = False,
        grade: Annotated[int | None, QueryParameter(name="grade", ge=1, le=5)] = None,
        after: After = None,
        limit: Limit = 20,
    ) -> Directory:
        """The public directory, page by page: ``after`` is the last id of the page before."""
        with database.read() as db:
            return queries.directory(
                db, on_day=legal_day(clock.now()), search=wanted, kind=kind, service=service,
                valid_only=valid_only, grade=grade, after=after, limit=limit,
            )  # fmt: skip

    @post(sync_to_thread=True)
    def register(
        self,
        data: JSONBody[Registration],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> Made:
        """Register an organization with its first account; nobody needs to be signed in."""
        with database.write() as db:
            return Made(commands.register(db, safe, data, now=clock.now()))

    @get("/{organization_id:uuid}", sync_to_thread=True)
    def public(
        self, database: NamedDependency[Database], clock: NamedDependency[Clock], organization_id: FromPath[UUID]
    ) -> PublicSupplier:
        """One organization of the directory, as everybody may see it."""
        with database.read() as db:
            return queries.public_page(db, organization_id, on_day=legal_day(clock.now()))

    @get("/{organization_id:uuid}/registration", sync_to_thread=True)
    def registration(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
    ) -> Response[SupplierView]:
        """The whole registration, for the organization itself and the centre; its revision is the ETag."""
        with database.read() as db:
            return tagged(queries.supplier(db, actor, organization_id, on_day=legal_day(clock.now())))

    @post("/{organization_id:uuid}/registration", sync_to_thread=True)
    def begin(
        self,
        data: JSONBody[Beginning],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
    ) -> Response[SupplierView]:
        """Begin the registration of an organization that is known here already."""
        now = clock.now()
        with database.write() as db:
            commands.begin(db, actor, organization_id, data.profile, declared=data.declared, now=now)
            return tagged(queries.supplier(db, actor, organization_id, on_day=legal_day(now)))

    @put("/{organization_id:uuid}/registration", sync_to_thread=True)
    def edit(
        self,
        data: JSONBody[Profile],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
        if_match: IfMatch = None,
    ) -> Response[SupplierView]:
        """Change the data of an application that is not decided; ``If-Match`` holds the revision that was read."""
        now = clock.now()
        with database.write() as db:
            commands.edit(db, actor, organization_id, data, revision=revision_of(if_match), now=now)
            return tagged(queries.supplier(db, actor, organization_id, on_day=legal_day(now)))

    @put("/{organization_id:uuid}/bank", sync_to_thread=True)
    def bank(
        self,
        data: JSONBody[Bank],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        organization_id: FromPath[UUID],
        if_match: IfMatch = None,
    ) -> Response[SupplierView]:
        """Enter the account of an application that is not decided."""
        now = clock.now()
        with database.write() as db:
            commands.set_bank(db, safe, actor, organization_id, data, revision=revision_of(if_match), now=now)
            return tagged(queries.supplier(db, actor, organization_id, on_day=legal_day(now)))

    @post("/{organization_id:uuid}/proofs/{kind:str}", sync_to_thread=True)
    def attach(
        self,
        data: Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
        kind: FromPath[str],
    ) -> Made:
        """Hand in a proof of one item, as a multipart file."""
        with database.write() as db:
            proof_id = commands.attach(
                db, storage, actor, organization_id, kind, pieces_of(data),
                name=data.filename, limit_bytes=PROOF_BYTES_MAX, now=clock.now(),
            )  # fmt: skip
        return Made(proof_id)

    @get("/{organization_id:uuid}/proofs/{proof_id:uuid}", sync_to_thread=True)
    def proof(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        organization_id: FromPath[UUID],
        proof_id: FromPath[UUID],
    ) -> Response[Any]:
        """A proof as a download."""
        with database.read() as db:
            found = reading.stored(db, actor, DocumentKind.SUPPLIER_PROOF, organization_id, proof_id)
        return file_answer(storage, found)

    @delete("/{organization_id:uuid}/proofs/{proof_id:uuid}", sync_to_thread=True)
    def remove_proof(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
        proof_id: FromPath[UUID],
    ) -> None:
        """Take back a proof; checks that stand on it keep it."""
        with database.write() as db:
            commands.remove_proof(db, actor, organization_id, proof_id, now=clock.now())

    @get("/{organization_id:uuid}/readiness", sync_to_thread=True)
    def readiness(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
        service: Service = "",
        minors: Annotated[bool, QueryParameter(name="minors")] = False,
        also: Annotated[list[str] | None, QueryParameter(name="also", max_items=20)] = None,
    ) -> Readiness:
        """What the organization lacks to bid today for a service, for itself and the centre."""
        require(actor, Right.READ_SUPPLIER, {Relation.SUPPLIER: organization_id})
        demands = Demands(service=service, minors=minors, also=tuple(also or ()))
        with database.read() as db:
            missing = queries.is_ready(db, organization_id, legal_day(clock.now()), demands)
        return Readiness(ready=not any(one.blocks for one in missing), missing=missing)

    @post("/{organization_id:uuid}/submission", sync_to_thread=True, status_code=204)
    def submit(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
        if_match: IfMatch = None,
    ) -> None:
        """Hand in the application; what is missing is listed whole."""
        with database.write() as db:
            commands.submit(db, actor, organization_id, revision=revision_of(if_match), now=clock.now())

    @post("/{organization_id:uuid}/withdrawal", sync_to_thread=True, status_code=204)
    def withdraw(
        self,
        data: JSONBody[ReasonGiven],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
    ) -> None:
        """Leave the register or take back the application."""
        with database.write() as db:
            commands.withdraw(db, actor, organization_id, reason=data.reason, now=clock.now())

    @post("/{organization_id:uuid}/reopening", sync_to_thread=True, status_code=204)
    def reopen(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
    ) -> None:
        """Begin anew after leaving."""
        with database.write() as db:
            commands.reopen(db, actor, organization_id, now=clock.now())

    @post("/{organization_id:uuid}/changes/{subject:str}", sync_to_thread=True)
    def propose(
        self,
        data: JSONBody[Proposal],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        organization_id: FromPath[UUID],
        subject: FromPath[str],
    ) -> Made:
        """Propose another ``profile`` or ``bank``; an open change of the same subject is written anew."""
        now = clock.now()
        with database.write() as db:
            if subject == ChangeSubject.PROFILE and data.profile is not None:
                return Made(commands.propose(db, actor, organization_id, data.profile, reason=data.reason, now=now))
            if subject == ChangeSubject.BANK and data.bank is not None:
                return Made(
                    commands.propose_bank(db, safe, actor, organization_id, data.bank, reason=data.reason, now=now)
                )
            raise NotFound
