"""Forms: what was typed becomes a frozen struct, or comes back with everything typed and a message at each field.

A form is declared once, beside its page, over any msgspec struct (a domain's own schema, as a rule)::

    NEW_FUND = FormKind(
        schemas.NewFund,
        labels={"name": N_("资金名称"), "amount_fen": N_("金额"), "lines": N_("明细"), "lines.share_bp": N_("比例")},
        hints={"amount_fen": N_("以元填写，最多两位小数。")},
    )

and a page that uses it is two handlers::

    @get("/new", sync_to_thread=True)
    def blank(self) -> Template:
        return page("funds/new.html", form=NEW_FUND.blank())

    @post("/new", sync_to_thread=True)
    def create(self, typed: NamedDependency[Typed], database: NamedDependency[Database],
               actor: NamedDependency[Actor], clock: NamedDependency[Clock]) -> Template | Redirect:
        form = NEW_FUND.read(typed)
        if form.data is None:
            return again("funds/new.html", form)
        try:
            with database.write() as db:
                fund = commands.create(db, actor, form.data, now=clock.now())
        except DomainError as refusal:
            return again("funds/new.html", form.refused(refusal))
        return done(f"/finance/funds/{fund.id}", N_("资金已登记。"))

The template draws each field by name; label, hint, typed text and message come from the form::

    {% from "macros/forms.html" import errors, start, text, money, rows_of, submit, end %}
    {{ errors(form) }}{{ start(form, csrf_input) }}{{ text(form, "name") }}{{ money(form, "amount_fen") }}
    {% call(row) rows_of(form, "lines") %}{{ text(row, "share_bp") }}{% endcall %}
    {{ submit(_("登记")) }}{{ end() }}

What a field's name and type mean: ``…_fen`` is typed in yuan, ``…_bp`` in percent, ``…password`` is left untouched and
never shown again; date, datetime (time of China), int, Decimal, bool, enums, UUID, str, ``X | None`` and defaults work
as they read. ``list[Struct]`` or ``tuple[Struct, ...]`` are repeated rows (``lines-0-amount_fen``), rows in rows too;
empty rows are dropped. The row buttons post the form: ``read`` then has no data and no errors, and ``again`` shows it
with a row more or less. A list of plain values is every value sent under its name. Names beginning with ``_`` are ours.
``refused`` lays a command's refusal at the field it names (``lines-0-amount_fen`` or ``lines.0.amount_fen``), else on
top of the page; a refusal that is not about what was typed (forbidden, not found) it raises again.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.kit.money import yuan
from marketplace.web import values as text_values
from marketplace.web.i18n import gettext, say, sentence, sentences
from marketplace.web.overtaken import Latest, Words, latest_act, moved_on, typed_words
from marketplace.web.rows import ROWS, ROWS_MAX, close_up, indexes, rearrange
from marketplace.web.wording import explain, place

T = TypeVar("T", bound=Struct)
TYPED = "typed"
"""Where the scope keeps what was typed, for the page of a refusal that no form could show."""
FILL_IN = N_("请填写「{label}」。")
PICK = N_("请选择「{label}」。")
TOO_MANY_ROWS = N_("行数太多，一次最多 {limit} 行。请分几次录入，或用表格文件导入。")
_TYPED_KINDS = frozenset({Kind.INVALID, Kind.CONFLICT, Kind.TOO_LARGE})


def _nobody() -> Latest | None:
    return None


class Typed(Struct, frozen=True):
    """What a request's form holds: texts by name, in order, and files by name.

    ``latest`` asks who did what last with the thing of the request's address; ``read`` keeps what it was read as.
    """

    texts: dict[str, list[str]]
    files: dict[str, list[UploadFile]] = {}
    latest: Callable[[], Latest | None] = _nobody
    read: list["Form[Any]"] = []

    def one(self, name: str) -> str:
        """The first text under ``name``, or an empty one."""
        return self.texts.get(name, [""])[0]


async def provide_typed(request: Request[Any, Any, Any], database: NamedDependency[Database]) -> Typed:
    """The dependency ``typed``: the urlencoded or multipart form of the request; a refused page shows it too."""
    texts: dict[str, list[str]] = {}
    files: dict[str, list[UploadFile]] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            files.setdefault(name, []).append(value)
        else:
            texts.setdefault(name, []).append(str(value))
    actor, things = request.user.actor, [one for one in request.path_params.values() if isinstance(one, UUID)]

    def latest() -> Latest | None:
        with database.read() as db:
            return latest_act(db, actor, things)

    typed = Typed(texts, files, latest)
    request.scope[TYPED] = typed  # type: ignore[literal-required] # a scope is a dict that may carry more
    return typed


class Form(Generic[T]):
    """A form as it stands on the page: typed texts, messages, and ``data`` when everything was right."""

    def __init__(self, kind: "FormKind[T]", texts: Mapping[str, Sequence[str]], prefix: str = "") -> None:
        self.kind = kind
        self.texts = {name: list(given) for name, given in texts.items()}
        self.errors: dict[str, str] = {}
        self.data: T | None = None
        self.prefix = prefix
        self.rearranged = ""
        self.ask_latest: Callable[[], Latest | None] = _nobody
        self.kept: tuple[Words, ...] = ()
        self.latest: Latest | None = None

    def value(self, name: str) -> str:
        """The text that stands in a field; never a secret."""
        return "" if text_values.is_secret(name) else (self.texts.get(self.id(name)) or [""])[0]

    def chosen(self, name: str) -> list[str]:
        """All values sent under a name: which boxes are ticked."""
        return self.texts.get(self.id(name), [])

    def id(self, name: str) -> str:
        """The name and id of a field on the page."""
        return self.prefix + name

    def error(self, name: str) -> str:
        """The message at a field, or nothing."""
        return self.errors.get(self.id(name), "")

    def label(self, name: str) -> str:
        """The field's label in the present language."""
        return self.kind.label(self.id(name))

    def hint(self, name: str) -> str:
        """The field's hint in the present language, or nothing."""
        return gettext(self.kind.hints.get(plain(self.id(name)), "")) if self.kind.hints else ""

    def summary(self) -> list[tuple[str, str]]:
        """Every message with the id of its field, in the order of the form; what belongs to no field first."""
        order = {name: place for place, name in enumerate(self.kind.labels)}
        return sorted(self.errors.items(), key=lambda item: (item[0] != "", order.get(plain(item[0]), len(order))))

    def rows(self, name: str, at_least: int = 1) -> list["Form[T]"]:
        """The repeated rows under a name, each a form of its own names; at least so many, empty ones last."""
        numbers = indexes(self.texts, self.id(name))
        after = max(numbers, default=-1) + 1
        numbers += range(after, after + at_least - len(numbers))
        found = []
        for index in numbers:
            row = Form(self.kind, self.texts, f"{self.id(name)}-{index}-")
            row.errors, row.rearranged = self.errors, self.rearranged
            found.append(row)
        return found

    def takes_focus(self, name: str) -> bool:
        """Whether this is the first field of a row that was just added."""
        if not self.prefix or self.rearranged != self.prefix:
            return False
        mine = plain(self.id(name))
        row = mine.rpartition(".")[0] + "."
        first = next((one for one in self.kind.labels if one.startswith(row)), mine)
        return first == mine

    @property
    def index(self) -> int:
        """The number of this row among its likes, from 0."""
        return int(self.prefix.rstrip("-").rpartition("-")[2])

    def refused(self, refusal: DomainError) -> "Form[T]":
        """This form with what a command said of it.

        Raises:
            DomainError: the same refusal, where it is not about what was typed.
        """
        if refusal.kind not in _TYPED_KINDS:
            raise refusal
        known = {plain(name) for name in self.kind.labels}
        for field, _, text in sentences(refusal):
            spot = field.replace(".", "-").replace("[", "-").replace("]", "")
            spot = spot if plain(spot) in known else ""
            self.errors[spot] = f"{self.errors[spot]} {text}" if spot in self.errors else text
        self.data = None
        if moved_on(refusal):
            self.kept, self.latest = self.words(), self.ask_latest()
        return self

    def words(self) -> tuple[Words, ...]:
        """What a person typed, with the labels of the fields, to be copied where the form itself is gone."""
        order = list(self.kind.labels)
        names = sorted((one for one in self.texts if plain(one) in order), key=lambda one: order.index(plain(one)))
        return typed_words({one: self.texts[one] for one in names}, [(one, self.kind.label(one)) for one in names])


