"""Pure decisions about bids: what is in time, what is complete, what a passphrase must be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.kit.money import half_up, yuan_grouped

COMMIT_WITHIN = timedelta(seconds=30)
"""A submission that is not in the database this long after it arrived is rolled back, and opening waits as long."""

PASSPHRASE_MIN = 10
FILES_MAX = 40
HUNDREDTHS = 100


class TooLate(DomainError):
    """It arrived after the deadline, by the server's clock."""

    kind, code = Kind.CONFLICT, "bid_too_late"
    text = N_("递交截止时间已过，不能再上传、递交、替换或撤回。截止时间以服务器时钟为准。")


class BiddingNotOpen(DomainError):
    """The project does not take bids: not published, stopped, or opened already."""

    kind, code = Kind.CONFLICT, "bidding_not_open"
    text = N_("这个项目现在不接受申报。请在项目页查看当前阶段和时间安排。")


class NotCommittedInTime(DomainError):
    """The submission took longer than the seconds it has and was rolled back."""

    kind, code = Kind.UNAVAILABLE, "bid_not_committed_in_time"
    text = N_("服务器没有在 30 秒内完成这次操作，所以它没有生效。请立即再试一次，并以看到的回执为准。")


class MayNotBid(DomainError):
    """A public institution whose class nobody has stated; one of class one is kept out by law."""

    kind, code = Kind.INVALID, "may_not_bid"
    text = N_(
        "事业单位须先完成承接主体登记并写明类别：公益一类事业单位不能承接（政府购买服务管理办法（财政部令第102号）第八条，"
        "待核对原文），公益二类和从事生产经营活动的可以。"
    )


class DocumentNotTaken(DomainError):
    """The organization has not taken the project's document."""

    kind, code = Kind.CONFLICT, "document_not_taken"
    text = N_("请先在项目页报名获取采购文件，再填写申报。")


class NotQualified(DomainError):
    """The organization's registration has not been confirmed."""

    kind, code = Kind.CONFLICT, "supplier_not_qualified"
    text = N_("贵组织的入库资料尚未核验通过，通过后才能递交申报。请在「资质与成员」查看缺什么。")


class NothingToConfirm(DomainError):
    """The project was not corrected since the bid was handed in or confirmed."""

    kind, code = Kind.CONFLICT, "nothing_to_confirm"
    text = N_("递交以后项目没有需要再次确认的更正，已递交的申报仍然有效，不用办理。")


class ReplaceInstead(DomainError):
    """The correction asks for what the sealed bid cannot hold."""

    kind, code = Kind.CONFLICT, "replace_instead"
    text = N_("更正增加了必须回应的内容，只确认不够：{missing}。请补充后重新递交，替换原来的申报。")


class NothingToReuse(DomainError):
    """No bid of the organization has been opened, or the draft has all that the last one holds."""

    kind, code = Kind.CONFLICT, "nothing_to_reuse"
    text = N_("没有可以沿用的内容：贵组织还没有已开启的申报，或者能沿用的部分都已经填写。请直接填写余下的部分。")


class TooEarlyToOpen(DomainError):
    """Bids may not be opened yet."""

    kind, code = Kind.CONFLICT, "too_early_to_open"
    text = N_("现在还不能开启。请在 {at} 之后再来：截止后留 30 秒，保证准时到达的申报都已入箱。")


class AlreadyOpened(DomainError):
    """The bids of this project are open."""

    kind, code = Kind.CONFLICT, "already_opened"
    text = N_("这个项目的申报已经开启，请直接查看开启记录。")


class NoFirstPassphrase(DomainError):
    """The second step was asked for before the first."""

    kind, code = Kind.CONFLICT, "no_first_passphrase"
    text = N_("还没有开启人输入第一个口令。请先完成第一步，再由另一位开启人完成开启。")


class OpenersMissing(DomainError):
    """A seat among the openers has nobody with a key."""

    kind, code = Kind.CONFLICT, "openers_missing"
    text = N_("还缺少开启人：{seats}。请有关人员登录后在「开启口令」页设置自己的口令，再发布项目。")


