"""Pages of the judging: check each bid, confirm the checks, score alone on one's own sheet."""

from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec import Struct
from sqlalchemy.orm import Session

from marketplace.bids.queries import opened_bid
from marketplace.bids.states import BidState
from marketplace.db.base import Database
from marketplace.evaluation import commands, queries
from marketplace.evaluation.queries.parts import quality, sheet_of
from marketplace.evaluation.states import DECLARED, MemberState
from marketplace.flows import awarding
from marketplace.flows.opening import ENOUGH
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.projects.queries import conditions
from marketplace.web.evaluation import forms
from marketplace.web.evaluation.pages import BASE
from marketplace.web.evaluation.views import shown, told
from marketplace.web.forms import Form, FormKind, Typed
from marketplace.web.pages import again, done

DRAFT = "draft"
"""What the button that only saves sends under ``act``."""


class NoForm(Struct, frozen=True, kw_only=True):
    """A form that asks for nothing but a decision."""


CONFIRM = FormKind(NoForm, labels={})


class Checks(Controller):
    """资格与符合性审查: one page a bid, and the confirmation by another member."""

    path = f"{BASE}/{{project_id:uuid}}/checks"

    @get(sync_to_thread=True)
    def listed(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], project_id: FromPath[UUID]
    ) -> Template:
        """All bids with what was found of them."""
        with database.read() as db:
            view = queries.evaluation(db, actor, project_id)
        return shown("evaluation/checks.html", view=view, form=CONFIRM.blank())

    @post("/confirmation", sync_to_thread=True)
    def confirm(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Confirm all findings: scoring begins, or the project has failed."""
        try:
            with database.write() as db:
                outcome = awarding.confirm_checks(db, actor, project_id, now=clock.now())
        except DomainError as refusal:
            form = CONFIRM.blank().refused(refusal)
            with database.read() as db:
                view = queries.evaluation(db, actor, project_id)
            return again("evaluation/checks.html", form, **told({"view": view}))
        word = N_("审查结果已复核，可以开始打分。") if outcome in ENOUGH else N_("有效响应不足，项目已公告未成交。")
        return done(f"{BASE}/{project_id}", word)

    @get("/{bid_id:uuid}", sync_to_thread=True)
    def blank(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        project_id: FromPath[UUID],
        bid_id: FromPath[UUID],
    ) -> Template:
        """One bid against every condition, beside what the bidder says to it."""
        with database.read() as db:
            context, form = _check_page(db, actor, project_id, bid_id)
        return shown("evaluation/check.html", form=form, **context)

    @post("/{bid_id:uuid}", sync_to_thread=True)
    def record(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        bid_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Record what was found."""
        with database.read() as db:
            context, _ = _check_page(db, actor, project_id, bid_id)
        asked = context["asked"]
        form = forms.check_kind(asked).read(typed)
        if form.data is not None:
            try:
                with database.write() as db:
                    new = forms.new_check(asked, form.data)
                    commands.check_bid(db, actor, project_id, bid_id, new, now=clock.now())
            except DomainError as refusal:
                form = form.refused(forms.moved(refusal, forms.check_spots(asked)))
            else:
                return done(f"{BASE}/{project_id}/checks", N_("审查结果已记录。"))
        return again("evaluation/check.html", form, **told(context))


def _check_page(db: Session, actor: Actor, project_id: UUID, bid_id: UUID) -> tuple[dict[str, Any], Form[Any]]:
    view = queries.evaluation(db, actor, project_id)
    line = next((bid for bid in view.bids if bid.bid_id == bid_id), None)
    if line is None or view.mine is None or view.mine.state not in DECLARED:
        raise NotFound
    asked, said = conditions(db, project_id), opened_bid(db, bid_id).content.conditions
    context = {"view": view, "line": line, "asked": asked, "said": said}
    return context, forms.check_form(asked, line.check)


class Scores(Controller):
    """打分: one's own sheet and nobody else's."""

    path = f"{BASE}/{{project_id:uuid}}/scores"

    @get(sync_to_thread=True)
    def sheet(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], project_id: FromPath[UUID]
    ) -> Template:
        """The criteria against the bids, with the draft that was saved."""
        with database.read() as db:
            context, form = _sheet_page(db, actor, project_id)
        return shown("evaluation/scores.html", form=form, **context)

    @post(sync_to_thread=True)
    def save(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Save the draft, or hand the sheet in and lock it."""
        with database.read() as db:
            context, _ = _sheet_page(db, actor, project_id)
        bids, criteria = context["bid_ids"], context["criteria"]
        form = forms.sheet_kind(bids, criteria).read(typed)
        if form.data is None:
            return again("evaluation/scores.html", form, **told(context))
        sheet, is_draft = forms.sheet_of(bids, criteria, form.data), typed.one("act") == DRAFT
        try:
            with database.write() as db:
                commands.save_scores(db, actor, project_id, sheet, now=clock.now())
            if not is_draft:
                with database.write() as db:
                    commands.submit_scores(db, actor, project_id, sheet, now=clock.now())
        except DomainError as refusal:
            form = form.refused(forms.moved(refusal, forms.sheet_spots(bids, criteria)))
            return again("evaluation/scores.html", form, **told(context))
        if is_draft:
            return done(f"{BASE}/{project_id}/scores", N_("草稿已保存，只有您自己看得到。"))
        return done(f"{BASE}/{project_id}", N_("评分已提交并锁定。全体成员提交后汇总排名。"))


def _sheet_page(db: Session, actor: Actor, project_id: UUID) -> tuple[dict[str, Any], Form[Any]]:
    view = queries.evaluation(db, actor, project_id)
    if view.mine is None or view.mine.state not in DECLARED or view.checked_at is None:
        raise NotFound
    bids = [bid for bid in view.bids if bid.state is BidState.VALID]
    ids, criteria = [bid.bid_id for bid in bids], quality(db, project_id)
    given = sheet_of(db, view.mine.id)
    context = {
        "view": view,
        "bids": bids,
        "bid_ids": ids,
        "criteria": criteria,
        "choices": [forms.step_choices(one) for one in criteria],
        "given": given,
        "locked": view.mine.state is not MemberState.SEATED,
        "filled": sum(one.points_bp is not None and bool(one.reason) for one in given.values()),
        "own_totals": _own_totals(ids, given),
    }
    return context, forms.sheet_form(ids, criteria, given)


def _own_totals(bids: list[UUID], given: Any) -> list[int]:
    """What the actor's own points of each bid add up to so far, in hundredths."""
    return [sum(one.points_bp or 0 for (bid_id, _), one in given.items() if bid_id == bid) for bid in bids]
