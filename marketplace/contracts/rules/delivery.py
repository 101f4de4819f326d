"""Pure decisions of delivery: what a report must hold, how late something is, what a part comes to, what is shown."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from marketplace.contracts.states import DECIDED, MilestoneAction, MilestoneState
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.kit.money import WHOLE_BP, percent, share
from marketplace.kit.text import SMALL_GROUP, Hidden

CONTENT_MIN = 10
"""A report says in so many characters at least what was done."""
FILES_MAX = 60
"""Files of one report."""
SOON = timedelta(days=14)
"""So long before its day a milestone stands among what waits."""
MEND_AT_MOST = timedelta(days=365)
"""A mending that would take longer is a slip of the pen."""


class ReportMissing(DomainError):
    """A report says too little of what was done."""

    kind, code = Kind.INVALID, "report_missing"
    text = N_("请写明完成了什么，至少 {least} 个字。")


class CountMissing(DomainError):
    """A report does not say how many people were served."""

    kind, code = Kind.INVALID, "report_count_missing"
    text = N_("请填写服务人数。没有直接服务到人的，填 0。")


class EvidenceMissing(DomainError):
    """Something that the contract asks as evidence is neither ticked nor proved by a file."""

    kind, code = Kind.INVALID, "evidence_missing"
    text = N_("合同要求的材料「{item}」还没有准备好。请上传对应的文件，或在清单中勾选这一项，再提交验收。")


class NoFiles(DomainError):
    """A report comes without any file."""

    kind, code = Kind.INVALID, "report_without_files"
    text = N_("还没有上传任何材料。请至少上传一份照片、签到表或其他材料。")


class TooManyFiles(DomainError):
    """A report has as many files as it may have."""

    kind, code = Kind.INVALID, "too_many_evidence_files"
    text = N_("一次报告最多上传 {limit} 份材料。请先撤下不需要的，再上传。")


class NoSuchItem(DomainError):
    """A file or a tick names an evidence item that the contract does not have."""

    kind, code = Kind.INVALID, "no_such_evidence_item"
    text = N_("合同的材料清单里没有这一项。请刷新页面后重新选择。")


class MendByPassed(DomainError):
    """The day by which to mend a report lies in the past or is today."""

    kind, code = Kind.INVALID, "mend_by_passed"
    text = N_("整改期限应晚于今天（{today}）。请改填以后的日期。")


class MendByFar(DomainError):
    """The day by which to mend a report is so far away that it must be a slip."""

    kind, code = Kind.INVALID, "mend_by_far"
    text = N_("整改期限最晚填到 {last}，请改填近一些的日期。")


class ReasonMissing(DomainError):
    """Less than all is accepted without saying why."""

    kind, code = Kind.INVALID, "acceptance_reason_missing"
    text = N_("没有全部通过时，请写明哪些没有达到合同要求。")


class SatisfiedBeyondAsked(DomainError):
    """More people are said to be satisfied than were asked."""

    kind, code = Kind.INVALID, "satisfied_beyond_asked"
    text = N_("表示满意的人数（{satisfied}）不能多于询问的人数（{asked}）。请核对后重填。")


class ContractNotInForce(DomainError):
    """The contract of a milestone is not in force, or not any more."""

    kind, code = Kind.CONFLICT, "contract_not_in_force"
    text = N_("这份合同不在履行中，不能办理里程碑。请刷新页面查看合同状态。")


class PersonNeeded(DomainError):
    """An act that must bear a person's name was tried by nobody in person."""

    kind, code = Kind.FORBIDDEN, "person_needed"
    text = N_("提交、核验和验收必须由具体的人办理。请用本人账号登录后再办。")


class PlanNotWhole(DomainError):
    """The milestones of a contract do not add up to its price, or not to 100.00 %."""

    kind, code = Kind.INVALID, "contract_milestones_not_whole"
    text = N_("各里程碑的比例合计为 {percent}%，金额合计与合同价相差 {short_fen} 分。请按合同重新拆分。")


def check_plan(shares_bp: Iterable[int], amounts_fen: Iterable[int], price_fen: int) -> None:
    """Refuse milestones that are not together exactly 100.00 % and exactly the price.

    Raises:
        PlanNotWhole: they are not.
    """
    whole, paid = sum(shares_bp), sum(amounts_fen)
    if whole != WHOLE_BP or paid != price_fen:
        raise PlanNotWhole(percent=percent(whole), short_fen=price_fen - paid)


