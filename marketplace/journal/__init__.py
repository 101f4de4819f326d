"""Floor 2: what was done, by whom and why; append-only."""
