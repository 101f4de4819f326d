"""A bank for tests of reconciliation: it keeps one account's bookings and writes statements as a bank does."""

import csv
import io
from dataclasses import dataclass, field
from datetime import date

from marketplace.kit.money import yuan
from marketplace.payments.files import STATEMENT, STATEMENT_TITLES


@dataclass
class BankBook:
    """One account at a bank; ``book`` adds to the day's lines, ``statement`` closes the day and gives its file."""

    account: str
    balance_fen: int = 0
    lines: list[tuple[str, ...]] = field(default_factory=list)
    opening_fen: int | None = None
    count: int = 0

    def book(self, fen: int, day: date, *, name: str = "示例付款方", number: str = "", purpose: str = "来账") -> None:
        """Money came (positive) or went (negative)."""
        if self.opening_fen is None:
            self.opening_fen = self.balance_fen
        self.balance_fen += fen
        self.count += 1
        sign = "收" if fen > 0 else "支"
        self.lines.append(
            (
                f"LS{self.count:06d}", day.isoformat(), sign, yuan(abs(fen)), yuan(self.balance_fen), name,
                "62220000000000000042", number, purpose,
            )
        )  # fmt: skip

    def statement(self, day: date) -> bytes:
        """The statement of the day, whose lines are told this once."""
        opening = self.balance_fen if self.opening_fen is None else self.opening_fen
        head = (
            STATEMENT, "1", self.account, "示例财政局", day.isoformat(), "CNY", str(len(self.lines)), yuan(opening),
            yuan(self.balance_fen),
        )  # fmt: skip
        out = io.StringIO()
        csv.writer(out).writerows([head, STATEMENT_TITLES, *self.lines])
        self.lines, self.opening_fen = [], None
        return out.getvalue().encode()
