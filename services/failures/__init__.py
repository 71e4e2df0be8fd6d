"""The first real error in the log of a failed job."""

from __future__ import annotations

import re
import signal
from collections.abc import Collection, Sequence

from services.entities import JobError
from services.failures.advice import advice_for, missing_file
from services.failures.tracebacks import Block, Frame, chains, root, user_frame
from services.text import masked

__all__ = ["first_error"]

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_PREFIX = re.compile(
    r"^(?:\[rank\d+\]: ?|\([\w.]+ pid=\d+(?:, ip=[\d.]+)?\) |\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z )"
)
_LONGEST_LINE = 4000
_LONGEST_TITLE = 300
_LONGEST_MESSAGE = 4000
_LAST_LINES = 20

_ECHOES = {"CalledProcessError", "ChildFailedError", "BrokenProcessPool", "ProcessExitedException", "SystemExit"}
"""Exceptions that only say that another process failed; what it wrote before is the error."""

_KILLED = re.compile(
    r"(?:^|\s)(?P<what>Killed|Segmentation fault|Bus error|Aborted|Illegal instruction|Floating point exception)"
    r"(?: \(core dumped\))?(?:\s|$)"
)
_SIGNAL_WORDS = {
    "Killed": signal.SIGKILL,
    "Segmentation fault": signal.SIGSEGV,
    "Bus error": signal.SIGBUS,
    "Aborted": signal.SIGABRT,
    "Illegal instruction": signal.SIGILL,
    "Floating point exception": signal.SIGFPE,
}
_SIGNAL_ADVICE = {
    signal.SIGKILL: "Most often the memory ran out. Read less data at once, or take a compute with more memory.",
    signal.SIGTERM: "Someone or something asked it to end: the system going down, a time limit, or a kill.",
    signal.SIGSEGV: "A compiled library broke. Pin the versions of the packages that you use in the environment.",
    signal.SIGABRT: "A compiled library gave up; its last words are in the log.",
    signal.SIGBUS: "A file in memory was cut short, or shared memory ran out: look at `resources.shm_size`.",
    signal.SIGILL: "A package was built for another processor. Install it anew for this machine.",
}
_FATAL = re.compile(r"^Fatal Python error: (.+)")
_FATAL_FRAME = re.compile(r'^\s+File "([^"]+)", line (\d+) in ')
_SHELL = re.compile(
    r"^(?:/\S+/)?(?:ba|da|z|k)?sh: (?:line )?(?:\d+: )?(?P<what>[^:]+): "
    r"(?P<why>command not found|not found|No such file or directory|Permission denied|Is a directory|cannot execute.*)$"
)
_SHELL_SYNTAX = re.compile(
    r"^(?:/\S+/)?(?:ba|da|z|k)?sh: .*(?:syntax error|unexpected EOF|Syntax error|unbound variable|bad substitution).*"
)
_CANT_OPEN = re.compile(r"^\S*python[\d.]*: can't open file '?(?P<file>[^':]+)'?: ")
_NO_MAIN = re.compile(r"^\S*python[\d.]*: (No module named \S+.*|Error while finding module specification.*)")
_USAGE = re.compile(r"^(?P<script>[\w./ -]+?): error: (?P<what>.+)")
_OTHER = re.compile(
    r"^(?:ERROR: (?:No matching distribution|Could not find a version|Could not open requirements).*|"
    r"ResolvePackageNotFound.*|PackagesNotFoundError.*|CondaEnvException.*|"
    r"Error in .+|Error: .+|ERROR: LoadError: .+|"
    r".*\b(?:No space left on device|Disk quota exceeded|Cannot allocate memory|Out of memory|std::bad_alloc)\b.*)"
)
_ANY_ERROR = re.compile(r"^(?:\S+ ){0,4}(?:\[?(?:ERROR|CRITICAL|FATAL)\]?\b|(?:[Ee]rror|[Ff]atal|[Pp]anic):)")


