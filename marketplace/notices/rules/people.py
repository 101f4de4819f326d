"""What is told about accounts, people and organizations."""

from collections.abc import Mapping

from marketplace.kit.i18n import N_
from marketplace.notices.rules.audience import HEADS, SECURITY, Party, To
from marketplace.notices.rules.wording import Wording

_SELF = (To(Party.PERSON),)

PEOPLE: Mapping[str, Wording] = {
    "identity.invited": Wording(
        _SELF,
        N_("邀请您加入「{organization}」"),
        N_(
            "您被邀请在群团服务采购平台上代表「{organization}」办理业务，登录名是 {login}。请在 "
            "{expires_at} 前打开下面的链接，确认邀请并设置密码。如果您不认识这个单位，请忽略本邮件。"
        ),
        mail=True, inbox=False, is_link=True,
    ),
    "identity.reset_requested": Wording(
        _SELF,
        N_("重设您的登录密码"),
        N_(
            "有人为登录名 {login} 申请重设密码。如果是您本人，请在 {expires_at} 前打开下面的链接设置新密"
            "码；如果不是，请忽略本邮件，您的密码没有改变。"
        ),
        mail=True, inbox=False, is_link=True,
    ),
    "identity.joined": Wording(
        (To(Party.ORGANIZATION, HEADS),),
        N_("{person} 已加入「{organization}」"),
        N_("{person} 接受了邀请，可以开始办理业务。如需调整岗位，请到「人员与岗位」。"),
    ),
    "identity.password_changed": Wording(
        _SELF,
        N_("您的登录密码已修改"),
        N_("登录名 {login} 的密码刚刚修改。如果不是您本人操作，请立即联系安全管理员锁定账号。"),
        mail=True,
    ),
    "identity.second_factor_enrolled": Wording(
        _SELF,
        N_("已绑定验证器"),
        N_(
            "登录名 {login} 已绑定验证器，以后登录要输入动态码。请把恢复码保存在别处。如果不是您本人操作，"
            "请立即联系安全管理员。"
        ),
        mail=True,
    ),
    "identity.second_factor_removed": Wording(
        _SELF,
        N_("已解除验证器"),
        N_("登录名 {login} 已解除验证器。如果不是您本人操作，请立即联系安全管理员锁定账号。"),
        mail=True,
    ),
    "identity.second_factor_reset": Wording(
        _SELF,
        N_("您的验证器已由管理员重置"),
        N_("登录名 {login} 的验证器已重置，下次登录时请重新绑定。如果您没有申请重置，请立即联系安全管理员。"),
        mail=True,
    ),
    "identity.locked": Wording(
        (*_SELF, To(Party.OPERATORS, SECURITY)),
        N_("账号 {login} 已锁定"),
        N_(
            "登录名 {login} 因多次输错密码或由管理员操作而锁定。如果是本人忘记了密码，请稍后重设；如果不"
            "是本人操作，请联系安全管理员。"
        ),
        mail=True,
    ),
    "identity.unlocked": Wording(
        _SELF,
        N_("您的账号已解锁"),
        N_("登录名 {login} 已由管理员解锁，现在可以登录。"),
        mail=True,
    ),
    "identity.deactivated": Wording(
        _SELF,
        N_("您的账号已注销"),
        N_("登录名 {login} 已注销，不能再登录。如有疑问，请联系您单位的负责人。"),
        mail=True, inbox=False,
    ),
    "identity.roles_changed": Wording(
        _SELF,
        N_("您在「{organization}」的岗位有调整"),
        N_("您现在的岗位是：{roles}。办理业务的权限随之改变。"),
        mail=True,
    ),
    "identity.membership_ended": Wording(
        _SELF,
        N_("您已不再代表「{organization}」"),
        N_("您在「{organization}」的岗位已经结束，不能再以该单位名义办理业务。如有疑问，请联系该单位负责人。"),
        mail=True,
    ),
    "identity.organization_renamed": Wording(
        (To(Party.ORGANIZATION, HEADS),),
        N_("单位名称已改为「{organization}」"),
        N_("平台上贵单位的名称已改为「{organization}」。如有差错，请联系平台运营单位。"),
    ),
    "identity.organization_closed": Wording(
        (To(Party.ORGANIZATION, HEADS),),
        N_("「{organization}」已停用"),
        N_("系统管理员已停用「{organization}」，本单位人员不能再办理新的业务。如有疑问，请联系平台运营单位。"),
        mail=True,
    ),
}  # fmt: skip

PEOPLE_SILENT: Mapping[str, str] = {
    "identity.organization_registered": "nobody of the organization is there yet; its people are invited next",
}
