"""What can be done with a job, wherever it is shown: the list and the job screen share it."""

from __future__ import annotations

from pathlib import Path

from screens.actions import Action
from screens.base import LapisScreen, studio_action
from screens.lists import counted
from screens.places import Open, Place
from screens.widgets.dialogs import Ask, Confirm
from screens.widgets.status import size_text
from services.entities import JobSummary
from services.workspace import JobService


def job_actions(screen: str) -> tuple[Action, ...]:
    """The declarations for a screen that derives from JobActions."""
    return (
        Action(
            f"{screen}.clone",
            ("x",),
            "Clone",
            "Open the submit form filled in from the job, to mend or vary it",
            footer=3,
        ),
        Action(
            f"{screen}.cancel", ("ctrl+x",), "Cancel", "End the job and every process it started", danger=True, footer=3
        ),
        Action(f"{screen}.register", ("R",), "Register", "Register a model that the job left", footer=4, writes=True),
        Action(
            f"{screen}.download", ("D",), "Download", "Copy the job's artifacts, outputs and logs to a folder", footer=7
        ),
        Action(
            f"{screen}.archive", ("A",), "Archive", "Hide the job from the list, or restore it", footer=7, writes=True
        ),
        Action(
            f"{screen}.show-as", ("y",), "Show as", "The job as az ml YAML, az command and Python SDK code", footer=5
        ),
        Action(f"{screen}.copy-name", ("c",), "Copy name", "Copy the job's name to the clipboard", footer=8),
        Action(f"{screen}.copy-uri", ("u",), "Copy URI", "Copy the address of the job's page or folder", footer=8),
        studio_action(screen),
    )


class JobActions(LapisScreen):
    """A screen on which one job is meant by `chosen_job`."""

    def __init__(self, place: Place, *, jobs: JobService) -> None:
        super().__init__(place)
        self.jobs = jobs

    @property
    def chosen_job(self) -> JobSummary | None:
        """The job that the keys mean; None while there is none."""
        raise NotImplementedError

    def job_changed(self) -> None:
        """Read again: an action has changed the chosen job."""

    def action_clone(self) -> None:
        """Open the submit form with the job's spec."""
        if job := self.chosen_job:
            self.post_message(Open(Place("submit", f"clone:{job.name}")))

    def action_register(self) -> None:
        """Open the form that registers a model of the job."""
        if job := self.chosen_job:
            self.post_message(Open(Place("register-model", f"job:{job.name}")))

    def action_copy_name(self) -> None:
        """Copy the name by OSC 52."""
        self.copy_name(job.name if (job := self.chosen_job) else "")

    def action_copy_uri(self) -> None:
        """Copy where the job is found: its page in Azure ML Studio, or its folder on this machine."""
        job = self.chosen_job
        if job is None:
            return

        async def copy() -> None:
            if uri := (await self.jobs.get(job.name)).studio_url:
                self.copy(uri)
            else:
                self.tell(f"{job.display_name} has no address.")

        self.load(copy, group="copy")

    def action_studio(self) -> None:
        """The job's page, also where a tab has something else to copy."""
        JobActions.action_copy_uri(self)

    def action_cancel(self) -> None:
        """Ask first, then end the job."""
        job = self.chosen_job
        if job is None:
            return
        if job.status.is_terminal:
            self.tell(f"{job.display_name} has ended already: {job.status.value}.")
            return

        async def cancel() -> None:
            question = f"End {job.display_name} ({job.name}) and every process it started? What it has logged stays."
            if await self.app.push_screen_wait(Confirm("Cancel job", question)):
                await self.jobs.cancel(job.name)
                self.tell(f"{job.display_name} is being canceled.")
                self.job_changed()

        self.load(cancel, group="cancel")

    def action_archive(self) -> None:
        """Hide the job from lists, or restore it."""
        job = self.chosen_job
        if job is None:
            return

        async def archive() -> None:
            await self.jobs.archive(job.name, archived=not job.archived)
            undo = "A restores it" if job.archived else "a shows archived jobs, A restores one"
            self.tell(f"Restored {job.display_name}." if job.archived else f"Archived {job.display_name}: {undo}.")
            self.job_changed()

        self.load(archive, group="archive")

    def action_download(self) -> None:
        """Ask for the folder, then copy everything into it."""
        job = self.chosen_job
        if job is None:
            return
        if not job.status.is_terminal:
            self.tell(f"{job.display_name} has not ended; what it leaves can be downloaded then.")
            return

        async def download() -> None:
            proposed = str(Path.cwd() / job.name)
            target = await self.app.push_screen_wait(Ask("Download job", "Into the folder", proposed))
            if target:
                self.tell(f"Copying what {job.display_name} left to {target} ...")
                report = await self.jobs.download(job.name, Path(target).expanduser(), everything=True)
                self.tell(f"{counted(report.files, 'file', 'files')}, {size_text(report.size)}, in {report.target}")

        self.load(download, group="download")

    def action_show_as(self) -> None:
        """Open the drawer with the job's spec."""
        job = self.chosen_job
        if job is None:
            return

        async def show() -> None:
            from screens.show_as import ShowAs

            spec, _ = await self.jobs.spec(job.name)
            await self.app.push_screen(ShowAs(spec, title=job.display_name, target=self.frame.azure))

        self.load(show, group="show-as")
