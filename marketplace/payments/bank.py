"""The bank rail: instruction files out, statements in; a commercial bank and the treasury's quota alike."""

from collections.abc import Callable
from datetime import date, datetime

from marketplace.payments.schemas import Batch, InstructionStatus, Statement, Taken

TIMEOUT_S = 10.0


class Bank:
    """A bank that takes instruction files and gives statements over HTTP; safe to share between threads.

    The account decides whether it is the commercial bank's or the treasury's quota.
    """

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, told: Callable[[], datetime] | None = None) -> None:
        """``told`` tells a stand-in the time of a story."""

    def submit(self, instructions: bytes, key: str) -> Taken:
        """Hand over an instruction file under its file number ``key``; the same file again changes nothing.

        Raises:
            Refused: the bank did not take the file: nothing of it is paid.
            KeyMismatch: another file was taken under this number.
            OutcomeUnknown: no usable answer; ask ``results`` or ``status``.
        """
        raise NotImplementedError

    def results(self, key: str) -> list[InstructionStatus] | None:
        """What became of each line of a file, or None if the bank never took it."""
        raise NotImplementedError

    def status(self, number: str) -> InstructionStatus | None:
        """What became of one line by its number, or None if the bank never took it."""
        raise NotImplementedError

    def statement(self, account: str, day: date) -> bytes:
        """The statement of an account for a day, as the bank wrote it; see ``read_statement``."""
        raise NotImplementedError

    def close(self) -> None:
        """Give up the connections."""


def write_instructions(batch: Batch) -> bytes:
    """The instruction file of a batch."""
    raise NotImplementedError


def read_statement(content: bytes) -> Statement:
    """A statement from the bank's file."""
    raise NotImplementedError
