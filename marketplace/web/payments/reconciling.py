"""对账: each book's two records side by side, likely pairs to confirm, and what explains the rest."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.funds import queries
from marketplace.funds.commands import matching
from marketplace.funds.commands import reconciling as commands
from marketplace.funds.queries import reconciling as reading
from marketplace.funds.rules import CUSTODY_LABELS
from marketplace.funds.schemas import Imported
from marketplace.funds.schemas.reconciling import GATEWAY_BOOK, BookPage, ItemView, NewMatch, NewNote
from marketplace.funds.states.reconciling import CATEGORY_LABELS, SIDE_LABELS, Category, Side
from marketplace.identity.queries import names, people_of
from marketplace.identity.rules import Relation, Right, may, require
from marketplace.kit.actor import SYSTEM, Actor
from marketplace.kit.clock import Clock
from marketplace.kit.errors import BadValue, DomainError, Kind, NotFound
from marketplace.kit.i18n import N_
from marketplace.payments.gateway import Gateway
from marketplace.payments.schemas import PaymentError
from marketplace.web.forms import Form, Typed
from marketplace.web.i18n import gettext
from marketplace.web.pages import again, done, page
from marketplace.web.payments.forms import EXPLAINING, REASON, TICKED, UPLOAD, Explaining

HERE = "/finance/reconciliation"
STATEMENT_BYTES_MAX = 20 * 2**20
Key = Annotated[str, QueryParameter(name="item", max_length=120)]
WORDS: dict[str, object] = {
    "CUSTODY_LABELS": CUSTODY_LABELS,
    "CATEGORY_LABELS": CATEGORY_LABELS,
    "SIDE_LABELS": SIDE_LABELS,
    "Category": Category,
    "Side": Side,
}
NO_FILE = N_("请先选择对账单文件，再上传。")


class GatewayAway(DomainError):
    """The gateway gave no usable answer."""

    kind, code = Kind.UNAVAILABLE, "gateway_away"
    text = N_("支付平台暂时没有答复。请过几分钟再取，已有的流水没有改变。")


def take_in(database: Database, actor: Actor, content: bytes, clock: Clock) -> Imported:
    """Take in a statement.

    Raises:
        DomainError: what ``import_statement`` refuses.
    """
    return database.run(lambda db: matching.import_statement(db, actor, content, now=clock.now()))


def readable(actor: Actor) -> dict[Relation, UUID | None]:
    """Whose books these are.

    Raises:
        Forbidden: the actor may not see payments.
        NotFound: the actor's organization keeps no money.
    """
    parties = {Relation.FINANCE: actor.organization_id}
    require(actor, Right.READ_PAYMENT, parties)
    return parties


class Reconciliation(Controller):
    """All books, their statements, and one book with its two lists."""

    path = HERE

    def _books(self, database: Database, actor: Actor, clock: Clock) -> dict[str, Any]:
        parties = readable(actor)
        with database.read() as db:
            return {
                **WORDS,
                "closings": reading.closings(db, holder_id=actor.organization_id, now=clock.now()),
                "statements": queries.statements(db, actor.organization_id),
                "may_reconcile": may(actor, Right.RECONCILE, parties),
            }

    @get(sync_to_thread=True)
    def shown(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], clock: NamedDependency[Clock]
    ) -> Template:
        """Every book with whether it closes."""
        return page("payments/books.html", form=UPLOAD.blank(), **self._books(database, actor, clock))

    @post("/statements", sync_to_thread=True, request_max_body_size=STATEMENT_BYTES_MAX)
    def upload(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
    ) -> Template | Redirect:
        """Take in a statement's file."""
        form = UPLOAD.read(typed)
        content = _content(typed.files.get("file", []))
        try:
            if not content:
                raise BadValue(field="file", problem=gettext(NO_FILE))
            found = take_in(database, actor, content, clock)
        except DomainError as refusal:
            return again("payments/books.html", form.refused(refusal), **self._books(database, actor, clock))
        word = N_("对账单已导入：新增 {fresh} 笔，付款确认 {paid} 笔，退回 {returned} 笔。")
        if found.is_again:
            word = N_("这份对账单以前导入过，没有重复记账。")
        numbers = {"fresh": found.fresh, "paid": found.paid, "returned": found.returned}
        return done(f"{HERE}/statements/{found.statement_id}", word, **({} if found.is_again else numbers))

    @get("/statements/{statement_id:uuid}", sync_to_thread=True)
    def statement(
        self, database: NamedDependency[Database], actor: NamedDependency[Actor], statement_id: FromPath[UUID]
    ) -> Template:
        """One statement with its bookings and the payments they were matched with."""
        readable(actor)
        with database.read() as db:
            known = queries.statements(db, actor.organization_id, limit=10_000)
            view = next((one for one in known if one.id == statement_id), None)
            if view is None:
                raise NotFound
            shown = queries.bookings(db, statement_id)
        return page("payments/statement.html", **WORDS, view=view, bookings=shown)

    @post("/matches/{match_id:uuid}/undo", sync_to_thread=True)
    def undo(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        match_id: FromPath[UUID],
    ) -> Template | Redirect:
        """Take a match apart."""
        key = typed.one("book")
        form = REASON.read(typed)
        if form.data is None:
            shown = _book_page(database, actor, key, clock) | {"asked": str(match_id)}
            return again("payments/book.html", form, **shown)
        reason = form.data.reason
        with database.write() as db:
            commands.undo_match(db, actor, match_id, reason=reason, now=clock.now())
        return done(f"{HERE}/{key}", N_("匹配已撤销，两边的记录重新待对。"))

    @get("/{key:str}", sync_to_thread=True)
    def book(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        key: FromPath[str],
    ) -> Template:
        """One book: difference, likely pairs, the two lists."""
        return page("payments/book.html", form=TICKED.blank(), **_book_page(database, actor, key, clock))

    @post("/{key:str}/match", sync_to_thread=True)
    def match(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        key: FromPath[str],
    ) -> Template | Redirect:
        """Confirm that the ticked records belong together."""
        form = TICKED.read(typed)
        if form.data is not None:
            new = NewMatch(items=form.data.items, note=form.data.note)
            try:
                database.run(lambda db: commands.confirm_match(db, actor, key, new, now=clock.now()))
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return done(f"{HERE}/{key}", N_("已确认匹配 {count} 条记录。"), count=len(new.items))
        return again("payments/book.html", form, **_book_page(database, actor, key, clock))

    @post("/{key:str}/fetch", sync_to_thread=True)
    def fetch(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        gateway: NamedDependency[Gateway | None],
        key: FromPath[str],
    ) -> Redirect:
        """Have the bank asked for its statement, or ask the gateway for its bookings, now."""
        if key == GATEWAY_BOOK:
            count = fetch_bookings(database, actor, gateway, clock)
            return done(f"{HERE}/{key}", N_("已取回支付平台流水，新增 {count} 笔。"), count=count)
        with database.write() as db:
            account_id = reading.book(db, actor, key).account_id
            if account_id is None:
                raise NotFound
            matching.want_statement(db, actor, account_id, now=clock.now())
        return done(f"{HERE}/{key}", N_("已通知后台向银行取对账单，稍后刷新本页查看。"))

    @get("/{key:str}/note", sync_to_thread=True)
    def noting(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        key: FromPath[str],
        item: Key = "",
    ) -> Template:
        """The form of a note on one record."""
        context = _note_page(database, actor, key, item, clock)
        return page("payments/note.html", form=_begun(context["item"]), **context)

    @post("/{key:str}/note", sync_to_thread=True)
    def explain(
        self,
        typed: NamedDependency[Typed],
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        key: FromPath[str],
    ) -> Template | Redirect:
        """Say why a record has no counterpart, or who looks into it."""
        item = typed.one("item")
        form = EXPLAINING.read(typed)
        if form.data is not None:
            told = form.data
            try:
                new = NewNote(
                    item=item, category=told.category, text=told.text, owner_id=told.owner_id, due_on=told.due_on
                )
                database.run(lambda db: commands.explain(db, actor, key, new, now=clock.now()))
            except DomainError as refusal:
                form.refused(refusal)
            else:
                return done(f"{HERE}/{key}", N_("说明已登记。"))
        return again("payments/note.html", form, **_note_page(database, actor, key, item, clock))

    @post("/{key:str}/notes/{note_id:uuid}/withdraw", sync_to_thread=True)
    def withdraw(
        self,
        database: NamedDependency[Database],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        key: FromPath[str],
        note_id: FromPath[UUID],
    ) -> Redirect:
        """Take a note back."""
        with database.write() as db:
            commands.withdraw_note(db, actor, key, note_id, now=clock.now())
        return done(f"{HERE}/{key}", N_("说明已撤回，这条记录重新待对。"))


