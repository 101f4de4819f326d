"""Floor 2: messages written with the change that caused them, and the inbox of external events."""
