"""What a contract must say: eight clauses, a lawful term, dated milestones; and the window in which it is signed."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from marketplace.contracts.rules import refusals as no
from marketplace.contracts.rules.amounts import in_words
from marketplace.kit.clock import legal_day
from marketplace.kit.days import Calendar, Due
from marketplace.kit.errors import DomainError
from marketplace.kit.fields import Paragraphs
from marketplace.kit.i18n import N_
from marketplace.procedures.rules import RuleSet
from marketplace.projects.rules import moment
from marketplace.projects.rules.gates import TERM_MAX_RULE, TERM_RULE, years_later
from marketplace.projects.states import MilestoneKind

SIGNING_RULE = "contract_signing_days"
PUBLICATION_RULE = "contract_publication_days"


class Clause(StrEnum):
    """The eight things that a service contract must settle, in their order.

    Source:
        102号令第二十三条.
    """

    CONTENT = "content"
    TERM = "term"
    QUANTITY = "quantity"
    QUALITY = "quality"
    PRICE = "price"
    PAYMENT = "payment"
    DUTIES = "duties"
    BREACH = "breach"


CLAUSE_NAMES = {
    Clause.CONTENT: N_("服务内容"),
    Clause.TERM: N_("服务期限"),
    Clause.QUANTITY: N_("服务数量"),
    Clause.QUALITY: N_("服务质量"),
    Clause.PRICE: N_("服务价格"),
    Clause.PAYMENT: N_("资金结算方式"),
    Clause.DUTIES: N_("双方权利义务"),
    Clause.BREACH: N_("违约责任"),
}
NO_ASSIGNMENT = "乙方不得将本合同约定的服务转包给其他主体。"
"""Stands in every contract and cannot be taken out.

Source:
    102号令第二十六条; 采购法条例第七十二条第四项.
"""


class Clauses(Struct, frozen=True, kw_only=True):
    """The texts of a contract, eight mandatory ones and what else is agreed, and the days of its service."""

    content: Paragraphs = ""
    term: Paragraphs = ""
    quantity: Paragraphs = ""
    quality: Paragraphs = ""
    price: Paragraphs = ""
    payment: Paragraphs = ""
    duties: Paragraphs = ""
    breach: Paragraphs = ""
    other: Paragraphs = ""
    service_from: date | None = None
    service_until: date | None = None


class Terms(Clauses, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the drafters of a contract may write; price, milestones and shares follow from the award and the project.

    ``due_on`` are the days of the milestones in their order.
    """

    due_on: tuple[date | None, ...] = ()

    def clause(self, clause: Clause) -> str:
        """The text of one of the eight clauses."""
        found: str = getattr(self, clause.value)
        return found


class Planned(Struct, frozen=True, kw_only=True):
    """A milestone as the tender announced it; ``share_bp`` of the price in hundredths of a percent."""

    title: str
    kind: MilestoneKind
    deliverable: str
    evidence: tuple[str, ...]
    share_bp: int
    due_on: date | None


class Frame(Struct, frozen=True, kw_only=True):
    """What a contract is held against: the price of the award, the milestones and the reason of the tender."""

    price_fen: int
    milestones: tuple[Planned, ...]
    term_reason: str
    rules: RuleSet
    printable: frozenset[str]


def gates(terms: Terms, frame: Frame, *, today: date) -> list[DomainError]:
    """Everything that keeps a draft from being handed in ``today``, each refusal at its field.

    Source:
        102号令第二十三条 (eight clauses), 第二十四条 (term); 采购法第四十六条 (as the tender and the award say).
    """
    return [*_clauses(terms, frame), *_term(terms, frame, today), *_days(terms, frame.milestones, today)]


def _clauses(terms: Terms, frame: Frame) -> Iterator[DomainError]:
    for number, clause in enumerate(Clause, 1):
        text = terms.clause(clause)
        if not text.strip():
            yield no.ClauseMissing(field=clause.value, number=number, clause=CLAUSE_NAMES[clause])
        yield from _printable(clause.value, CLAUSE_NAMES[clause], text, frame)
    yield from _printable("other", N_("其他约定"), terms.other, frame)
    words = in_words(frame.price_fen)
    if terms.price.strip() and words not in terms.price:
        yield no.PriceNotNamed(field=Clause.PRICE.value, words=words)


