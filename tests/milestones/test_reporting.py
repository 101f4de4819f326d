"""The supplier's side: a report is written in pieces that nothing loses, handed in once, and mended when sent back."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.contracts import commands, queries
from marketplace.contracts.commands import attach_evidence, report, save_report
from marketplace.contracts.model import Contract, Milestone, MilestoneEvidence, MilestoneReport
from marketplace.contracts.rules import delivery as rules
from marketplace.contracts.rules.delivery import (
    ContractNotInForce,
    NoSuchItem,
    PersonNeeded,
    PlanNotWhole,
    TooManyFiles,
)
from marketplace.contracts.schemas import SendBack
from marketplace.contracts.states import ContractState, EvidenceKind, MilestoneState
from marketplace.documents.storage import EmptyFile, TooLarge
from marketplace.journal.model import JournalEntry
from marketplace.kit.actor import SYSTEM
from marketplace.kit.errors import Forbidden, IllegalMove, NotFound, Several, Stale
from marketplace.outbox.model import Message
from marketplace.projects.states import MilestoneKind
from tests.milestones.steps import PHOTO, TEXT, a_file, a_report, accepted, reported, returned, state_of, verified
from tests.milestones.worlds import PLAN, SIGNED, Delivery

NOW = SIGNED + timedelta(days=30)
S = MilestoneState


def draft_of(db: Session, milestone_id: UUID) -> MilestoneReport:
    query = select(MilestoneReport).where(
        MilestoneReport.milestone_id == milestone_id, MilestoneReport.submitted_at.is_(None)
    )
    return db.scalars(query.execution_options(populate_existing=True)).one()


def test_the_advance_is_due_with_the_signatures_and_the_rest_waits(db: Session, delivery: Delivery) -> None:
    facts = queries.milestones_of(db, delivery.contract_id)
    assert [one.state for one in facts] == [S.ACCEPTED, S.SCHEDULED, S.SCHEDULED]
    assert [one.percent for one in facts] == ["30.00", "40.00", "30.00"]
    advance = facts[0]
    assert (advance.kind, advance.accepted_fen, advance.accepted_by) == (MilestoneKind.ADVANCE, 1_000_000, None)
    assert queries.milestone_facts(db, facts[1].id) == facts[1]
    assert facts[1].evidence == ("活动现场照片", "签到表")
    with pytest.raises(NotFound):
        queries.milestone_facts(db, uuid4())


def test_milestones_are_laid_down_whole_or_not_at_all(db: Session, delivery: Delivery) -> None:
    with pytest.raises(PlanNotWhole):
        commands.schedule(db, SYSTEM, delivery.contract_id, PLAN[:2], now=NOW)
    with pytest.raises(NotFound):
        commands.schedule(db, SYSTEM, uuid4(), PLAN, now=NOW)


def test_a_report_is_saved_in_pieces_and_handed_in(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    clerk, milestone_id = delivery.supplier_clerk, delivery.milestones[1]
    version = save_report(db, clerk, milestone_id, a_report(content="开班", people_served=None), now=NOW)
    assert version == 2
    a_file(db, tmp_path, delivery, NOW)
    a_file(
        db,
        tmp_path,
        delivery,
        NOW,
        item=1,
        kind=EvidenceKind.SIGN_IN_SHEET,
        name="签到表.pdf",
        content=b"%PDF-1.7 sheet",
    )
    assert state_of(db, milestone_id) is S.SCHEDULED
    found = report(db, clerk, milestone_id, a_report(version=2), now=NOW)
    row = db.get_one(Milestone, milestone_id)
    assert (row.state, row.attempts, row.reported_by, row.reported_at) == (S.REPORTED, 1, clerk.person_id, NOW)
    kept = db.get_one(MilestoneReport, found)
    assert (kept.content, kept.people_served, kept.hours_hundredths) == (TEXT, 60, 7_250)
    entry = db.scalars(select(JournalEntry).where(JournalEntry.act == "milestone.reported")).one()
    assert entry.person_id == clerk.person_id
    assert db.scalar(select(func.count()).where(Message.topic == "milestone.reported")) == 1


def test_a_second_hand_in_counts_once(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    milestone_id = reported(db, tmp_path, delivery, NOW)
    first = db.scalars(select(MilestoneReport).where(MilestoneReport.milestone_id == milestone_id)).one()
    again = report(
        db, delivery.supplier_head, milestone_id, a_report(content="又点了一次提交按钮而已"), now=NOW
    )  # fmt: skip
    assert again == first.id
    assert first.content == TEXT
    assert db.get_one(Milestone, milestone_id).reported_by == delivery.supplier_clerk.person_id
    assert db.scalar(select(func.count()).where(Message.topic == "milestone.reported")) == 1


def test_what_is_missing_is_told_whole_and_what_was_written_stays(
    db: Session, delivery: Delivery, tmp_path: Path
) -> None:
    milestone_id = delivery.milestones[1]
    save_report(db, delivery.supplier_clerk, milestone_id, a_report(content="开班了"), now=NOW)
    with pytest.raises(Several) as refused, db.begin_nested():
        report(db, delivery.supplier_clerk, milestone_id, a_report(version=2, content="开班了"), now=NOW)
    assert [one.code for one in refused.value.errors] == [
        "report_missing", "evidence_missing", "evidence_missing", "report_without_files",
    ]  # fmt: skip
    assert state_of(db, milestone_id) is S.SCHEDULED
    assert draft_of(db, milestone_id).content == "开班了"


def test_a_tick_stands_for_an_item_but_one_file_there_must_be(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    milestone_id = delivery.milestones[1]
    a_file(db, tmp_path, delivery, NOW, item=None, kind=EvidenceKind.OTHER)
    report(db, delivery.supplier_clerk, milestone_id, a_report(version=1, ticked=[1, 0, 1]), now=NOW)
    assert queries.dossier(db, delivery.verifier, milestone_id, now=NOW).reports[0].ticked == (0, 1)


def test_two_who_write_do_not_overwrite_each_other(db: Session, delivery: Delivery) -> None:
    milestone_id = delivery.milestones[1]
    save_report(db, delivery.supplier_clerk, milestone_id, a_report(), now=NOW)
    assert save_report(db, delivery.supplier_head, milestone_id, a_report(version=2, sessions=30), now=NOW) == 3
    assert save_report(db, delivery.supplier_head, milestone_id, a_report(version=2, sessions=30), now=NOW) == 3
    with pytest.raises(Stale):
        save_report(db, delivery.supplier_clerk, milestone_id, a_report(version=2, sessions=99), now=NOW)
    assert draft_of(db, milestone_id).sessions == 30
    with pytest.raises(Stale):
        save_report(db, delivery.supplier_clerk, milestone_id, a_report(attempt=2, version=3), now=NOW)


def test_after_a_return_the_next_report_begins_with_what_was_there(
    db: Session, delivery: Delivery, tmp_path: Path
) -> None:
    clerk = delivery.supplier_clerk
    milestone_id = returned(db, tmp_path, delivery, NOW)
    row = db.get_one(Milestone, milestone_id)
    assert (row.state, row.mend_by.isoformat() if row.mend_by else "") == (S.RETURNED, "2026-08-20")
    fresh = queries.dossier(db, clerk, milestone_id, now=NOW).draft
    assert fresh is not None
    assert (fresh.attempt, fresh.version, fresh.content, len(fresh.files)) == (2, 0, TEXT, 2)
    extra = a_file(db, tmp_path, delivery, NOW + timedelta(minutes=1), item=1, content=PHOTO + b"second week")
    begun = queries.dossier(db, clerk, milestone_id, now=NOW).draft
    assert begun is not None
    assert (begun.attempt, begun.version, len(begun.files)) == (2, 1, 3)
    old = next(one for one in begun.files if one.item == 1 and one.id != extra)
    commands.remove_evidence(db, clerk, milestone_id, old.id, now=NOW)
    commands.remove_evidence(db, clerk, milestone_id, old.id, now=NOW)
    report(db, clerk, milestone_id, a_report(2, version=1, content="补齐第二周签到表，已核对人数"), now=NOW)
    row = db.get_one(Milestone, milestone_id)
    assert (row.state, row.attempts, row.mend_by, row.verified_by) == (S.REPORTED, 2, None, None)
    views = queries.dossier(db, delivery.verifier, milestone_id, now=NOW).reports
    assert [(one.attempt, len(one.files)) for one in views] == [(1, 2), (2, 2)]
    assert views[0].findings[0].reason == "签到表缺第二周"
    assert report(db, clerk, milestone_id, a_report(1), now=NOW)


def test_a_draft_is_for_the_supplier_alone(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    milestone_id = delivery.milestones[1]
    file_id = a_file(db, tmp_path, delivery, NOW)
    seen = queries.dossier(db, delivery.verifier, milestone_id, now=NOW)
    assert (seen.draft, seen.reports) == (None, ())
    assert queries.evidence_document(db, delivery.supplier_head, milestone_id, file_id).name == "IMG_0001.jpg"
    for reader in (delivery.verifier, delivery.auditor):
        with pytest.raises(NotFound):
            queries.evidence_document(db, reader, milestone_id, file_id)


def test_evidence_that_was_handed_in_is_for_the_parties_and_supervision_only(
    db: Session, delivery: Delivery, tmp_path: Path
) -> None:
    milestone_id = reported(db, tmp_path, delivery, NOW)
    file = queries.dossier(db, delivery.verifier, milestone_id, now=NOW).reports[0].files[0]
    for reader in (delivery.verifier, delivery.acceptor, delivery.supplier_head, delivery.auditor):
        assert queries.evidence_document(db, reader, milestone_id, file.id).sha256 == file.document.sha256
    for reader in (delivery.stranger, delivery.other_supplier, delivery.finance):
        with pytest.raises(NotFound):
            queries.evidence_document(db, reader, milestone_id, file.id)
    with pytest.raises(NotFound):
        queries.evidence_document(db, delivery.verifier, delivery.milestones[2], file.id)
    with pytest.raises(NotFound):
        queries.evidence_document(db, delivery.verifier, milestone_id, uuid4())


def test_another_suppliers_milestone_is_not_there(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    for step in (
        lambda: save_report(db, delivery.other_supplier, delivery.milestones[1], a_report(), now=NOW),
        lambda: report(db, delivery.other_supplier, delivery.milestones[1], a_report(), now=NOW),
        lambda: a_file(db, tmp_path, delivery, NOW, actor=delivery.other_supplier),
        lambda: commands.remove_evidence(db, delivery.other_supplier, delivery.milestones[1], uuid4(), now=NOW),
        lambda: queries.dossier(db, delivery.other_supplier, delivery.milestones[1], now=NOW),
        lambda: save_report(db, delivery.supplier_clerk, uuid4(), a_report(), now=NOW),
    ):
        with pytest.raises(NotFound):
            step()
    with pytest.raises(Forbidden):
        save_report(db, delivery.verifier, delivery.milestones[1], a_report(), now=NOW)


def test_a_report_bears_a_persons_name(db: Session, delivery: Delivery) -> None:
    with pytest.raises(PersonNeeded):
        save_report(db, SYSTEM, delivery.milestones[1], a_report(), now=NOW)


def test_nothing_is_reported_on_a_contract_that_is_not_in_force(db: Session, delivery: Delivery) -> None:
    contract = db.get_one(Contract, delivery.contract_id)
    contract.state, contract.completed_at = ContractState.COMPLETED, NOW
    db.flush()
    with pytest.raises(ContractNotInForce):
        save_report(db, delivery.supplier_clerk, delivery.milestones[1], a_report(), now=NOW)
    assert not queries.dossier(db, delivery.supplier_clerk, delivery.milestones[1], now=NOW).card.actions


def test_files_are_bounded_in_size_number_and_place(
    db: Session, delivery: Delivery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NoSuchItem):
        a_file(db, tmp_path, delivery, NOW, item=2)
    with pytest.raises(NoSuchItem):
        save_report(db, delivery.supplier_clerk, delivery.milestones[1], a_report(ticked=[2]), now=NOW)
    with pytest.raises(TooLarge):
        a_file(db, tmp_path, delivery, NOW, content=PHOTO + b"x" * 1_000_000)
    with pytest.raises(EmptyFile):
        a_file(db, tmp_path, delivery, NOW, content=b"")
    monkeypatch.setattr("marketplace.contracts.commands.reporting.FILES_MAX", 1)
    a_file(db, tmp_path, delivery, NOW)
    with pytest.raises(TooManyFiles):
        a_file(db, tmp_path, delivery, NOW)
    assert rules.FILES_MAX == 60


def test_files_of_a_report_that_was_handed_in_stay(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    milestone_id = reported(db, tmp_path, delivery, NOW)
    file = db.scalars(select(MilestoneEvidence).limit(1)).one()
    with pytest.raises(IllegalMove):
        commands.remove_evidence(db, delivery.supplier_clerk, milestone_id, file.id, now=NOW)
    back = SendBack(attempt=1, reason="请补充", mend_by=(NOW + timedelta(days=9)).date())
    commands.send_back(db, delivery.verifier, milestone_id, back, now=NOW)
    with pytest.raises(NotFound):
        commands.remove_evidence(db, delivery.supplier_clerk, milestone_id, file.id, now=NOW)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE milestone_report SET content = 'other'",
        "UPDATE milestone_evidence SET removed_at = saved_at FROM milestone_report",
        (
            "INSERT INTO milestone_evidence (id, report_id, document_id, sha256, kind, added_at)"
            " SELECT gen_random_uuid(), report_id, document_id, sha256, kind, added_at FROM milestone_evidence"
        ),
        "UPDATE contract_milestone SET amount_fen = amount_fen + 1 WHERE place = 2",
        "UPDATE contract_milestone SET due_on = due_on + 30 WHERE place = 2",
        "UPDATE contract_milestone SET share_bp = 1 WHERE place = 2",
        "UPDATE contract_milestone SET accepted_fen = 1 WHERE place = 1",
        (
            "UPDATE contract_milestone SET state = 'verified', verified_by = reported_by, verified_at = reported_at"
            " WHERE place = 2"
        ),
        "UPDATE contract_milestone SET state = 'accepted' WHERE place = 2",
        "UPDATE contract_milestone SET state = 'verified' WHERE place = 2",
        "UPDATE contract_milestone SET state = 'returned' WHERE place = 2",
    ],
)
def test_the_database_keeps_what_was_agreed_and_handed_in(
    db: Session, delivery: Delivery, tmp_path: Path, statement: str
) -> None:
    reported(db, tmp_path, delivery, NOW)
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(text(statement))


def test_hours_come_back_as_they_were_typed(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    milestone_id = reported(db, tmp_path, delivery, NOW)
    view = queries.dossier(db, delivery.supplier_clerk, milestone_id, now=NOW).reports[0]
    assert (view.hours, view.sessions, view.people_served) == (Decimal("72.5"), 24, 60)
    assert view.submitted_by_name == "张三丰"


def test_what_is_verified_or_decided_is_not_reported_again(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    milestone_id = verified(db, tmp_path, delivery, NOW)
    with pytest.raises(IllegalMove):
        save_report(db, delivery.supplier_clerk, milestone_id, a_report(2), now=NOW)
    accepted(db, tmp_path, delivery, NOW, which=2)
    with pytest.raises(IllegalMove):
        attach_evidence(
            db, None, delivery.supplier_clerk, delivery.milestones[2], None, (), name="", limit_bytes=1, now=NOW  # type: ignore[arg-type]
        )  # fmt: skip
