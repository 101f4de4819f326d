"""Bids under ``/api/v1``: the same verbs and reads as the pages, and as silent about who bids."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody
from msgspec import Struct

from marketplace.bids import commands, queries
from marketplace.bids.queries.dry import DryCheck
from marketplace.bids.queries.reuse import Saved
from marketplace.bids.schemas import (
    Asked,
    DraftChange,
    DraftView,
    FileKind,
    MyBid,
    OpenerView,
    OpeningList,
    Receipt,
    SealView,
    Submitted,
    Taking,
)
from marketplace.bids.sealing.application import application_keys
from marketplace.bids.states import OpeningState
from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.flows.opening import open_bids
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import NotFound
from marketplace.settings import Settings
from marketplace.web.bids.handing import in_time
from marketplace.web.bids.pages import Writer
from marketplace.web.bids.views import Visit, as_shown, draft_as_shown, own_organization, received_at
from marketplace.web.upload import Arriving, in_upload_thread

IfMatch = Annotated[str | None, HeaderParameter(name="If-Match")]


class Code(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The editing code from a receipt."""

    code: str


class Passphrase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An opener's passphrase."""

    passphrase: str


def tagged(actor: Actor, draft: DraftView) -> Response[DraftView]:
    """A draft as the actor may see it, with its version as the ETag."""
    return Response(draft_as_shown(actor, draft), headers={"etag": f'"{draft.version}"'})


def version_of(if_match: str | None) -> int | None:
    """The version that ``If-Match`` names, or None when any will do; what is no version matches none."""
    if if_match is None or if_match == "*":
        return None
    digits = if_match.strip().strip('"')
    return int(digits) if digits.isdecimal() else -1


