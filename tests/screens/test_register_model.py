"""The form that registers a model: of a job, of a folder, or another version."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from screens.fields import Picker, RadioList
from screens.places import Place
from screens.register_model import RegisterModelScreen, look_at
from services.errors import ConflictError, Fault, SpecError, TransientError
from services.specs.assets import ModelSpec
from tests.support.app import ScreenApp, settle
from tests.support.entities import HOSTILE
from tests.support.fake_workspace import FakeWorkspace
from tests.support.forms import fill, form_of, rested
from tests.support.snapshots import ScreenSnapshot, screen_text
from tests.support.waiting import eventually


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a model of each type."""
    for path in ("mlflow/MLmodel", "triton/net/1/model.onnx", "plain/weights.bin", "rules.txt"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"x" * 120)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def screen_of(workspace: FakeWorkspace, subject: str = "") -> RegisterModelScreen:
    return RegisterModelScreen(Place("register-model", subject), models=workspace.models, workspace=workspace)


def text_of(pilot: Pilot[None]) -> str:
    return screen_text(pilot.app)


async def test_empty_form(
    workspace: FakeWorkspace, models: Path, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_what_a_job_left(
    workspace: FakeWorkspace, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(screen_of(workspace, "job:keen_star_4")).run_test(size=size) as pilot:
        await settle(pilot)
        await screen_snapshot(pilot)


async def test_while_it_is_looked_for(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    gate = workspace.slow("models.candidates")
    async with ScreenApp(screen_of(workspace, "job:keen_star_4")).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot, busy=True)
        gate.set()
        await eventually(lambda: "models:/m-0123456789abcdef" in text_of(pilot))


async def test_ctrl_s_before_it_is_known_what_the_job_left(workspace: FakeWorkspace) -> None:
    gate = workspace.slow("models.candidates")
    app = ScreenApp(screen_of(workspace, "job:keen_star_4"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+s")
        await eventually(lambda: "Copying and registering" in text_of(pilot))
        gate.set()
        await settle(pilot)
        assert [call[0].name for call in workspace.called("models.register")] == ["diabetes-lr"]


async def test_what_was_missing_and_is_there_is_marked_no_more(workspace: FakeWorkspace, models: Path) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+s")
        await eventually(lambda: text_of(pilot).count("this field is required") == 2)
        await fill(pilot, path="mlflow")
        assert form_of(pilot).fields["name"].value == "mlflow"
        assert "required" not in text_of(pilot)


async def test_a_job_that_left_nothing(
    workspace: FakeWorkspace, monkeypatch: pytest.MonkeyPatch, screen_snapshot: ScreenSnapshot
) -> None:
    monkeypatch.setattr("tests.support.asset_entities.CANDIDATES", ())
    async with ScreenApp(screen_of(workspace, "job:keen_star_4")).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_a_look_that_fails_is_told(workspace: FakeWorkspace, screen_snapshot: ScreenSnapshot) -> None:
    workspace.fail("models.candidates", TransientError("The database is locked.", advice="Try again in a moment."))
    async with ScreenApp(screen_of(workspace, "job:keen_star_4")).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_a_candidate_is_chosen_and_registered_for_its_job(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, "job:keen_star_4"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert form_of(pilot).fields["name"].value == "diabetes-lr"
        assert "has 2 versions; this becomes 3" in text_of(pilot)
        assert form_of(pilot).query_one(RadioList).has_focus
        await pilot.press("down")
        await eventually(lambda: form_of(pilot).fields["name"].value == "exported")
        await pilot.press("ctrl+s")
        await settle(pilot)
        uri = "azureml://jobs/keen_star_4/outputs/report/paths/exported/"
        assert workspace.called("models.register")[0][0] == ModelSpec(
            "exported", uri, "mlflow_model", job_name="keen_star_4"
        )
        assert app.opened == [Place("model", "exported:1")]
        assert app.pushed == [False]
        assert "Registered exported:1" in app.last_notice


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("mlflow", "mlflow_model", "a folder with an MLmodel file"),
        ("triton", "triton_model", "net/1/model.onnx"),
        ("triton/net", "custom_model", "one Triton model: 1/model.onnx"),
        ("plain", "custom_model", "a folder without an MLmodel file"),
        ("rules.txt", "custom_model", "a file of 120 B"),
    ],
)
async def test_the_type_of_a_path_is_suggested(
    workspace: FakeWorkspace, models: Path, path: str, kind: str, words: str
) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, path=path)
        assert form_of(pilot).fields["type"].value == kind
        assert form_of(pilot).fields["name"].value == path.rpartition("/")[2].removesuffix(".txt")
        assert words in text_of(pilot)
        assert form_of(pilot).fields["path"].faults == ()


async def test_what_somebody_typed_is_not_suggested_away(workspace: FakeWorkspace, models: Path) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, path="plain")
        await fill(pilot, name="", type="triton_model")
        assert form_of(pilot).fields["name"].value == ""
        await fill(pilot, name="mine")
        await fill(pilot, path="mlflow")
        assert form_of(pilot).fields["name"].value == "mine"
        assert form_of(pilot).fields["type"].value == "triton_model"


async def test_a_model_of_another_type_is_told_at_the_field(
    workspace: FakeWorkspace, models: Path, size: tuple[int, int], screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=size) as pilot:
        await settle(pilot)
        await fill(pilot, path="plain", name="diabetes-lr", tags="no pair\nnote=two words")
        form_of(pilot).query_one(Picker).focus()
        await pilot.press("m")
        await rested(pilot)
        await screen_snapshot(pilot)
        await pilot.press("t")
        await rested(pilot)
        assert "MODEL/1/model.onnx" in text_of(pilot)
        await pilot.press("c")
        await rested(pilot)
        assert form_of(pilot).fields["path"].faults == ()


async def test_a_path_where_nothing_is(workspace: FakeWorkspace, models: Path) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for path in ("gone", "~nobody-of-that-name/x", "x" * 300):
            await fill(pilot, path=path)
            assert form_of(pilot).fields["path"].faults, path
        await fill(pilot, path="models:/m-12")
        assert form_of(pilot).fields["path"].faults == ()


async def test_required_fields_and_tags_are_checked_before_anything_is_sent(
    workspace: FakeWorkspace, models: Path, screen_snapshot: ScreenSnapshot
) -> None:
    async with ScreenApp(screen_of(workspace)).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, tags="oops")
        await pilot.press("ctrl+s")
        await screen_snapshot(pilot)
        assert workspace.called("models.register") == []
        assert pilot.app.focused is form_of(pilot).fields["path"].controls[0]


