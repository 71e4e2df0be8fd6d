"""settings.toml: read, refused with a line, and changed without losing the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.actions import Action
from services.user_files import write_atomically
from tui import registry
from tui.folders import settings_file
from tui.keymap import checked_keymap, is_key, normal
from tui.settings import Settings, SettingsError, SettingsFile, read_settings, write_theme


def read(tmp_path: Path, text: str) -> SettingsFile:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    return read_settings(path)


def test_defaults_without_a_file(empty_home: Path) -> None:
    assert read_settings().settings == Settings()
    assert settings_file() == empty_home / ".config/lapis/settings.toml"


def test_another_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAPIS_SETTINGS", str(tmp_path / "mine.toml"))
    (tmp_path / "mine.toml").write_text("low_bandwidth = true\n")
    assert read_settings().settings == Settings(low_bandwidth=True)


def test_all_settings(tmp_path: Path) -> None:
    file = read(
        tmp_path,
        'theme = "nord"\nread_only = true\nlow_bandwidth = true\nworkspace = "~/ws"\n'
        '[keys]\n"jobs.cancel" = "ctrl+k"\n',
    )
    assert file.settings == Settings("nord", True, True, "~/ws", {"jobs.cancel": "ctrl+k"})


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('\n# a theme\ntheem = "x"\n', 3, "did you mean theme?"),
        ("read_only = 1\n", 1, "must be true or false"),
        ('theme = "x"\nread_only = "yes"\n', 2, "must be true or false"),
        ("theme = true\n", 1, "must be text in quotes"),
        ('keys = "x"\n', 1, "must be a table"),
        ("[themes]\n", 1, "did you mean theme?"),
        ('[keys]\n\n"jobs.cancel" = 3\n', 3, "must be text"),
        ('[keys]\n"jobs.cancel" = " , "\n', 2, "must be text"),
        ("theme = \n", 1, "line 1"),
        ('read_only = true\ntheme = "a\n', 2, "line 2"),
    ],
)
def test_faults_are_refused_with_file_and_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    assert str(tmp_path / "settings.toml") in caught.value.detail
    assert f"line {line}" in caught.value.detail
    assert words in caught.value.detail


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="can't be read"):
        read_settings(tmp_path / "settings.toml")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'theme = "nord"\n'),
        ("# mine\nread_only = true\n", '# mine\nread_only = true\ntheme = "nord"\n'),
        (
            'a = 1\ntheme = "x" # old\n\n[keys]\n"t.theme" = "T"\n',
            'a = 1\ntheme = "nord" # old\n\n[keys]\n"t.theme" = "T"\n',
        ),
        ('[keys]\ntheme = "x"\n', 'theme = "nord"\n\n[keys]\ntheme = "x"\n'),
    ],
)
def test_a_theme_is_kept_and_the_rest_as_well(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "deep" / "settings.toml"
    if before:
        path.parent.mkdir()
        path.write_text(before)
    write_theme(SettingsFile(Settings(), path), "nord")
    assert path.read_text() == after


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("old")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["settings.toml"]


class FewScreens:
    ACTIONS = (
        Action("few.cancel", ("ctrl+x",), "cancel", "Stop.", danger=True),
        Action("few.open", ("enter",), "open", "Open."),
    )


@pytest.fixture
def few_screens(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(registry.SCREENS):
        monkeypatch.delitem(registry.SCREENS, name)
    registry.SCREENS["few"] = f"{__name__}:FewScreens"


@pytest.mark.usefixtures("few_screens")
class TestKeymap:
    def test_keys_of_ones_own(self, tmp_path: Path) -> None:
        file = read(tmp_path, '[keys]\n"few.cancel" = "ctrl+k, K"\n"app.help" = "f1,?"\n')
        assert checked_keymap(file) == {"few.cancel": "ctrl+k,K", "app.help": "f1,question_mark"}

    def test_keys_can_be_swapped(self, tmp_path: Path) -> None:
        file = read(tmp_path, '[keys]\n"few.cancel" = "enter"\n"few.open" = "ctrl+x"\n')
        assert checked_keymap(file) == {"few.cancel": "enter", "few.open": "ctrl+x"}

    @pytest.mark.parametrize(
        ("text", "line", "words"),
        [
            ('[keys]\n"few.cancle" = "ctrl+k"\n', 2, "did you mean few.cancel?"),
            ('[keys]\n\n"few.cancel" = "ctlr+k"\n', 3, "there is no key ctlr+k"),
            ('[keys]\n"few.cancel" = "enter"\n', 2, "enter is already the key of few.open"),
            ('[keys]\n"few.cancel" = "?"\n', 2, "? is already the key of app.help"),
            ('[keys]\n"few.cancel" = "k"\n"few.open" = "k"\n', 3, "already the key"),
        ],
    )
    def test_faults(self, tmp_path: Path, text: str, line: int, words: str) -> None:
        file = read(tmp_path, text)
        with pytest.raises(SettingsError, match=f"line {line}:") as caught:
            checked_keymap(file)
        assert words in caught.value.detail


def test_names_of_keys() -> None:
    assert all(is_key(normal(key)) for key in ("a", "?", "ctrl+x", "f5", "shift+tab", "alt+a", "+", "space", "pageup"))
    assert not any(is_key(normal(key)) for key in ("ctlr+x", "entre", "ctrl+", "ab"))
