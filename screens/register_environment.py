"""Register an environment: an image, a conda file, or both."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual.widget import Widget

from screens.fields import Field, Lines, line_input
from screens.forms import FormScreen, form_actions, next_version
from screens.names import asset_name, typed_path
from screens.pairs import read_pairs
from screens.places import Leave, Place
from screens.widgets.path_input import PathInput
from services.errors import ConflictError, Fault, NotFoundError, SpecError
from services.specs.assets import EnvironmentSpec
from services.workspace import EnvironmentService

CURATED_PREFIX = "azureml-"
CURATED_FAULT = Fault("name", "names that begin with AzureML- are those of curated environments; choose another")


class RegisterEnvironmentScreen(FormScreen):
    """The subject is empty, or the name of an environment that gets another version."""

    CRUMB = "Environments › Register"
    BUSY = "Registering"
    ACTIONS: ClassVar = form_actions("register-environment", "Register", "Register the environment")

    def __init__(self, place: Place, *, environments: EnvironmentService) -> None:
        super().__init__(place)
        self.environments = environments

    @property
    def crumbs(self) -> str:
        """Without the subject: the form shows it."""
        return self.CRUMB

    def compose_fields(self) -> Iterable[Widget]:
        """The file first: the name follows from it."""
        yield Field(
            "conda_file", "Conda file", PathInput(),
            hint="Its pip packages are installed when a job first needs the environment",
        )  # fmt: skip
        yield Field(
            "image", "Image", line_input(placeholder="mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"),
            hint="A docker image; on this machine jobs run without it, with a note",
        )  # fmt: skip
        yield Field("name", "Name", line_input(self.place.subject), hint="How jobs call it: azureml:NAME@latest")
        yield Field("version", "Version", line_input(placeholder="the next one"), hint="Empty: the next free number")
        yield Field("description", "Description", line_input(), hint="What it is for")
        yield Field("tags", "Tags", Lines(placeholder="key=value, one a line"), hint="key=value, one a line")

    def typed(self) -> None:
        """Suggest a name from the file, tell the next version, refuse what Azure ML keeps for itself."""
        self.load(self._suggest, group="suggest")

    async def _suggest(self) -> None:
        fields = self.fields
        if not self.place.subject:
            path = typed_path(fields["conda_file"].value)
            self.offer("name", asset_name(path.absolute().parent.name if path.stem == "conda" else path.name))
        name = fields["name"].value.strip()
        refused = curated_faults(name)
        if refused or CURATED_FAULT in fields["name"].faults:
            fields["name"].mark(refused)
        try:
            versions = [item.version for item in await self.environments.versions(name)] if name else []
        except NotFoundError:
            versions = []
        fields["name"].say(f"It is there already; this becomes version {next_version(versions)}" if versions else "")

    def spec(self) -> EnvironmentSpec:
        """What the form means. Raises SpecError."""
        values = {key: value.strip() for key, value in self.values().items()}
        tags, wrong = read_pairs(values["tags"], {})
        faults = [Fault("tags", message) for message in wrong]
        faults += [] if values["name"] else [Fault("name", "this field is required")]
        faults += curated_faults(values["name"])
        if not values["conda_file"] and not values["image"]:
            faults.append(Fault("conda_file", "an environment needs a conda file, an image or both"))
        if faults:
            raise SpecError(faults)
        return EnvironmentSpec(
            name=values["name"],
            version=values["version"] or None,
            image=values["image"] or None,
            conda_file=str(typed_path(values["conda_file"])) if values["conda_file"] else None,
            description=values["description"] or None,
            tags=tags,
        )

    async def submit(self) -> None:
        """Register, and back to the list."""
        spec = self.spec()
        try:
            made = await self.environments.create(spec, base=Path.cwd())
        except ConflictError as error:
            raise SpecError([Fault("version", f"{error.detail.rstrip('.')}; {error.advice}")]) from error
        self.set_clean()
        self.tell(f"Registered {made.name}:{made.version}.")
        self.post_message(Leave())


def curated_faults(name: str) -> list[Fault]:
    """Names that only Azure ML gives."""
    return [CURATED_FAULT] if name.casefold().startswith(CURATED_PREFIX) else []
