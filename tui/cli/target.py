"""Which workspace a command means: -w, --subscription and -g, LAPIS_WORKSPACE, the settings, the default."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from services.errors import UserError
from services.targets import AzureTarget, LocalTarget, WorkspaceTarget, parse_target
from tui.folders import default_workspace
from tui.settings import read_settings


def target_of(args: Namespace) -> WorkspaceTarget:
    """The workspace that the options, the environment or the settings name, else ~/lapis.

    Raises SettingsError, UserError for a profile that there is not or a workspace that is named by halves.
    """
    settings = read_settings().settings
    named = getattr(args, "workspace", None)
    subscription, group = getattr(args, "subscription", None), getattr(args, "resource_group", None)
    if subscription or group:
        return _by_parts(subscription, group, named)
    text = named or os.environ.get("LAPIS_WORKSPACE") or settings.workspace
    if not text:
        return LocalTarget(default_workspace())
    target = parse_target(text, settings.profiles)
    if isinstance(target, LocalTarget):
        folder = target.folder if named else target.folder.expanduser()
        return LocalTarget(Path(os.path.abspath(folder.expanduser())))  # noqa: PTH100 - keeps links as they are
    return target


def _by_parts(subscription: str | None, group: str | None, name: str | None) -> AzureTarget:
    given = {"--subscription": subscription, "--resource-group": group, "--workspace": name}
    if missing := [option for option, value in given.items() if not value]:
        raise UserError(
            f"An Azure workspace is named by its subscription, its resource group and its name; {', '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing.",
            title="Which workspace?",
            advice="Give all three, or -w azure:PROFILE.",
        )
    return AzureTarget(str(subscription), str(group), str(name))
