"""What is measured beside Lapis: azure-ai-ml as a script uses it, and an event loop while it is imported.

python -m benchmarks.azure_client list SUBSCRIPTION GROUP WORKSPACE COUNT
python -m benchmarks.azure_client stream SUBSCRIPTION GROUP WORKSPACE JOB
python -m benchmarks.azure_client lag [--import]
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from itertools import islice
from typing import Any

TICK = 0.01
"""Seconds between two looks of the event loop at the clock."""
WITHOUT_IMPORT = 3.0
"""Seconds that the loop is watched when nothing is imported."""


def client(subscription: str, group: str, workspace: str) -> Any:
    """As the documentation of the SDK makes it."""
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    return MLClient(DefaultAzureCredential(), subscription, group, workspace)


async def lags(*, importing: bool) -> list[float]:
    """How many seconds late the loop came to each look."""
    from services.azure.quiet import import_sdk
    from services.threads import in_daemon_thread

    work = in_daemon_thread(import_sdk) if importing else asyncio.sleep(WITHOUT_IMPORT)
    task, late = asyncio.ensure_future(work), []
    while not task.done():
        due = time.perf_counter() + TICK
        await asyncio.sleep(TICK)
        late.append(time.perf_counter() - due)
    return late


def main(what: str, *arguments: str) -> None:
    """Do what is named."""
    match what:
        case "list":
            for job in islice(client(*arguments[:3]).jobs.list(), int(arguments[3])):
                print(job.name, job.status)
        case "stream":
            client(*arguments[:3]).jobs.stream(arguments[3])
        case "lag":
            print(json.dumps(asyncio.run(lags(importing="--import" in arguments))))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
