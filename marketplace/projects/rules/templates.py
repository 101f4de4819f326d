"""Templates of everyday projects, so that a clerk changes words and figures instead of starting from an empty page."""

from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from marketplace.kit.i18n import N_
from marketplace.procedures.states import MethodCode
from marketplace.projects.rules.plan import (
    ConditionPlan,
    CostPlan,
    CriterionPlan,
    MilestonePlan,
    Plan,
    Times,
)
from marketplace.projects.states import CriterionKind, MilestoneKind


class TemplateCode(StrEnum):
    """The templates, by what is bought."""

    GENERAL = "general"
    CARE = "care"
    CHECK = "check"
    TRAINING = "training"
    REHABILITATION = "rehabilitation"
    STARTUP = "startup"


class Share(Struct, frozen=True):
    """A milestone of a template: its day lies ``at`` hundredths of the service period after the start."""

    title: str
    deliverable: str
    evidence: str
    share_bp: int
    at: int
    kind: MilestoneKind = MilestoneKind.DELIVERABLE


class Template(Struct, frozen=True, kw_only=True):
    """A project to begin with. ``fits`` are beginnings of catalogue codes; ``name`` is a message id."""

    code: TemplateCode
    name: str
    months: int
    people_kind: str
    need: str
    requirement: str
    costs: tuple[tuple[str, str], ...]
    shares: tuple[Share, ...]
    fits: tuple[str, ...] = ()
    minors: bool = False
    quality: tuple[CriterionPlan, ...] = ()
    conditions: tuple[ConditionPlan, ...] = ()


def _scored(name: str, points: int, *steps: tuple[int, str]) -> CriterionPlan:
    return CriterionPlan(
        name=name, weight_bp=points * 100, steps="\n".join(f"{score} {content}" for score, content in steps)
    )


def _lines(*lines: str) -> str:
    return "\n".join(lines)


def _advance(share_bp: int) -> Share:
    return Share("首付款", "签订合同并提交实施方案", "实施方案\n项目人员名单", share_bp, 0, MilestoneKind.ADVANCE)


def _last(share_bp: int) -> Share:
    return Share("末期款", "全部服务完成，资料归档，总验收合格", "总结报告\n服务台账\n满意度调查表", share_bp, 100)


PRICE_POINTS = 20
_PLAN = _scored(
    "服务方案", 30,
    (30, "有分阶段安排、服务流程、质量控制和应急预案四项"), (20, "缺其中一项"), (10, "缺其中两项"), (0, "缺三项以上"),
)  # fmt: skip
_TEAM = _scored(
    "项目团队", 20,
    (20, "项目负责人有三年以上同类服务经历，且持证人员不少于 3 人"), (12, "满足其中一项"),
    (4, "有负责人和至少 2 名专职人员"), (0, "达不到以上要求"),
)  # fmt: skip
_RECORD = _scored(
    "同类服务经验", 15, (15, "近三年有 2 个同类服务合同"), (8, "近三年有 1 个同类服务合同"), (0, "没有"),
)  # fmt: skip
_QUALITY = _scored(
    "成效与反馈安排", 15,
    (15, "有可核对的成效指标、满意度调查和整改安排三项"), (10, "有其中两项"), (5, "有其中一项"), (0, "没有"),
)  # fmt: skip
_USUAL = (_PLAN, _TEAM, _RECORD, _QUALITY)
_LOCAL_SERVICE = ConditionPlan(content="服务期内能安排人员到服务地点现场服务", proof="服务承诺书")