class FormKind(Generic[T]):
    """A form over ``shape``; ``labels`` (message ids) in the order of the page, rows as ``lines.amount_fen``."""

    def __init__(self, shape: type[T], labels: Mapping[str, str], hints: Mapping[str, str] | None = None) -> None:
        self.shape = shape
        self.labels = {plain(name): text for name, text in labels.items()}
        self.hints = {plain(name): text for name, text in (hints or {}).items()}

    def label(self, name: str) -> str:
        """The label of a field in the present language; its name where none was given."""
        return gettext(self.labels.get(plain(name), name))

    def blank(self, **known: object) -> Form[T]:
        """An empty form, some fields filled already."""
        return Form(self, _written(known, ""))

    def of(self, thing: Struct) -> Form[T]:
        """A form that shows what is stored, for editing; the struct may have more fields than the form."""
        return Form(self, _written(msgspec.structs.asdict(thing), ""))

    def read(self, typed: Typed) -> Form[T]:
        """What was typed: with ``data``, or with a message at each field that is wrong."""
        form = Form(self, typed.texts)
        form.ask_latest = typed.latest
        typed.read.append(form)
        if ROWS in typed.texts:
            form.rearranged = rearrange(form.texts, typed.one(ROWS))
            return form
        form.data = _Reader(form).struct(self.shape, "")  # type: ignore[assignment] # shape is type[T]
        return form


