"""The steps of the work at which a process may die: told to whoever composed the process, in tests alone."""

from collections.abc import Callable

Reached = Callable[[str], None]
"""Is told each step of the work by its name. It is handed in where a process is composed: no setting, variable or
option can put another in place of :func:`pass_by`."""


def pass_by(_: str) -> None:
    """Reach a step, and go on."""
