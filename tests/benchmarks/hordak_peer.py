"""Transfers a second by django-hordak in one process: ``python hordak_peer.py HOST PORT USER DATABASE SECONDS``."""

import importlib
import os
import sys
import time
from datetime import date


def transfers(host: str, port: str, user: str, database: str, seconds: float) -> float:
    """Make its tables in an empty database, move ten yuan between two accounts again and again, and count."""
    django, conf = importlib.import_module("django"), importlib.import_module("django.conf")
    place = {"ENGINE": "django.db.backends.postgresql", "HOST": host, "PORT": port, "USER": user, "NAME": database}
    conf.settings.configure(
        DATABASES={"default": place | {"PASSWORD": os.environ.get("PGPASSWORD", "")}},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "djmoney", "hordak"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        SECRET_KEY="bench",
        HORDAK_CURRENCIES=["CNY"],
        DEFAULT_CURRENCY="CNY",
        USE_TZ=True,
    )
    django.setup()
    importlib.import_module("django.core.management").call_command("migrate", verbosity=0)
    account = importlib.import_module("hordak.models").Account
    money = importlib.import_module("moneyed").Money
    one, other = (
        account.objects.create(name=name, code=code, type="AS", currencies=["CNY"])
        for name, code in (("available", "1"), ("reserved", "2"))
    )
    count, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        one.transfer_to(other, money(10, "CNY"), date=date(2026, 3, 2))
        count += 1
    return count / seconds


if __name__ == "__main__":
    _, where, at, who, name, length = sys.argv
    sys.stdout.write(f"{transfers(where, at, who, name, float(length)):.0f}\n")
