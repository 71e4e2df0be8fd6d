"""Line charts in braille, two by four dots in a cell: drawing without a widget.

The dots of U+2800..U+28FF: The Unicode Standard, chapter 21.1.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
TINY, NEAR = 1e-290, 1e-12
"""Values closer to each other than the one, or than the other as their share, are drawn as equal."""
LARGEST = sys.float_info.max
MOST_TICKS_AT = 4
"""Rows between two labels of the y axis, at least."""


@dataclass(frozen=True)
class Series:
    """A line: xs ascending, ys may hold nan and infinities, which are gaps."""

    label: str
    xs: Sequence[float]
    ys: Sequence[float]


def smoothed(ys: Sequence[float], weight: float) -> list[float]:
    """Exponential moving average, freed of its bias to the first values; gaps stay and don't count.

    As in TensorBoard's line charts: s = weight * s + (1 - weight) * y, drawn as s / (1 - weight ** n).
    """
    if weight <= 0:
        return list(ys)
    result, state, unseen = [], 0.0, 1.0
    for y in ys:
        if not math.isfinite(y):
            result.append(y)
            continue
        state = weight * state + (1 - weight) * y
        unseen *= weight
        result.append(state / (1 - unseen))
    return result


class Canvas:
    """A field of `width` by `height` cells; dots are counted from the lower left. A cell has the colour drawn last."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._bits = [bytearray(width) for _ in range(height)]
        self._colours = [bytearray(width) for _ in range(height)]

    def dot(self, x: int, y: int, colour: int) -> None:
        """Set a dot."""
        row, column = self.height - 1 - y // 4, x // 2
        self._bits[row][column] |= _DOTS[x % 2][3 - y % 4]
        self._colours[row][column] = colour

    def line(self, x0: int, y0: int, x1: int, y1: int, colour: int) -> None:
        """Set the dots from one to another."""
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for step in range(steps + 1):
            self.dot(round(x0 + (x1 - x0) * step / steps), round(y0 + (y1 - y0) * step / steps), colour)

    def runs(self, row: int) -> Iterator[tuple[str, int]]:
        """The cells of a row as texts of one colour each."""
        text, current = "", 0
        for bits, colour in zip(self._bits[row], self._colours[row], strict=True):
            if bits and colour != current and text.strip():
                yield text, current
                text = ""
            if bits:
                current = colour
            text += chr(0x2800 + bits) if bits else " "
        yield text, current


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high`, on a logarithmic scale when `log`."""

    low: float
    high: float
    log: bool = False

    @classmethod
    def over(cls, values: Sequence[float], *, log: bool = False) -> Axis | None:
        """The axis that holds the finite (and with `log` positive) values; None when there are none."""
        held = [value for value in values if math.isfinite(value) and (value > 0 or not log)]
        if not held:
            return None
        low, high = min(held), max(held)
        if high - low <= low * NEAR if log else high / 2 - low / 2 < max(TINY, abs(low) * NEAR):
            pad = max(abs(low) * 0.1, 1.0 if abs(low) < TINY else 0.0)
            low, high = (low / 2 or low, high * 2) if log else (low - pad, high + pad)
        return cls(max(low, -LARGEST), min(high, LARGEST), log)

    def share(self, value: float) -> float | None:
        """Where a value lies, 0 to 1; None outside or without a place on the scale."""
        if not math.isfinite(value) or (self.log and value <= 0):
            return None
        if self.log:
            share = (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        else:
            # halves, because the whole range may be more than a float holds
            share = (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        return share if -1e-9 <= share <= 1 + 1e-9 else None

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """About `most` round values, two at least, with their labels: steps of 1, 2 or 5 times a power of ten."""
        if self.log and self.high / self.low >= 10:
            return self._log_ticks(most)
        span = self.high - self.low
        if not math.isfinite(span) or span < TINY:
            return [(self.low, f"{self.low:.6g}"), (self.high, f"{self.high:.6g}")]
        rough = span / max(1, most)
        power = 10.0 ** math.floor(math.log10(rough))
        steps = [factor * power for factor in (10, 5, 2, 1, 0.5, 0.2, 0.1)]
        fewest = max(at for at, step in enumerate(steps) if step >= rough * 0.999)
        for step in steps[fewest:]:
            first = math.ceil(self.low / step - 1e-9)
            last = math.floor(self.high / step + 1e-9)
            if last > first:
                break
        return [(at * step, _tick_text(at * step, step)) for at in range(first, last + 1)]

    def _log_ticks(self, most: int) -> list[tuple[float, str]]:
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        if first == last:
            around = [factor * 10.0**power for power in (first - 1, first) for factor in (1, 2, 5)]
            return [(value, f"{value:g}") for value in around if self.share(value) is not None]
        every = max(1, math.ceil((last - first + 1) / max(1, most)))
        every = min(every, last - first)
        return [(10.0**power, f"{10.0**power:g}") for power in range(first, last + 1, every)]


def _tick_text(value: float, step: float) -> str:
    place = math.floor(math.log10(step) + 1e-9)
    if value and (abs(value) >= 1e6 or step < 1e-5):
        return f"{value:.{max(1, math.floor(math.log10(abs(value)) + 1e-9) - place + 1)}g}"
    return f"{value:.{max(0, -place)}f}" if step >= 1e-5 else "0"


def plot(canvas: Canvas, series: Series, x_axis: Axis, y_axis: Axis, colour: int) -> None:
    """Draw a line: of the points that share a column of dots the lowest and the highest are drawn."""
    columns, rows = canvas.width * 2 - 1, canvas.height * 4 - 1
    previous: tuple[int, int] | None = None
    column, first, last, low, high = -1, 0, 0, 0, 0

    def close() -> None:
        nonlocal previous
        if column < 0:
            return
        if previous is not None:
            canvas.line(*previous, column, first, colour)
        canvas.line(column, low, column, high, colour)
        previous = (column, last)

    for x, y in zip(series.xs, series.ys, strict=True):
        across, up = x_axis.share(x), y_axis.share(y)
        if across is None or up is None:
            close()
            previous, column = None, -1
            continue
        at, level = round(across * columns), round(up * rows)
        if at != column:
            close()
            column, first, low, high = at, level, level, level
        last, low, high = level, min(low, level), max(high, level)
    close()
