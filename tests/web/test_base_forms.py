"""Forms: everything typed is kept, every wrong field is told at once, and what is right becomes a frozen struct."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID, uuid4

import pytest
from msgspec import Struct

from marketplace.kit.errors import BadValue, Forbidden, Several, Stale
from marketplace.kit.fields import BasisPoints, Count, Email, Fen, Paragraphs, Phone, Title, Uscc
from marketplace.web import i18n
from marketplace.web.forms import FormKind, Typed


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Step(Struct, frozen=True, kw_only=True):
    points: int


class Line(Struct, frozen=True, kw_only=True):
    what: Title
    amount_fen: Fen
    colour: Colour = Colour.RED
    steps: tuple[Step, ...] = ()


class Contact(Struct, frozen=True, kw_only=True):
    phone: Phone
    email: Email | None = None


class Thing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: Title
    budget_fen: Fen
    share_bp: BasisPoints
    heads: Count
    on: date
    closes_at: datetime
    colour: Colour
    fund_id: UUID
    contact: Contact
    lines: tuple[Line, ...] = ()
    tags: list[str] = []
    note: Paragraphs = ""
    ratio: Decimal | None = None
    agreed: bool = False
    uscc: Uscc | None = None
    new_password: str = ""

    def __post_init__(self) -> None:
        if self.title == "两者不合":
            raise ValueError("两者不合。")
        if self.title == "预算不合":
            raise BadValue(field="budget_fen", problem="预算不合。")


KIND = FormKind(
    Thing,
    labels={
        "title": "项目名称",
        "budget_fen": "预算",
        "share_bp": "比例",
        "heads": "人数",
        "on": "日期",
        "closes_at": "截止",
        "colour": "颜色",
        "fund_id": "资金",
        "contact.phone": "电话",
        "lines": "明细",
        "lines.what": "内容",
        "lines.amount_fen": "金额",
        "lines.steps.points": "分值",
    },
)
FUND = uuid4()
GOOD = {
    "title": "  老年　助餐服务 ",
    "budget_fen": "１２，０００．５",
    "share_bp": "33.33%",
    "heads": "1,200",
    "on": "2026年3月5日",
    "closes_at": "2026-03-05T17:00",
    "colour": "blue",
    "fund_id": str(FUND),
    "contact-phone": "１３８0000 0000",
}


def typed(**more: str | list[str]) -> Typed:
    return Typed({name.replace("__", "-"): [v] if isinstance(v, str) else v for name, v in {**GOOD, **more}.items()})


def test_what_people_type_becomes_a_frozen_struct() -> None:
    form = KIND.read(typed(tags=["a", "b"], agreed="on", note="一\r\n\r\n\r\n\r\n二 ", ratio="1.5"))
    assert form.errors == {}
    assert form.data == Thing(
        title="老年 助餐服务", budget_fen=1200050, share_bp=3333, heads=1200, on=date(2026, 3, 5),
        closes_at=datetime(2026, 3, 5, 9, tzinfo=UTC), colour=Colour.BLUE, fund_id=FUND,
        contact=Contact(phone="13800000000"), tags=["a", "b"], agreed=True, note="一\n\n二", ratio=Decimal("1.5"),
    )  # fmt: skip


def test_every_wrong_field_is_told_at_once_and_everything_typed_is_kept() -> None:
    wrong = {
        "title": "",
        "budget_fen": "12.345",
        "share_bp": "101",
        "heads": "多",
        "on": "2026-02-30",
        "closes_at": "明天",
        "colour": "green",
        "fund_id": "x",
        "contact__phone": "123",
        "uscc": "1",
    }
    form = KIND.read(typed(**wrong))
    assert form.data is None
    assert form.errors == {
        "title": "请填写「项目名称」。",
        "budget_fen": "「12.345」的小数超过 2 位，不足一分的金额不能录入。请核对后重填。",
        "share_bp": "「101」不是百分比。请填写 0 到 100 之间的数字，最多两位小数，例如 40 或 33.33。",
        "heads": "请填写整数，例如 12。",
        "on": "请填写日期，例如 2026-03-05。",
        "closes_at": "请填写日期和时间，例如 2026-03-05 17:00。",
        "colour": "请从列出的选项中选择。",
        "fund_id": "请从列出的选项中选择。",
        "contact-phone": "应为手机号码，或带区号的固定电话，例如 0826-2000000。",
        "uscc": "应为 18 位统一社会信用代码，由数字和大写字母组成。",
    }
    assert [form.value(name.replace("__", "-")) for name in wrong] == list(wrong.values())
    assert [name for name, _ in form.summary()][:3] == ["title", "budget_fen", "share_bp"]


def test_messages_come_in_english_too() -> None:
    with i18n.speaking("en"):
        form = KIND.read(typed(title="", heads="x", budget_fen="0"))
    assert form.errors["heads"].isascii()
    assert "Enter" in form.errors["title"]
    assert form.errors["budget_fen"].isascii()


@pytest.mark.parametrize(
    ("field", "given", "message"),
    [
        ("title", "短", "太短了，至少要有 2 个字。"),
        ("title", "长" * 201, "太长了，最多 200 个字。"),
        ("budget_fen", "0", "不能小于 0.01 元。"),
        ("heads", "0", "不能小于 1。"),
        ("heads", "-1", "不能小于 1。"),
        ("colour", "", "请选择「colour」。"),
        ("ratio", "NaN", "请填写数字，例如 12.5。"),
        ("agreed", "maybe", "类型不对，应为 bool。"),
        ("closes_at", "2026-03-05 25:00", "请填写日期和时间，例如 2026-03-05 17:00。"),
    ],
)
def test_a_limit_is_told_in_plain_words(field: str, given: str, message: str) -> None:
    assert KIND.read(typed(**{field: given})).errors == {field: message.replace("colour", "颜色")}


def test_rows_are_closed_up_and_empty_ones_dropped_with_messages_at_their_new_place() -> None:
    form = KIND.read(
        typed(
            **{
                "lines-1-what": "", "lines-1-amount_fen": " ", "lines-1-colour": "red",
                "lines-3-what": "材料", "lines-3-amount_fen": "10", "lines-3-colour": "blue",
                "lines-3-steps-4-points": "5",
                "lines-7-what": "人员", "lines-7-amount_fen": "十元", "lines-7-steps-0-points": "x",
            }
        )
    )  # fmt: skip
    assert form.data is None
    assert set(form.errors) == {"lines-1-amount_fen", "lines-1-steps-0-points"}
    assert [row.value("what") for row in form.rows("lines")] == ["材料", "人员"]
    assert form.rows("lines")[1].error("amount_fen")
    assert form.rows("lines")[1].label("amount_fen") == "金额"
    again = KIND.read(
        typed(**{k: v[0] for k, v in form.texts.items()} | {"lines-1-amount_fen": "20", "lines-1-steps-0-points": "3"})
    )
    assert again.data is not None
    assert again.data.lines == (
        Line(what="材料", amount_fen=1000, colour=Colour.BLUE, steps=(Step(points=5),)),
        Line(what="人员", amount_fen=2000, steps=(Step(points=3),)),
    )


def test_rows_are_added_and_removed_without_judging_what_is_typed() -> None:
    start = {"title": "", "lines-0-what": "甲", "lines-1-what": "乙", "lines-2-what": "丙"}
    more = KIND.read(typed(**start, _rows="add:lines"))
    assert (more.data, more.errors, len(more.rows("lines"))) == (None, {}, 4)
    assert more.rows("lines")[3].takes_focus("what")
    assert not more.rows("lines")[2].takes_focus("what")
    less = KIND.read(typed(**start, _rows="remove:lines:1"))
    assert [row.value("what") for row in less.rows("lines")] == ["甲", "丙"]
    nested = KIND.read(typed(**start, _rows="add:lines-2-steps"))
    assert len(nested.rows("lines")[2].rows("steps")) == 2
    assert KIND.read(typed(_rows="nonsense")).errors == {}
    assert len(KIND.blank().rows("lines", at_least=3)) == 3


def test_a_known_thing_is_shown_as_it_would_be_typed() -> None:
    thing = KIND.read(typed(**{"lines-0-what": "材料", "lines-0-amount_fen": "10"}, tags=["x", "y"])).data
    assert thing is not None
    form = KIND.of(thing)
    assert form.value("budget_fen") == "12000.50"
    assert form.value("closes_at") == "2026-03-05 17:00"
    assert form.value("contact-phone") == "13800000000"
    assert form.chosen("tags") == ["x", "y"]
    assert form.rows("lines")[0].value("amount_fen") == "10.00"
    assert KIND.read(Typed(form.texts)).data == thing


def test_a_secret_is_neither_changed_nor_shown_again() -> None:
    form = KIND.read(typed(new_password="  Ｐass word "))
    assert form.data is not None
    assert form.data.new_password == "  Ｐass word "
    assert form.value("new_password") == ""


def test_what_a_struct_says_of_its_fields_together_reaches_the_page() -> None:
    assert KIND.read(typed(title="两者不合")).errors == {"": "两者不合。"}
    assert KIND.read(typed(title="预算不合")).errors == {"budget_fen": "预算不合。"}


def test_a_commands_refusal_lands_at_its_field_and_others_on_top() -> None:
    form = KIND.read(typed(**{"lines-0-what": "材料", "lines-0-amount_fen": "10"}))
    form.refused(
        Several(
            [BadValue(field="lines.0.amount_fen", problem="一。"), BadValue(field="nowhere", problem="二。"), Stale()]
        )
    )
    assert form.data is None
    assert form.rows("lines")[0].error("amount_fen") == "一。"
    assert form.errors[""].startswith("二。 这份内容刚被他人修改过")
    with pytest.raises(Forbidden):
        form.refused(Forbidden(right="发布"))
