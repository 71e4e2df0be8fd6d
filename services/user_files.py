"""Files that are the user's and not a workspace's: what is kept from one start to the next."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile


def state_folder() -> Path:
    """Sessions, drafts, the history of commands, crash reports. Made on the first write."""
    import platformdirs

    return platformdirs.user_state_path("lapis")


def write_atomically(path: Path, text: str) -> None:
    """Replace a file of the user's, so that a reader sees the old or the new whole; only the user may read it.

    Raises OSError: no space, no right to write; the old file is untouched then.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(text)
            file.flush()
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
