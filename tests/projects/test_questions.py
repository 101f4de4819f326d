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


def test_after_the_deadline_nothing_is_answered(db: Session, village: Village, now: datetime) -> None:
    project_id = an_open(db, village, now)
    question, due = ask(db, village, project_id, now), closing(db, project_id)
    with pytest.raises(no.DeadlinePassed):
        commands.answer_question(db, village.centre_clerk, question, "太晚了。", now=due + SECOND)
    commands.close_for_opening(db, village.auditor, project_id, now=due + SECOND)
    with pytest.raises(IllegalMove):
        commands.answer_question(db, village.centre_clerk, question, "太晚了。", now=due + SECOND)


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
