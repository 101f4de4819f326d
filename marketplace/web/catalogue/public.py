"""What everybody may read of editions: each of them, what differs, and the drafts one may have an opinion on."""

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.catalogue import commands, queries
from marketplace.catalogue.schemas import NewOpinion, VersionView
from marketplace.catalogue.states import SHOWN, EditionState
from marketplace.db.base import Database
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.i18n import N_
from marketplace.papers.sheets import XLSX, text_table
from marketplace.web.access import Visitor
from marketplace.web.catalogue.forms import COMPARE, OPINION
from marketplace.web.catalogue.views import WORDS, difference_rows, edition_rows, pairs
from marketplace.web.forms import Form, Typed
from marketplace.web.pages import again, done, page

Number = Annotated[int | None, QueryParameter(ge=1, le=1_000_000)]
THANKS = N_("意见已收到。答复后会和意见一起公开在本页。")


def attached(name: str, content: bytes) -> Response[bytes]:
    """A sheet to be saved."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=XLSX, headers=headers, status_code=200)


def edition_sheet(db: Session, number: int) -> Response[bytes]:
    """An edition as a sheet of Excel or WPS, every cell as text."""
    headings, rows = edition_rows(queries.entries(db, number))
    return attached(f"catalogue-{number}.xlsx", text_table(headings, rows))


def readable(db: Session, visitor: Visitor) -> tuple[VersionView, ...]:
    """The editions whose entries this visitor may read: the desk reads drafts too."""
    if visitor.actor is not None and queries.may_read_drafts(visitor.actor):
        return queries.versions(db)
    return tuple(one for one in queries.versions(db) if one.state in SHOWN)


class PublicEditions(Controller):
    """Editions and what differs between them."""

    path = "/catalogue"

    @get("/editions", sync_to_thread=True)
    def editions(self, database: NamedDependency[Database]) -> Template:
        """All editions that everybody may read, the newest first."""
        with database.read() as db:
            found = [one for one in queries.versions(db) if one.state in SHOWN]
        return page("catalogue/editions.html", **WORDS, versions=found)

    @get("/editions/{number:int}", sync_to_thread=True)
    def edition(self, database: NamedDependency[Database], number: FromPath[int]) -> Template:
        """One edition as it was."""
        with database.read() as db:
            version, tree = queries.shown(db, number), queries.tree(db, number)
        return page("catalogue/edition.html", **WORDS, version=version, tree=tree, base=f"/catalogue/editions/{number}")

    @get("/editions/{number:int}/sheet.xlsx", sync_to_thread=True)
    def sheet(self, database: NamedDependency[Database], number: FromPath[int]) -> Response[bytes]:
        """One edition as a sheet."""
        with database.read() as db:
            queries.shown(db, number)
            return edition_sheet(db, number)

    @get("/editions/{number:int}/{code:str}", sync_to_thread=True)
    def item(self, database: NamedDependency[Database], number: FromPath[int], code: FromPath[str]) -> Template:
        """One entry of an edition as it was."""
        with database.read() as db:
            queries.shown(db, number)
            entry = queries.item(db, code, number)
        return page("catalogue/item.html", **WORDS, entry=entry, base=f"/catalogue/editions/{number}")

    @get("/differences", sync_to_thread=True)
    def differences(
        self, database: NamedDependency[Database], visitor: NamedDependency[Visitor], old: Number = None,
        new: Number = None,
    ) -> Template:  # fmt: skip
        """What differs between two editions; without any chosen, between the two newest."""
        with database.read() as db:
            known = readable(db, visitor)
            numbers = [one.number for one in known]
            chosen = (old or (numbers[1] if len(numbers) > 1 else None), new or (numbers[0] if numbers else None))
            if any(one is not None and one not in numbers for one in chosen):
                raise NotFound
            found = queries.compared(db, chosen[0], chosen[1]) if chosen[0] and chosen[1] else None
        form = COMPARE.blank(**{name: one for name, one in zip(("old", "new"), chosen, strict=True) if one})
        return page(
            "catalogue/difference.html", **WORDS, form=form, found=found, old=chosen[0], new=chosen[1],
            choices=pairs(known),
        )  # fmt: skip

    @get("/differences/sheet.xlsx", sync_to_thread=True)
    def differences_sheet(
        self,
        database: NamedDependency[Database],
        visitor: NamedDependency[Visitor],
        old: Annotated[int, QueryParameter(ge=1, le=1_000_000)],
        new: Annotated[int, QueryParameter(ge=1, le=1_000_000)],
    ) -> Response[bytes]:
        """What differs as a sheet.

        Raises:
            NotFound: one of the editions is not for this visitor.
        """
        with database.read() as db:
            if not {old, new} <= {one.number for one in readable(db, visitor)}:
                raise NotFound
            headings, rows = difference_rows(queries.compared(db, old, new))
        return attached(f"catalogue-{old}-{new}.xlsx", text_table(headings, rows))


class Drafts(Controller):
    """Drafts that the public is asked about."""

    path = "/catalogue/drafts"

    @get(sync_to_thread=True)
    def listed(self, database: NamedDependency[Database], clock: NamedDependency[Clock]) -> Template:
        """The drafts open for opinions, and the edition that waits for its day."""
        with database.read() as db:
            found = queries.consultations(db)
        return page("catalogue/drafts.html", **WORDS, versions=found, today=legal_day(clock.now()))

    def _page(
        self, database: Database, clock: Clock, visitor: Visitor, number: int, form: Form[NewOpinion]
    ) -> Template:
        with database.read() as db:
            version = queries.heard(db, number)
            current = next((one for one in queries.versions(db) if one.state is EditionState.PUBLISHED), None)
            readable_now = version.state in SHOWN
            tree = queries.tree(db, number) if readable_now else ()
            found = queries.compared(db, current.number, number) if current and readable_now else None
            entries = queries.entries(db, number) if readable_now else ()
            opinions = queries.answered(db, version.id)
        today = legal_day(clock.now())
        is_open = (
            version.state is EditionState.CONSULTING
            and version.consult_from is not None
            and version.consult_to is not None
            and version.consult_from <= today <= version.consult_to
        )
        base = f"/catalogue/editions/{number}"
        return again(
            "catalogue/draft.html", form, **WORDS, version=version, current=current, tree=tree, found=found, base=base,
            opinions=opinions, is_open=is_open, signed_in=visitor.is_signed_in,
            choices=[(one.code, f"{one.code} {one.name}") for one in entries],
        )  # fmt: skip

    @get("/{number:int}", sync_to_thread=True)
    def draft(
        self,
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        visitor: NamedDependency[Visitor],
        number: FromPath[int],
        code: Annotated[str, QueryParameter(max_length=5)] = "",
    ) -> Template:
        """A draft with what it would change, the form for an opinion, and the opinions answered so far."""
        return self._page(database, clock, visitor, number, OPINION.blank(code=code))

    @post("/{number:int}/opinions", sync_to_thread=True)
    def give(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        visitor: NamedDependency[Visitor],
        number: FromPath[int],
    ) -> Template | Redirect:
        """Give an opinion, signed in or not."""
        form = OPINION.read(typed)
        if form.data is None:
            return self._page(database, clock, visitor, number, form)
        try:
            with database.write() as db:
                commands.give_opinion(db, visitor.actor, number, form.data, now=clock.now())
        except DomainError as refusal:
            return self._page(database, clock, visitor, number, form.refused(refusal))
        return done(f"/catalogue/drafts/{number}", THANKS)
