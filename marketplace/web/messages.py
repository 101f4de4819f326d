"""Finds every text that users read; ``python -m marketplace.web.messages`` prints what lacks English.

The lines it prints are entries for ``marketplace/web/locale/en/<domain>.po``: fill in ``msgstr`` and append them there.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from jinja2 import Environment, nodes
from jinja2.ext import babel_extract

from marketplace.web.i18n import read_catalogues

ROOT = Path(__file__).parents[2]
PYTHON = ("marketplace", "workers")
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "say": (1,),
    "tag": (1,),
}
"""The calls whose first text is a message."""
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_EXTENSIONS = ["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"]

Found = dict[str, str]
"""Each message with the first place it stands in."""


def in_python() -> Found:
    """The messages of our modules."""
    found: Found = {}
    for top in PYTHON:
        for path in sorted((ROOT / top).rglob("*.py")):
            with path.open("rb") as file:
                for line, message, _, _ in extract("python", file, KEYWORDS, options={"encoding": "utf-8"}):
                    for one in [message] if isinstance(message, str) else message:
                        if one and CHINESE.search(one):
                            found.setdefault(one, f"{path.relative_to(ROOT)}:{line}")
    return found


def templates() -> Iterator[Path]:
    """The templates that people read, pages and notices; papers are Typst."""
    for ending in ("html", "txt"):
        yield from sorted((ROOT / "templates").rglob(f"*.{ending}"))


def in_templates() -> Found:
    """The messages of our templates."""
    found: Found = {}
    options = {"extensions": ",".join(_EXTENSIONS), "silent": "false"}
    for path in templates():
        with path.open("rb") as file:
            for line, _, message, _ in babel_extract(file, list(KEYWORDS), [], options):
                for one in [message] if isinstance(message, str) else message or ():
                    if one and CHINESE.search(one):
                        found.setdefault(one, f"{path.relative_to(ROOT)}:{line}")
    return found


def unmarked() -> list[str]:
    """Chinese in templates that no translator will ever see."""
    environment = Environment(extensions=_EXTENSIONS, autoescape=True)
    loose = []
    for path in templates():
        tree = environment.parse(path.read_text("utf-8"))
        marked = {
            id(argument)
            for call in tree.find_all(nodes.Call)
            if isinstance(call.node, nodes.Name) and call.node.name in KEYWORDS
            for argument in [*call.args, *[keyword.value for keyword in call.kwargs]]
        }
        for text in tree.find_all((nodes.TemplateData, nodes.Const)):
            value = getattr(text, "data", getattr(text, "value", None))
            if id(text) not in marked and isinstance(value, str) and CHINESE.search(value):
                loose.append(f"{path.relative_to(ROOT)}:{text.lineno} {value.strip()[:40]}")
    return loose


def missing() -> Found:
    """What has no English yet."""
    known = read_catalogues()
    wanted = in_python() | in_templates()
    return {text: place for text, place in wanted.items() if text not in known or not known[text].string}


def entry(text: str, place: str) -> str:
    """A message as an entry of a catalogue, to be filled in."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'#: {place}\nmsgid "{quoted}"\nmsgstr ""\n'


def main() -> int:
    """Print what lacks English; 1 if anything does."""
    found = missing()
    for text, place in found.items():
        sys.stdout.write(entry(text, place) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
