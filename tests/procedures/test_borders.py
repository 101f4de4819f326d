"""Every row about purchasing is tried at its border; expected days, counts and amounts are written out by hand."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from marketplace.kit.clock import at_legal
from marketplace.procedures.rules import (
    SurveyTooSmall,
    TooManyTrackRecords,
    band_of,
    check_panel,
    check_price_weight,
    check_survey,
    check_track_records,
    clean_since,
    demands,
    outcome_of_count,
    panel_demand,
    price_weight,
    reserved_for_small,
    survey_demand,
    survey_reusable,
    timetable,
)
from marketplace.procedures.states import BandCode, CountOutcome, MethodCode
from marketplace.projects.model import Project, Question
from marketplace.projects.queries.parts import answer_due
from marketplace.projects.rules.gates import Facts, gates
from marketplace.projects.rules.plan import Plan
from marketplace.projects.rules.refusals import TermTooLong, TermUnexplained
from marketplace.projects.states import NegativeQuestion
from tests.procedures.borders import RulesAt, true_rules
from tests.procedures.reference import CALENDAR

B, M, O = BandCode, MethodCode, CountOutcome  # noqa: E741
TUESDAY = date(2026, 3, 3)


@pytest.fixture
def at() -> RulesAt:
    """The reference rules of a day."""
    return true_rules


def ends(at: RulesAt, method: MethodCode, start: date, **options: Any) -> dict[str, str]:
    """Where each period ends by the law's count; a period counted backward is named by its first day."""
    found = timetable(at(start), CALENDAR, method, start, term_months=3, **options)
    return {bar.rule_id: (bar.start if bar.lead else bar.nominal).isoformat() for bar in found.bars}


@pytest.mark.rule(
    "intention_publication_lead_days", "tender_notice_period_days", "tender_document_available_days",
    "tender_response_days", "tender_clarification_lead_days", "evaluation_report_delivery_days",
    "award_confirmation_days", "award_notice_days", "result_notice_period_days", "challenge_window_days",
    "contract_signing_days", "contract_publication_days", "contract_filing_days", "archive_retention_years",
)  # fmt: skip
def test_the_periods_of_an_open_tender(at: RulesAt) -> None:
    assert ends(at, M.OPEN_TENDER, TUESDAY) == {
        "intention_publication_lead_days": "2026-02-01",
        "tender_notice_period_days": "2026-03-10",
        "tender_document_available_days": "2026-03-10",
        "tender_response_days": "2026-03-23",
        "tender_clarification_lead_days": "2026-03-08",
        "evaluation_report_delivery_days": "2026-03-25",
        "award_confirmation_days": "2026-04-01",
        "award_notice_days": "2026-04-03",
        "result_notice_period_days": "2026-04-07",
        "challenge_window_days": "2026-04-15",
        "contract_signing_days": "2026-05-03",
        "contract_publication_days": "2026-05-08",
        "contract_filing_days": "2026-05-14",
        "service_contract_term_years": "2027-05-06",
        "sme_payment_days": "2026-09-05",
        "archive_retention_years": "2041-09-07",
    }


@pytest.mark.rule("invited_tender_document_available_days", "invited_tender_response_days")
def test_the_periods_of_an_invited_tender(at: RulesAt) -> None:
    found = ends(at, M.INVITED_TENDER, TUESDAY)
    assert found["invited_tender_document_available_days"] == "2026-03-10"
    assert found["invited_tender_response_days"] == "2026-03-23"
    assert "tender_notice_period_days" not in found


@pytest.mark.rule("consultation_response_days", "consultation_clarification_lead_days")
def test_the_periods_of_a_consultation(at: RulesAt) -> None:
    found = ends(at, M.COMPETITIVE_CONSULTATION, date(2026, 3, 2))
    assert found["consultation_response_days"] == "2026-03-12"
    assert found["consultation_clarification_lead_days"] == "2026-03-07"


@pytest.mark.rule("negotiation_response_days", "negotiation_clarification_lead_days")
def test_the_periods_of_a_negotiation(at: RulesAt) -> None:
    found = ends(at, M.COMPETITIVE_NEGOTIATION, date(2026, 3, 6))
    assert found["negotiation_response_days"] == "2026-03-11"
    assert found["negotiation_clarification_lead_days"] == "2026-03-08"


