from __future__ import annotations

from pathlib import Path

import pytest

from services.errors import ConflictError, ServiceError
from services.specs.assets import ModelSpec
from services.workspace import Workspace
from tests.contract.conftest import MakeFile
from tests.support.entities import HOSTILE
from tests.support.local_jobs import MLMODEL, write_model


def there(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
async def model(workspace: Workspace, base: Path) -> ModelSpec:
    """The MLflow model `m`, version 1."""
    write_model(base / "fitted")
    spec = ModelSpec("m", "fitted", type="mlflow_model")
    await workspace.models.register(spec, base=base)
    return spec


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where downloads go; not there yet."""
    return tmp_path / "out" / "deep"


FILES = {"MLmodel": MLMODEL.encode(), "data/model.skops": b"skops" * 100}


@pytest.mark.usefixtures("model")
class TestDownload:
    async def test_all_files_come_below_the_name(self, workspace: Workspace, target: Path) -> None:
        report = await workspace.models.download("m", "latest", target)
        assert (report.target, report.files, report.size) == (str(target / "m"), 2, len(MLMODEL) + 500)
        assert there(target) == {f"m/{path}": content for path, content in FILES.items()}

    async def test_a_model_that_is_one_file(
        self, workspace: Workspace, base: Path, make_file: MakeFile, target: Path
    ) -> None:
        name = HOSTILE.replace("/", "")
        make_file(name, b"ab")
        await workspace.models.register(ModelSpec("one", name), base=base)
        report = await workspace.models.download("one", "1", target)
        assert (report.files, report.size, there(target)) == (1, 2, {f"one/{name}": b"ab"})

    async def test_nothing_is_written_over(self, workspace: Workspace, target: Path) -> None:
        await workspace.models.download("m", "1", target)
        (target / "m" / "MLmodel").write_text("mine")
        (target / "m" / "data" / "model.skops").unlink()
        with pytest.raises(ConflictError):
            await workspace.models.download("m", "1", target)
        assert there(target) == {"m/MLmodel": b"mine"}, "it is refused before anything is copied"

    async def test_what_else_is_there_stays(self, workspace: Workspace, target: Path) -> None:
        (target / "m").mkdir(parents=True)
        (target / "m" / "notes.txt").write_text("mine")
        await workspace.models.download("m", "1", target)
        assert there(target / "m") == {**FILES, "notes.txt": b"mine"}

    @pytest.mark.parametrize("link", ["m", "m/data", "m/MLmodel"])
    async def test_no_link_leads_outside(self, workspace: Workspace, target: Path, tmp_path: Path, link: str) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (target / link).parent.mkdir(parents=True)
        (target / link).symlink_to(elsewhere / "file" if link.endswith("MLmodel") else elsewhere)
        with pytest.raises(ConflictError):
            await workspace.models.download("m", "1", target)
        assert there(elsewhere) == {}

    async def test_the_target_itself_may_be_a_link(self, workspace: Workspace, target: Path, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        target.parent.mkdir()
        target.symlink_to(tmp_path / "real")
        await workspace.models.download("m", "1", target)
        assert there(tmp_path / "real" / "m") == FILES

    async def test_a_target_that_is_a_file(self, workspace: Workspace, target: Path) -> None:
        target.parent.mkdir()
        target.write_text("mine")
        with pytest.raises(ServiceError):
            await workspace.models.download("m", "1", target)
        assert target.read_text() == "mine"

    @pytest.mark.parametrize("link", ["", "m", "m/data", "m/MLmodel"])
    async def test_a_link_to_itself(self, workspace: Workspace, target: Path, link: str) -> None:
        (target / link).parent.mkdir(parents=True)
        (target / link).symlink_to(target / link)
        with pytest.raises(ServiceError):
            await workspace.models.download("m", "1", target)

    async def test_what_was_downloaded_can_be_registered(self, workspace: Workspace, target: Path) -> None:
        await workspace.models.download("m", "1", target)
        again = await workspace.models.register(ModelSpec("again", "m", type="mlflow_model"), base=target)
        original = await workspace.models.get("m")
        assert (again.mlmodel, again.signature, again.size) == (original.mlmodel, original.signature, original.size)
