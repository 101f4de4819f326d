"""Every table of the house in one place, for the comparison with the migrations."""

import importlib
import pkgutil

import marketplace
from marketplace.db.base import Row


def _load() -> None:
    for package in pkgutil.iter_modules(marketplace.__path__):
        if package.ispkg and importlib.util.find_spec(f"marketplace.{package.name}.model"):
            importlib.import_module(f"marketplace.{package.name}.model")
    importlib.import_module("marketplace.db.numbers")


_load()
METADATA = Row.metadata
