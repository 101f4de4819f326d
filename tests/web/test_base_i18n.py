"""Every text that users read is marked, and has one English translation that is neither a guess nor a leftover."""

import re

import pytest
from babel.messages.pofile import read_po

from marketplace.kit.errors import BadValue, IllegalMove, NotFound, Several
from marketplace.web import i18n, messages
from marketplace.web.i18n import choose, read_catalogues, sentences, speaking


def test_every_text_has_an_english_translation() -> None:
    found = messages.missing()
    assert not found, "\n".join(messages.entry(text, place) for text, place in found.items())


def test_no_translation_is_left_over_or_a_guess() -> None:
    wanted = set(messages.in_python() | messages.in_templates())
    leftover, guesses = [], []
    for path in sorted((i18n.FOLDER / "en").glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale="en", abort_invalid=True)
        assert not catalogue.obsolete, path.name
        for message in catalogue:
            key = message.id if isinstance(message.id, str) else message.id[0]
            is_text = bool(messages.CHINESE.search(key))
            leftover += [f"{path.name}: {key}"] if is_text and key not in wanted else []
            guesses += [f"{path.name}: {key}"] if key and message.fuzzy else []
    assert (leftover, guesses) == ([], [])


def test_a_text_that_stands_twice_is_translated_alike() -> None:
    assert read_catalogues()


def test_a_translation_keeps_the_places_of_its_text() -> None:
    pattern = re.compile(r"%\(\w+\)s|%%?\{count\}|(?<!%)\{\w+\}")
    wrong = [
        key
        for key, message in read_catalogues().items()
        for text in ([message.string] if isinstance(message.string, str) else message.string or ())
        if sorted(pattern.findall(key)) != sorted(pattern.findall(text))
    ]
    assert wrong == []


def test_no_chinese_stands_unmarked_in_a_template() -> None:
    assert messages.unmarked() == []


@pytest.mark.parametrize(
    ("cookie", "header", "chosen"),
    [
        (None, "", "zh-CN"),
        (None, "en-GB,en;q=0.9,zh;q=0.1", "en"),
        (None, "zh-TW,en;q=0.5", "zh-CN"),
        (None, "fr-FR,de;q=0.9,en;q=0.3", "en"),
        (None, "fr", "zh-CN"),
        ("en", "zh-CN", "en"),
        ("zh-CN", "en", "zh-CN"),
        ("xx", "en", "en"),
    ],
)
def test_the_chosen_language_wins_over_the_browsers(cookie: str | None, header: str, chosen: str) -> None:
    assert choose(cookie, header) == chosen


def test_a_refusal_speaks_the_language_of_the_request_in_its_places_too() -> None:
    move = IllegalMove(state="公告", action="请款")
    assert sentences(move)[0][2].startswith("当前状态是「公告」")
    with speaking("en"):
        assert "“Notices”" in sentences(move)[0][2]
        both = sentences(Several([NotFound(), BadValue(field="title", problem="不能只填空格。")]))
    assert [(field, code) for field, code, _ in both] == [("", "not_found"), ("title", "bad_value")]
    assert all(text.isascii() for _, _, text in both)
