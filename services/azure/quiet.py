"""Keeps azure-ai-ml from writing on the terminal, and its storage clients from trying for minutes."""

from __future__ import annotations

import functools
import importlib
import logging
from typing import Any

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

_LIBRARIES = ("azure", "msal", "msrest", "urllib3", "opentelemetry")
_HELPERS = {
    "_blob_storage_helper": ("BlobServiceClient",),
    "_gen2_storage_helper": ("DataLakeServiceClient",),
    "_fileshare_storage_helper": ("ShareDirectoryClient",),
}


def quiet_libraries() -> None:
    """Send what Azure's libraries log nowhere: they would write over the screen, and may log what is secret."""
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
        logger.propagate = False
        logger.setLevel(logging.CRITICAL)


def quiet_sdk() -> None:
    """Do so for azure-ai-ml after it was imported; it installs a handler and prints colours to stderr (1.35.2)."""
    quiet_libraries()
    logger = logging.getLogger("azure.ai.ml")
    logger.handlers = [logging.NullHandler()]
    logger.setLevel(logging.CRITICAL)
    for module, clients in _HELPERS.items():
        helper = importlib.import_module(f"azure.ai.ml._artifacts.{module}")
        vars(helper)["print"] = _nothing
        for client in clients:
            made = getattr(helper, client)
            if not isinstance(made, functools.partial):
                setattr(helper, client, functools.partial(made, **STORAGE_BOUNDS))


def _nothing(*_: object, **__: object) -> None:
    """In place of `print`."""
