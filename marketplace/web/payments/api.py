"""Paying under ``/api/v1``: the same verbs and reads as the pages."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.flows import claiming
from marketplace.funds import queries
from marketplace.funds.commands import approving, matching
from marketplace.funds.queries.paying import PaymentGroup, Standing, groups
from marketplace.funds.schemas import (
    ApplicationView,
    Change,
    CustodyAccountView,
    InstructionView,
    NewApplication,
    NewCustodyAccount,
    Payable,
    PaymentView,
    SentBack,
)
from marketplace.identity.credentials import Safe
from marketplace.identity.rules import Relation, Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.web.payments.claims import claims_page
from marketplace.web.payments.executing import file_of, instruction_file, order, turn
from marketplace.web.payments.pages import own, readable

State = Annotated[Standing, QueryParameter(name="state")]


class ClaimView(Struct, frozen=True, kw_only=True):
    """What a milestone owes out of the office's funds, and to whom; ``has_account`` when its payee can be paid."""

    payable: Payable
    milestone_id: UUID
    contract_id: UUID
    contract_number: str
    payee_id: UUID
    payee: str
    label: str
    has_account: bool


class OwedView(Struct, frozen=True, kw_only=True):
    """What is payable to the supplier for one milestone."""

    milestone_id: UUID
    contract_number: str
    label: str
    amount_fen: int


class ClaimsView(Struct, frozen=True, kw_only=True):
    """A supplier's money: owed, asked for in its favour, and sums in fen."""

    owed: list[OwedView]
    payments: list[PaymentGroup]
    under_way_fen: int
    paid_fen: int
    failed_fen: int
    has_account: bool


