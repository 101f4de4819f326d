"""Small shapes that only the catalogue's JSON knows."""

from uuid import UUID

from msgspec import Struct

from marketplace.kit.fields import Reason


class Made(Struct, frozen=True):
    """The id of what was made."""

    id: UUID


class Why(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reason for an act."""

    reason: Reason


class Apply(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The revision of the draft that the report was about."""

    revision: int


class Move(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which way an entry moves among its likes."""

    up: bool
