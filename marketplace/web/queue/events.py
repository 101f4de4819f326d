"""Events from outside that could not be processed: what came, why it stopped, and what an administrator decides."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.flows.queue import ignore_event, parked_event, replay_event
from marketplace.identity.rules import Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.fields import Reason
from marketplace.kit.i18n import N_
from marketplace.outbox.schemas import Arrived
from marketplace.web.forms import Form, FormKind, Typed
from marketplace.web.pages import again, done, page

HERE = "/admin/queues"
SOURCES = {"gateway": N_("支付平台"), "bank": N_("银行")}


class Verdict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done about an event, and why."""

    reason: Reason


VERDICT = FormKind(
    Verdict,
    labels={"reason": N_("理由")},
    hints={"reason": N_("例如：已与支付平台核对金额；这笔款项与本平台无关。")},
)
ACTS: Mapping[str, tuple[Callable[..., None], str]] = {
    "replay": (replay_event, N_("事件已放回队列，很快会重新处理。")),
    "ignore": (ignore_event, N_("事件已标为与本平台无关，不会再处理。理由已记入日志。")),
}


class Events(Controller):
    """One event, and what is decided about it."""

    path = f"{HERE}/events/{{event_id:uuid}}"

    @get(sync_to_thread=True)
    def shown(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], event_id: FromPath[UUID]
    ) -> Template:
        """What came, from whom and when, and why it was left to people."""
        with database.read() as db:
            found = parked_event(db, actor, event_id)
        return page("queue/event.html", form=VERDICT.blank(), **_shown(found, actor))

    @post("/{act:str}", sync_to_thread=True)
    def decide(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        event_id: FromPath[UUID],
        act: FromPath[str],
    ) -> Template | Redirect:
        """Let it be processed again, or set it aside."""
        if act not in ACTS:
            raise NotFound
        verb, word = ACTS[act]
        form = VERDICT.read(typed)
        if form.data is None:
            return _back(database, actor, event_id, form)
        reason = form.data.reason
        try:
            database.run(lambda db: verb(db, actor, event_id, reason=reason, now=clock.now()))
        except DomainError as refusal:
            return _back(database, actor, event_id, form.refused(refusal))
        return done(HERE, word)


def _shown(event: Arrived, actor: Actor) -> dict[str, Any]:
    return {"event": event, "sources": SOURCES, "may_decide": may(actor, Right.REPLAY_PARKED, {})}


def _back(database: Database, actor: Actor, event_id: UUID, form: Form[Verdict]) -> Template:
    with database.read() as db:
        found = parked_event(db, actor, event_id)
    return again("queue/event.html", form, **_shown(found, actor))
