"""A line to type a path in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from screens.widgets.suggest_input import SuggestInput


class PathInput(SuggestInput):
    """Completes files and folders relative to `base`; `folders` proposes folders alone."""

    def __init__(
        self,
        value: str = "",
        *,
        base: Path | None = None,
        folders: bool = False,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(value, complete=self._paths, placeholder=placeholder, id=id)
        self.base = base
        self.folders = folders

    @property
    def path(self) -> Path:
        """What is typed as a path, `~` expanded, relative to the base."""
        return (self.base or Path.cwd()) / Path(self.value).expanduser()

    async def _paths(self, text: str) -> Sequence[tuple[str, str]]:
        return ()
