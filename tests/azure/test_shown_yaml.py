"""What is shown as YAML is taken by the SDK, and means what it meant."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from services.specs.command import CommandJob, JobInput
from services.specs.show_as import as_yaml
from services.specs.writing import Spec
from tests.azure.shown_specs import (
    AUTOML_JOBS,
    COMPUTES,
    DATA,
    DATASTORES,
    ENVIRONMENTS,
    JOBS,
    MODELS,
    SPARK_JOBS,
    SWEEPS,
    WORKSPACES,
    job,
)
from tests.specs.strategies import TEXT

pytestmark = pytest.mark.azure

LOADERS: Mapping[str, Mapping[str, Spec]] = {
    "load_job": {**JOBS, **SPARK_JOBS, **SWEEPS, **AUTOML_JOBS},
    "load_data": DATA,
    "load_model": MODELS,
    "load_environment": ENVIRONMENTS,
    "load_compute": COMPUTES,
    "load_datastore": DATASTORES,
    "load_workspace": WORKSPACES,
}


@pytest.mark.parametrize(("load", "spec"), [
    pytest.param(load, spec, id=f"{load} {name}") for load, specs in LOADERS.items() for name, spec in specs.items()
])  # fmt: skip
def test_the_sdk_takes_it(load: str, spec: Spec, spec_files: Path, quick_sdk: Any) -> None:
    (spec_files / "it.yml").write_text(as_yaml(spec), "utf-8")
    loaded = getattr(quick_sdk, load)(spec_files / "it.yml")
    for name in ("name", "description", "display_name", "experiment_name", "command", "version"):
        if (wanted := getattr(spec, name, None)) is not None:
            assert getattr(loaded, name) == str(wanted)
    assert set(loaded.tags or ()) == set(spec.tags)
    assert all(isinstance(value, str) for value in (loaded.tags or {}).values())


def loaded_job(spec: CommandJob, quick_sdk: Any) -> Any:
    return quick_sdk.load_job(StringIO(as_yaml(spec)))._to_job()


def test_texts_come_out_as_they_went_in(quick_sdk: Any) -> None:
    """Whatever YAML could take them for."""

    @settings(max_examples=60, deadline=None)
    @given(TEXT)
    def comes_out(text: str) -> None:
        spec = job(
            command=f"echo {text}", display_name=text, tags={"x": text}, environment_variables={"X": text},
            inputs={"x": text, "y": JobInput("string", value=text)}, description=text,
        )  # fmt: skip
        loaded = loaded_job(spec, quick_sdk)
        assert loaded.command == spec.command
        assert (loaded.display_name, loaded.description) == (text, text)
        assert (loaded.tags, loaded.environment_variables) == ({"x": text}, {"X": text})
        assert (loaded.inputs["x"], loaded.inputs["y"]) == (text, text)

    comes_out()


def test_numbers_stay_numbers(quick_sdk: Any) -> None:
    values: dict[str, Any] = {"count": 3, "rate": 1e-5, "kept": True, "text": "3"}
    loaded = loaded_job(job(inputs=values), quick_sdk)
    assert {key: (type(value), value) for key, value in loaded.inputs.items()} == {
        key: (type(value), value) for key, value in values.items()
    }
    typed = loaded_job(job(inputs={"count": JobInput("integer", value=3)}), quick_sdk)
    assert typed.inputs == {"count": 3}


def test_a_secret_in_it_leaves_yaml_that_is_taken(quick_sdk: Any) -> None:
    address = "https://account.blob.core.windows.net/c/x.csv?sv=2021-10-04&sig=c2VjcmV0c2VjcmV0"
    spec = job(inputs={"x": JobInput("uri_file", address)}, environment_variables={"API_KEY": "hunter2", "N": "1"})
    loaded = loaded_job(spec, quick_sdk)
    assert "c2VjcmV0" not in str(loaded.inputs["x"].path)
    assert loaded.environment_variables == {"API_KEY": "<redacted>", "N": "1"}
