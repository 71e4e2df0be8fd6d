"""Spark jobs on this machine: what they run as, what is replaced, and why one can't run."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.errors import SpecError
from services.local import spark
from services.local.workspace import LocalWorkspace
from services.specs.command import JobInput, JobOutput
from services.specs.spark import SparkEntry, SparkJob, SparkResources
from services.wrangling.engines import NO_JAVA

JOB = SparkJob(
    SparkEntry("clean.py"),
    code="src",
    args="--input ${{inputs.table}} --output ${{outputs.result}}",
    conf={"spark.driver.memory": "2g", "spark.executor.instances": 2, "spark.sql.ansi.enabled": True},
    inputs={"table": JobInput("uri_file", "table.csv", "direct")},
    outputs={"result": JobOutput("uri_folder", mode="direct")},
    resources=SparkResources("standard_e4s_v3"),
)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The folder of the job's file."""
    folder = tmp_path / "base"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "clean.py").touch()
    (folder / "table.csv").write_text("a\n1\n")
    return folder


def test_it_runs_by_spark_submit_on_the_cores_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAPIS_SPARK_PYTHON", raising=False)
    monkeypatch.setattr(spark, "has_java", lambda: True)
    command, faults = spark.local_spark(JOB)
    assert command.command == (
        "spark-submit --master 'local[*]' --conf spark.ui.showConsoleProgress=false --conf spark.log.level=WARN"
        " --conf spark.driver.memory=2g --conf spark.sql.ansi.enabled=true"
        " clean.py --input ${{inputs.table}} --output ${{outputs.result}}"
    )
    assert "pyspark==3.5.9" in str(command.environment)
    assert command.inputs == {"table": JobInput("uri_file", "table.csv")}
    assert [str(fault) for fault in faults] == ["resources: Spark runs on the cores of this machine"]


def test_a_master_gets_the_sizes_of_its_executors() -> None:
    conf = {**JOB.conf, "spark.master": "spark://host:7077"}
    command, _ = spark.local_spark(SparkJob(SparkEntry("clean.py"), code="src", conf=conf, py_files=["a.zip", "b.py"]))
    assert command.command.startswith("spark-submit --master spark://host:7077 ")
    assert "--conf spark.executor.instances=2" in command.command
    assert command.command.endswith("--py-files a.zip,b.py clean.py")
    assert "spark.master" not in command.command


async def test_without_java_it_is_refused_with_the_reason(
    local: LocalWorkspace, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark, "has_java", lambda: False)
    with pytest.raises(SpecError) as caught:
        await local.jobs.submit(JOB, base=base)
    assert [str(fault) for fault in caught.value.faults] == [f"type: Spark {NO_JAVA}"]
