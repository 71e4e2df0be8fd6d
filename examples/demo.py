"""Run the diabetes example on a local workspace without a screen, and print what it logged.

make demo
python examples/demo.py --workspace DIR    # keeps the workspace; open it with: lapis -w DIR
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the checkout that this file lies in

from services.connect import open_workspace
from services.entities import JobStatus, LogAppended, StatusChanged
from services.errors import ServiceError, SpecError
from services.specs.reading import read_job_file
from services.targets import LocalTarget
from services.workspace import Workspace

JOB = Path(__file__).parent / "diabetes" / "job.yml"
LOG = "user_logs/std_log.txt"


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", type=Path, help="where to run it (default: a folder that is thrown away)")
    parser.add_argument("--set", nargs="+", default=[], metavar="PATH=VALUE", help="change fields of the job")
    args = parser.parse_args()
    if args.workspace:
        return await run_in(args.workspace.expanduser().absolute(), args.set)
    with tempfile.TemporaryDirectory(prefix="lapis-demo-") as folder:
        return await run_in(Path(folder) / "workspace", args.set)


async def run_in(folder: Path, overrides: list[str]) -> int:
    workspace = await open_workspace(LocalTarget(folder))
    try:
        return await run_example(workspace, overrides)
    except ServiceError as error:
        problems = "\n  ".join(map(str, error.faults)) if isinstance(error, SpecError) else error.detail
        print(f"{error.title}\n  {problems}\n{error.advice}", file=sys.stderr)
        return 1
    finally:
        await workspace.close()


async def run_example(workspace: Workspace, overrides: list[str]) -> int:
    job = await workspace.jobs.submit(read_job_file(JOB, overrides), base=JOB.parent)
    print(f"job {job.name}")
    for note in job.notes:
        print(f"  {note.severity}: {note}")
    status, offset = None, 0
    async for event in workspace.jobs.watch(job.name):
        match event:
            case StatusChanged(job=now) if now.status is not status:
                status = now.status
                print(f"[{status}]", flush=True)
            case LogAppended(file=file) if file == LOG:
                offset = await print_log(workspace, job.name, offset)
    await print_log(workspace, job.name, offset)

    job = await workspace.jobs.get(job.name)
    if job.status is not JobStatus.COMPLETED:
        print(f"the job is {job.status}: {job.error.title if job.error else 'no reason was found'}", file=sys.stderr)
        return 1
    await print_results(workspace, job.name)
    return 0


async def print_log(workspace: Workspace, name: str, offset: int) -> int:
    while (chunk := await workspace.jobs.read_log(name, LOG, offset, 65536)).data:
        sys.stdout.write(chunk.data.decode(errors="replace"))
        sys.stdout.flush()
        offset = chunk.end
    return offset


async def print_results(workspace: Workspace, name: str) -> None:
    run = await workspace.tracking.run(name)
    for title, values in (("Params", run.params), ("Metrics", run.metrics)):
        print(f"\n{title}")
        width = max(map(len, values), default=0)
        for key, value in values.items():
            print(f"  {key:{width}}  {value:.7g}" if isinstance(value, float) else f"  {key:{width}}  {value}")
    print("\nOutputs")
    for artifact in await workspace.jobs.artifacts(name):
        print(f"  {artifact.path}{'/' if artifact.is_folder else ''}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
