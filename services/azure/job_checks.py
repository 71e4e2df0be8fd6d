"""What a workspace lacks of what a job names: found by asking, before anything is uploaded. Blocking."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from services.asset_uris import AssetName, asset_name, datastore_path
from services.azure.resources import Resources, properties_of
from services.errors import Fault
from services.specs.assets import EnvironmentSpec
from services.specs.automl import AutoMLJob
from services.specs.command import CommandJob, JobInput, JobOutput
from services.specs.jobs import AnyJob, program_of
from services.specs.spark import JobSpec, SparkJob
from services.specs.spark_checks import azure_faults
from services.specs.sweep import SweepJob

_KINDS = {"mlflow_model": "models", "custom_model": "models", "triton_model": "models"}
_CURATED = "AzureML-"
"""Begins the names of environments of the service, which are not all listed in a workspace."""
_ELSEWHERE = ("", "serverless", "local")


class JobChecks:
    """Asks a workspace."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def faults(self, spec: AnyJob) -> Iterator[Fault]:
        """What is not there, or can't run the job."""
        yield from self._compute(spec)
        program = program_of(spec)
        for fault in self._environment(program) if program else ():
            yield replace(fault, path=f"trial.{fault.path}") if isinstance(spec, SweepJob) else fault
        if isinstance(spec, SparkJob):
            yield from azure_faults(spec)
        if isinstance(spec, AutoMLJob) and spec.training and spec.training.stack_ensemble_settings:
            yield Fault("training.stack_ensemble_settings", "azure-ai-ml 1.35 fails on these; leave them out")
        for name, given in spec.inputs.items():
            if isinstance(given, JobInput) and given.path:
                at = name if isinstance(spec, AutoMLJob) else f"inputs.{name}"
                yield from self._input(f"{at}.path", given.type, given.path)
        for name, output in spec.outputs.items():
            uri = output.path if isinstance(output, JobOutput) else output
            if uri:
                yield from self._datastore(
                    f"outputs.{name}.path" if isinstance(output, JobOutput) else f"outputs.{name}", uri
                )

    def _compute(self, spec: AnyJob) -> Iterator[Fault]:
        name = (spec.compute or "").removeprefix("azureml:")
        if name in _ELSEWHERE or "/" in name:
            if name == "local":
                yield Fault("compute", "local is this machine, which an Azure workspace can't reach; name a compute")
            return
        found = self._resources.find("computes", name)
        if found is None:
            known = [str(body.get("name")) for body in self._resources.list("computes")]
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
            yield Fault("compute", f"the workspace has no compute named {name}; {hint}")
            return
        outer = properties_of(found)
        inner = outer.get("properties")
        yield from _unfit(name, outer, inner if isinstance(inner, dict) else {}, spec)

    def _environment(self, spec: JobSpec) -> Iterator[Fault]:
        if spec.environment is None:
            if not isinstance(spec, SparkJob):
                yield Fault("environment", "none is given; Azure requires one")
        elif isinstance(spec.environment, EnvironmentSpec):
            if spec.environment.build is not None:
                yield Fault(
                    "environment.build", "Lapis builds no docker images; build and push it, and name it as image"
                )
        elif (asset := asset_name(spec.environment)) and not asset.name.startswith(_CURATED):
            yield from self._asset("environment", "environments", asset)

    def _input(self, at: str, kind: str, uri: str) -> Iterator[Fault]:
        if asset := asset_name(uri):
            yield from self._asset(at, _KINDS.get(kind, "data"), asset)
        else:
            yield from self._datastore(at, uri)

    def _asset(self, at: str, kind: str, asset: AssetName) -> Iterator[Fault]:
        word = {"models": "model", "environments": "environment"}.get(kind, "data asset")
        if asset.version == "latest":
            if self._resources.find(kind, asset.name) is None:
                yield Fault(at, f"the workspace has no {word} named {asset.name}")
        elif self._resources.find(kind, asset.name, "versions", asset.version) is None:
            yield Fault(at, f"the workspace has no {word} {asset.name} of version {asset.version}")

    def _datastore(self, at: str, uri: str) -> Iterator[Fault]:
        # the long form may be of another workspace; an expression is the service's
        if uri.startswith(("azureml://subscriptions/", "azureml://datastores/${{")):
            return
        if (place := datastore_path(uri)) and self._resources.find("datastores", place.datastore) is None:
            yield Fault(at, f"the workspace has no datastore named {place.datastore}")


def _unfit(name: str, outer: Mapping[str, Any], inner: Mapping[str, Any], spec: AnyJob) -> Iterator[Fault]:
    """Why a compute can't run the job now."""
    if str(outer.get("provisioningState")) in ("Failed", "Deleting"):
        yield Fault("compute", f"{name} is of no use: its creation is {outer.get('provisioningState')}")
    state = str(inner.get("state") or "")
    if str(outer.get("computeType")) == "ComputeInstance" and state in ("Stopped", "Stopping"):
        yield Fault("compute", f"{name} is {state.lower()}; the job waits until somebody starts it", "warning")
    if (str(outer.get("computeType")) == "SynapseSpark") != isinstance(spec, SparkJob):
        told = "is no Spark pool" if isinstance(spec, SparkJob) else "is a Spark pool, which runs Spark jobs alone"
        yield Fault("compute", f"{name} {told}")
    if isinstance(spec, SparkJob):
        return
    scale = inner.get("scaleSettings")
    most = scale.get("maxNodeCount") if isinstance(scale, dict) else None
    resources = spec.trial.resources or spec.resources if isinstance(spec, SweepJob) else spec.resources
    count = (resources.instance_count if resources else None) or 1
    at_once = None if isinstance(spec, CommandJob) or not spec.limits else spec.limits.max_concurrent_trials
    if isinstance(most, int) and at_once is not None and at_once > most:
        yield Fault("limits.max_concurrent_trials", f"{name} has at most {most} nodes; other trials wait", "warning")
    if isinstance(most, int) and count > most:
        yield Fault("resources.instance_count", f"{name} has at most {most} nodes; expected no more")
