"""The state of every row of the rules that no code consults yet: which part will, or why none ever does."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from marketplace.kit.i18n import N_


class Part(StrEnum):
    """The part of the house that a row speaks to."""

    PURCHASING = "purchasing"
    EVALUATION = "evaluation"
    CONTRACT = "contract"
    PAYMENT = "payment"
    GIFTS = "gifts"
    AID = "aid"
    REGISTER = "register"
    PRIVACY = "privacy"


PART_NAMES: Mapping[Part, str] = {
    Part.PURCHASING: N_("采购"),
    Part.EVALUATION: N_("评审与质疑"),
    Part.CONTRACT: N_("合同与绩效"),
    Part.PAYMENT: N_("支付"),
    Part.GIFTS: N_("募捐与资金"),
    Part.AID: N_("慰问"),
    Part.REGISTER: N_("承接主体登记"),
    Part.PRIVACY: N_("个人信息与安全"),
}


class Unused(Struct, frozen=True):
    """A row that never applies here, and why not."""

    rule_id: str
    reason: str


OTHER_PARTS: Mapping[Part, tuple[str, ...]] = {
    Part.EVALUATION: (
        "recusal_lookback_years",
        "abnormal_price_vs_mean_percent",
        "abnormal_price_vs_second_lowest_percent",
        "abnormal_price_vs_ceiling_percent",
        "abnormal_price_raised_rate_percent",
        "abnormal_price_explanation_minutes",
        "small_firm_price_deduction_min_percent",
        "small_firm_price_deduction_max_percent",
        "challenge_reply_days",
        "complaint_window_days",
        "complaint_decision_days",
        "complaint_suspension_days",
        "comparison_challenge_reply_days",
        "comparison_complaint_reply_days",
    ),
    Part.CONTRACT: (
        "single_source_top_up_percent",
        "supplementary_contract_percent",
        "mandatory_contract_clauses_count",
        "performance_bond_percent",
        "performance_execution_rate_points",
        "performance_output_points",
        "performance_benefit_points",
        "performance_satisfaction_points",
        "performance_grade_excellent_points",
        "performance_grade_good_points",
        "performance_grade_pass_points",
    ),
    Part.PAYMENT: (
        "sme_payment_days",
        "sme_payment_days_contract_cap",
        "late_payment_daily_rate_percent",
        "receivable_confirmation_days",
        "overdue_list_publication_mmdd",
        "payment_complaint_handover_days",
        "payment_complaint_result_days",
        "payment_complaint_result_cap_days",
        "sme_advance_payment_percent",
        "invoice_payment_days",
        "sme_invoice_payment_days",
    ),
    Part.GIFTS: (
        "social_organization_share_percent",
        "public_fundraising_min_registered_years",
        "public_fundraising_decision_days",
        "campaign_disclosure_interval_months",
        "campaign_final_disclosure_months",
        "charity_project_disclosure_interval_months",
        "charity_project_final_disclosure_months",
        "disclosure_long_campaign_months",
        "public_foundation_spend_percent",
        "public_foundation_management_cost_percent",
        "non_public_foundation_spend_percent",
        "emergency_campaign_disclosure_days",
        "emergency_campaign_late_filing_days",
    ),
    Part.AID: ("union_condolence_one_off_max_fen", "minor_guardian_consent_age"),
    Part.REGISTER: (
        "foundation_annual_report_mmdd",
        "social_group_annual_report_mmdd",
        "private_nonenterprise_annual_report_mmdd",
        "rating_validity_years",
    ),
    Part.PRIVACY: (
        "impact_assessment_retention_years",
        "minor_data_compliance_audit_per_year",
        "network_log_retention_months",
        "staff_background_check_per_year",
    ),
}
"""Rows of the other parts, each consulted when its part is built; every row that is not named is about purchasing."""

_GOODS = N_("平台只采购服务，不采购货物。")
_BOND = N_("平台上的项目不收取投标（响应）保证金。")
_CONSORTIUM = N_("平台不接受联合体响应。")
NOT_APPLICABLE = (
    Unused("prequalification_submission_days", N_("不设资格预审：资格条件随响应文件一并审查。")),
    Unused("emergency_top_up_percent", N_("不办理紧急添购：紧急采购依法另行处理。")),
    Unused("tender_price_weight_goods_percent", _GOODS),
    Unused("consultation_price_weight_goods_min_percent", _GOODS),
    Unused("consultation_price_weight_goods_max_percent", _GOODS),
    Unused("bid_bond_percent", _BOND),
    Unused("bid_bond_refund_losers_days", _BOND),
    Unused("bid_bond_refund_winner_days", _BOND),
    Unused("consortium_price_deduction_min_percent", _CONSORTIUM),
    Unused("consortium_price_deduction_max_percent", _CONSORTIUM),
    Unused("consortium_small_firm_share_percent", _CONSORTIUM),
    Unused("guide_threshold_services_province_fen", N_("使用单位都在区县：适用市县一级的限额。")),
)
"""Rows about purchasing that never apply on this platform; at most fifteen."""
UNUSED_MAX = 15


def part_of(rule_id: str) -> Part:
    """The part of the house that a row speaks to."""
    return next((part for part, ids in OTHER_PARTS.items() if rule_id in ids), Part.PURCHASING)


def unused(rule_id: str) -> str | None:
    """Why a row never applies here (a message id), or None."""
    return next((one.reason for one in NOT_APPLICABLE if one.rule_id == rule_id), None)
