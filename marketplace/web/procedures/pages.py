"""The public pages of purchasing law: the rules, one rule, the calendar, the ruler of legal time."""

from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Response, Template
from msgspec import Struct

from marketplace.db.base import Database
from marketplace.identity.rules import Right, may
from marketplace.kit.clock import Clock, legal_day
from marketplace.kit.errors import NotFound
from marketplace.kit.i18n import N_
from marketplace.kit.text import clean_line, half_width
from marketplace.procedures import queries
from marketplace.procedures.rules import METHODS, Rule
from marketplace.procedures.states import STANDING_NAMES, TOPIC_NAMES, DayKind, MethodCode, Standing, Topic
from marketplace.web.forms import Form, Typed
from marketplace.web.i18n import say, sentence
from marketplace.web.pages import page
from marketplace.web.procedures import ics, words
from marketplace.web.procedures.figure import NARROW, WIDE, ruler
from marketplace.web.procedures.views import ASK, DEFAULT_FEN, Ask, RulerView, lay, months

TONES = {
    Standing.USUAL: "green",
    Standing.ALLOWED: "blue",
    Standing.NEEDS_APPROVAL: "yellow",
    Standing.UNLAWFUL: "red",
}
EARLY, LATE = N_("从发布公告到签订合同的各项时限"), N_("从签订合同到付清款项的各项时限")
TRUST = ("confirmed", "unconfirmed", "practice")


class Group(Struct, frozen=True):
    """The rules under one heading."""

    topic: Topic
    rules: tuple[Rule, ...]


def _trust(rule: Rule) -> str:
    if rule.practice:
        return "practice"
    return "confirmed" if rule.confirmed else "unconfirmed"


def _newest(rows: tuple[Rule, ...]) -> list[Rule]:
    """Of each rule, place and first day the row of the last edition."""
    newest = {(row.rule_id, row.region, row.unit_id, row.valid_from): row for row in rows}
    return list(newest.values())


def _fits(rule: Rule, query: str, trust: str) -> bool:
    text = half_width(f"{rule.name} {rule.name_en} {rule.rule_id} {rule.basis} {rule.note}").lower()
    return (trust in ("", _trust(rule))) and all(word in text for word in query.lower().split())


