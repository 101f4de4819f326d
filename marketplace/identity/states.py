"""States of organizations and accounts with their moves, and the kinds of organization."""

from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine


class OrganizationKind(StrEnum):
    """What an organization is by law."""

    GOVERNMENT = "government"
    MASS_ORGANIZATION = "mass_organization"
    PUBLIC_INSTITUTION = "public_institution"
    PUBLIC_INSTITUTION_ONE = "public_institution_one"
    SOCIAL_GROUP = "social_group"
    SOCIAL_SERVICE_AGENCY = "social_service_agency"
    FOUNDATION = "foundation"
    ENTERPRISE = "enterprise"
    VILLAGE_COMMITTEE = "village_committee"
    OTHER = "other"
    INDIVIDUAL = "individual"


KIND_LABELS = {
    OrganizationKind.GOVERNMENT: N_("机关"),
    OrganizationKind.MASS_ORGANIZATION: N_("群团组织"),
    OrganizationKind.PUBLIC_INSTITUTION: N_("事业单位"),
    OrganizationKind.PUBLIC_INSTITUTION_ONE: N_("公益一类事业单位"),
    OrganizationKind.SOCIAL_GROUP: N_("社会团体"),
    OrganizationKind.SOCIAL_SERVICE_AGENCY: N_("社会服务机构"),
    OrganizationKind.FOUNDATION: N_("基金会"),
    OrganizationKind.ENTERPRISE: N_("企业"),
    OrganizationKind.VILLAGE_COMMITTEE: N_("村（居）民委员会"),
    OrganizationKind.OTHER: N_("其他组织"),
    OrganizationKind.INDIVIDUAL: N_("个人"),
}


class OrganizationState(StrEnum):
    """Whether an organization takes part."""

    ACTIVE = "active"
    CLOSED = "closed"


class OrganizationAction(StrEnum):
    """What may happen to an organization."""

    CLOSE = "close"
    REOPEN = "reopen"


ORGANIZATION = Machine(
    name="organization",
    start=OrganizationState.ACTIVE,
    moves={
        (OrganizationState.ACTIVE, OrganizationAction.CLOSE): OrganizationState.CLOSED,
        (OrganizationState.CLOSED, OrganizationAction.REOPEN): OrganizationState.ACTIVE,
    },
    labels={
        OrganizationState.ACTIVE: N_("在册"),
        OrganizationState.CLOSED: N_("已停用"),
        OrganizationAction.CLOSE: N_("停用单位"),
        OrganizationAction.REOPEN: N_("恢复单位"),
    },
)


class AccountState(StrEnum):
    """Where an account stands."""

    INVITED = "invited"
    ACTIVE = "active"
    LOCKED = "locked"
    DEACTIVATED = "deactivated"


class AccountAction(StrEnum):
    """What may happen to an account."""

    INVITE = "invite"
    ACCEPT = "accept"
    SIGN_IN = "sign_in"
    CHANGE_PASSWORD = "change_password"  # noqa: S105 - the name of an act
    RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of an act
    ENROL = "enrol"
    RESET_SECOND_FACTOR = "reset_second_factor"
    LOCK = "lock"
    UNLOCK = "unlock"
    DEACTIVATE = "deactivate"
    REINSTATE = "reinstate"


_S, _A = AccountState, AccountAction
ACCOUNT = Machine(
    name="account",
    start=_S.INVITED,
    moves={
        (_S.INVITED, _A.INVITE): _S.INVITED,
        (_S.INVITED, _A.ACCEPT): _S.ACTIVE,
        (_S.INVITED, _A.DEACTIVATE): _S.DEACTIVATED,
        (_S.ACTIVE, _A.SIGN_IN): _S.ACTIVE,
        (_S.ACTIVE, _A.CHANGE_PASSWORD): _S.ACTIVE,
        (_S.ACTIVE, _A.RESET_PASSWORD): _S.ACTIVE,
        (_S.ACTIVE, _A.ENROL): _S.ACTIVE,
        (_S.ACTIVE, _A.RESET_SECOND_FACTOR): _S.ACTIVE,
        (_S.ACTIVE, _A.LOCK): _S.LOCKED,
        (_S.ACTIVE, _A.DEACTIVATE): _S.DEACTIVATED,
        (_S.LOCKED, _A.LOCK): _S.LOCKED,
        (_S.LOCKED, _A.UNLOCK): _S.ACTIVE,
        (_S.LOCKED, _A.RESET_SECOND_FACTOR): _S.LOCKED,
        (_S.LOCKED, _A.DEACTIVATE): _S.DEACTIVATED,
        (_S.DEACTIVATED, _A.REINSTATE): _S.INVITED,
    },
    labels={
        _S.INVITED: N_("已邀请"),
        _S.ACTIVE: N_("正常"),
        _S.LOCKED: N_("已锁定"),
        _S.DEACTIVATED: N_("已注销"),
        _A.INVITE: N_("重发邀请"),
        _A.ACCEPT: N_("接受邀请"),
        _A.SIGN_IN: N_("登录"),
        _A.CHANGE_PASSWORD: N_("修改密码"),
        _A.RESET_PASSWORD: N_("重设密码"),
        _A.ENROL: N_("绑定验证器"),
        _A.RESET_SECOND_FACTOR: N_("重置验证器"),
        _A.LOCK: N_("锁定"),
        _A.UNLOCK: N_("解锁"),
        _A.DEACTIVATE: N_("注销账号"),
        _A.REINSTATE: N_("恢复账号"),
    },
)


class LinkPurpose(StrEnum):
    """What a one-time link opens."""

    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a purpose
    SECOND_FACTOR = "second_factor"
