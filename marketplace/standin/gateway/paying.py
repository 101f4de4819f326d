"""Money goes out: connected accounts, transfers and what is taken back of them."""

from marketplace.standin.gateway import objects
from marketplace.standin.gateway.desk import Call, book, change_purse, expanded, find, page, put, save, tell
from marketplace.standin.gateway.forms import amount_of, in_cny, metadata_of, text_of
from marketplace.standin.gateway.objects import Json
from marketplace.standin.gateway.refusals import invalid

ACTIVE = "active"


def create_account(call: Call) -> Json:
    """Open an account for a payee.

    Raises:
        Refusal: the form lacks something.
    """
    form = call.form
    profile = form.get("business_profile") or {}
    made = objects.account(
        kind=text_of(form, "type", default="custom"),
        created=call.now,
        form={
            "name": str(profile.get("name", "")) if isinstance(profile, dict) else "",
            "business_type": form.get("business_type"),
            "country": text_of(form, "country", default="CN"),
            "email": form.get("email"),
            "metadata": metadata_of(form),
        },
    )
    tell(call, "account.updated", put(call, made))
    return objects.shown(made)


def read_account(call: Call, account_id: str) -> Json:
    """A payee's account."""
    return expanded(call, find(call, "account", account_id))


def list_accounts(call: Call) -> Json:
    """Payees' accounts, newest first."""
    return page(call, "account", "/v1/accounts")


def set_receiving(call: Call, account_id: str, *, may_receive: bool) -> Json:
    """Let an account receive transfers, or stop it."""
    found = find(call, "account", account_id)
    found["capabilities"]["transfers"] = ACTIVE if may_receive else "inactive"
    found["payouts_enabled"] = may_receive
    tell(call, "account.updated", save(call, found))
    return objects.shown(found)


def create_transfer(call: Call) -> Json:
    """Move money from our balance to an account.

    Raises:
        Refusal: the account may not receive, or there is not so much in our balance.
    """
    form = call.form
    in_cny(form)
    amount = amount_of(form)
    destination = find(call, "account", text_of(form, "destination"))
    if destination["capabilities"]["transfers"] != ACTIVE:
        raise invalid(
            "收款账户目前不能收款", param="destination", code="insufficient_capabilities_for_transfer", kept=True
        )
    if "source_transaction" in form:
        find(call, "charge", text_of(form, "source_transaction"))
    made = objects.transfer(
        amount=amount,
        destination=destination["id"],
        created=call.now,
        form={
            "metadata": metadata_of(form),
            **{name: form.get(name) for name in ("description", "source_transaction", "transfer_group")},
        },
    )
    made["balance_transaction"] = book(call, "transfer", -amount, made["id"])["id"]
    change_purse(call, destination["id"], amount)
    put(call, made, topic=made["transfer_group"] or "")
    tell(call, "transfer.created", made)
    return objects.shown(made)


def read_transfer(call: Call, transfer_id: str) -> Json:
    """A transfer."""
    return expanded(call, find(call, "transfer", transfer_id))


def list_transfers(call: Call) -> Json:
    """Transfers, newest first, of one group or of all."""
    return page(call, "transfer", "/v1/transfers", topic=call.form.get("transfer_group"))


def create_reversal(call: Call, transfer_id: str) -> Json:
    """Take a transfer back, in whole or in part.

    Raises:
        Refusal: more than is left of it, or than the account has.
    """
    found = find(call, "transfer", transfer_id)
    left = found["amount"] - found["amount_reversed"]
    amount = amount_of(call.form) if "amount" in call.form else left
    if not 0 < amount <= left:
        raise invalid("退回金额超过这笔转账的余额。", param="amount", code="amount_too_large", kept=True)
    change_purse(call, found["destination"], -amount)
    made = objects.reversal(amount=amount, transfer_id=transfer_id, created=call.now, metadata=metadata_of(call.form))
    made["balance_transaction"] = book(call, "transfer_refund", amount, made["id"])["id"]
    put(call, made, topic=transfer_id)
    found["amount_reversed"] += amount
    found["reversed"] = found["amount_reversed"] == found["amount"]
    found["reversals"]["data"].insert(0, made)
    tell(call, "transfer.reversed", save(call, found))
    return objects.shown(made)
