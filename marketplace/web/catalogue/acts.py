"""The acts on an edition as data: which form they ask for, whose right they are, which verb they call."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.catalogue import commands
from marketplace.catalogue.states import EditionAction
from marketplace.identity.rules import Right
from marketplace.kit.actor import Actor
from marketplace.kit.i18n import N_
from marketplace.web.catalogue.forms import CONSULT, EXPERT, PUBLISH, REASON
from marketplace.web.forms import FormKind


class Act(NamedTuple):
    """An act that asks for something; texts are message ids."""

    form: FormKind[Any]
    right: Right
    title: str
    hint: str
    button: str
    word: str
    verb: Callable[[Session, Actor, UUID, Any, datetime], object]


ACTS: Mapping[str, Act] = {
    EditionAction.CONSULT.value: Act(
        CONSULT, Right.EDIT_CATALOGUE, N_("公开征求意见"),
        N_("期间条目不能修改，任何人都可以提意见；至少 7 天（平台做法），一般 30 天。"),
        N_("开始征求意见"), N_("草案已公开，开始征求意见。"),
        lambda db, actor, version_id, data, now: commands.consult(db, actor, version_id, data, now=now),
    ),
    EditionAction.WITHDRAW.value: Act(
        REASON, Right.EDIT_CATALOGUE, N_("撤回草案"),
        N_("撤回后不能恢复，现行目录不变。已经征求过意见的，理由会公开。"),
        N_("撤回草案"), N_("草案已撤回。"),
        lambda db, actor, version_id, data, now: commands.withdraw_edition(
            db, actor, version_id, reason=data.reason, now=now
        ),
    ),
    EditionAction.RETURN.value: Act(
        REASON, Right.PUBLISH_CATALOGUE, N_("退回修改"), N_("草案退回到专家论证阶段，起草人会收到理由。"),
        N_("退回修改"), N_("草案已退回。"),
        lambda db, actor, version_id, data, now: commands.return_edition(
            db, actor, version_id, reason=data.reason, now=now
        ),
    ),
    EditionAction.PUBLISH.value: Act(
        PUBLISH, Right.PUBLISH_CATALOGUE, N_("发布目录"),
        N_("施行之日起，新项目从本版目录起草；已经起草的项目保留原来的目录版本。"),
        N_("发布"), N_("目录已发布。"),
        lambda db, actor, version_id, data, now: commands.publish_edition(
            db, actor, version_id, in_force_on=data.in_force_on, now=now
        ),
    ),
    "expert": Act(
        EXPERT, Right.EDIT_CATALOGUE, N_("登记专家意见"), N_("照专家签字的书面意见登记，一位一条。"),
        N_("登记"), N_("专家意见已登记。"),
        lambda db, actor, version_id, data, now: commands.record_expert(db, actor, version_id, data, now=now),
    ),
}  # fmt: skip
PLAIN: Mapping[str, tuple[Callable[[Session, Actor, UUID, datetime], object], str]] = {
    EditionAction.REVIEW.value: (
        lambda db, actor, version_id, now: commands.review(db, actor, version_id, now=now),
        N_("已转入专家论证，条目可以按采纳的意见修改。"),
    ),
    EditionAction.SUBMIT.value: (
        lambda db, actor, version_id, now: commands.submit(db, actor, version_id, now=now),
        N_("已报请批准。请等待负责人审批。"),
    ),
    EditionAction.APPROVE.value: (
        lambda db, actor, version_id, now: commands.approve(db, actor, version_id, now=now),
        N_("目录已批准。请确定施行日期并发布。"),
    ),
}
"""Acts that ask for nothing: the verb and the word of success."""
