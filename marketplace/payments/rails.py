"""The two rails of an installation, as its settings say."""

from collections.abc import Callable
from datetime import datetime

from marketplace.kit.clock import Clock, SystemClock
from marketplace.payments.bank import Bank
from marketplace.payments.gateway import Gateway
from marketplace.settings import Settings


def _told(clock: Clock) -> Callable[[], datetime] | None:
    """A clock that somebody advances tells a story, and a stand-in is told its time with each call."""
    return None if isinstance(clock, SystemClock) else clock.now


def gateway_of(settings: Settings, clock: Clock) -> Gateway | None:
    """The gateway rail, or None where it is switched off."""
    if not settings.gateway_url:
        return None
    return Gateway(
        settings.gateway_url,
        settings.gateway_key,
        settings.gateway_secret,
        timeout_s=settings.rail_timeout_s,
        told=_told(clock),
    )


def bank_of(settings: Settings, clock: Clock) -> Bank | None:
    """The bank rail, or None where it is switched off."""
    if not settings.bank_url:
        return None
    return Bank(settings.bank_url, timeout_s=settings.rail_timeout_s, told=_told(clock))
