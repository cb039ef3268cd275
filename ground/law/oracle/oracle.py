"""Counts every kind of period the plain way, one day at a time, and writes what the Rust tests must find.

Working days come from two packages by different authors; if they differ on a single day, nothing is written.
Usage: oracle.py LAW_FOLDER OUTPUT_FILE
"""

import datetime
import sys
import tomllib
from pathlib import Path

import chinese_calendar
import holidays

FIRST = datetime.date(2020, 1, 1)  # first start day
LAST = datetime.date(2026, 12, 31)  # last day of the published calendar
KNOWN_FROM = datetime.date(2019, 1, 1)  # periods counted backward reach before FIRST
ONE = datetime.timedelta(days=1)
OFFICE = datetime.time(10, 20, 30)

# The kinds named by the reference itself, so that a rule that goes missing from law/ is not missed here.
# (unit, n, direction, first, roll)
NAMED = (
    [("workday", n, "after", "excluded", "none") for n in (1, 2, 3, 5, 7, 8, 10, 20, 30)]
    + [("workday", n, "before", "excluded", "none") for n in (7, 30)]
    + [
        ("calendar-day", n, "after", "excluded", roll)
        for n in (3, 5, 7, 8, 10, 15, 30, 60, 90)
        for roll in ("none", "next", "previous")
    ]
    + [("calendar-day", n, "before", "excluded", roll) for n in (7, 30) for roll in ("none", "next", "previous")]
    + [
        ("month", n, "after", first, roll)
        for n in (1, 3, 6)
        for first in ("excluded", "counted")
        for roll in ("none", "next", "previous")
    ]
    + [
        ("year", n, "after", first, roll)
        for n in (1, 2, 3, 5)
        for first in ("excluded", "counted")
        for roll in ("none", "next")
    ]
    + [("month", 1, "before", "excluded", "none"), ("year", 1, "before", "counted", "none")]
    + [("hour", 24, "after", first, "none") for first in ("excluded", "counted")]
)

PAUSED = [
    ("workday", 7, "after", "excluded", "none"),
    ("workday", 20, "after", "excluded", "none"),
    ("workday", 30, "after", "excluded", "none"),
    ("calendar-day", 15, "after", "excluded", "next"),
    ("calendar-day", 60, "after", "excluded", "next"),
    ("calendar-day", 90, "after", "excluded", "none"),
    ("calendar-day", 90, "after", "excluded", "next"),
    ("month", 6, "after", "excluded", "next"),
    ("month", 3, "after", "counted", "none"),
    ("year", 1, "after", "excluded", "next"),
]
# Suspensions as (days after the start, length); two at once, one that meets the end, one that begins on the start day.
PAUSES = [[(5, 10)], [(1, 1)], [(3, 4), (12, 9)], [(0, 30)], [(14, 2)], [(89, 3)]]


def main():
    law, output = Path(sys.argv[1]), Path(sys.argv[2])
    working = agreed_workdays()
    rules = list(rules_of(law))
    lines = list(calendar_lines(working))
    lines += [line for rule in rules for line in rule_lines(rule)]
    for kind in kinds(rules):
        lines += kind_lines(kind, [], working)
    for kind in PAUSED:
        for pauses in PAUSES:
            lines += kind_lines(kind, pauses, working)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def agreed_workdays():
    """Every day from KNOWN_FROM to LAST and whether it is worked, on which both packages must agree."""
    china = holidays.country_holidays("CN", years=range(KNOWN_FROM.year, LAST.year + 1))
    working, quarrels = {}, []
    for day in days(KNOWN_FROM, LAST):
        one, two = bool(chinese_calendar.is_workday(day)), bool(china.is_working_day(day))
        if one != two:
            quarrels.append(f"{day}: chinesecalendar says {one}, holidays says {two}")
        working[day] = one
    if quarrels:
        sys.exit("the two calendars differ:\n" + "\n".join(quarrels))
    return working


def days(first, last):
    day = first
    while day <= last:
        yield day
        day += ONE


def rules_of(law):
    for path in sorted(law.rglob("*.toml")):
        with path.open("rb") as file:
            yield from tomllib.load(file).get("deadline", [])


def read(rule, name):
    """One reading of a rule: its own fields, with what the reading changes laid over them."""
    merged = {**rule, **rule.get(name, {})}
    return (merged["unit"], merged["n"], merged["direction"], merged["first"], merged["roll"])


