"""What an amount and a method demand: the tier, the lawful methods, the panel, the number of suppliers, the price."""

from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.kit.money import half_up, yuan_grouped
from marketplace.procedures.rules.methods import METHODS, STANDINGS
from marketplace.procedures.rules.ruleset import Rule, RuleSet
from marketplace.procedures.states import BAND_NAMES, BandCode, Comparison, CountOutcome, MethodCode, Standing

THRESHOLD_RULES = ("purchase_threshold_services_fen", "guide_threshold_services_county_fen")
"""The place's own threshold where it is entered, else the national guide."""
OPEN_TENDER_RULES = ("open_tender_threshold_services_fen", "guide_open_tender_services_fen")
LARGE_RULE = "demand_survey_mandatory_amount_fen"
"""The row that holds the figure (1000万元) from which a tender also counts as large for its committee."""


class MethodUnlawful(DomainError):
    """The method may not be used for this amount."""

    kind, code = Kind.INVALID, "method_unlawful"
    text = N_("预算 {amount} 元属于「{band}」，不能采用「{method}」。请改用「{usual}」或其他可用方式。")


class PanelTooSmall(DomainError):
    """The panel has fewer members than the rule demands."""

    kind, code = Kind.INVALID, "panel_too_small"
    text = N_("评审小组现有 {members} 人，至少需要 {needed} 人（{basis}）。请补充成员。")


class PanelNotExact(DomainError):
    """The panel must have exactly so many members."""

    kind, code = Kind.INVALID, "panel_not_exact"
    text = N_("评审小组现有 {members} 人，应为 {needed} 人（{basis}）。请调整成员。")


class PanelEven(DomainError):
    """The panel could be split in two halves."""

    kind, code = Kind.INVALID, "panel_even"
    text = N_("评审小组现有 {members} 人，应为单数。请增加或减少一人。")


class TooFewExperts(DomainError):
    """Less than the demanded share of the panel are experts."""

    kind, code = Kind.INVALID, "too_few_experts"
    text = N_("评审小组 {members} 人中有专家 {experts} 人，至少需要 {needed} 人（{basis}）。请补抽专家。")


class PriceWeightOutside(DomainError):
    """The weight of the price lies outside its bounds."""

    kind, code = Kind.INVALID, "price_weight_outside"
    text = N_("价格分权重 {given}% 不在规定的 {least}% 至 {most}% 之间（{basis}）。请调整。")


class Band(Struct, frozen=True):
    """A tier of amounts, half-open: from ``from_fen`` up to but not including ``below_fen`` (None: no end)."""

    code: BandCode
    name: str
    from_fen: int
    below_fen: int | None
    rules: tuple[Rule, ...]

    @property
    def below_threshold(self) -> bool:
        """Whether the unit's own rules govern, not procurement law."""
        return self.code not in {BandCode.GOVERNMENT, BandCode.OPEN_TENDER}

    @property
    def needs_agent(self) -> bool:
        """Whether the project records a 采购代理机构 or a dated reason why there is none."""
        return self.code is BandCode.AGENCY


class Choice(Struct, frozen=True):
    """One method and whether it may be used for the amount asked."""

    method: MethodCode
    name: str
    standing: Standing


