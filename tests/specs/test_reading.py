"""Reading az ml YAML: plain data only, and every fault with its path."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from services.errors import SpecError
from services.specs import reading
from services.specs.assets import ComputeSpec, DataSpec, EnvironmentSpec, ModelSpec
from services.specs.command import CommandJob, JobInput, JobOutput
from services.specs.jobs import program_of
from services.specs.reading import (
    load_document,
    parse_document,
    read_compute,
    read_data,
    read_environment,
    read_job,
    read_job_file,
    read_model,
)

ROOT = Path(__file__).parents[2]


def faults(text: str, *overrides: str) -> list[str]:
    """The faults of a job, each as `path: message`."""
    with pytest.raises(SpecError) as caught:
        read_job(parse_document(text), overrides)
    return [str(fault) for fault in caught.value.faults]


def test_a_job_written_for_the_cloud() -> None:
    """Each section lands where it belongs, with the types of YAML."""
    job = read_job(
        parse_document("""
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
type: command
name: train-1
display_name: "Train: 漢字"
code: src
command: >-
  python train.py --data ${{inputs.data}}
  --rate ${{inputs.rate}} --out ${{outputs.model}}
inputs:
  data: {type: uri_file, path: "azureml:diabetes@latest", mode: ro_mount}
  rate: 0.01
  fast: true
  text: "0.01"
outputs:
  model: {type: mlflow_model, mode: rw_mount}
  plain:
environment: azureml:AzureML-sklearn-1.5@latest
environment_variables: {A: "1", B: 2, C: yes}
compute: azureml:cpu-cluster
tags: {dataset: diabetes, year: 2024, none: }
limits: {timeout: 3600}
resources: {instance_count: 2, shm_size: 2g}
distribution: {type: pytorch, process_count_per_instance: 2}
identity: {type: user_identity}
queue_settings: {job_tier: spot}
services:
  board: {type: tensor_board, log_dir: outputs/tb}
