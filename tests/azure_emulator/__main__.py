"""Azure for a newcomer, on this machine: `python -m tests.azure_emulator --demo`.

--demo [-- COMMAND ...]  starts the emulator with a small team's workspace, and Lapis (or COMMAND) in an environment in
                         which it is Azure; all ends with it, and nothing of it stays
--install                installs Azurite with npm, where that is here, and makes an empty MLflow store once
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from tests.azure_emulator.azurite import ensure_azurite
from tests.azure_emulator.mlflow_server import make_template

if TYPE_CHECKING:
    from tests.azure_emulator.lab import AzureLab

PROFILE = "demo"
CLUSTER = "aml-cluster"
"""The cluster that the jobs of `examples` name."""
JOBS = 60
OPERATION_SECONDS = 5.0
LATENCY = 0.03


def main(arguments: list[str]) -> int:
    """Does what the options say; returns the exit status of what was started."""
    place = arguments.index("--") if "--" in arguments else len(arguments)
    options, command = arguments[:place], arguments[place + 1 :]
    if options == ["--install"]:
        reason = ensure_azurite()
        if reason is not None:
            print(f"{reason}; tests with storage are skipped", file=sys.stderr)
        make_template()
        return 0
    if options != ["--demo"]:
        print(__doc__, file=sys.stderr)
        return 2
    return demo(command or [str(Path(sys.executable).with_name("lapis")), "-w", f"azure:{PROFILE}"])


def demo(command: list[str]) -> int:
    """Runs a command beside an emulator; its settings, caches and config.json are in a folder that goes with it."""
    from tests.azure_emulator.control_plane.compute_states import finish_creation, new_compute
    from tests.azure_emulator.identity import MEMBER
    from tests.azure_emulator.lab import AzureLab

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lapis-azure-demo-")))
        lab = stack.enter_context(AzureLab())
        reason = ensure_azurite()
        if reason is None:
            stack.enter_context(lab.run_jobs())
        else:
            print(f"No files and no running jobs: {reason}", file=sys.stderr)
        lab.seed_workspace()
        lab.seed_jobs(JOBS)
        nodes = {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT2M"}
        size = {"vmSize": "Standard_DS3_v2", "scaleSettings": nodes}
        properties = {"computeType": "AmlCompute", "properties": size}
        cluster = new_compute(lab.emulator, lab.workspace_id, CLUSTER, properties, by=MEMBER.name)
        finish_creation(lab.emulator, lab.store.put(cluster), None)
        lab.emulator.settings.operation_seconds = OPERATION_SECONDS
        lab.emulator.settings.latency = LATENCY
        names = {
            "subscription_id": lab.subscription_id,
            "resource_group": lab.resource_group,
            "workspace_name": lab.workspace_name,
        }
        (folder / "config.json").write_text(json.dumps(names, indent=2))
        print(f"config.json is in {folder}", file=sys.stderr)
        return subprocess.run(command, env={**os.environ, **user_environ(lab, folder)}, check=False).returncode


def user_environ(lab: AzureLab, folder: Path) -> dict[str, str]:
    """What somebody who works on the lab's workspace adds to the environment; this folder is their home for Lapis."""
    from services.targets import AzureTarget
    from tests.azure_emulator.identity import APPLICATION
    from tui.profiles import write_profile

    homes = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    target = AzureTarget(lab.subscription_id, lab.resource_group, lab.workspace_name, profile=PROFILE)
    settings = folder / "config" / "lapis" / "settings.toml"
    settings.parent.mkdir(parents=True)
    write_profile(settings, target)
    return {
        **homes,
        **lab.environ,
        "AZURE_TENANT_ID": lab.tenant_id,
        "AZURE_CLIENT_ID": APPLICATION.client_id or "",
        "AZURE_CLIENT_SECRET": APPLICATION.client_secret or "",
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
