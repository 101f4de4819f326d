"""How far the seeding has come, kept in a small file of the data folder so that the pages can show it."""

from pathlib import Path

import msgspec
from msgspec import Struct

FILE = "seed.json"


class Progress(Struct, frozen=True, kw_only=True):
    """One state of the seeding: ``done`` of ``total`` steps, the present one in words; ``is_over`` at the end."""

    step: str
    done: int
    total: int
    is_over: bool


def write(home: Path, progress: Progress) -> None:
    """Replace the file in one move, so that a reader never sees half of it."""
    draft = home / f"{FILE}.draft"
    draft.write_bytes(msgspec.json.encode(progress))
    draft.replace(home / FILE)


def read(home: Path) -> Progress | None:
    """The last state written, or None where nothing was ever seeded or the file cannot be read."""
    try:
        return msgspec.json.decode((home / FILE).read_bytes(), type=Progress)
    except (OSError, msgspec.DecodeError):
        return None
