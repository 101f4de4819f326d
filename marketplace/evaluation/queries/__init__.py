"""Reads of evaluations and awards."""

from marketplace.evaluation.queries.award import award_of

__all__ = ["award_of"]
