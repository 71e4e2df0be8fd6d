"""The language of the command line, without a screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screens.actions import Action
from screens.drift_texts import sources_of
from screens.places import Place
from services.errors import TransientError
from tests.support.fake_workspace import FakeWorkspace
from tui.command_history import LIMIT, LONGEST, CommandHistory
from tui.command_runner import absolute
from tui.commands import BY_NAME, COMMANDS, CommandError, Do, Gap, Go, Tell, command_names, gap, parse
from tui.completion import Completer
from tui.registry import SCREENS

CANCEL = Action("spoken.cancel", ("ctrl+x",), "cancel", "Stop it.")
SHOW_AS = Action("spoken.show-as", ("y",), "show as", "As YAML.")
ACTIONS = (CANCEL, SHOW_AS)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("jobs", Place("jobs")),
        (":jobs", Place("jobs")),
        ("  jobs  ", Place("jobs")),
        ("JOBS", Place("jobs")),
        ("jobs /auc failed", Place("jobs", filter="auc failed")),
        ("jobs/auc", Place("jobs", filter="auc")),
        ("jobs auc", Place("jobs", filter="auc")),
        ("jobs /", Place("jobs")),
        ("jobs /a/b", Place("jobs", filter="a/b")),
        ("job keen_star_4", Place("job", "keen_star_4")),
        ("j keen_star_4", Place("job", "keen_star_4")),
        ("submit", Place("submit")),
        ("new", Place("submit")),
        ("submit job.yml", Place("submit", "file:job.yml")),
        ("submit /a folder/job.yml", Place("submit", "file:/a folder/job.yml")),
        ("submit '/a folder/job.yml'", Place("submit", "file:/a folder/job.yml")),
        ("clone keen_star_4", Place("submit", "clone:keen_star_4")),
        ("compare a b", Place("compare", "a b")),
        ("diff a   b", Place("compare", "a b")),
        ("data", Place("data")),
        ("data /uri_file", Place("data", filter="uri_file")),
        ("data diabetes", Place("data-asset", "diabetes")),
        ("data diabetes:2", Place("data-asset", "diabetes:2")),
        ("table azureml:diabetes:1", Place("table", "azureml:diabetes:1")),
        ("table a folder/x.csv", Place("table", "a folder/x.csv")),
        ("profile azureml:diabetes:1", Place("profile", "azureml:diabetes:1")),
        ("features azureml:diabetes:1", Place("features", "azureml:diabetes:1")),
        ("privacy azureml:diabetes:1", Place("privacy", "azureml:diabetes:1")),
        ("changes azureml:d:1 'a b.csv'", Place("data-diff", "azureml:d:1 'a b.csv'")),
        ("register-data ~/x.csv", Place("register-data", "path:~/x.csv")),
        ("models", Place("models")),
        ("model diabetes-lr", Place("model", "diabetes-lr")),
        ("register-model keen_star_4", Place("register-model", "job:keen_star_4")),
        ("compute", Place("compute")),
        ("datastores", Place("datastores")),
        ("datastore workspaceblobstore", Place("datastore", "workspaceblobstore")),
        ("environments /own", Place("environments", filter="own")),
        ("workspace", Place("workspace")),
        ("ws", Place("workspace")),
    ],
)
def test_places(line: str, place: Place) -> None:
    assert parse(line) == Go(place)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("q", Tell("quit")),
        ("q!", Tell("quit")),
        ("wq", Tell("quit")),
        ("help", Tell("help")),
        ("back", Tell("back")),
        ("theme", Tell("theme")),
        ("theme nord", Tell("theme", "nord")),
        ("cancel", Do(CANCEL)),
        ("spoken.cancel", Do(CANCEL)),
        ("show as", Do(SHOW_AS)),
        ("show-as", Do(SHOW_AS)),
        ("", None),
        (" : ", None),
    ],
)
def test_actions_and_the_app(line: str, command: object) -> None:
    assert parse(line, ACTIONS) == command


@pytest.mark.parametrize(
    ("line", "words", "at"),
    [
        ("jbos", "did you mean :jobs?", 0),
        ("canel", "did you mean :cancel?", 0),
        ("xyzzy", "tab shows what there is", 0),
        ("job", ":job NAME", 3),
        ("job a b", "a name has no spaces", 5),
        ("compare a", "two names are needed", 8),
        ("compare a b c", "two names are needed", 8),
        ("changes 'a b", "a quote is never closed", 8),
        ("quit now", "takes nothing after it", 5),
        ("workspace mine", "takes nothing after it", 10),
    ],
)
def test_mistakes_say_what_is_right(line: str, words: str, at: int) -> None:
    with pytest.raises(CommandError) as caught:
        parse(line, ACTIONS)
    assert words in caught.value.detail
    assert caught.value.at == at


@given(st.text(max_size=40))
def test_no_line_breaks_the_parser(line: str) -> None:
    """Any text is a command, nothing, or a mistake that names itself within the line."""
    at = 0
    try:
        parse(line, ACTIONS)
    except CommandError as error:
        at = error.at
    assert 0 <= at <= len(line)
    assert 0 <= gap(line).start <= len(line)


def test_every_command_leads_to_a_screen_that_exists() -> None:
    for word in COMMANDS:
        assert word.screen in {"", *SCREENS}
        assert word.with_subject in {"", *SCREENS}
    assert len(BY_NAME) == sum(len(word.names) for word in COMMANDS)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", Gap("command", 0, "")),
        ("jo", Gap("command", 0, "jo")),
        (":jo", Gap("command", 1, "jo")),
        ("job ", Gap("job", 4, "")),
        ("job ke", Gap("job", 4, "ke")),
        ("clone  ke", Gap("job", 7, "ke")),
        ("compare a", Gap("job", 8, "a")),
        ("compare a b", Gap("job", 10, "b")),
        ("compare a ", Gap("job", 10, "")),
        ("submit ~/a b/c", Gap("file", 7, "~/a b/c")),
        ("table ~/a b/c", Gap("source", 6, "~/a b/c")),
        ("changes azureml:d:1 az", Gap("source", 20, "az")),
        ("theme no", Gap("theme", 6, "no")),
        ("data di", Gap("data", 5, "di")),
        ("data /di", Gap("", 8, "")),
        ("jobs /x", Gap("", 7, "")),
        ("workspace ", Gap("", 10, "")),
    ],
)
def test_what_is_to_be_completed(line: str, expected: Gap) -> None:
    assert gap(line) == expected


def test_command_names() -> None:
    """Commands by any of their names, then actions by label; ids only once something is typed."""
    assert [name for name, _ in command_names("j", ACTIONS)] == ["jobs", "job"]
    assert [name for name, _ in command_names("di", ACTIONS)] == ["compare"]
    assert [name for name, _ in command_names("sp", ACTIONS)] == ["spoken.cancel", "spoken.show-as"]
    assert [name for name, _ in command_names("ca", ACTIONS)] == ["cancel"]
    everything = [name for name, _ in command_names("", ACTIONS)]
    assert "show as" in everything
    assert "spoken.cancel" not in everything
    assert len(everything) == len(set(everything))


async def test_subjects_come_from_the_workspace(workspace: FakeWorkspace) -> None:
    complete = Completer(workspace, ["nord", "lapis"]).subjects
    assert [name for name, _ in await complete("job", "keen")] == ["keen_star_4"]
    assert [name for name, _ in await complete("data", "")] == ["diabetes", "empty-folder", "titanic-folder"]
    assert [name for name, _ in await complete("model", "diab")] == ["diabetes-lr"]
    assert [name for name, _ in await complete("theme", "")] == ["lapis", "nord"]
    assert len(await complete("datastore", "workspace")) == 4
    notes = [note for _, note in await complete("job", "evil")]
    assert "\x1b" not in notes[0]
    workspace.fail("jobs.list", TransientError("offline"))
    assert await complete("job", "keen") == ()
    assert not await complete("", "x")


async def test_files_are_completed(workspace: FakeWorkspace, tmp_path: Path) -> None:
    """Folders first, with a slash; hidden files only when a dot is typed; names with control characters never."""
    (tmp_path / "sub").mkdir()
    for name in ("a.yml", "b.yml", ".hidden", "evil\x1b[31m.yml"):
        (tmp_path / name).touch()
    complete = Completer(workspace, []).subjects
    assert [n for n, _ in await complete("file", f"{tmp_path}/")] == [
        f"{tmp_path}/{n}" for n in ("sub/", "a.yml", "b.yml")
    ]
    assert [n for n, _ in await complete("file", f"{tmp_path}/.h")] == [f"{tmp_path}/.hidden"]
    assert await complete("file", f"{tmp_path}/no/such/") == []
    assert [n for n, _ in await complete("source", f"{tmp_path}/a")] == [f"{tmp_path}/a.yml"]
    assert [n for n, _ in await complete("source", "azureml:dia")] == ["azureml:diabetes:2"]


def test_history_is_walked_and_kept(tmp_path: Path) -> None:
    """Up recalls, down comes back to what was typed, and the next start knows it all."""
    path = tmp_path / "state" / "commands.txt"
    history = CommandHistory(path)
    history.begin()
    for line in ("jobs", "job a", "jobs", "  "):
        history.add(line)
    again = CommandHistory(path)
    again.begin()
    assert [again.older("dra"), again.older(""), again.older("")] == ["jobs", "job a", "job a"]
    assert [again.newer(""), again.newer(""), again.newer("x")] == ["jobs", "dra", "x"]
    assert path.stat().st_mode & 0o077 == 0


def test_history_is_bounded_and_safe(tmp_path: Path) -> None:
    """Neither endless lines nor escapes nor secrets pile up, and a damaged or read-only file is no obstacle."""
    path = tmp_path / "commands.txt"
    history = CommandHistory(path)
    history.begin()
    for number in range(LIMIT + 5):
        history.add(f"job {number}")
    history.add("x" * 5000)
    history.add("submit \x1b[31m?sig=abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ%3D&x")
    lines = path.read_text().splitlines()
    assert len(lines) == LIMIT
    assert len(lines[-2]) == LONGEST
    assert "\x1b" not in lines[-1]
    assert "abcdefghij" not in lines[-1]
    path.write_bytes(b"\xff\xfe\x00")
    broken = CommandHistory(path)
    broken.begin()
    assert broken.older("typed") == "typed"
    lost = CommandHistory(Path("/proc/nowhere/commands.txt"))
    lost.begin()
    lost.add("jobs")
    assert lost.older("") == "" or lost.older("") == "jobs"


@pytest.mark.parametrize("screen", ["table", "profile", "features", "privacy"])
def test_a_file_is_the_same_one_from_every_folder(screen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute(Place(screen, "a b.csv")) == Place(screen, f"{tmp_path}/a b.csv")
    assert absolute(Place(screen, "azureml:diabetes:1")) == Place(screen, "azureml:diabetes:1")
    assert absolute(Place(screen, "https://example.org/a.csv")).subject == "https://example.org/a.csv"


def test_both_files_of_a_comparison_are_the_same_ones_from_every_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place = parse("changes 'a b.csv' azureml:diabetes:1")
    assert isinstance(place, Go)
    assert sources_of(absolute(place.place).subject) == (f"{tmp_path}/a b.csv", "azureml:diabetes:1")
