"""Writes notices: the words of a topic in somebody's language, filled with the facts."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from marketplace.identity.schemas import Contact
from marketplace.kit.clock import LEGAL_ZONE
from marketplace.kit.money import yuan_grouped
from marketplace.notices.rules import TOLD

FOLDER = Path(__file__).parents[2] / "templates"
LINK_PLACE = "{link}"
"""Stands in the kept text of a mail where the one-time link goes on its way out."""


class Voice(Protocol):
    """How texts are said in a language; the composition root hands in the pages' own."""

    def gettext(self, text: str) -> str:
        """``text`` in the present language."""

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The form of a text that fits ``count``."""

    def say(self, text: str, **params: object) -> str:
        """``text`` in the present language, its places filled."""

    def speaking(self, tag: str) -> AbstractContextManager[None]:
        """Speak the language ``tag`` inside the block."""


class Writer:
    """Writes notices and mails in the language that its voice speaks at the moment."""

    def __init__(self, voice: Voice, base_url: str = "") -> None:
        self.voice, self._base_url = voice, base_url
        self._env = Environment(
            loader=FileSystemLoader(FOLDER),
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,  # noqa: S701 - mails are plain text: nothing in them is markup
        )
        self._env.install_gettext_callables(  # type: ignore[attr-defined] # the extension adds it
            voice.gettext, voice.ngettext, newstyle=True
        )

    def notice(self, topic: str, params: Mapping[str, Any]) -> tuple[str, str]:
        """Title and text of a notice."""
        words, shown = TOLD[topic], self._shown(params)
        return self.voice.say(words.title, **shown), self.voice.say(words.text, **shown)

    def mail(self, topic: str, params: Mapping[str, Any], *, name: str, url: str) -> tuple[str, str]:
        """Subject and text of a mail to a person of that name."""
        title, text = self.notice(topic, params)
        link = LINK_PLACE if TOLD[topic].is_link else self._base_url + url
        template = self._env.get_template("notices/mail.txt")
        return title, template.render(name=name, title=title, text=text, link=link)

    def mail_to(self, contact: Contact, topic: str, params: Mapping[str, Any], url: str) -> tuple[str, str]:
        """Subject and text of a mail to somebody, in their own language."""
        with self.voice.speaking(contact.locale):
            return self.mail(topic, params, name=contact.name, url=url)

    def link(self, path: str) -> str:
        """An address of this installation for a mail."""
        return self._base_url + path

    def _shown(self, params: Mapping[str, Any]) -> dict[str, object]:
        return {
            name: self.link(value) if name.endswith("_path") else self._value(name, value)
            for name, value in params.items()
        }

    def _value(self, name: str, value: Any) -> object:
        if value is None:
            return "—"
        if name.endswith("_fen"):
            return yuan_grouped(value)
        if name.endswith("_at"):
            return datetime.fromisoformat(value).astimezone(LEGAL_ZONE).strftime("%Y-%m-%d %H:%M")
        if name.endswith("_on"):
            return date.fromisoformat(value).isoformat()
        if isinstance(value, list):
            return self.voice.gettext("、").join(self.voice.gettext(word) for word in value)
        return value
