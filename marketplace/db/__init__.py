"""Floor 1: tables, transactions, roles, migrations and the embedded server."""
