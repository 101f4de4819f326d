"""Stories that fill an installation: the reference data every one begins with, and the demo around them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from marketplace.app import Installation
from seed import progress
from seed.progress import Progress

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Teller:
    """What a story is told with: the installation, and a word to those who wait after each step."""

    installation: Installation
    story: str
    say: Say

    def step(self, done: int, total: int, text: str) -> None:
        """``done`` of ``total`` steps are over; the next one is ``text``."""
        self.say(f"{self.story} {done}/{total} {text}")
        state = Progress(step=text, done=done, total=total, is_over=done >= total)
        progress.write(self.installation.settings.home, state)


def _reference(teller: Teller) -> None:
    from seed import reference

    teller.step(0, 1, "目录、规则与日历")
    reference.load(teller.installation.database, teller.installation.clock)
    teller.step(1, 1, "目录、规则与日历")


def _guangan(teller: Teller) -> None:
    from seed import guangan

    guangan.load(teller)


def _demo(teller: Teller) -> None:
    from seed import demo

    demo.load(teller)


STORIES: Mapping[str, Callable[[Teller], None]] = {"reference": _reference, "guangan-2016": _guangan, "demo": _demo}
"""Every story by name; each leaves alone what is there already."""
NEEDS: Mapping[str, Sequence[str]] = {"guangan-2016": ("reference",), "demo": ("reference", "guangan-2016")}
"""Stories that must be told before another."""


def tell(installation: Installation, stories: Sequence[str], *, say: Say) -> None:
    """Tell the named stories and what they need, in order, each once."""
    told: list[str] = []
    for name in stories:
        for one in (*NEEDS.get(name, ()), name):
            if one not in told:
                STORIES[one](Teller(installation, one, say))
                told.append(one)
