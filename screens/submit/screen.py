"""Fill in a command job, see what is wrong with it while typing, submit it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Static

from screens.actions import Action
from screens.forms import FormScreen, form_actions
from screens.lists import WIDE, shown
from screens.places import Open, Place
from screens.submit.check import CheckPanel, code_text, git_text, listing_text, verdict
from screens.submit.completion import Completion
from screens.submit.fields import job_fields
from screens.submit.form import (
    EMPTY_JOB,
    FIELD_KEYS,
    TEXT_FIELDS,
    Form,
    form_of,
    job_of,
    missing_inputs,
    missing_outputs,
)
from screens.submit.origin import DRAFTS, Origin, origin_of, origin_text, read_file
from screens.submit.ports import Ports
from screens.submit.rows import PortRow
from screens.widgets.dialogs import Ask, Confirm
from screens.widgets.path_input import PathInput
from screens.widgets.states import StateCard
from services.entities import Preflight
from services.errors import Fault, ServiceError, SpecError
from services.specs.command import CommandJob
from services.workspace import ComputeService, DataService, EnvironmentService, JobService, Workspace

LEFT = ", as you left it"


class SubmitScreen(FormScreen):
    """The subject is empty, `clone:JOB`, `file:PATH` or `data:NAME:VERSION` (an input to begin with)."""

    CRUMB = "New job"
    BUSY = "Copying the code and submitting"
    ACTIONS: ClassVar = (
        *form_actions("submit", "Submit", "Submit the job and watch it; refused while pre-flight finds faults"),
        Action("submit.add-input", ("ctrl+n",), "Input", "Add an input; the next one that the command names", footer=2),
        Action(
            "submit.add-output", ("ctrl+t",), "Output", "Add an output; the next one that the command names", footer=2
        ),
        Action("submit.remove-row", ("ctrl+r",), "Remove", "Remove the input or output that has the cursor", footer=5),
        Action("submit.open-file", ("f3", "ctrl+o"), "From YAML", "Fill the form from an az ml YAML file", footer=4),
        Action(
            "submit.list-code", ("ctrl+l",), "Files", "List every file of the code folder that will be taken", footer=6
        ),
    )
    DEFAULT_CSS = """
    SubmitScreen #origin {
        height: 1; padding: 0 1; color: $text-muted; background: $surface; text-wrap: nowrap; text-overflow: ellipsis;
    }
    SubmitScreen #verdict { height: 1; padding: 0 1; }
    SubmitScreen #sides { height: 1fr; }
    SubmitScreen #left { width: 1fr; }
    SubmitScreen #form { padding: 0; }
    SubmitScreen CheckPanel { display: none; }
    SubmitScreen.-wide CheckPanel { display: block; }
    SubmitScreen.-wide #verdict { display: none; }
    """

    def __init__(
        self,
        place: Place,
        *,
        jobs: JobService,
        data: DataService,
        environments: EnvironmentService,
        compute: ComputeService,
        workspace: Workspace,
    ) -> None:
        super().__init__(place)
        self.jobs = jobs
        self.workspace = workspace
        self.origin = Origin(EMPTY_JOB, Path.cwd(), "A new job")
        self.completion = Completion(data, environments, compute)
        self.preflight = Preflight()
        self._clean_form = self._form = Form()
        self._is_filled = False
        self._is_kept = True

    @property
    def crumbs(self) -> str:
        """The line below tells the rest."""
        return self.CRUMB

    def compose_body(self) -> ComposeResult:
        """Where it comes from; the form; beside or below it what pre-flight found."""
        yield Static(id="origin", markup=False)
        yield StateCard()
        with Horizontal(id="sides"):
            with Vertical(id="left"):
                with VerticalScroll(id="form", can_focus=False):
                    yield from self.compose_fields()
                yield Static(id="trouble", markup=False)
                yield Static(id="verdict", markup=False)
                yield Static(id="hint", markup=False)
            yield CheckPanel()

    def compose_fields(self) -> Iterable[Widget]:
        """In the order in which a job is thought of."""
        return job_fields(self.completion, is_azure=self.frame.is_azure)

    def on_resize(self, event: Resize) -> None:
        """What pre-flight found has room beside the form on wide screens."""
        self.set_class(event.size.width >= WIDE, "-wide")

    # filling in

    def on_mount(self) -> None:
        """Fill the form in from what the subject names, or from the draft that was left."""
        self.query_one("#sides").display = False
        self.query_one(StateCard).reading("Reading what the form begins with ...")
        self.load(self._begin, group="begin")

    async def _begin(self) -> None:
        if draft := DRAFTS.pop(self.place.subject, None):
            origin, form, clean = draft
            await self.fill(replace(origin, text=f"{origin.text.removesuffix(LEFT)}{LEFT}"), form, clean)
            return
        origin = await origin_of(self.place.subject, self.jobs)
        form = form_of(origin.job)
        await self.fill(origin, form, form)
        kind, _, reference = self.place.subject.partition(":")
        if kind == "data":
            await self._add_data(reference)

    async def _add_data(self, reference: str) -> None:
        name = re.sub(r"\W", "_", reference.partition(":")[0])
        kind = await self.completion.type_of(f"azureml:{reference}")
        await self.query_one("#inputs", Ports).set_rows([PortRow(name, kind or "uri_file", f"azureml:{reference}")])
        self.fields["command"].focus_control()
        self.rest()

    async def fill(self, origin: Origin, form: Form, clean: Form) -> None:
        """Show a form; `clean` is what leaving would not lose."""
        self.origin = origin
        self.completion.base = self.query_one(PathInput).base = origin.base
        fields = self.fields
        for key in TEXT_FIELDS:
            fields[FIELD_KEYS.get(key, key)].value = getattr(form, key)
        fields["command"].value = form.command
        fields["resources.instance_type"].display = self.frame.is_azure or bool(form.instance_type)
        await self.query_one("#inputs", Ports).set_rows(form.inputs)
        await self.query_one("#outputs", Ports).set_rows(form.outputs)
        self._clean_form, self._form = clean, form
        self._is_filled = True
        self.query_one(StateCard).hide()
        self.query_one("#sides").display = True
        self.query_one("#origin", Static).update(shown(origin_text(origin)))
        self._draw_check(())
        fields["code"].focus_control()
        self.typed()

    def form(self) -> Form:
        """What is typed."""
        values = {key: field.value for key, field in self.fields.items()}
        texts = {key: values[FIELD_KEYS.get(key, key)] for key in TEXT_FIELDS}
        rows = {section: self.query_one(f"#{section}", Ports).rows for section in ("inputs", "outputs")}
        return Form(command=values["command"], inputs=rows["inputs"], outputs=rows["outputs"], **texts)

    @property
    def changed(self) -> bool:
        """Whether something was typed that leaving would lose."""
        return self._is_filled and self._form != self._clean_form

    def rest(self) -> None:
        """Remember what is typed: at the end of the screen its fields are gone before it is."""
        if self._is_filled:
            self._form = self.form()
        super().rest()

    def on_unmount(self) -> None:
        """Left by `g`, `[` or the end of the app: keep what was typed for when the form is opened again."""
        if self._is_kept and self.changed:
            DRAFTS[self.place.subject] = (self.origin, self._form, self._clean_form)

    def show_error(self, error: ServiceError) -> None:
        """A card while there is no form; faults at their fields otherwise."""
        if self._is_filled:
            super().show_error(error)
        else:
            self.query_one(StateCard).error(error, error.advice or "esc goes back.")

    # pre-flight

    def typed(self) -> None:
        """Check what is typed."""
        if not self._is_filled:
            return
        if self._form == form_of(EMPTY_JOB):
            self._draw_check(())
            self.mark(())
        else:
            self.load(self._check, group="check")

    async def _check(self) -> None:
        for field in self.query_one("#inputs", Ports).port_fields:
            if field.is_new:
                field.offer_type(await self.completion.type_of(field.row.value))
        job, faults = job_of(self.form(), self.origin.job)
        try:
            self.preflight = await self.jobs.preflight(job, base=self.origin.base)
        except SpecError as error:
            self.preflight = Preflight(error.faults)
        found = (*faults, *self.preflight.faults)
        self._draw_check(found)
        self.mark(found)

    def _draw_check(self, faults: tuple[Fault, ...]) -> None:
        line = verdict(faults, started=self._form != form_of(EMPTY_JOB))
        self.query_one("#verdict", Static).update(line)
        self.query_one(CheckPanel).show(line, faults, self.preflight)
        git = git_text(self.preflight.git)
        parts = [code_text(self.preflight), f"git: {git}" if git else ""]
        self.fields["code"].say("\n".join(part for part in parts if part))

    # keys

    def spec(self) -> CommandJob:
        """What the form means. Raises SpecError."""
        job, faults = job_of(self.form(), self.origin.job)
        if faults:
            raise SpecError(faults)
        return job

    async def submit(self) -> None:
        """Submit, and watch the job."""
        sent = self.origin.named(self.spec())
        self.origin = replace(self.origin, sent=sent)
        job = await self.jobs.submit(sent, base=self.origin.base)
        self._is_kept = False
        self.tell(f"Submitted {job.summary.display_name or job.name}.")
        self.post_message(Open(Place("job", job.name), push=False))

    def forget(self) -> None:
        """Keep no draft."""
        self._is_kept = False

    # awaited, not in a worker: keys that are typed ahead go to the new row

    async def action_add_input(self) -> None:
        """A row more."""
        missing = missing_inputs(self.form())
        await self.query_one("#inputs", Ports).add(missing[0] if missing else "")

    async def action_add_output(self) -> None:
        """A row more."""
        missing = missing_outputs(self.form())
        await self.query_one("#outputs", Ports).add(missing[0] if missing else "")

    async def action_remove_row(self) -> None:
        """The row under the cursor goes."""
        for ports in self.query(Ports):
            if await ports.remove_focused():
                self.rest()
                return
        self.tell("Move to an input or an output first; ^r removes the row that has the cursor.")

    def action_open_file(self) -> None:
        """Ask for a file; what was typed is replaced only after a question."""

        async def choose() -> None:
            answer = await self.app.push_screen_wait(
                Ask("From an az ml YAML file", "The file", f"{self.origin.base}/job.yml", path=True)
            )
            if not answer or not answer.strip():
                return
            origin = await read_file(answer.strip())
            if self.changed and not await self.app.push_screen_wait(
                Confirm("Fill the form in", "What you typed is replaced by the file. Go on?")
            ):
                return
            form = form_of(origin.job)
            await self.fill(origin, form, form)

        self.load(choose, group="file")

    def action_list_code(self) -> None:
        """All files that will be taken."""
        from screens.show_as import ShowAs, Shown

        text = listing_text(self.preflight) or "No code folder, or nothing in it."
        self.app.push_screen(ShowAs([Shown("Code", text, "files.txt")], "what will be taken", verb="Code"))
