"""From the award to the signed contract, step by step: what each verb leaves behind and what it refuses."""

import hashlib
import subprocess
from datetime import timedelta
from pathlib import Path
from shutil import which

import msgspec
import pytest
from cryptography.hazmat.primitives.hashes import SM3, Hash
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.contracts import commands, queries
from marketplace.contracts.model import Contract, ContractFunding
from marketplace.contracts.rules.refusals import (
    AlreadyPublished,
    AlreadySigned,
    ClauseMissing,
    ContractChanged,
    ContractExists,
    NotAwarded,
    NotCovered,
    TooEarlyToSign,
    UnprintableClause,
)
from marketplace.contracts.schemas import FundShare
from marketplace.contracts.states import ContractState, Side
from marketplace.flows import contracting
from marketplace.funds.model import ProjectFunding
from marketplace.journal.queries import of_thing
from marketplace.kit.errors import Forbidden, NotFound, Stale
from marketplace.projects.states import NoticeKind
from tests.contracts.support import PRICE, Deal, active, drafted, half_signed, seen, signed, submitted, to_sign
from tests.projects.village import an_open

DAY = timedelta(days=1)


def row_of(db: Session, deal: Deal) -> Contract:
    return db.get_one(Contract, deal.contract_id, populate_existing=True)


def test_a_draft_is_filled_from_tender_bid_and_award(db: Session, deal: Deal) -> None:
    view = queries.contract(db, deal.drafter, drafted(db, deal).contract_id, now=deal.at)
    assert view.facts.state is ContractState.DRAFT
    assert view.facts.number == ""
    assert (view.facts.price_fen, view.facts.supplier_id) == (PRICE, deal.supplier.organization_id)
    assert "每周三次入户陪伴，由两名持证社工带队" in view.terms.content
    assert "三月至十二月" in view.terms.term
    assert "暑期托管：1 项。" in view.terms.quantity
    assert "人民币 33,333.33 元（大写：叁万叁仟叁佰叁拾叁元叁角叁分）" in view.terms.price
    assert sum(one.amount_fen for one in view.milestones) == PRICE
    assert [one.fund_id for one in view.funding] == list(deal.funds)
    assert sum(one.amount_fen for one in view.funding) == PRICE
    assert [one.name for one in view.drafters] == ["张三丰"]
    assert len(view.bid_sha256) == 64


def test_without_a_published_result_there_is_no_contract(db: Session, deal: Deal) -> None:
    other = an_open(db, deal.village, deal.at)
    with pytest.raises(NotAwarded):
        contracting.draft(db, deal.drafter, other, now=deal.at)
    with pytest.raises(NotFound):
        contracting.draft(db, deal.drafter, deal.bid_id, now=deal.at)
    with pytest.raises(Forbidden):
        contracting.draft(db, deal.approver, deal.project_id, now=deal.at)
    with pytest.raises(NotFound):
        contracting.draft(db, deal.village.stranger, deal.project_id, now=deal.at)


def test_a_project_has_one_contract_until_it_is_cancelled(db: Session, deal: Deal) -> None:
    first = drafted(db, deal).contract_id
    with pytest.raises(ContractExists):
        contracting.draft(db, deal.buyer_clerk, deal.project_id, now=deal.at)
    commands.cancel(db, deal.approver, first, reason="条款重拟", now=deal.at)
    again = contracting.draft(db, deal.buyer_clerk, deal.project_id, now=deal.at)
    facts = queries.contract_of(db, deal.project_id)
    assert facts is not None
    assert facts.id == again != first
    assert len(queries.desk_contracts(db, deal.drafter)) == 2


def test_a_price_beyond_what_is_set_aside_is_refused(db: Session, deal: Deal) -> None:
    shares = [FundShare(fund_id=deal.funds[0], reserved_fen=PRICE - 5)]
    with pytest.raises(NotCovered) as refusal:
        commands.draft(db, deal.drafter, deal.project_id, shares, now=deal.at)
    assert "0.05" in str(refusal.value)


def test_whoever_writes_becomes_a_drafter_and_an_old_version_is_stale(db: Session, deal: Deal) -> None:
    drafted(db, deal)
    terms = msgspec.structs.replace(queries.terms_of(row_of(db, deal)), quality="更高的标准。")
    assert commands.edit(db, deal.buyer_clerk, deal.contract_id, terms, version=1, now=deal.at) == 2
    row = row_of(db, deal)
    assert row.drafter_ids == [deal.drafter.person_id, deal.buyer_clerk.person_id]
    assert queries.terms_of(row) == terms
    with pytest.raises(Stale):
        commands.edit(db, deal.drafter, deal.contract_id, terms, version=1, now=deal.at)


