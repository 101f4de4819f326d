"""Who sits on a panel: whether it is composed as the rules ask, and the lot that draws its experts."""

from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from marketplace.evaluation.rules.refusals import HouseTooSmall
from marketplace.kit.errors import DomainError
from marketplace.procedures.rules import PanelDemand, check_panel

HOUSE_SIZE = 3
"""Where no rule asks for a panel (self-purchase, single source), three judge all the same."""


def wrong_with(demand: PanelDemand | None, *, members: int, experts: int) -> list[DomainError]:
    """What is wrong with a panel of ``members``, ``experts`` of them experts; without a demand the house's own rule."""
    if demand is not None:
        return check_panel(demand, members=members, experts=experts)
    if members < HOUSE_SIZE or members % 2 == 0:
        return [HouseTooSmall(members=members, needed=HOUSE_SIZE)]
    return []


def drawn(candidates: Iterable[UUID], count: int, seed: bytes) -> tuple[UUID, ...]:
    """``count`` of the candidates (all, if there are fewer), by lot: in the order of SHA-256(seed ‖ id).

    Whoever knows the seed can repeat the draw; before it is made nobody can know its end.

    Source:
        采购法条例第三十九条: experts are drawn at random.
    """
    return tuple(sorted(set(candidates), key=lambda one: (sha256(seed + one.bytes).digest(), one.bytes))[:count])
