"""One roster: its rows masked, its checks and sums, and every act that is open to whoever looks at it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.aid import commands, queries
from marketplace.aid.states import AccessPurpose
from marketplace.db.base import Database
from marketplace.flows import aid as stories
from marketplace.identity.credentials import Safe
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.kit.money import capital
from marketplace.web.aid.desk import HERE
from marketplace.web.aid.forms import REASON
from marketplace.web.aid.views import WORDS, checks, steps
from marketplace.web.forms import Form, Typed
from marketplace.web.pages import again, done, page

SUBMITTED = N_("名册已提交，资金已占用。请等待负责人审批。")
APPROVED = N_("名册已批准，资金已锁定。会计可以申请付款了。")
APPLIED = N_("付款申请已提交，每人一笔。请等待审批。")
RETURNED = N_("名册已退回，占用的资金已还回。")
CANCELLED = N_("名册已取消。")
APPLY_REASON = "按已批准的名册申请付款"
Act = Callable[[Session, Actor, UUID, datetime], None]
_PLAIN: dict[str, tuple[Act, str]] = {
    "submit": (lambda db, actor, roster_id, now: stories.submit(db, actor, roster_id, now=now), SUBMITTED),
    "approve": (lambda db, actor, roster_id, now: stories.approve(db, actor, roster_id, now=now), APPROVED),
}


def shown(db: Session, actor: Actor, roster_id: UUID) -> dict[str, Any]:
    """What the page of a roster shows."""
    view = queries.roster(db, actor, roster_id)
    return {
        **WORDS,
        "view": view,
        "checks": checks(view),
        "steps": steps(view),
        "capital": capital(view.total_fen),
        "readings": queries.readings(db, actor, roster_id),
    }


class RosterPages(Controller):
    """A roster and what is done to it."""

    path = f"{HERE}/{{roster_id:uuid}}"

    @get(sync_to_thread=True)
    def roster(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], roster_id: FromPath[UUID]
    ) -> Template:
        """The roster."""
        with database.read() as db:
            return page("aid/roster.html", **shown(db, actor, roster_id), form=REASON.blank())

    def _again(self, database: Database, actor: Actor, roster_id: UUID, form: Form[Any]) -> Template:
        with database.read() as db:
            return again("aid/roster.html", form, **shown(db, actor, roster_id))

    @post("/{act:str}", sync_to_thread=True)
    def do(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        roster_id: FromPath[UUID],
        act: FromPath[str],
    ) -> Template | Redirect:
        """Hand in or approve; send back or cancel with a reason.

        Raises:
            NotFound: there is no such act.
        """
        if act in _PLAIN:
            verb, word = _PLAIN[act]
            try:
                with database.write() as db:
                    verb(db, actor, roster_id, clock.now())
            except DomainError as refusal:
                return self._again(database, actor, roster_id, REASON.blank().refused(refusal))
            return done(f"{HERE}/{roster_id}", word)
        if act not in ("return", "cancel"):
            raise NotFound
        form = REASON.read(typed)
        if form.data is None:
            return self._again(database, actor, roster_id, form)
        try:
            with database.write() as db:
                if act == "return":
                    stories.return_(db, actor, roster_id, reason=form.data.reason, now=clock.now())
                else:
                    commands.cancel_roster(db, actor, roster_id, reason=form.data.reason, now=clock.now())
        except DomainError as refusal:
            return self._again(database, actor, roster_id, form.refused(refusal))
        return done(f"{HERE}/{roster_id}", RETURNED if act == "return" else CANCELLED)

    @post("/apply", sync_to_thread=True)
    def apply(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
        roster_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Apply for the payment of everybody on it; that names are read is written down and committed first."""
        now = clock.now()
        try:
            with database.write() as db:
                access_id = commands.note_access(
                    db, actor, roster_id, AccessPurpose.PAYMENT, reason=APPLY_REASON, now=now
                )
            with database.write() as db:
                stories.apply_for_payment(db, safe.vault, actor, roster_id, access_id, now=now)
        except DomainError as refusal:
            return self._again(database, actor, roster_id, REASON.blank().refused(refusal))
        return done(f"{HERE}/{roster_id}", APPLIED)
