"""A thing that waits for somebody: what 今日待办 is made of."""

from datetime import datetime

from msgspec import Struct


class Todo(Struct, frozen=True, kw_only=True):
    """One line of the day's list. ``title`` and ``action`` are message ids; ``params`` fill their named places.

    ``due_at`` is None where no rule sets a time; ``urgent`` marks what is late or due today by its own domain's rule.
    """

    title: str
    params: dict[str, str]
    url: str
    action: str
    due_at: datetime | None = None
    urgent: bool = False
