"""Pure decisions of reconciliation: what belongs together, what may explain a difference, and whether a book closes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from marketplace.funds.states.reconciling import CATEGORY_LABELS, Category, Side
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.kit.money import yuan_grouped

DAYS_APART_MAX = 10
"""Two records of one payment are seldom further apart; further ones are not suggested, but may be matched by hand."""
GROUP_MAX = 50
"""Items in one match at most."""


class NothingToMatch(DomainError):
    """A match needs items, and not too many."""

    kind, code = Kind.INVALID, "nothing_to_match"
    text = N_("请在左右两边勾选要匹配的记录，一次最多 {most} 条。")


class SumsDiffer(DomainError):
    """What is to be matched does not add up to the same."""

    kind, code = Kind.CONFLICT, "sums_differ"
    text = N_(
        "勾选的记录合计不相等：对方 {theirs} 元，本平台 {ours} 元，相差 {difference} 元。请重新勾选，或为差额登记说明。"
    )


class NotOpenItem(DomainError):
    """An item is matched already, or belongs to another book."""

    kind, code = Kind.CONFLICT, "not_open_item"
    text = N_("勾选的记录中有的已经匹配，或不属于这个账户。请刷新页面后重新勾选。")


class WrongCategory(DomainError):
    """This category cannot explain this item."""

    kind, code = Kind.INVALID, "wrong_category"
    text = N_("「{category}」不能说明这条记录。请改选其他类别，或登记为待查并指定负责人。")


class OwnerNeeded(DomainError):
    """An open item has an owner, an explained one needs none."""

    kind, code = Kind.INVALID, "owner_needed"
    text = N_("待查的差异须指定一位负责人和完成日期；已有说明的差异不用指定。")


class StrangerAsOwner(DomainError):
    """The owner of an open item is one of the office's own people."""

    kind, code = Kind.INVALID, "stranger_as_owner"
    text = N_("负责人须是本单位在岗人员。请重新选择。")


class Item(NamedTuple):
    """One record as it changes the account: money that came is positive, money that left negative, in fen.

    ``is_doubled`` marks what the other side has listed a second time: it has no counterpart, and somebody must ask.
    """

    key: str
    side: Side
    amount_fen: int
    day: date
    name: str = ""
    is_doubled: bool = False


class Suggestion(NamedTuple):
    """Items that very likely belong together; ``is_named`` when the other party's name agrees also."""

    theirs: tuple[str, ...]
    ours: tuple[str, ...]
    is_named: bool


