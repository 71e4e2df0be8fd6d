from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.azure import job_mapping
from services.azure.job_specs import command_spec, is_spark
from services.entities import JobStatus, JobType, StatusChange
from services.specs.command import CommandJob, JobInput, JobOutput, JobResources
from services.specs.reading import parse_document, read_job
from services.specs.spark import SparkJob, SparkResources

pytestmark = pytest.mark.azure

BODIES = Path(__file__).parents[2] / "../shared/reference/azure_bodies"
WS = "/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def true_body(name: str) -> dict[str, Any]:
    """A body of the service, as it came."""
    path = BODIES / f"{name}.json"
    if not path.is_file():
        pytest.skip("the true bodies are not on this machine (../shared/reference/azure_bodies)")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def through_sdk(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body as the SDK's own model hands it on."""
    from azure.ai.ml._restclient.arm_ml_service.models import JobBase

    found: dict[str, Any] = JobBase._deserialize(dict(body), []).as_dict()
    return found


def command_body(**properties: Any) -> dict[str, Any]:
    """A command job as the service answers it."""
    return {
        "id": f"{WS}/jobs/keen_star_1",
        "name": "keen_star_1",
        "properties": {
            "jobType": "Command",
            "status": "Running",
            "displayName": "train",
            "experimentName": "diabetes",
            "command": "python train.py",
            "environmentId": f"{WS}/environments/sk/versions/3",
            "computeId": f"{WS}/computes/cpu-cluster",
            **properties,
        },
        "systemData": {"createdAt": "2026-03-01T11:00:00.1234567+00:00", "createdBy": "Ada"},
    }


def job_of(body: Mapping[str, Any], run: Mapping[str, Any] | None = None) -> Any:
    summary = job_mapping.job_summary(body)
    assert summary is not None
    return job_mapping.job_of(body, run or {}, summary)


class TestTrueBodies:
    @pytest.mark.parametrize("way", [dict, through_sdk])
    def test_a_command_job(self, way: Any) -> None:
        body = way(true_body("command_job_get"))
        job = job_of(body)
        assert job.summary == job_mapping.job_summary(body)
        assert (job.name, job.summary.display_name) == ("test_334734506738", "test_dataset_display_name1")
        assert (job.status, job.summary.type) == (JobStatus.PREPARING, JobType.COMMAND)
        assert job.summary.created_at == datetime(2026, 3, 27, 4, 2, 32, 701698, UTC)
        assert (job.summary.compute, job.summary.experiment_name) == ("serverless", "mfe-test1-dataset")
        assert (job.command, job.environment) == ("pip freeze", "AzureML-sklearn-1.0-ubuntu20.04-py38-cpu:33")
        (given,) = job.inputs
        assert (given.name, given.type, given.mode) == ("testdataset", "uri_folder", "ro_mount")
        assert given.value.startswith("azureml://datastores/workspaceblobstore/paths/LocalUpload/")
        assert job.outputs == ()
        assert job.studio_url.startswith("https://ml.azure.com/runs/test_334734506738?wsid=")
        assert job.code == ""

    def test_a_sweep(self) -> None:
        job = job_of(true_body("sweep_job_put_201"))
        assert (job.summary.type, job.status) == (JobType.SWEEP, JobStatus.RUNNING)
        assert (job.primary_metric, job.timeout) == ("accuracy", 300)
        assert job.command.startswith("python ./sweep_script.py --lr ${{search_space.lr}}")
        assert job.summary.tags == {}, "what the service keeps in tags for itself is no tag of anybody's"
        assert job.code == "azureml:83eb68f5-8468-439d-89d0-626f504652e6:1"

    def test_an_automl_job(self) -> None:
        job = job_of(true_body("automl_job_put_201"))
        assert job.summary.type is JobType.AUTOML
        assert job.primary_metric.lower() == "accuracy"

    @pytest.mark.parametrize("name", ["command_job_put_201", "sweep_job_put_201", "automl_job_put_201"])
    def test_each_is_shown_as_yaml(self, name: str) -> None:
        shown = parse_document(job_mapping.entity_yaml(true_body(name)))
        assert shown


class TestOddBodies:
    @pytest.mark.parametrize("body", [{}, {"name": None}, {"name": ""}, {"properties": {"jobType": "Command"}}])
    def test_what_has_no_name_is_no_job(self, body: dict[str, Any]) -> None:
        assert job_mapping.job_summary(body) is None
        assert job_mapping.run_summary(body) is None

    @pytest.mark.parametrize(
        "properties", [None, {}, [], "text", {"jobType": "Quantum", "status": "Pondering"}, {"tags": None}]
    )
    def test_a_name_is_enough(self, properties: Any) -> None:
        job = job_of({"name": "a", "properties": properties, "systemData": None})
        assert (job.name, job.status, job.summary.type) == ("a", JobStatus.UNKNOWN, JobType.OTHER)
        assert job.summary.display_name == "a"
        assert job.yaml

    def test_every_field_may_be_null_or_of_another_type(self) -> None:
        whole = command_body(
            inputs={
                "d": {"jobInputType": "uri_file", "uri": "u", "mode": "Download"},
                "r": {"jobInputType": "literal"},
            },
            outputs={"o": {"jobOutputType": "uri_folder", "uri": None, "mode": "Upload"}},
            tags={"k": "v"},
            properties={"p": "v"},
            limits={"timeout": "PT1M"},
            resources={"instanceCount": 2, "instanceType": "Standard_DS3_v2"},
            distribution={"distributionType": "PyTorch", "processCountPerInstance": 2},
            identity={"identityType": "Managed"},
            queueSettings={"jobTier": "Spot"},
            services={"Studio": {"endpoint": "https://ml.azure.com/x"}},
            environmentVariables={"A": "b"},
        )
        assert job_of(whole).studio_url == "https://ml.azure.com/x"
        for field in whole["properties"]:
            values: list[Any] = [None, 7, "odd", [], {}, {"odd": None}, {"odd": {"odd": [1]}}]
            for odd in values:
                broken = {**whole, "properties": {**whole["properties"], field: odd}}
                assert job_of(broken).name == "keen_star_1", (field, odd)

    @pytest.mark.parametrize("error", [None, "text", {}, {"error": None}, {"error": {"message": None}}, {"error": []}])
    def test_a_run_without_an_error(self, error: Any) -> None:
        assert job_mapping.run_error({"error": error}) == ""
        assert job_mapping.exit_code({"error": error}) is None


class TestRuns:
    def test_the_exit_code_stands_in_the_error(self) -> None:
        said = "Execution failed. User process 'python' exited with status code 137. Please check log file."
        run = {"error": {"error": {"code": "UserError", "message": said}}}
        assert (job_mapping.run_error(run), job_mapping.exit_code(run)) == (said, 137)

    def test_a_message_may_be_json(self) -> None:
        said = json.dumps({"Compliant": "hidden", "NonCompliant": "No image sig=abcdefghijklmnopqrst"})
        run = {"error": {"error": {"message": said}}}
        assert job_mapping.run_error(run) == "No image sig=<redacted>"

    def test_a_trial(self) -> None:
        run = {
            "runId": "sweep_0",
            "parentRunId": "sweep",
            "displayName": "trial 0",
            "status": "Completed",
            "createdUtc": "2026-03-01T11:00:00Z",
            "startTimeUtc": "2026-03-01T11:01:00Z",
            "endTimeUtc": "2026-03-01T11:02:00Z",
            "runType": "azureml.scriptrun",
            "target": "cpu-cluster",
            "createdBy": {"userName": "Ada"},
            "tags": {"hyperparameters": '{"lr": 0.1}', "_aml_system_x": "1"},
        }
        found = job_mapping.run_summary(run)
        assert found is not None
        assert (found.name, found.parent_name, found.type) == ("sweep_0", "sweep", JobType.COMMAND)
        assert (found.duration(NOW), found.compute, found.created_by) == (60, "cpu-cluster", "Ada")
        assert found.tags == {"hyperparameters": '{"lr": 0.1}'}

    def test_the_best_trial(self) -> None:
        body = command_body(jobType="Sweep")
        assert job_of(body, {"properties": {"best_child_run_id": "sweep_3"}}).best_child_name == "sweep_3"
        tagged = command_body(jobType="AutoML", tags={"automl_best_child_run_id": "automl_7"})
        assert job_of(tagged).best_child_name == "automl_7"

    def test_a_job_that_runs_has_no_end(self) -> None:
        run = {"startTimeUtc": "2026-03-01T11:01:00Z", "endTimeUtc": "2026-03-01T11:02:00Z"}
        summary = job_mapping.job_summary(command_body())
        assert summary is not None
        assert job_mapping.with_run(summary, run).ended_at is None
        done = job_mapping.job_summary(command_body(status="Completed"))
        assert done is not None
        assert job_mapping.with_run(done, run).duration(NOW) == 60


class TestTimeline:
    def test_the_steps_are_in_order_and_end_with_the_end(self) -> None:
        run = {"startTimeUtc": "2026-03-01T11:01:00Z", "endTimeUtc": "2026-03-01T11:02:00Z"}
        summary = job_mapping.job_summary(command_body(status="Canceled"))
        assert summary is not None
        summary = job_mapping.with_run(summary, run)
        seen = [
            StatusChange(JobStatus.QUEUED, summary.created_at - timedelta(seconds=5)),
            StatusChange(JobStatus.CANCEL_REQUESTED, summary.created_at + timedelta(hours=3)),
            StatusChange(JobStatus.CANCELED, summary.created_at + timedelta(hours=4)),
        ]
        steps = job_mapping.timeline(summary, seen)
        assert [change.status for change in steps] == [
            JobStatus.NOT_STARTED,
            JobStatus.QUEUED,
            JobStatus.RUNNING,
            JobStatus.CANCEL_REQUESTED,
            JobStatus.CANCELED,
        ]
        assert [change.at for change in steps] == sorted(change.at for change in steps)
        assert steps[-1].at == summary.ended_at

    def test_what_was_seen_late_comes_before_the_run(self) -> None:
        summary = job_mapping.job_summary(command_body(status="Running"))
        assert summary is not None
        summary = job_mapping.with_run(summary, {"startTimeUtc": "2026-03-01T11:01:00Z"})
        assert summary.started_at is not None
        seen = [
            StatusChange(status, summary.started_at + timedelta(seconds=late))
            for late, status in enumerate((JobStatus.QUEUED, JobStatus.PREPARING, JobStatus.RUNNING))
        ]
        steps = [change.status for change in job_mapping.timeline(summary, seen)]
        assert steps == [JobStatus.NOT_STARTED, JobStatus.QUEUED, JobStatus.PREPARING, JobStatus.RUNNING]


class TestSpecs:
    def test_a_clone_says_what_was_said(self) -> None:
        body = command_body(
            codeId=f"{WS}/codes/abc/versions/1",
            description="why",
            tags={"k": "v"},
            properties={"own": "1", "_azureml.ClusterName": "x", "ContentSnapshotId": None, "lapis.spec": "y"},
            environmentVariables={"API_KEY": "hunter2hunter2"},
            inputs={
                "data": {"jobInputType": "uri_file", "uri": f"{WS}/data/titanic/versions/2", "mode": "Download"},
                "rate": {"jobInputType": "literal", "value": "0.01"},
                "epochs": {"jobInputType": "literal", "value": "3"},
                "final": {"jobInputType": "literal", "value": "True"},
                "note": {"jobInputType": "literal", "value": "nan"},
            },
            outputs={
                "default": {"jobOutputType": "uri_folder", "uri": "azureml://datastores/a/ExperimentRun/dcid.x"},
                "model": {
                    "jobOutputType": "mlflow_model",
                    "uri": "azureml://datastores/workspaceblobstore/paths/azureml/keen_star_1/model/",
                    "mode": "ReadWriteMount",
                },
                "table": {"jobOutputType": "uri_file", "uri": "azureml://datastores/d/paths/mine.csv"},
            },
            resources={"instanceCount": 2, "shmSize": "2g"},
            limits={"timeout": "P1DT1H1M1S"},
        )
        spec = command_spec(body)
        assert spec == CommandJob(
            "python train.py",
            name="keen_star_1",
            display_name="train",
            experiment_name="diabetes",
            description="why",
            tags={"k": "v"},
            properties={"own": "1"},
            code="azureml:abc:1",
            environment="azureml:sk:3",
            environment_variables={"API_KEY": "hunter2hunter2"},
            compute="azureml:cpu-cluster",
            inputs={
                "data": JobInput("uri_file", "azureml:titanic:2", "download"),
                "rate": 0.01,
                "epochs": 3,
                "final": True,
                "note": "nan",
            },
            outputs={
                "model": JobOutput("mlflow_model", mode="rw_mount"),
                "table": JobOutput("uri_file", "azureml://datastores/d/paths/mine.csv"),
            },
            limits=spec.limits,
            resources=JobResources(instance_count=2),
        )
        assert spec.limits is not None
        assert spec.limits.timeout == 86400 + 3661
        job = job_of(body)
        assert "hunter2" not in job.yaml + str(job)
        assert read_job(parse_document(job.yaml)).inputs == spec.inputs
        assert job.outputs[0].resolved.endswith("azureml/keen_star_1/model/")

    def test_a_place_that_was_left_to_the_service(self) -> None:
        body = command_body(outputs={"o": {"jobOutputType": "uri_folder", "uri": None}})
        assert (
            job_mapping.output_uri(body, "o") == "azureml://datastores/workspaceblobstore/paths/azureml/keen_star_1/o/"
        )
        assert job_mapping.output_uri(body, "p") == ""
        template = "azureml://datastores/${{default_datastore}}/paths/azureml/${{name}}/${{output_name}}"
        body = command_body(outputs={"o": {"jobOutputType": "uri_folder", "uri": template}})
        assert (
            job_mapping.output_uri(body, "o") == "azureml://datastores/workspaceblobstore/paths/azureml/keen_star_1/o"
        )

    def test_a_spark_job_is_told_as_az_ml_writes_it(self) -> None:
        conf = {
            "spark.driver.cores": "1",
            "spark.driver.memory": "2g",
            "spark.hadoop.fs.azure.account.key.x": "hunter2",
        }
        body = command_body(
            jobType="Spark", command=None, environmentId=None, computeId=None, conf=conf,
            codeId=f"{WS}/codes/c/versions/1",
            entry={"sparkJobEntryType": "SparkJobPythonEntry", "file": "wrangle.py"}, args="--rate ${{inputs.rate}}",
            inputs={"rate": {"jobInputType": "literal", "value": "0.1"}}, pyFiles=["a.zip"],
            resources={"instanceType": "standard_e4s_v3", "runtimeVersion": "3.4", "instanceCount": 1},
        )  # fmt: skip
        job = job_of(body)
        assert (job.summary.type, job.summary.compute) == (JobType.SPARK, "serverless")
        assert job.command == "spark-submit wrangle.py --rate ${{inputs.rate}}"
        assert "hunter2" not in job.yaml
        spec = read_job(parse_document(job.yaml))
        assert isinstance(spec, SparkJob)
        assert (spec.entry.file, spec.code, spec.py_files) == ("wrangle.py", "azureml:c:1", ["a.zip"])
        assert spec.conf["spark.driver.cores"] == 1
        assert spec.resources == SparkResources("standard_e4s_v3", "3.4")

    def test_a_class_of_a_jar_is_no_entry_that_az_ml_writes(self) -> None:
        entry = {"sparkJobEntryType": "SparkJobScalaEntry", "className": "org.example.Main"}
        assert not is_spark(command_body(jobType="Spark", entry=entry))

    def test_secrets_of_other_types_are_masked_too(self) -> None:
        body = command_body(
            jobType="Spark",
            environmentVariables={"DB_PASSWORD": "hunter2hunter2"},
            conf={"fs.azure.account.key": "AccountKey=abcdefghijklmnopqrstuvwx"},
        )
        shown = job_mapping.entity_yaml(body)
        assert "hunter2" not in shown
        assert "abcdefghijklmnop" not in shown
