"""付款 at the finance desk: what stands where, asking for a payment, and the one page on which it is approved."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.flows import claiming
from marketplace.flows.claiming import Claim
from marketplace.funds import queries
from marketplace.funds.commands import approving
from marketplace.funds.queries.desk import payment_days
from marketplace.funds.queries.payable import claimable_count, funds_owing, parties_of
from marketplace.funds.queries.paying import Standing, counts, groups
from marketplace.funds.schemas import ApplicationView
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.ledger.rules import split_by_left
from marketplace.web.forms import Form, Typed
from marketplace.web.pages import again, done, page
from marketplace.web.payments.forms import INVOICE, REASON, Invoice
from marketplace.web.payments.views import WORDS, Tab, fund_lines, review

HERE = "/finance/payments"
State = Annotated[str, QueryParameter(name="state", max_length=20)]


def own(actor: Actor) -> dict[Relation, UUID | None]:
    """The relations in which the finance desk's pages may be read: whose money it is, or whose project."""
    mine = actor.organization_id
    return {Relation.FINANCE: mine, Relation.BUYER: mine, Relation.PROCURING_ENTITY: mine}


def readable(db: Session, actor: Actor, application_id: UUID) -> ApplicationView:
    """An application, for those whom it concerns.

    Raises:
        NotFound: there is none, or it is none of the actor's business.
        Forbidden: the actor's roles do not let them see payments.
    """
    view = queries.application(db, application_id)
    require(actor, Right.READ_PAYMENT, parties_of(view))
    return view


