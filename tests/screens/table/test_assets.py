"""Versions of data assets as tables, on a real workspace of this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from screens.places import Place
from screens.table.screen import TableScreen
from services.local import mlflow_store
from services.local.workspace import LocalWorkspace
from services.specs.assets import DataSpec
from tests.support.app import ScreenApp, settle
from tests.support.keys import shows, text_of
from tests.support.waiting import eventually


@pytest.fixture
async def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalWorkspace]:
    """A real workspace; data needs no MLflow store, which takes seconds to make."""
    monkeypatch.setattr(mlflow_store, "begin_store", lambda layout: None)
    opened = await LocalWorkspace.open(tmp_path / "ws")
    yield opened
    await opened.close()


async def table_of(local: LocalWorkspace, path: Path) -> TableScreen:
    """The screen of a version that is registered from a path."""
    kind = "uri_folder" if path.is_dir() else "uri_file"
    made = await local.data.create(DataSpec("d", str(path), type=kind), base=path.parent)  # type: ignore[arg-type]
    place = Place("table", f"azureml:{made.name}:{made.version}")
    return TableScreen(place, tables=local.tables, workspace=local)


async def test_the_real_diabetes_data(local: LocalWorkspace, shared_data: Path) -> None:
    screen = await table_of(local, shared_data / "diabetes.csv")
    async with ScreenApp(screen).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        text = text_of(pilot)
        assert "Table › d:1" in text
        assert "10,000 rows · 10 columns" in text
        assert "PatientID" in text
        assert "int64" in text
        await pilot.press("ctrl+end")
        await eventually(lambda: shows(pilot, "› 10,000 "))
        await pilot.press("u")
        await settle(pilot)
        assert pilot.app.clipboard == "azureml:d:1"


async def test_the_real_titanic_data(local: LocalWorkspace, shared_data: Path) -> None:
    if not (shared_data / "titanic.csv").is_file():
        pytest.skip("titanic.csv is not on this machine (../shared/data)")
    screen = await table_of(local, shared_data / "titanic.csv")
    async with ScreenApp(screen).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert "891 rows · 12 columns" in text_of(pilot)
        await pilot.press("end")
        await eventually(lambda: shows(pilot, "string ∅77%"))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("iot.jsonl", b'{"deviceId": 29482, "t": 1.5}\n{"deviceId": 29483, "t": null}\n', ["2 rows", "29482", "∅50%"]),
        ("one.json", b'{"deviceId": 29482, "site": {"x": 1}}', ["1 row ", "deviceId", '{"x": 1}']),
        ("latin.csv", "name;städt\nx;Köln\n".encode("latin-1"), ["! not UTF-8: read as Latin-1", "Köln", "semicolon"]),
        ("bad.csv", b"a,b\n1,2\n3\n", ["row 2 has fewer fields"]),
    ],
)
async def test_kinds_of_files(
    local: LocalWorkspace, tmp_path: Path, name: str, content: bytes, told: list[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    async with ScreenApp(await table_of(local, path)).run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        for words in told:
            assert words in text_of(pilot)
