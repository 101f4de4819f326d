"""Floor 0: what every domain may use, pure standard library and msgspec."""
