"""组织审核: the centre's queue and register, the check form row by row, decisions."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template

from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.flows import reading
from marketplace.flows.reading import DocumentKind
from marketplace.identity.queries import names
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.suppliers import commands, queries
from marketplace.suppliers.states import SUPPLIER, Lamp, SupplierAction, SupplierState
from marketplace.suppliers.states import Clock as ProofClock
from marketplace.web.forms import Form, Typed
from marketplace.web.i18n import gettext, sentence
from marketplace.web.pages import again, done, page
from marketplace.web.paging import paging
from marketplace.web.suppliers.checking import aligned, rows_of
from marketplace.web.suppliers.forms import (
    CHECKS,
    DEBARMENT,
    NO_FILE,
    REASON,
    REPORT,
    ChecksTyped,
    report_items,
    result_items,
)
from marketplace.web.suppliers.public import After, Wanted, place_after
from marketplace.web.suppliers.views import (
    BODY_BYTES_MAX,
    PROOF_BYTES_MAX,
    file_answer,
    helpers,
    pieces_of,
    services,
    upload_of,
)

HERE = "/centre/suppliers"
Standing = Annotated[str, QueryParameter(name="state", max_length=20)]
Due = Annotated[str, QueryParameter(name="due", max_length=10)]
_GOOD = frozenset({Lamp.GREEN, Lamp.AMBER})


class CentrePages(Controller):
    """What the centre's staff do about organizations."""

    path = HERE
    request_max_body_size = BODY_BYTES_MAX

    @get(sync_to_thread=True)
    def queue(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        wanted: Wanted = "",
        standing: Standing = "",
        after: After = "",
        due: Due = "",
    ) -> Template:
        """What waits, which proofs end, and the whole register."""
        today = legal_day(clock.now())
        chosen = SupplierState(standing) if standing in set(SupplierState) else None
        with database.read() as db:
            waiting = queries.queue(db, actor)
            lines = {one: queries.clocks(db, actor, one, on_day=today) for one in ProofClock}
            found = queries.register(db, actor, on_day=today, state=chosen, search=wanted, after=place_after(after))
        asked = {"q": wanted.strip(), "state": standing, "due": due if due in set(ProofClock) else ""}
        return page(
            "suppliers/queue.html",
            waiting=waiting,
            counts={one: len(found_lines) for one, found_lines in lines.items()},
            lines=lines[ProofClock(due)] if due in set(ProofClock) else [],
            found=found,
            asked=asked,
            pages=paging(HERE, asked, [str(found.after)] if found.after else None, after=after, total=found.total),
            states=[(one.value, gettext(SUPPLIER.label(one))) for one in SupplierState],
            **helpers(),
        )

    @get("/{organization_id:uuid}", sync_to_thread=True)
    def application(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
    ) -> Template:
        """One organization with everything that is to be checked."""
        return self._page(actor, database, clock, organization_id)

    def _page(
        self,
        actor: Actor,
        database: Database,
        clock: Clock,
        organization_id: UUID,
        *,
        form: Form[ChecksTyped] | None = None,
        decision: Form[Any] | None = None,
        debarring: Form[Any] | None = None,
        reporting: Form[Any] | None = None,
    ) -> Template:
        today = legal_day(clock.now())
        require(actor, Right.QUALIFY_SUPPLIER, {Relation.SUPPLIER: organization_id})
        with database.read() as db:
            view = queries.supplier(db, actor, organization_id, on_day=today)
            hints = queries.hints(db, actor, organization_id)
            known = services(db)
            reports = queries.reports(db, organization_id, on_day=today)
            people = names(
                db,
                {one.person_id for one in view.decisions if one.person_id}
                | {item.check.checked_by for item in view.items if item.check and item.check.checked_by},
            )
        items = [item for item in view.items if item.required or item.check or item.proofs]
        shown = form or CHECKS.blank(checks=rows_of(items, today))
        failed = next((one for one in (form, decision, debarring, reporting) if one is not None and one.errors), shown)
        return again(
            "suppliers/check.html",
            failed,
            checks=shown,
            view=view,
            items=items,
            rows=aligned(items, shown, today),
            open_items=[item for item in items if item.required and item.lamp not in _GOOD],
            hints=hints,
            people=people,
            decision=decision or REASON.blank(revision=view.revision),
            debarring=debarring or DEBARMENT.blank(from_on=today),
            reports=reports,
            reporting=reporting or REPORT.blank(year=today.year - 1),
            report_items=report_items(),
            may_debar=may(actor, Right.DEBAR_SUPPLIER, {}),
            result_items=result_items,
            **helpers(known),
        )

    @post("/{organization_id:uuid}/checks", sync_to_thread=True)
    def check(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Write down what was found; files are kept even where a row is wrong."""
        form = CHECKS.read(typed)
        self._keep_files(form, typed, actor, database, storage, clock, organization_id)
        if form.data is None or form.errors:
            return self._page(actor, database, clock, organization_id, form=form)
        try:
            with database.write() as db:
                count = commands.check(db, actor, organization_id, form.data.checks, now=clock.now())
        except DomainError as refusal:
            return self._page(actor, database, clock, organization_id, form=form.refused(refusal))
        return done(f"{HERE}/{organization_id}", N_("已记录 {count} 项核对结果。"), count=count)

    def _keep_files(
        self,
        form: Form[ChecksTyped],
        typed: Typed,
        actor: Actor,
        database: Database,
        storage: Storage,
        clock: Clock,
        organization_id: UUID,
    ) -> None:
        for name, files in typed.files.items():
            file = upload_of(files)
            if file is None or not name.endswith("-file"):
                continue
            kind = typed.one(name.removesuffix("file") + "kind")
            try:
                with database.write() as db:
                    commands.attach(
                        db, storage, actor, organization_id, kind, pieces_of(file),
                        name=file.filename, limit_bytes=PROOF_BYTES_MAX, now=clock.now(),
                    )  # fmt: skip
            except DomainError as refusal:
                form.refused(refusal)
                form.errors.pop("", None)
                form.errors[name] = sentence(refusal)

    def _decide(
        self,
        actor: Actor,
        typed: Typed,
        database: Database,
        clock: Clock,
        organization_id: UUID,
        action: SupplierAction,
    ) -> Template | Redirect:
        form, now = REASON.read(typed), clock.now()
        if form.data is None:
            return self._page(actor, database, clock, organization_id, decision=form)
        reason, revision = form.data.reason, form.data.revision or None
        try:
            with database.write() as db:
                match action:
                    case SupplierAction.QUALIFY:
                        commands.qualify(db, actor, organization_id, revision=revision, now=now)
                    case SupplierAction.RETURN:
                        commands.send_back(db, actor, organization_id, reason=reason, now=now)
                    case SupplierAction.SUSPEND:
                        commands.suspend(db, actor, organization_id, reason=reason, now=now)
                    case _:
                        commands.reinstate(db, actor, organization_id, reason=reason, now=now)
        except DomainError as refusal:
            return self._page(actor, database, clock, organization_id, decision=form.refused(refusal))
        return done(HERE, _DONE[action])

    @post("/{organization_id:uuid}/qualify", sync_to_thread=True)
    def qualify(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Take the organization into the directory."""
        return self._decide(actor, typed, database, clock, organization_id, SupplierAction.QUALIFY)

    @post("/{organization_id:uuid}/return", sync_to_thread=True)
    def send_back(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Return the application with a reason."""
        return self._decide(actor, typed, database, clock, organization_id, SupplierAction.RETURN)

    @post("/{organization_id:uuid}/suspend", sync_to_thread=True)
    def suspend(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Suspend the qualification."""
        return self._decide(actor, typed, database, clock, organization_id, SupplierAction.SUSPEND)

    @post("/{organization_id:uuid}/reinstate", sync_to_thread=True)
    def reinstate(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Give the qualification back."""
        return self._decide(actor, typed, database, clock, organization_id, SupplierAction.REINSTATE)

    @post("/{organization_id:uuid}/debarments", sync_to_thread=True)
    def debar(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Record a debarment."""
        form = DEBARMENT.read(typed)
        if form.data is None:
            return self._page(actor, database, clock, organization_id, debarring=form)
        try:
            with database.write() as db:
                commands.debar(db, actor, organization_id, form.data, now=clock.now())
        except DomainError as refusal:
            return self._page(actor, database, clock, organization_id, debarring=form.refused(refusal))
        return done(f"{HERE}/{organization_id}", N_("禁止参加记录已登记。"))

    @post("/{organization_id:uuid}/debarments/{debarment_id:uuid}/lift", sync_to_thread=True)
    def lift(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
        debarment_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Lift a debarment."""
        form = REASON.read(typed)
        if form.data is None:
            return self._page(actor, database, clock, organization_id, decision=form)
        try:
            with database.write() as db:
                commands.lift(db, actor, debarment_id, reason=form.data.reason, now=clock.now())
        except DomainError as refusal:
            return self._page(actor, database, clock, organization_id, decision=form.refused(refusal))
        return done(f"{HERE}/{organization_id}", N_("禁止参加记录已解除。"))

    @post("/{organization_id:uuid}/debarments/{debarment_id:uuid}/proof", sync_to_thread=True)
    def prove(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
        debarment_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Keep the decision that a debarment stands on."""
        form, file = REASON.read(typed), upload_of(typed.files.get("file", []))
        if file is None:
            form.errors[""] = gettext(NO_FILE)
            return self._page(actor, database, clock, organization_id, decision=form)
        try:
            with database.write() as db:
                commands.prove_debarment(
                    db, storage, actor, debarment_id, pieces_of(file),
                    name=file.filename, limit_bytes=PROOF_BYTES_MAX, now=clock.now(),
                )  # fmt: skip
        except DomainError as refusal:
            return self._page(actor, database, clock, organization_id, decision=form.refused(refusal))
        return done(f"{HERE}/{organization_id}", N_("决定书已上传。"))

    @post("/{organization_id:uuid}/reports", sync_to_thread=True)
    def report(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        organization_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Write down how a yearly report stands."""
        form = REPORT.read(typed)
        if form.data is None:
            return self._page(actor, database, clock, organization_id, reporting=form)
        try:
            with database.write() as db:
                commands.record_report(db, actor, organization_id, form.data, now=clock.now())
        except DomainError as refusal:
            return self._page(actor, database, clock, organization_id, reporting=form.refused(refusal))
        return done(f"{HERE}/{organization_id}", N_("年报结论已登记。"))

    @get("/{organization_id:uuid}/proofs/{proof_id:uuid}", sync_to_thread=True)
    def proof(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        organization_id: FromPath[UUID],
        proof_id: FromPath[UUID],
    ) -> Response[Any]:
        """A proof as a download."""
        with database.read() as db:
            found = reading.stored(db, actor, DocumentKind.SUPPLIER_PROOF, organization_id, proof_id)
        return file_answer(storage, found)


_DONE = {
    SupplierAction.QUALIFY: N_("已通过入库，对方会收到通知。"),
    SupplierAction.RETURN: N_("已退回补正，对方会收到理由。"),
    SupplierAction.SUSPEND: N_("资格已暂停，对方会收到理由。"),
    SupplierAction.REINSTATE: N_("资格已恢复。"),
}
