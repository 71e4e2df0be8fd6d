"""MLflow's model registry in mlflow.db, by SQL: the rows are those that its SqlAlchemyStore writes (3.17.2).

MLflow is not imported: that takes seconds, and a version and its files must come together. `mlflow_store.writing`
refuses a database with other tables; a contract test reads these rows with MlflowClient.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.errors import ConflictError, NotFoundError
from services.local.layout import Layout
from services.local.mlflow_store import NoStoreError, reading, writing

DELETED = "Deleted_Internal"
"""The stage of a version that MLflow deleted; its number is never given again."""


@dataclass(frozen=True)
class ModelRow:
    """A registered model."""

    name: str
    created_at: float
    updated_at: float
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class VersionRow:
    """A version, `place` being where its files are."""

    name: str
    version: int
    place: str
    source: str
    run_id: str
    created_at: float
    description: str = ""
    user: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()


def models(layout: Layout) -> list[ModelRow]:
    """All registered models, by name."""
    try:
        with reading(layout) as connection:
            rows = connection.execute("SELECT * FROM registered_models ORDER BY name").fetchall()
            tags = connection.execute("SELECT * FROM registered_model_tags").fetchall()
    except NoStoreError:
        return []
    by_name: dict[str, dict[str, str]] = {}
    for tag in tags:
        by_name.setdefault(tag["name"], {})[tag["key"]] = tag["value"] or ""
    return [
        ModelRow(
            row["name"],
            _seconds(row["creation_time"]),
            _seconds(row["last_updated_time"] or row["creation_time"]),
            row["description"] or "",
            by_name.get(row["name"], {}),
        )
        for row in rows
    ]


def versions(layout: Layout, name: str | None = None) -> list[VersionRow]:
    """All versions, of one model if it is named: by name, the newest first."""
    values = {"name": name, "deleted": DELETED}
    try:
        with reading(layout) as connection:
            rows = connection.execute(
                "SELECT * FROM model_versions WHERE (:name IS NULL OR name = :name) AND current_stage IS NOT :deleted"
                " ORDER BY name, version DESC",
                values,
            ).fetchall()
            tags = connection.execute(
                "SELECT * FROM model_version_tags WHERE (:name IS NULL OR name = :name) ORDER BY key", values
            ).fetchall()
            aliases = connection.execute(
                "SELECT * FROM registered_model_aliases WHERE (:name IS NULL OR name = :name) ORDER BY alias", values
            ).fetchall()
    except NoStoreError:
        return []
    tags_of: dict[tuple[str, int], dict[str, str]] = {}
    for tag in tags:
        tags_of.setdefault((tag["name"], tag["version"]), {})[tag["key"]] = tag["value"] or ""
    aliases_of: dict[tuple[str, int], list[str]] = {}
    for alias in aliases:
        aliases_of.setdefault((alias["name"], alias["version"]), []).append(alias["alias"])
    return [
        VersionRow(
            row["name"],
            row["version"],
            (row["storage_location"] or row["source"] or "").removeprefix("file://"),
            row["source"] or "",
            row["run_id"] or "",
            _seconds(row["creation_time"]),
            row["description"] or "",
            row["user_id"] or "",
            tags_of.get((row["name"], row["version"]), {}),
            tuple(aliases_of.get((row["name"], row["version"]), ())),
        )
        for row in rows
    ]


def add_version(
    layout: Layout,
    name: str,
    *,
    wanted: str | None,
    source: str,
    run_id: str,
    user: str,
    description: str | None,
    tags: Mapping[str, str],
    take_files: Callable[[int], Path],
) -> int:
    """Give a model its next version, and make the model if it is new; returns the number.

    Args:
        wanted: the only number that is good; None for any.
        take_files: brings the files of that number to their place and returns it; called in the transaction.

    Raises ConflictError: the next number is not the wanted one.
    """
    now = int(time.time() * 1000)
    with writing(layout) as connection:
        (last,) = connection.execute("SELECT MAX(version) FROM model_versions WHERE name = ?", (name,)).fetchone()
        version = (last or 0) + 1
        if wanted is not None and wanted != str(version):
            raise ConflictError(
                f"The next version of {name} is {version}, not {wanted}: the registry numbers versions itself.",
                title="The version can't be chosen",
                advice=f"Leave the version out, or say {version}.",
            )
        connection.execute(
            "INSERT INTO registered_models (name, creation_time, last_updated_time) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET last_updated_time = excluded.last_updated_time",
            (name, now, now),
        )
        connection.execute(
            "INSERT INTO model_versions (name, version, creation_time, last_updated_time, description, user_id,"
            " current_stage, source, run_id, status, storage_location)"
            " VALUES (?, ?, ?, ?, ?, ?, 'None', ?, ?, 'READY', ?)",
            (name, version, now, now, description, user, source, run_id or None, str(take_files(version))),
        )
        _put_tags(connection, name, version, tags)
    return version


def update_version(
    layout: Layout,
    name: str,
    version: int,
    *,
    description: str | None = None,
    put: Mapping[str, str] | None = None,
    drop: frozenset[str] = frozenset(),
) -> None:
    """Change the description and some tags of a version."""
    now = int(time.time() * 1000)
    key = (name, version)
    with writing(layout) as connection:
        if description is not None:
            query = "UPDATE model_versions SET description = ? WHERE name = ? AND version = ?"
            connection.execute(query, (description, *key))
        for tag in drop:
            connection.execute("DELETE FROM model_version_tags WHERE name = ? AND version = ? AND key = ?", (*key, tag))
        _put_tags(connection, name, version, put or {})
        query = "UPDATE model_versions SET last_updated_time = ? WHERE name = ? AND version = ?"
        connection.execute(query, (now, *key))
        connection.execute("UPDATE registered_models SET last_updated_time = ? WHERE name = ?", (now, name))


def set_alias(layout: Layout, name: str, alias: str, version: int | None) -> None:
    """Point an alias at a version, or remove it. Raises NotFoundError: there is no such alias to remove."""
    with writing(layout) as connection:
        if version is None:
            query = "DELETE FROM registered_model_aliases WHERE name = ? AND alias = ?"
            if connection.execute(query, (name, alias)).rowcount == 0:
                raise NotFoundError(f"Model {name} has no alias {alias}.")
        else:
            connection.execute(
                "INSERT INTO registered_model_aliases (name, alias, version) VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET version = excluded.version",
                (name, alias, version),
            )


def _put_tags(connection: sqlite3.Connection, name: str, version: int, tags: Mapping[str, str]) -> None:
    connection.executemany(
        "INSERT INTO model_version_tags (name, version, key, value) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET value = excluded.value",
        [(name, version, key, value) for key, value in tags.items()],
    )


def _seconds(milliseconds: int | None) -> float:
    return (milliseconds or 0) / 1000
