"""What stands in place of content: loading, empty, error."""

from __future__ import annotations

import time

from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from screens.widgets.status import duration_text
from screens.widgets.steady import put
from services.errors import ServiceError, Who
from services.text import masked, safe


def _lines(text: str) -> list[Content]:
    return [Content(safe(line)) for line in masked(text).split("\n")]


class StateCard(Static):
    """A sentence, or an error with what to do and who can do it. Hidden until it has something to say."""

    DEFAULT_CSS = """
    StateCard {
        display: none; height: 1fr; width: 1fr; padding: 1 3; color: $text-muted;
        content-align: center middle; text-align: center;
    }
    StateCard.-error {
        content-align: left top; text-align: left; color: $foreground; height: auto; margin: 1 2; padding: 0 2;
        border-left: thick $error;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self._text = ""
        self._request_id = ""
        self._since = 0.0
        self._timer: Timer | None = None

    def reading(self, text: str) -> None:
        """What is being read; when it takes longer than a second, how long."""
        if self._timer is None:
            self._since = time.monotonic()
            self._timer = self.set_interval(1.0, self._tick)
        if safe(text) != self._text or not self.display:
            self._text = safe(text)
            self._show(Content(self._text))

    def empty(self, text: str) -> None:
        """Why there is nothing, and the one key that helps."""
        self._stop()
        self._show(Content("\n").join(_lines(text)))

    def error(self, error: ServiceError, advice: str = "") -> None:
        """What went wrong, what to do, who can do it, and what support asks for.

        Args:
            advice: in place of the error's own.
        """
        self._stop()
        lines = [Content.assemble(("✗ ", "bold $text-error"), (safe(error.title), "bold")), *_lines(error.detail)]
        if advice := advice or error.advice:
            lines += [Content(""), *(Content.assemble(("→ ", "$text-accent"), line) for line in _lines(advice))]
        small = [f"Who can mend it: {error.who}"] if error.who is not Who.YOU else []
        small += [f"request id {error.request_id}"] if error.request_id else []
        if small:
            lines += [Content(""), *(Content.styled(safe(line), "$foreground-muted") for line in small)]
        self._show(Content("\n").join(lines), is_error=True)
        self._request_id = error.request_id

    @property
    def request_id(self) -> str:
        """The service's id of the call whose error is in view; empty if there is none."""
        return self._request_id if self.is_on_screen else ""

    def hide(self) -> None:
        """There is content."""
        self._stop()
        self.display = False

    def _tick(self) -> None:
        if self.is_on_screen:
            self.update(Content(f"{self._text} {duration_text(time.monotonic() - self._since)}"))

    def _stop(self) -> None:
        self._text = ""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _show(self, content: Content, *, is_error: bool = False) -> None:
        self._request_id = ""
        self.set_class(is_error, "-error")
        self.display = True
        put(self, content)
