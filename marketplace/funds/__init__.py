"""Floor 10: where money comes from and what it is for: sources, restrictions, receipts, project funding."""
