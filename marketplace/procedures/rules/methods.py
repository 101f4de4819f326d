"""The methods of purchasing as records: which rule governs which step of which method, and when it may be used."""

from msgspec import Struct

from marketplace.kit.i18n import N_
from marketplace.procedures.states import BandCode, Event, MethodCode, Standing

AFTER = {
    Event.ANNOUNCED: Event.PUBLISH,
    Event.HANDOUT_END: Event.PUBLISH,
    Event.CLOSE: Event.HANDOUT_END,
    Event.OPEN: Event.CLOSE,
    Event.REPORT: Event.OPEN,
    Event.CONFIRM: Event.REPORT,
    Event.NOTICE: Event.CONFIRM,
    Event.SHOWN: Event.NOTICE,
    Event.CHALLENGE_END: Event.NOTICE,
    Event.SIGN: Event.SHOWN,
    Event.CONTRACT_PUBLISHED: Event.SIGN,
    Event.CONTRACT_FILED: Event.SIGN,
    Event.PERFORMED: Event.SIGN,
    Event.ACCEPTED: Event.PERFORMED,
    Event.PAID: Event.ACCEPTED,
    Event.ARCHIVED: Event.PAID,
    Event.KEPT: Event.ARCHIVED,
}
"""No event happens before this other one; the two leads, intention and clarification, are counted backward."""


class Span(Struct, frozen=True):
    """A rule between two events.

    ``lead`` is counted back from ``last``. ``model``: the rule does not bind here but is followed as a model, because
    it is written for purchases at or above the threshold.
    """

    first: Event
    last: Event
    rule_id: str
    lead: bool = False
    model: bool = False


class Panel(Struct, frozen=True):
    """Which rules say how large a panel is and how many of it are experts."""

    size: str
    large_size: str = ""
    expert_thirds: str = ""


class Limit(Struct, frozen=True):
    """A further row of a method that is shown with it: its title and how its number is said (message ids)."""

    rule_id: str
    title: str
    text: str


class Method(Struct, frozen=True):
    """One way of purchasing: its name and the rules that govern it; another way is another record, not a class."""

    code: MethodCode
    name: str
    spans: tuple[Span, ...]
    min_suppliers: str = ""
    exception_min_suppliers: str = ""
    switch_min_suppliers: str = ""
    panels: tuple[tuple[BandCode | None, Panel], ...] = ()
    price_weight: tuple[str, str] = ("", "")
    limits: tuple[Limit, ...] = ()
    model: bool = False


def _ending(*, model: bool) -> tuple[Span, ...]:
    """From the evaluation to the archive, the same for all methods; only the days to signing differ."""
    return (
        Span(Event.OPEN, Event.REPORT, "evaluation_report_delivery_days", model=model),
        Span(Event.REPORT, Event.CONFIRM, "award_confirmation_days", model=model),
        Span(Event.CONFIRM, Event.NOTICE, "award_notice_days", model=model),
        Span(Event.NOTICE, Event.CHALLENGE_END, "challenge_window_days", model=model),
        Span(Event.NOTICE, Event.SIGN, "contract_signing_days", model=model),
        Span(Event.SIGN, Event.CONTRACT_PUBLISHED, "contract_publication_days", model=model),
        Span(Event.SIGN, Event.CONTRACT_FILED, "contract_filing_days", model=model),
        Span(Event.SIGN, Event.PERFORMED, "service_contract_term_years"),
        Span(Event.ACCEPTED, Event.PAID, "sme_payment_days"),
        Span(Event.ARCHIVED, Event.KEPT, "archive_retention_years", model=model),
    )


_INTENTION = Span(Event.INTENTION, Event.PUBLISH, "intention_publication_lead_days", lead=True)
_RESULT = Span(Event.NOTICE, Event.SHOWN, "result_notice_period_days")
_FORMAL = (_INTENTION, _RESULT, *_ending(model=False))
_CONSULTATION_WEIGHT = (
    "consultation_price_weight_services_min_percent",
    "consultation_price_weight_services_max_percent",
)
_TENDER_PANEL = (
    (None, Panel("tender_committee_size", "tender_committee_size_large", "tender_committee_expert_thirds")),
)


def _response(rule_id: str) -> Span:
    return Span(Event.PUBLISH, Event.CLOSE, rule_id)


def _handout(rule_id: str) -> Span:
    return Span(Event.PUBLISH, Event.HANDOUT_END, rule_id)


def _clarify(rule_id: str) -> Span:
    return Span(Event.CLARIFY, Event.CLOSE, rule_id, lead=True)


