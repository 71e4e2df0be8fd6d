"""The rules of the house that no linter knows."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("tui", "screens", "services", "tests", "benchmarks", "examples", "docs")
HEAVY = {"azure", "mlflow", "pandas", "polars", "numpy", "sklearn", "pydantic", "textual", "rich", "sqlalchemy"}


def files(*suffixes: str) -> list[Path]:
    """The project's own text files."""
    here = [path for path in ROOT.iterdir() if path.is_file() and path.suffix in suffixes]
    there = [path for folder in FOLDERS for suffix in suffixes for path in (ROOT / folder).rglob(f"*{suffix}")]
    return sorted(path for path in {*here, *there} if "__snapshots__" not in path.parts)


def lines_of(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def test_no_file_grows_past_five_hundred_lines() -> None:
    long = {str(path.relative_to(ROOT)): lines_of(path) for path in files(".py") if lines_of(path) > 500}
    assert not long


def test_the_app_the_commands_and_each_screen_stay_under_three_hundred_lines() -> None:
    watched = [ROOT / "tui" / "app.py", *(ROOT / "tui" / "cli").glob("*.py"), *(ROOT / "screens").rglob("*.py")]
    long = {
        str(path.relative_to(ROOT)): lines_of(path)
        for path in watched
        if "widgets" not in path.parts and lines_of(path) > 300
    }
    assert not long


def test_nothing_names_a_package_index_or_a_place_on_one_machine() -> None:
    forbidden = re.compile(
        r"(--(extra-)?index-url|pypi\.org|files\.pythonhosted|simple/?['\"\s]|/home/(?!ada/)[a-z]+/|/root/|/Users/[a-z]+/)"
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in [*files(".py", ".md", ".toml", ".txt", ".yml", ".cfg"), ROOT / "Makefile", ROOT / ".ci" / "run"]
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if forbidden.search(line)
    ]
    assert not found


def requirements() -> list[str]:
    """Each requirement of pyproject.toml, extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    return [*project["dependencies"], *(requirement for extra in extras for requirement in extra)]


def name_of(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~\[; ]", requirement)[0]).lower()


@pytest.mark.parametrize("requirement", requirements(), ids=name_of)
def test_each_dependency_says_why_it_is_there(requirement: str) -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(rf'^\s*"{re.escape(requirement)}",\s*# .{{5,}}$', text, re.MULTILINE), "no reason beside it"


def test_the_constraints_pin_every_dependency_and_name_no_address() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.!+]+", line) for line in lines)
    assert {name_of(requirement) for requirement in requirements()} <= {name_of(line) for line in lines}


def test_the_pages_that_a_stranger_needs_are_there() -> None:
    for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "docs/index.md", "examples/README.md"):
        assert (ROOT / name).read_text(encoding="utf-8").strip(), name


def test_links_between_the_pages_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)} -> {target}"
        for page in files(".md")
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not broken


def modules_after(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has after running code."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sorted({{m.partition('.')[0] for m in sys.modules}}))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_command_line_is_parsed_without_anything_heavy() -> None:
    code = """
from tui.cli.parser import make_parser
make_parser().parse_args(["job", "create", "-f", "job.yml", "--set", "inputs.x=1"])
import tui.cli.run, services.workspace, services.connect
"""
    assert not modules_after(code) & HEAVY


def test_a_list_of_jobs_is_printed_without_textual_or_mlflow(tmp_path: Path) -> None:
    code = f"""
from tui.__main__ import main
assert main(["-w", {str(tmp_path / "workspace")!r}, "job", "list"]) == 0
"""
    assert not modules_after(code) & {
        "textual",
        "rich",
        "mlflow",
        "pandas",
        "polars",
        "numpy",
        "sklearn",
        "pydantic",
        "azure",
    }


def test_no_command_needs_textual(tmp_path: Path) -> None:
    code = f"""
from tui.__main__ import main
for command in ("job create -f examples/diabetes/job.yml --dry-run", "job validate -f examples/broken/job.yml",
                "data create -n x --path LICENSE", "data list", "model list", "datastore list", "compute list",
                "environment list", "workspace show", "doctor"):
    assert main(["-w", {str(tmp_path / "workspace")!r}, *command.split()]) == 0, command
print()
"""
    assert not modules_after(code) & {"textual", "rich"}


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "images").glob("*.svg")), ids=lambda path: path.stem)
def test_the_pictures_are_light_name_no_place_of_one_machine_and_are_shown(picture: Path) -> None:
    svg = picture.read_text(encoding="utf-8")
    assert len(svg.encode()) < 150_000
    assert set(re.findall(r"(?<![\w.@:)}~])/(?:home|tmp|root|work|Users|var|opt|mnt)\b(?:/\w+)?", svg)) <= {"/home/ada"}
    assert any(picture.name in page.read_text(encoding="utf-8") for page in files(".md"))
