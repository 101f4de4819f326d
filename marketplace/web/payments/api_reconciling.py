"""Reconciliation under ``/api/v1``: the same verbs and reads as the pages."""

from typing import Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.funds import queries
from marketplace.funds.commands import matching
from marketplace.funds.commands import reconciling as commands
from marketplace.funds.queries import reconciling as reading
from marketplace.funds.schemas import BookingView, Imported, StatementView
from marketplace.funds.schemas.reconciling import GATEWAY_BOOK, BookPage, Closing, NewMatch, NewNote, Undoing
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import NotFound
from marketplace.payments.gateway import Gateway
from marketplace.web.payments.reconciling import STATEMENT_BYTES_MAX, fetch_bookings, readable, shown_book, take_in


class Made(Struct, frozen=True, kw_only=True):
    """The id of what was made."""

    id: UUID


class Fetching(Struct, frozen=True, kw_only=True):
    """The gateway's bookings that were new; none where a worker asks the bank."""

    fresh: int = 0


class ReconciliationApi(Controller):
    """Books, statements, matches and notes."""

    path = "/reconciliation"
    tags = ["reconciliation"]  # noqa: RUF012 - Litestar reads it from the class

    @get(sync_to_thread=True)
    def closings(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], clock: NamedDependency[Clock]
    ) -> list[Closing]:
        """Every book with whether it closes."""
        readable(actor)
        with database.read() as db:
            return reading.closings(db, holder_id=actor.organization_id, now=clock.now())

    @get("/books/{key:str}", sync_to_thread=True)
    def book(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        key: FromPath[str],
    ) -> BookPage:
        """One book with its two lists and what is suggested."""
        with database.read() as db:
            return shown_book(db, actor, key, clock)

    @post("/books/{key:str}/matches", sync_to_thread=True)
    def match(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        key: FromPath[str],
        data: JSONBody[NewMatch],
    ) -> Made:
        """Confirm that records belong together."""
        made = database.run(lambda db: commands.confirm_match(db, actor, key, data, now=clock.now()))
        return Made(id=made)

    @post("/matches/{match_id:uuid}/undo", sync_to_thread=True, status_code=200)
    def undo(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        match_id: FromPath[UUID],
        data: JSONBody[Undoing],
    ) -> Made:
        """Take a match apart."""
        with database.write() as db:
            commands.undo_match(db, actor, match_id, reason=data.reason, now=clock.now())
        return Made(id=match_id)

    @post("/books/{key:str}/notes", sync_to_thread=True)
    def explain(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        key: FromPath[str],
        data: JSONBody[NewNote],
    ) -> Made:
        """Say why a record has no counterpart, or who looks into it."""
        made = database.run(lambda db: commands.explain(db, actor, key, data, now=clock.now()))
        return Made(id=made)

    @post("/books/{key:str}/notes/{note_id:uuid}/withdraw", sync_to_thread=True, status_code=200)
    def withdraw(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        key: FromPath[str],
        note_id: FromPath[UUID],
    ) -> Made:
        """Take a note back."""
        with database.write() as db:
            commands.withdraw_note(db, actor, key, note_id, now=clock.now())
        return Made(id=note_id)

    @post("/books/{key:str}/fetch", sync_to_thread=True, status_code=202)
    def fetch(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        gateway: NamedDependency[Gateway | None],
        key: FromPath[str],
    ) -> Fetching:
        """Have the bank asked for its statement, or ask the gateway for its bookings, now."""
        if key == GATEWAY_BOOK:
            return Fetching(fresh=fetch_bookings(database, actor, gateway, clock))
        with database.write() as db:
            account_id = reading.book(db, actor, key).account_id
            if account_id is None:
                raise NotFound
            matching.want_statement(db, actor, account_id, now=clock.now())
        return Fetching()

    @get("/statements", sync_to_thread=True)
    def statements(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> list[StatementView]:
        """The statements that were imported, newest first."""
        readable(actor)
        with database.read() as db:
            return queries.statements(db, actor.organization_id)

    @post("/statements", request_max_body_size=STATEMENT_BYTES_MAX)
    async def import_statement(
        self,
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Imported:
        """Take in a statement: the body is the bank's own file."""
        content = await request.body()
        return await sync_to_thread(take_in, database, actor, content, clock)

    @get("/statements/{statement_id:uuid}", sync_to_thread=True)
    def statement(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], statement_id: FromPath[UUID]
    ) -> list[BookingView]:
        """The bookings of one statement and the payments they were matched with."""
        readable(actor)
        with database.read() as db:
            if all(one.id != statement_id for one in queries.statements(db, actor.organization_id, limit=10_000)):
                raise NotFound
            return queries.bookings(db, statement_id)
