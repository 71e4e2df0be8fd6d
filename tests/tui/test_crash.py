"""A bug ends the app with a report and without a traceback on the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from services import crash_reports
from tests.support.app import settle
from tests.tui.conftest import MakeApp


async def test_a_bug(make_app: MakeApp, empty_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = make_app()
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the pilot raises it when it ends
        async with app.run_test() as pilot:
            await settle(pilot)
            await pilot.press("colon", *"crash", "enter")
            await settle(pilot)
    assert app.return_code == 1
    (report,) = (empty_home / ".local/state/lapis/crashes").iterdir()
    shown = "".join(capsys.readouterr().err.split())
    assert "Yourjobsgoon" in shown
    assert str(report) in shown
    assert "Traceback" not in shown
    text = report.read_text()
    assert "ZeroDivisionError" in text
    assert "action_crash" in text
    assert "abcdefghijklmnopqrstuvwxyz0123456789" not in text
    assert "place     jobs" in text
    assert report.stat().st_mode & 0o077 == 0


def test_old_reports_go(empty_home: Path) -> None:
    for _ in range(crash_reports.KEPT + 3):
        assert crash_reports.write_report(ValueError("x"))
    assert len(list((empty_home / ".local/state/lapis/crashes").iterdir())) == crash_reports.KEPT


def test_a_report_that_cannot_be_written(empty_home: Path) -> None:
    (empty_home / ".local/state").rmdir()
    (empty_home / ".local/state").touch()
    assert crash_reports.write_report(ValueError("x")) is None
    assert "No report" in crash_reports.message(ValueError("x"), None)
