"""Killed with -9 inside any step of settlement, web, relay, worker, gateway and bank pay each obligation once."""

import random
from itertools import product

import pytest

from marketplace.funds.rules import Custody
from tests.crash.scenes import RAILS, Scene, scene

__all__ = ["scene"]

STEPS = (
    "web.ordered", "web.committed", "relay.claimed", "relay.marked", "relay.sent", "effect.taken", "errand.intended",
    "effect.marked", "errand.saved", "settlement.account", "settlement.asked", "settlement.submitted",
    "settlement.fetched", "errand.called", "errand.concluded", "errand.marked", "effect.written", "effect.committed",
)  # fmt: skip
"""Every point inside the work at which a process may die."""
OUTCOMES = (
    "accept", "refuse", "time_out_but_accept", "time_out_and_drop", "crash_before_store", "crash_after_store",
)  # fmt: skip
"""What gateway or bank make of the order; the last two kill the stand-in itself."""
MATRIX = tuple(product(STEPS, OUTCOMES, RAILS))
SAMPLE = (
    *random.Random(5).sample(MATRIX, 2),
    ("settlement.submitted", "time_out_but_accept", Custody.BANK),
    ("errand.called", "accept", Custody.GATEWAY),
)


def test_whoever_is_killed_wherever_each_payment_is_made_once(scene: Scene) -> None:
    for step, outcome, custody in SAMPLE:
        scene.suffer(step, outcome, custody)
    assert sum(scene.killed.values()) >= len(SAMPLE) - 1


@pytest.mark.soak
@pytest.mark.parametrize("custody", RAILS)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_whole_matrix_of_failpoints_and_outcomes(scene: Scene, outcome: str, custody: Custody) -> None:
    for step in STEPS:
        scene.suffer(step, outcome, custody)
    killed = {step for step, times in scene.killed.items() if times}
    assert {step for step in STEPS if not step.startswith("settlement.")} <= killed, "those inside a call depend on it"
