"""An AutoML job from its table to its best model: guardrails, trials in their own processes, ensembles at the end."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.automl import ensembles
from services.automl.algorithms import chosen, estimator
from services.automl.children import run_child
from services.automl.components import Component
from services.automl.featurization import Feature, Featurization, features, featurizer, has_text
from services.automl.folds import Validation
from services.automl.guardrails import Guardrail, check_target, guardrails
from services.automl.metrics import is_minimized, mean_metrics, primary_metric
from services.automl.predictions import Predictions
from services.automl.search import Candidate, Search
from services.automl.trial import PREDICTIONS, TrialConfig, TrialResult, fold_metrics, read_rows, rows_of
from services.errors import UserError

TASKS = ("classification", "regression")
EARLIEST_STOP = 30
"""Trials before an early stop: Azure's window begins with the 21st trial and is ten trials long."""
STOP_WINDOW = 10
"""Trials without a better score that stop the search early."""
SEARCH_SHARE = 0.85
"""Of the time-out that the search may use when ensembles follow."""


@dataclass(frozen=True)
class Limits:
    """How much may be tried, as in Azure's `limits`.

    Attributes:
        trials: with the ensembles among them.
        concurrent: trials at a time.
        timeout: seconds of the whole search; None for no limit.
        trial_timeout: seconds of each trial.
        exit_score: of the primary metric, which ends the search when it is reached.
        early_termination: whether the search ends when the score no longer gets better.
        cores: that one trial may use.
    """

    trials: int = 1000
    concurrent: int = 1
    timeout: float | None = None
    trial_timeout: float | None = None
    exit_score: float | None = None
    early_termination: bool = True
    cores: int = 1


@dataclass(frozen=True)
class Settings:
    """What is sought.

    Attributes:
        task: classification or regression.
        data: a Parquet or CSV file.
        metric: the primary metric; Azure's usual one if empty.
        allowed: algorithms by Azure's names; all if empty.
        positive: the true class, for the `_binary` metrics.
        seed: the same one leads to the same result, as long as no trial is cut by a time-out.
    """

    task: str
    data: Path
    target: str
    metric: str = ""
    featurization: Featurization = field(default_factory=Featurization)
    validation: Validation = field(default_factory=Validation)
    limits: Limits = field(default_factory=Limits)
    allowed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    voting: bool = True
    stacking: bool = True
    positive: Any = None
    seed: int = 0

    @property
    def primary(self) -> str:
        """The primary metric by its MLflow name. Raises UserError."""
        usual = "AUC_weighted" if self.task == "classification" else "normalized_root_mean_squared_error"
        return primary_metric(self.task, self.metric or usual)


@dataclass(frozen=True)
class Trial:
    """A trial that has ended.

    Attributes:
        name: as Azure shows it: `StandardScaler, LogisticRegression`, `VotingEnsemble`.
        parameters: what was searched; of a voting ensemble the weight of each member.
        score: of the primary metric; NaN if it failed.
    """

    number: int
    name: str
    algorithm: str
    parameters: dict[str, Any]
    pipeline: Component
    folder: Path
    result: TrialResult
    score: float


