"""Pure decisions about money and its purpose: which custody a source may have, and what a restriction forbids."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_


class SourceKind(StrEnum):
    """Three regimes of money; each has its own law (handbook, finding 2)."""

    FISCAL = "fiscal_fund"
    UNION = "union_fund"
    DONATION = "donation_fund"


class Custody(StrEnum):
    """Who holds the money, which decides the rail it leaves by."""

    QUOTA = "quota"
    BANK = "bank"
    GATEWAY = "gateway"


class ReceiptKind(StrEnum):
    """What sort of income it is."""

    APPROPRIATION = "appropriation"
    UNION_ALLOTMENT = "union_allotment"
    GIFT = "gift"
    INTEREST = "interest"


CUSTODIES: Mapping[SourceKind, frozenset[Custody]] = {
    SourceKind.FISCAL: frozenset({Custody.QUOTA}),
    SourceKind.UNION: frozenset({Custody.BANK}),
    SourceKind.DONATION: frozenset({Custody.BANK, Custody.GATEWAY}),
}
"""Where money of each source may lie: fiscal money is a quota that the treasury alone pays."""

INCOMES: Mapping[SourceKind, frozenset[ReceiptKind]] = {
    SourceKind.FISCAL: frozenset({ReceiptKind.APPROPRIATION}),
    SourceKind.UNION: frozenset({ReceiptKind.UNION_ALLOTMENT, ReceiptKind.INTEREST}),
    SourceKind.DONATION: frozenset({ReceiptKind.GIFT, ReceiptKind.INTEREST}),
}
"""What income a fund of each source may record."""

SOURCE_LABELS: Mapping[SourceKind, str] = {
    SourceKind.FISCAL: N_("财政资金"),
    SourceKind.UNION: N_("工会经费"),
    SourceKind.DONATION: N_("捐赠资金"),
}
CUSTODY_LABELS: Mapping[Custody, str] = {
    Custody.QUOTA: N_("财政指标（国库支付）"),
    Custody.BANK: N_("银行账户"),
    Custody.GATEWAY: N_("支付平台"),
}
RECEIPT_LABELS: Mapping[ReceiptKind, str] = {
    ReceiptKind.APPROPRIATION: N_("财政拨款"),
    ReceiptKind.UNION_ALLOTMENT: N_("工会经费下拨"),
    ReceiptKind.GIFT: N_("定向捐赠"),
    ReceiptKind.INTEREST: N_("利息"),
}


@dataclass(frozen=True, slots=True)
class Restriction:
    """What the money may be used for. An empty part forbids nothing; ``clause`` is the giver's own wording."""

    clause: str = ""
    catalogue_codes: frozenset[str] = frozenset()
    expires_on: date | None = None

    @property
    def is_restricted(self) -> bool:
        """Whether the giver bound the money at all (限定性)."""
        return bool(self.clause or self.catalogue_codes or self.expires_on)


@dataclass(frozen=True, slots=True)
class Use:
    """What somebody wants to use money for: a catalogue entry, until the day the last milestone is planned."""

    catalogue_code: str
    buyer_id: object
    until: date


class CustodyUnlawful(DomainError):
    """Money of this source may not lie there."""

    kind, code = Kind.INVALID, "custody_unlawful"
    text = N_("「{source}」不能存放在「{custody}」。请改选存放方式。")


class IncomeUnlawful(DomainError):
    """A fund of this source does not record this income."""

    kind, code = Kind.INVALID, "income_unlawful"
    text = N_("资金「{fund}」是{source}，不能登记「{income}」。请选择对应的资金。")


class PurposeForbidden(DomainError):
    """The giver's restriction does not allow this use."""

    kind, code = Kind.CONFLICT, "purpose_forbidden"
    text = N_("资金「{fund}」限定用途：{clause}。本项目的目录条目 {catalogue_code} 不在其内，请改用其他资金。")


class FundExpires(DomainError):
    """The money may only be used until a day before the use ends."""

    kind, code = Kind.CONFLICT, "fund_expires"
    text = N_("资金「{fund}」的使用期限到 {expires_on}，早于项目最后一个里程碑 {until}。请调整计划或改用其他资金。")


class NotThisBuyersMoney(DomainError):
    """The fund serves another buyer."""

    kind, code = Kind.CONFLICT, "not_this_buyers_money"
    text = N_("资金「{fund}」不归本项目的购买主体使用。请改选本单位的资金。")


class FundClosed(DomainError):
    """The fund is closed to new receipts and reservations."""

    kind, code = Kind.CONFLICT, "fund_closed"
    text = N_("资金「{fund}」已停用，不能再登记收入或占用。请选择使用中的资金。")


def custody_refusals(source: SourceKind, custody: Custody) -> list[DomainError]:
    """Why money of ``source`` may not lie in ``custody``; empty if it may."""
    if custody in CUSTODIES[source]:
        return []
    return [CustodyUnlawful(field="custody", source=SOURCE_LABELS[source], custody=CUSTODY_LABELS[custody])]


def income_refusals(fund: str, source: SourceKind, income: ReceiptKind) -> list[DomainError]:
    """Why a fund of ``source`` does not record ``income``; empty if it does."""
    if income in INCOMES[source]:
        return []
    return [
        IncomeUnlawful(field="kind", fund=fund, source=SOURCE_LABELS[source], income=RECEIPT_LABELS[income]),
    ]


def use_refusals(fund: str, buyer_id: object, restriction: Restriction, use: Use) -> list[DomainError]:
    """Every reason why a fund may not serve a use; empty if it may. Asked at reservation and again at payment.

    Source:
        慈善法第五十四条 (earmarking), 政府采购法实施条例第二条 (each source keeps its own rules).
    """
    found: list[DomainError] = []
    if use.buyer_id != buyer_id:
        found.append(NotThisBuyersMoney(field="funding", fund=fund))
    codes = restriction.catalogue_codes
    if codes and not any(use.catalogue_code.startswith(code) for code in codes):
        found.append(
            PurposeForbidden(
                field="funding",
                fund=fund,
                clause=restriction.clause or "、".join(sorted(codes)),
                catalogue_code=use.catalogue_code,
            )
        )
    if restriction.expires_on and use.until > restriction.expires_on:
        found.append(FundExpires(field="funding", fund=fund, expires_on=restriction.expires_on, until=use.until))
    return found


def strictest(sources: Iterable[SourceKind]) -> SourceKind:
    """The regime a project follows when its money is mixed: fiscal money makes the whole project follow 采购法.

    Raises:
        ValueError: there is no source at all.

    Source:
        政府采购法实施条例第二条: fiscal and other money that cannot be separated.
    """
    order = (SourceKind.FISCAL, SourceKind.UNION, SourceKind.DONATION)
    return min(sources, key=order.index)
