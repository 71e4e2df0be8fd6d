"""Where the records of a text begin: read once in blocks, so that any of them is found by its number."""

from __future__ import annotations

import io
import re
import threading
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from services.tables.background import Reporter
from services.tables.byte_sources import ByteSource
from services.tables.delimited import is_blank, records

STRIDE = 1 << 18
"""Bytes between two places that are remembered: 4,800 of them for 1.2 GB, a page later some 2,000 records are read."""
RECORD = 1 << 27
"""Bytes of a record at most: within them a quote must be closed, else it is taken for text."""
WIDTHS = 100
"""Records at the beginning whose fields are counted."""
ALIKE = 8
"""Records with the usual number of fields that tell that the first of them is one."""
TRIED = 200
"""Line ends at most after which a record is looked for."""
_BLANK = re.compile(rb"(?<![^\n])[ \t\r]*\n")
_MAYBE_BLANK = re.compile(rb"\n[ \t\r\n]")
_NEITHER_QUOTE_NOR_END = bytes(set(range(256)) - set(b'"\n'))


@dataclass(frozen=True)
class Layout:
    """How a text is made of records.

    Attributes:
        start: where the text begins, after a byte order mark.
        separator: what stands between two fields, in UTF-8; empty where quotes mean nothing (JSON lines).
    """

    start: int = 0
    separator: str = ""

    @property
    def has_quotes(self) -> bool:
        """Whether a record may go on over several lines, within quotes."""
        return bool(self.separator)


@dataclass(frozen=True)
class Block:
    """Bytes that hold whole records; its lines that are blank, and line ends within quotes, are no records.

    Attributes:
        has_quotes: False after a quote that is never closed, from where on quotes are text.
    """

    offset: int
    data: bytes
    records: int
    has_quotes: bool = True


def blocks(source: ByteSource, layout: Layout, size: int, reporter: Reporter, start: int = -1) -> Iterator[Block]:
    """The text in blocks of about `size` bytes, from `start`, which must be where a record begins."""
    offset = layout.start if start < 0 else start
    has_quotes = layout.has_quotes
    wanted = size
    while offset < source.size:
        reporter.step(offset, source.size)
        data = source.read(offset, wanted)
        at_end = offset + len(data) >= source.size
        end, count = measured(data, layout.separator if has_quotes else "", at_end=at_end)
        if not end:
            if wanted < RECORD and not at_end:
                wanted *= 4
                continue
            # a quote that is never closed: from here on quotes are text
            has_quotes = False
            continue
        yield Block(offset, data[:end], count, has_quotes)
        offset += end
        wanted = size


def measured(data: bytes, separator: str, *, at_end: bool) -> tuple[int, int]:
    """How many bytes hold whole records, and how many records; no bytes if the first record has no end.

    Args:
        separator: of the fields; empty where quotes mean nothing.
        at_end: whether nothing comes after the data.
    """
    if separator and b'"' in data:
        return _measured_with_quotes(data, separator, at_end=at_end)
    end = len(data) if at_end else data.rfind(b"\n") + 1
    if not end and len(data) >= RECORD:
        end = len(data)
    return end, _lines(data[:end])


def _lines(data: bytes) -> int:
    """Lines that are not blank."""
    count = data.count(b"\n")
    if _MAYBE_BLANK.search(data) or data[:1] in (b"\n", b"\r", b" ", b"\t"):
        count -= len(_BLANK.findall(data))
    rest = data[data.rfind(b"\n") + 1 :]
    return count + bool(rest.strip(b" \t\r"))


def _has_odd_line(data: bytes) -> bool:
    """Whether a line has an odd number of quotes, as each has that begins or ends a field of several lines."""
    return b'"' in data.translate(None, _NEITHER_QUOTE_NOR_END).replace(b'""', b"")


def _measured_with_quotes(data: bytes, separator: str, *, at_end: bool) -> tuple[int, int]:
    whole = len(data) if at_end else data.rfind(b"\n") + 1
    if whole and not _has_odd_line(data[:whole]):
        return whole, _lines(data[:whole])
    lines = data.split(b"\n")
    last = len(lines) if at_end else len(lines) - 1
    is_open, opened_at, inside = False, 0, 0
    blank_inside = 0
    for number in [number for number in range(last) if lines[number].count(b'"') & 1]:
        if is_open:
            is_open = False
            inside += number - opened_at
            blank_inside += sum(not line.strip(b" \t\r") for line in lines[opened_at + 1 : number])
        elif _leaves_open(lines[number], separator):
            is_open, opened_at = True, number
    if is_open:
        if opened_at == 0:
            return 0, 0
        last = opened_at
    end = sum(map(len, lines[:last])) + last
    end = min(end, len(data))
    blank = sum(not line.strip(b" \t\r") for line in lines[:last]) - blank_inside
    return end, last - inside - blank