@dataclass
class Outcome:
    """How far a job is, and at its end all of it.

    Attributes:
        trials: in the order of their ends.
        stopped: why the search ended.
    """

    columns: tuple[Feature, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()
    trials: list[Trial] = field(default_factory=list)
    stopped: str = ""
    minimize: bool = False

    def leaderboard(self) -> list[Trial]:
        """The trials that completed, the best first; of equals the earlier."""
        return ranked(self.trials, minimize=self.minimize)


def ranked(trials: Sequence[Trial], *, minimize: bool) -> list[Trial]:
    """Trials that completed, the best first; of equals the earlier."""
    scored = [one for one in trials if not math.isnan(one.score)]
    return sorted(scored, key=lambda one: (one.score if minimize else -one.score, one.number))


class Engine:
    """Runs one job in a folder.

    Args:
        on_trial: is called after each trial.
    """

    def __init__(self, settings: Settings, folder: Path, on_trial: Callable[[Trial], None] = lambda _: None) -> None:
        if settings.task not in TASKS:
            raise UserError(f"There is no search for {settings.task}, but for {' and '.join(TASKS)}.")
        self._settings, self._folder, self._on_trial = settings, folder, on_trial
        self._primary = settings.primary
        self._algorithms = chosen(settings.task, settings.allowed, settings.blocked)
        self.outcome = Outcome(minimize=is_minimized(self._primary))
        self._started = time.monotonic()
        self._target: Any = None
        self._validation = settings.validation

    async def run(self) -> Outcome:
        """Prepare, search, make ensembles. Raises UserError, NotFoundError; a trial that fails is a trial, no error."""
        await asyncio.to_thread(self._prepare)
        await self._search()
        await self._ensembles()
        return self.outcome

    def _prepare(self) -> None:
        settings, outcome = self._settings, self.outcome
        table = read_rows(settings.data)
        outcome.columns = features(table, settings.target, settings.featurization)
        target = table[settings.target]
        self._validation = settings.validation.resolved(int(target.notna().sum()))
        check_target(settings.task, target, self._validation.folds or 2)
        outcome.guardrails = guardrails(settings.task, target, outcome.columns, settings.featurization)
        self._target = rows_of(table[[settings.target]], settings.target)[settings.target].to_numpy()

    async def _search(self) -> None:
        limits = self._settings.limits
        search = Search(self._algorithms, minimize=self.outcome.minimize, seed=self._settings.seed)
        trials = max(1, limits.trials - self._settings.voting - self._settings.stacking)
        running: list[asyncio.Task[Trial]] = []
        told: list[Trial] = []
        asked = 0
        try:
            while True:
                self.outcome.stopped = self.outcome.stopped or self._stop(told)
                free = asked < trials and len(running) < limits.concurrent and not self.outcome.stopped
                # none while the scores that it would follow from are not told yet
                if free and (candidate := search.suggest()) is not None:
                    running.append(asyncio.create_task(self._trial(candidate)))
                    asked += 1
                elif running:
                    # told in the order of their numbers, whichever ends first: so timing changes nothing
                    told.append(await running.pop(0))
                    search.tell(told[-1].number, told[-1].score)
                elif free:
                    raise UserError(
                        f"No algorithm works on this table; the first said: {told[0].result.reason}.",
                        title="Every trial failed",
                    )
                else:
                    break
        finally:
            for task in running:
                task.cancel()
        self.outcome.stopped = self.outcome.stopped or "all trials were made"

    async def _trial(self, candidate: Candidate) -> Trial:
        settings, algorithm = self._settings, candidate.algorithm
        # counts of words and their like are kept sparse, but where an estimator needs whole arrays
        dense = not has_text(self.outcome.columns) or algorithm.name == "MultinomialNaiveBayes"
        fitted = estimator(
            algorithm,
            candidate.parameters,
            task=settings.task,
            seed=settings.seed,
            cores=settings.limits.cores,
            dense=dense,
        )
        featurized = featurizer(self.outcome.columns, settings.featurization, dense=dense)
        steps = [("features", featurized), *fitted.arguments["steps"]]
        scaler = candidate.parameters.get("scaler") or algorithm.fixed.get("scaler")
        name = f"{scaler}, {algorithm.name}" if scaler else algorithm.name
        config = self._config(Component("sklearn.pipeline.Pipeline", {"steps": steps}))
        return await self._run(candidate.number, name, algorithm.name, candidate.parameters, config)

    def _config(self, pipeline: Component, **more: Any) -> TrialConfig:
        settings = self._settings
        return TrialConfig(
            settings.task,
            str(settings.data),
            settings.target,
            pipeline,
            self._validation,
            settings.seed,
            settings.positive,
            **more,
        )

    async def _run(
        self, number: int, name: str, algorithm: str, parameters: dict[str, Any], config: TrialConfig
    ) -> Trial:
        folder = self._folder / f"trial-{number}"
        left = self._left() - (0 if config.members else self._reserved())
        limit = min(self._settings.limits.trial_timeout or math.inf, max(0.1, left))
        result = await run_child(
            config, folder, limit=None if math.isinf(limit) else limit, cores=self._settings.limits.cores
        )
        score = result.metrics.get(self._primary, math.nan)
        trial = Trial(number, name, algorithm, parameters, config.pipeline, folder, result, score)
        self.outcome.trials.append(trial)
        self._on_trial(trial)
        return trial

    def _left(self) -> float:
        return (self._settings.limits.timeout or math.inf) - (time.monotonic() - self._started)

    def _reserved(self) -> float:
        """Seconds that the ensembles may use."""
        wanted = self._settings.voting or self._settings.stacking
        return (1 - SEARCH_SHARE) * (self._settings.limits.timeout or 0) if wanted else 0.0

    def _stop(self, told: Sequence[Trial]) -> str:
        """Why the search ends now; empty if it goes on."""
        limits = self._settings.limits
        if limits.timeout is not None and self._left() <= self._reserved():
            return f"the time-out of {limits.timeout:g} s"
        if not (board := ranked(told, minimize=self.outcome.minimize)):
            return ""
        best = board[0]
        if limits.exit_score is not None and (
            best.score <= limits.exit_score if self.outcome.minimize else best.score >= limits.exit_score
        ):
            return f"the exit score {limits.exit_score:g} is reached"
        late = limits.early_termination and len(told) > EARLIEST_STOP
        if late and told[-1].number - best.number >= STOP_WINDOW:
            return f"no better score in {STOP_WINDOW} trials"
        return ""

    async def _ensembles(self) -> None:
        board = self.outcome.leaderboard()[: ensembles.BEST]
        if len(board) < 2 or not (self._settings.voting or self._settings.stacking):
            return
        said = {one.number: Predictions.load(one.folder / PREDICTIONS) for one in board}
        pipelines = {one.number: one.pipeline for one in board}
        task, seed = self._settings.task, self._settings.seed
        following = max(one.number for one in self.outcome.trials) + 1
        if self._settings.voting:
            vote = await asyncio.to_thread(ensembles.pick, said, self._value)
            members = {f"trial_{number}": pipelines[number] for number in vote.members}
            config = self._config(
                ensembles.voting_pipeline(members, vote.weights, task),
                members=self._paths(vote.members),
                weights=vote.weights,
            )
            weights = dict(zip(members, vote.weights, strict=True))
            await self._run(following, "VotingEnsemble", "VotingEnsemble", weights, config)
            following += 1
        if self._settings.stacking:
            config = self._config(
                ensembles.stacking_pipeline({f"trial_{one}": pipelines[one] for one in pipelines}, task, seed),
                members=self._paths(tuple(pipelines)),
            )
            await self._run(following, "StackEnsemble", "StackEnsemble", {}, config)

    def _paths(self, numbers: tuple[int, ...]) -> tuple[str, ...]:
        return tuple(str(self._folder / f"trial-{number}" / PREDICTIONS) for number in numbers)

    def _value(self, predictions: Predictions) -> float:
        """The primary metric of predictions, greater being better."""
        scores = mean_metrics(fold_metrics(self._settings.task, predictions, self._target, only=self._primary))
        return -scores[self._primary] if self.outcome.minimize else scores[self._primary]
