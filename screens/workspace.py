"""This workspace: where it is, what it is made of, what it holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.actions import Action
from screens.base import LapisScreen, studio_action
from screens.connect.questions import delete_question
from screens.fields import fault_line
from screens.lists import shown, tags_text
from screens.places import Open, Place
from screens.widgets.facts import Facts
from screens.widgets.states import StateCard
from screens.widgets.steady import put
from services.connector import Connector
from services.entities import Resource, WorkspaceInfo
from services.errors import Fault, ServiceError
from services.specs.assets import WorkspaceSpec
from services.workspace import Workspace

KEYS = {"jobs": "g j", "data": "g d", "models": "g m", "environments": "g e", "computes": "g c", "datastores": "g s"}
"""The keys that show what is counted."""
ADDRESS = 56
"""Characters of an address that fit on a narrow screen."""
GOOD = ("ok", "ready", "succeeded")
BAD = ("failed", "broken", "missing", "unreachable")


def shortly(address: str, key: str) -> str:
    """An address in one line; what is too long to be read is told of as what a key copies."""
    return address if len(address) <= ADDRESS else f"{address[: ADDRESS - 14]}…  {key} copies it"


def workspace_facts(info: WorkspaceInfo) -> list[tuple[str, str]]:
    """Labels and values; of a subscription only the tail."""
    return [
        ("Name", info.name),
        ("Kind", "local: this machine, no cloud" if info.kind == "local" else info.kind),
        ("Folder" if info.kind == "local" else "Region", info.location),
        ("Resource group", info.resource_group),
        ("Subscription", f"…{info.subscription_id[-12:]}" if info.subscription_id else ""),
        ("Signed in as", info.identity),
        ("Description", info.description),
        ("Tags", tags_text(info.tags)),
        ("Created", f"{info.created_at.astimezone():%Y-%m-%d %H:%M}" if info.created_at else ""),
        ("Datastore", f"{info.default_datastore} (default)" if info.default_datastore else ""),
        ("MLflow", shortly(info.mlflow_tracking_uri, "u")),
        ("Studio", shortly(info.studio_url, "U") if info.kind != "local" else ""),
        ("Access", "read-only: nothing can be changed here" if info.read_only else ""),
    ]


def spec_of(info: WorkspaceInfo) -> WorkspaceSpec:
    """What would make a workspace like this one."""
    return WorkspaceSpec(
        name=info.name,
        location=info.location,
        resource_group=info.resource_group,
        description=info.description or None,
        tags=dict(info.tags),
    )


def resource_lines(resources: Sequence[Resource]) -> list[Text]:
    """A line each: kind, name, state by glyph and word."""
    kinds = max((len(r.kind) for r in resources), default=0)
    names = min(48, max((len(shown(r.name)) for r in resources), default=0))
    lines = []
    for resource in resources:
        state = resource.state.lower().partition(":")[0]
        glyph, style = ("✓", "green") if state in GOOD else ("✗", "red") if state in BAD else ("·", "")
        lines.append(
            Text.assemble(
                (f"  {resource.kind:<{kinds}}  ", "dim"),
                f"{shown(resource.name):<{names}}  ",
                (f"{glyph} {shown(resource.state)}" if resource.state else "", style),
            )
        )
    return lines


def count_lines(info: WorkspaceInfo) -> list[Text]:
    """A line each: how many, of what, and the keys that show them."""
    width = max((len(f"{count:,}") for count in info.counts.values()), default=1)
    return [
        Text.assemble((f"  {count:>{width},}", "bold"), f"  {kind:<14}", (KEYS.get(kind, ""), "dim"))
        for kind, count in info.counts.items()
    ]


def fault_lines(faults: Sequence[Fault]) -> list[Content]:
    """What a diagnosis found, worst first; that nothing is wrong is said too."""
    if not faults:
        return [Content.assemble("  ", ("✓ ", "$text-success"), "Nothing is wrong.")]
    return [Content.assemble("  ", fault_line(fault)) for fault in faults]


class WorkspaceScreen(LapisScreen):
    """What a diagnosis found, facts, default resources and counts, one under the other."""

    CRUMB = "Workspace"
    ACTIONS: ClassVar = (
        Action("workspace.copy-name", ("c",), "Copy name", "Copy the workspace's name", footer=3),
        Action("workspace.copy-uri", ("u",), "Copy MLflow URI", "Copy the MLflow tracking URI", footer=6),
        Action("workspace.diagnose", ("G",), "Diagnose", "Look for what is wrong with it and its resources", footer=2),
        studio_action("workspace"),
        Action("workspace.new", ("n",), "New", "Create a workspace in Azure", footer=7, writes=True),
        Action(
            "workspace.delete",
            ("D",),
            "Delete",
            "Delete the workspace, once its name is typed; its storage stays",
            danger=True,
            footer=9,
        ),
        Action(
            "workspace.show-as", ("y",), "Show as", "How az, the Python SDK and MLflow reach this workspace", footer=4
        ),
        Action("workspace.refresh", ("r",), "Refresh", "Look again now", footer=0),
    )
    DEFAULT_CSS = """
    WorkspaceScreen VerticalScroll { padding: 1 2; height: 1fr; }
    WorkspaceScreen #rest { height: auto; }
    WorkspaceScreen #found { display: none; height: auto; margin-bottom: 1; }
    WorkspaceScreen Facts { margin-bottom: 1; }
    """

    def __init__(self, place: Place, *, workspace: Workspace, connector: Connector) -> None:
        super().__init__(place)
        self.workspace = workspace
        self.connector = connector
        self.info: WorkspaceInfo | None = None

    @property
    def chosen(self) -> WorkspaceInfo | None:
        """What is known of it."""
        return self.info

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A local workspace is a folder, which no key deletes."""
        if action == "delete" and not self.frame.is_azure:
            return False
        return super().check_action(action, parameters)

    def compose_body(self) -> ComposeResult:
        """A card for the states; the facts, and the rest."""
        yield StateCard()
        with VerticalScroll():
            yield Static(id="found", markup=False)
            yield Facts()
            yield Static(id="rest", markup=False)

    def on_mount(self) -> None:
        """Say that it is being read."""
        self.query_one(VerticalScroll).display = False
        self.query_one(StateCard).reading("Reading the workspace ...")

    def on_screen_resume(self) -> None:
        """Look again whenever the screen comes into view: counts change."""
        self.action_refresh()

    def action_refresh(self) -> None:
        """Look again now."""
        self.load(self._read, group="read")

    async def _read(self) -> None:
        self.info = await self.workspace.info()
        blocks: list[Text] = []
        for title, lines in (("Resources", resource_lines(self.info.resources)), ("Holds", count_lines(self.info))):
            if lines:
                blocks += [Text(title, "bold"), *lines, Text()]
        self.query_one(Facts).set_facts([fact for fact in workspace_facts(self.info) if fact[1]])
        put(self.query_one("#rest", Static), Text("\n").join(blocks[:-1]))
        scroll = self.query_one(VerticalScroll)
        scroll.display = True
        self.query_one(StateCard).hide()
        if self.focused is not scroll:  # focus() draws it again
            scroll.focus()

    def show_error(self, error: ServiceError) -> None:
        """A card while there is nothing to show; later a line that goes away."""
        if self.info is not None:
            super().show_error(error)
            return
        self.query_one(VerticalScroll).display = False
        self.query_one(StateCard).error(error, error.advice or "r tries again.")

    def action_diagnose(self) -> None:
        """Look for faults; in Azure that takes up to three minutes."""

        async def diagnose() -> None:
            self._show_found([Content.styled("  ◔ looking ...", "$text-muted")])
            try:
                self._show_found(fault_lines(await self.workspace.diagnose()))
            except ServiceError:
                self.query_one("#found").display = False
                raise

        if self.info:
            self.load(diagnose, group="diagnose")

    def _show_found(self, lines: Sequence[Content]) -> None:
        found = self.query_one("#found", Static)
        found.display = True
        put(found, Content("\n").join([Content.styled("Diagnosis", "bold"), *lines]))
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def action_new(self) -> None:
        """Open the form."""
        self.post_message(Open(Place("new-workspace")))

    def action_delete(self) -> None:
        """Delete it in Azure, once its name is typed; then there is nothing to be in."""
        if (target := self.frame.azure) is None:
            return

        async def delete() -> None:
            if await self.app.push_screen_wait(delete_question(target)):
                await (await self.connector.directory()).delete(target)
                self.tell(f"{target.workspace_name} is being deleted; O shows how far it is.")
                self.post_message(Open(Place("connect"), push=False))

        self.load(delete, group="delete")

    def action_copy_name(self) -> None:
        """Copy the name."""
        self.copy_name(self.info.name if self.info else "")

    def action_copy_uri(self) -> None:
        """Copy the tracking URI."""
        if self.info:
            self.copy(self.info.mlflow_tracking_uri)

    def action_show_as(self) -> None:
        """Open the drawer."""
        if self.info:
            from screens.show_as import ShowAs, Shown, forms_of, reading_forms

            target = self.frame.azure
            uri = self.info.mlflow_tracking_uri
            mlflow = f'import mlflow\n\nmlflow.set_tracking_uri("{uri}")\nprint(mlflow.search_experiments())\n'
            forms = [*reading_forms("workspace", self.info.name, target), Shown("MLflow", mlflow, "tracking.py")]
            if target:
                forms.insert(0, forms_of(spec_of(self.info), target)[0])
            self.app.push_screen(ShowAs(forms, self.info.name))