class WeakPassphrase(DomainError):
    """The passphrase is too easy to guess."""

    kind, code = Kind.INVALID, "weak_passphrase"
    text = N_("口令太短或太简单。请用至少 {least} 个字符，例如一句只有您知道的话。")


class NotComplete(DomainError):
    """Something a bid needs is missing; one kind for each task of the list."""


class PriceMissing(NotComplete):
    """There is no cost line."""

    code, text = "bid_price_missing", N_("报价与费用明细：请至少填写一行费用明细。")


class PlanMissing(NotComplete):
    """The plan lacks what would be done, or when."""

    code, text = "bid_plan_missing", N_("服务方案：请写明服务内容与做法，以及进度安排。")


class StaffMissing(NotComplete):
    """Nobody is named who would do the work."""

    code, text = "bid_staff_missing", N_("服务人员：请至少填写一名服务人员。")


class CriteriaMissing(NotComplete):
    """A scoring criterion is not answered."""

    code, text = "bid_criteria_missing", N_("对评分项的响应：请逐项写明您的响应，空着的项不得分。")


class ConditionsMissing(NotComplete):
    """A qualification condition is not confirmed."""

    code, text = "bid_conditions_missing", N_("资格条件：请逐条确认符合，并说明证明材料。")


class ConfirmationMissing(NotComplete):
    """Contact or declaration is missing."""

    code, text = "bid_confirmation_missing", N_("联系人与声明：请填写联系人和电话，并勾选声明。")


class AboveCeiling(DomainError):
    """The price is above the project's ceiling."""

    kind, code = Kind.INVALID, "bid_above_ceiling"
    text = N_("报价 {price} 元高于最高限价 {ceiling} 元。请调整费用明细。")


class TooManyFiles(DomainError):
    """There are as many files as a bid may have."""

    kind, code = Kind.TOO_LARGE, "too_many_files"
    text = N_("一份申报最多 {most} 个附件。请先移除不需要的附件，或把几份材料合并成一份。")


class WrongOffset(DomainError):
    """A piece of an upload begins where the upload does not go on."""

    kind, code = Kind.CONFLICT, "upload_offset"
    text = N_("这个文件已收到 {offset} 字节，请从这里接着上传。重新选择同一个文件就会自动续传。")


class PieceTooSmall(DomainError):
    """So short a piece cannot be kept."""

    kind, code = Kind.INVALID, "upload_piece_too_small"
    text = N_("这一段太短，没有保存。除最后一段外，每段至少 64 KB。")


class MoreThanAnnounced(DomainError):
    """More bytes came than the file was said to have."""

    kind, code = Kind.INVALID, "upload_more_than_announced"
    text = N_("收到的内容比说明的文件长，文件可能在上传时被改过。请取消这次上传，重新选择文件。")


class DraftIsLocked(DomainError):
    """The server has forgotten the key of what was handed in; only the bidder's code opens it again."""

    kind, code = Kind.CONFLICT, "draft_is_locked"
    text = N_("申报已经密封，系统里没有能打开它的钥匙。要修改，请输入回执上的修改码，或者另起一份新草稿。")


class WrongCode(DomainError):
    """The editing code does not open the draft."""

    kind, code = Kind.INVALID, "wrong_editing_code"
    text = N_("修改码不正确。它在递交后的回执上，共 24 个字母和数字；找不到时可以另起一份新草稿。")


class SealTampered(DomainError):
    """A public key in the database is not the one that was put there."""

    kind, code = Kind.UNAVAILABLE, "seal_tampered"
    text = N_("这个项目的密封公钥与登记时不一致，系统已停止收件。请立即联系中心和监督人员。")


def in_time(received_at: datetime, due: datetime) -> bool:
    """Whether what arrived at ``received_at`` is in: the deadline itself still is, one millisecond later is not."""
    return received_at <= due


def check_in_time(received_at: datetime, due: datetime | None) -> None:
    """Refuse what arrived late, whatever state the project is said to be in.

    Raises:
        BiddingNotOpen: the project has no deadline.
        TooLate: it arrived after the deadline.
    """
    if due is None:
        raise BiddingNotOpen
    if not in_time(received_at, due):
        raise TooLate


