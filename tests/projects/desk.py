"""What tests of pages need: a form as a browser would send it, and a buyer with money and openers with keys."""

from datetime import datetime
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

from marketplace.bids.commands import enrol_opener_key
from marketplace.bids.sealing.application import application_keys
from marketplace.db.base import Database
from marketplace.funds import commands as funds
from marketplace.identity.queries import actor_of
from marketplace.kit.actor import Function, Role
from marketplace.settings import Settings
from tests.funds.purse import Office, a_fund, a_new_receipt
from tests.identity.town import a_person, an_organization
from tests.projects.village import Village

PASSPHRASE = "春天里我们去看油菜花海"


class Fields(HTMLParser):
    """Everything the page's own form would send, as a browser does."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.select = self.area = ""
        self.within = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.within = given.get("id") == "form"
        if self.within and (given.get("name") or tag == "option"):
            self.field(tag, given.get("name", ""), given)

    def field(self, tag: str, name: str, given: dict[str, str]) -> None:
        ticked = given.get("type") not in ("radio", "checkbox") or "checked" in given
        if tag == "textarea":
            self.area, self.found[name] = name, ""
        elif tag == "select":
            self.select, self.found[name] = name, ""
        elif tag == "option" and "selected" in given:
            self.found[self.select] = given["value"]
        elif tag == "input" and given.get("type") != "file" and ticked:
            self.found[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self.area = "" if tag == "textarea" else self.area
        self.within = self.within and tag != "form"

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area] += data


def typed_of(page: Any) -> dict[str, Any]:
    parser = Fields()
    parser.feed(page.text)
    return {name: value.lstrip("\n") for name, value in parser.found.items() if name != "_csrf_token"}


def a_market(database: Database, village: Village, now: datetime, settings: Settings) -> UUID:
    """Money of the buyer and three people with opening keys; returns the fund."""
    with database.write() as db:
        holder = an_organization(db, Function.FINANCE_OFFICE, now=now, name="示例财政局")
        accountant = actor_of(db, a_person(db, holder, Role.ACCOUNTANT, now=now), holder)
        office = Office(accountant=accountant, cashier=accountant, buyer_id=village.buyer_id)
        fund = a_fund(db, office, now=now)
        funds.receive(db, accountant, a_new_receipt(fund, 8_000_000), now=now)
        for person in (village.centre_clerk, village.buyer_clerk, village.auditor):
            enrol_opener_key(db, application_keys(settings), person, PASSPHRASE, now=now)
    return fund
