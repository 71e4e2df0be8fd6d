"""Large imports leave the loop its pace: nothing is collected meanwhile, and little afterwards."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.imports import import_slowly

MODULE = "import gc\nMEANWHILE = gc.isenabled()\nKEPT = [[] for _ in range(1000)]\n"


@pytest.fixture
def thawed() -> Iterator[None]:
    """What a test froze is collected again after it."""
    yield
    gc.unfreeze()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that modules are imported from."""
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    sys.modules.pop("lapis_large", None)


@pytest.mark.usefixtures("thawed")
def test_nothing_is_collected_meanwhile_and_what_is_there_is_not_looked_at_later(folder: Path) -> None:
    (folder / "lapis_large.py").write_text(MODULE)
    import_slowly("lapis_large")
    large = sys.modules["lapis_large"]
    assert not large.MEANWHILE
    assert gc.isenabled()
    assert not any(found is large.KEPT for found in gc.get_objects())


@pytest.mark.usefixtures("thawed")
def test_a_module_that_fails_leaves_the_collection_on(folder: Path) -> None:
    (folder / "lapis_large.py").write_text("1 // 0\n")
    with pytest.raises(ZeroDivisionError):
        import_slowly("lapis_large")
    assert gc.isenabled()
