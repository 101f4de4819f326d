"""A further row of a rule: typed, shown with the projects it touches, and only then entered."""

from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.identity.rules import Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError, raise_all
from marketplace.kit.i18n import N_
from marketplace.kit.money import FEN_PER_YUAN
from marketplace.procedures import commands, queries
from marketplace.procedures.rules import METHODS, Rule
from marketplace.procedures.rules.amending import check_amendment
from marketplace.procedures.schemas import RuleAmendment
from marketplace.procedures.states import RuleUnit
from marketplace.projects.queries.governed import GovernedProject, governed, keeping
from marketplace.projects.states import PROJECT
from marketplace.web.forms import FormKind, Typed
from marketplace.web.pages import again, done, page
from marketplace.web.procedures import words

PAGE = "procedures/new.html"
CONFIRM = "_confirm"
NEW_ROW = FormKind(
    RuleAmendment,
    labels={
        "value": N_("数值"),
        "basis": N_("依据"),
        "valid_from": N_("生效日期"),
        "valid_to": N_("失效日期"),
        "confirmed": N_("已与原文核对"),
        "note": N_("说明"),
        "reason": N_("录入理由"),
    },
    hints={
        "basis": N_("写明文件名称、文号和条款。"),
        "valid_from": N_("须晚于今天；已发布的项目按发布当日的规则。"),
        "valid_to": N_("长期有效的留空。"),
        "confirmed": N_("没有核对的，页面上标△，以主管部门确认为准。"),
    },
)
"""The form of a further row; money is typed in yuan."""


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """What a further row means: ``governed`` follow it when they are published, ``keeping`` do not; the edition."""

    governed: tuple[GovernedProject, ...]
    keeping: tuple[GovernedProject, ...]
    version: int | None = None


def touched(db: Session, actor: Actor, rows: tuple[Rule, ...], new: RuleAmendment, *, clock: Clock) -> Touched:
    """The projects beside a row that may be entered.

    Raises:
        Several: what is wrong with the row, each at its field.
    """
    today = legal_day(clock.now())
    raise_all(check_amendment(rows, value=new.value, valid_from=new.valid_from, valid_to=new.valid_to, today=today))
    method = rows[0].method
    return Touched(
        governed=governed(db, actor, method=method, first_day=new.valid_from),
        keeping=keeping(db, actor, method=method),
    )


class AmendingPages(Controller):
    """Adding a row to the rules."""

    path = "/rules"

    @get("/{rule_id:str}/new", sync_to_thread=True)
    def blank(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], rule_id: FromPath[str]
    ) -> Template:
        """The form, with what holds now beside it."""
        require(actor, Right.EDIT_RULES, {})
        with database.read() as db:
            rows = queries.amendable(db, rule_id)
        return page(PAGE, form=NEW_ROW.blank(), **_beside(rows), found=None)

    @post("/{rule_id:str}/new", sync_to_thread=True)
    def add(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        typed: NamedDependency[Typed],
        rule_id: FromPath[str],
    ) -> Template | Redirect:
        """First the projects that the row touches, then, confirmed, the row itself."""
        require(actor, Right.EDIT_RULES, {})
        form = NEW_ROW.read(typed)
        with database.read() as db:
            rows = queries.amendable(db, rule_id)
            if form.data is None:
                return again(PAGE, form, **_beside(rows), found=None)
            new = _in_fen(form.data, rows[0])
            try:
                found = touched(db, actor, rows, new, clock=clock)
            except DomainError as refusal:
                return again(PAGE, form.refused(refusal), **_beside(rows), found=None)
        if not typed.one(CONFIRM):
            return page(PAGE, form=form, **_beside(rows), found=found)
        try:
            with database.write() as db:
                version = commands.amend_rule(db, actor, rule_id, new, now=clock.now())
        except DomainError as refusal:
            return again(PAGE, form.refused(refusal), **_beside(rows), found=None)
        return done(f"/rules/{rule_id}", N_("已录入规则第 {version} 版。"), version=version)


def _beside(rows: tuple[Rule, ...]) -> dict[str, object]:
    return {
        "rule": rows[0],
        "rows": rows,
        "words": words,
        "methods": METHODS,
        "machine": PROJECT,
        "money": _money(rows[0]),
    }


def _money(rule: Rule) -> bool:
    return rule.unit is RuleUnit.FEN


def _in_fen(new: RuleAmendment, rule: Rule) -> RuleAmendment:
    """The row in the rule's own unit: an amount was typed in yuan."""
    if not _money(rule):
        return new
    return msgspec.structs.replace(new, value=(new.value * Decimal(FEN_PER_YUAN)).normalize())


class AmendingApi(Controller):
    """Adding a row to the rules, as JSON."""

    path = "/api/v1/rules"
    tags = ("rules",)

    @post("/{rule_id:str}/rows", sync_to_thread=True)
    def add(
        self,
        data: JSONBody[RuleAmendment],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        rule_id: FromPath[str],
        dry: Annotated[bool, QueryParameter(description="only say which projects it touches")] = False,
    ) -> Touched:
        """Add a row, or only ask what it touches; nothing earlier changes and published projects keep their rules."""
        require(actor, Right.EDIT_RULES, {})
        with database.write() as db:
            found = touched(db, actor, queries.amendable(db, rule_id), data, clock=clock)
            if dry:
                return found
            version = commands.amend_rule(db, actor, rule_id, data, now=clock.now())
            return msgspec.structs.replace(found, version=version)
