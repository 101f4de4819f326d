"""The words a contract begins with, from the tender, the bid and the award; drafters change them where needed."""

from datetime import date

from msgspec import Struct

from marketplace.contracts.rules.amounts import in_words
from marketplace.contracts.rules.contract import Planned, Terms
from marketplace.projects.states import MilestoneKind

PAYMENT_DAYS_RULE = "sme_payment_days"
LATE_RATE_RULE = "late_payment_daily_rate_percent"


class Brief(Struct, frozen=True, kw_only=True):
    """What is known of a service when its contract is drafted; ``costs`` are lines such as ``入户陪伴：120 次``."""

    title: str
    people_kind: str
    people_count: int | None
    people_note: str
    location: str
    requirement: str
    service_from: date | None
    service_until: date | None
    price_fen: int
    milestones: tuple[Planned, ...]
    approach: str = ""
    schedule: str = ""
    quality: str = ""
    costs: tuple[str, ...] = ()
    payment_days: int | None = None
    late_rate: str = ""


def prefill(brief: Brief) -> Terms:
    """The eight clauses, the term and the milestones' days as the tender and the bid have them."""
    return Terms(
        content=_content(brief),
        term=_term(brief),
        quantity=_quantity(brief),
        quality=_quality(brief),
        price=_price(brief),
        payment=_payment(brief),
        duties=_DUTIES,
        breach=_breach(brief),
        other=_OTHER,
        service_from=brief.service_from,
        service_until=brief.service_until,
        due_on=tuple(one.due_on for one in brief.milestones),
    )


def chinese_day(day: date | None) -> str:
    """A day as contracts write it: ``2026年3月2日``."""
    return f"{day.year}年{day.month}月{day.day}日" if day else "　　年　月　日"


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line.strip())


def _people(brief: Brief) -> str:
    count = f"{brief.people_count}人" if brief.people_count else ""
    note = f"（{brief.people_note}）" if brief.people_note else ""
    return f"{brief.people_kind}{count}{note}" if brief.people_kind else f"服务对象{count}{note}"


def _content(brief: Brief) -> str:
    place = f"，服务地点为{brief.location}" if brief.location else ""
    plan = f"乙方按响应文件中的服务方案实施：{brief.approach}" if brief.approach else ""
    return _lines(f"乙方为{_people(brief)}提供“{brief.title}”{place}。", brief.requirement, plan)


def _term(brief: Brief) -> str:
    schedule = f"进度安排：{brief.schedule}" if brief.schedule else ""
    begin, end = chinese_day(brief.service_from), chinese_day(brief.service_until)
    return _lines(f"服务期自{begin}起，至{end}止。", schedule, "期满合同自行终止；需要继续服务的，另行采购。")


def _quantity(brief: Brief) -> str:
    return _lines(f"服务对象：{_people(brief)}。", *brief.costs)


def _quality(brief: Brief) -> str:
    promise = f"乙方承诺：{brief.quality}" if brief.quality else ""
    return _lines(
        "服务质量应当达到采购文件的要求和乙方响应文件的承诺。",
        promise,
        "甲方按里程碑逐项核验和验收，并征求服务对象的意见；不合格的，乙方按甲方给出的期限整改。",
    )


def _price(brief: Brief) -> str:
    return _lines(
        f"合同总价为{in_words(brief.price_fen)}。",
        "总价包含完成全部服务所需的人员、材料、场地、交通、保险和税费，履行期间不作调整。",
    )


def _payment(brief: Brief) -> str:
    days = f"自验收合格之日起{brief.payment_days}日内" if brief.payment_days else "在验收合格后"
    advance = any(one.kind is MilestoneKind.ADVANCE for one in brief.milestones)
    return _lines(
        "甲方按“里程碑与付款”表分期付款，各期金额以该表为准。",
        "首付款在双方签订合同后支付；合同解除的，乙方退还与未完成服务相应的首付款。" if advance else "",
        f"其余各期在成果验收合格、乙方提交合法票据后，{days}付清；部分验收的，按验收的金额支付。",
        "款项付入乙方在平台登记并经核验的本单位账户。",
    )


_DUTIES = _lines(
    "甲方：提供必要的资料和协助；指定专人联系；按期核验、验收和付款；对服务情况进行监督检查。",
    "乙方：按约定派出合格人员；建立服务台账，如实记录服务情况；专款专用，妥善保管票据和资料；"
    "保护服务对象的个人信息和安全；接受甲方和有关部门的监督检查。",
)
"""Source: 102号令第二十五条至第二十八条."""
_OTHER = _lines(
    "合同内容的变更由双方书面协商；补充合同金额合计不超过原合同金额的百分之十。",
    "履行中发生争议的，双方协商解决；协商不成的，向甲方所在地人民法院起诉。",
    "本合同自双方签订之日起生效。",
)


def _breach(brief: Brief) -> str:
    rate = f"按日支付逾期金额{brief.late_rate}%的利息" if brief.late_rate else "依法支付逾期利息"
    return _lines(
        "乙方未按约定的内容、期限、数量或质量提供服务的，应当整改；整改后仍不合格的，甲方可以部分验收、不予验收或者解除合同。",
        "乙方转包，或者以虚假材料申报验收的，甲方可以解除合同，并要求退还相应款项、赔偿损失。",
        f"甲方无正当理由逾期付款的，{rate}。",
    )


def cost_line(name: str, quantity: str, unit: str) -> str:
    """A line of the quantity clause."""
    return f"{name}：{quantity} {unit}。"
