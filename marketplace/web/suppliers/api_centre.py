"""What the centre does about organizations, as JSON: queue, checks, decisions, debarments; and changes under review."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.identity.credentials import Safe
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import NotFound
from marketplace.suppliers import commands, queries
from marketplace.suppliers.schemas import Directory, Hint, NewCheck, NewDebarment, SupplierView, Waiting
from marketplace.suppliers.states import SupplierState
from marketplace.web.suppliers.api import After, IfMatch, Limit, Made, ReasonGiven, revision_of, tagged
from marketplace.web.suppliers.public import Wanted


class Checked(Struct, frozen=True):
    """How many checks were written down."""

    count: int


class CentreApi(Controller):
    """The register as the centre works with it."""

    path = "/supplier-reviews"
    tags = ("supplier reviews",)

    @get("/queue", sync_to_thread=True)
    def queue(self, actor: NamedDependency[Actor], database: NamedDependency[Database]) -> list[Waiting]:
        """Applications, changes and new proofs that wait, the oldest first."""
        with database.read() as db:
            return queries.queue(db, actor)

    @get(sync_to_thread=True)
    def register(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        wanted: Wanted = "",
        standing: Annotated[SupplierState | None, QueryParameter(name="state")] = None,
        after: After = None,
        limit: Limit = 20,
    ) -> Directory:
        """Organizations in every state."""
        today = legal_day(clock.now())
        with database.read() as db:
            return queries.register(db, actor, on_day=today, state=standing, search=wanted, after=after, limit=limit)

    @get("/{organization_id:uuid}/hints", sync_to_thread=True)
    def hints(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], organization_id: FromPath[UUID]
    ) -> list[Hint]:
        """What to look at twice before deciding."""
        with database.read() as db:
            return queries.hints(db, actor, organization_id)

    @post("/{organization_id:uuid}/checks", sync_to_thread=True)
    def check(
        self,
        data: JSONBody[list[NewCheck]],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
    ) -> Checked:
        """Write down what was found of some items."""
        with database.write() as db:
            return Checked(commands.check(db, actor, organization_id, data, now=clock.now()))

    @post("/{organization_id:uuid}/{action:str}", sync_to_thread=True)
    def decide(
        self,
        data: JSONBody[ReasonGiven],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
        action: FromPath[str],
        if_match: IfMatch = None,
    ) -> Response[SupplierView]:
        """``qualify`` (``If-Match`` holds the revision looked at), ``return``, ``suspend`` or ``reinstate``."""
        now = clock.now()
        with database.write() as db:
            match action:
                case "qualify":
                    commands.qualify(db, actor, organization_id, revision=revision_of(if_match), now=now)
                case "return":
                    commands.send_back(db, actor, organization_id, reason=data.reason, now=now)
                case "suspend":
                    commands.suspend(db, actor, organization_id, reason=data.reason, now=now)
                case "reinstate":
                    commands.reinstate(db, actor, organization_id, reason=data.reason, now=now)
                case _:
                    raise NotFound
            return tagged(queries.supplier(db, actor, organization_id, on_day=legal_day(now)))

    @post("/{organization_id:uuid}/debarments", sync_to_thread=True)
    def debar(
        self,
        data: JSONBody[NewDebarment],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
    ) -> Made:
        """Record that the organization may not take part for a time."""
        with database.write() as db:
            return Made(commands.debar(db, actor, organization_id, data, now=clock.now()))

    @post("/debarments/{debarment_id:uuid}/lift", sync_to_thread=True, status_code=204)
    def lift(
        self,
        data: JSONBody[ReasonGiven],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        debarment_id: FromPath[UUID],
    ) -> None:
        """End a debarment before its time."""
        with database.write() as db:
            commands.lift(db, actor, debarment_id, reason=data.reason, now=clock.now())


class ChangesApi(Controller):
    """Changes of reviewed data."""

    path = "/supplier-changes"
    tags = ("supplier changes",)

    @post("/{change_id:uuid}/acceptance", sync_to_thread=True, status_code=204)
    def accept(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        change_id: FromPath[UUID],
        if_match: IfMatch = None,
    ) -> None:
        """Put a change in force; ``If-Match`` holds its revision."""
        with database.write() as db:
            commands.accept_change(db, safe, actor, change_id, revision=revision_of(if_match), now=clock.now())

    @post("/{change_id:uuid}/return", sync_to_thread=True, status_code=204)
    def send_back(
        self,
        data: JSONBody[ReasonGiven],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        change_id: FromPath[UUID],
        if_match: IfMatch = None,
    ) -> None:
        """Send a change back with a reason; ``If-Match`` holds its revision."""
        revision = revision_of(if_match)
        with database.write() as db:
            commands.return_change(db, actor, change_id, reason=data.reason, revision=revision, now=clock.now())

    @post("/{change_id:uuid}/withdrawal", sync_to_thread=True, status_code=204)
    def withdraw(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        change_id: FromPath[UUID],
    ) -> None:
        """Take back a change that is not decided."""
        with database.write() as db:
            commands.withdraw_change(db, actor, change_id, now=clock.now())
