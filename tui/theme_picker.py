"""The `T` list of themes: the one under the cursor is tried on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class ThemePicker(ModalScreen[str]):
    """Gives back the chosen theme; esc gives back the one that there was."""

    DEFAULT_CSS = """
    ThemePicker {
        align: right middle; background: transparent;
        & > OptionList {
            width: 34; max-width: 100%; height: auto; max-height: 80%; margin: 0 2;
            border: round $border; border-title-color: $text-accent; background: $surface;
            overflow-y: scroll; scrollbar-size-vertical: 1;
            &:focus { border: round $border; }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "keep")]

    def __init__(self, themes: Sequence[str], current: str, try_on: Callable[[str], None]) -> None:
        super().__init__()
        self._themes = themes
        self._current = current
        self._try_on = try_on

    def compose(self) -> ComposeResult:
        """The list."""
        options = OptionList(*(Option(name, id=name) for name in self._themes), markup=False)
        options.border_title = " Theme "
        options.border_subtitle = " enter keeps · esc leaves "
        yield options

    def on_mount(self) -> None:
        """Begin at the theme of now."""
        if self._current in self._themes:
            self.query_one(OptionList).highlighted = self._themes.index(self._current)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Try it on."""
        if event.option_id:
            self._try_on(event.option_id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Keep it."""
        self.dismiss(event.option_id)

    def action_keep(self) -> None:
        """Back to the one that there was."""
        self.dismiss(self._current)
