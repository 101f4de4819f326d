"""Reads of the register."""

from marketplace.suppliers.queries.clocks import clocks
from marketplace.suppliers.queries.declarations import declaration_of, declaration_text, declarations
from marketplace.suppliers.queries.desk import hints, payee, proof_document, queue, supplier, todos
from marketplace.suppliers.queries.directory import directory, public_page, register
from marketplace.suppliers.queries.interests import binding, interests, own_interests, registered
from marketplace.suppliers.queries.readiness import debarments, is_ready
from marketplace.suppliers.queries.reports import report_owed, reports

__all__ = [
    "binding",
    "clocks",
    "debarments",
    "declaration_of",
    "declaration_text",
    "declarations",
    "directory",
    "hints",
    "interests",
    "is_ready",
    "own_interests",
    "payee",
    "proof_document",
    "public_page",
    "queue",
    "register",
    "registered",
    "report_owed",
    "reports",
    "supplier",
    "todos",
]
