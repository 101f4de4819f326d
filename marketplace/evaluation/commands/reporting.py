"""Verbs of the report: one member writes the opinion, all sign the same digest, dissent is written down."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.evaluation.commands.gate import begun, held, judging_seat, panel
from marketplace.evaluation.model import Evaluation
from marketplace.evaluation.queries.parts import digest_of, report_facts
from marketplace.evaluation.rules import decide_by
from marketplace.evaluation.rules.refusals import ReportChanged, ReportSigned
from marketplace.evaluation.schemas import Signature
from marketplace.evaluation.states import DECLARED, EVALUATION, MEMBER, EvaluationAction, MemberAction, MemberState
from marketplace.identity.rules import Right
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.outbox.commands import emit
from marketplace.procedures import queries as law
from marketplace.projects.model import Project
from marketplace.projects.queries import kept_rules


def write_report(db: Session, actor: Actor, project_id: UUID, opinion: str, *, now: datetime) -> str:
    """Write the panel's opinion under the ranking, or write it anew while nobody has signed. Returns the digest.

    Raises:
        NotFound: there is no such project for the actor, or no panel.
        Forbidden: the actor's roles do not let them judge.
        NotOnPanel: the actor has no seat.
        DeclareFirst: the actor has not declared.
        DutiesClash: the actor is of an organization that bids.
        NotInEvaluation: the project's bids are not being evaluated.
        IllegalMove: there is no ranking yet, or the report is delivered.
        ReportSigned: somebody has signed.
    """
    held(db, actor, project_id, Right.SCORE)
    row = begun(db, project_id)
    judging_seat(db, actor, project_id)
    state = EVALUATION.after(row.state, EvaluationAction.REPORT)
    if any(one.state is MemberState.SIGNED for one in panel(db, project_id)):
        raise ReportSigned(field="opinion")
    row.opinion, row.written_by = opinion.strip(), actor.person_id
    row.report_digest = digest_of(report_facts(db, row, row.opinion))
    row.state = state
    db.flush()
    record(db, actor, "report.written", "project", project_id, now=now, report_sha256=row.report_digest)
    emit(db, "report.written", now=now, project_id=project_id)
    return row.report_digest


def sign_report(db: Session, actor: Actor, project_id: UUID, signature: Signature, *, now: datetime) -> None:
    """Sign the report as it was read; who disagrees says so. With the last signature it goes to those who decide.

    Raises:
        NotFound: there is no such project for the actor, or no panel.
        Forbidden: the actor's roles do not let them judge.
        NotOnPanel: the actor has no seat.
        DeclareFirst: the actor has not declared.
        DutiesClash: the actor is of an organization that bids.
        NotInEvaluation: the project's bids are not being evaluated.
        IllegalMove: there is no report, or the actor has signed.
        ReportChanged: the digest is not that of the report as it stands.
        RuleMissing: the rule of the days to confirm is not in force.

    Source:
        采购法条例第四十一条: all sign; dissent is written, and who neither signs nor dissents is taken to agree.
    """
    project = held(db, actor, project_id, Right.SCORE)
    row = begun(db, project_id)
    seat = judging_seat(db, actor, project_id)
    row.state = EVALUATION.after(row.state, EvaluationAction.SIGN)
    standing = digest_of(report_facts(db, row, row.opinion))
    if signature.digest != row.report_digest or standing != row.report_digest:
        raise ReportChanged(field="digest")
    seat.state = MEMBER.after(seat.state, MemberAction.SIGN)
    seat.signed_at, seat.signed_digest, seat.dissent = now, row.report_digest, signature.dissent.strip()
    db.flush()
    record(
        db, actor, "report.signed", "panel_member", seat.id, now=now,
        report_sha256=row.report_digest, dissent=bool(seat.dissent),
    )  # fmt: skip
    if all(one.state is MemberState.SIGNED for one in panel(db, project_id) if one.state in DECLARED):
        _deliver(db, actor, project, row, now)


def _deliver(db: Session, actor: Actor, project: Project, row: Evaluation, now: datetime) -> None:
    """Hand the signed report to those who decide, with the last day for it."""
    last = decide_by(kept_rules(db, project), law.calendar(db), legal_day(now))
    row.state = EVALUATION.after(row.state, EvaluationAction.DELIVER)
    row.reported_at, row.decide_by = now, last
    db.flush()
    record(db, actor, "report.delivered", "project", project.id, now=now, decide_by=row.decide_by)
    emit(db, "report.delivered", now=now, project_id=project.id)
