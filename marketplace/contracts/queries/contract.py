"""One contract: its facts, who is concerned, what the actor may do with it, and as its parties see it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.bids.queries import opened_bid
from marketplace.contracts.model import Contract, ContractFunding, ContractPaper, ContractSignature
from marketplace.contracts.rules import Deadline, Planned, Terms, milestone_amounts, publish_by, sign_by
from marketplace.contracts.schemas import (
    Act,
    ContractFacts,
    ContractView,
    FundingLineView,
    InstallmentView,
    PaperView,
    PartyView,
    SignatureView,
    Window,
)
from marketplace.contracts.states import BINDING, CONTRACT, TO_SIGN, ContractAction, ContractState, Side
from marketplace.documents.queries import document
from marketplace.documents.schemas import DocumentView
from marketplace.evaluation.queries import award_of
from marketplace.evaluation.schemas import Award
from marketplace.identity.model import Organization, Person
from marketplace.identity.rules import Parties, Relation, Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.procedures import queries as law
from marketplace.projects import queries as projects
from marketplace.projects.model import Project

RIGHTS: Mapping[ContractAction, tuple[Right, ...]] = {
    ContractAction.EDIT: (Right.DRAFT_CONTRACT,),
    ContractAction.SUBMIT: (Right.DRAFT_CONTRACT,),
    ContractAction.APPROVE: (Right.APPROVE_CONTRACT,),
    ContractAction.RETURN: (Right.APPROVE_CONTRACT,),
    ContractAction.SIGN: (Right.SIGN_AS_BUYER, Right.SIGN_AS_SUPPLIER),
    ContractAction.ACTIVATE: (Right.SIGN_AS_BUYER, Right.SIGN_AS_SUPPLIER),
    ContractAction.PUBLISH: (Right.PUBLISH_CONTRACT,),
    ContractAction.CANCEL: (Right.APPROVE_CONTRACT,),
}
"""The rights of which each action is an exercise; any one of them will do."""
SIGNING_RIGHTS: Mapping[Side, Right] = {Side.BUYER: Right.SIGN_AS_BUYER, Side.SUPPLIER: Right.SIGN_AS_SUPPLIER}
_CLAUSES = tuple(name for name in Terms.__struct_fields__ if name not in {"service_from", "service_until", "due_on"})


def parties(row: Contract) -> Parties:
    """The organizations of a contract by their relation to it."""
    return {
        Relation.BUYER: row.buyer_id,
        Relation.PROCURING_ENTITY: row.procuring_entity_id,
        Relation.SUPPLIER: row.supplier_id,
    }


def rights_for(action: ContractAction, state: ContractState) -> tuple[Right, ...]:
    """The rights for an action in a state: what is to be signed, those who sign may send back too."""
    if action is ContractAction.RETURN and state in TO_SIGN:
        return (*RIGHTS[action], Right.SIGN_AS_BUYER, Right.SIGN_AS_SUPPLIER)
    return RIGHTS.get(action, ())


def shown_to(actor: Actor, row: Contract) -> bool:
    """Whether the actor's organization may know of the contract: the supplier only from its approval on."""
    own = actor.organization_id
    if actor.is_system or own in {row.buyer_id, row.procuring_entity_id} or own != row.supplier_id:
        return True
    ended = row.state is ContractState.CANCELLED and row.paper_edition is not None
    return ended or row.state in TO_SIGN | BINDING


def readable(db: Session, actor: Actor, contract_id: UUID, *, payer_id: UUID | None = None) -> Contract:
    """A contract that the actor may see; ``payer_id`` is the office that has to pay it, as the floors above know.

    Raises:
        NotFound: there is none, or the actor's organization may not know of it.
        Forbidden: the actor's roles do not let them see it.
    """
    row = db.get(Contract, contract_id)
    if row is None or not shown_to(actor, row):
        raise NotFound
    paying: Parties = {Relation.FINANCE: payer_id} if payer_id and row.state in BINDING else {}
    require(actor, Right.READ_CONTRACT, {**parties(row), **paying})
    return row


def contract_facts(db: Session, contract_id: UUID) -> ContractFacts:
    """The facts of a contract, for the packages above; the caller decides who may see them.

    Raises:
        NotFound: there is none with this id.
    """
    row = db.get(Contract, contract_id)
    if row is None:
        raise NotFound
    return facts_of(row)


def facts_of(row: Contract) -> ContractFacts:
    """The facts of a contract's row."""
    return ContractFacts(
        id=row.id,
        number=row.number or "",
        title=row.title,
        project_id=row.project_id,
        award_id=row.award_id,
        buyer_id=row.buyer_id,
        procuring_entity_id=row.procuring_entity_id,
        supplier_id=row.supplier_id,
        price_fen=row.price_fen,
        state=row.state,
        drafter_ids=tuple(row.drafter_ids),
        approved_by=row.approved_by,
        signed_at=row.signed_at,
        signed_on=legal_day(row.signed_at) if row.signed_at else None,
        published_at=row.published_at,
        completed_at=row.completed_at,
    )


