"""The plain shapes that papers are made from."""

from typing import Literal

from msgspec import Struct


class Column(Struct, frozen=True, kw_only=True):
    """A column of a table; a ``wide`` one takes the room that is left."""

    title: str
    align: Literal["left", "right", "center"] = "left"
    wide: bool = False


class Table(Struct, frozen=True, kw_only=True):
    """A table: every row has one text a column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


class Section(Struct, frozen=True, kw_only=True):
    """A numbered part of a paper."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    table: Table | None = None


class FormalPaper(Struct, frozen=True, kw_only=True):
    """A paper of sections; ``closing`` are the lines of the issuer and date at its end."""

    title: str
    subtitle: str
    number: str
    issuer: str
    sections: tuple[Section, ...]
    closing: tuple[str, ...] = ()
