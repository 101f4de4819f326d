"""Reads the gateway's form encoding: ``metadata[a]=b``, ``line_items[0][price_data][currency]=cny``."""

import re
from typing import Any
from urllib.parse import parse_qsl

from marketplace.standin.gateway.refusals import invalid

_PART = re.compile(r"\[([^\[\]]*)\]")


def read_form(text: str) -> dict[str, Any]:
    """The nested values of a form or a query; rows of a list are kept under their number as text."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, bracket, _ = name.partition("[")
        path = [head, *_PART.findall(name[len(head) :])] if bracket else [head]
        place = found
        for step in path[:-1]:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                raise invalid("Invalid parameter", param=head)
        last = path[-1] or str(len(place))
        place[last] = value
    return found


def text_of(form: dict[str, Any], name: str, *, default: str | None = None) -> str:
    """A text value.

    Raises:
        Refusal: it is missing and there is no default.
    """
    value = form.get(name, default)
    if not isinstance(value, str) or (not value and default is None):
        raise invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
    return value


def number_of(form: dict[str, Any], name: str, *, default: int | None = None) -> int:
    """A whole number.

    Raises:
        Refusal: it is missing and there is no default, or it is no whole number.
    """
    if name not in form and default is not None:
        return default
    text = text_of(form, name)
    if not re.fullmatch(r"-?\d{1,18}", text):
        raise invalid(f"Invalid integer: {text}", param=name, code="parameter_invalid_integer")
    return int(text)


def amount_of(form: dict[str, Any], name: str = "amount") -> int:
    """An amount in fen, at least one.

    Raises:
        Refusal: it is missing, no whole number or less than one.
    """
    fen = number_of(form, name)
    if fen < 1:
        raise invalid("This value must be greater than or equal to 1.", param=name, code="parameter_invalid_integer")
    return fen


def in_cny(form: dict[str, Any]) -> None:
    """See that the currency is CNY.

    Raises:
        Refusal: it is missing or another.
    """
    if text_of(form, "currency").lower() != "cny":
        raise invalid("This gateway keeps CNY only.", param="currency", code="currency_not_supported")


def metadata_of(form: dict[str, Any]) -> dict[str, str]:
    """The metadata: at most 50 short names with texts.

    Raises:
        Refusal: it is not that.
    """
    found = form.get("metadata") or {}
    if not isinstance(found, dict) or len(found) > 50:  # noqa: PLR2004 - the documented limit
        raise invalid("Invalid metadata", param="metadata")
    for name, value in found.items():
        if not isinstance(value, str) or len(name) > 40 or len(value) > 500:  # noqa: PLR2004 - the documented limits
            raise invalid("Invalid metadata", param="metadata")
    return found
