"""Keeps azure-ai-ml from writing on the terminal, and its storage clients from trying for minutes."""

from __future__ import annotations

import functools
import importlib
import logging
import threading
from typing import Any

from services.azure_logs import quiet_libraries
from services.imports import import_slowly

CONNECT_SECONDS = 5
READ_SECONDS = 20
STORAGE_BOUNDS: dict[str, Any] = {
    "connection_timeout": CONNECT_SECONDS,
    "read_timeout": READ_SECONDS,
    "initial_backoff": 0.2,
    "increment_base": 1,
    "random_jitter_range": 0,
    "retry_total": 3,
}
"""Of a storage client; its own defaults go on for 88 seconds where a name is not found."""

_HELPERS = {
    "_blob_storage_helper": ("BlobServiceClient",),
    "_gen2_storage_helper": ("DataLakeServiceClient",),
    "_fileshare_storage_helper": ("ShareDirectoryClient",),
}

_importing = threading.Lock()


def import_sdk() -> None:
    """Import azure-ai-ml, and keep it quiet: it installs a handler and prints colours to stderr (1.35.2).

    Whoever uses a part of it calls this before. The first call takes seconds and belongs in a thread.
    """
    with _importing:
        _import_sdk()


@functools.cache
def _import_sdk() -> None:
    import_slowly("azure.ai.ml")
    quiet_libraries()
    # creating a workspace and an endpoint is told by loggers of their own, each with its handler
    for name in [name for name in logging.root.manager.loggerDict if f"{name}.".startswith("azure.ai.ml.")]:
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
        logger.setLevel(logging.CRITICAL)
    for module, clients in _HELPERS.items():
        helper = importlib.import_module(f"azure.ai.ml._artifacts.{module}")
        vars(helper)["print"] = _nothing
        for client in clients:
            setattr(helper, client, functools.partial(getattr(helper, client), **STORAGE_BOUNDS))


def _nothing(*_: object, **__: object) -> None:
    """In place of `print`."""
