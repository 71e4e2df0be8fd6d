"""What of a code folder goes along, as az ml takes it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.errors import MachineError, SpecError
from services.specs import code
from services.specs.code import copy_code, list_code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a script, data, a cache and a repository."""
    root = tmp_path / "src"
    for path in ("train.py", "data/a.csv", "data/keep.csv", "lib/b.py", "lib/x.log", "__pycache__/t.pyc", ".git/HEAD"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    return root


def paths(folder: Path) -> list[str]:
    return [path for path, _ in list_code(folder).files]


def test_everything_but_caches_and_history(folder: Path) -> None:
    """Without an ignore file; sizes are bytes."""
    listing = list_code(folder)
    assert [path for path, _ in listing.files] == ["data/a.csv", "data/keep.csv", "lib/b.py", "lib/x.log", "train.py"]
    assert listing.size == sum(len(path) for path, _ in listing.files)
    assert (listing.left_out, listing.ignore_file) == ((".git/", "__pycache__/"), "")


def test_gitignore(folder: Path) -> None:
    """The ignore file itself goes along."""
    (folder / ".gitignore").write_text("# data\n*.log\n\n/data/\n")
    assert paths(folder) == [".gitignore", "lib/b.py", "train.py"]
    assert list_code(folder).ignore_file == ".gitignore"


def test_amlignore_counts_instead_of_gitignore(folder: Path) -> None:
    """Only one of them is read."""
    (folder / ".gitignore").write_text("*.py\n")
    (folder / ".amlignore").write_text("data\r\n.gitignore\r\n")
    assert paths(folder) == [".amlignore", "lib/b.py", "lib/x.log", "train.py"]


def test_the_last_pattern_decides(folder: Path) -> None:
    """Also about a file of an ignored folder, and about what is always ignored."""
    (folder / ".amlignore").write_text("data/\n!data/keep.csv\n!__pycache__/\n*.log\n")
    assert paths(folder) == [".amlignore", "__pycache__/t.pyc", "data/keep.csv", "lib/b.py", "train.py"]


def test_ignore_files_below_do_not_count(folder: Path) -> None:
    """As in az ml: "inner ignore file won't take effect"."""
    (folder / "lib/.amlignore").write_text("*\n")
    assert "lib/b.py" in paths(folder)


def test_a_broken_pattern_is_named(folder: Path) -> None:
    """With its line."""
    (folder / ".amlignore").write_text("*.log\n!\n")
    with pytest.raises(SpecError, match=r"\.amlignore, line 2: '!' is not a pattern"):
        list_code(folder)


def test_links(folder: Path, tmp_path: Path) -> None:
    """Links are followed, out of the folder too; circles end; what leads nowhere is left out."""
    outside = tmp_path / "shared"
    outside.mkdir()
    (outside / "s.py").write_text("s")
    (folder / "shared").symlink_to(outside)
    (folder / "alias").symlink_to("lib")
    (folder / "lib/up").symlink_to("..")
    (folder / "self").symlink_to("self")
    (folder / "gone").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    listing = list_code(folder)
    found = [path for path, _ in listing.files]
    assert {"shared/s.py", "alias/b.py", "lib/b.py"} <= set(found)
    assert not any("up/" in path for path in found)
    copy_code(folder, listing, tmp_path / "copy")
    assert not (tmp_path / "copy/shared").is_symlink()
    assert (tmp_path / "copy/shared/s.py").read_text() == "s"


def test_a_copy_is_the_listing(folder: Path, tmp_path: Path) -> None:
    """Not a file more or less; executable bits stay."""
    (folder / ".amlignore").write_text("data\n")
    (folder / "run.sh").write_text("true")
    (folder / "run.sh").chmod(0o755)
    listing = list_code(folder)
    copy_code(folder, listing, tmp_path / "copy")
    (tmp_path / "copy/.amlignore").unlink()
    copied = [(p, s) for p, s in list_code(tmp_path / "copy").files]
    assert copied == [f for f in listing.files if f[0] != ".amlignore"]
    assert os.access(tmp_path / "copy/run.sh", os.X_OK)


def test_a_single_file(folder: Path, tmp_path: Path) -> None:
    """`code: train.py` takes that file alone."""
    listing = list_code(folder / "train.py")
    assert listing.files == (("train.py", 8),)
    copy_code(folder / "train.py", listing, tmp_path / "copy")
    assert [p.name for p in (tmp_path / "copy").iterdir()] == ["train.py"]


def test_trouble_is_told(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that isn't there, too many files, an unreadable file, a file that went away."""
    with pytest.raises(SpecError, match="code: there is no folder"):
        list_code(tmp_path / "none")
    listing = list_code(folder)
    (folder / "train.py").unlink()
    with pytest.raises(MachineError, match="can't be copied"):
        copy_code(folder, listing, tmp_path / "copy")
    monkeypatch.setattr(code, "MAX_FILES", 2)
    with pytest.raises(SpecError, match="more than 2 files"):
        list_code(folder)
    monkeypatch.undo()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SpecError, match=r"code: .* can't be read: permission denied"):
        list_code(folder)
