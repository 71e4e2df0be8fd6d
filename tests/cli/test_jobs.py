"""`lapis job ...` on a real local workspace: the same services as the screens, and real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from services.specs.reading import read_job_file
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
WriteJob = Callable[..., Path]

GREETING = """
import sys, pathlib
print("hello", sys.argv[1:], flush=True)
pathlib.Path("outputs").mkdir(exist_ok=True)
pathlib.Path("outputs/note.txt").write_text("left by the job")
"""
CLOUD = """
command: python main.py ${{inputs.rate}}
inputs:
  rate: 0.5
compute: azureml:gpu-cluster
environment: azureml:AzureML-sklearn-1.5@latest
"""


def lapis(*arguments: object, **options: object) -> subprocess.Popen[str]:
    """`lapis` in a process of its own, to be interrupted."""
    command = [sys.executable, "-m", "tui", *map(str, arguments)]
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def test_create_streams_the_log_to_stdout_and_the_rest_to_stderr(run: Run, write_job: WriteJob) -> None:
    done = run("job", "create", "-f", write_job(GREETING, CLOUD), "-n", "first", "--stream")

    assert done.code == 0
    assert done.out == "hello ['0.5']\n"
    assert "note: compute" in done.err
    assert "note: environment" in done.err
    assert "lapis: Running" in done.err
    assert "lapis: job first: Completed after " in done.err.splitlines()[-1]


def test_a_finished_job_can_be_shown_listed_streamed_again_and_downloaded(
    run: Run, write_job: WriteJob, tmp_path: Path
) -> None:
    run("job", "create", "-f", write_job(GREETING, CLOUD), "-n", "first", "--stream")

    shown = run("job", "show", "-n", "first").json
    assert shown["name"] == "first"
    assert shown["status"] == "Completed"
    assert shown["experiment_name"] == "tests"
    assert shown["inputs"]["rate"] == "0.5"
    assert shown["creation_context"]["created_at"].endswith("+00:00")
    assert [step["status"] for step in shown["timeline"]][-1] == "Completed"

    listed = run("job", "list")
    assert listed.out.splitlines()[0].split()[:2] == ["Name", "Status"]
    assert listed.out.splitlines()[2].split()[:2] == ["first", "Completed"]
    assert [job["name"] for job in run("job", "list", "-o", "json").json] == ["first"]
    assert run("job", "stream", "-n", "first").out == "hello ['0.5']\n"

    report = run("job", "download", "-n", "first", "-p", tmp_path / "copy", "--all").json
    assert report["files"] >= 1
    assert any(path.read_text() == "left by the job" for path in (tmp_path / "copy").rglob("note.txt"))


def test_a_job_that_fails_exits_1_and_names_the_error_with_its_line(run: Run, write_job: WriteJob) -> None:
    script = """
    def rate(settings):
        return settings["rate"]

    rate({})
    """
    done = run("job", "create", "-f", write_job(script), "--stream")

    assert done.code == 1
    assert "KeyError: 'rate'" in done.err
    assert "main.py, line 3" in done.err
    assert ": Failed" in done.err


def test_dry_run_prints_yaml_that_reloads_as_the_same_job_and_starts_nothing(
    run: Run, write_job: WriteJob, tmp_path: Path
) -> None:
    path = write_job(GREETING, CLOUD)

    done = run("job", "create", "-f", path, "--dry-run", "-o", "yaml", "--set", "inputs.rate=0.25", "tags.a=b")

    assert done.code == 0
    assert done.out.startswith("$schema: ")
    again = tmp_path / "job" / "again.yml"
    again.write_text(done.out)
    assert read_job_file(again) == read_job_file(path, ["inputs.rate=0.25", "tags.a=b"])
    assert run("job", "create", "-f", path, "--dry-run", "-o", "json").json == yaml.safe_load(
        run("job", "create", "-f", path, "--dry-run").out
    )
    assert run("job", "list", "-o", "json").json == []


def test_validate_prints_each_fault_with_its_path(run: Run, write_job: WriteJob) -> None:
    path = write_job(
        GREETING,
        """
        comand: x
        inputs:
          rate: {type: nmber, value: 1}
        """,
    )

    done = run("job", "validate", "-f", path)

    assert done.code == 1
    faults = {line.split()[1].rstrip(":"): line for line in done.out.splitlines()}
    assert "did you mean `command`?" in faults["comand"]
    assert faults["inputs.rate.type"].startswith("error ")
    found = run("job", "validate", "-f", path, "-o", "json")
    assert found.code == 1
    assert found.json["result"] == "Failed"
    assert {fault["path"] for fault in found.json["errors"]} == set(faults)


def test_validate_accepts_a_cloud_job_unless_strict(run: Run, write_job: WriteJob) -> None:
    path = write_job(GREETING, CLOUD)

    kind = run("job", "validate", "-f", path)
    assert kind.code == 0
    assert "note     compute" in kind.out
    strict = run("job", "validate", "-f", path, "--strict")
    assert strict.code == 1
    assert "error    compute" in strict.out
    refused = run("job", "create", "-f", path, "--strict")
    assert refused.code == 1
    assert "error: compute" in refused.err
    assert run("job", "list", "-o", "json").json == []


@pytest.mark.parametrize(
    ("yaml_text", "words"),
    [
        ("command: python main.py ${{inputs.missing}}", "inputs.missing"),
        ("command: !!python/object/apply:os.system ['touch harm']", "!!python"),
        ("command: [unclosed", "line "),
    ],
)
def test_a_faulty_file_is_refused_with_its_faults(
    run: Run, write_job: WriteJob, yaml_text: str, words: str, tmp_path: Path
) -> None:
    done = run("job", "create", "-f", write_job(GREETING, yaml_text))

    assert done.code == 1
    assert words.strip("!") in done.err
    assert done.out == ""
    assert not list(tmp_path.rglob("harm"))


def test_submitting_the_same_job_twice_is_the_same_job_and_another_one_is_refused(
    run: Run, write_job: WriteJob
) -> None:
    path = write_job(GREETING)
    first = run("job", "create", "-f", path, "-n", "twice", "--stream")
    second = run("job", "create", "-f", path, "-n", "twice")
    other = run("job", "create", "-f", path, "-n", "twice", "--set", "description=other")

    assert first.code == second.code == 0
    assert second.json["status"] == "Completed"
    assert other.code == 1
    assert other.err.startswith("lapis: ")
    assert len(run("job", "list", "-o", "json").json) == 1


def test_cancel_ends_a_job_and_its_children(run: Run, write_job: WriteJob, tmp_path: Path) -> None:
    script = f"""
    import pathlib, subprocess, time
    child = subprocess.Popen(["sleep", "300"])
    pathlib.Path({str(tmp_path / "child")!r}).write_text(str(child.pid))
    time.sleep(300)
    """
    run("job", "create", "-f", write_job(script), "-n", "long")
    wait(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text())
    child = int((tmp_path / "child").read_text())

    assert run("job", "cancel", "-n", "long").code == 0
    ended = run("job", "stream", "-n", "long")

    assert ended.code == 1
    assert "Canceled" in ended.err
    wait(lambda: not Path(f"/proc/{child}").exists())
    assert run("job", "cancel", "-n", "long").code == 1


def test_ctrl_c_leaves_the_log_and_the_job_goes_on(run: Run, write_job: WriteJob, tmp_path: Path) -> None:
    go_on = tmp_path / "go-on"
    script = f"""
    import pathlib, time
    print("waiting", flush=True)
    while not pathlib.Path({str(go_on)!r}).exists():
        time.sleep(0.05)
    print("done", flush=True)
    """
    streaming = lapis("job", "create", "-f", write_job(script), "-n", "long", "--stream")
    assert streaming.stdout is not None
    assert streaming.stdout.readline() == "waiting\n"

    streaming.send_signal(signal.SIGINT)
    _, err = streaming.communicate(timeout=30)

    assert streaming.returncode == 130
    assert "the job goes on: lapis job stream -n long" in err
    assert "Traceback" not in err
    go_on.touch()
    again = run("job", "stream", "-n", "long")
    assert again.code == 0
    assert again.out == "waiting\ndone\n"


def test_archived_jobs_are_listed_on_demand(run: Run, write_job: WriteJob) -> None:
    run("job", "create", "-f", write_job(GREETING), "-n", "old", "--stream")

    assert run("job", "archive", "-n", "old").code == 0
    assert run("job", "list", "-o", "json").json == []
    assert [job["archived"] for job in run("job", "list", "--include-archived", "-o", "json").json] == [True]
    assert run("job", "restore", "-n", "old").code == 0
    assert [job["name"] for job in run("job", "list", "-o", "json").json] == ["old"]


def test_a_list_tells_when_there_are_more(run: Run, write_job: WriteJob) -> None:
    path = write_job(GREETING)
    for name in ("a1", "b2", "c3"):
        run("job", "create", "-f", path, "-n", name, "--stream")

    newest = run("job", "list", "--max-results", 2, "-o", "json")

    assert [job["name"] for job in newest.json] == ["c3", "b2"]
    assert "2 of 3 jobs" in newest.err
    assert [job["name"] for job in run("job", "list", "--filter", "a1", "-o", "json").json] == ["a1"]
    assert run("job", "list", "--status", "Failed", "-o", "json").json == []


def test_read_only_refuses_what_writes_and_allows_what_reads(run: Run, write_job: WriteJob) -> None:
    refused = run("--read-only", "job", "create", "-f", write_job(GREETING))
    assert refused.code == 1
    assert "read-only" in refused.err
    assert run("--read-only", "job", "list", "-o", "json").json == []


@pytest.mark.parametrize("verb", ["show", "stream", "cancel", "download", "archive"])
def test_an_unknown_job_is_an_error_in_one_line(run: Run, verb: str) -> None:
    done = run("job", verb, "-n", "nobody")
    assert done.code == 1
    assert done.out == ""
    assert done.err.startswith("lapis: ")
    assert "nobody" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("job",),
        ("job", "create"),
        ("job", "create", "-f", "x.yml", "--set", "novalue"),
        ("job", "list", "--max-results", "0"),
        ("job", "show"),
        ("jobs", "list"),
        ("job", "show", "-n", "x", "-o", "xml"),
    ],
)
def test_wrong_usage_exits_2_and_makes_no_workspace(run: Run, nowhere: Path, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert "usage: lapis" in done.err
    assert not nowhere.exists()


def test_a_reader_that_goes_away_is_no_error(run: Run, write_job: WriteJob, folder: Path) -> None:
    script = "for number in range(50000): print('line', number)"
    run("job", "create", "-f", write_job(script), "-n", "chatty", "--stream")
    streaming = lapis("job", "stream", "-n", "chatty")
    assert streaming.stdout is not None
    assert streaming.stdout.readline() == "line 0\n"
    streaming.stdout.close()
    assert streaming.stderr is not None
    err = streaming.stderr.read()
    assert streaming.wait(timeout=30) == 141
    assert "Error" not in err


def test_a_closed_stdout_is_no_error_and_a_full_disk_is_told(run: Run, folder: Path) -> None:
    assert run("job", "list").code == 0
    shell = f"{sys.executable} -m tui job list"
    closed = subprocess.run(["bash", "-c", f"{shell} >&-"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (closed.returncode, closed.stderr) == (0, "")
    full = subprocess.run(["bash", "-c", f"{shell} >/dev/full"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert full.returncode == 1
    assert full.stderr == "lapis: Nothing more can be printed: No space left on device.\n"


def test_ctrl_c_while_modules_are_imported_shows_no_traceback() -> None:
    code = """
