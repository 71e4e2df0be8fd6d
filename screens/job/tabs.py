"""The tabs of the job screen, its keys, and on which tab a key means something."""

from __future__ import annotations

from screens.actions import Action
from screens.job.actions import job_actions
from services.entities import Job, JobType

TABS = {
    "overview": "Overview",
    "params": "Params",
    "metrics": "Metrics",
    "logs": "Logs",
    "images": "Images",
    "outputs": "Outputs",
    "code": "Code",
    "yaml": "YAML",
    "error": "Error",
}
CHILDREN = {"children": "Children"}
"""The tenth tab, of jobs that have children; its key is 0."""
ALL_TABS = {**TABS, **CHILDREN}
PARENTS = (JobType.SWEEP, JobType.AUTOML, JobType.PIPELINE)
ONLY_ON = {
    "follow": ("logs",),
    "wrap": ("logs", "yaml", "code", "outputs"),
    "find": ("logs", "yaml", "code", "outputs"),
    "find_next": ("logs", "yaml", "code", "outputs"),
    "find_previous": ("logs", "yaml", "code", "outputs"),
    "choose_file": ("logs",),
    "table": ("outputs",),
    "next_metric": ("metrics",),
    "log_scale": ("metrics",),
    "smoother": ("metrics",),
    "rougher": ("metrics",),
}
ACTIONS = (
    Action("job.follow", ("f",), "Follow", "Stay at the end of the log while it grows, or stop", footer=2),
    Action("job.wrap", ("w",), "Wrap", "Break long lines, or cut them", footer=3),
    Action("job.find", ("slash",), "Search", "Search the text", footer=2),
    Action("job.find-next", ("n",), "Next", "Next match in the text", footer=4),
    Action("job.find-previous", ("N",), "Previous", "Match before in the text", footer=6),
    Action("job.choose-file", ("o",), "File", "Choose another log file", footer=3),
    Action("job.table", ("p",), "Table", "Show every row of the file as a table", footer=2),
    Action("job.next-metric", ("m",), "Metric", "Chart the next metric; space marks several to overlay", footer=2),
    Action("job.log-scale", ("l",), "Log scale", "Draw the values on a logarithmic axis", footer=2),
    Action("job.smoother", ("plus", "equals_sign"), "Smoother", "Smooth the curves more", footer=3),
    Action("job.rougher", ("minus",), "Rougher", "Smooth the curves less", footer=4),
    *job_actions("job"),
    Action("job.refresh", ("r",), "Refresh", "Read the job again; after trouble, try at once", footer=0),
)


def labels_of(job: Job) -> tuple[str, ...]:
    """The labels of the tabs that a job has."""
    has_children = job.summary.child_count or job.summary.type in PARENTS
    return tuple((ALL_TABS if has_children else TABS).values())
