"""The finance desk of gifts: the legal basis to receive, invitations to donors, and what arrived."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.flows import reading
from marketplace.flows.reading import DocumentKind
from marketplace.funds import queries as money
from marketplace.funds.commands import gifts as commands
from marketplace.funds.queries import gifts as queries
from marketplace.funds.schemas.gifts import BasisView, InvitationView, NewBasis
from marketplace.identity.credentials import Safe
from marketplace.identity.queries import find_organizations
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import Actor, Function
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.payments.gateway import Gateway
from marketplace.settings import Settings
from marketplace.web.forms import Form, Typed
from marketplace.web.gifts.forms import BASIS_FORM, INVITATION_FORM, RENEWAL, WHY, BasisForm
from marketplace.web.gifts.views import WORDS, BasisPage, DeskPage, InvitationPage, fund_choices
from marketplace.web.pages import again, done, page
from marketplace.web.projects.files import BODY_BYTES_MAX, FILE_BYTES_MAX, file_answer, pieces

HERE = "/finance/gifts"
INVITED_DAYS = 30


def own_parties(actor: Actor) -> dict[Relation, UUID | None]:
    """The actor's own office as the holder of money."""
    return {Relation.FINANCE: actor.organization_id}


def readers_holder(actor: Actor) -> UUID | None:
    """Whose gifts the actor may read: an office its own, supervision everybody's (None).

    Raises:
        Forbidden: the actor may not read gifts.
    """
    require(actor, Right.READ_FUNDS, own_parties(actor))
    return None if Function.SUPERVISOR in actor.functions else actor.organization_id


def readable_invitation(db: Session, actor: Actor, invitation_id: UUID, clock: Clock) -> InvitationView:
    """One invitation that the actor may read.

    Raises:
        NotFound: there is none, or it is another office's.
        Forbidden: the actor may not read gifts.
    """
    found = queries.invitation(db, invitation_id, now=clock.now())
    require(actor, Right.READ_FUNDS, queries.gift_parties(found.holder_id))
    return found


def may_invite(actor: Actor, holder_id: UUID | None) -> bool:
    """Whether the actor may invite donors for a holder."""
    return may(actor, Right.INVITE_DONOR, {Relation.FINANCE: holder_id})


