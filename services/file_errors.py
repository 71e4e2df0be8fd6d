"""What the file system raises, as ServiceErrors."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from services.errors import AccessError, MachineError, ServiceError, UserError, WorkspaceError


@contextmanager
def file_errors() -> Iterator[None]:
    """Turn an OSError into a ServiceError: a full disk, a refused access, a read-only file system.

    So is text that can't be kept as UTF-8: the name of a file that is bytes of another encoding (PEP 383), and a NUL
    character in a path.
    """
    try:
        yield
    except ServiceError:
        raise
    except UnicodeEncodeError as error:
        raise UserError(
            f"{error.object[:200]!a} is not Unicode text and can't be kept.",
            title="That is not Unicode text",
            advice="Rename the file, or write the text in UTF-8.",
        ) from error
    except ValueError as error:
        if "embedded null" not in str(error):
            raise
        raise UserError("A path can't hold a NUL character.", title="That is no path") from error
    except OSError as error:
        place = error.filename or "a file of the workspace"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise MachineError(
                "The disk is full; nothing was changed.",
                title="The disk is full",
                advice="Free some space and do it again.",
            ) from error
        if error.errno == errno.ENAMETOOLONG:
            raise UserError(f"{place} is too long for a path.") from error
        if error.errno == errno.EROFS:
            raise WorkspaceError(
                f"{place} lies on a read-only file system.",
                title="The workspace is read-only",
                advice="Choose another folder with -w.",
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM):
            raise AccessError(f"{place} can't be accessed: {error.strerror}.") from error
        raise MachineError(f"{place}: {error.strerror or error}.") from error
