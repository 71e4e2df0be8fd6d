"""Imports that take seconds, in a thread beside a loop that is to stay quick."""

from __future__ import annotations

import gc
import importlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_one_at_a_time = threading.Lock()


def import_slowly(*modules: str) -> None:
    """Import large modules, one caller at a time. Raises ImportError."""
    with collection_held():
        for module in modules:
            importlib.import_module(module)


@contextmanager
def collection_held() -> Iterator[None]:
    """While very many objects are made that stay; one caller at a time.

    Garbage isn't collected meanwhile: a full collection of so much holds up all threads for 0.1 s and more. What is
    there afterwards stays, and later collections don't look at it, so that they are short.
    """
    with _one_at_a_time:
        gc.disable()
        try:
            yield
        finally:
            gc.freeze()
            gc.enable()
