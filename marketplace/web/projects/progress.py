"""How far a draft is: each part of the page with what it still lacks, each lack with a link to its field."""

from collections.abc import Sequence

from msgspec import Struct

from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.projects.rules import section_of
from marketplace.projects.rules.gates import SECTION_NAMES, Section
from marketplace.web.i18n import sentence

ANCHORS = {"mandate": "mandate_file", "catalogue_code": "title"}
"""Where a refusal leads that belongs to no typed field."""


class Lack(Struct, frozen=True):
    """Something that is missing or wrong, in the present language, and the field it belongs to."""

    anchor: str
    text: str


class Part(Struct, frozen=True):
    """A part of the page; ``title`` is a message id."""

    code: Section
    title: str
    lacks: tuple[Lack, ...]

    @property
    def word(self) -> str:
        """Its state in a word, a message id."""
        return N_("待补充") if self.lacks else N_("已填好")

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return "yellow" if self.lacks else "green"


class Progress(Struct, frozen=True):
    """All parts in their order."""

    parts: tuple[Part, ...]

    @property
    def lacking(self) -> int:
        """How many things are missing altogether."""
        return sum(len(part.lacks) for part in self.parts)

    @property
    def done(self) -> int:
        """How many parts lack nothing."""
        return sum(not part.lacks for part in self.parts)


def progress(missing: Sequence[DomainError]) -> Progress:
    """The parts of a draft with what each lacks."""
    by_part: dict[Section, list[Lack]] = {code: [] for code in Section}
    for refusal in missing:
        anchor = ANCHORS.get(refusal.field, refusal.field)
        by_part[section_of(refusal.field)].append(Lack(anchor, sentence(refusal)))
    return Progress(tuple(Part(code, SECTION_NAMES[code], tuple(by_part[code])) for code in Section))
