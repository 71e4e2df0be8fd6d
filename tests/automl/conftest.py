"""A small table with every kind of column, which algorithms learn in an instant."""

from __future__ import annotations

from typing import Any

import pytest

pd: Any = pytest.importorskip("pandas")
pytest.importorskip("sklearn")
pytest.importorskip("optuna")

ROWS = 120


@pytest.fixture
def table() -> Any:
    """`kind` follows from size and colour, `price` from size; `note` and `when` are a text and a date."""
    sizes = [(7 * place) % 40 for place in range(ROWS)]
    colours = [("red", "green", "blue")[place % 3] for place in range(ROWS)]
    return pd.DataFrame(
        {
            "id": [1000 + place for place in range(ROWS)],
            "size": [None if place % 11 == 0 else float(size) for place, size in enumerate(sizes)],
            "colour": colours,
            "code": [f"c{place % 23}" for place in range(ROWS)],
            "note": [f"a note about part {place} of lot {place % 5}" for place in range(ROWS)],
            "when": [f"2024-{1 + place % 12:02}-{1 + place % 28:02}" for place in range(ROWS)],
            "same": ["x"] * ROWS,
            "kind": [
                "big" if size > 20 or colour == "red" else "small" for size, colour in zip(sizes, colours, strict=True)
            ],
            "price": [3.0 * size + place % 2 for place, size in enumerate(sizes)],
        }
    )
