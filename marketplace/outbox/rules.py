"""Which consumer hears of which topic: one table, read by whoever emits and whoever relays."""

from collections.abc import Mapping

NOTICES = "notices"
SETTLEMENT = "settlement"
DEADLINES = "deadlines"

CONSUMERS: Mapping[str, tuple[str, ...]] = {}
"""Topics that concern more than the people to be told; every topic is told to ``notices`` besides."""


def consumers_of(topic: str) -> tuple[str, ...]:
    """The consumers of a topic, each of which gets its own delivery."""
    return (NOTICES, *CONSUMERS.get(topic, ()))
