"""The first real error of a job's log."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.failures import first_error
from tests.services import logs

CODE = ("train.py", "src/train.py", "lib/model.py", "folds.py", "utils/features.py")


@dataclass
class Case:
    """A log, and what must be found in it."""

    log: str
    title: str
    where: str = ""
    advice: str = ""
    exit_code: int = 1
    line: int = 0


CASES = {
    "a column that is not there": Case(
        logs.PANDAS_COLUMN, "KeyError: 'Diabetc'", "src/train.py:18", "no column 'Diabetc'", line=8
    ),
    "colours of 3.13": Case(logs.COLOURED_313, "ValueError: no [bold]rows[/bold]", "lib/model.py:3"),
    "a group": Case(logs.GROUP, "ZeroDivisionError: division by zero", "folds.py:2", line=14),
    "a pool": Case(logs.POOL, "FileNotFoundError: [Errno 2] No such file", "train.py:5", "${{inputs.NAME}}"),
    "a data loader": Case(logs.DATA_LOADER, "RuntimeError: stack expects each tensor", "folds.py:14"),
    "a launcher that echoes": Case(logs.ELASTIC, "OutOfMemoryError: CUDA out of memory", "train.py:44", "GPU"),
    "one that was survived": Case(
        logs.SURVIVED, "ValueError: Input X contains NaN.", "train.py:50", "missing", line=11
    ),
    "wrong arguments": Case(
        logs.ARGPARSE, "train.py: the following arguments", "train.py:0", "don't agree", exit_code=2, line=3
    ),
    "killed behind a progress bar": Case(
        logs.PROGRESS, "The command was ended by signal 9 (SIGKILL)", "", "memory", 137, 2
    ),
    "killed, nothing said": Case("epoch 1\n", "The command was ended by signal 9 (SIGKILL)", "", "memory", -9, 1),
    "a crash with its stack": Case(
        logs.FAULTHANDLER, "Fatal Python error: Segmentation fault", "lib/model.py:21", "Pin", -11, 2
    ),
    "a child of a shell": Case(
        "run.sh: line 3:  4242 Segmentation fault      (core dumped) python train.py\n", "ended by signal 11", "", "Pin"
    ),
    "no such program": Case("/bin/sh: 1: pyhton: not found\n", "pyhton: not found", "", "no program pyhton", 127, 1),
    "no such program in bash": Case(
        "bash: line 1: conda: command not found\n", "conda: command not found", "", "conda", 127
    ),
    "not executable": Case(
        "bash: ./run.sh: Permission denied\n", "./run.sh: Permission denied", "", "bash run.sh", 126
    ),
    "a script with a typo": Case(
        "python: can't open file '/jobs/a/code/trian.py': [Errno 2] No such file or directory\n",
        "python: can't open file",
        "",
        "Did you mean train.py?",
        2,
        1,
    ),
    "a script in a subfolder": Case(
        "/usr/bin/python3: can't open file 'features.py': [Errno 2] No such file or directory\n",
        "can't open file",
        "",
        "utils/features.py",
        2,
    ),
    "an unclosed quote": Case(
        "/bin/sh: 1: Syntax error: Unterminated quoted string\n", "Syntax error: Unterminated", "", "quotes", 2
    ),
    "a package under another name": Case(
        'Traceback (most recent call last):\n  File "/w/code/train.py", line 2, in <module>\n    import sklearn\n'
        "ModuleNotFoundError: No module named 'sklearn'\n",
        "ModuleNotFoundError: No module named 'sklearn'",
        "train.py:2",
        "Add scikit-learn to the environment",
    ),
    "the user's own module": Case(
        'Traceback (most recent call last):\n  File "/w/code/src/train.py", line 2, in <module>\n    import features\n'
        "ModuleNotFoundError: No module named 'features'\n",
        "No module named 'features'",
        "src/train.py:2",
        "utils/features.py",
    ),
    "a full disk": Case(
        'Traceback (most recent call last):\n  File "/w/code/train.py", line 9, in <module>\n    f.write(b)\n'
        "OSError: [Errno 28] No space left on device\n",
        "OSError: [Errno 28] No space left",
        "train.py:9",
        "disk is full",
    ),
    "a program on a full disk": Case(
        "cp: error writing 'x': No space left on device\n", "cp: error writing", "", "disk is full"
    ),
    "no memory": Case(
        'Traceback (most recent call last):\n  File "/w/code/train.py", line 4, in <module>\n    a = np.ones(9**9)\n'
        "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 286. GiB for an array\n",
        "_ArrayMemoryError: Unable to allocate",
        "train.py:4",
        "memory of the machine",
    ),
    "a library of the same name": Case(
        'Traceback (most recent call last):\n  File "/w/code/train.py", line 4, in <module>\n    go()\n'
        '  File "/e/lib/python3.11/site-packages/x/folds.py", line 9, in go\n    raise RuntimeError\nRuntimeError\n',
        "RuntimeError",
        "train.py:4",
    ),
    "the log begins inside a traceback": Case(
        "    y = 1 / 0\nZeroDivisionError: division by zero\n", "ZeroDivisionError: division by zero"
    ),
    "an environment that can't be built": Case(
        "ERROR: Could not find a version that satisfies the requirement scikit-lern\n"
        "ERROR: No matching distribution found for scikit-lern\n",
        "ERROR: No matching distribution found for scikit-lern",
        "",
        "Mend its name",
    ),
    "an error of R": Case(
        "Error in library(caret) : there is no package called ‘caret’\nExecution halted\n", "Error in library(caret)"
    ),
    "only words": Case("starting\n2026-01-01 ERROR bad input\ncleaning up\n\n", "2026-01-01 ERROR bad input", line=2),
    "no words of error": Case("one\n\ntwo\n\n", "two", line=3),
    "silence": Case("", "The command ended with exit code 3 and wrote nothing", exit_code=3),
    "only blanks and escapes": Case("\n\x1b[0m\n \n", "wrote nothing"),
}


@pytest.mark.parametrize("name", CASES)
def test_first_error(name: str) -> None:
    """Title, place, advice and line of the log."""
    case = CASES[name]
    error = first_error(case.log, exit_code=case.exit_code, code_files=CODE, log_file="user_logs/std_log.txt")
    assert case.title in error.title
    file, _, line = case.where.partition(":")
    assert (error.file, error.line) == (file, int(line or 0))
    assert case.advice in error.advice
    if case.line:
        assert error.log_line == case.line
    assert error.log_file == "user_logs/std_log.txt"
    assert "\x1b" not in error.title + error.message + error.source_line


SCRIPTS = {
    "chained": (
        "def load():\n    return {}['x']\n"
        "try:\n    load()\nexcept KeyError as e:\n    raise RuntimeError('no') from e\n",
        "KeyError: 'x'",
        2,
        "return {}['x']",
    ),
    "in a handler": (
        "try:\n    1 / 0\nexcept ArithmeticError:\n    undefined\n",
        "ZeroDivisionError: division by zero",
        2,
        "1 / 0",
    ),
    "with a note": (
        "try:\n    int('a')\nexcept ValueError as e:\n    e.add_note('row 7')\n    raise\n",
        "ValueError: invalid literal",
        2,
        "int('a')",
    ),
    "syntax": ("import os\nprint('a'\n", "SyntaxError: '(' was never closed", 2, "print('a'"),
    "indentation": ("if True:\nprint(1)\n", "IndentationError: expected an indented block", 2, "print(1)"),
    "group": (
        "a = [ValueError('first'), TypeError('second')]\nraise ExceptionGroup('many', a)\n",
        "ValueError: first",
        2,
        "raise ExceptionGroup('many', a)",
    ),
    "deep": ("def f(n):\n    return f(n + 1)\nf(0)\n", "RecursionError: maximum recursion depth", 2, "return f(n + 1)"),
    "of a class inside": (
        "def f():\n    class Odd(Exception): pass\n    raise Odd('a: b')\nf()\n",
        "Odd: a: b",
        3,
        "raise Odd('a: b')",
    ),
    "exit with words": ("import sys\nsys.exit('no data: give --input')\n", "no data: give --input", 0, ""),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_python_writes(name: str, tmp_path: Path) -> None:
    """The tracebacks of the interpreter that runs here."""
    source, title, line, text = SCRIPTS[name]
    script = tmp_path / "code" / "train.py"
    script.parent.mkdir()
    script.write_text(source)
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=False, env={"PYTHON_COLORS": "1"}
    )
    error = first_error(done.stderr, exit_code=done.returncode, code_files=["train.py"])
    assert error.title.startswith(title)
    assert (error.file, error.line, error.source_line) == ("train.py" if line else "", line, text)


def test_notes_are_in_the_message() -> None:
    """A note of the exception stands below it."""
    assert "in fold 0" in first_error(logs.GROUP, code_files=CODE).message


def test_secrets_are_masked() -> None:
    """A connection string in an exception is not shown."""
    key = "A" * 86 + "=="
    log = f'Traceback (most recent call last):\n  File "train.py", line 1, in <module>\nValueError: AccountKey={key}\n'
    error = first_error(log)
    assert key not in error.title + error.message
    assert "<redacted>" in error.title


def test_a_long_message_keeps_its_end() -> None:
    """At most 4,000 characters; the exception stands last."""
    log = logs.PANDAS_COLUMN.replace("Loading data...", "x" * 50) + "KeyError: end\n"
    long = log.replace("    main(parse_args())", "\n".join(f'  File "a{i}.py", line {i}, in f' for i in range(1000)))
    error = first_error(long, code_files=CODE)
    assert len(error.message) <= 4000
    assert error.message.rstrip().endswith(("KeyError: 'Diabetc'", "KeyError: end"))


def test_without_a_list_of_code() -> None:
    """Every file counts that is no library's."""
    assert first_error(logs.PANDAS_COLUMN).line == 18


ODD = (
    "x" * 1_000_000,
    "Traceback (most recent call last):\n" * 20_000,
    "\r50%" * 200_000,
    '  File "a", line 1\n' * 50_000,
    "sh: " * 200_000,
    "a " * 500_000,
    "\x1b[" * 300_000,
    "Traceback (most recent call last):\n" + "  x\n" * 300_000,
    ("A: b\n" * 3 + "\n") * 50_000,
)


@pytest.mark.parametrize("log", ODD, ids=range(len(ODD)))
def test_odd_logs_take_little_time(log: str) -> None:
    """No pattern runs away on a megabyte of one kind."""
    began = time.process_time()
    first_error(log, exit_code=1, code_files=CODE)
    assert time.process_time() - began < 5
