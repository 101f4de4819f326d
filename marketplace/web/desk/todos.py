"""今日待办: what every domain says waits for somebody, in the order in which to do it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy.orm import Session

from marketplace.aid import queries as aid
from marketplace.bids import queries as bids
from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.catalogue import queries as catalogue
from marketplace.contracts import queries as contracts
from marketplace.evaluation import queries as evaluation
from marketplace.flows import queue
from marketplace.funds import queries as funds
from marketplace.identity import queries as identity
from marketplace.kit.actor import Actor
from marketplace.kit.todo import Todo
from marketplace.projects import queries as projects
from marketplace.suppliers import queries as suppliers

_LAST = datetime.max.replace(tzinfo=UTC)


class Todos(Protocol):
    """What a domain says waits for an actor."""

    def __call__(self, db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
        """The things that wait."""


TODOS: tuple[Todos, ...] = (
    identity.todos,
    catalogue.todos,
    suppliers.todos,
    projects.todos,
    projects.correction_todos,
    projects.review_todos,
    projects.need_todos,
    projects.share_todos,
    bids.todos,
    evaluation.todos,
    contracts.todos,
    funds.todos,
    aid.todos,
    queue.todos,
)
"""Every domain that lets people wait."""


def todos(db: Session, actor: Actor, *, now: datetime, keys: ApplicationKeys | None = None) -> list[Todo]:
    """What waits for an actor: urgent first, then by the time it is due, what has no time last.

    With ``keys`` an organization's own sealed bids are found too, where a correction asks to confirm them.
    """
    found = [todo for ask in TODOS for todo in ask(db, actor, now=now)]
    if keys is not None:
        found += bids.to_confirm(db, keys, actor, now=now)
    return in_order(found)


def in_order(found: Sequence[Todo]) -> list[Todo]:
    """The order in which to do things."""
    return sorted(found, key=lambda todo: (not todo.urgent, todo.due_at or _LAST))
