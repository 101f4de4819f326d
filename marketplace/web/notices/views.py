"""What the pages of notices share: the writer of texts, and the place in a list of things with ids."""

from functools import lru_cache
from uuid import UUID

from litestar.di import NamedDependency

from marketplace.notices.texts import Writer
from marketplace.settings import Settings
from marketplace.web import i18n
from marketplace.web.paging import BadCursor, keys


@lru_cache(maxsize=8)
def _writer(base_url: str) -> Writer:
    return Writer(i18n, base_url)


def provide_writer(settings: NamedDependency[Settings]) -> Writer:
    """The dependency ``writer``: writes notices in the language of the page."""
    return _writer(settings.base_url)


def id_after(cursor: str) -> UUID | None:
    """The id that a cursor over ids stands after, or None for the beginning.

    Raises:
        BadCursor: it is not one of ours.
    """
    if not cursor:
        return None
    try:
        return UUID(str(keys(cursor, 1)[0]))
    except ValueError:
        raise BadCursor from None