import sys
class Finder:
    def find_spec(self, name, *_):
        if name == "tui.cli.doctor":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Finder())
from tui.__main__ import main
sys.exit(main(["job", "list"]))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize(("named", "code"), [("no-such-python", 1), (Path(sys.executable).name, 0)])
def test_the_interpreter_that_jobs_are_given_must_be_one(
    run: Run, write_job: WriteJob, monkeypatch: pytest.MonkeyPatch, named: str, code: int
) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    monkeypatch.setenv("LAPIS_PYTHON", named)

    done = run("job", "validate", "-f", write_job(GREETING, CLOUD))

    assert done.code == code
    assert ("LAPIS_PYTHON names no-such-python" in done.out) is (code == 1)
    assert (f"({Path(sys.executable).parent / named})" in done.out) is (code == 0)


def test_binary_in_a_log_goes_to_a_pipe_byte_by_byte(run: Run, write_job: WriteJob) -> None:
    script = r"import sys; sys.stdout.buffer.write(b'\xff\xfe\x1b[31mred\x1b[0m\r50%\n')"
    run("job", "create", "-f", write_job(script), "-n", "raw", "--stream")
    done = subprocess.run(
        [sys.executable, "-m", "tui", "job", "stream", "-n", "raw"], cwd=ROOT, capture_output=True, check=True
    )
    assert done.stdout == b"\xff\xfe\x1b[31mred\x1b[0m\r50%\n"


def test_debug_shows_where_an_error_came_from(folder: Path) -> None:
    environ = {**os.environ, "LAPIS_WORKSPACE": str(folder), "LAPIS_DEBUG": "1"}
    _, err = lapis("job", "show", "-n", "nobody", env=environ).communicate(timeout=30)
    assert "Traceback" in err


def test_a_workspace_from_a_newer_lapis_is_refused_clearly(run: Run, folder: Path) -> None:
    marker = folder / "workspace.json"
    content = json.loads(marker.read_text())
    version = next(key for key, value in content.items() if value == 1)
    marker.write_text(json.dumps({**content, version: 99}))

    done = run("job", "list")

    assert done.code == 1
    assert "newer Lapis" in done.err


def wait(condition: Callable[[], object], timeout: float = 20.0) -> None:
    """Until a real process has done something."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)
