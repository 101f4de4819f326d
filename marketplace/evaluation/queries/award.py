"""The award as other packages ask for it."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.evaluation import model
from marketplace.evaluation.schemas import Award


def award_of(db: Session, project_id: UUID) -> Award | None:
    """The award of a project, decided or published already; None while nothing is decided."""
    row = db.scalar(select(model.Award).where(model.Award.project_id == project_id))
    return Award(**{name: getattr(row, name) for name in Award.__struct_fields__}) if row else None
