"""Steps, wording, stages, templates, differences, and the hidden asker."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.projects.rules import (
    TEMPLATES,
    BadStep,
    Concern,
    ConditionPlan,
    Course,
    CriterionPlan,
    Plan,
    Section,
    Stage,
    StageCode,
    StageStatus,
    Step,
    TemplateCode,
    Times,
    asker_digest,
    differences,
    flags,
    parse_steps,
    points,
    prefill,
    section_of,
    stages,
    write_steps,
)
from marketplace.projects.rules.templates import fitting
from marketplace.projects.states import ProjectState

DUE = datetime(2026, 3, 10, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("10 方案完整", [(1000, "方案完整")]),
        ("2.5分：有应急预案\n\n０ 没有", [(250, "有应急预案"), (0, "没有")]),
        ("15|近三年有 2 个合同\n8、近三年有 1 个合同", [(1500, "近三年有 2 个合同"), (800, "近三年有 1 个合同")]),
        ("", []),
    ],
)
def test_steps_are_read_as_clerks_write_them(typed: str, read: list[tuple[int, str]]) -> None:
    assert [(step.score_bp, step.content) for step in parse_steps(typed)] == read


@pytest.mark.parametrize("typed", ["方案完整 10", "101 太多", "10", "1.234 太细", "-3 扣分"])
def test_a_line_that_is_no_step_is_named(typed: str) -> None:
    with pytest.raises(BadStep) as refused:
        parse_steps(f"10 甲\n{typed}", field="criteria-0-steps")
    assert refused.value.params["line"] == 2
    assert refused.value.field == "criteria-0-steps"


@given(st.lists(st.tuples(st.integers(0, 10_000), st.text("甲乙丙丁戊", min_size=1, max_size=9)), max_size=6))
def test_steps_come_back_as_they_were_written(rows: list[tuple[int, str]]) -> None:
    steps = tuple(Step(score_bp=score, content=content) for score, content in rows)
    assert parse_steps(write_steps(steps)) == steps


@pytest.mark.parametrize(("score", "shown"), [(1000, "10"), (250, "2.5"), (25, "0.25"), (0, "0"), (10_000, "100")])
def test_points_have_no_needless_zeros(score: int, shown: str) -> None:
    assert points(score) == shown


def asked(content: str) -> Plan:
    return Plan(title="服务", conditions=(ConditionPlan(content=content),))


def scored(name: str, steps: str = "") -> Plan:
    return Plan(title="服务", criteria=(CriterionPlan(name=name, steps=steps),))


@pytest.mark.parametrize(
    ("plan", "concern", "field"),
    [
        (Plan(title="社工编外人员招用"), Concern.NEGATIVE_LIST, "title"),
        (Plan(title="服务", requirement="包含场地装修"), Concern.NEGATIVE_LIST, "requirement"),
        (Plan(title="服务", requirement="由承接方垫资"), Concern.NEGATIVE_LIST, "requirement"),
        (asked("成立满3年"), Concern.DISCRIMINATION, "conditions-0-content"),
        (asked("在本地注册"), Concern.DISCRIMINATION, "conditions-0-content"),
        (asked("3个以上同类业绩"), Concern.DISCRIMINATION, "conditions-0-content"),
        (scored("评估等级 5A 级"), Concern.DISCRIMINATION, "criteria-0-name"),
        (scored("方案", "10 优秀\n5 一般"), Concern.SUBJECTIVE, "criteria-0-steps"),
    ],
)
def test_suspect_words_are_shown_where_they_stand(plan: Plan, concern: Concern, field: str) -> None:
    assert (concern, field) in {(flag.concern, flag.field) for flag in flags(plan)}


def test_two_contracts_may_be_asked_for_and_ordinary_words_pass() -> None:
    plan = Plan(title="服务", conditions=(ConditionPlan(content="近三年有2个以上同类业绩"),), need="为困难职工提供服务")
    assert flags(plan) == ()


@pytest.mark.parametrize("code", list(TemplateCode))
def test_every_template_is_whole_and_says_nothing_suspect(code: TemplateCode) -> None:
    template = TEMPLATES[code]
    plan = prefill(code, title="示例项目", procurement_code="", times=Times(), today=date(2026, 3, 2))
    assert sum(row.share_bp or 0 for row in plan.milestones) == 10_000
    assert sum(row.weight_bp or 0 for row in plan.criteria) == 10_000
    assert flags(plan) == ()
    assert plan.service_from
    assert plan.service_until
    assert plan.service_from.day == 1
    months = (
        (plan.service_until.year - plan.service_from.year) * 12 + plan.service_until.month - plan.service_from.month
    )
    assert months + 1 == template.months
    dates = [row.due_on for row in plan.milestones if row.due_on]
    assert dates == sorted(dates)
    assert dates[-1] == plan.service_until


@pytest.mark.parametrize(
    ("entry", "template"),
    [
        ("A0401", TemplateCode.CARE),
        ("A1003", TemplateCode.CARE),
        ("A0404", TemplateCode.CHECK),
        ("A0303", TemplateCode.STARTUP),
        ("A0406", TemplateCode.REHABILITATION),
        ("A0302", TemplateCode.TRAINING),
        ("B0101", TemplateCode.GENERAL),
    ],
)
def test_the_template_fits_the_entry(entry: str, template: TemplateCode) -> None:
    assert fitting(entry) is template


def line(course: Course, now: datetime) -> str:
    short = {StageStatus.DONE: "✓", StageStatus.NOW: "●", StageStatus.TODO: "○", StageStatus.STOPPED: "×"}
    return "".join(short[stage.status] for stage in stages(course, now))


def test_the_stage_line_follows_state_and_clock() -> None:
    published = DUE - timedelta(days=8)
    open_ = Course(state=ProjectState.OPEN, published_at=published, bids_due_at=DUE)
    assert line(Course(state=ProjectState.DRAFT), DUE) == "●○○○○○○"
    assert line(open_, DUE) == "✓●○○○○○"
    assert line(open_, DUE + SECOND) == "✓✓●○○○○", "a late job does not hold the line back"
    assert line(msgspec.structs.replace(open_, state=ProjectState.EVALUATION), DUE) == "✓✓●○○○○"
    assert line(msgspec.structs.replace(open_, state=ProjectState.AWARDED), DUE) == "✓✓✓●○○○"
    ended = msgspec.structs.replace(open_, state=ProjectState.CANCELLED, ended_at=DUE)
    assert line(ended, DUE) == "✓×○○○○○"
    failed = msgspec.structs.replace(ended, state=ProjectState.UNSUCCESSFUL, closed_at=DUE)
    assert line(failed, DUE) == "✓✓×○○○○"
    assert line(Course(state=ProjectState.CANCELLED, ended_at=DUE), DUE) == "×○○○○○○"


def test_later_stages_are_told_by_the_packages_above() -> None:
    signed = Stage(code=StageCode.CONTRACT, status=StageStatus.DONE, on=date(2026, 3, 20))
    course = Course(state=ProjectState.AWARDED, later={StageCode.CONTRACT: signed})
    assert stages(course, DUE)[4] is signed


def test_an_asker_is_another_in_every_project_and_under_every_key() -> None:
    key, other, project, organization = bytes(32), bytes(range(32)), uuid4(), uuid4()
    digest = asker_digest(key, project, organization)
    assert len(digest) == 32
    assert digest == asker_digest(key, project, organization)
    assert digest != asker_digest(key, uuid4(), organization)
    assert digest != asker_digest(other, project, organization)


def test_differences_are_told_in_words() -> None:
    before = Plan(title="甲项目", budget_fen=100_000, serves_minors=False, publish_on=date(2026, 3, 3))
    after = msgspec.structs.replace(
        before,
        title="乙项目",
        budget_fen=200_000,
        serves_minors=True,
        conditions=(ConditionPlan(content="有场地", proof="合同"),),
    )
    found = {one.field: (one.before, one.after) for one in differences(before, after)}
    assert found == {
        "title": ("甲项目", "乙项目"),
        "budget_fen": ("1,000.00", "2,000.00"),
        "serves_minors": ("否", "是"),
        "conditions": ("", "有场地 · 合同"),
    }
    assert differences(before, before) == ()


@pytest.mark.parametrize(
    ("field", "section"),
    [
        ("criteria-2-steps", Section.CRITERIA),
        ("negative-hiring", Section.NEGATIVE),
        ("bids_due_at", Section.TIMES),
        ("funding", Section.MONEY),
        ("mandate", Section.FILES),
        ("title", Section.BASICS),
    ],
)
def test_every_field_has_its_part_of_the_page(field: str, section: Section) -> None:
    assert section_of(field) is section
