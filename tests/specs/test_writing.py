"""Writing specs as az ml YAML: normalised, and read back as they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.specs.assets import ComputeSpec, DataSpec, EnvironmentSpec
from services.specs.command import CommandJob, JobInput
from services.specs.reading import (
    parse_document,
    read_compute,
    read_data,
    read_environment,
    read_job,
    read_model,
)
from services.specs.writing import to_document, to_yaml
from tests.specs.strategies import COMPUTE, DATA, ENVIRONMENT, JOB, MODEL

KINDS = [
    pytest.param(read_job, JOB, id="job"),
    pytest.param(read_data, DATA, id="data"),
    pytest.param(read_model, MODEL, id="model"),
    pytest.param(read_environment, ENVIRONMENT, id="environment"),
    pytest.param(read_compute, COMPUTE, id="compute"),
]


@pytest.mark.parametrize(("read", "specs"), KINDS)
def test_what_is_written_is_read_back(read: Any, specs: st.SearchStrategy[Any]) -> None:
    """With every value and its type (1 equals true, but not to repr), through the document and through the text."""

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(specs)
    def both_ways(spec: Any) -> None:
        assert repr(read(to_document(spec))) == repr(spec)
        assert repr(read(parse_document(to_yaml(spec)))) == repr(spec)

    both_ways()


CLOUD = """\
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
type: command
display_name: distributed
description: |
  Trains on two nodes.

  Each has two processes.
tags:
  owner: ada
code: src
command: |-
  python prepare.py &&
  python train.py --data ${{inputs.data}}
inputs:
  data:
    type: mltable
    path: azureml:images:3
    mode: eval_download
  epochs: 10
  rate: 1.0e-05
  label: '7'
outputs:
  model:
    type: mlflow_model
    mode: upload
    name: resnet
    version: '1'
  logs: azureml://datastores/workspaceblobstore/paths/logs
  rest: null
environment:
  image: mcr.microsoft.com/azureml/curated/acpt-pytorch-2.2-cuda12.1:latest
  conda_file:
    name: train
    dependencies:
    - python=3.11
    - pip:
      - mlflow==3.1
environment_variables:
  NCCL_DEBUG: INFO
  WORKERS: 4
compute: azureml:gpu-cluster
limits:
  timeout: 7200
resources:
  instance_count: 2
  instance_type: Standard_NC24ads_A100_v4
  shm_size: 16g
  properties:
    AISuperComputer:
      slaTier: Premium
  locations:
  - westeurope
distribution:
  type: pytorch
  process_count_per_instance: 2
identity:
  type: managed_identity
  client_id: 00000000-0000-0000-0000-000000000000
services:
  code:
    type: vs_code
    nodes: all
  board:
    type: tensor_board
    log_dir: outputs/runs
queue_settings:
  job_tier: premium
"""


def test_a_normalised_job_is_written_as_it_was_read() -> None:
    """To the letter, with what only the cloud understands."""
    assert to_yaml(read_job(parse_document(CLOUD))) == CLOUD


def test_fields_come_in_the_order_of_the_reference() -> None:
    """Whatever order they were in; nothing that is empty is written."""
    text = "compute: c\ncommand: a\ninputs:\ntags: {}\nlimits: {timeout: }\ncode: s\nname: n\n"
    assert list(to_document(read_job(parse_document(text)))) == [
        "$schema",
        "type",
        "name",
        "code",
        "command",
        "compute",
    ]


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        (CommandJob("a"), "commandJob"),
        (DataSpec("d", "p"), "data"),
        (EnvironmentSpec("e"), "environment"),
        (ComputeSpec("c", "amlcompute"), "amlCompute"),
        (ComputeSpec("c", "computeinstance"), "computeInstance"),
        (ComputeSpec("c", "kubernetes"), "kubernetesCompute"),
    ],
)
def test_the_schema_is_named_first(spec: Any, name: str) -> None:
    """So that editors complete the rest."""
    first = to_yaml(spec).splitlines()[0]
    assert first == f"$schema: https://azuremlschemas.azureedge.net/latest/{name}.schema.json"


def test_equal_values_are_written_out(tmp_path: Path) -> None:
    """No anchors, though the values are one object; long commands stay in one line of YAML or a block."""
    shared = {"pip": ["a"]}
    spec = CommandJob("x " * 200, inputs={"a": JobInput("string", value="&a")}, identity=shared, distribution=shared)
    text = to_yaml(spec)
    assert "id001" not in text
    assert parse_document(text)["identity"] == parse_document(text)["distribution"] == shared
