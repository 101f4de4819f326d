"""After a correction of substance: a bidder lets stand what it handed in, on its page and through the API."""

from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from marketplace.bids import commands
from marketplace.bids.schemas import Receipt
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.web.bids.forms import CODE
from marketplace.web.bids.handing import in_time
from marketplace.web.bids.pages import Writer
from marketplace.web.bids.views import base_of
from marketplace.web.pages import again, done, onward


def _confirmed(writer: Writer, clock: Clock, project_id: UUID) -> Receipt:
    with in_time(writer, clock) as db:
        return commands.confirm(
            db, writer.keys, writer.actor, project_id, received_at=writer.received_at, now=clock.now()
        )


class OrgBidConfirm(Controller):
    """再次确认: one button below what was corrected."""

    path = "/org/bids/{project_id:uuid}/confirm-again"
    opt = {"quiet": True}  # noqa: RUF012 - the framework reads it

    @get(sync_to_thread=True)
    def shown(self, writer: NamedDependency[Writer], project_id: FromPath[UUID]) -> Redirect:
        """The corrections stand on the bid's own page."""
        return onward(writer.view(project_id).base)

    @post(sync_to_thread=True)
    def confirm(
        self, writer: NamedDependency[Writer], clock: NamedDependency[Clock], project_id: FromPath[UUID]
    ) -> Template | Redirect:
        """Let stand what was handed in; the receipt says so."""
        writer.view(project_id)
        try:
            receipt = _confirmed(writer, clock, project_id)
        except DomainError as refusal:
            return again("bids/tasks.html", CODE.blank().refused(refusal), view=writer.view(project_id))
        return done(f"{base_of(project_id)}/receipts/{receipt.entry}", N_("已再次确认，原申报继续有效。"))


class ConfirmApi(Controller):
    """Letting stand what was handed in before a correction."""

    path = "/api/v1/projects/{project_id:uuid}/bid/confirmations"
    tags = ["bids"]  # noqa: RUF012 - the framework reads it from the class
    opt = {"quiet": True}  # noqa: RUF012 - the framework reads it

    @post(sync_to_thread=True)
    def confirm(
        self, writer: NamedDependency[Writer], clock: NamedDependency[Clock], project_id: FromPath[UUID]
    ) -> Receipt:
        """Confirm it; where something new must be answered only replacing it will do."""
        return _confirmed(writer, clock, project_id)
