"""The states of legal bases, invitations and gifts."""

from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine


class BasisState(StrEnum):
    """Whether a legal basis to receive gifts stands."""

    STANDING = "standing"
    WITHDRAWN = "withdrawn"


class BasisAction(StrEnum):
    """What may be done to a legal basis."""

    WITHDRAW = "withdraw"


class InvitationState(StrEnum):
    """Where an invitation to a named donor stands; the clock, not this word, decides whether it has lapsed."""

    OPEN = "open"
    LAPSED = "lapsed"
    REVOKED = "revoked"
    GIVEN = "given"


class InvitationAction(StrEnum):
    """What may happen to an invitation."""

    RENEW = "renew"
    LAPSE = "lapse"
    REVOKE = "revoke"
    GIVE = "give"


class GiftState(StrEnum):
    """Where one attempt to give stands at the gateway; ``unknown`` is asked again, never made again."""

    INTENDED = "intended"
    UNKNOWN = "unknown"
    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    LAPSED = "lapsed"
    REFUSED = "refused"


class GiftAction(StrEnum):
    """What may happen to an attempt to give."""

    OPEN = "open_checkout"
    LOSE = "lose"
    REFUSE = "refuse"
    PROCESS = "process"
    PAY = "pay"
    LAPSE = "lapse_checkout"


BASIS = Machine(
    name="gift_basis",
    start=BasisState.STANDING,
    moves={(BasisState.STANDING, BasisAction.WITHDRAW): BasisState.WITHDRAWN},
    labels={
        BasisState.STANDING: N_("有效"),
        BasisState.WITHDRAWN: N_("已撤下"),
        BasisAction.WITHDRAW: N_("撤下依据"),
    },
)
INVITATION = Machine(
    name="gift_invitation",
    start=InvitationState.OPEN,
    moves={
        (InvitationState.OPEN, InvitationAction.RENEW): InvitationState.OPEN,
        (InvitationState.LAPSED, InvitationAction.RENEW): InvitationState.OPEN,
        (InvitationState.OPEN, InvitationAction.LAPSE): InvitationState.LAPSED,
        (InvitationState.OPEN, InvitationAction.REVOKE): InvitationState.REVOKED,
        (InvitationState.LAPSED, InvitationAction.REVOKE): InvitationState.REVOKED,
        (InvitationState.OPEN, InvitationAction.GIVE): InvitationState.GIVEN,
        (InvitationState.LAPSED, InvitationAction.GIVE): InvitationState.GIVEN,
        (InvitationState.REVOKED, InvitationAction.GIVE): InvitationState.GIVEN,
    },
    labels={
        InvitationState.OPEN: N_("等待捐赠"),
        InvitationState.LAPSED: N_("邀请已过期"),
        InvitationState.REVOKED: N_("邀请已撤回"),
        InvitationState.GIVEN: N_("已捐赠"),
        InvitationAction.RENEW: N_("重发邀请"),
        InvitationAction.LAPSE: N_("邀请到期"),
        InvitationAction.REVOKE: N_("撤回邀请"),
        InvitationAction.GIVE: N_("完成捐赠"),
    },
)
"""Money that has arrived is recorded even if its invitation lapsed or was revoked while the donor paid."""
GIFT = Machine(
    name="gift_payment",
    start=GiftState.INTENDED,
    moves={
        (GiftState.INTENDED, GiftAction.OPEN): GiftState.OPEN,
        (GiftState.INTENDED, GiftAction.LOSE): GiftState.UNKNOWN,
        (GiftState.INTENDED, GiftAction.REFUSE): GiftState.REFUSED,
        (GiftState.INTENDED, GiftAction.LAPSE): GiftState.LAPSED,
        (GiftState.UNKNOWN, GiftAction.OPEN): GiftState.OPEN,
        (GiftState.UNKNOWN, GiftAction.LOSE): GiftState.UNKNOWN,
        (GiftState.UNKNOWN, GiftAction.REFUSE): GiftState.REFUSED,
        (GiftState.UNKNOWN, GiftAction.LAPSE): GiftState.LAPSED,
        (GiftState.OPEN, GiftAction.PROCESS): GiftState.PROCESSING,
        (GiftState.OPEN, GiftAction.PAY): GiftState.PAID,
        (GiftState.OPEN, GiftAction.LAPSE): GiftState.LAPSED,
        (GiftState.PROCESSING, GiftAction.PAY): GiftState.PAID,
        (GiftState.PROCESSING, GiftAction.LAPSE): GiftState.LAPSED,
        (GiftState.LAPSED, GiftAction.PAY): GiftState.PAID,
        # a checkout that was made before the gateway said no, or whose first card was refused and the second not
        (GiftState.REFUSED, GiftAction.PAY): GiftState.PAID,
    },
    labels={
        GiftState.INTENDED: N_("准备支付"),
        GiftState.UNKNOWN: N_("正在向支付平台核实"),
        GiftState.OPEN: N_("等待支付"),
        GiftState.PROCESSING: N_("支付处理中"),
        GiftState.PAID: N_("捐赠已到账"),
        GiftState.LAPSED: N_("未支付"),
        GiftState.REFUSED: N_("未能发起"),
        GiftAction.OPEN: N_("打开支付页"),
        GiftAction.LOSE: N_("未得到回应"),
        GiftAction.REFUSE: N_("被支付平台拒绝"),
        GiftAction.PROCESS: N_("支付平台开始处理"),
        GiftAction.PAY: N_("捐赠到账"),
        GiftAction.LAPSE: N_("支付页失效"),
    },
)
UNDER_WAY = frozenset({GiftState.INTENDED, GiftState.UNKNOWN, GiftState.OPEN, GiftState.PROCESSING})
"""An attempt in one of these may still bring money: no second one is begun beside it."""
