"""YAML: the job as the az ml YAML that runs it again."""

from __future__ import annotations

from textual.app import ComposeResult

from screens.job.pane import Pane
from screens.widgets.states import StateCard
from screens.widgets.text_view import TextView


class YamlPane(Pane):
    """The normalised YAML of the spec."""

    TAB = "yaml"

    def compose(self) -> ComposeResult:
        """A card for the states; the text."""
        yield StateCard()
        yield TextView()

    def show_feed(self) -> None:
        """Draw the YAML; TextView leaves what is the same alone."""
        yaml = self.feed.job.yaml if self.feed.job else ""
        view = self.query_one(TextView)
        view.display = bool(yaml)
        if not yaml:
            self.card.reading("Reading the job ...")
            return
        self.card.hide()
        if view.text != yaml:
            view.set_text(yaml, "job.yml")
