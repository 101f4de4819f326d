"""联办: a draft's co-organizers, and what one's own organization is asked to join."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.funds import queries as funds
from marketplace.identity.queries.organizations import find_organizations
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor, Function
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.projects import commands, queries
from marketplace.projects.schemas.joint import Agreeing, NewShare, Refusing, ShareView
from marketplace.projects.states import SHARE, ProjectState, ShareAction, ShareState
from marketplace.web.forms import FormKind, Typed
from marketplace.web.pages import again, done, page
from marketplace.web.projects.api import Made
from marketplace.web.projects.views import fund_label

HOME = "/centre/joint"
SHARE_WORDS: dict[str, Any] = {
    "ShareAction": ShareAction,
    "share_label": SHARE.label,
    "share_tones": {ShareState.PROPOSED: "yellow", ShareState.AGREED: "green", ShareState.REFUSED: "red"},
}
SHARE_FORM = FormKind(
    NewShare,
    labels={"organization_id": N_("联办单位"), "task": N_("承担的任务"), "amount_fen": N_("出资金额")},
    hints={"amount_fen": N_("从该单位自己的资金出，由其负责人确认并选定资金。")},
)
AGREE_FORM = FormKind(Agreeing, labels={"fund_id": N_("从哪笔资金出")})
REFUSE_FORM = FormKind(Refusing, labels={"reason": N_("不同意的理由")})


def draft_page(db: Session, actor: Actor, project_id: UUID, now: datetime) -> dict[str, Any]:
    """What the page of a project's co-organizers shows."""
    dossier = queries.dossier(db, actor, project_id, now=now)
    view, rows = dossier.project, queries.shares(db, actor, project_id)
    named = {view.buyer.id, *(one.organization_id for one in rows)}
    bodies = [one for one in find_organizations(db, function=Function.BUYER, limit=200) if one.id not in named]
    sides = {Relation.BUYER: view.buyer.id, Relation.PROCURING_ENTITY: view.procuring_entity.id}
    may_ask = view.state is ProjectState.DRAFT and may(actor, Right.DRAFT_PROJECT, sides)
    return {**SHARE_WORDS, "view": view, "rows": rows, "bodies": [(str(one.id), one.name) for one in bodies],
            "may_ask": may_ask}  # fmt: skip


def own_page(db: Session, actor: Actor) -> dict[str, Any]:
    """What the page of one's own shares shows."""
    rows = queries.own_shares(db, actor)
    own = [(str(one.id), fund_label(one)) for one in funds.funds(db, buyer_id=actor.organization_id, only_open=True)]
    return {**SHARE_WORDS, "rows": rows, "funds": own, "agree_form": AGREE_FORM.blank(),
            "refuse_form": REFUSE_FORM.blank()}  # fmt: skip


class JointDraft(Controller):
    """The co-organizers of one draft."""

    path = "/centre/projects/{project_id:uuid}/joint"

    @get(sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template:
        """Who takes part, with what."""
        with database.read() as db:
            context = draft_page(db, actor, project_id, clock.now())
        return page("projects/joint_draft.html", form=SHARE_FORM.blank(), **context)

    @post(sync_to_thread=True)
    def ask(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Ask an organization to take part."""
        form, now = SHARE_FORM.read(typed), clock.now()
        if form.data is not None:
            try:
                with database.write() as db:
                    commands.propose_share(db, actor, project_id, form.data, now=now)
            except DomainError as refusal:
                if refusal.kind is Kind.MISSING:
                    raise
                form.refused(refusal)
            else:
                return done(f"/centre/projects/{project_id}/joint", N_("已请联办单位的负责人确认。"))
        with database.read() as db:
            context = draft_page(db, actor, project_id, now)
        return again("projects/joint_draft.html", form, **context)

    @post("/{share_id:uuid}/remove", sync_to_thread=True)
    def remove(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        share_id: FromPath[UUID],
    ) -> Redirect:
        """Take one out."""
        with database.write() as db:
            commands.remove_share(db, actor, share_id, now=clock.now())
        return done(f"/centre/projects/{project_id}/joint", N_("已移除联办单位。"))


class Joint(Controller):
    """What one's own organization is asked to join."""

    path = HOME

    @get(sync_to_thread=True)
    def listed(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> Template:
        """Everything asked."""
        with database.read() as db:
            context = own_page(db, actor)
        return page("projects/joint.html", form=context["agree_form"], **context)

    @post("/{share_id:uuid}/agree", sync_to_thread=True)
    def agree(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        share_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Agree, and say from which fund."""
        form = AGREE_FORM.read(typed)
        if form.data is not None:
            with database.write() as db:
                commands.agree_share(db, actor, share_id, fund_id=form.data.fund_id, now=clock.now())
            return done(HOME, N_("已确认。资金在项目发布时预留。"))
        with database.read() as db:
            context = own_page(db, actor) | {"agree_form": form}
        return again("projects/joint.html", form, **context)

    @post("/{share_id:uuid}/refuse", sync_to_thread=True)
    def refuse(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        share_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Refuse, and say why."""
        form = REFUSE_FORM.read(typed)
        if form.data is not None:
            with database.write() as db:
                commands.refuse_share(db, actor, share_id, reason=form.data.reason, now=clock.now())
            return done(HOME, N_("已答复，起草人会看到理由。"))
        with database.read() as db:
            context = own_page(db, actor) | {"refuse_form": form}
        return again("projects/joint.html", form, **context)


class JointApi(Controller):
    """The same by program."""

    path = "/api/v1/desk/shares"
    tags = ["joint"]  # noqa: RUF012 - Litestar reads it from the class

    @get(sync_to_thread=True)
    def listed(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> tuple[ShareView, ...]:
        """What one's own organization is asked to join."""
        with database.read() as db:
            return queries.own_shares(db, actor)

    @post("/projects/{project_id:uuid}", sync_to_thread=True)
    def ask(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[NewShare],
    ) -> Made:
        """Ask an organization to take part in a draft."""
        with database.write() as db:
            return Made(id=commands.propose_share(db, actor, project_id, data, now=clock.now()))

    @post("/{share_id:uuid}/agree", status_code=204, sync_to_thread=True)
    def agree(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        share_id: FromPath[UUID],
        data: JSONBody[Agreeing],
    ) -> None:
        """Agree, and say from which fund."""
        with database.write() as db:
            commands.agree_share(db, actor, share_id, fund_id=data.fund_id, now=clock.now())

    @post("/{share_id:uuid}/refuse", status_code=204, sync_to_thread=True)
    def refuse(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        share_id: FromPath[UUID],
        data: JSONBody[Refusing],
    ) -> None:
        """Refuse, and say why."""
        with database.write() as db:
            commands.refuse_share(db, actor, share_id, reason=data.reason, now=clock.now())

    @delete("/{share_id:uuid}", status_code=204, sync_to_thread=True)
    def remove(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        share_id: FromPath[UUID],
    ) -> None:
        """Take one out of a draft."""
        with database.write() as db:
            commands.remove_share(db, actor, share_id, now=clock.now())
