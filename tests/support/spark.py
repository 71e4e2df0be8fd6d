"""Spark in an environment of its own, where there is one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]


def spark_python() -> str:
    """The interpreter of the environment that `make spark` builds, or that LAPIS_SPARK_PYTHON names; else empty."""
    python = os.environ.get("LAPIS_SPARK_PYTHON") or str(ROOT / ".venv-spark/bin/python")
    return python if Path(python).exists() else ""


def why_no_spark() -> str:
    """Why a test that needs Spark is skipped; empty if it can run."""
    if not spark_python():
        return "no environment with Spark: `make spark` builds one, or LAPIS_SPARK_PYTHON names its interpreter"
    return "" if shutil.which("java") else "Spark needs Java 17"
