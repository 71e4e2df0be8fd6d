"""What can run a recipe in a workspace, and why something can't."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from services.entities import Compute
from services.wrangling.script import Engine

NO_JAVA = "needs Java 17, which is not on this machine; install it, or set JAVA_HOME"
NO_POOL = "no Spark pool is attached; Compute attaches one"
SPARK_POOL = "synapsespark"


class Place(StrEnum):
    """Where a recipe runs."""

    PANDAS = "pandas"
    SPARK = "spark"
    MASTER = "master"
    SERVERLESS = "serverless"
    POOL = "pool"

    @property
    def engine(self) -> Engine:
        """Which script that takes."""
        return Engine.PANDAS if self is Place.PANDAS else Engine.PYSPARK


@dataclass(frozen=True)
class Choice:
    """A place, and why it can't be had: in two words, and with what to do; both empty if it can."""

    place: Place
    lack: str = ""
    trouble: str = ""


def has_java() -> bool:
    """Whether there is a Java that Spark would find."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java") is not None or (home is not None and (Path(home) / "bin/java").exists())


def choices(*, is_azure: bool, computes: Sequence[Compute]) -> list[Choice]:
    """The places of a workspace, pandas first."""
    if is_azure:
        pool = () if any(compute.type == SPARK_POOL for compute in computes) else ("none here", NO_POOL)
        return [Choice(Place.PANDAS), Choice(Place.SERVERLESS), Choice(Place.POOL, *pool)]
    java = () if has_java() else ("no Java here", NO_JAVA)
    return [Choice(Place.PANDAS), Choice(Place.SPARK, *java), Choice(Place.MASTER, *java)]
