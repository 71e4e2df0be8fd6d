"""What is wrong with a job beyond its types, each fault with its path."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.errors import Fault
from services.specs.checking import check_job
from services.specs.reading import parse_document, read_job


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A folder with code, data, a table and a model."""
    for path in ("src/train.py", "src/lib/go.sh", "d.csv", "folder/a.csv", "mlt/MLTable", "model/MLmodel", "conda.yml"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    return tmp_path


def check(base: Path, fields: str = "", command: str = "python train.py") -> tuple[Fault, ...]:
    """The faults of a job that is right but for `fields`."""
    document = {"command": command, "code": "src", "environment": "azureml:e@latest"}
    return check_job(read_job({**document, **(parse_document(fields) if fields else {})}), base)


def told(faults: tuple[Fault, ...], base: Path) -> list[str]:
    """Each fault with its severity, if that is no error, and paths from the base folder."""
    prefix = {"error": "", "warning": "warning: ", "note": "note: "}
    return [f"{prefix[fault.severity]}{fault}".replace(f"{base}/", "") for fault in faults]


@pytest.mark.parametrize(
    "fields",
    [
        "",
        "name: a-b_1\nexperiment_name: x",
        "code: src/train.py",
        "code: ./src/",
        "limits: {timeout: 1}\nresources: {instance_count: 1}",
        "environment: mcr.microsoft.com/azureml/x:1",
        "environment: python:3.11",
        "environment: azureml://registries/azureml/environments/x/versions/1",
        "environment: {image: i, conda_file: conda.yml}",
        "environment: {image: i, conda_file: {dependencies: [pip]}}",
        "environment: {build: {path: folder}}",
        "environment_variables: {A_1: x}",
    ],
)
def test_nothing_is_wrong(base: Path, fields: str) -> None:
    assert check(base, fields) == ()


@pytest.mark.parametrize(
    ("command", "ports", "found"),
    [
        ("${{inputs.rate}} ${{ outputs.model }} ${{name}}", "inputs: {rate: 1}\noutputs: {model: }", []),
        ("${{inputs.group.rate}}", "inputs: {group: 1}", []),
        ("${{inputs.x}}", "", ["command: ${{inputs.x}} is not defined; add `x` to `inputs`"]),
        (
            "${{inputs.x}} ${{outputs.y}} ${{inputs.x}}",
            "",
            [
                "command: ${{inputs.x}} is not defined; add `x` to `inputs`",
                "command: ${{outputs.y}} is not defined; add `y` to `outputs`",
                "command: ${{inputs.x}} is not defined; add `x` to `inputs`",
            ],
        ),
        (
            "${{inputs.rat}}",
            "inputs: {rate: 1}",
            [
                "command: ${{inputs.rat}} is not defined; did you mean ${{inputs.rate}}?",
                "warning: inputs.rate: is never used; the command names no ${{inputs.rate}}",
            ],
        ),
        (
            "${{outputs.rate}}",
            "inputs: {rate: 1}",
            [
                "command: ${{outputs.rate}} is not defined; did you mean ${{inputs.rate}}?",
                "warning: inputs.rate: is never used; the command names no ${{inputs.rate}}",
            ],
        ),
        (
            "echo",
            "outputs: {model: }",
            ["warning: outputs.model: is never used; the command names no ${{outputs.model}}"],
        ),
        ("echo $AZURE_ML_INPUT_RATE", "inputs: {rate: 1}", []),
        (
            "${{search_space.lr}}",
            "",
            ["command: ${{search_space.lr}} needs a sweep job; a command job has no search space"],
        ),
        ("${{inputs}}", "", ["command: ${{inputs}} is no expression; expected ${{inputs.NAME}} or ${{outputs.NAME}}"]),
        ("${{name.x}}", "", ["command: ${{name.x}} is no expression; expected ${{inputs.NAME}} or ${{outputs.NAME}}"]),
        (
            "${{parent.inputs.x}}",
            "",
            ["command: ${{parent.inputs.x}} is no expression; expected ${{inputs.NAME}} or ${{outputs.NAME}}"],
        ),
        (
            "${{inputs.a b}}",
            "",
            ["command: ${{inputs.a b}} is no expression; expected ${{inputs.NAME}} or ${{outputs.NAME}}"],
        ),
        (
            "${{inputs.x",
            "inputs: {x: 1}",
            [
                "command: ${{inputs.x (never closed)}} is no expression; "
                "expected ${{inputs.NAME}} or ${{outputs.NAME}}",
                "warning: inputs.x: is never used; the command names no ${{inputs.x}}",
            ],
        ),
        (
            "echo",
            "environment_variables: {A: '${{inputs.no}}'}",
            ["environment_variables.A: ${{inputs.no}} is not defined; add `no` to `inputs`"],
        ),
        ("echo", "inputs: {x: 1}\nenvironment_variables: {A: '${{inputs.x}}'}", []),
        ("   ", "", ["command: the command is empty"]),
    ],
)
def test_expressions(base: Path, command: str, ports: str, found: list[str]) -> None:
    """Undefined ones and mistakes are errors, which come first; a port that nothing uses is a warning."""
    assert told(check(base, ports, command), base) == found


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("python -u train.py --x 1 && bash lib/go.sh", []),
        ("python trian.py", ["command: trian.py is not in the code folder src; did you mean train.py?"]),
        ("python train.py; python3.11 lib/gone.py", ["command: lib/gone.py is not in the code folder src"]),
        ("OMP_NUM_THREADS=1 time /usr/bin/python no.py | tee log", ["command: no.py is not in the code folder src"]),
        (f"python {'x' * 300}.py", [f"command: {'x' * 300}.py is not in the code folder src"]),
        # nobody can tell
        ("cd lib && python x.py", []),
        ("curl https://h/x.py -o x.py; python x.py", []),
        ("echo 'print(1)' > x.py && python x.py", []),
        ("python -m package.module", []),
        ("python -c 'print(1)'", []),
        ("python /opt/x.py", []),
        ("echo 'a quote that is open", []),
    ],
)
def test_scripts(base: Path, command: str, found: list[str]) -> None:
    """A script that the code folder has not is named, unless something may make it."""
    assert told(check(base, "", command), base) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("srcs", ["code: there is no folder srcs"]),
        ("'~'", ["command: train.py is not in the code folder {home}"]),
        ("~nobody-of-that-name/src", ["code: there is no folder ~nobody-of-that-name/src"]),
        ("x" * 300, [f"code: there is no folder {'x' * 300}"]),
        ("git+https://github.com/x/y", ["code: only a local folder can be taken as code"]),
        ("https://example.org/x", ["code: only a local folder can be taken as code"]),
        ("azureml:code:1", ["code: only a local folder can be taken as code"]),
        ("null", ["code: the command runs train.py, but no code folder is given"]),
    ],
)
def test_code(base: Path, empty_home: Path, code: str, found: list[str]) -> None:
    assert told(check(base, f"code: {code}"), base) == [words.format(home=empty_home) for words in found]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("{type: uri_file, path: d.csv, mode: download}", []),
        ("{type: uri_folder, path: folder}", []),
        ("{type: mltable, path: mlt, mode: eval_mount}", []),
        ("{type: mlflow_model, path: model}", []),
        ("{type: custom_model, path: d.csv}", []),
        ("{type: uri_file, path: 'azureml:d@latest'}", []),
        ("{type: uri_file, path: 'azureml:d:1'}", []),
        ("{type: uri_file, path: 'azureml://datastores/w/paths/p'}", []),
        ("{type: uri_file, path: 'https://example.org/x.csv'}", []),
        ("{type: uri_file, path: 'file://{base}/d.csv'}", []),
        ("{type: integer, value: 3}", []),
        ("{type: number, value: 3}", []),
        ("{type: string, path: text}", []),
        ("{type: uri_file, path: d.cvs}", [".path: there is no file or folder d.cvs; did you mean d.csv?"]),
        ("{type: uri_file, path: zzz}", [".path: there is no file or folder zzz"]),
        ("{type: uri_file, path: d.csv/x}", [".path: there is no file or folder d.csv/x"]),
        (
            "{type: uri_file, path: ~nobody-of-that-name/x}",
            [".path: there is no file or folder ~nobody-of-that-name/x"],
        ),
        ('{type: uri_file, path: "a\\0b"}', [".path: there is no file or folder a\0b"]),
        (
            "{type: uri_file, path: folder}",
            [".path: folder is a folder, but the type is uri_file; expected uri_folder"],
        ),
        ("{path: d.csv}", [".path: d.csv is a file, but the type is uri_folder; expected uri_file"]),
        ("{type: mltable, path: folder}", [".path: folder holds no file named MLTable"]),
        ("{type: mltable, path: d.csv}", [".path: d.csv is a file, but the type is mltable; expected a folder"]),
        ("{type: mlflow_model, path: folder}", [".path: folder holds no file named MLmodel"]),
        (
            "{type: uri_file, path: 'azureml:d'}",
            [".path: azureml:d has no version; write azureml:d@latest or azureml:d:1"],
        ),
        ("{type: uri_file}", [".path: this field is required"]),
        ("{type: uri_file, value: x}", [".value: an input of type uri_file has a path, not a value"]),
        (
            "{type: uri_file, path: d.csv, mode: eval_mount}",
            [".mode: eval_mount is for the type mltable; uri_file takes ro_mount or download"],
        ),
        ("{type: number, value: abc}", [".value: expected a value of type number, got 'abc'"]),
        ("{type: integer, value: 1.5}", [".value: expected a value of type integer, got 1.5"]),
        ("{type: integer, value: true}", [".value: expected a value of type integer, got true"]),
        ("{type: boolean, value: 1}", [".value: expected a value of type boolean, got 1"]),
        ("{type: string, value: 1}", [".value: expected a value of type string, got 1"]),
        ("{type: number}", [".value: this field is required"]),
        ("{type: number, path: x}", [".path: expected a value of type number, got 'x'"]),
        ("{type: number, value: 3, mode: download}", [".mode: an input of type number has no mode"]),
    ],
)
def test_inputs(base: Path, given: str, found: list[str]) -> None:
    given = given.replace("{base}", str(base))
    faults = check(base, f"inputs:\n  d: {given}", "python train.py ${{inputs.d}}")
    assert told(faults, base) == [f"inputs.d{words}" for words in found]


