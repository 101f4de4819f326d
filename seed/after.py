"""What follows the opening of a project's bids: evaluation, contract, delivery, as far as its story comes."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from marketplace.contracts.states import Side
from marketplace.kit.clock import at_legal, legal_day
from seed import delivery, judging, paying
from seed.play import Play
from seed.year import Project

LIFE = (
    "evaluating", "ranked", "decided", "result", "redrafting", "contracting", "agreed", "signing",
    "performing", "late", "sent_back", "reported", "verified", "part", "rejected",
    "claimed", "claim_returned", "reclaimed", "cleared", "refused", "bounced", "completed",
)  # fmt: skip
"""How far a story comes, in order; from ``performing`` on a contract is in force, whatever happens to it then."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SATURDAY, SUNDAY = 6, 7
SHARES = {"part": delivery.MOST, "rejected": delivery.NOTHING}
"""What is accepted of the last milestone where not all."""
IN_FORCE = LIFE.index("performing")


def _comes_to(project: Project, step: str) -> bool:
    return LIFE.index(project.ends) >= LIFE.index(step)


def _morning(now: datetime, days: int, hour: int = 10) -> datetime:
    """So many days later, or on the Monday after, at an hour."""
    day = legal_day(now) + days * DAY
    return at_legal(day + max(0, SUNDAY - day.isoweekday() + 1) * DAY if day.isoweekday() >= SATURDAY else day, hour)


def judge(play: Play, project: Project, project_id: UUID, now: datetime) -> None:
    """The panel meets on the day after the opening; the head decides on the next, and the result is published."""
    stage, title = play.stage, project.title
    met = _morning(now, 1)
    play.at(met, f"评审：{title}", lambda d, t: judging.compose(d, stage, project, project_id, now=t))
    play.at(met + HOUR, f"资格审查：{title}", lambda d, t: judging.check(d, project_id, now=t))
    thinking = project.ends == "evaluating"
    play.at(met + 2 * HOUR, f"打分：{title}", lambda d, t: judging.score(d, project_id, now=t, without_last=thinking))
    if not _comes_to(project, "decided"):
        return
    play.at(met + 3 * HOUR, f"评审报告：{title}", lambda d, t: judging.report(d, project_id, now=t))
    play.at(met + 5 * HOUR, f"确定结果：{title}", lambda d, t: judging.decide(d, stage, project, project_id, now=t))
    if _comes_to(project, "result"):
        play.at(met + 6 * HOUR, f"结果公告：{title}", partial(_announce, play, project, project_id))


def _announce(play: Play, project: Project, project_id: UUID, db: Session, now: datetime) -> None:
    award = judging.announce(db, play.stage, project, project_id, now=now)
    if _comes_to(project, "redrafting") and award.signable_from is not None:
        draft = partial(_draft, play, project, project_id, award.signable_from)
        play.at(_morning(now, 1), f"合同：{project.title}", draft)


def _draft(play: Play, project: Project, project_id: UUID, signable_from: datetime, db: Session, now: datetime) -> None:
    stage, title = play.stage, project.title
    if project.scrapped:
        delivery.scrap(db, stage, project, project_id, now=now)
    contract_id = delivery.draft(db, stage, project, project_id, now=now)
    if project.ends == "redrafting":
        play.at(
            now + HOUR, f"合同退回：{title}", lambda d, t: delivery.give_back(d, stage, project, contract_id, now=t)
        )
    if not _comes_to(project, "agreed"):
        return
    play.at(now + 3 * HOUR, f"合同审批：{title}", lambda d, t: delivery.approve(d, stage, project, contract_id, now=t))
    if project.ends == "agreed":
        return
    signing = _morning(max(signable_from, now), 1)
    play.at(signing, f"承接主体签约：{title}", partial(_sign, play, project, contract_id, Side.SUPPLIER))
    if LIFE.index(project.ends) >= IN_FORCE:
        play.at(signing + HOUR, f"购买主体签约：{title}", partial(_sign, play, project, contract_id, Side.BUYER))


def _sign(play: Play, project: Project, contract_id: UUID, side: Side, db: Session, now: datetime) -> None:
    stage = play.stage
    delivery.sign(db, stage, project, contract_id, side, now=now)
    if side is Side.BUYER:
        when = now + 2 * HOUR
        play.at(
            when, f"合同公告：{project.title}", lambda d, t: delivery.publish(d, stage, project, contract_id, now=t)
        )
        _pay_later(play, project, [one.id for one in delivery.advances(db, contract_id)], now, is_last=False)
        _deliver(play, project, contract_id, db)


