"""The states of a confirmed match and of a note that explains a difference; and the words of reconciliation."""

from enum import StrEnum

from marketplace.kit.i18n import N_
from marketplace.kit.states import Machine


class Side(StrEnum):
    """Whose record an item stands in."""

    BANK = "bank"
    GATEWAY = "gateway"
    OURS = "ours"


SIDE_LABELS = {Side.BANK: N_("银行对账单"), Side.GATEWAY: N_("支付平台流水"), Side.OURS: N_("本平台账")}


class Category(StrEnum):
    """Why two records differ; ``open`` is not known yet, and somebody looks into it."""

    FEE = "fee"
    IN_TRANSIT = "in_transit"
    RETURNED = "returned"
    UNIDENTIFIED = "unidentified"
    PAYOUT = "payout"
    OPENING = "opening"
    OPEN = "open"


CATEGORY_LABELS = {
    Category.FEE: N_("手续费"),
    Category.IN_TRANSIT: N_("日终在途"),
    Category.RETURNED: N_("退回款项"),
    Category.UNIDENTIFIED: N_("来源待查的收款"),
    Category.PAYOUT: N_("支付平台划转"),
    Category.OPENING: N_("启用前的余额"),
    Category.OPEN: N_("待查，专人负责"),
}


class MatchState(StrEnum):
    """Whether a match stands."""

    STANDING = "standing"
    UNDONE = "undone"


class MatchAction(StrEnum):
    """What may be done to a match."""

    UNDO = "undo"


class NoteState(StrEnum):
    """Whether a note still explains its item."""

    STANDING = "standing"
    WITHDRAWN = "withdrawn"
    SETTLED = "settled"


class NoteAction(StrEnum):
    """What may happen to a note."""

    WITHDRAW = "withdraw"
    SETTLE = "settle"


MATCH = Machine(
    name="reconciliation_match",
    start=MatchState.STANDING,
    moves={(MatchState.STANDING, MatchAction.UNDO): MatchState.UNDONE},
    labels={
        MatchState.STANDING: N_("已匹配"),
        MatchState.UNDONE: N_("匹配已撤销"),
        MatchAction.UNDO: N_("撤销匹配"),
    },
)
NOTE = Machine(
    name="reconciliation_note",
    start=NoteState.STANDING,
    moves={
        (NoteState.STANDING, NoteAction.WITHDRAW): NoteState.WITHDRAWN,
        (NoteState.STANDING, NoteAction.SETTLE): NoteState.SETTLED,
    },
    labels={
        NoteState.STANDING: N_("说明有效"),
        NoteState.WITHDRAWN: N_("说明已撤回"),
        NoteState.SETTLED: N_("已由匹配了结"),
        NoteAction.WITHDRAW: N_("撤回说明"),
        NoteAction.SETTLE: N_("匹配了结"),
    },
)
