"""Verbs of a correction of substance: one person proposes it, another publishes it, and what was before is kept."""

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.documents.model import Document
from marketplace.identity.model import Organization
from marketplace.identity.rules import Right
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound, Stale, raise_all
from marketplace.kit.text import clean_line
from marketplace.outbox.commands import emit
from marketplace.procedures import queries as law
from marketplace.projects.commands.drafting import describe, item_of, locked, parts_of
from marketplace.projects.commands.notices import announce, keep_edition, only_later
from marketplace.projects.model import (
    Condition,
    CostLine,
    Criterion,
    Milestone,
    Project,
    ProjectFile,
    ProposedAmendment,
)
from marketplace.projects.queries import in_catalogue, kept_rules, plan_of
from marketplace.projects.queries.editions import change_views, changes_of, live_proposal
from marketplace.projects.rules import (
    TIME_NAMES,
    Facts,
    Plan,
    TimeField,
    Times,
    check_times,
    earliest_close,
    moment,
)
from marketplace.projects.rules.amending import (
    AMENDABLE,
    MOVABLE,
    Change,
    Proposal,
    amended,
    binds,
    refusals,
)
from marketplace.projects.rules.refusals import (
    CloseTooNear,
    DeadlinePassed,
    DrafterPublishes,
    NothingAmended,
    ProposalOvertaken,
    ProposerPublishes,
)
from marketplace.projects.states import (
    AMENDMENT,
    PROJECT,
    PUBLIC_FILES,
    AmendmentAction,
    CriterionKind,
    FileKind,
    NoticeKind,
    ProjectAction,
)

ASIDE = 1_000
"""Rows that stay are numbered from here while others take their places."""
P = TypeVar("P", Condition, Criterion)


def before_deadline(project: Project, now: datetime) -> None:
    """Refuse once the deadline has passed by the clock.

    Raises:
        DeadlinePassed: it has.
    """
    if project.bids_due_at is None or now > project.bids_due_at:
        raise DeadlinePassed(label=TIME_NAMES[TimeField.BIDS], at=moment(project.bids_due_at))


def check_changed(db: Session, project: Project, after: Times, *, now: datetime) -> None:
    """Hold the times of a project that is changed today against its rules.

    Raises:
        CloseTooNear: the deadline is too near for a change; names the first lawful day.
        DomainError: the times are out of order or on days of rest, or Several of it.
    """
    rules, calendar = kept_rules(db, project), law.calendar(db)
    assert project.method is not None and after.bids_due_at is not None  # noqa: S101, PT018 - a CHECK says so
    first = earliest_close(rules, calendar, project.method, legal_day(now))
    if legal_day(after.bids_due_at) < first.nominal:
        raise CloseTooNear(field="bids_due_at", offered=first.rolled.isoformat())
    raise_all(check_times(rules, calendar, project.method, after, start=project.rules_on))


def judge(db: Session, project: Project, proposal: Proposal, *, now: datetime) -> tuple[Plan, list[Change]]:
    """The plan as a proposal makes it and what that changes, once nothing in it is refused.

    Raises:
        OnlyLater: a time would come forward.
        NothingAmended: nothing changes.
        CloseTooNear: the deadline is too near for a change; names the first lawful day.
        NotFound: a file it replaces is none of the project's public files.
        DomainError: something the gates of a draft refuse, or Several; each at its field.
    """
    before = plan_of(db, project)
    raise_all(only_later(before.times, proposal.times))
    after, found = amended(before, proposal), changes_of(db, project, proposal)
    if not found:
        raise NothingAmended(field="reason")
    for file in proposal.files:
        old = db.get(ProjectFile, file.replaces) if file.replaces else None
        if file.replaces and (old is None or old.project_id != project.id or old.kind not in PUBLIC_FILES):
            raise NotFound
    facts = Facts(
        rules=kept_rules(db, project),
        calendar=law.calendar(db),
        today=legal_day(now),
        entry=project.catalogue_code,
        in_catalogue=in_catalogue(db, project.catalogue_code),
        entrusted=project.buyer_id != project.procuring_entity_id,
        mandated=project.mandate_document_id is not None,
    )
    raise_all(refusals(after, facts))
    check_changed(db, project, after.times, now=now)
    return after, found


