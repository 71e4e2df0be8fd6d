"""Outputs and Code: a tree of files, and the file that was opened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Container

from screens.job.feed import JobFeed
from screens.job.preview import Preview
from screens.job.search import SearchPane
from screens.widgets.file_tree import FileTree
from screens.widgets.states import StateCard
from screens.widgets.text_view import TextView
from services.entities import Artifact
from services.errors import ServiceError

ORIGINS = {"run": "", "output": "output", "logged_model": "logged model"}


class FilesPane(SearchPane):
    """The tree beside the file, or above it where the screen is narrow."""

    SCOPED_CSS = False  # the screen has the class -wide
    DEFAULT_CSS = """
    FilesPane > Container { layout: vertical; height: 1fr; }
    FilesPane FileTree { height: 2fr; }
    FilesPane Preview { height: 3fr; border-top: solid $panel; }
    .-wide FilesPane > Container { layout: horizontal; }
    .-wide FilesPane FileTree { width: 2fr; height: 1fr; }
    .-wide FilesPane Preview { width: 3fr; height: 1fr; border-top: none; border-left: solid $panel; }
    """
    HINT = "enter shows a file here"

    def __init__(self, feed: JobFeed, read: Callable[[str], Awaitable[bytes]]) -> None:
        super().__init__(feed)
        self.read = read
        self.sizes: dict[str, int] = {}

    def compose(self) -> ComposeResult:
        """A card for the states; the tree and the file."""
        yield StateCard()
        with Container():
            yield FileTree()
            yield Preview()
        yield from self.search_line("search the file")

    @property
    def searched(self) -> TextView:
        """The file."""
        return self.query_one(TextView)

    def on_mount(self) -> None:
        """Nothing is open at first."""
        self.query_one(Preview).say(self.HINT)

    def on_file_tree_opened(self, event: FileTree.Opened) -> None:
        """Show the file."""
        event.stop()
        self.load(lambda: self._open(event.path), group="file")

    async def _open(self, path: str) -> None:
        preview = self.query_one(Preview)
        try:
            preview.show(path, await self.read(path), self.sizes.get(path, 0))
        except ServiceError as error:
            preview.say(f"{error.title}: {error.detail} {error.advice}")

    def set_files(self, entries: Sequence[tuple[str, bool, int, str]], empty: str) -> None:
        """Show the tree, or a sentence if it has no entry."""
        self.query_one(Container).display = bool(entries)
        if not entries:
            self.card.empty(empty)
            return
        self.card.hide()
        sizes = {path: size for path, is_folder, size, _ in entries if not is_folder}
        if sizes != self.sizes or not self.sizes:
            self.sizes = sizes
            self.query_one(FileTree).set_entries(entries)


class OutputsPane(FilesPane):
    """Run artifacts, outputs and logged models in one tree."""

    TAB = "outputs"

    def __init__(
        self,
        feed: JobFeed,
        read: Callable[[str], Awaitable[bytes]],
        read_artifacts: Callable[[], Awaitable[Sequence[Artifact]]],
    ) -> None:
        super().__init__(feed, read)
        self.read_artifacts = read_artifacts
        self.uris: dict[str, str] = {}

    @property
    def chosen_uri(self) -> str:
        """What the artifact under the cursor is called elsewhere."""
        return self.uris.get(self.query_one(FileTree).cursor_path or "", "")

    def reload(self) -> None:
        """Read the tree again."""
        self.load(self._read_tree)

    async def _read_tree(self) -> None:
        artifacts = await self.read_artifacts()
        self.uris = {a.path: a.uri for a in artifacts}
        hint = "What the script writes to its outputs or logs with mlflow.log_artifact shows here."
        so_far = "No outputs yet." if self.feed.active else "The job left no outputs."
        self.set_files([(a.path, a.is_folder, a.size, ORIGINS[a.origin]) for a in artifacts], f"{so_far} {hint}")


class CodePane(FilesPane):
    """The code that ran, as it was at submit."""

    TAB = "code"

    def __init__(
        self,
        feed: JobFeed,
        read: Callable[[str], Awaitable[bytes]],
        read_files: Callable[[], Awaitable[Sequence[tuple[str, int]]]],
    ) -> None:
        super().__init__(feed, read)
        self.read_files = read_files
        self._is_read = False

    def reload(self) -> None:
        """The code never changes: read it once."""
        if not self._is_read:
            self.load(self._read_code)

    async def _read_code(self) -> None:
        files = await self.read_files()
        self._is_read = True
        self.set_files(
            [(path, False, size, "") for path, size in files], "The job has no code folder, only its command."
        )
