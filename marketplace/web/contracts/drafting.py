"""The pages on which a contract is begun and written."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.contracts import commands, queries
from marketplace.contracts.queries.contract_paper import frame
from marketplace.contracts.rules import gates
from marketplace.contracts.rules.refusals import ContractExists
from marketplace.contracts.schemas import ContractView
from marketplace.contracts.states import CONTRACT, ContractAction
from marketplace.db.base import Database
from marketplace.evaluation.queries import award_of
from marketplace.flows import contracting
from marketplace.identity.queries.organizations import organization
from marketplace.identity.rules import Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError, NotFound, Stale
from marketplace.kit.i18n import N_
from marketplace.projects import queries as projects
from marketplace.web.contracts.forms import TERMS, Written, form_of
from marketplace.web.contracts.views import WORDS, names_of_funds, state_tag
from marketplace.web.forms import Form, Typed
from marketplace.web.i18n import sentence
from marketplace.web.pages import again, done, onward, page


class Beginning(Controller):
    """From an award to the draft of its contract."""

    path = "/centre/projects/{project_id:uuid}/contract"

    @get(sync_to_thread=True)
    def shown(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], project_id: FromPath[UUID]
    ) -> Template | Redirect:
        """What the contract will be made of; the contract itself once there is one."""
        with database.read() as db:
            row = projects.readable(db, actor, project_id)
            require(actor, Right.READ_CONTRACT, projects.parties(row))
            known, award = queries.contract_of(db, project_id), award_of(db, project_id)
            view = projects.project(db, project_id, now=row.updated_at) if row.published_at else None
            supplier = organization(db, award.organization_id).name if award else ""
            drafts = may(actor, Right.DRAFT_CONTRACT, projects.parties(row))
        if known is not None:
            return onward(f"/centre/contracts/{known.id}")
        if view is None:
            raise NotFound
        return page("contracts/begin.html", **WORDS, view=view, award=award, supplier=supplier, drafts=drafts)

    @post(sync_to_thread=True)
    def begin(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Redirect:
        """Begin the draft, its clauses filled in."""
        try:
            with database.write() as db:
                contract_id = contracting.draft(db, actor, project_id, now=clock.now())
        except ContractExists:  # a second press, or a colleague was faster: to the contract there is
            with database.read() as db:
                known = queries.contract_of(db, project_id)
            if known is None:
                raise
            return done(f"/centre/contracts/{known.id}", N_("这个项目已有合同，已为您打开。"))
        return done(
            f"/centre/contracts/{contract_id}/edit", N_("合同草稿已建好，条款已按项目和响应文件填入，请逐条核对。")
        )


class Drafting(Controller):
    """The one page on which the clauses are written."""

    path = "/centre/contracts/{contract_id:uuid}/edit"

    @get(sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
    ) -> Template:
        """The clauses as they are stored, with what is still missing."""
        with database.read() as db:
            context = _editing(db, actor, contract_id, now=clock.now())
        return page("contracts/edit.html", form=form_of(context["view"]), **context)

    @post(sync_to_thread=True)
    def save(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        contract_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Save the clauses, or save them and hand them in; nothing typed is lost."""
        form, now, hand_in = TERMS.read(typed), clock.now(), typed.one("_do") == "submit"
        refusal: DomainError | None = None
        with database.read() as db:
            count = len(_editing(db, actor, contract_id, now=now)["view"].milestones)
        if form.data is not None:
            refusal = _kept(database, actor, contract_id, form, count, now=now, hand_in=hand_in)
            if refusal is None and hand_in:
                return done(f"/centre/contracts/{contract_id}", N_("合同已提交审批。"))
            if refusal is None:
                return done(f"/centre/contracts/{contract_id}/edit", N_("合同草稿已保存。"))
            form.refused(refusal)
        with database.read() as db:
            context = _editing(db, actor, contract_id, now=now)
        if isinstance(refusal, Stale):  # who saves again has been told, and has both before them
            form.texts["version"] = [str(context["view"].version)]
        return again("contracts/edit.html", form, **context)


def _kept(
    database: Database,
    actor: Actor,
    contract_id: UUID,
    form: Form[Written],
    count: int,
    *,
    now: datetime,
    hand_in: bool,
) -> DomainError | None:
    """Write the draft and perhaps hand it in; returns what refused it. What was written stays, though not handed in."""
    written, version = form.data, form.value("version")
    assert written is not None  # noqa: S101 - the caller has looked
    read = int(version) if version.isdecimal() else -1
    try:
        with database.write() as db:
            fresh = commands.edit(db, actor, contract_id, written.terms(count), version=read, now=now)
        form.texts["version"] = [str(fresh)]
        if hand_in:
            with database.write() as db:
                commands.submit(db, actor, contract_id, now=now)
    except DomainError as refusal:
        return refusal
    return None


def _editing(db: Session, actor: Actor, contract_id: UUID, *, now: datetime) -> dict[str, Any]:
    """What the page shows beside the form.

    Raises:
        NotFound: there is no such contract for the actor.
        Forbidden: the actor may not draft it.
        IllegalMove: it is no draft.
    """
    view: ContractView = queries.contract(db, actor, contract_id, now=now)
    row = queries.readable(db, actor, contract_id)
    require(actor, Right.DRAFT_CONTRACT, queries.parties(row))
    CONTRACT.after(row.state, ContractAction.EDIT)
    missing = gates(queries.terms_of(row), frame(db, row), today=legal_day(now))
    return {
        **WORDS,
        "view": view,
        "state_tag": state_tag(view.facts),
        "funds": names_of_funds(db, view.facts),
        "missing": [(one.field, sentence(one)) for one in missing],
    }
