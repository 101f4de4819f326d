"""The donor's pages, reached by a secret link alone: read, decide, go to pay, come back, follow every fen."""

from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from marketplace.db.base import Database
from marketplace.flows.giving import begin
from marketplace.funds.queries import gifts as queries
from marketplace.funds.rules.gifts import GatewayOff
from marketplace.funds.schemas.gifts import Wish
from marketplace.identity.credentials import Safe
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError
from marketplace.payments.gateway import Gateway
from marketplace.settings import Settings
from marketplace.web.forms import Form, Typed
from marketplace.web.gifts.forms import WISH
from marketplace.web.gifts.views import WORDS, donor_page, refreshed
from marketplace.web.i18n import sentence
from marketplace.web.pages import onward, page


def _private(shown: Template) -> Template:
    """A page that is kept nowhere: its address is a secret."""
    shown.headers["cache-control"] = "no-store"
    return shown


class Donor(Controller):
    """One donor's invitation and gift."""

    path = "/gifts"

    @get("/{token:str}", sync_to_thread=True)
    def show(
        self,
        database: NamedDependency[Database],
        gateway: NamedDependency[Gateway | None],
        safe: NamedDependency[Safe],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        token: FromPath[str],
    ) -> Template:
        """What is asked and agreed; once given, the receipt and where its fen are now."""
        with database.read() as db:
            given = queries.given(db, token, now=clock.now())
        if given.payment is not None:
            refreshed(database, gateway, safe, given.payment.id, base_url=settings.base_url, now=clock.now())
        form = WISH.blank(amount_fen=given.suggested_fen, donor=given.donor)
        return self._shown(database, gateway, clock, token, form)

    @post("/{token:str}", sync_to_thread=True)
    def give(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        gateway: NamedDependency[Gateway | None],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        token: FromPath[str],
    ) -> Template | Redirect:
        """Decide on amount and name; the page then leads on to the gateway."""
        form = WISH.read(typed)
        if form.data is None:
            return self._shown(database, gateway, clock, token, form)
        try:
            begin(database, gateway, token, form.data, base_url=settings.base_url, now=clock.now())
        except GatewayOff as off:
            form.errors[""] = sentence(off)
            return self._shown(database, gateway, clock, token, form)
        except DomainError as refusal:
            return self._shown(database, gateway, clock, token, form.refused(refusal))
        return onward(f"/gifts/{token}")

    def _shown(
        self, database: Database, gateway: Gateway | None, clock: Clock, token: str, form: Form[Wish]
    ) -> Template:
        with database.read() as db:
            view = donor_page(db, queries.given(db, token, now=clock.now()), has_gateway=gateway is not None)
        shown = page("gifts/donor.html", **WORDS, view=view, form=form, token=token)
        if form.errors:
            shown.status_code = 422
        return _private(shown)

    @get("/back/{payment_id:uuid}", sync_to_thread=True)
    def back(
        self,
        database: NamedDependency[Database],
        gateway: NamedDependency[Gateway | None],
        safe: NamedDependency[Safe],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
        payment_id: FromPath[UUID],
    ) -> Template:
        """Where the gateway sends the donor back to: how the payment stands, as far as anybody knows by now.

        The gateway knows this address, so neither the donor's name nor the secret link stands on the page.
        """
        with database.read() as db:
            queries.gift(db, payment_id)
        refreshed(database, gateway, safe, payment_id, base_url=settings.base_url, now=clock.now())
        with database.read() as db:
            gift = queries.gift(db, payment_id)
            given = queries.given_by(db, gift.invitation_id, now=clock.now())
        return _private(page("gifts/back.html", **WORDS, gift=gift, given=given))
