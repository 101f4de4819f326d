"""What the pages work with, handed in by the composition root."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from msgspec import Struct
from sqlalchemy.orm import Session

from marketplace.db.base import Database
from marketplace.documents.storage import Storage
from marketplace.kit.clock import Clock
from marketplace.payments.gateway import Gateway
from marketplace.settings import Settings
from marketplace.web.access import LoadVisitor, nobody
from marketplace.web.front import HomeView

Probe = Callable[[], bool]


class Seeding(Struct, frozen=True):
    """How far the demo's data are loaded; ``at`` says in Chinese (a message id) what is being written."""

    done: int
    total: int
    at: str = ""


def no_home(_: Session) -> HomeView:
    """The figures of an empty market."""
    return HomeView()


def not_seeding() -> Seeding | None:
    """Nothing is being loaded."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The parts of one web process. ``probes`` are asked by ``/readyz``, besides the database itself.

    ``gateway`` is None where no payment gateway is configured.
    """

    database: Database
    storage: Storage
    clock: Clock
    settings: Settings
    load_visitor: LoadVisitor = nobody
    home: Callable[[Session], HomeView] = no_home
    seeding: Callable[[], Seeding | None] = not_seeding
    probes: Mapping[str, Probe] = field(default_factory=dict)
    gateway: Gateway | None = None