def test_a_draft_with_a_gap_is_not_handed_in_and_gets_no_number(db: Session, deal: Deal) -> None:
    drafted(db, deal)
    terms = msgspec.structs.replace(queries.terms_of(row_of(db, deal)), breach="")
    commands.edit(db, deal.drafter, deal.contract_id, terms, version=1, now=deal.at)
    with pytest.raises(ClauseMissing):
        commands.submit(db, deal.drafter, deal.contract_id, now=deal.at)
    assert row_of(db, deal).number is None


def test_a_contract_keeps_its_number_when_it_is_handed_in_again(db: Session, deal: Deal) -> None:
    submitted(db, deal)
    number = row_of(db, deal).number
    assert number == "HT-2026-0001"
    commands.return_(db, deal.approver, deal.contract_id, reason="数量要写清", now=deal.at)
    assert row_of(db, deal).return_reason == "数量要写清"
    assert commands.submit(db, deal.drafter, deal.contract_id, now=deal.at) == number
    assert row_of(db, deal).return_reason == ""


def test_approval_prints_the_paper_that_the_preview_showed(db: Session, deal: Deal) -> None:
    submitted(db, deal)
    shown = contracting.preview(db, deal.approver, deal.contract_id, now=deal.at)
    digest = contracting.approve(db, deal.storage, deal.approver, deal.contract_id, now=deal.at)
    card = queries.download(db, deal.supplier, deal.contract_id)
    with deal.storage.open(card.sha256) as stream:
        printed = stream.read()
    assert printed == shown
    assert digest == hashlib.sha256(printed).hexdigest() == card.sha256
    view = queries.contract(db, deal.supplier, deal.contract_id, now=deal.at)
    assert view.paper is not None
    sm3 = Hash(SM3())
    sm3.update(printed)
    assert view.paper.sm3 == sm3.finalize().hex()
    assert card.name == "HT-2026-0001 留守儿童暑期托管服务合同.pdf"


READER = which("pdftotext") or ""


@pytest.mark.skipif(not READER, reason="pdftotext is not installed: the words are checked in test_rules")
def test_the_printed_words_and_amounts_are_the_contracts(db: Session, deal: Deal, tmp_path: Path) -> None:
    submitted(db, deal)
    file = tmp_path / "contract.pdf"
    file.write_bytes(contracting.preview(db, deal.approver, deal.contract_id, now=deal.at))
    read = subprocess.run([READER, "-layout", str(file), "-"], capture_output=True, check=True, text=True)
    text = read.stdout
    flat = "".join(text.split())
    for words in (
        "合同编号HT-2026-0001", "第八条违约责任", "不得将本合同约定的服务转包", "33,333.33",
        "叁万叁仟叁佰叁拾叁元叁角叁分",
        "示例资金1", "示例资金2", "示例社会工作服务中心1", "示例区总工会",
    ):  # fmt: skip
        assert words in flat, words
    for one in queries.contract(db, deal.drafter, deal.contract_id, now=deal.at).milestones:
        assert one.title in flat


def test_what_no_font_can_print_is_told_before_the_approval(db: Session, deal: Deal) -> None:
    drafted(db, deal)
    terms = msgspec.structs.replace(queries.terms_of(row_of(db, deal)), quality="优\U000f0000")
    commands.edit(db, deal.drafter, deal.contract_id, terms, version=1, now=deal.at)
    with pytest.raises(UnprintableClause):
        contracting.preview(db, deal.drafter, deal.contract_id, now=deal.at)
    with pytest.raises(UnprintableClause):
        commands.submit(db, deal.drafter, deal.contract_id, now=deal.at)


def test_nobody_signs_before_the_period_is_over_by_the_clock(db: Session, deal: Deal) -> None:
    to_sign(db, deal)
    with pytest.raises(TooEarlyToSign) as early:
        signed(db, deal, Side.SUPPLIER, at=deal.signable_from - timedelta(milliseconds=1))
    assert "才能签订合同" in str(early.value)
    assert signed(db, deal, Side.SUPPLIER, at=deal.signable_from) is False


