"""What pre-flight found: one line on narrow screens, beside the form on wide ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.fields import fault_line
from screens.lists import counted, shown
from screens.widgets.status import size_text
from services.entities import Preflight
from services.errors import Fault

LISTED = 200
"""Files of the code folder that the panel names."""


def verdict(faults: Sequence[Fault], *, started: bool) -> Content:
    """One line: whether ctrl+s would start the job."""
    counts = {severity: sum(f.severity == severity for f in faults) for severity in ("error", "warning", "note")}
    told = [
        counted(count, noun, f"{noun}s")
        for noun, count in (("warning", counts["warning"]), ("note", counts["note"]))
        if count
    ]
    if not started:
        return Content.styled("◌ Pre-flight looks at the job while you type", "dim")
    if counts["error"]:
        told.insert(0, counted(counts["error"], "fault", "faults"))
        return Content.styled(f"✗ {' · '.join(told)}", "bold $text-error")
    rest = f" · {' · '.join(told)}" if told else ""
    return Content.assemble(("✓ Ready: ctrl+s submits", "bold $text-success"), (rest, "dim"))


def code_text(preflight: Preflight) -> str:
    """`3 files, 4.2 kB will be taken; 2 left out by .amlignore`."""
    if not preflight.code_files:
        return ""
    taken = f"{counted(len(preflight.code_files), 'file', 'files')}, {size_text(preflight.code_size)} will be taken"
    by = f" by {preflight.ignore_file}" if preflight.ignore_file else ""
    return taken + (f"; {len(preflight.left_out):,} left out{by}" if preflight.left_out else "")


def listing_text(preflight: Preflight) -> str:
    """Every file that will be taken with its bytes, then what will not; an empty text without a code folder."""
    if not preflight.code_files:
        return ""
    lines = [code_text(preflight), "", *(f"{size:>14,}  {path}" for path, size in preflight.code_files)]
    if preflight.left_out:
        lines += ["", "Left out", *(f"{'':14}  {path}" for path in preflight.left_out)]
    return "\n".join(lines)


def git_text(git: Mapping[str, str]) -> str:
    """`0a1b2c3d* on main; * means uncommitted changes`, as a job's page shows it."""
    commit = git.get("azureml.git.commit") or git.get("mlflow.source.git.commit", "")
    if not commit:
        return ""
    branch = git.get("azureml.git.branch", "")
    dirty = git.get("azureml.git.dirty", "").lower() == "true"
    text = commit[:8] + ("*" if dirty else "") + (f" on {branch}" if branch else "")
    return shown(text + ("; * means uncommitted changes" if dirty else ""))


class CheckPanel(VerticalScroll, can_focus=False):
    """Verdict, faults and notes, the files that will be taken, the git state."""

    DEFAULT_CSS = """
    CheckPanel { width: 48; border-left: solid $panel; padding: 0 1; }
    CheckPanel Static { height: auto; }
    """

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(id="check", markup=False)

    def show(self, line: Content, faults: Sequence[Fault], preflight: Preflight) -> None:
        """Draw what was found."""
        lines = [line, Content("")]
        lines += [fault_line(fault) for fault in faults]
        if faults:
            lines.append(Content(""))
        if preflight.code_files:
            lines += [*_code_lines(preflight), Content("")]
        if git := git_text(preflight.git):
            lines += [Content.styled("Git", "bold"), Content(git)]
        self.query_one("#check", Static).update(Content("\n").join(lines))


def _code_lines(preflight: Preflight) -> list[Content]:
    """What will be taken and what will not, as many as help."""
    lines = [Content.styled("Code", "bold"), Content.styled(code_text(preflight), "dim")]
    for path, size in preflight.code_files[:LISTED]:
        lines.append(Content.assemble((f"{size_text(size):>9}  ", "dim"), shown(path)))
    lines += [Content.styled(f"{'left out':>9}  {shown(path)}", "dim") for path in preflight.left_out[:LISTED]]
    more = max(0, len(preflight.code_files) - LISTED) + max(0, len(preflight.left_out) - LISTED)
    if more:
        lines.append(Content(f"and {more:,} more; ^l lists them all"))
    return lines
