from __future__ import annotations

from pathlib import Path

import pytest

from services.errors import UserError
from services.targets import AzureTarget, LocalTarget, parse_target
from tui.profiles import remove_profile, write_profile
from tui.settings import SettingsError, read_settings

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
TEAM = AzureTarget(SUBSCRIPTION, "rg-team", "ws-team", "tenant", profile="team")
TABLE = f"""\
[profiles.team]
subscription_id = "{SUBSCRIPTION}"
resource_group = "rg-team"
workspace_name = "ws-team"
tenant_id = "tenant"
"""


def test_profiles_are_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(TABLE)
    assert read_settings(path).settings.profiles == {"team": TEAM}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[profiles.team]\nsubscription_id = 'x'\n", 1, "lacks resource_group, workspace_name"),
        (TABLE + "region = 'x'\n", 6, "no key region"),
        (TABLE.replace('"rg-team"', "3"), 3, "must be text"),
        (TABLE.replace('"rg-team"', '""'), 3, "must be text"),
        ("profiles = 3\n", 1, "must be a table"),
        ("[profiles]\nteam = 3\n", 2, "must be a table"),
        ("[profiles.'a b']\n", 1, "can't name a profile"),
    ],
    ids=["lacks", "unknown", "number", "empty", "no-table", "no-inner-table", "name"],
)
def test_faults_are_refused_with_their_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=words) as caught:
        read_settings(path)
    assert f"line {line}:" in caught.value.detail


def test_a_profile_is_kept_and_forgotten_and_the_rest_stays(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("# mine\ntheme = 'nord'\n")
    write_profile(path, TEAM)
    write_profile(path, AzureTarget("s", "g", "w", profile="other"))
    assert path.read_text().startswith("# mine\ntheme = 'nord'\n")
    assert list(read_settings(path).settings.profiles) == ["team", "other"]
    assert read_settings(path).settings.profiles["team"] == TEAM
    remove_profile(path, "team")
    remove_profile(path, "never")
    assert list(read_settings(path).settings.profiles) == ["other"]


def test_a_name_that_toml_or_a_shell_would_trip_over(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="can't name"):
        write_profile(tmp_path / "settings.toml", AzureTarget("s", "g", "w", profile="a b"))
    assert not (tmp_path / "settings.toml").exists()


def test_what_w_names() -> None:
    assert parse_target("azure:team", {"team": TEAM}) == TEAM
    assert parse_target("azure:s/g/w", {}) == AzureTarget("s", "g", "w")
    assert parse_target("~/lapis", {}) == LocalTarget(Path("~/lapis"))
    with pytest.raises(UserError, match=r"no profile named tea\. There are team"):
        parse_target("azure:tea", {"team": TEAM})
