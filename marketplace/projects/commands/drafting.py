"""Verbs of the draft: begin one, write it again, hang a file on it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from marketplace.catalogue.model import CatalogueItem, CatalogueVersion
from marketplace.catalogue.queries import item
from marketplace.catalogue.schemas import ItemPage
from marketplace.db.base import Row, lock
from marketplace.db.search import search_text
from marketplace.documents.model import Document
from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation, Right, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor, Function
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound, Stale
from marketplace.kit.text import clean_line
from marketplace.procedures import queries as law
from marketplace.procedures.states import MethodCode
from marketplace.projects.model import (
    Condition,
    CostLine,
    Criterion,
    Milestone,
    PlannedFunding,
    Project,
    ProjectFile,
)
from marketplace.projects.queries import parties, plan_of, rules_for
from marketplace.projects.queries.parts import SCALARS
from marketplace.projects.rules import GENERAL_CONDITIONS, Plan, parse_steps, prefill, propose
from marketplace.projects.rules.copying import FRESH
from marketplace.projects.rules.refusals import NotABuyer, NotInCatalogue
from marketplace.projects.rules.templates import MINORS_CONDITION, fitting
from marketplace.projects.schemas import NewFile, NewProject
from marketplace.projects.states import PROJECT, ConditionKind, FileKind, ProjectAction, ProjectState

ENTRY_LEVEL = 3


def draft(db: Session, actor: Actor, new: NewProject, *, now: datetime) -> UUID:
    """Begin a draft from a catalogue entry, filled from a template or from an earlier project; returns its id.

    The organization that drafts runs the procedure; where it buys for another, that one is ``new.buyer_id``.

    Raises:
        Forbidden: the actor may not draft for these organizations.
        NotFound: no such organization, entry, or project to copy from.
        NotABuyer: the organization is registered for something else.
        NotInCatalogue: the entry is no service but a heading.
    """
    own = actor.organization_id
    if own is None:
        raise NotFound
    buyer_id = new.buyer_id or own
    require(actor, Right.DRAFT_PROJECT, {Relation.BUYER: buyer_id, Relation.PROCURING_ENTITY: own})
    buyer = db.get(Organization, buyer_id)
    if buyer is None:
        raise NotFound
    if Function.BUYER not in buyer.functions:
        raise NotABuyer(field="buyer_id", name=buyer.short_name)
    entry = item(db, new.catalogue_code)
    if entry.item.level != ENTRY_LEVEL:
        raise NotInCatalogue(field="catalogue_code", entry=entry.item.name)
    source = _source(db, actor, new.copy_from)
    project = Project(
        title=clean_line(new.title),
        buyer_id=buyer_id,
        procuring_entity_id=own,
        catalogue_item_id=entry.item.id,
        catalogue_code=entry.item.code,
        drafter_ids=[actor.person_id] if actor.person_id else [],
        drafted_at=now,
        updated_at=now,
        search_text="",
        previous_id=source.id if source else None,
        round=_round(source, buyer_id),
    )
    db.add(project)
    db.flush()  # its parts refer to it; there is no relationship that would order them
    _write(db, project, _first_plan(db, project, new, entry, source, now), buyer, entry)
    record(
        db, actor, "project.drafted", "project", project.id, now=now,
        title=project.title, catalogue_code=project.catalogue_code, buyer_id=buyer_id, copied_from=new.copy_from,
    )  # fmt: skip
    return project.id


def _round(source: Project | None, buyer_id: UUID) -> int:
    """A buyer's own failed purchase goes into its next round; all else is the first."""
    failed = source is not None and source.state is ProjectState.UNSUCCESSFUL and source.buyer_id == buyer_id
    return source.round + 1 if source is not None and failed else 1


def _source(db: Session, actor: Actor, project_id: UUID | None) -> Project | None:
    """The project to copy from: one's own, or any that is public."""
    if project_id is None:
        return None
    found = db.get(Project, project_id)
    if found is None:
        raise NotFound
    if found.published_at is None:
        require(actor, Right.READ_PROJECT, parties(found))
    return found


