"""The desk's pages of aid: rosters and programmes, a new one of each."""

from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.aid import commands, queries
from marketplace.aid.schemas import ProgrammeView
from marketplace.db.base import Database
from marketplace.funds.queries import funds
from marketplace.funds.rules import SOURCE_LABELS
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.web.aid.forms import PROGRAMME, ROSTER
from marketplace.web.aid.views import SEX_LABELS, WORDS, fund_choices, stage_choices
from marketplace.web.forms import Typed
from marketplace.web.i18n import gettext
from marketplace.web.pages import again, done, page

HERE = "/centre/aid"


def _own(actor: Actor) -> dict[Relation, UUID | None]:
    return {Relation.BUYER: actor.organization_id, Relation.PROCURING_ENTITY: actor.organization_id}


def _paying(db: Session, actor: Actor) -> list[ProgrammeView]:
    return queries.paying(db, actor.organization_id) if actor.organization_id else []


def _roster_choices(db: Session, actor: Actor) -> dict[str, list[tuple[str, str]]]:
    mine = _paying(db, actor)
    sources = {view.source for view in mine}
    usable = [one for one in funds(db, buyer_id=actor.organization_id, only_open=True) if one.source in sources]
    return {
        "programmes": [(str(view.id), f"{view.year} {view.name}") for view in mine],
        "funds": fund_choices(usable),
    }


def _programme_choices() -> dict[str, list[tuple[str, str]]]:
    return {
        "sources": [(kind.value, gettext(label)) for kind, label in SOURCE_LABELS.items()],
        "stages": stage_choices(),
        "sexes": [(sex.value, gettext(label)) for sex, label in SEX_LABELS.items()],
    }


class AidDesk(Controller):
    """帮扶: the rosters that concern the actor, and the programmes they belong to."""

    path = HERE

    @get(sync_to_thread=True)
    def rosters(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> Template:
        """The rosters, the newest first, and the programmes that pay people."""
        with database.read() as db:
            found = queries.rosters(db, actor)
            programmes = _paying(db, actor)
        may_draft = may(actor, Right.DRAFT_ROSTER, _own(actor))
        return page("aid/desk.html", **WORDS, rosters=found, programmes=programmes, may_draft=may_draft)

    @get("/new", sync_to_thread=True)
    def blank(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> Template:
        """The form for a roster."""
        require(actor, Right.DRAFT_ROSTER, _own(actor))
        with database.read() as db:
            choices = _roster_choices(db, actor)
        return page("aid/new.html", form=ROSTER.blank(), choices=choices)

    @post("/new", sync_to_thread=True)
    def draft(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Begin a roster."""
        require(actor, Right.DRAFT_ROSTER, _own(actor))
        form = ROSTER.read(typed)
        with database.read() as db:
            choices = _roster_choices(db, actor)
        if form.data is None:
            return again("aid/new.html", form, choices=choices)
        try:
            with database.write() as db:
                roster_id = commands.draft_roster(db, actor, form.data.roster(), now=clock.now())
        except DomainError as refusal:
            return again("aid/new.html", form.refused(refusal), choices=choices)
        return done(f"{HERE}/{roster_id}", N_("名册已建立。请导入表格，或逐人添加。"))

    @get("/programmes/new", sync_to_thread=True)
    def blank_programme(self, actor: NamedDependency[Actor], clock: NamedDependency[Clock]) -> Template:
        """The form for a programme."""
        require(actor, Right.DRAFT_ROSTER, _own(actor))
        form = PROGRAMME.blank(year=legal_day(clock.now()).year)
        return page("aid/programme_new.html", form=form, choices=_programme_choices())

    @post("/programmes/new", sync_to_thread=True)
    def open_programme(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Open a programme with its rates."""
        require(actor, Right.DRAFT_ROSTER, _own(actor))
        form = PROGRAMME.read(typed)
        if form.data is None:
            return again("aid/programme_new.html", form, choices=_programme_choices())
        try:
            with database.write() as db:
                commands.open_programme(db, actor, form.data.programme(), now=clock.now())
        except DomainError as refusal:
            return again("aid/programme_new.html", form.refused(refusal), choices=_programme_choices())
        return done(HERE, N_("帮扶项目已建立，可以编制名册了。"))
