"""The model registry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text

from screens import clock
from screens.actions import Action
from screens.base import studio_action
from screens.lists import ListScreen, dimmed, list_actions, shown, tags_text
from screens.places import Open, Place
from screens.widgets.grid import GridColumn
from screens.widgets.status import age_text
from services.entities import RegisteredModel
from services.workspace import ModelService

TYPES = {"mlflow_model": "MLflow", "custom_model": "custom", "triton_model": "Triton"}
"""Azure ML's types of models, as people call them."""


def aliases_text(model: RegisteredModel) -> str:
    """`champion → 2`."""
    return "  ".join(shown(f"{alias} → {version}") for alias, version in sorted(model.aliases.items()))


class ModelsScreen(ListScreen[RegisteredModel]):
    """A row per registered model."""

    CRUMB = "Models"
    NOUNS = ("model", "models")
    EMPTY = "No models yet. R on a finished job registers what it left; n registers a folder of this machine."
    ACTIONS: ClassVar = (
        Action("models.open", ("enter",), "Open", "Versions, signature, MLmodel file and files of the model", footer=1),
        Action(
            "models.register",
            ("n", "R"),
            "Register",
            "Register a model from a local folder or file",
            footer=1,
            writes=True,
        ),
        Action(
            "models.show-as",
            ("y",),
            "Show as",
            "The latest version as az ml YAML, az command and Python SDK code",
            footer=5,
        ),
        Action(
            "models.archive",
            ("A",),
            "Archive",
            "Hide the model with all its versions from lists, or restore it",
            footer=6,
            writes=True,
        ),
        studio_action("models"),
        *list_actions("models", "models", archive=True),
    )
    COLUMNS: ClassVar = (
        GridColumn("name", "Name", least=30),
        GridColumn("type", "Type", priority=1, least=12),
        GridColumn("version", "Latest", align="right", priority=1),
        GridColumn("aliases", "Aliases", priority=2, least=14),
        GridColumn("updated", "Updated", align="right", priority=3),
        GridColumn("versions", "Versions", align="right", priority=5),
        GridColumn("tags", "Tags", priority=4, least=12),
        GridColumn("description", "Description", priority=6, least=16),
    )

    def __init__(self, place: Place, *, models: ModelService) -> None:
        super().__init__(place)
        self.models = models

    async def read(self) -> Sequence[RegisteredModel]:
        """The registered models."""
        return await self.models.list(include_archived=self.archived)

    def key_of(self, item: RegisteredModel) -> str:
        """The name."""
        return item.name

    def cells_of(self, item: RegisteredModel) -> tuple[str | Text, ...]:
        """The row."""
        cells = (
            shown(item.name) + (" (archived)" if item.archived else ""),
            TYPES.get(item.type, item.type),
            item.latest_version,
            aliases_text(item),
            age_text(item.updated_at, clock.now()),
            str(item.version_count),
            tags_text(item.tags),
            shown(item.description),
        )
        return dimmed(cells, item.archived)

    def hay_of(self, item: RegisteredModel) -> str:
        """Name, type, aliases, tags and description."""
        return f"{item.name} {item.type} {aliases_text(item)} {tags_text(item.tags)} {item.description}"

    def facts_of(self, item: RegisteredModel) -> list[tuple[str, str]]:
        """All of it."""
        return [
            ("Name", item.name),
            ("Type", item.type),
            ("Latest", f"version {item.latest_version} of {item.version_count}"),
            ("Aliases", aliases_text(item)),
            ("Tags", tags_text(item.tags)),
            ("Description", item.description),
            ("Created", f"{item.created_at.astimezone():%Y-%m-%d %H:%M}"),
            ("Updated", f"{item.updated_at.astimezone():%Y-%m-%d %H:%M}"),
            ("In a job", f"azureml:{item.name}:{item.latest_version}"),
            ("Archived", "yes; A restores it" if item.archived else ""),
        ]

    def action_open(self) -> None:
        """Open the model."""
        if item := self.chosen:
            self.post_message(Open(Place("model", item.name)))

    def action_register(self) -> None:
        """The form that registers one."""
        self.post_message(Open(Place("register-model")))

    def action_show_as(self) -> None:
        """Open the drawer with the latest version."""
        item = self.chosen
        if item is None:
            return

        async def show() -> None:
            from screens.model_texts import spec_of
            from screens.show_as import ShowAs

            version = await self.models.get(item.name)
            title = f"{version.name}:{version.version}"
            await self.app.push_screen(ShowAs(spec_of(version), title, target=self.frame.azure))

        self.load(show, group="show-as")

    def action_archive(self) -> None:
        """Hide the model, or restore it."""
        item = self.chosen
        if item is None:
            return

        async def archive() -> None:
            await self.models.archive(item.name, archived=not item.archived)
            undo = "a shows archived ones, A restores."
            self.tell(f"Restored {item.name}." if item.archived else f"Archived {item.name}: {undo}")
            await self._read()

        self.load(archive, group="archive")