def _first_plan(
    db: Session, project: Project, new: NewProject, entry: ItemPage, source: Project | None, now: datetime
) -> Plan:
    """What the draft begins with; its times are the first lawful ones from the next working day on."""
    today, calendar = legal_day(now), law.calendar(db)
    publish_on = calendar.add_working_days(today, 1).rolled
    times = propose(rules_for(db, project, publish_on), calendar, MethodCode.BELOW_THRESHOLD_COMPARISON, publish_on)
    codes = entry.item.procurement_codes
    fresh = prefill(
        new.template or fitting(entry.item.code),
        title=project.title,
        procurement_code=codes[0].code if codes else "",
        times=times,
        today=today,
    )
    if source is None:
        return fresh
    return _copied(plan_of(db, source), fresh)


def _copied(plan: Plan, fresh: Plan) -> Plan:
    """An earlier plan with its own words, the new project's times, and its milestones moved along with the service."""
    shift = timedelta(0)
    first = plan.service_from or min((row.due_on for row in plan.milestones if row.due_on), default=None)
    if first and fresh.service_from:
        shift = fresh.service_from - first
    return msgspec.structs.replace(
        plan,
        title=fresh.title,
        procurement_code=fresh.procurement_code,
        service_from=_moved(plan.service_from, shift),
        service_until=_moved(plan.service_until, shift),
        milestones=tuple(msgspec.structs.replace(row, due_on=_moved(row.due_on, shift)) for row in plan.milestones),
        funding=(),
        negative=fresh.negative,
        **{name: getattr(fresh, name) for name in FRESH},
        **{name: getattr(fresh.times, name) for name in fresh.times.__struct_fields__},
    )


def _moved(day: date | None, shift: timedelta) -> date | None:
    return None if day is None else day + shift


def edit(db: Session, actor: Actor, project_id: UUID, plan: Plan, *, version: int, now: datetime) -> int:
    """Write a draft as it is to be; returns its new version. Whoever writes becomes one of its drafters.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not draft it.
        IllegalMove: it is no draft.
        Stale: somebody wrote it after ``version``.
        BadStep: a criterion's steps cannot be read.
    """
    project = locked(db, actor, project_id, Right.DRAFT_PROJECT)
    project.state = PROJECT.after(project.state, ProjectAction.EDIT)
    if project.version != version:
        raise Stale(field="version")
    before = plan_of(db, project)
    entry = item_of(db, project)
    _write(db, project, plan, db.get_one(Organization, project.buyer_id), entry)
    if actor.person_id is not None and actor.person_id not in project.drafter_ids:
        project.drafter_ids = [*project.drafter_ids, actor.person_id]
    project.version += 1
    project.updated_at = now
    changed = [name for name in Plan.__struct_fields__ if getattr(before, name) != getattr(plan, name)]
    record(db, actor, "project.edited", "project", project.id, now=now, version=project.version, fields=changed)
    return project.version


def item_of(db: Session, project: Project) -> ItemPage:
    """The project's entry in the edition in force, else in the one it was drafted from.

    Raises:
        NotFound: there is neither.
    """
    try:
        return item(db, project.catalogue_code)
    except NotFound:
        query = (
            select(CatalogueVersion.number)
            .join(CatalogueItem, CatalogueItem.version_id == CatalogueVersion.id)
            .where(CatalogueItem.id == project.catalogue_item_id)
        )
        return item(db, project.catalogue_code, db.scalar(query))


def locked(db: Session, actor: Actor, project_id: UUID, right: Right) -> Project:
    """A project held alone, once the actor's right to it is certain.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor's roles lack the right.
    """
    project = lock(db, Project, project_id)
    if project is None:
        raise NotFound
    require(actor, right, parties(project))
    return project


def _write(db: Session, project: Project, plan: Plan, buyer: Organization, entry: ItemPage) -> None:
    parts = list(parts_of(project.id, plan))  # before anything is written: a step that cannot be read refuses all
    for name in SCALARS:
        setattr(project, name, getattr(plan, name))
    project.negative_answers = {
        name: answer for name in plan.negative.__struct_fields__ if (answer := getattr(plan.negative, name)) is not None
    }
    describe(project, buyer.name, entry.item.name)
    for kind in (CostLine, PlannedFunding, Condition, Criterion, Milestone):
        db.execute(delete(kind).where(kind.project_id == project.id))
    db.add_all(parts)
    db.flush()


