"""What a project's method and amount demand before its notice, and what of it is still lacking: one list for all."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from uuid import UUID

import msgspec
from msgspec import Struct

from marketplace.kit.days import Calendar
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.kit.money import yuan_grouped
from marketplace.procedures.rules import Rule, RuleSet, band_of, check_survey, survey_demand, survey_reusable
from marketplace.procedures.states import BandCode, MethodCode
from marketplace.projects.rules.plan import Plan
from marketplace.projects.states import FUNCTION_NAMES, PREPARATION_NAMES, By, Preparation, ReviewFunction, SoleGround

PUBLIC_BRANCH = "A"
"""The first branch of the catalogue holds what serves the public."""
MEETING_RULE, INTENTION_RULE = "public_comparison_min_fen", "intention_publication_lead_days"
INVITED_RULE, PUBLICITY_RULE = "invited_tender_min_invited", "single_source_publicity_days"
GROUNDS_RULE = "single_source_grounds_count"
UNSCORED = frozenset({MethodCode.COMPETITIVE_NEGOTIATION, MethodCode.INQUIRY, MethodCode.SINGLE_SOURCE})
"""Methods in which the lowest price wins or the price is talked over: nothing else is weighed."""
GENERAL = frozenset({
    ReviewFunction.PURCHASING, ReviewFunction.FINANCE, ReviewFunction.BUSINESS, ReviewFunction.SUPERVISION,
})  # fmt: skip
KEY = GENERAL | {ReviewFunction.LEGAL}
UNREVIEWED = frozenset({
    "contact_name", "contact_phone", "opener_centre_id", "opener_buyer_id", "opener_supervisor_id", "publish_on",
    "documents_until", "questions_due_at", "answers_due_at", "bids_due_at", "opening_at", "result_on",
})  # fmt: skip
"""Parts of a plan that no review speaks of: who is asked, who opens, and when."""


class NotPrepared(DomainError):
    """Something that this method and amount demand is not there yet."""

    kind, code = Kind.CONFLICT, "not_prepared"
    text = N_("还缺「{what}」（{basis}）。请在「采购准备」中办理后再继续。")


class SurveyOutdated(DomainError):
    """The survey lies further back than it may be reused."""

    kind, code = Kind.CONFLICT, "survey_outdated"
    text = N_("需求调查做于 {made_on}，已超过可以沿用的期限。请重新调查。")


class ReviewVoid(DomainError):
    """The plan was changed after it was reviewed."""

    kind, code = Kind.CONFLICT, "review_void"
    text = N_("审查以后采购需求或实施计划有改动，「{what}」原来的意见已失效。请审查人员重新出具意见。")


class ReviewIncomplete(DomainError):
    """Some sides have not reviewed the project yet."""

    kind, code = Kind.CONFLICT, "review_incomplete"
    text = N_("「{what}」还缺这些方面的意见：{sides}（{basis}）。")


class IntentionTooShort(DomainError):
    """The intention has not been public long enough, or there is none."""

    kind, code = Kind.CONFLICT, "intention_too_short"
    text = N_(
        "采购意向 {given} 公开，发布公告前须公开不少于 {count} 日，现在还差 {short} 日（{basis}）。"
        "请在 {offered} 或以后发布公告。"
    )


class PublicityTooShort(DomainError):
    """The choice of one supplier has not been public long enough."""

    kind, code = Kind.CONFLICT, "publicity_too_short"
    text = N_(
        "单一来源公示从 {given} 开始，须公示不少于 {count} 个工作日，现在还差 {short} 个工作日（{basis}）。"
        "请在 {offered} 或以后发布公告。"
    )


class TooFewInvited(DomainError):
    """Fewer suppliers were drawn than must be invited."""

    kind, code = Kind.CONFLICT, "too_few_invited"
    text = N_("邀请招标至少邀请 {needed} 家，已抽取 {given} 家（{basis}）。")


class Case(Struct, frozen=True, kw_only=True):
    """What decides on the demands: the rules of the day, method and amount, whom it serves, who runs it."""

    rules: RuleSet
    method: MethodCode | None
    amount_fen: int | None
    catalogue_code: str
    entrusted: bool = False
    ground: SoleGround | None = None

    @property
    def public_service(self) -> bool:
        """Whether the service is for the public, and no help to the office itself."""
        return self.catalogue_code.startswith(PUBLIC_BRANCH)


class Demand(Struct, frozen=True, kw_only=True):
    """One thing that is asked: what, why (a message id with values), by its rows and basis, and before which step.

    ``binding`` false: shown as a model, never demanded. ``confirmed`` false is shown with △ (待确认).
    """

    what: Preparation
    why: str
    values: Mapping[str, object]
    rules: tuple[Rule, ...]
    basis: str
    binding: bool
    confirmed: bool
    by: By

    @property
    def name(self) -> str:
        """What it is called, a message id."""
        return PREPARATION_NAMES[self.what]


class Prepared(Struct, frozen=True, kw_only=True):
    """What of it is there. ``passed`` are the sides whose opinion of the present plan lets it pass."""

    mandated: bool = False
    evaluated: bool = False
    minutes_on: date | None = None
    survey_on: date | None = None
    survey_answers: int = 0
    survey_reason: str = ""
    public_asked: bool = False
    sole_named: bool = False
    passed: frozenset[ReviewFunction] = frozenset()
    overtaken: bool = False
    filed_on: date | None = None
    intention_on: date | None = None
    exempt: bool = False
    publicized_on: date | None = None
    invited: int = 0


def preparations(case: Case) -> tuple[Demand, ...]:
    """Everything that stands between a draft and a lawful notice of this method and amount, in the order of the work.

    Below the threshold the national rules are a model; the unit's own rule says from when a meeting decides.

    Source:
        采购法第三十一条、第三十四条; 采购法条例第十五条、第二十九条、第三十八条; 需求办法第十条至第十二条、第二十九条至
        第三十三条; 财库〔2020〕10号; 102号令第十四条、第二十条 (△).

    Raises:
        RuleMissing: the unit's own limits are not in force on that day.
    """
    found: list[Demand] = []
    if case.entrusted:
        why = N_("由中心受托经办，须有购买主体盖章的委托书")
        found.append(_demand(Preparation.MANDATE, why, By.SUBMIT, basis=N_("采购法条例第二十条"), confirmed=False))
    if case.amount_fen is None or case.method is None:
        return tuple(found)
    band = band_of(case.rules, case.amount_fen)
    formal = not band.below_threshold
    found += _before_handing_in(case, band.rules, formal=formal)
    found += _before_approval(case, formal=formal)
    found += _before_publication(case, band.rules, band.code, formal=formal)
    return tuple(found)


def _demand(
    what: Preparation,
    why: str,
    by: By,
    *,
    rules: Iterable[Rule] = (),
    basis: str = "",
    binding: bool = True,
    confirmed: bool = True,
    **values: object,
) -> Demand:
    rows = tuple(rules)
    said = basis or "；".join(dict.fromkeys(row.basis for row in rows))
    sure = confirmed and all(row.confirmed for row in rows)
    return Demand(
        what=what, why=why, values=values, rules=rows, basis=said, binding=binding, confirmed=sure, by=by
    )  # fmt: skip


def _before_handing_in(case: Case, tier: tuple[Rule, ...], *, formal: bool) -> Iterator[Demand]:
    if formal:
        why = N_("达到采购限额：说明必要性、职责、市场能力、成本和预期效果")
        yield _demand(Preparation.PRE_EVALUATION, why, By.SUBMIT, rules=tier, basis=N_("102号令第二十条"))
    survey = survey_demand(case.rules, case.amount_fen or 0, public_service=case.public_service)
    if survey is not None:
        must = formal and survey.must
        why = N_("须开展，答复不少于 {n} 个，不足的写明理由") if must else N_("供参照：答复不少于 {n} 个，可不做")
        yield _demand(Preparation.SURVEY, why, By.SUBMIT, rules=survey.rules, binding=must, n=survey.respondents)
    if case.public_service:
        why = N_("向社会公众提供的服务，确定需求前征求公众意见")
        basis = N_("采购法条例第十五条")
        yield _demand(Preparation.PUBLIC_OPINION, why, By.SUBMIT, basis=basis, binding=formal)
    if case.method is MethodCode.SINGLE_SOURCE:
        grounds = case.rules.find(GROUNDS_RULE)
        why = N_("写明属于法定 {n} 种情形中的哪一种、向哪一家采购，并附批准材料")
        rows = (grounds,) if grounds else ()
        yield _demand(
            Preparation.SOLE_SOURCE, why, By.SUBMIT, rules=rows, basis=N_("采购法第三十一条"),
            n=grounds.number if grounds else len(SoleGround),
        )  # fmt: skip


def _before_approval(case: Case, *, formal: bool) -> Iterator[Demand]:
    if formal:
        yield _demand(
            Preparation.GENERAL_REVIEW,
            N_("达到采购限额：采购、财务、业务、监督四个方面各出具意见，起草人不参加"),
            By.APPROVE,
            basis=N_("需求办法第二十九条、第三十条、第三十三条"),
        )
        survey = survey_demand(case.rules, case.amount_fen or 0, public_service=case.public_service)
        if survey is not None and survey.must:
            yield _demand(
                Preparation.KEY_REVIEW,
                N_("需求调查为必做的项目：四个方面再加法律顾问的意见"),
                By.APPROVE,
                basis=N_("需求办法第十一条、第三十一条、第三十三条"),
            )
    meeting = case.rules.find(MEETING_RULE)
    if meeting is not None and (case.amount_fen or 0) >= meeting.number:
        why = N_("预算达到 {limit} 元，由会议决定（三重一大）")
        yield _demand(
            Preparation.MINUTES, why, By.APPROVE, rules=(meeting,), limit=yuan_grouped(meeting.number)
        )  # fmt: skip


def _before_publication(case: Case, tier: tuple[Rule, ...], band: BandCode, *, formal: bool) -> Iterator[Demand]:
    if formal:
        basis = N_("采购法条例第二十九条")
        why = N_("达到采购限额：采购开始前向财政部门备案采购实施计划")
        yield _demand(Preparation.PLAN_FILING, why, By.PUBLISH, rules=tier, basis=basis)
        lead = case.rules.find(INTENTION_RULE)
        if lead is not None:
            why = N_("公告前公开采购意向不少于 {n} 日；小额零星等情形可以豁免")
            yield _demand(Preparation.INTENTION, why, By.PUBLISH, rules=(lead,), n=lead.number)
    if case.method is MethodCode.SINGLE_SOURCE and band is BandCode.OPEN_TENDER and _only_one(case):
        shown = case.rules.find(PUBLICITY_RULE)
        if shown is not None:
            why = N_("达到公开招标数额标准：公示不少于 {n} 个工作日")
            yield _demand(Preparation.PUBLICITY, why, By.PUBLISH, rules=(shown,), n=shown.number)
    if case.method is MethodCode.INVITED_TENDER:
        least = case.rules.find(INVITED_RULE)
        if least is not None:
            why = N_("从符合条件的承接主体中随机抽取不少于 {n} 家")
            yield _demand(Preparation.INVITATION, why, By.PUBLISH, rules=(least,), n=least.number)


def _only_one(case: Case) -> bool:
    """Whether the ground is the one that must be shown; while none is named it is taken for it."""
    return case.ground in (None, SoleGround.ONLY_ONE)


def lacking(
    case: Case, done: Prepared, calendar: Calendar, today: date, *, by: By | None = None
) -> list[tuple[Demand, DomainError]]:
    """What is demanded and not there, each with its refusal; only what a step ``by`` waits for, or all.

    Raises:
        RuleMissing: the unit's own limits are not in force on that day.
    """
    found = []
    for demand in preparations(case):
        if not demand.binding or (by is not None and demand.by is not by):
            continue
        refusal = _refusal(demand, case, done, calendar, today)
        if refusal is not None:
            refusal.field = refusal.field or f"preparation-{demand.what}"
            found.append((demand, refusal))
    return found


def _refusal(demand: Demand, case: Case, done: Prepared, calendar: Calendar, today: date) -> DomainError | None:
    what = demand.what
    if what is Preparation.SURVEY:
        return _survey_refusal(demand, case, done, calendar, today)
    if what in (Preparation.GENERAL_REVIEW, Preparation.KEY_REVIEW):
        return _review_refusal(demand, done)
    if what is Preparation.PUBLICITY:
        return _too_short(demand, PublicityTooShort, done.publicized_on, calendar, today)
    if what is Preparation.INTENTION and not done.exempt:
        return _too_short(demand, IntentionTooShort, done.intention_on, calendar, today)
    if what is Preparation.INVITATION and 0 < done.invited < demand.rules[0].number:
        return TooFewInvited(needed=demand.rules[0].number, given=done.invited, basis=demand.basis)
    return None if _is_there(what, done) else NotPrepared(what=demand.name, basis=demand.basis)


def _is_there(what: Preparation, done: Prepared) -> bool:
    return {
        Preparation.MANDATE: done.mandated,
        Preparation.PRE_EVALUATION: done.evaluated,
        Preparation.PUBLIC_OPINION: done.public_asked,
        Preparation.SOLE_SOURCE: done.sole_named,
        Preparation.MINUTES: done.minutes_on is not None,
        Preparation.PLAN_FILING: done.filed_on is not None,
        Preparation.INTENTION: done.exempt,
        Preparation.INVITATION: done.invited > 0,
    }[what]


def _survey_refusal(
    demand: Demand, case: Case, done: Prepared, calendar: Calendar, today: date
) -> DomainError | None:  # fmt: skip
    if done.survey_on is None:
        return NotPrepared(what=demand.name, basis=demand.basis)
    if not survey_reusable(case.rules, calendar, done.survey_on, today):
        return SurveyOutdated(made_on=done.survey_on.isoformat())
    survey = survey_demand(case.rules, case.amount_fen or 0, public_service=case.public_service)
    if survey is None or done.survey_reason:
        return None
    return next(iter(check_survey(survey, done.survey_answers)), None)


def _review_refusal(demand: Demand, done: Prepared) -> DomainError | None:
    missing = (KEY if demand.what is Preparation.KEY_REVIEW else GENERAL) - done.passed
    if not missing:
        return None
    if done.overtaken:
        return ReviewVoid(what=demand.name)
    sides = "、".join(FUNCTION_NAMES[side] for side in ReviewFunction if side in missing)
    return ReviewIncomplete(what=demand.name, sides=sides, basis=demand.basis)


def _too_short(
    demand: Demand,
    error: type[IntentionTooShort | PublicityTooShort],
    began: date | None,
    calendar: Calendar,
    today: date,
) -> DomainError | None:
    """The refusal of a notice of ``today`` while something has not been public for its days; None once it has."""
    rule = demand.rules[0]
    if began is None:
        return NotPrepared(what=demand.name, basis=demand.basis)
    due = calendar.add(began, rule.number, rule.period)
    if today >= due.nominal:
        return None
    return error(
        given=began.isoformat(),
        count=rule.number,
        short=calendar.between(today, due.nominal, rule.period),
        basis=rule.basis,
        offered=due.rolled.isoformat(),
    )


def plan_digest(plan: Plan) -> bytes:
    """What a review speaks of, as SHA-256: the plan without its contact, openers and times."""
    parts = {name: getattr(plan, name) for name in sorted(Plan.__struct_fields__) if name not in UNREVIEWED}
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).digest()


def drawn(pool: Iterable[UUID], seed: bytes, wanted: int) -> tuple[UUID, ...]:
    """The suppliers that a seed draws: those whose digests with it come first, so that anybody can draw them again.

    Source:
        采购法第三十四条.
    """
    order = sorted(set(pool), key=lambda one: hashlib.sha256(seed + one.bytes).digest())
    return tuple(order[:wanted])
