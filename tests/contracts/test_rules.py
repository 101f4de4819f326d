"""What a contract must say, what its parts come to, and when it may be signed: decided without a database."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.contracts.rules import (
    NO_ASSIGNMENT,
    Clause,
    Frame,
    Planned,
    Terms,
    funding_amounts,
    gates,
    in_words,
    may_sign,
    milestone_amounts,
    publish_by,
    sign_by,
)
from marketplace.contracts.rules import refusals as no
from marketplace.contracts.rules.paper import (
    PaperFacts,
    PaperFund,
    PaperMilestone,
    PaperParty,
    contract_paper,
)
from marketplace.contracts.rules.wording import Brief, prefill
from marketplace.kit.clock import LEGAL_ZONE
from marketplace.kit.days import Calendar, YearNotice
from marketplace.kit.money import SharesNotWhole
from marketplace.papers.pdf import formal
from marketplace.procedures.rules import Rule, RuleSet
from marketplace.procedures.states import Comparison, RuleUnit, Topic
from marketplace.projects.states import MilestoneKind

PRICE = 3_333_333
ADVANCE, DELIVERABLE = MilestoneKind.ADVANCE, MilestoneKind.DELIVERABLE
MILESTONES = (
    Planned(title="首付款", kind=ADVANCE, deliverable="签订合同", evidence=(), share_bp=4_000, due_on=date(2026, 4, 1)),
    Planned(
        title="末期款", kind=DELIVERABLE, deliverable="总结报告", evidence=("台账",), share_bp=6_000,
        due_on=date(2026, 6, 30),
    ),
)  # fmt: skip
PRINTABLE = frozenset({"\n", *map(chr, range(0x20, 0xFFFF))})
SAME: dict[str, Any] = {"name_en": "", "topic": Topic.CONTRACT, "method": "any", "valid_from": None, "valid_to": None}
SAME |= {"practice": False, "note": "", "note_en": "", "version": 1, "confirmed": True}


def a_rule(rule_id: str, value: int, unit: RuleUnit, basis: str) -> Rule:
    return Rule(
        rule_id=rule_id, name=rule_id, value=Decimal(value), unit=unit, comparison=Comparison.MAX, basis=basis, **SAME
    )


RULES = RuleSet(
    date(2026, 3, 2),
    1,
    {
        rule.rule_id: rule
        for rule in (
            a_rule("service_contract_term_years", 1, RuleUnit.COUNT, "102号令第二十四条"),
            a_rule("service_contract_term_max_years", 3, RuleUnit.COUNT, "102号令第二十四条"),
            a_rule("contract_signing_days", 30, RuleUnit.CALENDAR_DAYS, "政府采购法第四十六条"),
            a_rule("contract_publication_days", 2, RuleUnit.WORKING_DAYS, "政府采购法实施条例第五十条"),
        )
    },
)
TODAY = date(2026, 3, 20)
FRAME = Frame(price_fen=PRICE, milestones=MILESTONES, term_reason="", rules=RULES, printable=PRINTABLE)
BRIEF = Brief(
    title="留守儿童暑期托管服务",
    people_kind="留守儿童",
    people_count=60,
    people_note="",
    location="示例镇",
    requirement="一、日间看护。\n二、作业辅导。",
    service_from=date(2026, 4, 1),
    service_until=date(2026, 6, 30),
    price_fen=PRICE,
    milestones=MILESTONES,
    approach="每周三次入户陪伴",
    costs=("入户陪伴：100 次。",),
    payment_days=30,
    late_rate="0.05",
)
TERMS = prefill(BRIEF)
CALENDAR = Calendar({2026: YearNotice(2026, frozenset({date(2026, 4, 6)}))})


def refused(**changes: Any) -> list[tuple[str, str]]:
    """What keeps changed terms from being handed in: field and code."""
    return [(one.field, one.code) for one in gates(msgspec.structs.replace(TERMS, **changes), FRAME, today=TODAY)]


def test_what_is_filled_in_from_tender_and_bid_may_be_handed_in() -> None:
    assert gates(TERMS, FRAME, today=TODAY) == []
    assert in_words(PRICE) == "人民币 33,333.33 元（大写：叁万叁仟叁佰叁拾叁元叁角叁分）"
    assert in_words(PRICE) in TERMS.price
    assert "留守儿童60人" in TERMS.content
    assert "每周三次入户陪伴" in TERMS.content
    assert "入户陪伴：100 次。" in TERMS.quantity
    assert "30日内" in TERMS.payment
    assert "首付款" in TERMS.payment
    assert "0.05%" in TERMS.breach
    assert TERMS.due_on == (date(2026, 4, 1), date(2026, 6, 30))


def test_a_contract_without_advance_promises_none() -> None:
    later = prefill(msgspec.structs.replace(BRIEF, milestones=MILESTONES[1:], payment_days=None, late_rate=""))
    assert "首付款" not in later.payment
    assert "在验收合格后付清" in later.payment
    assert "依法支付逾期利息" in later.breach


@pytest.mark.parametrize("clause", list(Clause))
def test_each_of_the_eight_clauses_is_needed(clause: Clause) -> None:
    assert refused(**{clause.value: " \n"}) == [(clause.value, no.ClauseMissing.code)]


def test_there_are_eight_clauses() -> None:
    assert [clause.value for clause in Clause] == [
        "content", "term", "quantity", "quality", "price", "payment", "duties", "breach",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"price": "合同总价 33,333.33 元。"}, ("price", no.PriceNotNamed)),
        ({"price": in_words(PRICE + 1)}, ("price", no.PriceNotNamed)),
        ({"quality": "优\U000f0000"}, ("quality", no.UnprintableClause)),
        ({"other": "优\U000f0000"}, ("other", no.UnprintableClause)),
        ({"service_from": None}, ("service_from", no.ServiceTermMissing)),
        ({"service_until": None}, ("service_until", no.ServiceTermMissing)),
        ({"service_until": date(2026, 3, 31)}, ("service_until", no.ServiceEndsEarly)),
        (
            {"service_from": date(2025, 4, 1), "service_until": date(2026, 3, 19)},
            ("service_until", no.ServiceOver),
        ),
        ({"service_until": date(2027, 4, 1)}, ("service_until", no.LongTermNotPlanned)),
        ({"service_until": date(2029, 4, 1)}, ("service_until", no.ServiceTooLong)),
        ({"due_on": (None, date(2026, 6, 30))}, ("milestones-0-due_on", no.MilestoneDayMissing)),
        ({"due_on": (date(2026, 4, 1),)}, ("milestones-1-due_on", no.MilestoneDayMissing)),
        (
            {"due_on": (date(2026, 6, 30), date(2026, 6, 29))},
            ("milestones-1-due_on", no.MilestoneDaysOutOfOrder),
        ),
        ({"due_on": (date(2026, 3, 1), date(2026, 3, 19))}, ("milestones-1-due_on", no.MilestoneDayPast)),
    ],
)
def test_what_is_wrong_is_told_at_its_field(changes: dict[str, Any], expected: tuple[str, type[Any]]) -> None:
    assert refused(**changes) == [(expected[0], expected[1].code)]


def test_a_year_is_lawful_to_its_last_day_and_more_where_the_tender_said_why() -> None:
    assert refused(service_until=date(2027, 3, 31)) == []
    longer = msgspec.structs.replace(TERMS, service_until=date(2028, 3, 31))
    assert gates(longer, msgspec.structs.replace(FRAME, term_reason="连续性强"), today=TODAY) == []
    without = RuleSet(date(2026, 3, 2), 1, {})
    assert gates(longer, msgspec.structs.replace(FRAME, rules=without), today=TODAY) == []


@given(
    price=st.integers(1, 10**12),
    cuts=st.lists(st.integers(1, 9_999), max_size=8, unique=True).map(sorted),
)
def test_milestone_amounts_always_make_the_price(price: int, cuts: list[int]) -> None:
    edges = [0, *cuts, 10_000]
    shares = [after - before for before, after in pairwise(edges)]
    amounts = milestone_amounts(price, shares)
    assert sum(amounts) == price
    assert min(amounts) >= 0
    if price >= 10**6:  # below that a share may be less than what rounding takes from the last
        for amount, share in zip(amounts[:-1], shares, strict=False):
            assert abs(amount * 10_000 - price * share) <= 5_000


def test_shares_that_are_not_the_whole_are_refused() -> None:
    with pytest.raises(SharesNotWhole):
        milestone_amounts(100, [5_000, 4_999])


@given(lines=st.lists(st.integers(1, 10**11), min_size=1, max_size=6), part=st.integers(0, 10**6))
def test_funds_pay_the_price_and_none_more_than_it_has(lines: list[int], part: int) -> None:
    price = sum(lines) * part // 10**6
    amounts = funding_amounts(price, lines)
    assert sum(amounts) == price
    assert all(0 <= amount <= line for amount, line in zip(amounts, lines, strict=True))
    assert funding_amounts(sum(lines), lines) == lines


def test_signing_opens_with_the_instant_and_not_before() -> None:
    opens = datetime(2026, 3, 13, tzinfo=LEGAL_ZONE).astimezone(UTC)
    with pytest.raises(no.TooEarlyToSign) as early:
        may_sign(opens, at=opens - timedelta(microseconds=1))
    assert "2026-03-13 00:00" in str(early.value)
    may_sign(opens, at=opens)
    with pytest.raises(no.ResultPending):
        may_sign(None, at=opens)


def test_the_law_says_until_when_to_sign_and_to_publish() -> None:
    result = datetime(2026, 3, 6, 23, 30, tzinfo=LEGAL_ZONE)
    until = sign_by(RULES, CALENDAR, result)
    assert until is not None
    assert (until.day, until.basis, until.estimated) == (date(2026, 4, 7), "政府采购法第四十六条", False)
    signed = datetime(2026, 4, 3, 10, tzinfo=LEGAL_ZONE)
    due = publish_by(RULES, CALENDAR, signed)
    assert due is not None
    assert (due.day, due.basis) == (date(2026, 4, 8), "政府采购法实施条例第五十条")
    assert sign_by(RuleSet(date(2026, 3, 2), 1, {}), CALENDAR, result) is None


FACTS = PaperFacts(
    number="HT-2026-0001",
    title="留守儿童暑期托管服务",
    project_number="QT-2026-0001",
    bid_sha256="ab" * 32,
    parties=(
        PaperParty(role="甲方（购买主体）", name="示例区总工会", uscc="13511602MJX000001A"),
        PaperParty(role="乙方（承接主体）", name="示例社工中心", uscc="52511602MJX000018K"),
    ),
    price_fen=PRICE,
    terms=TERMS,
    milestones=tuple(
        PaperMilestone(
            title=one.title, kind=one.kind, deliverable=one.deliverable, due_on=one.due_on, share_bp=one.share_bp,
            amount_fen=fen,
        )
        for one, fen in zip(MILESTONES, milestone_amounts(PRICE, [4_000, 6_000]), strict=True)
    ),
    funds=(
        PaperFund(number="ZJ-2026-0001", name="工会经费", amount_fen=2_000_000),
        PaperFund(number="ZJ-2026-0002", name="财政资金", amount_fen=1_333_333),
    ),
)  # fmt: skip


def test_the_paper_has_the_eight_clauses_the_ban_and_both_tables() -> None:
    paper = contract_paper(FACTS)
    headings = [section.heading for section in paper.sections]
    assert headings[1:9] == [
        "第一条　服务内容", "第二条　服务期限", "第三条　服务数量", "第四条　服务质量",
        "第五条　服务价格", "第六条　资金结算方式", "第七条　双方权利义务", "第八条　违约责任",
    ]  # fmt: skip
    assert NO_ASSIGNMENT in paper.sections[7].paragraphs
    price, payment = paper.sections[5], paper.sections[6]
    assert price.table is not None
    assert price.table.rows[-1] == ("合计", in_words(PRICE), "33,333.33")
    assert payment.table is not None
    assert [row[-2:] for row in payment.table.rows] == [
        ("40.00%", "13,333.33"), ("60.00%", "20,000.00"), ("100.00%", "33,333.33"),
    ]  # fmt: skip
    assert any("ab" * 32 in line for line in paper.sections[-1].paragraphs)


def test_the_paper_is_printed_the_same_twice_and_differently_when_a_word_changes() -> None:
    day = date(2026, 3, 10)
    first = formal(contract_paper(FACTS), on=day)
    assert formal(contract_paper(FACTS), on=day) == first
    changed = msgspec.structs.replace(FACTS, terms=msgspec.structs.replace(TERMS, quality="更高。"))
    assert formal(contract_paper(changed), on=day) != first


def test_a_paper_without_funds_or_other_terms_still_prints() -> None:
    bare = msgspec.structs.replace(FACTS, funds=(), terms=msgspec.structs.replace(TERMS, other=""), number="")
    paper = contract_paper(bare)
    assert paper.sections[5].table is None
    assert paper.sections[-2].paragraphs == ("无。",)
    assert "提交审批时编号" in paper.number


def test_empty_terms_lack_everything_at_once() -> None:
    assert len(gates(Terms(), FRAME, today=TODAY)) == 8 + 2 + 2
