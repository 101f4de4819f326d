"""Two approvals at once: what one of them saw, the other must see too."""

import threading
from datetime import datetime
from uuid import UUID

from marketplace.db.base import Database
from marketplace.flows import aid as stories
from marketplace.kit.errors import DomainError
from tests.aid.home import a_home, a_programme, a_submitted


def test_of_two_approvals_at_once_one_helps_the_person_and_the_other_is_told(
    committing: Database, now: datetime
) -> None:
    with committing.write() as db:
        home = a_home(db, now)
        second = a_programme(db, home.clerk, now=now, name="另一项助学")
        ids = [a_submitted(db, home, now, people=(1,)), a_submitted(db, home, now, people=(1,), programme_id=second)]
    barrier, outcomes = threading.Barrier(2, timeout=30), list[str]()

    def approve(roster_id: UUID) -> None:
        barrier.wait()
        try:
            committing.run(lambda db: stories.approve(db, home.head, roster_id, now=now))
            outcomes.append("approved")
        except DomainError as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=approve, args=(one,)) for one in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["aid_already_helped", "approved"]
