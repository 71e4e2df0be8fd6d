"""Every error that a service raises.

ServiceError
├── UserError            bad input; the user mends it
│   ├── SpecError        faults in a spec or a YAML file, each with its path
│   ├── NotFoundError    no such job, asset, model ...
│   ├── NoTableError     a file that is something else than a table
│   └── ConflictError    exists already, or is in a state that forbids it
├── AccessError          not allowed; an administrator or the owner mends it
├── MachineError         this machine lacks something (disk, memory, a program)
├── WorkspaceError       the workspace can't be used (read-only, newer Lapis, broken)
└── TransientError       may go through later; retried by whoever polls
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    """Who can mend an error."""

    YOU = "you"
    ADMIN = "an administrator"
    AZURE = "Azure"
    LAPIS = "the authors of Lapis"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a spec.

    Attributes:
        path: where, as in the YAML: `inputs.reg_rate.type`; empty for the whole document.
        message: what is wrong and what would be right, one line, no final stop.
        severity: `error` stops a submit, `warning` does not, `note` tells what this machine replaces.
    """

    path: str
    message: str
    severity: str = "error"

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class ServiceError(Exception):
    """What happened, what to do and who can do it.

    Attributes:
        title: three to eight words, for a card's title.
        detail: what happened, in whole sentences; may hold outside text, never markup.
        advice: what to do next; empty when nothing can be done.
        who: who can do it; given where it is not who usually can.
        request_id: the service's id of the failed call, if it has one.
        retryable: whether the same call may go through later.
    """

    title = "Something went wrong"
    who = Who.YOU
    retryable = False

    def __init__(
        self, detail: str, *, title: str = "", advice: str = "", request_id: str = "", who: Who | None = None
    ) -> None:
        super().__init__(detail)
        self.who = who or type(self).who
        self.detail = detail
        self.title = title or type(self).title
        self.advice = advice
        self.request_id = request_id


class UserError(ServiceError):
    """Bad input."""

    title = "That can't be done"


class SpecError(UserError):
    """A spec or a YAML file has faults; `faults` has at least one of severity error."""

    title = "The specification has faults"

    def __init__(self, faults: Sequence[Fault], *, title: str = "", advice: str = "") -> None:
        super().__init__("\n".join(map(str, faults)), title=title, advice=advice)
        self.faults = tuple(faults)


class NotFoundError(UserError):
    """Nothing has that name or version."""

    title = "Not found"


class NoTableError(UserError):
    """A file is no table.

    Attributes:
        text: its beginning if it is text, else empty.
        document: what a JSON file holds, unless it is too large to be read at once.
    """

    title = "That is no table"

    def __init__(self, detail: str, *, text: str = "", document: object = None) -> None:
        super().__init__(detail)
        self.text, self.document = text, document


class ConflictError(UserError):
    """It exists already, or its state forbids the call."""

    title = "That is not possible now"


class AccessError(ServiceError):
    """The file system or the service refused."""

    title = "Access was refused"
    who = Who.ADMIN


class MachineError(ServiceError):
    """This machine lacks something: disk space, memory, a program."""

    title = "This machine can't do that"


class WorkspaceError(ServiceError):
    """The workspace can't be opened or written."""

    title = "The workspace can't be used"


class TransientError(ServiceError):
    """May go through later."""

    title = "No answer"
    retryable = True
