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
_GUARANTEE = N_("购买主体不得为承接主体的借款担保，也不得承诺回购。")
_GUARANTEE_FIX = N_("删去担保或回购的文字，改为「承接主体可凭合同自行融资，购买主体按合同约定付款」。")
_DUTY = N_("应当由行政机关直接履行的职责不得购买。")
_DUTY_FIX = N_("改写为辅助性工作，例如「协助整理材料、入户宣传」，决定由本单位作出。")
_SEAT = N_("以所在地、分支机构或行政区域排斥潜在响应方，属于不合理条件。")
_SEAT_FIX = N_("改为「服务期内能安排人员到服务地点现场服务」，由响应方承诺。")
_AGE = N_("以成立年限排斥新成立的社会组织，属于不合理条件。")
_AGE_FIX = N_("改为看履约能力，例如「项目负责人有三年以上同类服务经历」。")
_SIZE = N_("以注册资金、资产、营业收入、从业人数、纳税额等规模条件排斥中小单位，属于不合理条件。")
_SIZE_FIX = N_("改为「为本项目配备的人员不少于若干名，并列明分工」，不问单位规模。")
_PRIZE = N_("以特定区域或特定行业的业绩、奖项、荣誉作为条件或加分项，属于不合理条件。")
_PRIZE_FIX = N_("删去奖项；需要看经验的，改为「近三年有 1 至 2 个同类服务合同」，不限地区。")
_MEMBER = N_("要求是某个协会、学会、商会的会员，属于限定特定对象。")
_MEMBER_FIX = N_("删去；需要看专业能力的，改为法定的职业资格，例如「持社会工作者职业资格证书」。")
_MAKER = N_("要求厂家授权、指定品牌或供应商，属于限定特定对象。")
_MAKER_FIX = N_("改为写明服务要达到的标准，由响应方自行保证。")
_OWNER = N_("限定所有制形式、组织形式，属于不合理条件。")
_OWNER_FIX = N_("删去；目录内的企业、社会组织等承接主体都可以参加，涉及专门面向的，写明政策依据。")
_RECORD = N_("同类业绩作为条件一般不超过 2 个，并应写明范围。")
_RECORD_FIX = N_("改为「近三年有 1 至 2 个同类服务合同」，或改作评分档次。")
_GRADE = N_("评估等级可以展示，不作为加分项，除非有明确的政策依据。")
_GRADE_FIX = N_("删去，或在说明中写明政策依据的名称和条款。")
_VAGUE = N_("评分应当量化；只写优、良、一般无法复核。")
_VAGUE_FIX = N_("写明每一档要看到什么，例如「有分阶段安排和应急预案，缺一项扣 3 分」。")
_WHIM = N_("由评审人自行掌握分数，结果无法复核。")
_WHIM_FIX = N_("改为固定档次，例如「20 四项齐全；12 缺一项；4 缺两项；0 缺三项以上」。")

_MANY = r"(?:[3-9]|[1-9]\d+|[三四五六七八九十]+)"
"""Three and more."""


def _any(*patterns: str) -> str:
    """One pattern that finds what any of these finds."""
    return "|".join(patterns)


