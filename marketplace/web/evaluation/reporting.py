"""Pages of the report and the decision: ranking with every member's points, opinion, signatures, award, publication."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec import Struct
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.evaluation import commands, queries
from marketplace.evaluation.queries.parts import members_of, price_weight_bp, quality, sheet_of
from marketplace.evaluation.states import DECLARED
from marketplace.flows import awarding
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.web.evaluation.forms import OPINION, REASON, SIGNATURE
from marketplace.web.evaluation.pages import BASE
from marketplace.web.evaluation.views import told
from marketplace.web.forms import Form, FormKind, Typed
from marketplace.web.pages import done


class NoForm(Struct, frozen=True, kw_only=True):
    """A form that asks for nothing but a decision."""


DECISION = FormKind(NoForm, labels={})
FORMS: Mapping[str, FormKind[Any]] = {
    "opinion": OPINION,
    "signature": SIGNATURE,
    "decision": DECISION,
    "decline": REASON,
    "publication": DECISION,
}
"""The forms of the page by their names."""


class Reports(Controller):
    """评审报告: read, write, sign; then decide and publish."""

    path = f"{BASE}/{{project_id:uuid}}/report"

    @get(sync_to_thread=True)
    def report(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template:
        """The ranking and all that the report says."""
        with database.read() as db:
            return _page(db, actor, project_id, clock)

    @post("/{act:str}", sync_to_thread=True)
    def act(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        act: FromPath[str],
    ) -> Template | Redirect:
        """Write the opinion, sign, decide, decline or publish."""
        if act not in FORMS:
            raise NotFound
        form: Form[Any] = FORMS[act].read(typed)
        if form.data is not None:
            try:
                with database.write() as db:
                    word = _do(db, actor, project_id, act, form.data, clock)
            except DomainError as refusal:
                form = form.refused(refusal)
            else:
                return done(f"{BASE}/{project_id}/report" if act != "decline" else f"{BASE}/{project_id}", word)
        with database.read() as db:
            return _page(db, actor, project_id, clock, act, form)


def _do(db: Session, actor: Actor, project_id: UUID, act: str, data: Any, clock: Clock) -> str:
    """The act, and the word of success."""
    now = clock.now()
    if act == "opinion":
        commands.write_report(db, actor, project_id, data.opinion, now=now)
        return N_("评审报告已写好，请各位成员签署。")
    if act == "signature":
        commands.sign_report(db, actor, project_id, data, now=now)
        return N_("已签署。全体成员签署后，报告送交负责人确定结果。")
    if act == "decision":
        awarding.decide(db, actor, project_id, now=now)
        return N_("结果已确定，请公告。")
    if act == "decline":
        awarding.decline(db, actor, project_id, reason=data.reason, now=now)
        return N_("已决定不成交，项目已公告未成交，预留资金已退回。")
    awarding.publish_result(db, actor, project_id, now=now)
    return N_("结果已公告，全体响应单位已收到通知。")


def _page(
    db: Session, actor: Actor, project_id: UUID, clock: Clock, act: str = "", form: Form[Any] | None = None
) -> Template:
    view = queries.evaluation(db, actor, project_id)
    if not view.ranking:
        raise NotFound
    blank: dict[str, Form[Any]] = {
        "opinion": OPINION.blank(opinion=view.opinion),
        "signature": SIGNATURE.blank(digest=view.report_digest),
        "decision": DECISION.blank(),
        "decline": REASON.blank(),
        "publication": DECISION.blank(),
    }
    if form is not None:
        blank[act] = form
    judges = [one for one in view.members if one.state in DECLARED]
    criteria = quality(db, project_id)
    sheets = {one.id: sheet_of(db, one.id) for one in members_of(db, project_id) if one.state in DECLARED}
    context = {
        "view": view,
        "forms": blank,
        "judges": judges,
        "criteria": criteria,
        "sheets": sheets,
        "price_weight": price_weight_bp(db, project_id),
        "result": queries.public_result(db, project_id),
        "late": view.decide_by is not None and view.award is None and legal_day(clock.now()) > view.decide_by,
    }
    failed = form is not None and bool(form.errors)
    return Template("evaluation/report.html", context=told(context), status_code=422 if failed else 200)