_ALL = (
    Template(
        code=TemplateCode.GENERAL,
        name=N_("一般公益服务"),
        months=10,
        people_kind="",
        need="",
        requirement=_lines(
            "一、服务内容：",
            "二、服务数量：",
            "三、质量标准：",
            "四、服务时间和方式：",
        ),
        costs=(("服务人员", "人次"), ("活动组织", "场"), ("资料与宣传", "项")),
        shares=(
            _advance(4000),
            Share("中期款", "完成过半服务量，中期评估合格", "中期报告\n服务台账\n活动照片", 4000, 50),
            _last(2000),
        ),
        quality=_USUAL,
    ),
    Template(
        code=TemplateCode.CARE,
        name=N_("留守与困境儿童托管陪伴"),
        months=3,
        people_kind="留守儿童、困境儿童",
        need="部分村（社区）父母外出务工家庭较多，寒暑假期间儿童缺少看护、学业辅导和安全教育。"
        "为使孩子假期有人看护、有人陪伴，拟在服务地点开设假期托管陪伴点。",
        requirement=_lines(
            "一、亲情陪伴：每周一至周五日间看护，组织与父母视频连线。",
            "二、学业辅导：每天不少于 2 小时作业辅导。",
            "三、兴趣培养：每周不少于 3 次体育、艺术或科普活动。",
            "四、心理关怀：入点和离点各做一次心理状况了解，有需要的个别陪伴。",
            "五、安全教育：防溺水、交通、用电和自护教育每周 1 次。",
            "六、安全保障：点位风险排查，人身意外保险，早晚签到交接。",
        ),
        costs=(("日间托管陪伴", "人日"), ("兴趣与安全课程", "课时"), ("人身意外保险", "人"), ("点位布置与耗材", "点")),
        shares=(
            _advance(4000),
            Share("中期款", "开点并完成过半托管人日", "每日签到表\n活动照片\n中期报告", 4000, 50),
            _last(2000),
        ),
        fits=("A0401", "A1003"),
        minors=True,
        quality=_USUAL,
        conditions=(_LOCAL_SERVICE,),
    ),
    Template(
        code=TemplateCode.CHECK,
        name=N_("资助对象摸底核查与家访"),
        months=4,
        people_kind="困难家庭学生",
        need="助学资助发放前，需要逐户核实学生的家庭情况、就读学校和学段，建立档案，避免漏助和重复资助。本项目只购买核查和陪伴服务，"
        "资助金由购买主体直接发放给学生。",
        requirement=_lines(
            "一、逐户家访核实，一户一档。",
            "二、核对学籍、困难类别和是否已获其他资助。",
            "三、对象名单公示配合与异议核实。",
            "四、资助后回访，每人不少于 1 次。",
            "五、遵守个人信息保护要求，资料只用于本项目。",
        ),
        costs=(("入户核查", "户"), ("建档与核对", "人"), ("回访", "人次")),
        shares=(
            _advance(3000),
            Share("中期款", "完成全部入户核查并提交名册", "家访记录\n核查名册\n公示记录", 4000, 60),
            _last(3000),
        ),
        fits=("A0403", "A0404"),
        minors=True,
        quality=_USUAL,
    ),
    Template(
        code=TemplateCode.TRAINING,
        name=N_("技能培训与能力提升"),
        months=6,
        people_kind="",
        need="",
        requirement=_lines(
            "一、课程安排：写明课程名称、课时和师资。",
            "二、组织：招生、签到、考勤、安全。",
            "三、考核：结业考核合格率不低于 90%。",
            "四、跟踪：结业后 3 个月回访一次。",
        ),
        costs=(("授课", "课时"), ("教材与耗材", "人"), ("场地与组织", "期")),
        shares=(
            _advance(3000),
            Share("中期款", "完成过半课时", "签到表\n课程资料\n现场照片", 3000, 50),
            Share("末期款", "全部课程完成，考核合格率达标", "考核成绩\n满意度调查表\n总结报告", 4000, 100),
        ),
        fits=("A0301", "A0302", "A0304"),
        quality=_USUAL,
    ),
    Template(
        code=TemplateCode.REHABILITATION,
        name=N_("残疾人康复训练（按人按次）"),
        months=11,
        people_kind="有康复需求的残疾儿童和残疾人",
        need="残疾儿童康复宜早不宜迟。为使有需求的家庭就近得到康复评估和训练，拟购买按人按次结算的康复服务。",
        requirement=_lines(
            "一、康复评估：入训、期中、结训各一次，出具评估表。",
            "二、康复训练：一人一案，每次不少于 40 分钟，由持证康复人员实施。",
            "三、家庭指导：每月不少于 1 次。",
            "四、按实际服务人次结算，家长逐次签字确认。",
        ),
        costs=(("康复评估", "人次"), ("康复训练", "人次"), ("家庭指导", "人次")),
        shares=(
            Share("第一期款", "完成约三成训练人次", "训练记录（家长签字）\n评估表", 3000, 30),
            Share("第二期款", "完成约六成训练人次", "训练记录（家长签字）\n期中评估表", 3000, 60),
            _last(4000),
        ),
        fits=("A0406",),
        minors=True,
        quality=_USUAL,
        conditions=(ConditionPlan(content="从事训练的人员持有康复、医疗或特殊教育相关证书", proof="人员证书复印件"),),
    ),
    Template(
        code=TemplateCode.STARTUP,
        name=N_("高校毕业生与青年创业帮扶"),
        months=9,
        people_kind="高校毕业生、返乡青年、下岗职工",
        need="有创业意愿的青年缺少导师、场地和市场信息。拟购买创业辅导服务，帮助项目落地。",
        requirement=_lines(
            "一、需求摸排：一人一表。",
            "二、导师结对：每个项目配 1 名导师，每月不少于 2 次辅导。",
            "三、集中培训：不少于 40 课时。",
            "四、场地与政策对接：协助申办手续和补贴。",
            "五、成果：写明落地项目数和带动就业人数的目标。",
        ),
        costs=(("导师辅导", "人次"), ("集中培训", "课时"), ("路演与对接活动", "场")),
        shares=(
            _advance(3000),
            Share("中期款", "完成培训，结对项目全部启动", "培训签到表\n结对协议\n辅导记录", 4000, 50),
            _last(3000),
        ),
        fits=("A0303",),
        quality=_USUAL,
    ),
)
TEMPLATES = {template.code: template for template in _ALL}
"""Every template, the plainest first."""

