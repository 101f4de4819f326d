"""The two numbers in every header: what waits today, and what is unread; kept for a minute per person and place."""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

import msgspec
from litestar.types import HTTPScope
from sqlalchemy.orm import Session

from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.db.base import Database
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.notices.queries import unread_count
from marketplace.web.access import LoadVisitor, Visitor
from marketplace.web.desk.todos import todos
from marketplace.web.errors import API

KEPT_FOR = timedelta(minutes=1)
KEPT_MAX = 10_000
Key = tuple[UUID | None, UUID | None]


class _Kept:
    """Counts by person and organization, the least recently counted forgotten first."""

    def __init__(self) -> None:
        self._counts: OrderedDict[Key, tuple[datetime, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, now: datetime) -> int | None:
        with self._lock:
            at, count = self._counts.get(key, (None, 0))
        return count if at is not None and at <= now < at + KEPT_FOR else None

    def put(self, key: Key, now: datetime, count: int) -> None:
        with self._lock:
            self._counts[key] = (now, count)
            self._counts.move_to_end(key)
            while len(self._counts) > KEPT_MAX:
                self._counts.popitem(last=False)


def counted(load: LoadVisitor, database: Database, clock: Clock, keys: ApplicationKeys | None = None) -> LoadVisitor:
    """``load`` with both numbers filled in for people who read pages; programs are not counted for."""
    kept = _Kept()

    def load_and_count(scope: HTTPScope) -> Visitor:
        visitor = load(scope)
        actor, path = visitor.actor, scope["path"]
        if actor is None or actor.person_id is None or path.startswith(API):
            return visitor
        now = clock.now()
        key = (actor.person_id, actor.organization_id)
        waiting = None if _is_desk(visitor, path) else kept.get(key, now)
        with database.read() as db:
            unread = unread_count(db, actor.person_id)
            if waiting is None:
                waiting = _count(db, actor, now, keys)
                kept.put(key, now, waiting)
        return msgspec.structs.replace(visitor, todo_count=waiting, unread_count=unread)

    return load_and_count


def _is_desk(visitor: Visitor, path: str) -> bool:
    """Whether the page itself lists what is counted, so that both must agree."""
    return any(desk.url == path for desk in visitor.desks)


def _count(db: Session, actor: Actor, now: datetime, keys: ApplicationKeys | None) -> int:
    return len(todos(db, actor, now=now, keys=keys))
