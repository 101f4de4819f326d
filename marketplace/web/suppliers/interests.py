"""利益关系登记: a person declares the own ties; the office's head and the security administrator keep the register."""

from datetime import date
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Redirect, Template
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.identity.queries import people_of
from marketplace.identity.rules import Relation, Right, may
from marketplace.kit.actor import Actor
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import DomainError
from marketplace.kit.i18n import N_
from marketplace.suppliers import commands, queries
from marketplace.suppliers.rules.interests import OwnOrganization
from marketplace.suppliers.schemas import InterestView, NewInterest
from marketplace.suppliers.states import INTEREST_LABELS, InterestKind
from marketplace.web.forms import Form, FormKind, Typed
from marketplace.web.i18n import gettext
from marketplace.web.pages import again, done
from marketplace.web.suppliers.api import Made, ReasonGiven

OWN, OFFICE = "/account/interests", "/organization/interests"


class TieTyped(Struct, frozen=True, kw_only=True):
    """A tie as it is typed; the organization by its full name or code."""

    organization: str
    kind: InterestKind
    person_id: UUID | None = None
    from_on: date | None = None
    to_on: date | None = None
    note: str = ""


TIE = FormKind(
    TieTyped,
    labels={
        "person_id": N_("人员"),
        "organization": N_("组织"),
        "kind": N_("关系"),
        "from_on": N_("开始日期"),
        "to_on": N_("结束日期"),
        "note": N_("说明"),
    },
    hints={
        "organization": N_("填写名录中的全称或统一社会信用代码。"),
        "to_on": N_("仍在持续的，不填。任职、持股结束后三年内仍须回避。"),
    },
)


def new_tie(database: Database, data: TieTyped) -> NewInterest:
    """The tie that was typed.

    Raises:
        OwnOrganization: no organization of the register has this name or code.
    """
    with database.read() as db:
        found = queries.registered(db, data.organization)
    if found is None:
        raise OwnOrganization(field="organization")
    return NewInterest(organization_id=found, kind=data.kind, from_on=data.from_on, to_on=data.to_on, note=data.note)


def kind_items() -> list[tuple[str, str]]:
    """The ties to choose from."""
    return [(kind.value, gettext(label)) for kind, label in INTEREST_LABELS.items()]


