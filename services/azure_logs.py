"""Keeps what Azure's libraries and those of HTTP log off the terminal."""

from __future__ import annotations

import logging

_LIBRARIES = ("azure", "msal", "msrest", "urllib3", "opentelemetry")


def quiet_libraries() -> None:
    """Send what these libraries log nowhere: they would write over the screen, and may log what is secret."""
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
        logger.propagate = False
        logger.setLevel(logging.CRITICAL)
