"""The git state of a code folder, as the job properties that azure-ai-ml and MLflow give it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

_TIMEOUT = 5.0
"""Seconds; a folder on a slow network drive must not hold up a submit."""


def _git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def git_state(folder: Path) -> dict[str, str]:
    """Repository, branch, commit and whether the folder is dirty; empty outside a repository or without git.

    Keys as in azure-ai-ml (azure.ai.ml._utils._git_utils): `azureml.git.repository_uri`, ...
    """
    folder = folder if folder.is_dir() else folder.parent
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return {}
    uri = re.sub(r"(://)[^/@]*@", r"\1", _git(folder, "config", "--get", "remote.origin.url"))
    branch = _git(folder, "rev-parse", "--abbrev-ref", "HEAD")
    dirty = bool(_git(folder, "status", "--porcelain", "--", "."))
    state = {
        "azureml.git.repository_uri": uri,
        "mlflow.source.git.repoURL": uri,
        "azureml.git.branch": branch,
        "mlflow.source.git.branch": branch,
        "azureml.git.commit": commit,
        "mlflow.source.git.commit": commit,
        "azureml.git.dirty": str(dirty),
    }
    return {key: value for key, value in state.items() if value}
