"""A worker that sends mail once, and kills itself at a step after a mail has left.

usage: python -m tests.notices.mail_victim DATABASE_URL SMTP_URL KILL_AT   (KILL_AT may be "")
"""

import os
import signal
import sys
from dataclasses import replace

from marketplace.db.base import connect
from marketplace.kit.clock import SystemClock
from marketplace.outbox.commands import resend_all
from marketplace.outbox.rules import MAIL
from marketplace.settings import Settings
from tests.identity.town import SAFE
from workers.consumers import assemble
from workers.main import drain


def main(url: str, smtp_url: str, step: str) -> int:
    """Take up what was handed over before, work it off, and die at the step if a mail is under way."""
    database, clock, sending = connect(url, pool_size=4), SystemClock(), False
    settings = Settings(smtp_url=smtp_url, mail_from="notice@example.com", public_url="https://example.com")
    work = assemble(database, clock, settings, safe=SAFE)
    inner = work.consumers[MAIL]

    def send(*given: object) -> None:
        nonlocal sending
        inner(*given)  # type: ignore[arg-type] # passed on as it came
        sending = True

    def reached(name: str) -> None:
        if sending and name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    with database.write() as db:
        resend_all(db, now=clock.now())
    drain(replace(work, consumers={**work.consumers, MAIL: send}, reached=reached))
    database.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
