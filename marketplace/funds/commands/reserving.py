"""Verbs that set money aside for a project and give it back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.db.base import lock_all
from marketplace.funds.model import Fund, ProjectFunding
from marketplace.funds.queries import restriction
from marketplace.funds.rules import FundClosed, Use, use_refusals
from marketplace.funds.schemas import FundingLine
from marketplace.funds.states import (
    FUNDING,
    FundingAction,
    FundingState,
    FundState,
)
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError, NotFound, raise_all
from marketplace.ledger import commands as ledger


def reserve(
    db: Session, actor: Actor, project_id: UUID, lines: Sequence[FundingLine], use: Use, *, now: datetime
) -> None:
    """Set money aside for a project, all lines or none: ``available`` becomes ``reserved``, lowest serials first.

    The caller has decided that the actor may publish the project and holds its lock; funds are locked here first,
    ascending.

    Raises:
        NotFound: a fund does not exist.
        FundClosed, NotThisBuyersMoney, PurposeForbidden, FundExpires: a fund may not serve this use.
        NotEnough: a fund has less than its line asks for.

    Source:
        采购法第六条、102号令第十六条: no budget, no project.
    """
    ledger.lock_funds(db, [line.fund_id for line in lines])
    terms = {row.id: row for row in lock_all(db, Fund, [line.fund_id for line in lines])}
    found: list[DomainError] = []
    for line in lines:
        row = terms.get(line.fund_id)
        if row is None:
            raise NotFound
        if row.state is not FundState.OPEN:
            found.append(FundClosed(field="funding", fund=row.name))
        found += use_refusals(row.name, row.buyer_id, restriction(row), use)
    raise_all(found)
    for line in lines:
        share = ProjectFunding(project_id=project_id, fund_id=line.fund_id, amount_fen=line.amount_fen, reserved_at=now)
        db.add(share)
        db.flush()
        ledger.move(
            db,
            key=f"reserve/{share.id}",
            fund_id=line.fund_id,
            source=("available", None),
            target=("reserved", project_id),
            amount_fen=line.amount_fen,
            cause="项目发布占用",
            actor_id=actor.person_id,
            value_date=legal_day(now),
            now=now,
        )
    record(
        db,
        actor,
        "funding.reserved",
        "project",
        project_id,
        now=now,
        amount_fen=sum(line.amount_fen for line in lines),
    )


def release(db: Session, actor: Actor, project_id: UUID, *, reason: str, now: datetime) -> int:
    """Give back what is reserved for a project that ends without a contract; returns the amount in fen."""
    known = select(ProjectFunding).where(
        ProjectFunding.project_id == project_id, ProjectFunding.state == FundingState.RESERVED
    )
    shares = list(db.scalars(known))
    ledger.lock_funds(db, [share.fund_id for share in shares])
    shares = lock_all(db, ProjectFunding, [share.id for share in shares])
    for share in shares:
        share.state = FUNDING.after(share.state, FundingAction.RELEASE)
        share.released_at = now
        ledger.move(
            db,
            key=f"release/{share.id}",
            fund_id=share.fund_id,
            source=("reserved", project_id),
            target=("available", None),
            amount_fen=share.amount_fen,
            cause="项目终止退回",
            actor_id=actor.person_id,
            value_date=legal_day(now),
            now=now,
        )
    total = sum(share.amount_fen for share in shares)
    if shares:
        record(db, actor, "funding.released", "project", project_id, now=now, reason=reason, amount_fen=total)
    return total
