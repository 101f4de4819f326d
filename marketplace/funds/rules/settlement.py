"""Pure decisions about paying: what may be asked for, how it is shared out over funds, and why it is refused."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from marketplace.funds.rules.terms import Restriction, Use, use_refusals
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.kit.money import yuan_grouped

FILE_LINES_MAX = 5_000
"""Payments of one instruction file at most; more make further files."""
ROSTER_LINES_MAX = 20_000


class MoreThanCommitted(DomainError):
    """More is to become payable than the contract has left."""

    kind, code = Kind.CONFLICT, "more_than_committed"
    text = N_("应付金额超过合同剩余资金，还差 {short} 元。请核对验收比例和合同金额。")


class AlreadyPayable(DomainError):
    """The milestone became payable before."""

    kind, code = Kind.CONFLICT, "already_payable"
    text = N_("这个里程碑的应付款已经转出过，不能再转一次。请在付款申请中查看。")


class MoreThanReserved(DomainError):
    """The price is above what was reserved for the project."""

    kind, code = Kind.CONFLICT, "more_than_reserved"
    text = N_("合同金额超过项目占用的资金，还差 {short} 元。请核对成交价和项目资金。")


class NothingPayable(DomainError):
    """Nothing is payable that this office could still ask for."""

    kind, code = Kind.CONFLICT, "nothing_payable"
    text = N_("「{label}」目前没有可以申请的应付款：要么还没有验收，要么已经申请过。请先核对验收结果和已有的付款单。")


class MoreThanPayable(DomainError):
    """More is asked for than is payable."""

    kind, code = Kind.CONFLICT, "more_than_payable"
    text = N_("申请金额超过应付余额，最多可以申请 {most} 元。请减少金额。")


class WrongPayee(DomainError):
    """The payee is not the contract's supplier."""

    kind, code = Kind.CONFLICT, "wrong_payee"
    text = N_("收款方不是合同 {contract} 的承接主体，不能付款。请选择合同的承接主体。")


class NoPayeeAccount(DomainError):
    """The payee has no bank account on file."""

    kind, code = Kind.CONFLICT, "no_payee_account"
    text = N_("收款方还没有登记收款账户。请通知对方在「本组织资料」中补登，再提交付款申请。")


class InvoiceNeeded(DomainError):
    """A milestone is paid against an invoice."""

    kind, code = Kind.INVALID, "invoice_needed"
    text = N_("支付合同款项需要发票。请填写发票号码和开票日期。")


class InvoiceUsed(DomainError):
    """The invoice stands on another application already."""

    kind, code = Kind.CONFLICT, "invoice_used"
    text = N_("发票 {invoice_no} 已用于付款单 {number}，不能重复付款。请核对发票号码。")


class InvoiceBeforeContract(DomainError):
    """The invoice is older than the contract."""

    kind, code = Kind.INVALID, "invoice_before_contract"
    text = N_("开票日期 {invoice_on} 早于合同签订日期 {signed_on}。请核对，或请对方重开发票。")


class InvoiceInFuture(DomainError):
    """The invoice bears a day that has not come."""

    kind, code = Kind.INVALID, "invoice_in_future"
    text = N_("开票日期 {invoice_on} 还没有到。请填写发票上的日期。")


class FundLapsed(DomainError):
    """The day until which the money may be used has passed."""

    kind, code = Kind.CONFLICT, "fund_lapsed"
    text = N_("资金「{fund}」限定使用到 {expires_on}（{clause}），已经过期，不能付款。请先办理延期或用途变更。")


class EmptyRoster(DomainError):
    """A roster pays somebody."""

    kind, code = Kind.INVALID, "empty_roster"
    text = N_("名册里没有可付款的人员，或人数超过 {most} 人。请核对名册后再提交。")


class UnderWay(DomainError):
    """Some of the application's money was sent already."""

    kind, code = Kind.CONFLICT, "payment_under_way"
    text = N_("付款单 {number} 已有款项发出或付成，不能整单撤销。请等待结果，再逐笔处理。")


