"""What this machine knows of workspaces: profiles of the settings, what was opened before, config.json, the sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from services import connect
from services.connector import ConfigFile, Connector
from services.errors import ServiceError, UserError
from services.operations import Operation
from services.targets import AzureTarget, WorkspaceTarget, parse_target
from tui.profiles import remove_profile, write_profile
from tui.session import forget_workspace, used_workspaces
from tui.settings import read_settings

if TYPE_CHECKING:
    from services.directory import WorkspaceDirectory
    from services.sign_in import SignIn


class AppConnector(Connector):
    """The connector over the user's files and Azure; nothing is read or imported before it is asked for.

    Args:
        settings: the settings file.
        start: where config.json is looked for.
    """

    def __init__(self, settings: Path, start: Path | None = None) -> None:
        self._settings = settings
        self._start = start
        self._directories: list[WorkspaceDirectory] = []

    @property
    def sign_in(self) -> SignIn:
        """The sign-in of this process."""
        return connect.sign_in()

    @property
    def operations(self) -> Sequence[Operation]:
        """Of all identities that were signed in."""
        return [operation for directory in self._directories for operation in directory.operations.list()]

    async def directory(self) -> WorkspaceDirectory:
        """The one that was opened last, unless somebody else has signed in."""
        current = self.sign_in.current
        last = self._directories[-1] if self._directories else None
        if last is None or current is None or last.identity != current.identity:
            last = await connect.open_directory()
            self._directories.append(last)
        return last

    def config_file(self) -> ConfigFile | None:
        """Found as the SDK finds it."""
        return connect.find_config_file(self._start or Path.cwd())

    def known(self) -> Sequence[WorkspaceTarget]:
        """The profiles, then what was opened before and is still there."""
        profiles = read_settings(self._settings).settings.profiles
        found: list[WorkspaceTarget] = list(profiles.values())
        for text in used_workspaces():
            with suppress(ServiceError):  # a profile that was forgotten
                target = parse_target(text, profiles)
                if target not in found and (isinstance(target, AzureTarget) or target.folder.is_dir()):
                    found.append(target)
        return found

    def remember(self, target: AzureTarget) -> None:
        """Write the profile."""
        try:
            write_profile(self._settings, target)
        except OSError as error:
            raise _not_written(error) from error

    def forget(self, target: WorkspaceTarget) -> None:
        """Remove the profile, and where the workspace was left."""
        try:
            if isinstance(target, AzureTarget) and target.profile:
                remove_profile(self._settings, target.profile)
            forget_workspace(str(target))
        except OSError as error:
            raise _not_written(error) from error

    async def close(self) -> None:
        """Close all directories."""
        for directory in self._directories:
            with suppress(ServiceError):
                await directory.close()


def _not_written(error: OSError) -> UserError:
    return UserError(f"{error.filename}: {error.strerror}.", title="That could not be kept")
