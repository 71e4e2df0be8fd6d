"""Keys that arrive together do what they do one by one."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.widgets import Button, Input

from tests.support.waiting import eventually
from tui.keys_in_order import KeysInOrder


class Form(KeysInOrder):
    BINDINGS = [("ctrl+n", "add", "Add")]

    async def action_add(self) -> None:
        await self.mount(Input(id="added"))
        self.query_one("#added").focus()

    def compose(self) -> ComposeResult:
        yield Input(id="first", select_on_focus=False)
        yield Input(id="second")
        yield Button("go away", id="third")

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        await event.button.remove()
        self.query_one("#first", Input).focus()


def together(app: KeysInOrder, *keys: str) -> None:
    """As the driver posts what came in one read."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


async def test_a_letter_after_tab_goes_to_the_next_field() -> None:
    app = Form()
    async with app.run_test() as pilot:
        together(app, *"ab", "tab", *"cd", "shift+tab", "x")
        await eventually(lambda: app.query_one("#first", Input).value == "abx")
        await pilot.pause()
        assert app.query_one("#second", Input).value == "cd"


async def test_keys_go_on_when_the_widget_of_the_last_one_has_gone() -> None:
    app = Form()
    async with app.run_test():
        together(app, "tab", "tab", "enter", *"hello")
        await eventually(lambda: app.query_one("#first", Input).value.endswith("lo"))
        assert not app.query("#third")


async def test_letters_go_to_the_field_that_a_key_adds() -> None:
    app = Form()
    async with app.run_test():
        together(app, "ctrl+n", *"letters")
        await eventually(lambda: [field.value for field in app.query("#added").results(Input)] == ["letters"])
        assert app.query_one("#first", Input).value == ""
