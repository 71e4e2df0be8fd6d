"""One registered model: what it is, its signature, its MLmodel file, its versions and files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from screens.actions import Action
from screens.base import studio_action
from screens.lists import counted
from screens.model_texts import (
    NO_SIGNATURE,
    SIGNATURE_COLUMNS,
    SIGNATURE_KINDS,
    VERSION_COLUMNS,
    head_text,
    signature_rows,
    spec_of,
    version_facts,
    version_rows,
)
from screens.models import TYPES
from screens.names import typed_path
from screens.places import Open, Place
from screens.tabbed import Pane, TabbedScreen
from screens.widgets.dialogs import Ask
from screens.widgets.facts import Facts
from screens.widgets.file_tree import FileTree
from screens.widgets.grid import Grid
from screens.widgets.status import size_text
from screens.widgets.text_view import TextView
from services.entities import ModelVersion
from services.workspace import ModelService


class ModelScreen(TabbedScreen):
    """The subject is `NAME` or `NAME:VERSION`; without a version it is the latest."""

    CRUMB = "Models"
    TABS: ClassVar = {
        "overview": "Overview",
        "signature": "Signature",
        "mlmodel": "MLmodel",
        "versions": "Versions",
        "files": "Files",
    }
    ACTIONS: ClassVar = (
        Action("model.job", ("J",), "Job", "Open the job that made this version", footer=2),
        Action("model.edit-tags", ("t",), "Tags", "Edit the tags of this version", footer=3, writes=True),
        Action(
            "model.alias",
            ("P",),
            "Alias",
            "Point an alias such as champion at this version, or remove it",
            footer=3,
            writes=True,
        ),
        Action(
            "model.version", ("R", "n"), "New version", "Register another version of this model", footer=4, writes=True
        ),
        Action("model.download", ("D",), "Download", "Copy the files of this version to a folder", footer=4),
        Action(
            "model.archive",
            ("A",),
            "Archive",
            "Hide this version (or that under the cursor) from lists, or restore it",
            footer=5,
            writes=True,
        ),
        Action(
            "model.show-as", ("y",), "Show as", "This version as az ml YAML, az command and Python SDK code", footer=5
        ),
        Action("model.copy-uri", ("u",), "Copy URI", "Copy the URI of the files of this version", footer=7),
        Action("model.copy-name", ("c",), "Copy name", "Copy azureml:NAME:VERSION, as jobs name it", footer=8),
        studio_action("model"),
        Action("model.refresh", ("r",), "Refresh", "Read again", footer=0),
    )

    DEFAULT_CSS = """
    ModelScreen .kind { height: auto; padding: 0 1; color: $text-muted; }
    ModelScreen Pane > VerticalScroll { padding: 0 1; }
    """

    def __init__(self, place: Place, *, models: ModelService) -> None:
        super().__init__(place)
        self.models = models
        self.version: ModelVersion | None = None
        self.versions: tuple[ModelVersion, ...] = ()

    @property
    def chosen(self) -> ModelVersion | None:
        """The version that is shown."""
        return self.version

    @property
    def model_name(self) -> str:
        """The name in the subject."""
        return self.place.subject.partition(":")[0]

    def make_content(self, tab: str) -> Widget:
        """A widget for each tab."""
        match tab:
            case "overview":
                return VerticalScroll(Facts())
            case "signature":
                return Vertical(Static(classes="kind", markup=False), Grid(SIGNATURE_COLUMNS))
            case "versions":
                return Grid(VERSION_COLUMNS)
            case "files":
                return FileTree()
        return TextView()

    async def fill(self, tab: str, pane: Pane) -> None:
        """Read the version, then what the tab needs."""
        version = await self._read_version()
        match tab:
            case "overview":
                pane.query_one(Facts).set_facts([fact for fact in version_facts(version) if fact[1]])
                pane.show_content()
            case "signature":
                self._fill_signature(version, pane)
            case "mlmodel":
                if version.mlmodel:
                    pane.query_one(TextView).set_text(version.mlmodel, "MLmodel.yml")
                    pane.show_content()
                else:
                    pane.empty(f"A {TYPES.get(version.type, version.type)} model has no MLmodel file.")
            case "versions":
                self.versions = tuple(await self.models.versions(version.name))
                pane.query_one(Grid).set_rows(version_rows(self.versions))
                pane.show_content()
            case "files":
                files = await self.models.files(version.name, version.version)
                pane.query_one(FileTree).set_entries([(f.path, f.is_folder, f.size, "") for f in files])
                pane.show_content() if files else pane.empty("This version holds no files.")

    async def _read_version(self) -> ModelVersion:
        self.version = await self.models.get(self.model_name, self.place.subject.partition(":")[2] or "latest")
        version = self.version
        self.head(head_text(version))
        return version

    def _fill_signature(self, version: ModelVersion, pane: Pane) -> None:
        if version.signature.fields:
            pane.query_one(".kind", Static).update(SIGNATURE_KINDS.get(version.signature.kind, ""))
            pane.query_one(Grid).set_rows(signature_rows(version.signature))
            pane.show_content()
        elif version.type == "mlflow_model":
            pane.empty(NO_SIGNATURE)
        else:
            pane.empty(f"A {TYPES.get(version.type, version.type)} model declares no signature.")

    def _stay(self) -> None:
        """Stay at the version in view, whatever `latest` or an alias means from now on."""
        if self.version:
            self.moved(replace(self.place, subject=f"{self.version.name}:{self.version.version}"))

    # keys

    def on_grid_opened(self, event: Grid.Opened) -> None:
        """A version was chosen: show it."""
        if self.tab == "versions" and self.version and event.key != self.version.version:
            self.post_message(Open(Place("model", f"{self.model_name}:{event.key}")))

    def action_job(self) -> None:
        """Open the job that made it."""
        if self.version and self.version.job_name:
            self.post_message(Open(Place("job", self.version.job_name)))
        else:
            self.tell("No job made this version: it was registered from files.")

    def action_edit_tags(self) -> None:
        """Ask for the tags as `key=value` pairs."""
        version = self.version
        if version is None:
            return

        async def edit() -> None:
            from screens.pairs import pairs_line, read_line

            answer = await self.app.push_screen_wait(
                Ask(
                    "Tags of this version",
                    "key=value, parted by spaces; quotes around a value with spaces",
                    pairs_line(version.tags),
                )
            )
            if answer is None:
                return
            self.version = await self.models.update(version.name, version.version, tags=read_line(answer))
            self.tell("The tags are set.")
            self.refill()

        self.load(edit, group="edit")

    def action_alias(self) -> None:
        """Ask for the alias; one that the version has already is removed."""
        version = self.version
        if version is None:
            return

        async def alias() -> None:
            has = f" It has {', '.join(version.aliases)}; naming one of these removes it." if version.aliases else ""
            answer = await self.app.push_screen_wait(
                Ask("Alias", f"A name such as champion for {version.name}:{version.version}.{has}", "")
            )
            name = (answer or "").strip()
            if not name:
                return
            remove = name in version.aliases
            self._stay()
            await self.models.set_alias(version.name, name, None if remove else version.version)
            self.tell(
                f"{name} is removed." if remove else f"{name} means version {version.version} of {version.name} now."
            )
            self.refill()

        self.load(alias, group="edit")

    def action_version(self) -> None:
        """The form, filled with this model's name."""
        self.post_message(Open(Place("register-model", f"model:{self.model_name}")))

    def action_download(self) -> None:
        """Ask for the folder, then copy the files."""
        version = self.version
        if version is None:
            return

        async def download() -> None:
            size = f", {size_text(version.size)}" if version.size else ""
            answer = await self.app.push_screen_wait(
                Ask(f"Download {version.name}:{version.version}{size}", "Into the folder", str(Path.cwd()), path=True)
            )
            if not answer or not answer.strip():
                return
            self.tell(f"Copying {version.name}:{version.version} ...")
            report = await self.models.download(version.name, version.version, typed_path(answer))
            self.tell(f"{counted(report.files, 'file', 'files')}, {size_text(report.size)}, in {report.target}")

        self.load(download, group="download")

    def action_archive(self) -> None:
        """Hide this version, or the one under the cursor of the versions; or restore it."""
        chosen = self.version
        if self.tab == "versions":
            key = self.pane.query_one(Grid).cursor_key
            chosen = next((item for item in self.versions if item.version == key), None)
        if chosen is None:
            return
        item = chosen

        async def archive() -> None:
            self._stay()
            await self.models.archive(item.name, item.version, archived=not item.archived)
            self.tell(f"{'Restored' if item.archived else 'Archived'} {item.name}:{item.version}; A undoes it.")
            self.refill()

        self.load(archive, group="archive")

    def action_show_as(self) -> None:
        """Open the drawer."""
        if self.version:
            from screens.show_as import ShowAs

            title = f"{self.version.name}:{self.version.version}"
            self.app.push_screen(ShowAs(spec_of(self.version), title, target=self.frame.azure))

    def action_copy_uri(self) -> None:
        """Copy the URI."""
        if self.version:
            self.copy(self.version.uri)

    def action_copy_name(self) -> None:
        """Copy what a job's input says."""
        self.copy_name(f"azureml:{self.version.name}:{self.version.version}" if self.version else "")
