"""Who could take which duty, so that no one takes two that must stay apart: what the people of an organization lack."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from marketplace.identity.rules.duties import INCOMPATIBLE, Duty
from marketplace.identity.rules.rights import Grant, grants_of
from marketplace.kit.actor import Function, Role

STEPS_MAX = 20_000
"""Ends the search for a division of duties; what it has found by then is shown."""


class Staffing(NamedTuple):
    """One duty in one organization: who may take it, whether somebody can without a clash, who else may deputize."""

    duty: Duty
    people: tuple[UUID, ...]
    lacking: bool
    clashes: tuple[Duty, ...]
    posts: tuple[Role, ...]
    deputies: tuple[Grant, ...]


def candidates(duty: Duty, functions: Iterable[Function], people: Mapping[UUID, Iterable[Role]]) -> tuple[UUID, ...]:
    """The people whose roles carry the right of a duty in an organization with these functions."""
    roles = {grant.role for grant in grants_of(duty.right) if grant.function in set(functions)}
    return tuple(person for person, held in people.items() if roles & set(held))


def divide(able: Mapping[Duty, Sequence[UUID]]) -> dict[Duty, UUID]:
    """Give each duty to somebody able, so that nobody takes two that must stay apart, leaving as few open as can be.

    Duties with the fewest people come first; the search is exhaustive up to ``STEPS_MAX`` steps.
    """
    order = sorted(able, key=lambda duty: (len(able[duty]), duty.value))
    best: dict[Duty, UUID] = {}
    steps = 0

    def free(duty: Duty, person: UUID, taken: Mapping[Duty, UUID]) -> bool:
        return all(who != person or frozenset({duty, other}) not in INCOMPATIBLE for other, who in taken.items())

    def search(place: int, taken: dict[Duty, UUID]) -> None:
        nonlocal best, steps
        steps += 1
        if len(taken) > len(best):
            best = dict(taken)
        if place == len(order) or steps > STEPS_MAX or len(taken) + len(order) - place <= len(best):
            return
        duty = order[place]
        for person in able[duty]:
            if free(duty, person, taken):
                search(place + 1, {**taken, duty: person})
                if len(best) == len(order):
                    return
        search(place + 1, taken)

    search(0, {})
    return best


def staffing(functions: Iterable[Function], people: Mapping[UUID, Iterable[Role]]) -> tuple[Staffing, ...]:
    """Every duty that an organization with these functions has, and whether its people suffice for it."""
    held = frozenset(functions)
    duties = [duty for duty in Duty if any(grant.function in held for grant in grants_of(duty.right))]
    able = {duty: candidates(duty, held, people) for duty in duties}
    taken = divide({duty: found for duty, found in able.items() if found})
    return tuple(
        Staffing(
            duty=duty,
            people=able[duty],
            lacking=duty not in taken,
            clashes=tuple(
                other
                for other in duties
                if duty not in taken
                and able[duty]
                and frozenset({duty, other}) in INCOMPATIBLE
                and taken.get(other) in able[duty]
            ),
            posts=tuple(sorted({grant.role for grant in grants_of(duty.right) if grant.function in held})),
            deputies=tuple(grant for grant in grants_of(duty.right) if grant.function not in held),
        )
        for duty in duties
    )
