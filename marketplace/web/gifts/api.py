"""Gifts under ``/api/v1`` for staff: the same verbs and reads as the finance desk's pages."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery, JSONBody
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.funds.commands import gifts as commands
from marketplace.funds.queries import gifts as queries
from marketplace.funds.schemas.gifts import (
    BasisView,
    GiftView,
    InvitationView,
    NewBasis,
    NewInvitation,
    Renewal,
    Why,
)
from marketplace.identity.credentials import Safe
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.web.gifts.desk import readable_invitation, readers_holder
from marketplace.web.projects.files import FILE_BYTES_MAX, pieces


class Invited(Struct, frozen=True, kw_only=True):
    """An invitation and the path of its secret link, told this once."""

    invitation: InvitationView
    link_path: str


class GiftsApi(Controller):
    """Legal bases, invitations and gifts."""

    path = "/"
    tags = ["gifts"]  # noqa: RUF012 - Litestar reads it from the class

    @get(sync_to_thread=True)
    def gifts(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> list[GiftView]:
        """Gifts that arrived, newest first."""
        with database.read() as db:
            return queries.gifts(db, readers_holder(actor))

    @get("/bases", sync_to_thread=True)
    def bases(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> list[BasisView]:
        """The holder's legal bases to receive, newest first."""
        with database.read() as db:
            return queries.bases(db, readers_holder(actor))

    @post("/bases/{holder_id:uuid}", sync_to_thread=True)
    def record_basis(
        self,
        data: Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)],
        document_no: FromQuery[str],
        dated_on: FromQuery[date],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        storage: NamedDependency[Storage],
        clock: NamedDependency[Clock],
        holder_id: FromPath[UUID],
    ) -> BasisView:
        """Record the paper by which a holder may receive gifts, sent as a multipart file."""
        new = NewBasis(holder_id=holder_id, document_no=document_no, dated_on=dated_on)
        with database.write() as db:
            basis_id = commands.record_basis(
                db, storage, actor, new, pieces(data),
                name=data.filename, limit_bytes=FILE_BYTES_MAX, now=clock.now(),
            )  # fmt: skip
            return queries.basis(db, basis_id)

    @post("/bases/{basis_id:uuid}/withdraw", sync_to_thread=True, status_code=200)
    def withdraw_basis(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        basis_id: FromPath[UUID],
        data: JSONBody[Why],
    ) -> BasisView:
        """Withdraw a legal basis: Checkout is off for its holder from now on."""
        with database.write() as db:
            commands.withdraw_basis(db, actor, basis_id, reason=data.reason, now=clock.now())
            return queries.basis(db, basis_id)

    @get("/invitations", sync_to_thread=True)
    def invitations(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], clock: NamedDependency[Clock]
    ) -> list[InvitationView]:
        """Invitations, newest first."""
        with database.read() as db:
            return queries.invitations(db, readers_holder(actor), now=clock.now())

    @post("/invitations", sync_to_thread=True)
    def invite(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        data: JSONBody[NewInvitation],
    ) -> Invited:
        """Invite a named donor."""
        with database.write() as db:
            issued = commands.invite(db, safe, actor, data, now=clock.now())
            shown = queries.invitation(db, issued.invitation_id, now=clock.now())
        return Invited(invitation=shown, link_path=f"/gifts/{issued.token}")

    @get("/invitations/{invitation_id:uuid}", sync_to_thread=True)
    def invitation(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        invitation_id: FromPath[UUID],
    ) -> InvitationView:
        """One invitation with its attempts."""
        with database.read() as db:
            return readable_invitation(db, actor, invitation_id, clock)

    @post("/invitations/{invitation_id:uuid}/renew", sync_to_thread=True, status_code=200)
    def renew(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        invitation_id: FromPath[UUID],
        data: JSONBody[Renewal],
    ) -> Invited:
        """Send an invitation once more, with a new link."""
        with database.write() as db:
            issued = commands.renew(db, safe, actor, invitation_id, data.expires_on, now=clock.now())
            shown = queries.invitation(db, invitation_id, now=clock.now())
        return Invited(invitation=shown, link_path=f"/gifts/{issued.token}")

    @post("/invitations/{invitation_id:uuid}/revoke", sync_to_thread=True, status_code=200)
    def revoke(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        invitation_id: FromPath[UUID],
        data: JSONBody[Why],
    ) -> InvitationView:
        """Take an invitation back."""
        with database.write() as db:
            commands.revoke(db, actor, invitation_id, reason=data.reason, now=clock.now())
            return queries.invitation(db, invitation_id, now=clock.now())
