"""What the pages of money show: frozen structs made from the domain's reads."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from markupsafe import Markup
from msgspec import Struct, structs

from marketplace.funds.queries import parties
from marketplace.funds.rules import CUSTODY_LABELS, RECEIPT_LABELS, SOURCE_LABELS, ReceiptKind
from marketplace.funds.schemas import FundView, ReceiptView
from marketplace.funds.states import FUND, RECEIPT, FundAction
from marketplace.identity.rules import Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.i18n import N_
from marketplace.web.i18n import gettext

PLACES = (
    ("paid", N_("已支付"), "paid"),
    ("in_transit", N_("支付中"), "due"),
    ("payable", N_("应付"), "due"),
    ("retention", N_("质保金"), "bound"),
    ("committed", N_("合同占用"), "bound"),
    ("reserved", N_("项目占用"), "bound"),
    ("clearing", N_("待认领"), "bound"),
    ("fee", N_("手续费"), "paid"),
    ("refunded", N_("已退捐赠人"), "paid"),
    ("returned", N_("已退回来源"), "paid"),
    ("transferred", N_("已调整用途"), "paid"),
    ("available", N_("可用"), "free"),
)
"""Where fen may be, in the order a bar shows them: the ledger's word, ours, and the colour of the bar's part."""


def serials(first: int, after_last: int) -> str:
    """A range of serial numbers as people read it: from the first to the last, counted from 1."""
    return f"{first + 1:,}–{after_last:,}"


def kind_choices(kinds: Iterable[ReceiptKind]) -> list[tuple[str, str]]:
    """Kinds of income with their names in the present language."""
    return [(kind.value, gettext(RECEIPT_LABELS[kind])) for kind in kinds]


WORDS: dict[str, object] = {
    "SOURCE_LABELS": SOURCE_LABELS,
    "CUSTODY_LABELS": CUSTODY_LABELS,
    "RECEIPT_LABELS": RECEIPT_LABELS,
    "FUND": FUND,
    "RECEIPT": RECEIPT,
    "serials": serials,
    "kind_choices": kind_choices,
}
"""What the templates of money look words up in."""


Parts = list[tuple[str, str, int]]
"""The parts of a fund bar: the colour's kind, the word (a message id) and the amount in fen."""


class Choices(Struct, frozen=True):
    """The choices of the new fund's form."""

    buyers: list[tuple[str, str]]

    @property
    def sources(self) -> list[tuple[str, str]]:
        """The three regimes of money."""
        return [(kind.value, gettext(label)) for kind, label in SOURCE_LABELS.items()]

    @property
    def custodies(self) -> list[tuple[str, str]]:
        """Where money may lie."""
        return [(kind.value, gettext(label)) for kind, label in CUSTODY_LABELS.items()]


def parts(balances_fen: dict[str, int]) -> Parts:
    """The parts of a fund that are not empty, in the order of the bar."""
    return [(kind, title, balances_fen[role]) for role, title, kind in PLACES if balances_fen.get(role)]


class DeskView(Struct, frozen=True, kw_only=True):
    """The list of an office's funds, with their sum and the latest receipts."""

    funds: list[FundView]
    receipts: list[ReceiptView]
    may_open: bool
    received_fen: int
    available_fen: int
    bound_fen: int

    @classmethod
    def of(cls, funds: Sequence[FundView], receipts: Sequence[ReceiptView], *, may_open: bool) -> "DeskView":
        """The view over these funds and receipts."""
        received = sum(fund.received_fen for fund in funds)
        free = sum(fund.available_fen for fund in funds)
        gone = sum(fund.balances_fen.get(role, 0) for fund in funds for role, _, kind in PLACES if kind == "paid")
        return cls(
            funds=list(funds),
            receipts=list(receipts),
            may_open=may_open,
            received_fen=received,
            available_fen=free,
            bound_fen=received - free - gone,
        )


class FundPage(Struct, frozen=True, kw_only=True):
    """One fund with what the reader may do."""

    fund: FundView
    receipts: list[ReceiptView]
    parts: Parts
    may_record: bool
    may_correct: bool
    turn: str
    turn_label: str


def fund_page(fund: FundView, receipts: list[ReceiptView], actor: Actor) -> FundPage:
    """The page of a fund; the button that closes or reopens comes from the table of moves."""
    concerned = parties(fund)
    actions = FUND.actions(fund.state) if may(actor, Right.OPEN_FUND, concerned) else frozenset[FundAction]()
    turn = next(iter(actions), None)
    return FundPage(
        fund=fund,
        receipts=receipts,
        parts=parts(fund.balances_fen),
        may_record=may(actor, Right.RECORD_RECEIPT, concerned) and fund.state.value == "open",
        may_correct=may(actor, Right.CORRECT_RECEIPT, concerned),
        turn=turn.value if turn else "",
        turn_label=FUND.label(turn) if turn else "",
    )


class PublicReceipt(Struct, frozen=True, kw_only=True):
    """A receipt as the public sees it: no payer who does not want to be named, no check code."""

    number: str
    fund: str
    kind: str
    amount_fen: int
    value_date: date
    payer: str

    @classmethod
    def of(cls, view: ReceiptView) -> "PublicReceipt":
        """What of a receipt is public.

        Source:
            慈善法第八十二条: a donor who refuses is not named.
        """
        return cls(
            number=view.number,
            fund=view.fund,
            kind=RECEIPT_LABELS[view.kind],
            amount_fen=view.amount_fen,
            value_date=view.value_date,
            payer=view.payer if view.disclose_payer else "",
        )


class PublicView(Struct, frozen=True, kw_only=True):
    """The public page of the money: sums in fen, the flow as a figure and as rows, the latest receipts."""

    received_fen: int
    reserved_fen: int
    available_fen: int
    paid_fen: int
    receipts: list[PublicReceipt]
    flow: Markup | None
    links: list[tuple[str, str, int]]


class Place(Struct, frozen=True, kw_only=True):
    """Where some fen of a receipt are now: the bar's colour, the word, since when, and what they are for."""

    kind: str
    role: str
    title: str
    amount_fen: int
    first_serial: int
    after_last_serial: int
    since: date | None = None
    project_id: UUID | None = None
    project: str = ""
    contract: str = ""
    milestone: str = ""
    payee: str = ""
    is_roster: bool = False

    def and_on(self, after: "Place") -> "Place":
        """This stretch and the one that follows it as one."""
        both = self.amount_fen + after.amount_fen
        return structs.replace(self, amount_fen=both, after_last_serial=after.after_last_serial)