@pytest.mark.rule("inquiry_response_days", "inquiry_clarification_lead_days")
def test_the_periods_of_an_inquiry(at: RulesAt) -> None:
    found = ends(at, M.INQUIRY, date(2026, 3, 9))
    assert found["inquiry_response_days"] == "2026-03-12"
    assert found["inquiry_clarification_lead_days"] == "2026-03-09"


@pytest.mark.rule("single_source_publicity_days")
def test_a_single_source_is_shown_for_five_working_days(at: RulesAt) -> None:
    assert ends(at, M.SINGLE_SOURCE, date(2026, 9, 23))["single_source_publicity_days"] == "2026-10-08"


@pytest.mark.rule(
    "comparison_document_available_days", "comparison_response_days", "comparison_result_publicity_days",
    "comparison_contract_earliest_days", "comparison_contract_latest_days", "acceptance_scheduling_days",
)  # fmt: skip
def test_the_periods_of_a_comparison_below_the_threshold(at: RulesAt) -> None:
    found = ends(at, M.BELOW_THRESHOLD_COMPARISON, date(2026, 3, 2))
    assert found["comparison_document_available_days"] == "2026-03-05"
    assert found["comparison_response_days"] == "2026-03-09"
    assert found["comparison_result_publicity_days"] == "2026-03-24"
    assert found["comparison_contract_earliest_days"] == "2026-03-23"
    assert found["comparison_contract_latest_days"] == "2026-03-30"
    assert found["acceptance_scheduling_days"] == "2026-07-15"


@pytest.mark.rule("invited_comparison_response_days")
def test_invited_suppliers_answer_in_three_working_days(at: RulesAt) -> None:
    found = ends(at, M.BELOW_THRESHOLD_COMPARISON, date(2026, 3, 2), invited=True)
    assert found["invited_comparison_response_days"] == "2026-03-05"


@pytest.mark.rule("enquiry_reply_days")
def test_an_enquiry_is_answered_on_the_third_working_day(at: RulesAt) -> None:
    asked = Question(asked_at=datetime.fromisoformat("2026-04-03T16:00:00+08:00"))
    due = answer_due(asked, Project(answers_due_at=None), at(), CALENDAR)
    assert due == at_legal(date(2026, 4, 9), 23, 59)


@pytest.mark.rule("service_contract_term_years", "service_contract_term_max_years")
@pytest.mark.parametrize(
    ("until", "reason", "refusal"),
    [
        ("2027-03-23", "", None), ("2027-03-24", "", TermUnexplained),
        ("2029-03-23", "内容固定，预算有保障。", None), ("2029-03-24", "内容固定，预算有保障。", TermTooLong),
    ],
)  # fmt: skip
def test_a_service_is_bought_for_a_year_and_with_reasons_for_three(
    at: RulesAt, until: str, reason: str, refusal: type[Exception] | None
) -> None:
    plan = Plan(
        title="社区照护", service_from=date(2026, 3, 24), service_until=date.fromisoformat(until), term_reason=reason
    )
    facts = Facts(
        rules=at(),
        calendar=CALENDAR,
        today=date(2026, 3, 2),
        entry="",
        in_catalogue=True,
        entrusted=False,
        mandated=True,
    )
    found = [type(one) for one in gates(plan, facts) if isinstance(one, (TermTooLong, TermUnexplained))]
    assert found == ([refusal] if refusal else [])


@pytest.mark.rule("demand_survey_min_respondents", "demand_survey_mandatory_amount_fen")
def test_the_market_is_asked_from_ten_million_yuan_and_for_a_public_service_always(at: RulesAt) -> None:
    below = survey_demand(at(), 999_999_999, public_service=False)
    above = survey_demand(at(), 1_000_000_000, public_service=False)
    public = survey_demand(at(), 1, public_service=True)
    assert below is not None
    assert above is not None
    assert public is not None
    assert (below.must, above.must, public.must) == (False, True, True)
    assert check_survey(above, 3) == []
    [refusal] = check_survey(above, 2)
    assert isinstance(refusal, SurveyTooSmall)
    assert "一般不少于 3 个" in str(refusal)


