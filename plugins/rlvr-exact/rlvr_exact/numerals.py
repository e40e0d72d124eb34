r"""Numbers in a text: find the last one, and evaluate it within bounds."""

import re
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Numeral", "last_numeral", "last_places", "value"]

_SIGN = (
    r"(?:(?=[-+\u2212\uff0d\u2010-\u2013])(?:(?<![\w)])[-+\u2212\uff0d\u2010-\u2013]"
    r"|(?:\A|(?<=[=:(])|(?<=[=:(] ))[-+\u2212\uff0d][ \t]+))?"
)
_UNIT = r"(?:\\?[$\u20ac\u00a3\u00a5])?"
_DIGITS = r"(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|(?<!\w)\.\d+)(?:[eE][-+]?\d+)?"
_FRACTION = rf"\\[dt]?frac\s?\{{(?P<over>{_SIGN}\d+)\}}\s?\{{(?P<under>\d+)\}}"
_NUMBER = rf"(?P<sign>{_SIGN}){_UNIT}(?:{_FRACTION}|(?P<digits>{_DIGITS})(?:/(?P<divisor>\d+))?)"
_TOKEN = re.compile(rf"(?P<word>[^\W\d][^\W_]*(?:\^\{{?[-\u2212]?\d+\}}?)?)|{_NUMBER}(?P<glued>\w*)")
_WHOLE = re.compile(rf"{_NUMBER}(?:\s?\\?%)?(?:\s?\\?[$\u20ac\u00a3\u00a5])?")
_PART_BEFORE = re.compile(r"(?:[\^{\u221a\u00b1\u2264\u2265\u2260]|\\pm)\s?\Z")
_PART_AFTER = re.compile(r"\^|\*\*\s?[\d(]|\\(?!text|math|circ|degree|quad)[a-z]")
_WORD = re.compile(r"[^\W\d_]+")
_JOINED = re.compile(r"[\s,;/|&+*^()\[\]{}$%\\\u00d7\u00f7\u00b7\u2212\u2013\u2014~-]*")
_JOINING = re.compile(
    r"a|also|alternatively|and|answer|be|can|cdot|could|div|either|else|even|is|it|just|may|maybe|might|nor|or"
    r"|perhaps|possibly|probably|the|then|times|to",
    re.IGNORECASE,
)
_MAX_DIGITS = 400
_MAX_EXPONENT = 400
_MAX_GAP = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Numeral:
    """A number as it stands in a text, and whether it is only one of several put side by side."""

    text: str
    one_of_several: bool


def last_numeral(text: str) -> Numeral | None:
    """Return the last number of a text; None where there is none, or where it is part of a power or index.

    >>> last_numeral("3 apples cost $1,234.50 in all.")
    Numeral(text='$1,234.50', one_of_several=False)
    >>> last_numeral("41 or 42").one_of_several, last_numeral("10^3"), last_numeral("B12")
    (True, None, None)
    """
    found = _last(text)
    return Numeral(text=found[1].group(), one_of_several=found[0] is not None) if found else None


def last_places(text: str) -> list[tuple[int, int]]:
    """Return where the last number of a text stands, after the one that it is put beside, if it is.

    >>> last_places("41 or 42"), last_places("41, so 42"), last_places("none")
    ([(0, 2), (6, 8)], [(7, 9)], [])
    """
    return [one.span() for one in _last(text) or () if one is not None]


def _last(text: str) -> tuple[re.Match[str] | None, re.Match[str]] | None:
    """Return the last number, after the one that it is put beside, if it is."""
    before: re.Match[str] | None = None
    last: re.Match[str] | None = None
    for token in _TOKEN.finditer(text):
        if token.group("word") is None and not token.group("glued"):
            before, last = last, token
    if last is None or _in_expression(text, last):
        return None
    several = before is not None and _side_by_side(text[before.end() : last.start()])
    return before if several else None, last


def value(text: str) -> Fraction | None:
    r"""Return the exact value of a text that is one number and no more; None if not, or out of bounds.

    >>> value("1,234.5"), value(" $12 "), value("12%"), value("-3/4")
    (Fraction(2469, 2), Fraction(12, 1), Fraction(12, 1), Fraction(-3, 4))
    >>> value(r"\frac{1}{2}"), value("1e999999999"), value("1/0"), value("12 apples")
    (Fraction(1, 2), None, None, None)
    """
    match = _WHOLE.fullmatch(text.strip())
    if match is None or sum(map(str.isdigit, match.group())) > _MAX_DIGITS:
        return None
    digits, under = match.group("over", "under") if match.group("over") else match.group("digits", "divisor")
    size, divisor = _decimal(digits), int(under or 1)
    if size is None or divisor == 0:
        return None
    return (-size if _negative(match.group("sign")) else size) / divisor


def _decimal(text: str) -> Fraction | None:
    mantissa, _, exponent = text.replace(",", "").lower().partition("e")
    power = int(exponent or 0)
    if abs(power) > _MAX_EXPONENT:
        return None
    sign = -1 if _negative(mantissa[0]) else 1
    whole, _, decimals = mantissa.lstrip("-+\u2212\uff0d\u2010\u2011\u2012\u2013").partition(".")
    return sign * Fraction(int(whole + decimals)) * Fraction(10) ** (power - len(decimals))


def _negative(sign: str) -> bool:
    return not (sign.strip() in ("", "+") or sign.isdigit() or sign == ".")


def _in_expression(text: str, token: re.Match[str]) -> bool:
    before, after = text[max(0, token.start() - 6) : token.start()], text[token.end() : token.end() + 12]
    return bool(_PART_BEFORE.search(before) or _PART_AFTER.match(after))


def _side_by_side(gap: str) -> bool:
    if len(gap) > _MAX_GAP or "=" in gap or "\n" in gap:
        return False
    words = _WORD.findall(gap)
    # "133 - 50 is 83" says what it comes to, as "=" does; "41, or it is 42" does not.
    if gap.strip() == "is" or not all(_JOINING.fullmatch(word) for word in words):
        return False
    return gap == "." or bool(_JOINED.fullmatch(_WORD.sub("", gap)))
