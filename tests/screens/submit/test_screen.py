"""The submit form: filled in, checked while typing, submitted; nothing that was typed is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import TextArea

from screens.fields import Picker
from screens.places import Place
from screens.show_as import ShowAs
from screens.submit import SubmitScreen
from screens.submit.fields import CommandLines
from screens.submit.origin import DRAFTS
from screens.submit.ports import MODE_HINT, OUTPUT_MODE_HINT, TYPE_HINT, PortField, Ports
from services.errors import ConflictError, Fault, TransientError
from services.specs.command import CommandJob, JobInput, JobOutput
from tests.support.app import ScreenApp, settle
from tests.support.entities import HOSTILE
from tests.support.fake_workspace import FakeWorkspace
from tests.support.forms import fill, form_of, rested
from tests.support.keys import answer, asked
from tests.support.snapshots import ScreenSnapshot, screen_text
from tests.support.waiting import eventually

CLONE = "clone:keen_star_4"
FAULTS = (
    Fault("inputs.training_data.path", "there is no data asset diabetes:2"),
    Fault("environment_variables.1X", "the name of a variable is letters, digits and `_`"),
    Fault("limits.timeout", "expected a number of seconds above 0"),
    Fault("resources.shm_size", "means nothing on this machine", "warning"),
    Fault("compute", "cpu-cluster is not on this machine; the job runs here", "note"),
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with code and a job file."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text("print(1)\n")
    (tmp_path / "job.yml").write_text(
        "type: command\ncommand: python train.py --reg ${{inputs.reg}}\ncode: ./src\n"
        "display_name: From a file\ninputs:\n  reg: 0.1\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def screen_of(workspace: FakeWorkspace, subject: str = "") -> SubmitScreen:
    return SubmitScreen(
        Place("submit", subject),
        jobs=workspace.jobs,
        data=workspace.data,
        environments=workspace.environments,
        compute=workspace.compute,
        workspace=workspace,
    )


def text_of(pilot: Pilot[None]) -> str:
    return screen_text(pilot.app)


def shows(pilot: Pilot[None], *words: str) -> bool:
    text = text_of(pilot)
    return all(word in text for word in words)


def ports(pilot: Pilot[None], section: str = "inputs") -> list[PortField]:
    return form_of(pilot).query_one(f"#{section}", Ports).port_fields


async def test_a_clone(workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace, CLONE)).run_test(size=size) as pilot:
        await rested(pilot)
        await screen_snapshot(pilot)


async def test_loading(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    gate = workspace.slow("jobs.spec")
    async with ScreenApp(screen_of(workspace, CLONE)).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot, busy=True)
        gate.set()
        await eventually(lambda: shows(pilot, "python train.py"))


async def test_a_job_that_is_not_there(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    app = ScreenApp(screen_of(workspace, "clone:nobody"))
    async with app.run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert app.left == 1


async def test_faults_stand_at_their_fields(
    workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    workspace.jobs.faults = FAULTS
    async with ScreenApp(screen_of(workspace, CLONE)).run_test(size=size) as pilot:
        await rested(pilot)
        await screen_snapshot(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert ports(pilot)[0].has_focus_within
        assert workspace.called("jobs.submit") != []
        assert "keen_star_4" in text_of(pilot)


async def test_each_typing_is_checked_and_the_fault_goes_with_its_cause(workspace: FakeWorkspace) -> None:
    workspace.jobs.faults = ()
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert workspace.called("jobs.preflight") == []
        await fill(pilot, code="src")
        command = form_of(pilot).fields["command"]
        assert [fault.message for fault in command.faults] == ["is missing"]
        assert shows(pilot, "1 fault")
        command.focus_control()
        await pilot.press(*"python x.py")
        await rested(pilot)
        assert command.faults == ()
        assert shows(pilot, "Ready: ctrl+s submits")
        assert workspace.called("jobs.preflight")[-1][0] == CommandJob("python x.py", code="src")


async def test_what_the_texts_mean_is_checked_too(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, CLONE)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, tags="a=1\na=2", environment_variables="oops", limits="soon")
        messages = [form_of(pilot).fields[key].faults[0].message for key in ("tags", "environment_variables", "limits")]
        assert messages == [
            "a stands twice",
            "expected key=value, got 'oops'",
            "expected seconds, or a time such as 90m or 1h30m",
        ]
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert workspace.called("jobs.submit") == []


async def test_the_code_that_will_be_taken_and_its_commit(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, CLONE)).run_test(size=(80, 24)) as pilot:
        await rested(pilot)
        assert shows(pilot, "3 files", "will be taken; 2 left out by .amlignore", "git: 0a1b2c3d* on main")


async def test_ctrl_l_lists_every_file(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(screen_of(workspace, CLONE)).run_test(size=(80, 24)) as pilot:
        await rested(pilot)
        await pilot.press("ctrl+l")
        await screen_snapshot(pilot)


async def test_ctrl_s_submits_and_goes_to_the_live_job(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, CLONE))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, display_name="once more", tags="model=lr\nround=2", limits="90m")
        await pilot.press("ctrl+s")
        await settle(pilot)
        ((spec, base, strict),) = workspace.called("jobs.submit")
        assert (spec.display_name, spec.tags, spec.limits.timeout) == ("once more", {"model": "lr", "round": "2"}, 5400)
        assert spec.inputs["training_data"] == JobInput(type="uri_file", path="azureml:diabetes:2", mode="ro_mount")
        assert spec.inputs["reg_rate"] == 0.01
        assert re.fullmatch(r"[a-z]+_[a-z]+_\w{10}", spec.name)
        assert (base.name, strict) == ("keen_star_4", False)
        assert app.opened[0].screen == "job"
        assert app.pushed == [False]
        assert "Submitted once more" in app.last_notice
    assert DRAFTS == {}


@pytest.mark.parametrize(
    "error",
    [TransientError("The service did not answer.", advice="Try again."), ConflictError("There is a job x already.")],
    ids=["no-answer", "conflict"],
)
async def test_a_submit_that_fails_loses_nothing(
    workspace: FakeWorkspace, error: TransientError | ConflictError, screen_snapshot: ScreenSnapshot
) -> None:
    workspace.fail("jobs.submit", error)
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, code="src", command="python train.py", description="why\nnot")
        form_of(pilot).query_one("#origin").display = False  # it names the folder of this test
        await pilot.press("ctrl+s")
        await screen_snapshot(pilot)
        assert form_of(pilot).values()["description"] == "why\nnot"
        assert app.opened == []
        workspace.mend("jobs.submit")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert app.opened[0].screen == "job"


async def test_a_check_that_fails_is_told_and_made_again(workspace: FakeWorkspace) -> None:
    workspace.fail("jobs.preflight", TransientError("The database is locked."))
    async with ScreenApp(screen_of(workspace, CLONE)).run_test(size=(80, 24)) as pilot:
        await rested(pilot)
        assert shows(pilot, "✗ No answer: The database is locked.")
        workspace.mend("jobs.preflight")
        await fill(pilot, display_name="x")
        assert not shows(pilot, "The database is locked.")


async def test_it_is_submitted_once(workspace: FakeWorkspace) -> None:
    gate = workspace.slow("jobs.submit")
    app = ScreenApp(screen_of(workspace, CLONE))
    async with app.run_test(size=(80, 24)) as pilot:
        await rested(pilot)
        await pilot.press("ctrl+s")
        await eventually(lambda: shows(pilot, "Copying the code and submitting ..."))
        await pilot.press("ctrl+s")
        await eventually(lambda: "on its way already" in app.last_notice)
        gate.set()
        await settle(pilot)
        assert len(workspace.called("jobs.submit")) == 1


async def test_a_form_that_was_left_in_mid_submit_makes_no_second_job(workspace: FakeWorkspace) -> None:
    workspace.slow("jobs.submit")
    for changes in ({"command": "python train.py"}, {}, {"display_name": "another"}):
        async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
            await rested(pilot)
            await fill(pilot, **changes)
            await pilot.press("ctrl+s")
            await eventually(lambda: shows(pilot, "Copying the code and submitting ..."))
    first, second, third = (spec.name for spec, _, _ in workspace.called("jobs.submit"))
    assert first == second
    assert third != first


async def test_esc_asks_and_no_keeps_everything(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    app = ScreenApp(screen_of(workspace, CLONE))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, description="x")
        await pilot.press("escape")
        await screen_snapshot(pilot, busy=True)
        await pilot.press("n")
        await settle(pilot)
        assert app.left == 0
        assert form_of(pilot).values()["description"] == "x"
        await pilot.press("escape")
        await eventually(lambda: shows(pilot, "Leave it?"))
        await pilot.press("y")
        await settle(pilot)
        assert app.left == 1
    assert DRAFTS == {}


async def test_an_untouched_clone_is_left_at_once(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, CLONE))
    async with app.run_test(size=(80, 24)) as pilot:
        await rested(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert app.left == 1


async def test_a_form_that_is_left_by_another_way_comes_back_as_it_was(workspace: FakeWorkspace) -> None:
    """`g`, `[` or the end of the app close it without asking."""
    for _ in range(2):
        async with ScreenApp(screen_of(workspace, CLONE)).run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            if not shows(pilot, "as you left it"):
                await fill(pilot, display_name="half done")
                await pilot.press("ctrl+n", *"extra")
                await rested(pilot)
    async with ScreenApp(screen_of(workspace, CLONE)).run_test(size=(80, 24)) as pilot:
        await rested(pilot)
        assert form_of(pilot).values()["display_name"] == "half done"
        assert [field.row.name for field in ports(pilot)] == ["training_data", "reg_rate", "extra"]
        assert text_of(pilot).count("as you left it") == 1
        assert form_of(pilot).changed


async def test_inputs_that_the_command_names_are_added(workspace: FakeWorkspace, folder: Path) -> None:
    (folder / "data").mkdir()
    async with ScreenApp(screen_of(workspace)).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await fill(pilot, command="x ${{inputs.reg}} ${{inputs.train}} ${{inputs.asset}} ${{outputs.model}}")
        for value in ("0.01", "data", "azureml:titanic-folder:1"):
            await pilot.press("ctrl+n")
            await rested(pilot)
            for character in value:
                await pilot.press("full_stop" if character == "." else character)
            await rested(pilot)
            assert shows(pilot, "The value that stands in the command") is (value == "0.01")
        assert [(f.row.name, f.row.type, f.row.value) for f in ports(pilot)] == [
            ("reg", "number", "0.01"),
            ("train", "uri_folder", "data"),
            ("asset", "uri_folder", "azureml:titanic-folder:1"),
        ]
        await pilot.press("ctrl+t")
        await rested(pilot)
        assert ports(pilot, "outputs")[0].row.name == "model"
        spec = workspace.called("jobs.preflight")[-1][0]
        assert spec.inputs["reg"] == 0.01
        assert spec.outputs == {"model": JobOutput()}


async def test_ctrl_r_removes_the_row_of_the_cursor(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, CLONE))
    async with app.run_test(size=(80, 24)) as pilot:
        await rested(pilot)
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert "Move to an input or an output first" in app.last_notice
        ports(pilot)[0].name_input.focus()
        await pilot.press("ctrl+r")
        await rested(pilot)
        assert [field.row.name for field in ports(pilot)] == ["reg_rate"]
        assert ports(pilot)[0].has_focus_within
        assert list(workspace.called("jobs.preflight")[-1][0].inputs) == ["reg_rate"]


async def test_type_and_mode_are_chosen_by_keys(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, CLONE)).run_test(size=(80, 24)) as pilot:
        await rested(pilot)
        ports(pilot)[0].query(Picker).last().focus()
        await pilot.press("d", "d")
        await rested(pilot)
        assert shows(pilot, "download: copied, read as a whole")
        assert workspace.called("jobs.preflight")[-1][0].inputs["training_data"].mode == "direct"
        await pilot.press("shift+tab", "shift+tab", "s")
        await rested(pilot)
        assert workspace.called("jobs.preflight")[-1][0].inputs["training_data"] == "azureml:diabetes:2"
        assert not ports(pilot)[0].mode_picker.display


async def test_a_yaml_file_fills_the_form(
    workspace: FakeWorkspace, folder: Path, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("f3")
        assert (await asked(pilot)).value == f"{folder}/job.yml"
        await pilot.press("enter")
        await rested(pilot)
        assert shows(pilot, "From job.yml")
        form_of(pilot).query_one("#origin").display = False  # it names the folder of this test
        await screen_snapshot(pilot)
        assert not form_of(pilot).changed
        assert workspace.called("jobs.preflight")[-1][1] == folder


async def test_a_yaml_file_replaces_what_was_typed_only_after_a_question(
    workspace: FakeWorkspace, folder: Path
) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, command="mine")
        for key, expected in (("n", "mine"), ("y", "python train.py --reg ${{inputs.reg}}")):
            await pilot.press("f3")
            await asked(pilot)
            await pilot.press("enter")
            await eventually(lambda: shows(pilot, "is replaced by the file"))
            await pilot.press(key)
            await rested(pilot)
            assert form_of(pilot).values()["command"] == expected


@pytest.mark.parametrize(
    "text",
    ["command: [", "type: pipeline\n", "command: x\ninputs:\n  a: {type: uri_fil, path: 3}\nextra: 1\n", "\x00"],
    ids=["no-yaml", "other-type", "faults", "nul"],
)
async def test_a_yaml_file_that_is_no_job(
    workspace: FakeWorkspace, folder: Path, text: str, screen_snapshot: ScreenSnapshot
) -> None:
    (folder / "bad.yml").write_text(text)
    async with ScreenApp(screen_of(workspace, f"file:{folder}/bad.yml")).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_a_bad_file_leaves_a_filled_form_alone(workspace: FakeWorkspace, folder: Path) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, command="mine")
        await pilot.press("f3")
        await answer(pilot, str(folder / "gone.yml"))
        await eventually(lambda: shows(pilot, "there is no file"))  # its path is as long as the test folder's
        assert form_of(pilot).values()["command"] == "mine"


async def test_a_data_asset_begins_a_job(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, "data:titanic-folder:1")).run_test(size=(80, 24)) as pilot:
        await rested(pilot)
        row = ports(pilot)[0].row
        assert (row.name, row.type, row.value) == ("titanic_folder", "uri_folder", "azureml:titanic-folder:1")
        assert form_of(pilot).query_one(TextArea).has_focus


async def test_the_form_shows_as_yaml_before_it_is_submitted(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, CLONE)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, display_name="shown", environment_variables="DB_PASSWORD=hunter2")
        await pilot.press("ctrl+y")
        await settle(pilot)
        assert isinstance(pilot.app.screen, ShowAs)
        text = pilot.app.screen.form.text
        assert "display_name: shown" in text
        assert "hunter2" not in text


async def test_y_is_a_letter_where_one_types_and_the_drawer_elsewhere(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        form_of(pilot).fields["command"].focus_control()
        await pilot.press("y")
        await settle(pilot)
        assert form_of(pilot).values()["command"] == "y"
        assert pilot.app.screen is form_of(pilot)


async def test_every_hint_fits_beside_the_panel(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace, CLONE)).run_test(size=(120, 40)) as pilot:
        await rested(pilot)
        hints = [TYPE_HINT, MODE_HINT, OUTPUT_MODE_HINT, *(field.hint for field in form_of(pilot).fields.values())]
        room = form_of(pilot).query_one("#hint").content_size.width
        assert [hint for hint in hints if len(hint) > room] == []


async def test_placeholders_stand_out_in_the_command(workspace: FakeWorkspace) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, command="python x.py\n--reg ${{inputs.reg}} --out ${{")
        command = form_of(pilot).query_one(CommandLines)
        assert command.get_line(0).spans == []
        line = command.get_line(1)
        assert [line.plain[span.start : span.end] for span in line.spans] == ["${{inputs.reg}}", "${{"]


async def test_hostile_text_is_shown_not_obeyed(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    workspace.jobs.faults = (Fault("command", HOSTILE),)
    async with ScreenApp(screen_of(workspace, "clone:evil_name_9")).run_test(size=(120, 40)) as pilot:
        await rested(pilot)
        await screen_snapshot(pilot)
        assert not {"\x1b", "\x07", "\u202e"} & set(text_of(pilot))


async def test_an_empty_form_can_be_left_and_says_what_it_takes(
    workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        form_of(pilot).query_one("#origin").display = False  # it names the folder of this test
        await screen_snapshot(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert app.left == 1