class PanelDemand(Struct, frozen=True):
    """How a panel must be composed. ``expert_thirds`` 2 demands experts*3 >= members*2; 0 demands none."""

    members: int
    exactly: bool
    expert_thirds: int
    rules: tuple[Rule, ...]

    def experts(self, members: int) -> int:
        """How many of ``members`` must be experts."""
        return -(-members * self.expert_thirds // 3)


class PriceWeight(Struct, frozen=True):
    """The bounds, in percent, of the price's part in the score. ``model``: followed as a model, not binding."""

    least: Decimal
    most: Decimal
    rules: tuple[Rule, ...]
    model: bool


def bands(rules: RuleSet) -> tuple[Band, ...]:
    """All tiers from nothing upwards, without gap or overlap.

    At a border the upper tier wins; the statutory threshold in force cuts the unit's own tiers.

    Raises:
        RuleMissing: the unit's own limits are not in force on that day.
    """
    own_limit = rules.get("comparison_upper_limit_fen")
    threshold, open_tender = rules.first(*THRESHOLD_RULES), rules.first(*OPEN_TENDER_RULES)
    public, agency = rules.get("public_comparison_min_fen"), rules.get("comparison_agency_required_min_fen")
    self_limit, small_limit = rules.get("self_purchase_max_fen"), rules.get("small_comparison_max_fen")
    cap = min(own_limit.number + 1, threshold.number if threshold else own_limit.number + 1)
    starts: list[tuple[BandCode, int, tuple[Rule, ...]]] = [
        (BandCode.SELF, 0, (self_limit,)),
        (BandCode.SMALL, self_limit.number + 1, (small_limit,)),
        (BandCode.PUBLIC, min(small_limit.number + 1, public.number), (public,)),
        (BandCode.AGENCY, agency.number, (agency,)),
    ]
    starts = [start for start in starts if start[1] < cap]
    starts.append((BandCode.GOVERNMENT, cap, (threshold,) if threshold else (own_limit,)))
    if open_tender:
        starts.append((BandCode.OPEN_TENDER, open_tender.number, (open_tender,)))
    ends = [start[1] for start in starts[1:]]
    return tuple(
        Band(code, BAND_NAMES[code], first, end, of)
        for (code, first, of), end in zip(starts, [*ends, None], strict=True)
    )


def band_of(rules: RuleSet, amount_fen: int) -> Band:
    """The tier of an amount.

    Raises:
        RuleMissing: the unit's own limits are not in force on that day.
    """
    return next(band for band in reversed(bands(rules)) if amount_fen >= band.from_fen)


def lawful_methods(rules: RuleSet, amount_fen: int) -> tuple[Choice, ...]:
    """Every method with its standing for an amount, the usual one first and the unlawful last.

    Source:
        政府采购法第二条、第二十六条至第三十二条；below the threshold the unit's own rules.

    Raises:
        RuleMissing: the unit's own limits are not in force on that day.
    """
    table = STANDINGS[band_of(rules, amount_fen).code]
    order = list(Standing)
    choices = [Choice(code, method.name, table.get(code, Standing.ALLOWED)) for code, method in METHODS.items()]
    return tuple(sorted(choices, key=lambda choice: order.index(choice.standing)))


def check_method(rules: RuleSet, method: MethodCode, amount_fen: int) -> list[DomainError]:
    """The refusal of a method that is unlawful for the amount, or nothing.

    Raises:
        RuleMissing: the unit's own limits are not in force on that day.
    """
    choices = lawful_methods(rules, amount_fen)
    if any(choice.method is method and choice.standing is not Standing.UNLAWFUL for choice in choices):
        return []
    band = band_of(rules, amount_fen)
    return [
        MethodUnlawful(
            field="method",
            amount=yuan_grouped(amount_fen),
            band=band.name,
            method=METHODS[method].name,
            usual=choices[0].name,
        )
    ]


def panel_demand(rules: RuleSet, method: MethodCode, amount_fen: int) -> PanelDemand | None:
    """How the panel must be composed, or None where no panel is asked (self-purchase, single source).

    Raises:
        RuleMissing: a row it needs is not in force on that day.
    """
    panels = dict(METHODS[method].panels)
    panel = panels.get(None) or panels.get(band_of(rules, amount_fen).code)
    if panel is None:
        return None
    large = rules.find(LARGE_RULE) if panel.large_size else None
    size = rules.get(panel.large_size if large and amount_fen >= large.number else panel.size)
    thirds = (rules.get(panel.expert_thirds),) if panel.expert_thirds else ()
    return PanelDemand(
        members=size.number,
        exactly=size.comparison is Comparison.EXACTLY,
        expert_thirds=thirds[0].number if thirds else 0,
        rules=(size, *thirds),
    )


def check_panel(demand: PanelDemand, *, members: int, experts: int) -> list[DomainError]:
    """What is wrong with a panel of ``members``, ``experts`` of them experts."""
    size, found = demand.rules[0], list[DomainError]()
    if demand.exactly and members != demand.members:
        found.append(PanelNotExact(members=members, needed=demand.members, basis=size.basis))
    elif members < demand.members:
        found.append(PanelTooSmall(members=members, needed=demand.members, basis=size.basis))
    elif members % 2 == 0:
        found.append(PanelEven(members=members))
    if experts < demand.experts(members):
        basis = demand.rules[-1].basis
        found.append(TooFewExperts(members=members, experts=experts, needed=demand.experts(members), basis=basis))
    return found


def min_suppliers(rules: RuleSet, method: MethodCode) -> Rule | None:
    """The row that says how few suppliers suffice, or None where one is enough. Below the threshold it is a model.

    Raises:
        RuleMissing: the row is not in force on that day.
    """
    rule_id = METHODS[method].min_suppliers
    return rules.get(rule_id) if rule_id else None


def outcome_of_count(rules: RuleSet, method: MethodCode, count: int, *, rounds: int = 1) -> CountOutcome:
    """What follows when ``count`` suppliers responded in the round numbered ``rounds``.

    Below the threshold too few lead to another round, and after as many rounds as the unit's rule says to an award
    by meeting. A consultation for a service purchase goes on with two; a tender with two may switch to negotiation.

    Raises:
        RuleMissing: a row it needs is not in force on that day.
    """
    record, needed = METHODS[method], min_suppliers(rules, method)
    if count >= (needed.number if needed else 1):
        return CountOutcome.ENOUGH
    exception, switch = rules.find(record.exception_min_suppliers), rules.find(record.switch_min_suppliers)
    if exception and count >= exception.number:
        return CountOutcome.ENOUGH_BY_EXCEPTION
    if switch and count >= switch.number:
        return CountOutcome.MAY_SWITCH
    if method is not MethodCode.BELOW_THRESHOLD_COMPARISON:
        return CountOutcome.UNSUCCESSFUL
    if rounds < rules.number("comparison_rounds_before_negotiated_award"):
        return CountOutcome.REPEAT
    return CountOutcome.MAY_NEGOTIATE if count else CountOutcome.UNSUCCESSFUL


def price_weight(rules: RuleSet, method: MethodCode) -> PriceWeight | None:
    """The bounds of the price's weight for services, or None where no score is given or no row is in force."""
    least_id, most_id = METHODS[method].price_weight
    least, most = rules.find(least_id), rules.find(most_id)
    found = tuple(row for row in (least, most) if row)
    if not found:
        return None
    return PriceWeight(
        least=least.value if least else Decimal(0),
        most=most.value if most else Decimal(100),
        rules=found,
        model=METHODS[method].model,
    )


def check_price_weight(bounds: PriceWeight, given: Decimal) -> list[DomainError]:
    """The refusal of a price weight, in percent, outside its bounds."""
    if bounds.least <= given <= bounds.most:
        return []
    basis = bounds.rules[0].basis
    return [PriceWeightOutside(field="price_weight", given=given, least=bounds.least, most=bounds.most, basis=basis)]


def price_score(lowest_fen: int, price_fen: int, weight: Decimal) -> Decimal:
    """Points of a price: lowest valid price ÷ this price × weight, rounded half up to two decimals, once.

    Source:
        财库〔2014〕214号；财政部令第87号 (△).

    Raises:
        ValueError: no price, or one below the lowest.
    """
    if not 0 < lowest_fen <= price_fen:
        raise ValueError("a price is above zero and not below the lowest")
    return Decimal(half_up(Fraction(lowest_fen, price_fen) * Fraction(weight) * 100)).scaleb(-2)
