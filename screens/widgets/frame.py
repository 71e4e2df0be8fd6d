"""The line above and the line below every screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from screens.actions import BY_ID, key_text
from services.targets import AzureTarget, WorkspaceTarget
from services.text import safe

HELP_KEY = "question_mark"


@dataclass(frozen=True)
class Frame:
    """What the header tells: the workspace, how many jobs run and wait, and what goes on in the background.

    Attributes:
        working: operations that go on.
        failed: operations that failed and were not looked at since.
        target: which workspace it is; None where nothing is open.
    """

    workspace: str = ""
    running: int = 0
    queued: int = 0
    read_only: bool = False
    working: int = 0
    failed: int = 0
    target: WorkspaceTarget | None = None

    @property
    def azure(self) -> AzureTarget | None:
        """The workspace if it is in Azure."""
        return self.target if isinstance(self.target, AzureTarget) else None

    @property
    def is_azure(self) -> bool:
        """Whether the workspace is in Azure."""
        return self.azure is not None


def shortened(text: str, width: int) -> str:
    """At most `width` cells of a text; an ellipsis stands for what is left out, which is the middle."""
    if cell_len(text) <= width:
        return text
    if width < 2:
        return "…"[:width]
    half = (width - 1) // 2
    head, tail = text, text
    while cell_len(head) > width - 1 - half:
        head = head[:-1]
    while cell_len(tail) > half:
        tail = tail[1:]
    return f"{head}…{tail}"


class Header(Widget):
    """Workspace, place and what runs, in one line; narrow, it drops words first, then the workspace's path."""

    DEFAULT_CSS = """
    Header {
        height: 1; dock: top; background: $panel; color: $foreground;
    }
    """
    can_focus = False

    def __init__(self, crumbs: str, frame: Frame = Frame()) -> None:
        super().__init__()
        self.crumbs = crumbs
        self.frame = frame

    def show(self, frame: Frame | None = None, crumbs: str | None = None) -> None:
        """Draw the frame or the place anew, if it differs."""
        shown = self.frame, self.crumbs
        self.frame = self.frame if frame is None else frame
        self.crumbs = self.crumbs if crumbs is None else crumbs
        if shown != (self.frame, self.crumbs):
            self.refresh()

    def _right(self, *, words: bool) -> Content:
        frame = self.frame
        parts = []
        if frame.running:
            parts.append(Content.styled(f"● {frame.running}" + (" running" if words else ""), "$text-success"))
        if frame.queued:
            parts.append(Content.styled(f"◌ {frame.queued}" + (" queued" if words else ""), "$text-warning"))
        if frame.working:
            parts.append(Content.styled(f"◔ {frame.working}" + (" in work" if words else ""), "$text-accent"))
        if frame.failed:
            parts.append(Content.styled(f"✗ {frame.failed}" + (" failed: O" if words else ""), "$text-error"))
        if frame.read_only:
            parts.append(Content.styled(" READ-ONLY " if words else " RO ", "bold $background on $warning"))
        return Content("  ").join([*parts, Content("")]) if parts else Content("")

    def render(self) -> Content:
        """One line that always fits."""
        width = self.size.width
        kind, _, path = safe(self.frame.workspace).partition(" ")
        kind = kind.upper()
        crumbs = [part.strip() for part in safe(self.crumbs).split("›")]
        crumbs_width = cell_len(" › ".join(crumbs)) + 2
        right, chip = self._right(words=True), f" {kind} {path} " if path else f" {kind} "
        room = width - crumbs_width
        if cell_len(chip) + right.cell_length > room:
            right = self._right(words=False)
        if cell_len(chip) + right.cell_length > room:
            chip = f" {kind} " if kind else ""
        if cell_len(chip) + right.cell_length > width - 12:
            chip = ""
        if not self.frame.workspace:
            chip = ""
        room = width - cell_len(chip) - right.cell_length - 2
        place = self._place(crumbs, max(0, room))
        gap = " " * max(0, room - place.cell_length)
        return Content.assemble((chip, "bold $background on $primary"), " ", place, " ", gap, right).truncate(width)

    @staticmethod
    def _place(crumbs: Sequence[str], width: int) -> Content:
        *above, here = crumbs
        prefix = "".join(f"{part} › " for part in above)
        if cell_len(prefix) > width // 2:
            prefix = "… › " if width > 20 else ""
        return Content.assemble((prefix, "$text-muted"), (shortened(here, width - cell_len(prefix)), "bold"))


@dataclass(frozen=True)
class KeyHint:
    """A key and what it does, in the footer."""

    key: str
    text: str
    label: str
    priority: int = 5

    @property
    def width(self) -> int:
        """Cells with the space after it."""
        return cell_len(self.text) + cell_len(self.label) + 3


class Footer(Widget):
    """The keys of the moment, as many as fit, in one line; `? Help` is always the last."""

    DEFAULT_CSS = """
    Footer {
        height: 1; dock: bottom; background: $panel; color: $text-muted; padding: 0 1;
    }
    """
    can_focus = False

    def __init__(self) -> None:
        super().__init__()
        self._hints: tuple[KeyHint, ...] = ()
        self._prompt: tuple[KeyHint, ...] = ()
        self._prompt_label = ""
        self._shown: list[tuple[int, int, str]] = []

    def on_mount(self) -> None:
        """Follow the bindings of the screen."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)
        self.call_after_refresh(self._bindings_changed, self.screen)

    def on_unmount(self) -> None:
        """Let go of the screen."""
        self.screen.bindings_updated_signal.unsubscribe(self)

    def prompt(self, label: str, choices: Iterable[tuple[str, str]]) -> None:
        """Show what the next key can be instead of the keys of the screen; empty choices end it."""
        self._prompt_label = label
        self._prompt = tuple(KeyHint(key, key_text(key), text) for key, text in choices)
        self.refresh()

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if not self.is_attached or screen is not self.screen or not screen.is_current:
            return
        hints: dict[tuple[object, str], KeyHint] = {}
        for key, (node, binding, enabled, _) in screen.active_bindings.items():
            if not (binding.show and enabled and binding.description) or key == HELP_KEY:
                continue
            action = BY_ID.get(binding.id or "")
            text = binding.key_display or key_text(key).replace("ctrl+", "^")
            hint = KeyHint(key, text, binding.description, action.footer if action else 5)
            hints.setdefault((node, binding.action), hint)
        found = tuple(sorted(hints.values(), key=lambda hint: hint.priority))
        if found != self._hints:
            self._hints = found
            self.refresh()

    def render(self) -> Content:
        """As many as fit, the most important first."""
        width = self.size.width
        help_hint = KeyHint(HELP_KEY, "?", "Help")
        lead = Content.styled(f"{self._prompt_label} ", "bold $text-accent") if self._prompt else Content("")
        room = width - lead.cell_length - (0 if self._prompt else help_hint.width - 2)
        chosen: list[KeyHint] = []
        for hint in self._prompt or self._hints:
            if hint.width <= room:
                chosen.append(hint)
                room -= hint.width
        if not self._prompt:
            chosen.append(help_hint)
        self._shown = []
        line, x = lead, lead.cell_length
        for number, hint in enumerate(chosen):
            self._shown.append((x, x + hint.width - 2, hint.key))
            gap = "  " if number < len(chosen) - 1 else ""
            line = Content.assemble(line, (hint.text, "bold $text-accent"), " ", hint.label, gap)
            x += hint.width
        return line

    def on_click(self, event: events.Click) -> None:
        """A click on a hint is its key."""
        at = event.get_content_offset(self)
        for start, end, key in self._shown:
            if at is not None and start <= at.x < end:
                self.app.simulate_key(key)