def test_an_address_without_a_type_is_only_text(base: Path) -> None:
    """The commonest mistake: the script gets `azureml:d:1` instead of a file."""
    faults = check(base, "inputs: {d: 'azureml:d:1'}", "python train.py ${{inputs.d}}")
    assert told(faults, base) == [
        "warning: inputs.d: is passed on as text; for the data itself write `path: azureml:d:1` with a `type`"
    ]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("", []),
        ("azureml://datastores/w/paths/p", []),
        ("{path: 'azureml://datastores/w/paths/p', mode: upload, name: m, version: 1}", []),
        ("out", ["outputs.o: expected a datastore URI: azureml://datastores/NAME/paths/PATH"]),
        ("{path: /tmp/x}", ["outputs.o.path: expected a datastore URI: azureml://datastores/NAME/paths/PATH"]),
        ("{version: 1}", ["outputs.o.version: a version needs the `name` of the asset"]),
        ("{mode: direct}", ["warning: outputs.o.mode: direct is for the type mltable; expected rw_mount or upload"]),
    ],
)
def test_outputs(base: Path, given: str, found: list[str]) -> None:
    assert told(check(base, f"outputs:\n  o: {given}", "python train.py ${{outputs.o}}"), base) == found


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ("name: a b", ["name"]),
        ("name: " + "x" * 256, ["name"]),
        ("name: ../x", ["name"]),
        ("experiment_name: é", ["experiment_name"]),
        ("inputs: {a-b: 1}", ["inputs.a-b", "inputs.a-b"]),
        ("outputs: {1a: }", ["outputs.1a", "outputs.1a"]),
        ("environment_variables: {a-b: x}", ["environment_variables.a-b"]),
        ("limits: {timeout: 0}", ["limits.timeout"]),
        (
            "resources: {instance_count: 0, max_instance_count: -1}",
            ["resources.instance_count", "resources.max_instance_count"],
        ),
        ("environment:", ["environment"]),
        ("environment: sklearn", ["environment"]),
        ("environment: azureml:sklearn", ["environment"]),
        ("environment: {name: x}", ["environment"]),
        ("environment: {image: i, conda_file: no.yml}", ["environment.conda_file"]),
        ("environment: {image: i, conda_file: folder}", ["environment.conda_file"]),
        ("environment: {image: i, conda_file: ~nobody-of-that-name/c.yml}", ["environment.conda_file"]),
        ("environment: {conda_file: conda.yml}", ["environment.image"]),
        ("environment: {build: {path: nope}}", ["environment.build.path"]),
        ("environment: {build: {path: folder}, image: i}", ["environment.build"]),
    ],
)
def test_the_rest(base: Path, fields: str, found: list[str]) -> None:
    assert [fault.path for fault in check(base, fields)] == found
