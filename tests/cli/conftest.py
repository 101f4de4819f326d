"""An installation of the test's own for the command line: its database, its folder, its key."""

from pathlib import Path

import pytest

from tests.conftest import ROLES, Urls


@pytest.fixture
def installed(committing_urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the environment at a migrated database and an empty data folder, and return the folder."""
    monkeypatch.setenv("MARKETPLACE_DATABASE_URL", committing_urls.app)
    monkeypatch.setenv("MARKETPLACE_OWNER_URL", committing_urls.owner)
    monkeypatch.setenv("MARKETPLACE_ROLE_PREFIX", ROLES)
    monkeypatch.setenv("MARKETPLACE_HOME", str(tmp_path))
    monkeypatch.setenv("MARKETPLACE_SECRET_KEY", "0b" * 32)
    return tmp_path
