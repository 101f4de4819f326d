"""What the pages of gifts show: frozen structs made from the domain's reads."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from markupsafe import Markup
from msgspec import Struct
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.flows.giving import Checkouts, ask
from marketplace.funds.queries import gifts as queries
from marketplace.funds.schemas import FundView
from marketplace.funds.schemas.gifts import BasisView, GiftView, GivenView, InvitationView
from marketplace.funds.states.gifts import (
    BASIS,
    GIFT,
    INVITATION,
    UNDER_WAY,
    BasisState,
    GiftState,
    InvitationAction,
    InvitationState,
)
from marketplace.identity.credentials import Safe
from marketplace.kit.errors import DomainError
from marketplace.payments.schemas import PaymentError
from marketplace.web.funds.tracing import in_words, places
from marketplace.web.funds.views import Place, serials

ASK_EVERY = timedelta(seconds=5)
"""A page that is reloaded asks the gateway anew at most so often."""
INVITATION_TONES: Mapping[InvitationState, str] = {
    InvitationState.OPEN: "blue",
    InvitationState.LAPSED: "grey",
    InvitationState.REVOKED: "grey",
    InvitationState.GIVEN: "green",
}
GIFT_TONES: Mapping[GiftState, str] = {
    GiftState.INTENDED: "yellow",
    GiftState.UNKNOWN: "yellow",
    GiftState.OPEN: "yellow",
    GiftState.PROCESSING: "yellow",
    GiftState.PAID: "green",
    GiftState.LAPSED: "grey",
    GiftState.REFUSED: "grey",
}
WORDS: dict[str, object] = {
    "BASIS": BASIS,
    "GIFT": GIFT,
    "INVITATION": INVITATION,
    "INVITATION_TONES": INVITATION_TONES,
    "GIFT_TONES": GIFT_TONES,
    "serials": serials,
}
"""What the templates of gifts look words up in."""


class DonorPage(Struct, frozen=True, kw_only=True):
    """What a donor sees: the invitation, the attempt under way, or the gift and where its fen are."""

    given: GivenView
    is_under_way: bool
    may_give: bool
    has_gateway: bool
    places: list[Place]
    lines: list[tuple[int, Markup]]


def donor_page(db: Session, given: GivenView, *, has_gateway: bool) -> DonorPage:
    """The page of a donor's secret link."""
    shown = places(db, given.receipt_id, public=True) if given.receipt_id else []
    under_way = given.payment is not None and given.payment.state in UNDER_WAY
    return DonorPage(
        given=given,
        is_under_way=under_way,
        may_give=given.state is InvitationState.OPEN and given.is_on and has_gateway and not under_way,
        has_gateway=has_gateway,
        places=shown,
        lines=in_words(shown),
    )


def refreshed(
    database: Database, gateway: Checkouts | None, safe: Safe, payment_id: UUID, *, base_url: str, now: datetime
) -> None:
    """Ask the gateway what became of an attempt under way, so that the page tells the truth before any webhook does.

    When it cannot be told now the page says what is known; the worker asks again.
    """
    with database.read() as db:
        intent = queries.intent_of(db, payment_id)
    just_now = intent.asked_at is not None and now - intent.asked_at < ASK_EVERY
    if gateway is None or intent.state not in UNDER_WAY or (just_now and intent.session_id):
        return
    try:
        ask(database, gateway, safe, payment_id, base_url=base_url, now=now)
    except (PaymentError, DomainError) as error:
        structlog.get_logger().warning("gift not told yet", gift=str(payment_id), error_class=type(error).__name__)


class DeskPage(Struct, frozen=True, kw_only=True):
    """The desk of gifts: whether Checkout is on, invitations and their state, what arrived."""

    basis: BasisView | None
    has_gateway: bool
    funds: int
    invitations: list[InvitationView]
    gifts: list[GiftView]
    may_invite: bool
    may_record: bool

    @property
    def received_fen(self) -> int:
        """What arrived, gross."""
        return sum(gift.amount_fen for gift in self.gifts)

    @property
    def fees_fen(self) -> int:
        """What the gateway kept of it."""
        return sum(gift.fee_fen or 0 for gift in self.gifts)

    @property
    def open_count(self) -> int:
        """How many invitations wait for their donor."""
        return sum(one.state is InvitationState.OPEN for one in self.invitations)


class InvitationPage(Struct, frozen=True, kw_only=True):
    """One invitation with what the reader may do; ``link`` is its secret, shown this once."""

    invitation: InvitationView
    may_renew: bool
    may_revoke: bool
    link: str = ""

    @classmethod
    def of(cls, one: InvitationView, *, may_invite: bool, link: str = "") -> "InvitationPage":
        """The page; its buttons come from the table of moves."""
        actions = INVITATION.actions(one.state) if may_invite else frozenset[InvitationAction]()
        return cls(
            invitation=one,
            may_renew=InvitationAction.RENEW in actions,
            may_revoke=InvitationAction.REVOKE in actions,
            link=link,
        )


class BasisPage(Struct, frozen=True, kw_only=True):
    """Legal bases, and for whom one may be recorded."""

    bases: list[BasisView]
    holders: list[tuple[str, str]]
    may_record: bool

    @property
    def is_standing(self) -> bool:
        """Whether any basis stands."""
        return any(one.state is BasisState.STANDING for one in self.bases)


def fund_choices(funds: Sequence[FundView], now: datetime) -> list[tuple[str, str]]:
    """The funds that donors may be asked to give to."""
    return [
        (str(fund.id), f"{fund.name}（{fund.number}）") for fund in funds if not queries.fund_problems(fund, now=now)
    ]
