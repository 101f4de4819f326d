"""Rows, the two doors to the database, and the only locks and commits of the house."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Engine,
    Enum,
    MetaData,
    Text,
    Uuid,
    create_engine,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from marketplace.kit.steps import Reached, pass_by

RETRYABLE = frozenset({"40001", "40P01"})
"""SQLSTATEs of a serialization failure and of a deadlock: the story may simply be told again."""
ATTEMPTS_MAX = 5

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(DeclarativeBase):
    """The base of every table: a UUID key, amounts as BIGINT, instants with their zone."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        int: BigInteger,
        str: Text,
        date: Date,
        datetime: DateTime(timezone=True),
        UUID: Uuid,
        bytes: BYTEA,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


class Keyed(Row):
    """A row with a random UUID key, made in Python so that it is known before the row is written."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


def state_enum(words: type[StrEnum], name: str = "") -> Enum:
    """A text column with a CHECK over the words of an enum (not a native type: adding a word is one migration line)."""
    return Enum(
        words,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=name or words.__name__.lower(),
        values_callable=lambda kind: [word.value for word in kind],
    )


R = TypeVar("R", bound=Row)
T = TypeVar("T")


def lock(db: Session, kind: type[R], row_id: UUID) -> R | None:
    """Read one row FOR UPDATE, as it is now: never the copy this session read before."""
    return db.get(kind, row_id, with_for_update=True, populate_existing=True)


def lock_shared(db: Session, kind: type[R], row_id: UUID) -> R | None:
    """Read one row FOR SHARE, as it is now: many may hold it so, none may change it meanwhile."""
    return db.get(kind, row_id, with_for_update={"read": True}, populate_existing=True)


def lock_all(db: Session, kind: type[R], row_ids: Iterable[UUID]) -> list[R]:
    """Read rows FOR UPDATE in the order of their keys, so that two stories never wait for each other."""
    key = kind.__mapper__.primary_key[0]
    query = select(kind).where(key.in_(set(row_ids))).order_by(key).with_for_update()
    return list(db.scalars(query.execution_options(populate_existing=True)))


def claim(db: Session, kind: type[R], *conditions: Any, limit: int = 1, order: Sequence[Any] = ()) -> list[R]:
    """Lock up to ``limit`` rows that meet the conditions and that nobody else holds.

    They come in the order of their keys or in ``order``: nobody waits here, so no order can make two stories deadlock.
    """
    order = order or kind.__mapper__.primary_key
    query = select(kind).where(*conditions).order_by(*order).limit(limit).with_for_update(skip_locked=True)
    return list(db.scalars(query.execution_options(populate_existing=True)))


def sqlstate(error: DBAPIError) -> str:
    """The five-character SQLSTATE of a driver error, or an empty text."""
    return str(getattr(error.orig, "sqlstate", "") or "")


class Database:
    """Hands out transactions. Nothing else in the house commits."""

    def __init__(self, engine: Engine, *, nested: bool = False, reached: Reached = pass_by) -> None:
        """``nested`` lets a test keep everything inside one outer transaction, by savepoints.

        ``reached`` is told that a transaction's work was ``db.written``, and that it was ``db.committed``.
        """
        self.engine, self._reached = engine, reached
        mode = "create_savepoint" if nested else "conditional_savepoint"
        self._sessions = sessionmaker(engine, expire_on_commit=False, join_transaction_mode=mode)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: commits on leaving the block, rolls back on any error."""
        with self._sessions.begin() as db:
            yield db
            db.flush()
            self._reached("db.written")
        self._reached("db.committed")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that PostgreSQL itself refuses to let write."""
        with self._sessions.begin() as db:
            db.execute(text("SET TRANSACTION READ ONLY"))
            yield db

    def run(self, story: Callable[[Session], T]) -> T:
        """Tell ``story`` in one transaction, again from the start if it met a deadlock or serialization failure.

        Raises:
            DBAPIError: the story failed for another reason, or ``ATTEMPTS_MAX`` times for this one.
        """
        for attempt in range(ATTEMPTS_MAX):
            try:
                with self.write() as db:
                    return story(db)
            except DBAPIError as error:
                if sqlstate(error) not in RETRYABLE or attempt == ATTEMPTS_MAX - 1:
                    raise
                time.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311 - spreads retries, keeps no secret
        raise AssertionError("unreachable: the loop returns or raises")

    def dispose(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()


def connect(url: str, *, pool_size: int = 16, reached: Reached = pass_by) -> Database:
    """A database over ``url`` (``postgresql://…``), with a pool whose connections are checked before use."""
    engine = create_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,  # an error in a log must not carry what people typed
        connect_args={"options": "-c timezone=UTC -c lock_timeout=20s"},
    )
    return Database(engine, reached=reached)


def driver_url(url: str) -> str:
    """``url`` with the one driver of this house, whichever spelling of the scheme was configured."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def plain_url(url: str) -> str:
    """``url`` as libpq and psycopg read it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
