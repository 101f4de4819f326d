"""Who may see which project, and what the gates of a draft need to know."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.catalogue.model import CatalogueItem, CatalogueVersion
from marketplace.catalogue.states import EditionState
from marketplace.identity.model import Organization
from marketplace.identity.rules import Parties, Relation, Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError, NotFound
from marketplace.procedures import queries as law
from marketplace.procedures.rules import RuleSet
from marketplace.projects.model import Project, Share
from marketplace.projects.queries.parts import plan_of
from marketplace.projects.queries.prepared import unprepared
from marketplace.projects.rules import Facts, gates
from marketplace.projects.rules.joint import Agreed, joint_gaps
from marketplace.projects.states import By


def parties(project: Project) -> Parties:
    """The organizations of a project by their relation to it."""
    return {Relation.BUYER: project.buyer_id, Relation.PROCURING_ENTITY: project.procuring_entity_id}


def readable(db: Session, actor: Actor, project_id: UUID) -> Project:
    """A project that the actor may see before it is public.

    Raises:
        NotFound: there is none, or the actor's organization has nothing to do with it.
        Forbidden: it has, but the actor's roles do not let them see it.
    """
    project = db.get(Project, project_id)
    if project is None:
        raise NotFound
    own = actor.organization_id
    asked = select(Share.id).where(Share.project_id == project_id, Share.organization_id == own)
    if own is not None and db.scalar(asked) is not None:
        require(actor, Right.READ_PROJECT, {Relation.BUYER: own})
        return project
    require(actor, Right.READ_PROJECT, parties(project))
    return project


def published(db: Session, project_id: UUID) -> Project:
    """A project that everybody may see.

    Raises:
        NotFound: there is none, or it is not published.
    """
    project = db.get(Project, project_id)
    if project is None or project.published_at is None:
        raise NotFound
    return project


def rules_for(db: Session, project: Project, day: date, *, version: int | None = None) -> RuleSet:
    """The purchasing rules for a project on a day: of its region, and of the body that runs its procedure."""
    region = db.scalar(select(Organization.region).where(Organization.id == project.procuring_entity_id)) or ""
    return law.rules(db, day=day, version=version, region=region, unit_id=project.procuring_entity_id)


def kept_rules(db: Session, project: Project) -> RuleSet:
    """The rules that the project keeps from the day of its publication.

    Raises:
        NotFound: it has not been published.
    """
    if project.rules_on is None or project.rules_version is None:
        raise NotFound
    return rules_for(db, project, project.rules_on, version=project.rules_version)


def in_catalogue(db: Session, code: str) -> bool:
    """Whether an entry stands in the edition in force."""
    query = (
        select(CatalogueItem.id)
        .join(CatalogueVersion, CatalogueVersion.id == CatalogueItem.version_id)
        .where(CatalogueVersion.state == EditionState.PUBLISHED, CatalogueItem.code == code)
    )
    return db.scalar(query) is not None


def open_gates(
    db: Session, project: Project, *, now: datetime, keyless: Mapping[str, str] | None = None
) -> list[DomainError]:
    """Everything that keeps a draft from being handed in; ``keyless`` names openers known to have no key, by field.

    Raises:
        RuleMissing: a rule that is needed is not in force.
    """
    today = legal_day(now)
    plan = plan_of(db, project)
    rules, calendar = rules_for(db, project, max(plan.publish_on or today, today)), law.calendar(db)
    facts = Facts(
        rules=rules,
        calendar=calendar,
        today=today,
        entry=project.catalogue_code,
        in_catalogue=in_catalogue(db, project.catalogue_code),
        entrusted=project.buyer_id != project.procuring_entity_id,
        mandated=project.mandate_document_id is not None,
        keyless=keyless or {},
        unprepared=tuple(unprepared(db, project, rules=rules, calendar=calendar, today=today, by=By.SUBMIT)),
    )
    return [*gates(plan, facts), *joint_gaps(plan, _shares(db, project.id))]


def _shares(db: Session, project_id: UUID) -> list[Agreed]:
    query = (
        select(Organization.short_name, Share.state, Share.amount_fen, Share.fund_id)
        .join(Organization, Organization.id == Share.organization_id)
        .where(Share.project_id == project_id)
        .order_by(Share.proposed_at, Share.id)
    )
    return [
        Agreed(partner=partner, state=state, amount_fen=amount_fen, fund_id=fund_id)
        for partner, state, amount_fen, fund_id in db.execute(query)
    ]
