"""Aid under ``/api/v1``: the same verbs and reads as the pages."""

from io import BytesIO
from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, JSONBody
from msgspec import Struct

from marketplace.aid import commands, queries
from marketplace.aid.rules.sheet import read_roster
from marketplace.aid.schemas import (
    ImportReport,
    NewAccess,
    NewEntitlement,
    NewProgramme,
    NewRoster,
    PlainPerson,
    ProgrammeView,
    PublicProgramme,
    RosterCard,
    RosterView,
)
from marketplace.aid.states import AccessPurpose
from marketplace.db.base import Database
from marketplace.flows import aid as stories
from marketplace.identity.credentials import Safe
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.fields import Reason
from marketplace.web.aid.roster import APPLY_REASON


class Why(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reason for an act."""

    reason: Reason


class PublicAidApi(Controller):
    """What everybody may know of aid."""

    path = "/aid"
    tags = ["aid"]  # noqa: RUF012 - Litestar reads it from the class

    @get("/programmes", sync_to_thread=True)
    def programmes(self, database: NamedDependency[Database]) -> list[PublicProgramme]:
        """Programmes with counts and sums; of one to four people neither is told."""
        with database.read() as db:
            return queries.public_programmes(db)


class AidApi(Controller):
    """Programmes and rosters at the desk."""

    path = "/aid"
    tags = ["aid"]  # noqa: RUF012 - Litestar reads it from the class

    @post("/programmes", sync_to_thread=True)
    def open_programme(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[NewProgramme],
    ) -> ProgrammeView:
        """Open a programme of the actor's organization."""
        with database.write() as db:
            return queries.programme(db, commands.open_programme(db, actor, data, now=clock.now()))

    @get("/rosters", sync_to_thread=True)
    def rosters(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> list[RosterCard]:
        """The rosters that concern the actor, the newest first."""
        with database.read() as db:
            return queries.rosters(db, actor)

    @post("/rosters", sync_to_thread=True)
    def draft(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[NewRoster],
    ) -> RosterView:
        """Begin a roster."""
        with database.write() as db:
            return queries.roster(db, actor, commands.draft_roster(db, actor, data, now=clock.now()))

    @get("/rosters/{roster_id:uuid}", sync_to_thread=True)
    def roster(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], roster_id: FromPath[UUID]
    ) -> RosterView:
        """One roster, its people masked."""
        with database.read() as db:
            return queries.roster(db, actor, roster_id)

    @post("/rosters/{roster_id:uuid}/people", sync_to_thread=True)
    def add(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        roster_id: FromPath[UUID],
        data: JSONBody[NewEntitlement],
    ) -> RosterView:
        """Add one person."""
        with database.write() as db:
            commands.add_person(db, safe.vault, actor, roster_id, data, now=clock.now())
            return queries.roster(db, actor, roster_id)

    @post("/rosters/{roster_id:uuid}/people/{entitlement_id:uuid}/removal", sync_to_thread=True, status_code=200)
    def remove(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        roster_id: FromPath[UUID],
        entitlement_id: FromPath[UUID],
    ) -> RosterView:
        """Drop one person from a draft."""
        with database.write() as db:
            commands.remove_person(db, actor, roster_id, entitlement_id, now=clock.now())
            return queries.roster(db, actor, roster_id)

    @post("/rosters/{roster_id:uuid}/people/{entitlement_id:uuid}/consent", sync_to_thread=True, status_code=200)
    def consent(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        roster_id: FromPath[UUID],
        entitlement_id: FromPath[UUID],
    ) -> RosterView:
        """Enter that a guardian's consent is on file."""
        with database.write() as db:
            commands.record_consent(db, actor, roster_id, entitlement_id, now=clock.now())
            return queries.roster(db, actor, roster_id)

    @post("/rosters/{roster_id:uuid}/people/{entitlement_id:uuid}/reading", sync_to_thread=True)
    def read(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        roster_id: FromPath[UUID],
        entitlement_id: FromPath[UUID],
        data: JSONBody[NewAccess],
    ) -> PlainPerson:
        """One person in plain words; who read it, and why, is written down and committed before."""
        now = clock.now()
        with database.write() as db:
            access_id = commands.note_access(
                db, actor, roster_id, AccessPurpose.VIEW, reason=data.reason, now=now, entitlement_id=entitlement_id
            )
        with database.read() as db:
            return queries.person(db, safe.vault, actor, access_id, now=now)

    @post("/rosters/{roster_id:uuid}/sheet", sync_to_thread=True, status_code=200)
    def take_in(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        roster_id: FromPath[UUID],
        data: Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> ImportReport:
        """Take a sheet in: right rows go in, of each wrong one it is told what is wrong."""
        rows = read_roster(BytesIO(data.file.read()))
        with database.write() as db:
            return commands.import_rows(db, safe.vault, actor, roster_id, rows, now=clock.now())

    @post("/rosters/{roster_id:uuid}/submission", sync_to_thread=True, status_code=200)
    def submit(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        roster_id: FromPath[UUID],
    ) -> RosterView:
        """Hand a draft in; its sum is set aside."""
        with database.write() as db:
            stories.submit(db, actor, roster_id, now=clock.now())
            return queries.roster(db, actor, roster_id)

    @post("/rosters/{roster_id:uuid}/approval", sync_to_thread=True, status_code=200)
    def approve(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        roster_id: FromPath[UUID],
    ) -> RosterView:
        """Approve what somebody else handed in."""
        with database.write() as db:
            stories.approve(db, actor, roster_id, now=clock.now())
            return queries.roster(db, actor, roster_id)

    @post("/rosters/{roster_id:uuid}/return", sync_to_thread=True, status_code=200)
    def send_back(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        roster_id: FromPath[UUID],
        data: JSONBody[Why],
    ) -> RosterView:
        """Send a roster back; what was set aside is free again."""
        with database.write() as db:
            stories.return_(db, actor, roster_id, reason=data.reason, now=clock.now())
            return queries.roster(db, actor, roster_id)

    @post("/rosters/{roster_id:uuid}/cancellation", sync_to_thread=True, status_code=200)
    def cancel(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        roster_id: FromPath[UUID],
        data: JSONBody[Why],
    ) -> RosterView:
        """Give up a draft."""
        with database.write() as db:
            commands.cancel_roster(db, actor, roster_id, reason=data.reason, now=clock.now())
            return queries.roster(db, actor, roster_id)

    @post("/rosters/{roster_id:uuid}/application", sync_to_thread=True)
    def apply(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        roster_id: FromPath[UUID],
    ) -> RosterView:
        """Apply for everybody to be paid, one payment each."""
        now = clock.now()
        with database.write() as db:
            access_id = commands.note_access(db, actor, roster_id, AccessPurpose.PAYMENT, reason=APPLY_REASON, now=now)
        with database.write() as db:
            stories.apply_for_payment(db, safe.vault, actor, roster_id, access_id, now=now)
            return queries.roster(db, actor, roster_id)
