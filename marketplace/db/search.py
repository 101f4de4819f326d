"""Search in Chinese texts: pairs of characters find the candidates fast, the text itself decides.

A table that is to be searched takes the columns of :class:`Searchable` and an index by :func:`grams_index`; its
migration creates both by hand (see the catalogue's). Two characters are the shortest word that uses the index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pypinyin import Style, lazy_pinyin
from sqlalchemy import BigInteger, ColumnElement, Computed, Index, Select, and_, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, MappedColumn, Session, mapped_column

from marketplace.kit.text import clean_line, half_width

CANDIDATES_MAX = 500
"""How many candidates of the pairs are looked at: enough for a page, few enough for common words to stay fast."""
NEAR = 2_000
"""How many rows of a long list are compared with the words before the index of pairs is asked."""
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
    inner = select(key.label("key"), table.search_text.label("text")).where(*conditions, *_pairs(table, needles))
    candidates = inner.order_by(*order_by).limit(limit).subquery("candidates")
    return select(candidates.c.key).where(contains(candidates.c.text, needles))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A long list that is read part by part: its table and key, and the column whose order, then the key's, it has."""

    table: type[Searchable]
    key: Any
    by: Any
    rising: bool = False

    def order(self, by: Any, key: Any) -> tuple[Any, Any]:
        """The list's order in terms of two columns."""
        return (by.asc(), key.asc()) if self.rising else (by.desc(), key.desc())

    def keys(self, where: Sequence[ColumnElement[bool]], limit: int) -> Select[Any]:
        """The first keys of the list, for an index alone to answer."""
        chosen = select(self.key.label("key"), self.by.label("by")).where(*where)
        return chosen.order_by(*self.order(self.by, self.key)).limit(limit)

    def behind(self, by: Any, key: Any) -> ColumnElement[bool]:
        """The rows after one."""
        place, last = tuple_(self.by, self.key), tuple_(by, key)
        return place > last if self.rising else place < last


def plan_anew(db: Session) -> None:
    """Let every list of this transaction be planned for the very words and filters it is asked.

    A plan that is kept for a statement suits the average word; for a rare one it reads the whole table.
    """
    db.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def searched(
    db: Session, listed: Listed, needles: tuple[str, ...], where: Sequence[ColumnElement[bool]], *, limit: int
) -> tuple[list[Any], tuple[Any, Any] | None]:
    """The keys of the next ``limit`` rows in which every needle stands; (by, key) after which the next part begins.

    A common word is soon met by walking the list; only where the first ``NEAR`` rows hold too few is the index of
    pairs asked. So a wrong guess of how common a word is costs little. A part may be short, even empty, and yet more
    may follow: after ``CANDIDATES_MAX`` rows that have all pairs (``NEAR`` rows where every needle is one character)
    the reader decides whether to go on.
    """
    table, most = listed.table, limit + 1
    near = listed.keys(where, NEAR).subquery("near")
    order = listed.order(near.c.by, near.c.key)
    walk = select(near.c.by, near.c.key).join(table, listed.key == near.c.key)
    rows = db.execute(walk.where(contains(table.search_text, needles)).order_by(*order).limit(most)).all()
    if len(rows) == most:
        return [row.key for row in rows[:limit]], _place(rows[limit - 1])
    pairs = _pairs(table, needles)
    if not pairs:
        end = db.execute(select(near.c.by, near.c.key).order_by(*order).offset(NEAR - 1)).first()
        return [row.key for row in rows], _place(end) if end else None
    inner = listed.keys([*where, *pairs], CANDIDATES_MAX).add_columns(table.search_text.label("text")).subquery("pairs")
    fits = contains(inner.c.text, needles).label("fits")
    seen = db.execute(select(inner.c.by, inner.c.key, fits).order_by(*listed.order(inner.c.by, inner.c.key))).all()
    rows = [row for row in seen if row.fits]
    if len(rows) > limit:
        return [row.key for row in rows[:limit]], _place(rows[limit - 1])
    return [row.key for row in rows], _place(seen[-1]) if len(seen) == CANDIDATES_MAX else None


def counted(
    db: Session, listed: Listed, needles: tuple[str, ...], where: Sequence[ColumnElement[bool]], *, most: int
) -> int:
    """How many rows of the list there are, counted up to ``most``; with needles those in which every needle stands.

    Where every needle is one character, only the first ``NEAR`` rows are looked at.
    """
    table = listed.table
    if not needles:
        chosen = select(listed.key).where(*where)
    elif pairs := _pairs(table, needles):
        chosen = select(listed.key).where(*where, contains(table.search_text, needles), *pairs)
    else:
        near = listed.keys(where, NEAR).subquery("near")
        chosen = select(near.c.key).join(table, listed.key == near.c.key)
        chosen = chosen.where(contains(table.search_text, needles))
    return db.scalar(select(func.count()).select_from(chosen.limit(most).subquery())) or 0


def _pairs(table: type[Searchable], needles: tuple[str, ...]) -> list[ColumnElement[bool]]:
    """What the index can say of the needles: nothing when all are single characters."""
    if all(len(needle) == 1 for needle in needles):
        return []
    return [table.search_grams.contains(func.bigrams(" ".join(needles), type_=ARRAY(BigInteger)))]


def _place(row: Any) -> tuple[Any, Any]:
    return row.by, row.key
