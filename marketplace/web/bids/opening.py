"""Pages of the openers, the public opening list, and the page that explains the seal."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from marketplace.bids import commands, queries
from marketplace.bids.schemas import FILE_KINDS, SEATS
from marketplace.bids.sealing.application import application_keys
from marketplace.bids.states import OpeningState
from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.flows import reading
from marketplace.flows.opening import open_bids
from marketplace.identity.queries.organizations import organization
from marketplace.identity.rules import Relation, Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.settings import Settings
from marketplace.web.bids.forms import NEW_PASSPHRASE, PASSPHRASE
from marketplace.web.bids.handing import file_answer
from marketplace.web.bids.views import box, opener_tasks, opening_page
from marketplace.web.forms import Typed
from marketplace.web.pages import again, done, page


def _person(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise NotFound
    own = actor.organization_id
    require(actor, Right.OPEN_BIDS, {Relation.BUYER: own, Relation.PROCURING_ENTITY: own})
    return actor.person_id


class Openings(Controller):
    """开启: an opener's own key, the boxes that wait, and the two steps."""

    path = "/openings"

    @get(sync_to_thread=True)
    def mine(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], clock: NamedDependency[Clock]
    ) -> Template:
        """The boxes the actor is an opener of, and whether they have a key."""
        person_id = _person(actor)
        with database.read() as db:
            tasks = opener_tasks(db, person_id, now=clock.now())
            key = queries.live_opener(db, person_id)
        return page("bids/openings.html", tasks=tasks, key=key)

    @get("/key", sync_to_thread=True)
    def key(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> Template:
        """The form for a passphrase."""
        person_id = _person(actor)
        with database.read() as db:
            key = queries.live_opener(db, person_id)
        return page("bids/key.html", form=NEW_PASSPHRASE.blank(), key=key)

    @post("/key", sync_to_thread=True)
    def enrol(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        settings: NamedDependency[Settings],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Make the actor's key."""
        person_id, form = _person(actor), NEW_PASSPHRASE.read(typed)
        with database.read() as db:
            key = queries.live_opener(db, person_id)
        if form.data is None:
            return again("bids/key.html", form, key=key)
        try:
            with database.write() as db:
                commands.enrol_opener_key(db, application_keys(settings), actor, form.data.passphrase, now=clock.now())
        except DomainError as refusal:
            return again("bids/key.html", form.refused(refusal), key=key)
        return done("/openings", N_("开启口令已设置。请记住它，系统没有保存。"))

    @get("/{project_id:uuid}", sync_to_thread=True)
    def ask(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """One box: who has done their part, and the field for one's own passphrase."""
        with database.read() as db:
            view = box(db, actor, project_id, now=clock.now())
        if view.seal.state is OpeningState.OPEN:
            return Redirect(f"/projects/{project_id}/opening", status_code=303)
        return page("bids/box.html", view=view, form=PASSPHRASE.blank(), seats=SEATS)

    @post("/{project_id:uuid}", sync_to_thread=True)
    def turn(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        settings: NamedDependency[Settings],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Template | Redirect:
        """One's own part: the first passphrase prepares, the second opens all bids."""
        form, now = PASSPHRASE.read(typed), clock.now()
        with database.read() as db:
            view = box(db, actor, project_id, now=now)
        if form.data is None:
            return again("bids/box.html", form, view=view, seats=SEATS)
        try:
            with database.write() as db:
                if view.seal.state is OpeningState.SEALED:
                    commands.contribute(db, actor, project_id, form.data.passphrase, now=now)
                    word = N_("您的口令已验证。请另一位开启人登录，输入口令完成开启。")
                else:
                    keys = application_keys(settings)
                    open_bids(db, keys, actor, project_id, form.data.passphrase, storage=storage, now=now)
                    word = N_("全部申报已开启，开启记录已公开。")
        except DomainError as refusal:
            return again("bids/box.html", form.refused(refusal), view=view, seats=SEATS)
        return done(f"/openings/{project_id}", word)


class OpeningPages(Controller):
    """What everybody may see of the seal and of the opening."""

    path = "/"

    @get("/projects/{project_id:uuid}/opening", sync_to_thread=True)
    def opening(self, database: NamedDependency[Database], project_id: FromPath[UUID]) -> Template:
        """The public opening list."""
        with database.read() as db:
            view = opening_page(db, project_id)
        return page("bids/opening.html", view=view, seats=SEATS)

    @get("/help/sealed-bids", sync_to_thread=False)
    def explained(self) -> Template:
        """How bids are sealed, and what the seal does not hide."""
        return page("bids/explained.html")


class OpenedBids(Controller):
    """An opened bid and its files, for those who may read bids."""

    path = "/openings/{project_id:uuid}/bids/{bid_id:uuid}"

    @get(sync_to_thread=True)
    def bid(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        project_id: FromPath[UUID],
        bid_id: FromPath[UUID],
    ) -> Template:
        """Everything one bid says."""
        with database.read() as db:
            reading.may_read_bid(db, actor, project_id, bid_id)
            view = queries.opened_bid(db, bid_id)
            name = organization(db, view.organization_id).name
            asked = queries.asked_of(db, project_id)
        return page("bids/bid.html", bid=view, organization=name, asked=asked, kinds=FILE_KINDS)

    @get("/files/{file_id:uuid}", sync_to_thread=True)
    def file(
        self,
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        actor: NamedDependency[Actor],
        project_id: FromPath[UUID],
        bid_id: FromPath[UUID],
        file_id: FromPath[UUID],
    ) -> Response[Any]:
        """A file of an opened bid."""
        with database.read() as db:
            file = reading.opened_file(db, actor, project_id, bid_id, file_id)
        return file_answer(storage, file)
