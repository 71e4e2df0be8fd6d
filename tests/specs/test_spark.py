"""Spark jobs of the az ml schema: read, checked with the place of each fault, written as they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.errors import SpecError
from services.specs.checking import check_job
from services.specs.command import JobInput, JobOutput
from services.specs.reading import parse_document, read_job
from services.specs.show_as import as_yaml
from services.specs.spark import SparkEntry, SparkJob, SparkResources
from services.specs.writing import to_yaml

YAML = """\
$schema: https://azuremlschemas.azureedge.net/latest/sparkJob.schema.json
type: spark
code: ./src
entry:
  file: clean.py
args: --input ${{inputs.table}} --output ${{outputs.result}}
conf:
  spark.driver.cores: 1
  spark.driver.memory: 2g
  spark.executor.cores: 2
  spark.executor.memory: 2g
  spark.executor.instances: 2
inputs:
  table:
    type: uri_file
    path: azureml:titanic:1
    mode: direct
outputs:
  result:
    type: uri_folder
    mode: direct
py_files:
- utils.zip
resources:
  instance_type: standard_e4s_v3
  runtime_version: '3.4'
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The folder of the job's file."""
    for name in ("clean.py", "utils.zip"):
        (tmp_path / "src" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "src" / name).touch()
    return tmp_path


def spark_job(**changed: Any) -> SparkJob:
    job = read_job(parse_document(YAML))
    assert isinstance(job, SparkJob)
    return replace(job, **changed)


def test_it_is_read_and_written_as_it_was(base: Path) -> None:
    job = spark_job()
    assert job.entry == SparkEntry("clean.py")
    assert job.resources == SparkResources("standard_e4s_v3", "3.4")
    assert job.inputs == {"table": JobInput("uri_file", "azureml:titanic:1", "direct")}
    assert check_job(job, base) == ()
    assert to_yaml(job) == YAML


def test_what_the_schema_lacks_and_what_is_misspelt_is_told_with_its_place() -> None:
    with pytest.raises(SpecError) as caught:
        read_job(parse_document(YAML.replace("  file: clean.py", "  fil: clean.py").replace("args:", "arguments:")))
    assert {fault.path for fault in caught.value.faults} == {"entry.fil", "entry.file", "arguments"}


@pytest.mark.parametrize(("changed", "told"), [
    ({"entry": SparkEntry("cleen.py")}, "entry.file: cleen.py is not in the code folder {src}; did you mean clean.py?"),
    ({"code": None}, "code: the entry.file runs clean.py, but no code folder is given"),
    ({"py_files": ["utils.zip", "utils.zip"]}, "py_files.1: utils.zip stands twice"),
    ({"jars": ["own.jar"]}, "jars.0: own.jar is not in the code folder {src}"),
    ({"args": "${{inputs.tabel}} ${{inputs.table}} ${{outputs.result}}"},
     "args: ${{{{inputs.tabel}}}} is not defined; did you mean ${{{{inputs.table}}}}?"),
    ({"args": "${{inputs.table}}"}, "outputs.result: is never used; args names no ${{{{outputs.result}}}}"),
    ({"inputs": {"table": JobInput("uri_file", "azureml:titanic:1", "ro_mount")}},
     "inputs.table.mode: Spark reads and writes data directly; expected direct, got ro_mount"),
    ({"outputs": {"result": JobOutput("uri_folder", mode="upload")}},
     "outputs.result.mode: Spark reads and writes data directly; expected direct, got upload"),
    ({"compute": "azureml:pool"},
     "resources: a Spark job has resources (serverless Spark) or a compute, not both"),
    ({"resources": None},
     "resources: Azure requires resources (serverless Spark) or the compute of a Spark pool"),
])  # fmt: skip
def test_each_fault_is_told_at_its_place(changed: Mapping[str, Any], told: str, base: Path) -> None:
    assert [str(fault) for fault in check_job(spark_job(**changed), base)] == [told.format(src=base / "src")]


@pytest.mark.parametrize(("conf", "told"), [
    ({"spark.driver.memory": "2 GB"}, "conf.spark.driver.memory: expected a size such as 2g or 512m, got '2 GB'"),
    ({"spark.executor.cores": 0}, "conf.spark.executor.cores: expected a whole number above 0, got 0"),
    ({"spark.executor.instances": None}, "conf: Azure requires spark.executor.instances"),
    ({"spark.dynamicAllocation.minExecutors": 1},
     "conf.spark.dynamicAllocation.minExecutors: means nothing without spark.dynamicAllocation.enabled: true"),
    ({"spark.dynamicAllocation.enabled": True, "spark.dynamicAllocation.minExecutors": 4,
      "spark.dynamicAllocation.maxExecutors": 2},
     "conf.spark.dynamicAllocation.minExecutors: 4 is more than the 2 of maxExecutors"),
    ({"spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.minExecutors": 3,
      "spark.dynamicAllocation.maxExecutors": 4},
     "conf.spark.executor.instances: 2 is not between 3 and 4 (dynamicAllocation)"),
])  # fmt: skip
def test_sizes_are_checked_as_the_sdk_does(conf: Mapping[str, Any], told: str, base: Path) -> None:
    changed = {key: value for key, value in {**spark_job().conf, **conf}.items() if value is not None}
    assert [str(fault) for fault in check_job(spark_job(conf=changed), base)] == [told]


def test_a_secret_of_its_settings_is_never_shown() -> None:
    conf = {"spark.hadoop.fs.azure.account.key.x": "c2VjcmV0c2VjcmV0c2VjcmV0", "spark.own.password": "hunter2"}
    shown = as_yaml(spark_job(conf=conf))
    assert "hunter2" not in shown
    assert "c2VjcmV0" not in shown
