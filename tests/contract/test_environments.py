from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from services.entities import Environment
from services.errors import ConflictError, NotFoundError, SpecError
from services.specs.assets import EnvironmentSpec
from services.workspace import Workspace
from tests.contract.conftest import MakeFile
from tests.support.entities import HOSTILE

CONDA = """\
name: whatever
channels: [conda-forge]
dependencies:
  - python=3.11
  - scikit-learn=1.5
  - pip:
      - tqdm==4.66.1
"""


async def create(workspace: Workspace, base: Path, name: str | None = "e", **more: object) -> Environment:
    fields = {"image": "ubuntu:22.04", **more}
    return await workspace.environments.create(EnvironmentSpec(name, **fields), base=base)  # type: ignore[arg-type]


class TestEnvironments:
    async def test_own_ones_first_by_name(self, workspace: Workspace, base: Path) -> None:
        given = await workspace.environments.list()
        for name in ("zeta", "alpha"):
            await create(workspace, base, name)
            last = await create(workspace, base, name, description=HOSTILE, tags={"n": 1, "ok": True, HOSTILE: HOSTILE})
            assert (last.version, last.version_count, last.description) == ("2", 2, HOSTILE)
            assert last.tags == {"n": "1", "ok": "true", HOSTILE: HOSTILE}
        found = await workspace.environments.list()
        assert [(e.name, e.version, e.version_count) for e in found[:2]] == [("alpha", "2", 2), ("zeta", "2", 2)]
        assert list(found[2:]) == list(given)

    async def test_curated_ones_are_there_and_say_so(self, workspace: Workspace) -> None:
        found = await workspace.environments.list()
        curated = [e.name for e in found if e.curated]
        assert "AzureML-sklearn-1.5" in curated
        assert all(name.startswith("AzureML-") for name in curated)
        assert not any(e.name.startswith("AzureML-") for e in found if not e.curated)
        for environment in found:
            versions = await workspace.environments.versions(environment.name)
            assert (versions[0].version, len(versions)) == (environment.version, environment.version_count)

    async def test_versions(self, workspace: Workspace, base: Path) -> None:
        assert [(await create(workspace, base)).version for _ in range(2)] == ["1", "2"]
        await create(workspace, base, version="2024-01", image="own:1")
        await create(workspace, base, version=7)
        assert (await create(workspace, base)).version == "8"
        versions = await workspace.environments.versions("e")
        assert [v.version for v in versions] == ["8", "7", "2024-01", "2", "1"]
        assert {v.version_count for v in versions} == {5}
        assert (await workspace.environments.get("e")).version == "8"
        assert (await workspace.environments.get("e", "2024-01")).image == "own:1"
        for taken in ("2024-01", 7, "1"):
            with pytest.raises(ConflictError):
                await create(workspace, base, version=taken)
        assert len(await workspace.environments.versions("e")) == 5

    async def test_many_at_once_get_a_version_each(self, workspace: Workspace, base: Path) -> None:
        made = await asyncio.gather(*(create(workspace, base) for _ in range(12)))
        assert sorted(int(e.version) for e in made) == list(range(1, 13))

    async def test_a_conda_file_is_kept_as_it_was(self, workspace: Workspace, base: Path, make_file: MakeFile) -> None:
        file = make_file("deep/conda.yml", CONDA)
        made = await create(workspace, base, image=None, conda_file="deep/conda.yml")
        file.write_text("dependencies: []")
        kept = await workspace.environments.get("e")
        assert kept == made
        assert (kept.image, kept.curated) == ("", False)
        for line in ("scikit-learn=1.5", "tqdm==4.66.1", "conda-forge"):
            assert line in kept.conda_file
        assert kept.state
        assert any("tqdm" in package for package in kept.packages)
        again = await create(workspace, base, conda_file={"dependencies": ["python=3.11", {"pip": ["tqdm==4.66.1"]}]})
        assert (again.version, again.image) == ("2", "ubuntu:22.04")
        assert "tqdm==4.66.1" in again.conda_file

    @pytest.mark.parametrize(
        ("more", "path"),
        [
            ({"name": None}, "name"),
            ({"name": ""}, "name"),
            ({"name": "a/b"}, "name"),
            ({"name": HOSTILE}, "name"),
            ({"name": "x" * 256}, "name"),
            ({"name": "AzureML-mine"}, "name"),
            ({"name": "azureml-mine"}, "name"),
            ({"version": "latest"}, "version"),
            ({"version": "a b"}, "version"),
            ({"image": None}, ""),
            ({"image": None, "build": {"path": "."}}, "build"),
            ({"conda_file": "gone.yml"}, "conda_file"),
            ({"conda_file": "."}, "conda_file"),
            ({"conda_file": "x" * 300}, "conda_file"),
            ({"conda_file": "a\0b"}, "conda_file"),
            ({"conda_file": "broken.yml"}, "conda_file"),
            ({"conda_file": "list.yml"}, "conda_file"),
            ({"conda_file": "latin.yml"}, "conda_file"),
            ({"conda_file": {"dependencies": "numpy"}}, "conda_file.dependencies"),
            ({"conda_file": {"dependencies": [{"pip": 7}]}}, "conda_file.dependencies"),
        ],
    )
    async def test_what_is_wrong_is_a_fault_there(
        self, workspace: Workspace, base: Path, make_file: MakeFile, more: dict[str, object], path: str
    ) -> None:
        make_file("broken.yml", "dependencies: [")
        make_file("list.yml", "- numpy")
        make_file("latin.yml", b"name: caf\xe9")
        before = await workspace.environments.list()
        with pytest.raises(SpecError) as caught:
            await create(workspace, base, **more)  # type: ignore[arg-type]
        assert [fault.path for fault in caught.value.faults] == [path]
        assert await workspace.environments.list() == before

    async def test_what_is_not_there(self, workspace: Workspace, base: Path) -> None:
        await create(workspace, base)
        for name, version in (("e", "9"), ("E", "1"), ("nothing", "latest"), ("", "latest"), (HOSTILE, HOSTILE)):
            with pytest.raises(NotFoundError):
                await workspace.environments.get(name, version)
        with pytest.raises(NotFoundError):
            await workspace.environments.versions("nothing")
