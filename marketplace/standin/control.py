"""Directs running stand-ins: for the demo, its stories, and tests; speaks HTTP with the standard library alone."""

import http.client
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from marketplace.standin.identity import HOST, Identity
from marketplace.standin.script import Next, Outcome

Json = dict[str, Any]
TIMEOUT_S = 10
_OK, _REDIRECT = 200, 300


class Unwilling(RuntimeError):
    """The stand-ins did not do what they were told; the text says why."""


class Control:
    """The director's end of running stand-ins. A ``now`` left out is the stand-ins' own time."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity

    @property
    def gateway_url(self) -> str:
        """What ``MARKETPLACE_GATEWAY_URL`` must be."""
        return f"{self.identity.site}/gateway"

    @property
    def bank_url(self) -> str:
        """What ``MARKETPLACE_BANK_URL`` must be."""
        return f"{self.identity.site}/bank"

    def is_up(self) -> bool:
        """Whether these very stand-ins answer."""
        try:
            self._ask("GET", "/script/postings")
        except (OSError, Unwilling, http.client.HTTPException):
            return False
        return True

    def reset(self) -> None:
        """Forget everything."""
        self._ask("POST", "/script/reset")

    def next(
        self,
        call: str,
        outcome: str,
        *,
        times: int = 1,
        match: str = "",
        code: str = "scripted_refusal",
        reason: str = "演示：按脚本拒绝",
        seconds: float = 30.0,
    ) -> None:
        """Let the next ``times`` calls of a kind whose body holds ``match`` meet ``outcome``."""
        given = Next(
            call=call, outcome=Outcome(outcome), times=times, match=match, code=code, reason=reason, seconds=seconds
        )
        body = {name: getattr(given, name) for name in given.__struct_fields__}
        self._ask("POST", "/script/next", [body])

    def clock(self, now: datetime | None) -> None:
        """Stand still at an instant, or follow the machine's clock again."""
        self._ask("POST", "/script/clock", {"now": _text(now)})

    def webhook(self, url: str) -> None:
        """Announce events there, or (empty) nowhere."""
        self._ask("POST", "/script/webhook", {"url": url})

    def pay(self, checkout_id: str, *, now: datetime | None = None) -> Json:
        """Pay a hosted payment as its payer would."""
        return self._one("/script/gateway/pay", {"session": checkout_id, "now": _text(now)})

    def decline(self, checkout_id: str, *, now: datetime | None = None) -> None:
        """Refuse a payer's card: the page stays open for another, and one that is paid stays paid."""
        self._ask("POST", "/script/gateway/decline", {"session": checkout_id, "now": _text(now)})

    def top_up(self, amount_fen: int, *, now: datetime | None = None) -> Json:
        """Put money into our balance at the gateway."""
        return self._one("/script/gateway/top-up", {"amount_fen": amount_fen, "now": _text(now)})

    def book_again(self, source: str) -> None:
        """Let the gateway list what it booked for a charge or transfer a second time, though it happened once."""
        self._ask("POST", "/script/gateway/book-again", {"source": source})

    def set_receiving(self, account: str, *, may_receive: bool) -> None:
        """Let an account at the gateway receive, or stop it."""
        self._ask("POST", "/script/gateway/account", {"account": account, "may_receive": may_receive})

    def open_account(self, number: str, name: str, *, fen: int, kind: str = "bank") -> None:
        """Open an account for us at the bank; ``kind`` is ``bank`` or ``quota``. A known one keeps its balance."""
        self._ask("POST", "/script/bank/accounts", {"number": number, "name": name, "kind": kind, "fen": fen})

    def know_payee(self, number: str, name: str, *, is_open: bool = True) -> None:
        """Let the bank know whose an account is, so that it refuses other names, or that it is closed."""
        self._ask("POST", "/script/bank/payees", {"number": number, "name": name, "is_open": is_open})

    def credit(
        self, account: str, amount_fen: int, payer: str, *, purpose: str = "", now: datetime | None = None
    ) -> str:
        """Let money come in at the bank; returns the bank's reference."""
        body = {"account": account, "amount_fen": amount_fen, "payer": payer, "purpose": purpose, "now": _text(now)}
        return str(self._one("/script/bank/credits", body)["reference"])

    def give_back(self, number: str, reason: str, *, now: datetime | None = None) -> str:
        """Let a paid line come back; returns the bank's reference."""
        body = {"number": number, "reason": reason, "now": _text(now)}
        return str(self._one("/script/bank/returns", body)["reference"])

    def ledger(self) -> Json:
        """What really happened at gateway and bank, oldest first."""
        return self._one("/script/ledger")

    def postings(self) -> list[Json]:
        """What became of each announcement, oldest first."""
        found: list[Json] = self._ask("GET", "/script/postings")
        return found

    def _one(self, path: str, body: Json | None = None) -> Json:
        found: Json = self._ask("GET" if body is None else "POST", path, body)
        return found

    def _ask(self, method: str, path: str, body: Json | Sequence[Json] | None = None) -> Any:
        connection = http.client.HTTPConnection(HOST, self.identity.port, timeout=TIMEOUT_S)
        headers = {"authorization": f"Bearer {self.identity.key}", "content-type": "application/json"}
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if not _OK <= answer.status < _REDIRECT:
            raise Unwilling(f"{method} {path}: {answer.status} {text}")
        return json.loads(text)


def _text(now: datetime | None) -> str:
    return now.isoformat() if now else ""
