"""What the stand-ins remember: one SQLite file that survives a kill at any moment."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS scripted (
  n INTEGER PRIMARY KEY AUTOINCREMENT, call TEXT NOT NULL, outcome TEXT NOT NULL, times INTEGER NOT NULL,
  match TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, seconds REAL NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS thing (
  n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, topic TEXT NOT NULL,
  created INTEGER NOT NULL, data TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS thing_kind ON thing (kind, n);
CREATE INDEX IF NOT EXISTS thing_topic ON thing (kind, topic, n);
CREATE TABLE IF NOT EXISTS purse (owner TEXT PRIMARY KEY, fen INTEGER NOT NULL CHECK (fen >= 0)) STRICT;
CREATE TABLE IF NOT EXISTS answered (
  key TEXT PRIMARY KEY, request TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS posting (
  n INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, due REAL NOT NULL, tries INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'held', 'sent', 'lost', 'given_up'))
) STRICT;
CREATE INDEX IF NOT EXISTS posting_due ON posting (due) WHERE state = 'waiting';

CREATE TABLE IF NOT EXISTS bank_account (
  number TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('bank', 'quota')),
  fen INTEGER NOT NULL CHECK (fen >= 0)
) STRICT;
CREATE TABLE IF NOT EXISTS bank_payee (
  number TEXT PRIMARY KEY, name TEXT NOT NULL, is_open INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS bank_file (
  number TEXT PRIMARY KEY, account TEXT NOT NULL, digest TEXT NOT NULL, lines INTEGER NOT NULL,
  total_fen INTEGER NOT NULL, taken_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS bank_line (
  n INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL, file TEXT NOT NULL, account TEXT NOT NULL,
  payee_name TEXT NOT NULL, payee_account TEXT NOT NULL, payee_bank TEXT NOT NULL, purpose TEXT NOT NULL,
  amount_fen INTEGER NOT NULL CHECK (amount_fen > 0), state TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL,
  booked_on TEXT, reference TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS bank_line_file ON bank_line (file, n);
CREATE INDEX IF NOT EXISTS bank_line_number ON bank_line (number, n);
CREATE UNIQUE INDEX IF NOT EXISTS bank_line_once ON bank_line (number) WHERE state IN ('paid', 'returned');
CREATE TABLE IF NOT EXISTS bank_entry (
  n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, day TEXT NOT NULL, amount_fen INTEGER NOT NULL,
  counter_name TEXT NOT NULL, counter_account TEXT NOT NULL, instruction TEXT NOT NULL,
  purpose TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS bank_entry_day ON bank_entry (account, day, n);
"""
TABLES = (
    "setting", "scripted", "thing", "purse", "answered", "posting",
    "bank_account", "bank_payee", "bank_file", "bank_line", "bank_entry",
)  # fmt: skip


class Store:
    """One connection, shared by the threads of the process, one at a time.

    A transaction that was committed is in the operating system's hands: killing the process does not undo it.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: kept on leaving the block, undone on any error."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """The connection, for looking."""
        with self._lock:
            yield self._db

    def forget(self) -> None:
        """Empty every table."""
        with self.write() as db:
            for table in TABLES:
                db.execute(f"DELETE FROM {table}")

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def setting(db: sqlite3.Connection, name: str, default: str = "") -> str:
    """A remembered setting."""
    row = db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return default if row is None else str(row["value"])


def set_setting(db: sqlite3.Connection, name: str, value: str) -> None:
    """Remember a setting."""
    db.execute(
        "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value)
    )