class _Pool:
    """Our items that no suggestion has taken yet, found by amount."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._by_amount: dict[int, list[Item]] = defaultdict(list)
        for item in items:
            self._by_amount[item.amount_fen].append(item)

    def take(self, wanted: Item, *, named: bool) -> Item | None:
        """The nearest item in time of the same amount, with an agreeing name if ``named``."""
        fitting = [
            item
            for item in self._by_amount[wanted.amount_fen]
            if abs((item.day - wanted.day).days) <= DAYS_APART_MAX and (not named or _agree(item.name, wanted.name))
        ]
        if not fitting:
            return None
        best = min(fitting, key=lambda item: (abs((item.day - wanted.day).days), item.key))
        self._by_amount[wanted.amount_fen].remove(best)
        return best

    def rest(self) -> list[Item]:
        """What was not taken, by day and key."""
        left = [item for items in self._by_amount.values() for item in items]
        return sorted(left, key=lambda item: (item.day, item.key))


def _agree(one: str, other: str) -> bool:
    return bool(one and other) and (one in other or other in one)


def suggest(theirs: Sequence[Item], ours: Sequence[Item]) -> list[Suggestion]:
    """What belongs together, the surest first.

    One to one with amount and name, one to one with the amount alone, one of theirs for several of ours of one day and
    payer, and last two of theirs that cancel out, as a payment and its return do.
    """
    pool, open_ = _Pool(ours), sorted(theirs, key=lambda item: (item.day, item.key))
    found: list[Suggestion] = []
    for named in (True, False):
        left = []
        for wanted in open_:
            mate = None if wanted.is_doubled else pool.take(wanted, named=named)
            if mate is None:
                left.append(wanted)
            else:
                found.append(Suggestion((wanted.key,), (mate.key,), is_named=named))
        open_ = left
    split, open_ = _several(open_, pool.rest())
    return [*found, *split, *_cancelling(open_)]


def _several(theirs: list[Item], ours: Sequence[Item]) -> tuple[list[Suggestion], list[Item]]:
    bundles: dict[tuple[date, str], list[Item]] = defaultdict(list)
    for item in ours:
        bundles[item.day, item.name].append(item)
    by_sum = {
        sum(item.amount_fen for item in items): items
        for items in reversed(bundles.values())
        if 1 < len(items) <= GROUP_MAX
    }
    found, left = [], []
    for wanted in theirs:
        items = None if wanted.is_doubled else by_sum.pop(wanted.amount_fen, None)
        if items is None or abs((items[0].day - wanted.day).days) > DAYS_APART_MAX:
            left.append(wanted)
            continue
        keys = tuple(item.key for item in items)
        found.append(Suggestion((wanted.key,), keys, is_named=_agree(items[0].name, wanted.name)))
    return found, left


def _cancelling(theirs: list[Item]) -> Iterator[Suggestion]:
    credits_ = [item for item in theirs if item.amount_fen > 0]
    for debit in theirs:
        back = [item for item in credits_ if item.amount_fen == -debit.amount_fen and item.day >= debit.day]
        if back:
            best = min(back, key=lambda item: (not _agree(item.name, debit.name), item.day, item.key))
            credits_.remove(best)
            yield Suggestion((debit.key, best.key), (), is_named=_agree(best.name, debit.name))


def match_refusals(items: Sequence[Item]) -> list[DomainError]:
    """Why these items do not make a match; empty if they do."""
    if not 1 < len(items) <= GROUP_MAX:
        return [NothingToMatch(most=GROUP_MAX)]
    ours = sum(item.amount_fen for item in items if item.side is Side.OURS)
    theirs = sum(item.amount_fen for item in items if item.side is not Side.OURS)
    if ours == theirs:
        return []
    amounts = (theirs, ours, theirs - ours)
    told = dict(zip(("theirs", "ours", "difference"), map(yuan_grouped, amounts), strict=True))
    return [SumsDiffer(**told)]


def categories(item: Item, *, is_opening: bool = False) -> tuple[Category, ...]:
    """What may explain an item that has no counterpart; a doubled one is nobody's fee or way: it is looked into."""
    if item.is_doubled:
        return (Category.OPEN,)
    if is_opening:
        return (Category.OPENING, Category.OPEN)
    came, ours = item.amount_fen > 0, item.side is Side.OURS
    allowed: Mapping[Category, bool] = {
        Category.FEE: not came and not ours,
        Category.IN_TRANSIT: ours or not came,
        Category.RETURNED: True,
        Category.UNIDENTIFIED: came and not ours,
        Category.PAYOUT: item.side is Side.GATEWAY or (came and item.side is Side.BANK),
        Category.OPENING: False,
        Category.OPEN: True,
    }
    return tuple(category for category, fits in allowed.items() if fits)


def note_refusals(
    item: Item, category: Category, *, is_opening: bool, has_owner: bool, has_day: bool
) -> list[DomainError]:
    """Why this note cannot stand beside this item; empty if it can."""
    if category not in categories(item, is_opening=is_opening):
        return [WrongCategory(field="category", category=CATEGORY_LABELS[category])]
    is_open = category is Category.OPEN
    if (has_owner, has_day) != (is_open, is_open):
        return [OwnerNeeded(field="owner_id" if has_owner != is_open else "due_on")]
    return []