def first_error(
    log: str, *, exit_code: int | None = None, code_files: Collection[str] = (), log_file: str = "user_logs/std_log.txt"
) -> JobError:
    """Find what broke a job.

    The last traceback counts, for one that was logged before did not end the job; of a chain its root cause. Then come
    the errors of shells and programs, then the last lines. Secrets are masked.

    Args:
        log: the log, or its end; `log_line` of the result counts from its first line.
        exit_code: of the job's process; negative for a signal; None if unknown.
        code_files: paths of the user's code, relative to the code folder, with `/`.
        log_file: the name of the log, kept in the result.
    """
    lines = _clean(log)
    ended_by = _signal_of(exit_code)
    tracebacks = chains(lines)
    error: JobError | None = None
    if exit_code in (2, 126, 127) and not _is_near_end(tracebacks, lines):
        error = _program_error(lines, code_files)
    elif ended_by is not None and not _is_near_end(tracebacks, lines):
        error = _fatal(lines, code_files) or _killed(ended_by, lines)
    error = (
        error
        or _traceback_error(tracebacks, lines, code_files)
        or _fatal(lines, code_files)
        or _program_error(lines, code_files)
        or _killed_child(lines)
        or (_killed(ended_by, lines) if ended_by else None)
        or _last_words(lines, exit_code)
    )
    return JobError(
        title=masked(_short(error.title, _LONGEST_TITLE)),
        message=masked(_short(error.message, _LONGEST_MESSAGE)),
        file=error.file,
        line=error.line,
        source_line=masked(error.source_line[:_LONGEST_TITLE]),
        advice=error.advice,
        log_file=log_file,
        log_line=error.log_line,
    )


def _clean(log: str) -> list[str]:
    """The lines as a terminal would leave them: no escapes, the last state of a progress bar, no prefix of a rank."""
    lines = []
    for raw in log.split("\n"):
        line = raw.rstrip("\r")
        if "\r" in line:
            line = line[line.rindex("\r") + 1 :]
        line = line[:_LONGEST_LINE]
        if "\x1b" in line:
            line = _ESCAPE.sub("", line)
        if line[:1] in "[(2" and (match := _PREFIX.match(line)):
            line = line[match.end() :]
        lines.append(line)
    return lines


def _signal_of(exit_code: int | None) -> signal.Signals | None:
    """The signal behind an exit code: -9 of a process, 137 of a shell."""
    number = -exit_code if exit_code is not None and exit_code < 0 else (exit_code or 0) - 128
    try:
        return signal.Signals(number) if number > 0 else None
    except ValueError:
        return None


def _is_near_end(tracebacks: Sequence[Sequence[Block]], lines: Sequence[str]) -> bool:
    """Whether the last traceback is what the log ends with, give or take a few lines."""
    return bool(tracebacks) and sum(1 for line in lines[tracebacks[-1][-1].end :] if line.strip()) <= 5


def _traceback_error(
    tracebacks: Sequence[Sequence[Block]], lines: Sequence[str], code_files: Collection[str]
) -> JobError | None:
    if not tracebacks:
        return None
    chain = tracebacks[-1]
    if chain[root(chain)].name in _ECHOES:
        others = [c for c in tracebacks[:-1] if c[root(c)].name not in _ECHOES]
        if not others:
            return _program_error(lines[: chain[0].start], code_files) or _from_chain(chain, lines, code_files)
        chain = others[-1]
    return _from_chain(chain, lines, code_files)


def _from_chain(chain: Sequence[Block], lines: Sequence[str], code_files: Collection[str]) -> JobError:
    at = root(chain)
    cause = chain[at]
    # where a library raised the cause, a later block of the chain tells from which line of the user's it came
    frame = user_frame([*chain[at:], *reversed(chain[:at])], code_files) or Frame("", 0)
    in_table = any("/pandas/" in f.file or "/polars/" in f.file or "pandas/" in f.file for b in chain for f in b.frames)
    return JobError(
        title=cause.title,
        message="\n".join(lines[chain[0].start : chain[-1].end]).strip("\n"),
        file=frame.file,
        line=frame.line,
        source_line=frame.source,
        advice=advice_for(cause.title, cause.text, code_files, in_table=in_table),
        log_line=cause.at + 1,
    )


def _fatal(lines: Sequence[str], code_files: Collection[str]) -> JobError | None:
    """What faulthandler writes when the interpreter dies; its frames are innermost first."""
    for index in range(len(lines) - 1, -1, -1):
        if match := _FATAL.match(lines[index]):
            rest = lines[index : index + 60]
            frames = [Frame(m[1], int(m[2])) for text in rest if (m := _FATAL_FRAME.match(text))]
            block = Block(index, index, match[1], "", index, frames[::-1])
            frame = user_frame([block], code_files) or Frame("", 0)
            named = next((s for word, s in _SIGNAL_WORDS.items() if word.lower() in match[1].lower()), None)
            advice = _SIGNAL_ADVICE.get(named, "") if named else ""
            text = "\n".join(rest)
            return JobError(match[0], text, frame.file, frame.line, advice=advice, log_line=index + 1)
    return None


