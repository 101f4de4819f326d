"""The site of the walk: its people, its clock, its worker, and the stand-ins of bank and gateway."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page

from marketplace.contracts.queries import milestone_facts
from marketplace.db.base import Database
from marketplace.documents.storage import FolderStorage
from marketplace.evaluation.queries import award_of
from marketplace.funds.queries import receipts
from marketplace.identity.credentials import safe_of
from marketplace.kit.clock import LEGAL_ZONE, ManualClock
from marketplace.ledger.queries import verify
from marketplace.outbox.rules import SETTLEMENT
from marketplace.payments.rails import bank_of, gateway_of
from marketplace.projects.queries import published
from marketplace.settings import Settings, master_key
from marketplace.standin.control import Control
from marketplace.web.accounts import visitor_loader
from marketplace.web.desk import counted
from marketplace.web.portal.home import home_view
from marketplace.web.services import Services
from marketplace.web.site import create_site
from seed import reference
from tests.browser import walk_town as town
from tests.browser.conftest import Serve, Watch, a_socket
from tests.browser.walker import Walker
from workers.consumers import assemble
from workers.main import drain
from workers.services import Services as WorkerServices
from workers.settlement import Rails, settlement

TRIES = 400


@dataclass
class Stage:
    """Where the walk happens."""

    walker: Walker
    database: Database
    clock: ManualClock
    settings: Settings
    folder: Path
    standin: Control
    worker: WorkerServices

    def due(self, project_id: str) -> datetime:
        """The deadline of a published project."""
        with self.database.read() as db:
            due = published(db, UUID(project_id)).bids_due_at
        assert due
        return due

    def signable_from(self, project_id: str) -> datetime:
        """From when the contract of a project may be signed."""
        with self.database.read() as db:
            award = award_of(db, UUID(project_id))
        assert award
        assert award.signable_from
        return award.signable_from

    def due_on(self, milestone_id: str) -> datetime:
        """Ten in the morning of the day on which a milestone is due."""
        with self.database.read() as db:
            day = milestone_facts(db, UUID(milestone_id)).due_on
        assert day
        return datetime.combine(day, time(10), LEGAL_ZONE)

    def check_code(self, number: str) -> str:
        """What stands on the paper of a receipt beside its number."""
        with self.database.read() as db:
            return next(one.check_code for one in receipts(db) if one.number == number)

    def sound(self) -> None:
        """The ledger adds up, and each payment left once by the outside's own lists."""
        with self.database.read() as db:
            found = verify(db)
        assert found.ok, found
        truth = self.standin.ledger()
        assert [one["state"] for one in truth["bank"]["lines"]] == ["paid"]
        assert len(truth["gateway"]["transfers"]) == 1

    def until(self, instant: datetime) -> None:
        """It is that instant now, for the site and for bank and gateway."""
        self.clock.set(instant)
        self.standin.clock(instant)

    def heard(self) -> None:
        """Every announcement of the gateway has arrived."""
        for _ in range(TRIES):
            posted = self.standin.postings()
            if posted and all(one["state"] == "sent" for one in posted):
                return
            threading.Event().wait(0.05)
        raise AssertionError(self.standin.postings())

    def work(self, *, scheduled: bool = False) -> None:
        """Let the worker do all that is due now."""
        drain(self.worker, scheduled=scheduled)


@pytest.fixture
def stage(
    committing: Database, clock: ManualClock, tmp_path: Path, page: Page, watch: Watch, serve: Serve, standin: Control
) -> Iterator[Stage]:
    listening = a_socket()
    host, port = listening.getsockname()
    settings = Settings(
        home=tmp_path, secret_key="5a" * 32, demo=True, log_level="ERROR", host=host, port=port,
        bank_url=standin.bank_url, gateway_url=standin.gateway_url, gateway_key=standin.identity.key,
        gateway_secret=standin.identity.secret,
    )  # fmt: skip
    safe = safe_of(master_key(settings), demo=True)
    reference.load(committing, clock)
    with committing.write() as db:
        town.settle(db, safe, now=clock.now())
    bank, gateway = bank_of(settings, clock), gateway_of(settings, clock)
    assert bank
    assert gateway
    site = create_site(
        Services(
            database=committing,
            storage=FolderStorage(tmp_path / "documents"),
            clock=clock,
            settings=settings,
            load_visitor=counted(visitor_loader(committing, clock, settings), committing, clock),
            home=lambda db: home_view(db, now=clock.now()),
            gateway=gateway,
        )
    )
    walker = Walker(page, watch, serve(site, listening), standin.identity.site)
    standin.clock(clock.now())
    standin.webhook(f"{walker.base}/webhooks/gateway")
    rails = Rails(committing, clock, safe, settings, bank, gateway)
    worker = assemble(committing, clock, settings, safe=safe, more={SETTLEMENT: settlement(rails)})
    yield Stage(walker, committing, clock, settings, tmp_path / "further", standin, worker)
    bank.close()
    gateway.close()
