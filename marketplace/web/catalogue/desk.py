"""目录编制: the editions with their drafts, one of them with every act that is open to whoever looks at it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.catalogue import commands, queries
from marketplace.catalogue.rules import CONSULT_DAYS_USUAL, EXPERTS_MIN
from marketplace.catalogue.states import CONCLUSION_NAMES, OPINION, EditionAction, OpinionAction
from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.flows import reading
from marketplace.flows.reading import DocumentKind
from marketplace.identity.rules import Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.web.catalogue.acts import ACTS, PLAIN, Act
from marketplace.web.catalogue.forms import ANSWER, CODE, DRAFT, FILE
from marketplace.web.catalogue.public import edition_sheet
from marketplace.web.catalogue.views import WORDS, stages
from marketplace.web.forms import Form, FormKind, Typed
from marketplace.web.i18n import gettext
from marketplace.web.pages import again, done, page
from marketplace.web.projects.files import FILE_BYTES_MAX, file_answer, pieces
from marketplace.web.suppliers.views import upload_of

HERE = "/centre/catalogue"
BODY_BYTES_MAX = 24 * 2**20
NO_FILE = N_("请先选择文件，再上传。")
NOTHING = FormKind(FILE.shape, labels={})


def shown(db: Session, actor: Actor, version_id: UUID, clock: Clock) -> dict[str, Any]:
    """What the page of an edition shows."""
    view = queries.dossier(db, actor, version_id, now=clock.now())
    return {
        **WORDS,
        "view": view,
        "stages": stages(view),
        "may_edit": may(actor, Right.EDIT_CATALOGUE, {}),
        "may_decide": may(actor, Right.PUBLISH_CATALOGUE, {}) and not view.is_drafter,
        "actions": {one.value for one in WORDS["EDITION"].actions(view.version.state)},
        "experts_min": EXPERTS_MIN,
    }


class CatalogueDesk(Controller):
    """All editions, a new draft, a procurement code."""

    path = HERE

    @get(sync_to_thread=True)
    def editions(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> Template:
        """The editions with their drafts, the newest first."""
        with database.read() as db:
            found = queries.editions(db, actor)
            waiting = {one.id: queries.opinions_waiting(db, one.id) for one in found}
        return page(
            "catalogue/desk.html", **WORDS, versions=found, waiting=waiting,
            may_edit=may(actor, Right.EDIT_CATALOGUE, {}),
        )  # fmt: skip

    @get("/new", sync_to_thread=True)
    def blank(self, actor: NamedDependency[Actor]) -> Template:
        """The form for a draft."""
        require(actor, Right.EDIT_CATALOGUE, {})
        return page("catalogue/new.html", form=DRAFT.blank())

    @post("/new", sync_to_thread=True)
    def begin(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Begin a draft as a copy of the edition in force."""
        require(actor, Right.EDIT_CATALOGUE, {})
        form = DRAFT.read(typed)
        if form.data is None:
            return again("catalogue/new.html", form)
        try:
            with database.write() as db:
                version_id = commands.copy_edition(db, actor, form.data, now=clock.now())
        except DomainError as refusal:
            return again("catalogue/new.html", form.refused(refusal))
        return done(f"{HERE}/{version_id}", N_("草案已建立，内容与现行目录相同。请逐条修改，或导入表格。"))

    @get("/codes", sync_to_thread=True)
    def codes(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> Template:
        """The procurement codes, and the form for one more."""
        require(actor, Right.EDIT_CATALOGUE, {})
        with database.read() as db:
            return page("catalogue/codes.html", form=CODE.blank(), codes=queries.procurement_codes(db))

    @post("/codes", sync_to_thread=True)
    def enter_code(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Enter a procurement code, or correct its name."""
        require(actor, Right.EDIT_CATALOGUE, {})
        form = CODE.read(typed)
        if form.data is None:
            with database.read() as db:
                return again("catalogue/codes.html", form, codes=queries.procurement_codes(db))
        with database.write() as db:
            commands.enter_codes(db, actor, [form.data], now=clock.now())
        return done(f"{HERE}/codes", N_("品目已登记。"))


class EditionDesk(Controller):
    """One edition and what is done to it."""

    path = f"{HERE}/{{version_id:uuid}}"
    request_max_body_size = BODY_BYTES_MAX

    @get(sync_to_thread=True)
    def edition(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> Template:
        """The edition with its opinions and experts."""
        with database.read() as db:
            return page("catalogue/dossier.html", **shown(db, actor, version_id, clock), form=NOTHING.blank())

    @get("/sheet.xlsx", sync_to_thread=True)
    def sheet(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], version_id: FromPath[UUID]
    ) -> Response[bytes]:
        """The edition as a sheet.

        Raises:
            NotFound: there is none.
        """
        with database.read() as db:
            number = next((one.number for one in queries.editions(db, actor) if one.id == version_id), None)
            if number is None:
                raise NotFound
            return edition_sheet(db, number)

    @get("/minutes/file", sync_to_thread=True)
    def minutes(
        self,
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        actor: NamedDependency[Actor],
        version_id: FromPath[UUID],
    ) -> Response[Any]:
        """The minutes of the experts' meeting as a download."""
        with database.read() as db:
            card = reading.stored(db, actor, DocumentKind.CATALOGUE_MINUTES, version_id)
        return file_answer(storage, card)

    @post("/minutes", sync_to_thread=True)
    def keep_minutes(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Keep the minutes."""
        form, file = FILE.read(typed), upload_of(typed.files.get("file", []))
        if file is None:
            form.errors["file"] = gettext(NO_FILE)
            return self._again(database, actor, clock, version_id, form)
        try:
            with database.write() as db:
                commands.keep_minutes(
                    db, storage, actor, version_id, pieces(file),
                    name=file.filename, limit_bytes=FILE_BYTES_MAX, now=clock.now(),
                )  # fmt: skip
        except DomainError as refusal:
            return self._again(database, actor, clock, version_id, form.refused(refusal))
        return done(f"{HERE}/{version_id}#h-experts", N_("论证纪要已保存。"))

    @post("/experts/{expert_id:uuid}/remove", sync_to_thread=True)
    def remove_expert(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        expert_id: FromPath[UUID],
    ) -> Redirect:
        """Take an expert's entry off."""
        with database.write() as db:
            commands.remove_expert(db, actor, version_id, expert_id, now=clock.now())
        return done(f"{HERE}/{version_id}#h-experts", N_("专家意见已删除，请重新登记。"))

    def _again(self, database: Database, actor: Actor, clock: Clock, version_id: UUID, form: Form[Any]) -> Template:
        with database.read() as db:
            return again("catalogue/dossier.html", form, **shown(db, actor, version_id, clock))

    def _act(self, database: Database, actor: Actor, clock: Clock, version_id: UUID, name: str) -> tuple[Act, Any]:
        if name not in ACTS:
            raise NotFound
        act = ACTS[name]
        require(actor, act.right, {})
        with database.read() as db:
            return act, queries.dossier(db, actor, version_id, now=clock.now())

    @get("/acts/{name:str}", sync_to_thread=True)
    def ask(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        name: FromPath[str],
    ) -> Template:
        """The form of an act that asks for something."""
        act, view = self._act(database, actor, clock, version_id, name)
        today = legal_day(clock.now())
        known = {
            EditionAction.CONSULT.value: {"first": today, "last": today + timedelta(days=CONSULT_DAYS_USUAL - 1)},
            EditionAction.PUBLISH.value: {"in_force_on": today},
            "expert": {"given_on": today},
        }.get(name, {})
        return page("catalogue/act.html", **_words(act, view), form=act.form.blank(**known), name=name)

    @post("/acts/{name:str}", sync_to_thread=True)
    def do(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        name: FromPath[str],
    ) -> Template | Redirect:
        """Do an act: at once, or with what was typed."""
        if name in PLAIN:
            verb, word = PLAIN[name]
            try:
                with database.write() as db:
                    verb(db, actor, version_id, clock.now())
            except DomainError as refusal:
                return self._again(database, actor, clock, version_id, NOTHING.blank().refused(refusal))
            return done(f"{HERE}/{version_id}", word)
        act, view = self._act(database, actor, clock, version_id, name)
        form = act.form.read(typed)
        if form.data is None:
            return again("catalogue/act.html", form, **_words(act, view), name=name)
        try:
            with database.write() as db:
                act.verb(db, actor, version_id, form.data, clock.now())
        except DomainError as refusal:
            return again("catalogue/act.html", form.refused(refusal), **_words(act, view), name=name)
        return done(f"{HERE}/{version_id}", act.word)


def _words(act: Act, view: Any) -> dict[str, Any]:
    conclusions = [(one.value, gettext(text)) for one, text in CONCLUSION_NAMES.items()]
    return {**WORDS, "act": act, "view": view, "conclusions": conclusions}


class OpinionDesk(Controller):
    """One opinion, to be answered."""

    path = f"{HERE}/{{version_id:uuid}}/opinions/{{opinion_id:uuid}}"

    def _page(
        self, database: Database, actor: Actor, clock: Clock, ids: tuple[UUID, UUID], form: Form[Any]
    ) -> Template:
        require(actor, Right.EDIT_CATALOGUE, {})
        with database.read() as db:
            view = queries.dossier(db, actor, ids[0], now=clock.now())
        opinion = next((one for one in view.opinions if one.id == ids[1]), None)
        if opinion is None:
            raise NotFound
        choices = [(one.value, gettext(OPINION.label(one))) for one in OpinionAction]
        return again("catalogue/answer.html", form, **WORDS, view=view, opinion=opinion, choices=choices)

    @get(sync_to_thread=True)
    def ask(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        opinion_id: FromPath[UUID],
    ) -> Template:
        """The opinion, and the form for its answer."""
        return self._page(database, actor, clock, (version_id, opinion_id), ANSWER.blank())

    @post(sync_to_thread=True)
    def answer(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        opinion_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Answer it."""
        form = ANSWER.read(typed)
        if form.data is None:
            return self._page(database, actor, clock, (version_id, opinion_id), form)
        try:
            with database.write() as db:
                commands.answer_opinion(db, actor, opinion_id, form.data, now=clock.now())
        except DomainError as refusal:
            return self._page(database, actor, clock, (version_id, opinion_id), form.refused(refusal))
        return done(f"{HERE}/{version_id}#h-opinions", N_("已答复。"))
