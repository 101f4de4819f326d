"""Floor 13: one plain function per story that crosses domains, in one transaction."""
