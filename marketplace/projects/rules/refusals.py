"""Everything that may be refused about a project, each with a sentence that says what to do."""

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_


class Lacking(DomainError):
    """A field that handing in demands is empty."""

    kind, code = Kind.INVALID, "project_lacking"
    text = N_("还缺「{label}」，请补充。")


class HeadingsBare(DomainError):
    """A text still has headings under which nothing is written, as a template leaves them."""

    kind, code = Kind.INVALID, "project_headings_bare"
    text = N_("「{label}」中的「{headings}」下面还没有内容。请补写，或删去这一行。")


class NotInCatalogue(DomainError):
    """The entry is not in the edition of the catalogue in force."""

    kind, code = Kind.INVALID, "not_in_catalogue"
    text = N_("目录条目「{entry}」不在现行指导性目录中，不能立项。请按现行目录另起草一份，内容可以复制。")


class FundingNotBudget(DomainError):
    """The funding lines do not add up to the budget."""

    kind, code = Kind.INVALID, "funding_not_budget"
    text = N_("资金来源合计 {given} 元，预算 {budget} 元，相差 {difference} 元。请调整到完全一致。")


class FundTwice(DomainError):
    """A fund stands in two lines."""

    kind, code = Kind.INVALID, "fund_twice"
    text = N_("同一笔资金只能列一行，请合并金额。")


class CeilingOverBudget(DomainError):
    """The price ceiling lies above the budget."""

    kind, code = Kind.INVALID, "ceiling_over_budget"
    text = N_("最高限价 {ceiling} 元高于预算 {budget} 元。请改为不超过预算。")


class CostsOverCeiling(DomainError):
    """The unit cost sheet comes to more than the ceiling."""

    kind, code = Kind.INVALID, "costs_over_ceiling"
    text = N_("费用测算合计 {given} 元，高于最高限价 {ceiling} 元。请核对数量和单价。")


class MilestonesNotWhole(DomainError):
    """The shares of the milestones are not exactly one hundred percent."""

    kind, code = Kind.INVALID, "milestones_not_whole"
    text = N_("里程碑付款比例合计 {given}%，必须正好是 100.00%，相差 {difference}%。")


class AdvanceNotFirst(DomainError):
    """The advance is not the first milestone, or there are two."""

    kind, code = Kind.INVALID, "advance_not_first"
    text = N_("首付款只能有一笔，并排在第一行。请调整顺序。")


class MilestonesOutOfOrder(DomainError):
    """A milestone is dated before the one above it."""

    kind, code = Kind.INVALID, "milestones_out_of_order"
    text = N_("「{title}」的日期 {given} 早于上一个里程碑的 {before}。请按时间先后排列。")


class CriteriaNotHundred(DomainError):
    """The weights are not exactly one hundred points."""

    kind, code = Kind.INVALID, "criteria_not_hundred"
    text = N_("评分权重合计 {given} 分，必须正好是 100 分，相差 {difference} 分。")


class PriceCriterionCount(DomainError):
    """There is not exactly one criterion for the price."""

    kind, code = Kind.INVALID, "price_criterion_count"
    text = N_("评分标准里要有且只有一项「价格」，价格分由系统按公式计算。")


class OnlyPriceCounts(DomainError):
    """Something beside the price is weighed where nothing else counts."""

    kind, code = Kind.INVALID, "only_price_counts"
    text = N_("「{method}」不打分：比价格，或与供应商商定价格。请删去全部评分项，或只留一项 100 分的「价格」。")


class StepsMissing(DomainError):
    """A criterion has no quantified steps."""

    kind, code = Kind.INVALID, "steps_missing"
    text = N_("「{name}」没有评分档次。请至少写两档，每档写明分数和得分条件。")


class StepsNotTop(DomainError):
    """The best step does not give the whole weight, or a step gives more."""

    kind, code = Kind.INVALID, "steps_not_top"
    text = N_("「{name}」最高一档是 {top} 分，应等于权重 {weight} 分。")


