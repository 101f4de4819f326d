"""Reads of notices: a person's inbox, how much of it is unread, and the mails that were written."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, case, func, select, tuple_
from sqlalchemy.orm import Session

from marketplace.contracts.model import Contract, Milestone
from marketplace.contracts.states import ContractState, MilestoneState
from marketplace.funds.queries.gifts import gift_link_token
from marketplace.identity.credentials import Safe
from marketplace.identity.model import Person
from marketplace.identity.queries import link_mail
from marketplace.kit.clock import legal_day
from marketplace.notices.model import Mail, PersonalNotice, Reminder
from marketplace.notices.rules import (
    ANSWERS_WITHIN,
    CLOSING_SOON,
    CLOSING_WITHIN,
    CONFIRM_SOON,
    GIFT_PATH,
    MILESTONE_LATE,
    MILESTONE_SOON,
    MILESTONE_WITHIN,
    OPENING_AFTER,
    TOLD,
    link_path,
)
from marketplace.notices.schemas import MailView, NoticeView
from marketplace.notices.texts import LINK_PLACE, Writer
from marketplace.projects.model import Project, Question
from marketplace.projects.states import MilestoneKind, ProjectState

PAGE = 30
UNREAD_MAX = 99


def inbox(
    db: Session, writer: Writer, person_id: UUID, *, after: UUID | None = None, unread: bool = False, limit: int = PAGE
) -> list[NoticeView]:
    """A person's notices, newest first, in the language the writer speaks; ``after`` is the last of the page before."""
    query = (
        select(PersonalNotice)
        .where(PersonalNotice.person_id == person_id, PersonalNotice.topic.in_(TOLD))
        .order_by(PersonalNotice.at.desc(), PersonalNotice.id.desc())
        .limit(limit)
    )
    if unread:
        query = query.where(PersonalNotice.read_at.is_(None))
    last = db.get(PersonalNotice, after) if after else None
    if last is not None:
        query = query.where(tuple_(PersonalNotice.at, PersonalNotice.id) < (last.at, last.id))
    return [_view(writer, row) for row in db.scalars(query)]


def _view(writer: Writer, row: PersonalNotice) -> NoticeView:
    title, text = writer.notice(row.topic, row.params)
    return NoticeView(id=row.id, topic=row.topic, title=title, text=text, url=row.url, at=row.at, read_at=row.read_at)


def one_of(db: Session, person_id: UUID, notice_id: UUID) -> str | None:
    """Where one of a person's own notices leads, or None if it is not theirs."""
    own = PersonalNotice.person_id == person_id
    return db.scalar(select(PersonalNotice.url).where(PersonalNotice.id == notice_id, own))


def unread_count(db: Session, person_id: UUID) -> int:
    """How many notices a person has not read, counted up to one hundred."""
    first = (
        select(PersonalNotice.id)
        .where(PersonalNotice.person_id == person_id, PersonalNotice.read_at.is_(None))
        .limit(UNREAD_MAX + 1)
        .subquery()
    )
    return db.scalar(select(func.count()).select_from(first)) or 0


def mails(
    db: Session, writer: Writer, safe: Safe, *, now: datetime, after: UUID | None = None, limit: int = PAGE
) -> list[MailView]:
    """Mails, newest first, as the demo shows them: a one-time link that is still good can be followed from there."""
    query = (
        select(Mail, Person.name)
        .join(Person, Person.id == Mail.person_id)
        .order_by(Mail.queued_at.desc(), Mail.id.desc())
        .limit(limit)
    )
    last = db.get(Mail, after) if after else None
    if last is not None:
        query = query.where(tuple_(Mail.queued_at, Mail.id) < (last.queued_at, last.id))
    return [
        MailView(
            id=row.id,
            person_name=name,
            subject=row.subject,
            text=with_link(db, writer, safe, row, now=now) or row.text.replace(LINK_PLACE, "—"),
            state=row.state,
            queued_at=row.queued_at,
            sent_at=row.sent_at,
        )
        for row, name in db.execute(query)
    ]


def with_link(db: Session, writer: Writer, safe: Safe, mail: Mail, *, now: datetime) -> str | None:
    """The text of a mail as it goes out, or None if its one-time link is used, replaced or too old."""
    if mail.link_id is None:
        return mail.text
    link = link_mail(db, safe, mail.link_id, now=now)
    if link is None:
        token = gift_link_token(db, safe, mail.link_id, now=now)
        return mail.text.replace(LINK_PLACE, writer.link(GIFT_PATH + token)) if token else None
    return mail.text.replace(LINK_PLACE, writer.link(link_path(link.purpose, link.token)))


def _open_projects() -> Select[UUID]:
    return select(Project.id).where(Project.state == ProjectState.OPEN).order_by(Project.id)


def projects_to_open(db: Session, *, now: datetime) -> list[UUID]:
    """Open projects whose deadline has passed, so that their bids wait to be opened."""
    return list(db.scalars(_open_projects().where(Project.bids_due_at <= now - OPENING_AFTER)))


def projects_closing(db: Session, *, now: datetime, corrected: bool) -> list[UUID]:
    """Open projects whose deadline comes within a day, unless that reminder was given already.

    ``corrected``: those in which what was handed in before a correction must be confirmed; else the others.
    """
    given = select(Reminder.thing_id).where(Reminder.topic == (CONFIRM_SOON if corrected else CLOSING_SOON))
    soon = Project.bids_due_at.between(now, now + CLOSING_WITHIN)
    binding = Project.binding_edition > 1 if corrected else Project.binding_edition == 1
    return list(db.scalars(_open_projects().where(soon, binding, Project.id.not_in(given))))


def projects_with_open_questions(db: Session, *, now: datetime) -> list[UUID]:
    """Open projects with unanswered questions, shortly before or after the time for answers."""
    asked = select(Question.project_id).where(Question.answered_at.is_(None))
    late = Project.answers_due_at <= now + ANSWERS_WITHIN
    return list(db.scalars(_open_projects().where(late, Project.bids_due_at > now, Project.id.in_(asked))))


def milestones_to_remind(db: Session, *, now: datetime) -> list[tuple[str, UUID, date]]:
    """Milestones that wait for their supplier within a week, or are late, with the day and which of both; each once.

    What was told of a day is passed by for good; a return with a new day is a new day to tell of.
    """
    today = legal_day(now)
    day = case((Milestone.state == MilestoneState.RETURNED, Milestone.mend_by), else_=Milestone.due_on)
    topic = case((day < today, MILESTONE_LATE), else_=MILESTONE_SOON)
    given = select(Reminder.thing_id).where(
        Reminder.thing_id == Milestone.id, Reminder.topic == topic, Reminder.day == day
    )
    query = (
        select(topic, Milestone.id, day)
        .join(Contract, Contract.id == Milestone.contract_id)
        .where(
            Milestone.kind == MilestoneKind.DELIVERABLE,
            Milestone.state.in_((MilestoneState.SCHEDULED, MilestoneState.RETURNED)),
            Contract.state == ContractState.ACTIVE,
            day <= today + MILESTONE_WITHIN,
            ~given.exists(),
        )
        .order_by(day, Milestone.id)
    )
    return [(name, milestone_id, on) for name, milestone_id, on in db.execute(query)]
