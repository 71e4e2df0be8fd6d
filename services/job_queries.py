"""The list of jobs as SQL: its filters, its orders and its pages."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from typing import Any

from services.entities import JobQuery
from services.errors import UserError
from services.names import has_words

ORDERS = {
    "created_at": "created_at",
    "started_at": "COALESCE(started_at, 0)",
    "ended_at": "COALESCE(ended_at, 0)",
    "duration": "COALESCE(ended_at, :now) - COALESCE(started_at, COALESCE(ended_at, :now))",
    "status": "status",
    "display_name": "display_name COLLATE NOCASE",
    "experiment_name": "experiment_name COLLATE NOCASE",
    "name": "name",
}


def page(
    connection: sqlite3.Connection, query: JobQuery, cursor: str | None, limit: int
) -> tuple[Sequence[Mapping[str, Any]], str | None, int]:
    """The rows of a page, the cursor of the next one (None after the last), and how many jobs match in all.

    A cursor tells where its page ended, and the time that durations were measured at: so it stays good while jobs come.

    Raises UserError: the cursor is none of this list.
    """
    where, values = _where(query)
    order = ORDERS.get(query.order_by, "created_at")
    direction, sign = ("DESC", "<") if query.descending else ("ASC", ">")
    page_where, page_values = where, {**values, "now": int(time.time()), "limit": limit + 1}
    if cursor is not None:
        page_values |= _place(cursor)
        page_where += f" AND ({order} {sign} :at OR ({order} = :at AND name > :after))"
    connection.create_function("matches", -1, _matches, deterministic=True)
    rows: Sequence[Mapping[str, Any]] = connection.execute(
        f"SELECT *, {order} AS rank FROM jobs WHERE {page_where} ORDER BY rank {direction}, name LIMIT :limit",
        page_values,
    ).fetchall()
    (total,) = connection.execute(f"SELECT COUNT(*) FROM jobs WHERE {where}", values).fetchone()
    more, rows = len(rows) > limit, rows[:limit]
    return rows, json.dumps([rows[-1]["rank"], rows[-1]["name"], page_values["now"]]) if more else None, total


def _where(query: JobQuery) -> tuple[str, dict[str, Any]]:
    values: dict[str, Any] = {"parent": query.parent_name}
    parts = ["parent_name IS :parent"]
    if not query.include_archived:
        parts.append("archived = 0")
    for key in ("experiment_name", "compute"):
        if value := getattr(query, key):
            values[key] = value
            parts.append(f"{key} = :{key}")
    if query.statuses:
        names = {f"status{number}": status.value for number, status in enumerate(sorted(query.statuses))}
        values |= names
        parts.append(f"status IN ({', '.join(f':{key}' for key in names)})")
    if query.text.strip():  # last, as it costs most
        values["text"] = query.text
        parts.append("matches(:text, tags, name, display_name, experiment_name, status, compute)")
    return " AND ".join(parts), values


def _matches(text: str, tags: str, *fields: str) -> bool:
    found: dict[str, str] = json.loads(tags)
    return has_words(text, *fields, *found, *found.values())


def _place(cursor: str) -> dict[str, Any]:
    try:
        match json.loads(cursor):
            case [str() | int() | float() as at, str() as after, int() as now]:
                return {"at": at, "after": after, "now": now}
    except ValueError:
        pass
    raise UserError(f"{cursor[:100]!r} is no cursor of this list.", advice="Leave the cursor out to begin anew.")
