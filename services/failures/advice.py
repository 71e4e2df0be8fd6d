"""What usually mends an error of a job."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

_PACKAGES = {
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "cv2": "opencv-python-headless",
    "PIL": "pillow",
    "yaml": "pyyaml",
    "bs4": "beautifulsoup4",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "dns": "dnspython",
    "attr": "attrs",
    "git": "gitpython",
    "google.protobuf": "protobuf",
    "azure.ai.ml": "azure-ai-ml",
    "azure.identity": "azure-identity",
    "azureml.core": "azureml-core",
    "azureml.mlflow": "azureml-mlflow",
    "pytorch_lightning": "pytorch-lightning",
    "sentence_transformers": "sentence-transformers",
    "imblearn": "imbalanced-learn",
    "lightning": "lightning",
}
"""Modules whose package has another name."""

_RULES: tuple[tuple[str, str], ...] = (
    (
        r"^_?(Array)?MemoryError\b|Unable to allocate|[Cc]annot allocate memory|std::bad_alloc",
        "The memory of the machine ran out. Read less data at once (chunks, fewer columns), or take a larger compute.",
    ),
    (
        r"CUDA out of memory|OutOfMemoryError",
        "The memory of the GPU ran out. Make batches smaller, or take a compute with a larger GPU.",
    ),
    (
        r"No space left on device|Errno 28\b|[Dd]isk quota exceeded|Errno 122\b|database or disk is full",
        "The disk is full. Free some space, write less, or write to an output on another disk.",
    ),
    (
        r"^PermissionError|Errno 13\b|Errno 30\b|[Rr]ead-only file system",
        "Inputs are read-only. Write to an output: add one to `outputs` and use ${{outputs.NAME}} in the command.",
    ),
    (
        r"^IsADirectoryError|Errno 21\b",
        "The path is a folder. Give the input the type uri_file and the path of one file, or read the files in it.",
    ),
    (
        r"^UnicodeDecodeError|codec can't decode",
        "The file is not in that encoding. Name its encoding when reading it, such as encoding='latin-1'.",
    ),
    (
        r"could not convert string to float",
        "A column that should hold numbers holds text. Encode it, drop it, or say which texts mean missing.",
    ),
    (
        r"(Input (X|y) )?contains NaN|Input contains NaN|contains infinity",
        "The data has missing or infinite values. Fill or drop them before the training.",
    ),
    (
        r"Found array with 0 (sample|feature)|n_samples=0|needs? at least one array",
        "The table is empty after filtering or splitting. Look at the data and at the filter.",
    ),
    (
        r"Found input variables with inconsistent numbers of samples",
        "Features and labels have different lengths. Drop the same rows from both.",
    ),
    (
        r"Changing param values is not allowed|Param with key=.* was already logged",
        "A param can be logged once in a run. Log each value under a name of its own, or as a metric.",
    ),
    (
        r"^(ParserError|EmptyDataError)",
        "The file is not the table that the script expects. Look at its first lines, its separator and its header.",
    ),
    (
        r"^(ConnectionError|ConnectTimeout|ReadTimeout|URLError|gaierror|ConnectionRefusedError|MaxRetryError)\b"
        r"|Name or service not known|Temporary failure in name resolution|Connection refused|Could not resolve host",
        "A server could not be reached. Look at its address and at the network, or give the data as an input.",
    ),
    (
        r"^TimeoutError|timed out",
        "Something took too long. Try again; if it stays, look at the server or raise the time that is allowed.",
    ),
    (r"^RecursionError", "A function calls itself without an end. Look at the condition that should stop it."),
    (r"^(IndentationError|TabError)", "Mend the indentation of that line; tabs and blanks don't mix."),
    (
        r"^SyntaxError",
        "Mend that line; the mistake may be a line above it. The Python of the job may also be older than yours.",
    ),
    (
        r"^ImportError: cannot import name",
        "The installed version of that package lacks the name. Pin the version that you use in the environment.",
    ),
    (
        r"^ImportError: (lib|.*cannot open shared object)",
        "A library of the system is missing. Take an image that has it, or install it there.",
    ),
    (
        r"ResolvePackageNotFound|PackagesNotFoundError|No matching distribution found|Could not find a version that",
        "A package or its version does not exist. Mend its name or version in the environment.",
    ),
    (
        r"^AttributeError: module .* has no attribute",
        "The installed version of that package lacks the name. Pin the version that you use.",
    ),
    (
        r"CUDA (error|driver)|no CUDA GPUs are available|Torch not compiled with CUDA",
        "No usable GPU. Take a compute with one, or run on the CPU.",
    ),
)
_COMPILED = tuple((re.compile(pattern), text) for pattern, text in _RULES)
_MODULE = re.compile(r"No module named '?([\w.]+)'?")
_MISSING_FILE = re.compile(r"(?:No such file or directory|File .* does not exist|Unable to find).*?['\"]([^'\"]+)['\"]")
_KEY = re.compile(r"^KeyError: (.+)$")


def advice_for(title: str, text: str, code_files: Collection[str] = (), *, in_table: bool = False) -> str:
    """What to do about an error; empty if nothing is known.

    Args:
        title: the exception and the first line of its message.
        text: the whole message.
        code_files: the user's files, for a module or a script that is there under another path.
        in_table: a library for tables raised it.
    """
    if "No module named" in title and (match := _MODULE.search(title)):
        return _missing_module(match[1], code_files)
    if match := _KEY.match(title):
        if in_table or "index" in text:
            return (
                f"The table has no column {match[1]}. Compare it with the columns of the data: case and blanks count."
            )
        return (
            f"There is no key {match[1]}. Look at what the mapping holds, or at the environment variables of the job."
        )
    for pattern, advice in _COMPILED:
        if pattern.search(title):
            return advice
    if match := _MISSING_FILE.search(title):
        return missing_file(match[1], code_files)
    return next(
        (advice for pattern, advice in _COMPILED if not pattern.pattern.startswith("^") and pattern.search(text)), ""
    )


def missing_file(path: str, code_files: Collection[str]) -> str:
    """Advice for a file that isn't there."""
    name = path.replace("\\", "/").rpartition("/")[2]
    same = sorted(file for file in code_files if file.rpartition("/")[2] == name)
    if same:
        return f"The code folder has {same[0]}. Use that path; a job runs in the root of its code folder."
    near = difflib.get_close_matches(name, [file.rpartition("/")[2] for file in code_files], n=1, cutoff=0.75)
    if near:
        return f"Did you mean {near[0]}? It is in the code folder."
    if name.endswith((".py", ".sh", ".R", ".ipynb")):
        return "The code folder has no such file. Mend the name in the command, or the folder in `code`."
    return (
        "A job sees its code folder and its inputs only. "
        "Give the file as an input and use ${{inputs.NAME}} in the command."
    )


def _missing_module(module: str, code_files: Collection[str]) -> str:
    top = module.partition(".")[0]
    own = sorted(
        file
        for file in code_files
        if file.rpartition("/")[2] == f"{top}.py" or f"/{top}/" in f"/{file.rpartition('/')[0]}/"
    )
    if own:
        advice = "but Python looks beside the script that runs. Move it there, or set PYTHONPATH."
        return f"The code folder has {own[0]}, {advice}"
    package = _PACKAGES.get(module) or _PACKAGES.get(".".join(module.split(".")[:2])) or _PACKAGES.get(top, top)
    return f"Add {package} to the environment of the job: its conda file or its pip list."
