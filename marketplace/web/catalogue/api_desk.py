"""Editions on their way under ``/api/v1``: the same verbs and reads as the pages."""

from io import BytesIO
from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, JSONBody, QueryParameter

from marketplace.catalogue import commands, queries
from marketplace.catalogue.rules import Difference
from marketplace.catalogue.rules.sheet import read_sheet
from marketplace.catalogue.schemas import (
    Answer,
    ChangedEntry,
    Consultation,
    Dossier,
    EntryText,
    ItemView,
    NewCode,
    NewDraft,
    NewExpert,
    NewOpinion,
    OpinionView,
    Publication,
    SheetReport,
    VersionView,
)
from marketplace.db.base import Database
from marketplace.documents.commands import clean_name
from marketplace.documents.storage import Storage
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import NotFound
from marketplace.web.access import Visitor
from marketplace.web.catalogue.desk import BODY_BYTES_MAX
from marketplace.web.catalogue.public import readable
from marketplace.web.catalogue.shapes import Apply, Made, Move, Why
from marketplace.web.projects.files import FILE_BYTES_MAX, pieces

Number = Annotated[int, QueryParameter(ge=1, le=1_000_000)]
Upload = Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)]
ID = "/{version_id:uuid}"


class EditionsApi(Controller):
    """Editions of the catalogue, what differs between them, and how one becomes the next."""

    path = "/api/v1/catalogue/editions"
    tags = ("catalogue",)
    request_max_body_size = BODY_BYTES_MAX

    @get("/", sync_to_thread=True)
    def editions(
        self, database: NamedDependency[Database], visitor: NamedDependency[Visitor]
    ) -> tuple[VersionView, ...]:
        """The editions whose entries the caller may read, the newest first; the desk sees drafts too."""
        with database.read() as db:
            return readable(db, visitor)

    @get("/differences", sync_to_thread=True)
    def differences(
        self, database: NamedDependency[Database], visitor: NamedDependency[Visitor], old: Number, new: Number
    ) -> Difference:
        """What differs between two editions."""
        with database.read() as db:
            if not {old, new} <= {one.number for one in readable(db, visitor)}:
                raise NotFound
            return queries.compared(db, old, new)

    @get("/{number:int}/entries", sync_to_thread=True)
    def entries(
        self, database: NamedDependency[Database], visitor: NamedDependency[Visitor], number: FromPath[int]
    ) -> tuple[ItemView, ...]:
        """All entries of an edition."""
        with database.read() as db:
            if number not in {one.number for one in readable(db, visitor)}:
                raise NotFound
            return queries.entries(db, number)

    @get("/{number:int}/opinions", sync_to_thread=True)
    def answered(self, database: NamedDependency[Database], number: FromPath[int]) -> tuple[OpinionView, ...]:
        """The opinions on a draft that were adopted or declined, with their answers."""
        with database.read() as db:
            return queries.answered(db, queries.heard(db, number).id)

    @post("/{number:int}/opinions", sync_to_thread=True)
    def give(
        self,
        data: JSONBody[NewOpinion],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        visitor: NamedDependency[Visitor],
        number: FromPath[int],
    ) -> Made:
        """Give an opinion on a draft that is open for them; nobody need be signed in."""
        with database.write() as db:
            return Made(commands.give_opinion(db, visitor.actor, number, data, now=clock.now()))

    @post("/codes", sync_to_thread=True, status_code=204)
    def enter_codes(
        self,
        data: JSONBody[list[NewCode]],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> None:
        """Enter procurement codes, or correct their names."""
        with database.write() as db:
            commands.enter_codes(db, actor, data, now=clock.now())

    @post("/", sync_to_thread=True)
    def begin(
        self,
        data: JSONBody[NewDraft],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Made:
        """Begin a draft as a copy of the edition in force."""
        with database.write() as db:
            return Made(commands.copy_edition(db, actor, data, now=clock.now()))

    @get(ID, sync_to_thread=True)
    def dossier(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> Dossier:
        """An edition with its opinions and experts, for the desk."""
        with database.read() as db:
            return queries.dossier(db, actor, version_id, now=clock.now())

    @post(f"{ID}/entries", sync_to_thread=True)
    def add(
        self,
        data: JSONBody[EntryText],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> Made:
        """Add an entry."""
        with database.write() as db:
            return Made(commands.add_entry(db, actor, version_id, data, now=clock.now()))

    @put(f"{ID}/entries/{{item_id:uuid}}", sync_to_thread=True, status_code=204)
    def change(
        self,
        data: JSONBody[ChangedEntry],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        item_id: FromPath[UUID],
    ) -> None:
        """Change an entry; ``revision`` is that of the entry as it was read."""
        with database.write() as db:
            commands.change_entry(db, actor, version_id, item_id, data.entry, revision=data.revision, now=clock.now())

    @post(f"{ID}/entries/{{item_id:uuid}}/retirement", sync_to_thread=True, status_code=204)
    def retire(
        self,
        data: JSONBody[Why],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        item_id: FromPath[UUID],
    ) -> None:
        """Leave an entry out of the draft."""
        with database.write() as db:
            commands.retire_entry(db, actor, version_id, item_id, reason=data.reason, now=clock.now())

    @post(f"{ID}/entries/{{item_id:uuid}}/move", sync_to_thread=True, status_code=204)
    def move(
        self,
        data: JSONBody[Move],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        item_id: FromPath[UUID],
    ) -> None:
        """Exchange an entry with its neighbour."""
        with database.write() as db:
            commands.move_entry(db, actor, version_id, item_id, up=data.up, now=clock.now())

    @post(f"{ID}/consultation", sync_to_thread=True, status_code=204)
    def consult(
        self,
        data: JSONBody[Consultation],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> None:
        """Open the draft for opinions."""
        with database.write() as db:
            commands.consult(db, actor, version_id, data, now=clock.now())

    @post(f"{ID}/opinions/{{opinion_id:uuid}}/answer", sync_to_thread=True, status_code=204)
    def answer(
        self,
        data: JSONBody[Answer],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        opinion_id: FromPath[UUID],
    ) -> None:
        """Answer an opinion."""
        with database.write() as db:
            if commands.answer_opinion(db, actor, opinion_id, data, now=clock.now()) != version_id:
                raise NotFound

    @post(f"{ID}/review", sync_to_thread=True, status_code=204)
    def review(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> None:
        """Lay the draft before experts."""
        with database.write() as db:
            commands.review(db, actor, version_id, now=clock.now())

    @post(f"{ID}/experts", sync_to_thread=True)
    def record_expert(
        self,
        data: JSONBody[NewExpert],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> Made:
        """Enter what an expert said."""
        with database.write() as db:
            return Made(commands.record_expert(db, actor, version_id, data, now=clock.now()))

    @post(f"{ID}/experts/{{expert_id:uuid}}/removal", sync_to_thread=True, status_code=204)
    def remove_expert(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        expert_id: FromPath[UUID],
    ) -> None:
        """Take an expert's entry off."""
        with database.write() as db:
            commands.remove_expert(db, actor, version_id, expert_id, now=clock.now())

    @post(f"{ID}/minutes", sync_to_thread=True)
    def keep_minutes(
        self,
        data: Upload,
        database: NamedDependency[Database],
        storage: NamedDependency[Storage],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> Made:
        """Keep the minutes of the experts' meeting."""
        with database.write() as db:
            return Made(
                commands.keep_minutes(
                    db,
                    storage,
                    actor,
                    version_id,
                    pieces(data),
                    name=data.filename,
                    limit_bytes=FILE_BYTES_MAX,
                    now=clock.now(),
                )
            )

    @post(f"{ID}/submission", sync_to_thread=True, status_code=204)
    def submit(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> None:
        """Ask for approval."""
        with database.write() as db:
            commands.submit(db, actor, version_id, now=clock.now())

    @post(f"{ID}/return", sync_to_thread=True, status_code=204)
    def send_back(
        self,
        data: JSONBody[Why],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> None:
        """Send the draft back to its drafters."""
        with database.write() as db:
            commands.return_edition(db, actor, version_id, reason=data.reason, now=clock.now())

    @post(f"{ID}/approval", sync_to_thread=True, status_code=204)
    def approve(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> None:
        """Approve the draft."""
        with database.write() as db:
            commands.approve(db, actor, version_id, now=clock.now())

    @post(f"{ID}/publication", sync_to_thread=True, status_code=204)
    def publish(
        self,
        data: JSONBody[Publication],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> None:
        """Publish the edition with its day in force."""
        with database.write() as db:
            commands.publish_edition(db, actor, version_id, in_force_on=data.in_force_on, now=clock.now())

    @post(f"{ID}/withdrawal", sync_to_thread=True, status_code=204)
    def withdraw(
        self,
        data: JSONBody[Why],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
    ) -> None:
        """Give the draft up."""
        with database.write() as db:
            commands.withdraw_edition(db, actor, version_id, reason=data.reason, now=clock.now())

    @post(f"{ID}/sheets", sync_to_thread=True)
    def read_sheet(
        self,
        data: Upload,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        whole: Annotated[bool, QueryParameter()] = False,
    ) -> SheetReport:
        """Read a sheet and tell row by row what it would do; the draft stays as it is."""
        rows = read_sheet(BytesIO(data.file.read()))
        with database.write() as db:
            sheet_id = commands.keep_sheet(
                db, actor, version_id, rows, name=clean_name(data.filename), whole=whole, now=clock.now()
            )
            return queries.sheet_report(db, actor, sheet_id)[1]

    @post(f"{ID}/sheets/{{sheet_id:uuid}}/application", sync_to_thread=True, status_code=204)
    def apply_sheet(
        self,
        data: JSONBody[Apply],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        version_id: FromPath[UUID],
        sheet_id: FromPath[UUID],
    ) -> None:
        """Take a sheet in, all rows in one act."""
        with database.write() as db:
            if commands.apply_sheet(db, actor, sheet_id, revision=data.revision, now=clock.now()) != version_id:
                raise NotFound
