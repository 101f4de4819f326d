"""The template environment: strict about what is missing, escaping everything, compiled before the first request."""

from functools import cache
from pathlib import Path
from typing import Any

import govuk_frontend_jinja
from jinja2 import (
    BytecodeCache,
    ChainableUndefined,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
)
from jinja2.bccache import Bucket
from markupsafe import Markup

from marketplace.web import i18n
from marketplace.web.figures import FIGURES
from marketplace.web.show import SHOWN

FOLDER = Path(__file__).parents[2] / "templates"
COMPONENTS = (
    "breadcrumbs", "button", "character-count", "checkboxes", "details", "error-message", "error-summary", "fieldset",
    "file-upload", "hint", "input", "inset-text", "label", "notification-banner", "pagination", "panel",
    "password-input",
    "radios", "select", "summary-list", "table", "tag", "task-list", "textarea", "warning-text",
)  # fmt: skip


class _Compiled(BytecodeCache):
    """Keeps compiled templates by their content, so that a second site in this process need not compile them again."""

    def __init__(self) -> None:
        self.code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled of the same text."""
        known = self.code.get(bucket.key + bucket.checksum)
        if known:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Remember what was compiled."""
        self.code[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


@cache
def _components() -> dict[str, Any]:
    """The macros of the component set as ``govukInput`` and so on.

    They live in an environment of their own, because they ask for parameters that were not given, which ours forbids.
    """
    package = Path(govuk_frontend_jinja.__file__).parent.name
    lenient = Environment(
        loader=PrefixLoader({package: PackageLoader(package)}),
        undefined=ChainableUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True, auto_reload=False,
        cache_size=-1,
    )  # fmt: skip
    found = {}
    for name in COMPONENTS:
        macro = "govuk" + "".join(part.capitalize() for part in name.split("-"))
        module = lenient.get_template(f"{package}/components/{name}/macro.html").module
        found[macro] = getattr(module, macro)
    return found


def _said(text: str, /, **places: Any) -> Markup:
    """``text`` in the present language, its ``%(named)s`` places filled and escaped.

    The extension's own function asks for the template's context and copies it at each of a page's hundred calls.
    """
    shown = Markup(i18n.gettext(text))  # noqa: S704 - our own words, from templates and catalogues
    return shown % places if places or "%" in shown else shown


def environment(**shared: Any) -> Environment:
    """The environment of our templates; ``shared`` are further names that each of them may use."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        autoescape=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        bytecode_cache=_COMPILED,
    )
    made.install_gettext_callables(  # type: ignore[attr-defined] # the extension adds it
        i18n.gettext, i18n.ngettext, newstyle=True
    )
    made.globals.update(_components() | SHOWN | FIGURES | {"_": _said, "gettext": _said})
    made.globals.update(say=i18n.say, locale=i18n.locale, LOCALES=i18n.LOCALES)
    made.globals.update(shared)
    return made


def compile_all(made: Environment) -> int:
    """Compile every page now, so that the first visitor does not wait; returns how many there are."""
    names = made.list_templates(extensions=("html",))
    for name in names:
        made.get_template(name)
    return len(names)
