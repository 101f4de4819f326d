"""The moves of evaluations and panel members, and who may do what when, written out by hand from the handbook."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from marketplace.bids.queries import opened_bids
from marketplace.bids.sealing.keys import Seat
from marketplace.evaluation import commands
from marketplace.evaluation.model import Evaluation
from marketplace.evaluation.queries.parts import members_of
from marketplace.evaluation.rules.refusals import NotInEvaluation, NotOnPanel
from marketplace.evaluation.schemas import Composition, Declaration, Sheet, Signature
from marketplace.evaluation.states import EVALUATION, MEMBER, EvaluationState, MemberState
from marketplace.flows import awarding
from marketplace.kit.actor import SYSTEM, Actor, Function, Role
from marketplace.kit.errors import DomainError, Forbidden, IllegalMove, NotFound
from tests.bids.support import World
from tests.evaluation.support import (
    NO_CONFLICT,
    OPINION,
    Jury,
    a_check,
    a_jury,
    a_sheet,
    check_all,
    checked,
    colleagues,
    composed,
    convened,
    decided,
    ids_of,
    open_all,
    reported,
    scored,
    written,
)
from tests.identity.town import an_actor

EVALUATION_MOVES = """
composing appoint         declaring
declaring appoint         declaring
declaring dismiss         declaring
declaring declare         declaring
declaring convene         checking
checking  appoint         checking
checking  dismiss         checking
checking  declare         checking
checking  check           checking
checking  confirm_checks  scoring
checking  fail            failed
scoring   appoint         scoring
scoring   dismiss         scoring
scoring   declare         scoring
scoring   score           scoring
scoring   submit          scoring
scoring   rank            scored
scored    report          signing
signing   report          signing
signing   sign            signing
signing   deliver         reported
reported  decide          decided
reported  fail            failed
decided   publish         published
"""
MEMBER_MOVES = """
appointed take_seat seated
appointed recuse    recused
appointed dismiss   dismissed
seated    recuse    recused
seated    lock      locked
locked    sign      signed
"""


def table(text: str) -> dict[tuple[str, str], str]:
    return {(source, act): target for source, act, target in (line.split() for line in text.split("\n") if line)}


def test_the_tables_of_moves_are_the_handbooks() -> None:
    assert {(str(s), str(a)): str(t) for (s, a), t in EVALUATION.moves.items()} == table(EVALUATION_MOVES)
    assert EVALUATION.final() == {EvaluationState.PUBLISHED, EvaluationState.FAILED}
    assert {(str(s), str(a)): str(t) for (s, a), t in MEMBER.moves.items()} == table(MEMBER_MOVES)
    assert MEMBER.final() == {MemberState.SIGNED, MemberState.RECUSED, MemberState.DISMISSED}


Way = Callable[[Session, World, datetime], Jury]


def nobody(db: Session, world: World, now: datetime) -> Jury:
    return a_jury(db, world, now)


def halfway(db: Session, world: World, now: datetime) -> Jury:
    """Everybody but the last two has declared."""
    jury = composed(db, world, now)
    for member in jury.members[:-2]:
        commands.declare(db, member, world.project_id, NO_CONFLICT, now=world.opens)
    return jury


def all_recorded(db: Session, world: World, now: datetime) -> Jury:
    jury = convened(db, world, now)
    check_all(db, world, jury)
    return jury


def published(db: Session, world: World, now: datetime) -> Jury:
    jury = decided(db, world, now)
    awarding.publish_result(db, jury.composer, world.project_id, now=world.opens)
    return jury


def declined(db: Session, world: World, now: datetime) -> Jury:
    jury = reported(db, world, now)
    awarding.decline(db, jury.head, world.project_id, reason="采购任务取消", now=world.opens)
    return jury


WAYS: dict[str, Way] = {
    "composing": nobody,
    "declaring": halfway,
    "checking": all_recorded,
    "scoring": checked,
    "scored": scored,
    "signing": written,
    "reported": reported,
    "decided": decided,
    "published": published,
    "failed": declined,
}
Act = Callable[[Session, World, Jury, Actor], None]


def appoint(db: Session, world: World, jury: Jury, who: Actor) -> None:
    sitting = {one.person_id for one in members_of(db, world.project_id)}
    people = [one for one in jury.members if one.person_id not in sitting] or colleagues(db, world, 2, world.opens)
    composition = Composition(representatives=ids_of(people))
    commands.appoint(db, who, world.project_id, composition, now=world.opens)


def dismiss(db: Session, world: World, jury: Jury, who: Actor) -> None:
    members = members_of(db, world.project_id)
    seat = members[-1].id if members else world.project_id
    commands.dismiss(db, who, world.project_id, seat, reason="联系不上", now=world.opens)


def declare(db: Session, world: World, jury: Jury, who: Actor) -> None:
    commands.declare(db, who, world.project_id, NO_CONFLICT, now=world.opens)


def recuse(db: Session, world: World, jury: Jury, who: Actor) -> None:
    commands.declare(db, who, world.project_id, Declaration(recuse=True, reason="曾任职"), now=world.opens)


def check(db: Session, world: World, jury: Jury, who: Actor) -> None:
    bid = opened_bids(db, world.project_id)[0]
    commands.check_bid(db, who, world.project_id, bid.bid_id, a_check(db, world.project_id), now=world.opens)


def confirm(db: Session, world: World, jury: Jury, who: Actor) -> None:
    awarding.confirm_checks(db, who, world.project_id, now=world.opens)


def save(db: Session, world: World, jury: Jury, who: Actor) -> None:
    commands.save_scores(db, who, world.project_id, Sheet(), now=world.opens)


def submit(db: Session, world: World, jury: Jury, who: Actor) -> None:
    sheet = a_sheet(db, world.project_id)
    commands.submit_scores(db, who, world.project_id, sheet, now=world.opens)


def write(db: Session, world: World, jury: Jury, who: Actor) -> None:
    commands.write_report(db, who, world.project_id, OPINION, now=world.opens)


def sign(db: Session, world: World, jury: Jury, who: Actor) -> None:
    row = db.get(Evaluation, world.project_id)
    digest = row.report_digest if row and row.report_digest else "0" * 64
    commands.sign_report(db, who, world.project_id, Signature(digest=digest), now=world.opens)


def decide(db: Session, world: World, jury: Jury, who: Actor) -> None:
    awarding.decide(db, who, world.project_id, now=world.opens)


def decline(db: Session, world: World, jury: Jury, who: Actor) -> None:
    awarding.decline(db, who, world.project_id, reason="采购任务取消", now=world.opens)


def publish(db: Session, world: World, jury: Jury, who: Actor) -> None:
    awarding.publish_result(db, who, world.project_id, now=world.opens)


ACTS: dict[str, Act] = {
    "appoint": appoint, "dismiss": dismiss, "declare": declare, "recuse": recuse, "check": check, "confirm": confirm,
    "save": save, "submit": submit, "write": write, "sign": sign, "decide": decide, "decline": decline,
    "publish": publish,
}  # fmt: skip
BY_COMPOSER, BY_HEAD = {"appoint", "dismiss", "publish"}, {"decide", "decline"}
SUCCEED = {
    "composing": {"appoint"},
    "declaring": {"appoint", "dismiss", "declare", "recuse"},
    "checking": {"appoint", "recuse", "check", "confirm"},
    "scoring": {"appoint", "recuse", "save", "submit"},
    "scored": {"write"},
    "signing": {"write", "sign"},
    "reported": {"decide", "decline"},
    "decided": {"publish"},
    "published": set(),
    "failed": set(),
}
"""What succeeds in each state, done by whoever may do it; everything else is refused."""
ENDED = {"decided", "published", "failed"}


def rightful(act: str, state: str, jury: Jury) -> Actor:
    if act in BY_COMPOSER:
        return jury.composer
    if act in BY_HEAD:
        return jury.head
    if act in {"declare", "recuse"}:
        return jury.members[-1]
    return jury.members[1]


@pytest.mark.parametrize("state", WAYS)
def test_in_each_state_only_the_documented_acts_succeed(db: Session, world: World, now: datetime, state: str) -> None:
    open_all(db, world, now)
    jury = WAYS[state](db, world, now)
    row = db.get(Evaluation, world.project_id)
    assert (row.state.value if row else "composing") == state
    for name, act in ACTS.items():
        savepoint = db.begin_nested()
        if name in SUCCEED[state]:
            act(db, world, jury, rightful(name, state, jury))
        else:
            refusals = (IllegalMove, NotFound, *([NotInEvaluation] if state in ENDED else []))
            with pytest.raises(refusals):
                act(db, world, jury, rightful(name, state, jury))
        savepoint.rollback()
        db.expire_all()


@pytest.mark.parametrize("state", [one for one in WAYS if SUCCEED[one]])
def test_nobody_else_may_do_what_the_rightful_may(db: Session, world: World, now: datetime, state: str) -> None:
    open_all(db, world, now)
    jury = WAYS[state](db, world, now)
    colleague = colleagues(db, world, 1, now)[0]
    outsiders = {
        "expert": an_actor(db, Role.EXPERT, functions=(Function.PROCURING_ENTITY,), now=now),
        "other buyer": an_actor(db, Role.HEAD, functions=(Function.BUYER,), now=now),
        "accountant": an_actor(db, Role.ACCOUNTANT, functions=(Function.FINANCE_OFFICE,), now=now),
        "auditor": world.openers[Seat.SUPERVISOR],
        "bidder": world.bidders[0],
        "clerk without a seat": colleague,
        "system": SYSTEM,
    }
    for name in SUCCEED[state]:
        for who, actor in outsiders.items():
            if name in BY_COMPOSER and who in {"clerk without a seat", "system"}:
                continue  # the desk composes and publishes, whoever of it
            if name in BY_HEAD and who == "system":
                continue
            savepoint = db.begin_nested()
            with pytest.raises((Forbidden, NotFound, NotOnPanel)) as refusal:
                ACTS[name](db, world, jury, actor)
            assert isinstance(refusal.value, DomainError), (state, name, who)
            savepoint.rollback()
            db.expire_all()
