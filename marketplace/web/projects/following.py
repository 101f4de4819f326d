"""关注与提醒: what a person follows and how often they hear of it, to be ended here or from a mail."""

from urllib.parse import urlencode
from uuid import UUID

from litestar import Controller, Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Redirect, Template
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import DomainError
from marketplace.kit.fields import Name
from marketplace.kit.i18n import N_
from marketplace.projects import commands, queries
from marketplace.projects.schemas.feed import FollowingView, HowOften, NewSearch, SearchAsked
from marketplace.projects.states import FREQUENCY_NAMES, Frequency
from marketplace.web.forms import FormKind, Typed
from marketplace.web.notices.pages import person_of
from marketplace.web.pages import again, done, page
from marketplace.web.projects.filters import BANDS, Wanted, wanted

HOME = "/following"


class Saving(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A search to save, as its form asks for it; what it looks for stands in the address."""

    name: Name
    frequency: Frequency


SAVING = FormKind(
    Saving,
    labels={"name": N_("给这次查找起个名字"), "frequency": N_("多久提醒一次")},
    hints={"name": N_("例如：五万元以上的养老服务。")},
)
OFTEN = FormKind(HowOften, labels={"frequency": N_("多久提醒一次")})


def asked_of(given: Wanted) -> SearchAsked:
    """What a search in the list of projects asks of new projects; stage, deadline and order say nothing of them."""
    _, least, most = BANDS.get(given.band, ("", None, None))
    return SearchAsked(
        q=given.q,
        buyer_id=UUID(given.buyer) if given.buyer else None,
        branch=given.branch,
        min_fen=least,
        max_fen=most,
    )


def address(asked: SearchAsked) -> str:
    """The list of projects narrowed to what was saved."""
    bands = [key for key, (_, least, most) in BANDS.items() if (least, most) == (asked.min_fen, asked.max_fen)]
    band = bands[0] if bands else ""
    buyer = str(asked.buyer_id) if asked.buyer_id else ""
    kept = Wanted(q=asked.q, buyer=buyer, branch=asked.branch, band=band).query()
    return f"/projects?{urlencode(kept)}" if kept else "/projects"


class FollowingPages(Controller):
    """One's own list."""

    path = HOME

    @get(sync_to_thread=True)
    def listed(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> Template:
        """Everything one follows."""
        with database.read() as db:
            rows = queries.followed(db, person_of(actor))
        return page("projects/following.html", rows=rows, address=address, frequencies=FREQUENCY_NAMES)

    @get("/new", sync_to_thread=True)
    def new(self, request: Request, actor: NamedDependency[Actor]) -> Template:  # type: ignore[type-arg]
        """Name a search and say how often it is told."""
        person_of(actor)
        asked = asked_of(wanted(request.query_params.dict()))
        form = SAVING.blank(name=asked.q, frequency=Frequency.DAILY.value)
        return page("projects/follow_new.html", form=form, address=address(asked), frequencies=FREQUENCY_NAMES)

    @post("/new", sync_to_thread=True)
    def save(
        self,
        request: Request,  # type: ignore[type-arg]
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Save it."""
        asked, form = asked_of(wanted(request.query_params.dict())), SAVING.read(typed)
        if form.data is not None:
            new = NewSearch(name=form.data.name, frequency=form.data.frequency, asked=asked)
            try:
                with database.write() as db:
                    commands.save_search(db, actor, new, now=clock.now())
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return done(HOME, N_("查找已保存。有符合条件的新项目时会提醒您。"))
        return again("projects/follow_new.html", form, address=address(asked), frequencies=FREQUENCY_NAMES)

    @post("/projects/{project_id:uuid}", sync_to_thread=True)
    def follow(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
    ) -> Redirect:
        """Follow a project; how often can be changed in the list."""
        with database.write() as db:
            commands.follow_project(db, actor, project_id, frequency=Frequency.AT_ONCE, now=clock.now())
        return done(HOME, N_("已关注。有更正、答复、结果等公开动态时会提醒您，可以在这里改成每天或每周一次。"))

    @post("/{following_id:uuid}", sync_to_thread=True)
    def often(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        following_id: FromPath[UUID],
    ) -> Redirect:
        """Change how often it is told."""
        form = OFTEN.read(typed)
        if form.data is not None:
            with database.write() as db:
                commands.tell_how_often(db, actor, following_id, frequency=form.data.frequency, now=clock.now())
        return done(HOME, N_("提醒方式已更改。"))

    @post("/{following_id:uuid}/stop", sync_to_thread=True)
    def stop(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], following_id: FromPath[UUID]
    ) -> Redirect:
        """End it."""
        with database.write() as db:
            commands.stop_following(db, actor, following_id)
        return done(HOME, N_("已停止提醒。"))


class Stopping(Controller):
    """Where the link at the end of a mail leads; nobody need sign in to be left in peace."""

    path = "/following/stop/{stop_key:uuid}"

    @get(sync_to_thread=True)
    def asked(self, database: NamedDependency[Database], stop_key: FromPath[UUID]) -> Template:
        """Ask once: programs that read mails follow links by themselves."""
        with database.read() as db:
            row = queries.following_of_key(db, stop_key)
        return page("projects/follow_stop.html", row=row, stopped=False)

    @post(sync_to_thread=True)
    def stop(self, database: NamedDependency[Database], stop_key: FromPath[UUID]) -> Template:
        """End it."""
        with database.write() as db:
            row = queries.following_of_key(db, stop_key)
            commands.stop_by_key(db, stop_key)
        return page("projects/follow_stop.html", row=row, stopped=True)


class Followed(Struct, frozen=True, kw_only=True):
    """What is followed now, by its key."""

    id: UUID


class FollowingApi(Controller):
    """The same by program."""

    path = "/api/v1/following"
    tags = ["following"]  # noqa: RUF012 - Litestar reads it from the class

    @get(sync_to_thread=True)
    def listed(self, database: NamedDependency[Database], actor: NamedDependency[Actor]) -> tuple[FollowingView, ...]:
        """Everything one follows."""
        with database.read() as db:
            return queries.followed(db, person_of(actor))

    @post("/searches", sync_to_thread=True)
    def save(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[NewSearch],
    ) -> Followed:
        """Save a search."""
        with database.write() as db:
            return Followed(id=commands.save_search(db, actor, data, now=clock.now()))

    @post("/projects/{project_id:uuid}", sync_to_thread=True)
    def follow(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        project_id: FromPath[UUID],
        data: JSONBody[HowOften],
    ) -> Followed:
        """Follow a project, or change how often it is told."""
        with database.write() as db:
            made = commands.follow_project(db, actor, project_id, frequency=data.frequency, now=clock.now())
        return Followed(id=made)

    @delete("/{following_id:uuid}", sync_to_thread=True)
    def stop(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], following_id: FromPath[UUID]
    ) -> None:
        """End it."""
        with database.write() as db:
            commands.stop_following(db, actor, following_id)
