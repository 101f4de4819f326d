"""The gateway's objects in the shape that the official SDK knows."""

import secrets
from typing import Any

API_VERSION = "2026-05-27.dahlia"
CURRENCY = "cny"
FEE_PER_MILLE = 6
"""0.6 % of what is paid in."""

Json = dict[str, Any]


def new_id(prefix: str) -> str:
    """A new id such as ``tr_…``."""
    return f"{prefix}_{secrets.token_hex(12)}"


def fee_of(fen: int) -> int:
    """The gateway's fee on an amount paid in, rounded half up."""
    return (fen * FEE_PER_MILLE * 2 + 1000) // 2000


def _nothing(*names: str) -> Json:
    return dict.fromkeys(names)


def session(*, url: str, amount: int, title: str, expires_at: int, created: int, form: Json) -> Json:
    """An open Checkout Session; ``_`` names are ours and are not shown."""
    return {
        "id": new_id("cs_test"),
        "object": "checkout.session",
        **_nothing(
            "after_expiration", "allow_promotion_codes", "billing_address_collection", "client_secret", "consent",
            "consent_collection", "currency_conversion", "customer", "customer_details", "customer_email", "invoice",
            "locale", "payment_intent", "payment_link", "payment_method_configuration_details", "recovered_from",
            "setup_intent", "shipping_address_collection", "shipping_cost", "submit_type", "subscription",
        ),
        "adaptive_pricing": {"enabled": False},
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": form["cancel_url"],
        "client_reference_id": form.get("client_reference_id"),
        "created": created,
        "currency": CURRENCY,
        "custom_fields": [],
        "custom_text": _nothing("after_submit", "shipping_address", "submit", "terms_of_service_acceptance"),
        "customer_creation": "if_required",
        "expires_at": expires_at,
        "invoice_creation": None,
        "livemode": False,
        "metadata": form["metadata"],
        "mode": "payment",
        "payment_method_collection": "if_required",
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "success_url": form["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": url,
        "_title": title,
        "_payment_metadata": form["payment_metadata"],
    }  # fmt: skip


def intent(*, amount: int, created: int, metadata: dict[str, str]) -> Json:
    """A PaymentIntent that succeeded."""
    return {
        "id": new_id("pi"),
        "object": "payment_intent",
        **_nothing(
            "application", "application_fee_amount", "automatic_payment_methods", "canceled_at", "cancellation_reason",
            "client_secret", "customer", "description", "last_payment_error", "next_action", "on_behalf_of",
            "payment_method", "payment_method_configuration_details", "processing", "receipt_email", "review",
            "setup_future_usage", "shipping", "statement_descriptor", "statement_descriptor_suffix", "transfer_data",
            "transfer_group",
        ),
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": amount,
        "capture_method": "automatic_async",
        "confirmation_method": "automatic",
        "created": created,
        "currency": CURRENCY,
        "latest_charge": None,
        "livemode": False,
        "metadata": metadata,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "status": "succeeded",
    }  # fmt: skip


def charge(*, amount: int, created: int, intent_id: str, metadata: dict[str, str]) -> Json:
    """A charge that was paid."""
    return {
        "id": new_id("ch"),
        "object": "charge",
        **_nothing(
            "application", "application_fee", "application_fee_amount", "balance_transaction", "customer",
            "description", "failure_balance_transaction", "failure_code", "failure_message", "on_behalf_of", "outcome",
            "payment_method", "payment_method_details", "receipt_email", "receipt_number", "receipt_url", "review",
            "shipping", "source_transfer", "statement_descriptor", "statement_descriptor_suffix", "transfer_data",
            "transfer_group",
        ),
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "billing_details": {**_nothing("email", "name", "phone", "tax_id"), "address": _nothing(
            "city", "country", "line1", "line2", "postal_code", "state"
        )},
        "calculated_statement_descriptor": None,
        "captured": True,
        "created": created,
        "currency": CURRENCY,
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": metadata,
        "paid": True,
        "payment_intent": intent_id,
        "radar_options": {},
        "refunded": False,
        "status": "succeeded",
    }  # fmt: skip


def entry(*, kind: str, amount: int, fee: int, source: str, created: int, description: str | None = None) -> Json:
    """A balance transaction; ``amount`` is negative for what leaves the balance."""
    details = [{"amount": fee, "application": None, "currency": CURRENCY, "description": "fees", "type": "stripe_fee"}]
    return {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": created,
        "balance_type": "payments",
        "created": created,
        "currency": CURRENCY,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": details if fee else [],
        "net": amount - fee,
        "reporting_category": kind,
        "source": source,
        "status": "available",
        "type": kind,
    }


def account(*, kind: str, created: int, form: Json) -> Json:
    """A connected account that may receive transfers."""
    requirements: Json = {
        "alternatives": [], "current_deadline": None, "currently_due": [], "disabled_reason": None, "errors": [],
        "eventually_due": [], "past_due": [], "pending_verification": [],
    }  # fmt: skip
    account_id = new_id("acct")
    return {
        "id": account_id,
        "object": "account",
        "business_profile": {
            "mcc": None,
            "name": form["name"] or None,
            **_nothing("product_description", "support_address", "support_email", "support_phone"),
            **_nothing("support_url", "url"),
        },
        "business_type": form.get("business_type"),
        "capabilities": {"transfers": "active"},
        "charges_enabled": False,
        "country": form["country"],
        "created": created,
        "default_currency": CURRENCY,
        "details_submitted": True,
        "email": form.get("email"),
        "external_accounts": {
            "object": "list", "data": [], "has_more": False, "url": f"/v1/accounts/{account_id}/external_accounts",
        },
        "future_requirements": requirements,
        "metadata": form["metadata"],
        "payouts_enabled": True,
        "requirements": requirements,
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": kind,
    }  # fmt: skip


def transfer(*, amount: int, destination: str, created: int, form: Json) -> Json:
    """A transfer that was made."""
    transfer_id = new_id("tr")
    return {
        "id": transfer_id,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": created,
        "currency": CURRENCY,
        "description": form.get("description"),
        "destination": destination,
        "destination_payment": new_id("py"),
        "livemode": False,
        "metadata": form["metadata"],
        "reversals": listed([], f"/v1/transfers/{transfer_id}/reversals", has_more=False),
        "reversed": False,
        "source_transaction": form.get("source_transaction"),
        "source_type": "card",
        "transfer_group": form.get("transfer_group"),
    }


def reversal(*, amount: int, transfer_id: str, created: int, metadata: dict[str, str]) -> Json:
    """A transfer, or part of one, taken back."""
    return {
        "id": new_id("trr"),
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": None,
        "created": created,
        "currency": CURRENCY,
        "destination_payment_refund": None,
        "metadata": metadata,
        "source_refund": None,
        "transfer": transfer_id,
    }


def refund(*, amount: int, charge_id: str, intent_id: str, created: int, form: Json) -> Json:
    """A refund that was made."""
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge_id,
        "created": created,
        "currency": CURRENCY,
        "metadata": form["metadata"],
        "payment_intent": intent_id,
        "reason": form.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def event(*, kind: str, about: Json, created: int, key: str | None) -> Json:
    """Something that happened to an object, with the object as it then was."""
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": created,
        "data": {"object": shown(about)},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": new_id("req"), "idempotency_key": key},
        "type": kind,
    }


def balance(fen: int) -> Json:
    """What is in our balance."""
    return {
        "object": "balance",
        "available": [{"amount": fen, "currency": CURRENCY, "source_types": {"card": fen}}],
        "livemode": False,
        "pending": [{"amount": 0, "currency": CURRENCY, "source_types": {"card": 0}}],
    }


def listed(data: list[Json], url: str, *, has_more: bool) -> Json:
    """One page of a list."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def shown(thing: Json) -> Json:
    """An object without what is only ours."""
    return {name: value for name, value in thing.items() if not name.startswith("_")}
