"""Whether a draft and its likes of twelve months together reach a tier that the draft alone does not."""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from marketplace.procedures.rules import RuleMissing
from marketplace.procedures.rules.splitting import Splitting, splitting, window_start
from marketplace.projects.model import Project
from marketplace.projects.queries.gate import rules_for
from marketplace.projects.states import ProjectState


def split(db: Session, project: Project, *, today: date) -> Splitting | None:
    """The warning of a draft: other projects of its buyer for its catalogue entry, published within twelve months.

    Unpublished ones count too; cancelled and failed ones do not. Nothing without an amount or a rule in force.
    """
    if project.budget_fen is None:
        return None
    day = max(project.publish_on or today, today)
    since = window_start(day)
    query = select(Project.budget_fen).where(
        Project.id != project.id,
        Project.buyer_id == project.buyer_id,
        Project.catalogue_code == project.catalogue_code,
        Project.budget_fen.is_not(None),
        Project.state.not_in((ProjectState.CANCELLED, ProjectState.UNSUCCESSFUL)),
        or_(Project.publish_on.is_(None), Project.publish_on > since),
    )
    try:
        return splitting(rules_for(db, project, day), project.budget_fen, [fen for fen in db.scalars(query) if fen])
    except RuleMissing:
        return None
