"""The workspaces that one can go to: what this machine knows and what Azure shows, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.text import Text

from screens.lists import shown, tags_text
from screens.widgets.grid import GridColumn
from screens.widgets.status import age_text
from services.connector import ConfigFile
from services.directory import Subscription, WorkspaceSummary
from services.targets import AzureTarget, WorkspaceTarget

COLUMNS = (
    GridColumn("here", "", width=1),
    GridColumn("name", "Workspace", least=24),
    GridColumn("place", "Resource group", least=16),
    GridColumn("known", "Known as", least=14),
    GridColumn("region", "Region", priority=1),
    GridColumn("subscription", "Subscription", priority=2),
    GridColumn("created", "Created", align="right", priority=3),
)


@dataclass(frozen=True)
class Entry:
    """A workspace.

    Attributes:
        known: why it is listed besides that Azure shows it: `config.json`, `profile team`, `opened before`.
        summary: what Azure tells of it; None for a local one, and before Azure was asked.
        subscription: the name of its subscription; empty as long as it isn't known.
        here: whether it is the one that is open.
        file: the config.json that names it, as a path.
    """

    target: WorkspaceTarget
    known: tuple[str, ...] = ()
    summary: WorkspaceSummary | None = None
    subscription: str = ""
    here: bool = False
    file: str = ""

    @property
    def name(self) -> str:
        """The workspace's name; the folder of a local one."""
        return self.target.workspace_name if isinstance(self.target, AzureTarget) else str(self.target)

    @property
    def profile(self) -> str:
        """The profile that keeps it; empty if none does."""
        return self.target.profile if isinstance(self.target, AzureTarget) else ""


def entries(
    config: ConfigFile | None,
    known: Sequence[WorkspaceTarget],
    seen: Sequence[WorkspaceSummary],
    subscriptions: Sequence[Subscription],
    here: WorkspaceTarget | None,
) -> list[Entry]:
    """Each workspace once: that of config.json first, then what is known, then what Azure shows.

    A profile gives a workspace its target, since it may name the tenant to sign in to.
    """
    targets: dict[str, WorkspaceTarget] = {}
    words: dict[str, list[str]] = {}
    candidates = [
        *([(config.target, "config.json")] if config else []),
        *((target, _word(target)) for target in known),
        *((summary.target, "") for summary in seen),
    ]
    for target, word in candidates:
        has_profile = isinstance(target, AzureTarget) and target.profile
        if target.key not in targets or has_profile:
            targets[target.key] = target
        told = words.setdefault(target.key, [])
        # that it was opened before tells nothing of what is known anyway
        if word and word not in told and not (told and word == OPENED):
            told.append(word)
    summaries = {summary.target.key: summary for summary in seen}
    names = {subscription.subscription_id: subscription.name for subscription in subscriptions}
    return [
        Entry(
            target,
            tuple(words[key]),
            summaries.get(key),
            names.get(target.subscription_id, "") if isinstance(target, AzureTarget) else "",
            here=here is not None and here.key == key,
            file=str(config.path) if config and config.target.key == key else "",
        )
        for key, target in targets.items()
    ]


OPENED = "opened before"


def _word(target: WorkspaceTarget) -> str:
    return f"profile {target.profile}" if isinstance(target, AzureTarget) and target.profile else OPENED


def entry_cells(entry: Entry, now: datetime) -> tuple[str | Text, ...]:
    """A cell for each of COLUMNS; a dot marks the one that is open."""
    summary = entry.summary
    state = summary.state if summary and summary.state not in ("", "Succeeded") else ""
    name = Text(shown(entry.name), "bold" if entry.here else "")
    if state:
        name.append(f"  ◔ {shown(state)}", "yellow")
    target = entry.target
    return (
        Text("●", "green") if entry.here else "",
        name,
        shown(target.resource_group) if isinstance(target, AzureTarget) else "this machine",
        ", ".join(entry.known),
        shown(summary.location) if summary else "",
        shown(entry.subscription or _tail(target)),
        age_text(summary.created_at, now) if summary else "",
    )


def _tail(target: WorkspaceTarget) -> str:
    """The end of the subscription's id, which is enough to tell it."""
    return f"…{target.subscription_id[-12:]}" if isinstance(target, AzureTarget) else ""


def entry_facts(entry: Entry) -> list[tuple[str, str]]:
    """Labels and values for the detail."""
    facts = [("Name", entry.name), ("Open", "yes: this is where you are" if entry.here else "")]
    target, summary = entry.target, entry.summary
    if not isinstance(target, AzureTarget):
        return [*facts, ("Kind", "local: a folder of this machine, no cloud")]
    facts += [
        ("Known as", ", ".join(entry.known)),
        ("Named in", entry.file),
        ("Resource group", target.resource_group),
        ("Subscription", entry.subscription),
        ("Subscription id", _tail(target)),
    ]
    if summary:
        facts += [
            ("Kind", "" if summary.kind == "Default" else summary.kind),
            ("Region", summary.location),
            ("State", summary.state),
            ("Description", summary.description),
            ("Tags", tags_text(summary.tags)),
            ("Created", f"{summary.created_at.astimezone():%Y-%m-%d %H:%M}" if summary.created_at else ""),
            ("Created by", summary.created_by),
        ]
    return facts


def entry_hay(entry: Entry) -> str:
    """The text that the filter looks in."""
    parts = [entry.name, entry.subscription, *entry.known]
    if isinstance(entry.target, AzureTarget):
        parts += [entry.target.resource_group, entry.target.subscription_id]
    if entry.summary:
        parts += [entry.summary.location, entry.summary.description]
    return " ".join(parts)
