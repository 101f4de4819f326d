"""Papers say exactly what the data say, the same bytes each time, and never lose a character."""

from datetime import date

import pytest

from marketplace.papers.pdf import TEMPLATES, TemplateWarned, UnprintableText, formal, render
from marketplace.papers.schemas import Column, FormalPaper, Section, Table

DAY = date(2026, 3, 16)
PAPER = FormalPaper(
    title="采购文件",
    subtitle="限额以下比选",
    number="QT-2026-0001",
    issuer="广安区总工会",
    sections=(
        Section(heading="一、项目概况", paragraphs=("为留守儿童提供寒暑假托管：#不是标记 *也不是强调* $x$ @人。",)),
        Section(
            heading="二、付款里程碑",
            table=Table(
                columns=(Column(title="里程碑", wide=True), Column(title="金额（元）", align="right")),
                rows=(("首付款", "57,600.00"), ("末期验收", "86,400.00")),
            ),
        ),
    ),
    closing=("广安区总工会", "2026年3月16日"),
)


def test_the_same_input_gives_the_same_bytes() -> None:
    first = formal(PAPER, on=DAY)
    assert first.startswith(b"%PDF-")
    assert formal(PAPER, on=DAY) == first


def test_a_character_that_no_font_has_is_named_and_not_left_out() -> None:
    with pytest.raises(UnprintableText, match="\U000f0000"):
        render("document", {"title": "甲\U000f0000乙"}, on=DAY)


def test_a_template_that_warns_is_not_given_out(tmp_path: object) -> None:
    bad = TEMPLATES / "zz-warns.typ"
    bad.write_text('#set text(font: "No Such Font")\n甲', "utf-8")
    try:
        with pytest.raises(TemplateWarned, match="font"):
            render("zz-warns", {}, on=DAY)
    finally:
        bad.unlink()
