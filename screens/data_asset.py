"""One data asset: what is known of it, its versions, its files, its YAML."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual.containers import VerticalScroll
from textual.widget import Widget

from screens import clock
from screens.data import asset_facts, spec_of
from screens.data_asset_actions import ASSET_ACTIONS
from screens.data_edits import download, edit_description, edit_tags, job_place, origin_place, source_of, wrap
from screens.data_versions import VERSION_COLUMNS, pair_to_compare, version_row
from screens.drift_texts import subject_of
from screens.lists import shown
from screens.places import Open, Place
from screens.tabbed import Pane, TabbedScreen
from screens.tables_ahead import LeadsToTables
from screens.uris import copy_uri_of
from screens.widgets.facts import Facts
from screens.widgets.file_tree import FileTree
from screens.widgets.grid import Grid
from screens.widgets.status import age_text, size_text
from screens.widgets.text_view import TextView
from services.entities import DataAsset
from services.workspace import DataService, Workspace


class DataAssetScreen(TabbedScreen, LeadsToTables):
    """The subject is `NAME` or `NAME:VERSION`; without a version it is the latest."""

    CRUMB = "Data"
    TABS: ClassVar = {
        "overview": "Overview",
        "versions": "Versions",
        "files": "Files",
        "yaml": "YAML",
    }
    ACTIONS: ClassVar = ASSET_ACTIONS

    DEFAULT_CSS = "DataAssetScreen .content > Facts { padding: 0 1; }"

    def __init__(self, place: Place, *, data: DataService, workspace: Workspace) -> None:
        super().__init__(place)
        self.data = data
        self.workspace = workspace
        self.asset: DataAsset | None = None
        self.versions: tuple[DataAsset, ...] = ()
        self._is_known = False

    @property
    def chosen(self) -> DataAsset | None:
        """The version that is shown."""
        return self.asset

    @property
    def name_of_asset(self) -> str:
        """The name in the subject."""
        return self.place.subject.partition(":")[0]

    @property
    def version(self) -> str:
        """The version in the subject, or `latest`."""
        return self.place.subject.partition(":")[2] or "latest"

    def make_content(self, tab: str) -> Widget:
        """A widget for each tab."""
        match tab:
            case "overview":
                return VerticalScroll(Facts())
            case "versions":
                return Grid(VERSION_COLUMNS)
            case "files":
                return FileTree()
        return TextView()

    async def fill(self, tab: str, pane: Pane) -> None:
        """Read the asset once, then what the tab needs."""
        if self.asset is None or not self._is_known:
            self.asset = await self.data.get(self.name_of_asset, self.version)
            self._is_known = True
            self._draw_head()
        match tab:
            case "versions":
                self.versions = tuple(await self.data.versions(self.asset.name))
                self._draw_versions(pane)
            case "files":
                await self._fill_files(self.asset, pane)
            case "overview":
                pane.query_one(Facts).set_facts([fact for fact in asset_facts(self.asset) if fact[1]])
                pane.show_content()
            case "yaml":
                from services.specs.writing import to_yaml

                pane.query_one(TextView).set_text(to_yaml(spec_of(self.asset)), "data.yml")
                pane.show_content()

    def _draw_head(self) -> None:
        asset = self.asset
        if asset is None:
            return
        line = Text.assemble((shown(f"{asset.name}:{asset.version}"), "bold"))
        line.append(f"  {asset.type}", "dim")
        if asset.size is not None:
            line.append(f"  {size_text(asset.size)}", "dim")
        line.append(f"  {age_text(asset.created_at, clock.now())} ago", "dim")
        if not asset.latest:
            line.append("  not the latest version", "yellow")
        if asset.archived:
            line.append("  archived", "yellow")
        line.append(f"  {shown(asset.description)}", "dim")
        self.head(line)

    async def _fill_files(self, asset: DataAsset, pane: Pane) -> None:
        files = await self.data.files(asset.name, asset.version)
        if not files:
            pane.empty("The asset holds no files.")
            return
        pane.query_one(FileTree).set_entries([(f.path, f.is_folder, f.size, "") for f in files])
        pane.show_content()

    def _draw_versions(self, pane: Pane) -> None:
        pane.query_one(Grid).set_rows([version_row(item) for item in self.versions])
        pane.show_content()

    # keys

    def on_grid_opened(self, event: Grid.Opened) -> None:
        """A version was chosen: show it."""
        if self.tab == "versions" and self.asset and event.key != self.asset.version:
            self.post_message(Open(Place("data-asset", f"{self.name_of_asset}:{event.key}")))

    def on_file_tree_opened(self, event: FileTree.Opened) -> None:
        """A file was chosen: show it as a table."""
        event.stop()
        if asset := self.asset:
            is_file = asset.type == "uri_file"
            source = source_of(asset) if is_file else f"{asset.path.rstrip('/')}/{event.path}"
            self.post_message(Open(Place("table", source)))

    def action_refresh(self) -> None:
        """Read again, the asset too."""
        self._is_known = False
        super().action_refresh()

    def action_submit(self) -> None:
        """A new job that reads this version."""
        if self.asset:
            self.post_message(Open(Place("submit", f"data:{self.asset.name}:{self.asset.version}")))

    def action_version(self) -> None:
        """The form, filled with this asset's name."""
        self.post_message(Open(Place("register-data", f"asset:{self.name_of_asset}")))

    def action_compare(self) -> None:
        """Two marked versions; else the version in view, or under the cursor, with the latest or the one before."""
        asset = self._under_cursor
        if asset is None:
            return
        marked = list(self.pane.query_one(Grid).marked) if self.tab == "versions" else []

        async def compare() -> None:
            pair = pair_to_compare(asset.version, marked, await self.data.versions(asset.name))
            if pair is None:
                self.tell("Mark two versions with space, or put the cursor on one that has an older one.")
                return
            sources = (f"azureml:{asset.name}:{version}" for version in pair)
            self.post_message(Open(Place("data-diff", subject_of(*sources))))

        self.load(compare, group="compare")

    @property
    def _under_cursor(self) -> DataAsset | None:
        """The version under the cursor of the versions; on other tabs the one in view."""
        if self.tab != "versions":
            return self.asset
        key = self.pane.query_one(Grid).cursor_key
        return next((item for item in self.versions if item.version == key), None)

    def action_table(self) -> None:
        """All rows."""
        self._go(Place("table", source_of(self.asset)) if self.asset else None)

    def action_profile(self) -> None:
        """What its columns are like."""
        self._go(Place("profile", source_of(self.asset)) if self.asset else None)

    def action_wrangle(self) -> None:
        """Change it step by step."""
        self._go(Place("wrangle", source_of(self.asset)) if self.asset else None)

    def action_job(self) -> None:
        """The job that made it."""
        self._go(job_place(self.asset) if self.asset else None, "No job made this version: it was registered.")

    def action_origin(self) -> None:
        """The table that it was made from."""
        self._go(origin_place(self.asset) if self.asset else None, "No recipe made this version.")

    def _go(self, place: Place | None, otherwise: str = "") -> None:
        if place:
            self.post_message(Open(place))
        elif self.asset:
            self.tell(otherwise)

    def action_tags(self) -> None:
        """Ask for the tags."""
        self._edit(edit_tags, "The tags are set.")

    def action_describe(self) -> None:
        """Ask for the description."""
        self._edit(edit_description, "The description is set.")

    def _edit(self, ask: Callable[..., Awaitable[DataAsset | None]], told: str) -> None:
        if (asset := self._under_cursor) is None:
            return

        async def edit() -> None:
            changed = await ask(self.app, self.data, asset)
            if changed is None:
                return
            if self.asset and changed.version == self.asset.version:
                self.asset = replace(self.asset, tags=changed.tags, description=changed.description)
                self._draw_head()
            self.tell(told)
            self.refill()

        self.load(edit, group="edit")

    def action_download(self) -> None:
        """Ask for the folder, then copy the files."""
        if asset := self._under_cursor:
            self.load(lambda: download(self, self.data, asset), group="download")

    def action_wrap(self) -> None:
        """Show the MLTable file that its file would have, then register both."""
        if asset := self._under_cursor:

            async def register() -> None:
                if made := await wrap(self.app, self.data, asset):
                    self.tell(f"Registered {made.name}:{made.version}.")
                    self.post_message(Open(Place("data-asset", f"{made.name}:{made.version}")))

            self.load(register, group="wrap")

    def action_copy_uri(self) -> None:
        """Copy the URI; of a place in a datastore in one of its forms."""
        if self.asset:
            copy_uri_of(self, self.workspace, self.asset.path)

    def action_copy_name(self) -> None:
        """Copy what a job's input says."""
        self.copy_name(f"azureml:{self.asset.name}:{self.asset.version}" if self.asset else "")

    def action_show_as(self) -> None:
        """Open the drawer."""
        if self.asset:
            from screens.show_as import ShowAs

            title = f"{self.asset.name}:{self.asset.version}"
            self.app.push_screen(ShowAs(spec_of(self.asset), title, target=self.frame.azure))

    def action_archive(self) -> None:
        """Hide this version, or the one under the cursor of the versions; or restore it."""
        if (item := self._under_cursor) is None:
            return

        async def archive() -> None:
            await self.data.archive(item.name, item.version, archived=not item.archived)
            self.tell(f"{'Restored' if item.archived else 'Archived'} {item.name}:{item.version}; A undoes it.")
            if self.asset and self.asset.version == item.version:
                self.asset = replace(self.asset, archived=not item.archived)
                self._draw_head()
            self.refill()

        self.load(archive, group="archive")
