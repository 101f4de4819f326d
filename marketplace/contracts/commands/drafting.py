"""Verbs of the draft: begin a contract from an award, write it again, hand it in, cancel it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.contracts.model import Contract, ContractFunding
from marketplace.contracts.queries.contract import (
    columns_of,
    contract_of,
    parties,
    rights_for,
    shown_to,
    terms_of,
)
from marketplace.contracts.queries.contract_paper import brief, frame
from marketplace.contracts.rules import Terms, funding_amounts, gates, period
from marketplace.contracts.rules.refusals import ContractExists, NotAwarded, NotCovered
from marketplace.contracts.rules.wording import prefill
from marketplace.contracts.schemas import FundShare
from marketplace.contracts.states import CONTRACT, ContractAction
from marketplace.db.base import lock
from marketplace.db.numbers import next_number
from marketplace.evaluation.queries import award_of
from marketplace.identity.rules import Right, may, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound, Stale, raise_all
from marketplace.kit.money import yuan_grouped
from marketplace.outbox.commands import emit
from marketplace.projects import queries as projects
from marketplace.projects.model import Project


def draft(db: Session, actor: Actor, project_id: UUID, shares: Sequence[FundShare], *, now: datetime) -> UUID:
    """Begin the contract of an awarded project, its clauses filled from tender, bid and award; returns its id.

    ``shares`` are the project's funding lines in the order in which its price will be committed.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not draft contracts.
        NotAwarded: no result has been published.
        ContractExists: the project has a contract.
        NotCovered: less is set aside than the price.

    Source:
        采购法第四十六条: as the tender and the bid say.
    """
    project = lock(db, Project, project_id)
    if project is None:
        raise NotFound
    require(actor, Right.DRAFT_CONTRACT, projects.parties(project))
    award = award_of(db, project_id)
    if award is None or award.published_at is None:
        raise NotAwarded
    if contract_of(db, project_id) is not None:
        raise ContractExists
    short_fen = award.price_fen - sum(share.reserved_fen for share in shares)
    if short_fen > 0:
        raise NotCovered(short=yuan_grouped(short_fen))
    row = Contract(
        project_id=project_id,
        award_id=award.id,
        buyer_id=project.buyer_id,
        procuring_entity_id=project.procuring_entity_id,
        supplier_id=award.organization_id,
        title=project.title,
        price_fen=award.price_fen,
        drafter_ids=[actor.person_id] if actor.person_id else [],
        drafted_at=now,
        updated_at=now,
        **columns_of(prefill(brief(db, project, award))),
    )
    db.add(row)
    db.flush()
    _share_out(db, row, shares)
    record(
        db, actor, "contract.drafted", "contract", row.id, now=now,
        project_id=project_id, award_id=award.id, price_fen=award.price_fen,
    )  # fmt: skip
    emit(db, "contract.drafted", now=now, contract_id=row.id)
    return row.id


def _share_out(db: Session, row: Contract, shares: Sequence[FundShare]) -> None:
    """What each fund of the project pays of the price, in the order of the lines."""
    amounts = funding_amounts(row.price_fen, [share.reserved_fen for share in shares])
    for place, (share, amount) in enumerate(zip(shares, amounts, strict=True), 1):
        db.add(ContractFunding(contract_id=row.id, place=place, fund_id=share.fund_id, amount_fen=amount))
    db.flush()


def edit(db: Session, actor: Actor, contract_id: UUID, terms: Terms, *, version: int, now: datetime) -> int:
    """Write a draft again, and return its new version; whoever writes in it becomes one of its drafters.

    Raises:
        NotFound: there is no such contract for the actor.
        Forbidden: the actor may not draft contracts.
        IllegalMove: it is no draft.
        Stale: somebody else wrote in it since ``version``.
        ServiceEndsEarly: the service would end before it begins.
    """
    row = locked(db, actor, contract_id, ContractAction.EDIT)
    row.state = CONTRACT.after(row.state, ContractAction.EDIT)
    if row.version != version:
        raise Stale
    raise_all(period(terms))
    before = terms_of(row)
    for name, value in columns_of(terms).items():
        setattr(row, name, value)
    if actor.person_id is not None and actor.person_id not in row.drafter_ids:
        row.drafter_ids = [*row.drafter_ids, actor.person_id]
    touch(row, now)
    changed = [name for name in Terms.__struct_fields__ if getattr(before, name) != getattr(terms, name)]
    record(db, actor, "contract.edited", "contract", row.id, now=now, changed=changed, version=row.version)
    return row.version


def submit(db: Session, actor: Actor, contract_id: UUID, *, now: datetime) -> str:
    """Hand a draft in for approval; returns its number, which it gets when it is handed in first.

    Raises:
        NotFound: there is no such contract for the actor.
        Forbidden: the actor may not draft contracts.
        IllegalMove: it is no draft.
        ClauseMissing, PriceNotNamed, UnprintableClause: a clause is at fault.
        ServiceTermMissing, ServiceEndsEarly, ServiceOver, ServiceTooLong, LongTermNotPlanned: the term is.
        MilestoneDayMissing, MilestoneDayPast, MilestoneDaysOutOfOrder: a milestone's day is.
        Several: more than one of them.

    Source:
        102号令第二十三条、第二十四条.
    """
    row = locked(db, actor, contract_id, ContractAction.SUBMIT)
    state = CONTRACT.after(row.state, ContractAction.SUBMIT)
    raise_all(gates(terms_of(row), frame(db, row), today=legal_day(now)))
    if row.number is None:
        row.number = next_number(db, "contract", on=legal_day(now))
    row.state = state
    row.submitted_by, row.submitted_at = actor.person_id, now
    row.return_reason, row.returned_by = "", None
    touch(row, now)
    record(
        db, actor, "contract.submitted", "contract", row.id, now=now,
        number=row.number, price_fen=row.price_fen, version=row.version,
    )  # fmt: skip
    emit(db, "contract.submitted", now=now, contract_id=row.id)
    return row.number


def cancel(db: Session, actor: Actor, contract_id: UUID, *, reason: str, now: datetime) -> None:
    """Cancel a contract before both have signed, with a reason; a new one may be drafted. No money moves.

    Raises:
        NotFound: there is no such contract for the actor.
        Forbidden: the actor may not cancel contracts.
        IllegalMove: it is binding, or cancelled already.
    """
    row = locked(db, actor, contract_id, ContractAction.CANCEL)
    row.state = CONTRACT.after(row.state, ContractAction.CANCEL)
    row.ended_by, row.ended_at, row.end_reason = actor.person_id, now, reason
    touch(row, now)
    record(db, actor, "contract.cancelled", "contract", row.id, now=now, reason=reason)
    emit(db, "contract.cancelled", now=now, contract_id=row.id)


def locked(db: Session, actor: Actor, contract_id: UUID, action: ContractAction) -> Contract:
    """A contract's row for an act, after its lock and the actor's right.

    Raises:
        NotFound: there is none that the actor may know of.
        Forbidden: the actor's roles lack the right.
    """
    row = lock(db, Contract, contract_id)
    if row is None or not shown_to(actor, row):
        raise NotFound
    allowed: Sequence[Right] = rights_for(action, row.state)
    if not any(may(actor, right, parties(row)) for right in allowed):
        require(actor, _nearest(actor, row, allowed), parties(row))
    return row


def _nearest(actor: Actor, row: Contract, rights: Sequence[Right]) -> Right:
    """The right to name in a refusal: the supplier's own where the supplier asks."""
    if actor.organization_id == row.supplier_id and Right.SIGN_AS_SUPPLIER in rights:
        return Right.SIGN_AS_SUPPLIER
    return rights[0]


def touch(row: Contract, now: datetime) -> None:
    """One more version, written now."""
    row.version += 1
    row.updated_at = now
