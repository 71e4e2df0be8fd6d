"""When an instance starts and stops, in words and as cron: `weekdays 18:00` is `0 18 * * 1-5`."""

from __future__ import annotations

import re

from services.entities import ComputeSchedule
from services.specs.computes import is_cron

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
"""By their cron numbers; 7 is Sunday too."""
WORDS = {"*": "daily", "1-5": "weekdays", "0,6": "weekends"}
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def cron_words(cron: str) -> str:
    """`daily 18:00`, `weekdays 07:30`, `mon, wed 09:00`; what has no such words stays cron."""
    fields = cron.lower().split()
    if len(fields) != 5 or not (fields[0].isdecimal() and fields[1].isdecimal()) or fields[2:4] != ["*", "*"]:
        return f"at cron {cron}"
    days = _days(fields[4])
    if days is None:
        return f"at cron {cron}"
    return f"{days} {int(fields[1]):02}:{int(fields[0]):02}"


def _days(field: str) -> str | None:
    """The days of a cron field; None for a field with steps and the like."""
    if field in WORDS:
        return WORDS[field]
    numbers: set[int] = set()
    for part in field.split(","):
        first, _, last = part.partition("-")
        ends = [_day(name) for name in (first, last or first)]
        if None in ends:
            return None
        start, end = (int(number or 0) for number in ends)
        numbers |= {number % 7 for number in range(start, end + 1)}
    if not numbers:
        return None
    by_cron = ",".join(map(str, sorted(numbers)))
    if len(numbers) == 7:
        return WORDS["*"]
    return {"1,2,3,4,5": "weekdays", "0,6": "weekends"}.get(by_cron, ", ".join(DAYS[n] for n in sorted(numbers)))


def _day(name: str) -> int | None:
    if name.isdecimal():
        return int(name) if int(name) <= 7 else None
    return DAYS.index(name[:3]) if name[:3] in DAYS else None


def read_cron(text: str) -> str | None:
    """The cron of `18:00`, `weekdays 18:00`, `mon,wed 7:30` or of five cron fields; None for anything else."""
    *days, last = text.lower().replace(", ", ",").split() or [""]
    if (time := _TIME.fullmatch(last)) and len(days) <= 1:
        hour, minute = int(time[1]), int(time[2])
        field = _day_field(days[0] if days else "daily")
        return f"{minute} {hour} * * {field}" if field else None
    return " ".join(text.split()) if is_cron(text) else None


def _day_field(word: str) -> str:
    """The cron field of `daily`, `weekdays`, `weekends` or `mon,wed`; empty for anything else."""
    for field, name in WORDS.items():
        if word in (name, name.removesuffix("s")):
            return field
    numbers = [_day(part) for part in word.split(",") if not part.isdecimal()]
    known = sorted(number for number in numbers if number is not None)
    return ",".join(map(str, known)) if known and len(known) == len(word.split(",")) else ""


def schedule_text(schedule: ComputeSchedule) -> str:
    """`stops daily 18:00`; a time zone that is not UTC is told, and so is a schedule that is off."""
    zone = "" if schedule.time_zone.upper() in ("UTC", "") else f" {schedule.time_zone}"
    off = "" if schedule.enabled else " (off)"
    return f"{schedule.action.lower()}s {cron_words(schedule.cron)}{zone}{off}"
