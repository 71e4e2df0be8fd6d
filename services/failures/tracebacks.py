"""Tracebacks in a log: blocks of frames, and the chains that they form.

Source of the format: `traceback` of the Python library (3.11 to 3.13: carets, notes, exception groups, colours), and
how multiprocessing, joblib and PyTorch quote the traceback of another process.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

_HEADER = re.compile(
    r"^(?P<margin>\s*[|+] )?(?P<indent>\s*)(?P<kind>Original |Exception Group )?Traceback \(most recent call last\):"
)
_MARGIN = re.compile(r"^\s*[|+] ?")
_CHILD = re.compile(r"^\s*\+-?\+?-+ \d+ -+$")
_FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+)(?:,? in (?P<function>.+))?$')
_EXCEPTION = re.compile(
    r"^(?P<type>(?:[A-Za-z_]\w*|<locals>)(?:\.(?:[A-Za-z_]\w*|<locals>))*)(?::(?: (?P<text>.*))?)?$"
)
_LINK = re.compile(
    r"(The above exception was the direct cause of|During handling of the above exception, another exception)"
)
_NOISE = re.compile(r"^(Exception ignored (in|on)|Error in atexit|--- Logging error ---|Error in sys.excepthook)")
_CARETS = re.compile(r"^[\s~^]+$")
_LIBRARY = re.compile(r"(^<|/site-packages/|/dist-packages/|/lib/python3[\d.]*/|^lib/python3[\d.]*/|\.px[id]$|\.pyx$)")
_SYNTAX = ("SyntaxError", "IndentationError", "TabError")
_MESSAGE_LINES = 40
_GAP = 200
"""Lines between two linked tracebacks: the message of the first one may have paragraphs."""


@dataclass(frozen=True)
class Frame:
    """A line of a file that a traceback names; `source` is its text, empty if it isn't shown."""

    file: str
    line: int
    source: str = ""


@dataclass
class Block:
    """One traceback.

    Attributes:
        start: index of its first line, and `end`: index after its last.
        type: the name of the exception as it stands, with its module.
        text: the message, all its lines.
        at: index of the line with the exception.
        frames: outermost first.
        wraps: its cause follows it, as the first of an exception group or as `Original Traceback`.
        linked: it came from the block before it.
    """

    start: int
    end: int
    type: str
    text: str
    at: int
    frames: list[Frame] = field(default_factory=list)
    wraps: bool = False
    linked: bool = False

    @property
    def name(self) -> str:
        """The exception without its module: `MlflowException`."""
        return self.type.rpartition(".")[2]

    @property
    def title(self) -> str:
        """The exception and the first line of its message."""
        first = next((line.strip() for line in self.text.splitlines() if line.strip()), "")
        return f"{self.name}: {first}" if first else self.name


def chains(lines: Sequence[str]) -> list[list[Block]]:
    """All tracebacks of a log, in order, grouped by what led to what; noise of a dying interpreter is left out."""
    found: list[list[Block]] = []
    for block in _blocks(lines):
        if any(_NOISE.match(line) for line in lines[max(0, block.start - 3) : block.start]):
            continue
        if found and block.linked:
            found[-1].append(block)
        else:
            found.append([block])
    return found


def root(chain: Sequence[Block]) -> int:
    """Index of the block that tells the root cause of a chain."""
    index = 0
    while chain[index].wraps and index + 1 < len(chain):
        index += 1
    return index