def _program_error(lines: Sequence[str], code_files: Collection[str]) -> JobError | None:
    """The last error that a shell, an interpreter or an argument parser reported."""
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if not line or line[0] == " ":
            continue
        message = "\n".join(lines[max(0, index - 10) : index + 5]).strip("\n")
        at = index + 1
        if match := _CANT_OPEN.match(line):
            return JobError(line, message, advice=missing_file(match["file"], code_files), log_line=at)
        if match := _SHELL.match(line):
            return JobError(
                f"{match['what']}: {match['why']}", message, advice=_shell_advice(match, code_files), log_line=at
            )
        if match := _NO_MAIN.match(line):
            return JobError(match[1], message, advice=advice_for(match[1], line, code_files), log_line=at)
        if _SHELL_SYNTAX.match(line):
            return JobError(
                line, message, advice="Mend the command; look for quotes and brackets without a partner.", log_line=at
            )
        if match := _USAGE.match(line):
            return _usage(lines, index, match, code_files)
        if _OTHER.match(line):
            return JobError(line, message, advice=advice_for(line, line, code_files), log_line=at)
    return None


def _shell_advice(match: re.Match[str], code_files: Collection[str]) -> str:
    if match["why"] == "Permission denied":
        return "The file can't be executed. Run it by its interpreter (`bash run.sh`), or set its executable bit."
    if match["why"] == "No such file or directory" or match["what"].endswith((".sh", ".py")):
        return missing_file(match["what"], code_files)
    return (
        f"The environment has no program {match['what']}. Mend its name in the command, or add it to the environment."
    )


def _usage(lines: Sequence[str], index: int, match: re.Match[str], code_files: Collection[str]) -> JobError:
    """An error of argparse: `usage: ...` above it tells the arguments."""
    start = index
    while start > max(0, index - 40) and not lines[start].startswith("usage:"):
        start -= 1
    start = start if lines[start].startswith("usage:") else index
    name = match["script"].strip()
    file = next((f for f in sorted(code_files, key=len) if f == name or f.endswith(f"/{name}")), "")
    return JobError(
        title=f"{name}: {match['what']}",
        message="\n".join(lines[start : index + 1]),
        file=file,
        advice="The command and the script's arguments don't agree. Mend the command, or the script's parser.",
        log_line=index + 1,
    )


def _killed_child(lines: Sequence[str]) -> JobError | None:
    """A shell that tells the end of its child: `bash: line 1:  4242 Killed   python train.py`."""
    for index in range(len(lines) - 1, max(-1, len(lines) - 50), -1):
        match = _KILLED.search(lines[index])
        if match and (lines[index].strip() == match[0].strip() or re.match(r"^\S*sh: |^\S+: line \d+:", lines[index])):
            return _killed(_SIGNAL_WORDS[match["what"]], lines, index)
    return None


def _killed(ended_by: signal.Signals, lines: Sequence[str], index: int | None = None) -> JobError:
    number, text = _tail(lines)
    return JobError(
        title=f"The command was ended by signal {ended_by.value} ({ended_by.name})",
        message=text,
        advice=_SIGNAL_ADVICE.get(ended_by, ""),
        log_line=number if index is None else index + 1,
    )


def _last_words(lines: Sequence[str], exit_code: int | None) -> JobError:
    """Nothing is known for sure: the last line that calls itself an error, else the last line."""
    number, text = _tail(lines)
    code = "an unknown exit code" if exit_code is None else f"exit code {exit_code}"
    if not number:
        return JobError(f"The command ended with {code} and wrote nothing")
    at = next(
        (i for i in range(len(lines) - 1, max(-1, len(lines) - 200), -1) if _ANY_ERROR.match(lines[i])), number - 1
    )
    line = lines[at].strip()
    return JobError(line, text, advice=advice_for(line, text), log_line=at + 1)


def _tail(lines: Sequence[str]) -> tuple[int, str]:
    """The number of the last line that isn't blank, 0 if there is none, and the last lines up to it."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return end, "\n".join(line for line in lines[max(0, end - _LAST_LINES) : end] if line.strip())


def _short(text: str, limit: int) -> str:
    """The text, or its beginning and its end: the exception stands at the end."""
    if len(text) <= limit:
        return text
    head = limit // 3
    return f"{text[:head]}\n…\n{text[-(limit - head - 3) :]}" if "\n" in text else f"{text[: limit - 1]}…"