""")
    )
    assert isinstance(job, CommandJob)
    assert job.command == "python train.py --data ${{inputs.data}} --rate ${{inputs.rate}} --out ${{outputs.model}}"
    assert job.inputs == {
        "data": JobInput("uri_file", "azureml:diabetes@latest", "ro_mount"),
        "rate": 0.01,
        "fast": True,
        "text": "0.01",
    }
    assert job.outputs == {"model": JobOutput("mlflow_model", mode="rw_mount"), "plain": None}
    assert job.environment_variables == {"A": "1", "B": 2, "C": True}
    assert job.tags == {"dataset": "diabetes", "year": 2024, "none": None}
    assert job.limits is not None
    assert job.limits.timeout == 3600
    assert job.resources is not None
    assert (job.resources.instance_count, job.resources.shm_size) == (2, "2g")
    assert (job.distribution, job.identity, job.queue_settings, job.services) == (
        {"type": "pytorch", "process_count_per_instance": 2},
        {"type": "user_identity"},
        {"job_tier": "spot"},
        {"board": {"type": "tensor_board", "log_dir": "outputs/tb"}},
    )


@pytest.mark.parametrize(
    ("read", "text", "spec"),
    [
        (read_data, "name: d\npath: d.csv\ntype: uri_file\nversion: 3", DataSpec("d", "d.csv", "uri_file", 3)),
        (read_data, "name: d\npath: f/", DataSpec("d", "f/")),
        (read_model, "name: m\npath: m\ntype: mlflow_model", ModelSpec("m", "m", "mlflow_model")),
        (read_environment, "name: e\nimage: i:1\nconda_file: {dependencies: [python=3.11, {pip: [mlflow]}]}",
         EnvironmentSpec("e", image="i:1", conda_file={"dependencies": ["python=3.11", {"pip": ["mlflow"]}]})),
        (read_compute, "name: c\ntype: amlcompute\nmin_instances: 0\nmax_instances: 4",
         ComputeSpec("c", "amlcompute", min_instances=0, max_instances=4)),
    ],
)  # fmt: skip
def test_assets(read: Any, text: str, spec: object) -> None:
    """What is left out has the default of the reference."""
    assert read(parse_document(text)) == spec


@pytest.mark.parametrize("example", sorted((ROOT / "examples").rglob("job.yml")), ids=lambda path: path.parent.name)
def test_the_examples_are_read(example: Path) -> None:
    program = program_of(read_job_file(example))
    assert program is not None
    assert program.code


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbfcommand: a\ninputs: {x: 1}\n",
        b"command: a\r\ninputs:\r\n  x: 1\r\n",
        b"# comment\n---\ncommand: a\ninputs: {x: 1}\n...\n",
        b"command: a\r\ninputs: {x: 1}",
        b"command: a\ninputs:\n  <<: {x: 1}\noutputs:\n",
        b"base: &b {x: 1}\ncommand: a\ninputs: *b\n",
    ],
    ids=["byte order mark", "CRLF", "document marks", "no last newline", "merge key", "alias"],
)
def test_forms_of_the_same_document(tmp_path: Path, raw: bytes) -> None:
    """However an editor wrote it."""
    (tmp_path / "job.yml").write_bytes(raw)
    document = load_document(tmp_path / "job.yml")
    document.pop("base", None)
    assert read_job(document) == CommandJob("a", inputs={"x": 1})


def test_sections_left_empty_are_not_there() -> None:
    """A template with its headings alone is a job without them."""
    sections = "inputs:\noutputs:\ntags:\nlimits:\nresources:\nenvironment:\nenvironment_variables:\ndescription:\n"
    assert read_job(parse_document(f"command: a\n{sections}")) == CommandJob("a")


def test_reading_imports_no_sdk() -> None:
    """Nor anything else that takes seconds."""
    program = (
        "import sys; from services.specs.reading import read_job_file; from pathlib import Path;"
        "read_job_file(Path('examples/diabetes/job.yml'));"
        "print([m for m in ('azure', 'mlflow', 'pandas', 'polars', 'numpy', 'textual', 'rich') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "got nothing"),
        ("# a comment alone", "got nothing"),
        ("- a\n- b", "got a list"),
        ("train.py", "got text"),
        ("command: [", "line 2, column 1: "),
        ("command: a\n\tcode: b", "line 2, column 1: while scanning a plain scalar, found a tab"),
        ("command: a\ncommand: b", "line 2, column 1: the key `command` stands twice"),
        ("command: a\ninputs: {x: 1, x: 2}", "line 2, column 16: the key `x` stands twice"),
        ("command: a\n---\ncommand: b", "line 2, column 1: expected a single document"),
        ("command: *c", "found undefined alias"),
        ("command: !Ref x", "line 1, column 10: the tag !Ref is not allowed"),
        ("command: \0", "control characters are not allowed"),
        ("command: a\ntags: {x: !!bool maybe}", "not of that type"),
        ("command: a\ntags: {x: !!timestamp noon}", "not of that type"),
        ("command: a\ntags: {x: !!int ''}", "not of that type"),
        ("command: a\ninputs: {on: 1}", "inputs: the key true is not text; put it in quotes"),
        ("command: a\ninputs: {~: 1}", "inputs: the key ~ is not text; put it in quotes"),
        ("command: a\ntags: {2024-01-01: 1}", "tags: the key 2024-01-01 is not text; put it in quotes"),
        ("command: a\n? [a, b]\n: 1", "line 2, column 3: while constructing a mapping, found unhashable key"),
        ("command: a\ninputs: {x: !!binary aGk=}", "inputs.x: expected text, a number, a list or a mapping"),
        ("command: a\ntags: !!set {a, b}", "tags: expected text, a number, a list or a mapping"),
        ("command: a\nparameters: " + "[" * 300 + "]" * 300, "more than 100 levels deep"),
        ("command: a\nparameters: " + "[" * 5000, "exceeded maximum nesting depth"),
        ("a: &a [*a]\ncommand: b", "look at its aliases"),
        ("command: a\ninputs: {x: 1" + "0" * 5000 + "}", "limit (4300 digits)"),
    ],
)  # fmt: skip
def test_what_is_no_document(text: str, told: str) -> None:
    """One fault says what and where."""
    with pytest.raises(SpecError) as caught:
        parse_document(text)
    (fault,) = caught.value.faults
    assert told in str(fault)
    assert "Traceback" not in str(fault)


@pytest.mark.parametrize(
    "value",
    ["!!python/object/apply:os.system ['touch {}']", "!!python/object/new:os.system ['touch {}']",
     "!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['{}']]"],
)  # fmt: skip
def test_a_document_runs_nothing(tmp_path: Path, value: str) -> None:
    """Neither in a file nor in an override."""
    made = tmp_path / "made"
    with pytest.raises(SpecError, match=r"line 2, column 7: the tag !!python/object/\S+ is not allowed"):
        parse_document("command: a\ncode: " + value.format(made))
    assert read_job({"command": "a"}, [f"code={value.format(made)}"]) == CommandJob("a", code=value.format(made))
    with pytest.raises(SpecError, match="tags: expected a mapping, got the text"):
        read_job({"command": "a"}, [f"tags={{x: {value.format(made)}}}"])
    assert not made.exists()


def test_aliases_of_aliases_are_refused_at_once() -> None:
    """Nine lines that mean billions of values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    begun = time.process_time()
    with pytest.raises(SpecError, match="more than 100,000 values; look at its aliases"):
        parse_document("\n".join(lines))
    assert time.process_time() - begun < 5


