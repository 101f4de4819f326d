"""Verbs along a contract's life: its price is committed, what was accepted becomes payable, the rest goes back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.db.base import lock_all
from marketplace.funds.model import Fund, ProjectFunding
from marketplace.funds.rules import AlreadyPayable, MoreThanCommitted, MoreThanReserved
from marketplace.funds.states import FUNDING, FundingAction, FundingState
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.money import yuan_grouped
from marketplace.ledger import commands as ledger
from marketplace.ledger.model import account
from marketplace.ledger.queries import balances_of
from marketplace.ledger.rules import split_by_left
from marketplace.ledger.schemas import PlaceLike

AVAILABLE: PlaceLike = ("available", None)


def commit(db: Session, actor: Actor, project_id: UUID, contract_id: UUID, price_fen: int, *, now: datetime) -> int:
    """Bind a project's money to its signed contract and return what the price leaves over, in fen.

    The price is split over the funds by what each reserved, in the order of their numbers, largest remainder first:
    ``reserved`` becomes ``committed``, and the rest of each line ``available`` again. The caller has decided that the
    contract may be signed.

    Raises:
        MoreThanReserved: less is reserved for the project; nothing is committed.

    Source:
        采购法第四十六条; 预算法第六十三条: a contract is signed within its budget, what is left over goes back.
    """
    ledger.lock_funds(db, _funds_of(db, project_id))
    lines = _lines(db, project_id, FundingState.RESERVED)
    short_fen = price_fen - sum(line.amount_fen for line in lines)
    if short_fen > 0:
        raise MoreThanReserved(field="price_fen", short=yuan_grouped(short_fen))
    parts_fen = split_by_left(price_fen, [line.amount_fen for line in lines])
    surplus_fen = 0
    for line, part_fen in zip(lines, parts_fen, strict=True):
        action = FundingAction.COMMIT if part_fen else FundingAction.RELEASE
        line.state = FUNDING.after(line.state, action)
        if part_fen:
            line.committed_fen, line.contract_id, line.committed_at = part_fen, contract_id, now
            committed = ("committed", contract_id)
            _carry(db, actor, f"commit/{line.id}", line.fund_id, ("reserved", project_id), committed, part_fen, now)
        else:
            line.released_at = now
        rest_fen = line.amount_fen - part_fen
        if rest_fen:
            reserved = ("reserved", project_id)
            _carry(db, actor, f"surplus/{line.id}", line.fund_id, reserved, AVAILABLE, rest_fen, now)
        surplus_fen += rest_fen
    db.flush()
    record(
        db,
        actor,
        "funding.committed",
        "contract",
        contract_id,
        now=now,
        project_id=project_id,
        amount_fen=price_fen,
        surplus_fen=surplus_fen,
    )
    return surplus_fen


def make_payable(
    db: Session, actor: Actor, contract_id: UUID, milestone_id: UUID, amount_fen: int, *, now: datetime
) -> None:
    """Let what was accepted of a milestone (or its advance) become payable, once a milestone.

    It is split by what each fund still has committed to the contract. The caller has decided what was accepted.

    Raises:
        MoreThanCommitted: the contract has less left.
        AlreadyPayable: the milestone became payable before.
    """
    ledger.lock_funds(db, _committed_funds(db, contract_id))
    if db.scalar(select(account.c.id).where(account.c.role == "payable", account.c.ref == milestone_id).limit(1)):
        raise AlreadyPayable
    left = _committed(db, contract_id)
    short_fen = amount_fen - sum(left.values())
    if short_fen > 0:
        raise MoreThanCommitted(field="amount_fen", short=yuan_grouped(short_fen))
    parts_fen = split_by_left(amount_fen, list(left.values()))
    for fund_id, part_fen in zip(left, parts_fen, strict=True):
        if part_fen:
            key = f"payable/{milestone_id}/{fund_id}"
            payable = ("payable", milestone_id)
            _carry(db, actor, key, fund_id, ("committed", contract_id), payable, part_fen, now)
    record(
        db, actor, "funding.payable", "milestone", milestone_id, now=now, contract_id=contract_id, amount_fen=amount_fen
    )


def release_rest(db: Session, actor: Actor, contract_id: UUID, *, now: datetime) -> int:
    """Give back what a contract at its end left committed; return how much, in fen, the second time nothing."""
    ledger.lock_funds(db, _committed_funds(db, contract_id))
    left = _committed(db, contract_id)
    for fund_id, left_fen in left.items():
        key = f"close/{contract_id}/{fund_id}"
        _carry(db, actor, key, fund_id, ("committed", contract_id), AVAILABLE, left_fen, now)
    total_fen = sum(left.values())
    if total_fen:
        record(db, actor, "funding.released", "contract", contract_id, now=now, amount_fen=total_fen)
    return total_fen


def _funds_of(db: Session, project_id: UUID) -> list[UUID]:
    return list(db.scalars(select(ProjectFunding.fund_id).where(ProjectFunding.project_id == project_id)))


def _committed_funds(db: Session, contract_id: UUID) -> list[UUID]:
    return list(db.scalars(select(ProjectFunding.fund_id).where(ProjectFunding.contract_id == contract_id)))


def _lines(db: Session, project_id: UUID, state: FundingState) -> list[ProjectFunding]:
    """The funding lines of a project in one state, locked, by the number of their funds."""
    known = db.scalars(select(ProjectFunding.id).where(ProjectFunding.project_id == project_id))
    rows = [row for row in lock_all(db, ProjectFunding, known) if row.state is state]
    number = dict(db.execute(select(Fund.id, Fund.number).where(Fund.id.in_([row.fund_id for row in rows]))).all())
    return sorted(rows, key=lambda row: number[row.fund_id])


def _committed(db: Session, contract_id: UUID) -> dict[UUID, int]:
    """What each fund has committed to a contract now, by the number of the funds."""
    held = balances_of(db, [contract_id])[contract_id]
    amounts = {fund_id: fen for (fund_id, role), fen in held.items() if role == "committed"}
    order = db.scalars(select(Fund.id).where(Fund.id.in_(amounts)).order_by(Fund.number))
    return {fund_id: amounts[fund_id] for fund_id in order}


_CAUSES = {
    "commit": "合同签订",
    "surplus": "成交结余退回",
    "payable": "验收应付",
    "close": "合同结清退回",
}


def _carry(
    db: Session, actor: Actor, key: str, fund_id: UUID, source: PlaceLike, target: PlaceLike, amount_fen: int,
    now: datetime,
) -> None:  # fmt: skip
    ledger.move(
        db,
        key=key,
        fund_id=fund_id,
        source=source,
        target=target,
        amount_fen=amount_fen,
        cause=_CAUSES[key.partition("/")[0]],
        actor_id=actor.person_id,
        value_date=legal_day(now),
        now=now,
    )
