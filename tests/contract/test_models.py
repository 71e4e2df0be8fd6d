from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from services.entities import ModelVersion, SignatureField
from services.errors import ConflictError, NotFoundError, SpecError, UserError
from services.specs.assets import ModelSpec
from services.workspace import Workspace
from tests.contract.conftest import MakeFile
from tests.support.entities import HOSTILE
from tests.support.local_jobs import MLMODEL, FinishedJob, write_model

FIELDS = (
    SignatureField("input", "column", "Age", "long"),
    SignatureField("input", "column", "[i]BMI[/i]", "double", required=False),
    SignatureField("output", "tensor", "", "int64", "(-1,)"),
    SignatureField("param", "column", "threshold", "double", required=False),
)
FILES = ["MLmodel", "data/model.skops"]


async def register(
    workspace: Workspace, base: Path, path: str = "m.bin", name: str = "m", **more: object
) -> ModelVersion:
    return await workspace.models.register(ModelSpec(name, path, **more), base=base)  # type: ignore[arg-type]


async def paths(workspace: Workspace, name: str, version: str = "1") -> list[str]:
    return [file.path for file in await workspace.models.files(name, version)]


@pytest.fixture
def bin_file(make_file: MakeFile) -> Path:
    """`m.bin` below `base`, two bytes."""
    return make_file("m.bin", b"ab")


