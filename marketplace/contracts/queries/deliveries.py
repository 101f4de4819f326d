"""A milestone as its parties see it: what was agreed, each report with its files and findings, the decision."""

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.contracts.model.milestone import (
    Acceptance,
    Milestone,
    MilestoneEvidence,
    MilestoneReport,
    Verification,
)
from marketplace.contracts.queries.milestones import card_of, done_on, facts_of, judge, parties_of, readable
from marketplace.contracts.schemas.milestone import (
    AcceptanceView,
    EvidenceView,
    FindingView,
    MilestoneDossier,
    ReportView,
)
from marketplace.contracts.states import MilestoneAction
from marketplace.documents import queries as documents
from marketplace.documents.schemas import DocumentView
from marketplace.identity.model import Organization, Person
from marketplace.identity.rules import Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.projects.model import Project


def dossier(
    db: Session, actor: Actor, milestone_id: UUID, *, now: datetime, payer_id: UUID | None = None
) -> MilestoneDossier:
    """A milestone as its parties see it: what was agreed, what was reported and found, the decision, what is next.

    Only the supplier sees a report that is still being written. ``payer_id`` is the office that has to pay for it.

    Raises:
        NotFound: there is none, or the actor's organization has nothing to do with it.
        Forbidden: it has, but the actor's roles do not let them see it.
    """
    row, contract = readable(db, actor, milestone_id, payer_id=payer_id)
    project = db.get_one(Project, contract.project_id)
    actions, barred = judge(actor, contract, row, done_on(db, contract, [row.id])[row.id])
    named = select(Organization.id, Organization.name).where(
        Organization.id.in_({contract.supplier_id, contract.buyer_id})
    )
    names = {one.id: one.name for one in db.execute(named)}
    views = report_views(db, row.id)
    handed_in = tuple(one for one in views if one.submitted_at is not None)
    return MilestoneDossier(
        card=card_of(
            row, contract, project_title=project.title, supplier_name=names[contract.supplier_id],
            actions=actions, now=now,
        ),
        facts=facts_of(row),
        buyer_name=names[contract.buyer_id],
        requirement=project.requirement,
        people_planned=project.people_count,
        draft=_draft(row, views) if MilestoneAction.REPORT in actions else None,
        reports=handed_in,
        acceptance=_acceptance(db, row.id),
        barred=barred,
    )  # fmt: skip


def _draft(row: Milestone, views: tuple[ReportView, ...]) -> ReportView:
    """The report to write now: the one begun; else the last one's texts again, as after a return; else an empty one."""
    begun = next((one for one in views if one.submitted_at is None), None)
    if begun is not None:
        return begun
    last = views[-1] if views else None
    return ReportView(
        attempt=row.attempts + 1,
        version=0,
        content=last.content if last else "",
        people_served=last.people_served if last else None,
        sessions=last.sessions if last else None,
        hours=last.hours if last else None,
        ticked=last.ticked if last else (),
        saved_at=None,
        submitted_at=None,
        submitted_by_name="",
        files=last.files if last else (),
        findings=(),
    )


def report_views(db: Session, milestone_id: UUID) -> tuple[ReportView, ...]:
    """The reports of a milestone, the first one first, with their files and what was found of each."""
    query = select(MilestoneReport).where(MilestoneReport.milestone_id == milestone_id)
    rows = list(db.scalars(query.order_by(MilestoneReport.attempt).execution_options(populate_existing=True)))
    ids = [row.id for row in rows]
    files = _files(db, ids)
    found = list(db.scalars(select(Verification).where(Verification.report_id.in_(ids)).order_by(Verification.at)))
    people = _names(db, {*(row.submitted_by for row in rows), *(one.person_id for one in found)})
    return tuple(
        ReportView(
            attempt=row.attempt,
            version=row.version,
            content=row.content,
            people_served=row.people_served,
            sessions=row.sessions,
            hours=None if row.hours_hundredths is None else Decimal(row.hours_hundredths) / 100,
            ticked=tuple(row.ticked),
            saved_at=row.saved_at,
            submitted_at=row.submitted_at,
            submitted_by_name=people.get(row.submitted_by, ""),
            files=files.get(row.id, ()),
            findings=tuple(
                FindingView(
                    finding=one.finding,
                    reason=one.reason,
                    mend_by=one.mend_by,
                    person_id=one.person_id,
                    person_name=people.get(one.person_id, ""),
                    at=one.at,
                )
                for one in found
                if one.report_id == row.id
            ),
        )
        for row in rows
    )


def _names(db: Session, people: Iterable[UUID | None]) -> dict[UUID | None, str]:
    wanted = {one for one in people if one is not None}
    return {row.id: row.name for row in db.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))}


def _files(db: Session, report_ids: Collection[UUID]) -> dict[UUID, tuple[EvidenceView, ...]]:
    query = select(MilestoneEvidence).where(
        MilestoneEvidence.report_id.in_(report_ids), MilestoneEvidence.removed_at.is_(None)
    )
    rows = list(
        db.scalars(
            query.order_by(MilestoneEvidence.item.nulls_last(), MilestoneEvidence.added_at, MilestoneEvidence.id)
        )
    )
    cards = documents.documents(db, (row.document_id for row in rows))
    found: dict[UUID, tuple[EvidenceView, ...]] = {}
    for row in rows:
        view = EvidenceView(
            id=row.id, kind=row.kind, item=row.item, added_at=row.added_at, document=cards[row.document_id]
        )
        found[row.report_id] = (*found.get(row.report_id, ()), view)
    return found


def _acceptance(db: Session, milestone_id: UUID) -> AcceptanceView | None:
    row = db.get(Acceptance, milestone_id)
    if row is None:
        return None
    return AcceptanceView(
        share_bp=row.share_bp,
        amount_fen=row.amount_fen,
        opinion=row.opinion,
        asked=row.asked,
        satisfied=row.satisfied,
        reason=row.reason,
        person_name=_names(db, {row.person_id})[row.person_id],
        at=row.at,
    )


def evidence_document(
    db: Session, actor: Actor, milestone_id: UUID, evidence_id: UUID, *, payer_id: UUID | None = None
) -> DocumentView:
    """The document behind a file of a report, for the parties and who pays for it; of a draft, for the supplier only.

    Raises:
        NotFound: there is no such file, or none for this reader.
        Forbidden: the actor's roles do not let them see it.
    """
    _, contract = readable(db, actor, milestone_id, payer_id=payer_id)
    row = db.get(MilestoneEvidence, evidence_id)
    report = db.get(MilestoneReport, row.report_id) if row else None
    if row is None or report is None or report.milestone_id != milestone_id or row.removed_at is not None:
        raise NotFound
    if report.submitted_at is None and not may(actor, Right.REPORT_MILESTONE, parties_of(contract)):
        raise NotFound
    return documents.document(db, row.document_id)