class RulePages(Controller):
    """What the law asks of a purchase."""

    path = "/rules"

    @get("/", sync_to_thread=True)
    def rules(
        self,
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        wanted: Annotated[str, QueryParameter(name="q", max_length=100)] = "",
        topic: Annotated[str, QueryParameter(max_length=20)] = "",
        trust: Annotated[str, QueryParameter(max_length=20)] = "",
    ) -> Template:
        """All rules under their headings, each with its basis, its dates and how far it may be trusted."""
        with database.read() as db:
            rows = _newest(queries.all_rules(db))
            editions = queries.editions(db)
        asked = clean_line(half_width(wanted))
        shown = [row for row in rows if _fits(row, asked, trust) and topic in ("", row.topic.value)]
        groups = [Group(one, tuple(row for row in shown if row.topic is one)) for one in Topic]
        return page(
            "procedures/rules.html",
            groups=[group for group in groups if group.rules],
            counts={kind: sum(_trust(row) == kind for row in rows) for kind in TRUST},
            total=len(rows),
            shown=len(shown),
            asked={"q": asked, "topic": topic, "trust": trust},
            topics=TOPIC_NAMES,
            edition=editions[0] if editions else None,
            methods=METHODS,
            words=words,
            today=legal_day(clock.now()),
        )

    @get("/calendar", sync_to_thread=True)
    def calendar(
        self,
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        year: Annotated[int | None, QueryParameter(ge=2000, le=2100)] = None,
    ) -> Template:
        """One year with its days off and its make-up days."""
        today = legal_day(clock.now())
        chosen = year or today.year
        with database.read() as db:
            known = queries.calendar_years(db)
            calendar = queries.calendar(db)
            notice = queries.calendar_year(db, chosen) if chosen in known else None
        return page(
            "procedures/calendar.html",
            year=chosen,
            years=sorted({*known, today.year, today.year + 1, chosen}),
            entered=notice,
            named={day.day: day for day in notice.days} if notice else {},
            months=months(chosen),
            calendar=calendar,
            working=calendar.working_days(date(chosen, 1, 1), date(chosen, 12, 31)),
            today=today,
            words=words,
            makeup=DayKind.MAKEUP,
        )

    @get("/ruler", sync_to_thread=True)
    def ruler(
        self, request: Request[Any, Any, Any], database: NamedDependency[Database], clock: NamedDependency[Clock]
    ) -> Template:
        """The ruler: a method and a day become a timeline to the archive, with the basis behind each bar."""
        texts: dict[str, list[str]] = {}
        for name, text in request.query_params.multi_items():
            texts.setdefault(name, []).append(str(text))
        view: RulerView | None = None
        with database.read() as db:
            calendar = queries.calendar(db)
            form = ASK.read(Typed(texts)) if texts else _begun(calendar.on_or_after(legal_day(clock.now())))
            if form.data is not None:
                view = lay(db, form.data)
        drawn = {}
        if view is not None:
            early, late = say(EARLY), say(LATE)
            drawn = {
                "early": [ruler(view.early, calendar, early, sheet, view.handles) for sheet in (WIDE, NARROW)],
                "late": [ruler(view.late, calendar, late, sheet) for sheet in (WIDE, NARROW)],
            }
        return page(
            "procedures/ruler.html",
            form=form,
            view=view,
            drawn=drawn,
            methods=[(code.value, say(method.name)) for code, method in METHODS.items()],
            standing_names=STANDING_NAMES,
            tones=TONES,
            words=words,
            sentence=sentence,
            subscribe=urlencode(form.texts, doseq=True) if view is not None else "",
        )

    @get("/ruler.ics", sync_to_thread=True)
    def subscription(
        self, request: Request[Any, Any, Any], database: NamedDependency[Database], clock: NamedDependency[Clock]
    ) -> Response[str]:
        """The same days as a calendar to subscribe to: what is asked stands in the address, so it follows the rules.

        Raises:
            NotFound: the address asks nothing that can be laid out.
        """
        texts = {name: [str(text)] for name, text in request.query_params.multi_items()}
        form = ASK.read(Typed(texts))
        if form.data is None:
            raise NotFound
        with database.read() as db:
            view = lay(db, form.data)
        return Response(subscribed(view, now=clock.now()), media_type=ics.TYPE)

    @get("/{rule_id:str}", sync_to_thread=True)
    def rule(
        self,
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        rule_id: FromPath[str],
    ) -> Template:
        """One rule and all that was ever entered of it."""
        with database.read() as db:
            rows = queries.rule_history(db, rule_id)
        return page(
            "procedures/rule.html",
            rule=rows[0],
            rows=rows,
            topics=TOPIC_NAMES,
            methods=METHODS,
            words=words,
            today=legal_day(clock.now()),
            may_add=request.user.actor is not None and may(request.user.actor, Right.EDIT_RULES, {}),
        )


def subscribed(view: RulerView, *, now: datetime) -> str:
    """The last days of all periods up to the archive, each with its length and basis; estimates say so."""
    entries = [
        ics.Entry(
            key=f"{view.ask.method}/{view.ask.start}/{view.ask.amount_fen}/{bar.rule_id}",
            day=bar.start if bar.lead else bar.end,
            title=(say(N_("估算：{name}"), name=words.named(bar)) if bar.estimated else words.named(bar)),
            text=f"{words.length(bar)}\n{bar.basis}",
        )
        for bar in (*view.early, *view.late)
    ]
    name = say(N_("{method} {day} 法定时限"), method=say(view.method_name), day=view.ask.start.isoformat())
    return ics.calendar(name, entries, now=now)


def _begun(start: date) -> Form[Ask]:
    """The form as it stands before anybody filled it: the everyday purchase, published today."""
    first = Ask(method=MethodCode.BELOW_THRESHOLD_COMPARISON, amount_fen=DEFAULT_FEN, start=start)
    form = ASK.of(first)
    form.data = first
    return form
