"""Money under ``/api/v1``: the same verbs and reads as the pages."""

from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.funds import commands, queries
from marketplace.funds.schemas import Correction, FundView, NewFund, NewReceipt, ReceiptView
from marketplace.identity.rules import Relation, Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.fields import Reason


class Why(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reason for an act."""

    reason: Reason


class FundsApi(Controller):
    """Funds and receipts."""

    path = "/api/v1"
    tags = ["funds"]  # noqa: RUF012 - Litestar reads it from the class

    @get("/funds", sync_to_thread=True)
    def funds(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> list[FundView]:
        """The funds that the actor's organization holds or may use."""
        own = {Relation.FINANCE: actor.organization_id, Relation.BUYER: actor.organization_id}
        require(actor, Right.READ_FUNDS, own)
        with database.read() as db:
            return queries.funds(db, concerning=actor.organization_id)

    @post("/funds", sync_to_thread=True)
    def open_fund(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[NewFund],
    ) -> FundView:
        """Open a fund."""
        with database.write() as db:
            return queries.fund(db, commands.open_fund(db, actor, data, now=clock.now()))

    @get("/funds/{fund_id:uuid}", sync_to_thread=True)
    def fund(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], fund_id: FromPath[UUID]
    ) -> FundView:
        """One fund with its balances."""
        with database.read() as db:
            view = queries.fund(db, fund_id)
        require(actor, Right.READ_FUNDS, queries.parties(view))
        return view

    @post("/funds/{fund_id:uuid}/close", sync_to_thread=True, status_code=200)
    def close(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        fund_id: FromPath[UUID],
        data: JSONBody[Why],
    ) -> FundView:
        """Stop receipts into and reservations from a fund."""
        with database.write() as db:
            commands.close_fund(db, actor, fund_id, reason=data.reason, now=clock.now())
            return queries.fund(db, fund_id)

    @post("/funds/{fund_id:uuid}/reopen", sync_to_thread=True, status_code=200)
    def reopen(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        fund_id: FromPath[UUID],
        data: JSONBody[Why],
    ) -> FundView:
        """Take a closed fund back into use."""
        with database.write() as db:
            commands.reopen_fund(db, actor, fund_id, reason=data.reason, now=clock.now())
            return queries.fund(db, fund_id)

    @get("/funds/{fund_id:uuid}/receipts", sync_to_thread=True)
    def receipts(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], fund_id: FromPath[UUID]
    ) -> list[ReceiptView]:
        """The receipts of a fund, newest first, voided ones included."""
        with database.read() as db:
            require(actor, Right.READ_FUNDS, queries.parties(queries.fund(db, fund_id)))
            return queries.receipts(db, fund_id=fund_id)

    @post("/receipts", sync_to_thread=True)
    def receive(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[NewReceipt],
    ) -> ReceiptView:
        """Record income."""
        with database.write() as db:
            return queries.receipt(db, commands.receive(db, actor, data, now=clock.now()))

    @get("/receipts/{receipt_id:uuid}", sync_to_thread=True)
    def receipt(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], receipt_id: FromPath[UUID]
    ) -> ReceiptView:
        """One receipt with its serial numbers."""
        with database.read() as db:
            view = queries.receipt(db, receipt_id)
            require(actor, Right.READ_FUNDS, queries.parties(queries.fund(db, view.fund_id)))
            return view

    @post("/receipts/{receipt_id:uuid}/correction", sync_to_thread=True)
    def correct(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        receipt_id: FromPath[UUID],
        data: JSONBody[Correction],
    ) -> ReceiptView:
        """Void a mistyped receipt and record what it should have been."""
        with database.write() as db:
            return queries.receipt(db, commands.correct(db, actor, receipt_id, data, now=clock.now()))
