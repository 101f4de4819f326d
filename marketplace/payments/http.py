"""The HTTP client of both rails."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import httpx

TIME_HEADER = "x-standin-now"
"""Tells a stand-in the time of the story that calls it; a real gateway or bank takes no notice."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def client_for(url: str, timeout_s: float, told: Callable[[], datetime] | None) -> httpx.Client:
    """A client with one deadline for each step of a call; this machine's proxy is not asked for this machine."""

    def tell(request: httpx.Request) -> None:
        if told is not None:
            request.headers[TIME_HEADER] = told().isoformat()

    return httpx.Client(
        timeout=timeout_s,
        trust_env=urlsplit(url).hostname not in LOOPBACK,
        event_hooks={"request": [tell]},
    )
