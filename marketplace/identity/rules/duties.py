"""Which duties and roles one person may never combine: two tables, and what follows for an organization's people."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from uuid import UUID

from marketplace.identity.rules.rights import RIGHT_LABELS, Right
from marketplace.kit.actor import Actor, Role
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_


class Duty(StrEnum):
    """A step that leaves its mark on a thing, so that some others are closed to the person who took it."""

    EDIT_CATALOGUE = "edit_catalogue"
    PUBLISH_CATALOGUE = "publish_catalogue"
    DRAFT_PROJECT = "draft_project"
    REVIEW_PROJECT = "review_project"
    APPROVE_PROJECT = "approve_project"
    BID = "bid"
    SCORE = "score"
    DECIDE_AWARD = "decide_award"
    DRAFT_CONTRACT = "draft_contract"
    APPROVE_CONTRACT = "approve_contract"
    REPORT_MILESTONE = "report_milestone"
    VERIFY_MILESTONE = "verify_milestone"
    ACCEPT_MILESTONE = "accept_milestone"
    PREPARE_PAYMENT = "prepare_payment"
    APPROVE_PAYMENT = "approve_payment"
    EXECUTE_PAYMENT = "execute_payment"
    RECONCILE = "reconcile"
    DRAFT_ROSTER = "draft_roster"
    APPROVE_ROSTER = "approve_roster"

    @property
    def right(self) -> Right:
        """The right that this duty is an exercise of; they bear the same name."""
        return Right(self.value)


_D, _R = Duty, Role
APPLY_APPROVE_PAY = N_("申请、审批、支付由不同的人办理")
BUY_ACCEPT = N_("采购与验收由不同的人办理")
JUDGE_APART = N_("评审人不得是响应方，也不决定结果")
DRAFT_REVIEW = N_("起草与审查由不同的人办理")
BOOKS_APART = N_("会计与出纳、付款与对账由不同的人办理")
INCOMPATIBLE: Mapping[frozenset[Duty], str] = {
    frozenset({_D.EDIT_CATALOGUE, _D.PUBLISH_CATALOGUE}): APPLY_APPROVE_PAY,
    frozenset({_D.DRAFT_PROJECT, _D.APPROVE_PROJECT}): APPLY_APPROVE_PAY,
    frozenset({_D.DRAFT_PROJECT, _D.REVIEW_PROJECT}): DRAFT_REVIEW,
    frozenset({_D.DRAFT_CONTRACT, _D.APPROVE_CONTRACT}): APPLY_APPROVE_PAY,
    frozenset({_D.DRAFT_ROSTER, _D.APPROVE_ROSTER}): APPLY_APPROVE_PAY,
    frozenset({_D.PREPARE_PAYMENT, _D.APPROVE_PAYMENT}): APPLY_APPROVE_PAY,
    frozenset({_D.APPROVE_PAYMENT, _D.EXECUTE_PAYMENT}): APPLY_APPROVE_PAY,
    frozenset({_D.PREPARE_PAYMENT, _D.EXECUTE_PAYMENT}): APPLY_APPROVE_PAY,
    frozenset({_D.DRAFT_PROJECT, _D.ACCEPT_MILESTONE}): BUY_ACCEPT,
    frozenset({_D.DECIDE_AWARD, _D.ACCEPT_MILESTONE}): BUY_ACCEPT,
    frozenset({_D.DRAFT_CONTRACT, _D.ACCEPT_MILESTONE}): BUY_ACCEPT,
    frozenset({_D.VERIFY_MILESTONE, _D.ACCEPT_MILESTONE}): BUY_ACCEPT,
    frozenset({_D.REPORT_MILESTONE, _D.VERIFY_MILESTONE}): BUY_ACCEPT,
    frozenset({_D.REPORT_MILESTONE, _D.ACCEPT_MILESTONE}): BUY_ACCEPT,
    frozenset({_D.BID, _D.SCORE}): JUDGE_APART,
    frozenset({_D.BID, _D.DECIDE_AWARD}): JUDGE_APART,
    frozenset({_D.SCORE, _D.DECIDE_AWARD}): JUDGE_APART,
    frozenset({_D.EXECUTE_PAYMENT, _D.RECONCILE}): BOOKS_APART,
}
"""Duties that one person may never combine on one thing, each with the rule that says so."""

ROLES_APART: Mapping[frozenset[Role], str] = {
    frozenset({_R.ACCOUNTANT, _R.CASHIER}): N_("会计与出纳不得由同一人兼任"),
    frozenset({_R.SYSTEM_ADMIN, _R.AUDIT_ADMIN}): N_("系统管理员与审计管理员不得由同一人兼任"),
    frozenset({_R.SYSTEM_ADMIN, _R.SECURITY_ADMIN}): N_("系统管理员与安全管理员不得由同一人兼任"),
    frozenset({_R.SECURITY_ADMIN, _R.AUDIT_ADMIN}): N_("安全管理员与审计管理员不得由同一人兼任"),
}
"""Roles that one person may not hold together: the first pair in one organization, administrators anywhere."""

ADMINISTRATORS = frozenset({_R.SYSTEM_ADMIN, _R.SECURITY_ADMIN, _R.AUDIT_ADMIN})
"""The three administrators (三员): only the security administrator appoints them, only in the operator."""


class DutiesClash(DomainError):
    """The same person already took an incompatible duty on the same thing."""

    kind, code = Kind.FORBIDDEN, "duties_clash"
    text = N_("您已在此事项上办理过「{done}」，不能再办理「{duty}」：{rule}。请由另一位同事办理。")


class RolesClash(DomainError):
    """Two roles that one person may not hold together."""

    kind, code = Kind.CONFLICT, "roles_clash"
    text = N_("{rule}。请改派其中一个岗位给另一位同事。")


def apart(actor: Actor, duty: Duty, done: Mapping[Duty, Iterable[UUID]]) -> None:
    """Refuse ``duty`` to whoever did an incompatible one; ``done`` names the people of each duty on the same thing.

    Raises:
        DutiesClash: the actor is among the people of an incompatible duty.
    """
    if actor.person_id is None:
        return
    for other, people in done.items():
        rule = INCOMPATIBLE.get(frozenset({duty, other}))
        if rule is not None and actor.person_id in set(people):
            raise DutiesClash(done=RIGHT_LABELS[other.right], duty=RIGHT_LABELS[duty.right], rule=rule)


def roles_fit(roles: Iterable[Role]) -> None:
    """Refuse a set of roles that holds an incompatible pair.

    Raises:
        RolesClash: names the pair.
    """
    held = frozenset(roles)
    for pair, rule in ROLES_APART.items():
        if pair <= held:
            raise RolesClash(field="roles", rule=rule)
