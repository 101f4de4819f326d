"""里程碑与材料: the supplier's list, and the page on which a milestone is proved, with the phone's camera if wanted."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec import structs

from marketplace.contracts import commands, queries
from marketplace.contracts.schemas import MilestoneDossier, Report
from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.flows import reading
from marketplace.flows.reading import DocumentKind
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, Kind, Stale
from marketplace.kit.i18n import N_
from marketplace.web.forms import Form, Typed
from marketplace.web.i18n import sentence
from marketplace.web.milestones.forms import ACCEPT, PHOTO_ACCEPT, REPORT, arrived, report_form
from marketplace.web.milestones.views import WORDS, in_house, stages
from marketplace.web.pages import again, done, page
from marketplace.web.projects.files import FILE_BYTES_MAX, file_answer, pieces

HERE = "/org/milestones"
BODY_BYTES_MAX = 120 * 2**20
"""A report with its files: a handful of photos as phones take them."""
SUBMIT = "submit"
TYPED_KINDS = frozenset({Kind.INVALID, Kind.CONFLICT, Kind.TOO_LARGE})
"""Refusals of a file that are told beside it."""
SAVED, SUBMITTED = N_("草稿已保存，可以随时回来继续。"), N_("已提交，等待核验。结果会通知您。")


class OrgMilestones(Controller):
    """What a supplier does about its milestones."""

    path = HERE
    request_max_body_size = BODY_BYTES_MAX

    @get(sync_to_thread=True)
    def mine(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], clock: NamedDependency[Clock]
    ) -> Template:
        """All milestones of the organization's contracts: late ones first, then those due soon."""
        with database.read() as db:
            cards = queries.supplier_milestones(db, actor, now=clock.now())
        return page("milestones/mine.html", **WORDS, cards=cards)

    @get("/{milestone_id:uuid}", sync_to_thread=True)
    def shown(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
    ) -> Template:
        """One milestone: what is asked, the report to write, what became of earlier ones."""
        with database.read() as db:
            view = in_house(db, actor, queries.dossier(db, actor, milestone_id, now=clock.now()), supplier=True)
        form = report_form(view.draft) if view.draft else REPORT.blank()
        return page("milestones/report.html", form=form, **_context(view))

    @post("/{milestone_id:uuid}", sync_to_thread=True)
    def write(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Keep files and texts, each in a transaction of its own, so that nothing is lost; then hand in, if asked."""
        now = clock.now()
        with database.read() as db:
            items = queries.milestone_facts(db, milestone_id).evidence
        form = REPORT.read(typed)
        report = form.data
        form.errors |= _keep_files(database, storage, actor, clock, milestone_id, typed, items)
        if report is not None:
            try:
                word = self._tell(
                    database, actor, clock, milestone_id, report, form, hand_in=typed.one("act") == SUBMIT
                )
            except Stale as refusal:
                form.refused(refusal)
                form.texts["version"] = [str(_version(database, actor, clock, milestone_id))]
            except DomainError as refusal:
                form.refused(refusal)
            else:
                if not form.errors:
                    return done(f"{HERE}/{milestone_id}", word)
        with database.read() as db:
            view = queries.dossier(db, actor, milestone_id, now=now)
        return again("milestones/report.html", form, **_context(view))

    def _tell(
        self,
        database: Database,
        actor: Actor,
        clock: Clock,
        milestone_id: UUID,
        report: Report,
        form: Form[Report],
        *,
        hand_in: bool,
    ) -> str:
        """Save what was written, then hand it in; a report that was handed in before (a second press) counts once."""
        with database.read() as db:
            view = queries.dossier(db, actor, milestone_id, now=clock.now())
        if report.attempt <= view.facts.attempts:
            return SUBMITTED
        with database.write() as db:
            version = commands.save_report(db, actor, milestone_id, report, now=clock.now())
        form.texts["version"] = [str(version)]
        if not hand_in or form.errors:
            return SAVED
        with database.write() as db:
            commands.report(db, actor, milestone_id, structs.replace(report, version=version), now=clock.now())
        return SUBMITTED

    @post("/{milestone_id:uuid}/files/{evidence_id:uuid}/remove", sync_to_thread=True)
    def remove(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        milestone_id: FromPath[UUID],
        evidence_id: FromPath[UUID],
    ) -> Redirect:
        """Take a file off the report."""
        with database.write() as db:
            commands.remove_evidence(db, actor, milestone_id, evidence_id, now=clock.now())
        return done(f"{HERE}/{milestone_id}#h-evidence", N_("材料已撤下。"))

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


def _keep_files(
    database: Database,
    storage: Storage,
    actor: Actor,
    clock: Clock,
    milestone_id: UUID,
    typed: Typed,
    items: tuple[str, ...],
) -> dict[str, str]:
    """Keep each file that came along; returns a message for each that was refused, the others stay."""
    errors: dict[str, str] = {}
    for new, file, field in arrived(typed, items):
        try:
            with database.write() as db:
                commands.attach_evidence(
                    db, storage, actor, milestone_id, new, pieces(file),
                    name=file.filename, limit_bytes=FILE_BYTES_MAX, now=clock.now(),
                )  # fmt: skip
        except DomainError as refusal:
            if refusal.kind not in TYPED_KINDS:
                raise
            errors[field] = sentence(refusal)
    return errors


def _version(database: Database, actor: Actor, clock: Clock, milestone_id: UUID) -> int:
    """The version of the draft as it is now."""
    with database.read() as db:
        view = queries.dossier(db, actor, milestone_id, now=clock.now())
    return view.draft.version if view.draft else 0


def _context(view: MilestoneDossier) -> dict[str, Any]:
    files = view.draft.files if view.draft else ()
    return {
        **WORDS,
        "view": view,
        "stages": stages(view),
        "by_item": {place: [one for one in files if one.item == place] for place in range(len(view.facts.evidence))},
        "others": [one for one in files if one.item is None],
        "accept": ACCEPT,
        "photo_accept": PHOTO_ACCEPT,
        "base": f"{HERE}/{view.card.id}",
    }
