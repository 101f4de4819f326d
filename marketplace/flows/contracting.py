"""The stories of the contract: drafted over its project's money, approved as a paper, signed, and then in force."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.contracts import commands as contracts
from marketplace.contracts import queries
from marketplace.contracts.commands.approving import printed
from marketplace.contracts.model import Contract, ContractFunding
from marketplace.contracts.schemas import FundName, FundShare, Seen
from marketplace.contracts.states import Side
from marketplace.documents.storage import Storage
from marketplace.funds import commands as funds
from marketplace.funds import queries as money
from marketplace.funds.commands import commit as commit_price
from marketplace.funds.model import Fund, ProjectFunding
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import NotFound
from marketplace.ledger import commands as ledger
from marketplace.projects.states import MilestoneKind


def draft(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> UUID:
    """Begin the contract of an awarded project; its price is shared out over the funds as it will be committed.

    Raises:
        NotFound: there is no such project for the actor.
        Forbidden: the actor may not draft contracts.
        NotAwarded: no result has been published.
        ContractExists: the project has a contract.
        NotCovered: less is set aside than the price.
    """
    lines = money.funding_of(db, [project_id]).get(project_id, [])
    shares = [FundShare(fund_id=line.fund_id, reserved_fen=line.amount_fen) for line in lines]
    return contracts.draft(db, actor, project_id, shares, now=now)


def approve(db: Session, storage: Storage, actor: Actor, contract_id: UUID, *, now: datetime) -> str:
    """Approve a contract and print the paper both parties will sign; returns its SHA-256.

    Raises:
        NotFound: there is no such contract for the actor.
        Forbidden: the actor may not approve contracts.
        DutiesClash: the actor is one of its drafters.
        IllegalMove: it was not handed in.
        UnprintableClause: a name or a clause has characters that no font of ours can print.
    """
    return contracts.approve(db, storage, actor, contract_id, fund_names(db, contract_id), now=now)


def preview(db: Session, actor: Actor, contract_id: UUID, *, now: datetime) -> bytes:
    """The contract as a PDF, as it would be printed today.

    Raises:
        NotFound: there is no such contract for the actor.
        Forbidden: the actor's roles do not let them see it.
        UnprintableClause: a name or a clause has characters that no font of ours can print.
    """
    row = queries.readable(db, actor, contract_id)
    return printed(db, row, fund_names(db, contract_id), on=legal_day(now))


def fund_names(db: Session, contract_id: UUID) -> Mapping[UUID, FundName]:
    """How the paper of a contract names its funds."""
    query = (
        select(Fund.id, Fund.number, Fund.name)
        .join(ContractFunding, ContractFunding.fund_id == Fund.id)
        .where(ContractFunding.contract_id == contract_id)
    )
    return {one: FundName(number=number, name=name) for one, number, name in db.execute(query)}


def sign_as_buyer(db: Session, actor: Actor, contract_id: UUID, seen: Seen, *, now: datetime) -> bool:
    """The buyer's head signs; returns whether the contract is in force now. See :func:`sign`.

    Raises:
        DomainError: what :func:`sign` refuses.
    """
    return sign(db, actor, contract_id, Side.BUYER, seen, now=now)


def sign_as_supplier(db: Session, actor: Actor, contract_id: UUID, seen: Seen, *, now: datetime) -> bool:
    """The supplier's head signs; returns whether the contract is in force now. See :func:`sign`.

    Raises:
        DomainError: what :func:`sign` refuses.
    """
    return sign(db, actor, contract_id, Side.SUPPLIER, seen, now=now)


def sign(db: Session, actor: Actor, contract_id: UUID, side: Side, seen: Seen, *, now: datetime) -> bool:
    """One party signs the paper it read; with the second signature the contract takes effect, or nothing happens.

    In one transaction the milestones are laid down, the price is committed, what it leaves over returns to its funds,
    and an advance becomes payable. Returns whether the contract is in force now.

    Raises:
        NotFound: there is no such contract for the actor.
        Forbidden: the actor may not sign for this side.
        IllegalMove: it is not to be signed.
        TooEarlyToSign, ResultPending: the period after the result is not over.
        ContractChanged: the paper is another one than was read.
        AlreadySigned: this side has signed.
        MoreThanReserved: less is reserved for the project than the price.

    Source:
        采购法第四十六条; 预算法第六十三条.
    """
    project_id = db.scalar(select(Contract.project_id).where(Contract.id == contract_id))
    if project_id is None:
        raise NotFound
    ledger.lock_funds(db, db.scalars(select(ProjectFunding.fund_id).where(ProjectFunding.project_id == project_id)))
    if not contracts.sign(db, actor, contract_id, side, seen, now=now):
        return False
    milestones = contracts.activate(db, actor, contract_id, now=now)
    price_fen = queries.contract_facts(db, contract_id).price_fen
    commit_price(db, actor, project_id, contract_id, price_fen, now=now)
    for milestone in milestones:
        if milestone.kind is MilestoneKind.ADVANCE and milestone.amount_fen:
            funds.make_payable(db, actor, contract_id, milestone.id, milestone.amount_fen, now=now)
    return True