def report_problems(
    items: Sequence[str], content: str, people_served: int | None, ticked: Iterable[int], proved: Sequence[int | None]
) -> Iterator[DomainError]:
    """What keeps a report from being handed in, each at its field; ``proved`` names the item of each file of it.

    An item is there when it is ticked or when a file stands for it.
    """
    if len("".join(content.split())) < CONTENT_MIN:
        yield ReportMissing(field="content", least=CONTENT_MIN)
    if people_served is None:
        yield CountMissing(field="people_served")
    shown = {*ticked, *proved}
    for place, item in enumerate(items):
        if place not in shown:
            yield EvidenceMissing(field=f"ticked-{place}", item=item)
    if not proved:
        yield NoFiles(field="files")


def check_items(places: Iterable[int], count: int) -> None:
    """Refuse places beyond the ``count`` evidence items of a milestone.

    Raises:
        NoSuchItem: one lies beyond.
    """
    if any(not 0 <= place < count for place in places):
        raise NoSuchItem(field="ticked")


def check_mend_by(day: date, today: date) -> None:
    """Refuse a day by which nothing can be mended any more, and one that can only be a slip.

    Raises:
        MendByPassed: it is today or lies in the past.
        MendByFar: it is more than a year away.
    """
    if day <= today:
        raise MendByPassed(field="mend_by", today=today.isoformat())
    last = today + MEND_AT_MOST
    if day > last:
        raise MendByFar(field="mend_by", last=last.isoformat())


def action_of(share_bp: int) -> MilestoneAction:
    """Which decision a share is: all of it, a part, or nothing."""
    if share_bp == WHOLE_BP:
        return MilestoneAction.ACCEPT
    return MilestoneAction.ACCEPT_PARTLY if share_bp > 0 else MilestoneAction.REJECT


def accepted_fen(amount_fen: int, share_bp: int) -> int:
    """What ``share_bp`` hundredths of a percent of a milestone come to: rounded half up to the fen, never beyond it.

    What is not accepted stays committed and returns to its funds when the contract is closed.
    """
    return min(share(amount_fen, share_bp), amount_fen)


def acceptance_problems(share_bp: int, asked: int, satisfied: int, reason: str) -> Iterator[DomainError]:
    """What is wrong with an acceptance, each at its field."""
    if share_bp < WHOLE_BP and not reason.strip():
        yield ReasonMissing(field="reason")
    if satisfied > asked:
        yield SatisfiedBeyondAsked(field="satisfied", satisfied=satisfied, asked=asked)


def waits_until(state: MilestoneState, due_on: date | None, mend_by: date | None) -> date | None:
    """The day by which the supplier is to report; None where it is not the supplier's turn."""
    if state is MilestoneState.SCHEDULED:
        return due_on
    return mend_by if state is MilestoneState.RETURNED else None


def late_days(state: MilestoneState, due_on: date | None, mend_by: date | None, today: date) -> int:
    """Days since a report was due; 0 on the day itself, before it, and once it is reported."""
    day = waits_until(state, due_on, mend_by)
    return max(0, (today - day).days) if day else 0


def is_soon(day: date | None, today: date) -> bool:
    """Whether something due on ``day`` belongs among what waits today."""
    return day is not None and day <= today + SOON


def public_count(count: int | None) -> int | Hidden | None:
    """A number of people as everybody may see it: nobody is shown, a group under five is not.

    Source:
        The house's rule for people who are helped: no group under five is published.
    """
    return Hidden.SMALL if count is not None and 0 < count < SMALL_GROUP else count


def public_opinion(asked: int, satisfied: int) -> tuple[int | Hidden, int | Hidden]:
    """How many were asked and how many of them are satisfied, so that no small group follows from the difference."""
    if 0 < asked < SMALL_GROUP:
        return Hidden.SMALL, Hidden.WITHHELD
    if 0 < satisfied < SMALL_GROUP:
        return asked, Hidden.SMALL
    return asked, Hidden.WITHHELD if 0 < asked - satisfied < SMALL_GROUP else satisfied


def all_decided(states: Iterable[MilestoneState]) -> bool:
    """Whether a contract waits for nothing more."""
    return all(state in DECIDED for state in states)
