"""The house keeps its own rules: who may commit, lock, read the clock or the environment, and how long things grow."""

import ast
import importlib
import inspect
import pkgutil
import re
import shutil
import subprocess
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import ModuleType

import pytest

import marketplace
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.states import Machine

ROOT = Path(__file__).parents[2]
OURS = ("marketplace", "workers", "seed")
FILE_LINES_MAX, FUNCTION_LINES_MAX = 400, 60


def tracked(*endings: str) -> list[Path]:
    shown = subprocess.run(
        [shutil.which("git") or "git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [ROOT / name for name in shown.stdout.splitlines() if name.endswith(endings) and (ROOT / name).exists()]


def sources() -> list[Path]:
    return [path for path in tracked(".py") if path.relative_to(ROOT).parts[0] in OURS]


SOURCES = sources()


def modules() -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages(marketplace.__path__, "marketplace."):
        if ".migrations" not in info.name and not info.name.endswith("__main__"):
            yield importlib.import_module(info.name)


def home_of(pattern: str, *homes: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in SOURCES
        if str(path.relative_to(ROOT)) not in homes and "migrations" not in path.parts
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_the_top_level_is_exactly_what_the_design_names() -> None:
    allowed = {
        "pyproject.toml", "README.md", "marketplace", "templates", "workers", "tests", "seed", "deploy",
        "Makefile", "requirements.lock", "LICENSE",
    }  # fmt: skip
    found = {path.relative_to(ROOT).parts[0] for path in tracked("")}
    assert {name for name in found if not name.startswith(".")} <= allowed


@pytest.mark.parametrize(
    ("pattern", "homes"),
    [
        (r"\.commit\(", ("marketplace/db/migrate.py",)),
        (r"with_for_update", ("marketplace/db/base.py",)),
        (r"\bos\.environ\b|\bgetenv\(", ("marketplace/settings.py", "marketplace/web/assets/__init__.py")),
        (r"datetime\.now\(|datetime\.utcnow\(|date\.today\(|time\.time\(", ("marketplace/kit/clock.py",)),
        (r"(?i)\bselect\b.*\bnow\(\)|\bcurrent_timestamp\b|func\.now\(\)", ()),
    ],
    ids=["commit", "lock", "environment", "clock", "sql-now"],
)  # fmt: skip
def test_one_home_for(pattern: str, homes: tuple[str, ...]) -> None:
    assert home_of(pattern, *homes) == []


def test_no_file_outgrows_a_readers_patience() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in [*SOURCES, *[p for p in tracked(".py", ".html", ".js") if p not in SOURCES]]
        if (count := len(path.read_text("utf-8").splitlines())) > FILE_LINES_MAX and "migrations" not in path.parts
    }
    assert long == {}


def test_no_function_outgrows_a_readers_patience() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.name} {length}"
        for path in SOURCES
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_every_module_says_in_a_docstring_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if (text := path.read_text("utf-8")).strip() and not ast.get_docstring(ast.parse(text))
    ]
    assert silent == []


def test_a_state_changes_only_where_the_table_of_moves_is_asked() -> None:
    guilty = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if re.search(r"^\s+\w+(\.\w+)*\.state(, .*)? = ", text := path.read_text("utf-8"), re.MULTILINE)
        and ".after(" not in text
    ]
    assert guilty == []


def machines() -> list[tuple[str, Machine[StrEnum, StrEnum]]]:
    return [
        (f"{module.__name__}.{name}", value)
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, Machine)
    ]


def test_every_state_can_be_reached_and_every_word_has_a_label() -> None:
    assert machines(), "there are machines to look at"
    for name, machine in machines():
        states = type(machine.start)
        reached, frontier = {machine.start}, {machine.start}
        while frontier:
            frontier = {to for (source, _), to in machine.moves.items() if source in frontier} - reached
            reached |= frontier
        assert reached == set(states), name
        actions = {action for _, action in machine.moves}
        assert actions == set(type(next(iter(actions)))), name
        assert {str(word) for word in (*states, *actions)} <= {str(word) for word in machine.labels}, name


def errors() -> list[type[DomainError]]:
    list(modules())
    found: list[type[DomainError]] = []
    frontier = [DomainError]
    while frontier:
        below = frontier.pop().__subclasses__()
        found += [kind for kind in below if kind.__module__.startswith("marketplace.")]
        frontier += below
    return found


def test_every_refusal_has_a_kind_a_code_of_its_own_and_a_sentence() -> None:
    codes: dict[str, str] = {}
    for error in errors():
        if not getattr(error, "code", ""):
            assert error.__subclasses__(), f"{error.__name__} has no code"
            continue
        assert isinstance(error.kind, Kind), error
        assert re.search(r"[。{]", error.text), f"{error.__name__}: {error.text} is a sentence"
        assert codes.setdefault(error.code, error.__qualname__) == error.__qualname__, (
            f"two refusals are called {error.code}"
        )


def test_every_refusal_is_seen_by_a_test() -> None:
    tests = "\n".join(path.read_text("utf-8") for path in tracked(".py") if path.relative_to(ROOT).parts[0] == "tests")
    unseen = [
        error.__name__
        for error in errors()
        if error.__name__ not in tests and f'"{getattr(error, "code", "")}"' not in tests
    ]
    assert unseen == []


def test_a_command_lists_the_refusals_it_raises() -> None:
    missing = []
    for path in SOURCES:
        if "commands" not in str(path.relative_to(ROOT)) and "flows" not in path.parts:
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            raised = {
                call.id if isinstance(call, ast.Name) else call.attr
                for raising in ast.walk(node)
                if isinstance(raising, ast.Raise) and raising.exc is not None
                for call in [raising.exc.func if isinstance(raising.exc, ast.Call) else raising.exc]
                if isinstance(call, ast.Name | ast.Attribute)
            }
            doc = ast.get_docstring(node) or ""
            missing += [
                f"{path.relative_to(ROOT)}:{node.name} {name}"
                for name in raised
                if name[0].isupper() and name not in doc
            ]
    assert missing == []


def test_no_command_takes_its_own_time() -> None:
    for module in modules():
        if ".commands" in module.__name__ or ".flows." in module.__name__:
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == module.__name__ and not name.startswith("_"):
                    assert "clock" not in inspect.signature(function).parameters, (
                        f"{module.__name__}.{name} takes a clock, not a time"
                    )


def test_the_lock_names_no_host_and_pins_every_hash() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    assert not re.search(r"https?://", text)
    assert text.count("==") <= text.count("--hash=sha256:")


def test_no_word_of_the_workplace_stands_in_the_product() -> None:
    pattern = re.compile(
        "/" + r"work/|\.\./" + "shared|" + "far" + r"m-(studio|bench)|https?://(files|registry|deb|mirror)\w*\."
    )
    guilty = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked(
            ".py", ".html", ".md", ".toml", ".json", ".yml", ".sql", ".txt", ".css", ".js", "Makefile", ".lock"
        )
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert guilty == []


def test_fixtures_are_imported_by_name_and_no_test_file_registers_a_plugin() -> None:
    guilty = [
        str(path.relative_to(ROOT))
        for path in tracked(".py")
        if path != Path(__file__) and re.search(r"^pytest_plugins\b", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert guilty == []