def test_a_changed_paper_is_not_signed_and_signatures_under_the_old_one_fall_away(db: Session, deal: Deal) -> None:
    half_signed(db, deal)
    old = seen(db, deal.contract_id)
    commands.return_(db, deal.buyer_head, deal.contract_id, reason="服务地点有误", now=deal.at)
    row = row_of(db, deal)
    terms = msgspec.structs.replace(queries.terms_of(row), content="在示例村服务点提供托管。")
    commands.edit(db, deal.drafter, deal.contract_id, terms, version=row.version, now=deal.at)
    commands.submit(db, deal.drafter, deal.contract_id, now=deal.at)
    contracting.approve(db, deal.storage, deal.approver, deal.contract_id, now=deal.at)
    with pytest.raises(ContractChanged):
        contracting.sign_as_buyer(db, deal.buyer_head, deal.contract_id, old, now=deal.at)
    assert queries.signed_sides(db, row_of(db, deal)) == frozenset()
    new = seen(db, deal.contract_id)
    assert new != old
    assert contracting.sign_as_buyer(db, deal.buyer_head, deal.contract_id, new, now=deal.at) is False
    assert contracting.sign_as_supplier(db, deal.supplier, deal.contract_id, new, now=deal.at) is True


def test_a_side_signs_once_and_nobody_for_the_other(db: Session, deal: Deal) -> None:
    half_signed(db, deal)
    what = seen(db, deal.contract_id)
    with pytest.raises(AlreadySigned):
        contracting.sign_as_supplier(db, deal.supplier, deal.contract_id, what, now=deal.at)
    with pytest.raises(Forbidden):
        contracting.sign_as_buyer(db, deal.supplier, deal.contract_id, what, now=deal.at)
    with pytest.raises(NotFound):
        contracting.sign_as_buyer(db, deal.village.stranger, deal.contract_id, what, now=deal.at)


def test_signing_late_is_possible_and_said_so(db: Session, deal: Deal) -> None:
    to_sign(db, deal)
    view = queries.contract(db, deal.buyer_head, deal.contract_id, now=deal.at)
    assert view.window.open
    assert not view.window.late
    assert view.window.until is not None
    assert view.window.until.basis == "政府采购法第四十六条"
    deal.at += 40 * DAY
    late = queries.contract(db, deal.buyer_head, deal.contract_id, now=deal.at)
    assert late.window.late
    [todo] = [one for one in queries.todos(db, deal.buyer_head, now=deal.at) if one.title.startswith("待签订")]
    assert todo.urgent
    signed(db, deal, Side.SUPPLIER)
    assert signed(db, deal, Side.BUYER)


def test_in_force_the_funds_pay_exactly_what_the_contract_said(db: Session, deal: Deal) -> None:
    active(db, deal)
    said = dict(db.execute(select(ContractFunding.fund_id, ContractFunding.amount_fen)).all())
    query = select(ProjectFunding.fund_id, ProjectFunding.committed_fen)
    assert said == dict(db.execute(query.where(ProjectFunding.contract_id == deal.contract_id)).all())
    facts = queries.contract_facts(db, deal.contract_id)
    assert facts.signed_at == deal.at
    assert facts.signed_on is not None
    milestones = queries.milestones_of(db, deal.contract_id)
    assert [one.state for one in milestones] == ["accepted", *["scheduled"] * (len(milestones) - 1)]
    assert milestones[0].accepted_by is None


def test_publication_hangs_the_notice_once_and_the_journal_knows_if_late(db: Session, deal: Deal) -> None:
    active(db, deal)
    assert queries.public_contract(db, deal.project_id) is None
    view = queries.contract(db, deal.drafter, deal.contract_id, now=deal.at)
    assert view.publish_by is not None
    assert view.publish_by.basis == "政府采购法实施条例第五十条"
    [todo] = [one for one in queries.todos(db, deal.drafter, now=deal.at) if one.title.startswith("待公告")]
    assert not todo.urgent
    late = deal.at + 9 * DAY
    assert queries.contract(db, deal.drafter, deal.contract_id, now=late).publication_late
    commands.publish(db, deal.drafter, deal.contract_id, now=late)
    with pytest.raises(AlreadyPublished):
        commands.publish(db, deal.drafter, deal.contract_id, now=late)
    public = queries.public_contract(db, deal.project_id)
    assert public is not None
    assert (public.price_fen, public.supplier.name) == (PRICE, "示例社会工作服务中心1")
    from marketplace.projects.queries import project

    assert project(db, deal.project_id, now=late).notices[-1].kind is NoticeKind.CONTRACT


def test_every_act_stands_in_the_journal(db: Session, deal: Deal) -> None:
    active(db, deal)
    commands.publish(db, deal.drafter, deal.contract_id, now=deal.at)
    acts = [entry.act for entry in of_thing(db, "contract", deal.contract_id)]
    assert acts == [
        "contract.drafted", "contract.submitted", "contract.approved", "contract.signed", "contract.signed",
        "contract.milestones_scheduled", "contract.activated", "funding.committed", "contract.published",
    ]  # fmt: skip
