"""Shared by the verbs of rosters: lock one for whoever has the right, in the state the act needs."""

from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.aid.model import Roster
from marketplace.aid.queries.parts import holder_of, parties
from marketplace.aid.states import ROSTER, RosterAction
from marketplace.db.base import lock
from marketplace.identity.rules import Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound, Stale


def locked(db: Session, actor: Actor, right: Right, roster_id: UUID) -> Roster:
    """Lock a roster for whoever has the right to it.

    Raises:
        NotFound: no such roster, or one the actor has nothing to do with.
        Forbidden: the actor's role lacks the right.
    """
    row = lock(db, Roster, roster_id)
    if row is None:
        raise NotFound
    require(actor, right, parties(row, holder_of(db, row.fund_id)))
    return row


def editable(db: Session, actor: Actor, roster_id: UUID, revision: int | None) -> Roster:
    """Lock a draft for a change; ``revision`` None asks for nothing.

    Raises:
        NotFound: no such roster, or one the actor has nothing to do with.
        Forbidden: the actor does not draw up rosters.
        IllegalMove: it is not a draft.
        Stale: it was changed since it was read.
    """
    row = locked(db, actor, Right.DRAFT_ROSTER, roster_id)
    row.state = ROSTER.after(row.state, RosterAction.EDIT)
    if revision is not None and revision != row.revision:
        raise Stale
    return row
