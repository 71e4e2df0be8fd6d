from __future__ import annotations

from pathlib import Path

import pytest

from services.entities import DataAsset
from services.errors import ConflictError, NotFoundError, SpecError, UserError
from services.specs.assets import DataSpec
from services.workspace import Workspace
from tests.contract.backends import Backend
from tests.contract.conftest import MakeFile
from tests.support.entities import HOSTILE


def faults(caught: pytest.ExceptionInfo[SpecError]) -> list[tuple[str, str]]:
    return [(fault.path, fault.message) for fault in caught.value.faults]


async def register(workspace: Workspace, base: Path, name: str = "d", **more: object) -> DataAsset:
    path = str(more.pop("path", "d.csv"))
    return await workspace.data.create(DataSpec(name, path, **{"type": "uri_file", **more}), base=base)  # type: ignore[arg-type]


async def rows_of(workspace: Workspace, source: str) -> tuple[tuple[str | None, ...], ...]:
    """The first rows of a table."""
    async with await workspace.tables.open(source) as table:
        return (await table.page(0, 100)).rows


class TestData:
    async def test_a_file_becomes_version_1_2_3(self, workspace: Workspace, base: Path, make_file: MakeFile) -> None:
        file = make_file("d.csv", "a,b\n1,2\n")
        first = await register(workspace, base, description="first", tags={"n": 1, "ok": True, "none": None})
        assert (first.name, first.version, first.type, first.size, first.latest) == ("d", "1", "uri_file", 8, True)
        assert first.tags == {"n": "1", "ok": "true", "none": ""}
        assert first.path.startswith("azureml://datastores/workspaceblobstore/paths/LocalUpload/")
        assert first.path.endswith("/d.csv")
        file.write_text("a,b\n3,4\n")
        second = await register(workspace, base)
        third = await register(workspace, base)
        assert second.path != first.path
        assert third.path == second.path, "the same content is kept once"
        assert [(v.version, v.latest) for v in await workspace.data.versions("d")] == [
            ("3", True),
            ("2", False),
            ("1", False),
        ]
        assert await rows_of(workspace, "azureml:d:1") == (("1", "2"),), "a version does not change with its file"
        assert (await workspace.data.get("d")).version_count == 3

    async def test_versions_of_ones_own(self, workspace: Workspace, base: Path, make_file: MakeFile) -> None:
        make_file("d.csv")
        await register(workspace, base, version="2024-01")
        await register(workspace, base, version=7)
        assert (await register(workspace, base)).version == "8"
        with pytest.raises(ConflictError):
            await register(workspace, base, version="2024-01")
        assert [v.version for v in await workspace.data.versions("d")] == ["8", "7", "2024-01"]
        with pytest.raises(SpecError):
            await register(workspace, base, version="latest")

    @pytest.mark.parametrize(
        ("type_", "path", "words"),
        [
            ("uri_file", "nothing.csv", "does not exist"),
            ("uri_file", "*.csv", "a pattern is no path"),
            ("uri_file", "folder", "is a folder"),
            ("uri_folder", "d.csv", "is a file"),
            ("mltable", "folder", "MLTable"),
            ("mltable", "https://example.org/x", "MLTable"),
            ("uri_file", "azureml://datastores/nowhere/paths/x", "no datastore named nowhere"),
            ("uri_file", "azureml://datastores/workspaceblobstore/paths/../../lapis.db", "lies outside"),
            pytest.param(
                "uri_file",
                "wasbs://c@a.blob.core.windows.net/x",
                "no place on this machine",
                marks=pytest.mark.only_local("Azure ML takes any storage"),
            ),
        ],
    )
    async def test_a_wrong_path_is_a_fault_there(
        self, workspace: Workspace, base: Path, make_file: MakeFile, type_: str, path: str, words: str
    ) -> None:
        make_file("d.csv")
        make_file("folder/x.csv")
        with pytest.raises(SpecError) as caught:
            await register(workspace, base, type=type_, path=path)
        assert [path for path, _ in faults(caught)] == ["path"]
        assert words in faults(caught)[0][1]
        assert await workspace.data.list() == []

    @pytest.mark.parametrize("lies", ["here", "in the datastore"])
    async def test_an_mltable_needs_its_file_and_one_that_can_be_read(
        self, workspace: Workspace, backend: Backend, base: Path, make_file: MakeFile, lies: str
    ) -> None:
        backend.put("raw/table/t.csv", "a\n1\n")
        make_file("table/t.csv", "a\n1\n")
        path = "table" if lies == "here" else "azureml://datastores/workspaceblobstore/paths/raw/table/"
        with pytest.raises(SpecError, match="no file named MLTable"):
            await register(workspace, base, type="mltable", path=path)
        make_file("table/MLTable", "type: mltable\npaths:\n- files: ./t.csv\ntransformations: [read_delimited]\n")
        if lies == "here":
            with pytest.raises(SpecError) as caught:
                await register(workspace, base, type="mltable", path=path)
            assert faults(caught) == [("path", "MLTable: paths[0].files: is no kind of path; did you mean file?")]
        text = "type: mltable\npaths:\n- file: ./t.csv\ntransformations: [read_delimited]\n"
        make_file("table/MLTable", text)
        backend.put("raw/table/MLTable", text)
        assert (await register(workspace, base, type="mltable", path=path)).type == "mltable"

    async def test_a_bad_name_is_a_fault(self, workspace: Workspace, base: Path, make_file: MakeFile) -> None:
        make_file("d.csv")
        for name in ("", "a/b", "../x", HOSTILE, "x" * 256):
            with pytest.raises(SpecError) as caught:
                await register(workspace, base, name=name)
            assert faults(caught)[0][0] == "name"

    async def test_a_folder_with_links(self, workspace: Workspace, base: Path, make_file: MakeFile) -> None:
        make_file("elsewhere/real.csv", "a\n1\n")
        make_file("folder/b.csv", "a\n2\n")
        (base / "folder" / "linked").symlink_to(base / "elsewhere")
        (base / "folder" / "linked" / "loop").symlink_to(base / "folder")
        (base / "folder" / "broken").symlink_to(base / "nothing")
        asset = await register(workspace, base, type="uri_folder", path="folder")
        assert asset.path.endswith("/folder/")
        files = await workspace.data.files("d")
        assert [(file.path, file.size) for file in files] == [("b.csv", 4), ("linked/real.csv", 4)]
        assert await rows_of(workspace, f"{asset.path}linked/real.csv") == (("1",),)
        assert await rows_of(workspace, "azureml:d@latest") == (("2",),), "the first of its tables"
        with pytest.raises(NotFoundError):
            await rows_of(workspace, f"{asset.path}gone.csv")

    async def test_what_lies_in_a_datastore_is_referenced(
        self, workspace: Workspace, backend: Backend, base: Path
    ) -> None:
        backend.put("raw/d.csv", "a\n1\n")
        short = "azureml://datastores/workspaceblobstore/paths/raw/d.csv"
        info = await workspace.info()
        scope = f"subscriptions/{info.subscription_id or 's'}/resourcegroups/{info.resource_group or 'g'}"
        long = f"azureml://{scope}/workspaces/{info.name}/{short.removeprefix('azureml://')}"
        for path in (short, long):
            assert (await register(workspace, base, path=path)).path in (path, short)
            assert await rows_of(workspace, "azureml:d") == (("1",),)
        assert [entry.path for entry in await workspace.datastores.browse("workspaceblobstore")] == ["raw"]

    async def test_a_url_is_kept_and_not_fetched(self, workspace: Workspace, base: Path) -> None:
        url = "https://example.org/d.csv"
        asset = await register(workspace, base, path=url)
        assert (asset.path, asset.size) == (url, None)
        assert await workspace.data.files("d") == []

    async def test_list_filters_and_hides_the_archived(
        self, workspace: Workspace, base: Path, make_file: MakeFile
    ) -> None:
        make_file("d.csv")
        await register(workspace, base, name="zeta", tags={"Source": "course"})
        await register(workspace, base, name="alpha")
        await register(workspace, base, name="alpha")
        assert [a.name for a in await workspace.data.list()] == ["alpha", "zeta"]
        assert [a.name for a in await workspace.data.list("COURSE zet")] == ["zeta"]
        assert await workspace.data.list("course alpha") == []
        await workspace.data.archive("alpha", "2")
        assert (await workspace.data.get("alpha")).version == "1", "latest is the newest that is not archived"
        await workspace.data.archive("alpha", "1")
        assert [a.name for a in await workspace.data.list()] == ["zeta"]
        assert next((a.name, a.archived) for a in await workspace.data.list(include_archived=True)) == ("alpha", True)
        await workspace.data.archive("alpha", "1", archived=False)
        assert [(a.name, a.version) for a in await workspace.data.list("alpha")] == [("alpha", "1")]

    async def test_what_is_not_there(self, workspace: Workspace, base: Path, make_file: MakeFile) -> None:
        make_file("d.csv")
        await register(workspace, base)
        for call in (
            workspace.data.get("d", "9"),
            workspace.data.get("nothing"),
            workspace.data.versions("nothing"),
            workspace.data.files("d", "9"),
            workspace.data.archive("d", "9"),
            workspace.data.update("d", "9", tags={}),
            workspace.data.download("d", "9", base / "target"),
        ):
            with pytest.raises(NotFoundError):
                await call

    async def test_tags_and_description_change_and_what_it_points_to_does_not(
        self, workspace: Workspace, base: Path, make_file: MakeFile
    ) -> None:
        make_file("d.csv")
        made = await register(workspace, base, tags={"a": "1"}, description="first", properties={"lapis.job": "j"})
        changed = await workspace.data.update("d", "latest", tags={"b": HOSTILE})
        assert (dict(changed.tags), changed.description) == ({"b": HOSTILE}, "first")
        await workspace.data.update("d", "1", description="")
        found = await workspace.data.get("d")
        assert (dict(found.tags), found.description) == ({"b": HOSTILE}, "")
        assert (found.path, dict(found.properties), found.labels) == (made.path, {"lapis.job": "j"}, ("latest",))
        await workspace.data.archive("d", "1")
        assert (await workspace.data.get("d")).properties == {"lapis.job": "j"}

    async def test_download_brings_the_files_and_writes_over_nothing(
        self, workspace: Workspace, base: Path, make_file: MakeFile
    ) -> None:
        make_file("d.csv", "a\n1\n")
        make_file("folder/x/y.csv", "b\n2\n")
        await register(workspace, base)
        await register(workspace, base, name="f", type="uri_folder", path="folder")
        await register(workspace, base, name="w", path="https://example.org/d.csv")
        target = base / "target"
        report = await workspace.data.download("d", "latest", target)
        assert (report.target, report.files, report.size) == (str(target / "d"), 1, 4)
        assert (target / "d" / "d.csv").read_text() == "a\n1\n"
        (target / "d" / "d.csv").write_text("mine")
        with pytest.raises(ConflictError):
            await workspace.data.download("d", "1", target)
        assert (target / "d" / "d.csv").read_text() == "mine"
        await workspace.data.download("f", "1", target)
        assert (target / "f" / "x" / "y.csv").read_text() == "b\n2\n"
        (target / "w").mkdir()
        (base / "out").mkdir()
        (target / "g").symlink_to(base / "out")
        await register(workspace, base, name="g")
        with pytest.raises(ConflictError, match="outside"):
            await workspace.data.download("g", "1", target)
        with pytest.raises(UserError):
            await workspace.data.download("w", "1", target)
        assert (list((target / "w").iterdir()), list((base / "out").iterdir())) == ([], [])

    async def test_hostile_text_is_kept_as_data(self, workspace: Workspace, base: Path, make_file: MakeFile) -> None:
        make_file(f"{HOSTILE.replace('/', '')}.csv", f"{HOSTILE.splitlines()[0]}\n1\n")
        name = next(base.iterdir()).name
        asset = await register(workspace, base, path=name, description=HOSTILE, tags={HOSTILE: HOSTILE})
        assert (asset.description, dict(asset.tags)) == (HOSTILE, {HOSTILE: HOSTILE})
        assert [file.path for file in await workspace.data.files("d")] == [name]
        assert len(await rows_of(workspace, "azureml:d")) == 1
