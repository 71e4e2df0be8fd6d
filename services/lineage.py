"""Where a data asset comes from: properties that an output takes over from the job that made it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.asset_uris import datastore_path
from services.names import OWN

JOB, TABLE, RECIPE, RECIPE_SHA256 = f"{OWN}job", f"{OWN}table", f"{OWN}recipe", f"{OWN}recipe_sha256"
_OUTPUT = re.compile(r"azureml/(?P<job>[^/]+)/[^/]+(/|$)")
"""Where the output of a job lies that names no path, from the root of the datastore."""


def output_properties(job: str, properties: Mapping[str, str]) -> dict[str, str]:
    """The properties of an asset that a job made: what its own tell of table and recipe, and its name."""
    return {**{key: value for key, value in properties.items() if key.startswith(OWN)}, JOB: job}


def job_of_path(uri: str) -> str:
    """The name of the job whose output lies at a URI, if that tells it; else empty."""
    place = datastore_path(uri)
    found = _OUTPUT.match(place.path) if place else None
    return found["job"] if found else ""