class BidApi(Controller):
    """One's own bid in a project: write, hand in, replace, withdraw."""

    path = "/api/v1/projects/{project_id:uuid}"
    tags = ["bids"]  # noqa: RUF012 - the framework reads it from the class
    opt = {"quiet": True}  # noqa: RUF012 - the framework reads it; even the number of requests would tell

    @post("/document-taking", sync_to_thread=True)
    def take(
        self,
        request: Visit,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Taking:
        """Take the project's document (报名)."""
        with database.write() as db:
            return commands.take_document(db, actor, project_id, received_at=received_at(request), now=clock.now())

    @get("/bid-requirements", sync_to_thread=True)
    def asked(self, database: NamedDependency[Database], project_id: FromPath[UUID]) -> Asked:
        """What the project asks of every bid."""
        with database.read() as db:
            return queries.asked_of(db, project_id)

    @get("/bid", sync_to_thread=True)
    def mine(self, writer: NamedDependency[Writer], project_id: FromPath[UUID]) -> MyBid:
        """The own bid: its draft while it can be read, its receipts."""
        with writer.database.read() as db:
            found = as_shown(writer.actor, queries.my_bid(db, writer.keys, project_id, own_organization(writer.actor)))
        if found is None:
            raise NotFound
        return found

    @get("/bid/check", sync_to_thread=True)
    def check(
        self, writer: NamedDependency[Writer], storage: NamedDependency[Storage], project_id: FromPath[UUID]
    ) -> DryCheck:
        """What handing in would refuse now, and what the opening would find; nothing is stored."""
        with writer.database.read() as db:
            commands.ready_to_write(db, writer.actor, project_id, received_at=writer.received_at)
        return writer.check(project_id, storage)

    @get("/bid/saved-data", sync_to_thread=True)
    def saved(self, writer: NamedDependency[Writer], project_id: FromPath[UUID]) -> Saved:
        """What need not be typed again: the register's contact, the declaration, and what the last opened bid holds."""
        with writer.database.read() as db:
            commands.ready_to_write(db, writer.actor, project_id, received_at=writer.received_at)
        return writer.saved(project_id)

    @post("/bid/reuse", status_code=200, sync_to_thread=True)
    def reuse(self, writer: NamedDependency[Writer], project_id: FromPath[UUID]) -> Response[DraftView]:
        """Fill the empty parts of the draft from the organization's own last opened bid (沿用上次)."""
        return tagged(writer.actor, writer.reuse(project_id))

    @patch("/bid", sync_to_thread=True)
    def save(
        self,
        writer: NamedDependency[Writer],
        project_id: FromPath[UUID],
        data: JSONBody[DraftChange],
        if_match: IfMatch = None,
    ) -> Response[DraftView]:
        """Replace the parts of the draft that are given; ``If-Match`` holds the version that was read."""
        with writer.database.write() as db:
            draft = commands.save_draft(
                db,
                writer.keys,
                writer.actor,
                project_id,
                data,
                version=version_of(if_match),
                received_at=writer.received_at,
            )
        return tagged(writer.actor, draft)

    @post("/bid/files", request_max_body_size=None)
    async def add_file(
        self,
        request: Visit,
        writer: NamedDependency[Writer],
        storage: NamedDependency[Storage],
        settings: NamedDependency[Settings],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        name: FromQuery[str],
        kind: FromQuery[FileKind],
    ) -> Response[DraftView]:
        """Add a file: its bytes are the body, encrypted while they arrive."""
        body = Arriving(request)

        def work() -> DraftView:
            with writer.database.read() as db:
                commands.ready_to_write(db, writer.actor, project_id, received_at=writer.received_at)
            with writer.database.write() as db:
                return commands.add_file(
                    db,
                    writer.keys,
                    writer.actor,
                    project_id,
                    body,
                    storage=storage,
                    kind=kind,
                    name=name,
                    limit_bytes=settings.upload_bytes_max,
                    received_at=writer.received_at,
                    now=clock.now(),
                )

        return tagged(writer.actor, await in_upload_thread(work))

    @delete("/bid/files/{file_id:uuid}", status_code=200, sync_to_thread=True)
    def remove_file(
        self, writer: NamedDependency[Writer], project_id: FromPath[UUID], file_id: FromPath[UUID]
    ) -> Response[DraftView]:
        """Take a file out of the draft."""
        with writer.database.write() as db:
            return tagged(
                writer.actor,
                commands.remove_file(
                    db, writer.keys, writer.actor, project_id, file_id, received_at=writer.received_at
                ),
            )

    @post("/bid/submissions", sync_to_thread=True)
    def submit(
        self,
        writer: NamedDependency[Writer],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        if_match: IfMatch = None,
    ) -> Submitted:
        """Seal the draft and hand it in, or replace what was handed in; the code is in this answer and nowhere else."""
        with in_time(writer, clock) as db:
            return commands.submit(
                db,
                writer.keys,
                writer.actor,
                project_id,
                version=version_of(if_match),
                received_at=writer.received_at,
                now=clock.now(),
            )

    @post("/bid/withdrawals", sync_to_thread=True)
    def withdraw(
        self, writer: NamedDependency[Writer], clock: NamedDependency[Clock], project_id: FromPath[UUID]
    ) -> Receipt:
        """Withdraw what was handed in."""
        with in_time(writer, clock) as db:
            return commands.withdraw(
                db, writer.keys, writer.actor, project_id, received_at=writer.received_at, now=clock.now()
            )

    @post("/bid/reopening", status_code=200, sync_to_thread=True)
    def reopen(
        self, writer: NamedDependency[Writer], project_id: FromPath[UUID], data: JSONBody[Code]
    ) -> Response[DraftView]:
        """Make what was handed in editable again, with the code from the receipt."""
        with writer.database.write() as db:
            return tagged(
                writer.actor,
                commands.reopen_draft(
                    db, writer.keys, writer.actor, project_id, data.code, received_at=writer.received_at
                ),
            )

    @post("/bid/fresh-draft", status_code=200, sync_to_thread=True)
    def start_over(self, writer: NamedDependency[Writer], project_id: FromPath[UUID]) -> Response[DraftView]:
        """Begin an empty draft in place of the present one."""
        with writer.database.write() as db:
            return tagged(
                writer.actor,
                commands.start_over(db, writer.keys, writer.actor, project_id, received_at=writer.received_at),
            )


class OpeningApi(Controller):
    """The seal of a project, its opening, and the opening list."""

    path = "/api/v1"
    tags = ["bids"]  # noqa: RUF012 - the framework reads it from the class

    @post("/opener-key", sync_to_thread=True)
    def enrol(
        self,
        database: NamedDependency[Database],
        settings: NamedDependency[Settings],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[Passphrase],
    ) -> OpenerView:
        """Make one's own opener key, locked by a passphrase that is stored nowhere."""
        with database.write() as db:
            return commands.enrol_opener_key(db, application_keys(settings), actor, data.passphrase, now=clock.now())

    @get("/projects/{project_id:uuid}/seal", sync_to_thread=True)
    def seal(self, database: NamedDependency[Database], project_id: FromPath[UUID]) -> SealView:
        """A project's seal: public key fingerprint, the seats of its openers, how far the opening is."""
        with database.read() as db:
            queries.asked_of(db, project_id)
            return queries.seal(db, project_id)

    @post("/projects/{project_id:uuid}/opening", status_code=200, sync_to_thread=True)
    def turn(
        self,
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        settings: NamedDependency[Settings],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[Passphrase],
    ) -> SealView:
        """One opener's part: the first passphrase prepares, the second opens all bids in one act."""
        now: Any = clock.now()
        with database.write() as db:
            if queries.seal(db, project_id).state is OpeningState.SEALED:
                commands.contribute(db, actor, project_id, data.passphrase, now=now)
            else:
                open_bids(db, application_keys(settings), actor, project_id, data.passphrase, storage=storage, now=now)
            return queries.seal(db, project_id)

    @get("/projects/{project_id:uuid}/opening", sync_to_thread=True)
    def opening(self, database: NamedDependency[Database], project_id: FromPath[UUID]) -> OpeningList:
        """The opening list; not found before the opening."""
        with database.read() as db:
            return queries.opening_list(db, project_id)
