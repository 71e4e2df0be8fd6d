"""What is asked before a workspace is deleted."""

from __future__ import annotations

from screens.widgets.dialogs import Confirm
from services.targets import AzureTarget


def delete_question(target: AzureTarget) -> Confirm:
    """Names what goes and what stays."""
    return Confirm(
        "Delete the workspace",
        f"{target.workspace_name} in {target.resource_group} goes, with its jobs, models, data assets and computes.\n"
        "Its storage account, key vault and registry stay, with all files in them.",
        typed=target.workspace_name,
    )
