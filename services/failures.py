"""The first real error of a failed job, found in its log: what a person would look for, with file and line."""

from __future__ import annotations

import re
import signal
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.entities import JobError

MESSAGE_LIMIT = 4000
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_TRACEBACK = re.compile(r"^(?P<indent>[ |]*)(?:\+ Exception Group )?Traceback \(most recent call last\):$")
_FRAME = re.compile(r'^[ |]*File "(?P<file>.+?)", line (?P<line>\d+)(?:, in (?P<where>.+))?$')
_ERROR = re.compile(r"^[ |+-]*(?P<type>[A-Za-z_][\w.]*(?:Error|Exception|Warning|Exit|Interrupt|Iteration|Group|Fault)?)(?:: (?P<text>.*))?$")
_CHAIN = re.compile(r"^[ |]*(The above exception was the direct cause|During handling of the above exception)")
_SHELL = re.compile(r"^(?:/bin/)?(?:ba|da|z)?sh: (?:line \d+: )?(?P<what>.+?): (?P<why>command not found|not found|No such file or directory|Permission denied)$")
_OPEN = re.compile(r"can't open file '(?P<file>[^']+)'")
_USAGE = re.compile(r"^(?P<program>[\w./-]+): error: (?P<text>.+)$")

_ADVICE = (
    (re.compile(r"No module named '?(?P<name>[\w.]+)'?"), "Add {name} to the environment: its conda file, or the interpreter that jobs use."),
    (re.compile(r"^KeyError"), "The name is not there: compare it with the columns of the data, preview them with g d."),
    (re.compile(r"FileNotFoundError|No such file"), "Check the path: inputs are reached through ${{inputs.NAME}}, code relative to its folder."),
    (re.compile(r"MemoryError|Cannot allocate memory"), "The data does not fit: take a sample, or a machine with more memory."),
    (re.compile(r"No space left on device"), "The disk is full: free some space, or write less."),
    (re.compile(r"command not found"), "The program is not on this machine or not in the environment."),
    (re.compile(r"Permission denied|PermissionError"), "An input is mounted for reading only; write to an output instead."),
    (re.compile(r"could not convert string to float"), "A column holds text: encode it or leave it out."),
    (re.compile(r"arguments? (are|is) required|unrecognized arguments|invalid \w+ value"), "The command and the script's arguments differ."),
    (re.compile(r"INVALID_PARAMETER_VALUE.*[Cc]hanging param"), "A param of a run is logged once; log the second value under another name."),
)  # fmt: skip


@dataclass(frozen=True)
class _Found:
    """An error in the log: where its report begins, what it says, its frames from the outermost."""

    line: int
    title: str
    message: str
    frames: tuple[tuple[str, int, str], ...] = ()


def first_error(
    log: str,
    *,
    exit_code: int | None = None,
    code_files: Collection[str] = (),
    log_file: str = "",
    reason: str = "",
    first_line: int = 1,
) -> JobError:
    """The first real error of a log.

    Of a chain of exceptions that is the first raised; its place is the deepest frame in the user's own code.

    Args:
        log: the end of the log; may begin in mid-line.
        code_files: paths relative to the code folder, to tell the user's frames from those of libraries.
        reason: what the supervisor says of the end; used where the log says nothing.
        first_line: number of the first line of `log` in the file.
    """
    lines = _COLOURS.sub("", log).splitlines()
    if reason and not reason.startswith("The command ended with exit code"):
        killed = _killed(exit_code, reason)
        if killed is not None:
            return killed
        return JobError(reason, reason, advice=_advice(reason), log_file=log_file)
    found = _last_traceback(lines) or _one_line(lines)
    if found is None:
        tail = [line.strip() for line in lines if line.strip()][-10:]
        title = tail[-1] if tail else reason or f"The command ended with exit code {exit_code} and wrote nothing"
        return JobError(title[:300], "\n".join(tail)[:MESSAGE_LIMIT] or title, log_file=log_file)
    file, line, source = _place(found.frames, code_files)
    return JobError(
        title=found.title[:300],
        message=found.message[-MESSAGE_LIMIT:],
        file=file,
        line=line,
        source_line=source,
        advice=_advice(found.title),
        log_file=log_file,
        log_line=first_line + found.line,
    )


