"""Pages of the panel: the list, one evaluation with its tasks, composing, declaring."""

from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.evaluation import commands, queries
from marketplace.evaluation.schemas import Eligible
from marketplace.evaluation.states import SEAT_NAMES, EvaluationAction
from marketplace.identity.rules import Parties, Relation, Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.projects.queries import parties
from marketplace.web.evaluation.forms import DECLARATION, PANEL, REASON
from marketplace.web.evaluation.views import shown, steps, tasks, told
from marketplace.web.forms import Form, Typed
from marketplace.web.i18n import gettext
from marketplace.web.pages import again, done

BASE = "/centre/evaluation"


class Evaluations(Controller):
    """评审: the list, and one evaluation."""

    path = BASE

    @get(sync_to_thread=True)
    def listed(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> Template:
        """The evaluations that concern the actor."""
        if not may(actor, Right.SCORE, {}):
            own = actor.organization_id
            require(actor, Right.READ_EVALUATION, {} if own is None else _both_sides(own))
        with database.read() as db:
            cards = queries.desk_list(db, actor)
        return shown("evaluation/list.html", cards=cards)

    @get("/{project_id:uuid}", sync_to_thread=True)
    def one(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], project_id: FromPath[UUID]
    ) -> Template:
        """One evaluation: who judges, what is judged, what is to be done."""
        with database.read() as db:
            view = queries.evaluation(db, actor, project_id)
        return shown("evaluation/show.html", view=view, steps=steps(view.state), tasks=tasks(view))


class Panels(Controller):
    """Composing the panel."""

    path = f"{BASE}/{{project_id:uuid}}/panel"

    @get(sync_to_thread=True)
    def blank(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], project_id: FromPath[UUID]
    ) -> Template:
        """The people who may be named, and how many must be."""
        with database.read() as db:
            context = _panel(db, actor, project_id)
        return shown("evaluation/panel.html", form=PANEL.blank(), dismissal=REASON.blank(), **context)

    @post(sync_to_thread=True)
    def appoint(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Appoint those who are named and draw the experts."""
        form = PANEL.read(typed)
        if form.data is not None:
            try:
                with database.write() as db:
                    commands.appoint(db, actor, project_id, form.data, now=clock.now())
            except DomainError as refusal:
                form = form.refused(refusal)
            else:
                return done(f"{BASE}/{project_id}", N_("评审成员已聘请，请各位成员登录声明是否回避。"))
        return self._again(database, actor, project_id, form, REASON.blank())

    @post("/{member_id:uuid}/dismissal", sync_to_thread=True)
    def dismiss(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        member_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Take somebody off the panel who has not declared."""
        form = REASON.read(typed)
        if form.data is not None:
            try:
                with database.write() as db:
                    commands.dismiss(db, actor, project_id, member_id, reason=form.data.reason, now=clock.now())
            except DomainError as refusal:
                form = form.refused(refusal)
            else:
                return done(f"{BASE}/{project_id}/panel", N_("已更换，请补足评审成员。"))
        return self._again(database, actor, project_id, PANEL.blank(), form)

    def _again(
        self, database: Database, actor: Actor, project_id: UUID, form: Form[Any], dismissal: Form[Any]
    ) -> Template:
        with database.read() as db:
            context = _panel(db, actor, project_id)
        context |= {"form": form, "dismissal": dismissal}
        return Template("evaluation/panel.html", context=told(context), status_code=422)


class Declarations(Controller):
    """A member's word that nothing keeps them from judging."""

    path = f"{BASE}/{{project_id:uuid}}/declaration"

    @get(sync_to_thread=True)
    def blank(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], project_id: FromPath[UUID]
    ) -> Template:
        """The bidders, and the two words one may say."""
        with database.read() as db:
            view = queries.evaluation(db, actor, project_id)
        if view.mine is None:
            raise NotFound
        return shown("evaluation/declaration.html", form=DECLARATION.blank(), view=view)

    @post(sync_to_thread=True)
    def declare(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Take the seat, or step back."""
        form = DECLARATION.read(typed)
        declaration = form.data
        if declaration is not None:
            try:
                with database.write() as db:
                    commands.declare(db, actor, project_id, declaration, now=clock.now())
            except DomainError as refusal:
                form = form.refused(refusal)
            else:
                if declaration.recuse:
                    return done(BASE, N_("您已回避，经办单位会另请成员。"))
                return done(f"{BASE}/{project_id}", N_("已声明无需回避。全体成员声明后开始审查。"))
        with database.read() as db:
            view = queries.evaluation(db, actor, project_id)
        return again("evaluation/declaration.html", form, **told({"view": view}))


def _both_sides(organization_id: UUID) -> Parties:
    return {Relation.BUYER: organization_id, Relation.PROCURING_ENTITY: organization_id}


def _panel(db: Session, actor: Actor, project_id: UUID) -> dict[str, Any]:
    """What the page of composing shows; only who may compose sees it."""
    project, _ = queries.visible(db, actor, project_id)
    require(actor, Right.COMPOSE_PANEL, parties(project))
    view = queries.evaluation(db, actor, project_id)
    sitting = {one.person_id for one in view.members}
    free = [one for one in queries.representatives(db, project) if one.person_id not in sitting]
    return {"view": view, "choices": [_choice(one) for one in free], "open": EvaluationAction.APPOINT in view.acts}


def _choice(one: Eligible) -> tuple[str, str, str]:
    """A person to tick: value, name, and for whom they would sit."""
    return str(one.person_id), one.name, f"{one.organization_name} · {gettext(SEAT_NAMES[one.kind])}"
