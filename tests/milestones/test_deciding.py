"""Verification and acceptance: each by another person, in full, in part or not at all, to the fen."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from marketplace.contracts import commands, queries
from marketplace.contracts.commands.verifying import last_report
from marketplace.contracts.model import Acceptance, Contract, Milestone
from marketplace.contracts.rules.delivery import (
    ContractNotInForce,
    MendByPassed,
    PersonNeeded,
    ReasonMissing,
    SatisfiedBeyondAsked,
)
from marketplace.contracts.schemas import Confirm, SendBack
from marketplace.contracts.states import MILESTONE, ContractState, Finding, MilestoneAction, MilestoneState
from marketplace.flows import delivering
from marketplace.identity.rules import DutiesClash
from marketplace.kit.actor import SYSTEM, Actor
from marketplace.kit.errors import DomainError, Forbidden, NotFound, Stale
from marketplace.kit.text import Hidden
from marketplace.ledger.queries import balance, verify
from marketplace.outbox.model import Message
from marketplace.projects.model import Notice
from marketplace.projects.states import NoticeKind
from tests.milestones.steps import a_report, accepted, an_acceptance, reported, returned, state_of, verified
from tests.milestones.worlds import SIGNED, Delivery

NOW = SIGNED + timedelta(days=30)
S, A = MilestoneState, MilestoneAction


def test_a_milestone_moves_as_the_handbook_says() -> None:
    assert dict(MILESTONE.moves) == {
        (S.SCHEDULED, A.FALL_DUE): S.ACCEPTED,
        (S.SCHEDULED, A.REPORT): S.REPORTED,
        (S.RETURNED, A.REPORT): S.REPORTED,
        (S.REPORTED, A.RETURN): S.RETURNED,
        (S.REPORTED, A.VERIFY): S.VERIFIED,
        (S.VERIFIED, A.RETURN): S.RETURNED,
        (S.VERIFIED, A.ACCEPT): S.ACCEPTED,
        (S.VERIFIED, A.ACCEPT_PARTLY): S.PARTLY_ACCEPTED,
        (S.VERIFIED, A.REJECT): S.REJECTED,
    }


def payable(db: Session, delivery: Delivery, milestone_id: UUID) -> int:
    return sum(balance(db, fund, ("payable", milestone_id)) for fund in delivery.funds)


def committed(db: Session, delivery: Delivery) -> int:
    return sum(balance(db, fund, ("committed", delivery.contract_id)) for fund in delivery.funds)


def available(db: Session, delivery: Delivery) -> int:
    return sum(balance(db, fund, ("available", None)) for fund in delivery.funds)


def test_what_is_accepted_in_full_becomes_payable(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    before = committed(db, delivery)
    done = accepted(db, tmp_path, delivery, NOW)
    assert (done.amount_fen, done.last) == (1_333_333, False)
    assert payable(db, delivery, done.milestone_id) == 1_333_333
    assert committed(db, delivery) == before - 1_333_333
    row = db.get_one(Milestone, done.milestone_id)
    assert (row.state, row.accepted_by, row.accepted_fen) == (S.ACCEPTED, delivery.acceptor.person_id, 1_333_333)
    assert row.verified_by == delivery.verifier.person_id
    assert verify(db).ok


def test_a_part_becomes_payable_and_the_rest_goes_back_at_the_end(
    db: Session, delivery: Delivery, tmp_path: Path
) -> None:
    free = available(db, delivery)
    part = accepted(db, tmp_path, delivery, NOW, share_bp=6_667, reason="第二托管点晚开班十天")
    assert part.amount_fen == 888_933  # 1 333 333 × 66.67 % = 888 933.1…
    assert state_of(db, part.milestone_id) is S.PARTLY_ACCEPTED
    assert committed(db, delivery) == 2_333_333 - 888_933
    last = accepted(db, tmp_path, delivery, NOW, which=2)
    assert last.last
    assert committed(db, delivery) == 0
    assert available(db, delivery) == free + 1_333_333 - 888_933
    contract = db.get_one(Contract, delivery.contract_id)
    assert (contract.state, contract.completed_at) == (ContractState.COMPLETED, NOW)
    notice = db.scalars(select(Notice).where(Notice.kind == NoticeKind.ACCEPTANCE)).one()
    assert "通过 2 项，部分通过 1 项，未通过 0 项" in notice.reason
    assert "28,889.33" in notice.reason
    assert db.scalar(select(func.count()).where(Message.topic == "contract.completed")) == 1
    assert verify(db).ok


def test_what_is_rejected_makes_nothing_payable(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    done = accepted(db, tmp_path, delivery, NOW, share_bp=0, reason="没有开班")
    assert (done.amount_fen, state_of(db, done.milestone_id)) == (0, S.REJECTED)
    assert payable(db, delivery, done.milestone_id) == 0
    assert db.scalar(select(func.count()).where(Message.topic == "milestone.rejected")) == 1


def test_a_part_of_next_to_nothing_needs_no_movement(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    db.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    done = accepted(db, tmp_path, delivery, NOW, share_bp=1, reason="只有一天")
    assert done.amount_fen == 133


STARTS: dict[MilestoneState, Callable[[Session, Path, Delivery], UUID]] = {
    S.SCHEDULED: lambda _db, _folder, delivery: delivery.milestones[1],
    S.REPORTED: lambda db, folder, delivery: reported(db, folder, delivery, NOW),
    S.RETURNED: lambda db, folder, delivery: returned(db, folder, delivery, NOW),
    S.VERIFIED: lambda db, folder, delivery: verified(db, folder, delivery, NOW),
    S.ACCEPTED: lambda db, folder, delivery: accepted(db, folder, delivery, NOW).milestone_id,
    S.PARTLY_ACCEPTED: lambda db, folder, delivery: (
        accepted(db, folder, delivery, NOW, share_bp=1, reason="只有一天").milestone_id
    ),
    S.REJECTED: lambda db, folder, delivery: (
        accepted(db, folder, delivery, NOW, share_bp=0, reason="没有开班").milestone_id
    ),
}


def take(db: Session, action: MilestoneAction, actor: Actor, milestone_id: UUID) -> None:
    """One action on a milestone, by somebody."""
    row = db.get_one(Milestone, milestone_id)
    attempt = max(row.attempts, 1)
    back = SendBack(attempt=attempt, reason="请补材料", mend_by=(NOW + timedelta(days=9)).date())
    if action is A.REPORT:
        commands.report(
            db, actor, milestone_id, a_report(row.attempts + 1, version=1, ticked=[0, 1]), now=NOW
        )  # fmt: skip
    elif action is A.VERIFY:
        commands.verify(db, actor, milestone_id, Confirm(attempt=attempt), now=NOW)
    elif action is A.RETURN:
        commands.send_back(db, actor, milestone_id, back, now=NOW)
    else:
        share = {A.ACCEPT: 10_000, A.ACCEPT_PARTLY: 5_000, A.REJECT: 0}[action]
        delivering.accept(db, actor, milestone_id, an_acceptance(attempt, share_bp=share, reason="见意见"), now=NOW)


SUPPLIER, CLERK, HEAD = ("supplier_clerk", "supplier_head"), ("verifier", "second_acceptor"), ("acceptor",)
MOVES: dict[tuple[MilestoneState, MilestoneAction], tuple[tuple[str, ...], MilestoneState]] = {
    (S.RETURNED, A.REPORT): (SUPPLIER, S.REPORTED),
    (S.REPORTED, A.VERIFY): (CLERK, S.VERIFIED),
    (S.REPORTED, A.RETURN): (CLERK, S.RETURNED),
    (S.VERIFIED, A.RETURN): (("second_acceptor", "acceptor"), S.RETURNED),
    (S.VERIFIED, A.ACCEPT): (("second_acceptor", "acceptor"), S.ACCEPTED),
    (S.VERIFIED, A.ACCEPT_PARTLY): (("second_acceptor", "acceptor"), S.PARTLY_ACCEPTED),
    (S.VERIFIED, A.REJECT): (("second_acceptor", "acceptor"), S.REJECTED),
}
"""By hand: state and action → who of these people may, and where it leads. (A first report needs files: see there.)"""
PEOPLE = (*SUPPLIER, *CLERK, *HEAD, "project_drafter", "contract_drafter", "decider", "auditor", "finance", "stranger")


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("action", [one for one in A if one is not A.FALL_DUE])
def test_every_state_action_and_person_is_a_move_or_a_refusal(
    db: Session, delivery: Delivery, tmp_path: Path, state: MilestoneState, action: MilestoneAction
) -> None:
    milestone_id = STARTS[state](db, tmp_path, delivery)
    may: tuple[str, ...]
    leads: MilestoneState | None
    may, leads = MOVES.get((state, action), ((), None))
    if state is S.REPORTED and action in {A.VERIFY, A.RETURN}:
        may = (*may, "project_drafter", "contract_drafter")
    if (state, action) == (S.SCHEDULED, A.REPORT):
        may = SUPPLIER
    for name in PEOPLE:
        end = tried(db, action, getattr(delivery, name), milestone_id)
        if name not in may:
            assert end in REFUSALS, f"{name}: {end}"
        elif leads is None:
            assert end == "report_without_files"
        else:
            assert end == leads, name


REFUSALS = {"not_found", "forbidden", "duties_clash", "illegal_move", "stale"}


def tried(db: Session, action: MilestoneAction, actor: Actor, milestone_id: UUID) -> str:
    """The state that an action led to, or the code of its refusal; then all is as it was."""
    point = db.begin_nested()
    try:
        take(db, action, actor, milestone_id)
        return state_of(db, milestone_id)
    except DomainError as refusal:
        return refusal.code
    finally:
        point.rollback()
        db.expire_all()


@pytest.mark.parametrize(
    ("who", "done"),
    [
        ("project_drafter", "起草项目"), ("contract_drafter", "起草合同"), ("decider", "确定结果"),
        ("verifier", "核验里程碑"),
    ],
)  # fmt: skip
def test_who_bought_or_verified_does_not_accept(
    db: Session, delivery: Delivery, tmp_path: Path, who: str, done: str
) -> None:
    milestone_id = verified(db, tmp_path, delivery, NOW)
    actor = getattr(delivery, who)
    with pytest.raises(DutiesClash) as refused:
        delivering.accept(db, actor, milestone_id, an_acceptance(), now=NOW)
    assert f"办理过「{done}」" in str(refused.value)
    assert "请由另一位同事办理" in str(refused.value)
    seen = queries.dossier(db, actor, milestone_id, now=NOW)
    assert seen.barred is not None
    assert seen.barred.done == done
    assert not seen.card.actions
    assert not queries.todos(db, actor, now=NOW)
    assert state_of(db, milestone_id) is S.VERIFIED


def test_who_reported_neither_verifies_nor_accepts(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    milestone_id = reported(db, tmp_path, delivery, NOW)
    assert delivery.verifier.organization_id
    turncoat = Actor(
        person_id=delivery.supplier_clerk.person_id, organization_id=delivery.verifier.organization_id,
        functions=delivery.verifier.functions, roles=delivery.verifier.roles,
    )  # fmt: skip
    with pytest.raises(DutiesClash) as refused:
        commands.verify(db, turncoat, milestone_id, Confirm(attempt=1), now=NOW)
    assert "提交里程碑" in str(refused.value)
    commands.verify(db, delivery.verifier, milestone_id, Confirm(attempt=1), now=NOW)
    with pytest.raises(DutiesClash):
        delivering.accept(db, turncoat, milestone_id, an_acceptance(), now=NOW)


def test_who_sent_an_earlier_report_back_does_not_accept_a_later_one(
    db: Session, delivery: Delivery, tmp_path: Path
) -> None:
    milestone_id = returned(db, tmp_path, delivery, NOW)
    commands.report(db, delivery.supplier_clerk, milestone_id, a_report(2, ticked=[0, 1]), now=NOW)
    commands.verify(db, delivery.second_acceptor, milestone_id, Confirm(attempt=2, note="已补齐"), now=NOW)
    with pytest.raises(DutiesClash):
        delivering.accept(db, delivery.verifier, milestone_id, an_acceptance(2), now=NOW)
    assert delivering.accept(db, delivery.acceptor, milestone_id, an_acceptance(2), now=NOW).amount_fen == 1_333_333


def test_who_accepts_may_ask_for_mending_and_accept_what_was_mended(
    db: Session, delivery: Delivery, tmp_path: Path
) -> None:
    milestone_id = verified(db, tmp_path, delivery, NOW)
    back = SendBack(attempt=1, reason="家长意见未汇总", mend_by=(NOW + timedelta(days=5)).date())
    with pytest.raises(DutiesClash):
        commands.send_back(db, delivery.verifier, milestone_id, back, now=NOW)
    commands.send_back(db, delivery.acceptor, milestone_id, back, now=NOW)
    row = db.get_one(Milestone, milestone_id)
    assert (row.state, row.verified_by) == (S.RETURNED, None)
    commands.report(db, delivery.supplier_clerk, milestone_id, a_report(2, ticked=[0, 1]), now=NOW)
    commands.verify(db, delivery.verifier, milestone_id, Confirm(attempt=2), now=NOW)
    assert delivering.accept(db, delivery.acceptor, milestone_id, an_acceptance(2), now=NOW).amount_fen == 1_333_333
    findings = [one.findings for one in queries.dossier(db, delivery.auditor, milestone_id, now=NOW).reports]
    assert [[found.finding for found in one] for one in findings] == [
        [Finding.CONFIRMED, Finding.RETURNED], [Finding.CONFIRMED],
    ]  # fmt: skip


def test_a_decision_is_about_the_report_that_was_read(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    milestone_id = returned(db, tmp_path, delivery, NOW)
    commands.report(db, delivery.supplier_clerk, milestone_id, a_report(2, ticked=[0, 1]), now=NOW)
    with pytest.raises(Stale):
        commands.verify(db, delivery.verifier, milestone_id, Confirm(attempt=1), now=NOW)
    commands.verify(db, delivery.verifier, milestone_id, Confirm(attempt=2), now=NOW)
    with pytest.raises(Stale):
        delivering.accept(db, delivery.acceptor, milestone_id, an_acceptance(1), now=NOW)


def test_what_is_wrong_with_a_decision_is_told(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    milestone_id = verified(db, tmp_path, delivery, NOW)
    for form, refusal in (
        (an_acceptance(share_bp=5_000), ReasonMissing),
        (an_acceptance(asked=3, satisfied=4), SatisfiedBeyondAsked),
    ):
        with pytest.raises(refusal):
            delivering.accept(db, delivery.acceptor, milestone_id, form, now=NOW)
    late = SendBack(attempt=1, reason="请补", mend_by=NOW.date())
    with pytest.raises(MendByPassed):
        commands.send_back(db, delivery.acceptor, milestone_id, late, now=NOW)
    with pytest.raises(PersonNeeded):
        delivering.accept(db, SYSTEM, milestone_id, an_acceptance(), now=NOW)
    with pytest.raises(NotFound):
        delivering.accept(db, delivery.acceptor, uuid4(), an_acceptance(), now=NOW)
    with pytest.raises(NotFound):
        commands.complete(db, SYSTEM, uuid4(), now=NOW)
    with pytest.raises(NotFound):
        last_report(db, db.get_one(Milestone, delivery.milestones[2]))
    contract = db.get_one(Contract, delivery.contract_id)
    contract.state, contract.completed_at = ContractState.COMPLETED, NOW
    db.flush()
    with pytest.raises(ContractNotInForce):
        delivering.accept(db, delivery.acceptor, milestone_id, an_acceptance(), now=NOW)


@pytest.mark.parametrize(
    "statement",
    [
        (
            "UPDATE contract_milestone SET state = 'accepted', accepted_at = verified_at, accepted_bp = 10000,"
            " accepted_fen = amount_fen + 1, accepted_by = (SELECT approved_by FROM contract) WHERE place = 2"
        ),
        (
            "UPDATE contract_milestone SET state = 'accepted', accepted_at = verified_at, accepted_bp = 10000,"
            " accepted_fen = amount_fen, accepted_by = verified_by WHERE place = 2"
        ),
        (
            "UPDATE contract_milestone SET state = 'accepted', accepted_at = verified_at, accepted_bp = 10000,"
            " accepted_fen = amount_fen, accepted_by = reported_by WHERE place = 2"
        ),
        (
            "UPDATE contract_milestone SET state = 'accepted', accepted_at = verified_at, accepted_bp = 10000,"
            " accepted_fen = amount_fen WHERE place = 2"
        ),
        (
            "UPDATE contract_milestone SET state = 'rejected', accepted_at = verified_at, accepted_bp = 0,"
            " accepted_fen = 1, accepted_by = (SELECT approved_by FROM contract) WHERE place = 2"
        ),
    ],
)
def test_the_database_refuses_what_the_rules_refuse(
    db: Session, delivery: Delivery, tmp_path: Path, statement: str
) -> None:
    verified(db, tmp_path, delivery, NOW)
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(text(statement))


@pytest.mark.parametrize(
    ("change", "value"),
    [("person_id", "verified_by"), ("satisfied", "asked + 1"), ("opinion", "''"), ("share_bp", "5")],
)
def test_an_acceptance_row_shows_three_people_and_an_opinion(
    db: Session, delivery: Delivery, tmp_path: Path, change: str, value: str
) -> None:
    accepted(db, tmp_path, delivery, NOW)
    columns = {name: name for name in Acceptance.__table__.columns.keys()}  # noqa: SIM118 - a column collection
    columns |= {"milestone_id": f"'{delivery.milestones[2]}'", change: value}
    statement = f"INSERT INTO milestone_acceptance ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(text(f"{statement} FROM milestone_acceptance"))


@pytest.mark.parametrize("table", ["milestone_acceptance", "milestone_verification"])
def test_findings_and_decisions_are_for_ever(db: Session, delivery: Delivery, tmp_path: Path, table: str) -> None:
    accepted(db, tmp_path, delivery, NOW)
    for statement in (f"UPDATE {table} SET reason = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="permission denied"), db.begin_nested():
            db.execute(text(statement))


def test_the_public_sees_states_dates_and_counts_but_no_small_group(
    db: Session, delivery: Delivery, tmp_path: Path
) -> None:
    milestone_id = reported(db, tmp_path, delivery, NOW, which=2)
    commands.verify(db, delivery.verifier, milestone_id, Confirm(attempt=1), now=NOW)
    delivering.accept(db, delivery.acceptor, milestone_id, an_acceptance(asked=4, satisfied=4), now=NOW)
    shown = queries.public_milestones(db, delivery.project_id)
    assert [one.state for one in shown] == [S.ACCEPTED, S.SCHEDULED, S.ACCEPTED]
    assert (shown[2].people_served, shown[2].asked, shown[2].satisfied) == (60, Hidden.SMALL, Hidden.WITHHELD)
    assert (shown[1].people_served, shown[1].accepted_fen) == (None, None)
    names = set(type(shown[0]).__struct_fields__)
    assert not names & {"files", "content", "reported_by", "opinion", "reason"}
    assert queries.public_milestones(db, uuid4()) == ()


def test_lists_and_todos_tell_each_what_waits_for_them(db: Session, delivery: Delivery, tmp_path: Path) -> None:
    early = NOW
    assert not queries.todos(db, delivery.supplier_clerk, now=early)
    late = SIGNED.replace(month=8, day=3)
    todo = queries.todos(db, delivery.supplier_clerk, now=late)[0]
    assert (todo.urgent, todo.params["days"]) == (True, "3")
    cards = queries.supplier_milestones(db, delivery.supplier_clerk, now=late)
    assert (cards[0].place, cards[0].late_days) == (2, 3)
    milestone_id = returned(db, tmp_path, delivery, late)
    mend = queries.todos(db, delivery.supplier_head, now=late)[0]
    assert (mend.urgent, mend.url) == (False, f"/org/milestones/{milestone_id}")
    commands.report(db, delivery.supplier_clerk, milestone_id, a_report(2, ticked=[0, 1]), now=late)
    assert [one.url for one in queries.todos(db, delivery.verifier, now=late)] == [f"/centre/acceptance/{milestone_id}"]
    assert not queries.todos(db, delivery.acceptor, now=late)
    commands.verify(db, delivery.verifier, milestone_id, Confirm(attempt=2), now=late)
    assert [one.url for one in queries.todos(db, delivery.acceptor, now=late)] == [f"/centre/acceptance/{milestone_id}"]
    assert len(queries.desk_milestones(db, delivery.acceptor, now=late)) == 2
    assert queries.desk_milestones(db, delivery.stranger, now=late) == ()
    assert queries.supplier_milestones(db, delivery.other_supplier, now=late) == ()
    for actor in (delivery.finance, delivery.auditor):
        assert not queries.todos(db, actor, now=late)
    with pytest.raises(Forbidden):
        queries.desk_milestones(db, delivery.supplier_clerk, now=late)
    with pytest.raises(Forbidden):
        queries.supplier_milestones(db, delivery.verifier, now=late)
    assert late.date() > date(2026, 7, 31)