def propose_amendment(
    db: Session, actor: Actor, project_id: UUID, proposal: Proposal, *, now: datetime, seen: datetime | None = None
) -> UUID:
    """Write a correction of substance for somebody else to publish, or the waiting one anew; returns its id.

    ``seen`` is when the waiting one was written that the actor has read; None says nothing of it.

    Raises:
        NotFound: there is no such project for the actor, or no such file or document.
        Forbidden: the actor may not draft it.
        IllegalMove: the project is not open.
        DeadlinePassed: bids have closed by the clock.
        Stale: somebody wrote the waiting one anew since the actor read it.
        DomainError: what :func:`judge` refuses.
    """
    project = locked(db, actor, project_id, Right.DRAFT_PROJECT)
    PROJECT.after(project.state, ProjectAction.AMEND)
    before_deadline(project, now)
    if actor.person_id is None:
        raise NotFound
    waiting = live_proposal(db, project.id)
    _own_papers(db, actor, proposal, waiting)
    judge(db, project, proposal, now=now)
    content = msgspec.to_builtins(proposal, str_keys=True)
    row = lock(db, ProposedAmendment, waiting.id) if waiting else None
    if row is not None:
        _as_seen(row, seen)
    if row is None:
        row = ProposedAmendment(
            project_id=project.id,
            content=content,
            base_edition=project.edition,
            proposer_ids=[actor.person_id],
            proposed_at=now,
        )
        db.add(row)
    else:
        row.state = AMENDMENT.after(row.state, AmendmentAction.REVISE)
        row.content, row.base_edition, row.proposed_at = content, project.edition, now
        if actor.person_id not in row.proposer_ids:
            row.proposer_ids = [*row.proposer_ids, actor.person_id]
    db.flush()
    record(db, actor, "amendment.proposed", "project_amendment", row.id, now=now, project_id=project.id)
    emit(db, "amendment.proposed", now=now, project_id=project.id, amendment_id=row.id)
    return row.id


def drop_amendment(db: Session, actor: Actor, amendment_id: UUID, *, reason: str, now: datetime) -> None:
    """Drop a correction that waits to be published.

    Raises:
        NotFound: there is none for the actor.
        Forbidden: the actor may not draft the project.
        IllegalMove: it was published or dropped.
    """
    _project, row = _waiting(db, actor, amendment_id, Right.DRAFT_PROJECT)
    row.state = AMENDMENT.after(row.state, AmendmentAction.DROP)
    row.ended_by, row.ended_at, row.end_reason = actor.person_id, now, reason
    record(db, actor, "amendment.dropped", "project_amendment", row.id, now=now, reason=reason)
    emit(db, "amendment.dropped", now=now, project_id=row.project_id, amendment_id=row.id)


def publish_amendment(
    db: Session, actor: Actor, amendment_id: UUID, *, now: datetime, seen: datetime | None = None
) -> None:
    """Publish a correction that somebody else wrote: the project says it from now on, and what was before is kept.

    What was handed in before must be confirmed or replaced, unless only the contact or times change. Nobody outside
    learns who has handed in: everybody who took the document is told the same. ``seen`` is when the correction was
    written that the actor has read.

    Raises:
        NotFound: there is none for the actor.
        Forbidden: the actor may not publish projects.
        DrafterPublishes: the actor is one of the project's drafters.
        ProposerPublishes: the actor wrote in this correction.
        IllegalMove: it was published or dropped, or the project is not open.
        ProposalOvertaken: another correction was published since it was written.
        Stale: it was written anew since the actor read it.
        DeadlinePassed: bids have closed by the clock.
        DomainError: what :func:`judge` refuses.

    Source:
        采购法条例第三十一条: what may influence the bids is told early enough, or the deadline moves.
    """
    project, row = _waiting(db, actor, amendment_id, Right.PUBLISH_PROJECT)
    _as_seen(row, seen)
    if actor.person_id in project.drafter_ids:
        raise DrafterPublishes
    if actor.person_id in row.proposer_ids:
        raise ProposerPublishes
    state = AMENDMENT.after(row.state, AmendmentAction.PUBLISH)
    PROJECT.after(project.state, ProjectAction.AMEND)
    before_deadline(project, now)
    if row.base_edition != project.edition:
        raise ProposalOvertaken
    proposal = msgspec.convert(row.content, Proposal)
    after, found = judge(db, project, proposal, now=now)
    shown = change_views(found)
    notice_id = announce(db, actor, project, NoticeKind.AMENDMENT, now=now, reason=proposal.reason, changes=shown)
    keep_edition(db, project, notice_id, now=now)
    _write(db, project, after)
    _hang(db, actor, project, proposal, now)
    must_confirm = binds(found)
    with db.no_autoflush:  # the columns and the edition that they belong to are one statement
        for name in (*AMENDABLE, *MOVABLE):
            if name in Project.__table__.columns:
                setattr(project, name, getattr(after, name))
        project.edition += 1
        project.binding_edition = project.edition if must_confirm else project.binding_edition
        project.version += 1
        project.updated_at = now
    db.flush()
    describe(project, db.get_one(Organization, project.buyer_id).name, item_of(db, project).item.name)
    row.state, row.ended_by, row.ended_at, row.notice_id = state, actor.person_id, now, notice_id
    record(
        db, actor, "project.amended", "project", project.id, now=now,
        reason=proposal.reason, changes=msgspec.to_builtins(shown), edition=project.edition, must_confirm=must_confirm,
    )  # fmt: skip
    topic = "project.amended_binding" if must_confirm else "project.amended"
    emit(db, topic, now=now, project_id=project.id)


