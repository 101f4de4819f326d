"""Corrections of substance that wait for somebody: to publish them, or to write them anew."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo
from marketplace.projects.model import Project, ProposedAmendment
from marketplace.projects.queries.gate import parties
from marketplace.projects.states import AmendmentState, ProjectState

PUBLISH_IT, WRITE_ANEW = N_("更正等待发布：{title}"), N_("更正写好后项目又有变动，请核对后重新提交：{title}")
READ_IT, OPEN_IT = N_("核对"), N_("去修改")
TODO_MAX = 100


def correction_todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """Corrections that the actor may publish; for who wrote one that was overtaken, that it must be written anew."""
    own = actor.organization_id
    if own is None or not may(actor, Right.READ_PROJECT, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own}):
        return []
    query = (
        select(Project, ProposedAmendment)
        .join(ProposedAmendment, ProposedAmendment.project_id == Project.id)
        .where(
            or_(Project.buyer_id == own, Project.procuring_entity_id == own),
            Project.state == ProjectState.OPEN,
            Project.bids_due_at >= now,
            ProposedAmendment.state == AmendmentState.PROPOSED,
        )
        .order_by(Project.bids_due_at, Project.id)
        .limit(TODO_MAX)
    )
    return [todo for project, row in db.execute(query) if (todo := _todo(actor, project, row)) is not None]


def _todo(actor: Actor, project: Project, row: ProposedAmendment) -> Todo | None:
    wrote, overtaken = actor.person_id in row.proposer_ids, row.base_edition != project.edition
    publishes = may(actor, Right.PUBLISH_PROJECT, parties(project))
    if overtaken and wrote:
        title, action, page = WRITE_ANEW, OPEN_IT, "correction/write"
    elif not overtaken and not wrote and publishes and actor.person_id not in project.drafter_ids:
        title, action, page = PUBLISH_IT, READ_IT, "correction"
    else:
        return None
    return Todo(
        title=title,
        params={"title": project.title},
        url=f"/centre/projects/{project.id}/{page}",
        action=action,
        due_at=project.bids_due_at,
        urgent=True,
    )