def _printable(field: str, name: str, text: str, frame: Frame) -> Iterator[DomainError]:
    lacking = "".join(sorted(set(text) - frame.printable))
    if lacking:
        yield no.UnprintableClause(field=field, clause=name, characters=lacking)


def period(terms: Terms) -> list[DomainError]:
    """What keeps the days of the service from being kept at all, also in a draft."""
    begin, end = terms.service_from, terms.service_until
    if begin is None or end is None or end >= begin:
        return []
    return [no.ServiceEndsEarly(field="service_until", begin=begin.isoformat())]


def _term(terms: Terms, frame: Frame, today: date) -> Iterator[DomainError]:
    begin, end = terms.service_from, terms.service_until
    for name, day in (("service_from", begin), ("service_until", end)):
        if day is None:
            yield no.ServiceTermMissing(field=name)
    if begin is None or end is None:
        return
    if backwards := period(terms):
        yield from backwards
        return
    if end < today:
        yield no.ServiceOver(field="service_until", end=end.isoformat())
    usual, longest = frame.rules.find(TERM_RULE), frame.rules.find(TERM_MAX_RULE)
    if longest and end >= years_later(begin, longest.number):
        yield no.ServiceTooLong(field="service_until", years=longest.number, basis=longest.basis)
    elif usual and not frame.term_reason and end >= years_later(begin, usual.number):
        yield no.LongTermNotPlanned(field="service_until", years=usual.number, basis=usual.basis)


def _days(terms: Terms, milestones: Sequence[Planned], today: date) -> Iterator[DomainError]:
    before: date | None = None
    for index, milestone in enumerate(milestones):
        day = terms.due_on[index] if index < len(terms.due_on) else None
        field = f"milestones-{index}-due_on"
        if day is None:
            yield no.MilestoneDayMissing(field=field, title=milestone.title)
            continue
        if before is not None and day < before:
            yield no.MilestoneDaysOutOfOrder(field=field, title=milestone.title, before=before.isoformat())
        elif day < today and milestone.kind is MilestoneKind.DELIVERABLE:
            yield no.MilestoneDayPast(field=field, title=milestone.title, day=day.isoformat())
        before = day


class Deadline(Struct, frozen=True, kw_only=True):
    """The last day for something and the rule that says so; ``estimated`` where a year's calendar is not entered."""

    day: date
    basis: str
    confirmed: bool
    estimated: bool


def _deadline(rules: RuleSet, calendar: Calendar, rule_id: str, start: date) -> Deadline | None:
    rule = rules.find(rule_id)
    if rule is None:
        return None
    due: Due = calendar.add(start, rule.number, rule.period)
    return Deadline(day=due.rolled, basis=rule.basis, confirmed=rule.confirmed, estimated=due.estimated)


def sign_by(rules: RuleSet, calendar: Calendar, result_at: datetime) -> Deadline | None:
    """The last lawful day to sign, counted from the publication of the result; None without a rule.

    Source:
        采购法第四十六条: thirty days from the notice.
    """
    return _deadline(rules, calendar, SIGNING_RULE, legal_day(result_at))


def publish_by(rules: RuleSet, calendar: Calendar, signed_at: datetime) -> Deadline | None:
    """The last lawful day to publish a contract, counted from its second signature; None without a rule.

    Source:
        采购法条例第五十条: two working days.
    """
    return _deadline(rules, calendar, PUBLICATION_RULE, legal_day(signed_at))


def may_sign(signable_from: datetime | None, *, at: datetime) -> None:
    """Refuse a signature before the period after the result is over; the clock decides, not a stored state.

    Raises:
        ResultPending: the result is not published.
        TooEarlyToSign: says from when one may sign.
    """
    if signable_from is None:
        raise no.ResultPending
    if at < signable_from:
        raise no.TooEarlyToSign(at=moment(signable_from))
