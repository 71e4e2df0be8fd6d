"""What is shown as `az ml` commands has options that there are, and fields that are in the YAML."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from screens.show_as import reading_forms
from services.specs.assets import DataSpec
from services.specs.command import JobInput
from services.specs.show_as import as_az, as_yaml
from services.specs.writing import Spec
from services.targets import AzureTarget
from tests.azure.shown_specs import (
    AUTOML_JOBS,
    COMPUTES,
    DATA,
    DATASTORES,
    ENVIRONMENTS,
    JOBS,
    MODELS,
    SWEEPS,
    WORKSPACES,
    job,
)

pytestmark = pytest.mark.azure

OPTIONS = {
    # https://learn.microsoft.com/cli/azure/ml/job
    "job create": "file name registry-name save-as set skip-validation stream web",
    # https://learn.microsoft.com/cli/azure/ml/data
    "data create": "datastore description file name no-wait path registry-name set skip-validation tags type version",
    # https://learn.microsoft.com/cli/azure/ml/model
    "model create": "datastore description file name no-wait path registry-name set stage tags type version",
    # https://learn.microsoft.com/cli/azure/ml/environment
    "environment create": "build-context conda-file datastore description dockerfile-path file image name no-wait "
    "os-type registry-name set tags version",
    # https://learn.microsoft.com/cli/azure/ml/compute
    "compute create": "admin-password admin-username description enable-node-public-ip file identity-type "
    "idle-time-before-scale-down location max-instances min-instances name no-wait set size ssh-key-value "
    "ssh-public-access-enabled subnet tags tier type user-assigned-identities user-object-id user-tenant-id vnet-name",
    "compute attach": "admin-password admin-username file identity-type name namespace no-wait resource-id set "
    "ssh-port ssh-private-key-file type user-assigned-identities",
    "compute show": "name",
    # https://learn.microsoft.com/cli/azure/ml/datastore
    "datastore create": "file name set",
    "datastore show": "name",
    # https://learn.microsoft.com/cli/azure/ml/workspace
    "workspace create": "application-insights container-registry description display-name file image-build-compute "
    "key-vault location name no-wait primary-user-assigned-identity public-network-access set storage-account tags",
    "workspace show": "name",
}
EVERYWHERE = {"resource-group", "workspace-name", "subscription"}
TARGET = AzureTarget("00000000-0000-0000-0000-000000000001", "a group", "ws")
SPECS: dict[str, Mapping[str, Spec]] = {
    "job": {**JOBS, **SWEEPS, **AUTOML_JOBS},
    "data": DATA,
    "model": MODELS,
    "environment": ENVIRONMENTS,
    "compute": COMPUTES,
    "datastore": DATASTORES,
    "ws": WORKSPACES,
}
ALL = {f"{kind}: {name}": spec for kind, specs in SPECS.items() for name, spec in specs.items()}


def commands(text: str) -> list[tuple[str, dict[str, str]]]:
    """Each command: noun and verb, and its options with what stands behind them."""
    found = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        az, ml, noun, verb, *rest = shlex.split(line)
        assert (az, ml) == ("az", "ml")
        options: dict[str, str] = {}
        for word in rest:
            if word.startswith("--"):
                options[word[2:]] = ""
            else:
                options[list(options)[-1]] += word
        found.append((f"{noun} {verb}", options))
    return found


@pytest.mark.parametrize("target", [None, TARGET], ids=["placeholders", "a workspace"])
@pytest.mark.parametrize("spec", ALL.values(), ids=ALL)
def test_every_option_is_one_of_the_command(spec: Spec, target: AzureTarget | None) -> None:
    found = commands(as_az(spec, "my job.yml", target))
    assert found[0][1]["file"] == "my job.yml"
    for command, options in found:
        assert set(options) <= {*OPTIONS[command].split(), *EVERYWHERE}, command
        assert options["resource-group"] == (target.resource_group if target else "<group>")


@pytest.mark.parametrize("kind", ["compute", "datastore", "workspace"])
def test_every_option_of_reading_is_one_of_the_command(kind: str) -> None:
    ((command, options),) = commands(reading_forms(kind, "a name", TARGET)[0].text)
    assert (command, options["name"]) == (f"{kind} show", "a name")
    assert set(options) <= {*OPTIONS[command].split(), *EVERYWHERE}


@pytest.mark.parametrize("value", [JobInput("uri_file", "azureml:d:1"), JobInput("integer", value=3), 0.1, "text"])
def test_what_set_changes_is_in_the_yaml(value: Any) -> None:
    """Else az would add a field that the job doesn't know."""
    spec = job(inputs={"it": value})
    field, separator, placeholder = commands(as_az(spec, "job.yml"))[1][1]["set"].partition("=")
    assert (separator, placeholder) == ("=", "<value>")
    here = yaml.safe_load(as_yaml(spec))
    for part in field.split("."):
        here = here[part]
    assert not isinstance(here, dict)


def test_words_of_a_shell_stay_words() -> None:
    spec = DataSpec("d", "./a folder; rm -rf $HOME/`x`", version="1")
    assert commands(as_az(spec, "data.yml"))[1][1]["path"] == spec.path
