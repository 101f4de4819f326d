"""Words in a draft that often hide what may not be bought, or shut somebody out unlawfully, with a better wording."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from msgspec import Struct

from marketplace.kit.i18n import N_
from marketplace.projects.rules.plan import Plan


class Concern(StrEnum):
    """What a word makes one ask."""

    NEGATIVE_LIST = "negative_list"
    DISCRIMINATION = "discrimination"
    SUBJECTIVE = "subjective"


class Suspect(Struct, frozen=True):
    """A pattern, why it is suspect and how to write it instead (message ids)."""

    concern: Concern
    pattern: str
    why: str
    instead: str


class Flag(Struct, frozen=True, kw_only=True):
    """A suspect word found in a field. It warns; a person decides."""

    field: str
    word: str
    concern: Concern
    why: str
    instead: str


_HIRING = N_("购买服务不得变相用工：设岗、派遣和编外用工属于负面清单。")
_SERVICE = N_("改写为要交付的服务及其数量、质量，人员由承接主体自行安排。")
_GOODS = N_("货物和工程不能作为服务购买，也不能与服务打包。")
_APART = N_("把设备、装修等另行采购；本项目只写服务。")
_LOAN = N_("不得以购买服务的名义融资或要求垫资。")
_PAY = N_("按里程碑约定付款，首付款可写入里程碑。")
_ACCESS = N_("以所在地、成立年限、规模等排斥潜在响应方，属于不合理条件。")
_ABILITY = N_("改为与履约直接有关的能力要求，例如能在服务期内到场服务。")
_RECORD = N_("同类业绩作为条件一般不超过 2 个，并应写明范围。")
_RECORD_FIX = N_("改为「近三年有 1 至 2 个同类服务合同」，或改作评分档次。")
_GRADE = N_("评估等级可以展示，不作为加分项，除非有明确的政策依据。")
_GRADE_FIX = N_("删去，或在说明中写明政策依据的名称和条款。")
_VAGUE = N_("评分应当量化；只写优、良、一般无法复核。")
_VAGUE_FIX = N_("写明每一档要看到什么，例如「有分阶段安排和应急预案，缺一项扣 3 分」。")

SUSPECTS = (
    Suspect(Concern.NEGATIVE_LIST, r"劳务派遣|派遣|编外|公益性?岗位|岗位", _HIRING, _SERVICE),
    Suspect(Concern.NEGATIVE_LIST, r"采购设备|购置设备|购买设备|装修|改造工程|施工", _GOODS, _APART),
    Suspect(Concern.NEGATIVE_LIST, r"垫资|融资|贷款", _LOAN, _PAY),
    Suspect(
        Concern.DISCRIMINATION,
        r"本地注册|注册地|设有?分公司|分支机构|本地企业|成立满|成立年限|成立时间|注册资[金本]|协会会员|厂家授权",
        _ACCESS,
        _ABILITY,
    ),
    Suspect(Concern.DISCRIMINATION, r"本[省市区县](?:内)?(?:业绩|奖项|荣誉)", _ACCESS, _ABILITY),
    Suspect(
        Concern.DISCRIMINATION,
        r"(?:[3-9三四五六七八九十]|\d{2,})\s*[个项](?:以上|及以上)?[^。；\n]{0,8}业绩",
        _RECORD,
        _RECORD_FIX,
    ),
    Suspect(Concern.DISCRIMINATION, r"[1-5]A\s*级?|评估等级", _GRADE, _GRADE_FIX),
    Suspect(Concern.SUBJECTIVE, r"(?:优秀?|良好?|一般|较好|较差)\s*(?:的|得|$)", _VAGUE, _VAGUE_FIX),
)
"""Words to look at twice. Source: 102号令第十条; 采购法条例第二十条; 需求办法第十八条、第三十一条."""
_WHERE = {
    Concern.NEGATIVE_LIST: ("title", "need", "requirement", "cost_lines", "milestones"),
    Concern.DISCRIMINATION: ("requirement", "conditions", "criteria"),
    Concern.SUBJECTIVE: ("criteria",),
}


def _texts(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Every text with the list it belongs to and its own field."""
    for name in ("title", "need", "requirement"):
        yield name, name, getattr(plan, name)
    for index, line in enumerate(plan.cost_lines):
        yield "cost_lines", f"cost_lines-{index}-item", line.item
    for index, condition in enumerate(plan.conditions):
        yield "conditions", f"conditions-{index}-content", condition.content
    for index, criterion in enumerate(plan.criteria):
        yield "criteria", f"criteria-{index}-name", criterion.name
        yield "criteria", f"criteria-{index}-steps", criterion.steps
    for index, milestone in enumerate(plan.milestones):
        yield "milestones", f"milestones-{index}-deliverable", milestone.deliverable


def flags(plan: Plan) -> tuple[Flag, ...]:
    """Every suspect word once a field, in the order of the page."""
    return tuple(_found(_texts(plan)))


def _found(texts: Iterable[tuple[str, str, str]]) -> Iterator[Flag]:
    for group, field, text in texts:
        seen: set[str] = set()
        for suspect in SUSPECTS:
            if group not in _WHERE[suspect.concern]:
                continue
            for match in re.finditer(suspect.pattern, text, re.MULTILINE):
                word = match[0].strip()
                if word not in seen:
                    seen.add(word)
                    yield Flag(
                        field=field, word=word, concern=suspect.concern, why=suspect.why, instead=suspect.instead
                    )
