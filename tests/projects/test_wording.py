"""Sentences out of drafts, written by hand: which of them ask for a second look, and which are plain service."""

import pytest

from marketplace.projects.rules import Concern, flags
from marketplace.projects.rules.plan import ConditionPlan, CriterionPlan, MilestonePlan, Plan
from marketplace.projects.rules.wording import SUSPECTS

N, D, S = Concern.NEGATIVE_LIST, Concern.DISCRIMINATION, Concern.SUBJECTIVE
SERVICE_HITS = """
派驻 3 名劳务派遣人员到社区上班
项目人员按编外人员管理
设置公益性岗位 5 个
在镇街设岗位协助值班
由承接方招聘社区工作人员
为学校购置教学设备
采购电脑设备 10 台
包括活动室装修
含操场改造工程
由承接主体垫资实施
承接主体先行垫付全部费用
通过融资解决资金
由购买主体提供贷款担保
到期由购买主体承诺回购
代为行政处罚
负责行政许可的审批
"""
CONDITION_HITS = """
须在本地注册
在本区设有分公司
须在本市设立办事处
注册地在示例区
投标人为本地企业
在本省行政区域内登记的组织
限特定行政区域内的单位
成立满三年的社会组织
登记时间不少于3年以上
成立五年及以上
注册资金不少于100万元
上年度营业收入 500 万元以上
净资产不低于 50 万元
从业人员 50 人以上
近三年纳税额不低于 10 万元
曾获省级以上奖项
获得市级荣誉称号
具有本省业绩
须为示例市社工协会会员单位
是心理学会理事单位
提供厂家授权书
须有制造商的授权
使用指定品牌的教材
仅限国有企业参加
必须是民办非企业单位
近三年有 3 个以上同类业绩
同类项目合同不少于 5 个
具有五个以上服务合同
类似业绩至少 4 项
社会组织评估等级 3A 级以上
须为5A社会组织
"""
CRITERION_HITS = """
10 方案优秀的
5 方案较好得
3 一般
由评委酌情打分
综合评价后给分
8-10 分
1 至 5 分
横向比较各家方案
"""
SERVICE_PLAIN = """
对上岗人员开展岗前培训
组织职工岗位练兵比赛
对志愿者开展岗位培训
开展消防设备使用培训
辅导孩子写出优秀作文
帮助困难职工了解助学贷款政策
开展防范非法贷款宣传
向居民宣传小额贷款政策
讲解施工安全知识
派遣单由社区签收
为老人购买服务并上门探访
整理材料并协助入户宣传
组织 3A级景区研学活动
每月不少于 4 次入户走访
为 60 名儿童购买人身意外保险
"""
CONDITION_PLAIN = """
能在服务期内安排人员到服务地点现场服务
近三年有 2 个以上同类服务合同
近三年有1个同类项目合同
项目负责人有三年以上同类服务经历
持社会工作者职业资格证书的人员不少于 3 人
从事训练的人员持有康复、医疗或特殊教育相关证书
服务团队不少于 4 人，列明分工
有健全的财务会计制度
没有重大违法记录
承诺不转包、不分包
能提供 24 小时联系电话
在登记证书载明的业务范围内开展活动
"""
CRITERION_PLAIN = """
30 有分阶段安排、服务流程、质量控制和应急预案四项
15 近三年有 2 个同类服务合同
20 持证人员不少于 3 人
10 每周不少于 3 次活动
0 达不到以上要求
5 有满意度调查安排
"""


def lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


def served(text: str) -> Plan:
    return Plan(title="服务", requirement=text)


def asked(text: str) -> Plan:
    return Plan(title="服务", conditions=(ConditionPlan(content=text),))


def scored(text: str) -> Plan:
    return Plan(title="服务", criteria=(CriterionPlan(name="方案", steps=text),))


@pytest.mark.parametrize("text", lines(SERVICE_HITS))
def test_what_may_not_be_bought_is_pointed_at(text: str) -> None:
    assert N in {flag.concern for flag in flags(served(text))}


@pytest.mark.parametrize("text", lines(CONDITION_HITS))
def test_a_condition_that_shuts_somebody_out_is_pointed_at(text: str) -> None:
    assert {flag.concern for flag in flags(asked(text))} == {D}


@pytest.mark.parametrize("text", lines(CRITERION_HITS))
def test_a_step_that_nobody_can_check_again_is_pointed_at(text: str) -> None:
    assert S in {flag.concern for flag in flags(scored(text))}


@pytest.mark.parametrize("text", lines(SERVICE_PLAIN))
def test_a_plain_service_is_left_alone(text: str) -> None:
    assert [flag.word for flag in flags(served(text))] == []


@pytest.mark.parametrize("text", lines(CONDITION_PLAIN))
def test_a_lawful_condition_is_left_alone(text: str) -> None:
    assert [flag.word for flag in flags(asked(text))] == []


@pytest.mark.parametrize("text", lines(CRITERION_PLAIN))
def test_a_step_that_can_be_counted_is_left_alone(text: str) -> None:
    assert [flag.word for flag in flags(scored(text))] == []


def test_each_warning_says_why_and_how_to_write_it_instead() -> None:
    for one in SUSPECTS:
        assert one.why.endswith("。")
        assert one.instead.startswith(("改", "删", "把", "按", "写明"))
        assert len(one.instead) > 10


def test_a_word_is_pointed_at_once_a_field() -> None:
    found = flags(served("由承接方垫资，不足的再垫资"))
    assert [(flag.field, flag.word) for flag in found] == [("requirement", "垫资")]


def test_every_list_is_looked_through() -> None:
    milestone = MilestonePlan(title="一期", deliverable="完成场地装修")
    assert [flag.field for flag in flags(Plan(title="服务", milestones=(milestone,)))] == ["milestones-0-deliverable"]
