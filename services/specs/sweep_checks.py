"""What is wrong with a sweep beyond its types: the SDK lets nearly all of it through.

Rules: https://learn.microsoft.com/azure/machine-learning/how-to-tune-hyperparameters
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator
from pathlib import Path

from services.errors import Fault
from services.specs.common_checks import is_remote, kind_of, local_path
from services.specs.logged_metrics import logged_metrics
from services.specs.sweep import ARGUMENTS, Distribution, EarlyTermination, SweepJob

_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_BAYESIAN = ("choice", "uniform", "quniform")
_MAX_TRIALS = 1000


def sweep_faults(spec: SweepJob, base: Path) -> Iterator[Fault]:
    """Every fault of what makes it a sweep; its trial is checked as the command job that it is."""
    yield from _check_space(spec)
    yield from _check_sampling(spec)
    yield from _check_limits(spec)
    if spec.early_termination:
        yield from policy_faults(spec.early_termination)
    yield from _check_metric(spec, base)


def distribution_faults(at: str, given: Distribution) -> Iterator[Fault]:
    """What a distribution lacks, has too much, or has that can't be."""
    wanted = ARGUMENTS[given.type]
    has = " and ".join(filter(None, [", ".join(wanted[:-1]), wanted[-1]]))
    for name in ("values", "upper", "min_value", "max_value", "mu", "sigma", "q"):
        value = getattr(given, name)
        if name in wanted and value is None:
            yield Fault(f"{at}.{name}", f"this field is required; {given.type} has {has}")
        elif name not in wanted and value is not None:
            yield Fault(f"{at}.{name}", f"{given.type} has no {name}; it has {has}")
        elif isinstance(value, float) and not math.isfinite(value):
            yield Fault(f"{at}.{name}", f"expected a number, got {value}")
    if given.type == "choice" and given.values is not None:
        yield from _check_choice(at, given.values)
    if given.min_value is not None and given.max_value is not None and given.min_value >= given.max_value:
        yield Fault(f"{at}.max_value", f"{given.max_value} is not above min_value, which is {given.min_value}")
    for name in ("sigma", "q", "upper"):
        value = getattr(given, name)
        if name in wanted and value is not None and value <= 0:
            yield Fault(f"{at}.{name}", f"expected a number above 0, got {value}")
    if "log" in given.type and given.max_value is not None and given.max_value > 700:
        yield Fault(f"{at}.max_value", f"is the logarithm of the largest value, and e to the {given.max_value} is none")


def _check_choice(at: str, values: list[object]) -> Iterator[Fault]:
    if not values:
        yield Fault(f"{at}.values", "choice needs at least one value")
    seen: list[object] = []
    for index, value in enumerate(values):
        if value is None or isinstance(value, list):
            shown = "nothing" if value is None else "a list"
            yield Fault(f"{at}.values.{index}", f"expected a number or text, got {shown}")
        elif any(value == other and type(value) is type(other) for other in seen):
            yield Fault(f"{at}.values.{index}", f"{value} stands twice", "warning")
        seen.append(value)


def _check_space(spec: SweepJob) -> Iterator[Fault]:
    if not spec.search_space:
        yield Fault("search_space", "names no hyperparameter; a sweep needs at least one")
    for name, given in spec.search_space.items():
        at = f"search_space.{name}"
        if not _NAME.match(name):
            yield Fault(at, "a name is letters, digits and `_`, and begins with no digit")
        if name in spec.inputs:
            yield Fault(f"inputs.{name}", "is a hyperparameter of the search space too; leave it out here", "warning")
        yield from distribution_faults(at, given)


