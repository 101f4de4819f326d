"""Languages of the pages: Chinese is the source text, English comes from the catalogues, merged in memory at start.

A middleware calls :func:`use` for each request; :func:`gettext` and its kin then answer in that language, in the event
loop and in the worker thread alike. Texts with ``{named}`` places are filled by :func:`say`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from marketplace.kit.errors import DomainError, Several

CHINESE, ENGLISH = "zh-CN", "en"
LOCALES = {CHINESE: "中文", ENGLISH: "English"}
"""Each language with its own name for itself."""
COOKIE = "language"
FOLDER = Path(__file__).parent / "locale"

_current: ContextVar[str] = ContextVar("locale", default=CHINESE)


class DoubleMessage(ValueError):
    """A text stands in two catalogues; it must stand in one, so that it has one translation."""


def read_catalogues(locale: str = ENGLISH) -> dict[str, Message]:
    """Every message of a language, from all its ``.po`` files, by its Chinese text.

    Raises:
        DoubleMessage: one text has different translations in two files.
    """
    found: dict[str, Message] = {}
    for path in sorted((FOLDER / locale).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=locale, abort_invalid=True):
                if not message.id:
                    continue
                key = message.id if isinstance(message.id, str) else message.id[0]
                if key in found and found[key].string != message.string:
                    raise DoubleMessage(f"{path.name}: {key!r} is translated differently elsewhere")
                found[key] = message
    return found


def _texts(messages: Mapping[str, Message]) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    singular: dict[str, str] = {}
    plural: dict[str, tuple[str, ...]] = {}
    for key, message in messages.items():
        if isinstance(message.string, str):
            singular[key] = message.string
        else:
            plural[key] = tuple(message.string or ())
            singular[key] = plural[key][0]
    return {key: text for key, text in singular.items() if text}, plural


_SINGULAR, _PLURAL = _texts(read_catalogues())


def locale() -> str:
    """The language of the present request: ``zh-CN`` or ``en``."""
    return _current.get()


def use(tag: str) -> None:
    """Answer in ``tag`` from here on, in this request."""
    _current.set(tag if tag in LOCALES else CHINESE)


@contextmanager
def speaking(tag: str) -> Iterator[None]:
    """Answer in ``tag`` inside the block: for mails and papers written for somebody else."""
    token = _current.set(tag if tag in LOCALES else CHINESE)
    try:
        yield
    finally:
        _current.reset(token)


def choose(cookie: str | None, accept_language: str) -> str:
    """The language to answer in: what was chosen, else the browser's first wish that we have, else Chinese."""
    if cookie in LOCALES:
        return str(cookie)
    wishes = [part.partition(";")[0].strip() for part in accept_language.split(",") if part.strip()]
    for wish in wishes:
        if wish.lower().startswith("zh"):
            return CHINESE
        if negotiate_locale([wish], [ENGLISH], sep="-"):
            return ENGLISH
    return CHINESE


def gettext(text: str) -> str:
    """``text`` in the language of the present request; as it is where it has no translation."""
    if _current.get() == CHINESE:
        return text
    return _SINGULAR.get(text, text)


def ngettext(one: str, many: str, count: int) -> str:
    """The form of a text that fits ``count``; Chinese has one form, and both arguments may be the same."""
    if _current.get() == CHINESE:
        return one if count == 1 else many
    forms = _PLURAL.get(one)
    if forms is None:
        return gettext(one if count == 1 else many)
    return forms[0 if count == 1 else -1]


def say(text: str, **params: object) -> str:
    """A marked text in the present language, its ``{named}`` places filled; a message in a place is translated too."""
    shown = gettext(text)
    if not params:
        return shown
    return shown.format(**{name: gettext(value) if isinstance(value, str) else value for name, value in params.items()})


def sentence(error: DomainError) -> str:
    """What a refusal says, in the present language."""
    return say(error.text, **error.params) if error.params else gettext(error.text)


def sentences(error: DomainError) -> list[tuple[str, str, str]]:
    """The refusals in ``error``, each with its field, code and sentence; several are listed one by one."""
    found = error.errors if isinstance(error, Several) else (error,)
    return [(one.field, one.code, sentence(one)) for one in found]