@pytest.mark.rule("demand_survey_reuse_window_days")
def test_a_survey_may_be_used_again_for_a_year(at: RulesAt) -> None:
    made = date(2025, 3, 2)
    days = (date(2025, 3, 1), made, date(2026, 3, 2), date(2026, 3, 3))
    assert [survey_reusable(at(), CALENDAR, made, on) for on in days] == [False, True, True, False]


@pytest.mark.rule("track_record_contracts_max")
def test_two_similar_contracts_may_be_asked_and_not_three(at: RulesAt) -> None:
    assert check_track_records(at(), 2) == []
    [refusal] = check_track_records(at(), 3)
    assert isinstance(refusal, TooManyTrackRecords)
    assert "不得超过 2 份" in str(refusal)


@pytest.mark.rule("major_violation_lookback_years")
def test_a_supplier_is_clean_for_three_years(at: RulesAt) -> None:
    assert clean_since(at(), date(2026, 3, 2)) == date(2023, 3, 2)
    assert clean_since(at(), date(2028, 2, 29)) == date(2025, 3, 1)


@pytest.mark.rule(
    "qualification_conditions_count", "negative_list_questions_count", "single_source_grounds_count",
    "framework_service_term_years", "framework_elimination_percent", "framework_elimination_quality_first_percent",
)  # fmt: skip
def test_the_ruler_says_the_limits_of_a_method(at: RulesAt) -> None:
    single = {one.title: one.values for one in demands(at(), M.SINGLE_SOURCE, 40_000_000)}
    framework = {one.title: one.values for one in demands(at(), M.FRAMEWORK, 40_000_000)}
    assert single["负面清单"] == {"n": 6} == {"n": len(NegativeQuestion)}
    assert single["供应商基本条件"] == {"n": 6}
    assert single["单一来源的理由"] == {"n": "3"}
    assert framework["框架协议期限"] == {"n": "2"}
    assert framework["入围淘汰比例"] == {"n": "20"}
    assert framework["质量优先法的淘汰比例"] == {"n": "40"}


@pytest.mark.rule("sme_reserved_amount_fen", "sme_reserved_share_percent")
def test_up_to_two_million_yuan_all_is_kept_for_small_firms_and_above_three_tenths(at: RulesAt) -> None:
    small, large = reserved_for_small(at(), 200_000_000), reserved_for_small(at(), 200_000_001)
    assert small is not None
    assert large is not None
    assert (small.percent, large.percent) == (Decimal(100), Decimal(30))


@pytest.mark.rule(
    "self_purchase_max_fen", "small_comparison_max_fen", "public_comparison_min_fen",
    "comparison_agency_required_min_fen", "guide_threshold_services_county_fen", "guide_open_tender_services_fen",
)  # fmt: skip
def test_every_tier_begins_at_its_fen(at: RulesAt) -> None:
    borders = {
        999_999: B.SELF, 1_000_000: B.SMALL, 4_999_999: B.SMALL, 5_000_000: B.PUBLIC, 9_999_999: B.PUBLIC,
        10_000_000: B.AGENCY, 29_999_999: B.AGENCY, 30_000_000: B.GOVERNMENT, 199_999_999: B.GOVERNMENT,
        200_000_000: B.OPEN_TENDER,
    }  # fmt: skip
    assert {fen: band_of(at(), fen).code for fen in borders} == borders


@pytest.mark.rule("comparison_upper_limit_fen")
def test_before_the_guide_the_units_own_limit_is_the_threshold(at: RulesAt) -> None:
    rules = at(date(2016, 3, 14))
    assert [band_of(rules, fen).code for fen in (49_999_999, 50_000_000)] == [B.AGENCY, B.GOVERNMENT]


