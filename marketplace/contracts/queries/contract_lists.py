"""Contracts in lists: a desk's, a supplier's, the public's; and what of them waits for whom today."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from marketplace.contracts.model import Contract, ContractPaper, ContractSignature
from marketplace.contracts.queries.contract import (
    actions,
    current_paper,
    installments,
    party,
    publication_due,
    shown_to,
    window,
)
from marketplace.contracts.schemas import ContractCard, PublicContract
from marketplace.contracts.states import BINDING, TO_SIGN, ContractAction, ContractState, Side
from marketplace.evaluation.model import Award
from marketplace.evaluation.queries import award_of
from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import at_legal, legal_day
from marketplace.kit.i18n import N_
from marketplace.kit.todo import Todo
from marketplace.projects.model import Project

LIST_MAX = 200
_BUYER, _SUPPLIER = aliased(Organization), aliased(Organization)


def desk_contracts(db: Session, actor: Actor) -> tuple[ContractCard, ...]:
    """The contracts of the actor's organization as buyer or centre, and published awards that have none yet.

    Raises:
        NotFound: the actor acts for no organization.
        Forbidden: the actor's roles do not let them see contracts.
    """
    own = actor.organization_id
    require(actor, Right.READ_CONTRACT, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own})
    mine = or_(Contract.buyer_id == own, Contract.procuring_entity_id == own)
    return (*awaiting(db, or_(Project.buyer_id == own, Project.procuring_entity_id == own)), *_cards(db, mine))


def supplier_contracts(db: Session, actor: Actor) -> tuple[ContractCard, ...]:
    """The contracts that the actor's organization performs or may sign, and awards whose contract is being drafted.

    Raises:
        NotFound: the actor acts for no organization.
        Forbidden: the actor's roles do not let them see contracts.
    """
    own = actor.organization_id
    require(actor, Right.READ_CONTRACT, {Relation.SUPPLIER: own})
    found = [card for card in _cards(db, Contract.supplier_id == own) if _known(db, actor, card)]
    shown = {card.project_id for card in found if card.state is not ContractState.CANCELLED}
    coming = [
        card for card in awaiting(db, Award.organization_id == own, drafting=True) if card.project_id not in shown
    ]
    return (*coming, *found)


def _known(db: Session, actor: Actor, card: ContractCard) -> bool:
    row = db.get(Contract, card.id)
    return row is not None and shown_to(actor, row)


def awaiting(db: Session, scope: ColumnElement[bool], *, drafting: bool = False) -> tuple[ContractCard, ...]:
    """Published awards without a contract; with those whose contract is only drafted if ``drafting``."""
    live = select(Contract.project_id).where(Contract.state != ContractState.CANCELLED)
    if drafting:
        live = live.where(Contract.state.not_in((ContractState.DRAFT, ContractState.SUBMITTED)))
    query = (
        select(Award, Project, _BUYER.short_name, _SUPPLIER.short_name)
        .join(Project, Project.id == Award.project_id)
        .join(_BUYER, _BUYER.id == Project.buyer_id)
        .join(_SUPPLIER, _SUPPLIER.id == Award.organization_id)
        .where(scope, Award.published_at.is_not(None), Award.project_id.not_in(live))
        .order_by(Award.published_at, Award.id)
        .limit(LIST_MAX)
    )
    return tuple(
        ContractCard(
            id=None,
            project_id=project.id,
            number="",
            project_number=project.number or "",
            title=project.title,
            supplier=supplier,
            buyer=buyer,
            price_fen=award.price_fen,
            state=None,
            signed_at=None,
            published_at=None,
            updated_at=award.published_at or award.decided_at,
            signed_sides=frozenset(),
        )
        for award, project, buyer, supplier in db.execute(query)
    )


def _cards(db: Session, scope: ColumnElement[bool]) -> tuple[ContractCard, ...]:
    """Contracts in ``scope``, what changed last first."""
    query = (
        select(Contract, Project.number, _BUYER.short_name, _SUPPLIER.short_name)
        .join(Project, Project.id == Contract.project_id)
        .join(_BUYER, _BUYER.id == Contract.buyer_id)
        .join(_SUPPLIER, _SUPPLIER.id == Contract.supplier_id)
        .where(scope)
        .order_by(Contract.updated_at.desc(), Contract.id)
        .limit(LIST_MAX)
    )
    rows = db.execute(query).all()
    signed = _signed(db, [row for row, *_ in rows])
    return tuple(
        ContractCard(
            id=row.id,
            project_id=row.project_id,
            number=row.number or "",
            project_number=project_number or "",
            title=row.title,
            supplier=supplier,
            buyer=buyer,
            price_fen=row.price_fen,
            state=row.state,
            signed_at=row.signed_at,
            published_at=row.published_at,
            updated_at=row.updated_at,
            signed_sides=signed.get(row.id, frozenset()),
        )
        for row, project_number, buyer, supplier in rows
    )


def _signed(db: Session, rows: Sequence[Contract]) -> dict[UUID, frozenset[Side]]:
    """Who signed the current paper of each contract that is to be signed."""
    query = (
        select(ContractPaper.contract_id, ContractSignature.side)
        .join(ContractSignature, ContractSignature.paper_id == ContractPaper.id)
        .join(Contract, (Contract.id == ContractPaper.contract_id) & (Contract.paper_edition == ContractPaper.edition))
        .where(Contract.id.in_([row.id for row in rows if row.state in TO_SIGN]))
    )
    found: dict[UUID, frozenset[Side]] = {}
    for contract_id, side in db.execute(query):
        found[contract_id] = found.get(contract_id, frozenset()) | {side}
    return found


def public_contract(db: Session, project_id: UUID) -> PublicContract | None:
    """The published contract of a project as everybody may know it; None before its publication."""
    query = select(Contract).where(Contract.project_id == project_id, Contract.published_at.is_not(None))
    row = db.scalar(query)
    return public_view(db, row) if row else None


def public_contract_by_id(db: Session, contract_id: UUID) -> PublicContract | None:
    """A published contract by its id; None where there is none."""
    row = db.get(Contract, contract_id)
    return public_view(db, row) if row is not None and row.published_at is not None else None


def public_view(db: Session, row: Contract) -> PublicContract | None:
    """What everybody may know of a contract: parties, price, term and milestones."""
    paper, project = current_paper(db, row), db.get_one(Project, row.project_id)
    dated = row.published_at and row.signed_at and row.service_from and row.service_until
    if paper is None or not dated:
        return None
    assert row.published_at and row.signed_at and row.service_from and row.service_until  # noqa: S101, PT018 - dated
    return PublicContract(
        id=row.id,
        number=row.number or "",
        title=row.title,
        project_id=row.project_id,
        project_number=project.number or "",
        state=row.state,
        buyer=party(db, row.buyer_id),
        procuring_entity=party(db, row.procuring_entity_id),
        supplier=party(db, row.supplier_id),
        price_fen=row.price_fen,
        service_from=row.service_from,
        service_until=row.service_until,
        signed_at=row.signed_at,
        published_at=row.published_at,
        sha256=paper.sha256,
        sm3=paper.sm3,
        milestones=installments(db, row),
    )


_DRAFT, _MEND = N_("起草合同：{title}"), N_("退回修改的合同：{title}")
_APPROVE, _SIGN, _PUBLISH = N_("待审批的合同：{title}"), N_("待签订的合同：{title}"), N_("待公告的合同：{title}")
_DRAFT_IT, _MEND_IT, _REVIEW_IT = N_("去起草"), N_("去修改"), N_("去审阅")
_SIGN_IT, _PUBLISH_IT = N_("去签订"), N_("去公告")


def todos(db: Session, actor: Actor, *, now: datetime) -> list[Todo]:
    """What of contracts waits for the actor: to draft, to mend, to approve, to sign, to publish.

    Nothing that an incompatible duty or the period after the result forbids to the actor now.
    """
    own = actor.organization_id
    everywhere = {Relation.BUYER: own, Relation.PROCURING_ENTITY: own, Relation.SUPPLIER: own}
    if own is None or not may(actor, Right.READ_CONTRACT, everywhere):
        return []
    found = _to_draft(db, actor)
    query = (
        select(Contract)
        .where(
            or_(Contract.buyer_id == own, Contract.procuring_entity_id == own, Contract.supplier_id == own),
            Contract.state != ContractState.CANCELLED,
            or_(Contract.state.not_in(BINDING), Contract.published_at.is_(None)),
        )
        .order_by(Contract.updated_at)
        .limit(LIST_MAX)
    )
    return found + [todo for row in db.scalars(query) if (todo := _todo(db, actor, row, now)) is not None]


def _to_draft(db: Session, actor: Actor) -> list[Todo]:
    own = actor.organization_id
    found = []
    for card in awaiting(db, or_(Project.buyer_id == own, Project.procuring_entity_id == own)):
        project = db.get_one(Project, card.project_id)
        who = {Relation.BUYER: project.buyer_id, Relation.PROCURING_ENTITY: project.procuring_entity_id}
        if may(actor, Right.DRAFT_CONTRACT, who):
            found.append(
                Todo(
                    title=_DRAFT,
                    params={"title": card.title},
                    url=f"/centre/projects/{card.project_id}/contract",
                    action=_DRAFT_IT,
                )
            )
    return found


def _todo(db: Session, actor: Actor, row: Contract, now: datetime) -> Todo | None:
    can = actions(db, actor, row)
    house = "/org" if actor.organization_id == row.supplier_id else "/centre"
    url, limit = f"{house}/contracts/{row.id}", None
    if ContractAction.PUBLISH in can:
        title, action, limit = _PUBLISH, _PUBLISH_IT, publication_due(db, row)
    elif can & {ContractAction.SIGN, ContractAction.ACTIVATE}:
        span = window(db, row, award_of(db, row.project_id), now=now)
        if not span.open:
            return None
        title, action, limit = _SIGN, _SIGN_IT, span.until
    elif ContractAction.APPROVE in can:
        title, action = _APPROVE, _REVIEW_IT
    elif row.state is ContractState.DRAFT and actor.person_id in row.drafter_ids and ContractAction.EDIT in can:
        title, action, url = _MEND if row.return_reason else _DRAFT, _MEND_IT, f"{url}/edit"
    else:
        return None
    return Todo(
        title=title,
        params={"title": row.title},
        url=url,
        action=action,
        due_at=at_legal(limit.day, 23, 59) if limit else None,
        urgent=limit is not None and legal_day(now) >= limit.day,
    )
