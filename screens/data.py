"""The data assets of the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text

from screens import clock
from screens.actions import Action
from screens.base import studio_action
from screens.data_edits import download, made_text, source_of
from screens.data_versions import pair_to_compare
from screens.drift_texts import subject_of
from screens.lists import ListScreen, dimmed, list_actions, shown, tags_text
from screens.places import Open, Place
from screens.sources import absolute_source
from screens.tables_ahead import LeadsToTables
from screens.uris import copy_uri_of
from screens.widgets.dialogs import Ask
from screens.widgets.grid import Grid, GridColumn
from screens.widgets.status import age_text, size_text
from services.entities import DataAsset
from services.specs.assets import DataSpec
from services.workspace import DataService, Workspace


def spec_of(asset: DataAsset) -> DataSpec:
    """The asset as the spec that registers it again."""
    return DataSpec(
        name=asset.name,
        version=asset.version,
        type=asset.type,  # type: ignore[arg-type] # one of the three
        path=asset.path,
        description=asset.description or None,
        tags=dict(asset.tags),
    )


def asset_facts(asset: DataAsset) -> list[tuple[str, str]]:
    """An asset in full, as labels and values."""
    return [
        ("Name", asset.name),
        ("Version", f"{asset.version} of {asset.version_count}" if asset.version_count > 1 else asset.version),
        ("Labels", ", ".join(asset.labels)),
        ("Type", asset.type),
        ("Size", size_text(asset.size)),
        (
            "Created",
            f"{asset.created_at.astimezone():%Y-%m-%d %H:%M}" + (f" by {asset.created_by}" if asset.created_by else ""),
        ),
        ("Made by", made_text(asset)),
        ("Description", asset.description),
        ("Tags", tags_text(asset.tags)),
        ("URI", asset.path),
        ("In a job", f"azureml:{asset.name}:{asset.version}"),
        ("Archived", "yes; A restores it" if asset.archived else ""),
    ]


class DataScreen(ListScreen[DataAsset], LeadsToTables):
    """The latest version of each asset, and beside it what is known of it."""

    CRUMB = "Data"
    NOUNS = ("data asset", "data assets")
    EMPTY = "No data assets yet. n registers a file or a folder of this machine, so that jobs can name it."
    ACTIONS: ClassVar = (
        Action("data.open", ("enter",), "Open", "What is known of the asset, its versions, files and YAML", footer=1),
        Action(
            "data.register",
            ("n", "R"),
            "Register",
            "Register a file or a folder as a data asset",
            footer=1,
            writes=True,
        ),
        Action("data.preview", ("p",), "Preview", "Show the rows of its table", footer=3),
        Action("data.open-table", ("o",), "Open file", "Show the rows of any file or URL, registered or not", footer=5),
        Action("data.profile", ("f",), "Profile", "Tell what the columns of its table are like", footer=5),
        Action("data.wrangle", ("w",), "Wrangle", "Change its table step by step, as a recipe", footer=3),
        Action(
            "data.compare",
            ("v",),
            "Compare",
            "What changed between two marked assets, or since the version before",
            footer=4,
        ),
        Action("data.copy-uri", ("u",), "Copy URI", "Copy the URI of the asset, in one of its forms", footer=4),
        Action("data.download", ("D",), "Download", "Copy the files of the latest version to a folder", footer=6),
        Action("data.show-as", ("y",), "Show as", "The asset as az ml YAML, az command and Python SDK code", footer=5),
        Action(
            "data.archive",
            ("A",),
            "Archive",
            "Hide the asset's version from lists, or restore it",
            footer=6,
            writes=True,
        ),
        studio_action("data"),
        *list_actions("data", "data assets", archive=True),
    )
    COLUMNS: ClassVar = (
        GridColumn("name", "Name", least=30),
        GridColumn("type", "Type", priority=1, least=12),
        GridColumn("version", "Version", align="right", priority=1),
        GridColumn("versions", "Versions", align="right", priority=4),
        GridColumn("size", "Size", align="right", priority=2),
        GridColumn("created", "Created", align="right", priority=5),
        GridColumn("tags", "Tags", priority=3, least=12),
        GridColumn("description", "Description", priority=6, least=16),
    )

    def __init__(self, place: Place, *, data: DataService, workspace: Workspace) -> None:
        super().__init__(place)
        self.data = data
        self.workspace = workspace

    async def read(self) -> Sequence[DataAsset]:
        """The latest versions."""
        return await self.data.list(include_archived=self.archived)

    def key_of(self, item: DataAsset) -> str:
        """The name: one row an asset."""
        return item.name

    def cells_of(self, item: DataAsset) -> tuple[str | Text, ...]:
        """The row."""
        cells = (
            shown(item.name) + (" (archived)" if item.archived else ""),
            item.type,
            item.version,
            str(item.version_count),
            size_text(item.size),
            age_text(item.created_at, clock.now()),
            tags_text(item.tags),
            shown(item.description),
        )
        return dimmed(cells, item.archived)

    def hay_of(self, item: DataAsset) -> str:
        """Name, type, tags and description."""
        return f"{item.name} {item.type} {tags_text(item.tags)} {item.description}"

    def facts_of(self, item: DataAsset) -> list[tuple[str, str]]:
        """All of it."""
        return asset_facts(item)

    def action_open(self) -> None:
        """Open the asset."""
        if item := self.chosen:
            self.post_message(Open(Place("data-asset", item.name)))

    def action_preview(self) -> None:
        """Open the asset's table."""
        self._open_table("table")

    def action_profile(self) -> None:
        """Open what its columns are like."""
        self._open_table("profile")

    def action_wrangle(self) -> None:
        """Open its table to change it."""
        self._open_table("wrangle")

    def _open_table(self, screen: str) -> None:
        if item := self.chosen:
            self.post_message(Open(Place(screen, source_of(item))))

    def action_compare(self) -> None:
        """Two marked assets in the order of the list; else the version before the latest with the latest."""
        marked = [item for item in self.rows if item.name in self.query_one(Grid).marked]

        async def compare() -> None:
            if len(marked) == 2:
                pair = (source_of(marked[0]), source_of(marked[1]))
            elif not marked and (item := self.chosen) and (older := await self._version_before(item)):
                pair = (source_of(older), source_of(item))
            else:
                self.tell("Mark two assets with space, or put the cursor on one that has an older version.")
                return
            self.post_message(Open(Place("data-diff", subject_of(*pair))))

        self.load(compare, group="compare")

    async def _version_before(self, item: DataAsset) -> DataAsset | None:
        versions = await self.data.versions(item.name)
        pair = pair_to_compare(item.version, (), versions)
        return next((found for found in versions if pair and found.version == pair[0]), None)

    def action_download(self) -> None:
        """Ask for the folder, then copy the files."""
        if item := self.chosen:
            self.load(lambda: download(self, self.data, item), group="download")

    def action_open_table(self) -> None:
        """Ask for a path or URL and show its rows."""

        async def ask() -> None:
            question = Ask("Open a table", "Path, URL or URI; tab completes paths", path=True)
            if (source := await self.app.push_screen_wait(question)) and source.strip():
                self.post_message(Open(Place("table", absolute_source(source))))

        self.load(ask, group="open-table")

    def action_register(self) -> None:
        """The form that registers one."""
        self.post_message(Open(Place("register-data")))

    def action_copy_uri(self) -> None:
        """Copy the URI; of a place in a datastore in one of its forms."""
        if item := self.chosen:
            copy_uri_of(self, self.workspace, item.path)

    def action_show_as(self) -> None:
        """Open the drawer."""
        if item := self.chosen:
            from screens.show_as import ShowAs

            self.app.push_screen(ShowAs(spec_of(item), item.name, target=self.frame.azure))

    def action_archive(self) -> None:
        """Hide the version, or restore it."""
        item = self.chosen
        if item is None:
            return

        async def archive() -> None:
            await self.data.archive(item.name, item.version, archived=not item.archived)
            name = f"{item.name}:{item.version}"
            self.tell(f"Restored {name}." if item.archived else f"Archived {name}: a shows archived ones, A restores.")
            await self._read()

        self.load(archive, group="archive")