class StepsAlike(DomainError):
    """Two steps of a criterion give the same points."""

    kind, code = Kind.INVALID, "steps_alike"
    text = N_("「{name}」有两档分数相同。请让每一档分数不同。")


class NegativeUnanswered(DomainError):
    """A question of the negative list has no answer."""

    kind, code = Kind.INVALID, "negative_unanswered"
    text = N_("负面清单还有一问没有回答：{question}")


class OnNegativeList(DomainError):
    """The project is what may not be bought."""

    kind, code = Kind.INVALID, "on_negative_list"
    text = N_("「{question}」答了「是」，这样的事项不得作为政府购买服务。请调整内容，或改用其他方式办理。")


class WordingUnexplained(DomainError):
    """Words of the negative list are used and nobody says why."""

    kind, code = Kind.INVALID, "wording_unexplained"
    text = N_("文中出现「{words}」，容易被认为属于负面清单。请改写，或在「用词说明」里说明理由。")


class MandateMissing(DomainError):
    """The centre acts for a buyer without a paper that entrusts it."""

    kind, code = Kind.INVALID, "mandate_missing"
    text = N_("由中心受托经办的项目要附委托书。请上传购买主体盖章的委托书。")


class AgentMissing(DomainError):
    """From a certain amount a procurement agent is named, or a dated reason why there is none."""

    kind, code = Kind.INVALID, "agent_missing"
    text = N_("预算达到 {limit} 元，请填写采购代理机构；不委托的，请写明理由和日期（{basis}）。")


class OpenersAlike(DomainError):
    """The three openers are not three people."""

    kind, code = Kind.INVALID, "openers_alike"
    text = N_("三位开启人必须是三个不同的人。请重新选择。")


class OpenerWithoutKey(DomainError):
    """A named opener has set no passphrase yet, so that no bid could be opened with them."""

    kind, code = Kind.CONFLICT, "opener_without_key"
    text = N_("开启人{name}还没有设置开启口令。请其登录后在「开启口令」页设置，再继续办理。")


class TermTooLong(DomainError):
    """The service lasts longer than the rules allow."""

    kind, code = Kind.INVALID, "term_too_long"
    text = N_("服务期最长 {years} 年（{basis}）。请缩短服务期。")


class TermUnexplained(DomainError):
    """More than one year needs a reason."""

    kind, code = Kind.INVALID, "term_unexplained"
    text = N_(
        "服务期超过 {years} 年，请说明理由：预算有保障、内容相对固定、连续性强、经费来源稳定、价格变化小（{basis}）。"
    )


class MethodUnexplained(DomainError):
    """The method needs a reason and an approval for this amount."""

    kind, code = Kind.INVALID, "method_unexplained"
    text = N_("对这个金额采用「{method}」须说明理由并经批准。请填写「采用该方式的理由」。")


class TimesOutOfOrder(DomainError):
    """A time lies before the one it follows."""

    kind, code = Kind.INVALID, "times_out_of_order"
    text = N_("「{later}」{given} 早于「{earlier}」{before}。请按先后顺序安排。")


class NotWorkingDay(DomainError):
    """Something that needs people at their desks falls on a day of rest."""

    kind, code = Kind.INVALID, "not_working_day"
    text = N_("「{label}」{given} 不是工作日。请改为 {offered} 或其他工作日。")


class DayPassed(DomainError):
    """The planned day lies behind us."""

    kind, code = Kind.INVALID, "day_passed"
    text = N_("「{label}」{given} 已经过去。请改为今天或以后。")


class BuyerApproves(DomainError):
    """The head of the procuring entity approves in place of the buyer."""

    kind, code = Kind.FORBIDDEN, "buyer_approves"
    text = N_("这个项目由购买主体的负责人审批。受托经办单位可以发布，不能代为审批。")


class DrafterPublishes(DomainError):
    """A drafter publishes their own project."""

    kind, code = Kind.FORBIDDEN, "drafter_publishes"
    text = N_("您参与起草了这个项目，不能由您发布。请由另一位负责人发布。")


