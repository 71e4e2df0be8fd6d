"""The git state of a code folder, as job properties."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from services.git import git_state


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a commit, a folder `src` and a remote whose URL holds a secret."""
    for variable in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(variable)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.org")
    folder = tmp_path / "repository"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "train.py").write_text("print()\n")
    git(folder, "init", "-q", "-b", "trunk")
    git(folder, "remote", "add", "origin", "https://ada:hunter2@example.org/team/project.git")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "begin")
    return folder


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_clean_repository(repository: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    assert git_state(repository / "src") == {
        "azureml.git.repository_uri": "https://example.org/team/project.git",
        "mlflow.source.git.repoURL": "https://example.org/team/project.git",
        "azureml.git.branch": "trunk",
        "mlflow.source.git.branch": "trunk",
        "azureml.git.commit": commit,
        "mlflow.source.git.commit": commit,
        "azureml.git.dirty": "False",
    }
    assert git_state(repository / "src" / "train.py") == git_state(repository / "src")


def test_dirty_is_what_would_be_taken(repository: Path) -> None:
    (repository / "notes.txt").touch()
    assert git_state(repository / "src")["azureml.git.dirty"] == "False"
    assert git_state(repository)["azureml.git.dirty"] == "True"
    (repository / "src" / "train.py").write_text("changed\n")
    assert git_state(repository / "src")["azureml.git.dirty"] == "True"


def test_without_a_remote_and_off_a_branch(repository: Path) -> None:
    git(repository, "remote", "remove", "origin")
    git(repository, "checkout", "-q", "--detach")
    state = git_state(repository)
    assert "azureml.git.repository_uri" not in state
    assert state["azureml.git.branch"] == "HEAD"


def test_no_repository_no_commit_no_git(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert git_state(tmp_path) == {}
    git(tmp_path, "init", "-q", "empty")
    assert git_state(tmp_path / "empty") == {}
    assert git_state(tmp_path / "gone") == {}
    monkeypatch.setenv("PATH", "")
    assert git_state(repository) == {}


def test_one_that_hangs_holds_up_nothing(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}:{os.environ['PATH']}")
    monkeypatch.setattr("services.git._TIMEOUT", 0.1)
    assert git_state(repository) == {}
