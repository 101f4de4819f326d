"""The bid readiness list: which items apply, what a check must say, until when it holds, and how it looks on a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.suppliers.states import SOCIAL, Applies, CheckResult, Lamp, Nature, ProofBy

EXPIRING = timedelta(days=30)
"""How long before its end a proof is called for anew."""
ANNUAL_REPORT = "annual_report"
_FOUNDATION_DUE, _OTHERS_DUE = (3, 31), (5, 31)


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of readiness item, as far as the rules look at it. ``months`` is how long a check holds, 0: for good."""

    code: str
    name: str
    applies: Applies
    proof_by: ProofBy
    must_expire: bool
    months: int
    pledge: bool


@dataclass(frozen=True, slots=True)
class Check:
    """The latest check of one item."""

    result: CheckResult
    checked_on: date
    valid_to: date | None


class CheckInFuture(DomainError):
    """A check is dated after today."""

    kind, code = Kind.INVALID, "check_in_future"
    text = N_("核对日期不能晚于今天（{today}）。")


class ExpiryMissing(DomainError):
    """The item has an end by its nature, and none was given."""

    kind, code = Kind.INVALID, "expiry_missing"
    text = N_("「{item}」有有效期。请填写证明材料上的有效期截止日。")


class ExpiryPassed(DomainError):
    """What is over cannot have been found right."""

    kind, code = Kind.INVALID, "expiry_passed"
    text = N_("「{item}」的有效期截止日（{valid_to}）早于核对日期，不能记为符合。请记为不符合，或核对新的证明材料。")


class NoteMissing(DomainError):
    """A failed check says nothing of what is wrong."""

    kind, code = Kind.INVALID, "note_missing"
    text = N_("「{item}」不符合时，请写明问题，让对方知道要改什么。")


class SourceMissing(DomainError):
    """A check does not say where it was looked up."""

    kind, code = Kind.INVALID, "source_missing"
    text = N_("请写明「{item}」的核对来源，例如登记证书原件、信用中国网站。")


class PledgeRefused(DomainError):
    """A pledge letter does not stand for this item."""

    kind, code = Kind.INVALID, "pledge_refused"
    text = N_("「{item}」不能以承诺函代替。请核对证明材料。")


class ProofMissing(DomainError):
    """An item was found right, or an application handed in, without its proof."""

    kind, code = Kind.INVALID, "proof_missing"
    text = N_("请上传「{item}」的证明材料。")


class ItemOpen(DomainError):
    """An item that must be right is not."""

    kind, code = Kind.INVALID, "item_open"
    text = N_("「{item}」：{lamp}。核对符合后才能通过入库。")


def applies(item: Item, nature: Nature, *, minors: bool, demanded: Iterable[str] = ()) -> bool:
    """Whether an item is asked of an organization of this nature; ``demanded`` names items a project asks for.

    Source:
        未成年人保护法第六十二条 for staff who work with minors.
    """
    match item.applies:
        case Applies.ALWAYS:
            return True
        case Applies.SOCIAL:
            return nature in SOCIAL
        case Applies.MINORS:
            return minors
        case Applies.ON_DEMAND:
            return item.code in set(demanded)


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def next_report_due(nature: Nature, after: date) -> date:
    """The first day after ``after`` on which a newer yearly report must be in, so that the present one is the latest.

    Source:
        基金会管理条例第三十六条 (31 March).
        社会团体登记管理条例第二十八条、民办非企业单位登记管理暂行条例第二十三条 (31 May).
    """
    month, day = _FOUNDATION_DUE if nature is Nature.FOUNDATION else _OTHERS_DUE
    due = date(after.year, month, day)
    return due if due > after else date(after.year + 1, month, day)


def usual_end(item: Item, nature: Nature, checked_on: date) -> date | None:
    """Until when a check holds if its proof does not say: for a yearly report until the next is due."""
    if item.code == ANNUAL_REPORT:
        return next_report_due(nature, checked_on)
    return add_months(checked_on, item.months) if item.months else None


def check_problems(
    item: Item, check: Check, *, source: str, note: str, has_proof: bool, today: date
) -> list[DomainError]:
    """What is wrong with a check that somebody is about to write down."""
    found: list[DomainError] = []
    good = check.result is not CheckResult.FAILED
    if check.checked_on > today:
        found.append(CheckInFuture(field="checked_on", today=today))
    if not source.strip():
        found.append(SourceMissing(field="source", item=item.name))
    if check.result is CheckResult.PLEDGED and not item.pledge:
        found.append(PledgeRefused(field="result", item=item.name))
    if not good and not note.strip():
        found.append(NoteMissing(field="note", item=item.name))
    if good and item.must_expire and check.valid_to is None:
        found.append(ExpiryMissing(field="valid_to", item=item.name))
    if good and check.valid_to is not None and check.valid_to < check.checked_on:
        found.append(ExpiryPassed(field="valid_to", item=item.name, valid_to=check.valid_to))
    if good and not has_proof:
        found.append(ProofMissing(field="result", item=item.name))
    return found


def lamp(check: Check | None, on_day: date) -> Lamp:
    """How an item looks on a day; the last valid day still counts."""
    if check is None:
        return Lamp.GREY
    if check.result is CheckResult.FAILED or (check.valid_to is not None and check.valid_to < on_day):
        return Lamp.RED
    if check.valid_to is not None and check.valid_to - on_day < EXPIRING:
        return Lamp.AMBER
    return Lamp.GREEN


def is_good(check: Check | None, on_day: date) -> bool:
    """Whether an item is right on a day."""
    return lamp(check, on_day) in (Lamp.GREEN, Lamp.AMBER)


def valid_until(items: Sequence[Item], checks: Mapping[str, Check]) -> date | None:
    """The last day on which every one of these items is still right by its latest check; None if none of them ends."""
    ends = [check.valid_to for item in items if (check := checks.get(item.code)) and check.valid_to is not None]
    return min(ends, default=None)
