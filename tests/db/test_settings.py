"""The configuration is read once, says what is wrong by name, and keeps its secret."""

import stat
from pathlib import Path

import pytest

from marketplace.settings import BadSetting, Settings, child_environment, load, master_key


def test_everything_has_a_working_default() -> None:
    assert load({}).port == 8000


def test_values_are_read_in_their_types(tmp_path: Path) -> None:
    found = load({"MARKETPLACE_HOME": str(tmp_path), "MARKETPLACE_PORT": "81", "MARKETPLACE_DEMO": "true"})
    assert (found.home, found.port, found.demo) == (tmp_path, 81, True)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MARKETPLACE_PORT", "many"),
        ("MARKETPLACE_PORT", "0"),
        ("MARKETPLACE_POOL_SIZE", "1"),
        ("MARKETPLACE_NOPE", "1"),
    ],
)
def test_a_wrong_value_is_named(variable: str, value: str) -> None:
    with pytest.raises(BadSetting, match=variable):
        load({variable: value})


def test_a_child_process_runs_under_the_same_settings(tmp_path: Path) -> None:
    mine = Settings(home=tmp_path, port=8123, demo=True, broker_url="amqp://x")
    theirs = {key: value for key, value in child_environment(mine).items() if key.startswith("MARKETPLACE_")}
    assert load(theirs) == mine


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    mine = Settings(home=tmp_path)
    key = master_key(mine)
    assert len(key) == 32
    assert master_key(mine) == key
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("given", ["12", "zz" * 32])
def test_a_secret_of_another_form_is_refused(given: str) -> None:
    with pytest.raises(BadSetting, match="SECRET_KEY"):
        master_key(Settings(secret_key=given))
