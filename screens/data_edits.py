"""What is done with a version of a data asset from the list as from its own screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.app import App

from screens.base import LapisScreen
from screens.lists import counted, shown
from screens.names import typed_path
from screens.pairs import pairs_line, read_line
from screens.places import Place
from screens.widgets.dialogs import Ask, Confirm
from screens.widgets.status import size_text
from services import lineage
from services.entities import DataAsset
from services.specs.assets import DataSpec
from services.workspace import DataService
from services.wrapping import wrapped


def source_of(asset: DataAsset) -> str:
    """The version as a source of a table."""
    return f"azureml:{asset.name}:{asset.version}"


def made_text(asset: DataAsset) -> str:
    """`job X with recipe Y from Z`; empty for what no job made."""
    properties = asset.properties
    parts = [
        f"{word} {shown(properties[key])}"
        for word, key in (("job", lineage.JOB), ("with recipe", lineage.RECIPE), ("from", lineage.TABLE))
        if properties.get(key)
    ]
    return " ".join(parts)


def job_place(asset: DataAsset) -> Place | None:
    """The job that made it."""
    job = asset.properties.get(lineage.JOB, "")
    return Place("job", job) if job else None


def origin_place(asset: DataAsset) -> Place | None:
    """The table that it was made from."""
    table = asset.properties.get(lineage.TABLE, "")
    return Place("table", table) if table else None


async def edit_tags(app: App[Any], data: DataService, asset: DataAsset) -> DataAsset | None:
    """Ask for the tags and set them; None if the question was left. Await it in a worker. Raises ServiceError."""
    answer = await app.push_screen_wait(
        Ask(
            f"Tags of {asset.name}:{asset.version}",
            "key=value, parted by spaces; quotes around a value with spaces",
            pairs_line(asset.tags),
        )
    )
    return None if answer is None else await data.update(asset.name, asset.version, tags=read_line(answer))


async def edit_description(app: App[Any], data: DataService, asset: DataAsset) -> DataAsset | None:
    """Ask for the description and set it, as `edit_tags` does."""
    title = f"Description of {asset.name}:{asset.version}"
    answer = await app.push_screen_wait(Ask(title, "What it is and where it comes from", asset.description))
    return None if answer is None else await data.update(asset.name, asset.version, description=answer.strip())


async def download(screen: LapisScreen, data: DataService, asset: DataAsset) -> None:
    """Ask for the folder, copy the files, and tell where they are. Await it in a worker. Raises ServiceError."""
    name = f"{asset.name}:{asset.version}"
    size = f", {size_text(asset.size)}" if asset.size else ""
    answer = await screen.app.push_screen_wait(
        Ask(f"Download {name}{size}", "Into the folder", str(Path.cwd()), path=True)
    )
    if not answer or not answer.strip():
        return
    screen.tell(f"Copying {name} ...")
    report = await data.download(asset.name, asset.version, typed_path(answer))
    screen.tell(f"{counted(report.files, 'file', 'files')}, {size_text(report.size)}, in {report.target}")


async def wrap(app: App[Any], data: DataService, asset: DataAsset) -> DataAsset | None:
    """Register the asset's file as MLTable once that was seen; None if it was left. Raises ServiceError."""
    title = f"Wrap {asset.name}:{asset.version} as MLTable"
    name = await app.push_screen_wait(Ask(title, "The name of the new asset", f"{asset.name}-mltable"))
    if name is None:
        return None
    async with wrapped(data, asset, name.strip()) as made:
        question = f"A copy of its file is registered with this MLTable file:\n\n{made.text}"
        if not await app.push_screen_wait(Confirm(f"Register {name.strip()}", question)):
            return None
        spec = DataSpec(
            name.strip(), str(made.folder), "mltable", description=f"{asset.name}:{asset.version} as MLTable"
        )
        return await data.create(spec, base=made.folder)
