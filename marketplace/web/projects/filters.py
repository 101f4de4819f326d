"""What a list's address asks for; an address that asks for nonsense asks for everything."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from marketplace.db.search import words
from marketplace.kit.i18n import N_
from marketplace.kit.money import FEN_PER_WAN
from marketplace.projects.schemas import ProjectFilter
from marketplace.projects.states import ProjectState

_W = FEN_PER_WAN
BANDS: Mapping[str, tuple[str, int | None, int | None]] = {
    "1": (N_("1 万元以下"), None, _W),
    "2": (N_("1 万至 5 万元"), _W, 5 * _W),
    "3": (N_("5 万至 10 万元"), 5 * _W, 10 * _W),
    "4": (N_("10 万至 50 万元"), 10 * _W, 50 * _W),
    "5": (N_("50 万元以上"), 50 * _W, None),
}
"""Tiers of the price ceiling, half-open; the border belongs to the upper one."""
SHOWN_STATES = (
    ProjectState.OPEN,
    ProjectState.EVALUATION,
    ProjectState.AWARDED,
    ProjectState.UNSUCCESSFUL,
    ProjectState.CANCELLED,
)
DAYS = ("7", "14", "30")


class Wanted(Struct, frozen=True, kw_only=True):
    """The filters as typed, each one of what is offered or empty."""

    q: str = ""
    state: str = ""
    buyer: str = ""
    branch: str = ""
    band: str = ""
    days: str = ""
    sort: str = ""

    def query(self) -> dict[str, str]:
        """The filters as an address holds them."""
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name))}

    def without_sort(self) -> dict[str, str]:
        """The filters alone."""
        return {name: value for name, value in self.query().items() if name != "sort"}

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked for at all."""
        return bool(self.query())

    @property
    def single(self) -> bool:
        """Whether only single characters are asked for, which no index finds."""
        needles = words(self.q)
        return bool(needles) and all(len(needle) == 1 for needle in needles)

    def filter(self, now: datetime) -> ProjectFilter:
        """What the domain narrows its list to."""
        _, least, most = BANDS.get(self.band, ("", None, None))
        closing = self.sort == "closing" or bool(self.days)
        return ProjectFilter(
            q=self.q,
            state=ProjectState(self.state) if self.state else (ProjectState.OPEN if closing else None),
            buyer_id=UUID(self.buyer) if self.buyer else None,
            branch=self.branch,
            min_fen=least,
            max_fen=most,
            closing=closing,
            due_before=now + timedelta(days=int(self.days)) if self.days else None,
            due_after=now if closing else None,
        )


def wanted(given: Mapping[str, object]) -> Wanted:
    """The filters of an address."""
    text = {name: str(value[0] if isinstance(value, list) and value else value or "") for name, value in given.items()}
    state, buyer, branch = text.get("state", ""), text.get("buyer", ""), text.get("branch", "")
    return Wanted(
        q=text.get("q", "").strip()[:100],
        state=state if state in set(ProjectState) else "",
        buyer=buyer if _is_uuid(buyer) else "",
        branch=branch if branch.isalnum() and len(branch) <= 5 else "",  # noqa: PLR2004 - the longest code
        band=text.get("band", "") if text.get("band", "") in BANDS else "",
        days=text.get("days", "") if text.get("days", "") in DAYS else "",
        sort="closing" if text.get("sort", "") == "closing" else "",
    )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
