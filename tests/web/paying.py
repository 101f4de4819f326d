"""A contract whose advance is payable, and the people who ask for it, approve and pay it on the pages."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from litestar.di import Provide

from marketplace.contracts.queries import milestones_of
from marketplace.contracts.states import MilestoneState
from marketplace.db.base import Database
from marketplace.funds.queries import application, custody_accounts
from marketplace.funds.schemas import ApplicationView
from marketplace.kit.actor import Actor, Role
from marketplace.kit.clock import ManualClock, legal_day
from marketplace.web import payments
from marketplace.web.site import ROUTES
from tests.contracts.support import Deal, active
from tests.contracts.worlds import built, committing_urls, deal, shared_urls
from tests.identity.town import SAFE
from tests.web.conftest import Browser, OpenBrowser, open_browser

__all__ = ["built", "committing_urls", "deal", "open_browser", "shared_urls"]
CHEAP = Provide(lambda: SAFE, sync_to_thread=False)
SITE = [*(route for route in ROUTES if route not in payments.ROUTES), *payments.routes(CHEAP)]
INVOICE = "25512000000012345678"
ACCOUNTS = {"bank": "95588000000000000001", "quota": "95599000000000000002"}


@pytest.fixture
def site(open_browser: OpenBrowser, database: Database, clock: ManualClock, deal: Deal) -> Browser:
    with database.write() as db:
        active(db, deal)
    clock.set(deal.at)
    return open_browser(routes=SITE)


def advance(database: Database, deal: Deal) -> Any:
    with database.read() as db:
        return next(one for one in milestones_of(db, deal.contract_id) if one.state is MilestoneState.ACCEPTED)


def typed(clock: ManualClock, **given: str) -> dict[str, str]:
    facts = {
        "amount_fen": "100.00",
        "invoice_no": INVOICE,
        "invoice_on": legal_day(clock.now()).isoformat(),
        "note": "",
    }
    return facts | given


def apply(site: Browser, database: Database, deal: Deal, clock: ManualClock, **given: str) -> UUID:
    site.become(deal.office.accountant)
    answer = site.post(f"/finance/payments/new/{advance(database, deal).id}", typed(clock, **given))
    assert answer.status_code == 303, answer.text
    return UUID(answer.headers["location"].rsplit("/", 1)[1])


def approve(site: Browser, deal: Deal, application_id: UUID) -> Any:
    site.become(deal.finance_head)
    return site.post(f"/finance/payments/applications/{application_id}/approve")


def view(database: Database, application_id: UUID) -> ApplicationView:
    with database.read() as db:
        return application(db, application_id)


def record_accounts(site: Browser, deal: Deal) -> None:
    site.become(deal.office.accountant)
    for custody, number in ACCOUNTS.items():
        form = {"custody": custody, "number": number, "name": "示例财政局", "bank_name": "示例银行"}
        assert site.post("/finance/payments/accounts", form).status_code == 303


def executed(site: Browser, database: Database, deal: Deal, clock: ManualClock) -> ApplicationView:
    """An application that was approved and ordered: one payment for each of the contract's two funds."""
    record_accounts(site, deal)
    application_id = apply(site, database, deal, clock)
    assert approve(site, deal, application_id).status_code == 303
    site.become(deal.office.cashier)
    ids = [str(one.id) for one in view(database, application_id).payments]
    answer = site.post("/finance/payments/execute", {"payment_ids": ids})
    assert answer.status_code == 303, answer.text
    return view(database, application_id)


def both(person: Actor, *roles: Role) -> Actor:
    return replace(person, roles=person.roles | frozenset(roles))


def book_key(database: Database, custody: str) -> str:
    with database.read() as db:
        return str(next(one.id for one in custody_accounts(db) if one.number == ACCOUNTS[custody]))