def plain(name: str) -> str:
    """A field's name without the numbers of its rows: ``lines-0-amount_fen`` is ``lines.amount_fen``."""
    return re.sub(r"-\d+(?=-|$)", "", name).replace("-", ".")


def _written(known: Mapping[str, object], prefix: str) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for name, value in known.items():
        if isinstance(value, Struct):
            texts |= _written(msgspec.structs.asdict(value), f"{prefix}{name}-")
        elif isinstance(value, list | tuple | set | frozenset):
            rows = list(value)
            if rows and isinstance(rows[0], Struct):
                for index, row in enumerate(rows):
                    texts |= _written(msgspec.structs.asdict(row), f"{prefix}{name}-{index}-")
            else:
                texts[prefix + name] = [text_values.write(name, one) for one in rows]
        else:
            texts[prefix + name] = [text_values.write(name, value)]
    return texts


def _as_yuan(fen: str) -> str:
    return say(N_("{amount} 元"), amount=yuan(int(fen)))


class _Reader:
    """Reads a struct's fields one by one, so that every wrong one is told at once."""

    def __init__(self, form: Form[Any]) -> None:
        self.form, self.texts, self.errors = form, form.texts, form.errors

    def struct(self, kind: type[Struct], prefix: str) -> Struct | None:
        before = len(self.errors)
        found: dict[str, object] = {}
        for field in msgspec.structs.fields(kind):
            wanted = text_values.shape(field.type)
            name = prefix + field.name
            value = self.field(field, wanted, name)
            if value is not msgspec.UNSET:
                found[field.name] = value
        if len(self.errors) > before:
            return None
        return self.build(kind, found, prefix)

    def field(self, field: msgspec.structs.FieldInfo, wanted: text_values.Shape, name: str) -> object:
        if text_values.is_struct(wanted.bare):
            parts = [given for key, given in self.texts.items() if key.startswith(f"{name}-")]
            begun = text_values.any_text(text for given in parts for text in given)
            return self.struct(wanted.bare, f"{name}-") if begun or field.required else msgspec.UNSET
        if text_values.is_many(wanted.bare):
            inner = text_values.shape(text_values.member(wanted.bare))
            items = self.rows(inner.bare, name) if text_values.is_struct(inner.bare) else self.several(inner, name)
            if not items and not field.required:
                return msgspec.UNSET
            return self.held(field, name, items) if items is not None else None
        given = self.texts.get(name, [""])[0]
        if not given.strip():
            return self.empty(field, wanted, name)
        try:
            value = text_values.parse(field.name, wanted, given)
        except DomainError as problem:
            self.errors[name] = sentence(problem)
            return None
        return self.held(field, name, value)

    def empty(self, field: msgspec.structs.FieldInfo, wanted: text_values.Shape, name: str) -> object:
        if not field.required:
            return msgspec.UNSET
        if wanted.optional:
            return None
        text = PICK if text_values.is_chosen(wanted.bare) else FILL_IN
        self.errors[name] = say(text, label=self.form.kind.label(name))
        return None

    def rows(self, kind: type[Struct], name: str) -> list[Struct] | None:
        for index in indexes(self.texts, name):
            if self.is_blank(kind, f"{name}-{index}-"):
                for key in [one for one in self.texts if one.startswith(f"{name}-{index}-")]:
                    del self.texts[key]
        count = close_up(self.texts, name)
        if count > ROWS_MAX:
            self.errors[name] = say(TOO_MANY_ROWS, limit=ROWS_MAX)
            return None
        rows = [self.struct(kind, f"{name}-{index}-") for index in range(count)]
        return None if None in rows else [row for row in rows if row is not None]

    def is_blank(self, kind: type[Struct], prefix: str) -> bool:
        """Whether nothing was typed into a row; what is merely preselected does not count, unless there is no more."""
        shapes = {field.name: text_values.shape(field.type).bare for field in msgspec.structs.fields(kind)}
        picked = {prefix + name for name, bare in shapes.items() if text_values.is_chosen(bare)}
        mine = {key: given for key, given in self.texts.items() if key.startswith(prefix) and key != prefix}
        typed = [key for key in mine if key not in picked] or list(mine)
        return not text_values.any_text(text for key in typed for text in mine[key])

    def several(self, inner: text_values.Shape, name: str) -> list[object] | None:
        try:
            return [text_values.parse(name, inner, given) for given in self.texts.get(name, []) if given.strip()]
        except DomainError as problem:
            self.errors[name] = sentence(problem)
            return None

    def held(self, field: msgspec.structs.FieldInfo, name: str, value: object) -> object:
        """``value`` held against the limits of its type."""
        if value == [] and field.required and name not in self.errors:
            missing = say(FILL_IN, label=self.form.kind.label(name))
        else:
            missing = ""
        try:
            return msgspec.convert(value, field.type)
        except msgspec.ValidationError as error:
            where, problem = place(str(error))
            spot = f"{name}-{where.replace('.', '-')}" if where else name
            money = field.name.endswith("_fen")
            self.errors[spot] = missing or explain(problem, _as_yuan if money else str)
            return None

    def build(self, kind: type[Struct], found: dict[str, object], prefix: str) -> Struct | None:
        """The struct itself, with what it says of its fields together."""
        try:
            return kind(**found)
        except DomainError as problem:
            for field, _, text in sentences(problem):
                self.errors[prefix + field.replace(".", "-") if field else prefix.rstrip("-")] = text
        except (ValueError, TypeError) as problem:
            self.errors[prefix.rstrip("-")] = gettext(str(problem))
        return None
