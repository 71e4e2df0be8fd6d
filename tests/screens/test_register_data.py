"""The form that registers data: what it suggests, what it refuses and where, what it keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.places import Place
from screens.register_data import RegisterDataScreen
from screens.show_as import ShowAs
from services.errors import AccessError, Fault, SpecError
from tests.support.app import ScreenApp, settle
from tests.support.fake_workspace import FakeWorkspace
from tests.support.keys import shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("still_cards")


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the form starts from."""
    (tmp_path / "train.csv").write_text("a,b\n1,2\n")
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "one.png").write_bytes(bytes(2_000))
    (tmp_path / "table").mkdir()
    (tmp_path / "table" / "MLTable").write_text("paths:\n  - file: ./t.csv\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def screen_of(workspace: FakeWorkspace, subject: str = "") -> RegisterDataScreen:
    return RegisterDataScreen(
        Place("register-data", subject), data=workspace.data, datastores=workspace.datastores, workspace=workspace
    )


def values(pilot: Pilot[Any]) -> dict[str, str]:
    form = pilot.app.screen_stack[0]
    assert isinstance(form, RegisterDataScreen)
    return form.values()


async def fill(pilot: Pilot[Any], **texts: str) -> None:
    """Put texts in fields and wait until the form has looked at them."""
    form = pilot.app.screen_stack[0]
    assert isinstance(form, RegisterDataScreen)
    for key, text in texts.items():
        form.fields[key].value = text
    form.typed()
    await settle(pilot)


async def test_an_empty_form(workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


@pytest.mark.parametrize(
    ("path", "type_", "name", "told"),
    [
        ("train.csv", "uri_file", "train", "a file of 8 B, copied into the default datastore"),
        ("images", "uri_folder", "images", "a folder: 1 file, 2.0 kB, copied"),
        ("table/", "mltable", "table", "a folder with an MLTable file: 1 file, 25 B"),
        ("nothing.csv", "uri_file", "nothing", "nothing is there"),
        ("*.csv", "uri_file", "", "a pattern is no path: name the folder"),
        ("x" * 300, "uri_file", "x" * 255, "can't be read: File name too long"),
    ],
)
async def test_a_path_suggests_type_and_name(
    workspace: FakeWorkspace, path: str, type_: str, name: str, told: str
) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await fill(pilot, path=path)
        assert (values(pilot)["type"], values(pilot)["name"]) == (type_, name)
        assert shows(pilot, told)


async def test_a_file_as_mltable_is_wrapped_and_its_mltable_shown(
    workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, path="train.csv", type="mltable")
        await screen_snapshot(pilot)
        assert shows(pilot, "- file: ./train.csv")
        await pilot.press("ctrl+s")
        await settle(pilot)
        spec, base = workspace.called("data.create")[0]
        assert (spec.name, spec.type, spec.path) == ("train", "mltable", str(base))
        await fill(pilot, path="images/one.png", type="mltable")
        assert shows(pilot, "is no table")


async def test_keys_type_and_the_form_looks_when_they_rest(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press(*"table")
        await eventually(lambda: values(pilot)["type"] == "mltable")


async def test_what_was_typed_is_not_replaced_by_suggestions(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await fill(pilot, path="train.csv")
        await fill(pilot, name="mine", type="uri_folder")
        await fill(pilot, path="table")
        assert (values(pilot)["type"], values(pilot)["name"]) == ("uri_folder", "mine")


@pytest.mark.parametrize(
    ("uri", "type_", "told"),
    [
        (
            "abfss://fs@acc.dfs.core.windows.net/data/x.csv",
            "uri_file",
            ["abfss · account acc · container fs · path data/x.csv", "stays where it is"],
        ),
        ("https://acc.blob.core.windows.net/c/x.csv?sig=abc", "uri_file", ["https · account acc · container c"]),
        ("https://example.org/x.csv", "uri_file", ["https · host example.org · path x.csv"]),
        (
            "azureml://datastores/workspaceblobstore/paths/LocalUpload/ab12/diabetes.csv",
            "uri_file",
            ["datastore workspaceblobstore · path LocalUpload", "a file of 518 kB in workspaceblobstore"],
        ),
        (
            "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/workspaceblobstore/paths/LocalUpload/",
            "uri_folder",
            ["workspace w · datastore workspaceblobstore", "a folder in workspaceblobstore: 1 entry"],
        ),
        ("azureml://datastores/nowhere/paths/x", "uri_file", ["There is no datastore named nowhere."]),
        ("azureml://datastores/workspaceblobstore/paths/nothing", "uri_file", ["workspaceblobstore has no nothing"]),
        ("gopher://x", "uri_file", ["no URI that Azure ML reads"]),
    ],
)
async def test_a_uri_is_taken_apart(workspace: FakeWorkspace, uri: str, type_: str, told: list[str]) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await fill(pilot, path=uri)
        assert values(pilot)["type"] == type_
        for words in told:
            assert words in text_of(pilot)


async def test_it_is_registered_and_opened(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await fill(pilot, path="train.csv", description="The rows", tags="stage=test\nnote=a = b")
        await pilot.press("ctrl+s")
        await settle(pilot)
        [(spec, base)] = workspace.called("data.create")
        assert (spec.name, spec.path, spec.type, spec.version) == ("train", "train.csv", "uri_file", None)
        assert (spec.description, dict(spec.tags)) == ("The rows", {"stage": "test", "note": "a = b"})
        assert base == Path.cwd()
        assert app.opened == [Place("data-asset", "train:1")]
        assert app.pushed == [False]


async def test_another_version_says_its_number(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace, "asset:diabetes")).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, path="train.csv")
        assert values(pilot)["name"] == "diabetes"
        await screen_snapshot(pilot)


async def test_faults_are_told_at_their_fields(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, tags="no pair", description="stays")
        await pilot.press("ctrl+s")
        await screen_snapshot(pilot)
        assert workspace.called("data.create") == []
        assert values(pilot)["description"] == "stays"


async def test_what_the_service_refuses_is_told_at_its_field(workspace: FakeWorkspace) -> None:
    workspace.fail("data.create", SpecError([Fault("name", "expected 1 to 255 letters")]))
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, path="train.csv", name="a/b")
        await pilot.press("ctrl+s")
        await eventually(lambda: shows(pilot, "✗ expected 1 to 255 letters"))
        assert values(pilot)["name"] == "a/b"


async def test_a_version_that_is_taken_is_told_at_the_version(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, path="train.csv", name="diabetes", version="2")
        await pilot.press("ctrl+s")
        await eventually(lambda: shows(pilot, "✗ diabetes:2 exists already"))
        form = pilot.app.screen
        assert isinstance(form, RegisterDataScreen)
        assert [fault.path for fault in form.fields["version"].faults] == ["version"]


async def test_nothing_typed_is_lost_when_it_fails(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    workspace.fail("data.create", AccessError("The datastore can't be written.", advice="Ask its owner."))
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, path="train.csv", name="rows", tags="a=b")
        before = values(pilot)
        await pilot.press("ctrl+s")
        await screen_snapshot(pilot)
        assert values(pilot) == before
        workspace.mend("data.create")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert app.opened == [Place("data-asset", "rows:1")]


async def test_it_is_registered_once_while_it_is_busy(workspace: FakeWorkspace) -> None:
    gate = workspace.slow("data.create")
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, path="train.csv")
        await pilot.press("ctrl+s")
        await eventually(lambda: shows(pilot, "◔ Copying and registering ..."))
        await pilot.press("ctrl+s")
        gate.set()
        await settle(pilot)
        assert len(workspace.called("data.create")) == 1


async def test_escape_asks_before_what_was_typed_is_lost(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, description="long text")
        await pilot.press("escape")
        await eventually(lambda: shows(pilot, "What you typed is not submitted"))
        await pilot.press("n")
        await settle(pilot)
        assert app.left == 0
        assert values(pilot)["description"] == "long text"
        await pilot.press("escape")
        await eventually(lambda: app.screen is not app.first)
        await pilot.press("y")
        await eventually(lambda: app.left == 1)


async def test_escape_leaves_an_untouched_form(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, "path:train.csv"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await eventually(lambda: values(pilot)["name"] == "train")
        await pilot.press("escape")
        await eventually(lambda: app.left == 1)


async def test_the_form_as_yaml(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, path="table")
        await pilot.press("ctrl+y")
        await eventually(lambda: isinstance(app.screen, ShowAs))
        assert isinstance(drawer := app.screen, ShowAs)
        assert "type: mltable" in drawer.form.text
        assert "name: table" in drawer.form.text


async def test_a_hostile_path_is_shown_not_obeyed(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await fill(pilot, path="azureml://datastores/\x1b[31m[b]/paths/\u202ex")
        text = text_of(pilot)
        assert "datastore ␛[31m[b] · path ‹U+202E›x" in text
        assert "\u202e" not in text.replace(values(pilot)["path"], "")
