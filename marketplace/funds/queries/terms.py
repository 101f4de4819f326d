"""Reads of funds: terms with balances, receipts with their serial numbers, the funding of a project."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import Session, aliased

from marketplace.funds.model import Fund, ProjectFunding, Receipt
from marketplace.funds.rules import Restriction
from marketplace.funds.schemas import FundingView, FundView, ReceiptView
from marketplace.funds.states import FundingState, FundState, ReceiptState
from marketplace.identity.model import Organization
from marketplace.identity.rules import Relation
from marketplace.kit.errors import NotFound
from marketplace.ledger.queries import receipt_spans, totals

PAGE = 100
_Holder, _Buyer = aliased(Organization), aliased(Organization)


def _fund_query() -> Select[Fund, str, str]:
    return (
        select(Fund, _Holder.name, _Buyer.name)
        .join(_Holder, _Holder.id == Fund.holder_id)
        .join(_Buyer, _Buyer.id == Fund.buyer_id)
    )


def _fund_views(db: Session, rows: Sequence[Row[Fund, str, str]]) -> list[FundView]:
    balances = totals(db, [fund.id for fund, _, _ in rows])
    return [
        FundView(
            id=fund.id,
            number=fund.number,
            name=fund.name,
            source=fund.source,
            custody=fund.custody,
            holder_id=fund.holder_id,
            holder=holder,
            buyer_id=fund.buyer_id,
            buyer=buyer,
            year=fund.year,
            basis_document_no=fund.basis_document_no,
            clause=fund.clause,
            catalogue_codes=tuple(fund.catalogue_codes),
            expires_on=fund.expires_on,
            state=fund.state,
            balances_fen=balances.get(fund.id, {}),
        )
        for fund, holder, buyer in rows
    ]


def funds(
    db: Session, *, concerning: UUID | None = None, buyer_id: UUID | None = None, only_open: bool = False
) -> list[FundView]:
    """Funds by number: all, those that an organization holds or may use, or those a buyer may draw on."""
    query = _fund_query().order_by(Fund.number)
    if concerning is not None:
        query = query.where(or_(Fund.holder_id == concerning, Fund.buyer_id == concerning))
    if buyer_id is not None:
        query = query.where(Fund.buyer_id == buyer_id)
    if only_open:
        query = query.where(Fund.state == FundState.OPEN)
    return _fund_views(db, db.execute(query).all())


def fund(db: Session, fund_id: UUID) -> FundView:
    """One fund.

    Raises:
        NotFound: there is none with this id.
    """
    rows = db.execute(_fund_query().where(Fund.id == fund_id)).all()
    if not rows:
        raise NotFound
    return _fund_views(db, rows)[0]


def parties(view: FundView) -> dict[Relation, UUID | None]:
    """Who is concerned by a fund: the office that holds it and the buyer that uses it."""
    return {Relation.FINANCE: view.holder_id, Relation.BUYER: view.buyer_id}


def restriction(row: Fund) -> Restriction:
    """What the money of a fund is bound to."""
    return Restriction(clause=row.clause, catalogue_codes=frozenset(row.catalogue_codes), expires_on=row.expires_on)


def _receipt_views(db: Session, query: Select[Receipt, Fund]) -> list[ReceiptView]:
    rows = db.execute(query).all()
    ids = [receipt.id for receipt, _ in rows]
    spans = receipt_spans(db, ids)
    following = select(Receipt.replaces_id, Receipt.id).where(Receipt.replaces_id.in_(ids))
    successors = {row[0]: row[1] for row in db.execute(following)} if ids else {}
    return [
        ReceiptView(
            id=receipt.id,
            number=receipt.number,
            check_code=receipt.check_code,
            fund_id=receipt.fund_id,
            fund=terms.name,
            fund_number=terms.number,
            kind=receipt.kind,
            amount_fen=receipt.amount_fen,
            value_date=receipt.value_date,
            document_no=receipt.document_no,
            payer=receipt.payer,
            disclose_payer=receipt.disclose_payer,
            note=receipt.note,
            state=receipt.state,
            first_serial=spans[receipt.id][0],
            after_last_serial=spans[receipt.id][1],
            recorded_at=receipt.recorded_at,
            replaces_id=receipt.replaces_id,
            replaced_by_id=successors.get(receipt.id),
            void_reason=receipt.void_reason,
        )
        for receipt, terms in rows
    ]


def _receipts() -> Select[Receipt, Fund]:
    return select(Receipt, Fund).join(Fund, Fund.id == Receipt.fund_id)


def receipts(
    db: Session, *, fund_id: UUID | None = None, holder_id: UUID | None = None, limit: int = PAGE
) -> list[ReceiptView]:
    """Receipts, newest first: of one fund, or of all funds that an office holds; voided ones stand in the list."""
    query = _receipts().order_by(Receipt.number.desc()).limit(limit)
    if fund_id is not None:
        query = query.where(Receipt.fund_id == fund_id)
    if holder_id is not None:
        query = query.where(Fund.holder_id == holder_id)
    return _receipt_views(db, query)


def receipt(db: Session, receipt_id: UUID) -> ReceiptView:
    """One receipt.

    Raises:
        NotFound: there is none with this id.
    """
    found = _receipt_views(db, _receipts().where(Receipt.id == receipt_id))
    if not found:
        raise NotFound
    return found[0]


def receipt_by_number(db: Session, number: str, check_code: str) -> ReceiptView:
    """The receipt that a giver holds in hand: both its number and its check code must be right.

    Raises:
        NotFound: no standing receipt has this number and code.
    """
    found = _receipt_views(
        db,
        _receipts().where(
            Receipt.number == number, Receipt.check_code == check_code, Receipt.state == ReceiptState.RECORDED
        ),
    )
    if not found:
        raise NotFound
    return found[0]


def funding_of(db: Session, project_ids: Iterable[UUID]) -> dict[UUID, list[FundingView]]:
    """The live funding lines of projects, by fund number."""
    query = (
        select(ProjectFunding, Fund)
        .join(Fund, Fund.id == ProjectFunding.fund_id)
        .where(ProjectFunding.project_id.in_(set(project_ids)), ProjectFunding.state != FundingState.RELEASED)
        .order_by(Fund.number)
    )
    lines: dict[UUID, list[FundingView]] = {}
    for row, terms in db.execute(query):
        view = FundingView(
            fund_id=terms.id, fund=terms.name, source=terms.source, amount_fen=row.amount_fen, state=row.state
        )
        lines.setdefault(row.project_id, []).append(view)
    return lines
