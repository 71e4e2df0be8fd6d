# Each target builds .venv when it must. PYTHON=python3.12 make run picks another interpreter.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test check format lint types demo demo-azure bench snapshots screenshots docs clean azurite spark

run: $(STAMP)  ## open Lapis on the local workspace
	@$(BIN)/lapis

test: $(STAMP) azurite  ## all tests
	$(BIN)/python -m pytest -n 2 $(ARGS)

check: lint types test  ## what CI runs

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: $(STAMP)
	$(BIN)/mypy

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

demo: $(STAMP)  ## run the example job without a screen and print its metrics
	@$(BIN)/python examples/demo.py

demo-azure: $(STAMP)  ## open Lapis on a workspace of an Azure that this machine plays
	@$(BIN)/python -m tests.azure_emulator --demo

bench: $(STAMP)  ## speed, bytes and memory, as tables
	$(BIN)/python -m benchmarks

snapshots: $(STAMP)  ## accept the screens as they are now
	$(BIN)/python -m pytest -n 2 tests/screens tests/tui --snapshot-update

screenshots: $(STAMP)  ## the pictures of README and docs
	$(BIN)/python -m docs.screenshots

docs: $(STAMP)  ## the generated pages of docs/
	$(BIN)/python -m tui.keys_page > docs/keys.md
	$(BIN)/python -m tui.cli.page > docs/cli.md

azurite: $(STAMP)  # storage for tests of Azure, by npm; without it they are skipped
	@$(BIN)/python -m tests.azure_emulator --install

spark:  # an environment for Spark, which tests/wrangling/test_spark.py uses; needs Java 17, and pandas 2 as Spark 3.5 does
	$(PYTHON) -m venv .venv-spark
	.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check 'pyspark==3.5.9' 'pandas==2.2.3' 'numpy<2' 'pyarrow<20' setuptools

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[train,features,sweep,automl,dev]'
	@touch $@

clean:
	rm -rf $(VENV) dist build