def test_files_that_can_not_be_read(tmp_path: Path) -> None:
    """Each says why, with the path."""
    (tmp_path / "latin.yml").write_bytes("command: ä".encode("latin-1"))
    (tmp_path / "long.yml").write_bytes(b"# " + b"x" * reading.MAX_BYTES)
    told = {
        "latin.yml": r"not UTF-8 text \(byte 9\)",
        "long.yml": "too long",
        "no.yml": "there is no file",
        "": "is a folder",
    }
    for name, words in told.items():
        with pytest.raises(SpecError, match=words) as caught:
            load_document(tmp_path / name)
        assert str(tmp_path / name) in caught.value.detail


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ("environmnt: e", ["environmnt: unknown field `environmnt`; did you mean `environment`?"]),
        ("zzz: 1", ["zzz: unknown field `zzz`"]),
        ("code: [a]", ["code: expected text, got a list"]),
        ("compute: 3", ["compute: expected text, got the number 3"]),
        ("inputs: [1]", ["inputs: expected a mapping, got a list"]),
        ("inputs: {x: [1]}", ["inputs.x: expected text, a number, true or false or a mapping, got a list"]),
        ("inputs: {x: }", ["inputs.x: expected text, a number, true or false or a mapping, got nothing"]),
        ("inputs: {x: {typ: uri_file}}", ["inputs.x.typ: unknown field `typ`; did you mean `type`?"]),
        ("inputs: {x: {mode: ro_mont}}",
         ["inputs.x.mode: expected ro_mount, download, direct, eval_mount or eval_download, "
          "got the text 'ro_mont'; did you mean ro_mount?"]),
        ("outputs: {x: {type: uri_fil}}",
         ["outputs.x.type: expected uri_file, uri_folder, mltable, mlflow_model, custom_model or triton_model, "
          "got the text 'uri_fil'; did you mean uri_file?"]),
        ("outputs: {x: 3}", ["outputs.x: expected a mapping or text, got the number 3"]),
        ("limits: {timout: 1}", ["limits.timout: unknown field `timout`; did you mean `timeout`?"]),
        ("limits: {timeout: abc}", ["limits.timeout: expected an integer, got the text 'abc'"]),
        ("limits: {timeout: true}", ["limits.timeout: expected an integer, got true"]),
        ("limits: 5", ["limits: expected a mapping, got the number 5"]),
        ("environment: {imge: i}", ["environment.imge: unknown field `imge`; did you mean `image`?"]),
        ("environment: 3", ["environment: expected text or a mapping, got the number 3"]),
        ("environment_variables: {A: {b: 1}}",
         ["environment_variables.A: expected text, a number or true or false, got a mapping"]),
        ("resources: {locations: x}", ["resources.locations: expected a list, got the text 'x'"]),
        ("type: comand", ["type: expected command, got the text 'comand'; did you mean command?"]),
        ("$schema: 3", ["$schema: expected text, got the number 3"]),
        ("$schema: https://x/data.schema.json",
         ["$schema: https://x/data.schema.json is not the schema of this kind; expected commandJob.schema.json"]),
    ],
)  # fmt: skip
def test_faults(rest: str, found: list[str]) -> None:
    """What is wrong, what would be right, and where."""
    assert faults(f"command: a\n{rest}") == found


def test_all_faults_are_told_at_once() -> None:
    """By path; those of `--set` too."""
    text = "comand: a\ncompute: [x]\ninputs: {d: {typ: uri_file, mode: 3}}\n$schema: https://x/model.schema.json\n"
    assert [fault.partition(":")[0] for fault in faults(text, "limits.timeout=soon", "nonsense")] == [
        "--set", "$schema", "comand", "command", "compute", "inputs.d.mode", "inputs.d.typ", "limits.timeout",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("type: pipeline\njobs: {}", "can't submit a job of type pipeline"),
        ("jobs: {a: {}}", "can't submit a job of type pipeline"),
        ("type: uri_file\npath: d.csv", "uri_file is the type of a data asset"),
        ("type: mlflow_model\npath: m", "mlflow_model is the type of a model"),
        ("type: amlcompute", "amlcompute is the type of a compute"),
    ],
)
def test_other_kinds_of_document(text: str, told: str) -> None:
    """One fault, at `type`, instead of a fault for each of its fields."""
    (fault,) = faults(text)
    assert fault.startswith("type: ")
    assert told in fault
