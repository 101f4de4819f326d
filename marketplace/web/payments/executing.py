"""The cashier's pages: approved payments become instruction files or transfers; one payment with all its attempts."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.flows import claiming
from marketplace.funds import queries
from marketplace.funds.commands import approving, instructing, matching
from marketplace.funds.commands.calling import render
from marketplace.funds.model import PaymentInstruction
from marketplace.funds.rules import CUSTODIES, CUSTODY_LABELS, Custody
from marketplace.funds.schemas import InstructionView, PaymentView
from marketplace.funds.states import PaymentState
from marketplace.identity.credentials import Safe
from marketplace.identity.queries import names
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.ledger.queries import NoTrace, trace_ref
from marketplace.web.forms import Typed
from marketplace.web.i18n import gettext
from marketplace.web.pages import again, done, page
from marketplace.web.payments.forms import ACCOUNT, CHOSEN, REASON
from marketplace.web.payments.pages import HERE, readable
from marketplace.web.payments.views import WORDS, may_approve_again, may_give_up, may_retry

ROWS_MAX = 500
"""Payments shown to tick at once; the rest comes with the next file."""


def order(db: Session, actor: Actor, payment_ids: tuple[UUID, ...], clock: Clock) -> tuple[list[UUID], int]:
    """Order payments by the rail of each: instruction files for banks, transfers at the gateway.

    Raises:
        DomainError: what ``instruct`` or ``release_transfers`` refuses.
    """
    by_rail: dict[bool, list[UUID]] = {True: [], False: []}
    for one in payment_ids:
        by_rail[queries.payment(db, one).rail is Custody.GATEWAY].append(one)
    now = clock.now()
    files = instructing.instruct(db, actor, by_rail[False], now=now) if by_rail[False] or not by_rail[True] else []
    moved = instructing.release_transfers(db, actor, by_rail[True], now=now) if by_rail[True] else []
    return files, len(moved)


class Execution(Controller):
    """Approved payments, and the instruction files made of them."""

    path = HERE

    def _page(self, database: Database, actor: Actor) -> dict[str, Any]:
        finance = {Relation.FINANCE: actor.organization_id}
        require(actor, Right.READ_PAYMENT, finance)
        with database.read() as db:
            holder = actor.organization_id or UUID(int=0)
            payments = queries.payments_to_execute(db, holder)
            mine = {one.id for one in payments if actor.person_id in {one.prepared_by, one.approved_by}}
            return {
                **WORDS,
                "payments": payments[:ROWS_MAX],
                "more": max(0, len(payments) - ROWS_MAX),
                "closed": mine,
                "total_fen": sum(one.amount_fen for one in payments),
                "files": queries.instructions(db, holder),
                "accounts": queries.custody_accounts(db, holder),
                "may_execute": may(actor, Right.EXECUTE_PAYMENT, finance),
            }

    @get("/execute", sync_to_thread=True)
    def shown(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> Template:
        """What was approved and not ordered yet."""
        return page("payments/execute.html", form=CHOSEN.blank(), **self._page(database, actor))

    @post("/execute", sync_to_thread=True)
    def execute(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Order the ticked ones: a worker hands files and transfers over."""
        form = CHOSEN.read(typed)
        if form.data is not None:
            ids = form.data.payment_ids
            try:
                files, moved = database.run(lambda db: order(db, actor, ids, clock))
            except DomainError as refusal:
                form.refused(refusal)
            else:
                word = N_("已生成 {files} 个指令文件、{moved} 笔平台转账，正在发送。结果会出现在付款详情里。")
                target = f"{HERE}/instructions/{files[0]}" if len(files) == 1 and not moved else f"{HERE}/execute"
                return done(target, word, files=len(files), moved=moved)
        return again("payments/execute.html", form, **self._page(database, actor))

    @get("/instructions/{instruction_id:uuid}", sync_to_thread=True)
    def instruction(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], instruction_id: FromPath[UUID]
    ) -> Template:
        """One instruction file: what it holds and what the bank said."""
        with database.read() as db:
            view = file_of(db, actor, instruction_id)
        may_execute = may(actor, Right.EXECUTE_PAYMENT, {Relation.FINANCE: view.holder_id})
        return page("payments/instruction.html", **WORDS, view=view, may_execute=may_execute)

    @post("/instructions/{instruction_id:uuid}/file", sync_to_thread=True, status_code=200)
    def download(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        instruction_id: FromPath[UUID],
    ) -> Response[bytes]:
        """The file as the bank reads it; it holds account numbers, so taking it is written down."""
        number, content = instruction_file(database, safe, actor, instruction_id, clock)
        name = quote(f"{number}.csv", safe="")
        return Response(
            content,
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": f"attachment; filename*=UTF-8''{name}", "cache-control": "no-store"},
        )

    @get("/accounts", sync_to_thread=True)
    def accounts(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> Template:
        """The accounts out of which the office pays."""
        return page("payments/accounts.html", form=ACCOUNT.blank(), **self._accounts(database, actor))

    @post("/accounts", sync_to_thread=True)
    def record_account(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Record one."""
        form = ACCOUNT.read(typed)
        if form.data is not None:
            new = form.data
            try:
                with database.write() as db:
                    matching.record_custody_account(db, actor, new, now=clock.now())
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return done(f"{HERE}/accounts", N_("付款账户已登记。"))
        return again("payments/accounts.html", form, **self._accounts(database, actor))

    def _accounts(self, database: Database, actor: Actor) -> dict[str, Any]:
        require(actor, Right.READ_PAYMENT, {Relation.FINANCE: actor.organization_id})
        kinds = sorted({one for allowed in CUSTODIES.values() for one in allowed} - {Custody.GATEWAY})
        with database.read() as db:
            found = queries.custody_accounts(db, actor.organization_id)
        return {
            **WORDS,
            "accounts": found,
            "custodies": [(one.value, gettext(CUSTODY_LABELS[one])) for one in kinds],
            "may_record": may(actor, Right.OPEN_FUND, {Relation.FINANCE: actor.organization_id}),
        }


def file_of(db: Session, actor: Actor, instruction_id: UUID) -> InstructionView:
    """One instruction file of the actor's office.

    Raises:
        NotFound: there is none, or it is another office's.
        Forbidden: the actor may not see payments.
    """
    view = queries.instruction(db, instruction_id)
    require(actor, Right.READ_PAYMENT, {Relation.FINANCE: view.holder_id})
    return view


def instruction_file(
    database: Database, safe: Safe, actor: Actor, instruction_id: UUID, clock: Clock
) -> tuple[str, bytes]:
    """An instruction file's number and bytes; who took it is written in the journal first.

    Raises:
        NotFound: no such file of the actor's office.
        Forbidden: the actor may not execute payments.
    """
    with database.write() as db:
        view = file_of(db, actor, instruction_id)
        require(actor, Right.EXECUTE_PAYMENT, {Relation.FINANCE: view.holder_id})
        record(db, actor, "instruction.downloaded", "instruction", view.id, now=clock.now(), number=view.number)
    with database.read() as db:
        row = db.get(PaymentInstruction, instruction_id)
        if row is None:
            raise NotFound
        return view.number, render(db, safe, row)


class OnePayment(Controller):
    """One payment: what became of each attempt, and what may be done about it."""

    path = f"{HERE}/{{payment_id:uuid}}"

    @get(sync_to_thread=True)
    def shown(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], payment_id: FromPath[UUID]
    ) -> Template:
        """Its attempts in time, its people, and where its fen came from."""
        return page("payments/payment.html", form=REASON.blank(), **_payment_page(database, actor, payment_id))

    @post("/approve", sync_to_thread=True)
    def approve(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        payment_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Approve a payment that is asked for again."""
        try:
            database.run(lambda db: approving.approve_payment(db, actor, payment_id, now=clock.now()))
        except DomainError as refusal:
            context = _payment_page(database, actor, payment_id)
            return again("payments/payment.html", REASON.blank().refused(refusal), **context)
        return done(f"{HERE}/{payment_id}", N_("付款已批准，等待出纳执行。"))

    @post("/{action:str}", sync_to_thread=True)
    def reasoned(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        payment_id: FromPath[UUID],
        action: FromPath[str],
    ) -> Template | Redirect:
        """Ask again for what failed, or give it up, with a reason."""
        if action not in ("retry", "cancel"):
            raise NotFound
        form = REASON.read(typed)
        if form.data is not None:
            reason = form.data.reason
            try:
                database.run(lambda db: turn(db, actor, payment_id, action, reason, clock))
            except DomainError as refusal:
                form.refused(refusal)
            else:
                word = N_("已重新申请，等待审批。") if action == "retry" else N_("这笔付款已取消，应付款可以重新申请。")
                return done(f"{HERE}/{payment_id}", word)
        return again("payments/payment.html", form, **(_payment_page(database, actor, payment_id) | {"asked": action}))


def turn(db: Session, actor: Actor, payment_id: UUID, action: str, reason: str, clock: Clock) -> None:
    """Ask again for a payment, to the account on file now, or give it up.

    Raises:
        NotFound: there is no such payment, or no such action.
        DomainError: what ``retry`` or ``cancel_payment`` refuses.
    """
    if action == "retry":
        claiming.retry(db, actor, payment_id, reason=reason, now=clock.now())
    elif action == "cancel":
        approving.cancel_payment(db, actor, payment_id, reason=reason, now=clock.now())
    else:
        raise NotFound


def _payment_page(database: Database, actor: Actor, payment_id: UUID) -> dict[str, Any]:
    with database.read() as db:
        view = queries.payment(db, payment_id)
        application = readable(db, actor, view.application_id)
        people = {view.prepared_by, view.approved_by, view.executed_by, *(one.ordered_by for one in view.attempts)}
        return {
            **WORDS,
            "view": view,
            "application": application,
            "people": names(db, {one for one in people if one}),
            "sources": _sources(db, view),
            "may_file": may(actor, Right.READ_PAYMENT, {Relation.FINANCE: application.holder_id}),
            "may_receipt": may(actor, Right.READ_FUNDS, queries.parties(queries.fund(db, view.fund_id))),
            "may_retry": may_retry(actor, application, view),
            "may_approve": may_approve_again(actor, application, view),
            "may_give_up": may_give_up(actor, application, view),
            "reason": REASON.blank(),
            "asked": "",
        }


def _sources(db: Session, view: PaymentView) -> list[tuple[str, UUID, int]]:
    """The receipts whose fen this payment carries: number, id, how many fen."""
    if view.state not in (PaymentState.PAID, PaymentState.IN_TRANSIT, PaymentState.SUBMITTING, PaymentState.UNKNOWN):
        return []
    try:
        found = trace_ref(db, view.id)
    except NoTrace:
        return []
    amounts: dict[UUID, int] = {}
    for part in found.held:
        for source in part.sources:
            amounts[source.receipt_id] = amounts.get(source.receipt_id, 0) + source.amount_fen
    return [(queries.receipt(db, one).number, one, fen) for one, fen in amounts.items()]
