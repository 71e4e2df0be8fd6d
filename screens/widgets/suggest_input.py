"""A line to type in that proposes what could follow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.worker import Worker

from screens.widgets.line_input import LineInput
from screens.widgets.proposals import Proposals
from services.errors import ServiceError

Complete = Callable[[str], Awaitable[Sequence[tuple[str, str]]]]
"""Maps what is typed to proposals: the whole new text, and what to say beside it."""


class SuggestInput(LineInput):
    """An input with a list of proposals below it while one types.

    Tab takes the chosen proposal, and so does enter; right at the end of the line takes it, or the first. Up and down
    choose, down also asks for proposals where none are shown; escape closes the list. Otherwise these keys do what they
    do in any line. The first is chosen at once when it goes on from what is typed: tab never changes what was typed.
    No list is shown when what is typed is one of the proposals, or when the value is set by the program.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move_choice(1)", show=False),
        Binding("up", "move_choice(-1)", show=False),
        Binding("tab", "take", show=False),
        Binding("escape", "close_list", show=False),
    ]

    def __init__(self, value: str = "", *, complete: Complete, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002
        # before the value is set, which is watched
        self._complete = complete
        self._list: Proposals | None = None
        self._proposals: list[str] = []
        self._proposed_for = ""
        self._is_typing = False
        super().__init__(value, placeholder=placeholder, id=id)

    @property
    def is_open(self) -> bool:
        """Whether proposals for what is typed now are shown."""
        return (
            bool(self._proposals) and self._proposed_for == self.value and self._list is not None and self._list.display
        )

    @property
    def chosen(self) -> str | None:
        """The proposal that tab takes."""
        if self._list is None or self._list.chosen is None or not self.is_open:
            return None
        return self._proposals[self._list.chosen]

    # asking

    def replace(self, text: str, start: int, end: int) -> None:
        """What every key that edits ends in: ask for proposals."""
        before = self.value
        self._is_typing = True
        try:
            super().replace(text, start, end)
        finally:
            self._is_typing = False
        if self.value != before:
            self._ask()

    def watch_value(self) -> None:
        """A value that the program set needs no proposals."""
        if not self._is_typing:
            self._show([])

    def on_blur(self) -> None:
        """Propose only while one types."""
        self.close()

    def on_unmount(self) -> None:
        """The list belongs to the screen; it goes with the line."""
        if self._list is not None:
            self._list.remove()

    def close(self) -> None:
        """Close the list and drop an answer that is under way."""
        self.workers.cancel_group(self, "suggest")
        self._show([])

    def _ask(self, *, also_empty: bool = False) -> Worker[None]:
        async def ask() -> None:
            text = self.value
            try:
                found = await self._complete(text) if text or also_empty else ()
            except ServiceError:
                found = ()
            if text == self.value and self.has_focus:
                is_complete = any(whole == text for whole, _ in found)
                self._show([] if is_complete else list(found))

        return self.run_worker(ask, group="suggest", exclusive=True, exit_on_error=False)

    def _show(self, found: list[tuple[str, str]]) -> None:
        self._proposals, self._proposed_for = [whole for whole, _ in found], self.value
        if self._list is None:
            if not found:
                return
            self._list = Proposals(self, self._take)
            self.screen.mount(self._list)
        typed = self.value
        goes_on = bool(found) and typed != "" and not typed.endswith("/") and found[0][0].startswith(typed)
        shared = typed[: typed.rfind("/") + 1]
        cut = len(shared) if all(whole.startswith(shared) for whole, _ in found) else 0
        self._list.show([(whole[cut:], note) for whole, note in found], 0 if goes_on else None)

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a list the keys are the screen's."""
        if action == "move_choice":
            return self.is_open or parameters == (1,)
        if action == "take":
            return self.chosen is not None
        if action == "close_list":
            return self._list is not None and self._list.display
        return super().check_action(action, parameters)

    def action_move_choice(self, by: int) -> None:
        """The next proposal, or the one before; between the last and the first none is chosen."""
        if self._list is None or not self.is_open:
            self._ask(also_empty=True)
            return
        at = -1 if self._list.chosen is None else self._list.chosen
        at = (at + 1 + by) % (len(self._proposals) + 1) - 1
        self._list.choose(None if at < 0 else at)

    def action_take(self) -> None:
        """Take the chosen proposal."""
        if self._list is not None and self._list.chosen is not None:
            self._take(self._list.chosen)

    def action_cursor_right(self, select: bool = False) -> None:
        """At the end of the line take the chosen proposal, or the first."""
        if self.is_open and self.cursor_at_end and not select:
            self._take(self._list.chosen or 0 if self._list else 0)
        else:
            super().action_cursor_right(select)

    async def action_submit(self) -> None:
        """Take the chosen proposal; without one submit the line."""
        if self.chosen is not None:
            self.action_take()
        else:
            self.close()
            await super().action_submit()

    def action_close_list(self) -> None:
        """Close the list, and nothing else."""
        self.close()

    def _take(self, at: int) -> None:
        """Put a proposal into the line; a folder is gone into."""
        self.value = self._proposals[at]
        self.cursor_position = len(self.value)
        if self.value.endswith("/"):
            self._ask()
