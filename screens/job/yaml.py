"""YAML: the job as the az ml YAML that runs it again."""

from __future__ import annotations

from textual.app import ComposeResult

from screens.job.search import SearchPane
from screens.widgets.states import StateCard
from screens.widgets.text_view import TextView


class YamlPane(SearchPane):
    """The normalised YAML of the spec."""

    TAB = "yaml"

    def compose(self) -> ComposeResult:
        """A card for the states; the text; the search."""
        yield StateCard()
        yield TextView()
        yield from self.search_line("search the YAML")

    @property
    def searched(self) -> TextView:
        """The YAML."""
        return self.query_one(TextView)

    def show_feed(self) -> None:
        """Draw the YAML; TextView leaves what is the same alone."""
        yaml = self.feed.job.yaml if self.feed.job else ""
        self.searched.display = bool(yaml)
        if yaml:
            self.card.hide()
            self.searched.set_text(yaml, "job.yml")
        else:
            self.card.empty("The workspace keeps no YAML of this job.")
