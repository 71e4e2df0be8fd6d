"""MLTable files as az ml reads them."""

from __future__ import annotations

from pathlib import Path

import polars
import pytest
import yaml

from services.errors import SpecError, UserError
from services.tables.mltable import registration_faults
from services.tables.mltable_paths import partition_values
from services.tables.opening import open_table


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two CSV files of a year each, a Parquet and JSON lines."""
    for year in (2023, 2024):
        place = tmp_path / "sales" / str(year) / "01"
        place.mkdir(parents=True)
        text = "id,name,price\n" + "".join(f"{year}{n},n{n},{n}.5\n" for n in range(5))
        (place / "data.csv").write_text(text, encoding="utf-8")
    polars.DataFrame({"n": [1, 2, 3]}).write_parquet(tmp_path / "n.parquet")
    (tmp_path / "n.jsonl").write_text('{"n": 1, "s": "a"}\n{"n": 2, "s": null}\n', encoding="utf-8")
    return tmp_path


def describe(folder: Path, transformations: object, paths: object = None) -> Path:
    document = {
        "type": "mltable",
        "paths": paths or [{"pattern": "./sales/**/*.csv"}],
        "transformations": transformations,
    }
    (folder / "MLTable").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return folder


async def rows(folder: Path) -> tuple[tuple[str, ...], tuple[tuple[str | None, ...], ...]]:
    async with open_table(folder) as table:
        page = await table.page(0, 100)
        assert table.format == "MLTable"
        return page.columns, page.rows


@pytest.mark.parametrize(
    ("steps", "columns", "first", "count"),
    [
        (["read_delimited"], ("id", "name", "price"), ("20230", "n0", "0.5"), 10),
        (["read_delimited", {"take": 3}], ("id", "name", "price"), ("20230", "n0", "0.5"), 3),
        (["read_delimited", {"skip": 6}], ("id", "name", "price"), ("20241", "n1", "1.5"), 4),
        (["read_delimited", {"keep_columns": ["price", "id"]}], ("price", "id"), ("0.5", "20230"), 10),
        (["read_delimited", {"drop_columns": "id"}], ("name", "price"), ("n0", "0.5"), 10),
        (
            ["read_delimited", {"drop_columns": {"pattern": "^P", "ignore_case": True}}],
            ("id", "name"),
            ("20230", "n0"),
            10,
        ),
        (["read_delimited", {"keep_columns": {"pattern": "a", "invert": True}}], ("id", "price"), ("20230", "0.5"), 10),
        (
            ["read_delimited", {"filter": 'col("price") > 3 and col("name") == "n4"'}],
            ("id", "name", "price"),
            ("20234", "n4", "4.5"),
            2,
        ),
        (["read_delimited", {"select_partitions": [1]}], ("id", "name", "price"), ("20240", "n0", "0.5"), 5),
        ([{"read_delimited": {"header": "no_header"}}], ("Column1", "Column2", "Column3"), ("id", "name", "price"), 12),
        ([{"read_delimited": {"header": "from_first_file"}}], ("id", "name", "price"), ("20230", "n0", "0.5"), 11),
        (
            [{"read_delimited": {"infer_column_types": False, "include_path_column": True}}],
            ("Path", "id", "name", "price"),
            ("sales/2023/01/data.csv", "20230", "n0", "0.5"),
            10,
        ),
        (
            [
                "read_delimited",
                {"extract_columns_from_partition_format": {"partition_format": "/{what}/{when:yyyy/MM}/data.csv"}},
            ],
            ("id", "name", "price", "what", "when"),
            ("20230", "n0", "0.5", "sales", "2023-01-01 00:00:00"),
            10,
        ),
        (
            [
                "read_delimited",
                {
                    "convert_column_types": [
                        {"columns": "id", "column_type": "string"},
                        {"columns": ["price"], "column_type": "int"},
                    ]
                },
            ],
            ("id", "name", "price"),
            ("20230", "n0", "0"),
            10,
        ),
    ],
)
async def test_transformations(
    folder: Path, steps: object, columns: tuple[str, ...], first: tuple[str, ...], count: int
) -> None:
    found = await rows(describe(folder, steps))
    assert (found[0], found[1][0], len(found[1])) == (columns, first, count)


async def test_dates_and_truth_are_converted_and_what_is_neither_is_missing(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("d,b\n31/01/2024,yes\n2024-02-01,no\nsoon,maybe\n", encoding="utf-8")
    steps = [
        "read_delimited",
        {
            "convert_column_types": [
                {"columns": "d", "column_type": {"datetime": {"formats": ["%d/%m/%Y", "%Y-%m-%d"]}}},
                {"columns": "b", "column_type": {"boolean": {"true_values": ["yes"], "false_values": ["no"]}}},
            ]
        },
    ]
    found = await rows(describe(tmp_path, steps, [{"file": "t.csv"}]))
    assert found[1] == (("2024-01-31 00:00:00", "True"), ("2024-02-01 00:00:00", "False"), (None, None))


async def test_a_sample_is_the_same_at_each_reading(folder: Path) -> None:
    (folder / "many.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(100)), encoding="utf-8")
    steps = ["read_delimited", {"take_random_sample": {"probability": 0.3, "seed": 7}}]
    first = await rows(describe(folder, steps, [{"file": "./many.csv"}]))
    assert 15 <= len(first[1]) <= 45
    assert await rows(folder) == first
    steps = ["read_delimited", {"sample": {"sampler": "random_percent", "sampler_arguments": {"probability": 1.0}}}]
    assert len((await rows(describe(folder, steps, [{"file": "./many.csv"}])))[1]) == 100


async def test_other_readers(folder: Path) -> None:
    assert (await rows(describe(folder, ["read_parquet"], [{"file": "./n.parquet"}])))[1] == (("1",), ("2",), ("3",))
    assert (await rows(describe(folder, ["read_json_lines"], [{"file": "./n.jsonl"}])))[1] == (("1", "a"), ("2", None))
    (folder / "bad.jsonl").write_text('{"s": "a"}\nno JSON\n{"s": "b"}\n', encoding="utf-8")
    drop = [{"read_json_lines": {"invalid_lines": "drop"}}]
    assert (await rows(describe(folder, drop, [{"file": "./bad.jsonl"}])))[1] == (("a",), ("b",))
    with pytest.raises(UserError, match="no Parquet file"):
        await rows(describe(folder, ["read_parquet"], [{"file": "./n.jsonl"}]))


async def test_empty_fields_as_text(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,\n,x\n", encoding="utf-8")
    found = await rows(describe(tmp_path, [{"read_delimited": {"empty_as_string": True}}], [{"file": "t.csv"}]))
    assert found[1] == (("1", ""), ("", "x"))


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"paths": [{"files": "./a.csv"}]}, "paths[0].files", "did you mean file?"),
        ({"paths": []}, "paths", "must be a list"),
        ({"paths": [{"file": "./a.csv", "folder": "b"}]}, "paths[0]", "must be one of"),
        ({"paths": [{"file": "./gone.csv"}]}, "paths[0].file", "there is no file ./gone.csv"),
        ({"paths": [{"file": "./*.csv"}]}, "paths[0].file", "use {pattern: ./*.csv}"),
        ({"paths": [{"pattern": "./*.tsv"}]}, "paths[0].pattern", "no file matches"),
        ({"paths": [{"folder": "./sal"}]}, "paths[0].folder", "holds no file"),
        ({"paths": [{"file": "azureml://datastores/x/paths/y"}]}, "paths[0].file", "lies elsewhere"),
        ({"typo": 1}, "typo", "no field"),
        ({"type": "uri_file"}, "type", "must be mltable"),
        ({"transformations": [{"take": 1}]}, "transformations", "must say how files are read"),
        ({"transformations": ["read_delta_lake"]}, "transformations[0].read_delta_lake", "Delta"),
        ({"transformations": ["read_delimeted"]}, "transformations[0].read_delimeted", "is no transformation"),
        (
            {"transformations": [{"read_delimited": {"delimiter": "ab"}}]},
            "transformations[0].read_delimited.delimiter",
            "one character",
        ),
        (
            {"transformations": [{"read_delimited": {"headers": 1}}]},
            "transformations[0].read_delimited.headers",
            "no option",
        ),
        (
            {"transformations": [{"read_delimited": {"encoding": "utf9"}}]},
            "transformations[0].read_delimited.encoding",
            "must be one of utf8",
        ),
        (
            {"transformations": [{"read_delimited": {"empty_as_string": "no"}}]},
            "transformations[0].read_delimited.empty_as_string",
            "true or false",
        ),
        (
            {"transformations": [{"read_json_lines": {"invalid_lines": "skip"}}]},
            "transformations[0].read_json_lines.invalid_lines",
            "error or drop",
        ),
        (
            {"transformations": ["read_delimited", "read_parquet"]},
            "transformations[1].read_parquet",
            "a second time",
        ),
        (
            {
                "transformations": [
                    "read_delimited",
                    {"convert_column_types": [{"columns": "gone", "column_type": "int"}]},
                ]
            },
            "transformations[1].convert_column_types[0].columns",
            "no column gone",
        ),
        ({"transformations": ["read_delimited", {"take": -1}]}, "transformations[1].take", "number of rows"),
        (
            {"transformations": ["read_delimited", {"filter": "open('x')"}]},
            "transformations[1].filter",
            "no function open",
        ),
        (
            {"transformations": ["read_delimited", {"keep_columns": ["gone"]}]},
            "transformations[1].keep_columns",
            "no column gone",
        ),
        (
            {
                "transformations": [
                    "read_delimited",
                    {"convert_column_types": [{"columns": "id", "column_type": "date"}]},
                ]
            },
            "transformations[1].convert_column_types[0].column_type",
            "must be one of",
        ),
        (
            {
                "transformations": [
                    "read_delimited",
                    {"extract_columns_from_partition_format": {"partition_format": "/{a}/x.csv"}},
                ]
            },
            "transformations[1].extract_columns_from_partition_format",
            "does not fit",
        ),
    ],
)
async def test_faults_are_named_with_their_path(folder: Path, change: dict[str, object], path: str, words: str) -> None:
    document = {"type": "mltable", "paths": [{"folder": "sales"}], "transformations": ["read_delimited"], **change}
    (folder / "MLTable").write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(SpecError) as told:
        await rows(folder)
    assert told.value.faults[0].path == path
    assert words in told.value.faults[0].message


@pytest.mark.parametrize(
    ("format_", "path", "values"),
    [
        ("/{a}/{b}.csv", "/x/y/z.csv", {"a": "y", "b": "z"}),
        ("/{a}/*.csv", "/x/y/z.csv", {"a": "y"}),
        ("/{a}/z.csv", "/x/y/other.csv", None),
        ("/{a:yyyy-MM}/z.csv", "/2024-13/z.csv", None),
        ("/{a}(/z.csv", "/y(/z.csv", {"a": "y"}),
    ],
)
def test_columns_in_paths(format_: str, path: str, values: dict[str, str] | None) -> None:
    assert partition_values(format_, path) == values


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, []),
        ({"transformations": []}, []),
        ({"transformations": ["read_delta_lake"]}, []),
        ({"paths": [{"file": "azureml://datastores/x/paths/y.csv"}]}, []),
        ({"paths": [{"files": "./a.csv"}]}, ["paths[0].files: is no kind of path; did you mean file?"]),
        ({"paths": [{"file": "./*.csv"}]}, ["paths[0].file: ./*.csv is a pattern; use {pattern: ./*.csv}"]),
    ],
)
def test_what_keeps_a_folder_from_being_registered(folder: Path, change: dict[str, object], told: list[str]) -> None:
    document = {"type": "mltable", "paths": [{"folder": "sales"}], "transformations": ["read_delimited"], **change}
    (folder / "MLTable").write_text(yaml.safe_dump(document), encoding="utf-8")
    assert [str(fault) for fault in registration_faults(folder)] == told