class TestRegisterFromAJob:
    async def test_candidates_are_logged_models_then_folders(self, workspace: Workspace, job: FinishedJob) -> None:
        found = await workspace.models.candidates(job.name)
        assert [(c.uri, c.type) for c in found] == [
            (f"models:/{job.logged_model}", "mlflow_model"),
            (f"azureml://jobs/{job.name}/outputs/export/paths/fitted/", "mlflow_model"),
        ]
        assert all("sklearn" in c.label for c in found), "the flavor tells them apart"
        assert [c.suggested_name for c in found] == ["diabetes-train", "fitted"], "`model` would say nothing"
        with pytest.raises(NotFoundError):
            await workspace.models.candidates("no_such_job_1")

    async def test_every_candidate_can_be_registered(self, workspace: Workspace, job: FinishedJob, base: Path) -> None:
        for candidate in await workspace.models.candidates(job.name):
            made = await register(
                workspace, base, candidate.uri, candidate.suggested_name, type=candidate.type, tags={"auc": 0.85}
            )
            assert (made.version, made.type, made.job_name) == ("1", "mlflow_model", job.name)
            assert (made.flavors, made.mlmodel) == (("python_function", "sklearn"), MLMODEL)
            assert (made.signature.fields, made.signature.kind) == (FIELDS, "mixed")
            assert made.tags == {"auc": "0.85"}
            assert made.uri.startswith("azureml://datastores/workspace")
            assert made.size == len(MLMODEL) + 500
            assert await workspace.models.get(candidate.suggested_name) == made
            assert await paths(workspace, made.name) == FILES

    @pytest.mark.parametrize(
        "uri",
        [
            "runs:/{run}/model",
            "azureml://jobs/{job}/outputs/artifacts/paths/model/",
            "azureml://jobs/{job}/outputs/export/paths/fitted",
        ],
    )
    async def test_the_ways_to_name_what_a_job_left(
        self, workspace: Workspace, job: FinishedJob, base: Path, uri: str
    ) -> None:
        path = uri.format(run=job.run_id, job=job.name)
        assert (await register(workspace, base, path, type="mlflow_model")).job_name == job.name
        assert await paths(workspace, "m") == FILES

    async def test_one_file_of_a_run(self, workspace: Workspace, job: FinishedJob, base: Path) -> None:
        made = await register(workspace, base, f"runs:/{job.run_id}/roc.txt")
        assert (made.type, made.flavors, made.mlmodel, made.job_name) == ("custom_model", (), "", job.name)
        assert await paths(workspace, "m") == ["roc.txt"]

    @pytest.mark.only_local("a version of Azure ML is where the job left it; nothing is copied")
    async def test_a_version_outlives_what_it_came_from(
        self, workspace: Workspace, job: FinishedJob, base: Path
    ) -> None:
        await register(workspace, base, f"azureml://jobs/{job.name}/outputs/export/paths/fitted", type="mlflow_model")
        (job.export / "fitted" / "MLmodel").write_text("flavors: {}")
        assert (await workspace.models.get("m")).mlmodel == MLMODEL

    async def test_the_job_of_local_files_can_be_told(
        self, workspace: Workspace, job: FinishedJob, base: Path, bin_file: Path
    ) -> None:
        assert (await register(workspace, base, job_name=job.name)).job_name == job.name
        assert (await register(workspace, base)).job_name == ""
        with pytest.raises(SpecError) as caught:
            await register(workspace, base, job_name="no_such_job_1")
        assert [fault.path for fault in caught.value.faults] == ["job_name"]

    async def test_a_version_of_another_model_keeps_its_job(
        self, workspace: Workspace, job: FinishedJob, base: Path
    ) -> None:
        await register(workspace, base, f"models:/{job.logged_model}", "first", type="mlflow_model")
        again = await register(workspace, base, "azureml:first:1", "second", type="mlflow_model")
        assert (again.job_name, again.mlmodel) == (job.name, MLMODEL)

    @pytest.mark.parametrize(
        "uri",
        [
            "azureml://jobs/{job}/outputs/export/paths/../../..",
            "azureml://jobs/{job}/outputs/artifacts/paths/../../../..",
            "azureml://jobs/{job}/outputs/export/paths/out/secret",
            "azureml://jobs/{job}/outputs/nothing/paths/x",
            "azureml://jobs/no_such_job_1/outputs/export",
            "runs:/{run}/../../..",
            "runs:/{run}/gone",
            "runs:/0123/model",
            "models:/m-0123",
            "azureml:nothing:1",
            "azureml://datastores/workspaceblobstore/paths/../../lapis.db",
            "azureml://datastores/nowhere/paths/x",
        ],
    )
    async def test_what_is_not_there_or_outside_is_a_fault_of_the_path(
        self, workspace: Workspace, job: FinishedJob, base: Path, make_file: MakeFile, uri: str
    ) -> None:
        make_file("elsewhere/secret", "s")
        (job.export / "out").symlink_to(base / "elsewhere")
        with pytest.raises(SpecError) as caught:
            await register(workspace, base, uri.format(run=job.run_id, job=job.name))
        assert [fault.path for fault in caught.value.faults] == ["path"]
        assert await workspace.models.list(include_archived=True) == []


