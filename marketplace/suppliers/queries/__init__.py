"""Reads of the register."""

from marketplace.suppliers.queries.declarations import declaration_of, declaration_text, declarations
from marketplace.suppliers.queries.desk import hints, payee, proof_document, queue, supplier, todos
from marketplace.suppliers.queries.directory import directory, public_page, register
from marketplace.suppliers.queries.readiness import debarments, is_ready

__all__ = [
    "debarments",
    "declaration_of",
    "declaration_text",
    "declarations",
    "directory",
    "hints",
    "is_ready",
    "payee",
    "proof_document",
    "public_page",
    "queue",
    "register",
    "supplier",
    "todos",
]
