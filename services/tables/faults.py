"""What goes wrong with a table, as ServiceErrors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services.errors import MachineError, ServiceError, UserError
from services.file_errors import file_errors
from services.tables.background import StoppedError


@contextmanager
def table_errors(name: str) -> Iterator[None]:
    """Turn what Polars and the file system raise into ServiceErrors."""
    try:
        with file_errors():
            yield
    except (ServiceError, StoppedError):
        raise
    except MemoryError as error:
        raise MachineError(f"{name} needs more memory than there is.", title="Not enough memory") from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "polars":
            raise
        raise damaged(name, str(error)) from error


def damaged(name: str, reason: str) -> UserError:
    """The error of a file that can't be read as what it says it is."""
    first = reason.strip().splitlines()[0] if reason.strip() else "no reason was given"
    return UserError(
        f"{name} can't be read: {first[:500].rstrip('.')}.",
        title="A damaged table",
        advice="Was it written or copied to its end? Make it again, or open another file.",
    )
