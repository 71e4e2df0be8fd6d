"""The checks of `lapis doctor` that need no workspace. Nothing heavy is imported: versions come from metadata."""

from __future__ import annotations

import json
import locale
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from services.text import masked
from tui.cli.output import Document
from tui.cli.versions import lapis_version, package_version

PACKAGES = ("textual", "rich", "mlflow-skinny", "polars", "pandas", "pydantic", "sqlalchemy", "pillow")
PROGRAM_SECONDS = 10.0
_PROBE = """
import importlib.metadata as m, importlib.util as u, json, platform
def version(*names):
    for name in names:
        try:
            return m.version(name)
        except m.PackageNotFoundError:
            pass
    return ""
print(json.dumps({
    "python": platform.python_version(),
    "mlflow": version("mlflow", "mlflow-skinny") if u.find_spec("mlflow") else "",
    "scikit-learn": version("scikit-learn"), "pandas": version("pandas"), "matplotlib": version("matplotlib"),
    "venv": bool(u.find_spec("venv") and u.find_spec("ensurepip")),
}))
"""


class State(StrEnum):
    """How a check went; NONE tells of what isn't here and need not be."""

    OK = "ok"
    NONE = "none"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: what was found, and what to do if that is not well."""

    group: str
    name: str
    state: State
    text: str
    advice: str = ""

    def document(self) -> Document:
        """For -o json."""
        return {
            "group": self.group,
            "name": self.name,
            "state": self.state.value,
            "text": self.text,
            "advice": self.advice,
        }


def versions() -> list[Check]:
    """Lapis, Python, and the packages that Lapis stands on."""
    group = "versions"
    python = platform.python_version()
    fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
    result = [
        Check(group, "lapis", State.OK, lapis_version()),
        Check(group, "python", State.OK, f"{python} ({sys.executable})")
        if fits
        else Check(group, "python", State.WARN, python, "Lapis is tested on Python 3.11 to 3.13."),
    ]
    exact = _exact_versions()
    for name in PACKAGES:
        found = package_version(name)
        wanted = exact.get(name, found)
        if not found:
            result.append(Check(group, name, State.FAIL, "not installed", "Install Lapis anew."))
        elif found != wanted:
            advice = f"Lapis is tested with {wanted}; give it an environment of its own (pipx, uv tool)."
            result.append(Check(group, name, State.WARN, found, advice))
        else:
            result.append(Check(group, name, State.OK, found))
    result.append(_program(group, "git", ("git", "--version"), "Install git, so that jobs know their commit."))
    for name, use in (("node", "only tests against a storage emulator use it"), ("java", "only Spark uses it")):
        text = output_of_program((name, "--version"))
        result.append(Check(group, name, State.OK, text or f"not found; {use}"))
    return result


def _exact_versions() -> dict[str, str]:
    try:
        wanted = requires("lapis-workbench") or []
    except PackageNotFoundError:
        return {}
    return {match[1]: match[2] for line in wanted if (match := re.fullmatch(r"([\w.-]+)==([^\s;]+)", line))}


def terminal(environ: Mapping[str, str]) -> list[Check]:
    """The terminal: kind, colours, size, encoding, whether it is far away."""
    group = "terminal"
    if not (sys.stdin.isatty() or sys.stdout.isatty() or sys.stderr.isatty()):
        return [Check(group, "terminal", State.OK, "none; commands work, the app needs one")]
    term = environ.get("TERM", "")
    result = [
        Check(group, "TERM", State.OK, term)
        if term not in ("", "dumb", "unknown")
        else Check(group, "TERM", State.WARN, term or "not set", "Set TERM, for example to xterm-256color.")
    ]
    colours = environ.get("COLORTERM", "")
    if environ.get("NO_COLOR"):
        result.append(Check(group, "colours", State.OK, "none, because NO_COLOR is set"))
    elif colours in ("truecolor", "24bit"):
        result.append(Check(group, "colours", State.OK, "16 million"))
    else:
        many = "256" if "256" in term else "16"
        result.append(
            Check(group, "colours", State.OK, f"{many}; COLORTERM=truecolor gives more where the terminal can")
        )
    size = _terminal_size()
    if size.columns < 80 or size.lines < 24:
        advice = "Lapis is made for 80x24 and more; smaller ones lose columns."
        result.append(Check(group, "size", State.WARN, f"{size.columns}x{size.lines}", advice))
    else:
        result.append(Check(group, "size", State.OK, f"{size.columns}x{size.lines}"))
    encoding = locale.getpreferredencoding(False)
    if encoding.upper().replace("-", "") == "UTF8":
        result.append(Check(group, "encoding", State.OK, encoding))
    else:
        result.append(Check(group, "encoding", State.WARN, encoding, "Set LANG to a UTF-8 locale, such as C.UTF-8."))
    far = "SSH_CONNECTION" in environ or "SSH_TTY" in environ
    result.append(Check(group, "over SSH", State.OK, "yes; --low-bandwidth saves bytes" if far else "no"))
    return result


def _terminal_size() -> os.terminal_size:
    for stream in (sys.stdout, sys.stdin, sys.stderr):
        try:
            return os.get_terminal_size(stream.fileno())
        except OSError:
            continue
    return os.terminal_size((80, 24))


def machine(environ: Mapping[str, str]) -> list[Check]:
    """What jobs can use here."""
    group = "jobs on this machine"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    result = [Check(group, "machine", State.OK, f"{os.cpu_count()} cores, {bytes_text(memory)} memory")]
    if Path("/bin/bash").exists():
        result.append(Check(group, "bash", State.OK, "/bin/bash"))
    else:
        result.append(
            Check(group, "bash", State.FAIL, "/bin/bash is missing", "Install bash; it runs the commands of jobs.")
        )
    result += _interpreter(group, environ.get("LAPIS_PYTHON") or sys.executable)
    conda = next(filter(None, map(shutil.which, ("conda", "mamba", "micromamba"))), "")
    result.append(Check(group, "conda", State.OK, conda or "not found; conda files are installed with pip"))
    gpus = output_of_program(("nvidia-smi", "-L"), lines=16)
    result.append(
        Check(
            group, "GPU", State.OK, gpus.replace("\n", "; ") or "none; a job that demands one is refused under --strict"
        )
    )
    return result


def _interpreter(group: str, python: str) -> list[Check]:
    text = output_of_program((python, "-c", _PROBE))
    try:
        found = json.loads(text)
    except ValueError:
        advice = "LAPIS_PYTHON must name a Python interpreter."
        return [Check(group, "interpreter", State.FAIL, f"{python} does not run", advice)]
    result = [Check(group, "interpreter", State.OK, f"Python {found['python']} ({python})")]
    if found["mlflow"]:
        result.append(Check(group, "mlflow", State.OK, found["mlflow"]))
    else:
        advice = f"{python} -m pip install mlflow-skinny"
        result.append(Check(group, "mlflow", State.WARN, "not there: jobs run, but can't log", advice))
    names = ("scikit-learn", "pandas", "matplotlib")
    there = [f"{name} {found[name]}" for name in names if found[name]]
    if len(there) == len(names):
        result.append(Check(group, "examples", State.OK, ", ".join(there)))
    else:
        lacking = ", ".join(name for name in names if not found[name])
        advice = f"{python} -m pip install {lacking.replace(',', '')}"
        result.append(Check(group, "examples", State.WARN, f"they lack {lacking}", advice))
    if found["venv"]:
        result.append(Check(group, "venv", State.OK, "environments of jobs can be built"))
    else:
        advice = "Install the system's package python3-venv."
        result.append(Check(group, "venv", State.WARN, "environments of jobs can't be built", advice))
    return result


def _program(group: str, name: str, command: tuple[str, ...], advice: str) -> Check:
    text = output_of_program(command)
    return Check(group, name, State.OK, text) if text else Check(group, name, State.WARN, "not found", advice)


def output_of_program(command: tuple[str, ...], *, lines: int = 1) -> str:
    """The first lines that a program prints; empty if it is missing, fails or takes too long."""
    path = shutil.which(command[0])
    if path is None:
        return ""
    try:
        done = subprocess.run(
            [path, *command[1:]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PROGRAM_SECONDS,
            check=True,
            cwd="/",
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return masked("\n".join((done.stdout.strip() or done.stderr.strip()).splitlines()[:lines]))


def bytes_text(size: float) -> str:
    """Bytes in the unit that suits them."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