def fetch_bookings(database: Database, actor: Actor, gateway: Gateway | None, clock: Clock) -> int:
    """Ask the gateway for its account of our balance since the last time, no transaction open; returns what was new.

    Raises:
        NotFound: the actor's office keeps no money at the gateway, or there is none.
        Forbidden: the actor may not reconcile.
        GatewayAway: it did not answer.
    """
    now = clock.now()
    with database.read() as db:
        one = reading.book(db, actor, GATEWAY_BOOK)
        require(actor, Right.RECONCILE, reading.parties_of(actor, one))
        since, until = reading.bookings_to_ask(db, now=now)
    if gateway is None:
        raise NotFound
    try:
        found = list(gateway.balance_transactions(since=since, until=until))
    except PaymentError:
        raise GatewayAway from None
    with database.write() as db:
        return commands.take_bookings(db, found, now=now)


def _content(files: list[UploadFile]) -> bytes:
    return bytes(files[0].file.read()) if files else b""


def shown_book(db: Session, actor: Actor, key: str, clock: Clock) -> BookPage:
    """One book of the actor's office.

    Raises:
        NotFound: there is none with this key, or it is another office's.
        Forbidden: the actor may not see payments.
    """
    one = reading.book(db, actor, key)
    require(actor, Right.READ_PAYMENT, reading.parties_of(actor, one))
    return reading.page(db, one, now=clock.now())