class TestRegisterLocalFiles:
    async def test_a_folder_with_an_mlmodel_file(self, workspace: Workspace, base: Path) -> None:
        write_model(base / "fitted")
        made = await register(
            workspace, base, "fitted", type="mlflow_model", description=HOSTILE, tags={HOSTILE: HOSTILE}
        )
        assert (made.flavors, made.signature.fields) == (("python_function", "sklearn"), FIELDS)
        assert (made.description, dict(made.tags)) == (HOSTILE, {HOSTILE: HOSTILE})
        assert await paths(workspace, "m") == FILES

    async def test_versions_are_1_2_3_and_each_has_its_files(
        self, workspace: Workspace, base: Path, bin_file: Path
    ) -> None:
        first = await register(workspace, base, tags={"n": 1, "ok": True, "none": None})
        bin_file.write_bytes(b"abcd")
        second = await register(workspace, base, version=2)
        assert [first.version, second.version, first.size, second.size] == ["1", "2", 2, 4]
        assert first.tags == {"n": "1", "ok": "true", "none": ""}
        assert first.uri != second.uri
        assert [v.version for v in await workspace.models.versions("m")] == ["2", "1"]
        for taken in (2, "1"):
            with pytest.raises(ConflictError):
                await register(workspace, base, version=taken)
        assert (await register(workspace, base)).version == "3"

    @pytest.mark.only_local("Azure ML takes any version, and keeps the same content once")
    async def test_numbers_follow_each_other_and_each_has_its_copy(
        self, workspace: Workspace, base: Path, bin_file: Path
    ) -> None:
        made = [await register(workspace, base) for _ in range(2)]
        assert made[0].uri != made[1].uri
        with pytest.raises(ConflictError):
            await register(workspace, base, version=7)

    async def test_many_at_once_get_a_version_each(self, workspace: Workspace, base: Path, bin_file: Path) -> None:
        made = await asyncio.gather(*(register(workspace, base) for _ in range(12)))
        assert sorted(int(version.version) for version in made) == list(range(1, 13))
        assert (await workspace.models.list())[0].version_count == 12

    async def test_callers_that_give_up_leave_no_half_version(
        self, workspace: Workspace, base: Path, bin_file: Path
    ) -> None:
        tasks = [asyncio.create_task(register(workspace, base)) for _ in range(8)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await register(workspace, base)
        versions = [int(v.version) for v in await workspace.models.versions("m")]
        assert versions == list(range(len(versions), 0, -1)), "no number is lost"
        assert len(versions) >= 2
        for version in versions:
            assert await paths(workspace, "m", str(version)) == ["m.bin"]

    @pytest.mark.parametrize(
        ("type_", "files", "path", "words"),
        [
            ("custom_model", [], "gone", "does not exist"),
            ("custom_model", [], "", "no path"),
            ("custom_model", [], "a\0b", "no path"),
            ("custom_model", [], "https://example.org/m", "no place on this machine"),
            ("custom_model", [], "x" * 300, "too long"),
            ("custom_model", [], "/dev/null", "neither a file nor a folder"),
            ("mlflow_model", ["folder/model.pkl"], "folder", "no file named MLmodel"),
            ("mlflow_model", ["folder/deep/MLmodel"], "folder", "no file named MLmodel"),
            ("mlflow_model", ["folder/MLmodel/x"], "folder", "no file named MLmodel"),
            ("mlflow_model", ["MLmodel"], "MLmodel", "no file named MLmodel"),
            ("triton_model", ["folder/model.onnx"], "folder", "layout of a Triton model repository"),
            ("triton_model", ["folder/net/one/model.onnx"], "folder", "layout of a Triton model repository"),
            ("triton_model", ["folder/1/model.onnx"], "folder", "name the folder above"),
        ],
    )
    async def test_a_wrong_path_is_a_fault_there(
        self, workspace: Workspace, base: Path, make_file: MakeFile, type_: str, files: list[str], path: str, words: str
    ) -> None:
        for name in files:
            make_file(name)
        with pytest.raises(SpecError) as caught:
            await register(workspace, base, path, type=type_)
        assert [fault.path for fault in caught.value.faults] == ["path"]
        assert words in caught.value.faults[0].message
        assert await workspace.models.list(include_archived=True) == []

    @pytest.mark.parametrize(
        "files",
        [
            ["net/1/model.onnx", "net/config.pbtxt"],
            ["net/1/model.savedmodel/saved_model.pb"],
            ["a/12/model.pt", "b/1/model.py", "README.md"],
        ],
    )
    async def test_a_triton_repository(
        self, workspace: Workspace, base: Path, make_file: MakeFile, files: list[str]
    ) -> None:
        for name in files:
            make_file(f"repository/{name}")
        made = await register(workspace, base, "repository/", type="triton_model")
        assert (made.type, made.flavors, made.mlmodel) == ("triton_model", (), "")
        assert await paths(workspace, "m") == sorted(files)

    async def test_an_mlflow_model_can_be_taken_as_custom(self, workspace: Workspace, base: Path) -> None:
        write_model(base / "fitted")
        assert (await register(workspace, base, "fitted")).type == "custom_model"
        assert await paths(workspace, "m") == FILES

    async def test_links_are_followed_and_copied(self, workspace: Workspace, base: Path, make_file: MakeFile) -> None:
        weights = make_file("elsewhere/weights.bin", b"abc")
        make_file("folder/own.bin", b"d")
        (base / "folder" / "weights.bin").symlink_to(weights)
        (base / "folder" / "loop").symlink_to(base / "folder")
        (base / "folder" / "broken").symlink_to(base / "nothing")
        await register(workspace, base, "folder")
        weights.unlink()
        files = await workspace.models.files("m", "1")
        assert [(file.path, file.size) for file in files] == [("own.bin", 1), ("weights.bin", 3)]

    @pytest.mark.parametrize(
        ("more", "path"),
        [
            ({"name": ""}, "name"),
            ({"name": "a/b"}, "name"),
            ({"name": ".."}, "name"),
            ({"name": "x" * 256}, "name"),
            ({"name": HOSTILE}, "name"),
            ({"version": "latest"}, "version"),
            ({"version": "../1"}, "version"),
            ({"tags": {"": "x"}}, "tags."),
            ({"tags": {"k" * 251: "x"}}, f"tags.{'k' * 251}"),
            ({"tags": {"k": "v" * 100_001}}, "tags.k"),
        ],
    )
    async def test_a_bad_name_version_or_tag_is_a_fault_there(
        self, workspace: Workspace, base: Path, bin_file: Path, more: dict[str, object], path: str
    ) -> None:
        with pytest.raises(SpecError) as caught:
            await register(workspace, base, **more)  # type: ignore[arg-type]
        assert [fault.path for fault in caught.value.faults] == [path]
        assert await workspace.models.list(include_archived=True) == []

    @pytest.mark.only_local("blobs have no control characters in their names")
    async def test_hostile_file_names(self, workspace: Workspace, base: Path, make_file: MakeFile) -> None:
        name = HOSTILE.replace("/", "") + "\n.bin"
        make_file(f"folder/{name}", b"x")
        await register(workspace, base, "folder")
        await register(workspace, base, f"folder/{name}")
        assert await paths(workspace, "m", "1") == await paths(workspace, "m", "2") == [name]

    @pytest.mark.only_local("blobs have names of Unicode text")
    async def test_names_that_are_no_unicode(self, workspace: Workspace, base: Path, make_file: MakeFile) -> None:
        name = os.fsdecode(b"\xff.bin")
        make_file(f"folder/{name}", b"x")
        await register(workspace, base, "folder")
        assert await paths(workspace, "m") == [name]
        for more in ({"path": f"folder/{name}"}, {"description": "\ud800"}, {"tags": {"k": "\udfff"}}):
            with pytest.raises(UserError):
                await register(workspace, base, **{"path": "folder", **more})  # type: ignore[arg-type]
        assert (await workspace.models.list())[0].version_count == 1


SIGNATURES = {
    "columns": (
        """{inputs: '[{"type": "double", "name": "a"}, {"type": "string", "name": "b", "optional": true}]',"""
        """ outputs: '[{"type": "long"}]'}""",
        "column",
        [("input", "a", "double", "", True), ("input", "b", "string", "", False), ("output", "", "long", "", True)],
    ),
    "tensors": (
        """{inputs: '[{"type": "tensor", "name": "x", "tensor-spec": {"dtype": "float32", "shape": [-1, 28, 28]}}]'}""",
        "tensor",
        [("input", "x", "float32", "(-1, 28, 28)", True)],
    ),
    "nested": (
        """{inputs: '[{"type": "array", "items": {"type": "long"}, "name": "l"}, {"type": "object", "name": "o","""
        """ "properties": {"k": {"type": "string"}}}, {"type": "map", "values": {"type": "boolean"}, "name": "m"}]'}""",
        "column",
        [
            ("input", "l", "array of long", "", True),
            ("input", "o", "object {k: string}", "", True),
            ("input", "m", "map of boolean", "", True),
        ],
    ),
    "none": ("null", "", []),
    "no-json": ("{inputs: '[{'}", "", []),
    "no-list": ("{inputs: '{}', outputs: '[1, null]'}", "", []),
    "no-mapping": ("[1, 2]", "", []),
}


class TestMLmodel:
    @pytest.mark.parametrize("kind", SIGNATURES)
    async def test_signature(self, workspace: Workspace, base: Path, make_file: MakeFile, kind: str) -> None:
        written, schema, fields = SIGNATURES[kind]
        text = f"flavors: {{xgboost: {{}}, python_function: {{}}}}\nsignature: {written}\n"
        make_file("model/MLmodel", text)
        made = await register(workspace, base, "model", type="mlflow_model")
        assert (made.flavors, made.mlmodel) == (("xgboost", "python_function"), text)
        assert made.signature.kind == schema
        assert [(f.role, f.name, f.type, f.shape, f.required) for f in made.signature.fields] == fields

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "just words",
            "flavors: [",
            "- 1\n- 2\n",
            "flavors: 7",
            "flavors: sklearn",
            "signature: 7",
            "!!python/object:os.system {}",
            "a: !!bool x",
            "a: !!timestamp x",
            "a: &a [*a]",
            f"a: {'[' * 5000}",
            "\x00",
            HOSTILE,
        ],
    )
    async def test_one_that_says_nothing_is_kept_as_it_is(
        self, workspace: Workspace, base: Path, make_file: MakeFile, text: str
    ) -> None:
        make_file("model/MLmodel", text)
        made = await register(workspace, base, "model", type="mlflow_model")
        assert (made.flavors, made.signature.fields, made.mlmodel) == ((), (), text)

    async def test_a_signature_of_any_depth_is_no_error(
        self, workspace: Workspace, base: Path, make_file: MakeFile
    ) -> None:
        for depth in (3, 900, 950, 970, 985, 5000):
            nested = '{"type": "array", "items": ' * depth + '{"type": "long"}' + "}" * depth
            make_file("model/MLmodel", f"signature: {{inputs: '[{nested}]'}}")
            made = await register(workspace, base, "model", type="mlflow_model")
            assert nested in made.mlmodel
            if made.signature.fields:
                assert made.signature.fields[0].type == "array of " * depth + "long"
        first = await workspace.models.get("m", "1")
        assert first.signature.fields[0].type == "array of array of array of long"