class WrongRail(DomainError):
    """The payment leaves by another rail."""

    kind, code = Kind.CONFLICT, "wrong_rail"
    text = N_("付款 {number} 的资金存放在「{custody}」，不能用这种方式支付。请改用对应的方式。")


class NoCustodyAccount(DomainError):
    """The office has not said out of which account it pays."""

    kind, code = Kind.CONFLICT, "no_custody_account"
    text = N_("还没有登记「{custody}」的付款账户。请会计先登记付款账户。")


class AccountTaken(DomainError):
    """The account, or one for this custody, is on file already."""

    kind, code = Kind.CONFLICT, "account_taken"
    text = N_("「{custody}」的付款账户已经登记过，或该账号已属于其他单位。请核对账号。")


class NothingChosen(DomainError):
    """No payment was chosen."""

    kind, code = Kind.INVALID, "nothing_chosen"
    text = N_("没有选择付款。请至少选择一笔。")


class ForeignStatement(DomainError):
    """The statement is of another account."""

    kind, code = Kind.INVALID, "foreign_statement"
    text = N_("对账单属于账号 {account}，不是本单位登记的付款账户。请核对文件。")


class RailOff(DomainError):
    """The rail that the money would leave by is switched off in this installation."""

    kind, code = Kind.UNAVAILABLE, "rail_off"
    text = N_("这条付款通道没有配置，款项还没有发出。请联系技术人员配置后重新处理。")


class Share(NamedTuple):
    """A part of a line out of one fund."""

    line: int
    fund_id: UUID
    amount_fen: int


def invoice_refusals(invoice_on: date, signed_on: date | None, today: date) -> list[DomainError]:
    """What is wrong with the day of an invoice."""
    found: list[DomainError] = []
    if signed_on is not None and invoice_on < signed_on:
        found.append(InvoiceBeforeContract(field="invoice_on", invoice_on=invoice_on, signed_on=signed_on))
    if invoice_on > today:
        found.append(InvoiceInFuture(field="invoice_on", invoice_on=invoice_on))
    return found


def amount_refusals(amount_fen: int, free_fen: int, label: str) -> list[DomainError]:
    """Why ``amount_fen`` cannot be asked for when ``free_fen`` are payable and not asked for yet."""
    if free_fen <= 0:
        return [NothingPayable(field="amount_fen", label=label)]
    if amount_fen > free_fen:
        return [MoreThanPayable(field="amount_fen", most=yuan_grouped(free_fen))]
    return []


def payment_refusals(fund: str, buyer_id: object, restriction: Restriction, use: Use) -> list[DomainError]:
    """Every reason why money of a fund may not be paid on the day ``use.until``; empty if it may.

    What was asked at reservation is asked again here: meanwhile the fund may be lapsed, or bound otherwise. A fund that
    was closed still pays: closing stops new receipts and reservations, and what it owes remains owed.

    Source:
        慈善法第五十四条; 民间非营利组织会计制度第五十七条 (限定性净资产).
    """
    found: list[DomainError] = []
    if restriction.expires_on and use.until > restriction.expires_on:
        clause = restriction.clause or N_("使用期限")
        found.append(FundLapsed(field="funding", fund=fund, expires_on=restriction.expires_on, clause=clause))
    timeless = Restriction(clause=restriction.clause, catalogue_codes=restriction.catalogue_codes)
    return found + use_refusals(fund, buyer_id, timeless, use)


def spread(amounts_fen: Sequence[int], free_fen: Mapping[UUID, int]) -> list[Share]:
    """Pay lines one after another out of funds in their order; at most one line is split between two neighbours.

    Raises:
        ValueError: the lines are more than the funds have together.
    """
    if sum(amounts_fen) > sum(free_fen.values()):
        raise ValueError("the lines are more than the funds have")
    shares: list[Share] = []
    funds = iter(free_fen.items())
    fund_id, left_fen = next(funds)
    for line, amount_fen in enumerate(amounts_fen):
        need_fen = amount_fen
        while need_fen:
            while not left_fen:
                fund_id, left_fen = next(funds)
            part_fen = min(need_fen, left_fen)
            shares.append(Share(line, fund_id, part_fen))
            need_fen, left_fen = need_fen - part_fen, left_fen - part_fen
    return shares
