"""验收: what waits for verification and acceptance, and one page with contract, report and evidence side by side."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.contracts import commands, queries
from marketplace.contracts.schemas import MilestoneDossier
from marketplace.contracts.states import MilestoneState
from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.flows import delivering, reading
from marketplace.flows.reading import DocumentKind
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.projects.states import MilestoneKind
from marketplace.web.forms import Form, Typed
from marketplace.web.milestones.forms import ACCEPT_FORM, DECISIONS, RETURN, VERIFY
from marketplace.web.milestones.views import WORDS, barred_words, in_house, may_decide, stages, usual_mend_by
from marketplace.web.pages import again, done, page
from marketplace.web.projects.files import file_answer

HERE = "/centre/acceptance"


class Acceptance(Controller):
    """What the desk does about milestones."""

    path = HERE

    @get(sync_to_thread=True)
    def listed(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], clock: NamedDependency[Clock]
    ) -> Template:
        """What waits for verification, what for acceptance, what is late, and what is still to come."""
        with database.read() as db:
            cards = [
                one
                for one in queries.desk_milestones(db, actor, now=clock.now())
                if one.kind is MilestoneKind.DELIVERABLE
            ]
        open_states = {MilestoneState.SCHEDULED, MilestoneState.RETURNED}
        return page(
            "milestones/desk.html",
            **WORDS,
            to_verify=[one for one in cards if one.state is MilestoneState.REPORTED],
            to_accept=[one for one in cards if one.state is MilestoneState.VERIFIED],
            late=[one for one in cards if one.late_days],
            coming=[one for one in cards if one.state in open_states and not one.late_days],
        )

    @get("/{milestone_id:uuid}", sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
    ) -> Template:
        """Contract, report and evidence of one milestone, and what the actor may decide."""
        with database.read() as db:
            view = in_house(db, actor, queries.dossier(db, actor, milestone_id, now=clock.now()), supplier=False)
        return page("milestones/judge.html", **_context(view, clock))

    @get("/{milestone_id:uuid}/files/{evidence_id:uuid}", sync_to_thread=True)
    def file(
        self,
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        actor: NamedDependency[Actor],
        milestone_id: FromPath[UUID],
        evidence_id: FromPath[UUID],
    ) -> Response[Any]:
        """A file of a report as a download."""
        with database.read() as db:
            card = reading.stored(db, actor, DocumentKind.MILESTONE_EVIDENCE, milestone_id, evidence_id)
        return file_answer(storage, card)

    @post("/{milestone_id:uuid}/verify", sync_to_thread=True)
    def verify(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Confirm the report."""
        form, now = VERIFY.read(typed), clock.now()
        found = form.data
        if found is None:
            return _once_more(database, actor, clock, milestone_id, verify=form)
        return _told(
            database, actor, clock, milestone_id, form, "verify",
            lambda db: commands.verify(db, actor, milestone_id, found, now=now),
            N_("已核验。请由另一位同事验收。"),
        )  # fmt: skip

    @post("/{milestone_id:uuid}/return", sync_to_thread=True)
    def send_back(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Send the report back with reason and day."""
        form, now = RETURN.read(typed), clock.now()
        back = form.data
        if back is None:
            return _once_more(database, actor, clock, milestone_id, back=form)
        return _told(
            database, actor, clock, milestone_id, form, "back",
            lambda db: commands.send_back(db, actor, milestone_id, back, now=now),
            N_("已退回承接主体整改。"),
        )  # fmt: skip

    @post("/{milestone_id:uuid}/accept", sync_to_thread=True)
    def accept(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Decide over the milestone; accepted money becomes payable."""
        form, now = ACCEPT_FORM.read(typed), clock.now()
        if form.data is None:
            return _once_more(database, actor, clock, milestone_id, deciding=form)
        decided = form.data.form
        return _told(
            database, actor, clock, milestone_id, form, "deciding",
            lambda db: delivering.accept(db, actor, milestone_id, decided, now=now),
            N_("验收结论已记录。") if not decided.share_bp else N_("验收结论已记录，通过的金额已转为应付。"),
        )  # fmt: skip


def _told(
    database: Database,
    actor: Actor,
    clock: Clock,
    milestone_id: UUID,
    form: Form[Any],
    name: str,
    story: Callable[[Session], object],
    word: str,
) -> Template | Redirect:
    """Tell a story and go back to the page; or show it again with everything typed and what was refused."""
    try:
        database.run(story)
    except DomainError as refusal:
        return _once_more(database, actor, clock, milestone_id, **{name: form.refused(refusal)})
    return done(f"{HERE}/{milestone_id}", word)


def _once_more(database: Database, actor: Actor, clock: Clock, milestone_id: UUID, **forms: Form[Any]) -> Template:
    with database.read() as db:
        view = queries.dossier(db, actor, milestone_id, now=clock.now())
    (form,) = forms.values()
    form.texts["attempt"] = [str(view.facts.attempts)]  # the page shows the newest report: what is sent now is about it
    return again("milestones/judge.html", form, **(_context(view, clock) | forms))


def _context(view: MilestoneDossier, clock: Clock) -> dict[str, Any]:
    attempt = view.facts.attempts
    mend_by = usual_mend_by(legal_day(clock.now()))
    return {
        **WORDS,
        "view": view,
        "stages": stages(view),
        "barred": barred_words(view),
        "deciding": ACCEPT_FORM.blank(attempt=attempt),
        "verify": VERIFY.blank(attempt=attempt),
        "back": RETURN.blank(attempt=attempt, mend_by=mend_by),
        "decisions": DECISIONS,
        "may_decide": may_decide(view),
        "last": view.reports[-1] if view.reports else None,
        "base": f"{HERE}/{view.card.id}",
        "paying": False,
    }
