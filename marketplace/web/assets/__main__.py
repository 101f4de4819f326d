"""``python -m marketplace.web.assets``: fetch the page assets if they are not there yet."""

import sys

from marketplace.web.assets import build

build(lambda line: print(line, file=sys.stderr))  # noqa: T201 - a command prints
