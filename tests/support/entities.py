"""What the workspace in memory holds: one thing of every kind and state, always the same.

Some names and texts are hostile on purpose: markup, escape sequences, bidirectional marks, wide characters.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from services.entities import (
    Artifact,
    Job,
    JobError,
    JobStatus,
    JobSummary,
    JobType,
    MetricPoint,
    Port,
    RunData,
    StatusChange,
)
from services.errors import Fault

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
"""The moment at which all tests of screens take place."""

HOSTILE = "[bold red]x[/] \x1b[31m\x1b]0;owned\x07 \u202egnp.exe 漢字 e\u0301"
"""Text that no screen may obey: markup, colour, a window title, a right-to-left override, wide and combining."""


def ago(**units: float) -> datetime:
    """A time before NOW: `ago(minutes=5)`."""
    return NOW - timedelta(**units)


def summary(
    name: str, status: JobStatus, *, created: datetime, display: str = "", ran: float | None = None, **more: object
) -> JobSummary:
    """A row of the jobs list; `ran` seconds after its start it ended, if its state is terminal."""
    started = created + timedelta(seconds=2) if ran is not None or status is JobStatus.RUNNING else None
    ended = started + timedelta(seconds=ran) if started and ran is not None and status.is_terminal else None
    values: dict[str, object] = {
        "experiment_name": "diabetes",
        "compute": "this-machine",
        "created_by": "ada",
        "started_at": started,
        "ended_at": ended,
    } | more
    return JobSummary(name=name, display_name=display or name, status=status, created_at=created, **values)  # type: ignore[arg-type]


S = JobStatus
JOB_SUMMARIES = (
    summary(
        "plucky_lake_1", S.RUNNING, created=ago(minutes=4), display="train diabetes, reg 0.01", tags={"model": "lr"}
    ),
    summary("calm_reef_2", S.QUEUED, created=ago(minutes=3), display="train diabetes, reg 0.1"),
    summary("busy_moss_3", S.PREPARING, created=ago(minutes=2), display="with its own environment"),
    summary(
        "keen_star_4",
        S.COMPLETED,
        created=ago(hours=1),
        display="train diabetes, reg 0.01",
        ran=74.2,
        tags={"model": "lr", "best": "yes"},
    ),
    summary(
        "sad_rain_5",
        S.FAILED,
        created=ago(hours=2),
        display="reads a missing column",
        ran=8.5,
        error_title="KeyError: 'Diabetic'",
    ),
    summary("grey_fog_6", S.CANCELED, created=ago(hours=3), display="too slow", ran=600.0),
    summary("slow_tide_7", S.CANCEL_REQUESTED, created=ago(minutes=30), display="ends its children", ran=1500.0),
    summary("last_leaf_8", S.FINALIZING, created=ago(minutes=20), display="copies outputs", ran=1190.0),
    summary(
        "evil_name_9",
        S.COMPLETED,
        created=ago(days=1),
        display=HOSTILE,
        ran=3.0,
        experiment_name="[link=x]titanic[/]",
        tags={"note": HOSTILE},
    ),
    summary("lost_ship_10", S.NOT_RESPONDING, created=ago(days=1, hours=2), display="no heart beat", ran=50.0),
    summary("far_hill_11", S.STARTING, created=ago(seconds=12), display="starts"),
    summary(
        "long_name_that_goes_on_and_on_and_never_seems_to_find_its_end_12",
        S.COMPLETED,
        created=ago(days=3),
        display="a display name that is much wider than any column that a list could give to it",
        ran=86400.0,
    ),
    summary("new_dawn_13", S.NOT_STARTED, created=ago(seconds=2), experiment_name="titanic"),
    summary("odd_bird_14", S.UNKNOWN, created=ago(days=9), experiment_name="titanic"),
    summary("old_oak_15", S.COMPLETED, created=ago(days=40), display="archived", ran=61.0, archived=True),
)
"""In order of the list but for the archived one: newest first is not the order here, the fake sorts."""

JOB_ERROR = JobError(
    title="KeyError: 'Diabetic'",
    message='Traceback (most recent call last):\n  File "train.py", line 31, in main\n'
    "    y = table[\"Diabetic\"]\nKeyError: 'Diabetic'",
    file="train.py",
    line=31,
    source_line='y = table["Diabetic"]',
    advice="The table has no such column; its columns are PatientID, Pregnancies, PlasmaGlucose.",
    log_file="user_logs/std_log.txt",
    log_line=12,
)

NOTES = (
    Fault("compute", "cpu-cluster is not on this machine; the job ran here", "note"),
    Fault("environment", "azureml:AzureML-sklearn-1.5@latest is replaced by the Python of this machine", "note"),
)

YAML = """\
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
type: command
display_name: train diabetes, reg 0.01
experiment_name: diabetes
code: ./src
command: >-
  python train.py --training-data ${{inputs.training_data}} --reg-rate ${{inputs.reg_rate}}
inputs:
  training_data:
    type: uri_file
    path: azureml:diabetes:2
    mode: ro_mount
  reg_rate: 0.01
outputs:
  report:
    type: uri_folder