class TestVersions:
    async def test_list_filters_by_name_type_and_tags(self, workspace: Workspace, base: Path, bin_file: Path) -> None:
        write_model(base / "fitted")
        await register(workspace, base, name="zeta", tags={"Owner": "Ada"}, description="by ada")
        await register(workspace, base, name="alpha")
        await register(workspace, base, "fitted", name="alpha", type="mlflow_model")
        found = await workspace.models.list()
        assert [(m.name, m.latest_version, m.version_count, m.type) for m in found] == [
            ("alpha", "2", 2, "mlflow_model"),
            ("zeta", "1", 1, "custom_model"),
        ]
        assert (found[1].description, dict(found[1].tags)) == ("by ada", {"Owner": "Ada"})
        for text, names in {
            "": ["alpha", "zeta"],
            "ZET ada": ["zeta"],
            "mlflow": ["alpha"],
            "owner": ["zeta"],
            "ada alpha": [],
            "%": [],
            "_": ["alpha", "zeta"],
        }.items():
            assert [m.name for m in await workspace.models.list(text)] == names, text

    async def test_tags_and_description_are_replaced(self, workspace: Workspace, base: Path, bin_file: Path) -> None:
        made = await register(workspace, base, tags={"a": "1", "b": "2"}, description="old")
        assert dict((await workspace.models.update("m", "1", tags={"b": "3", HOSTILE: HOSTILE})).tags) == {
            "b": "3",
            HOSTILE: HOSTILE,
        }
        changed = await workspace.models.update("m", "latest", description=HOSTILE)
        assert (changed.description, dict(changed.tags)) == (HOSTILE, {"b": "3", HOSTILE: HOSTILE})
        assert dict((await workspace.models.update("m", "1", tags={}, description="")).tags) == {}
        kept = await workspace.models.get("m", "1")
        assert (kept.description, kept.type, kept.uri, kept.created_at) == ("", made.type, made.uri, made.created_at)
        for tags in ({"": "x"}, {"k" * 251: "x"}):
            with pytest.raises(SpecError):
                await workspace.models.update("m", "1", tags=tags)

    async def test_an_alias_points_at_one_version(self, workspace: Workspace, base: Path, bin_file: Path) -> None:
        for _ in range(3):
            await register(workspace, base)
        await workspace.models.set_alias("m", "champion", "1")
        await workspace.models.set_alias("m", "best", "1")
        assert (await workspace.models.get("m", "1")).aliases == ("best", "champion")
        await workspace.models.set_alias("m", "champion", "latest")
        await workspace.models.set_alias("m", "also", "champion")
        assert (await workspace.models.get("m", "champion")).version == "3"
        assert dict((await workspace.models.list())[0].aliases) == {"also": "3", "best": "1", "champion": "3"}
        await workspace.models.set_alias("m", "champion", None)
        with pytest.raises(NotFoundError):
            await workspace.models.get("m", "champion")
        assert [v.aliases for v in await workspace.models.versions("m")] == [("also",), (), ("best",)]

    @pytest.mark.parametrize("alias", ["", "latest", "LATEST", "1", "v1", "V20", "a b", "a/b", "x" * 256, HOSTILE])
    async def test_a_reserved_or_odd_alias_is_refused(
        self, workspace: Workspace, base: Path, bin_file: Path, alias: str
    ) -> None:
        await register(workspace, base)
        with pytest.raises(UserError):
            await workspace.models.set_alias("m", alias, "1")
        assert (await workspace.models.get("m")).aliases == ()

    async def test_archive_hides_and_restore_shows(self, workspace: Workspace, base: Path, bin_file: Path) -> None:
        for _ in range(2):
            await register(workspace, base, tags={"t": "x"})
        await register(workspace, base, name="other")
        await workspace.models.archive("m", "2")
        assert (await workspace.models.get("m")).version == "1", "latest is the newest that is not archived"
        assert [(v.version, v.archived) for v in await workspace.models.versions("m")] == [("2", True), ("1", False)]
        assert (await workspace.models.list("m"))[0].latest_version == "1"
        await workspace.models.archive("m")
        assert [m.name for m in await workspace.models.list()] == ["other"]
        assert [(m.name, m.archived) for m in await workspace.models.list(include_archived=True)] == [
            ("m", True),
            ("other", False),
        ]
        assert (await register(workspace, base)).version == "3", "a number is not given twice"
        await workspace.models.archive("m", archived=False)
        restored = await workspace.models.versions("m")
        assert [(v.version, v.archived, dict(v.tags)) for v in restored] == [
            ("3", False, {}),
            ("2", False, {"t": "x"}),
            ("1", False, {"t": "x"}),
        ]

    async def test_what_is_not_there(self, workspace: Workspace, base: Path, bin_file: Path, tmp_path: Path) -> None:
        models = workspace.models
        for name, version in (("m", "9"), ("m", "champion"), ("m", "01"), ("nothing", "1"), (HOSTILE, HOSTILE)):
            if name == "m":
                await register(workspace, base)
            for call in (
                models.get(name, version),
                models.files(name, version),
                models.update(name, version, tags={}),
                models.set_alias(name, "best", version),
                models.archive(name, version),
                models.download(name, version, tmp_path / "out"),
            ):
                with pytest.raises(NotFoundError):
                    await call
        with pytest.raises(NotFoundError):
            await models.versions("nothing")
        with pytest.raises(NotFoundError):
            await models.archive("nothing")
        with pytest.raises(NotFoundError):
            await models.set_alias("m", "none", None)
        assert not (tmp_path / "out").exists()
        assert await models.list("nothing") == []
