"""Yearly reports from a table, and the register's declarations, reports and clocks as JSON."""

from io import BytesIO
from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Template
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.identity.rules import Relation, Right, require
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock as Now
from marketplace.kit.clock import legal_day
from marketplace.kit.errors import DomainError
from marketplace.suppliers import commands, queries
from marketplace.suppliers.rules.declaration import Condition
from marketplace.suppliers.rules.tables import read_table
from marketplace.suppliers.rules.yearly import YEARLY_COLUMNS, YEARLY_NEEDED
from marketplace.suppliers.schemas import ClockLine, DeclarationView, NewReport, ReportLine, ReportView
from marketplace.suppliers.states import Clock
from marketplace.web.forms import Form, Typed
from marketplace.web.i18n import gettext
from marketplace.web.pages import again
from marketplace.web.suppliers.api import Made
from marketplace.web.suppliers.forms import NO_FILE
from marketplace.web.suppliers.imports import FILE, FileTyped
from marketplace.web.suppliers.views import BODY_BYTES_MAX, upload_of


class ReportPages(Controller):
    """The table of yearly reports."""

    path = "/centre/supplier-reports"
    request_max_body_size = BODY_BYTES_MAX

    def _page(self, form: Form[FileTyped], report: list[ReportLine] | None) -> Template:
        return again(
            "suppliers/reports.html",
            form,
            report=report,
            columns=[(title, field in YEARLY_NEEDED) for field, title in YEARLY_COLUMNS.items()],
        )

    @get(sync_to_thread=False)
    def blank(self, actor: NamedDependency[Actor]) -> Template:
        """The form, and what the table looks like."""
        require(actor, Right.QUALIFY_SUPPLIER, {})
        return self._page(FILE.blank(), None)

    @post(sync_to_thread=True)
    def take_in(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Now],
    ) -> Template:
        """Write down the right rows and report on all."""
        require(actor, Right.QUALIFY_SUPPLIER, {})
        form, file = FILE.read(typed), upload_of(typed.files.get("file", []))
        if file is None:
            form.errors["file"] = gettext(NO_FILE)
            return self._page(form, None)
        try:
            rows = read_table(BytesIO(file.file.read()), YEARLY_COLUMNS, YEARLY_NEEDED)
            with database.write() as db:
                report = commands.import_reports(db, actor, rows, now=clock.now())
        except DomainError as refusal:
            return self._page(form.refused(refusal), None)
        return self._page(form, report)


class Signing(Struct, frozen=True, kw_only=True):
    """The six conditions, each by its word, and the edition of the text that was read."""

    edition: str
    conditions: frozenset[Condition]


class Recorded(Struct, frozen=True):
    """Whether an entry was news."""

    news: bool


class RecordsApi(Controller):
    """Declarations, yearly reports, and proofs by their clock."""

    path = "/supplier-records"
    tags = ("suppliers",)

    @get("/clocks", sync_to_thread=True)
    def clocks(
        self,
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Now],
        due: Annotated[Clock, QueryParameter(name="due")],
    ) -> list[ClockLine]:
        """Proofs ``ending`` within 30 days, ``ended``, or ``pending``, for the centre."""
        with database.read() as db:
            return queries.clocks(db, actor, due, on_day=legal_day(clock.now()))

    @get("/{organization_id:uuid}/declarations", sync_to_thread=True)
    def declarations(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], organization_id: FromPath[UUID]
    ) -> list[DeclarationView]:
        """Who signed the six general conditions for the organization, the newest first."""
        require(actor, Right.READ_SUPPLIER, {Relation.SUPPLIER: organization_id})
        with database.read() as db:
            return list(queries.declarations(db, organization_id))

    @post("/{organization_id:uuid}/declarations", sync_to_thread=True)
    def declare(
        self,
        data: JSONBody[Signing],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Now],
        organization_id: FromPath[UUID],
    ) -> Made:
        """Sign for the organization."""
        with database.write() as db:
            return Made(
                commands.declare(db, actor, organization_id, data.conditions, edition=data.edition, now=clock.now())
            )

    @get("/{organization_id:uuid}/reports", sync_to_thread=True)
    def reports(
        self, database: NamedDependency[Database], clock: NamedDependency[Now], organization_id: FromPath[UUID]
    ) -> list[ReportView]:
        """Yearly reports of an organization of the directory, as everybody may see them."""
        today = legal_day(clock.now())
        with database.read() as db:
            queries.public_page(db, organization_id, on_day=today)
            return list(queries.reports(db, organization_id, on_day=today))

    @post("/{organization_id:uuid}/reports", sync_to_thread=True)
    def record(
        self,
        data: JSONBody[NewReport],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Now],
        organization_id: FromPath[UUID],
    ) -> Recorded:
        """Write down how the report of a year stands."""
        with database.write() as db:
            return Recorded(commands.record_report(db, actor, organization_id, data, now=clock.now()))
