"""The first real error in the log of a failed job."""

from __future__ import annotations

from collections.abc import Collection

from services.entities import JobError


def first_error(
    log: str, *, exit_code: int | None = None, code_files: Collection[str] = (), log_file: str = "user_logs/std_log.txt"
) -> JobError:
    """Find what broke a job.

    Args:
        log: the log, or the end of it.
        exit_code: of the job's process; negative for a signal; None if unknown.
        code_files: paths of the user's code, relative to the code folder, with `/`.
        log_file: the name of the log, kept in the result.
    """
    lines = [line for line in log.splitlines() if line.strip()]
    return JobError(lines[-1] if lines else f"exit code {exit_code}", "\n".join(lines[-20:])[:4000], log_file=log_file)
