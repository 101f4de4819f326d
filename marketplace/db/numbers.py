"""Numbers people say aloud: one series a kind and year, without gaps that mean something."""

from datetime import date

from sqlalchemy import CheckConstraint
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.db.base import Row

KINDS = {
    "project": "QT",
    "contract": "HT",
    "receipt": "SJ",
    "payment": "FK",
    "instruction": "ZL",
    "fund": "ZJ",
    "mandate": "WT",
    "roster": "MC",
}
"""Prefix of each kind: 项目编号, 合同号, 收据号, 付款单号, 指令文件号, 资金号, 委托书号, 名册号."""


class NumberSeries(Row):
    """The last number given out of one kind in one year."""

    __tablename__ = "number_series"
    __table_args__ = (CheckConstraint("last > 0", name="last_positive"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


def next_number(db: Session, kind: str, *, on: date) -> str:
    """The next number of ``kind`` in the year of ``on``, such as ``QT-2026-0137``.

    The series' row stays locked until the transaction ends, so a number that is given back leaves no gap; ask for
    it last in a story.
    """
    given = insert(NumberSeries).values(kind=kind, year=on.year, last=1)
    given = given.on_conflict_do_update(index_elements=["kind", "year"], set_={"last": NumberSeries.last + 1})
    last = db.execute(given.returning(NumberSeries.last)).scalar_one()
    return f"{KINDS[kind]}-{on.year}-{last:04d}"
