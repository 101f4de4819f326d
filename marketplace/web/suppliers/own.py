"""资质与成员: an organization's own registration — where it stands, its proofs, handing in and leaving."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.flows import reading
from marketplace.flows.reading import DocumentKind
from marketplace.identity.queries import organization
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.suppliers import commands, queries
from marketplace.suppliers.states import LISTED
from marketplace.web.forms import Form, Typed
from marketplace.web.i18n import gettext, sentence, sentences
from marketplace.web.pages import again, done, onward
from marketplace.web.suppliers.forms import NO_FILE, PROFILE, PROOF, REASON
from marketplace.web.suppliers.own_data import EDITABLE, HERE, own, profile_page, profile_typed, readable
from marketplace.web.suppliers.views import (
    BODY_BYTES_MAX,
    PROOF_BYTES_MAX,
    file_answer,
    helpers,
    pieces_of,
    services,
    upload_of,
)


def spots(refusal: DomainError) -> dict[str, str]:
    """What keeps an application from being handed in, by the part of the page that mends it."""
    found: dict[str, str] = {}
    for field, _, text in sentences(refusal):
        spot = field if field == "bank" or field.startswith("item-") else "data"
        found[spot] = f"{found[spot]} {text}" if spot in found else text
    return found


class OwnRegistration(Controller):
    """What an organization does about its own registration."""

    path = HERE
    request_max_body_size = BODY_BYTES_MAX

    @get(sync_to_thread=True)
    def overview(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], clock: NamedDependency[Clock]
    ) -> Template | Redirect:
        """Where the registration stands, the readiness list, and what to do next."""
        return self._overview(actor, database, clock, PROOF.blank()) or onward(f"{HERE}/begin")

    def _overview(self, actor: Actor, database: Database, clock: Clock, form: Form[Any]) -> Template | None:
        organization_id, today = readable(actor), legal_day(clock.now())
        parties = {Relation.SUPPLIER: organization_id}
        may_edit = may(actor, Right.EDIT_SUPPLIER, parties)
        with database.read() as db:
            try:
                view = queries.supplier(db, actor, organization_id, on_day=today)
            except NotFound:
                own(actor)  # whoever may not begin a registration is told so
                return None
            known = services(db)
            declared, reports = (
                queries.declaration_of(db, organization_id),
                queries.reports(db, organization_id, on_day=today),
            )
        shown = [item for item in view.items if item.required or item.check or item.proofs]
        rest = [item for item in view.items if item not in shown]
        own_items = [item for item in view.items if item.required and not item.proof_by_centre]
        return again(
            "suppliers/own.html",
            form,
            view=view,
            items=shown,
            rest=rest,
            lacking=[item for item in own_items if not item.proofs],
            editable=may_edit and view.state in EDITABLE,
            may_edit=may_edit,
            declared=declared,
            declared_holds=declared is not None and declared.holds(today),
            may_declare=may(actor, Right.DECLARE_FOR_SUPPLIER, parties),
            reports=reports,
            listed=view.state in LISTED,
            reason=REASON.blank(),
            **helpers(known),
        )

    @get("/begin", sync_to_thread=True)
    def blank_begin(self, actor: NamedDependency[Actor], database: NamedDependency[Database]) -> Template:
        """The form for an organization that is known here but not in the register."""
        with database.read() as db:
            known = organization(db, own(actor))
        return profile_page(database, PROFILE.blank(name=known.name, region=known.region), None)

    @post("/begin", sync_to_thread=True)
    def begin(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Begin a registration."""
        form = PROFILE.read(typed)
        if form.data is None:
            return profile_page(database, form, None)
        profile, declared = profile_typed(form.data), form.data.declared
        try:
            with database.write() as db:
                commands.begin(db, actor, own(actor), profile, declared=declared, now=clock.now())
        except DomainError as refusal:
            return profile_page(database, form.refused(refusal), None)
        return done(HERE, N_("资料已保存。请继续填写收款账户、上传证明材料，然后提交审核。"))

    @post("/proofs", sync_to_thread=True)
    def attach(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Hand in a proof of one item."""
        kind, file, form = typed.one("kind"), upload_of(typed.files.get("file", [])), PROOF.read(typed)
        problem = gettext(NO_FILE) if file is None else ""
        if file is not None:
            try:
                with database.write() as db:
                    commands.attach(
                        db, storage, actor, own(actor), kind, pieces_of(file),
                        name=file.filename, limit_bytes=PROOF_BYTES_MAX, now=clock.now(),
                    )  # fmt: skip
            except DomainError as refusal:
                form.refused(refusal)
                problem = sentence(refusal)
        if not problem:
            return done(f"{HERE}#item-{kind}", N_("材料已上传。"))
        form.errors = {f"file-{kind}": problem}
        return self._overview(actor, database, clock, form) or onward(f"{HERE}/begin")

    @get("/proofs/{proof_id:uuid}", sync_to_thread=True)
    def proof(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        proof_id: FromPath[UUID],
    ) -> Response[Any]:
        """A proof as a download."""
        with database.read() as db:
            found = reading.stored(db, actor, DocumentKind.SUPPLIER_PROOF, readable(actor), proof_id)
        return file_answer(storage, found)

    @post("/proofs/{proof_id:uuid}/remove", sync_to_thread=True)
    def remove(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        proof_id: FromPath[UUID],
    ) -> Redirect:
        """Take back a proof."""
        with database.write() as db:
            commands.remove_proof(db, actor, own(actor), proof_id, now=clock.now())
        return done(HERE, N_("材料已撤下。"))

    @post("/submit", sync_to_thread=True)
    def submit(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Hand in the application."""
        form = PROOF.read(typed)
        form.errors = {}
        revision = typed.one("revision")
        try:
            with database.write() as db:
                commands.submit(
                    db, actor, own(actor), revision=int(revision) if revision.isdecimal() else None, now=clock.now()
                )
        except DomainError as refusal:
            form.refused(refusal)
            form.errors = spots(refusal)
            return self._overview(actor, database, clock, form) or onward(f"{HERE}/begin")
        return done(HERE, N_("已提交审核。结果会发到联系邮箱，也会显示在待办里。"))

    @post("/withdraw", sync_to_thread=True)
    def withdraw(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
    ) -> Redirect:
        """Leave the register or take back the application."""
        with database.write() as db:
            commands.withdraw(db, actor, own(actor), reason=typed.one("reason"), now=clock.now())
        return done(HERE, N_("已退出名录。资料保留，可以随时重新申请。"))

    @post("/reopen", sync_to_thread=True)
    def reopen(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], clock: NamedDependency[Clock]
    ) -> Redirect:
        """Begin anew."""
        with database.write() as db:
            commands.reopen(db, actor, own(actor), now=clock.now())
        return done(HERE, N_("可以重新申请了。请核对资料后提交审核。"))
