"""合同: lists and pages of both houses, where a contract is approved, sent back, signed, cancelled and published."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.contracts import commands, queries
from marketplace.contracts.schemas import Seen
from marketplace.contracts.states import Side
from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.flows import contracting, reading
from marketplace.flows.reading import DocumentKind
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.web.contracts.forms import REASON, SIGN
from marketplace.web.contracts.views import WORDS, names_of_funds, side_of, state_tag
from marketplace.web.forms import Form, Typed
from marketplace.web.pages import again, done, page
from marketplace.web.projects.files import file_answer

SIGNED = N_("您已签订。双方都签订后合同生效。")
IN_FORCE = N_("双方已签订，合同生效：资金已落实，首付款转为应付。请在法定期限内公告合同。")
WORD = {"return": N_("合同已退回起草人修改。"), "cancel": N_("合同已取消，可以重新起草。")}


class _House(Controller):
    """What both houses do with contracts; each at its own address."""

    path = "/contracts-of"
    supplier = False

    @get(sync_to_thread=True)
    def listed(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> Template:
        """The contracts that concern the actor's organization, what waits first."""
        with database.read() as db:
            ask = queries.supplier_contracts if self.supplier else queries.desk_contracts
            cards = ask(db, actor)
        return page("contracts/list.html", **WORDS, cards=cards, state_tag=state_tag, supplier=self.supplier)

    @get("/{contract_id:uuid}", sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
    ) -> Template:
        """One contract with all it says, and what the actor may do with it now."""
        with database.read() as db:
            context = self.context(db, actor, contract_id, clock)
        return page("contracts/show.html", **context)

    @get("/{contract_id:uuid}/preview", sync_to_thread=True)
    def preview(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
    ) -> Response[bytes]:
        """The contract as a PDF, as it would be printed today."""
        with database.read() as db:
            content = contracting.preview(db, actor, contract_id, now=clock.now())
        headers = {"content-disposition": "inline", "x-content-type-options": "nosniff", "cache-control": "no-store"}
        return Response(content, media_type="application/pdf", headers=headers)

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

    @post("/{contract_id:uuid}/sign", sync_to_thread=True)
    def sign(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Sign what is on the page; the second signature lets the contract take effect."""
        form, now = SIGN.read(typed), clock.now()
        if form.data is not None:
            seen = Seen(sha256=form.data.sha256)
            side = Side.SUPPLIER if self.supplier else Side.BUYER
            try:
                in_force = database.run(lambda db: contracting.sign(db, actor, contract_id, side, seen, now=now))
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return done(f"{self.path}/{contract_id}", IN_FORCE if in_force else SIGNED)
        return self.once_more(database, actor, contract_id, clock, form, "sign_form")

    @post("/{contract_id:uuid}/return", sync_to_thread=True)
    def send_back(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Send it back to its drafters, with a reason."""
        form, now = REASON.read(typed), clock.now()
        if form.data is not None:
            try:
                with database.write() as db:
                    commands.return_(db, actor, contract_id, reason=form.data.reason, now=now)
            except DomainError as refusal:
                form.refused(refusal)
            else:
                target = self.path if self.supplier else f"{self.path}/{contract_id}"
                return done(target, WORD["return"])
        return self.once_more(database, actor, contract_id, clock, form, "return_form")

    def once_more(
        self, database: Database, actor: Actor, contract_id: UUID, clock: Clock, form: Form[Any], name: str
    ) -> Template:
        """The page again with what was typed and what refused it."""
        with database.read() as db:
            context = self.context(db, actor, contract_id, clock)
        if name == "sign_form" and context["view"].paper is not None:  # who signs again has been told of the new paper
            form.texts["sha256"], form.texts["read"] = [context["view"].paper.sha256], [""]
        return again("contracts/show.html", form, **(context | {name: form}))

    def context(self, db: Session, actor: Actor, contract_id: UUID, clock: Clock) -> dict[str, Any]:
        """What the page of a contract shows.

        Raises:
            NotFound: there is no such contract for the actor, or not in this house.
            Forbidden: the actor's roles do not let them see it.
        """
        view = queries.contract(db, actor, contract_id, now=clock.now())
        if self.supplier != (actor.organization_id == view.facts.supplier_id):
            raise NotFound
        return {
            **WORDS,
            "view": view,
            "facts_": view.facts,
            "state_tag": state_tag(view.facts, supplier=self.supplier),
            "funds": names_of_funds(db, view.facts),
            "my_side": side_of(db, actor, view.facts),
            "carried": queries.milestones_of(db, contract_id),
            "base": f"{self.path}/{contract_id}",
            "supplier": self.supplier,
            "paying": False,
            "sign_form": SIGN.blank(sha256=view.paper.sha256 if view.paper else ""),
            "return_form": REASON.blank(),
            "cancel_form": REASON.blank(),
        }


class OrgContracts(_House):
    """我的合同: the supplier reads and signs."""

    path = "/org/contracts"
    supplier = True


class CentreContracts(_House):
    """合同: centre and buyer draft, approve, sign and publish."""

    path = "/centre/contracts"

    @post("/{contract_id:uuid}/submit", sync_to_thread=True)
    def submit(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
    ) -> Redirect:
        """Hand a draft in as it is saved."""
        with database.write() as db:
            number = commands.submit(db, actor, contract_id, now=clock.now())
        return done(f"{self.path}/{contract_id}", N_("合同已提交审批，合同编号 {number}。"), number=number)

    @post("/{contract_id:uuid}/approve", sync_to_thread=True)
    def approve(
        self,
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
    ) -> Redirect:
        """Approve it, and print the paper to sign."""
        with database.write() as db:
            contracting.approve(db, storage, actor, contract_id, now=clock.now())
        return done(f"{self.path}/{contract_id}", N_("合同已批准，正文已生成，双方可以阅读并签订。"))

    @post("/{contract_id:uuid}/cancel", sync_to_thread=True)
    def cancel(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Cancel it before both have signed, with a reason."""
        form, now = REASON.read(typed), clock.now()
        if form.data is not None:
            try:
                with database.write() as db:
                    commands.cancel(db, actor, contract_id, reason=form.data.reason, now=now)
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return done(f"{self.path}/{contract_id}", WORD["cancel"])
        return self.once_more(database, actor, contract_id, clock, form, "cancel_form")

    @post("/{contract_id:uuid}/publish", sync_to_thread=True)
    def publish(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
    ) -> Redirect:
        """Publish it."""
        with database.write() as db:
            commands.publish(db, actor, contract_id, now=clock.now())
        return done(f"{self.path}/{contract_id}", N_("合同公告已发布，项目页面可以看到。"))
