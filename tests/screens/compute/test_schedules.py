"""Schedules in words and as cron."""

from __future__ import annotations

import pytest

from screens.compute.schedules import cron_words, read_cron, schedule_text
from services.entities import ComputeSchedule


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 18 * * *", "daily 18:00"),
        ("5 7 * * 1-5", "weekdays 07:05"),
        ("0 9 * * 0,6", "weekends 09:00"),
        ("0 9 * * 6,7", "weekends 09:00"),
        ("0 9 * * 0-6", "daily 09:00"),
        ("30 9 * * MON,WED", "mon, wed 09:30"),
        ("0 9 * * 3", "wed 09:00"),
        ("0 */2 * * *", "at cron 0 */2 * * *"),
        ("0 9 1 * *", "at cron 0 9 1 * *"),
        ("0 9 * * 1/2", "at cron 0 9 * * 1/2"),
        ("0 9 * * 8", "at cron 0 9 * * 8"),
        ("nonsense", "at cron nonsense"),
        ("", "at cron "),
    ],
)
def test_cron_in_words(cron: str, words: str) -> None:
    assert cron_words(cron) == words


@pytest.mark.parametrize(
    ("text", "cron"),
    [
        ("18:00", "0 18 * * *"),
        ("daily 7:05", "5 7 * * *"),
        ("Weekdays 18:00", "0 18 * * 1-5"),
        ("weekend 9:00", "0 9 * * 0,6"),
        ("mon, wed 7:30", "30 7 * * 1,3"),
        ("Friday 16:00", "0 16 * * 5"),
        ("0  18 * *   1-5", "0 18 * * 1-5"),
        ("24:00", None),
        ("someday 18:00", None),
        ("mon,someday 18:00", None),
        ("18", None),
        ("* * *", None),
        ("", None),
    ],
)
def test_words_as_cron(text: str, cron: str | None) -> None:
    assert read_cron(text) == cron


@pytest.mark.parametrize("cron", ["0 18 * * *", "5 7 * * 1-5", "0 9 * * 0,6", "30 9 * * 1,3"])
def test_words_are_read_back(cron: str) -> None:
    assert read_cron(cron_words(cron)) == cron


def test_a_schedule_tells_zone_and_whether_it_is_off() -> None:
    assert schedule_text(ComputeSchedule("stop", "0 18 * * *")) == "stops daily 18:00"
    assert schedule_text(ComputeSchedule("Start", "0 7 * * 1-5", "CET", enabled=False)) == (
        "starts weekdays 07:00 CET (off)"
    )
