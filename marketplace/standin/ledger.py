"""The stand-ins' own lists: what they really did, by which everybody else is judged."""

import json
import sqlite3
from typing import Any

from marketplace.standin.bank.acts import reference_of
from marketplace.standin.gateway.desk import OURS, purse

Json = dict[str, Any]


def _things(db: sqlite3.Connection, kind: str) -> list[Json]:
    return [json.loads(row["data"]) for row in db.execute("SELECT data FROM thing WHERE kind = ? ORDER BY n", (kind,))]


def ledger(db: sqlite3.Connection) -> Json:
    """Everything that changed money at the gateway and at the bank, oldest first."""
    accounts = {account["id"]: account["business_profile"]["name"] or "" for account in _things(db, "account")}
    return {
        "gateway": {
            "available_fen": purse(db, OURS),
            "accounts": [
                {"id": account_id, "name": name, "fen": purse(db, account_id)} for account_id, name in accounts.items()
            ],
            "charges": [
                {
                    "id": one["id"], "payment": one["payment_intent"], "amount_fen": one["amount"],
                    "refunded_fen": one["amount_refunded"], "created": one["created"], "metadata": one["metadata"],
                }
                for one in _things(db, "charge")
            ],
            "transfers": [
                {
                    "id": one["id"], "amount_fen": one["amount"], "returned_fen": one["amount_reversed"],
                    "account": one["destination"], "name": accounts.get(one["destination"], ""),
                    "group": one["transfer_group"] or "", "created": one["created"], "metadata": one["metadata"],
                }
                for one in _things(db, "transfer")
            ],
            "refunds": [
                {"id": one["id"], "amount_fen": one["amount"], "payment": one["payment_intent"]}
                for one in _things(db, "refund")
            ],
        },
        "bank": {
            "accounts": [dict(row) for row in db.execute("SELECT * FROM bank_account ORDER BY number")],
            "files": [dict(row) for row in db.execute("SELECT * FROM bank_file ORDER BY rowid")],
            "lines": [dict(row) for row in db.execute("SELECT * FROM bank_line ORDER BY n")],
            "entries": [
                {**dict(row), "reference": reference_of(row["n"])}
                for row in db.execute("SELECT * FROM bank_entry ORDER BY n")
            ],
        },
    }  # fmt: skip


def postings(db: sqlite3.Connection) -> list[Json]:
    """What became of each announcement of an event, oldest first."""
    rows = db.execute(
        "SELECT posting.*, thing.topic AS kind FROM posting JOIN thing ON thing.id = event_id ORDER BY posting.n"
    )
    return [dict(row) for row in rows]
