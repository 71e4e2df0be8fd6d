"""What can be done with a compute from the list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from screens.actions import Action
from screens.base import studio_action
from screens.compute.values import FORM_TYPES, spec_from
from screens.lists import ListScreen, list_actions
from screens.places import Open, Place
from screens.widgets.dialogs import Choose, Confirm
from services.entities import Compute, ComputeType
from services.specs.computes import ATTACHED
from services.workspace import ComputeService

CREATED = (
    (ComputeType.COMPUTE_INSTANCE.value, "one machine to work on, for one person"),
    (ComputeType.AMLCOMPUTE.value, "nodes that come for jobs and go again"),
)
ATTACHABLE = (
    (ComputeType.VIRTUAL_MACHINE.value, "a machine of yours: Ubuntu, with a public address"),
    (ComputeType.SYNAPSE_SPARK.value, "a Spark pool of a Synapse workspace"),
    (ComputeType.KUBERNETES.value, "a Kubernetes cluster with the Azure ML extension"),
)
COMPUTE_ACTIONS = (
    Action("compute.open", ("enter",), "Jobs", "Show the jobs that ran on this compute", footer=1),
    Action("compute.create", ("n",), "New", "Create an instance or a cluster", footer=1, writes=True),
    Action("compute.edit", ("e",), "Scale", "Change the nodes and the idle time of a cluster", footer=2,
           writes=True),
    Action("compute.power", ("s",), "Start/stop", "Start an instance that has stopped, or stop it", footer=2,
           danger=True),
    Action("compute.restart", ("R",), "Restart", "Restart an instance", footer=5, danger=True),
    Action("compute.nodes", ("N",), "Nodes", "Show the nodes of a cluster and what each does", footer=4),
    Action("compute.sizes", ("Z",), "Sizes", "Show the sizes of machines with price and quota", footer=4),
    Action("compute.attach", ("t",), "Attach", "Attach a machine, a Spark pool or Kubernetes", footer=5, writes=True),
    Action("compute.delete", ("ctrl+x",), "Delete", "Delete it; what was attached is detached", footer=3, danger=True),
    Action("compute.preempt", ("P",), "Pre-empt", "Take a low-priority node away, to see what its job does", footer=6,
           danger=True),
    Action("compute.show-as", ("y",), "Show as", "The compute as az ml YAML, az command, Python SDK code, ARM template",
           footer=5),
    Action("compute.copy-ssh", ("u",), "Copy SSH", "Copy the SSH command of an instance or attached machine", footer=8),
    studio_action("compute"),
    *list_actions("compute", "computes"),
)  # fmt: skip


class ComputeActions(ListScreen[Compute]):
    """The list as far as its actions need it."""

    ACTIONS: ClassVar = COMPUTE_ACTIONS
    compute: ComputeService

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Pre-emption is simulated only here; in Azure it comes by itself."""
        if action == "preempt" and self.frame.is_azure:
            return False
        return super().check_action(action, parameters)

    def action_open(self) -> None:
        """The jobs that ran here."""
        if item := self.chosen:
            self.post_message(Open(Place("jobs", filter=f"compute:{item.name}")))

    def action_create(self) -> None:
        """The form; where the tab doesn't say of what kind, ask."""
        if self.place.tab == "instances" and self.frame.is_azure:
            self._form(ComputeType.COMPUTE_INSTANCE)
        elif self.place.tab == "clusters" or not self.frame.is_azure:
            self._form(ComputeType.AMLCOMPUTE)
        else:
            self._ask_form("Create", CREATED)

    def action_attach(self) -> None:
        """The form of what the tab shows, or ask."""
        if self.place.tab == "kubernetes":
            self._form(ComputeType.KUBERNETES)
        else:
            self._ask_form("Attach", ATTACHABLE)

    def _ask_form(self, title: str, kinds: tuple[tuple[str, str], ...]) -> None:
        async def ask() -> None:
            if kind := await self.app.push_screen_wait(Choose(title, kinds)):
                self._form(kind)

        self.load(ask, group="form")

    def _form(self, subject: str) -> None:
        self.post_message(Open(Place("compute-form", subject)))

    def action_edit(self) -> None:
        """The form, filled with the compute under the cursor."""
        item = self.chosen
        if item and item.type == ComputeType.AMLCOMPUTE:
            self._form(f"{item.type}:{item.name}")
        elif item and item.type in ATTACHED:
            self.tell(f"{item.name} is attached. ^x detaches it, t attaches it anew with other values.")
        elif item:
            self.tell(f"Of {item.name} nothing can be changed; only a cluster can be scaled.")

    def action_nodes(self) -> None:
        """The nodes of a cluster."""
        if (item := self.chosen) and item.nodes is not None:
            self.post_message(Open(Place("compute-nodes", item.name)))
        elif item:
            self.tell(f"{item.name} has no nodes.")

    def action_sizes(self) -> None:
        """The sizes of the region."""
        self.post_message(Open(Place("compute-sizes")))

    def action_copy_ssh(self) -> None:
        """How to log in."""
        if (item := self.chosen) and item.ssh:
            self.copy(item.ssh.command)
        elif item:
            self.tell(f"{item.name} can't be reached by SSH.")

    # what changes a compute

    def action_power(self) -> None:
        """Start what has stopped; stop what runs, after a question."""
        item = self.chosen
        if item is None:
            return
        if item.state.lower() in ("stopped", "stopping"):
            self._change(lambda: self.compute.start(item.name), f"{item.name} is being started.")
        else:
            text = f"Stop {item.name}? What runs there is lost, what is on its disk stays."
            self._change(lambda: self.compute.stop(item.name), f"{item.name} is being stopped.", "Stop", text)

    def action_restart(self) -> None:
        """Restart, after a question."""
        if item := self.chosen:
            text = f"Restart {item.name}? What runs there is lost, what is on its disk stays."
            self._change(lambda: self.compute.restart(item.name), f"{item.name} is being restarted.", "Restart", text)

    def action_delete(self) -> None:
        """Delete, once the name is typed."""
        item = self.chosen
        if item is None:
            return
        verb, gone = ("Detach", "It lives on") if item.type in ATTACHED else ("Delete", "What is on its disk is lost")
        jobs = f"{item.running_jobs} running and {item.queued_jobs} queued jobs" if _has_jobs(item) else "no job"
        text = f"{verb} {item.name}, which has {jobs}? {gone}."
        done = f"{item.name} is being {'detached' if verb == 'Detach' else 'deleted'}."
        self._change(lambda: self.compute.delete(item.name), done, verb, text, typed=item.name)

    def action_preempt(self) -> None:
        """Take a node away, after a question."""
        item = self.chosen
        if item is None:
            return

        async def preempt() -> None:
            text = f"Take a node of {item.name} away? Its job goes back to the queue and begins again."
            if await self.app.push_screen_wait(Confirm("Simulate pre-emption", text)):
                job = await self.compute.preempt(item.name)
                self.tell(f"{job} was pre-empted and is queued again." if job else f"No job ran on {item.name}.")
                self.action_refresh()

        self.load(preempt, group="change")

    def _change(
        self, call: Callable[[], Awaitable[None]], done: str, title: str = "", text: str = "", typed: str = ""
    ) -> None:
        """Ask where there is a title, then do it and say so; how far it is the list tells."""

        async def change() -> None:
            if title and not await self.app.push_screen_wait(Confirm(title, text, typed)):
                return
            await call()
            self.tell(done)
            self.action_refresh()

        self.load(change, group="change")

    def action_show_as(self) -> None:
        """Open the drawer; of what is no Azure compute, how one like it is read."""
        if item := self.chosen:
            from screens.show_as import ShowAs, reading_forms

            target = self.frame.azure
            forms = spec_from(item) if item.type in FORM_TYPES else reading_forms("compute", item.name, target)
            self.app.push_screen(ShowAs(forms, item.name, target=target))


def _has_jobs(compute: Compute) -> bool:
    return bool(compute.running_jobs or compute.queued_jobs)
