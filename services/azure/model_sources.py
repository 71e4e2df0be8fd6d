"""Where the files of a model that is to be registered are, and which job made them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.asset_uris import datastore_path, job_output, logged_model, run_path
from services.azure.job_fields import ARTIFACTS
from services.azure.job_mapping import output_uri, outputs_of
from services.azure.places import Places
from services.azure.resources import Body, Resources, properties_of
from services.azure.tracking import Runs
from services.entities import ModelCandidate
from services.errors import NotFoundError
from services.model_files import LIMIT, MLMODEL, ModelDescription, flavor_words, read_mlmodel, slug, suggested_name
from services.storage.places import Place, files_at
from services.uris import datastore_uri

RUN_OUTPUTS = (ARTIFACTS, "artifacts")
"""The names of what a run left by itself."""


@dataclass(frozen=True)
class ModelSource:
    """A place in a datastore, and the job that made what is there, if a job did."""

    uri: str
    job_name: str = ""


class ModelSources:
    """Finds models in what jobs left; blocking."""

    def __init__(self, resources: Resources, places: Places, runs: Runs) -> None:
        self._resources = resources
        self._places = places
        self._runs = runs

    def find(self, uri: str) -> ModelSource | None:
        """What a path of a model means here; None for a local one. Raises NotFoundError, UserError."""
        if model_id := logged_model(uri):
            run, path = self._runs.logged_model(model_id)
            return ModelSource(_run_uri(run, path), run)
        if run_uri := run_path(uri):
            self._runs.get(run_uri.run_id)
            return self._of_run(run_uri.run_id, run_uri.path)
        if output := job_output(uri):
            job = self.job(output.job)
            if output.output in RUN_OUTPUTS:
                return self._of_run(output.job, output.path)
            place = output_uri(job, output.output)
            if not place:
                raise NotFoundError(f"Job {output.job} has no output {output.output}.")
            return ModelSource(f"{place.rstrip('/')}/{output.path}", output.job)
        return ModelSource(uri) if datastore_path(uri) else None

    def job(self, name: str) -> Body:
        """A job. Raises NotFoundError."""
        found = self._resources.find("jobs", name)
        if found is None:
            raise NotFoundError(f"There is no job named {name}.", advice="See the list of jobs.")
        return found

    def candidates(self, name: str) -> list[ModelCandidate]:
        """The logged models of a job, then folders with an MLmodel file in its artifacts and outputs."""
        job = self.job(name)
        fallback = slug(str(properties_of(job).get("experimentName") or "")) or "model"
        try:
            logged = self._runs.logged_models(self._runs.get(name))
        except NotFoundError:  # it has not begun
            logged = {}
        models, folders = [], []
        for output, uri in self._outputs(job):
            for path, flavors in self._mlmodels(self._places.find(uri)):
                last = path.rpartition("/")[2]
                model_id = logged.get(path) if output == "artifacts" else None
                suggested = suggested_name(last or output, fallback)
                if model_id:
                    label = f"{last} (logged model{flavors})"
                    models.append(ModelCandidate(label, f"models:/{model_id}", "mlflow_model", suggested))
                else:
                    label = "/".join(filter(None, (output, path)))
                    address = f"azureml://jobs/{name}/outputs/{output}" + (f"/paths/{path}/" if path else "")
                    folders.append(ModelCandidate(label + flavors, address, "mlflow_model", suggested))
        return [*models, *folders]

    def description(self, place: Place) -> ModelDescription:
        """The MLmodel file of a model's folder; an empty description if there is none."""
        path = f"{place.path}/{MLMODEL}".lstrip("/")
        if place.files.entry(path) is None:
            return ModelDescription()
        return read_mlmodel(place.files.read(path, 0, LIMIT).decode("utf-8", "replace"))

    def _of_run(self, run: str, path: str) -> ModelSource:
        """In the artifacts of a run, or the logged model of that name: MLflow 3 keeps those among them in `models`."""
        uri = _run_uri(run, path)
        if not files_at(self._places.find(uri)).entries and path.strip("/"):
            return ModelSource(_run_uri(run, f"models/{path.removeprefix('models/')}"), run)
        return ModelSource(uri, run)

    def _outputs(self, job: Body) -> Iterator[tuple[str, str]]:
        name = str(job.get("name"))
        yield "artifacts", _run_uri(name, "")
        for output in outputs_of(job):
            uri = output_uri(job, output)
            if datastore_path(uri):
                yield output, uri

    def _mlmodels(self, place: Place) -> Iterator[tuple[str, str]]:
        """Each folder with an MLmodel file, and its flavors in words."""
        found = files_at(place)
        for entry in found.entries:
            folder, _, name = entry.path.rpartition("/")
            if name == MLMODEL and not found.is_file:
                inner = Place(place.files, f"{found.root}{folder}".rstrip("/"))
                yield folder, flavor_words(self.description(inner))


def _run_uri(run: str, path: str) -> str:
    return datastore_uri("workspaceartifactstore", f"ExperimentRun/dcid.{run}/{path}")
