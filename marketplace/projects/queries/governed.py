"""Which projects of a desk a new rule would govern, and which keep the rules of their publishing day."""

from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor
from marketplace.procedures.states import ANY_METHOD, MethodCode
from marketplace.projects.model import Project
from marketplace.projects.states import ProjectState

_S = ProjectState
_BUYER = aliased(Organization)
SHOWN_MAX = 200


class GovernedProject(Struct, frozen=True, kw_only=True):
    """A project beside a new rule; ``publish_on`` is its planned first day, or none yet."""

    id: UUID
    title: str
    state: ProjectState
    buyer: str
    publish_on: date | None


def governed(db: Session, actor: Actor, *, method: str, first_day: date) -> tuple[GovernedProject, ...]:
    """The actor's projects not yet published that will be on ``first_day`` or later, or on a day not yet chosen.

    They will be published by the rules of that day. Only those of the ``method``, or all of them for ``any``; a
    project whose method is not chosen counts.
    """
    waiting = Project.state.in_((_S.DRAFT, _S.SUBMITTED, _S.APPROVED))
    later = or_(Project.publish_on.is_(None), Project.publish_on >= first_day)
    return _found(db, actor, method, and_(waiting, later))


def keeping(db: Session, actor: Actor, *, method: str) -> tuple[GovernedProject, ...]:
    """The actor's published projects that are not at their end; they keep the rules of their publishing day."""
    return _found(db, actor, method, Project.state.in_((_S.OPEN, _S.EVALUATION)))


def _found(db: Session, actor: Actor, method: str, wanted: ColumnElement[bool]) -> tuple[GovernedProject, ...]:
    own = actor.organization_id
    if own is None or not may(actor, Right.READ_PROJECT, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own}):
        return ()
    query = (
        select(Project.id, Project.title, Project.state, _BUYER.short_name.label("buyer"), Project.publish_on)
        .join(_BUYER, _BUYER.id == Project.buyer_id)
        .where(or_(Project.buyer_id == own, Project.procuring_entity_id == own), wanted)
        .order_by(Project.publish_on.nulls_last(), Project.id)
        .limit(SHOWN_MAX)
    )
    if method != ANY_METHOD:
        query = query.where(or_(Project.method.is_(None), Project.method == MethodCode(method)))
    return tuple(GovernedProject(**row) for row in db.execute(query).mappings())
