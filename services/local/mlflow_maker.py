"""Make MLflow's store: `python -P mlflow_maker.py ROOT DATABASE ARTIFACTS`, a process of its own, as it takes seconds.

Processes that start at once make it once: the first holds the lock, the others wait and find it made.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path


def main(root: Path, database: Path, artifacts: str) -> None:
    """Make the database beside its place, then move it there, so that nobody sees half of it."""
    with (root / ".mlflow.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if database.exists() and database.stat().st_size:
            return
        temporary = root / f"{database.name}.tmp-{os.getpid()}"
        _forget(root, database)
        try:
            _make(temporary, artifacts)
            temporary.replace(database)
        finally:
            _forget(root, database)


def _forget(root: Path, database: Path) -> None:
    """Remove what a maker left that was killed; nobody else makes one while the lock is held."""
    for leftover in root.glob(f"{database.name}.tmp-*"):
        leftover.unlink(missing_ok=True)


def _make(database: Path, artifacts: str) -> None:
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    # makes the tables of the registry too, and the Default experiment below `artifacts`
    SqlAlchemyStore(f"sqlite:///{database}", artifacts).engine.dispose()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
