"""Money comes in: Checkout Sessions, PaymentIntents, charges, refunds."""

from typing import Any

from marketplace.standin.gateway import objects
from marketplace.standin.gateway.desk import Call, book, expanded, find, page, put, save, tell
from marketplace.standin.gateway.forms import amount_of, in_cny, metadata_of, number_of, text_of
from marketplace.standin.gateway.objects import Json
from marketplace.standin.gateway.refusals import invalid

SHORTEST_S, LONGEST_S = 30 * 60, 24 * 3600
"""A session is open so long at least and at most."""
SESSIONS = "/v1/checkout/sessions"


def create_session(call: Call) -> Json:
    """Open a hosted page for one amount.

    Raises:
        Refusal: what is asked is not a one-off payment of one amount in CNY.
    """
    form = call.form
    if text_of(form, "mode") != "payment":
        raise invalid("This gateway takes one-off payments only.", param="mode")
    amount, title = _priced(form.get("line_items"))
    expires_at = number_of(form, "expires_at", default=call.now + LONGEST_S)
    if not SHORTEST_S <= expires_at - call.now <= LONGEST_S:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.", param="expires_at"
        )
    inner = form.get("payment_intent_data") or {}
    made = objects.session(
        url="",
        amount=amount,
        title=title,
        expires_at=expires_at,
        created=call.now,
        form={
            "success_url": text_of(form, "success_url"),
            "cancel_url": form.get("cancel_url"),
            "client_reference_id": form.get("client_reference_id"),
            "metadata": metadata_of(form),
            "payment_metadata": metadata_of(inner if isinstance(inner, dict) else {}),
        },
    )
    made["url"] = f"{call.site}/gateway/pay/{made['id']}"
    return objects.shown(put(call, made))


def _priced(items: Any) -> tuple[int, str]:
    """The sum of the lines and what the first is called."""
    lines = list(items.values()) if isinstance(items, dict) else []
    total, title = 0, ""
    for line in lines:
        price = line.get("price_data") if isinstance(line, dict) else None
        if not isinstance(price, dict):
            raise invalid("Each line needs price_data.", param="line_items")
        in_cny(price)
        product = price.get("product_data")
        title = title or text_of(product if isinstance(product, dict) else {}, "name")
        total += amount_of(price, "unit_amount") * number_of(line, "quantity", default=1)
    if total < 1:
        raise invalid("Missing required param: line_items.", param="line_items", code="parameter_missing")
    return total, title


def session_of(call: Call, session_id: str) -> Json:
    """A session as it is now: one whose time is over has expired."""
    found = find(call, "checkout.session", session_id)
    if found["status"] == "open" and call.now >= found["expires_at"]:
        found["status"], found["url"] = "expired", None
        save(call, found)
        tell(call, "checkout.session.expired", found)
    return found


def read_session(call: Call, session_id: str) -> Json:
    """A session, shown."""
    return expanded(call, session_of(call, session_id))


def list_sessions(call: Call) -> Json:
    """Sessions, newest first."""
    return page(call, "checkout.session", SESSIONS)


def expire_session(call: Call, session_id: str) -> Json:
    """Close a session before its time.

    Raises:
        Refusal: it is not open any more.
    """
    found = session_of(call, session_id)
    if found["status"] != "open":
        raise invalid("Only Checkout Sessions with a status in [open] can be expired.", param="session")
    found["status"], found["url"] = "expired", None
    tell(call, "checkout.session.expired", save(call, found))
    return objects.shown(found)


def pay_session(call: Call, session_id: str) -> Json:
    """The payer pays: a payment, its charge and its fee; the rest is available at once.

    Raises:
        Refusal: the session is not open any more.
    """
    found = session_of(call, session_id)
    if found["status"] != "open":
        raise invalid("这次付款已经完成或已过期。", param="session")
    amount = found["amount_total"]
    intent = objects.intent(amount=amount, created=call.now, metadata=found["_payment_metadata"])
    charge = objects.charge(
        amount=amount, created=call.now, intent_id=intent["id"], metadata=found["_payment_metadata"]
    )
    charge["balance_transaction"] = book(call, "charge", amount, charge["id"], fee=objects.fee_of(amount))["id"]
    intent["latest_charge"] = charge["id"]
    put(call, charge, topic=intent["id"])
    put(call, intent)
    found |= {"status": "complete", "payment_status": "paid", "payment_intent": intent["id"], "url": None}
    save(call, found)
    tell(call, "charge.succeeded", charge)
    tell(call, "payment_intent.succeeded", intent)
    tell(call, "checkout.session.completed", found)
    return objects.shown(found)


def decline(call: Call, session_id: str) -> Json:
    """A payer's card is refused; the session stays as it is, open for another card or paid by an earlier one."""
    found = session_of(call, session_id)
    intent = objects.intent(amount=found["amount_total"], created=call.now, metadata=found["_payment_metadata"])
    intent |= {"status": "requires_payment_method", "amount_received": 0}
    tell(call, "payment_intent.payment_failed", put(call, intent))
    tell(call, "checkout.session.async_payment_failed", found)
    return objects.shown(found)


def read_intent(call: Call, intent_id: str) -> Json:
    """A payment."""
    return expanded(call, find(call, "payment_intent", intent_id))


def list_intents(call: Call) -> Json:
    """Payments, newest first."""
    return page(call, "payment_intent", "/v1/payment_intents")


def read_charge(call: Call, charge_id: str) -> Json:
    """A charge."""
    return expanded(call, find(call, "charge", charge_id))


def list_charges(call: Call) -> Json:
    """Charges, newest first, of one payment or of all."""
    return page(call, "charge", "/v1/charges", topic=call.form.get("payment_intent"))


def create_refund(call: Call) -> Json:
    """Give money back, at most what is left of the charge; the fee stays with the gateway.

    Raises:
        Refusal: more than is left of the charge or of our balance.
    """
    form = call.form
    if "payment_intent" in form:
        charge_id = find(call, "payment_intent", text_of(form, "payment_intent"))["latest_charge"]
    else:
        charge_id = text_of(form, "charge")
    charge = find(call, "charge", charge_id)
    left = charge["amount"] - charge["amount_refunded"]
    amount = amount_of(form) if "amount" in form else left
    if left == 0:
        raise invalid("这笔款已全额退回。", code="charge_already_refunded", kept=True)
    if amount > left:
        raise invalid("退款金额超过这笔款可退的余额。", param="amount", code="amount_too_large", kept=True)
    made = objects.refund(
        amount=amount,
        charge_id=charge["id"],
        intent_id=charge["payment_intent"],
        created=call.now,
        form={"metadata": metadata_of(form), "reason": form.get("reason")},
    )
    made["balance_transaction"] = book(call, "refund", -amount, made["id"])["id"]
    put(call, made, topic=charge["payment_intent"])
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    tell(call, "charge.refunded", save(call, charge))
    tell(call, "refund.created", made)
    return objects.shown(made)


def read_refund(call: Call, refund_id: str) -> Json:
    """A refund."""
    return expanded(call, find(call, "refund", refund_id))


def list_refunds(call: Call) -> Json:
    """Refunds, newest first, of one payment or of all."""
    return page(call, "refund", "/v1/refunds", topic=call.form.get("payment_intent"))