def contract_of(db: Session, project_id: UUID) -> ContractFacts | None:
    """The live contract of a project, if it has one; a cancelled one does not count."""
    query = select(Contract).where(Contract.project_id == project_id, Contract.state != ContractState.CANCELLED)
    row = db.scalar(query)
    return facts_of(row) if row else None


def terms_of(row: Contract) -> Terms:
    """What the drafters wrote."""
    return Terms(
        **{name: row.clauses.get(name, "") for name in _CLAUSES},
        service_from=row.service_from,
        service_until=row.service_until,
        due_on=tuple(date.fromisoformat(day) if day else None for day in row.milestone_days),
    )


def columns_of(terms: Terms) -> dict[str, Any]:
    """The columns that hold what the drafters wrote: the reverse of :func:`terms_of`."""
    return {
        "clauses": {name: getattr(terms, name) for name in _CLAUSES},
        "service_from": terms.service_from,
        "service_until": terms.service_until,
        "milestone_days": [day.isoformat() if day else None for day in terms.due_on],
    }


def planned(db: Session, project_id: UUID) -> tuple[Planned, ...]:
    """The milestones as the tender announced them."""
    return tuple(
        Planned(
            title=one.title,
            kind=one.kind,
            deliverable=one.deliverable,
            evidence=one.evidence,
            share_bp=one.share_bp or 0,
            due_on=one.due_on,
        )
        for one in projects.milestones(db, project_id, None)
    )


def installments(db: Session, row: Contract) -> tuple[InstallmentView, ...]:
    """The contract's milestone table: the tender's milestones on the contract's days, with what each is worth."""
    rows, days = planned(db, row.project_id), terms_of(row).due_on
    amounts = milestone_amounts(row.price_fen, [one.share_bp for one in rows])
    return tuple(
        InstallmentView(
            place=place,
            kind=one.kind,
            title=one.title,
            deliverable=one.deliverable,
            evidence=one.evidence,
            due_on=days[place - 1] if place <= len(days) else None,
            share_bp=one.share_bp,
            amount_fen=amount,
        )
        for place, (one, amount) in enumerate(zip(rows, amounts, strict=True), 1)
    )


def funding_lines(db: Session, contract_id: UUID) -> tuple[FundingLineView, ...]:
    """What each fund pays of the price, in the order of the project's funding lines."""
    query = select(ContractFunding).where(ContractFunding.contract_id == contract_id).order_by(ContractFunding.place)
    return tuple(FundingLineView(fund_id=row.fund_id, amount_fen=row.amount_fen) for row in db.scalars(query))


def current_paper(db: Session, row: Contract) -> ContractPaper | None:
    """The paper that is to be signed or was."""
    if row.paper_edition is None:
        return None
    query = select(ContractPaper).where(ContractPaper.contract_id == row.id, ContractPaper.edition == row.paper_edition)
    return db.scalar(query)


def paper_of(db: Session, row: Contract) -> PaperView | None:
    """The approved paper with its digests and the signatures over it."""
    paper = current_paper(db, row)
    if paper is None:
        return None
    query = (
        select(ContractSignature, Organization.name, Person.name)
        .join(Organization, Organization.id == ContractSignature.organization_id)
        .join(Person, Person.id == ContractSignature.person_id)
        .where(ContractSignature.paper_id == paper.id)
        .order_by(ContractSignature.at, ContractSignature.side)
    )
    return PaperView(
        edition=paper.edition,
        sha256=paper.sha256,
        sm3=paper.sm3,
        at=paper.at,
        document=document(db, paper.document_id),
        signatures=tuple(
            SignatureView(
                side=one.side, organization_id=one.organization_id, organization=organization, person=person, at=one.at
            )
            for one, organization, person in db.execute(query)
        ),
    )


def signed_sides(db: Session, row: Contract) -> frozenset[Side]:
    """Which parties have signed the current paper."""
    paper = current_paper(db, row)
    if paper is None:
        return frozenset()
    return frozenset(db.scalars(select(ContractSignature.side).where(ContractSignature.paper_id == paper.id)))


