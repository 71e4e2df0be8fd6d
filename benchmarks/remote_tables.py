"""What it takes to look into a large table in storage: the bytes on the wire, TLS included, and seconds."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figures import Figure, Table
from benchmarks.tables import make_table

FIRST = 1_000
CONTAINER = "large"
LIMITS = {".csv": 600.0, ".parquet": 10_000.0}
"""kB for the first rows: the beginning of a text, a row group of a Parquet."""


def measure(folder: Path, rows: int) -> Iterator[Table]:
    """A table of each kind in Azurite, beside pandas with the same address; nothing where Azurite is missing."""
    from tests.azure_emulator import azurite
    from tests.azure_emulator.lab import AzureLab

    if azurite.missing():
        return
    with AzureLab() as lab:
        storage = lab.start_storage()
        storage.make_container(CONTAINER)
        os.environ.update(lab.environ)

        def wire() -> int:
            return sum(tunnel.bytes_up + tunnel.bytes_down for tunnel in lab.jail.tunnels)

        for suffix in (".csv", ".parquet"):
            path = folder / f"rows-{rows}{suffix}"
            if not path.exists():
                make_table(path, rows)
            with path.open("rb") as file:
                storage.client.get_blob_client(CONTAINER, path.name).upload_blob(file, max_concurrency=2)
            url = storage.blob_url(CONTAINER, path.name)
            about = (
                f"{rows:,} rows of 12 columns, {path.stat().st_size / 1e6:,.0f} MB, read by an address with a "
                "signature from Azurite on the same machine; the rival is pandas with the same address. Of a file that "
                "was opened no byte is fetched twice: each figure is what comes on top of the ones above it."
            )
            table = Table(f"Tables, remote: {'CSV' if suffix == '.csv' else 'Parquet'}", about)
            table.figures += asyncio.run(_lapis(folder / "workspace-remote", url, rows, wire))
            table.figures[0] = _beside(table.figures[0], pandas_bytes(url, suffix, wire), LIMITS[suffix])
            path.unlink()
            yield table


def _beside(figure: Figure, rival: float, limit: float) -> Figure:
    return Figure(figure.what, figure.measured, rival, figure.unit, limit=limit)


async def _lapis(folder: Path, url: str, rows: int, wire: Callable[[], int]) -> list[Figure]:
    from services.local.workspace import LocalWorkspace
    from services.tables.table import Table as OpenTable

    figures: list[Figure] = []

    async def look(what: str, offset: int, limit: int, table: OpenTable | None) -> OpenTable:
        before, began = wire(), time.perf_counter()
        table = table or await workspace.tables.open(url)
        found = await table.page(offset, limit)
        assert found.rows[-1][0] == str(offset + limit - 1)
        seconds = time.perf_counter() - began
        figures.append(Figure(what, (wire() - before) / 1000, None, "kB"))
        figures.append(Figure(f"{what}: time", seconds, None, "s"))
        return table

    workspace = await LocalWorkspace.open(folder)
    table = await look("first 1,000 rows", 0, FIRST, None)
    try:
        await look("50 rows at row 10,000", 10_000, 50, table)
        if table.format == "Parquet":
            await look("50 rows in the middle", rows // 2, 50, table)
    finally:
        await table.close()
        await workspace.close()
    return figures


def pandas_bytes(url: str, suffix: str, wire: Callable[[], int]) -> float:
    """The kB that pandas fetches for the first rows."""
    import pandas

    before = wire()
    if suffix == ".csv":
        pandas.read_csv(url, nrows=FIRST)
    else:
        pandas.read_parquet(url).head(FIRST)
    return (wire() - before) / 1000
