"""Where everything lies in the folder of a local workspace. Standard library only: the supervisor reads it too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LAYOUT_VERSION = 1
"""The version of the folder and of lapis.db; a workspace with a higher one is from a newer Lapis."""

DATASTORES = {
    "workspaceblobstore": "azure_blob",
    "workspaceartifactstore": "azure_blob",
    "workspacefilestore": "azure_file",
    "workspaceworkingdirectory": "azure_file",
}
"""The four default datastores of a workspace, the default one first, and the types that they have in Azure."""


@dataclass(frozen=True)
class Layout:
    """The paths of a workspace."""

    root: Path

    @property
    def marker(self) -> Path:
        """workspace.json: name, version of the layout, time of creation."""
        return self.root / "workspace.json"

    @property
    def database(self) -> Path:
        """lapis.db: jobs, data assets, environments."""
        return self.root / "lapis.db"

    @property
    def mlflow_database(self) -> Path:
        """mlflow.db: MLflow's tracking store and model registry."""
        return self.root / "mlflow.db"

    @property
    def mlflow_uri(self) -> str:
        """The tracking and registry URI."""
        return f"sqlite:///{self.mlflow_database}"

    def datastore(self, name: str) -> Path:
        """The folder of a datastore."""
        return self.root / "datastores" / name

    @property
    def datastore_file(self) -> Path:
        """datastores.json: what was registered besides the four, and which one is the default."""
        return self.root / "datastores.json"

    @property
    def vault(self) -> Path:
        """vault.json: the secrets of datastores, for their owner alone."""
        return self.root / "vault.json"

    @property
    def jobs(self) -> Path:
        """A folder for each job."""
        return self.root / "jobs"

    def job(self, name: str) -> Path:
        """The folder of a job."""
        return self.jobs / name

    def run_artifacts(self, job_name: str) -> Path:
        """The artifacts of a job's run, where Azure keeps them: ExperimentRun/dcid.JOB."""
        return self.datastore("workspaceartifactstore") / "ExperimentRun" / f"dcid.{job_name}"

    @property
    def models(self) -> Path:
        """Copies of registered models."""
        return self.datastore("workspaceblobstore") / "models"

    @property
    def queue(self) -> Path:
        """Tickets of the jobs that wait for a slot, named by their order of submission."""
        return self.root / "queue"

    @property
    def slots(self) -> Path:
        """A lock file for each slot of this machine."""
        return self.root / "slots"

    @property
    def pools(self) -> Path:
        """A folder for each pool; not there before the first one."""
        return self.root / "pools"

    @property
    def environments(self) -> Path:
        """Virtual environments, cached by the hash of what is in them."""
        return self.root / "environments"

    @property
    def events(self) -> Path:
        """insights.log: what happened in the workspace."""
        return self.root / "insights.log"
