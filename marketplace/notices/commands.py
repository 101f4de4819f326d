"""Verbs of notices: tell whom it concerns, send a mail, mark as read; the first two are the outbox's consumers."""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marketplace.db.base import lock
from marketplace.funds.commands.gifts import forget_gift_token
from marketplace.identity.commands import forget_link_token
from marketplace.identity.credentials import Safe
from marketplace.identity.queries import contacts, contacts_of
from marketplace.identity.schemas import Contact
from marketplace.kit.actor import Actor
from marketplace.kit.clock import legal_day
from marketplace.notices.facts import facts_of
from marketplace.notices.mail import Post, Refused, compose
from marketplace.notices.model import Mail, PersonalNotice, Reminder
from marketplace.notices.queries import (
    milestones_to_remind,
    projects_closing,
    projects_to_open,
    projects_with_open_questions,
    with_link,
)
from marketplace.notices.rules import (
    CLOSING_SOON,
    CONFIRM_SOON,
    OPENING_DUE,
    QUESTION_WAITING,
    SILENT,
    TOLD,
    To,
    UnknownTopic,
    Wording,
    plain,
)
from marketplace.notices.schemas import Facts
from marketplace.notices.states import MAIL, MailAction
from marketplace.notices.texts import Writer
from marketplace.outbox.commands import emit
from marketplace.outbox.rules import MAIL_QUEUED
from marketplace.outbox.schemas import Envelope


def tell(db: Session, message: Envelope, now: datetime, *, writer: Writer) -> None:
    """Write a notice, and where the table says so a mail, for everyone whom the message concerns.

    Each person is told once, also when they are concerned in several ways; the first way in the table decides where
    the link leads.

    Raises:
        UnknownTopic: the topic has no row in the table.
    """
    if message.topic in SILENT:
        return
    wording = TOLD.get(message.topic)
    if wording is None:
        raise UnknownTopic(topic=message.topic)
    facts = facts_of(db, message)
    params = plain(facts.params)
    for contact, url in _concerned(db, wording, facts):
        if wording.inbox:
            notice = PersonalNotice(
                message_id=message.message_id,
                person_id=contact.person_id,
                topic=message.topic,
                params=params,
                url=url,
                at=message.emitted_at,
            )
            db.add(notice)
        if wording.mail:
            _queue(db, message, contact, writer.mail_to(contact, message.topic, params, url), facts, now=now)


def _concerned(db: Session, wording: Wording, facts: Facts) -> Iterator[tuple[Contact, str]]:
    """Everyone to be told, once, with where they look."""
    seen: set[UUID] = set()
    for to in wording.to:
        for contact in _addressed(db, to, facts):
            if contact.person_id not in seen:
                seen.add(contact.person_id)
                yield contact, facts.urls.get(to.party, facts.url)


def _addressed(db: Session, to: To, facts: Facts) -> list[Contact]:
    if not to.roles:
        return contacts(db, facts.people.get(to.party, ()))
    organizations = facts.organizations.get(to.party, ())
    return [contact for one in organizations for contact in contacts_of(db, one, to.roles)]


def _queue(
    db: Session, message: Envelope, contact: Contact, written: tuple[str, str], facts: Facts, *, now: datetime
) -> None:
    subject, text = written
    mail = Mail(
        message_id=message.message_id,
        person_id=contact.person_id,
        topic=message.topic,
        subject=subject,
        text=text,
        link_id=facts.link_id,
        queued_at=now,
    )
    db.add(mail)
    db.flush()  # the mail has its id before the message names it
    emit(db, MAIL_QUEUED, now=now, mail_id=mail.id)


def send(
    db: Session, message: Envelope, now: datetime, *, post: Post | None, sender: str, writer: Writer, safe: Safe
) -> None:
    """Hand one queued mail to the mail server, or keep it where there is none.

    The lock on the mail is held while it is sent. A crash after that sends it again, with the same Message-ID.

    Raises:
        OSError: the mail server is not there or fails for now.
    """
    mail = lock(db, Mail, message.id("mail_id"))
    if mail is None or not MAIL.actions(mail.state):
        return
    (contact,) = contacts(db, [mail.person_id])
    text = with_link(db, writer, safe, mail, now=now)
    action = _send_or_keep(post, sender, mail, contact, text, now)
    mail.state = MAIL.after(mail.state, action)
    if action is MailAction.SEND:
        mail.sent_at = now
        if mail.link_id is not None:
            forget_link_token(db, mail.link_id)
            forget_gift_token(db, mail.link_id)


def _send_or_keep(
    post: Post | None, sender: str, mail: Mail, contact: Contact, text: str | None, now: datetime
) -> MailAction:
    if text is None:
        return MailAction.DROP
    if post is None:
        return MailAction.KEEP
    letter = compose(
        mail.id, sender=sender, name=contact.name, address=contact.email, subject=mail.subject, text=text, at=now
    )
    try:
        post.send(letter, contact.email)
    except Refused:
        return MailAction.FAIL
    return MailAction.SEND


def remind(db: Session, *, now: datetime) -> int:
    """Emit the reminders that are due and were not given today; return how many.

    The openers of a project that waits to be opened are reminded daily until it is; whoever took its document once,
    in the last day before the deadline; those who answer questions daily in the last two days for answers. Of a
    milestone its supplier hears once in the week before its day, and supplier and clerks once when the day has passed.
    """
    due = [
        *((OPENING_DUE, one) for one in projects_to_open(db, now=now)),
        *((CLOSING_SOON, one) for one in projects_closing(db, now=now, corrected=False)),
        *((CONFIRM_SOON, one) for one in projects_closing(db, now=now, corrected=True)),
        *((QUESTION_WAITING, one) for one in projects_with_open_questions(db, now=now)),
    ]
    given = 0
    for topic, project_id in due:
        if _first_time(db, topic, project_id, legal_day(now)):
            emit(db, topic, now=now, project_id=project_id)
            given += 1
    for topic, milestone_id, day in milestones_to_remind(db, now=now):
        if _first_time(db, topic, milestone_id, day):
            emit(db, topic, now=now, milestone_id=milestone_id, day=day)
            given += 1
    return given


def _first_time(db: Session, topic: str, thing_id: UUID, day: date) -> bool:
    """Write down that a reminder is given, and say whether nobody had done so."""
    once = insert(Reminder).values(topic=topic, thing_id=thing_id, day=day).on_conflict_do_nothing()
    return db.execute(once.returning(Reminder.thing_id)).first() is not None


def mark_read(db: Session, actor: Actor, notice_ids: list[UUID] | None, *, now: datetime) -> int:
    """Mark notices of the actor's own inbox as read, all of them with None; return how many were unread.

    Another person's notices are passed by: whether they exist is nobody's business.
    """
    unread = update(PersonalNotice).where(
        PersonalNotice.person_id == actor.person_id, PersonalNotice.read_at.is_(None), PersonalNotice.at <= now
    )
    if notice_ids is not None:
        unread = unread.where(PersonalNotice.id.in_(notice_ids))
    return len(db.execute(unread.values(read_at=now).returning(PersonalNotice.id)).all())
