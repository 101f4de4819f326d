"""The bank rail: instruction files out, statements in; a commercial bank and the treasury's quota alike."""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import quote

import httpx
import msgspec
from msgspec import Struct

from marketplace.payments.files import read_statement, write_instructions
from marketplace.payments.http import client_for
from marketplace.payments.schemas import InstructionStatus, KeyMismatch, OutcomeUnknown, Refused, Taken, Unreachable

__all__ = ["Bank", "read_statement", "write_instructions"]

TIMEOUT_S = 10.0
_BAD_REQUEST, _NOT_FOUND, _CONFLICT, _TOO_MANY, _SERVER_ERROR = 400, 404, 409, 429, 500
_OTHER_FILE = "other_file"

T = TypeVar("T")


class _No(Struct, frozen=True):
    """How the bank says no."""

    code: str
    reason: str


class Bank:
    """A bank that takes instruction files and gives statements over HTTP; safe to share between threads.

    The account decides whether it is the commercial bank's or the treasury's quota.
    """

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, told: Callable[[], datetime] | None = None) -> None:
        """``told`` tells a stand-in the time of a story."""
        self._url = url.rstrip("/")
        self._http = client_for(url, timeout_s, told)

    def submit(self, instructions: bytes, key: str) -> Taken:
        """Hand over an instruction file under its file number ``key``; the same file again changes nothing.

        Raises:
            Refused: the bank did not take the file: nothing of it is paid.
            KeyMismatch: another file was taken under this number.
            OutcomeUnknown: no usable answer; ask ``results`` or ``status``.
        """
        headers = {"content-type": "text/csv; charset=utf-8"}
        answer = self._ask(
            "PUT", f"/files/{quote(key, safe='')}", OutcomeUnknown, content=instructions, headers=headers
        )
        return _understood(answer, Taken, OutcomeUnknown)

    def results(self, key: str) -> list[InstructionStatus] | None:
        """What became of each line of a file, or None if the bank never took it.

        Raises:
            Refused: the bank will not say.
            Unreachable: no usable answer.
        """
        answer = self._ask("GET", f"/files/{quote(key, safe='')}", Unreachable)
        return None if answer.status_code == _NOT_FOUND else _understood(answer, list[InstructionStatus], Unreachable)

    def status(self, number: str) -> InstructionStatus | None:
        """What became of one line by its number, or None if the bank never took it.

        Raises:
            Refused: the bank will not say.
            Unreachable: no usable answer.
        """
        answer = self._ask("GET", f"/instructions/{quote(number, safe='')}", Unreachable)
        return None if answer.status_code == _NOT_FOUND else _understood(answer, InstructionStatus, Unreachable)

    def statement(self, account: str, day: date) -> bytes:
        """The statement of an account for a day, as the bank wrote it; see ``read_statement``.

        Raises:
            Refused: the bank keeps no such account for us.
            Unreachable: no usable answer.
        """
        answer = self._ask("GET", f"/statements/{quote(account, safe='')}/{day.isoformat()}", Unreachable)
        if answer.status_code == _NOT_FOUND:
            no = _understood(answer, _No, Unreachable)
            raise Refused(no.code, no.reason)
        return answer.content

    def close(self) -> None:
        """Give up the connections."""
        self._http.close()

    def _ask(
        self,
        method: str,
        path: str,
        unsure: type[Unreachable],
        *,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Call; an answer is 2xx, or 404 to a question."""
        try:
            answer = self._http.request(method, self._url + path, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise unsure(type(error).__name__) from None
        status = answer.status_code
        if answer.is_success or (status == _NOT_FOUND and method == "GET"):
            return answer
        if not _BAD_REQUEST <= status < _SERVER_ERROR or status == _TOO_MANY:
            raise unsure(f"http_{status}")
        no = _understood(answer, _No, unsure)
        if status == _CONFLICT:
            if no.code == _OTHER_FILE:
                raise KeyMismatch(no.reason)
            raise unsure(no.code)
        raise Refused(no.code, no.reason)


def _understood(answer: httpx.Response, kind: type[T], unsure: type[Unreachable]) -> T:
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.DecodeError as error:
        raise unsure(f"not understood: {type(error).__name__}") from None
