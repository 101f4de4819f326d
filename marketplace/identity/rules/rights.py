"""Who may do what: one table, and the decisions read from it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.i18n import N_


class Right(StrEnum):
    """One thing that somebody may be allowed to do."""

    EDIT_CATALOGUE = "edit_catalogue"
    PUBLISH_CATALOGUE = "publish_catalogue"
    EDIT_RULES = "edit_rules"
    EDIT_SUPPLIER = "edit_supplier"
    READ_SUPPLIER = "read_supplier"
    QUALIFY_SUPPLIER = "qualify_supplier"
    DEBAR_SUPPLIER = "debar_supplier"
    DECLARE_FOR_SUPPLIER = "declare_for_supplier"
    DECLARE_INTEREST = "declare_interest"
    RECORD_INTEREST = "record_interest"
    READ_INTEREST = "read_interest"
    READ_FUNDS = "read_funds"
    OPEN_FUND = "open_fund"
    RECORD_RECEIPT = "record_receipt"
    CORRECT_RECEIPT = "correct_receipt"
    TRANSFER_FUNDS = "transfer_funds"
    HAND_IN_NEED = "hand_in_need"
    READ_NEED = "read_need"
    CURATE_NEED = "curate_need"
    CONFIRM_SHARE = "confirm_share"
    READ_PROJECT = "read_project"
    DRAFT_PROJECT = "draft_project"
    REVIEW_PROJECT = "review_project"
    APPROVE_PROJECT = "approve_project"
    PUBLISH_PROJECT = "publish_project"
    CANCEL_PROJECT = "cancel_project"
    ANSWER_QUESTION = "answer_question"
    TAKE_DOCUMENT = "take_document"
    ASK_QUESTION = "ask_question"
    BID = "bid"
    SUBMIT_BID = "submit_bid"
    READ_BID_PRICE = "read_bid_price"
    OPEN_BIDS = "open_bids"
    READ_BIDS = "read_bids"
    COMPOSE_PANEL = "compose_panel"
    SCORE = "score"
    READ_EVALUATION = "read_evaluation"
    DECIDE_AWARD = "decide_award"
    PUBLISH_RESULT = "publish_result"
    READ_CONTRACT = "read_contract"
    DRAFT_CONTRACT = "draft_contract"
    APPROVE_CONTRACT = "approve_contract"
    SIGN_AS_BUYER = "sign_as_buyer"
    SIGN_AS_SUPPLIER = "sign_as_supplier"
    PUBLISH_CONTRACT = "publish_contract"
    REPORT_MILESTONE = "report_milestone"
    VERIFY_MILESTONE = "verify_milestone"
    ACCEPT_MILESTONE = "accept_milestone"
    READ_PAYMENT = "read_payment"
    PREPARE_PAYMENT = "prepare_payment"
    APPROVE_PAYMENT = "approve_payment"
    EXECUTE_PAYMENT = "execute_payment"
    RECONCILE = "reconcile"
    RECORD_LEGAL_BASIS = "record_legal_basis"
    INVITE_DONOR = "invite_donor"
    READ_ROSTER = "read_roster"
    DRAFT_ROSTER = "draft_roster"
    APPROVE_ROSTER = "approve_roster"
    READ_BENEFICIARY = "read_beneficiary"
    REGISTER_ORGANIZATION = "register_organization"
    READ_PEOPLE = "read_people"
    MANAGE_PEOPLE = "manage_people"
    ASSIGN_ADMINISTRATORS = "assign_administrators"
    MANAGE_LOCKS = "manage_locks"
    READ_JOURNAL = "read_journal"
    READ_SYSTEM_LOG = "read_system_log"
    READ_PARKED = "read_parked"
    REPLAY_PARKED = "replay_parked"
    READ_RIGHTS = "read_rights"


class Relation(StrEnum):
    """How an organization stands to a thing; ``any`` asks for no relation at all."""

    OWN = "own"
    BUYER = "buyer"
    PROCURING_ENTITY = "procuring_entity"
    SUPPLIER = "supplier"
    FINANCE = "finance"
    ANY = "any"


Parties = Mapping[Relation, UUID | None]
"""The organizations of one thing, by their relation to it."""


class Post(NamedTuple):
    """A role in an organization of some function that stands in a relation to the thing."""

    function: Function
    role: Role
    relation: Relation


class Grant(NamedTuple):
    """One row of the table of rights."""

    right: Right
    function: Function
    role: Role
    relation: Relation


FUNCTION_LABELS: Mapping[Function, str] = {
    Function.BUYER: N_("购买主体"),
    Function.PROCURING_ENTITY: N_("受托经办单位"),
    Function.SUPPLIER: N_("承接主体"),
    Function.FINANCE_OFFICE: N_("财务机构"),
    Function.SUPERVISOR: N_("监督单位"),
    Function.DONOR: N_("捐赠人"),
    Function.OPERATOR: N_("平台运营单位"),
}
ROLE_LABELS: Mapping[Role, str] = {
    Role.CLERK: N_("经办"),
    Role.HEAD: N_("负责人"),
    Role.ACCOUNTANT: N_("会计"),
    Role.CASHIER: N_("出纳"),
    Role.EXPERT: N_("评审专家"),
    Role.DRAFTER: N_("起草人"),
    Role.SIGNATORY: N_("递交签署人"),
    Role.AUDITOR: N_("审计"),
    Role.SYSTEM_ADMIN: N_("系统管理员"),
    Role.SECURITY_ADMIN: N_("安全管理员"),
    Role.AUDIT_ADMIN: N_("审计管理员"),
}
RELATION_LABELS: Mapping[Relation, str] = {
    Relation.OWN: N_("本单位的事项"),
    Relation.BUYER: N_("以本单位为购买主体的事项"),
    Relation.PROCURING_ENTITY: N_("由本单位受托经办的事项"),
    Relation.SUPPLIER: N_("本单位承接或申报的事项"),
    Relation.FINANCE: N_("由本单位管钱的事项"),
    Relation.ANY: N_("全部事项"),
}
_F, _R, _L = Function, Role, Relation
_BUYER_CLERK = Post(_F.BUYER, _R.CLERK, _L.BUYER)
_BUYER_HEAD = Post(_F.BUYER, _R.HEAD, _L.BUYER)
_CENTRE_CLERK = Post(_F.PROCURING_ENTITY, _R.CLERK, _L.PROCURING_ENTITY)
_CENTRE_HEAD = Post(_F.PROCURING_ENTITY, _R.HEAD, _L.PROCURING_ENTITY)
_BUYER_HEAD_AS_CENTRE = Post(_F.BUYER, _R.HEAD, _L.PROCURING_ENTITY)
_ANY_CENTRE_CLERK = Post(_F.PROCURING_ENTITY, _R.CLERK, _L.ANY)
_ANY_CENTRE_HEAD = Post(_F.PROCURING_ENTITY, _R.HEAD, _L.ANY)
_SUPPLIER_CLERK = Post(_F.SUPPLIER, _R.CLERK, _L.SUPPLIER)
_SUPPLIER_HEAD = Post(_F.SUPPLIER, _R.HEAD, _L.SUPPLIER)
_SUPPLIER_DRAFTER = Post(_F.SUPPLIER, _R.DRAFTER, _L.SUPPLIER)
_SUPPLIER_SIGNATORY = Post(_F.SUPPLIER, _R.SIGNATORY, _L.SUPPLIER)
_SUPPLIER_ACCOUNTANT = Post(_F.SUPPLIER, _R.ACCOUNTANT, _L.SUPPLIER)
_ACCOUNTANT = Post(_F.FINANCE_OFFICE, _R.ACCOUNTANT, _L.FINANCE)
_CASHIER = Post(_F.FINANCE_OFFICE, _R.CASHIER, _L.FINANCE)
_FINANCE_HEAD = Post(_F.FINANCE_OFFICE, _R.HEAD, _L.FINANCE)
_BUYERS_ACCOUNTANT = Post(_F.FINANCE_OFFICE, _R.ACCOUNTANT, _L.BUYER)
_BUYERS_CASHIER = Post(_F.FINANCE_OFFICE, _R.CASHIER, _L.BUYER)
_EXPERT = Post(_F.PROCURING_ENTITY, _R.EXPERT, _L.ANY)
_AUDITOR = Post(_F.SUPERVISOR, _R.AUDITOR, _L.ANY)
_SUPERVISOR_HEAD = Post(_F.SUPERVISOR, _R.HEAD, _L.ANY)
_SYSTEM_ADMIN = Post(_F.OPERATOR, _R.SYSTEM_ADMIN, _L.ANY)
_SECURITY_ADMIN = Post(_F.OPERATOR, _R.SECURITY_ADMIN, _L.ANY)
_AUDIT_ADMIN = Post(_F.OPERATOR, _R.AUDIT_ADMIN, _L.ANY)

_CLERKS = (_BUYER_CLERK, _CENTRE_CLERK)
_HEADS = (_BUYER_HEAD, _CENTRE_HEAD)
_DESK = _CLERKS + _HEADS
_SUPPLIER = (_SUPPLIER_CLERK, _SUPPLIER_HEAD)
_SIGNING = (*_SUPPLIER, _SUPPLIER_SIGNATORY)
_WRITING = (*_SIGNING, _SUPPLIER_DRAFTER)
_SUPPLIER_BOOKS = (*_SUPPLIER, _SUPPLIER_ACCOUNTANT)
_OFFICES = (_F.BUYER, _F.PROCURING_ENTITY)
_OFFICERS = tuple(Post(function, role, _L.OWN) for function in _OFFICES for role in _R)
_OFFICE_HEADS = tuple(Post(function, _R.HEAD, _L.OWN) for function in _OFFICES)
_FINANCE = (_ACCOUNTANT, _CASHIER, _FINANCE_HEAD)
_BUYERS_FINANCE = (_BUYERS_ACCOUNTANT, _BUYERS_CASHIER)
_SUPERVISION = (_AUDITOR, _SUPERVISOR_HEAD)
_ANY_CENTRE = (_ANY_CENTRE_CLERK, _ANY_CENTRE_HEAD)
_ANY_BUYING_DESK = (*_ANY_CENTRE, Post(_F.BUYER, _R.CLERK, _L.ANY), Post(_F.BUYER, _R.HEAD, _L.ANY))
_OWN_DESKS = tuple(Post(function, role, _L.OWN) for function in _F for role in (_R.CLERK, _R.HEAD))
_OWN_HEADS = tuple(Post(function, _R.HEAD, _L.OWN) for function in _F)
_OWN_PEOPLE = tuple(Post(function, role, _L.OWN) for function in _F for role in _R)
_EVERYBODY = tuple(Post(function, role, _L.ANY) for function in _F for role in _R)

_TABLE: Mapping[Right, tuple[str, tuple[Post, ...]]] = {
    Right.EDIT_CATALOGUE: (N_("编辑目录"), (_ANY_CENTRE_CLERK,)),
    Right.PUBLISH_CATALOGUE: (N_("发布目录"), (_ANY_CENTRE_HEAD,)),
    Right.EDIT_RULES: (N_("维护规则与日历"), (_ANY_CENTRE_CLERK,)),
    Right.EDIT_SUPPLIER: (N_("维护本组织资料"), _SUPPLIER),
    Right.READ_SUPPLIER: (N_("查看社会组织资料"), (*_WRITING, _SUPPLIER_ACCOUNTANT, *_ANY_CENTRE, *_SUPERVISION)),
    Right.QUALIFY_SUPPLIER: (N_("审核社会组织"), _ANY_CENTRE),
    Right.DEBAR_SUPPLIER: (N_("暂停社会组织资格"), (_ANY_CENTRE_HEAD,)),
    Right.DECLARE_FOR_SUPPLIER: (N_("代表本组织签署声明"), (_SUPPLIER_HEAD, _SUPPLIER_SIGNATORY)),
    Right.DECLARE_INTEREST: (N_("申报本人的利益关系"), _OFFICERS),
    Right.RECORD_INTEREST: (N_("登记人员的利益关系"), (*_OFFICE_HEADS, _SECURITY_ADMIN)),
    Right.READ_INTEREST: (N_("查看人员的利益关系"), (*_OFFICE_HEADS, _SECURITY_ADMIN, *_SUPERVISION)),
    Right.READ_FUNDS: (N_("查看资金"), (*_FINANCE, *_BUYERS_FINANCE, *_DESK, *_SUPERVISION)),
    Right.OPEN_FUND: (N_("建立资金"), (_ACCOUNTANT,)),
    Right.RECORD_RECEIPT: (N_("登记到账"), (_ACCOUNTANT,)),
    Right.CORRECT_RECEIPT: (N_("更正到账"), (_ACCOUNTANT,)),
    Right.TRANSFER_FUNDS: (N_("变更资金用途"), (_FINANCE_HEAD,)),
    Right.HAND_IN_NEED: (N_("提出需求"), _OWN_DESKS),
    Right.READ_NEED: (N_("查看征集的需求"), (*_ANY_BUYING_DESK, *_SUPERVISION)),
    Right.CURATE_NEED: (N_("登记和处理需求"), _ANY_CENTRE),
    Right.CONFIRM_SHARE: (N_("确认联办任务与资金"), (Post(_F.BUYER, _R.HEAD, _L.OWN),)),
    Right.READ_PROJECT: (N_("查看未公开项目"), (*_DESK, *_FINANCE, *_SUPERVISION)),
    Right.DRAFT_PROJECT: (N_("起草项目"), _DESK),
    Right.REVIEW_PROJECT: (N_("审查项目"), (*_DESK, *_BUYERS_FINANCE, *_SUPERVISION)),
    Right.APPROVE_PROJECT: (N_("审批项目"), _HEADS),
    Right.PUBLISH_PROJECT: (N_("发布项目"), _HEADS),
    Right.CANCEL_PROJECT: (N_("终止项目"), _HEADS),
    Right.ANSWER_QUESTION: (N_("答复提问"), _DESK),
    Right.TAKE_DOCUMENT: (N_("报名并领取采购文件"), _WRITING),
    Right.ASK_QUESTION: (N_("提问"), _WRITING),
    Right.BID: (N_("编写响应文件"), _WRITING),
    Right.SUBMIT_BID: (N_("递交响应文件"), _SIGNING),
    Right.READ_BID_PRICE: (N_("填写和查看本组织的报价"), (*_SIGNING, _SUPPLIER_ACCOUNTANT)),
    Right.OPEN_BIDS: (N_("开启响应文件"), (*_DESK, *_SUPERVISION)),
    Right.READ_BIDS: (N_("查看已开启的响应文件"), (*_DESK, *_SIGNING, _EXPERT, *_SUPERVISION)),
    Right.COMPOSE_PANEL: (N_("组建评审小组"), _DESK),
    Right.SCORE: (N_("评审打分"), (_EXPERT, *_DESK)),
    Right.READ_EVALUATION: (N_("查看评审情况"), (*_DESK, *_SUPERVISION)),
    Right.DECIDE_AWARD: (N_("确定结果"), _HEADS),
    Right.PUBLISH_RESULT: (N_("公告结果"), _DESK),
    Right.READ_CONTRACT: (N_("查看合同"), (*_DESK, *_SUPPLIER_BOOKS, *_FINANCE, *_SUPERVISION)),
    Right.DRAFT_CONTRACT: (N_("起草合同"), _CLERKS),
    Right.APPROVE_CONTRACT: (N_("审批合同"), (_CENTRE_HEAD, _BUYER_HEAD_AS_CENTRE)),
    Right.SIGN_AS_BUYER: (N_("代表购买主体签订合同"), (_BUYER_HEAD,)),
    Right.SIGN_AS_SUPPLIER: (N_("代表承接主体签订合同"), (_SUPPLIER_HEAD,)),
    Right.PUBLISH_CONTRACT: (N_("公告合同"), _DESK),
    Right.REPORT_MILESTONE: (N_("提交里程碑"), _SUPPLIER),
    Right.VERIFY_MILESTONE: (N_("核验里程碑"), _CLERKS),
    Right.ACCEPT_MILESTONE: (N_("验收里程碑"), _DESK),
    Right.READ_PAYMENT: (N_("查看付款"), (*_FINANCE, *_BUYERS_FINANCE, *_DESK, *_SUPPLIER_BOOKS, *_SUPERVISION)),
    Right.PREPARE_PAYMENT: (N_("申请付款"), (_ACCOUNTANT,)),
    Right.APPROVE_PAYMENT: (N_("审批付款"), (_FINANCE_HEAD, *_HEADS)),
    Right.EXECUTE_PAYMENT: (N_("执行付款"), (_CASHIER,)),
    Right.RECONCILE: (N_("对账"), (_ACCOUNTANT,)),
    Right.RECORD_LEGAL_BASIS: (N_("登记受赠依据"), (_FINANCE_HEAD, _SYSTEM_ADMIN)),
    Right.INVITE_DONOR: (N_("邀请捐赠人"), (_ACCOUNTANT,)),
    Right.READ_ROSTER: (N_("查看帮扶名册"), (*_FINANCE, *_BUYERS_FINANCE, *_DESK, *_SUPERVISION)),
    Right.DRAFT_ROSTER: (N_("编制帮扶名册"), _CLERKS),
    Right.APPROVE_ROSTER: (N_("审批帮扶名册"), _HEADS),
    Right.READ_BENEFICIARY: (N_("查看受助人信息"), _DESK),
    Right.REGISTER_ORGANIZATION: (N_("登记单位"), (_SYSTEM_ADMIN,)),
    Right.READ_PEOPLE: (N_("查看人员与岗位"), (*_OWN_PEOPLE, _SYSTEM_ADMIN, _SECURITY_ADMIN, _AUDIT_ADMIN)),
    Right.MANAGE_PEOPLE: (N_("管理人员与岗位"), (*_OWN_HEADS, _SYSTEM_ADMIN)),
    Right.ASSIGN_ADMINISTRATORS: (N_("任命管理员"), (_SECURITY_ADMIN,)),
    Right.MANAGE_LOCKS: (N_("解锁账号与重置验证器"), (_SECURITY_ADMIN,)),
    Right.READ_JOURNAL: (N_("查阅业务日志"), (*_SUPERVISION, _AUDIT_ADMIN)),
    Right.READ_SYSTEM_LOG: (N_("审阅安全日志"), (_AUDIT_ADMIN,)),
    Right.READ_PARKED: (N_("查看停放的任务"), (_SYSTEM_ADMIN,)),
    Right.REPLAY_PARKED: (N_("重新处理停放的任务"), (_SYSTEM_ADMIN,)),
    Right.READ_RIGHTS: (N_("查看权限与职责"), _EVERYBODY),
}
GRANTS: frozenset[Grant] = frozenset(Grant(right, *post) for right, (_, posts) in _TABLE.items() for post in posts)
"""The whole law of rights: (right, function, role, relation)."""
RIGHT_LABELS: Mapping[Right, str] = {right: label for right, (label, _) in _TABLE.items()}
"""The word the user sees for each right, a message id."""

_BY_RIGHT: Mapping[Right, tuple[Grant, ...]] = {
    right: tuple(sorted(grant for grant in GRANTS if grant.right is right)) for right in Right
}


def grants_of(right: Right) -> tuple[Grant, ...]:
    """The rows of one right, in a fixed order."""
    return _BY_RIGHT[right]


def _stands(actor: Actor, relation: Relation, parties: Parties) -> bool:
    if relation is Relation.ANY:
        return True
    return actor.organization_id is not None and parties.get(relation) == actor.organization_id


def may(actor: Actor, right: Right, parties: Parties) -> bool:
    """Whether the actor may use ``right`` on a thing with these ``parties``; the system may everything.

    An actor that came with an API token may no more than the token's scopes say.
    """
    if actor.is_system:
        return True
    if actor.scopes is not None and right not in actor.scopes:
        return False
    return any(
        grant.function in actor.functions and grant.role in actor.roles and _stands(actor, grant.relation, parties)
        for grant in _BY_RIGHT[right]
    )


def require(actor: Actor, right: Right, parties: Parties) -> None:
    """Let pass whoever :func:`may`; another organization's thing is not found, one's own without the role is forbidden.

    With no parties at all there is no thing to hide, and the refusal is plain.

    Raises:
        NotFound: the actor's organization has nothing to do with the thing.
        Forbidden: it has, but the actor's roles (or token) lack the right.
    """
    if may(actor, right, parties):
        return
    known = not parties or (actor.organization_id is not None and actor.organization_id in parties.values())
    everywhere = any(grant.relation is Relation.ANY and grant.function in actor.functions for grant in _BY_RIGHT[right])
    if known or everywhere:
        raise Forbidden(right=RIGHT_LABELS[right])
    raise NotFound


def rights_of(functions: Iterable[Function], roles: Iterable[Role]) -> frozenset[Right]:
    """The rights that these roles give, in some relation, in an organization with these functions."""
    acting, held = frozenset(functions), frozenset(roles)
    return frozenset(grant.right for grant in GRANTS if grant.function in acting and grant.role in held)
