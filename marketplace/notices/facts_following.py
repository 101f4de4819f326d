"""What was found for somebody who follows a project or saved a search."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.notices.rules import Party
from marketplace.notices.schemas import Facts
from marketplace.outbox.schemas import Envelope
from marketplace.projects.model import Following, Project, PublicEvent
from marketplace.projects.states import FREQUENCY_NAMES, PUBLIC_NAMES

FOLLOWING_NAMES = frozenset({"name", "count", "kinds", "projects", "frequency_word", "stop_path"})
SHOWN = 5
"""So many projects are named; the rest is counted."""


def following(db: Session, message: Envelope) -> Facts:
    """What was found; nobody is told of what they have ended meanwhile."""
    row = db.get(Following, message.id("following_id"))
    ids = [UUID(one) for one in message.payload["event_ids"]]
    query = (
        select(PublicEvent.kind, Project.title, Project.number)
        .join(Project, Project.id == PublicEvent.project_id)
        .where(PublicEvent.id.in_(ids))
        .order_by(PublicEvent.n)
    )
    events = db.execute(query).all()
    titles = dict.fromkeys(f"{title}（{number}）" for _, title, number in events)
    return Facts(
        params={
            "name": (row.name or next(iter(titles), "")) if row else "",
            "count": len(events),
            "kinds": list(dict.fromkeys(PUBLIC_NAMES[kind] for kind, _, _ in events)),
            "projects": list(titles)[:SHOWN],
            "frequency_word": [FREQUENCY_NAMES[row.frequency]] if row else [],
            "stop_path": f"/following/stop/{row.stop_key}" if row else "",
        },
        url=f"/projects/{row.project_id}" if row and row.project_id else "/following",
        people={Party.PERSON: (row.person_id,) if row else ()},
    )