_N, _D, _S = Concern.NEGATIVE_LIST, Concern.DISCRIMINATION, Concern.SUBJECTIVE
SUSPECTS = (
    Suspect(
        _N,
        _any(
            r"劳务派遣",
            r"人员派遣",
            r"派遣(?!单|函)",
            r"编外",
            r"公益性?岗位",
            r"(?<!多)岗位(?!培训|职责|练兵|规划课)",
            r"人事代理",
            r"用工指标",
        ),
        _HIRING,
        _SERVICE,
    ),
    Suspect(
        _N,
        _any(
            r"招聘.{0,6}(?:工作人员|辅助人员|工勤)",
        ),
        _HIRING,
        _SERVICE,
    ),
    Suspect(
        _N,
        _any(
            r"(?:采购|购置|购买|配备|添置)(?:[^，。；、\n服]{0,6})设备",
            r"(?<!防)装修",
            r"改造工程",
            r"(?<!不得)施工(?!安全|队)",
            r"修缮工程",
            r"新建(?:场馆|用房|道路)",
        ),
        _GOODS,
        _APART,
    ),
    Suspect(
        _N,
        _any(
            r"垫资",
            r"垫付",
            r"(?<!小额)(?<!助学)融资",
            r"(?<!助学)(?<!小额)贷款(?!政策|知识|宣传)",
        ),
        _LOAN,
        _PAY,
    ),
    Suspect(
        _N,
        _any(
            r"(?:提供|出具|承担)[^，。；\n]{0,8}担保",
            r"回购(?:承诺|协议)",
            r"承诺回购",
        ),
        _GUARANTEE,
        _GUARANTEE_FIX,
    ),
    Suspect(
        _N,
        _any(
            r"(?:代为|负责|实施|行使)[^，。；\n]{0,4}(?:行政处罚|行政许可|行政强制|行政审批|行政执法)",
        ),
        _DUTY,
        _DUTY_FIX,
    ),
    Suspect(
        _D,
        _any(
            r"本地注册",
            r"注册地",
            r"注册在",
            r"(?:设有?|设立|成立)(?:[^，。；\n]{0,6})(?:分公司|办事处|分支机构)",
            r"分支机构",
            r"本地(?:企业|机构|组织|单位|供应商)",
            r"(?:在)?本[省市区县](?:行政区域)?(?:内)?(?:注册|登记|纳税|缴纳社保)",
            r"特定行政区域",
        ),
        _SEAT,
        _SEAT_FIX,
    ),
    Suspect(
        _D,
        _any(
            r"成立满",
            r"成立年限",
            r"成立时间",
            r"(?:成立|登记|注册)(?:时间)?(?:不少于|超过|已满|满|达)?\s*(?:\d+|[一二两三四五六七八九十]+)\s*年(?:以上|及以上)",
        ),
        _AGE,
        _AGE_FIX,
    ),
    Suspect(
        _D,
        _any(
            r"注册资[金本]",
            r"开办资金",
            r"资产总额",
            r"净资产",
            r"营业收入",
            r"年收入(?=不低于|达到|在|超过)",
            r"纳税额",
            r"从业人[员数]",
            r"(?:职工|员工|专职人员总数)(?:人数|总数)",
            r"(?:利润|上市)(?=公司|不低于|达)",
        ),
        _SIZE,
        _SIZE_FIX,
    ),
    Suspect(
        _D,
        _any(
            r"(?:本|全)?[省市区县国](?:级|内)?(?:以上)?(?:部门)?(?:的)?(?:业绩|奖项|荣誉|表彰|示范(?:单位|机构))",
            r"(?:获得?过?|曾获|荣获)[^，。；\n]{0,10}(?:奖|荣誉|称号|表彰)",
        ),
        _PRIZE,
        _PRIZE_FIX,
    ),
    Suspect(
        _D,
        _any(
            r"(?:协会|学会|商会|联合会|促进会)[^，。；\n]{0,4}(?:会员|理事)(?:单位)?",
            r"会员单位",
        ),
        _MEMBER,
        _MEMBER_FIX,
    ),
    Suspect(
        _D,
        _any(
            r"(?:厂家|厂商|生产商|制造商|原厂)(?:[^，。；\n]{0,4})授权",
            r"授权(?:书|函)[^，。；\n]{0,4}(?:厂家|厂商|制造商)",
            r"指定(?:的)?(?:品牌|供应商|厂家)",
        ),
        _MAKER,
        _MAKER_FIX,
    ),
    Suspect(
        _D,
        _any(
            r"(?:仅限|只限|必须是|须为|应为|限于?)(?:国有|民营|事业单位|国企|内资|企业法人|民办非企业)",
        ),
        _OWNER,
        _OWNER_FIX,
    ),
    Suspect(
        _D,
        _any(
            rf"{_MANY}\s*[个项份](?:以上|及以上)?[^。；\n]{{0,8}}(?:业绩|(?:服务|项目)?合同)",
            rf"(?:业绩|合同)[^，。；\n\d]{{0,8}}(?:不少于|至少)?\s*{_MANY}\s*[个项份]",
        ),
        _RECORD,
        _RECORD_FIX,
    ),
    Suspect(
        _D,
        _any(
            r"(?<![A-Za-z])[1-5]A(?![A-Za-z0-9]|\s*级?(?:旅游)?景区)\s*级?",
            r"评估等级",
            r"(?:三|四|五)A级?",
            r"(?<![A-Z])AAA",
        ),
        _GRADE,
        _GRADE_FIX,
    ),
    Suspect(
        _S,
        _any(
            r"(?:优秀?|良好?|一般|较好|较差)\s*(?:的|得|$)",
        ),
        _VAGUE,
        _VAGUE_FIX,
    ),
    Suspect(
        _S,
        _any(
            r"酌情",
            r"视情况",
            r"综合(?:评价|评定|考虑)",
            r"横向(?:比较|对比)",
            r"由评委.{0,6}(?:打分|给分)",
            r"\d+\s*[-~—至]\s*\d+\s*分",
        ),
        _WHIM,
        _WHIM_FIX,
    ),
)
"""Words to look at twice. Source: 102号令第十条; 采购法条例第二十条; 需求办法第十八条、第三十一条; 财综〔2016〕54号."""
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
