"""Where the files of a model that is to be registered are, and which job made them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from services.asset_uris import job_output, logged_model, run_path
from services.entities import ModelCandidate
from services.errors import NotFoundError
from services.local.database import Database
from services.local.job_files import logged_models
from services.local.job_outputs import ARTIFACTS, output_folder, outputs
from services.local.layout import Layout
from services.local.mlflow_store import NoStoreError, reading
from services.local.uris import inside, resolve
from services.model_files import MLMODEL, described, flavor_words, slug, suggested_name


@dataclass(frozen=True)
class ModelSource:
    """Files, and the run that made them, if a run did."""

    place: Path
    run_id: str = ""


class ModelSources:
    """Finds models in what jobs left."""

    def __init__(self, layout: Layout, database: Database) -> None:
        self._layout = layout
        self._database = database

    def find(self, uri: str, base: Path) -> ModelSource:
        """What a path of a model means here. The place may not exist. Raises NotFoundError, UserError."""
        if model_id := logged_model(uri):
            return self._logged_model(model_id)
        if run := run_path(uri):
            return self._of_run(run.run_id, self._artifact_folder(run.run_id), run.path)
        if output := job_output(uri):
            run_id = self.run_id(output.job)
            folder = output_folder(self._layout, output.job, output.output)
            if output.output in ARTIFACTS:
                return self._of_run(run_id, folder, output.path)
            return ModelSource(inside(folder, output.path), run_id)
        return ModelSource(resolve(self._layout, uri, base))

    def run_id(self, job: str) -> str:
        """The run of a job. Raises NotFoundError."""
        return str(self._job(job)["run_id"])

    def jobs_of_runs(self, run_ids: set[str]) -> dict[str, str]:
        """The job of each run that a job made."""
        if not run_ids:
            return {}
        with self._database.read() as connection:
            query = "SELECT name, run_id FROM jobs WHERE run_id IN (SELECT value FROM json_each(?))"
            return {row["run_id"]: row["name"] for row in connection.execute(query, (json.dumps(sorted(run_ids)),))}

    def candidates(self, job: str) -> list[ModelCandidate]:
        """The logged models of a job, then folders with an MLmodel file in its artifacts and outputs."""
        row = self._job(job)
        fallback = slug(row["experiment_name"]) or "model"
        found = [
            ModelCandidate(
                f"{name} (logged model{flavor_words(described(folder))})",
                f"models:/{model_id}",
                "mlflow_model",
                suggested_name(name, fallback),
            )
            for name, model_id, folder in logged_models(self._layout, row["run_id"])
        ]
        places = {ARTIFACTS[0]: output_folder(self._layout, job, ARTIFACTS[0]), **outputs(self._layout, job)}
        for output, root in places.items():
            for path in _mlmodel_folders(root):
                uri = (
                    f"azureml://jobs/{job}/outputs/{output}/paths/{path}/"
                    if path
                    else f"azureml://jobs/{job}/outputs/{output}"
                )
                label = "/".join(filter(None, (output, path)))
                name = suggested_name(Path(path).name or output, fallback)
                found.append(
                    ModelCandidate(f"{label}{flavor_words(described(root / path))}", uri, "mlflow_model", name)
                )
        return found

    def _job(self, job: str) -> dict[str, str]:
        with self._database.read() as connection:
            row = connection.execute("SELECT run_id, experiment_name FROM jobs WHERE name = ?", (job,)).fetchone()
        if row is None:
            raise NotFoundError(f"There is no job named {job}.", advice="See the list of jobs.")
        return dict(row)

    def _logged_model(self, model_id: str) -> ModelSource:
        try:
            with reading(self._layout) as connection:
                query = "SELECT artifact_location, source_run_id FROM logged_models WHERE model_id = ?"
                row = connection.execute(query, (model_id,)).fetchone()
        except NoStoreError:
            row = None
        if row is None:
            raise NotFoundError(f"There is no logged model {model_id}.")
        return ModelSource(_path(row["artifact_location"]), row["source_run_id"] or "")

    def _artifact_folder(self, run_id: str) -> Path:
        try:
            with reading(self._layout) as connection:
                row = connection.execute("SELECT artifact_uri FROM runs WHERE run_uuid = ?", (run_id,)).fetchone()
        except NoStoreError:
            row = None
        if row is None:
            raise NotFoundError(f"There is no run {run_id}.")
        return _path(row["artifact_uri"])

    def _of_run(self, run_id: str, folder: Path, path: str) -> ModelSource:
        """In the artifacts of a run, or the logged model of that name: MLflow 3 keeps those elsewhere."""
        place = inside(folder, path)
        if not place.exists() or not path.strip("/"):
            name = path.strip("/").removeprefix("models/")
            for found, _, model in reversed(logged_models(self._layout, run_id)):
                if found == name:
                    return ModelSource(model, run_id)
        return ModelSource(place, run_id)


def _path(location: str) -> Path:
    """An artifact location of MLflow as a path: it may be a file URI."""
    return Path(unquote(urlsplit(location).path) if location.startswith("file://") else location)


def _mlmodel_folders(root: Path) -> Iterator[str]:
    if root.is_dir():
        for file in sorted(root.rglob(MLMODEL)):
            path = file.parent.relative_to(root).as_posix()
            yield "" if path == "." else path
