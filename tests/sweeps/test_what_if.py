"""Replays, ties and time saved."""

from __future__ import annotations

import math
from dataclasses import replace

from services.entities import JobStatus
from services.specs.sweep import EarlyTermination
from services.sweeps.ranking import best_trial, saved_seconds
from services.sweeps.what_if import replay
from tests.sweeps.support import START, trial

DONE = JobStatus.COMPLETED
BANDIT = EarlyTermination("bandit", slack_amount=0.2)


def test_a_replay_tells_who_would_have_been_cut_when_and_what_it_saves() -> None:
    good = trial(0, [0.5, 0.8, 0.9], status=DONE, seconds=30)
    poor = trial(1, [0.5, 0.5, 0.5, 0.5], status=DONE, seconds=60, first=1)
    found = replay(BANDIT, "maximize", [good, poor])
    # at 10 s the good one logs .8, at 11 s the poor one its second value
    assert [(cut.number, cut.at - START.timestamp(), cut.saved_seconds) for cut in found.cuts] == [(1, 11, 49)]
    assert (found.cuts[0].verdict.interval, found.cuts[0].lost_value, found.saved_seconds) == (2, None, 49)


def test_a_cut_trial_logs_nothing_more_in_a_replay() -> None:
    slow_starter = trial(0, [0.1, 1.0], status=DONE, seconds=30, first=1)
    steady = trial(1, [0.5, 0.5], status=DONE, seconds=30)
    found = replay(BANDIT, "maximize", [slow_starter, steady])
    # without its later value of 1.0 nobody is far behind
    assert [(cut.number, cut.lost_value) for cut in found.cuts] == [(0, 1.0)]


def test_a_trial_that_had_ended_is_not_cut_later() -> None:
    early = trial(0, [0.1], status=DONE, seconds=5)
    late = trial(1, [0.9], status=DONE, seconds=60, first=20)
    assert replay(BANDIT, "maximize", [early, late]).cuts == ()


def test_a_running_trial_is_known_up_to_its_last_value() -> None:
    good = trial(0, [0.9, 0.9, 0.9])
    poor = trial(1, [0.1, 0.1, 0.1], first=1)
    found = replay(BANDIT, "maximize", [good, poor])
    assert [(cut.number, cut.saved_seconds) for cut in found.cuts] == [(1, 20)]
    assert replay(BANDIT, "maximize", [good, trial(2)]).cuts == ()


def test_ties_are_named() -> None:
    trials = [trial(0, [0.774]), trial(1, [0.5, 0.774]), trial(2, [0.7]), trial(3, [math.nan]), trial(4)]
    best = best_trial("maximize", trials)
    assert best is not None
    assert (best.number, best.value, best.tied, best.is_tie) == (0, 0.774, (0, 1), True)
    lowest = best_trial("minimize", trials)
    assert lowest is not None
    assert (lowest.number, lowest.is_tie) == (1, False)
    assert best_trial("maximize", [trial(0, [math.inf, math.nan]), trial(1)]) is None


def test_time_saved_is_what_completed_trials_take() -> None:
    completed = [trial(n, [1.0], status=DONE, seconds=seconds) for n, seconds in enumerate((50, 60, 100))]
    cut = replace(trial(3, [0.1], status=JobStatus.CANCELED, seconds=20), is_cut=True)
    late = replace(trial(4, [0.1], status=JobStatus.CANCELED, seconds=90), is_cut=True)
    assert saved_seconds([*completed, cut, late], START) == 40
    assert saved_seconds([cut], START) == 0
