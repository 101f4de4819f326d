"""One row of the table of notices."""

from typing import NamedTuple

from marketplace.notices.rules.audience import To


class Wording(NamedTuple):
    """Who is told, and the words. Texts are message ids with ``{named}`` places that the topic's facts fill.

    ``mail`` sends it by mail besides the inbox; ``inbox`` is False for people who cannot sign in yet or any more.
    ``is_link`` marks a mail that carries a one-time link, whose token is put in only when it is sent.
    """

    to: tuple[To, ...]
    title: str
    text: str
    mail: bool = False
    inbox: bool = True
    is_link: bool = False