def user_frame(blocks: Sequence[Block], code_files: Collection[str]) -> Frame | None:
    """The deepest frame in the user's code, of the first block that has one; its file is relative to the code folder.

    Without `code_files` every file counts that is no library's.
    """
    for block in blocks:
        for frame in reversed(block.frames):
            path = frame.file.replace("\\", "/")
            matches = [name for name in code_files if path == name or path.endswith(f"/{name}")]
            if _LIBRARY.search(path):
                # the user's own utils.py is not the one of a package
                matches = [name for name in matches if _LIBRARY.search(name)]
            elif not code_files:
                matches = [path]
            if matches:
                return Frame(max(matches, key=len), frame.line, frame.source)
    return None


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    previous: Block | None = None
    index = 0
    while index < len(lines):
        line = lines[index]
        block: Block | None = None
        if "most recent call last" in line and (header := _HEADER.match(line)):
            block = _block(lines, index, header)
        elif line.startswith('  File "') and (previous is None or index >= previous.end):
            block = _syntax_error(lines, index)
        elif (
            previous is not None
            and _CHILD.match(line)
            and "most recent call last" not in "".join(lines[index + 1 : index + 2])
        ):
            # a member of a group that was never raised has no traceback of its own
            block = _finish(lines, index + 1, index + 1, margin=True, indent=0) if index + 1 < len(lines) else None
        if block is None:
            index += 1
            continue
        if previous is not None and block.start - previous.end < _GAP:
            between = lines[previous.end : block.start + 1]
            block.linked = any(_LINK.search(text) or _CHILD.match(text) or "Original Trace" in text for text in between)
            if "Original Trace" in lines[block.start]:
                previous.wraps = True
        previous = block
        index = max(block.end, index + 1)
        yield block


def _block(lines: Sequence[str], start: int, header: re.Match[str]) -> Block | None:
    margin, indent = header["margin"] is not None, len(header["indent"])
    frames: list[Frame] = []
    index = start + 1
    skipped = 0
    while index < len(lines):
        text = _bare(lines[index], margin=margin, indent=indent)
        if frame := _FRAME.match(text):
            frames.append(
                Frame(frame["file"], int(frame["line"]), _source(lines, index + 1, margin=margin, indent=indent))
            )
        elif text.startswith("  ") or text.startswith(" ["):
            pass
        elif "most recent call last" in text:
            return None
        elif _EXCEPTION.match(text):
            block = _finish(lines, start, index, margin=margin, indent=indent)
            if block is None:
                return None
            block.frames = frames
            block.wraps = header["kind"] == "Exception Group "
            return block
        else:
            # another thread or process wrote in between
            skipped += 1
            if skipped > 20:
                return None
        index += 1
    return None


def _finish(lines: Sequence[str], start: int, at: int, *, margin: bool, indent: int) -> Block | None:
    """The exception at line `at` with its message; notes are lines of the message."""
    match = _EXCEPTION.match(_bare(lines[at], margin=margin, indent=indent))
    if match is None:
        return None
    message = [match["text"] or ""]
    index = at + 1
    while index < min(len(lines), at + _MESSAGE_LINES):
        text = _bare(lines[index], margin=margin, indent=indent)
        stops = (not text.strip() and any(message)) or text.startswith('"""') or "most recent call last" in text
        if stops or _CHILD.match(lines[index]) or (margin and lines[index].strip().startswith("+--")):
            break
        message.append(text)
        index += 1
    return Block(start, index, match["type"], "\n".join(message).strip(), at)


def _syntax_error(lines: Sequence[str], start: int) -> Block | None:
    """A syntax error of the main script comes without a header."""
    frame = _FRAME.match(lines[start])
    if frame is None or frame["function"]:
        return None
    for at in range(start + 1, min(len(lines), start + 6)):
        if lines[at].partition(":")[0] in _SYNTAX:
            block = _finish(lines, start, at, margin=False, indent=0)
            if block is not None:
                source = _source(lines, start + 1, margin=False, indent=0)
                block.frames = [Frame(frame["file"], int(frame["line"]), source)]
            return block
        if not lines[at].startswith("    "):
            return None
    return None


def _source(lines: Sequence[str], index: int, *, margin: bool, indent: int) -> str:
    if index >= len(lines):
        return ""
    text = _bare(lines[index], margin=margin, indent=indent)
    return text.strip() if text.startswith("    ") and not _CARETS.match(text) else ""


def _bare(line: str, *, margin: bool, indent: int) -> str:
    if margin:
        line = _MARGIN.sub("", line, count=1)
    return line[indent:] if line[:indent].isspace() else line
