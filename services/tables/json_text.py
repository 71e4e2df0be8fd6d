"""A JSON array as JSON lines, however large it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from services.imports import collection_held
from services.tables.background import Reporter
from services.tables.byte_sources import ByteSource, LocalBytes
from services.tables.plain_text import PlainText

DOCUMENT = 12_000_000
"""Bytes of a file of this machine that are read at once, where it is one JSON object."""
_BLOCK = 1 << 20
_WHITESPACE = " \t\r\n"


class JsonArrayText:
    """The elements of an array, one on each line; offers what `PlainText` does."""

    is_plain = False
    start = 0

    def __init__(self, text: PlainText) -> None:
        self._text = text
        self._copy = text.folder / "lines"
        self.name, self.encoding = text.name, text.encoding
        self.notes = text.notes
        self.source = text.source
        self.head = b""
        self.is_whole = text.is_whole
        for element in self._elements(iter([text.head]), is_whole=text.is_whole):
            self.head += _line(element)

    def plain(self, reporter: Reporter) -> ByteSource:
        """The whole array, written as lines now."""
        source = self._text.plain(reporter)

        def pieces() -> Iterator[bytes]:
            for offset in range(self._text.start, source.size, _BLOCK):
                reporter.step(offset, source.size)
                yield source.read(offset, _BLOCK)

        with self._copy.open("wb") as file:
            for element in self._elements(pieces(), is_whole=True):
                file.write(_line(element))
        return LocalBytes(self._copy)

    def _elements(self, pieces: Iterator[bytes], *, is_whole: bool) -> Iterator[Any]:
        """What is whole in the text; a fault in a text that should be whole is told in the notes."""
        decoder = json.JSONDecoder()
        rest, text, place = b"", "", 0
        begun = False
        for piece in pieces:
            rest += piece
            cut = _character_end(rest)
            text, place, rest = text[place:] + rest[:cut].decode("utf-8", "replace"), 0, rest[cut:]
            while True:
                place = _after(text, place, _WHITESPACE if not begun else _WHITESPACE + ",")
                if not begun and text[place : place + 1] == "[":
                    begun, place = True, place + 1
                    continue
                if text[place : place + 1] == "]":
                    return
                try:
                    element, end = decoder.raw_decode(text, place)
                except (ValueError, RecursionError):
                    break
                if end == len(text):
                    break  # a number may go on in the next piece
                yield element
                place = end
        if is_whole:
            fault = "the file is no whole JSON; shown is what comes before the fault"
            if fault not in self.notes:
                self.notes.append(fault)


def document_of(text: PlainText) -> object:
    """What a JSON file holds; None if it is no whole JSON, or too large to be read at once."""
    if text.is_whole:
        data = text.head
    elif text.is_plain and text.source.path and text.source.size <= DOCUMENT:
        data = text.source.read(text.start, text.source.size)
    else:
        return None
    try:
        with collection_held():
            found: object = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found


def _line(element: Any) -> bytes:
    return json.dumps(element, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _after(text: str, place: int, characters: str) -> int:
    while place < len(text) and text[place] in characters:
        place += 1
    return place


def _character_end(data: bytes) -> int:
    """Where the last whole character ends: a piece may end within one."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte < 0x80:
            return len(data)
        if byte >= 0xC0:
            return len(data) - back if back < (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4) else len(data)
    return len(data)
