"""The reference data every installation begins with: the catalogue, the rules and the calendar."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from marketplace.procedures.schemas import NewRule, NewYear

DATA = Path(__file__).parent / "data"
PRACTICE = "（单位做法）"
"""So ends the basis of a rule that one unit made for itself."""


def _csv(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _json(name: str) -> dict[str, Any]:
    with (DATA / name).open(encoding="utf-8") as file:
        content: dict[str, Any] = json.load(file)
    return content


def rule_rows() -> list[NewRule]:
    """The dated rules: the facts of ``rules.csv`` with the headings and Chinese texts of ``rule_texts.csv``."""
    texts = {row["rule_id"]: row for row in _csv("rule_texts.csv")}
    return [
        msgspec.convert(
            {
                "rule_id": row["rule_id"],
                "method": row["method"],
                "value": Decimal(row["value"]),
                "unit": row["unit"],
                "comparison": row["comparison"],
                "basis": row["basis"],
                "valid_from": row["valid_from"] or None,
                "confirmed": row["confirmed"] == "yes",
                "practice": row["basis"].endswith(PRACTICE),
                "note": texts[row["rule_id"]]["note_zh"],
                "note_en": row["note"],
                "name": texts[row["rule_id"]]["name"],
                "name_en": texts[row["rule_id"]]["name_en"],
                "topic": texts[row["rule_id"]]["topic"],
            },
            NewRule,
        )
        for row in _csv("rules.csv")
    ]


def calendar_years() -> list[NewYear]:
    """The yearly notices of rest days."""
    return [msgspec.convert(year, NewYear) for year in _json("calendar.json")["years"]]