_ALL = (
    Method(
        code=MethodCode.BELOW_THRESHOLD_COMPARISON,
        name=N_("限额以下比选"),
        spans=(
            _handout("comparison_document_available_days"),
            _response("comparison_response_days"),
            _response("invited_comparison_response_days"),
            Span(Event.NOTICE, Event.SHOWN, "comparison_result_publicity_days"),
            Span(Event.NOTICE, Event.SIGN, "comparison_contract_earliest_days"),
            Span(Event.NOTICE, Event.SIGN, "comparison_contract_latest_days"),
            Span(Event.PERFORMED, Event.ACCEPTED, "acceptance_scheduling_days"),
            *_ending(model=True),
        ),
        min_suppliers="tender_min_suppliers",
        panels=(
            (BandCode.SMALL, Panel("small_comparison_group_size")),
            (BandCode.PUBLIC, Panel("public_comparison_group_size")),
            (BandCode.AGENCY, Panel("public_comparison_group_size")),
        ),
        price_weight=_CONSULTATION_WEIGHT,
        model=True,
    ),
    Method(
        code=MethodCode.COMPETITIVE_CONSULTATION,
        name=N_("竞争性磋商"),
        spans=(
            _response("consultation_response_days"),
            _clarify("consultation_clarification_lead_days"),
            *_FORMAL,
        ),
        min_suppliers="consultation_min_suppliers",
        exception_min_suppliers="consultation_service_purchase_min_suppliers",
        panels=((None, Panel("consultation_panel_size", "", "consultation_panel_expert_thirds")),),
        price_weight=_CONSULTATION_WEIGHT,
    ),
    Method(
        code=MethodCode.OPEN_TENDER,
        name=N_("公开招标"),
        spans=(
            Span(Event.PUBLISH, Event.ANNOUNCED, "tender_notice_period_days"),
            _handout("tender_document_available_days"),
            _response("tender_response_days"),
            _clarify("tender_clarification_lead_days"),
            *_FORMAL,
        ),
        min_suppliers="tender_min_suppliers",
        switch_min_suppliers="negotiation_after_failed_tender_min_suppliers",
        panels=_TENDER_PANEL,
        price_weight=("tender_price_weight_services_percent", ""),
    ),
    Method(
        code=MethodCode.INVITED_TENDER,
        name=N_("邀请招标"),
        spans=(
            _handout("invited_tender_document_available_days"),
            _response("invited_tender_response_days"),
            _clarify("tender_clarification_lead_days"),
            *_FORMAL,
        ),
        min_suppliers="invited_tender_min_invited",
        panels=_TENDER_PANEL,
        price_weight=("tender_price_weight_services_percent", ""),
    ),
    Method(
        code=MethodCode.COMPETITIVE_NEGOTIATION,
        name=N_("竞争性谈判"),
        spans=(_response("negotiation_response_days"), _clarify("negotiation_clarification_lead_days"), *_FORMAL),
        min_suppliers="negotiation_min_suppliers",
        panels=((None, Panel("negotiation_panel_size", "", "negotiation_panel_expert_thirds")),),
    ),
    Method(
        code=MethodCode.INQUIRY,
        name=N_("询价"),
        spans=(_response("inquiry_response_days"), _clarify("inquiry_clarification_lead_days"), *_FORMAL),
        min_suppliers="inquiry_min_suppliers",
        panels=((None, Panel("inquiry_panel_size", "", "inquiry_panel_expert_thirds")),),
    ),
    Method(
        code=MethodCode.SINGLE_SOURCE,
        name=N_("单一来源"),
        spans=(_response("single_source_publicity_days"), *_FORMAL),
        limits=(Limit("single_source_grounds_count", N_("单一来源的理由"), N_("属于法定的 {n} 种情形之一")),),
    ),
    Method(
        code=MethodCode.FRAMEWORK,
        name=N_("框架协议"),
        spans=(
            Span(Event.PUBLISH, Event.HANDOUT_END, "tender_document_available_days", model=True),
            Span(Event.PUBLISH, Event.CLOSE, "tender_response_days", model=True),
            *_FORMAL,
        ),
        min_suppliers="framework_min_suppliers_for_user_choice",
        panels=_TENDER_PANEL,
        limits=(
            Limit("framework_service_term_years", N_("框架协议期限"), N_("不超过 {n} 年")),
            Limit("framework_elimination_percent", N_("入围淘汰比例"), N_("不少于 {n}%")),
            Limit("framework_elimination_quality_first_percent", N_("质量优先法的淘汰比例"), N_("不少于 {n}%")),
        ),
        model=True,
    ),
)
METHODS = {method.code: method for method in _ALL}
"""Every method, the everyday one first."""

_BELOW = {
    MethodCode.BELOW_THRESHOLD_COMPARISON: Standing.USUAL,
    MethodCode.SINGLE_SOURCE: Standing.NEEDS_APPROVAL,
}
STANDINGS = {
    BandCode.SELF: _BELOW,
    BandCode.SMALL: _BELOW,
    BandCode.PUBLIC: _BELOW,
    BandCode.AGENCY: _BELOW,
    BandCode.GOVERNMENT: {
        MethodCode.COMPETITIVE_CONSULTATION: Standing.USUAL,
        MethodCode.SINGLE_SOURCE: Standing.NEEDS_APPROVAL,
        MethodCode.BELOW_THRESHOLD_COMPARISON: Standing.UNLAWFUL,
    },
    BandCode.OPEN_TENDER: {
        MethodCode.OPEN_TENDER: Standing.USUAL,
        MethodCode.INVITED_TENDER: Standing.NEEDS_APPROVAL,
        MethodCode.COMPETITIVE_CONSULTATION: Standing.NEEDS_APPROVAL,
        MethodCode.COMPETITIVE_NEGOTIATION: Standing.NEEDS_APPROVAL,
        MethodCode.INQUIRY: Standing.NEEDS_APPROVAL,
        MethodCode.SINGLE_SOURCE: Standing.NEEDS_APPROVAL,
        MethodCode.BELOW_THRESHOLD_COMPARISON: Standing.UNLAWFUL,
    },
}
"""Which methods are usual, need approval or are unlawful in a band; one that is not named is allowed."""