def _waiting(db: Session, actor: Actor, amendment_id: UUID, right: Right) -> tuple[Project, ProposedAmendment]:
    found = db.get(ProposedAmendment, amendment_id)
    if found is None:
        raise NotFound
    project = locked(db, actor, found.project_id, right)
    row = lock(db, ProposedAmendment, amendment_id)
    assert row is not None  # noqa: S101 - corrections are never removed
    return project, row


def _own_papers(db: Session, actor: Actor, proposal: Proposal, waiting: ProposedAmendment | None) -> None:
    """Refuse documents that are neither the actor's organization's own nor in the waiting correction already."""
    known = {file.document_id for file in msgspec.convert(waiting.content, Proposal).files} if waiting else set()
    for file in proposal.files:
        card = db.get(Document, file.document_id)
        if card is None or (card.organization_id != actor.organization_id and card.id not in known):
            raise NotFound


def _as_seen(row: ProposedAmendment, seen: datetime | None) -> None:
    """Refuse what was judged by an earlier writing of a correction."""
    if seen is not None and seen != row.proposed_at:
        raise Stale


def _write(db: Session, project: Project, after: Plan) -> None:
    """Write the lists anew; a condition or criterion that stays what it was keeps its id, which bids refer to."""
    rows, next_edition = list(parts_of(project.id, after)), project.edition + 1
    for kind in (CostLine, Milestone):
        db.execute(delete(kind).where(kind.project_id == project.id))
        db.add_all(row for row in rows if isinstance(row, kind))
    conditions = [row for row in rows if isinstance(row, Condition)]
    criteria = [row for row in rows if isinstance(row, Criterion)]
    _match(db, project, Condition, conditions, next_edition, key=lambda row: (row.kind, row.content))
    _match(db, project, Criterion, criteria, next_edition, key=_criterion_key)


def _criterion_key(row: Criterion) -> Hashable:
    """What a criterion is known by; there is one of the price, whatever its name."""
    return (row.kind, "" if row.kind is CriterionKind.PRICE else row.name)


def _match(
    db: Session, project: Project, kind: type[P], rows: list[P], next_edition: int, *, key: Callable[[P], Hashable]
) -> None:
    standing = list(db.scalars(select(kind).where(kind.project_id == project.id).order_by(kind.place)))
    pairs: list[tuple[P, P | None]] = []
    for row in rows:
        old = next((one for one in standing if key(one) == key(row)), None)
        if old is not None:
            standing.remove(old)
            old.place += ASIDE
        pairs.append((row, old))
    for gone in standing:
        db.delete(gone)
    db.flush()
    for row, old in pairs:
        if old is None:
            row.edition = next_edition
            db.add(row)
            continue
        for column in kind.__table__.columns:
            if column.key not in {"id", "project_id", "edition"}:
                setattr(old, column.key, getattr(row, column.key))
    db.flush()


def _hang(db: Session, actor: Actor, project: Project, proposal: Proposal, now: datetime) -> None:
    """Hang the proposal's files on the project, in place of those they replace."""
    for file in proposal.files:
        given: dict[str, Any] = {"kind": FileKind.ATTACHMENT}
        if file.replaces:
            old = lock(db, ProjectFile, file.replaces)
            assert old is not None  # noqa: S101 - judged already
            old.removed_at, given["kind"] = now, old.kind
        db.add(
            ProjectFile(
                project_id=project.id,
                document_id=file.document_id,
                title=clean_line(file.title),
                person_id=actor.person_id,
                at=now,
                **given,
            )
        )
    db.flush()