environment: azureml:AzureML-sklearn-1.5@latest
compute: azureml:cpu-cluster
"""


def _timeline(row: JobSummary) -> tuple[StatusChange, ...]:
    steps = [StatusChange(S.NOT_STARTED, row.created_at)]
    if row.status is S.NOT_STARTED:
        return tuple(steps)
    steps.append(StatusChange(S.QUEUED, row.created_at + timedelta(seconds=0.2)))
    if row.status is S.QUEUED:
        return tuple(steps)
    steps.append(StatusChange(S.PREPARING, row.created_at + timedelta(seconds=0.5), "copied 3 files, 12 kB of code"))
    if row.started_at is not None:
        steps.append(StatusChange(S.RUNNING, row.started_at, "pid 4321"))
    if row.ended_at is not None:
        steps.append(StatusChange(S.FINALIZING, row.ended_at - timedelta(seconds=0.1)))
        steps.append(StatusChange(row.status, row.ended_at))
    elif row.status not in (S.PREPARING, S.RUNNING):
        steps.append(StatusChange(row.status, row.created_at + timedelta(seconds=3)))
    return tuple(steps)


def job(row: JobSummary) -> Job:
    """The whole of a job from its row."""
    failed = row.status is S.FAILED
    return Job(
        summary=row,
        description="Logistic regression on the diabetes data",
        command="python train.py --training-data ${{inputs.training_data}} --reg-rate ${{inputs.reg_rate}}",
        code="./src",
        inputs=(
            Port("training_data", "uri_file", "azureml:diabetes:2", "ro_mount", "/ws/jobs/x/inputs/diabetes.csv"),
            Port("reg_rate", "number", "0.01", resolved="0.01"),
        ),
        outputs=(
            Port(
                "report",
                "uri_folder",
                f"azureml://datastores/workspaceblobstore/paths/azureml/{row.name}/report/",
                "rw_mount",
            ),
        ),
        environment="azureml:AzureML-sklearn-1.5@latest",
        environment_variables={"SEED": "42"},
        properties={
            "azureml.git.branch": "main",
            "azureml.git.commit": "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
            "azureml.git.dirty": "True",
            "mlflow.source.git.repoURL": "https://example.org/ada/diabetes.git",
        },
        timeout=3600.0,
        timeline=_timeline(row),
        notes=NOTES,
        error=JOB_ERROR if failed else None,
        exit_code=1 if failed else 0 if row.status is S.COMPLETED else None,
        yaml=YAML,
        run_id=f"{abs(sum(map(ord, row.name))):032x}",
        queue_position=1 if row.status is S.QUEUED else None,
    )


RUN = RunData(
    params={"reg_rate": "0.01", "solver": "liblinear", "note": HOSTILE},
    metrics={"training_accuracy": 0.774, "AUC": 0.8484437, "loss": 0.31, "not_a_number": float("nan")},
    tags={"mlflow.user": "ada", "model": "lr"},
)


@cache
def points(count: int = 50) -> tuple[MetricPoint, ...]:
    """A falling loss of `count` steps, a rising accuracy, and single values."""
    result = [
        MetricPoint("loss", 1 / (1 + step / 5), step, ago(minutes=3) + timedelta(seconds=step)) for step in range(count)
    ]
    result += [MetricPoint("accuracy", 0.774 - 0.3 / (1 + step), step, ago(minutes=3)) for step in range(count)]
    return (
        *result,
        MetricPoint("AUC", 0.8484437, 0, ago(minutes=2)),
        MetricPoint("not_a_number", float("nan"), 0, ago(minutes=2)),
    )


LOG = b"".join(
    [
        b"Training with reg_rate 0.01\n",
        b"\x1b[32mgreen\x1b[0m and \x1b]0;title\x07 and [bold]markup[/bold]\n",
        "wide 漢字, right to left \u202eabc, emoji \U0001f680\n".encode(),
        b" 10%|#         |\r 50%|#####     |\r100%|##########| done\n",
        *(f"step {step}: loss {1 / (1 + step / 5):.4f}\n".encode() for step in range(200)),
        b"Accuracy: 0.774\nAUC: 0.8484437\n",
    ]
)

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a73"
    "0000001649444154789c63f8cfc020177582512eea04030303001d34038129f8add20000000049454e44ae426082"
)
"""2 by 2 pixels."""

ARTIFACTS = (
    Artifact("figures", True),
    Artifact("figures/roc.png", False, 18_244),
    Artifact("model", True, origin="logged_model", uri="models:/m-0123456789abcdef"),
    Artifact("model/MLmodel", False, 812, "logged_model"),
    Artifact("model/model.skops", False, 1_904, "logged_model"),
    Artifact("report", True, origin="output"),
    Artifact("report/summary.txt", False, 311, "output"),
    Artifact("report/[red]odd[/] \u202ename.csv", False, 42, "output"),
    Artifact("metrics.json", False, 96),
)

ARTIFACT_BYTES = {
    "figures/roc.png": PNG,
    "model/MLmodel": b"flavors:\n  sklearn:\n    sklearn_version: 1.7.0\n",
    "report/summary.txt": b"Accuracy 0.774\nAUC 0.8484437\n",
    "metrics.json": b'{"AUC": 0.8484437}\n',
}

CODE = {
    "train.py": b'"""Train."""\n\nimport argparse\n\n\ndef main() -> None:\n    print("training")\n\n\nmain()\n',
    "lib/features.py": b"def scale(x):\n    return x / 2\n",
    "README.md": b"# Diabetes\n",
}

SWEEP = summary(
    "wide_sea_20", S.RUNNING, created=ago(minutes=20), display="sweep reg", type=JobType.SWEEP, child_count=4
)
TRIALS = (
    summary("wide_sea_20_0", S.COMPLETED, created=ago(minutes=19), ran=74.2, parent_name=SWEEP.name),
    summary("wide_sea_20_1", S.COMPLETED, created=ago(minutes=18), ran=61.0, parent_name=SWEEP.name),
    summary("wide_sea_20_2", S.FAILED, created=ago(minutes=17), ran=3.0, parent_name=SWEEP.name),
    summary("wide_sea_20_3", S.RUNNING, created=ago(minutes=2), parent_name=SWEEP.name),
)
"""A sweep and its trials, which the full list doesn't hold."""
