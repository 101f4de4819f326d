"""Questions in public, askers hidden; and answers that leave everybody time to use them."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from marketplace.journal.model import JournalEntry
from marketplace.kit.actor import Function, Role
from marketplace.kit.clock import at_legal
from marketplace.kit.errors import Forbidden, IllegalMove, NotFound
from marketplace.outbox.model import Message
from marketplace.projects import commands, queries
from marketplace.projects.model import Project
from marketplace.projects.rules import refusals as no
from marketplace.projects.rules.questions import UNANSWERED_MAX
from marketplace.projects.schemas import Amendment
from marketplace.projects.states import QUESTION, QuestionState
from tests.identity.town import an_actor
from tests.projects.village import KEY, Village, a_draft, an_open, closing

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def ask(db: Session, village: Village, project_id: UUID, at: datetime, content: str = "是否限本村户籍儿童？") -> UUID:
    return commands.ask_question(db, village.supplier, project_id, content, key=KEY, took_document=True, now=at)


def test_a_question_is_seen_by_its_asker_and_staff_until_its_answer_is_seen_by_all(
    db: Session, village: Village, now: datetime
) -> None:
    project_id = an_open(db, village, now)
    other = an_actor(db, Role.CLERK, functions=(Function.SUPPLIER,), now=now)
    question = ask(db, village, project_id, now)

    def seen() -> list[int]:
        readers = (village.supplier, village.centre_clerk, other)
        return [len(queries.questions_for(db, reader, project_id, key=KEY)) for reader in readers]

    assert seen() == [1, 1, 0]
    assert queries.project(db, project_id, now=now).questions == ()
    commands.answer_question(db, village.buyer_clerk, question, "不限户籍。", now=now + DAY)
    assert seen() == [1, 1, 1]
    (shown,) = queries.project(db, project_id, now=now).questions
    assert (shown.content, shown.answer, shown.mine) == ("是否限本村户籍儿童？", "不限户籍。", False)
    assert [one.mine for one in queries.questions_for(db, village.supplier, project_id, key=KEY)] == [True]


def test_no_row_entry_or_message_tells_who_asked(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    question = ask(db, village, project_id, now)
    asker = {str(village.supplier.organization_id), str(village.supplier.person_id)}
    row = db.execute(text("SELECT project_question::text FROM project_question WHERE id = :id"), {"id": question})
    entry = db.scalars(select(JournalEntry).where(JournalEntry.thing_id == question)).one()
    message = db.scalars(select(Message).where(Message.topic == "question.asked")).one()
    written = f"{row.scalar_one()} {entry.person_id} {entry.organization_id} {message.payload}"
    assert not [secret for secret in asker if secret in written or secret.replace("-", "") in written]
    assert entry.act == "question.asked"


def test_only_who_took_the_document_asks_and_only_for_a_supplier(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    with pytest.raises(no.DocumentNotTaken):
        commands.ask_question(db, village.supplier, project_id, "可以吗？", key=KEY, took_document=False, now=now)
    expert = an_actor(db, Role.EXPERT, functions=(Function.SUPPLIER,), now=now)
    with pytest.raises(Forbidden):
        commands.ask_question(db, expert, project_id, "可以吗？", key=KEY, took_document=True, now=now)
    for hidden in (a_draft(db, village, now), uuid4()):
        with pytest.raises(NotFound):
            ask(db, village, hidden, now)


def test_the_time_for_questions_ends_by_the_clock(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    until = db.get_one(Project, project_id).questions_due_at
    assert until
    ask(db, village, project_id, until)
    with pytest.raises(no.DeadlinePassed):
        ask(db, village, project_id, until + SECOND)


def test_nobody_floods_a_project_with_questions(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    for number in range(UNANSWERED_MAX):
        ask(db, village, project_id, now, f"第 {number} 问")
    with pytest.raises(no.TooManyQuestions):
        ask(db, village, project_id, now)


def test_an_answer_stands(db: Session, village: Village, now: datetime) -> None:
    question = ask(db, village, an_open(db, village, now), now)
    for stranger in (village.stranger, village.supplier):
        with pytest.raises(NotFound):
            commands.answer_question(db, stranger, question, "越权答复", now=now)
    commands.answer_question(db, village.centre_clerk, question, "可以。", now=now)
    with pytest.raises(no.AlreadyAnswered):
        commands.answer_question(db, village.centre_clerk, question, "不可以。", now=now)
    with pytest.raises(NotFound):
        commands.answer_question(db, village.centre_clerk, uuid4(), "没有这个问题", now=now)


def test_an_answer_on_the_last_day_waits_for_the_deadline_to_move(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    question, due = ask(db, village, project_id, now), closing(db, project_id)
    late = due - timedelta(hours=2)
    with pytest.raises(no.ExtendFirst) as refused:
        commands.answer_question(db, village.centre_clerk, question, "可以。", now=late)
    assert refused.value.params["offered"] == "2026-03-11"
    moved = Amendment(
        reason="答复提问需要，顺延响应截止",
        bids_due_at=at_legal(date(2026, 3, 12), 17),
        opening_at=at_legal(date(2026, 3, 12), 18),
        result_on=date(2026, 3, 17),
    )
    commands.amend(db, village.centre_head, project_id, moved, now=late)
    commands.answer_question(db, village.centre_clerk, question, "可以。", now=late)


def test_an_open_question_stops_the_closing_until_it_is_dismissed_in_public(
    db: Session, village: Village, now: datetime
) -> None:
    project_id = an_open(db, village, now)
    question, due = ask(db, village, project_id, now), closing(db, project_id)
    late = due + SECOND
    with pytest.raises(no.DeadlinePassed):
        commands.answer_question(db, village.centre_clerk, question, "太晚了。", now=late)
    with pytest.raises(no.QuestionOpen, match="第 1 号提问"):
        commands.close_for_opening(db, village.auditor, project_id, now=late)
    with pytest.raises(no.QuestionOpen, match="第 1 号提问"):
        commands.fail(db, village.auditor, project_id, reason="家数不足", now=late)
    commands.dismiss_question(db, village.centre_head, question, "与本项目无关，请向主管部门咨询。", now=late)
    (shown,) = queries.project(db, project_id, now=late).questions
    assert (shown.state, shown.answer) == (QuestionState.DISMISSED, "与本项目无关，请向主管部门咨询。")
    commands.close_for_opening(db, village.auditor, project_id, now=late)
    with pytest.raises(IllegalMove):
        commands.answer_question(db, village.centre_clerk, question, "太晚了。", now=late)


def test_an_answer_that_waited_too_long_moves_the_deadline_with_it(
    db: Session, village: Village, now: datetime
) -> None:
    project_id = an_open(db, village, now)
    question, due = ask(db, village, project_id, now), closing(db, project_id)
    assert due == at_legal(date(2026, 3, 10), 17)
    for at, closes in ((due - 2 * SECOND, date(2026, 3, 11)), (due + SECOND, date(2026, 3, 11))):
        with db.begin_nested() as savepoint:
            moved = commands.answer_extending(db, village.centre_head, question, "可以。", now=at)
            row = db.get_one(Project, project_id)
            assert moved == row.bids_due_at == at_legal(closes, 17)
            assert row.opening_at == at_legal(closes, 17, 30)
            assert (row.edition, row.binding_edition) == (2, 1), "times alone bind no bid to be confirmed"
            notice = queries.project(db, project_id, now=at).notices[-1]
            assert "bids_due_at" in {one.field for one in notice.changes}
            savepoint.rollback()
        db.expire_all()
    with pytest.raises(Forbidden):
        commands.answer_extending(db, village.centre_clerk, question, "可以。", now=due)
    early = commands.answer_extending(db, village.centre_head, question, "可以。", now=now)
    assert early == due, "in good time nothing moves"


def test_an_answer_is_corrected_once_and_both_stay(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    question = ask(db, village, project_id, now)
    with pytest.raises(IllegalMove):
        commands.correct_answer(db, village.centre_head, question, "还没有答复", now=now)
    commands.answer_question(db, village.centre_clerk, question, "限 60 人。", now=now)
    with pytest.raises(no.NothingAmended):
        commands.correct_answer(db, village.centre_head, question, "限 60 人。", now=now)
    with pytest.raises(no.ExtendFirst):
        commands.correct_answer(db, village.centre_head, question, "限 80 人。", now=closing(db, project_id))
    commands.correct_answer(db, village.centre_head, question, "限 80 人。", now=now + DAY)
    (shown,) = queries.project(db, project_id, now=now + DAY).questions
    assert (shown.answer, shown.first_answer, shown.state) == ("限 80 人。", "限 60 人。", QuestionState.CORRECTED)
    (change,) = queries.project(db, project_id, now=now + DAY).notices[-1].changes
    assert [[(piece.mark, piece.text) for piece in line.pieces] for line in change.lines] == [
        [("same", "限 "), ("gone", "60"), ("new", "80"), ("same", " 人。")]
    ]
    with pytest.raises(IllegalMove):
        commands.correct_answer(db, village.centre_head, question, "限 90 人。", now=now + DAY)


MOVES = """
asked      answer           answered
asked      answer_extending answered
asked      dismiss          dismissed
answered   correct          corrected
"""
WHO = """
asked     answer           yes yes yes yes 404 404 404
asked     answer_extending 403 yes 403 yes 404 404 404
asked     dismiss          403 yes 403 yes 404 404 404
asked     correct          403 409 403 409 404 404 404
answered  answer           409 409 409 409 404 404 404
answered  answer_extending 403 409 403 409 404 404 404
answered  dismiss          403 409 403 409 404 404 404
answered  correct          403 yes 403 yes 404 404 404
dismissed answer           409 409 409 409 404 404 404
dismissed answer_extending 403 409 403 409 404 404 404
dismissed dismiss          403 409 403 409 404 404 404
dismissed correct          403 409 403 409 404 404 404
corrected answer           409 409 409 409 404 404 404
corrected answer_extending 403 409 403 409 404 404 404
corrected dismiss          403 409 403 409 404 404 404
corrected correct          403 409 403 409 404 404 404
"""
"""For each state and action: buyer's clerk and head, centre's clerk and head, auditor, supplier, others."""
PEOPLE = ("buyer_clerk", "buyer_head", "centre_clerk", "centre_head", "auditor", "supplier", "stranger")
ACTS = {
    "answer": commands.answer_question,
    "answer_extending": commands.answer_extending,
    "dismiss": commands.dismiss_question,
    "correct": commands.correct_answer,
}


def test_the_moves_of_a_question_are_these() -> None:
    written = {(source, action): target for source, action, target in map(str.split, MOVES.strip().splitlines())}
    assert {(str(s), str(a)): str(t) for (s, a), t in QUESTION.moves.items()} == written
    assert QUESTION.final() == {QuestionState.DISMISSED, QuestionState.CORRECTED}


def test_who_may_do_what_with_a_question_in_which_state(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    questions = {state: ask(db, village, project_id, now, f"提问 {state}") for state in QuestionState}
    head = village.centre_head
    commands.answer_question(db, head, questions[QuestionState.ANSWERED], "可以。", now=now)
    commands.answer_question(db, head, questions[QuestionState.CORRECTED], "可以。", now=now)
    commands.correct_answer(db, head, questions[QuestionState.CORRECTED], "不可以。", now=now)
    commands.dismiss_question(db, head, questions[QuestionState.DISMISSED], "与本项目无关。", now=now)

    def tried(person: str, action: str, question: UUID) -> str:
        try:
            with db.begin_nested() as savepoint:
                ACTS[action](db, getattr(village, person), question, "试一试的答复", now=now)
                savepoint.rollback()
        except NotFound:
            return "404"
        except Forbidden:
            return "403"
        except (IllegalMove, no.AlreadyAnswered):
            return "409"
        return "yes"

    for line in WHO.strip().splitlines():
        state, action, *expected = line.split()
        found = [tried(person, action, questions[QuestionState(state)]) for person in PEOPLE]
        assert found == expected, line


def test_questions_wait_with_the_day_the_law_gives(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    ask(db, village, project_id, now)
    (waiting,) = queries.open_questions(db, village.centre_clerk)
    assert waiting.answer_due_at == at_legal(date(2026, 3, 5), 23, 59), "three working days, before the project's own"
    assert queries.open_questions(db, village.stranger) == []
    (todo,) = queries.todos(db, village.buyer_clerk, now=now)
    assert (todo.urgent, todo.due_at) == (False, waiting.answer_due_at)
    (todo,) = queries.todos(db, village.buyer_clerk, now=waiting.answer_due_at)
    assert todo.urgent