def check_committed_in_time(received_at: datetime, now: datetime) -> None:
    """The last thing before a submission's transaction ends.

    Raises:
        NotCommittedInTime: more than 30 s have passed since it arrived.
    """
    if now - received_at > COMMIT_WITHIN:
        raise NotCommittedInTime


def opens_at(due: datetime) -> datetime:
    """The first instant at which bids may be opened."""
    return due + COMMIT_WITHIN


def check_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that is easily guessed.

    Raises:
        WeakPassphrase: shorter than ten characters, or made of fewer than four different ones.
    """
    if len(passphrase.strip()) < PASSPHRASE_MIN or len(set(passphrase)) < 4:  # noqa: PLR2004 - aaaabbbbcc
        raise WeakPassphrase(field="passphrase", least=PASSPHRASE_MIN)


def line_amount_fen(quantity_hundredths: int, unit_price_fen: int) -> int:
    """The amount of one cost line in fen, a half rounded up."""
    return half_up(Fraction(quantity_hundredths * unit_price_fen, HUNDREDTHS))


class Part(StrEnum):
    """The tasks of writing a bid, in the order of the list."""

    PRICE = "price"
    PLAN = "plan"
    STAFF = "staff"
    CRITERIA = "criteria"
    CONDITIONS = "conditions"
    FILES = "files"
    CONFIRMATION = "confirmation"


PARTS = {
    Part.PRICE: N_("报价与费用明细"),
    Part.PLAN: N_("服务方案"),
    Part.STAFF: N_("服务人员"),
    Part.CRITERIA: N_("对评分项的响应"),
    Part.CONDITIONS: N_("资格条件"),
    Part.FILES: N_("附件"),
    Part.CONFIRMATION: N_("联系人与声明"),
}


class PartState(StrEnum):
    """How far a task has come."""

    EMPTY = "empty"
    BEGUN = "begun"
    DONE = "done"


PART_STATES = {PartState.EMPTY: N_("未开始"), PartState.BEGUN: N_("未完成"), PartState.DONE: N_("已完成")}

_MISSING: Mapping[Part, type[NotComplete]] = {
    Part.PRICE: PriceMissing,
    Part.PLAN: PlanMissing,
    Part.STAFF: StaffMissing,
    Part.CRITERIA: CriteriaMissing,
    Part.CONDITIONS: ConditionsMissing,
    Part.CONFIRMATION: ConfirmationMissing,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What completeness depends on: how much of each part is there, and how much there should be."""

    price_fen: int
    ceiling_fen: int
    plan_sections: int
    plan_complete: bool
    staff: int
    criteria_answered: int
    criteria: int
    conditions_met: int
    conditions: int
    files: int
    contact: bool
    declared: bool


def _progress(done: int, needed: int) -> PartState:
    if done >= needed:
        return PartState.DONE
    return PartState.BEGUN if done else PartState.EMPTY


def progress(facts: Facts) -> Mapping[Part, PartState]:
    """How far each task has come; a price above the ceiling is not done."""
    price = _progress(int(facts.price_fen > 0), 1)
    plan = PartState.BEGUN if facts.plan_sections else PartState.EMPTY
    return {
        Part.PRICE: PartState.BEGUN if facts.price_fen > facts.ceiling_fen else price,
        Part.PLAN: PartState.DONE if facts.plan_complete else plan,
        Part.STAFF: _progress(facts.staff, 1),
        Part.CRITERIA: _progress(facts.criteria_answered, facts.criteria),
        Part.CONDITIONS: _progress(facts.conditions_met, facts.conditions),
        Part.FILES: PartState.DONE if facts.files else PartState.EMPTY,
        Part.CONFIRMATION: _progress(int(facts.contact) + int(facts.declared), 2),
    }


def missing(facts: Facts) -> Iterator[DomainError]:
    """Everything that keeps a bid from being handed in; files are asked for by no rule of ours."""
    for part, state in progress(facts).items():
        if part is Part.PRICE and facts.price_fen > facts.ceiling_fen:
            price, ceiling = yuan_grouped(facts.price_fen), yuan_grouped(facts.ceiling_fen)
            yield AboveCeiling(field=part, price=price, ceiling=ceiling)
        elif state is not PartState.DONE and part in _MISSING:
            yield _MISSING[part](field=part)