def _check_sampling(spec: SweepJob) -> Iterator[Fault]:
    sampling = spec.sampling
    for name, given in spec.search_space.items():
        at = f"search_space.{name}"
        if sampling.type == "grid" and given.type != "choice":
            mend = "write its values as a choice, or sample at random"
            yield Fault(at, f"grid sampling needs a choice, and {given.type} has no list of values; {mend}")
        elif sampling.type == "bayesian" and given.type not in _BAYESIAN:
            yield Fault(at, f"bayesian sampling in Azure knows {', '.join(_BAYESIAN)}, not {given.type}", "warning")
    if sampling.type != "random":
        for name in ("seed", "rule", "logbase"):
            if getattr(sampling, name) is not None:
                yield Fault(f"sampling_algorithm.{name}", f"is of random sampling; {sampling.type} has none")
    elif isinstance(sampling.logbase, str) and sampling.logbase != "e":
        yield Fault("sampling_algorithm.logbase", f"expected a number or e, got {sampling.logbase!r}")
    if sampling.type == "bayesian" and spec.early_termination:
        yield Fault("early_termination", "bayesian sampling in Azure goes without early termination", "warning")


def _check_limits(spec: SweepJob) -> Iterator[Fault]:
    limits = spec.limits
    for name in ("max_total_trials", "max_concurrent_trials", "timeout", "trial_timeout"):
        value = getattr(limits, name)
        if value is None:
            continue
        if value <= 0:
            yield Fault(f"limits.{name}", f"expected a number above 0, got {value}")
        elif name in ("timeout", "trial_timeout") and value < 60:
            yield Fault(f"limits.{name}", "Azure makes 60 seconds of less", "warning")
    total, concurrent = limits.max_total_trials, limits.max_concurrent_trials
    if total > _MAX_TRIALS:
        yield Fault("limits.max_total_trials", f"Azure takes at most {_MAX_TRIALS}", "warning")
    if concurrent is not None and concurrent > max(total, 0):
        yield Fault("limits.max_concurrent_trials", f"is more than max_total_trials, which is {total}", "warning")
    if limits.timeout and limits.trial_timeout and limits.trial_timeout > limits.timeout:
        yield Fault("limits.trial_timeout", f"is more than the time-out of the sweep, {limits.timeout} s", "warning")


def policy_faults(policy: EarlyTermination) -> Iterator[Fault]:
    """What a policy lacks, has too much, or has that can't be."""
    at = "early_termination"
    own = {"bandit": ("slack_factor", "slack_amount"), "truncation_selection": ("truncation_percentage",)}
    for name in ("slack_factor", "slack_amount", "truncation_percentage"):
        value = getattr(policy, name)
        if value is not None and name not in own.get(policy.type, ()):
            yield Fault(f"{at}.{name}", f"{policy.type} has no {name}")
    if policy.type == "bandit":
        slacks = [name for name in own["bandit"] if getattr(policy, name) is not None]
        if len(slacks) != 1:
            both = "has both; leave one out" if slacks else "has neither"
            yield Fault(at, f"bandit needs either slack_factor or slack_amount, and this {both}")
        for name in slacks:
            if getattr(policy, name) < 0:
                yield Fault(f"{at}.{name}", f"expected a number from 0, got {getattr(policy, name)}")
    if policy.type == "truncation_selection":
        percentage = policy.truncation_percentage
        if percentage is None:
            yield Fault(f"{at}.truncation_percentage", "this field is required")
        elif not 1 <= percentage <= 99:
            yield Fault(f"{at}.truncation_percentage", f"expected 1 to 99, got {percentage}")
    if policy.evaluation_interval is not None and policy.evaluation_interval < 1:
        yield Fault(f"{at}.evaluation_interval", f"expected a number above 0, got {policy.evaluation_interval}")
    if policy.delay_evaluation is not None and policy.delay_evaluation < 0:
        yield Fault(f"{at}.delay_evaluation", f"expected a number from 0, got {policy.delay_evaluation}")


def _check_metric(spec: SweepJob, base: Path) -> Iterator[Fault]:
    metric, code = spec.objective.primary_metric, spec.trial.code
    if not metric.strip():
        yield Fault("objective.primary_metric", "this field is required")
        return
    if code is None or is_remote(code) or kind_of(folder := local_path(base, code)) != "folder":
        return
    logged = logged_metrics(folder)
    if metric in logged.names or not logged.is_complete:
        return
    near = difflib.get_close_matches(metric, sorted(logged.names), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"it logs {', '.join(sorted(logged.names)) or 'no metric at all'}"
    yield Fault("objective.primary_metric", f"the code never logs {metric}; {hint}", "warning")
