"""Pure decisions about gifts by invitation: who may be asked, for how much, and for how long."""

from datetime import date, datetime, timedelta

from marketplace.funds.rules.terms import Custody, SourceKind
from marketplace.funds.states.gifts import InvitationState
from marketplace.funds.states.terms import FundState
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.kit.money import yuan_grouped

GIFT_FEN_MIN, GIFT_FEN_MAX = 100, 99_999_999
"""One gift at the gateway: from one yuan to what its eight digits hold, 999,999.99 yuan."""
INVITED_DAYS_MAX = 180
CHECKOUT_LIFE = timedelta(hours=23)
"""The gateway closes a checkout after this time, paid or not; it allows a day, and half an hour is the least."""
CHECKOUT_LEAST = timedelta(minutes=35)
"""With less than this left, an attempt whose checkout was never seen is not asked for again."""
ASK_AFTER = timedelta(minutes=2)
"""An attempt asked about more lately than this is still in the hands of the page that did so."""


class GiftsOff(DomainError):
    """The holder's legal basis to receive gifts is not recorded, so Checkout is off for its gateway funds."""

    kind, code = Kind.CONFLICT, "gifts_off"
    text = N_("「{holder}」接受捐赠的法律依据还没有登记，暂不能在线收款。请先由财务负责人或系统管理员登记依据。")


class GatewayOff(DomainError):
    """This installation has no payment gateway."""

    kind, code = Kind.UNAVAILABLE, "gateway_off"
    text = N_("支付平台暂时没有接通，未发起任何付款。请稍后再试，或联系邀请您的单位改用银行转账。")


class NoBasisPaper(DomainError):
    """A legal basis is recorded with its paper."""

    kind, code = Kind.INVALID, "no_basis_paper"
    text = N_("请上传依据文件的扫描件或电子版。")


class FutureBasis(DomainError):
    """A legal basis cannot be of a day that has not come."""

    kind, code = Kind.INVALID, "future_basis"
    text = N_("文件日期 {dated_on} 还没有到。请填写文件上的日期。")


class NoHolder(DomainError):
    """The organization keeps no money."""

    kind, code = Kind.INVALID, "no_holder"
    text = N_("所选单位不是财务机构，不能登记受赠依据。请重新选择。")


class NotForGifts(DomainError):
    """Only donated money whose custody is the gateway arrives through Checkout."""

    kind, code = Kind.INVALID, "not_for_gifts"
    text = N_("资金「{fund}」不存放在支付平台，不能通过在线支付接受捐赠。请选择存放在支付平台的捐赠资金。")


class NotOpenForGifts(DomainError):
    """The fund takes no more money."""

    kind, code = Kind.CONFLICT, "not_open_for_gifts"
    text = N_("资金「{fund}」已停用或已过使用期限，不再接受捐赠。请选择使用中的资金。")


class BadExpiry(DomainError):
    """An invitation is good from today for a time that people can oversee."""

    kind, code = Kind.INVALID, "bad_invitation_expiry"
    text = N_("邀请有效期应在今天之后、{days} 天以内。请重新填写日期。")


class GiftOutOfBounds(DomainError):
    """An amount that the gateway does not take in one gift."""

    kind, code = Kind.INVALID, "gift_out_of_bounds"
    text = N_("单笔捐赠金额应在 {least} 元至 {most} 元之间。更大的金额请联系受赠单位通过银行转账。")


class InvitationOver(DomainError):
    """The time in which an invitation could be used is over."""

    kind, code = Kind.CONFLICT, "invitation_over"
    text = N_("这份邀请已于 {expires_on} 到期，不能再付款。如仍愿捐赠，请联系「{holder}」重新发送邀请。")


class InvitationRevoked(DomainError):
    """The holder took the invitation back."""

    kind, code = Kind.CONFLICT, "invitation_revoked"
    text = N_("这份邀请已由「{holder}」撤回，不能再付款。如有疑问，请联系该单位。")


class AlreadyGiven(DomainError):
    """An invitation serves one gift."""

    kind, code = Kind.CONFLICT, "already_given"
    text = N_("这份邀请已完成捐赠，不会重复付款。收据和资金去向见本页。")


class GiftUnderWay(DomainError):
    """One attempt to give may still bring money, so another is not begun."""

    kind, code = Kind.CONFLICT, "gift_under_way"
    text = N_("您已有一笔 {amount} 元的付款尚未结束。请先完成它，或等支付页失效后再改金额。")


class GiftDiffers(DomainError):
    """The gateway reports another amount, currency or checkout than was agreed: the books are not changed by that."""

    kind, code = Kind.CONFLICT, "gift_differs"
    text = N_("支付平台报告的付款与约定不一致，没有入账。请由财务人员与支付平台核对。")


class FeeUnknown(DomainError):
    """The gateway has the money but does not yet say what it keeps: asked again later."""

    kind, code = Kind.UNAVAILABLE, "gift_fee_unknown"
    text = N_("支付平台还没有给出这笔付款的手续费，暂未入账。系统稍后会再次查询。")


def fund_refusals(
    fund: str, source: SourceKind, custody: Custody, state: FundState, expires_on: date | None, *, now: datetime
) -> list[DomainError]:
    """Why a fund takes no gift through Checkout; empty if it does."""
    if source is not SourceKind.DONATION or custody is not Custody.GATEWAY:
        return [NotForGifts(field="fund_id", fund=fund)]
    if state is not FundState.OPEN or (expires_on is not None and expires_on < legal_day(now)):
        return [NotOpenForGifts(field="fund_id", fund=fund)]
    return []


def expiry_refusals(expires_on: date, *, now: datetime) -> list[DomainError]:
    """Why an invitation may not last until a day; empty if it may."""
    today = legal_day(now)
    if today < expires_on <= today + timedelta(days=INVITED_DAYS_MAX):
        return []
    return [BadExpiry(field="expires_on", days=INVITED_DAYS_MAX)]


def amount_refusals(amount_fen: int | None, field: str = "amount_fen") -> list[DomainError]:
    """Why an amount (None: the donor decides) cannot be given at once; empty if it can."""
    if amount_fen is None or GIFT_FEN_MIN <= amount_fen <= GIFT_FEN_MAX:
        return []
    return [GiftOutOfBounds(field=field, least=yuan_grouped(GIFT_FEN_MIN), most=yuan_grouped(GIFT_FEN_MAX))]


def has_lapsed(expires_on: date, *, now: datetime) -> bool:
    """Whether the last day of an invitation is over, in China."""
    return legal_day(now) > expires_on


def invitation_refusals(state: InvitationState, expires_on: date, holder: str, *, now: datetime) -> list[DomainError]:
    """Why an invitation cannot be followed by a payment now; the clock is asked, never only the stored state."""
    if state is InvitationState.GIVEN:
        return [AlreadyGiven()]
    if state is InvitationState.REVOKED:
        return [InvitationRevoked(holder=holder)]
    if state is InvitationState.LAPSED or has_lapsed(expires_on, now=now):
        return [InvitationOver(expires_on=expires_on, holder=holder)]
    return []
