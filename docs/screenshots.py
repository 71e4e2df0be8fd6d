"""Makes docs/images/*.svg from the real app on a real workspace: `make screenshots`.

The examples run as jobs in a home of their own, which is thrown away; /home/ada stands for it in the pictures. Jobs
have given names and the clock stands still, so that pictures which are made again differ only by what was measured.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.specs.jobs import AnyJob
    from services.workspace import Workspace

ROOT = Path(__file__).parents[1]
IMAGES = Path(__file__).parent / "images"
SHOWN_HOME = "/home/ada"
TEMPORARY = Path("/tmp")  # noqa: S108 - a folder is made in it for this user alone
SIZE = (120, 40)
MOST_BYTES = 150_000
PATIENCE = 120
"""Seconds that a screen may take to be at rest: features are scored in a process that imports first."""

REGULARISATIONS = {"amber_apple_4xckjl88k1": 1, "calm_cedar_9wq2mh31tz": 0.1, "jolly_juniper_q3c1xx7vv7": 0.01}
BROKEN = "gentle_garden_ydjp4pbf67"
FIRST, _, BEST = REGULARISATIONS
WRANGLING = "polar_pond_3mt0xh72aq"
PATIENTS = "azureml:patients:1"

# The three steps of docs/wrangling-tutorial.md, and their code.
WRANGLE_KEYS = (
    *(*["right"] * 5, "f", "right", "right", "enter"),
    *(*["right"] * 4, "o", "enter"),
    *("home", "x", "enter", "t"),
)


@dataclass(frozen=True)
class Picture:
    """A picture, the place that it shows, and the keys that are pressed there."""

    name: str
    place: str
    keys: Sequence[str] = ()


PICTURES = (
    Picture("jobs", "jobs"),
    Picture("job", f"job/{BEST}#metrics", keys=("m", "space", "space")),
    Picture("job-log", f"job/{BROKEN}#logs"),
    Picture("submit", "submit/file:~/examples/diabetes/job.yml"),
    Picture("compare", f"compare/{FIRST} {BEST}"),
    Picture("data-asset", "data-asset/patients#overview"),
    Picture("table", f"table/{PATIENTS}", keys=("&", *"Age > 60", "enter")),
    Picture("profile", f"profile/{PATIENTS}", keys=["down"] * 5),
    Picture("wrangle", f"wrangle/{PATIENTS}", keys=WRANGLE_KEYS),
    Picture("features", f"features/{PATIENTS}"),
    Picture("data-diff", "data-diff/azureml:patients:1 azureml:patients:2", keys=["down"] * 5),
    Picture("model", "model/diabetes#signature"),
    Picture("show-as", f"job/{BEST}", keys=("y",)),
)


def make_home() -> Path:
    """An empty home whose path is as long as the one that is shown, so that no line changes its length."""
    home = TEMPORARY / secrets.token_hex(2)
    home.mkdir(mode=0o700)
    if len(str(home)) != len(SHOWN_HOME):
        raise AssertionError(f"{home} is not as long as {SHOWN_HOME}")
    shutil.copytree(ROOT / "examples", home / "examples")
    (home / ".venv").symlink_to(sys.prefix)
    for name in [name for name in os.environ if name.startswith(("LAPIS_", "XDG_", "MLFLOW_", "AZUREML_", "GIT_"))]:
        del os.environ[name]
    os.environ |= {"HOME": str(home), "LOGNAME": "ada", "USER": "ada", "TZ": "UTC", "TEXTUAL_ANIMATIONS": "none"}
    os.environ["LAPIS_PYTHON"] = str(home / ".venv" / "bin" / "python")
    for name in ("NO_COLOR", "FORCE_COLOR", "TEXTUAL_THEME"):
        os.environ.pop(name, None)
    os.chdir(home)
    return home


async def fill(workspace: Workspace, examples: Path) -> None:
    """Register the data, run the jobs one after the other (the first wrangles it), and register the best model."""
    from services.specs.reading import read_data, read_model

    data = {
        "name": "patients",
        "type": "uri_file",
        "path": "data/patients.csv",
        "description": "1,500 invented patients",
    }
    await workspace.data.create(read_data(data), base=examples / "diabetes")
    await wrangle(workspace, examples / "diabetes" / "recipe.yaml")
    await run_job(workspace, examples / "broken" / "job.yml", BROKEN, [])
    for name, rate in REGULARISATIONS.items():
        changes = ["inputs.training_data.path=azureml:patients:1", f"inputs.reg_rate={rate}"]
        await run_job(
            workspace, examples / "diabetes" / "job.yml", name, [*changes, f"display_name=diabetes-reg-{rate}"]
        )
    path = f"azureml://jobs/{BEST}/outputs/artifacts/paths/model/"
    model = {"name": "diabetes", "type": "mlflow_model", "path": path, "tags": {"stage": "candidate"}}
    await workspace.models.register(read_model(model), base=examples)


async def wrangle(workspace: Workspace, recipe: Path) -> None:
    """Make version 2 of the data."""
    from services.wrangling.job import RecipeRun
    from services.wrangling.recipe import read_recipe_file
    from services.wrangling.submitting import recipe_job

    run = RecipeRun(PATIENTS, asset="patients")
    async with recipe_job(read_recipe_file(recipe), run, data=workspace.data, tables=workspace.tables) as (spec, base):
        await finish(workspace, replace(spec, name=WRANGLING), WRANGLING, base)


async def run_job(workspace: Workspace, path: Path, name: str, overrides: list[str]) -> None:
    """Run a job of a file."""
    from services.specs.reading import read_job_file

    await finish(workspace, replace(read_job_file(path, overrides), name=name), name, path.parent)


async def finish(workspace: Workspace, spec: AnyJob, name: str, base: Path) -> None:
    """Submit a job and wait for its end."""
    await workspace.jobs.submit(spec, base=base)
    async for _ in workspace.jobs.watch(name):
        pass
    say(f"{name}: {(await workspace.jobs.get(name)).status}")


@asynccontextmanager
async def opened_app(folder: Path) -> AsyncIterator[Any]:
    """The app in a terminal of the size of the pictures, at rest, two minutes after the newest job."""
    from textual.widgets import Input, TextArea

    from screens import clock
    from services.connect import open_workspace
    from services.entities import JobQuery
    from services.targets import LocalTarget, WorkspaceTarget
    from tests.support.app import settle
    from tui.app import LapisApp

    async def opener(target: WorkspaceTarget) -> Workspace:
        workspace = await open_workspace(LocalTarget(folder))
        (newest,) = (await workspace.jobs.list(JobQuery(), None, 1)).items
        moment = newest.created_at + timedelta(minutes=2)
        clock.source = lambda: moment
        return workspace

    Input.cursor_blink._default = False
    TextArea.cursor_blink._default = False
    app = LapisApp(opener, LocalTarget(folder))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot, PATIENCE)
        yield pilot
    await app.workspace.close()


async def take(folder: Path, picture: Picture) -> str:
    """The SVG of a picture, with the home that is shown."""
    from screens.places import Open, Place
    from tests.support.app import settle
    from tests.support.snapshots import screen_svg

    async with opened_app(folder) as pilot:
        if picture.place != "jobs":
            pilot.app.screen.post_message(Open(Place.parse(picture.place)))
            await settle(pilot, PATIENCE)
        for key in picture.keys:
            await pilot.press(key)
            await settle(pilot, PATIENCE)
        return screen_svg(pilot.app).replace(str(Path.home()), SHOWN_HOME)


async def main() -> None:
    """Make all pictures. Raises AssertionError for one that is too large or names a place of this machine."""
    from services.connect import open_workspace
    from services.targets import LocalTarget

    home = make_home()
    try:
        folder = home / "lapis"
        workspace = await open_workspace(LocalTarget(folder))
        await fill(workspace, home / "examples")
        await workspace.close()
        for picture in PICTURES:
            svg = await take(folder, picture)
            size = len(svg.encode())
            if size > MOST_BYTES or any(str(place) in svg for place in (TEMPORARY, ROOT, sys.prefix, home.name)):
                raise AssertionError(f"{picture.name} has {size:,} bytes, or names a place of this machine")
            IMAGES.mkdir(exist_ok=True)
            (IMAGES / f"{picture.name}.svg").write_text(svg, encoding="utf-8")
            say(f"docs/images/{picture.name}.svg: {size:,} bytes")
    finally:
        shutil.rmtree(home)


def say(text: str) -> None:
    """Tell how far it is."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
