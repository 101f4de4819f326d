"""Where the fen of one receipt are now, in the words of the pages."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.ledger.queries import trace_receipt
from marketplace.projects.model import Project
from marketplace.web.funds.views import PLACES, Place

_WORDS = {role: (title, kind) for role, title, kind in PLACES}


def places(db: Session, receipt_id: UUID, *, public: bool = False) -> list[Place]:
    """Each stretch of a receipt's fen with the place it lies in now; neighbours in one place are one stretch.

    To the public a project is named only once it has been published.

    Raises:
        NoTrace: no such receipt.
    """
    found = trace_receipt(db, receipt_id)
    refs = {piece.place.ref for piece in found.pieces if piece.place.ref is not None}
    query = select(Project.id, Project.title).where(Project.id.in_(refs))
    if public:
        query = query.where(Project.published_at.is_not(None))
    titles = {row[0]: row[1] for row in db.execute(query)} if refs else {}
    shown = []
    for piece in found.pieces:
        if piece.place.role not in _WORDS:
            continue
        title, kind = _WORDS[piece.place.role]
        project_id = piece.place.ref if piece.place.ref in titles else None
        shown.append(
            Place(
                kind=kind,
                title=title,
                amount_fen=piece.amount_fen,
                first_serial=piece.came_from.lo,
                after_last_serial=piece.came_from.hi,
                project_id=project_id,
                project=titles[project_id] if project_id else "",
            )
        )
    return shown
