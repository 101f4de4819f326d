"""The small parts of pages: how facts are written, where a list goes on, what figures say, what no template may do."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup

from marketplace.web import i18n, nav, show
from marketplace.web.access import Unauthenticated, VisitorUnknown, provide_actor
from marketplace.web.engine import environment
from marketplace.web.errors import STATUS
from marketplace.web.figures.bar import fund_bar, part_of
from marketplace.web.figures.sankey import Link, Node, sankey
from marketplace.web.paging import BadCursor, cursor, keys, paging, total_words

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
NODES = [
    Node("a", "区级财政", "fiscal"),
    Node("f", "专项<资金>", "fund"),
    Node("p", "一个名字特别特别长的服务项目", "proj"),
]


def test_money_has_two_decimals_and_never_breaks() -> None:
    assert show.money(39700000) == '<span class="money">397,000.00</span>'
    assert "元" in show.money(1, unit=True)
    assert show.money(None) == '<span class="nowrap">—</span>'
    assert "203.65<small>万元" in show.money_short(203650000)
    assert "0.50<small>万元" in show.money_short(500_000, 203650000)
    assert "5,000<small>元" in show.money_short(500_000, 600_000)
    assert "397,000<small>元" in show.money_short(39700000)
    assert "12.34<small>元" in show.money_short(1234)
    assert 'title="2,036,500.00 元"' in show.money_short(203650000)
    with i18n.speaking("en"):
        assert "yuan" in show.money(1, unit=True)


def test_days_and_instants_are_those_of_china() -> None:
    assert show.day(date(2026, 3, 5)) == '<time class="nowrap" datetime="2026-03-05">2026-03-05</time>'
    assert ">2026-03-02 09:00<" in show.instant(NOW)
    assert ">2026-03-03<" in show.day_of(datetime(2026, 3, 2, 16, 0, tzinfo=UTC))
    assert show.day(None) == show.instant(None)


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (timedelta(days=3, hours=5), "还有 3 天"),
        (timedelta(hours=23, minutes=59), "还有 23 小时 59 分"),
        (timedelta(0), "已截止"),
        (timedelta(seconds=-1), "已截止"),
    ],
)
def test_the_time_left_is_said_in_days_and_on_the_last_day_in_minutes(gap: timedelta, words: str) -> None:
    assert show.left_words(gap) == words
    assert f">{words}<" in show.left(NOW + gap, NOW)


def test_a_tag_has_a_word_and_a_known_colour() -> None:
    assert show.tag("<已支付>", "green") == '<strong class="govuk-tag govuk-tag--green">&lt;已支付&gt;</strong>'
    with pytest.raises(ValueError, match="no tone pink"):
        show.tag("x", "pink")
    assert [show.size(count) for count in (3, 2048, 1258291)] == ["3 B", "2 KB", "1.2 MB"]


def test_a_fund_bar_says_in_words_what_it_draws() -> None:
    bar = fund_bar([("paid", "已支付", 15880000), ("due", "验收中", 11910000), ("bound", "<未到期>", 11910000)])
    assert 'aria-label="资金使用：已支付 158,800.00 元（40.00%）、验收中 119,100.00 元（30.00%）、&lt;未到期&gt;' in bar
    assert "style=" not in bar
    assert 'width="40.000%"' in bar
    assert part_of(0, 0) == 0
    assert "0.00" in fund_bar([("paid", "已支付", 0)])
    with pytest.raises(ValueError, match="not negative"):
        fund_bar([("paid", "已支付", -1)])


def test_a_flow_is_drawn_wide_and_narrow_with_every_sum_in_its_titles() -> None:
    drawn = sankey(
        NODES,
        [Link("a", "f", 120000000), Link("f", "p", 39700000)],
        heads=("来源", "资金", "项目"),
        title="流向",
        description="明细见表",
    )
    assert drawn.count("<svg") == 2
    assert "区级财政 → 专项&lt;资金&gt;：1,200,000.00 元" in drawn
    assert "<资金>" not in drawn
    assert "…" in drawn
    assert "style=" not in drawn
    assert drawn == sankey(
        NODES,
        [Link("a", "f", 120000000), Link("f", "p", 39700000)],
        heads=("来源", "资金", "项目"),
        title="流向",
        description="明细见表",
    )
    assert isinstance(sankey([], [], heads=(), title="t", description="d"), Markup)


def test_a_flow_in_a_circle_or_to_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="cycle"):
        sankey(NODES, [Link("a", "f", 1), Link("f", "a", 1)], heads=(), title="t", description="d")
    with pytest.raises(ValueError, match="no node"):
        sankey(NODES, [Link("a", "x", 1)], heads=(), title="t", description="d")


@given(st.lists(st.text() | st.integers(min_value=-(2**60), max_value=2**60), min_size=1, max_size=4))
def test_a_cursor_carries_any_place(place: list[str | int]) -> None:
    clean = [one.encode("utf-8", "replace").decode() if isinstance(one, str) else one for one in place]
    assert keys(cursor(clean), len(clean)) == clean


@pytest.mark.parametrize("given_text", ["", "x", "W10", "eyJhIjoxfQ", "中", "WzEsMl0"])
def test_a_cursor_of_others_is_refused(given_text: str) -> None:
    with pytest.raises(BadCursor):
        keys(given_text, 1)


def test_a_pager_keeps_the_filters_and_counts_no_further_than_a_thousand() -> None:
    pager = paging("/projects", {"q": "养老", "kind": ""}, ["2026-03-02", 7], after="x", total=1500)
    assert pager.previous == "/projects?q=%E5%85%BB%E8%80%81"
    assert pager.next.startswith("/projects?q=%E5%85%BB%E8%80%81&after=")
    assert pager.total == "1000+"
    assert paging("/projects", {}, None).next == ""
    assert total_words(1000) == "1000"


def test_the_entry_of_a_page_is_the_longest_that_fits() -> None:
    site = nav.site({"/", "/projects", "/centre", "/centre/projects"})
    assert [item.url for item in site.house("/centre/projects/7").items] == ["/centre", "/centre/projects"]
    here = site.current("/centre/projects/7")
    assert here is not None
    assert here.url == "/centre/projects"
    assert site.current("/nowhere") is None
    paid = nav.site({"/", "/finance", "/finance/payments"}).current("/finance/contracts/7")
    assert paid is not None
    assert paid.url == "/finance/payments"
    assert site.house("/centres").desk.url == "/"


def test_a_template_may_not_ask_for_what_is_not_there_and_escapes_everything() -> None:
    made = environment()
    with pytest.raises(UndefinedError):
        made.from_string("{{ nothing }}").render()
    with pytest.raises(UndefinedError):
        made.from_string("{{ thing.nothing }}").render(thing=NODES[0])
    assert made.from_string("{{ text }}").render(text="<b>") == "&lt;b&gt;"
    assert "&lt;b&gt;" in made.from_string('{{ govukTag({"text": text}) }}').render(text="<b>")


def test_an_actor_is_asked_for_by_its_own_refusals() -> None:
    assert STATUS[Unauthenticated.kind] == 401
    assert STATUS[VisitorUnknown.kind] == 503
    assert callable(provide_actor)
