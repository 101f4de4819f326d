"""The finance desk's pages of money: funds with their balances, receipts with their serial numbers, corrections."""

from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.funds import commands, queries
from marketplace.funds.rules import INCOMES
from marketplace.funds.schemas import Correction, FundView
from marketplace.identity.queries.organizations import find_organizations
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import Actor, Function
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.web.forms import Typed
from marketplace.web.funds.forms import CORRECTION, NEW_FUND, NEW_RECEIPT, REASON
from marketplace.web.funds.tracing import places
from marketplace.web.funds.views import WORDS, Choices, DeskView, fund_page
from marketplace.web.pages import again, done, page


def _buyers(db: Session) -> list[tuple[str, str]]:
    return [(str(one.id), one.name) for one in find_organizations(db, function=Function.BUYER)]


def _readable(db: Session, actor: Actor, fund_id: UUID) -> FundView:
    view = queries.fund(db, fund_id)
    require(actor, Right.READ_FUNDS, queries.parties(view))
    return view


class FinanceFunds(Controller):
    """资金来源: what money there is, for whom and for what."""

    path = "/finance/funds"

    @get(sync_to_thread=True)
    def funds(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> Template:
        """The funds that the actor's office holds or may use, with what is left of each."""
        require(
            actor, Right.READ_FUNDS, {Relation.FINANCE: actor.organization_id, Relation.BUYER: actor.organization_id}
        )
        with database.read() as db:
            shown = queries.funds(db, concerning=actor.organization_id)
            recent = queries.receipts(db, holder_id=actor.organization_id, limit=20)
        may_open = may(actor, Right.OPEN_FUND, {Relation.FINANCE: actor.organization_id})
        return page("funds/desk.html", **WORDS, view=DeskView.of(shown, recent, may_open=may_open))

    @get("/new", sync_to_thread=True)
    def blank(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], clock: NamedDependency[Clock]
    ) -> Template:
        """The form for a new fund."""
        require(actor, Right.OPEN_FUND, {Relation.FINANCE: actor.organization_id})
        with database.read() as db:
            buyers = _buyers(db)
        return page(
            "funds/new.html", **WORDS, form=NEW_FUND.blank(year=legal_day(clock.now()).year), choices=Choices(buyers)
        )

    @post("/new", sync_to_thread=True)
    def create(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Open a fund."""
        form = NEW_FUND.read(typed)
        with database.read() as db:
            choices = Choices(_buyers(db))
        if form.data is None:
            return again("funds/new.html", form, **WORDS, choices=choices)
        try:
            with database.write() as db:
                fund_id = commands.open_fund(db, actor, form.data, now=clock.now())
        except DomainError as refusal:
            return again("funds/new.html", form.refused(refusal), **WORDS, choices=choices)
        return done(f"/finance/funds/{fund_id}", N_("资金已建立，可以登记到账了。"))

    @get("/{fund_id:uuid}", sync_to_thread=True)
    def fund(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], fund_id: FromPath[UUID]
    ) -> Template:
        """One fund: terms, balances, receipts with the serial numbers of their fen."""
        with database.read() as db:
            view = _readable(db, actor, fund_id)
            receipts = queries.receipts(db, fund_id=fund_id)
        return page("funds/fund.html", **WORDS, view=fund_page(view, receipts, actor), form=REASON.blank())

    @post("/{fund_id:uuid}/{action:str}", sync_to_thread=True)
    def turn(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        fund_id: FromPath[UUID],
        action: FromPath[str],
    ) -> Template | Redirect:
        """Close a fund, or take it back into use."""
        verb = {"close": commands.close_fund, "reopen": commands.reopen_fund}.get(action)
        if verb is None:
            raise NotFound
        form = REASON.read(typed)
        with database.read() as db:
            view = fund_page(_readable(db, actor, fund_id), queries.receipts(db, fund_id=fund_id), actor)
        if form.data is None:
            return again("funds/fund.html", form, **WORDS, view=view)
        try:
            with database.write() as db:
                verb(db, actor, fund_id, reason=form.data.reason, now=clock.now())
        except DomainError as refusal:
            return again("funds/fund.html", form.refused(refusal), **WORDS, view=view)
        return done(f"/finance/funds/{fund_id}", N_("资金状态已更新。"))

    @get("/{fund_id:uuid}/receipts/new", sync_to_thread=True)
    def blank_receipt(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], fund_id: FromPath[UUID]
    ) -> Template:
        """The form for income into a fund."""
        with database.read() as db:
            view = _readable(db, actor, fund_id)
        require(actor, Right.RECORD_RECEIPT, queries.parties(view))
        kinds = sorted(INCOMES[view.source])
        return page("funds/receipt_new.html", **WORDS, form=NEW_RECEIPT.blank(kind=kinds[0]), fund=view, kinds=kinds)

    @post("/{fund_id:uuid}/receipts/new", sync_to_thread=True)
    def receive(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        fund_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Record income."""
        form = NEW_RECEIPT.read(typed)
        with database.read() as db:
            view = _readable(db, actor, fund_id)
        kinds = sorted(INCOMES[view.source])
        if form.data is None:
            return again("funds/receipt_new.html", form, **WORDS, fund=view, kinds=kinds)
        try:
            with database.write() as db:
                receipt_id = commands.receive(db, actor, form.data.receipt(fund_id), now=clock.now())
        except DomainError as refusal:
            return again("funds/receipt_new.html", form.refused(refusal), **WORDS, fund=view, kinds=kinds)
        return done(f"/finance/receipts/{receipt_id}", N_("到账已登记，每一分钱都有了编号。"))


class FinanceReceipts(Controller):
    """One receipt: its paper, its fen, and its correction."""

    path = "/finance/receipts/{receipt_id:uuid}"

    @get(sync_to_thread=True)
    def receipt(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], receipt_id: FromPath[UUID]
    ) -> Template:
        """The receipt with the range of serial numbers, where its fen are now, and what it replaced."""
        with database.read() as db:
            view = queries.receipt(db, receipt_id)
            fund = _readable(db, actor, view.fund_id)
            shown = places(db, receipt_id)
        may_correct = may(actor, Right.CORRECT_RECEIPT, queries.parties(fund))
        return page("funds/receipt.html", **WORDS, receipt=view, fund=fund, places=shown, may_correct=may_correct)

    @get("/correct", sync_to_thread=True)
    def blank_correction(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], receipt_id: FromPath[UUID]
    ) -> Template:
        """The form for a correction, filled with what stands."""
        with database.read() as db:
            view = queries.receipt(db, receipt_id)
            fund = _readable(db, actor, view.fund_id)
        require(actor, Right.CORRECT_RECEIPT, queries.parties(fund))
        form = CORRECTION.blank(
            kind=view.kind,
            amount_fen=view.amount_fen,
            value_date=view.value_date,
            document_no=view.document_no,
            payer=view.payer,
            hide_payer=not view.disclose_payer,
            note=view.note,
        )
        return page(
            "funds/receipt_correct.html",
            **WORDS,
            form=form,
            receipt=view,
            fund=fund,
            kinds=sorted(INCOMES[fund.source]),
        )

    @post("/correct", sync_to_thread=True)
    def correct(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        receipt_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Void the receipt and record what it should have been."""
        form = CORRECTION.read(typed)
        with database.read() as db:
            view = queries.receipt(db, receipt_id)
            fund = _readable(db, actor, view.fund_id)
        kinds = sorted(INCOMES[fund.source])
        if form.data is None:
            return again("funds/receipt_correct.html", form, **WORDS, receipt=view, fund=fund, kinds=kinds)
        correction = Correction(receipt=form.data.receipt(fund.id), reason=form.data.reason)
        try:
            with database.write() as db:
                new_id = commands.correct(db, actor, receipt_id, correction, now=clock.now())
        except DomainError as refusal:
            return again(
                "funds/receipt_correct.html", form.refused(refusal), **WORDS, receipt=view, fund=fund, kinds=kinds
            )
        return done(f"/finance/receipts/{new_id}", N_("已更正：原收据作废，新收据已登记。"))
