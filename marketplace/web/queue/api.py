"""The queue under ``/api/v1``: the same reads and verbs as the pages."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from marketplace.db.base import Database
from marketplace.flows.queue import backlog, discard_job, parked_events, parked_job, parked_jobs, replay_job
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import NotFound
from marketplace.outbox.schemas import Arrived, Backlog, ParkedJob
from marketplace.web.queue.events import ACTS, Verdict
from marketplace.web.queue.pages import Decision


class QueueApi(Controller):
    """Parked jobs and the backlog."""

    path = "/api/v1/queue"
    tags = ["queue"]  # noqa: RUF012 - Litestar reads it from the class

    @get("/backlog", sync_to_thread=True)
    def standing(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], clock: NamedDependency[Clock]
    ) -> Backlog:
        """How much waits, and how long the most overdue has waited."""
        with database.read() as db:
            return backlog(db, actor, now=clock.now())

    @get("/parked", sync_to_thread=True)
    def jobs(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        after: Annotated[UUID | None, QueryParameter(description="the last job of the page before")] = None,
    ) -> list[ParkedJob]:
        """Parked jobs, longest parked first."""
        with database.read() as db:
            return parked_jobs(db, actor, after=after)

    @get("/parked/{delivery_id:uuid}", sync_to_thread=True)
    def job(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], delivery_id: FromPath[UUID]
    ) -> ParkedJob:
        """One parked job."""
        with database.read() as db:
            return parked_job(db, actor, delivery_id)

    @get("/events", sync_to_thread=True)
    def events(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> list[Arrived]:
        """Events from outside that could not be processed, longest waiting first."""
        with database.read() as db:
            return parked_events(db, actor)

    @post("/events/{event_id:uuid}/{act:str}", sync_to_thread=True, status_code=200)
    def decide(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        event_id: FromPath[UUID],
        act: FromPath[str],
        data: JSONBody[Verdict],
    ) -> list[Arrived]:
        """Let an event be processed again (``replay``) or set it aside (``ignore``); answers with those left."""
        if act not in ACTS:
            raise NotFound
        with database.write() as db:
            ACTS[act][0](db, actor, event_id, reason=data.reason, now=clock.now())
            db.flush()
            return parked_events(db, actor)

    @post("/parked/{delivery_id:uuid}/replay", sync_to_thread=True, status_code=200)
    def replay(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        delivery_id: FromPath[UUID],
        data: JSONBody[Decision],
    ) -> Backlog:
        """Let a parked job be tried again; answers with the backlog."""
        now = clock.now()
        with database.write() as db:
            replay_job(db, actor, delivery_id, reason=data.reason, now=now)
            db.flush()
            return backlog(db, actor, now=now)

    @post("/parked/{delivery_id:uuid}/discard", sync_to_thread=True, status_code=200)
    def discard(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        delivery_id: FromPath[UUID],
        data: JSONBody[Decision],
    ) -> Backlog:
        """Settle a parked job without its effect; answers with the backlog."""
        now = clock.now()
        with database.write() as db:
            discard_job(db, actor, delivery_id, reason=data.reason, now=now)
            db.flush()
            return backlog(db, actor, now=now)