class OwnInterests(Controller):
    """One's own ties."""

    path = OWN

    def _page(self, actor: Actor, database: Database, clock: Clock, form: Form[TieTyped]) -> Template:
        with database.read() as db:
            found = queries.own_interests(db, actor, on_day=legal_day(clock.now()))
        return again(
            "suppliers/interests.html", form, found=found, kinds=kind_items(), labels=INTEREST_LABELS, base=OWN,
            people=[], own=True, me=actor.person_id, may_record=True,
        )  # fmt: skip

    @get(sync_to_thread=True)
    def mine(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], clock: NamedDependency[Clock]
    ) -> Template:
        """What is entered about oneself, and the form."""
        return self._page(actor, database, clock, TIE.blank())

    @post(sync_to_thread=True)
    def declare(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Declare a tie."""
        form = TIE.read(typed)
        if form.data is None:
            return self._page(actor, database, clock, form)
        try:
            new = new_tie(database, form.data)
            with database.write() as db:
                commands.declare_interest(db, actor, new, now=clock.now())
        except DomainError as refusal:
            return self._page(actor, database, clock, form.refused(refusal))
        return done(OWN, N_("已登记。涉及该组织的评审、定标和合同会自动避开您。"))

    @post("/{interest_id:uuid}/withdraw", sync_to_thread=True)
    def withdraw(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        interest_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Take back what one declared oneself."""
        try:
            with database.write() as db:
                commands.withdraw_interest(db, actor, interest_id, reason=typed.one("reason"), now=clock.now())
        except DomainError as refusal:
            return self._page(actor, database, clock, TIE.blank().refused(refusal))
        return done(OWN, N_("登记已撤销，记录保留。"))


class OfficeInterests(Controller):
    """The register of interests, for those who may read it."""

    path = OFFICE

    def _page(self, actor: Actor, database: Database, clock: Clock, form: Form[TieTyped]) -> Template:
        own = {Relation.OWN: actor.organization_id}
        may_record = may(actor, Right.RECORD_INTEREST, own)
        with database.read() as db:
            found = queries.interests(db, actor, on_day=legal_day(clock.now()))
            members = people_of(db, actor, actor.organization_id) if may_record and actor.organization_id else []
        people = [(str(one.person_id), one.name) for one in members if one.joined]
        return again(
            "suppliers/interests.html", form, found=found, kinds=kind_items(), labels=INTEREST_LABELS, base=OFFICE,
            people=people, own=False, me=actor.person_id, may_record=may_record,
        )  # fmt: skip

    @get(sync_to_thread=True)
    def register(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], clock: NamedDependency[Clock]
    ) -> Template:
        """The entries, and the form."""
        return self._page(actor, database, clock, TIE.blank())

    @post(sync_to_thread=True)
    def record(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Record a tie of somebody of the office."""
        form = TIE.read(typed)
        if form.data is None or form.data.person_id is None:
            if form.data is not None:
                form.errors["person_id"] = gettext(N_("请选择人员。"))
            return self._page(actor, database, clock, form)
        try:
            new = new_tie(database, form.data)
            with database.write() as db:
                commands.record_interest(db, actor, form.data.person_id, new, now=clock.now())
        except DomainError as refusal:
            return self._page(actor, database, clock, form.refused(refusal))
        return done(OFFICE, N_("已登记。只有本人、本单位负责人、安全管理员和监督人员能看到。"))

    @post("/{interest_id:uuid}/withdraw", sync_to_thread=True)
    def withdraw(
        self,
        actor: NamedDependency[Actor],
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        interest_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Take back an entry that was wrong."""
        try:
            with database.write() as db:
                commands.withdraw_interest(db, actor, interest_id, reason=typed.one("reason"), now=clock.now())
        except DomainError as refusal:
            return self._page(actor, database, clock, TIE.blank().refused(refusal))
        return done(OFFICE, N_("登记已撤销，记录保留。"))


class InterestsApi(Controller):
    """The register of interests as JSON."""

    path = "/interests"
    tags = ("interests",)

    @get(sync_to_thread=True)
    def register(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], clock: NamedDependency[Clock]
    ) -> list[InterestView]:
        """The entries the actor may read about others."""
        with database.read() as db:
            return queries.interests(db, actor, on_day=legal_day(clock.now()))

    @get("/mine", sync_to_thread=True)
    def mine(
        self, actor: NamedDependency[Actor], database: NamedDependency[Database], clock: NamedDependency[Clock]
    ) -> list[InterestView]:
        """The entries about oneself."""
        with database.read() as db:
            return queries.own_interests(db, actor, on_day=legal_day(clock.now()))

    @post("/mine", sync_to_thread=True)
    def declare(
        self,
        data: JSONBody[NewInterest],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
    ) -> Made:
        """Declare a tie of one's own."""
        with database.write() as db:
            return Made(commands.declare_interest(db, actor, data, now=clock.now()))

    @post("/people/{person_id:uuid}", sync_to_thread=True)
    def record(
        self,
        data: JSONBody[NewInterest],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        person_id: FromPath[UUID],
    ) -> Made:
        """Record a tie of somebody."""
        with database.write() as db:
            return Made(commands.record_interest(db, actor, person_id, data, now=clock.now()))

    @post("/{interest_id:uuid}/withdrawal", sync_to_thread=True, status_code=204)
    def withdraw(
        self,
        data: JSONBody[ReasonGiven],
        actor: NamedDependency[Actor],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        interest_id: FromPath[UUID],
    ) -> None:
        """Take back an entry with a reason."""
        with database.write() as db:
            commands.withdraw_interest(db, actor, interest_id, reason=data.reason, now=clock.now())
