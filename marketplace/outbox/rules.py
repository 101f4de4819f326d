"""Who hears of which topic, when something is sent again, when it is parked, and which jobs run how often."""

import traceback
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_

NOTICES = "notices"
MAIL = "mail"
DEADLINES = "deadlines"
SETTLEMENT = "settlement"
AID = "aid"

MAIL_QUEUED = "mail.queued"
INBOX_RECEIVED = "inbox.received"
"""An event from outside was stored; the payload names its row as ``event_id``."""
SCHEDULED = "schedule."
"""Topics of periodic jobs begin so; the job's name follows."""

TO_SETTLE = (
    "instruction.made", "instruction.asked", "transfer.ordered", "transfer.asked", "transfer.wanted",
    "statement.wanted", "gateway.asked", "bookings.wanted", "gift.wanted", INBOX_RECEIVED,
)  # fmt: skip
"""What is settled with bank and gateway."""

SCHEDULE: Mapping[str, timedelta] = {
    "bids.sweep_uploads": timedelta(hours=1),
    "catalogue.come_into_force": timedelta(minutes=5),
    "following.tell": timedelta(minutes=2),
    "gifts.ask": timedelta(minutes=10),
    "gifts.lapse": timedelta(hours=1),
    "notices.remind": timedelta(minutes=5),
    "outbox.sweep": timedelta(days=1),
    "settlement.ask": timedelta(minutes=10),
    "settlement.bookings": timedelta(hours=1),
    "settlement.catch_up": timedelta(hours=1),
    "settlement.statements": timedelta(hours=1),
    "suppliers.expire": timedelta(hours=1),
    "suppliers.remind": timedelta(hours=1),
}
"""Periodic jobs and how often each runs. After an outage a job runs once, not once for each time it missed."""

CONSUMERS: Mapping[str, tuple[str, ...]] = {
    MAIL_QUEUED: (MAIL,),
    **dict.fromkeys(TO_SETTLE, (SETTLEMENT,)),
    "payment.paid": (NOTICES, AID),
    "payment.returned": (NOTICES, AID),
    **{SCHEDULED + job: (DEADLINES,) for job in SCHEDULE},
}
"""Topics that others than ``notices`` hear of; a topic without a row here is told to ``notices`` alone."""

TOGETHER: Mapping[str, int] = {NOTICES: 25}
"""Deliveries whose effects one transaction may write together; consumers without a row get one at a time."""
BATCH = 100
"""Deliveries that the relay takes in one transaction."""
RESEND_AFTER = timedelta(seconds=60)
"""A delivery handed over and not done is handed over again after this time, then after twice as long, and so on."""
RESEND_AFTER_MAX = timedelta(hours=1)
SENDS_MAX = 20
"""A delivery handed over so often without coming back kills whoever takes it: it is parked."""
ATTEMPTS_MAX = 8
RETRY_AFTER = timedelta(seconds=5)
RETRY_AFTER_MAX = timedelta(minutes=30)
KEPT_AFTER_DONE = timedelta(days=90)
"""Done deliveries are kept so long; the journal, not the outbox, remembers for good."""
LOST = "NeverCameBack"
"""The kind of error of a delivery that never came back from whoever took it."""
NEVER_CAME_BACK = N_("处理它的后台程序多次中断，没有留下结果。")
GAVE_UP = N_("反复处理都没有成功，已停止自动重试。")
OURS = ("marketplace", "workers", "seed")


class ReasonNeeded(DomainError):
    """A parked job is replayed or discarded only with a reason."""

    kind, code = Kind.INVALID, "reason_needed"
    text = N_("请写明理由，便于日后查考。")


def consumers_of(topic: str) -> tuple[str, ...]:
    """The consumers of a topic, each of which gets its own delivery."""
    return CONSUMERS.get(topic, (NOTICES,))


def _growing(first: timedelta, times: int, longest: timedelta) -> timedelta:
    return min(first * (1 << min(times - 1, 20)), longest)


def resend_at(sent_at: datetime, sends: int) -> datetime:
    """When a delivery handed over for the ``sends``-th time is handed over again unless it is done by then."""
    return sent_at + _growing(RESEND_AFTER, sends, RESEND_AFTER_MAX)


def retry_at(failed_at: datetime, attempts: int) -> datetime:
    """When a delivery whose effect failed for the ``attempts``-th time is tried again."""
    return failed_at + _growing(RETRY_AFTER, attempts, RETRY_AFTER_MAX)


def exhausted(attempts: int) -> bool:
    """Whether a delivery whose effect failed ``attempts`` times is left to people."""
    return attempts >= ATTEMPTS_MAX


def lost(sends: int) -> bool:
    """Whether a delivery handed over ``sends`` times without a word is left to people."""
    return sends >= SENDS_MAX


def next_run(due_at: datetime, every: timedelta, now: datetime) -> datetime:
    """The first time after ``now`` in the job's own step, so that it neither drifts nor catches up."""
    return due_at + every * ((now - due_at) // every + 1)


def plain_reason(error_class: str, error: BaseException | None) -> str:
    """Why an event from outside could not be processed, in words (a message id) without what people typed."""
    if isinstance(error, DomainError) and "{" not in error.text:
        return error.text
    return NEVER_CAME_BACK if error_class == LOST else GAVE_UP


def safe_text(error: BaseException) -> str:
    """What may be kept and shown of a failure: never its message, which may carry personal data.

    For a refusal its code; for the database the SQLSTATE and the constraint; always where in our code it happened.
    """
    parts = []
    if isinstance(error, DomainError):
        parts.append(error.code)
    cause = getattr(error, "orig", None)
    state = getattr(cause, "sqlstate", None)
    if state:
        parts.append(f"SQLSTATE {state}")
    constraint = getattr(getattr(cause, "diag", None), "constraint_name", None)
    if constraint:
        parts.append(str(constraint))
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        package = next((part for part in path.parts[:-1] if part in OURS), None)
        if package:
            short = "/".join(path.parts[path.parts.index(package) :])
            parts.append(f"{short}:{frame.lineno} {frame.name}")
            break
    return " · ".join(parts)
