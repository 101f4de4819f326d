"""Verbs of following: a person saves a project or a search, says how often to hear of it, and ends it.

What somebody follows tells where they may want to bid. It is nobody else's business, so no journal entry names it.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from marketplace.db.base import claim, lock
from marketplace.identity.model import Person
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.outbox.commands import emit
from marketplace.projects.model import Following
from marketplace.projects.queries import published
from marketplace.projects.queries.feed import feed_end
from marketplace.projects.queries.following import found_for
from marketplace.projects.rules.following import FOLLOWED_MAX, next_due
from marketplace.projects.rules.refusals import TooManyFollowed
from marketplace.projects.schemas.feed import NewSearch
from marketplace.projects.states import Frequency

AT_A_TIME = 500


def follow_project(db: Session, actor: Actor, project_id: UUID, *, frequency: Frequency, now: datetime) -> UUID:
    """Follow a published project from now on; followed already, only the frequency changes.

    Raises:
        NotFound: no such project is public, or nobody in person acts.
        TooManyFollowed: the person follows very much already.
    """
    person_id, project = _person(db, actor), published(db, project_id)
    mine = select(Following).where(Following.person_id == person_id, Following.project_id == project.id)
    row = db.scalars(mine).one_or_none()
    if row is not None:
        row.frequency, row.due_at = frequency, next_due(frequency, now)
        return row.id
    return _save(db, Following(person_id=person_id, project_id=project.id, frequency=frequency), now)


def save_search(db: Session, actor: Actor, new: NewSearch, *, now: datetime) -> UUID:
    """Save a search: of projects published from now on, those that fit are told.

    Raises:
        NotFound: nobody in person acts.
        TooManyFollowed: the person follows very much already.
    """
    row = Following(
        person_id=_person(db, actor),
        name=new.name,
        asked=msgspec.to_builtins(new.asked),
        frequency=new.frequency,
    )
    return _save(db, row, now)


def tell_how_often(db: Session, actor: Actor, following_id: UUID, *, frequency: Frequency, now: datetime) -> None:
    """Change how often something is told.

    Raises:
        NotFound: the actor follows no such thing.
    """
    row = _own(db, actor, following_id)
    row.frequency, row.due_at = frequency, next_due(frequency, now)


def stop_following(db: Session, actor: Actor, following_id: UUID) -> None:
    """End it.

    Raises:
        NotFound: the actor follows no such thing.
    """
    db.delete(_own(db, actor, following_id))
    db.flush()


def stop_by_key(db: Session, stop_key: UUID) -> None:
    """End what the link in a mail names; whoever has the mail need not sign in for it.

    Raises:
        NotFound: it has ended already, or there never was any.
    """
    row_id = db.scalar(select(Following.id).where(Following.stop_key == stop_key))
    row = lock(db, Following, row_id) if row_id else None
    if row is None:
        raise NotFound
    db.delete(row)
    db.flush()


def tell_due(db: Session, *, now: datetime) -> int:
    """Emit a word for everybody who is due one and for whom something was found; return how many.

    How far the feed was read moves on in the same transaction: told twice or late, nothing is told again or lost.
    """
    end = feed_end(db)
    is_fresh = or_(Following.told_n < end, Following.frequency != Frequency.AT_ONCE)
    order, told = (Following.due_at, Following.id), 0
    for row in claim(db, Following, Following.due_at <= now, is_fresh, limit=AT_A_TIME, order=order):
        events = found_for(db, row, end)
        if events:
            emit(db, "following.found", now=now, following_id=row.id, event_ids=events)
            told += 1
        row.told_n, row.due_at = max(row.told_n, end), next_due(row.frequency, now)
    return told


def _person(db: Session, actor: Actor) -> UUID:
    """The person who acts, locked: two of their savings at once are counted one after the other."""
    person = lock(db, Person, actor.person_id) if actor.person_id else None
    if person is None:
        raise NotFound
    return person.id


def _save(db: Session, row: Following, now: datetime) -> UUID:
    count = select(func.count()).where(Following.person_id == row.person_id)
    if (db.scalar(count) or 0) >= FOLLOWED_MAX:
        raise TooManyFollowed(limit=FOLLOWED_MAX)
    row.told_n, row.saved_at, row.due_at = feed_end(db), now, next_due(row.frequency, now)
    db.add(row)
    db.flush()
    return row.id


def _own(db: Session, actor: Actor, following_id: UUID) -> Following:
    row = lock(db, Following, following_id)
    if row is None or row.person_id != actor.person_id:
        raise NotFound
    return row
