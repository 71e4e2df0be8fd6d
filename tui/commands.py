"""The language of the `:` command line: a command, what it is about, and a filter.

    :jobs                     a screen
    :jobs /auc failed         a list, filtered by words
    :job NAME   :model NAME   one thing
    :table SOURCE             a table by its path, its URI or its asset
    :submit FILE              a form, filled from an az ml YAML file
    :theme NAME   :q          the app
    :cancel   :jobs.cancel    any action of the screen, by label or by id

Pure: no screen, no service. What completes a subject is told by its kind.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from screens.actions import Action
from screens.places import Place
from services.errors import UserError

SUBJECTS = {"jobs": "NAME NAME", "file": "FILE", "source": "SOURCE", "sources": "SOURCE SOURCE"}
"""How the usage of a command writes its subject, if not as NAME."""
PAIRS = {"jobs": "job", "sources": "source"}
"""Subjects that are two of another kind."""


class CommandError(UserError):
    """The line is no command; `at` is the offset of what is wrong."""

    title = "No such command"

    def __init__(self, detail: str, at: int = 0) -> None:
        super().__init__(detail)
        self.at = at


@dataclass(frozen=True)
class CommandWord:
    """A command.

    Attributes:
        names: the first is shown, the others are short for it.
        screen: where it goes; empty for commands of the app.
        subject: what may follow: job, jobs (two of them), data, model, datastore, file, source (of a table), sources
            (two of them, in quotes where one has spaces), theme, or nothing.
        needs_subject: whether it must follow.
        with_subject: the screen of one thing, when it differs from that of the list.
        prefix: what the subject of the place begins with (`file:`).
        filters: whether words may follow that filter the list.
    """

    names: tuple[str, ...]
    help: str
    screen: str = ""
    subject: str = ""
    needs_subject: bool = False
    with_subject: str = ""
    prefix: str = ""
    filters: bool = False

    @property
    def usage(self) -> str:
        """`:jobs [/FILTER]`."""
        parts = [f":{self.names[0]}"]
        if self.subject:
            word = SUBJECTS.get(self.subject, "NAME")
            parts.append(word if self.needs_subject else f"[{word}]")
        if self.filters:
            parts.append("[/FILTER]")
        return " ".join(parts)


COMMANDS = (
    CommandWord(("jobs",), "the jobs", "jobs", filters=True),
    CommandWord(("job", "j"), "one job", "job", subject="job", needs_subject=True),
    CommandWord(
        ("submit", "new"), "a new job, empty or from an az ml YAML file", "submit", subject="file", prefix="file:"
    ),
    CommandWord(("clone",), "a new job like another", "submit", subject="job", needs_subject=True, prefix="clone:"),
    CommandWord(("compare", "diff"), "two jobs beside each other", "compare", subject="jobs", needs_subject=True),
    CommandWord(("data",), "the data assets, or one", "data", subject="data", with_subject="data-asset", filters=True),
    CommandWord(
        ("table",), "a table: file, URL or azureml:NAME:VERSION", "table", subject="source", needs_subject=True
    ),
    CommandWord(("profile",), "what the columns of a table are like", "profile", subject="source", needs_subject=True),
    CommandWord(("features",), "what columns tell about a target", "features", subject="source", needs_subject=True),
    CommandWord(
        ("privacy",), "ask a table under differential privacy", "privacy", subject="source", needs_subject=True
    ),
    CommandWord(
        ("changes",), "what changed from one table to another", "data-diff", subject="sources", needs_subject=True
    ),
    CommandWord(
        ("register-data",),
        "register a file or a folder as a data asset",
        "register-data",
        subject="file",
        prefix="path:",
    ),
    CommandWord(("models",), "the registered models", "models", filters=True),
    CommandWord(("model", "m"), "one model", "model", subject="model", needs_subject=True),
    CommandWord(
        ("register-model",), "register a local model, or that of a job", "register-model", subject="job", prefix="job:"
    ),
    CommandWord(("compute",), "where jobs run", "compute", filters=True),
    CommandWord(("datastores",), "where data lies", "datastores", filters=True),
    CommandWord(("datastore",), "the files of one", "datastore", subject="datastore", needs_subject=True),
    CommandWord(("environments",), "what jobs run in", "environments", filters=True),
    CommandWord(("workspace", "ws"), "this workspace", "workspace"),
    CommandWord(("connect",), "sign in to Azure, and go to another workspace", "connect", filters=True),
    CommandWord(("theme",), "the colours", subject="theme"),
    CommandWord(("help", "h"), "every key of this screen"),
    CommandWord(("back",), "to the screen below"),
    CommandWord(("quit", "q", "q!", "wq"), "leave; jobs go on"),
)

BY_NAME: Mapping[str, CommandWord] = {name: word for word in COMMANDS for name in word.names}


@dataclass(frozen=True)
class Go:
    """Go to a place."""

    place: Place


@dataclass(frozen=True)
class Do:
    """Do an action of the screen or of the app."""

    action: Action


@dataclass(frozen=True)
class Tell:
    """A command of the app itself: theme, help, back or quit, with what followed it."""

    name: str
    subject: str = ""


Command = Go | Do | Tell


@dataclass(frozen=True)
class Gap:
    """The word at the end of a line, to be completed.

    Attributes:
        kind: `command`, or the kind of a subject.
        start: the offset of the word.
        text: the word so far.
    """

    kind: str
    start: int
    text: str


def unquoted(text: str) -> str:
    """A subject without the quotes around it."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def parse(line: str, actions: Sequence[Action] = ()) -> Command | None:
    """The meaning of a line without its colon; None for an empty one.

    Args:
        actions: those that the screen offers now.

    Raises CommandError.
    """
    name, rest, start = _split(line)
    if not name:
        return None
    word = BY_NAME.get(name.casefold())
    if word is None:
        return Do(_action(line.lstrip().lstrip(":").strip(), line.find(name), actions))
    if not word.screen and not word.subject and rest:
        raise CommandError(f"{word.usage} takes nothing after it", start)
    if not word.screen:
        return Tell(word.names[0], unquoted(rest))
    subject, filter_ = rest, ""
    if word.filters and (rest.startswith("/") or not word.subject):
        subject, filter_ = "", rest.removeprefix("/").strip()
    if subject and not word.subject:
        raise CommandError(f"{word.usage} takes nothing after it", start)
    if word.needs_subject and not subject:
        raise CommandError(f"what is missing: {word.usage}", len(line))
    subject = _pair(word, subject, start) if word.subject in PAIRS else _subject(word, unquoted(subject), start)
    screen = word.with_subject if subject and word.with_subject else word.screen
    return Go(Place(screen, word.prefix + subject if subject else "", filter=filter_))


