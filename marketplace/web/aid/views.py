"""What the pages of aid show that the domain does not know: colours, labels, choices."""

from collections.abc import Iterable

from msgspec import Struct

from marketplace.aid.schemas import ImportReport, ProgrammeView, RosterView
from marketplace.aid.states import (
    ACCESS_LABELS,
    ENTITLEMENT,
    PROGRAMME_LABELS,
    PURPOSE_LABELS,
    ROSTER,
    RULE_LABELS,
    STAGE_LABELS,
    EntitlementState,
    RosterAction,
    RosterState,
    Sex,
    Stage,
)
from marketplace.funds.rules import SOURCE_LABELS
from marketplace.funds.schemas import FundView
from marketplace.kit.i18n import N_
from marketplace.kit.money import capital
from marketplace.web.i18n import gettext

TONES = {
    RosterState.DRAFT: "grey",
    RosterState.SUBMITTED: "blue",
    RosterState.APPROVED: "yellow",
    RosterState.PAYING: "yellow",
    RosterState.PAID: "green",
    RosterState.CANCELLED: "grey",
}
ROW_TONES = {EntitlementState.PROPOSED: "grey", EntitlementState.GRANTED: "yellow", EntitlementState.PAID: "green"}
OUTCOMES = {
    "taken": (N_("已录入"), "green"),
    "known": (N_("已在名册"), "grey"),
    "wrong": (N_("有误"), "red"),
}
SEX_LABELS = {Sex.ANY: N_("不限"), Sex.FEMALE: N_("女生")}
STEPS = (
    (RosterState.DRAFT, N_("编制")),
    (RosterState.SUBMITTED, N_("审批")),
    (RosterState.APPROVED, N_("申请付款")),
    (RosterState.PAYING, N_("发放")),
    (RosterState.PAID, N_("全部到账")),
)
WORDS = {
    "ROSTER": ROSTER,
    "ENTITLEMENT": ENTITLEMENT,
    "TONES": TONES,
    "ROW_TONES": ROW_TONES,
    "OUTCOMES": OUTCOMES,
    "STAGE_LABELS": STAGE_LABELS,
    "SOURCE_LABELS": SOURCE_LABELS,
    "PROGRAMME_LABELS": PROGRAMME_LABELS,
    "PURPOSE_LABELS": PURPOSE_LABELS,
    "RULE_LABELS": RULE_LABELS,
    "SEX_LABELS": SEX_LABELS,
    "ACCESS_LABELS": ACCESS_LABELS,
    "Action": RosterAction,
    "State": RosterState,
}
"""What every page of aid may name."""


class CheckLine(Struct, frozen=True):
    """One check of a roster: what it asks, whether it is good, and what was found."""

    title: str
    is_good: bool
    note: str


def checks(view: RosterView) -> list[CheckLine]:
    """What the clerk and the approver look at before they act; texts in the present language."""
    over = [one for one in view.subtotals if one.heads_max is not None and one.heads > one.heads_max]
    enough = view.state is not RosterState.DRAFT or view.fund_available_fen >= view.total_fen
    whole = sum(one.total_fen for one in view.subtotals) == view.total_fen
    return [
        CheckLine(gettext(N_("身份证号码")), is_good=True, note=gettext(N_("每行录入时已核对校验位和本名册内重复。"))),
        CheckLine(gettext(N_("人数 × 标准 = 合计")), is_good=whole, note=capital(view.total_fen)),
        CheckLine(
            gettext(N_("监护人同意")),
            is_good=view.consents_missing == 0,
            note=gettext(N_("不满 14 周岁的都已登记同意。"))
            if not view.consents_missing
            else gettext(N_("还缺 {count} 人，请在下面逐行登记。")).format(count=view.consents_missing),
        ),
        CheckLine(
            gettext(N_("计划人数")),
            is_good=not over,
            note="；".join(f"{one.group_name} {one.heads} / {one.heads_max}" for one in over)
            or gettext(N_("没有超过项目计划。")),
        ),
        CheckLine(
            gettext(N_("资金")),
            is_good=enough,
            note=gettext(N_("资金足够。")) if enough else gettext(N_("可用资金不足，请先补足或减少人数。")),
        ),
    ]


def steps(view: RosterView) -> list[tuple[str, str, str]]:
    """The stages of a roster's life with who acted in each."""
    order = [state for state, _ in STEPS]
    place = order.index(view.state) if view.state in order else -1
    notes = [view.drafted_by, view.approved_by or view.submitted_by, view.application_number, "", ""]
    found = []
    for number, (_, title) in enumerate(STEPS):
        kind = "done" if number < place or view.state is RosterState.PAID else "now" if number == place else "todo"
        found.append((gettext(title), notes[number], kind))
    return found


def stage_choices() -> list[tuple[str, str]]:
    """The school stages to choose from."""
    return [(stage.value, gettext(STAGE_LABELS[stage])) for stage in Stage]


def stages_of(view: ProgrammeView) -> list[tuple[str, str]]:
    """The stages that a programme has rates for."""
    return [(rate.stage.value, f"{gettext(STAGE_LABELS[rate.stage])} · {rate.group_name}") for rate in view.rates]


def fund_choices(funds: Iterable[FundView]) -> list[tuple[str, str]]:
    """The funds to choose from, with what is free in each."""
    return [(str(one.id), f"{one.number} {one.name}（{gettext(SOURCE_LABELS[one.source])}）") for one in funds]


def sheet_rows(report: ImportReport, fields: Iterable[str]) -> tuple[list[list[str]], set[tuple[int, int]]]:
    """A sheet to take home: what was typed, what is wrong with each row, and which cells to mark."""
    names = list(fields)
    rows, marked = [], set[tuple[int, int]]()
    for number, line in enumerate(report.lines):
        told = [gettext(text).format(**places) for text, places in (*line.problems, *line.hints)]
        rows.append([*(line.row.get(name, "") for name in names), gettext(OUTCOMES[line.outcome][0]), " ".join(told)])
        marked |= {(number, names.index(name)) for name in line.fields if name in names}
    return rows, marked
