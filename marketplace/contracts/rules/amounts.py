"""What a contract's price comes to: per milestone, per fund, and in capitals; parts always add up to the fen."""

from collections.abc import Sequence

from marketplace.kit.money import capital, split, yuan_grouped
from marketplace.ledger.rules import split_by_left


def milestone_amounts(price_fen: int, shares_bp: Sequence[int]) -> list[int]:
    """The price in fen shared out over milestones in order: each rounded half up, the last by subtraction.

    Raises:
        SharesNotWhole: the shares do not add up to exactly 100.00 %.
    """
    return split(price_fen, shares_bp)


def funding_amounts(price_fen: int, planned_fen: Sequence[int]) -> list[int]:
    """The price in fen shared out over the funding lines of the project, in their order, by largest remainder.

    Raises:
        ValueError: the price is more than the lines hold together.
    """
    return split_by_left(price_fen, planned_fen)


def in_words(price_fen: int) -> str:
    """An amount as contracts name it, in figures and in capitals: ``人民币 30,000.00 元（大写：叁万元整）``.

    Source:
        票据法第八条 by analogy: figures and capitals say the same.
    """
    return f"人民币 {yuan_grouped(price_fen)} 元（大写：{capital(price_fen)}）"