def _split(line: str) -> tuple[str, str, int]:
    """The first word, the rest, and where the rest starts."""
    stripped = line.lstrip().lstrip(":").lstrip()
    name, _, rest = stripped.partition(" ")
    if "/" in name[1:] and (head := name.partition("/")[0].casefold()) in BY_NAME and BY_NAME[head].filters:
        # `:jobs/auc`, without the space
        name, rest = name[: len(head)], stripped[len(head) :]
    start = line.find(name) + len(name) if name else len(line)
    start += len(line[start:]) - len(line[start:].lstrip())
    return name, rest.strip(), start


def _subject(word: CommandWord, subject: str, at: int) -> str:
    names = subject.split()
    if word.subject not in ("file", "source", "theme") and len(names) > 1:
        raise CommandError(f"a name has no spaces: {word.usage}", at + len(names[0]))
    return subject


def _pair(word: CommandWord, subject: str, at: int) -> str:
    try:
        names = shlex.split(subject)
    except ValueError as error:  # a quote that is never closed
        raise CommandError(f"a quote is never closed: {word.usage}", at) from error
    if len(names) != 2:
        raise CommandError(f"two names are needed: {word.usage}", at)
    return shlex.join(names)


def _action(text: str, at: int, actions: Sequence[Action]) -> Action:
    wanted = text.casefold()
    for action in actions:
        if wanted in (action.id.casefold(), action.label.casefold(), action.id.partition(".")[2].casefold()):
            return action
    choices = [*BY_NAME, *(action.label for action in actions)]
    near = get_close_matches(wanted.split()[0], choices, 1, 0.6)
    hint = f"did you mean :{near[0]}?" if near else "tab shows what there is"
    raise CommandError(f"there is no command {wanted.split()[0]}; {hint}", max(0, at))


def gap(line: str) -> Gap:
    """What the end of a line could be completed with; kind `` where nothing can."""
    name, rest, start = _split(line)
    if not name or (line.rstrip() == line and not rest and start >= len(line)):
        return Gap("command", len(line) - len(name), name)
    word = BY_NAME.get(name.casefold())
    if word is None or not word.subject or (word.filters and rest.startswith("/")):
        return Gap("", len(line), "")
    if word.subject in PAIRS:
        last = "" if line.endswith(" ") else rest.split()[-1] if rest else ""
        return Gap(PAIRS[word.subject], len(line) - len(last), last)
    return Gap(word.subject, min(start, len(line)), line[start:])


def command_names(text: str, actions: Sequence[Action] = ()) -> list[tuple[str, str]]:
    """Commands, then labels of actions, that begin with a text: name and help."""
    text = text.casefold()
    found = [(word.names[0], word.help) for word in COMMANDS if any(name.startswith(text) for name in word.names)]
    found.sort(key=lambda item: not item[0].startswith(text))
    taken = {name for name, _ in found} | set(BY_NAME)
    for action in actions:
        label = action.label.casefold()
        for name in (label, action.id):
            if name.startswith(text) and name not in taken and (name == label or text):
                taken.add(name)
                found.append((name, action.help))
    return found