def _deliver(play: Play, project: Project, contract_id: UUID, db: Session) -> None:
    """Each milestone is reported shortly before its day; trouble comes to the last one that has come by today."""
    title = project.title
    milestones = delivery.deliverables(db, contract_id)
    reported = {one.id: _morning(at_legal(one.due_on or legal_day(play.today)) - 4 * DAY, 0, 15) for one in milestones}
    due = [one.id for one in milestones if reported[one.id] <= play.today]
    for one in milestones:
        when, last = reported[one.id], bool(due) and one.id == due[-1]
        name = f"{title}，{one.title}"
        if last and project.ends == "late":
            return
        play.at(when, f"里程碑：{name}", partial(_report, play, project, one.id))
        checked, accepted = _morning(when, 1), _morning(when, 2)
        if last and project.ends == "sent_back":
            play.at(checked, f"退回整改：{name}", partial(_send_back, play, project, one.id))
            return
        if last and project.ends == "reported":
            return
        play.at(checked, f"核验：{name}", partial(_verify, play, project, one.id))
        if last and project.ends == "verified":
            return
        share = SHARES.get(project.ends, delivery.ALL) if last else delivery.ALL
        play.at(accepted, f"验收：{name}", partial(_accept, play, project, one.id, share, last))


def _report(play: Play, project: Project, milestone_id: UUID, db: Session, now: datetime) -> None:
    delivery.report(db, play.stage, project, milestone_id, now=now)


def _send_back(play: Play, project: Project, milestone_id: UUID, db: Session, now: datetime) -> None:
    delivery.send_back(db, play.stage, project, milestone_id, now=now)


def _verify(play: Play, project: Project, milestone_id: UUID, db: Session, now: datetime) -> None:
    delivery.verify(db, play.stage, project, milestone_id, now=now)


def _accept(
    play: Play, project: Project, milestone_id: UUID, share_bp: int, is_last: bool, db: Session, now: datetime
) -> None:
    delivery.accept(db, play.stage, project, milestone_id, now=now, share_bp=share_bp)
    if share_bp:
        _pay_later(play, project, [milestone_id], now, is_last=is_last)


def _pay_later(play: Play, project: Project, milestones: list[UUID], now: datetime, *, is_last: bool) -> None:
    """What has become payable is asked for on the next day, approved, and ordered on the day after."""
    for milestone_id in milestones:
        play.at(_morning(now, 1), f"付款申请：{project.title}", partial(_apply, play, project, milestone_id, is_last))


def _apply(play: Play, project: Project, milestone_id: UUID, is_last: bool, db: Session, now: datetime) -> None:
    """Trouble with money comes to the last payment that is due by today; one refused by the bank may come before."""
    stage, title, trouble = play.stage, project.title, project.ends if is_last else ""
    if trouble == "reclaimed":
        paying.take_back(db, stage, paying.apply(db, stage, milestone_id, now=now, series="9"), now=now)
    for office, application_id in paying.apply(db, stage, milestone_id, now=now):
        if trouble == "claimed":
            continue
        if trouble == "claim_returned":
            back = partial(_return, play, office, application_id)
            play.at(now + 4 * HOUR, f"付款退回修改：{title}", back)
            continue
        play.at(now + 4 * HOUR, f"付款审批：{title}", partial(_approve, play, office, application_id))
        if trouble != "cleared":
            order = partial(_order, play, project, office, application_id, trouble)
            play.at(_morning(now, 1), f"付款：{title}", order)


def _approve(play: Play, office: str, application_id: UUID, db: Session, now: datetime) -> None:
    paying.approve(db, play.stage, office, application_id, now=now)


def _return(play: Play, office: str, application_id: UUID, db: Session, now: datetime) -> None:
    paying.send_back(db, play.stage, office, application_id, now=now)


def _order(
    play: Play, project: Project, office: str, application_id: UUID, trouble: str, db: Session, now: datetime
) -> None:
    if project.ends == "refused":
        play.director.next("bank.line", "refuse", reason="收款账户已销户，请核对后重新提交")
    paying.order(db, play.stage, office, application_id, now=now)
    if trouble == "bounced":
        play.at(_morning(now, 1), f"退票：{project.title}", partial(_bounce, play, office, application_id))


def _bounce(play: Play, office: str, application_id: UUID, db: Session, now: datetime) -> None:
    paying.bounce(db, play.stage, play.director, office, application_id, now=now)
