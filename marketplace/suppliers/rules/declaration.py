"""The declaration on the six general conditions: its text by edition, how long it holds, what must be asked anew."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_

EDITION = "2026-1"
"""The edition of the text that is signed today; another text gets another one, and every organization signs anew."""
HOLDS_YEARS = 1
"""For how long one signature is used again, in years."""


class Condition(StrEnum):
    """The six conditions that the law asks of every supplier, in its order.

    Source:
        政府采购法第二十二条第一款.
    """

    LIABILITY = "liability"
    REPUTE = "repute"
    CAPACITY = "capacity"
    DUES = "dues"
    CLEAN_RECORD = "clean_record"
    OTHER_LAW = "other_law"


CONDITION_TEXTS: Mapping[Condition, str] = {
    Condition.LIABILITY: N_("能够独立承担民事责任。"),
    Condition.REPUTE: N_("商业信誉良好，财务会计制度健全。"),
    Condition.CAPACITY: N_("具备履行合同所需的设备和专业技术能力。"),
    Condition.DUES: N_("依法缴纳税收和社会保障资金，记录良好。"),
    Condition.CLEAN_RECORD: N_("参加采购活动前三年内（自 {since} 起），在经营活动中没有重大违法记录。"),
    Condition.OTHER_LAW: N_("符合法律、行政法规规定的其他条件。"),
}


class NotAllDeclared(DomainError):
    """A condition of the six is not declared."""

    kind, code = Kind.INVALID, "not_all_declared"
    text = N_("请逐条确认六项一般条件。有一项不能确认的，不能作出声明，请先与服务中心联系。")


class OtherEdition(DomainError):
    """The text that was read is not the one in use."""

    kind, code = Kind.CONFLICT, "declaration_edition"
    text = N_("声明文本已更新为 {edition} 版。请阅读新文本后再签署。")


class NobodySigns(DomainError):
    """A declaration is signed by a person; the system signs nothing."""

    kind, code = Kind.FORBIDDEN, "nobody_signs"
    text = N_("声明须由有权代表本组织的人亲自签署。")


def years_after(day: date, years: int) -> date:
    """The same day so many years later (earlier, if negative); 29 February falls on 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def last_day(signed_on: date) -> date:
    """The last legal day on which a declaration signed on a day is used again."""
    return years_after(signed_on, HOLDS_YEARS) - timedelta(days=1)


def holds(edition: str, valid_to: date, on_day: date) -> bool:
    """Whether a declaration stands for the organization on a day: this edition's text, and its year not over."""
    return edition == EDITION and on_day <= valid_to
