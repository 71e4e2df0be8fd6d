"""What is wrong with a Spark job beyond its types.

The rules are those of azure-ai-ml 1.35 (azure.ai.ml.entities._job.spark_helpers), which tells the first alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.errors import Fault
from services.specs.command import LITERAL_TYPES, JobInput, JobOutput
from services.specs.common_checks import (
    check_code,
    check_environment,
    check_inputs,
    check_outputs,
    check_placeholders,
    is_remote,
    kind_of,
    local_path,
    near_name,
)
from services.specs.spark import INSTANCE_TYPES, SparkJob

_SIZES = ("spark.driver.cores", "spark.driver.memory", "spark.executor.cores", "spark.executor.memory")
_INSTANCES = "spark.executor.instances"
_DYNAMIC = "spark.dynamicAllocation.enabled"
_LEAST, _MOST = "spark.dynamicAllocation.minExecutors", "spark.dynamicAllocation.maxExecutors"
_MEMORY = re.compile(r"\d+[kKmMgGtTpP]")
_LISTS = ("py_files", "jars", "files", "archives")


def spark_faults(spec: SparkJob, base: Path) -> Iterator[Fault]:
    """Every fault but those of names; what only Azure asks for is a warning."""
    yield from check_code(spec.code, base, [spec.entry.file], "entry.file")
    yield from _check_files(spec, base)
    yield from _check_args(spec)
    yield from check_inputs(spec, base)
    yield from check_outputs(spec)
    yield from _check_modes(spec)
    yield from check_environment(spec, base)
    yield from _check_conf(spec)
    yield from azure_faults(spec, "warning")


def azure_faults(spec: SparkJob, severity: str = "error") -> Iterator[Fault]:
    """What Azure asks for and other Sparks don't: sizes, and where it runs."""
    wanted = [*_SIZES, *([_LEAST, _MOST] if is_dynamic(spec) else [_INSTANCES])]
    if missing := [key for key in wanted if key not in spec.conf]:
        yield Fault("conf", f"Azure requires {', '.join(missing)}", severity)
    if spec.compute is None and spec.resources is None:
        yield Fault("resources", "Azure requires resources (serverless Spark) or the compute of a Spark pool", severity)
    elif spec.compute and spec.resources:
        yield Fault("resources", "a Spark job has resources (serverless Spark) or a compute, not both", severity)
    elif spec.resources and spec.resources.instance_type.lower() not in INSTANCE_TYPES:
        expected = ", ".join(INSTANCE_TYPES)
        yield Fault("resources.instance_type", f"expected {expected}, got {spec.resources.instance_type!r}", severity)


def is_dynamic(spec: SparkJob) -> bool:
    """Whether Spark chooses how many executors there are."""
    return str(spec.conf.get(_DYNAMIC, "")).lower() == "true"


def _check_files(spec: SparkJob, base: Path) -> Iterator[Fault]:
    code = None if spec.code is None or is_remote(spec.code) else local_path(base, spec.code)
    for field in _LISTS:
        seen: set[str] = set()
        for index, path in enumerate(getattr(spec, field) or ()):
            at = f"{field}.{index}"
            if path in seen:
                yield Fault(at, f"{path} stands twice")
            seen.add(path)
            if code is None or is_remote(path) or kind_of(code / path):
                continue
            near = near_name(code / path)
            hint = f"; did you mean {near}?" if near else ""
            yield Fault(at, f"{path} is not in the code folder {code}{hint}")


def _check_args(spec: SparkJob) -> Iterator[Fault]:
    defined = {f"inputs.{name}" for name in spec.inputs} | {f"outputs.{name}" for name in spec.outputs}
    used: set[str] = set()
    yield from check_placeholders("args", spec.args or "", defined, used)
    for key in sorted(defined - used):
        yield Fault(key, f"is never used; args names no ${{{{{key}}}}}", "warning")


def _check_modes(spec: SparkJob) -> Iterator[Fault]:
    for section, ports in (("inputs", spec.inputs), ("outputs", spec.outputs)):
        for name, given in ports.items():
            if not isinstance(given, JobInput | JobOutput) or given.type in LITERAL_TYPES:
                continue
            if given.mode not in (None, "direct"):
                yield Fault(f"{section}.{name}.mode", f"Spark reads and writes data directly; expected direct, got "
                            f"{given.mode}")  # fmt: skip


def _check_conf(spec: SparkJob) -> Iterator[Fault]:
    for key in (_SIZES[1], _SIZES[3]):
        value = spec.conf.get(key)
        if value is not None and not _MEMORY.fullmatch(str(value)):
            yield Fault(f"conf.{key}", f"expected a size such as 2g or 512m, got {value!r}")
    numbers: dict[str, int] = {}
    for key in (_SIZES[0], _SIZES[2], _INSTANCES, _LEAST, _MOST):
        if key not in spec.conf:
            continue
        if (number := _whole(spec.conf[key])) is None:
            yield Fault(f"conf.{key}", f"expected a whole number above 0, got {spec.conf[key]!r}")
        else:
            numbers[key] = number
    least, most, count = (numbers.get(key) for key in (_LEAST, _MOST, _INSTANCES))
    if not is_dynamic(spec):
        for key in (_LEAST, _MOST):
            if key in spec.conf:
                yield Fault(f"conf.{key}", f"means nothing without {_DYNAMIC}: true")
    elif least is not None and most is not None:
        if least > most:
            yield Fault(f"conf.{_LEAST}", f"{least} is more than the {most} of maxExecutors")
        elif count is not None and not least <= count <= most:
            yield Fault(f"conf.{_INSTANCES}", f"{count} is not between {least} and {most} (dynamicAllocation)")


def _whole(value: Any) -> int | None:
    """A number above 0, or None."""
    text = str(value)
    return int(text) if text.isdecimal() and int(text) > 0 else None