def actions(db: Session, actor: Actor, row: Contract) -> frozenset[ContractAction]:
    """What the actor may do with a contract now: the table of moves, held against rights, duties and signatures."""
    who = parties(row)
    found = {
        action
        for action in CONTRACT.actions(row.state)
        if any(may(actor, right, who) for right in rights_for(action, row.state))
    }
    if actor.person_id in row.drafter_ids:
        found -= {ContractAction.APPROVE}
    if row.published_at is not None:
        found -= {ContractAction.PUBLISH}
    signing = found & {ContractAction.SIGN, ContractAction.ACTIVATE}
    if signing and not sides_to_sign(db, actor, row):
        found -= signing
    return frozenset(found)


def sides_to_sign(db: Session, actor: Actor, row: Contract) -> frozenset[Side]:
    """The sides for which the actor may sign and nobody has."""
    mine = {side for side, right in SIGNING_RIGHTS.items() if may(actor, right, parties(row))}
    return frozenset(mine - signed_sides(db, row))


def window(db: Session, row: Contract, award: Award | None, *, now: datetime) -> Window:
    """From when the contract may be signed, and until when by law."""
    opens = award.signable_from if award else None
    until: Deadline | None = None
    project = db.get_one(Project, row.project_id)
    if award is not None and award.published_at is not None:
        until = sign_by(projects.kept_rules(db, project), law.calendar(db), award.published_at)
    late = until is not None and row.signed_at is None and legal_day(now) > until.day
    return Window(opens_at=opens, open=opens is not None and now >= opens, until=until, late=late)


def publication_due(db: Session, row: Contract) -> Deadline | None:
    """By when a signed contract must be public."""
    if row.signed_at is None:
        return None
    project = db.get_one(Project, row.project_id)
    return publish_by(projects.kept_rules(db, project), law.calendar(db), row.signed_at)


def party(db: Session, organization_id: UUID) -> PartyView:
    """A party as the contract names it."""
    row = db.get_one(Organization, organization_id)
    return PartyView(id=row.id, name=row.name, uscc=row.uscc or "")


def contract(
    db: Session, actor: Actor, contract_id: UUID, *, now: datetime, payer_id: UUID | None = None
) -> ContractView:
    """A contract as its people see it, with what the actor may do now; ``payer_id`` as for :func:`readable`.

    Raises:
        NotFound: there is none, or the actor's organization may not know of it.
        Forbidden: the actor's roles do not let them see it.
    """
    row = readable(db, actor, contract_id, payer_id=payer_id)
    project, award = db.get_one(Project, row.project_id), award_of(db, row.project_id)
    due = publication_due(db, row)
    acts = _acts(db, row)
    return ContractView(
        facts=facts_of(row),
        project_number=project.number or "",
        buyer=party(db, row.buyer_id),
        procuring_entity=party(db, row.procuring_entity_id),
        supplier=party(db, row.supplier_id),
        version=row.version,
        terms=terms_of(row),
        milestones=installments(db, row),
        funding=funding_lines(db, row.id),
        ceiling_fen=project.ceiling_fen or 0,
        bid_sha256=opened_bid(db, award.bid_id).sha256 if award else "",
        service_term_reason=project.term_reason,
        paper=paper_of(db, row) if row.state in TO_SIGN | BINDING else None,
        window=window(db, row, award, now=now),
        publish_by=due,
        publication_late=due is not None and row.published_at is None and legal_day(now) > due.day,
        drafters=tuple(acts[one] for one in row.drafter_ids if one in acts),
        submitted=_act(acts, row.submitted_by, row.submitted_at),
        approved=_act(acts, row.approved_by, row.approved_at),
        published=_act(acts, row.published_by, row.published_at),
        return_reason=row.return_reason,
        end_reason=row.end_reason,
        updated_at=row.updated_at,
        actions=actions(db, actor, row),
    )


def _acts(db: Session, row: Contract) -> dict[UUID, Act]:
    wanted = {*row.drafter_ids, row.submitted_by, row.approved_by, row.published_by} - {None}
    people = db.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {one: Act(person_id=one, name=name, at=row.drafted_at) for one, name in people}


def _act(known: Mapping[UUID, Act], person_id: UUID | None, at: datetime | None) -> Act | None:
    if at is None:
        return None
    found = known.get(person_id) if person_id else None
    return msgspec.structs.replace(found, at=at) if found else Act(person_id=person_id, name="", at=at)


def download(db: Session, actor: Actor, contract_id: UUID, *, payer_id: UUID | None = None) -> DocumentView:
    """The paper of a contract, for whoever may read it; the public reads its facts and its digest only.

    A paper that was sent back is nobody's paper any more; one that was cancelled stays with those who had it to sign.

    Raises:
        NotFound: there is none, or no paper for this reader.
        Forbidden: the actor's roles do not let them see it.
    """
    paper = current_paper(db, readable(db, actor, contract_id, payer_id=payer_id))
    if paper is None:
        raise NotFound
    return document(db, paper.document_id)
