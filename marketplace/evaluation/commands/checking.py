"""Verbs of the qualification and conformity check: a member records what was found, another confirms it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from marketplace.bids import commands as bids
from marketplace.bids.queries import opened_bids
from marketplace.db.base import lock
from marketplace.evaluation.commands.gate import begun, held, is_whole, judging_seat
from marketplace.evaluation.model import BidCheck
from marketplace.evaluation.queries.parts import checks
from marketplace.evaluation.rules.refusals import (
    CheckedByYourself,
    CheckIncomplete,
    ChecksMissing,
    FindingReasonNeeded,
    PanelNotWhole,
)
from marketplace.evaluation.schemas import Finding, NewCheck
from marketplace.evaluation.states import EVALUATION, EvaluationAction
from marketplace.identity.rules import Right
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.kit.errors import NotFound
from marketplace.kit.money import yuan_grouped
from marketplace.outbox.commands import emit
from marketplace.projects.model import Project
from marketplace.projects.queries import conditions
from marketplace.projects.schemas import ConditionView

OVER_CEILING = "报价 {price} 元高于最高限价 {ceiling} 元"
"""Written into the record as the reason for a price above the ceiling; the record is in Chinese."""


def check_bid(db: Session, actor: Actor, project_id: UUID, bid_id: UUID, new: NewCheck, *, now: datetime) -> bool:
    """Record what was found of one opened bid, condition by condition; until confirmed it may be recorded again.

    A bid passes if every condition is met, it conforms to the document, and its price is not above the ceiling.
    Returns whether it passes.

    Raises:
        NotFound: there is no such project for the actor, no panel, or no such opened bid.
        Forbidden: the actor's roles do not let them judge.
        NotOnPanel: the actor has no seat.
        DeclareFirst: the actor has not declared.
        DutiesClash: the actor is of an organization that bids.
        NotInEvaluation: the project's bids are not being evaluated.
        IllegalMove: the panel is not whole yet, or the checks are closed.
        CheckIncomplete: not every condition has its one finding.
        FindingReasonNeeded: something is not met, and no reason is given.

    Source:
        采购法第二十二条、第二十三条; 需求管理办法第二十一条: conditions are passed or not, never scored.
    """
    project = held(db, actor, project_id, Right.SCORE)
    row = begun(db, project_id)
    judging_seat(db, actor, project_id)
    row.state = EVALUATION.after(row.state, EvaluationAction.CHECK)
    found = {bid.bid_id: bid for bid in opened_bids(db, project_id)}
    if bid_id not in found:
        raise NotFound
    asked = conditions(db, project_id)
    if sorted(one.condition_id for one in new.findings) != sorted(one.id for one in asked):
        raise CheckIncomplete(field="findings")
    reasons = _reasons(project, new, asked, found[bid_id].price_fen)
    check = lock(db, BidCheck, bid_id) or BidCheck(bid_id=bid_id, project_id=project_id)
    check.findings = msgspec.to_builtins(new.findings)
    check.conforms, check.passed, check.reason = new.conforms, not reasons, "；".join(reasons)
    check.person_id, check.at = actor.person_id, now
    db.add(check)
    db.flush()
    record(db, actor, "bid.checked", "bid", bid_id, now=now, passed=check.passed, reason_given=check.reason)
    return check.passed


def _reasons(project: Project, new: NewCheck, asked: Sequence[ConditionView], price_fen: int) -> list[str]:
    """Why a bid does not pass; nothing for one that does."""
    content = {one.id: one.content for one in asked}
    found = [_refusal(one, content[one.condition_id]) for one in new.findings if not one.met]
    if not new.conforms:
        if not new.reason.strip():
            raise FindingReasonNeeded(field="reason")
        found.append(new.reason.strip())
    if project.ceiling_fen is not None and price_fen > project.ceiling_fen:
        found.append(OVER_CEILING.format(price=yuan_grouped(price_fen), ceiling=yuan_grouped(project.ceiling_fen)))
    return found


def _refusal(finding: Finding, content: str) -> str:
    if not finding.reason.strip():
        raise FindingReasonNeeded(field=f"findings-{finding.condition_id}-reason")
    return f"不符合「{content}」：{finding.reason.strip()}"


def confirm_checks(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> int:
    """Confirm all findings as a member who recorded none of them: bids become valid or are disqualified.

    Returns how many are valid; the flow around it compares that with what the method asks for, and lets the scoring
    begin or ends the project.

    Raises:
        NotFound: there is no such project for the actor, or no panel.
        Forbidden: the actor's roles do not let them judge.
        NotOnPanel: the actor has no seat.
        DeclareFirst: the actor has not declared.
        DutiesClash: the actor is of an organization that bids.
        NotInEvaluation: the project's bids are not being evaluated.
        IllegalMove: the checks are closed already, or not begun.
        PanelNotWhole: a seat is empty.
        ChecksMissing: a bid has not been checked.
        CheckedByYourself: the actor recorded one of the findings.
    """
    project = held(db, actor, project_id, Right.SCORE)
    row = begun(db, project_id)
    judging_seat(db, actor, project_id)
    EVALUATION.after(row.state, EvaluationAction.CONFIRM_CHECKS)
    if not is_whole(db, project):
        raise PanelNotWhole
    opened, found = opened_bids(db, project_id), checks(db, project_id)
    missing = sum(bid.bid_id not in found for bid in opened)
    if missing:
        raise ChecksMissing(count=missing)
    if actor.person_id in {one.person_id for one in found.values()}:
        raise CheckedByYourself
    for bid in sorted(opened, key=lambda one: one.bid_id):
        check = found[bid.bid_id]
        if check.passed:
            bids.admit(db, actor, bid.bid_id, now=now)
        else:
            bids.disqualify(db, actor, bid.bid_id, reason=check.reason, now=now)
    row.checker_ids = sorted({one.person_id for one in found.values() if one.person_id})
    row.rechecked_by, row.checked_at = actor.person_id, now
    db.flush()
    return sum(check.passed for check in found.values())


def begin_scoring(db: Session, actor: Actor, project_id: UUID, *, now: datetime) -> None:
    """Let the members score; part of the flow that confirmed the checks and found enough valid bids.

    Raises:
        NotFound: no panel has been composed.
        IllegalMove: the checks are not being made.
    """
    row = begun(db, project_id)
    row.state = EVALUATION.after(row.state, EvaluationAction.CONFIRM_CHECKS)
    record(db, actor, "bids.checked", "project", project_id, now=now)
    emit(db, "bids.checked", now=now, project_id=project_id)


def end_without_award(db: Session, actor: Actor, project_id: UUID, *, reason: str, now: datetime) -> None:
    """End an evaluation whose project fails; part of the flows that judge the actor and tell everybody why.

    Raises:
        NotFound: no panel has been composed.
        IllegalMove: the evaluation is at a step that does not end so.
    """
    row = begun(db, project_id)
    row.state = EVALUATION.after(row.state, EvaluationAction.FAIL)
    row.fail_reason = reason
    record(db, actor, "evaluation.failed", "project", project_id, now=now, reason=reason)
