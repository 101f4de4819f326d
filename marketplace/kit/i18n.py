"""Marks texts for translation where they are written, so that they can be translated where they are shown."""


def N_(text: str) -> str:  # noqa: N802 - the name every gettext tool looks for
    """Return ``text`` unchanged; the message extractor finds it by this name."""
    return text
