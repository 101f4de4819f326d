"""Search in Chinese texts: pairs of characters find the candidates fast, the text itself decides.

A table that is to be searched takes the columns of :class:`Searchable` and an index by :func:`grams_index`; its
migration creates both by hand (see the catalogue's). Two characters are the shortest word that uses the index.
"""

from typing import Any

from pypinyin import Style, lazy_pinyin
from sqlalchemy import BigInteger, ColumnElement, Computed, Index, Select, and_, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from marketplace.kit.text import clean_line, half_width

CANDIDATES_MAX = 500
"""How many candidates of the pairs are looked at: enough for a page, few enough for common words to stay fast."""
WORDS_MAX = 6
_ESCAPE = "\\"


class Searchable:
    """Columns of a table that is searched: what it is found by, and the pairs of characters in it."""

    search_text: Mapped[str]
    search_grams: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), Computed("bigrams(search_text)", persisted=True), deferred=True
    )


def grams_index(table: str) -> Index:
    """The index that makes the pairs of ``table`` fast to find."""
    return Index(f"ix_{table}_search_grams", "search_grams", postgresql_using="gin")


def fold(text: str) -> str:
    """A text as it is compared in searches: half-width, lower case, single spaces."""
    return clean_line(half_width(text)).lower()


def pinyin_key(text: str) -> str:
    """Syllables without tones, for sorting names as a dictionary does: ``er tong fu li fu wu``."""
    return " ".join(lazy_pinyin(fold(text)))


def search_text(*names: str, codes: tuple[str, ...] = ()) -> str:
    """What a thing is found by: its names and codes, and of each name the pinyin in full and in initials."""
    parts = [fold(part) for part in (*names, *codes) if part]
    for name in filter(None, names):
        syllables = lazy_pinyin(fold(name))
        initials = lazy_pinyin(fold(name), style=Style.FIRST_LETTER)
        parts += ["".join(syllables).replace(" ", ""), "".join(initials).replace(" ", "")]
    return " ".join(dict.fromkeys(parts))


def words(query: str) -> tuple[str, ...]:
    """The words of a query, folded, without repetition, at most ``WORDS_MAX``."""
    return tuple(dict.fromkeys(fold(query).split()))[:WORDS_MAX]


def contains(column: Any, needles: tuple[str, ...]) -> ColumnElement[bool]:
    """Every needle stands in the text, wherever; wildcards in it are ordinary characters."""
    return and_(*(column.contains(needle, autoescape=True) for needle in needles))


def found(
    table: type[Searchable],
    key: MappedColumn[Any] | Any,
    query: str,
    *conditions: ColumnElement[bool],
    order_by: tuple[Any, ...] = (),
    limit: int = CANDIDATES_MAX,
) -> Select[Any]:
    """The keys of rows in which every word of ``query`` stands, among the first ``limit`` candidates by ``order_by``.

    Use it as ``.where(Table.id.in_(found(Table, Table.id, "儿童 托管", Table.version_id == x)))``. The pairs choose
    the candidates in an inner query and the text is compared outside it: inside, the planner would scan the table.
    ``order_by`` is the order of the page; with an index that gives it a word in a third of all rows stays fast.
    """
    needles = words(query)
    grams = func.bigrams(" ".join(needles), type_=ARRAY(BigInteger))
    inner = select(key.label("key"), table.search_text.label("text")).where(*conditions)
    if any(len(needle) > 1 for needle in needles):
        inner = inner.where(table.search_grams.contains(grams))
    candidates = inner.order_by(*order_by).limit(limit).subquery("candidates")
    return select(candidates.c.key).where(contains(candidates.c.text, needles))