class Payments(Controller):
    """The list, by where payments stand."""

    path = HERE

    @get(sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        word: State = "",
    ) -> Template:
        """Payments that stand alike, with what is claimable first."""
        require(actor, Right.READ_PAYMENT, own(actor))
        holds = may(actor, Right.READ_PAYMENT, {Relation.FINANCE: actor.organization_id})
        with database.read() as db:
            counted = counts(db, actor)
            claimable = claimable_count(db, actor.organization_id) if holds and actor.organization_id else 0
            tabs = [Tab(one, claimable if one is Standing.CLAIMABLE else counted[one]) for one in Standing]
            chosen = (
                Standing(word)
                if word in set(Standing)
                else next((t.standing for t in tabs if t.count), tabs[0].standing)
            )
            claims = claiming.claims(db, actor) if holds and chosen is Standing.CLAIMABLE else []
            found = groups(db, actor, chosen)
            due_days = payment_days(db, legal_day(clock.now()))
        return page(
            "payments/list.html",
            **WORDS,
            tabs=tabs,
            chosen=chosen,
            claims=claims,
            claimable=claimable,
            due_days=due_days,
            groups=found,
            may_prepare=may(actor, Right.PREPARE_PAYMENT, {Relation.FINANCE: actor.organization_id}),
            may_execute=may(actor, Right.EXECUTE_PAYMENT, {Relation.FINANCE: actor.organization_id}),
        )

    @get("/new/{milestone_id:uuid}", sync_to_thread=True)
    def blank(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
    ) -> Template:
        """The form of an application, its amount what may still be asked for."""
        with database.read() as db:
            claim = claiming.claim(db, actor, milestone_id)
            context = _claim_page(db, actor, claim, clock)
        return page("payments/new.html", form=INVOICE.blank(amount_fen=claim.payable.free_fen), **context)

    @post("/new/{milestone_id:uuid}", sync_to_thread=True)
    def apply(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Hand the application in."""
        form = INVOICE.read(typed)
        with database.read() as db:
            claim = claiming.claim(db, actor, milestone_id)
            context = _claim_page(db, actor, claim, clock)
        if form.data is None:
            return again("payments/new.html", form, **context)
        new = form.data.application(milestone_id, claim.contract.supplier_id)
        try:
            made = database.run(lambda db: claiming.apply_for_milestone(db, actor, new, now=clock.now()))
        except DomainError as refusal:
            return again("payments/new.html", form.refused(refusal), **context)
        return done(f"{HERE}/applications/{made}", N_("付款申请已提交，等待审批。申请人不能审批自己的申请。"))


def _claim_page(db: Session, actor: Actor, claim: Claim, clock: Clock) -> dict[str, object]:
    """What stands beside the form of an application: the claim, and which fund would pay how much."""
    fund_ids = funds_owing(db, claim.milestone.id, claim.payable.holder_id)
    free = queries.free_of(db, claim.milestone.id, fund_ids)
    parts = split_by_left(claim.payable.free_fen, list(free.values()))
    amounts = [(fund_id, part) for fund_id, part in zip(free, parts, strict=True) if part]
    obligation = claiming.obligation_of(db, claim.milestone.id)
    now = clock.now()
    return {
        **WORDS,
        "claim": claim,
        "lines": fund_lines(db, actor, obligation.buyer_id, obligation.catalogue_codes, amounts, now),
        "today": legal_day(now),
    }


class Applications(Controller):
    """One payment application: 付款复核."""

    path = f"{HERE}/applications/{{application_id:uuid}}"

    @get(sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        application_id: FromPath[UUID],
    ) -> Template:
        """Contract, acceptance and invoice side by side, the funds with what binds them, and what the actor may do."""
        return page("payments/application.html", **_review_page(database, actor, clock, application_id))

    @post("/approve", sync_to_thread=True)
    def approve(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        application_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Approve it: a plain form, for money never leaves by a request that a page made by itself."""
        form = REASON.blank()
        try:
            database.run(lambda db: approving.approve_application(db, actor, application_id, now=clock.now()))
        except DomainError as refusal:
            return again(
                "payments/application.html",
                form.refused(refusal),
                **_review_page(database, actor, clock, application_id),
            )
        return done(f"{HERE}/applications/{application_id}", N_("付款已批准，等待出纳执行。"))

    @post("/{action:str}", sync_to_thread=True)
    def reasoned(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        application_id: FromPath[UUID],
        action: FromPath[str],
    ) -> Template | Redirect:
        """Send it back, or withdraw it, with a reason."""
        verbs = {
            "return": (approving.return_application, N_("已退回申请人补正。")),
            "cancel": (approving.cancel_application, N_("付款申请已撤销，应付款可以重新申请。")),
        }
        if action not in verbs:
            raise NotFound
        verb, word = verbs[action]
        form = REASON.read(typed)
        if form.data is not None:
            reason = form.data.reason
            try:
                database.run(lambda db: verb(db, actor, application_id, reason=reason, now=clock.now()))
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return done(f"{HERE}/applications/{application_id}", word)
        context = _review_page(database, actor, clock, application_id)
        return again("payments/application.html", form, **(context | {"asked": action}))

    @get("/mend", sync_to_thread=True)
    def mending(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        application_id: FromPath[UUID],
    ) -> Template:
        """The form of what was sent back, as it was typed."""
        context = _review_page(database, actor, clock, application_id)
        require(actor, Right.PREPARE_PAYMENT, parties_of(context["application"]))
        return page("payments/mend.html", form=_as_typed(context["application"]), **context)

    @post("/mend", sync_to_thread=True)
    def mend(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        application_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Hand it in again, put right."""
        form = INVOICE.read(typed)
        if form.data is not None:
            change = form.data.change()
            try:
                database.run(lambda db: claiming.resubmit(db, actor, application_id, change, now=clock.now()))
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return done(f"{HERE}/applications/{application_id}", N_("已补正并重新提交，等待审批。"))
        return again("payments/mend.html", form, **_review_page(database, actor, clock, application_id))


def _as_typed(view: ApplicationView) -> Form[Invoice]:
    return INVOICE.blank(
        amount_fen=view.amount_fen, invoice_no=view.invoice_no, invoice_on=view.invoice_on, note=view.note
    )


def _review_page(database: Database, actor: Actor, clock: Clock, application_id: UUID) -> dict[str, Any]:
    with database.read() as db:
        view = readable(db, actor, application_id)
        shown = review(db, actor, view, clock.now())
    return {**WORDS, "view": shown, "application": view, "reason": REASON.blank(), "asked": ""}
