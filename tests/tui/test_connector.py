"""What this machine knows of workspaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.places import Place
from services.errors import UserError
from services.targets import AzureTarget, LocalTarget
from tui.connector import AppConnector
from tui.session import Session

TEAM = AzureTarget("sub", "rg", "ws", profile="team")
OTHER = AzureTarget("sub", "rg", "other")


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


@pytest.fixture
def connector(settings: Path, tmp_path: Path) -> AppConnector:
    return AppConnector(settings, tmp_path)


def use(workspace: str) -> None:
    """Lapis was in that workspace."""
    session = Session(workspace)
    session.want([Place("jobs")])
    session.flush()


def test_profiles_then_what_was_opened_each_once(connector: AppConnector, tmp_path: Path) -> None:
    assert list(connector.known()) == []
    connector.remember(TEAM)
    for workspace in (str(tmp_path), "azure:team", str(OTHER), "azure:forgotten", str(tmp_path / "gone")):
        use(workspace)
    assert connector.known()[0] == TEAM
    assert set(connector.known()[1:]) == {LocalTarget(tmp_path), OTHER}
    assert len(connector.known()) == 3


def test_what_is_forgotten_stays_where_it_is(connector: AppConnector, tmp_path: Path, settings: Path) -> None:
    settings.write_text("# mine\ntheme = 'nord'\n")
    connector.remember(TEAM)
    use(str(tmp_path))
    use("azure:team")
    connector.forget(TEAM)
    connector.forget(LocalTarget(tmp_path))
    connector.forget(LocalTarget(tmp_path / "never"))
    assert list(connector.known()) == []
    assert tmp_path.is_dir()
    assert settings.read_text().startswith("# mine\ntheme = 'nord'\n")


def test_a_damaged_session_is_left_out(connector: AppConnector, tmp_path: Path) -> None:
    use(str(tmp_path))
    damaged = Session("damaged").path
    damaged.write_text("{")
    damaged.with_name("list.json").write_text("[]")
    assert list(connector.known()) == [LocalTarget(tmp_path)]


def test_what_can_not_be_kept_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    connector = AppConnector(tmp_path / "file" / "settings.toml")
    with pytest.raises(UserError, match="settings"):
        connector.remember(TEAM)
    with pytest.raises(UserError, match="can't name a profile"):
        AppConnector(tmp_path / "settings.toml").remember(AzureTarget("s", "g", "w", profile="a b"))


def test_config_json_is_found_from_the_folder(connector: AppConnector, tmp_path: Path) -> None:
    assert connector.config_file() is None
    file = tmp_path / ".azureml" / "config.json"
    file.parent.mkdir()
    file.write_text('{"subscription_id": "sub", "resource_group": "rg", "workspace_name": "ws"}')
    found = connector.config_file()
    assert found is not None
    assert (found.path, found.target) == (file, AzureTarget("sub", "rg", "ws"))
    file.write_text('{\n"subscription_id": "sub",')
    with pytest.raises(UserError, match="line 2"):
        connector.config_file()
