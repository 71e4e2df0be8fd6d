"""The drawer behind `y`: this thing as az ml YAML, as an `az ml` command and as Python SDK code."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.lists import counted
from screens.saving import save_text
from screens.widgets.status import size_text
from screens.widgets.tab_bar import TabBar
from screens.widgets.text_view import TextView
from services.targets import AzureTarget
from services.text import masked, safe

if TYPE_CHECKING:
    from services.specs.writing import Spec

CLIPBOARD_LIMIT = 74_994
"""Bytes that terminals take by OSC 52: 100,000 in base64 with the frame around it (xterm, foot, iTerm2)."""


@dataclass(frozen=True)
class Shown:
    """One form of a thing: the label of its tab, the text, and the file that it is saved to."""

    label: str
    text: str
    file_name: str


def forms_of(spec: Spec, target: AzureTarget | None = None) -> tuple[Shown, ...]:
    """The forms of a spec, a compute's with an ARM template; they mean the same and run as they are.

    Args:
        target: the workspace that they name; without one az has placeholders and the SDK reads config.json.
    """
    from services.specs import show_as
    from services.specs.assets import ComputeSpec
    from services.specs.datastores import LOCAL, DatastoreSpec

    kind = type(spec).__name__.removesuffix("Spec").removeprefix("Command").removeprefix("Spark").lower()
    file_name = f"{kind}.yml"
    yaml = Shown("YAML", show_as.as_yaml(spec), file_name)
    if isinstance(spec, DatastoreSpec) and spec.type == LOCAL:  # which Azure knows nothing of
        return (yaml, Shown("lapis", f"lapis datastore create --file {file_name}\n", f"{kind}.sh"))
    forms = (
        yaml,
        Shown("az", show_as.as_az(spec, file_name, target), f"{kind}.sh"),
        Shown("Python SDK", show_as.as_sdk(spec, target), f"{kind}.py"),
    )
    return (*forms, Shown("ARM", show_as.as_arm(spec), f"{kind}.json")) if isinstance(spec, ComputeSpec) else forms


def reading_forms(kind: str, name: str, target: AzureTarget | None = None) -> tuple[Shown, ...]:
    """How az and the SDK read a compute, a datastore or the workspace; a local one has no YAML that would make it."""
    from services.specs.show_as import az_scope, sdk_client

    collection = {"compute": "compute", "datastore": "datastores", "workspace": "workspaces"}[kind]
    scope = az_scope(target, workspace=kind != "workspace")
    sdk = f"""\
from azure.ai.ml import MLClient
from azure.identity import DefaultAzureCredential

{sdk_client(target)}\
print(ml_client.{collection}.get({name!r}))
"""
    return (
        Shown("az", f"az ml {kind} show --name {shlex.quote(name)} {scope}\n", f"{kind}.sh"),
        Shown("Python SDK", sdk, f"{kind}.py"),
    )


class ShowAs(ModalScreen[None]):
    """Tabs of text to read, copy and save. Secrets are redacted in all of them.

    Args:
        target: the workspace in Azure that is open, for the forms of a spec.
    """

    DEFAULT_CSS = """
    ShowAs { align: center middle; }
    ShowAs > Vertical {
        width: 96%; max-width: 124; height: 92%;
        background: $surface; border: round $border; border-title-color: $text-accent; border-title-style: bold;
        border-subtitle-color: $text-muted; padding: 0 1;
    }
    ShowAs TextView { height: 1fr; margin-top: 1; }
    ShowAs #told { height: auto; min-height: 1; max-height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,y,q", "dismiss"),
        ("c", "copy"),
        ("s,ctrl+s", "save"),
    ]

    def __init__(
        self,
        spec: Spec | Sequence[Shown],
        title: str = "",
        *,
        verb: str = "Show as",
        target: AzureTarget | None = None,
    ) -> None:
        super().__init__()
        given = spec if isinstance(spec, Sequence) else forms_of(spec, target)
        self.forms = tuple(Shown(form.label, masked(form.text), form.file_name) for form in given)
        self._title = f"{verb}: {title}" if title else verb
        self._at = 0

    def compose(self) -> ComposeResult:
        """The tabs, the text, a line for what was done."""
        with Vertical() as box:
            box.border_title = Content(f" {safe(self._title)} ")
            box.border_subtitle = Content(" c copy · s save · esc close ")
            yield TabBar([form.label for form in self.forms])
            yield TextView()
            yield Static(id="told", markup=False)

    def on_mount(self) -> None:
        """Begin with the YAML."""
        self._show(0)
        self.query_one(TextView).focus()

    @property
    def form(self) -> Shown:
        """The form in view."""
        return self.forms[self._at]

    def on_tab_bar_switched(self, event: TabBar.Switched) -> None:
        """Another form."""
        event.stop()
        self._show(event.index)

    def _show(self, at: int) -> None:
        self._at = at
        self.query_one(TextView).set_text(self.form.text, self.form.file_name)
        self._tell("")

    def _tell(self, text: str) -> None:
        self.query_one("#told", Static).update(safe(text))

    def action_copy(self) -> None:
        """Copy by OSC 52, which reaches the clipboard of the user's own machine over SSH."""
        text = self.form.text
        size = len(text.encode())
        self.app.copy_to_clipboard(text)
        told = f"Copied {self.form.label}: {size_text(size)}, {counted(len(text.splitlines()), 'line', 'lines')}."
        if size > CLIPBOARD_LIMIT:
            told += " Many terminals cut what is longer than 75 kB; s saves it whole."
        self._tell(told)

    def action_save(self) -> None:
        """Save to a file, never over one without asking."""
        self.run_worker(self._save(), group="save", exclusive=True, exit_on_error=False)

    async def _save(self) -> None:
        if told := await save_text(self.app, self.form.label, self.form.file_name, self.form.text):
            self._tell(told)
