"""Run a recipe over the whole table as a job: by which engine, where, and what becomes of the result."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal, cast

from textual.widget import Widget

from screens.fields import Field, Picker, RadioList, line_input
from screens.forms import FormScreen, form_actions, next_version
from screens.names import typed_path
from screens.places import Open, Place
from screens.recipe_run.texts import NO_STEPS, asset_text, engine_label, memory_text, recipe_text
from screens.sources import table_title
from screens.widgets.path_input import PathInput
from screens.widgets.suggest_input import SuggestInput
from screens.wrangle import drafts
from services.asset_uris import asset_name
from services.entities import Compute
from services.errors import Fault, NotFoundError, ServiceError, SpecError
from services.specs.spark import INSTANCE_TYPES, RUNTIME_VERSIONS, JobSpec
from services.workspace import ComputeService, DataService, JobService, TableService
from services.wrangling import engines
from services.wrangling.job import CLOUD_ENVIRONMENT, RecipeRun, wrangling_job
from services.wrangling.recipe import Recipe, read_recipe_file
from services.wrangling.running import BASE, available_memory, rows_memory
from services.wrangling.script import table_paths
from services.wrangling.submitting import index_note, proposed_asset, submit_recipe

FORMATS = ("parquet", "csv")


class RecipeRunScreen(FormScreen):
    """The subject is the table's source; the recipe is the draft of the Wrangle screen, or a file."""

    CRUMB = "Run recipe"
    BUSY = "Submitting"
    ACTIONS: ClassVar = form_actions("recipe-run", "Run", "Run the recipe over the whole table as a job, and watch it")

    def __init__(
        self, place: Place, *, jobs: JobService, data: DataService, tables: TableService, compute: ComputeService
    ) -> None:
        super().__init__(place)
        self.jobs, self.data, self.tables, self.compute = jobs, data, tables, compute
        self.source = place.subject
        self.recipe = Recipe()
        self._base = Path.cwd()
        self._note = ""
        self._there: Sequence[Compute] = ()
        self._choices = {choice.place: choice for choice in engines.choices(is_azure=False, computes=())}

    @property
    def crumbs(self) -> str:
        """`Run recipe › titanic:1`."""
        return f"{self.CRUMB} › {table_title(self.source)}"

    def compose_fields(self) -> Iterable[Widget]:
        """The recipe, what runs it, what becomes of the result."""
        yield Field(
            "recipe", "Recipe", PathInput(placeholder="the recipe of the Wrangle screen"),
            hint="Empty: the recipe that you made of this table; or the YAML file of a recipe",
        )  # fmt: skip
        places = list(self._choices.values())
        yield Field(
            "engine",
            "Engine",
            RadioList([c.place for c in places], labels=[engine_label(c, is_azure=False) for c in places]),
            hint="pandas gives just what the preview shows; where Spark differs, the script says so",
        )
        yield Field(
            "master", "Master", line_input(placeholder="spark://host:7077"), hint="The address of a Spark master"
        )
        yield Field(
            "compute", "Compute", SuggestInput(complete=self._compute_names, placeholder="serverless"),
            hint="A cluster, an instance or a Spark pool of the workspace",
        )  # fmt: skip
        yield Field(
            "instance_type", "Instance type", line_input(placeholder="the default of the workspace"),
            hint="Serverless: the size of machine; Spark takes " + ", ".join(INSTANCE_TYPES),
        )  # fmt: skip
        yield Field("runtime_version", "Spark", Picker(RUNTIME_VERSIONS), hint="The version of serverless Spark")
        yield Field(
            "asset", "Result", line_input(proposed_asset(self.source, Recipe())),
            hint="The data asset whose next version the result becomes; empty: it stays an output of the job",
        )  # fmt: skip
        yield Field(
            "format", "Format", Picker(FORMATS, labels=("Parquet", "CSV")), hint="CSV has no types, and is larger"
        )

    def on_mount(self) -> None:
        """Look at the recipe, the table and the computes."""
        super().on_mount()
        self._show_fields()
        self.load(self._begin, group="begin")

    async def _begin(self) -> None:
        if self.frame.is_azure:
            try:
                self._there = await self.compute.list()
            except ServiceError as error:
                self.show_error(error)
        found = engines.choices(is_azure=self.frame.is_azure, computes=self._there)
        self._choices = {choice.place: choice for choice in found}
        labels = [engine_label(choice, is_azure=self.frame.is_azure) for choice in found]
        radio = self.query_one(RadioList)
        if (tuple(choice.place for choice in found), tuple(labels)) != (radio.options, radio.labels):
            radio.set_options([choice.place for choice in found], labels)
        self._note = await self._table_note()
        await self._look()
        self.set_clean()

    async def _table_note(self) -> str:
        """What to know of the table's columns; nothing for one that can't be read now, which the job will tell."""
        try:
            async with await self.tables.open(self.source) as table:
                return await index_note(table)
        except ServiceError:
            return ""

    # looking

    @property
    def engine(self) -> engines.Place:
        """Where it shall run."""
        return engines.Place(self.query_one(RadioList).value)

    def typed(self) -> None:
        """Look at what is typed."""
        self._show_fields()
        self.load(self._look, group="look")

    def _show_fields(self) -> None:
        """Those that mean something where it runs."""
        place, fields = self.engine, self.fields
        in_azure = self.frame.is_azure
        fields["master"].display = place is engines.Place.MASTER
        fields["compute"].display = place is engines.Place.POOL or (in_azure and place is engines.Place.PANDAS)
        fields["instance_type"].display = in_azure and place is not engines.Place.POOL
        fields["runtime_version"].display = place is engines.Place.SERVERLESS
        if place is engines.Place.SERVERLESS:
            self.offer("instance_type", INSTANCE_TYPES[0])

    async def _look(self) -> None:
        fields, faults = self.fields, list[Fault]()
        try:
            await self._read_recipe()
            fields["recipe"].say("\n".join(filter(None, [recipe_text(self.recipe), self._note])))
        except SpecError as error:
            fields["recipe"].say("")
            faults += error.faults
        needed = await self._memory() if self.engine is engines.Place.PANDAS else None
        fields["engine"].say(memory_text(needed, available_memory(), is_azure=self.frame.is_azure))
        if trouble := self._choices[self.engine].trouble:
            faults.append(Fault("engine", trouble))
        name = fields["asset"].value.strip()
        try:
            versions = [asset.version for asset in await self.data.versions(name)] if name else []
        except NotFoundError:
            versions = []
        fields["asset"].say(asset_text(name, versions, next_version(versions)))
        self.mark(faults)

    async def _read_recipe(self) -> None:
        """The recipe of the file that is named, or the draft. Raises SpecError, its faults at the field."""
        try:
            if text := self.fields["recipe"].value.strip():
                path = typed_path(text).absolute()
                self.recipe, self._base = await asyncio.to_thread(read_recipe_file, path), path.parent
            else:
                draft = await drafts.of(self.tables, self.source)
                self.recipe = draft.recipe
                self._base = draft.file.parent if draft.file else Path.cwd()
        except SpecError as error:
            raise SpecError([Fault("recipe", str(fault)) for fault in error.faults]) from error
        if all(step.muted for step in self.recipe.steps):
            raise SpecError([Fault("recipe", NO_STEPS)])
        if not self.recipe.name:  # what is made tells its recipe by name
            self.recipe = replace(self.recipe, name=proposed_asset(self.source, self.recipe))

    async def _memory(self) -> int | None:
        """Bytes that pandas will take; None for a table whose size nobody knows before it is read."""
        if asset := asset_name(self.source):
            try:
                found = await self.data.get(asset.name, asset.version)
            except ServiceError:
                return None
            return None if found.size is None else BASE + rows_memory(found.path, found.size)
        try:
            place = typed_path(self.source.removeprefix("file://"))
            return BASE + rows_memory(place.name, place.stat().st_size)
        except OSError:
            return None

    async def _compute_names(self, text: str) -> Sequence[tuple[str, str]]:
        wants_pool = self.engine is engines.Place.POOL
        found = [c for c in self._there if (c.type == engines.SPARK_POOL) == wants_pool]
        return [(compute.name, compute.size or compute.type) for compute in found if text in compute.name]

    # submit

    def run_of(self) -> RecipeRun:
        """What the form means. Raises SpecError."""
        values = {key: field.value.strip() for key, field in self.fields.items() if field.display}
        place, faults = self.engine, list[Fault]()
        if trouble := self._choices[place].trouble:
            faults.append(Fault("engine", trouble))
        wanted = {
            engines.Place.MASTER: "master",
            engines.Place.POOL: "compute",
            engines.Place.SERVERLESS: "instance_type",
        }
        if (key := wanted.get(place)) and not values[key]:
            faults.append(Fault(key, "this field is required"))
        if faults:
            raise SpecError(faults)
        return RecipeRun(
            table=self.source,
            tables=table_paths(self.recipe, self._base),
            engine=place.engine,
            asset=values["asset"],
            format=cast("Literal['parquet', 'csv']", values["format"]),
            environment=CLOUD_ENVIRONMENT if self.frame.is_azure else None,
            compute=values.get("compute", ""),
            instance_type=values.get("instance_type", ""),
            runtime_version=values.get("runtime_version", ""),
            master=values.get("master", ""),
        )

    def spec(self) -> JobSpec:
        """The job, its code in a folder `code` beside it."""
        with tempfile.TemporaryDirectory(prefix="lapis-recipe-") as folder:
            return replace(wrangling_job(self.recipe, Path(folder), self.run_of()), code="./code")

    async def submit(self) -> None:
        """Submit, and watch the job."""
        await self._read_recipe()
        job = await submit_recipe(self.recipe, self.run_of(), jobs=self.jobs, data=self.data, tables=self.tables)
        self.set_clean()
        self.tell(f"Submitted {job.summary.display_name}.")
        self.post_message(Open(Place("job", job.name), push=False))
