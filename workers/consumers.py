"""Which function writes the effect of which consumer's messages, and which that of each periodic job."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from marketplace.aid.commands import follow_payments
from marketplace.bids.commands import sweep_uploads
from marketplace.catalogue.commands import come_into_force
from marketplace.db.base import Database
from marketplace.documents.storage import DOCUMENTS, FolderStorage, Storage
from marketplace.funds.commands import asking
from marketplace.funds.commands.gifts import lapse_due
from marketplace.identity.credentials import Safe, safe_of
from marketplace.kit.actor import SYSTEM
from marketplace.kit.clock import Clock
from marketplace.notices.commands import remind, send, tell
from marketplace.notices.mail import Post, post_of
from marketplace.notices.texts import Writer
from marketplace.outbox import commands as outbox
from marketplace.outbox.rules import AID, DEADLINES, MAIL, NOTICES, SCHEDULED, SETTLEMENT
from marketplace.outbox.schemas import Envelope
from marketplace.payments.rails import bank_of, gateway_of
from marketplace.projects.commands.following import tell_due
from marketplace.settings import Settings, master_key
from marketplace.suppliers.commands import expire_due, remind_ends
from marketplace.web import i18n
from workers.services import Consumer, Services
from workers.settlement import Rails, settlement

Job = Callable[[Session, datetime], object]

JOBS: Mapping[str, Job] = {
    "catalogue.come_into_force": lambda db, now: come_into_force(db, now=now),
    "following.tell": lambda db, now: tell_due(db, now=now),
    "gifts.ask": lambda db, now: asking.ask_gifts(db, now=now),
    "gifts.lapse": lambda db, now: lapse_due(db, now=now),
    "notices.remind": lambda db, now: remind(db, now=now),
    "outbox.sweep": lambda db, now: outbox.sweep(db, now=now),
    "settlement.ask": lambda db, now: asking.ask(db, now=now),
    "settlement.bookings": lambda db, now: asking.want_bookings(db, now=now),
    "settlement.catch_up": lambda db, now: asking.catch_up(db, now=now),
    "settlement.statements": lambda db, now: asking.want_statements(db, now=now),
    "suppliers.expire": lambda db, now: expire_due(db, now=now),
    "suppliers.remind": lambda db, now: remind_ends(db, now=now),
}
"""What each row of the schedule does. A job may run late or twice; it compares the clock, never its own last run."""

CLEARING: Mapping[str, Callable[[Session, Storage, datetime], object]] = {
    "bids.sweep_uploads": lambda db, storage, now: sweep_uploads(db, storage, now=now),
}
"""Jobs that remove files also."""


def run_job(db: Session, message: Envelope, now: datetime, *, storage: Storage) -> None:
    """Run the periodic job that a message of the schedule names; some also clear away files.

    Raises:
        KeyError: there is no such job.
    """
    job = message.topic.removeprefix(SCHEDULED)
    if job in CLEARING:
        CLEARING[job](db, storage, now)
    else:
        JOBS[job](db, now)


def follow_aid(db: Session, message: Envelope, now: datetime) -> None:
    """Let a roster's people be paid, or owed again, as their payments are."""
    follow_payments(db, SYSTEM, message.id("application_id"), now=now)


def writer_of(settings: Settings) -> Writer:
    """The writer of this installation's notices, speaking the pages' languages."""
    return Writer(i18n, settings.base_url)


def consumers(*, writer: Writer, safe: Safe, settings: Settings, post: Post | None = None) -> dict[str, Consumer]:
    """Every consumer by its name, bound to what it needs; ``post`` (mail) defaults to what the settings say."""
    post = post or post_of(settings.smtp_url)
    return {
        NOTICES: partial(tell, writer=writer),
        MAIL: partial(send, post=post, sender=settings.mail_from, writer=writer, safe=safe),
        DEADLINES: partial(run_job, storage=FolderStorage(settings.home / DOCUMENTS)),
        AID: follow_aid,
    }


def assemble(
    database: Database,
    clock: Clock,
    settings: Settings,
    *,
    post: Post | None = None,
    safe: Safe | None = None,
    more: Mapping[str, Consumer] | None = None,
) -> Services:
    """What the workers of an installation work with; ``more`` adds consumers or puts others in place."""
    safe = safe or safe_of(master_key(settings), demo=settings.demo)
    bound = consumers(writer=writer_of(settings), safe=safe, settings=settings, post=post)
    bank, gateway = bank_of(settings, clock), gateway_of(settings, clock)
    bound[SETTLEMENT] = settlement(Rails(database, clock, safe, settings, bank, gateway))
    return Services(database, clock, settings, {**bound, **(more or {})})
