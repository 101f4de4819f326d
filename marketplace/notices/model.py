"""Tables of notices: what a person finds in the inbox, and mails."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db.base import Keyed, Row, state_enum
from marketplace.notices.states import MAIL, MailState


class PersonalNotice(Keyed):
    """Something one person was told. The words come from the topic's row, the facts from ``params``, when it is read.

    ``message_id`` is that of the outbox; messages are swept after a time, so there is no key down to them.
    """

    __tablename__ = "personal_notice"
    __table_args__ = (
        UniqueConstraint("message_id", "person_id"),
        CheckConstraint("jsonb_typeof(params) = 'object'", name="params_object"),
        CheckConstraint("url LIKE '/%'", name="url_on_this_site"),
        Index("ix_personal_notice_inbox", "person_id", text("at DESC"), text("id DESC")),
        Index("ix_personal_notice_unread", "person_id", postgresql_where=text("read_at IS NULL")),
    )

    message_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    topic: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    url: Mapped[str]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Reminder(Row):
    """That a reminder was given on a legal day, so that it is given once a day however often the job runs.

    Of a milestone ``day`` is the one by which it is to be reported: it is told once of each such day, not daily.
    """

    __tablename__ = "reminder"

    topic: Mapped[str] = mapped_column(primary_key=True)
    thing_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class Mail(Keyed):
    """A mail to one person; its id is the Message-ID, so that a mail sent twice can be told from two mails.

    The address is the person's at the time of sending. Where ``link_id`` names a one-time link, ``text`` has a place
    for it, and the token is put there only on the way out: it stands in no table in clear.
    """

    __tablename__ = "mail"
    __table_args__ = (
        UniqueConstraint("message_id", "person_id"),
        CheckConstraint("subject <> '' AND text <> ''", name="written"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_time"),
        Index("ix_mail_queued_at", text("queued_at DESC"), text("id DESC")),
    )

    message_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    topic: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    link_id: Mapped[UUID | None]
    state: Mapped[MailState] = mapped_column(state_enum(MailState), default=MAIL.start)
    queued_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
