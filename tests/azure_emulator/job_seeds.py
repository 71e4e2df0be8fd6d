"""A workspace's past: thousands of jobs as a team leaves them behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.azure_emulator.arm import WorkspaceId
from tests.azure_emulator.control_plane.job_bodies import new_job
from tests.azure_emulator.emulator import Emulator
from tests.azure_emulator.store import Resource

_ADJECTIVES = ("amiable", "brave", "calm", "dreamy", "eager", "frosty", "gentle", "heroic", "icy", "jolly", "keen")
_NOUNS = ("apple", "bridge", "cloud", "drum", "engine", "fig", "garden", "hill", "iron", "jar", "kettle", "lamp")
_LETTERS = "bcdfghjklmnpqrstvwxyz0123456789"
_EXPERIMENTS = ("diabetes", "churn", "demand-forecast", "nlp-tickets", "image-defects", "Default")
_PEOPLE = ("ada@example.test", "grace@example.test", "alan@example.test", "train-app")
_TYPES = ("Command",) * 88 + ("Sweep",) * 5 + ("AutoML",) * 3 + ("Pipeline",) * 3 + ("Spark",)
_ENDS = ("Completed",) * 80 + ("Failed",) * 12 + ("Canceled",) * 8
_UNDER_WAY = ("Queued", "Preparing", "Running", "Running")
_STEPS = ("prepare", "train", "evaluate")
_ENVIRONMENT = "environments/AzureML-sklearn-1.5/versions/2"


def seed_jobs(
    emulator: Emulator, workspace: WorkspaceId, count: int, *, newest: datetime | None = None, seed: int = 7
) -> list[Resource]:
    """Adds `count` jobs without a parent, and the children of those that have some; the same ones for the same `seed`.

    The last four are under way, the others have ended. They lie some minutes to hours apart, the last one at
    `newest` (now). They are returned as they were created, oldest first, without the children.
    """
    random = Random(seed)
    created = newest or emulator.now()
    moments: list[datetime] = []
    for _ in range(count):
        moments.append(created)
        created -= timedelta(minutes=random.randint(2, 240))
    made = []
    with emulator.store.locked():
        for left, moment in zip(reversed(range(count)), reversed(moments), strict=True):
            status = _UNDER_WAY[left] if left < len(_UNDER_WAY) else random.choice(_ENDS)
            kind = "Command" if left < len(_UNDER_WAY) else random.choice(_TYPES)
            made.append(_seed(emulator, workspace, random, kind, status, moment))
    return made


def _seed(
    emulator: Emulator, workspace: WorkspaceId, random: Random, kind: str, status: str, created: datetime
) -> Resource:
    name = f"{random.choice(_ADJECTIVES)}_{random.choice(_NOUNS)}_{''.join(random.choices(_LETTERS, k=10))}"
    experiment = random.choice(_EXPERIMENTS)
    properties = {
        "jobType": kind,
        "experimentName": experiment,
        "displayName": f"{experiment}-{random.randint(1, 400)}",
        "status": status,
        "isArchived": status != "Running" and random.random() < 0.05,
        "tags": {"team": random.choice(("pricing", "growth"))} if random.random() < 0.3 else {},
        "computeId": None if kind == "Spark" else f"{workspace}/computes/{random.choice(('cpu-cluster', 'gpu-spot'))}",
        **_definition(kind, workspace, random),
    }
    by = random.choice(_PEOPLE)
    job = _put(emulator, workspace, name, properties, created, by, random)
    for child, definition in _children(kind, name, workspace, random):
        ended = status if status != "Failed" else random.choice(("Completed", "Failed"))
        inherited = {key: properties[key] for key in ("experimentName", "computeId")}
        details = {**inherited, "status": ended, "parentJobName": name, **definition}
        _put(emulator, workspace, child, details, created, by, random)
    return job


def _put(
    emulator: Emulator,
    workspace: WorkspaceId,
    name: str,
    properties: dict[str, Any],
    created: datetime,
    by: str,
    random: Random,
) -> Resource:
    region = emulator.settings.region
    job = emulator.store.put(new_job(workspace, name, properties, created=created, by=by, region=region))
    begun = created + timedelta(seconds=random.randint(10, 300))
    ended = begun + timedelta(seconds=random.randint(20, 5400))
    past = [("Queued", created), ("Preparing", created + timedelta(seconds=5)), ("Running", begun)]
    status = properties["status"]
    known = [one for one, _ in past]
    past = past[: known.index(status) + 1] if status in known else [*past, (status, ended)]
    emulator.store.set_transitions(job["id"], past)
    return job


def _definition(kind: str, workspace: WorkspaceId, random: Random) -> dict[str, Any]:
    environment = f"{workspace}/{_ENVIRONMENT}"
    rate = {"jobInputType": "literal", "value": str(random.choice((0.01, 0.05, 0.1)))}
    if kind == "Command":
        command = "python train.py --reg_rate ${{inputs.reg_rate}}"
        return {"command": command, "environmentId": environment, "inputs": {"reg_rate": rate}}
    if kind == "Sweep":
        trial = {"command": "python train.py --reg_rate ${{search_space.reg_rate}}", "environmentId": environment}
        return {
            "searchSpace": {"reg_rate": ["uniform", [0.001, 0.1]]},
            "samplingAlgorithm": {"samplingAlgorithmType": "Random", "seed": None, "rule": "Random", "logbase": None},
            "objective": {"primaryMetric": "accuracy", "goal": "Maximize"},
            "limits": {"jobLimitsType": "Sweep", "maxTotalTrials": 8, "maxConcurrentTrials": 2, "timeout": "PT2H"},
            "trial": trial,
        }
    if kind == "AutoML":
        data = {"jobInputType": "mltable", "uri": "azureml://datastores/workspaceblobstore/paths/diabetes-table"}
        return {
            "taskDetails": {
                "taskType": "Classification",
                "primaryMetric": "Accuracy",
                "targetColumnName": "Diabetic",
                "logVerbosity": "Info",
                "trainingData": data,
                "limitSettings": {"maxTrials": 5, "maxConcurrentTrials": 2, "timeout": "PT1H"},
                "trainingSettings": {"enableStackEnsemble": True, "enableVoteEnsemble": True},
            },
        }
    if kind == "Pipeline":
        # The SDK can't read a step without a component.
        component = f"{workspace}/components/azureml_anonymous/versions"
        return {"jobs": {step: {"type": "command", "componentId": f"{component}/{step}"} for step in _STEPS}}
    return {
        "entry": {"sparkJobEntryType": "SparkJobPythonEntry", "file": "clean.py"},
        "codeId": None,
        "resources": {"instanceType": "Standard_E4s_v3", "runtimeVersion": "3.4"},
        "conf": {"spark.driver.cores": "1", "spark.executor.instances": "2"},
    }


def _children(kind: str, parent: str, workspace: WorkspaceId, random: Random) -> Iterator[tuple[str, dict[str, Any]]]:
    if kind == "Pipeline":
        for step in _STEPS:
            definition = _definition("Command", workspace, random)
            yield f"{parent}_{step}", {"jobType": "Command", "displayName": step, **definition}
    if kind in ("Sweep", "AutoML"):
        for number in range(random.randint(3, 8)):
            values = json.dumps({"reg_rate": round(random.uniform(0.001, 0.1), 4)})
            definition = _definition("Command", workspace, random)
            details = {"tags": {"hyperparameters": values}, "displayName": f"{parent}_{number}", **definition}
            yield f"{parent}_{number}", {"jobType": "Command", **details}
