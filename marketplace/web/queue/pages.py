"""The queue at the administrators' desk: what is parked and why, to replay or to discard with a reason."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.flows.queue import backlog, discard_job, parked_events, parked_job, parked_jobs, replay_job
from marketplace.identity.rules import Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError
from marketplace.kit.fields import Reason
from marketplace.kit.i18n import N_
from marketplace.outbox.queries import PAGE
from marketplace.outbox.schemas import ParkedJob
from marketplace.web.forms import Form, FormKind, Typed
from marketplace.web.notices.views import id_after
from marketplace.web.pages import again, done, page
from marketplace.web.paging import paging

QUEUE = "/admin/queues"


class Decision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done about a parked job, and why."""

    reason: Reason


DECISION = FormKind(
    Decision,
    labels={"reason": N_("理由")},
    hints={"reason": N_("例如：邮件服务器已恢复；对方单位已注销，无需再通知。")},
)


class Queue(Controller):
    """Parked jobs."""

    path = QUEUE

    @get(sync_to_thread=True)
    def jobs(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        after: Annotated[str, QueryParameter(max_length=200)] = "",
    ) -> Template:
        """How the queue stands, and the parked jobs, longest parked first."""
        with database.read() as db:
            standing = backlog(db, actor, now=clock.now())
            jobs = parked_jobs(db, actor, after=id_after(after), limit=PAGE + 1)
            events = parked_events(db, actor)
        more = jobs[PAGE - 1] if len(jobs) > PAGE else None
        known = [str(more.delivery_id)] if more else None
        pager = paging(QUEUE, {}, known, after=after, total=standing.parked - standing.events)
        shown = {"jobs": jobs[:PAGE], "events": events, "events_max": PAGE}
        return page("queue/jobs.html", **shown, backlog=standing, paging=pager)

    @get("/{delivery_id:uuid}", sync_to_thread=True)
    def job(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], delivery_id: FromPath[UUID]
    ) -> Template:
        """One parked job: what it was to do, how often it was tried, what went wrong."""
        with database.read() as db:
            found = parked_job(db, actor, delivery_id)
        return page("queue/job.html", form=DECISION.blank(), **_shown(found, actor))

    @post("/{delivery_id:uuid}/replay", sync_to_thread=True)
    def replay(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        delivery_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Try it again."""
        form = DECISION.read(typed)
        if form.data is None:
            return _back(database, actor, delivery_id, form)
        try:
            with database.write() as db:
                replay_job(db, actor, delivery_id, reason=form.data.reason, now=clock.now())
        except DomainError as refusal:
            return _back(database, actor, delivery_id, form.refused(refusal))
        return done(QUEUE, N_("任务已放回队列，很快会重新处理。"))

    @post("/{delivery_id:uuid}/discard", sync_to_thread=True)
    def discard(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        delivery_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Settle it without its effect."""
        form = DECISION.read(typed)
        if form.data is None:
            return _back(database, actor, delivery_id, form)
        try:
            with database.write() as db:
                discard_job(db, actor, delivery_id, reason=form.data.reason, now=clock.now())
        except DomainError as refusal:
            return _back(database, actor, delivery_id, form.refused(refusal))
        return done(QUEUE, N_("任务已作废，不会再处理。理由已记入日志。"))


def _shown(job: ParkedJob, actor: Actor) -> dict[str, object]:
    return {"job": job, "may_decide": may(actor, Right.REPLAY_PARKED, {})}


def _back(database: Database, actor: Actor, delivery_id: UUID, form: Form[Decision]) -> Template:
    with database.read() as db:
        job = parked_job(db, actor, delivery_id)
    return again("queue/job.html", form, **_shown(job, actor))
