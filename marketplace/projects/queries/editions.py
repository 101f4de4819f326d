"""What a project said in an earlier edition, and the correction that waits to be published."""

from uuid import UUID

import msgspec
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from marketplace.documents.queries import documents
from marketplace.documents.schemas import DocumentView
from marketplace.identity.queries import names
from marketplace.identity.rules import Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.projects.model import Project, ProjectEdition, ProjectFile, ProposedAmendment, Question
from marketplace.projects.queries import parts
from marketplace.projects.queries.gate import parties, published, readable
from marketplace.projects.rules.amending import FILES, Change, Proposal, amended, binds, changes
from marketplace.projects.schemas import ChangeView, NoticeView, ProjectView
from marketplace.projects.schemas.amending import EditionContent, EditionLine, ProposalView
from marketplace.projects.states import AMENDMENT, AmendmentAction, AmendmentState

_LISTS = frozenset({"cost_lines", "conditions", "criteria", "milestones", "files"})
_SCALARS = tuple(name for name in EditionContent.__struct_fields__ if name not in _LISTS)


def content_of(db: Session, project: Project) -> EditionContent:
    """What a correction may change, as it stands."""
    return EditionContent(
        **{name: getattr(project, name) for name in _SCALARS},
        cost_lines=parts.cost_lines(db, project.id),
        conditions=parts.conditions(db, project.id),
        criteria=parts.criteria(db, project.id),
        milestones=parts.milestones(db, project.id, project.ceiling_fen),
        files=parts.files(db, project, internal=False),
    )


def kept(db: Session, project_id: UUID, number: int) -> EditionContent | None:
    """What a project said in an edition that was overtaken; None of the one that holds, and of none."""
    row = db.get(ProjectEdition, (project_id, number))
    return msgspec.convert(row.content, EditionContent) if row else None


def editions(db: Session, project_id: UUID) -> tuple[EditionLine, ...]:
    """The editions of a published project, the first one first.

    Raises:
        NotFound: no such project is public.
    """
    project = published(db, project_id)
    assert project.published_at is not None  # noqa: S101 - what is published has its time
    columns = (ProjectEdition.number, ProjectEdition.until, ProjectEdition.notice_id)
    query = select(*columns).where(ProjectEdition.project_id == project.id)
    found, since = [], project.published_at
    for number, until, notice_id in db.execute(query.order_by(ProjectEdition.number)):
        found.append(EditionLine(number=number, since=since, until=until, notice_id=notice_id))
        since = until
    return (*found, EditionLine(number=project.edition, since=since, until=None))


def as_of(db: Session, view: ProjectView, number: int) -> ProjectView:
    """A project as an earlier edition of it said; the view itself for the one that holds.

    Raises:
        NotFound: there is no such edition.
    """
    project = published(db, view.id)
    if number == project.edition:
        return view
    content = kept(db, view.id, number)
    if content is None:
        raise NotFound
    return msgspec.structs.replace(view, **{name: getattr(content, name) for name in content.__struct_fields__})


def corrections_since(db: Session, project_id: UUID, number: int) -> tuple[NoticeView, ...]:
    """The notices that changed a published project since its edition ``number``, the oldest first."""
    later = (ProjectEdition.project_id == project_id, ProjectEdition.number >= number)
    ids = set(db.scalars(select(ProjectEdition.notice_id).where(*later)))
    return tuple(one for one in parts.notices(db, project_id) if one.id in ids)


def was_public(db: Session, project_id: UUID, file_id: UUID) -> bool:
    """Whether an edition that was overtaken showed a file; whoever reads that edition may have it."""
    shown = ProjectEdition.content["files"].contains([{"id": str(file_id)}])
    return bool(db.scalar(select(exists().where(ProjectEdition.project_id == project_id, shown))))


def changes_of(db: Session, project: Project, proposal: Proposal) -> list[Change]:
    """What a proposal would change, its files with it."""
    before = parts.plan_of(db, project)
    found = changes(before, amended(before, proposal))
    titles = {row.id: row.title for row in db.scalars(select(ProjectFile).where(ProjectFile.project_id == project.id))}
    for file in proposal.files:
        old = titles.get(file.replaces, "") if file.replaces else ""
        found.append(Change(field=FILES, before=old, after=file.title))
    return found


def change_views(found: list[Change]) -> tuple[ChangeView, ...]:
    """Changes as they are written into a notice."""
    return tuple(ChangeView(field=one.field, before=one.before, after=one.after, lines=one.lines) for one in found)


def live_proposal(db: Session, project_id: UUID) -> ProposedAmendment | None:
    """The correction of a project that waits to be published."""
    live = ProposedAmendment.state == AmendmentState.PROPOSED
    return db.scalar(select(ProposedAmendment).where(ProposedAmendment.project_id == project_id, live))


AMENDMENT_RIGHTS = {
    AmendmentAction.REVISE: Right.DRAFT_PROJECT,
    AmendmentAction.PUBLISH: Right.PUBLISH_PROJECT,
    AmendmentAction.DROP: Right.DRAFT_PROJECT,
}
"""The right that each action of a correction is an exercise of."""


def papers_of(db: Session, view: ProposalView) -> dict[UUID, DocumentView]:
    """The files that a correction adds, by their documents."""
    return documents(db, (one.document_id for one in view.content.files))


def proposal(db: Session, actor: Actor, project_id: UUID) -> ProposalView | None:
    """The correction of a project that waits to be published; None where none waits.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor's roles do not let them see it.
    """
    project = readable(db, actor, project_id)
    row = live_proposal(db, project.id)
    if row is None:
        return None
    content = msgspec.convert(row.content, Proposal)
    found = changes_of(db, project, content)
    can = {one for one in AMENDMENT.actions(row.state) if may(actor, AMENDMENT_RIGHTS[one], parties(project))}
    if actor.person_id in {*row.proposer_ids, *project.drafter_ids}:
        can -= {AmendmentAction.PUBLISH}
    called = names(db, row.proposer_ids)
    return ProposalView(
        id=row.id,
        project_id=project.id,
        state=row.state,
        content=content,
        changes=change_views(found),
        binds=binds(found),
        is_overtaken=row.base_edition != project.edition,
        proposers=tuple(called.get(one, "") for one in row.proposer_ids),
        proposed_at=row.proposed_at,
        actions=frozenset(can),
    )


def first_open_question(db: Session, project_id: UUID) -> int | None:
    """The number of the first question of a project that nobody has answered or dismissed."""
    return db.scalar(
        select(func.min(Question.number)).where(Question.project_id == project_id, Question.answered_at.is_(None))
    )
