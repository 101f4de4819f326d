"""The ranking: made by the machine in the act that completes the sheets, and never changed."""

from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.evaluation.commands.gate import is_whole, panel
from marketplace.evaluation.model import Evaluation, RankedBid
from marketplace.evaluation.queries.parts import candidates, price_weight_bp
from marketplace.evaluation.rules import rank
from marketplace.evaluation.states import EVALUATION, ON_PANEL, EvaluationAction, MemberState
from marketplace.journal.commands import record
from marketplace.kit.actor import Actor
from marketplace.outbox.commands import emit
from marketplace.projects.model import Project


def rank_if_complete(db: Session, actor: Actor, project: Project, row: Evaluation, now: datetime) -> None:
    """Rank the valid bids once every sheet of a whole panel is locked; else nothing happens."""
    live = [one for one in panel(db, project.id) if one.state in ON_PANEL]
    complete = all(one.state is MemberState.LOCKED for one in live)
    if EvaluationAction.RANK not in EVALUATION.actions(row.state) or not complete or not is_whole(db, project):
        return
    bids, criteria = candidates(db, project.id)
    ranked = rank(bids, criteria, price_weight_bp(db, project.id))
    db.add_all(
        RankedBid(
            bid_id=one.bid_id,
            project_id=project.id,
            place=one.place,
            price_bp=one.price_bp,
            quality_bp=one.quality_bp,
            total_bp=one.total_bp,
        )
        for one in ranked
    )
    row.state = EVALUATION.after(row.state, EvaluationAction.RANK)
    row.ranked_at = now
    db.flush()
    record(
        db, actor, "evaluation.ranked", "project", project.id, now=now,
        ranking=[(one.place, one.bid_id, one.total_bp) for one in ranked],
    )  # fmt: skip
    emit(db, "evaluation.ranked", now=now, project_id=project.id)
