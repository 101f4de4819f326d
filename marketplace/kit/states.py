"""State machines as data: the table of moves is the whole law, and diagrams, buttons and refusals come from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from marketplace.kit.errors import IllegalMove

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Machine(Generic[S, A]):
    """A finite state machine. ``labels`` gives each state and action the Chinese word the user sees."""

    name: str
    start: S
    moves: Mapping[tuple[S, A], S]
    labels: Mapping[str, str]

    def after(self, state: S, action: A) -> S:
        """The state that ``action`` leads to.

        Raises:
            IllegalMove: the action is not in the table for this state.
        """
        try:
            return self.moves[state, action]
        except KeyError:
            raise IllegalMove(state=self.label(state), action=self.label(action)) from None

    def actions(self, state: S) -> frozenset[A]:
        """What may be done now: the same table draws the buttons on the page."""
        return frozenset(action for (source, action) in self.moves if source == state)

    def label(self, word: S | A) -> str:
        """The Chinese word (a message id) of a state or an action."""
        return self.labels[word]

    def final(self) -> frozenset[S]:
        """The states that nothing leads out of."""
        return frozenset(self.moves.values()) - {source for source, _ in self.moves}

    def diagram(self) -> str:
        """The table as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.start}"]
        lines += [
            f"    {source} --> {target}: {self.labels[action]}" for (source, action), target in self.moves.items()
        ]
        lines += [f"    {state} --> [*]" for state in sorted(self.final())]
        lines += [f"    {state}: {self.labels[state]}" for state in type(self.start)]
        return "\n".join(lines) + "\n"