class NotABuyer(DomainError):
    """The organization named as buyer may not buy."""

    kind, code = Kind.INVALID, "not_a_buyer"
    text = N_("「{name}」没有登记为购买主体，不能作为项目的购买主体。请重新选择。")


class NotReserved(DomainError):
    """The project's money has not been set aside."""

    kind, code = Kind.CONFLICT, "not_reserved"
    text = N_("预算 {budget} 元中已落实 {reserved} 元。资金全部落实后才能发布。")


class NotSealed(DomainError):
    """The project has no key that bids could be sealed to."""

    kind, code = Kind.CONFLICT, "not_sealed"
    text = N_("项目还没有开启密钥，响应文件无法密封，不能发布。请确认三位开启人都已设置口令。")


class OnlyLater(DomainError):
    """A correction would bring a time forward."""

    kind, code = Kind.INVALID, "only_later"
    text = N_("更正只能把时间往后移：「{label}」原为 {before}，不能改为 {given}。")


class NothingAmended(DomainError):
    """A correction changes nothing."""

    kind, code = Kind.INVALID, "nothing_amended"
    text = N_("没有任何改动。请写明澄清内容，或把有关时间往后移。")


class DeadlinePassed(DomainError):
    """The time for this has passed by the clock."""

    kind, code = Kind.CONFLICT, "deadline_passed"
    text = N_("「{label}」{at} 已过，不能再办理。时间以服务器时钟为准。")


class DeadlineNotReached(DomainError):
    """The deadline has not passed yet."""

    kind, code = Kind.CONFLICT, "deadline_not_reached"
    text = N_("响应截止时间 {at} 还没有到。请在截止以后再办理。")


class ExtendFirst(DomainError):
    """An answer would come too shortly before the deadline."""

    kind, code = Kind.CONFLICT, "extend_first"
    text = N_("现在答复，离响应截止太近。请先发布更正，把响应截止移到 {offered} 或更晚，再答复这个问题。")


class CloseTooNear(ExtendFirst):
    """A correction would come too shortly before the deadline."""

    code = "close_too_near"
    text = N_("现在更正，离响应截止太近。请在这份更正里同时把响应截止移到 {offered} 或更晚。")


class ProposerPublishes(DomainError):
    """Somebody publishes the correction that they wrote."""

    kind, code = Kind.FORBIDDEN, "proposer_publishes"
    text = N_("这份更正由您拟写，不能由您发布。请由另一位负责人核对后发布。")


class ProposalOvertaken(DomainError):
    """Another correction was published since this one was written."""

    kind, code = Kind.CONFLICT, "proposal_overtaken"
    text = N_("拟写以后又发布过别的更正。请打开这份更正，核对最新内容并重新保存，再发布。")


class QuestionOpen(DomainError):
    """A question is neither answered nor dismissed; nothing is closed or opened meanwhile."""

    kind, code = Kind.CONFLICT, "question_open"
    text = N_(
        "第 {number} 号提问还没有答复，现在不能截止开启。请负责人在「答疑」中答复并顺延截止，或说明理由不予答复，"
        "然后再开启。"
    )


class DocumentNotTaken(DomainError):
    """Who asks has not taken the document."""

    kind, code = Kind.CONFLICT, "ask_after_taking"
    text = N_("请先报名领取采购文件，再就文件内容提问。")


class TooManyQuestions(DomainError):
    """The organization has many questions waiting already."""

    kind, code = Kind.TOO_MANY, "too_many_questions"
    text = N_("贵组织在这个项目已有 {limit} 个问题等待答复。请等答复后再提。")


class AlreadyAnswered(DomainError):
    """The question has its answer, and what was published stays."""

    kind, code = Kind.CONFLICT, "already_answered"
    text = N_("这个问题已经答复并公开。需要补充的，请发布更正。")


class TooManyFollowed(DomainError):
    """A person follows very much already."""

    kind, code = Kind.CONFLICT, "too_many_followed"
    text = N_("最多关注 {limit} 个项目和查找。请先在「关注与提醒」里停掉不再需要的。")
