"""Verbs of the approval: hand in, send back, approve, publish."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from marketplace.db.numbers import next_number
from marketplace.identity.model import Organization
from marketplace.identity.rules import Duty, Right, apart
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import raise_all
from marketplace.kit.money import yuan_grouped
from marketplace.outbox.commands import emit
from marketplace.procedures import queries as law
from marketplace.projects.commands.drafting import describe, item_of, locked
from marketplace.projects.commands.notices import announce, only_later
from marketplace.projects.model import Project
from marketplace.projects.queries import in_catalogue, open_gates, plan_of, rules_for
from marketplace.projects.queries.prepared import CHOSEN, reviewed, unprepared
from marketplace.projects.rules import Times, check_times, headings_left
from marketplace.projects.rules.refusals import BuyerApproves, DrafterPublishes, NotInCatalogue, NotReserved, NotSealed
from marketplace.projects.states import PROJECT, By, NoticeKind, ProjectAction


def submit(
    db: Session, actor: Actor, project_id: UUID, *, now: datetime, keyless: Mapping[str, str] | None = None
) -> str:
    """Hand a draft in for approval; returns its number, which it gets when it is handed in first.

    ``keyless`` names openers who are known to have no key yet, by their field.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not draft it.
        IllegalMove: it is no draft.
        DomainError: the one gate that does not hold, or Several of them, each with its field.
        RuleMissing: a rule that is needed is not in force.
    """
    project = locked(db, actor, project_id, Right.DRAFT_PROJECT)
    state = PROJECT.after(project.state, ProjectAction.SUBMIT)
    raise_all(open_gates(db, project, now=now, keyless=keyless))
    if project.number is None:
        project.number = next_number(db, "project", on=legal_day(now))
    entry = item_of(db, project)
    describe(project, db.get_one(Organization, project.buyer_id).name, entry.item.name)
    project.state = state
    project.submitted_by, project.submitted_at = actor.person_id, now
    project.return_reason = ""
    project.version += 1
    project.updated_at = now
    record(
        db, actor, "project.submitted", "project", project.id, now=now,
        number=project.number, budget_fen=project.budget_fen, version=project.version,
    )  # fmt: skip
    emit(db, "project.submitted", now=now, project_id=project.id)
    if reviewed(db, project.id):
        emit(db, "project.review_asked", now=now, project_id=project.id)
    return project.number


def return_(db: Session, actor: Actor, project_id: UUID, *, reason: str, now: datetime) -> None:
    """Send a project back to its drafters, with a reason; an approval it had falls away.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not approve projects.
        IllegalMove: it was not handed in, or it is published.
    """
    project = locked(db, actor, project_id, Right.APPROVE_PROJECT)
    send_back(db, actor, project, reason=reason, now=now)


def send_back(db: Session, actor: Actor, project: Project, *, reason: str, now: datetime) -> None:
    """Move a project that is held already back to its drafters: by its approver, or by a review that does not pass.

    Raises:
        IllegalMove: it was not handed in, or it is published.
    """
    project.state = PROJECT.after(project.state, ProjectAction.RETURN)
    project.return_reason = reason
    project.returned_plan = msgspec.to_builtins(plan_of(db, project), str_keys=True)
    project.approved_by, project.approved_at = None, None
    project.version += 1
    project.updated_at = now
    record(db, actor, "project.returned", "project", project.id, now=now, reason=reason)
    emit(db, "project.returned", now=now, project_id=project.id)


def approve(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> None:
    """Approve a project as the buyer's head, who wrote nothing in it.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not approve projects.
        BuyerApproves: the actor is of the procuring entity, not of the buyer.
        DutiesClash: the actor is one of its drafters.
        IllegalMove: it was not handed in.
        DomainError: a review or the minutes that the amount demands are not there, or Several of them.

    Source:
        采购法条例第二十条的内控要求与本单位「申请、审批分离」；采购法第六十一条.
    """
    project = locked(db, actor, project_id, Right.APPROVE_PROJECT)
    if not actor.is_system and actor.organization_id != project.buyer_id:
        raise BuyerApproves
    apart(actor, Duty.APPROVE_PROJECT, {Duty.DRAFT_PROJECT: project.drafter_ids})
    state = PROJECT.after(project.state, ProjectAction.APPROVE)
    _ready(db, project, By.APPROVE, max(project.publish_on or legal_day(now), legal_day(now)), now)
    project.state = state
    project.approved_by, project.approved_at = actor.person_id, now
    project.version += 1
    project.updated_at = now
    record(db, actor, "project.approved", "project", project.id, now=now, budget_fen=project.budget_fen)
    emit(db, "project.approved", now=now, project_id=project.id)


def publish(
    db: Session,
    actor: Actor,
    project_id: UUID,
    *,
    reserved_fen: int,
    sealed: bool,
    now: datetime,
    times: Times | None = None,
) -> None:
    """Open an approved project to bids; part of the flow that reserves its money and makes its seal.

    The times are held against the rules in force today, counted from today; ``times`` moves them later where the
    approval took longer than planned. ``reserved_fen`` is what the flow has set aside, ``sealed`` whether bids can be
    sealed. The project keeps the edition of the rules.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not publish projects.
        DrafterPublishes: the actor is one of its drafters.
        IllegalMove: it was not approved.
        NotReserved: the money is not set aside to the fen.
        NotSealed: there is no key to seal bids to.
        NotInCatalogue: a new edition of the catalogue has dropped the entry.
        HeadingsBare: a text still has a template's headings without words, or Several do.
        NotPrepared, IntentionTooShort, PublicityTooShort, TooFewInvited: what must come before a notice of this
            method and amount is not there, or has not been public for its days.
        OnlyLater: ``times`` would bring a time forward.
        DomainError: a time is unlawful, or Several are; each names the next lawful day.
        RuleMissing: a rule that is needed is not in force.

    Source:
        采购法第三十五条; 采购法条例第三十条、第三十一条; 102号令第十四条、第十六条.
    """
    project = locked(db, actor, project_id, Right.PUBLISH_PROJECT)
    if actor.person_id in project.drafter_ids:
        raise DrafterPublishes
    state = PROJECT.after(project.state, ProjectAction.PUBLISH)
    if reserved_fen != project.budget_fen:
        raise NotReserved(budget=yuan_grouped(project.budget_fen or 0), reserved=yuan_grouped(reserved_fen))
    if not sealed:
        raise NotSealed
    if not in_catalogue(db, project.catalogue_code):
        raise NotInCatalogue(entry=project.catalogue_code)
    raise_all(headings_left(plan_of(db, project)))
    _ready(db, project, By.PUBLISH, legal_day(now), now)
    version = _set_lawful_times(db, project, times, now)
    project.state = state
    project.published_by, project.published_at = actor.person_id, now
    project.rules_version, project.rules_on = version, legal_day(now)
    project.version += 1
    project.updated_at = now
    announce(db, actor, project, NoticeKind.TENDER, now=now)
    record(
        db, actor, "project.published", "project", project.id, now=now,
        number=project.number, bids_due_at=project.bids_due_at, rules_version=version, budget_fen=project.budget_fen,
    )  # fmt: skip
    emit(db, "project.published", now=now, project_id=project.id)
    if project.method in CHOSEN:
        emit(db, "project.invited", now=now, project_id=project.id)


def _set_lawful_times(db: Session, project: Project, moved: Times | None, now: datetime) -> int:
    """Hold the times against today's rules and set them; returns the edition of the rules."""
    today = legal_day(now)
    planned = plan_of(db, project).times
    times = msgspec.structs.replace(planned, publish_on=today)
    if moved is not None:
        given = {name: value for name in Times.__struct_fields__ if (value := getattr(moved, name)) is not None}
        given.pop("publish_on", None)
        raise_all(only_later(planned, Times(**given)))
        times = msgspec.structs.replace(times, **given)
    rules = rules_for(db, project, today)
    assert project.method is not None  # noqa: S101 - a CHECK: what was handed in has a method
    raise_all(check_times(rules, law.calendar(db), project.method, times, start=today))
    for name in Times.__struct_fields__:
        setattr(project, name, getattr(times, name))
    return rules.version


def _ready(db: Session, project: Project, by: By, day: date, now: datetime) -> None:
    """Refuse a step while what it waits for is not there."""
    rules = rules_for(db, project, day)
    raise_all(unprepared(db, project, rules=rules, calendar=law.calendar(db), today=legal_day(now), by=by))
