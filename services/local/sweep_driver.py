"""The driver of a sweep: draws trials, submits them as child jobs, ends poor ones, keeps the limits.

A supervised process that can be killed at any moment: what it decides is in `sweep.json` before it happens, a trial is
a job with a name of its own, and another driver goes on from there. Its last line tells why a sweep has failed.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from services.entities.jobs import JobStatus
from services.entities.sweeps import Decision, DecisionKind, Trial
from services.errors import ServiceError
from services.local import supervisor, sweep_record
from services.local.folder import open_folder
from services.local.submission import Parent
from services.local.sweep_jobs import trial_command, trial_name
from services.local.sweep_record import SweepRecord, TrialRecord
from services.local.sweeps import read_trials, sweep_spec
from services.local.workspace import LocalWorkspace
from services.specs.sweep import SweepJob
from services.sweeps.distributions import parameters_at
from services.sweeps.early_termination import Verdict, judge, standing
from services.sweeps.ranking import best_trial
from services.sweeps.sampling import Outcome, log_base, next_point, planned_trials

TICK = 0.1
"""Seconds between two looks at the trials."""
FAREWELL = 4.0
"""Seconds in which canceled trials can end while the driver still lives; its supervisor gives it a little longer."""


class SweepDriver:
    """Drives the sweep in a job's folder.

    Attributes:
        stopped: somebody wants the end of the sweep.
    """

    def __init__(self, folder: Path, spec: SweepJob, workspace: LocalWorkspace) -> None:
        self.folder = folder
        self.name = folder.name
        self.spec = spec
        self.workspace = workspace
        self.goal = spec.objective.goal
        self.planned = planned_trials(spec.search_space, spec.sampling, spec.limits.max_total_trials)
        self.stopped = False
        query = "SELECT run_id, experiment_name FROM jobs WHERE name = ?"
        with workspace.submitter.database.read() as connection:
            run_id, self.experiment = connection.execute(query, (self.name,)).fetchone()
        self.parent = Parent(self.name, run_id)
        self.base = Path(json.loads((folder / "spec.json").read_text("utf-8"))["base"])
        self.is_exhausted = False
        self.ended: dict[int, Trial] = {}
        self.seen: Sequence[Trial] = ()
        found = sweep_record.load(folder)
        self.is_new = found is None
        self.record = found or SweepRecord(_seed(spec), time.time())

    def run(self) -> str:
        """Drive to the end; returns why the sweep has failed, or nothing."""
        if self.is_new:
            self.record.save(self.folder)
        else:
            self._adopt()
        while not self.stopped:
            trials = self._trials()
            running = [trial for trial in trials if trial.is_running]
            if self._is_over_time():
                self._stop_for_time()
                continue
            if trials != self.seen:
                self.seen = trials
                self._judge(trials)
            started = self._start(trials, len(running))
            if not started and not running:
                return self._result(trials)
            if not started:
                time.sleep(TICK)
        self.cancel_all()
        return "Canceled."

    # ------------------------------------------------------------------------------------------------------- trials

    def _trials(self) -> list[Trial]:
        """All trials; one whose supervisor was lost is ended by this look at it."""
        for number in range(len(self.record.trials)):
            if number not in self.ended:
                self.workspace.jobs.refresh(trial_name(self.name, number))
        metric, submitter = self.spec.objective.primary_metric, self.workspace.submitter
        trials = read_trials(submitter.layout, submitter.database, self.name, self.record, metric, ended=self.ended)
        self.ended = {trial.number: trial for trial in trials if not trial.is_running}
        return trials

    def _adopt(self) -> None:
        """Go on after another driver: submit what it only drew; what runs is watched from now on."""
        for number in range(len(self.record.trials)):
            if not self.workspace.layout.job(trial_name(self.name, number)).exists():
                self._submit(number)
        running = sum(trial.is_running for trial in self._trials())
        told = f"The driver was started again and adopted {running} running trials of {len(self.record.trials)}."
        self._decide(Decision(_now(), DecisionKind.ADOPTED, told))

    def _start(self, trials: Sequence[Trial], running: int) -> bool:
        """Draw and submit trials up to the limits; whether there was any."""
        concurrent = self.spec.limits.max_concurrent_trials or self.planned
        started = False
        known = list(trials)
        while not self.stopped and not self.is_exhausted and running < concurrent and len(known) < self.planned:
            outcomes = [self._outcome(number, trial) for number, trial in enumerate(known)]
            sampling, space = self.spec.sampling, self.spec.search_space
            point = next_point(space, sampling, self.goal, self.record.seed, outcomes)
            if point is None:
                self.is_exhausted = True
                break
            number = len(known)
            parameters = parameters_at(space, point, log_base(sampling))
            self.record.trials.append(TrialRecord(point, parameters))
            self.record.save(self.folder)
            job = self._submit(number)
            known.append(Trial(number, job, parameters))
            running += 1
            started = True
        return started

    def _submit(self, number: int) -> str:
        drawn = self.record.trials[number]
        spec = trial_command(self.spec, number, drawn.parameters, self.folder, self.experiment)
        job = self.workspace.submitter.submit(spec, self.base, strict=False, parent=self.parent)
        shown = ", ".join(f"{name} {value}" for name, value in drawn.parameters.items())
        say(f"Trial {number}: {shown}")
        return job

    def _outcome(self, number: int, trial: Trial) -> Outcome:
        return Outcome(
            self.record.trials[number].point,
            trial.best(self.goal),
            not trial.is_running,
            trial.is_cut,
            len(trial.curve),
        )

    # ----------------------------------------------------------------------------------------------------- decisions

    def _judge(self, trials: Sequence[Trial]) -> None:
        policy = self.spec.early_termination
        if policy is None:
            return
        standings = [standing(self.goal, trial) for trial in trials]
        for trial, found in zip(trials, standings, strict=True):
            found.is_running = found.is_running and not trial.is_cut
        for verdict in judge(policy, self.goal, standings):
            self._cut(policy.type, trials[verdict.number], verdict)

    def _cut(self, policy: str, trial: Trial, verdict: Verdict) -> None:
        reason = f"Cut by {policy} at interval {verdict.interval}: {verdict.reason}."
        decision = Decision(_now(), DecisionKind.CUT, reason, trial.number, policy, verdict.interval, verdict.values)
        self.record.trials[trial.number].is_cut = True
        self._decide(decision)
        self._cancel(trial.job, reason)

    def _decide(self, decision: Decision) -> None:
        self.record.decisions.append(decision)
        self.record.save(self.folder)
        told = decision.reason if decision.trial is None else f"Trial {decision.trial}: {decision.reason}"
        say(told)

    def _is_over_time(self) -> bool:
        timeout = self.spec.limits.timeout
        return timeout is not None and time.time() - self.record.started_at > timeout

    def _stop_for_time(self) -> None:
        """Azure cancels a sweep and its trials at the limit; so does the supervisor, for this reason."""
        reason = f"The sweep ran longer than its limit of {self.spec.limits.timeout} s."
        self._decide(Decision(_now(), DecisionKind.LIMIT, reason))
        self._cancel(self.name, reason)
        self.stopped = True

    # ----------------------------------------------------------------------------------------------------------- end

    def _cancel(self, job: str, reason: str) -> None:
        folder = self.workspace.layout.job(job)
        if (folder / "cancel").exists():
            return
        temporary = folder / ".cancel"  # so that nobody reads half a reason
        try:
            temporary.write_text(reason, "utf-8")
            temporary.replace(folder / "cancel")
        except OSError:  # on a full disk without the reason
            (folder / "cancel").touch()

    def cancel_all(self) -> None:
        """Ask for the end of the trials, and see them end as long as the supervisor lets us."""
        running = [trial for trial in self._trials() if trial.is_running]
        for trial in running:
            self._cancel(trial.job, "Its sweep was canceled.")
        told = f"{len(running)} running trials were canceled with the sweep."
        with suppress(OSError):
            self._decide(Decision(_now(), DecisionKind.CANCELED, told))
        deadline = time.monotonic() + FAREWELL
        while time.monotonic() < deadline and any(trial.is_running for trial in self._trials()):
            time.sleep(TICK)

    def _result(self, trials: Sequence[Trial]) -> str:
        completed = [trial for trial in trials if trial.status is JobStatus.COMPLETED]
        best = best_trial(self.goal, trials)
        metric = self.spec.objective.primary_metric
        if not completed:
            first = next((f" Trial {t.number}: {t.error}" for t in trials if t.error), "")
            return f"None of the {len(trials)} trials completed.{first}"
        if best is None:
            say(f"No trial logged {metric}.")
        else:
            tied = ", ".join(map(str, best.tied))
            among = f"a tie of the trials {tied}" if best.is_tie else f"trial {best.number}"
            say(f"Best {metric} {best.value:.6g}: {among}.")
        return ""


def _seed(spec: SweepJob) -> int:
    """The sweep's own, or one that is kept from now on."""
    return secrets.randbits(31) if spec.sampling.seed is None else spec.sampling.seed


def say(line: str) -> None:
    """A line for the log of the sweep's job."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _now() -> datetime:
    return datetime.now(UTC)


def main(folder: Path) -> int:
    """Drive a sweep; the exit code of its process."""
    os.environ.pop(supervisor.MARK, None)  # trials are no part of this job's processes
    spec = sweep_spec(folder)
    assert spec is not None  # its submit wrote it
    with ThreadPoolExecutor(1) as executor:
        workspace = LocalWorkspace(open_folder(folder.parents[1]), executor)
        driver = SweepDriver(folder, spec, workspace)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(driver, "stopped", True))
        try:
            failure = driver.run()
        except Exception as error:
            if not isinstance(error, ServiceError):
                traceback.print_exc()
            driver.cancel_all()
            failure = error.detail if isinstance(error, ServiceError) else f"The driver of the sweep failed: {error}."
    if failure:
        say(failure)
    return 1 if failure else 0
