"""Make a job ready: `python -I -S preparation.py JOBFOLDER`, run by its supervisor, so that it can be canceled.

Standard library only. Copies the code to the working folder, binds inputs, makes output folders, builds the environment. The
last line that it prints is the reason when it fails. Writes `prepared.json`: environment variables for the command.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

CHUNK = 1 << 20
RESULT_FOLDERS = ("outputs", "logs")
"""What a script writes there becomes artifacts of the run, as in Azure."""


class Failure(Exception):
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
    prepared = build(spec["build"], folder) if spec.get("build") else {}
    (folder / "prepared.json").write_text(json.dumps(prepared), "utf-8")


def copy_code(code: Path, cwd: Path, artifacts: Path) -> None:
    """The command runs in a copy, so that the snapshot stays what was submitted."""
    if cwd.exists():
        shutil.rmtree(cwd)
    if code.is_dir():
        shutil.copytree(code, cwd, ignore=lambda at, _: RESULT_FOLDERS if Path(at) == code else ())
    else:
        cwd.mkdir()
    for name in RESULT_FOLDERS:
        target = artifacts / name
        target.mkdir(parents=True, exist_ok=True)
        if (code / name).is_dir():
            shutil.copytree(code / name, target, dirs_exist_ok=True)
        (cwd / name).symlink_to(target)


def bind(bound: dict[str, str]) -> str:
    """Link, copy or fetch one input; returns a line for the log."""
    name, source, target = bound["name"], bound["source"], Path(bound["target"])
    target.parent.mkdir(parents=True, exist_ok=True)
    if bound["how"] == "fetch":
        size = fetch(source, target, name)
        return f"{name}: downloaded 1 file, {size:,} bytes, from {source.partition('?')[0]}"
    if not Path(source).exists():
        raise Failure(f"Input {name}: {source} is not there any more.")
    if bound["how"] == "link":
        target.symlink_to(source)
        return f"{name}: mounted {source}"
    if Path(source).is_dir():
        shutil.copytree(source, target)
        files = [path for path in target.rglob("*") if path.is_file()]
    else:
        shutil.copy2(source, target)
        files = [target]
    return f"{name}: downloaded {len(files)} files, {sum(f.stat().st_size for f in files):,} bytes, from {source}"


def fetch(url: str, target: Path, name: str) -> int:
    """Stream a file from http(s); returns its bytes."""
    shown = url.partition("?")[0]
    try:
        with urllib.request.urlopen(url, timeout=60) as answer, target.open("wb") as file:  # noqa: S310: preflight checked
            shutil.copyfileobj(answer, file, CHUNK)
    except urllib.error.HTTPError as error:
        raise Failure(f"Input {name}: {shown} answered {error.code} {error.reason}.") from error
    except (urllib.error.URLError, TimeoutError) as error:
        raise Failure(f"Input {name}: {shown} can't be reached: {getattr(error, 'reason', error)}.") from error
    return target.stat().st_size


def build(wanted: dict[str, Any], folder: Path) -> dict[str, str]:
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
    path = f"{venv / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return {"VIRTUAL_ENV": str(venv), "PATH": path}


def run(command: list[str], log: Path) -> None:
    """Run a step of the build; its output is the environment's build log."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    with log.open("ab") as output:
        done = subprocess.run(command, stdout=output, stderr=output, env=environment, check=False)
    if done.returncode != 0:
        lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:] or [f"exit code {done.returncode}"]
        raise Failure(f"The environment could not be built: {errors[-1].removeprefix('ERROR: ')}")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except Failure as failure:
        sys.exit(str(failure))
    except OSError as error:
        sys.exit(f"The job could not be made ready: {error.strerror}: {error.filename}.")
