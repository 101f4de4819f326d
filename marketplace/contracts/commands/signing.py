"""Verbs of the signature: each party's recorded act over the paper's digest; the second one makes it binding."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.contracts.commands.drafting import touch
from marketplace.contracts.commands.scheduling import schedule
from marketplace.contracts.model import Contract, ContractSignature
from marketplace.contracts.queries.contract import (
    SIGNING_RIGHTS,
    current_paper,
    installments,
    parties,
    shown_to,
    signed_sides,
)
from marketplace.contracts.rules import may_sign
from marketplace.contracts.rules.refusals import AlreadySigned, ContractChanged
from marketplace.contracts.schemas import MilestoneFacts, PlannedMilestone, Seen
from marketplace.contracts.states import CONTRACT, SIDE_NAMES, ContractAction, ContractState, Side
from marketplace.db.base import lock
from marketplace.evaluation.queries import award_of
from marketplace.identity.rules import require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.outbox.commands import emit
from marketplace.suppliers.commands import check_free


def sign(db: Session, actor: Actor, contract_id: UUID, side: Side, seen: Seen, *, now: datetime) -> bool:
    """One party signs the paper it has read; returns whether now both have, and the contract is to take effect.

    Part of the flow that signs, which lets the contract take effect with its money in the same transaction.

    Raises:
        NotFound: there is no such contract for the actor, or the actor is nobody in person.
        Forbidden: the actor may not sign for this side.
        MustRecuse: the register of interests ties the buyer's signatory to the supplier.
        IllegalMove: it is not to be signed.
        TooEarlyToSign, ResultPending: the period after the result is not over, by the clock.
        ContractChanged: the paper is another one than was read.
        AlreadySigned: this side has signed.

    Source:
        采购法第四十六条.
    """
    row = lock(db, Contract, contract_id)
    if row is None or not shown_to(actor, row) or actor.person_id is None or actor.organization_id is None:
        raise NotFound
    require(actor, SIGNING_RIGHTS[side], parties(row))
    if side is Side.BUYER:
        check_free(db, actor.person_id, row.supplier_id, now=now)
    first = row.state is not ContractState.SIGNING
    state = CONTRACT.after(row.state, ContractAction.SIGN if first else ContractAction.ACTIVATE)
    award = award_of(db, row.project_id)
    may_sign(award.signable_from if award else None, at=now)
    paper = current_paper(db, row)
    if paper is None or paper.sha256 != seen.sha256:
        raise ContractChanged
    if side in signed_sides(db, row):
        raise AlreadySigned(side=SIDE_NAMES[side])
    db.add(
        ContractSignature(
            paper_id=paper.id,
            sha256=paper.sha256,
            side=side,
            organization_id=actor.organization_id,
            person_id=actor.person_id,
            at=now,
        )
    )
    db.flush()
    if first:
        row.state = state
        touch(row, now)
        emit(db, "contract.signed", now=now, contract_id=row.id, side=side.value)
    record(db, actor, "contract.signed", "contract", row.id, now=now, side=side.value, sha256=paper.sha256)
    return not first


def activate(db: Session, actor: Actor, contract_id: UUID, *, now: datetime) -> tuple[MilestoneFacts, ...]:
    """Let a contract take effect that both have signed, and lay down its milestones; returns them.

    Part of the flow of the second signature, which holds its lock, has judged the actor, and commits the money.

    Raises:
        NotFound: there is no such contract.
        IllegalMove: it is not half signed.
        PlanNotWhole: the milestones do not make the price.
    """
    row = lock(db, Contract, contract_id)
    if row is None:
        raise NotFound
    row.state = CONTRACT.after(row.state, ContractAction.ACTIVATE)
    row.signed_at = now
    touch(row, now)
    db.flush()
    agreed = [
        PlannedMilestone(
            place=one.place,
            kind=one.kind,
            title=one.title,
            share_bp=one.share_bp,
            amount_fen=one.amount_fen,
            deliverable=one.deliverable,
            evidence="\n".join(one.evidence),
            due_on=one.due_on,
        )
        for one in installments(db, row)
    ]
    found = schedule(db, actor, contract_id, agreed, now=now)
    record(
        db, actor, "contract.activated", "contract", row.id, now=now,
        number=row.number, price_fen=row.price_fen, project_id=row.project_id,
    )  # fmt: skip
    emit(db, "contract.activated", now=now, contract_id=row.id)
    return found