GENERAL_CONDITIONS = (
    ConditionPlan(content="具有独立承担民事责任的能力", proof="登记证书"),
    ConditionPlan(content="具有良好的商业信誉和健全的财务会计制度", proof="上年度财务报告或承诺书"),
    ConditionPlan(content="具有履行合同所必需的设备和专业技术能力", proof="承诺书"),
    ConditionPlan(content="有依法缴纳税收和社会保障资金的良好记录", proof="缴纳凭证或承诺书"),
    ConditionPlan(content="参加本次采购活动前三年内，在经营活动中没有重大违法记录", proof="声明函"),
    ConditionPlan(content="法律、行政法规规定的其他条件", proof="声明函"),
)
"""The six conditions every supplier meets. Source: 采购法第二十二条."""
MINORS_CONDITION = ConditionPlan(
    content="直接服务未成年人的人员均已查询，没有性侵害、虐待、拐卖、暴力伤害等违法犯罪记录，并每年查询一次",
    proof="人员名单与查询结果",
)
"""Asked wherever minors are served. Source: 未成年人保护法第六十二条."""


def fitting(catalogue_code: str) -> TemplateCode:
    """The template that fits a catalogue entry best, else the plainest."""
    fits = [
        (len(start), template.code) for template in _ALL for start in template.fits if catalogue_code.startswith(start)
    ]
    return max(fits)[1] if fits else TemplateCode.GENERAL


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, 28))


def prefill(
    code: TemplateCode, *, title: str, procurement_code: str, times: Times, today: date, contact_name: str = ""
) -> Plan:
    """A plan to begin with: the template's words, the times proposed, the milestones dated along the service period."""
    template = TEMPLATES[code]
    start = _months_later((times.result_on or today).replace(day=1), 1)
    until = _months_later(start, template.months) - timedelta(days=1)
    span = (until - start).days
    price = CriterionPlan(name="价格", kind=CriterionKind.PRICE, weight_bp=PRICE_POINTS * 100)
    return Plan(
        title=title,
        need=template.need,
        requirement=template.requirement,
        people_kind=template.people_kind,
        serves_minors=template.minors,
        service_from=start,
        service_until=until,
        procurement_code=procurement_code,
        contact_name=contact_name,
        method=MethodCode.BELOW_THRESHOLD_COMPARISON,
        cost_lines=tuple(CostPlan(item=item, unit=unit) for item, unit in template.costs),
        conditions=template.conditions,
        criteria=(price, *template.quality),
        milestones=tuple(
            MilestonePlan(
                title=share.title,
                kind=share.kind,
                deliverable=share.deliverable,
                evidence=share.evidence,
                share_bp=share.share_bp,
                due_on=start + timedelta(days=span * share.at // 100),
            )
            for share in template.shares
        ),
        **{name: getattr(times, name) for name in Times.__struct_fields__},
    )