def _killed(exit_code: int | None, reason: str) -> JobError | None:
    if exit_code is None or exit_code >= 0:
        return None
    advice = "Run it alone to see which call ends it."
    if -exit_code == signal.SIGKILL:
        advice = "Nobody asked for it here, so probably the system did: it ends processes when memory runs out."
    return JobError(reason, reason, advice=advice)


def _advice(title: str) -> str:
    for pattern, advice in _ADVICE:
        if match := pattern.search(title):
            return advice.replace("{name}", match.groupdict().get("name", "").partition(".")[0])
    return ""


def _last_traceback(lines: Sequence[str]) -> _Found | None:
    """The last traceback that was printed, and of its chain the exception that came first."""
    starts = [index for index, line in enumerate(lines) if _TRACEBACK.match(line)]
    if not starts:
        return _syntax_error(lines)
    first = len(starts) - 1
    while first > 0 and any(_CHAIN.match(line) for line in lines[starts[first - 1] : starts[first]]):
        first -= 1
    return _read_traceback(lines, starts[first])


def _read_traceback(lines: Sequence[str], start: int) -> _Found | None:
    frames: list[tuple[str, int, str]] = []
    for index in range(start + 1, len(lines)):
        line = lines[index]
        bare = line.lstrip("| ")
        if frame := _FRAME.match(line):
            source = lines[index + 1].lstrip("| ") if index + 1 < len(lines) else ""
            frames.append((frame["file"], int(frame["line"]), "" if _FRAME.match(source) else source))
        elif (error := _ERROR.match(line)) and (frames or error["text"]) and not _is_source(line, lines[start]):
            end = index + 1
            while end < len(lines) and lines[end].strip() and not _TRACEBACK.match(lines[end]) and end < index + 40:
                end += 1
            title = f"{error['type']}: {error['text']}" if error["text"] else error["type"]
            message = "\n".join(lines[start:end])
            return _Found(start, title.split(" (")[0] if "sub-exception" in title else title, message, tuple(frames))
        elif not bare:
            break
    if not frames:
        return None
    return _Found(start, lines[-1].strip() or "The script failed", "\n".join(lines[start:]), tuple(frames))


def _is_source(line: str, head: str) -> bool:
    """Whether a line is indented deeper than its traceback: then it is source, not the exception."""
    margin = len(head) - len(head.lstrip("|+ "))
    return len(line) - len(line.lstrip("|+- ")) > margin


def _syntax_error(lines: Sequence[str]) -> _Found | None:
    for index, line in enumerate(lines):
        if re.match(r"^(SyntaxError|IndentationError|TabError): ", line):
            place = next((m for back in lines[max(0, index - 4) : index] if (m := _FRAME.match(back))), None)
            frames = ((place["file"], int(place["line"]), lines[index - 2].strip()),) if place else ()
            start = max(0, index - 4)
            return _Found(start, line, "\n".join(lines[start : index + 1]), frames)
    return None


def _one_line(lines: Sequence[str]) -> _Found | None:
    for index, line in enumerate(lines):
        text = line.strip()
        if shell := _SHELL.match(text):
            return _Found(index, f"{shell['what']}: {shell['why']}", text)
        if opened := _OPEN.search(text):
            return _Found(index, f"No such file in the code folder: {opened['file'].rpartition('/wd/')[2]}", text)
        if _USAGE.match(text):
            before = next((i for i in range(index, max(-1, index - 30), -1) if lines[i].startswith("usage:")), index)
            return _Found(index, text, "\n".join(lines[before : index + 1]))
        if "No space left on device" in text or "Cannot allocate memory" in text:
            return _Found(index, text, text)
    return None


def _place(frames: Sequence[tuple[str, int, str]], code_files: Collection[str]) -> tuple[str, int, str]:
    """The deepest frame in the user's own code; without one, nothing."""
    for file, line, source in reversed(frames):
        for own in code_files:
            if file == own or file.endswith(f"/wd/{own}") or file.endswith(f"/code/{own}") or file == f"./{own}":
                return own, line, source
    return "", 0, ""
