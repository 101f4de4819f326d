"""What is wrong with one line of a roster, and what may be told of it: pure decisions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from marketplace.aid.rules.refusals import BadAccount, StageUnknown, WrongRate, WrongSex
from marketplace.aid.states import STAGE_LABELS, STAGE_WORDS, Sex, Stage
from marketplace.kit.codes import birth_date, is_male
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.kit.money import yuan_grouped

CHILD_YEARS = 14
"""Below this age a guardian must agree (个人信息保护法第三十一条)."""
PUBLIC_MIN = 5
"""No group of fewer people is published."""
_ACCOUNT = re.compile(r"\d{8,32}")
_BANDS = (
    (100_000, N_("1000 元以下")),
    (300_000, N_("1000 至 3000 元")),
    (500_000, N_("3000 至 5000 元")),
    (1_000_000, N_("5000 至 1 万元")),
)
_MORE = N_("1 万元以上")


@dataclass(frozen=True, slots=True)
class RateTerms:
    """One line of a programme as the checks need it; ``rate_fen`` a head."""

    id: UUID
    group_name: str
    stage: Stage
    sex: Sex
    rate_fen: int
    heads_max: int | None = None


def is_child(number: str, on: date) -> bool:
    """Whether the holder of a valid ID number is under fourteen on a day; on the birthday, no longer."""
    born = birth_date(number)
    return (on.year - born.year - ((on.month, on.day) < (born.month, born.day))) < CHILD_YEARS


def rate_for(word: str, rates: Iterable[RateTerms], programme: str) -> RateTerms:
    """The rate that a word in the column 学段 means in a programme.

    Raises:
        StageUnknown: none, or more than one.
    """
    known = list(rates)
    meant = {Stage(word)} if word in set(Stage) else STAGE_WORDS.get(word, frozenset())
    fitting = [rate for rate in known if rate.stage in meant]
    if len(fitting) != 1:
        stages = "、".join(STAGE_LABELS[rate.stage] for rate in known)
        raise StageUnknown(field="stage", programme=programme, stage=word, stages=stages)
    return fitting[0]


def line_refusals(number: str, rate: RateTerms, amount_fen: int | None, account: str) -> list[DomainError]:
    """What is wrong with a line whose ID number is valid and whose rate is known; empty if nothing is."""
    found: list[DomainError] = []
    if amount_fen is not None and amount_fen != rate.rate_fen:
        found.append(
            WrongRate(
                field="amount_fen",
                given=yuan_grouped(amount_fen),
                group=rate.group_name,
                rate=yuan_grouped(rate.rate_fen),
            )
        )
    if rate.sex is Sex.FEMALE and is_male(number):
        found.append(WrongSex(field="resident_id", group=rate.group_name))
    if not _ACCOUNT.fullmatch(account):
        found.append(BadAccount(field="account_number"))
    return found


def band(amount_fen: int) -> str:
    """The band (a message id) in which an amount lies; another organization learns no more of it."""
    return next((label for limit_fen, label in _BANDS if amount_fen < limit_fen), _MORE)


def publishable(groups: Mapping[UUID, int]) -> bool:
    """Whether counts of these groups may be shown one by one: none of them is of one to four people."""
    return not any(0 < heads < PUBLIC_MIN for heads in groups.values())
