"""The ledger's tables, for reading only; the migration makes them and its functions alone write them."""

from sqlalchemy import BigInteger, Column, Date, DateTime, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import INT8RANGE

BOOKS = MetaData(schema="ledger")
"""Apart from the other tables' metadata: the comparison with the migrations leaves the books out."""

fund = Table(
    "fund",
    BOOKS,
    Column("id", Uuid, primary_key=True),
    Column("custody", Text),
    Column("tail", BigInteger),
    Column("opened_at", DateTime(timezone=True)),
)
account = Table(
    "account",
    BOOKS,
    Column("id", BigInteger, primary_key=True),
    Column("fund_id", Uuid, primary_key=True),
    Column("role", Text),
    Column("ref", Uuid),
)
total = Table(
    "total",
    BOOKS,
    Column("fund_id", Uuid, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("amount_fen", BigInteger),
)
lawful_move = Table(
    "lawful_move",
    BOOKS,
    Column("verb", Text, primary_key=True),
    Column("from_role", Text, primary_key=True),
    Column("to_role", Text, primary_key=True),
)
attempt = Table(
    "attempt",
    BOOKS,
    Column("id", Uuid, primary_key=True),
    Column("fund_id", Uuid),
    Column("from_account", BigInteger),
    Column("outcome", Text),
    Column("amount_fen", BigInteger),
    Column("actor", Uuid),
    Column("at", DateTime(timezone=True)),
)
movement = Table(
    "movement",
    BOOKS,
    Column("id", BigInteger, primary_key=True),
    Column("fund_id", Uuid, primary_key=True),
    Column("verb", Text),
    Column("key", Text),
    Column("from_account", BigInteger),
    Column("to_account", BigInteger),
    Column("amount_fen", BigInteger),
    Column("attempt_id", Uuid),
    Column("cause", Text),
    Column("actor", Uuid),
    Column("value_date", Date),
    Column("at", DateTime(timezone=True)),
    Column("recorded_at", DateTime(timezone=True)),
)
movement_span = Table(
    "movement_span",
    BOOKS,
    Column("movement_id", BigInteger, primary_key=True),
    Column("fund_id", Uuid),
    Column("span", INT8RANGE, primary_key=True),
)
receipt = Table(
    "receipt",
    BOOKS,
    Column("id", Uuid, primary_key=True),
    Column("fund_id", Uuid),
    Column("movement_id", BigInteger),
    Column("origin_id", BigInteger),
    Column("origin_fund_id", Uuid),
    Column("span", INT8RANGE),
)
holding = Table(
    "holding",
    BOOKS,
    Column("fund_id", Uuid),
    Column("account_id", BigInteger),
    Column("span", INT8RANGE),
)
