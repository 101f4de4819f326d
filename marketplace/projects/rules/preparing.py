"""Everything that may be refused while a project is prepared, each with a sentence that says what to do."""

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_


class DayAhead(DomainError):
    """Something is said to have been done on a day that has not come."""

    kind, code = Kind.INVALID, "day_ahead"
    text = N_("{given} 还没有到（今天是 {today}）。请填写实际发生的日期。")


class RespondentTwice(DomainError):
    """An organization answered a survey twice."""

    kind, code = Kind.INVALID, "respondent_twice"
    text = N_("「{name}」已经填过一次。同一家的答复请合并为一条。")


class ReasonMissing(DomainError):
    """A survey without answers says nothing of why."""

    kind, code = Kind.INVALID, "survey_reason_missing"
    text = N_("没有一条答复。请填写调查对象的答复，或写明不开展调查的理由。")


class SurveyElsewhere(DomainError):
    """The survey to reuse is of another subject, or is itself a reuse."""

    kind, code = Kind.INVALID, "survey_elsewhere"
    text = N_("这次调查不是就同一目录条目做的，不能沿用。请选择同一条目的调查，或重新调查。")


class MethodElsewise(DomainError):
    """The act belongs to another way of purchasing."""

    kind, code = Kind.CONFLICT, "method_elsewise"
    text = N_("这个项目采用的不是这种采购方式。请先在起草页选择采购方式。")


class NoSupplier(DomainError):
    """The organization is no supplier."""

    kind, code = Kind.INVALID, "no_supplier"
    text = N_("请选择一家已在平台登记的承接主体。")


class ReviewerTwice(DomainError):
    """One person speaks for two sides."""

    kind, code = Kind.INVALID, "reviewer_twice"
    text = N_("同一人不能代表两个方面。请另选一位。")


class NoReviewer(DomainError):
    """The person cannot review this project."""

    kind, code = Kind.INVALID, "no_reviewer"
    text = N_("这个人不能审查本项目：须是本单位、购买主体或监督单位的在岗人员。请另选一位，或填写外部专家姓名。")


class NotReviewer(DomainError):
    """The actor is not among the reviewers of this project."""

    kind, code = Kind.FORBIDDEN, "not_reviewer"
    text = N_("您不在这个项目的审查人员中。请由起草人指定审查人员。")


class AlreadyReviewed(DomainError):
    """This side has passed the plan as it stands."""

    kind, code = Kind.CONFLICT, "already_reviewed"
    text = N_("这一方面对当前内容已经通过审查，不需要再次出具意见。")


class OpinionMissing(DomainError):
    """A review that does not pass, and a legal note, need words."""

    kind, code = Kind.INVALID, "opinion_missing"
    text = N_("不通过的意见和法律顾问的意见须写明内容。")


class PaperMissing(DomainError):
    """An outside expert's opinion comes on a signed paper."""

    kind, code = Kind.INVALID, "opinion_paper_missing"
    text = N_("外部专家的意见须附本人签名的书面意见。")


class AlreadyPublic(DomainError):
    """The early word has been given, and its days run."""

    kind, code = Kind.CONFLICT, "already_public"
    text = N_("已经公开过，公开的时间从第一次算起，不能重复公开。")


class SoleSourceFirst(DomainError):
    """Nobody has named the one supplier yet."""

    kind, code = Kind.CONFLICT, "sole_source_first"
    text = N_("请先填写单一来源的理由和供应商，再公示。")


class AlreadyDrawn(DomainError):
    """The suppliers to invite were drawn once, and once only."""

    kind, code = Kind.CONFLICT, "already_drawn"
    text = N_("受邀供应商已经抽取，不能重抽。")


class TooFewFit(DomainError):
    """Fewer suppliers fit than must be invited."""

    kind, code = Kind.CONFLICT, "too_few_fit"
    text = N_("符合条件的承接主体只有 {given} 家，至少须有 {needed} 家（{basis}）。请改用其他采购方式。")


class DrawTooFew(DomainError):
    """Fewer are to be drawn than must be invited."""

    kind, code = Kind.INVALID, "draw_too_few"
    text = N_("至少抽取 {needed} 家（{basis}）。")


class MayNotTakePart(DomainError):
    """The project was not opened to this organization."""

    kind, code = Kind.FORBIDDEN, "may_not_take_part"
    text = N_("这个项目只向受邀（或指定）的承接主体开放，贵组织不在其中。")
