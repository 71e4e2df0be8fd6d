"""What remains of a bug: a report in the state folder, and what the user is told."""

from __future__ import annotations

import platform
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from services.errors import ServiceError, Who
from services.user_files import state_folder

KEPT = 20
"""How many reports are kept."""


def write_report(error: BaseException, *, place: str = "") -> Path | None:
    """Write down an unexpected error, secrets masked; None when even that fails."""
    from importlib.metadata import PackageNotFoundError, version

    from services.text import masked

    try:
        lapis = version("lapis-workbench")
    except PackageNotFoundError:
        lapis = "from source"
    at = datetime.now(UTC)
    lines = [
        f"time      {at:%Y-%m-%dT%H:%M:%SZ}",
        f"lapis     {lapis}",
        f"textual   {version('textual')}",
        f"python    {platform.python_version()} on {platform.platform()}",
        f"place     {place}",
        "",
        masked("".join(traceback.format_exception(error))),
    ]
    folder = state_folder() / "crashes"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{at:%Y%m%dT%H%M%S.%f}.txt"
        path.write_text("\n".join(lines), encoding="utf-8")
        path.chmod(0o600)
    except OSError:
        return None
    with suppress(OSError):
        for old in sorted(folder.glob("*.txt"))[:-KEPT]:
            old.unlink()
    return path


def message(error: BaseException, report: Path | None) -> str:
    """What the user reads after the screen is gone."""
    where = f"The report is in {report}" if report else "No report could be written."
    what = f"Lapis stopped on an error of its own ({type(error).__name__})."
    return f"{what}\nYour jobs go on; start `lapis` to see them.\n{where}"


def own_error(error: Exception, *, place: str = "") -> ServiceError:
    """A bug in what goes on beside the keys, which need not end the app; its report is written."""
    report = write_report(error, place=place)
    return ServiceError(
        f"What was going on stopped ({type(error).__name__}); nothing else did.",
        title="An error of Lapis's own",
        advice=f"The report is in {report}; r tries again." if report else "r tries again.",
        who=Who.LAPIS,
    )
