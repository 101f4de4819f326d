"""Alembic's entry: runs the chain over the connection and metadata that the caller passes."""

from typing import Any

from alembic import context
from sqlalchemy import text

OUTSIDE_SCHEMAS = frozenset({"ledger"})
"""Schemas written in SQL by hand; the comparison with our models leaves them out."""


def include_name(name: str | None, kind: str, _: Any) -> bool:
    """Whether a schema found in the database takes part in the comparison."""
    return not (kind == "schema" and name in OUTSIDE_SCHEMAS)


attributes = context.config.attributes
connection = attributes["connection"]
connection.execute(text("SET lock_timeout = '5s'"))
connection.execute(text("SET statement_timeout = '300s'"))
context.configure(
    connection=connection,
    target_metadata=attributes.get("metadata"),
    include_name=include_name,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
