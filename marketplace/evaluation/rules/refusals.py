"""Refusals of evaluations, each with a sentence that says what to do."""

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_


class NotInEvaluation(DomainError):
    """The project's bids are not being evaluated."""

    kind, code = Kind.CONFLICT, "not_in_evaluation"
    text = N_("这个项目现在不在评审阶段。请在项目页查看当前状态。")


class HouseTooSmall(DomainError):
    """No rule asks for a panel here, but nobody judges alone."""

    kind, code = Kind.INVALID, "house_panel_too_small"
    text = N_("评审小组现有 {members} 人。规则没有规定人数时，也请至少由 {needed} 人组成，且为单数。")


class NotARepresentative(DomainError):
    """A person is neither of the buyer's desk nor of the procuring entity's."""

    kind, code = Kind.INVALID, "not_a_representative"
    text = N_("所选人员中有人不是本项目购买主体或经办单位的经办或负责人。请从名单中选择。")


class SitsAlready(DomainError):
    """A person has or had a seat on this panel."""

    kind, code = Kind.CONFLICT, "sits_already"
    text = N_("{name} 已在评审小组名单中，或已从中退出。请选择其他人。")


class BidderOnPanel(DomainError):
    """A person is of an organization that bids."""

    kind, code = Kind.INVALID, "bidder_on_panel"
    text = N_("{name} 属于本项目的一家响应单位，不能参加评审。请选择其他人。")


class ExpertsShort(DomainError):
    """There are fewer experts than are to be drawn."""

    kind, code = Kind.CONFLICT, "experts_short"
    text = N_("需要抽取 {needed} 名评审专家，名单中可参加本项目的只有 {found} 名。请先补充专家，再组建评审小组。")


class NobodyNamed(DomainError):
    """A composition names nobody."""

    kind, code = Kind.INVALID, "nobody_named"
    text = N_("请至少选择一名代表，或抽取一名专家。")


class NotOnPanel(DomainError):
    """The actor has no seat on this panel."""

    kind, code = Kind.FORBIDDEN, "not_on_panel"
    text = N_("您不是这个项目评审小组的成员，不能办理评审事项。")


class DeclareFirst(DomainError):
    """Nobody judges before declaring that nothing keeps them from it."""

    kind, code = Kind.CONFLICT, "declare_first"
    text = N_("请先查看响应单位名单并声明是否需要回避，再参加评审。")


class RecusalReasonNeeded(DomainError):
    """Who steps back says why."""

    kind, code = Kind.INVALID, "recusal_reason_needed"
    text = N_("请写明回避的理由，例如：近三年曾在其中一家单位任职。")


class CheckIncomplete(DomainError):
    """Not every condition has its finding, or one has that is none of the project's."""

    kind, code = Kind.INVALID, "check_incomplete"
    text = N_("请对每一项资格条件都记录「符合」或「不符合」。")


class FindingReasonNeeded(DomainError):
    """What is not met has no reason."""

    kind, code = Kind.INVALID, "finding_reason_needed"
    text = N_("判为「不符合」的，请写明理由，响应单位会看到。")


class ChecksMissing(DomainError):
    """Not every opened bid has been checked."""

    kind, code = Kind.CONFLICT, "checks_missing"
    text = N_("还有 {count} 份响应文件没有审查记录。请全部审查后再复核。")


class CheckedByYourself(DomainError):
    """The same person may not record a check and confirm it."""

    kind, code = Kind.FORBIDDEN, "checked_by_yourself"
    text = N_("审查结果由您记录，不能由您复核。请由评审小组的另一位成员复核。")


class PanelNotWhole(DomainError):
    """A seat of the panel is empty, or somebody on it has not declared."""

    kind, code = Kind.CONFLICT, "panel_not_whole"
    text = N_("评审小组还不齐：有人没有声明，或回避后没有补足。请经办单位先补足成员。")


class NotAStep(DomainError):
    """The points are none of the steps that the document states."""

    kind, code = Kind.INVALID, "not_a_step"
    text = N_("「{criterion}」只能按采购文件写明的档次给分：{steps}。请选择其中一档。")


class NothingToScore(DomainError):
    """A score is for something that is not scored: another project's bid, an invalid one, or the price."""

    kind, code = Kind.INVALID, "nothing_to_score"
    text = N_("评分中有不属于本项目有效响应文件或评分项的内容。请刷新页面后重新填写。")


class ScoreMissing(DomainError):
    """One score of a sheet that is handed in lacks its points."""

    kind, code = Kind.INVALID, "score_missing"
    text = N_("请为「{bidder}」的「{criterion}」选择得分。")


class ScoreReasonMissing(DomainError):
    """One score of a sheet that is handed in lacks its reason."""

    kind, code = Kind.INVALID, "score_reason_missing"
    text = N_("请写明给「{bidder}」的「{criterion}」打分的理由。")


class ReportChanged(DomainError):
    """What was read is not what would be signed."""

    kind, code = Kind.CONFLICT, "report_changed"
    text = N_("评审报告在您阅读后有改动。请重新阅读现在的报告，再签署。")


class ReportSigned(DomainError):
    """Somebody has signed; the words stand."""

    kind, code = Kind.CONFLICT, "report_signed"
    text = N_("已有成员签署评审报告，评审意见不能再修改。不同意见请在签署时写明。")


class RecusedDecides(DomainError):
    """Who stepped back from judging does not decide either."""

    kind, code = Kind.FORBIDDEN, "recused_decides"
    text = N_("您已声明回避这个项目的评审，不能确定结果。请由另一位负责人办理。")


class StillSealedResult(DomainError):
    """The result is not published yet."""

    kind, code = Kind.MISSING, "result_not_published"
    text = N_("结果还没有公告。公告后您会收到通知，并可在这里查看得分。")
