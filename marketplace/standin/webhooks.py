"""Announces events to the marketplace: signed, at least once, and as badly as the script wants."""

import hashlib
import hmac
import http.client
import json
import sqlite3
import threading
from datetime import datetime
from urllib.parse import urlsplit

from marketplace.standin.gateway.desk import WEBHOOK_URL
from marketplace.standin.store import Store, setting
from marketplace.standin.times import own_now, real_seconds

LOOK_S = 0.05
ANSWER_S = 5.0
AGAIN_S = (1.0, 5.0, 30.0, 120.0, 600.0)
"""After a post that was not answered with 2xx it is tried again so much later, and then given up."""
_OK, _REDIRECT = 200, 300


def signature(secret: str, body: bytes, at: datetime) -> str:
    """The ``Stripe-Signature`` header of a body."""
    stamp = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


class Postman(threading.Thread):
    """Delivers what waits, one after another, until it is stopped."""

    def __init__(self, store: Store, secret: str) -> None:
        super().__init__(name="postman", daemon=True)
        self._store, self._secret = store, secret
        self._stopping = threading.Event()

    def run(self) -> None:
        """Look for what is due again and again."""
        while not self._stopping.is_set():
            if not self.deliver_next():
                self._stopping.wait(LOOK_S)

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._stopping.set()
        self.join(ANSWER_S + 1)

    def deliver_next(self) -> bool:
        """Deliver what is due first; False when nothing is."""
        with self._store.read() as db:
            url = setting(db, WEBHOOK_URL)
            row = db.execute(
                "SELECT posting.n, posting.tries, thing.data FROM posting JOIN thing ON thing.id = posting.event_id"
                " WHERE state = 'waiting' AND due <= ? ORDER BY due, posting.n LIMIT 1",
                (real_seconds(),),
            ).fetchone()
            at = own_now(db)
        if row is None or not url:
            return False
        body = json.dumps(json.loads(row["data"]), ensure_ascii=False).encode()
        is_taken = post(url, body, signature(self._secret, body, at))
        with self._store.write() as db:
            _note(db, row, is_taken=is_taken)
        return True


def _note(db: sqlite3.Connection, row: sqlite3.Row, *, is_taken: bool) -> None:
    """Write down how a post went; what was held back until another went out goes out after it."""
    n, tries = row["n"], row["tries"] + 1
    if is_taken:
        db.execute("UPDATE posting SET state = 'sent', tries = ? WHERE n = ?", (tries, n))
        db.execute("UPDATE posting SET state = 'waiting', due = ? WHERE state = 'held' AND n < ?", (real_seconds(), n))
    elif tries > len(AGAIN_S):
        db.execute("UPDATE posting SET state = 'given_up', tries = ? WHERE n = ?", (tries, n))
    else:
        due = real_seconds() + AGAIN_S[tries - 1]
        db.execute("UPDATE posting SET due = ?, tries = ? WHERE n = ?", (due, tries, n))


def post(url: str, body: bytes, signed: str) -> bool:
    """Post a body; whether it was answered with 2xx."""
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = make(parts.hostname or "", parts.port, timeout=ANSWER_S)
    headers = {"content-type": "application/json; charset=utf-8", "stripe-signature": signed}
    try:
        connection.request("POST", parts.path or "/", body, headers)
        return _OK <= connection.getresponse().status < _REDIRECT
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
