"""The questions of the features screen: target, task, number of features, settings of the permutation."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from functools import partial

from screens.features.texts import SETTINGS, WORDS, Choices, Scores, changed
from screens.lists import ListScreen
from screens.long_work import LongWork
from screens.places import Place
from screens.typed import typed, whole
from screens.widgets.dialogs import Choose
from services.entities.features import StudiedRows, Task


class AskingScreen(ListScreen[str], LongWork):
    """Asks for what is scored, and how; a subclass scores."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.studied: StudiedRows | None = None
        self.choices = Choices(place.tab)
        self.scores = Scores()

    @abstractmethod
    def choose(self, choices: Choices) -> None:
        """Other choices that need other scores."""

    def action_target(self) -> None:
        """Ask for the target."""

        async def ask() -> None:
            columns = self.studied.columns if self.studied else ()
            options = [(column.name, column.type) for column in columns]
            if name := await self.app.push_screen_wait(Choose("Target", options, self.choices.target)):
                self.choose(replace(self.choices, target=name))

        self.load(ask, group="ask")

    def action_task(self) -> None:
        """Ask for the task."""

        async def ask() -> None:
            notes = ("few whole numbers and texts are classes", "the target has classes", "the target is a number")
            options = list(zip(map(str, Task), notes, strict=True))
            if task := await self.app.push_screen_wait(Choose("Task", options, self.choices.task)):
                self.choose(replace(self.choices, task=Task(task)))

        self.load(ask, group="ask")

    def action_ids(self) -> None:
        """With columns that name rows, or without."""
        self.choose(replace(self.choices, features_only=not self.choices.features_only))

    def action_wanted(self) -> None:
        """Ask how many columns are wanted."""

        async def ask() -> None:
            read = partial(whole, least=1, most=len(self.items))
            wanted = await typed(self.app, "Columns wanted", "How many of the best", str(self.choices.wanted), read)
            if wanted is not None:
                self.choices = replace(self.choices, wanted=wanted)
                self.rest()

        self.load(ask, group="ask")

    def action_method(self) -> None:
        """Order by the next method that has scores."""
        there = list(self.scores.by)
        following = there[(there.index(self.choices.method) + 1) % len(there)]
        self.choices = replace(self.choices, method=following)
        self.rest()
        self.tell(f"Ordered by {WORDS[following]}.")

    def action_settings(self) -> None:
        """Ask for one of the settings of the permutation."""

        async def ask() -> None:
            options = [(name, f"{getattr(self.choices.options, name)}  {note}") for name, note in SETTINGS.items()]
            if name := await self.app.push_screen_wait(Choose("Permutation", options)):
                self.choices = await self._ask_setting(name) or self.choices

        self.load(ask, group="ask")

    async def _ask_setting(self, name: str) -> Choices | None:
        now, read = str(getattr(self.choices.options, name)), partial(changed, self.choices, name)
        if name != "metric":
            return await typed(self.app, "Permutation", SETTINGS[name], now, read)

        from services.features.models import METRICS

        metric = await self.app.push_screen_wait(Choose("Metric", METRICS, now))
        return None if metric is None else read(metric)
