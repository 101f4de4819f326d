"""The reference data every installation begins with: the catalogue, the rules and the calendar."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from marketplace.catalogue import commands as catalogue
from marketplace.catalogue.queries import versions
from marketplace.catalogue.schemas import NewCode, NewEdition
from marketplace.catalogue.states import SAMPLE_LABEL, SAMPLE_NOTE
from marketplace.db.base import Database
from marketplace.kit.actor import SYSTEM
from marketplace.kit.clock import Clock
from marketplace.procedures import commands as procedures
from marketplace.procedures.queries import rule_version
from marketplace.procedures.schemas import NewRule, NewYear

DATA = Path(__file__).parent / "data"
FIRST_RULES = "初始规则集，录自法规原文、规范性文件和单位制度；标△的以主管部门确认为准"
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


def procurement_codes() -> list[NewCode]:
    """The procurement codes that the catalogue carries, and some more."""
    return [NewCode(code=row["code"], name=row["name"]) for row in _csv("procurement_codes.csv")]


def catalogue_edition() -> NewEdition:
    """The catalogue: the facts of ``catalogue.csv`` with the texts of ``catalogue_texts.csv``."""
    texts = {row["code"]: row for row in _csv("catalogue_texts.csv")}
    items = [
        {
            "code": row["code"],
            "level": int(row["level"]),
            "parent": row["parent"],
            "name": row["name"],
            "procurement_codes": [code for code in row["procurement_code"].split(";") if code],
            "match": row["match"],
            "note": texts[row["code"]]["note_zh"],
            "note_en": row["note"],
            "name_en": texts[row["code"]]["name_en"],
        }
        for row in _csv("catalogue.csv")
    ]
    return msgspec.convert({"label": SAMPLE_LABEL, "note": SAMPLE_NOTE, "items": items}, NewEdition)


def load(database: Database, clock: Clock) -> list[str]:
    """Load what is not there yet and say, a Chinese line each, what was loaded. Twice is as good as once."""
    done: list[str] = []
    with database.write() as db:
        now = clock.now()
        catalogue.enter_codes(db, SYSTEM, procurement_codes(), now=now)
        if not versions(db):
            edition = catalogue_edition()
            catalogue.publish_edition(db, SYSTEM, catalogue.draft_edition(db, SYSTEM, edition, now=now), now=now)
            done.append(f"{edition.label}：{len(edition.items)} 条")
        if not rule_version(db):
            rows = rule_rows()
            procedures.add_rules(db, SYSTEM, rows, reason=FIRST_RULES, now=now)
            done.append(f"采购规则：{len(rows)} 条")
        done += [
            f"{year.year} 年日历" for year in calendar_years() if procedures.import_year(db, SYSTEM, year, now=now)
        ]
    return done
