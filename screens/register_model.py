"""Register a model: what a job left, or a folder or file of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual.widget import Widget

from screens.fields import Field, Lines, Picker, RadioList, line_input
from screens.forms import FormScreen, form_actions, next_version
from screens.lists import counted
from screens.names import asset_name, typed_path
from screens.pairs import read_pairs
from screens.places import Open, Place
from screens.widgets.path_input import PathInput
from screens.widgets.status import size_text
from services.entities import ModelCandidate
from services.errors import Fault, NotFoundError, SpecError
from services.specs.assets import ModelSpec
from services.workspace import ModelService, Workspace

TYPES = ("mlflow_model", "custom_model", "triton_model")
TYPE_HINT = "mlflow: holds an MLmodel file  triton: holds MODEL/1/model.*  custom: anything"


def look_at(path: Path) -> tuple[str, str]:
    """The type of model that is at a path of this machine, and a line about it; blocks.

    The type is empty where there is nothing, or nothing that can be read.
    """
    try:
        if path.is_file():
            return "custom_model", f"a file of {size_text(path.stat().st_size)}"
        if not path.is_dir():
            return "", f"there is no file or folder {path}"
        if (path / "MLmodel").is_file():
            return "mlflow_model", "a folder with an MLmodel file"
        if found := next(path.glob("*/[0-9]*/model.*"), None):
            return "triton_model", f"a Triton model repository: {found.relative_to(path)}"
        if found := next(path.glob("[0-9]*/model.*"), None):
            return "custom_model", f"one Triton model: {found.relative_to(path)}; triton_model takes the folder above"
    except OSError as error:
        return "", f"{path} can't be read: {error.strerror}"
    return "custom_model", "a folder without an MLmodel file"


def type_faults(chosen: str, found: str, text: str) -> list[Fault]:
    """What speaks against registering what `look_at` found as the chosen type; any file or folder can be custom."""
    if not found:
        return [Fault("path", text)]
    if chosen == "mlflow_model" != found:
        return [Fault("path", "there is no MLmodel file, which an MLflow model needs; custom_model needs none")]
    if chosen == "triton_model" != found:
        return [Fault("path", "there is no MODEL/1/model.onnx or the like, which a Triton repository holds")]
    return []


def is_uri(path: str) -> bool:
    """Whether a path is of a workspace or a run, not of this machine."""
    return "://" in path or path.startswith(("azureml:", "models:", "runs:"))


class RegisterModelScreen(FormScreen):
    """The subject is empty or a path, `job:NAME`, or `model:NAME` for another version of a model."""

    CRUMB = "Models › Register"
    BUSY = "Copying and registering"
    ACTIONS: ClassVar = form_actions("register-model", "Register", "Register the model and open it")

    def __init__(self, place: Place, *, models: ModelService, workspace: Workspace) -> None:
        super().__init__(place)
        self.models = models
        self.workspace = workspace
        self.candidates: tuple[ModelCandidate, ...] = ()
        self._looked = asyncio.Event()
        kind, _, subject = place.subject.partition(":")
        self.job = subject if kind == "job" else ""
        self.model = subject if kind == "model" else ""

    @property
    def crumbs(self) -> str:
        """The job that it comes from."""
        return f"{self.CRUMB} › {self.job}" if self.job else self.CRUMB

    def compose_fields(self) -> Iterable[Widget]:
        """Where the model is, then how it is called."""
        if self.job:
            yield Field(
                "path", "Model", RadioList(()), hint=f"What the job {self.job} left that can be registered; ↑ ↓ choose"
            )
        else:
            path = "" if self.model else self.place.subject
            yield Field("path", "Path", PathInput(path), hint="A folder or file of this machine; tab completes")
        yield Field(
            "name",
            "Name",
            line_input(self.model),
            hint="A name of its own, or that of a model, which gets another version",
        )
        yield Field("type", "Type", Picker(TYPES), hint=TYPE_HINT)
        yield Field("version", "Version", line_input(placeholder="the next one"), hint="Empty: the next free number")
        yield Field("description", "Description", line_input(), hint="What it predicts, from what")
        yield Field("tags", "Tags", Lines(placeholder="key=value, one a line"), hint="key=value, one a line")

    def on_mount(self) -> None:
        """The candidates of the job."""
        super().on_mount()
        if self.job:
            self.fields["path"].say("Looking for what the job left ...")
            self.load(self._look, group="candidates")
        else:
            self._looked.set()

    async def _look(self) -> None:
        try:
            await self._read_candidates()
        finally:
            self._looked.set()

    async def _read_candidates(self) -> None:
        field = self.fields["path"]
        try:
            self.candidates = tuple(await self.models.candidates(self.job))
        finally:
            field.say("")
        if not self.candidates:
            field.mark(
                [
                    Fault(
                        "path",
                        "the job left no model: nothing was logged with log_model, and no output holds an MLmodel",
                    )
                ]
            )
            return
        radio = self.query_one(RadioList)
        radio.set_options([c.uri for c in self.candidates], [c.label for c in self.candidates])
        self._clean["path"] = radio.value
        radio.focus()
        await self._suggest()

    def typed(self) -> None:
        """Suggest name and type."""
        self.load(self._suggest, group="suggest")

    async def _suggest(self) -> None:
        fields = self.fields
        fields["tags"].mark([Fault("tags", message) for message in read_pairs(fields["tags"].value, {})[1]])
        path = fields["path"].value.strip()
        if candidate := next((c for c in self.candidates if c.uri == path), None):
            self.offer("name", candidate.suggested_name)
            self.offer("type", candidate.type)
            fields["path"].say(candidate.uri)
            fields["path"].mark(())
        elif not self.job:
            await self._look_at(path)
        if name := fields["name"].value.strip():
            fields["name"].mark(())
            try:
                versions = [item.version for item in await self.models.versions(name)]
            except NotFoundError:
                versions = []
            there = f"has {counted(len(versions), 'version', 'versions')}; this becomes {next_version(versions)}"
            fields["name"].say(f"The model {there}" if versions else "")

    async def _look_at(self, path: str) -> None:
        """Tell at its field what a typed path is, and whether it is of the chosen type."""
        fields = self.fields
        if not path or is_uri(path):
            fields["path"].say("")
            fields["path"].mark(())
            return
        kind, text = await asyncio.to_thread(look_at, typed_path(path))
        if not self.model:
            self.offer("name", asset_name(path))
        if kind:
            self.offer("type", kind)
        faults = type_faults(fields["type"].value, kind, text)
        fields["path"].say("" if faults else text)
        fields["path"].mark(faults)

    def spec(self) -> ModelSpec:
        """What the form means. Raises SpecError."""
        values = {key: value.strip() for key, value in self.values().items()}
        tags, wrong = read_pairs(values["tags"], {})
        faults = [Fault(key, "this field is required") for key in ("path", "name") if not values[key]]
        faults += [Fault("tags", message) for message in wrong]
        if faults:
            raise SpecError(faults)
        path = values["path"]
        return ModelSpec(
            name=values["name"],
            path=path if self.job or is_uri(path) else str(typed_path(path)),
            type=values["type"],  # type: ignore[arg-type] # the picker knows no other
            version=values["version"] or None,
            description=values["description"] or None,
            tags=tags,
            job_name=self.job or None,
        )

    async def submit(self) -> None:
        """Register and open the model; ctrl+s may come before it is known what the job left."""
        await self._looked.wait()
        made = await self.models.register(self.spec(), base=Path.cwd())
        self.set_clean()
        self.tell(f"Registered {made.name}:{made.version}.")
        self.post_message(Open(Place("model", f"{made.name}:{made.version}"), push=False))