async def test_another_version_keeps_the_name(workspace: FakeWorkspace, models: Path) -> None:
    app = ScreenApp(screen_of(workspace, "model:diabetes-lr"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, path="mlflow", description="third", tags="a=1\nb = two words")
        assert form_of(pilot).fields["name"].value == "diabetes-lr"
        await pilot.press("ctrl+s")
        await settle(pilot)
        spec, base = workspace.called("models.register")[0]
        tags = {"a": "1", "b": "two words"}
        assert spec == ModelSpec("diabetes-lr", "mlflow", "mlflow_model", description="third", tags=tags)
        assert base == models
        assert app.opened == [Place("model", "diabetes-lr:3")]


@pytest.mark.parametrize(
    "error",
    [
        SpecError([Fault("name", "expected 1 to 255 letters"), Fault("job_name", "there is no such job")]),
        ConflictError("diabetes-lr has a version 2 already.", advice="Leave the version out to get the next one."),
    ],
    ids=["faults", "conflict"],
)
async def test_a_refusal_keeps_what_was_typed(
    workspace: FakeWorkspace, models: Path, error: SpecError | ConflictError, screen_snapshot: ScreenSnapshot
) -> None:
    workspace.fail("models.register", error)
    app = ScreenApp(screen_of(workspace, "mlflow"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, name="diabetes-lr", version="2", description=HOSTILE)
        await pilot.press("ctrl+s")
        await screen_snapshot(pilot)
        assert form_of(pilot).values()["description"] == HOSTILE
        assert app.opened == []
        workspace.mend("models.register")
        await fill(pilot, version="")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert app.opened == [Place("model", "diabetes-lr:3")]


async def test_it_is_submitted_once(workspace: FakeWorkspace, models: Path) -> None:
    gate = workspace.slow("models.register")
    app = ScreenApp(screen_of(workspace, "mlflow"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, name="m")
        await pilot.press("ctrl+s")
        await eventually(lambda: "Copying and registering ..." in text_of(pilot))
        await pilot.press("ctrl+s")
        await eventually(lambda: "on its way already" in app.last_notice)
        gate.set()
        await settle(pilot)
        assert len(workspace.called("models.register")) == 1


async def test_esc_asks_when_something_was_typed(workspace: FakeWorkspace, models: Path) -> None:
    app = ScreenApp(screen_of(workspace))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await fill(pilot, description="x")
        await pilot.press("escape")
        await eventually(lambda: "What you typed is not submitted" in text_of(pilot))
        await pilot.press("n")
        await settle(pilot)
        assert app.left == 0
        assert form_of(pilot).values()["description"] == "x"
        await pilot.press("escape")
        await eventually(lambda: "What you typed is not submitted" in text_of(pilot))
        await pilot.press("y")
        await settle(pilot)
        assert app.left == 1


async def test_esc_leaves_an_untouched_form_at_once(workspace: FakeWorkspace) -> None:
    app = ScreenApp(screen_of(workspace, "job:keen_star_4"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert app.left == 1


def test_nobody_may_look(monkeypatch: pytest.MonkeyPatch) -> None:
    assert look_at(Path("x" * 300))[0] == ""
    assert "name too long" in look_at(Path("x" * 300))[1].lower()
