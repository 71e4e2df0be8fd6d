"""Runs the Spark script of each case in one Spark session: `python spark_cases.py FOLDER`; run by test_spark.py.

In the folder, `NAME.py` are scripts and `table.csv` is the table; the answer is `answers.json`, rows by script.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path
from typing import Any


def main() -> None:
    folder = Path(sys.argv[1])
    answers = {path.stem: _answer(path, folder) for path in sorted(folder.glob("case_*.py"))}
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")


def _answer(path: Path, folder: Path) -> Any:
    names: dict[str, Any] = {"__name__": path.stem}
    try:
        exec(path.read_text(encoding="utf-8"), names)
        for table in names.get("TABLES", {}):
            names["TABLES"][table] = str(folder / table)
        found = names["wrangle"](names["read_table"](str(folder / "table.csv"))).to_pandas()
        missing = found.isna()
        return {
            "columns": [str(name) for name in found.columns],
            "rows": [
                [None if gone else _plain(value) for value, gone in zip(row, gaps)]  # noqa: B905 - Python 3.8 of Spark
                for row, gaps in zip(found.to_numpy(dtype=object).tolist(), missing.to_numpy().tolist())  # noqa: B905
            ],
        }
    except Exception:
        return {"error": traceback.format_exc(limit=-2)}


def _plain(value: Any) -> Any:
    return str(value)


if __name__ == "__main__":
    main()
