"""The nodes of a cluster: what each does, and the job that runs there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text

from screens.actions import Action
from screens.compute.texts import state_text
from screens.lists import ListScreen, list_actions, shown
from screens.places import Open, Place
from screens.widgets.grid import GridColumn
from services.entities import ComputeNode
from services.workspace import ComputeService


class NodesScreen(ListScreen[ComputeNode]):
    """The subject is the compute."""

    CRUMB = "Compute › Nodes"
    NOUNS = ("node", "nodes")
    EMPTY = "No nodes now. They come when a job waits, up to the most that the cluster may have."
    EVERY = 5.0
    IS_SHORT = True
    ACTIONS: ClassVar = (
        Action("compute-nodes.open", ("enter",), "Job", "Open the job that runs on this node", footer=1),
        Action("compute-nodes.copy-ssh", ("u",), "Copy SSH", "Copy the SSH command of this node", footer=3),
        *list_actions("compute-nodes", "nodes"),
    )
    COLUMNS: ClassVar = (
        GridColumn("node", "Node", least=20),
        GridColumn("state", "State", least=12),
        GridColumn("job", "Job", least=24),
        GridColumn("ip", "Private IP", priority=1),
        GridColumn("ssh", "SSH", priority=2),
    )

    def __init__(self, place: Place, *, compute: ComputeService) -> None:
        super().__init__(place)
        self.compute = compute

    async def read(self) -> Sequence[ComputeNode]:
        """The nodes as they are now."""
        return await self.compute.nodes(self.place.subject)

    def key_of(self, item: ComputeNode) -> str:
        """Its id."""
        return item.node_id

    def cells_of(self, item: ComputeNode) -> tuple[str | Text, ...]:
        """The row."""
        ssh = item.ssh.command if item.ssh else ""
        return shown(item.node_id), state_text(item.state), shown(item.job_name), shown(item.private_ip), shown(ssh)

    def hay_of(self, item: ComputeNode) -> str:
        """Id, state and job."""
        return f"{item.node_id} {item.state} {item.job_name}"

    def empty_text(self) -> str:
        """Not a key, but why: nodes come by themselves."""
        return self.EMPTY

    def facts_of(self, item: ComputeNode) -> list[tuple[str, str]]:
        """All of it."""
        return [
            ("Node", item.node_id),
            ("State", str(state_text(item.state))),
            ("Job", item.job_name),
            ("Private IP", item.private_ip),
            ("SSH", item.ssh.command if item.ssh else ""),
        ]

    def action_open(self) -> None:
        """The job that runs there."""
        if (item := self.chosen) and item.job_name:
            self.post_message(Open(Place("job", item.job_name)))
        elif item:
            self.tell(f"No job runs on {item.node_id} now.")

    def action_copy_ssh(self) -> None:
        """How to log in to it."""
        if (item := self.chosen) and item.ssh:
            self.copy(item.ssh.command)
        elif item:
            self.tell(f"{item.node_id} can't be reached by SSH.")