def kinds(rules):
    """Every kind once: the named ones, those of the rules, and those of the rules fully extended."""
    found = dict.fromkeys(NAMED)
    for rule in rules:
        for name in ("strict", "loose"):
            unit, n, *rest = read(rule, name)
            found[(unit, n, *rest)] = None
            most = rule.get("extended-by", {}).get("most")
            if most:
                found[(unit, n + most, *rest)] = None
    return list(found)


def calendar_lines(working):
    for year in range(KNOWN_FROM.year, LAST.year + 1):
        marks = ["1" if working[day] else "0" for day in working if day.year == year]
        yield f"calendar|{year}|{''.join(marks)}"


def rule_lines(rule):
    valid = rule["valid"].get("from", "")
    extension = rule.get("extended-by", {})
    most = extension.get("most", 0)
    strict_most = most if extension.get("certainty") == "V" else 0
    for name, more in (("strict", strict_most), ("loose", most)):
        unit, n, *rest = read(rule, name)
        yield f"rule|{rule['id']}|{valid}|{name}|{text((unit, n, *rest))}|{text((unit, n + more, *rest))}"


def text(kind):
    return " ".join(str(part) for part in kind)


def kind_lines(kind, pauses, working):
    """One line for each start year: the ends as days from the start (hours: minutes), `-` where the calendar ends."""
    pausing = ",".join(f"{after}+{length}" for after, length in pauses)
    for year in range(FIRST.year, LAST.year + 1):
        starts = days(datetime.date(year, 1, 1), datetime.date(year, 12, 31))
        ends = [offset(kind, start, pauses, working) for start in starts]
        yield f"kind|{text(kind)}|{pausing}|{year}|{','.join(ends)}"


def offset(kind, start, pauses, working):
    if kind[0] == "hour":
        begin = datetime.datetime.combine(start, OFFICE)
        return str(round((hours(kind, begin) - begin).total_seconds()))
    stopped = {start + ONE * (after + extra) for after, length in pauses for extra in range(length)}
    end = last_day(kind, start, stopped, working)
    return "-" if end is None else str((end - start).days)


def hours(kind, begin):
    """The hour in which the period begins is not counted, unless it is counted from the very instant."""
    unit, n, direction, first, roll = kind
    moment = begin
    if first == "excluded":
        while True:
            moment += datetime.timedelta(seconds=1)
            if moment.minute == 0 and moment.second == 0:
                break
    for _ in range(n):
        moment += datetime.timedelta(hours=1)
    return moment


def last_day(kind, start, stopped, working):
    """The last day in time, or None if it (or a day that had to be looked up) lies outside the known calendar."""
    unit, n, direction, first, roll = kind
    forward = direction == "after"
    step = ONE if forward else -ONE
    if unit in ("month", "year"):
        day = anniversary(start, n * (12 if unit == "year" else 1), forward, first)
        owed = sum(1 for pause in stopped if inside(pause, start, day, forward, first))
        day = advance(day, owed, step, lambda day: day not in stopped)
    elif unit == "calendar-day":
        day = before_first(start, first, step)
        day = advance(day, n, step, lambda day: day not in stopped)
    else:
        day = before_first(start, first, step)
        day = advance(day, n, step, lambda day: working.get(day, day.weekday() < 5) and day not in stopped)
    while roll != "none" and (day in stopped or not working.get(day, day.weekday() < 5)):
        day += ONE if roll == "next" else -ONE
    return day if KNOWN_FROM <= day <= LAST else None


def before_first(start, first, step):
    return start - step if first == "counted" else start


def advance(day, n, step, counts):
    while n > 0:
        day += step
        if counts(day):
            n -= 1
    return day


def inside(pause, start, end, forward, first):
    low, high = (start, end) if forward else (end, start)
    if not low <= pause <= high:
        return False
    return pause != start or first == "counted"


def anniversary(start, months, forward, first):
    """The day of the same number some months on or back; the last of the month where there is none."""
    year, month = start.year, start.month
    for _ in range(months):
        month += 1 if forward else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    number = start.day
    while True:
        try:
            day = datetime.date(year, month, number)
            break
        except ValueError:
            number -= 1
    # Counted from the start day itself, the period is over on the eve of the same day; a missing day has no eve.
    if first == "counted" and number == start.day:
        day -= ONE if forward else -ONE
    return day


if __name__ == "__main__":
    main()
