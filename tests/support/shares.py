"""Which tests a worker of pytest-xdist runs together, so that what they share is set up once."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling


class Shares(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives one worker all that share something costly, the largest share first, and then test by test who is free.

    xdist's own marks for this (`xdist_group`, `--dist loadgroup`) mean nothing under pytest 9.2, which fixes ids.
    """

    def _split_scope(self, nodeid: str) -> str:
        if "azure" in nodeid:  # a lab with its storage and its MLflow server, and the SDKs
            return "azure"
        for part in ("tests/terminal/", "test_spark.py"):  # the installed wheel; a session of Spark
            if part in nodeid:
                return part
        return nodeid
