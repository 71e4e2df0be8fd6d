"""A Spark job on this machine: `spark-submit` in an environment of its own, on all cores or on a Spark master.

Spark's pandas (pyspark.pandas) does not import beside the pandas that Lapis has, so that the environment is another
one, built when a job first needs it. LAPIS_SPARK_PYTHON names the interpreter of one that is there already.
"""

from __future__ import annotations

import os
import shlex
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.errors import Fault
from services.specs.assets import EnvironmentSpec
from services.specs.command import LITERAL_TYPES, CommandJob, JobInput, JobOutput
from services.specs.spark import SparkJob
from services.wrangling.engines import NO_JAVA, has_java

PACKAGES = ("pyspark==3.5.9", "pandas==2.2.3", "numpy<2", "pyarrow<20", "setuptools")
"""What Spark needs: pyspark.pandas 3.5 goes with pandas 2."""
ALL_CORES = "local[*]"
MASTER = "spark.master"
_ONLY_ON_CLUSTERS = ("spark.executor.instances", "spark.dynamicAllocation.")
"""Settings that mean nothing where driver and executor are one process."""


def local_spark(spec: SparkJob) -> tuple[CommandJob, list[Fault]]:
    """The command that runs a Spark job here, and what is wrong with that or replaced."""
    faults = [] if has_java() else [Fault("type", f"Spark {NO_JAVA}")]
    python = os.environ.get("LAPIS_SPARK_PYTHON", "")
    if python and shutil.which(python) is None:
        faults.append(Fault("environment", f"LAPIS_SPARK_PYTHON names {python}, which is no program here"))
    environment = _environment(spec, python)
    if spec.environment is not None and environment is not spec.environment:
        faults.append(Fault("environment", f"is replaced by {PACKAGES[0].replace('==', ' ')} of this machine", "note"))
    master = str(spec.conf.get(MASTER, ALL_CORES))
    if master == ALL_CORES:
        faults.append(
            Fault("resources" if spec.resources else "compute", "Spark runs on the cores of this machine", "note")
        )
    submit = "spark-submit" if not python else str(Path(python).parent / "spark-submit")
    command = CommandJob(
        command=" ".join([submit, *_options(spec, master), shlex.quote(spec.entry.file), spec.args or ""]).strip(),
        name=spec.name,
        code=spec.code,
        environment=environment,
        environment_variables={
            "PYSPARK_PYTHON": python or "python",
            "SPARK_LOCAL_IP": "127.0.0.1" if master.startswith("local") else os.environ.get("SPARK_LOCAL_IP", ""),
        },
        inputs={name: _local_input(given) for name, given in spec.inputs.items()},
        outputs={name: _local_output(given) for name, given in spec.outputs.items()},
        identity=spec.identity,
    )
    return command, faults


def _environment(spec: SparkJob, python: str) -> str | EnvironmentSpec | None:
    """The job's own, if it is a conda file; else Spark and what goes with it, unless there is such an interpreter."""
    own = spec.environment
    if isinstance(own, EnvironmentSpec) and own.conda_file is not None:
        return own
    if python:
        return None
    return EnvironmentSpec(name="Spark", conda_file={"dependencies": [{"pip": list(PACKAGES)}]})


def _options(spec: SparkJob, master: str) -> list[str]:
    conf = {"spark.log.level": "WARN", **spec.conf}
    conf.pop(MASTER, None)
    if master.startswith("local"):
        conf = {key: value for key, value in conf.items() if not key.startswith(_ONLY_ON_CLUSTERS)}
    options = ["--master", shlex.quote(master), "--conf", "spark.ui.showConsoleProgress=false"]
    for key, value in conf.items():
        options += ["--conf", shlex.quote(f"{key}={_conf_value(value)}")]
    lists = {"--py-files": spec.py_files, "--jars": spec.jars, "--files": spec.files, "--archives": spec.archives}
    for option, paths in lists.items():
        if paths:
            options += [option, shlex.quote(",".join(paths))]
    return options


def _conf_value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _local_input(given: Any) -> Any:
    """Data lies in files here, which Spark reads as well as what is read directly in the cloud."""
    return replace(given, mode=None) if isinstance(given, JobInput) and given.type not in LITERAL_TYPES else given


def _local_output(given: Any) -> Any:
    return replace(given, mode=None) if isinstance(given, JobOutput) else given
