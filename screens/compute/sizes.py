"""The sizes of machines that the region has: what they are, what they cost, what of the quota is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from screens.compute.size_filter import HINT, class_of, matches
from screens.compute.texts import GIB, gib_text, price_text
from screens.lists import ListScreen, counted, list_actions, shown
from screens.places import Place
from screens.widgets.dialogs import Dialog
from screens.widgets.grid import Grid, GridColumn, GridRow
from screens.widgets.line_input import LineInput
from screens.widgets.status import size_text
from screens.widgets.steady import put
from services.compute_prices import PRICES_NOTE
from services.entities import ComputeSize
from services.workspace import ComputeService

COLUMNS = (
    GridColumn("name", "Size", least=26),
    GridColumn("vcpus", "vCPU", align="right"),
    GridColumn("memory", "Memory", align="right"),
    GridColumn("gpus", "GPU", align="right"),
    GridColumn("price", "$/h", align="right"),
    GridColumn("quota", "Quota left", least=25),
    GridColumn("class", "Made for", priority=1),
    GridColumn("ratio", "GiB/vCPU", align="right", priority=2),
    GridColumn("disk", "Disk", align="right", priority=3),
    GridColumn("family", "Family", priority=4),
)


def quota_text(size: ComputeSize) -> Text:
    """`12 of 24 vCPU`; too little for one such machine is said in a word, and red."""
    if size.quota_left is None:
        return Text("")
    text = f"{size.quota_left:,} of {size.quota_limit:,} vCPU"
    if size.quota_left < max(1, size.vcpus):
        return Text(f"✗ none: {text}" if not size.quota_left else f"✗ too few: {text}", "red")
    return Text(text)


def size_cells(size: ComputeSize) -> tuple[str | Text, ...]:
    """A cell for each of COLUMNS."""
    return (
        shown(size.name),
        str(size.vcpus or ""),
        gib_text(size.memory),
        str(size.gpus or ""),
        price_text(size.price_per_hour),
        quota_text(size),
        class_of(size),
        f"{size.memory / GIB / size.vcpus:.1f}" if size.vcpus and size.memory else "",
        size_text(size.disk) if size.disk else "",
        shown(size.family),
    )


class SizesScreen(ListScreen[ComputeSize]):
    """Each size of the region."""

    CRUMB = "Compute › Sizes"
    NOUNS = ("size", "sizes")
    EMPTY = "No sizes are known here."
    FILTER_HINT = HINT
    IS_SHORT = False
    ACTIONS: ClassVar = list_actions("compute-sizes", "sizes")
    COLUMNS: ClassVar = COLUMNS

    def __init__(self, place: Place, *, compute: ComputeService) -> None:
        super().__init__(place)
        self.compute = compute

    async def read(self) -> Sequence[ComputeSize]:
        """All sizes."""
        return await self.compute.sizes()

    def key_of(self, item: ComputeSize) -> str:
        """The name."""
        return item.name

    def cells_of(self, item: ComputeSize) -> tuple[str | Text, ...]:
        """The row."""
        return size_cells(item)

    def matches(self, item: ComputeSize, text: str) -> bool:
        """By words and comparisons."""
        return matches(item, text)

    def about_parts(self) -> list[str]:
        """How many, and where the prices are from."""
        priced = any(size.price_per_hour is not None for size in self.items)
        return [*super().about_parts(), f"$/h: {PRICES_NOTE}" if priced else ""]

    def facts_of(self, item: ComputeSize) -> list[tuple[str, str]]:
        """All of it."""
        used = f"{item.quota_used or 0:,} of {item.quota_limit:,} vCPU used" if item.quota_limit is not None else ""
        return [
            ("Size", item.name),
            ("Family", item.family),
            ("Made for", class_of(item)),
            ("vCPUs", str(item.vcpus or "")),
            ("Memory", gib_text(item.memory)),
            ("GPUs", str(item.gpus or "")),
            ("Disk", size_text(item.disk) if item.disk else ""),
            ("Price", f"{price_text(item.price_per_hour)} an hour\n{PRICES_NOTE}" if item.price_per_hour else ""),
            ("Quota", used),
            ("Low priority", "can be had" if item.low_priority else "not to be had"),
            ("Good for", ", ".join(item.supported)),
        ]


class PickSize(Dialog[str | None]):
    """The sizes that a compute can have, with a filter; None when it is left with escape."""

    DEFAULT_CSS = """
    PickSize > Vertical { width: 96%; max-width: 110; height: 90%; padding: 0 1; }
    PickSize Input { margin-top: 0; }
    PickSize Grid { height: 1fr; max-height: 100%; }
    PickSize Static { width: 1fr; height: 1; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down", "down", show=False),
    ]
    KEYS = "type to filter · ↓ to the list · enter choose · esc leave"

    def __init__(self, sizes: Sequence[ComputeSize], value: str = "") -> None:
        super().__init__("Sizes")
        self.sizes = tuple(sizes)
        self.value = value

    def compose_box(self) -> ComposeResult:
        """The filter, how many match, the list."""
        yield LineInput(placeholder=HINT)
        yield Static(markup=False)
        yield Grid(COLUMNS, empty="No size matches.")

    def on_mount(self) -> None:
        """All sizes, the one in force under the cursor."""
        self._show("")
        self.query_one(Grid).move_to(self.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """The list follows the typing."""
        event.stop()
        self._show(event.value)

    def _show(self, text: str) -> None:
        found = [size for size in self.sizes if matches(size, text)]
        self.query_one(Grid).set_rows([GridRow(size.name, size_cells(size)) for size in found])
        put(self.query_one(Static), f"{counted(len(found), 'size', 'sizes')} · $/h: {PRICES_NOTE}")

    def action_down(self) -> None:
        """From the filter to the list."""
        self.query_one(Grid).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the one under the cursor."""
        event.stop()
        if key := self.query_one(Grid).cursor_key:
            self.dismiss(key)

    def on_grid_opened(self, event: Grid.Opened) -> None:
        """Take it."""
        event.stop()
        self.dismiss(event.key)
