"""The forms of projects, with the words at their fields."""

from marketplace.kit.i18n import N_
from marketplace.projects.rules import LABELS, TIME_NAMES, Plan, TimeField, Times
from marketplace.projects.rules.copying import LEFT
from marketplace.projects.rules.gates import ROW_LABELS
from marketplace.projects.schemas import Amendment, NewAnswer, NewProject, NewQuestion, Reasoned
from marketplace.projects.states import NEGATIVE_QUESTIONS
from marketplace.web.forms import FormKind

_TIMES = {name.value: TIME_NAMES[name] for name in TimeField}
NEW = FormKind(
    NewProject,
    labels={
        "catalogue_code": N_("目录条目"),
        "title": LABELS["title"],
        "buyer_id": N_("购买主体"),
        "template": N_("从哪个模板开始"),
        "copy_from": N_("或复制以往项目"),
    },
    hints={
        "title": N_("写明服务谁、做什么，例如：示例镇留守儿童暑期托管服务。"),
        "template": N_("模板带有服务内容、评分档次、里程碑和测算科目，都可以再改。不选时按目录条目自动选用。"),
        "copy_from": LEFT,
    },
)
PLAN = FormKind(
    Plan,
    labels={
        **LABELS,
        "people_note": N_("对象说明"),
        "serves_minors": N_("服务对象包含未成年人（自动加入人员背景查询条件）"),
        "term_reason": N_("服务期超过一年的理由"),
        "procurement_code": N_("采购品目编码"),
        "cost_lines.item": N_("费用科目"),
        "cost_lines.unit": ROW_LABELS["unit"],
        "cost_lines.quantity": ROW_LABELS["quantity"],
        "cost_lines.unit_cost_fen": ROW_LABELS["unit_cost_fen"],
        "funding.fund_id": N_("资金"),
        "funding.amount_fen": ROW_LABELS["amount_fen"],
        "method_reason": N_("采用该方式的理由"),
        "agent": N_("采购代理机构"),
        "no_agent_reason": N_("不委托代理机构的理由"),
        "no_agent_on": N_("决定日期"),
        **{f"negative.{question}": text for question, text in NEGATIVE_QUESTIONS.items()},
        "wording_note": N_("用词说明"),
        "conditions": N_("项目条件"),
        "conditions.content": N_("条件"),
        "conditions.proof": N_("证明材料"),
        "criteria.name": N_("评分项"),
        "criteria.kind": N_("类型"),
        "criteria.weight_bp": ROW_LABELS["weight_bp"],
        "criteria.steps": N_("评分档次"),
        "milestones.title": N_("里程碑"),
        "milestones.kind": N_("付款条件"),
        "milestones.deliverable": ROW_LABELS["deliverable"],
        "milestones.evidence": ROW_LABELS["evidence"],
        "milestones.due_on": ROW_LABELS["due_on"],
        "milestones.share_bp": ROW_LABELS["share_bp"],
        **_TIMES,
    },
    hints={
        "need": N_("为什么要做：谁有什么困难，现在缺什么。"),
        "requirement": N_("做什么、做多少、做到什么标准。只写服务，不写岗位和设备。"),
        "duty_basis": N_("写明职责文件名称和条款，例如「三定」规定、章程或工作要点。"),
        "term_reason": N_("服务期不超过一年的不用填。"),
        "criteria.steps": N_("每行一档，先写分数，例如：10 方案完整。"),
        "milestones.evidence": N_("每行一项，例如：签到表。"),
        "wording_note": N_("文中有提示用词而又确需使用的，在这里说明。"),
        "ceiling_fen": N_("不高于预算。报价高于最高限价的无效。"),
    },
)
AMEND = FormKind(
    Amendment,
    labels={"reason": N_("澄清或更正的内容"), **{name: text for name, text in _TIMES.items() if name != "publish_on"}},
    hints={"reason": N_("写清楚改了什么、为什么。发布后所有报名单位都会收到。")},
)
MOVED = FormKind(Times, labels=_TIMES)
REASON = FormKind(Reasoned, labels={"reason": N_("理由")})
QUESTION = FormKind(NewQuestion, labels={"content": N_("您的问题")})
ANSWER = FormKind(
    NewAnswer,
    labels={"answer": N_("答复")},
    hints={"answer": N_("问题和答复会同时公开，不显示提问单位。请不要在答复里提到任何供应商。")},
)