@pytest.mark.rule(
    "tender_min_suppliers", "negotiation_after_failed_tender_min_suppliers", "invited_tender_min_invited",
    "consultation_min_suppliers", "consultation_service_purchase_min_suppliers", "negotiation_min_suppliers",
    "inquiry_min_suppliers", "framework_min_suppliers_for_user_choice", "comparison_rounds_before_negotiated_award",
)  # fmt: skip
def test_each_method_goes_on_with_its_least_number_of_suppliers(at: RulesAt) -> None:
    wanted = {
        (M.OPEN_TENDER, 3, 1): O.ENOUGH, (M.OPEN_TENDER, 2, 1): O.MAY_SWITCH, (M.OPEN_TENDER, 1, 1): O.UNSUCCESSFUL,
        (M.INVITED_TENDER, 3, 1): O.ENOUGH, (M.INVITED_TENDER, 2, 1): O.UNSUCCESSFUL,
        (M.COMPETITIVE_CONSULTATION, 3, 1): O.ENOUGH, (M.COMPETITIVE_CONSULTATION, 2, 1): O.ENOUGH_BY_EXCEPTION,
        (M.COMPETITIVE_CONSULTATION, 1, 1): O.UNSUCCESSFUL,
        (M.COMPETITIVE_NEGOTIATION, 3, 1): O.ENOUGH, (M.COMPETITIVE_NEGOTIATION, 2, 1): O.UNSUCCESSFUL,
        (M.INQUIRY, 3, 1): O.ENOUGH, (M.INQUIRY, 2, 1): O.UNSUCCESSFUL,
        (M.FRAMEWORK, 2, 1): O.ENOUGH, (M.FRAMEWORK, 1, 1): O.UNSUCCESSFUL,
        (M.BELOW_THRESHOLD_COMPARISON, 3, 1): O.ENOUGH, (M.BELOW_THRESHOLD_COMPARISON, 2, 1): O.REPEAT,
        (M.BELOW_THRESHOLD_COMPARISON, 2, 2): O.MAY_NEGOTIATE,
    }  # fmt: skip
    found = {asked: outcome_of_count(at(), asked[0], asked[1], rounds=asked[2]) for asked in wanted}
    assert found == wanted


@pytest.mark.rule(
    "consultation_panel_size", "consultation_panel_expert_thirds", "negotiation_panel_size",
    "negotiation_panel_expert_thirds", "inquiry_panel_size", "inquiry_panel_expert_thirds", "tender_committee_size",
    "tender_committee_size_large", "tender_committee_expert_thirds", "small_comparison_group_size",
    "public_comparison_group_size",
)  # fmt: skip
@pytest.mark.parametrize(
    ("method", "amount_fen", "members", "experts", "exactly"),
    [
        (M.COMPETITIVE_CONSULTATION, 40_000_000, 3, 2, False),
        (M.COMPETITIVE_NEGOTIATION, 40_000_000, 3, 2, False),
        (M.INQUIRY, 40_000_000, 3, 2, False),
        (M.OPEN_TENDER, 999_999_999, 5, 4, False),
        (M.OPEN_TENDER, 1_000_000_000, 7, 5, False),
        (M.BELOW_THRESHOLD_COMPARISON, 4_999_999, 3, 0, True),
        (M.BELOW_THRESHOLD_COMPARISON, 5_000_000, 7, 0, False),
    ],
)
def test_each_panel_has_its_least_members_and_experts(
    at: RulesAt, method: MethodCode, amount_fen: int, members: int, experts: int, exactly: bool
) -> None:
    demand = panel_demand(at(), method, amount_fen)
    assert demand is not None
    assert (demand.members, demand.exactly) == (members, exactly)
    assert check_panel(demand, members=members, experts=experts) == []
    assert check_panel(demand, members=members - 1, experts=members - 1)
    assert demand.experts(members) == experts


@pytest.mark.rule(
    "tender_price_weight_services_percent", "consultation_price_weight_services_min_percent",
    "consultation_price_weight_services_max_percent",
)  # fmt: skip
def test_the_price_weighs_between_its_bounds(at: RulesAt) -> None:
    tender, consultation = price_weight(at(), M.OPEN_TENDER), price_weight(at(), M.COMPETITIVE_CONSULTATION)
    assert tender is not None
    assert consultation is not None
    for bounds, given in ((tender, "10"), (consultation, "10"), (consultation, "30")):
        assert check_price_weight(bounds, Decimal(given)) == []
    for bounds, given in ((tender, "9.99"), (consultation, "9.99"), (consultation, "30.01")):
        assert check_price_weight(bounds, Decimal(given))
