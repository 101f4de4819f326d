"""What can only be looked at: our balance, its entries, and what happened."""

from marketplace.standin.gateway import objects
from marketplace.standin.gateway.desk import OURS, Call, expanded, find, page, purse
from marketplace.standin.gateway.objects import Json


def read_balance(call: Call) -> Json:
    """What we could transfer now."""
    return objects.balance(purse(call.db, OURS))


def read_entry(call: Call, entry_id: str) -> Json:
    """A balance transaction."""
    return expanded(call, find(call, "balance_transaction", entry_id))


def list_entries(call: Call) -> Json:
    """Balance transactions, newest first, of one type or of all."""
    return page(call, "balance_transaction", "/v1/balance_transactions", topic=call.form.get("type"))


def read_event(call: Call, event_id: str) -> Json:
    """An event."""
    return find(call, "event", event_id)


def list_events(call: Call) -> Json:
    """Events, newest first, of one type or of all."""
    return page(call, "event", "/v1/events", topic=call.form.get("type"))
