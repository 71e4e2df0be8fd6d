"""What jobs run in: environments, their versions and packages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text

from screens import clock
from screens.actions import Action
from screens.base import studio_action
from screens.lists import ListScreen, list_actions, shown, tags_text
from screens.places import Open, Place
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


def made_of(environment: Environment) -> str:
    """`image + conda file`, or what is there without either."""
    parts = ("image" if environment.image else "", "conda file" if environment.conda_file else "")
    return " + ".join(part for part in parts if part) or "this interpreter"


def versions_text(versions: Sequence[Environment]) -> str:
    """A line for each version: state, what it is made of, when it was made."""
    rows = [("version", "state", "made of", "created")]
    for item in versions:
        created = f"{item.created_at.astimezone():%Y-%m-%d %H:%M}" if item.created_at else ""
        rows.append((item.version, item.state, made_of(item), created))
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


class EnvironmentsScreen(ListScreen[Environment]):
    """The latest version of each environment, own ones first."""

    CRUMB = "Environments"
    NOUNS = ("environment", "environments")
    EMPTY = "No environments yet. n registers one; a job without one runs in this interpreter."
    IS_SHORT = True
    ACTIONS: ClassVar = (
        Action(
            "environments.open", ("enter",), "Open", "Packages, conda file and versions of the environment", footer=1
        ),
        Action(
            "environments.register",
            ("n",),
            "Register",
            "Register an environment from a conda file, an image or both",
            footer=1,
            writes=True,
        ),
        Action("environments.version", ("R",), "New version", "Register another version of it", footer=4, writes=True),
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
        studio_action("environments"),
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
        return (
            shown(item.name),
            item.version,
            state_text(item.state),
            ("curated " if item.curated else "") + made_of(item),
            f"{len(item.packages):,}" if item.packages else "",
            age_text(item.created_at, clock.now()),
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
            ("Made of", made_of(item) + (", curated by Azure ML" if item.curated else "")),
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
            latest = versions[0]
            forms = [
                Shown("Packages", "\n".join(latest.packages) or "No packages are known.", f"{item.name}.txt"),
                Shown("Conda file", latest.conda_file or "It has no conda file.", "conda.yml"),
                Shown("Versions", versions_text(versions), "versions.txt"),
            ]
            await self.app.push_screen(ShowAs(forms, f"{item.name}:{latest.version}", verb="Environment"))

        self.load(show, group="show")

    def action_register(self) -> None:
        """The form that registers one."""
        self.post_message(Open(Place("register-environment")))

    def action_version(self) -> None:
        """The form, filled with the name of the one under the cursor."""
        item = self.chosen
        if item and not item.curated:
            self.post_message(Open(Place("register-environment", item.name)))
        elif item:
            self.tell(f"{item.name} is curated: its versions are made by Azure ML. n makes one of your own.")

    def action_show_as(self) -> None:
        """Open the drawer."""
        if item := self.chosen:
            from screens.show_as import ShowAs

            title = f"{item.name}:{item.version}"
            self.app.push_screen(ShowAs(spec_of(item), title, target=self.frame.azure))

    def action_copy_ref(self) -> None:
        """Copy what a job's environment says."""
        if item := self.chosen:
            self.copy(f"azureml:{item.name}:{item.version}")
