"""Make a job ready: `python -I -S preparation.py JOBFOLDER`, run by its supervisor, so that it can be canceled.

Standard library only. Copies the code to the working folder, makes output folders, binds inputs, builds the
environment.
The last line that it prints is the reason when it fails.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

CHUNK = 1 << 20
RESULT_FOLDERS = ("outputs", "logs")
"""What a script writes there becomes artifacts of the run, as in Azure."""


class FailedError(Exception):
    """Why the job can't be made ready, in a sentence."""


def main(folder: Path) -> None:
    """Prepare the job in a folder."""
    spec: dict[str, Any] = json.loads((folder / "spec.json").read_text("utf-8"))
    copy_code(folder / "code", Path(spec["cwd"]), Path(spec["run_artifacts"]))
    for output in spec["output_folders"]:
        Path(output).mkdir(parents=True, exist_ok=True)
    with (folder / "system_logs" / "data-capability.log").open("a", encoding="utf-8") as log:
        for bound in spec["inputs"]:
            print(bind(bound), file=log, flush=True)
    if spec["build"]:
        build(spec["build"], folder)


def copy_code(code: Path, cwd: Path, artifacts: Path) -> None:
    """The command runs in a copy, so that the snapshot stays what was submitted."""
    if cwd.exists():
        shutil.rmtree(cwd)
    linked = [name for name in RESULT_FOLDERS if not (code / name).is_file()]
    if code.is_dir():
        shutil.copytree(code, cwd, ignore=lambda at, _: linked if Path(at) == code else ())
    else:
        cwd.mkdir()
    for name in linked:
        target = artifacts / name
        target.mkdir(parents=True, exist_ok=True)
        if (code / name).is_dir():
            shutil.copytree(code / name, target, dirs_exist_ok=True)
        (cwd / name).symlink_to(target)


def bind(bound: dict[str, str]) -> str:
    """Link, copy or fetch one input; returns a line for the log."""
    name, source, target = bound["name"], bound["source"], Path(bound["target"])
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir() and not target.is_symlink():  # of an attempt that was ended
        shutil.rmtree(target)
    target.unlink(missing_ok=True)
    if bound["how"] == "fetch":
        size = fetch(source, target, name)
        return f"{name}: downloaded 1 file, {size:,} bytes, from {source.partition('?')[0]}"
    if not Path(source).exists():
        raise FailedError(f"Input {name}: {source} is not there any more.")
    if bound["how"] == "link":
        target.symlink_to(source)
        return f"{name}: mounted {source}"
    if Path(source).is_dir():
        shutil.copytree(source, target)
        files = [path for path in target.rglob("*") if path.is_file()]
    else:
        shutil.copy2(source, target)
        files = [target]
    count = "1 file" if len(files) == 1 else f"{len(files):,} files"
    return f"{name}: downloaded {count}, {sum(file.stat().st_size for file in files):,} bytes, from {source}"


def fetch(url: str, target: Path, name: str) -> int:
    """Stream a file from http(s) to a place beside its own, so that half a file is never taken for one; its bytes."""
    import http.client
    import urllib.error
    import urllib.request

    shown = url.partition("?")[0]  # what follows may be a secret
    temporary = target.with_name(f".{target.name}.part")
    try:
        with urllib.request.urlopen(url, timeout=60) as answer, temporary.open("wb") as file:  # noqa: S310
            shutil.copyfileobj(answer, file, CHUNK)
            promised = answer.headers.get("Content-Length")
    except urllib.error.HTTPError as error:
        raise FailedError(f"Input {name}: {shown} answered {error.code} {error.reason}.") from error
    except (urllib.error.URLError, TimeoutError, ConnectionError, ValueError, http.client.HTTPException) as error:
        raise FailedError(f"Input {name}: {shown} can't be fetched: {getattr(error, 'reason', error)}.") from error
    size = temporary.stat().st_size
    # http.client tells nobody when the connection ends early in a read of some bytes
    if promised is not None and size != int(promised):
        raise FailedError(f"Input {name}: {shown} ended after {size:,} of {int(promised):,} bytes.")
    temporary.replace(target)
    return size


def build(wanted: dict[str, Any], folder: Path) -> None:
    """A virtual environment with the wanted packages, made once for all jobs that want the same.

    `.complete` marks one that is whole; two jobs that want it at once build it once.
    """
    venv = Path(wanted["folder"])
    venv.parent.mkdir(parents=True, exist_ok=True)
    with venv.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (venv / ".complete").exists():
            shutil.rmtree(venv, ignore_errors=True)
            log = folder / "system_logs" / "environment_build.log"
            run([wanted["interpreter"], "-m", "venv", str(venv)], log)
            requirements = folder / "requirements.txt"
            requirements.write_text("\n".join(wanted["packages"]) + "\n", "utf-8")
            pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
            run([*pip, "-r", str(requirements)], log)
            (venv / ".complete").write_text("\n".join(wanted["packages"]) + "\n", "utf-8")


def run(command: list[str], log: Path) -> None:
    """Run a step of the build; its output is the environment's build log."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    with log.open("ab") as output:
        done = subprocess.run(command, stdout=output, stderr=output, env=environment, check=False)
    if done.returncode != 0:
        lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR")] or lines or [f"exit code {done.returncode}"]
        told = " ".join(line.removeprefix("ERROR: ") for line in errors[-3:])
        raise FailedError(f"The environment could not be built: {told} (system_logs/{log.name})")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except FailedError as failure:
        sys.exit(str(failure))
    except (OSError, shutil.Error) as error:
        place = f" ({error.filename})" if error.filename else ""
        sys.exit(f"The job could not be made ready: {error.strerror or error}{place}.")
