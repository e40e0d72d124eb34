"""Times of day and dates, as they are written in English and in ISO 8601."""

import re

from rlvr_math.values.tree import Moment

__all__ = ["moment"]

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_TIME = re.compile(
    r"([0-9]{1,2})(?: ?: ?([0-9]{2}))?(?: ?: ?([0-9]{2}))? ?([ap])\.? ?m\.?",
    re.IGNORECASE,
)
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_ENGLISH = re.compile(
    r"(?:([A-Z][a-z]{2,8})\.? ([0-9]{1,2})(?:st|nd|rd|th)?"
    r"|([0-9]{1,2})(?:st|nd|rd|th)? (?:of )?([A-Z][a-z]{2,8})\.?)"
    r"(?:,? ?([0-9]{4}))?",
    re.IGNORECASE,
)
_DAYS = 31
_HOURS, _MINUTES = 24, 60


def moment(text: str) -> Moment | None:
    """Return the time or date that a text is, or None.

    >>> moment("4:30 p.m."), moment("June 5, 2020") == moment("2020-06-05"), moment("3:4")
    (Moment(fields=(59400,)), True, None)
    """
    if not text or not (text[0].isalnum() and any(character.isdecimal() for character in text)):
        return None
    time = _TIME.fullmatch(text)
    if time:
        return _time(time)
    iso = _ISO.fullmatch(text)
    if iso:
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    english = _ENGLISH.fullmatch(text)
    if english:
        month = _month(english[1] or english[4])
        return _date(int(english[5] or 0), month, int(english[2] or english[3])) if month else None
    return None


def _time(match: re.Match[str]) -> Moment | None:
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if not 1 <= hour <= _HOURS // 2 or minute >= _MINUTES or second >= _MINUTES:
        return None
    afternoon = match[4].casefold() == "p"
    return Moment(((hour % 12 + 12 * afternoon) * 3600 + minute * 60 + second,))


def _date(year: int, month: int, day: int) -> Moment | None:
    return Moment((year, month, day)) if 1 <= month <= len(_MONTHS) and 1 <= day <= _DAYS else None


def _month(name: str) -> int:
    lowered = name.casefold()
    if len(lowered) > 3 and lowered not in (*_MONTHS, "sept"):
        return 0
    return next((index for index, month in enumerate(_MONTHS, start=1) if month.startswith(lowered)), 0)