def _book_page(database: Database, actor: Actor, key: str, clock: Clock) -> dict[str, Any]:
    with database.read() as db:
        view = shown_book(db, actor, key, clock)
        people = names(db, {one.matched_by for one in view.matches if one.matched_by})
    parties = reading.parties_of(actor, view.closing.book)
    return {
        **WORDS,
        "view": view,
        "people": people,
        "may_reconcile": may(actor, Right.RECONCILE, parties),
        "reason": REASON.blank(),
        "asked": "",
    }


def _note_page(database: Database, actor: Actor, key: str, item: str, clock: Clock) -> dict[str, Any]:
    with database.read() as db:
        view = shown_book(db, actor, key, clock)
        one = next((one for one in (*view.theirs, *view.ours) if one.key == item), None)
        if one is None:
            raise NotFound
        require(actor, Right.RECONCILE, reading.parties_of(actor, view.closing.book))
        people = [] if actor.organization_id is None else people_of(db, SYSTEM, actor.organization_id)
    return {
        **WORDS,
        "view": view,
        "item": one,
        "owners": [(str(person.person_id), person.name) for person in people if person.joined],
        "categories": [(category.value, gettext(CATEGORY_LABELS[category])) for category in one.categories],
    }


def _begun(item: ItemView) -> Form[Explaining]:
    """The form as it stood when the record was explained before."""
    if item.note is None:
        return EXPLAINING.blank()
    note = item.note
    return EXPLAINING.blank(category=note.category, text=note.text, owner_id=note.owner_id, due_on=note.due_on)