class Ordering(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The payments to order."""

    payment_ids: tuple[UUID, ...]


class Ordered(Struct, frozen=True, kw_only=True):
    """What was ordered: instruction files by id, and how many transfers."""

    instruction_ids: list[UUID]
    transfers: int


def _claim(one: claiming.Claim) -> ClaimView:
    return ClaimView(
        payable=one.payable,
        milestone_id=one.milestone.id,
        contract_id=one.contract.id,
        contract_number=one.contract.number,
        payee_id=one.contract.supplier_id,
        payee=one.supplier,
        label=one.label,
        has_account=one.payee is not None,
    )


def claims_view(database: Database, actor: Actor) -> ClaimsView:
    """A supplier's claims as data."""
    found = claims_page(database, actor)
    return ClaimsView(
        owed=[
            OwedView(
                milestone_id=one.milestone.id,
                contract_number=one.contract.number,
                label=f"{one.contract.title} · {one.milestone.title}",
                amount_fen=one.amount_fen,
            )
            for one in found["owed"]
        ],
        payments=found["groups"],
        under_way_fen=found["under_way_fen"],
        paid_fen=found["paid_fen"],
        failed_fen=found["failed_fen"],
        has_account=found["payee"] is not None,
    )


class ApplicationsApi(Controller):
    """Claims and payment applications."""

    path = "/"
    tags = ["payments"]  # noqa: RUF012 - Litestar reads it from the class

    @get("/claims", sync_to_thread=True)
    def own_claims(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> ClaimsView:
        """What the actor's social organization is owed, and what was asked for in its favour."""
        return claims_view(database, actor)

    @get("/payments/claims", sync_to_thread=True)
    def claims(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> list[ClaimView]:
        """What the office may ask to be paid now."""
        with database.read() as db:
            return [_claim(one) for one in claiming.claims(db, actor)]

    @post("/payments/applications", sync_to_thread=True)
    def apply(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[NewApplication],
    ) -> ApplicationView:
        """Ask for a milestone's money to be paid."""
        made = database.run(lambda db: claiming.apply_for_milestone(db, actor, data, now=clock.now()))
        return self._shown(database, actor, made)

    def _shown(self, database: Database, actor: Actor, application_id: UUID) -> ApplicationView:
        with database.read() as db:
            return readable(db, actor, application_id)

    @get("/payments/applications/{application_id:uuid}", sync_to_thread=True)
    def application(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], application_id: FromPath[UUID]
    ) -> ApplicationView:
        """One application with its payments."""
        return self._shown(database, actor, application_id)

    @put("/payments/applications/{application_id:uuid}", sync_to_thread=True)
    def resubmit(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        application_id: FromPath[UUID],
        data: JSONBody[Change],
    ) -> ApplicationView:
        """Hand in again what was sent back, put right."""
        database.run(lambda db: claiming.resubmit(db, actor, application_id, data, now=clock.now()))
        return self._shown(database, actor, application_id)

    @post("/payments/applications/{application_id:uuid}/approve", sync_to_thread=True, status_code=200)
    def approve(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        application_id: FromPath[UUID],
    ) -> ApplicationView:
        """Approve it."""
        database.run(lambda db: approving.approve_application(db, actor, application_id, now=clock.now()))
        return self._shown(database, actor, application_id)

    @post("/payments/applications/{application_id:uuid}/return", sync_to_thread=True, status_code=200)
    def send_back(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        application_id: FromPath[UUID],
        data: JSONBody[SentBack],
    ) -> ApplicationView:
        """Send it back to be put right."""
        why, now = data.reason, clock.now()
        database.run(lambda db: approving.return_application(db, actor, application_id, reason=why, now=now))
        return self._shown(database, actor, application_id)

    @post("/payments/applications/{application_id:uuid}/cancel", sync_to_thread=True, status_code=200)
    def cancel(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        application_id: FromPath[UUID],
        data: JSONBody[SentBack],
    ) -> ApplicationView:
        """Withdraw it; its money may be asked for anew."""
        why, now = data.reason, clock.now()
        database.run(lambda db: approving.cancel_application(db, actor, application_id, reason=why, now=now))
        return self._shown(database, actor, application_id)


class PaymentsApi(Controller):
    """Payments, instruction files, and the accounts they leave."""

    path = "/payments"
    tags = ["payments"]  # noqa: RUF012 - Litestar reads it from the class

    @get(sync_to_thread=True)
    def payments(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], word: State = Standing.SUBMITTED
    ) -> list[PaymentGroup]:
        """The payments that stand alike, by application."""
        require(actor, Right.READ_PAYMENT, own(actor))
        with database.read() as db:
            return groups(db, actor, word)

    @get("/{payment_id:uuid}", sync_to_thread=True)
    def payment(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], payment_id: FromPath[UUID]
    ) -> PaymentView:
        """One payment with its attempts."""
        return self._shown(database, actor, payment_id)

    def _shown(self, database: Database, actor: Actor, payment_id: UUID) -> PaymentView:
        with database.read() as db:
            view = queries.payment(db, payment_id)
            readable(db, actor, view.application_id)
            return view

    @post("/{payment_id:uuid}/approve", sync_to_thread=True, status_code=200)
    def approve(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        payment_id: FromPath[UUID],
    ) -> PaymentView:
        """Approve a payment that is asked for again."""
        database.run(lambda db: approving.approve_payment(db, actor, payment_id, now=clock.now()))
        return self._shown(database, actor, payment_id)

    @post("/{payment_id:uuid}/{action:str}", sync_to_thread=True, status_code=200)
    def act(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        payment_id: FromPath[UUID],
        action: FromPath[str],
        data: JSONBody[SentBack],
    ) -> PaymentView:
        """Ask again for what failed (``retry``) or give it up (``cancel``)."""
        database.run(lambda db: turn(db, actor, payment_id, action, data.reason, clock))
        return self._shown(database, actor, payment_id)

    @post("/orders", sync_to_thread=True)
    def order(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[Ordering],
    ) -> Ordered:
        """Order approved payments by the rail of each."""
        files, moved = database.run(lambda db: order(db, actor, data.payment_ids, clock))
        return Ordered(instruction_ids=files, transfers=moved)

    @get("/instructions", sync_to_thread=True)
    def instructions(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> list[InstructionView]:
        """The office's instruction files, newest first."""
        require(actor, Right.READ_PAYMENT, {Relation.FINANCE: actor.organization_id})
        with database.read() as db:
            return queries.instructions(db, actor.organization_id)

    @get("/instructions/{instruction_id:uuid}", sync_to_thread=True)
    def instruction(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], instruction_id: FromPath[UUID]
    ) -> InstructionView:
        """One instruction file with its payments."""
        with database.read() as db:
            return file_of(db, actor, instruction_id)

    @post("/instructions/{instruction_id:uuid}/file", sync_to_thread=True, status_code=200)
    def download(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        instruction_id: FromPath[UUID],
    ) -> Response[bytes]:
        """The file as the bank reads it; taking it is written in the journal."""
        _, content = instruction_file(database, safe, actor, instruction_id, clock)
        return Response(content, media_type="text/csv; charset=utf-8", headers={"cache-control": "no-store"})

    @get("/accounts", sync_to_thread=True)
    def accounts(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> list[CustodyAccountView]:
        """The accounts out of which the office pays."""
        require(actor, Right.READ_PAYMENT, {Relation.FINANCE: actor.organization_id})
        with database.read() as db:
            return queries.custody_accounts(db, actor.organization_id)

    @post("/accounts", sync_to_thread=True)
    def record_account(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[NewCustodyAccount],
    ) -> list[CustodyAccountView]:
        """Record one."""
        with database.write() as db:
            matching.record_custody_account(db, actor, data, now=clock.now())
            return queries.custody_accounts(db, actor.organization_id)
