"""The words, rows and settings of the scores of columns: no widget here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rich.text import Text

from screens.lists import counted, shown
from screens.profile.texts import bar
from screens.typed import whole
from screens.widgets.grid import GridColumn
from services.entities.features import FeatureScore, FeatureScores, PermutationOptions, ScoreMethod, SubsetScore, Task
from services.errors import UserError

COLUMNS = (
    GridColumn("keep", "Keep", 4, align="right"),
    GridColumn("name", "Column", least=16),
    GridColumn("pearson", "Pearson r", 9, align="right"),
    GridColumn("pearson-bar", "", 8, priority=2),
    GridColumn("chi2", "Chi²", 9, align="right"),
    GridColumn("chi2-bar", "", 8, priority=3),
    GridColumn("permutation", "Importance", 10, align="right", priority=1),
    GridColumn("permutation-bar", "", 8, priority=4),
)
WORDS = {
    ScoreMethod.PEARSON: "Pearson",
    ScoreMethod.CHI2: "chi-squared",
    ScoreMethod.PERMUTATION: "permutation",
}
SETTINGS = {
    "metric": "what a shuffle lowers; empty: accuracy, or r2 of a number",
    "test": "the share of the rows that is held back",
    "seed": "of the shuffles; 1023 is that of the Designer's labs",
    "repeats": "shuffles of each column",
}


@dataclass(frozen=True)
class Choices:
    """What is asked of the columns.

    Attributes:
        wanted: the number of features to keep.
        features_only: leave out columns that name rows.
    """

    target: str = ""
    wanted: int = 1
    features_only: bool = True
    task: Task = Task.AUTO
    method: ScoreMethod = ScoreMethod.PEARSON
    options: PermutationOptions = field(default_factory=PermutationOptions)


@dataclass(frozen=True)
class Scores:
    """What was found so far.

    Attributes:
        by: the scores of each method that has some.
        why_not: what is said of a method that has none.
    """

    by: Mapping[ScoreMethod, FeatureScores] = field(default_factory=dict)
    why_not: Mapping[ScoreMethod, str] = field(default_factory=dict)
    subsets: tuple[SubsetScore, ...] = ()

    def of(self, method: ScoreMethod, feature: str) -> tuple[int, FeatureScore] | None:
        """The place of a column among those of a method, from 1, and its score."""
        found = self.by[method].scores if method in self.by else ()
        return next(((at, score) for at, score in enumerate(found, 1) if score.feature == feature), None)

    def order(self, method: ScoreMethod) -> list[str]:
        """The columns by a method, then those that only others have scored."""
        names = [score.feature for score in self.by[method].scores] if method in self.by else []
        others = [score.feature for found in self.by.values() for score in found.scores]
        return list(dict.fromkeys([*names, *others]))


def changed(choices: Choices, setting: str, text: str) -> Choices:
    """The choices with another setting of the permutation. Raises ValueError with what would be right."""
    options, word = choices.options, text.strip()
    match setting:
        case "metric":
            options = replace(options, metric=word)
        case "test":
            options = replace(options, test=_between(word))
        case "seed":
            options = replace(options, seed=whole(word, 0, 2**32 - 1))
        case _:
            options = replace(options, repeats=whole(word, 1, 10_000))
    return replace(choices, options=options)


def _between(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        raise ValueError("It is a number between 0 and 1, such as 0.3.")
    return value


def cells(name: str, scores: Scores, choices: Choices) -> tuple[str | Text, ...]:
    """The row of a column: whether it is kept, and each score with a bar."""
    place = scores.of(choices.method, name)
    kept = place is not None and place[0] <= choices.wanted
    return (
        f"{'✓ ' if kept else ''}{place[0] if place else '–'}",
        Text(shown(name), "bold") if kept else shown(name),
        *_score_cells(scores, ScoreMethod.PEARSON, name),
        *_score_cells(scores, ScoreMethod.CHI2, name),
        *_score_cells(scores, ScoreMethod.PERMUTATION, name),
    )


def _score_cells(scores: Scores, method: ScoreMethod, name: str) -> tuple[str, str]:
    found = scores.of(method, name)
    if found is None:
        return ("–", "")
    most = max(abs(score.score) for score in scores.by[method].scores)
    return score_text(method, found[1].score), bar(abs(found[1].score) / most if most else 0, 8)


def score_text(method: ScoreMethod, score: float) -> str:
    """As many digits as tell columns apart: r with its sign."""
    if method == ScoreMethod.CHI2:
        return f"{score:,.1f}"
    return f"{score:+.4f}" if method == ScoreMethod.PEARSON else f"{round(score, 4) + 0.0:.4f}"


def verdict(scores: Scores) -> str:
    """Whether Pearson and chi-squared agree on the best column, or why one of them says nothing."""
    pearson, chi2 = scores.by.get(ScoreMethod.PEARSON), scores.by.get(ScoreMethod.CHI2)
    if pearson and chi2:
        first, second = pearson.top(1)[0], chi2.top(1)[0]
        if first == second:
            return f"Pearson and chi-squared agree: {shown(first)} tells most."
        return f"! They disagree: Pearson puts {shown(first)} first, chi-squared {shown(second)}."
    return "  ".join(f"! No {WORDS[method]}: {shown(why)}" for method, why in scores.why_not.items())


def about(choices: Choices, scores: Scores) -> list[str]:
    """What is asked, for the line above the list."""
    task = "" if choices.task == Task.AUTO else str(choices.task)
    first = next(iter(scores.by.values()), None)
    rows = f"{first.rows:,} rows" if first else ""
    ids = "" if choices.features_only else "id-like ones too"
    return [f"target {choices.target}", task, rows, ids, f"top {choices.wanted} by {WORDS[choices.method]}"]


def facts(name: str, scores: Scores) -> list[tuple[str, str]]:
    """A column by each method; then what was left out, and the best subsets."""
    notes = dict.fromkeys(note for found in scores.by.values() for note in found.notes)
    return [
        ("Column", shown(name)),
        *((_title(method), _in_words(method, scores, name)) for method in ScoreMethod),
        ("Best subsets", "\n".join(_subset(one) for one in scores.subsets)),
        ("Heed", "\n".join(map(shown, notes))),
    ]


def _title(method: ScoreMethod) -> str:
    return WORDS[method][:1].upper() + WORDS[method][1:]


def _in_words(method: ScoreMethod, scores: Scores, name: str) -> str:
    found = scores.of(method, name)
    if found is None:
        if method == ScoreMethod.PERMUTATION and method not in scores.by:
            return "p trains a model and shuffles each column"
        return shown(scores.why_not.get(method, "left out"))
    place, score = found
    text = f"{score_text(method, score.score)}, {place} of {len(scores.by[method].scores)}"
    if score.p_value is not None:
        text += f", p {'< 1e-300' if score.p_value == 0 else f'= {score.p_value:.2g}'}"
    if score.spread is not None:
        by = scores.by[method]
        text += f": shuffled, {by.metric} {by.baseline:.4f} is worse by that ± {score.spread:.4f}"
    return text


def _subset(one: SubsetScore) -> str:
    return f"{one.score:.4f}  {', '.join(map(shown, one.features))}"


def subsets_question(features: Sequence[str], count: int, warning: str) -> str:
    """What trying all subsets means, before it is done."""
    columns, subsets = counted(len(features), "column has", "columns have"), counted(count, "subset", "subsets")
    return f"{columns} {subsets}; each is trained three times.\n{warning[:1].upper()}{warning[1:]}."


def chosen_error(why_not: Mapping[ScoreMethod, str], target: str) -> UserError:
    """Nothing can be scored: why, and the key that helps."""
    return UserError(
        "\n".join(dict.fromkeys(why_not.values())),
        title=f"Nothing tells about {target}",
        advice="t chooses another target.",
    )
