"""社会组织名录: browse, search, one organization's page; and the form by which an organization registers."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template

from marketplace.contracts.queries import track_record
from marketplace.db.base import Database
from marketplace.identity.credentials import Safe
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.suppliers import commands, queries
from marketplace.suppliers.rules.codes import uscc_problem
from marketplace.suppliers.schemas import Registration
from marketplace.suppliers.states import TYPE_LABELS, SupplierType
from marketplace.web.contracts.views import state_tag_of
from marketplace.web.figures.bar import part_of
from marketplace.web.forms import Form, Typed
from marketplace.web.i18n import gettext, sentence
from marketplace.web.pages import again, done, page
from marketplace.web.paging import BadCursor, keys, paging
from marketplace.web.suppliers.forms import REGISTRATION, nature_items
from marketplace.web.suppliers.views import helpers, service_items, services

Wanted = Annotated[str, QueryParameter(name="q", max_length=100)]
Service = Annotated[str, QueryParameter(name="service", max_length=5, pattern=r"^([AB](\d{2}){0,2})?$")]
KindWanted = Annotated[str, QueryParameter(name="kind", max_length=40)]
Standing = Annotated[str, QueryParameter(name="standing", max_length=10)]
Grade = Annotated[str, QueryParameter(name="grade", max_length=1)]
After = Annotated[str, QueryParameter(name="after", max_length=2000)]
VALID = "valid"
GRADES = ("3", "4", "5")


def place_after(cursor: str) -> UUID | None:
    """The organization after which a page begins.

    Raises:
        BadCursor: the place is none.
    """
    if not cursor:
        return None
    try:
        return UUID(str(keys(cursor, 1)[0]))
    except ValueError:
        raise BadCursor from None


class SupplierPages(Controller):
    """The public directory."""

    path = "/suppliers"

    @get("/", sync_to_thread=True)
    def directory(
        self,
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        wanted: Wanted = "",
        service: Service = "",
        kind: KindWanted = "",
        standing: Standing = "",
        grade: Grade = "",
        after: After = "",
    ) -> Template:
        """Organizations that are or were qualified."""
        with database.read() as db:
            known = services(db)
            found = queries.directory(
                db,
                on_day=legal_day(clock.now()),
                search=wanted,
                kind=SupplierType(kind) if kind in set(SupplierType) else None,
                service=service,
                valid_only=standing == VALID,
                grade=int(grade) if grade in GRADES else None,
                after=place_after(after),
            )
        asked = {"q": wanted.strip(), "service": service, "kind": kind, "standing": standing, "grade": grade}
        return page(
            "suppliers/directory.html",
            found=found,
            asked=asked,
            filtered=any(asked.values()),
            pages=paging(
                "/suppliers", asked, [str(found.after)] if found.after else None, after=after, total=found.total
            ),
            service_items=service_items(known),
            kind_items=[(one.value, gettext(label)) for one, label in TYPE_LABELS.items()],
            grade_items=[(one, f"{one}A+") for one in GRADES],
            **helpers(known),
        )

    @get("/{organization_id:uuid}", sync_to_thread=True)
    def organization(
        self, database: NamedDependency[Database], clock: NamedDependency[Clock], organization_id: FromPath[UUID]
    ) -> Template:
        """One organization: what it may do, what was checked, what it did."""
        with database.read() as db:
            view = queries.public_page(db, organization_id, on_day=legal_day(clock.now()))
            record, known = track_record(db, organization_id), services(db)
        shown = {"view": view, "record": record, "contract_tag": state_tag_of, "part_of": part_of}
        return page("suppliers/public.html", **shown, **helpers(known))

    @get("/register", sync_to_thread=False)
    def blank(self) -> Template:
        """The form by which an organization registers."""
        return page("suppliers/register.html", form=REGISTRATION.blank(), natures=nature_items())

    @post("/register", sync_to_thread=True)
    def register(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        safe: NamedDependency[Safe],
    ) -> Template | Redirect:
        """Register an organization with its first person."""
        form = REGISTRATION.read(typed)
        if form.data is None:
            wrong = uscc_problem(typed.one("uscc"))
            if typed.one("uscc").strip() and wrong is not None:
                form.errors["uscc"] = sentence(wrong)
            return self._again(form)
        try:
            with database.write() as db:
                commands.register(db, safe, form.data, now=clock.now())
        except DomainError as refusal:
            return self._again(form.refused(refusal))
        login = form.data.login or form.data.contact_email
        return done(
            "/sign-in?next=/org/profile", N_("登记成功。请用登录名「{login}」登录，继续填写入库资料。"), login=login
        )

    def _again(self, form: Form[Registration]) -> Template:
        return again("suppliers/register.html", form, natures=nature_items())
