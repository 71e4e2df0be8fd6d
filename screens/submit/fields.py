"""The fields of a command job."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text
from textual.widget import Widget

from screens.fields import Field, Lines, line_input
from screens.submit.completion import Completion
from screens.submit.ports import Ports
from screens.widgets.path_input import PathInput
from screens.widgets.suggest_input import SuggestInput
from services.specs.expressions import placeholders


class CommandLines(Lines):
    """The command, its placeholders in colour."""

    def get_line(self, line_index: int) -> Text:
        """A line as it is drawn."""
        line = super().get_line(line_index)
        for found in placeholders(line.plain):
            line.stylize("bold cyan", found.start, found.end)
        return line


ENVIRONMENT_EXAMPLE = "azureml:AzureML-sklearn-1.5@latest"
COMPUTE_HINT = "Where it runs; this machine stands in for clusters, with a note"
CLOUD_COMPUTE_HINT = "A cluster or an instance; empty runs serverless"


def job_fields(complete: Completion, *, is_azure: bool) -> Iterable[Widget]:
    """In the order in which a job is thought of."""
    yield Field(
        "code", "Code", PathInput(folders=True, placeholder="./src"),
        hint="The folder that is copied for the job; .amlignore leaves files out",
    )  # fmt: skip
    yield Field(
        "command", "Command", CommandLines(placeholder="python train.py --data ${{inputs.data}}"),
        hint="Runs in the code folder; ${{inputs.NAME}} stands for an input below",
    )  # fmt: skip
    yield Ports("inputs", complete.inputs)
    yield Ports("outputs", complete.outputs)
    yield Field(
        "environment",
        "Environment",
        SuggestInput(
            complete=complete.environment_names,
            placeholder=ENVIRONMENT_EXAMPLE if is_azure else "this interpreter",
        ),
        hint="azureml:NAME@latest, the path of a conda file, or a docker image",
    )
    yield Field(
        "compute",
        "Compute",
        SuggestInput(complete=complete.compute_names, placeholder="serverless" if is_azure else "this machine"),
        hint=CLOUD_COMPUTE_HINT if is_azure else COMPUTE_HINT,
    )
    yield Field(
        "resources.instance_type", "Instance type", line_input(placeholder="the default of the workspace"),
        hint="Serverless: the size of machine, such as Standard_DS3_v2",
    )  # fmt: skip
    yield Field("display_name", "Display name", line_input(), hint="What lists show")
    yield Field(
        "experiment_name",
        "Experiment",
        line_input(placeholder="the folder that paths start from"),
        hint="Groups jobs that are compared",
    )
    yield Field("name", "Name", line_input(placeholder="made at submit"), hint="The job's identity; leave it empty")
    yield Field("description", "Description", Lines(), hint="What is tried, and why")
    yield Field("tags", "Tags", Lines(placeholder="key=value"), hint="key=value, one a line")
    yield Field(
        "environment_variables",
        "Variables",
        Lines(placeholder="KEY=value"),
        hint="Environment variables: KEY=value, one a line",
    )
    yield Field(
        "limits", "Time limit", line_input(placeholder="none"), hint="Seconds, or 90m, 1h30m; the job is ended then"
    )
