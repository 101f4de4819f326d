"""Verbs of the supplier: write a report, add and take off its files, hand it in."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.contracts.model.contract import Contract
from marketplace.contracts.model.milestone import Milestone, MilestoneEvidence, MilestoneReport
from marketplace.contracts.queries.milestones import done_on, evidence_items, parties_of
from marketplace.contracts.rules.delivery import (
    FILES_MAX,
    ContractNotInForce,
    PersonNeeded,
    TooManyFiles,
    check_items,
    report_problems,
)
from marketplace.contracts.schemas.milestone import NewEvidence, Report
from marketplace.contracts.states import MILESTONE, ContractState, MilestoneAction
from marketplace.db.base import lock, lock_shared
from marketplace.documents.commands import clean_name, store
from marketplace.documents.model import Document
from marketplace.documents.rules import EVIDENCE, fitting
from marketplace.documents.storage import Storage
from marketplace.identity.rules import Duty, Right, apart, require
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound, Stale, raise_all
from marketplace.kit.text import clean_paragraphs
from marketplace.outbox.commands import emit

BEGUN = 1
"""The version of a draft in which nothing was written yet: the first to write need not have read it."""


def held(db: Session, milestone_id: UUID, *, alone: bool = False) -> tuple[Milestone, Contract]:
    """A milestone held alone, and its contract, which others may hold at the same time unless ``alone``.

    Raises:
        NotFound: there is no such milestone.
    """
    known = db.get(Milestone, milestone_id)
    if known is None:
        raise NotFound
    hold = lock if alone else lock_shared
    contract = hold(db, Contract, known.contract_id)
    row = lock(db, Milestone, milestone_id)
    assert contract is not None and row is not None  # noqa: S101, PT018 - neither is ever removed
    return row, contract


def _to_report(db: Session, actor: Actor, milestone_id: UUID) -> tuple[Milestone, UUID]:
    """A milestone held alone that the actor may report on now, and who they are."""
    row, contract = held(db, milestone_id)
    require(actor, Right.REPORT_MILESTONE, parties_of(contract))
    if actor.person_id is None:
        raise PersonNeeded
    apart(actor, Duty.REPORT_MILESTONE, done_on(db, contract, [row.id])[row.id])
    if contract.state is not ContractState.ACTIVE:
        raise ContractNotInForce
    return row, actor.person_id


def save_report(db: Session, actor: Actor, milestone_id: UUID, report: Report, *, now: datetime) -> int:
    """Keep what was written so far of a report; returns the draft's version. The same once more changes nothing.

    Raises:
        NotFound: there is no such milestone for the actor.
        Forbidden: the actor may not report.
        PersonNeeded: nobody in person acts.
        DutiesClash: the actor verified or accepted on it.
        ContractNotInForce: the contract is not performed now.
        IllegalMove: there is nothing to report now.
        Stale: somebody else wrote in it meanwhile, or that report is handed in.
        NoSuchItem: a tick names no item of the contract.
    """
    row, person_id = _to_report(db, actor, milestone_id)
    MILESTONE.after(row.state, MilestoneAction.REPORT)
    return _write(db, row, person_id, report, now=now).version


def report(db: Session, actor: Actor, milestone_id: UUID, report: Report, *, now: datetime) -> UUID:
    """Hand in a report with its files; returns its id. A second time it counts once and changes nothing.

    Raises:
        NotFound: there is no such milestone for the actor.
        Forbidden: the actor may not report.
        PersonNeeded: nobody in person acts.
        DutiesClash: the actor verified or accepted on it.
        ContractNotInForce: the contract is not performed now.
        IllegalMove: there is nothing to report now.
        Stale: somebody else wrote in it meanwhile.
        NoSuchItem: a tick names no item of the contract.
        ReportMissing, CountMissing, EvidenceMissing, NoFiles: what the report still lacks, or Several of them.
    """
    row, person_id = _to_report(db, actor, milestone_id)
    if report.attempt <= row.attempts:
        return db.execute(
            select(MilestoneReport.id).where(
                MilestoneReport.milestone_id == row.id, MilestoneReport.attempt == report.attempt
            )
        ).scalar_one()
    state = MILESTONE.after(row.state, MilestoneAction.REPORT)
    draft = _write(db, row, person_id, report, now=now)
    files = list(
        db.scalars(
            select(MilestoneEvidence)
            .where(MilestoneEvidence.report_id == draft.id, MilestoneEvidence.removed_at.is_(None))
            .order_by(MilestoneEvidence.added_at)
        )
    )
    items = evidence_items(row)
    raise_all(
        report_problems(items, draft.content, draft.people_served, draft.ticked, [one.item for one in files])
    )  # fmt: skip
    draft.submitted_by, draft.submitted_at = person_id, now
    row.state = state
    row.attempts, row.reported_by, row.reported_at = draft.attempt, person_id, now
    row.verified_by, row.verified_at, row.mend_by = None, None, None
    db.flush()
    record(
        db, actor, "milestone.reported", "contract_milestone", row.id, now=now,
        attempt=draft.attempt, people_served=draft.people_served, files=[one.sha256 for one in files],
    )  # fmt: skip
    emit(db, "milestone.reported", now=now, milestone_id=row.id)
    return draft.id


def _draft(db: Session, row: Milestone, person_id: UUID, *, now: datetime) -> MilestoneReport:
    """The report that is being written, held alone; begun now, where there is none, with what the last one held."""
    query = select(MilestoneReport.id).where(
        MilestoneReport.milestone_id == row.id, MilestoneReport.submitted_at.is_(None)
    )
    known = db.scalar(query)
    if known is not None:
        found = lock(db, MilestoneReport, known)
        assert found is not None  # noqa: S101 - reports are never removed
        return found
    last = db.scalar(
        select(MilestoneReport).where(MilestoneReport.milestone_id == row.id, MilestoneReport.attempt == row.attempts)
    )
    draft = MilestoneReport(
        milestone_id=row.id,
        attempt=row.attempts + 1,
        version=BEGUN,
        content=last.content if last else "",
        people_served=last.people_served if last else None,
        sessions=last.sessions if last else None,
        hours_hundredths=last.hours_hundredths if last else None,
        ticked=list(last.ticked) if last else [],
        saved_by=person_id,
        saved_at=now,
    )
    db.add(draft)
    db.flush()
    if last is not None:
        _carry_over(db, last.id, draft.id)
    return draft


def _carry_over(db: Session, source: UUID, target: UUID) -> None:
    """Hang the files of one report on another too: what was proved once need not be uploaded again."""
    query = select(MilestoneEvidence).where(
        MilestoneEvidence.report_id == source, MilestoneEvidence.removed_at.is_(None)
    )
    db.add_all(
        MilestoneEvidence(
            report_id=target,
            document_id=one.document_id,
            sha256=one.sha256,
            kind=one.kind,
            item=one.item,
            added_by=one.added_by,
            added_at=one.added_at,
        )
        for one in db.scalars(query).all()
    )
    db.flush()


_WRITTEN = ("content", "people_served", "sessions", "hours_hundredths", "ticked")


def _write(db: Session, row: Milestone, person_id: UUID, report: Report, *, now: datetime) -> MilestoneReport:
    """Put what was typed into the draft, unless somebody else wrote in it since it was read."""
    if report.attempt != row.attempts + 1:
        raise Stale
    check_items(report.ticked, len(evidence_items(row)))
    draft = _draft(db, row, person_id, now=now)
    typed = {name: getattr(report, name) for name in _WRITTEN}
    typed |= {"content": clean_paragraphs(report.content), "ticked": sorted(set(report.ticked))}
    if all(getattr(draft, name) == value for name, value in typed.items()):
        return draft
    if draft.version > BEGUN and report.version != draft.version:
        raise Stale
    for name, value in typed.items():
        setattr(draft, name, value)
    draft.version += 1
    draft.saved_by, draft.saved_at = person_id, now
    db.flush()
    return draft


def attach_evidence(
    db: Session,
    storage: Storage,
    actor: Actor,
    milestone_id: UUID,
    new: NewEvidence,
    chunks: Iterable[bytes],
    *,
    name: str,
    limit_bytes: int,
    now: datetime,
) -> UUID:
    """Add a file to the report that is being written; returns the file's id. Nothing else of the report is needed yet.

    Raises:
        NotFound: there is no such milestone for the actor.
        Forbidden: the actor may not report.
        PersonNeeded: nobody in person acts.
        DutiesClash: the actor verified or accepted on it.
        ContractNotInForce: the contract is not performed now.
        IllegalMove: there is nothing to report now.
        NoSuchItem: the contract has no such evidence item.
        TooManyFiles: the report is full.
        TooLarge, EmptyFile: the file is.
        FileNotTaken, FileNotAsNamed: it is of a kind that is not taken.
    """
    row, person_id = _to_report(db, actor, milestone_id)
    MILESTONE.after(row.state, MilestoneAction.REPORT)
    if new.item is not None:
        check_items([new.item], len(evidence_items(row)))
    draft = _draft(db, row, person_id, now=now)
    count = db.scalar(
        select(func.count()).where(MilestoneEvidence.report_id == draft.id, MilestoneEvidence.removed_at.is_(None))
    )
    if (count or 0) >= FILES_MAX:
        raise TooManyFiles(field="files", limit=FILES_MAX)
    fit = fitting(chunks, name=clean_name(name), kinds=EVIDENCE)
    document_id = store(db, storage, actor, fit, name=name, limit_bytes=limit_bytes, now=now)
    sha256 = db.get_one(Document, document_id).sha256
    file = MilestoneEvidence(
        report_id=draft.id,
        document_id=document_id,
        sha256=sha256,
        kind=new.kind,
        item=new.item,
        added_by=person_id,
        added_at=now,
    )
    db.add(file)
    db.flush()
    record(
        db, actor, "milestone.evidence_attached", "contract_milestone", row.id, now=now,
        evidence_id=file.id, kind=new.kind, sha256=sha256,
    )  # fmt: skip
    return file.id


def remove_evidence(db: Session, actor: Actor, milestone_id: UUID, evidence_id: UUID, *, now: datetime) -> None:
    """Take a file off the report that is being written. A second time changes nothing.

    Raises:
        NotFound: there is no such file in the report that the actor writes.
        Forbidden: the actor may not report.
        PersonNeeded: nobody in person acts.
        DutiesClash: the actor verified or accepted on it.
        ContractNotInForce: the contract is not performed now.
        IllegalMove: there is nothing to report now.
    """
    row, _ = _to_report(db, actor, milestone_id)
    MILESTONE.after(row.state, MilestoneAction.REPORT)
    file = lock(db, MilestoneEvidence, evidence_id)
    draft = db.get(MilestoneReport, file.report_id) if file else None
    if file is None or draft is None or draft.milestone_id != row.id or draft.submitted_at is not None:
        raise NotFound
    if file.removed_at is None:
        file.removed_at = now
        record(
            db, actor, "milestone.evidence_removed", "contract_milestone", row.id, now=now, evidence_id=file.id
        )  # fmt: skip
