"""Floor 8: panel, checks, blind scores, ranking and award."""