def _leaves_open(line: bytes, separator: str) -> bool:
    """Whether a quote at the beginning of a field is not closed in its line."""
    mark = separator.encode()
    place = 0
    while True:
        if line[place : place + 1] == b'"':
            place += 1
            while True:
                place = line.find(b'"', place)
                if place < 0:
                    return True
                if line[place + 1 : place + 2] != b'"':
                    break
                place += 2
        place = line.find(mark, place)
        if place < 0:
            return False
        place += len(mark)


class RecordIndex:
    """Where every so many bytes a record begins, and its number."""

    def __init__(self, source: ByteSource, layout: Layout) -> None:
        self.source, self.layout = source, layout
        self._offsets = [layout.start]
        self._numbers = [0]
        self.total: int | None = None
        self._building = threading.Lock()

    def build(self, reporter: Reporter) -> int:
        """Read on to the end, from where it was stopped before; the number of records."""
        with self._building:  # one that was stopped may not have noticed yet
            number = self._numbers[-1]
            for block in blocks(self.source, self.layout, STRIDE, reporter, self._offsets[-1]):
                number += block.records
                self._numbers.append(number)
                self._offsets.append(block.offset + len(block.data))
            self.total = number
            return number

    def covers(self, number: int) -> bool:
        """Whether a record of that number can be found already."""
        return self.total is not None or number < self._numbers[-1]

    def blocks_from(self, number: int, reporter: Reporter) -> tuple[int, Iterator[Block]]:
        """The number of a record at or before `number`, and the blocks from there."""
        place = bisect_right(self._numbers, number, hi=len(self._offsets)) - 1
        return self._numbers[place], blocks(self.source, self.layout, STRIDE, reporter, self._offsets[place])

    def spread(self, wanted: int, reporter: Reporter) -> Iterator[Block]:
        """Blocks at even distances over the whole text, `wanted` of them at most; the first is the beginning."""
        places = len(self._offsets) - 1
        step = max(1, places // wanted)
        for place in range(0, places, step):
            yield next(blocks(self.source, self.layout, STRIDE, reporter, self._offsets[place]))


def distant_blocks(source: ByteSource, layout: Layout, wanted: int, reporter: Reporter) -> Iterator[Block]:
    """As `RecordIndex.spread`, of a text that nobody has indexed: each block but the first begins after a line end.

    A line end may lie within quotes: of several, that one is taken after which records have as many fields as most of
    those at the beginning have.
    """
    distance = max(STRIDE, (source.size - layout.start) // wanted)
    width = 0
    for offset in range(layout.start, source.size, distance):
        reporter.step(offset, source.size)
        data = source.read(offset, STRIDE)
        if offset == layout.start:
            begin, width = 0, _usual_width(data, layout.separator)
        elif not (begin := _record_begin(data, layout.separator, width)):
            continue
        at_end = offset + len(data) >= source.size
        end, count = measured(data[begin:], layout.separator, at_end=at_end)
        if count:
            yield Block(offset + begin, data[begin : begin + end], count)


def _usual_width(data: bytes, separator: str) -> int:
    """The number of fields that most of the first records have; 0 where quotes mean nothing."""
    if not separator:
        return 0
    first = islice(fields(Block(0, data, -1), separator), WIDTHS)
    return max(Counter(map(len, first)).most_common(1), default=(0, 0))[0]


def _record_begin(data: bytes, separator: str, width: int) -> int:
    """Where a record begins, after a line end; 0 if there is none."""
    first = begin = data.find(b"\n") + 1
    for _ in range(TRIED if width else 0):
        if not begin:
            break
        rows = list(islice(fields(Block(0, data[begin:], -1), separator), ALIKE))
        if rows and all(len(row) == width for row in rows):
            return begin
        begin = data.find(b"\n", begin) + 1
    return first


def fields(block: Block, separator: str) -> Iterator[list[str]]:
    """The fields of each record of a block."""
    text = io.StringIO(block.data.decode("utf-8", "replace"), newline="")
    for record in records(text, separator, has_quotes=block.has_quotes):
        if record and not is_blank(record):
            yield record
