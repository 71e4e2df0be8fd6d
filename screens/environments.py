"""What jobs run in: environments, their versions and packages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from rich.text import Text

from screens import clock
from screens.actions import Action
from screens.lists import ListScreen, list_actions, shown, tags_text
from screens.places import Place
from screens.widgets.dialogs import Ask
from screens.widgets.grid import GridColumn
from screens.widgets.status import age_text
from services.entities import Environment
from services.specs.assets import EnvironmentSpec
from services.workspace import EnvironmentService

GLYPHS = {"ready": ("✓", "green"), "building": ("◔", "yellow"), "failed": ("✗", "red"), "not built": ("◌", "dim")}


def state_text(state: str) -> Text:
    """Glyph and word."""
    glyph, style = GLYPHS.get(state, ("·", ""))
    return Text(f"{glyph} {shown(state)}" if state else "", style)


def spec_of(environment: Environment) -> EnvironmentSpec:
    """The environment as the spec that registers it again."""
    import yaml

    conda = None
    if environment.conda_file:
        try:
            conda = yaml.safe_load(environment.conda_file)
        except yaml.YAMLError:
            conda = None
    return EnvironmentSpec(
        name=environment.name,
        version=environment.version,
        image=environment.image or None,
        conda_file=conda if isinstance(conda, dict) else None,
        description=environment.description or None,
        tags=dict(environment.tags),
    )


class EnvironmentsScreen(ListScreen[Environment]):
    """The latest version of each environment, own ones first."""

    CRUMB = "Environments"
    NOUNS = ("environment", "environments")
    EMPTY = "No environments yet. n makes one from a conda file; a job without one runs in this interpreter."
    ACTIONS: ClassVar = (
        Action(
            "environments.open", ("enter",), "Open", "Packages, conda file and versions of the environment", footer=1
        ),
        Action("environments.create", ("n",), "New", "Register an environment from a conda file", footer=1),
        Action(
            "environments.show-as",
            ("y",),
            "Show as",
            "The environment as az ml YAML, az command and Python SDK code",
            footer=5,
        ),
        Action(
            "environments.copy-ref", ("u",), "Copy azureml:", "Copy azureml:NAME:VERSION, as jobs name it", footer=6
        ),
        *list_actions("environments", "environments"),
    )
    COLUMNS: ClassVar = (
        GridColumn("name", "Name", least=30),
        GridColumn("version", "Version", align="right"),
        GridColumn("state", "State", least=18),
        GridColumn("made", "Made of", priority=1, least=18),
        GridColumn("packages", "Packages", align="right", priority=2),
        GridColumn("created", "Created", align="right", priority=3),
        GridColumn("tags", "Tags", priority=4, least=12),
        GridColumn("description", "Description", priority=5),
    )

    def __init__(self, place: Place, *, environments: EnvironmentService) -> None:
        super().__init__(place)
        self.environments = environments

    async def read(self) -> Sequence[Environment]:
        """The latest versions."""
        return await self.environments.list()

    def key_of(self, item: Environment) -> str:
        """The name."""
        return item.name

    def cells_of(self, item: Environment) -> tuple[str | Text, ...]:
        """The row."""
        made = " + ".join(
            part for part in ("image" if item.image else "", "conda file" if item.conda_file else "") if part
        )
        return (
            shown(item.name),
            item.version,
            state_text(item.state),
            ("curated " if item.curated else "") + (made or "this interpreter"),
            f"{len(item.packages):,}" if item.packages else "",
            age_text(item.created_at, clock.now()) if item.created_at else "",
            tags_text(item.tags),
            shown(item.description),
        )

    def hay_of(self, item: Environment) -> str:
        """Name, image, packages, tags and description."""
        return f"{item.name} {item.image} {' '.join(item.packages)} {tags_text(item.tags)} {item.description}"

    def facts_of(self, item: Environment) -> list[tuple[str, str]]:
        """All of it."""
        return [
            ("Name", item.name),
            ("Version", f"{item.version} of {item.version_count}" if item.version_count > 1 else item.version),
            ("State", item.state),
            ("Image", item.image),
            ("In a job", f"azureml:{item.name}:{item.version}"),
            ("Description", item.description),
            ("Tags", tags_text(item.tags)),
            ("Created", f"{item.created_at.astimezone():%Y-%m-%d %H:%M}" if item.created_at else ""),
            ("Packages", "\n".join(item.packages)),
        ]

    def action_open(self) -> None:
        """Show packages, conda file and versions."""
        item = self.chosen
        if item is None:
            return

        async def show() -> None:
            from screens.show_as import ShowAs, Shown

            versions = await self.environments.versions(item.name)
            lines = [
                f"{v.version:>8}  {v.state:<12}  {v.image or ('conda file' if v.conda_file else '')}" for v in versions
            ]
            forms = [
                Shown("Packages", "\n".join(item.packages) or "No packages are known.", f"{item.name}.txt"),
                Shown("Conda file", item.conda_file or "It has no conda file.", "conda.yml"),
                Shown("Versions", "\n".join([" version  state         made of", *lines]), "versions.txt"),
            ]
            await self.app.push_screen(ShowAs(forms, f"{item.name}:{item.version}", verb="Environment"))

        self.load(show, group="show")

    def action_create(self) -> None:
        """Ask for the conda file and the name."""

        async def create() -> None:
            path = await self.app.push_screen_wait(
                Ask("New environment", "From the conda file", str(Path.cwd() / "conda.yml"), path=True)
            )
            if not path or not path.strip():
                return
            file = Path(path.strip()).expanduser()
            name = await self.app.push_screen_wait(
                Ask("New environment", "Its name", file.parent.name if file.stem == "conda" else file.stem)
            )
            if not name or not name.strip():
                return
            made = await self.environments.create(
                EnvironmentSpec(name=name.strip(), conda_file=str(file)), base=Path.cwd()
            )
            self.tell(f"Registered {made.name}:{made.version}.")
            await self._read()

        self.load(create, group="create")

    def action_show_as(self) -> None:
        """Open the drawer."""
        if item := self.chosen:
            from screens.show_as import ShowAs

            self.app.push_screen(ShowAs(spec_of(item), f"{item.name}:{item.version}"))

    def action_copy_ref(self) -> None:
        """Copy what a job's environment says."""
        if item := self.chosen:
            self.copy(f"azureml:{item.name}:{item.version}")