def describe(project: Project, buyer_name: str, entry_name: str) -> None:
    """Set what the project is found by."""
    names = (project.title, buyer_name, entry_name, project.people_kind, project.location)
    project.search_text = search_text(*names, codes=(project.number or "", project.catalogue_code))


def parts_of(project_id: UUID, plan: Plan) -> Iterator[Row]:
    """The rows of a plan's lists, the general conditions of the law before its own; nothing is written.

    Raises:
        BadStep: a criterion's steps cannot be read.
    """
    for place, line in enumerate(plan.cost_lines, 1):
        yield CostLine(
            project_id=project_id,
            place=place,
            item=line.item,
            unit=line.unit,
            quantity_hundredths=line.quantity_hundredths,
            unit_cost_fen=line.unit_cost_fen,
            amount_fen=line.amount_fen,
        )
    for place, share in enumerate(plan.funding, 1):
        yield PlannedFunding(project_id=project_id, place=place, fund_id=share.fund_id, amount_fen=share.amount_fen)
    asked = [(ConditionKind.GENERAL, one) for one in GENERAL_CONDITIONS]
    asked += [(ConditionKind.MINORS, MINORS_CONDITION)] if plan.serves_minors else []
    asked += [(ConditionKind.PROJECT, one) for one in plan.conditions]
    for place, (kind, one) in enumerate(asked, 1):
        yield Condition(project_id=project_id, place=place, kind=kind, content=one.content, proof=one.proof)
    for index, row in enumerate(plan.criteria):
        steps = parse_steps(row.steps, field=f"criteria-{index}-steps")
        yield Criterion(
            project_id=project_id,
            place=index + 1,
            kind=row.kind,
            name=row.name,
            weight_bp=row.weight_bp or None,
            steps=msgspec.to_builtins(steps),
        )
    for place, milestone in enumerate(plan.milestones, 1):
        yield Milestone(
            project_id=project_id,
            place=place,
            kind=milestone.kind,
            title=milestone.title,
            deliverable=milestone.deliverable,
            evidence=milestone.evidence,
            due_on=milestone.due_on,
            share_bp=milestone.share_bp or None,
        )


def attach(db: Session, actor: Actor, project_id: UUID, new: NewFile, *, now: datetime) -> UUID:
    """Hang a stored document on a project; returns the file's id. A mandate stands for the buyer's entrusting.

    Raises:
        NotFound: there is no such project for the actor, or no such document of the actor's organization.
        Forbidden: the actor may not draft it.
        IllegalMove: it is no draft.
    """
    project = locked(db, actor, project_id, Right.DRAFT_PROJECT)
    PROJECT.after(project.state, ProjectAction.EDIT)
    card = db.get(Document, new.document_id)
    if card is None or card.organization_id != actor.organization_id:
        raise NotFound
    row = ProjectFile(
        project_id=project.id,
        document_id=card.id,
        kind=new.kind,
        title=clean_line(new.title),
        person_id=actor.person_id,
        at=now,
    )
    db.add(row)
    db.flush()
    if new.kind is FileKind.MANDATE:
        project.mandate_document_id = card.id
    project.updated_at = now
    record(
        db, actor, "project.file_attached", "project", project.id, now=now,
        file_id=row.id, kind=new.kind, sha256=card.sha256,
    )  # fmt: skip
    return row.id


def detach(db: Session, actor: Actor, project_id: UUID, file_id: UUID, *, now: datetime) -> None:
    """Take a file off a draft.

    Raises:
        NotFound: there is no such file for the actor.
        Forbidden: the actor may not draft the project.
        IllegalMove: it is no draft.
    """
    project = locked(db, actor, project_id, Right.DRAFT_PROJECT)
    PROJECT.after(project.state, ProjectAction.EDIT)
    row = lock(db, ProjectFile, file_id)
    if row is None or row.project_id != project.id or row.removed_at is not None:
        raise NotFound
    row.removed_at = now
    if project.mandate_document_id == row.document_id:
        project.mandate_document_id = None
    project.updated_at = now
    record(db, actor, "project.file_detached", "project", project.id, now=now, file_id=row.id)
