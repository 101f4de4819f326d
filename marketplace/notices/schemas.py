"""What readers of notices and mails get, and what the writer of notices needs to know of an event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from marketplace.notices.rules import Party
from marketplace.notices.states import MailState


class Facts(Struct, frozen=True, kw_only=True):
    """What happened, as far as notices tell it: values for the places of the texts, who is concerned, where to look.

    ``…_fen`` is an amount, ``…_at`` an instant, ``…_on`` a day; ``roles`` and ``…_word`` are message ids, ``…_path`` an
    address within this site.
    ``organizations`` and ``people`` name the members of each party; ``urls`` is where a party looks, else ``url``.
    """

    params: dict[str, Any]
    url: str
    urls: Mapping[Party, str] = {}
    organizations: Mapping[Party, tuple[UUID, ...]] = {}
    people: Mapping[Party, tuple[UUID, ...]] = {}
    link_id: UUID | None = None


class NoticeView(Struct, frozen=True, kw_only=True):
    """One notice of a person's inbox, its texts in the reader's language."""

    id: UUID
    topic: str
    title: str
    text: str
    url: str
    at: datetime
    read_at: datetime | None


class MailView(Struct, frozen=True, kw_only=True):
    """A mail as the demo shows it."""

    id: UUID
    person_name: str
    subject: str
    text: str
    state: MailState
    queued_at: datetime
    sent_at: datetime | None