class FinanceGifts(Controller):
    """捐赠票据."""

    path = HERE

    @get(sync_to_thread=True)
    def overview(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        gateway: NamedDependency[Gateway | None],
    ) -> Template:
        """Whether Checkout is on, who was invited, what arrived."""
        holder = readers_holder(actor)
        now = clock.now()
        with database.read() as db:
            view = DeskPage(
                basis=queries.basis_of(db, holder) if holder else None,
                has_gateway=gateway is not None,
                funds=len(fund_choices(money.funds(db, concerning=holder), now)),
                invitations=queries.invitations(db, holder, now=now),
                gifts=queries.gifts(db, holder),
                may_invite=may_invite(actor, holder),
                may_record=may(actor, Right.RECORD_LEGAL_BASIS, {Relation.FINANCE: holder}),
            )
        return page("gifts/desk.html", **WORDS, view=view)

    @get("/new", sync_to_thread=True)
    def blank(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], clock: NamedDependency[Clock]
    ) -> Template:
        """The form for an invitation."""
        require(actor, Right.INVITE_DONOR, own_parties(actor))
        until = legal_day(clock.now()) + timedelta(days=INVITED_DAYS)
        return self._form(database, actor, clock, INVITATION_FORM.blank(expires_on=until))

    @post("/new", sync_to_thread=True)
    def invite(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        settings: NamedDependency[Settings],
    ) -> Template:
        """Invite a donor; the answer shows the secret link, this once."""
        form = INVITATION_FORM.read(typed)
        if form.data is None:
            return self._form(database, actor, clock, form)
        try:
            with database.write() as db:
                issued = commands.invite(db, safe, actor, form.data, now=clock.now())
        except DomainError as refusal:
            return self._form(database, actor, clock, form.refused(refusal))
        link = f"{settings.base_url}/gifts/{issued.token}"
        return _invitation_page(database, actor, clock, issued.invitation_id, link=link)

    def _form(self, database: Database, actor: Actor, clock: Clock, form: Form[Any]) -> Template:
        with database.read() as db:
            choices = fund_choices(money.funds(db, concerning=actor.organization_id, only_open=True), clock.now())
            basis = queries.basis_of(db, actor.organization_id) if actor.organization_id else None
        return again("gifts/invite.html", form, choices=choices, basis=basis)

    @get("/{invitation_id:uuid}", sync_to_thread=True)
    def invitation(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        invitation_id: FromPath[UUID],
    ) -> Template:
        """One invitation: what was asked, how far the donor has come."""
        return _invitation_page(database, actor, clock, invitation_id)

    @post("/{invitation_id:uuid}/renew", sync_to_thread=True)
    def renew(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        settings: NamedDependency[Settings],
        invitation_id: FromPath[UUID],
    ) -> Template:
        """Send it once more, with a new link that is shown this once."""
        form = RENEWAL.read(typed)
        if form.data is None:
            return _invitation_page(database, actor, clock, invitation_id, form=form)
        try:
            with database.write() as db:
                issued = commands.renew(db, safe, actor, invitation_id, form.data.expires_on, now=clock.now())
        except DomainError as refusal:
            return _invitation_page(database, actor, clock, invitation_id, form=form.refused(refusal))
        link = f"{settings.base_url}/gifts/{issued.token}"
        return _invitation_page(database, actor, clock, invitation_id, link=link)

    @post("/{invitation_id:uuid}/revoke", sync_to_thread=True)
    def revoke(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        invitation_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Take it back."""
        form = WHY.read(typed)
        if form.data is None:
            return _invitation_page(database, actor, clock, invitation_id, why=form)
        try:
            with database.write() as db:
                commands.revoke(db, actor, invitation_id, reason=form.data.reason, now=clock.now())
        except DomainError as refusal:
            return _invitation_page(database, actor, clock, invitation_id, why=form.refused(refusal))
        return done(f"{HERE}/{invitation_id}", N_("邀请已撤回，对方会收到邮件。"))


def _invitation_page(
    database: Database,
    actor: Actor,
    clock: Clock,
    invitation_id: UUID,
    *,
    link: str = "",
    form: Form[Any] | None = None,
    why: Form[Any] | None = None,
) -> Template:
    with database.read() as db:
        found = readable_invitation(db, actor, invitation_id, clock)
    view = InvitationPage.of(found, may_invite=may_invite(actor, found.holder_id), link=link)
    until = legal_day(clock.now()) + timedelta(days=INVITED_DAYS)
    renewal = form or RENEWAL.blank(expires_on=until)
    failed = why if why is not None and why.errors else renewal
    shown = page("gifts/invitation.html", **WORDS, view=view, form=failed, renewal=renewal, why=why or WHY.blank())
    if failed.errors:
        shown.status_code = 422
    shown.headers["cache-control"] = "no-store"
    return shown


class GiftBases(Controller):
    """The legal basis to receive gifts."""

    path = f"{HERE}/basis"

    def _view(self, db: Session, actor: Actor) -> BasisPage:
        """What the page shows.

        Raises:
            Forbidden: the actor may neither read gifts nor record legal bases.
        """
        recording = may(actor, Right.RECORD_LEGAL_BASIS, own_parties(actor))
        everywhere = Function.OPERATOR in actor.functions or Function.SUPERVISOR in actor.functions
        if not recording:
            require(actor, Right.READ_FUNDS, own_parties(actor))
        holder = None if everywhere else actor.organization_id
        offices = find_organizations(db, function=Function.FINANCE_OFFICE) if recording else []
        holders = [(str(one.id), one.name) for one in offices if holder in {None, one.id}]
        return BasisPage(bases=queries.bases(db, holder), holders=holders, may_record=recording)

    @get(sync_to_thread=True)
    def bases(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> Template:
        """The bases there are, and the form for a new one."""
        with database.read() as db:
            view = self._view(db, actor)
        first = view.holders[0][0] if len(view.holders) == 1 else None
        return page("gifts/basis.html", **WORDS, view=view, form=BASIS_FORM.blank(holder_id=first))

    @post(sync_to_thread=True, request_max_body_size=BODY_BYTES_MAX)
    def record(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        storage: NamedDependency[Storage],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Record the paper by which a holder may receive gifts."""
        form: Form[BasisForm] = BASIS_FORM.read(typed)
        paper = next((file for file in typed.files.get("paper", []) if file.filename), None)
        with database.read() as db:
            view = self._view(db, actor)
        if form.data is None:
            return again("gifts/basis.html", form, **WORDS, view=view)
        new = NewBasis(
            holder_id=form.data.holder_id,
            document_no=form.data.document_no,
            dated_on=form.data.dated_on,
            note=form.data.note,
        )
        try:
            with database.write() as db:
                commands.record_basis(
                    db, storage, actor, new, pieces(paper) if paper else None,
                    name=paper.filename if paper else "", limit_bytes=FILE_BYTES_MAX, now=clock.now(),
                )  # fmt: skip
        except DomainError as refusal:
            return again("gifts/basis.html", form.refused(refusal), **WORDS, view=view)
        return done(f"{HERE}/basis", N_("依据已登记，现在可以邀请捐赠人。依据是否成立请有关部门确认。"))

    @get("/{basis_id:uuid}/withdraw", sync_to_thread=True)
    def ask_why(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], basis_id: FromPath[UUID]
    ) -> Template:
        """The form for withdrawing a basis."""
        return page("gifts/withdraw.html", form=WHY.blank(), basis=_recordable(database, actor, basis_id))

    @post("/{basis_id:uuid}/withdraw", sync_to_thread=True)
    def withdraw(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        basis_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Withdraw a basis: Checkout is off for its holder from now on."""
        form = WHY.read(typed)
        basis = _recordable(database, actor, basis_id)
        if form.data is None:
            return again("gifts/withdraw.html", form, basis=basis)
        try:
            with database.write() as db:
                commands.withdraw_basis(db, actor, basis_id, reason=form.data.reason, now=clock.now())
        except DomainError as refusal:
            return again("gifts/withdraw.html", form.refused(refusal), basis=basis)
        return done(f"{HERE}/basis", N_("依据已撤下，在线收款已关闭。"))

    @get("/{basis_id:uuid}/paper", sync_to_thread=True)
    def paper(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        storage: NamedDependency[Storage],
        basis_id: FromPath[UUID],
    ) -> Response[Any]:
        """The paper of a basis, as a download."""
        with database.read() as db:
            card = reading.stored(db, actor, DocumentKind.GIFT_BASIS, basis_id)
        return file_answer(storage, card)


def _recordable(database: Database, actor: Actor, basis_id: UUID) -> BasisView:
    """A basis that the actor may withdraw.

    Raises:
        NotFound: there is none, or it is another office's.
        Forbidden: the actor may not record legal bases.
    """
    with database.read() as db:
        found = queries.basis(db, basis_id)
    require(actor, Right.RECORD_LEGAL_BASIS, queries.gift_parties(found.holder_id))
    return found
