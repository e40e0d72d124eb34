"""Units: what they measure and how much, exactly; names by a table, products and powers by a small grammar.

Definitions are those of the SI and of the international yard and pound (NIST SP 811, appendix B).
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from types import MappingProxyType

from rlvr_math.words import NOT_NOUNS

__all__ = ["Unit", "comparable", "is_known", "unit_of"]

MAX_CHARS = 60
_MAX_POWER = 6
_SYMBOL = 3

_F = Fraction
_IN, _LB = _F(254, 10_000), _F(45_359_237, 100_000_000)
# Base quantities: L length (m), M mass (kg), T time (s), I current, K temperature, N amount, B information.
_TABLE: tuple[tuple[str, str, Fraction], ...] = (
    ("m meter metre", "L", _F(1)),
    ("km kilometer kilometre", "L", _F(1000)),
    ("dm decimeter decimetre", "L", _F(1, 10)),
    ("cm centimeter centimetre", "L", _F(1, 100)),
    ("mm millimeter millimetre", "L", _F(1, 1000)),
    ("nm nanometer nanometre", "L", _F(1, 10**9)),
    ("in inch inche", "L", _IN),
    ("ft foot feet", "L", 12 * _IN),
    ("yd yard", "L", 36 * _IN),
    ("mi mile", "L", 63_360 * _IN),
    ("kg kilogram", "M", _F(1)),
    ("g gram gramme", "M", _F(1, 1000)),
    ("mg milligram", "M", _F(1, 10**6)),
    ("t ton tonne", "M", _F(1000)),
    ("lb pound", "M", _LB),
    ("oz ounce", "M", _LB / 16),
    ("s sec second", "T", _F(1)),
    ("ms millisecond", "T", _F(1, 1000)),
    ("min minute", "T", _F(60)),
    ("h hr hour", "T", _F(3600)),
    ("day", "T", _F(86_400)),
    ("week wk", "T", _F(604_800)),
    ("month", "month", _F(1)),
    ("yr year", "month", _F(12)),
    ("l liter litre", "L3", _F(1, 1000)),
    ("ml milliliter millilitre", "L3", _F(1, 10**6)),
    ("cl centiliter centilitre", "L3", _F(1, 10**5)),
    ("gal gallon", "L3", 231 * _IN**3),
    ("qt quart", "L3", 231 * _IN**3 / 4),
    ("ha hectare", "L2", _F(10_000)),
    ("acre", "L2", 43_560 * (12 * _IN) ** 2),
    ("mph", "L T-1", 63_360 * _IN / 3600),
    ("kph kmh", "L T-1", _F(1000, 3600)),
    ("n newton", "L M T-2", _F(1)),
    ("j joule", "L2 M T-2", _F(1)),
    ("kj kilojoule", "L2 M T-2", _F(1000)),
    ("w watt", "L2 M T-3", _F(1)),
    ("kw kilowatt", "L2 M T-3", _F(1000)),
    ("pa pascal", "L-1 M T-2", _F(1)),
    ("hz hertz", "T-1", _F(1)),
    ("a ampere amp", "I", _F(1)),
    ("v volt", "L2 M T-3 I-1", _F(1)),
    ("ohm", "L2 M T-3 I-2", _F(1)),
    ("c coulomb", "T I", _F(1)),
    ("k kelvin", "K", _F(1)),
    ("mol mole", "N", _F(1)),
    ("bit", "B", _F(1)),
    ("byte", "B", _F(8)),
    ("celsius", "celsius", _F(1)),
    ("fahrenheit", "fahrenheit", _F(1)),
    ("dollar usd buck", "dollar", _F(1)),
    ("cent penny pennie", "dollar", _F(1, 100)),
    ("euro eur", "euro", _F(1)),
    ("sterling gbp", "sterling", _F(1)),
    ("yuan rmb cny", "yuan", _F(1)),
    ("yen jpy", "yen", _F(1)),
    ("rupee inr", "rupee", _F(1)),
    ("rad radian", "", _F(1)),
    ("kmph", "L T-1", _F(1000, 3600)),
    ("cc", "L3", _F(1, 10**6)),
    ("rs", "rupee", _F(1)),
    ("unit", "", _F(1)),
)
_POWERS = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
_FRACTIONS = ("ths", "rds", "ieth", "fth", "dth")
_NOUNS = frozenset(
    {
        "months",
        "moths",
        "baths",
        "paths",
        "cloths",
        "youths",
        "deaths",
        "births",
        "widths",
        "lengths",
        "records",
    }
    | {"cards", "yards", "words", "boards", "birds", "awards", "thirds"}
)
_PER = frozenset({"per", "an", "a"})
_AFTER = {"squared": 2, "cubed": 3}
_PIECE = re.compile(r"\s{0,3}(?:(?P<word>[A-Za-z]+)\.?|(?P<op>[/*]|\^\{?(?P<power>-?[0-9])\}?))")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure, or the noun of what is counted.

    Attributes:
        name: Its words, in lower case and in the singular.
        dimension: The powers of the base quantities it measures, sorted; for a noun, the noun itself.
        factor: Its size in base units.
        counted: Whether it is a noun that no table knows.
    """

    name: str
    dimension: tuple[tuple[str, int], ...]
    factor: Fraction = Fraction(1)
    counted: bool = False

    @property
    def plain(self) -> bool:
        """Whether it only says "units", of whatever kind."""
        return not self.dimension


def comparable(one: Unit, other: Unit) -> bool:
    """Say whether two units measure the same quantity.

    >>> comparable(unit_of("cm"), unit_of("feet")), comparable(unit_of("cm"), unit_of("square cm"))
    (True, False)
    """
    return one.dimension == other.dimension or one.plain or other.plain


@cache
def _known() -> "MappingProxyType[str, tuple[dict[str, int], Fraction]]":
    table = {}
    for names, dimension, factor in _TABLE:
        powers = {}
        for part in dimension.split():
            base = part.rstrip("-0123456789")
            powers[base] = int(part[len(base) :] or 1)
        for name in names.split():
            table[name] = (powers, factor)
    return MappingProxyType(table)


def is_known(word: str) -> bool:
    """Say whether a word is a unit by itself.

    >>> is_known("cm"), is_known("Hours"), is_known("apples")
    (True, True, False)
    """
    return _singular(word) in _known()


def unit_of(text: str) -> Unit | None:
    """Return the unit that a text names, or None where it is none; a noun of its own is a unit of counting.

    >>> unit_of("km/h").factor, unit_of("square centimeters").dimension
    (Fraction(5, 18), (('L', 2),))
    >>> unit_of("red apples").name, unit_of("apples and pears/2")
    ('red apple', None)
    """
    pieces = _pieces(text)
    if not pieces:
        return None
    measured = _measured(pieces)
    if measured is not None:
        return measured
    words = [text for kind, text in pieces if kind == "word"]
    if len(words) != len(pieces) or any(_is_no_noun(word.casefold()) for word in words):
        return None
    name = " ".join(_singular(word) for word in words)
    return Unit(name=name, dimension=((name, 1),), counted=True)


def _is_no_noun(word: str) -> bool:
    return word in NOT_NOUNS or (word.endswith(_FRACTIONS) and word not in _NOUNS)


def _pieces(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    text = text.strip().rstrip(".")
    if len(text) > MAX_CHARS:
        return []
    while position < len(text):
        match = _PIECE.match(text, position)
        if match is None:
            return []
        position = match.end()
        if match.group("word"):
            found.append(("word", match.group("word")))
        elif match.group("power"):
            found.append(("power", match.group("power")))
        else:
            found.append(("op", match.group("op")))
    return found


def _measured(pieces: list[tuple[str, str]]) -> Unit | None:
    """Read words, powers and "per" into one product; None where a word is no known unit."""
    product = _Product()
    if not all(product.takes(kind, text) for kind, text in pieces) or not product.names:
        return None
    dimension = tuple(sorted((base, power) for base, power in product.powers.items() if power))
    return Unit(name=" ".join(product.names), dimension=dimension, factor=product.factor)


class _Product:
    """The product of the units read so far."""

    def __init__(self) -> None:
        self.powers: dict[str, int] = {}
        self.factor = Fraction(1)
        self.names: list[str] = []
        self._sign = 1
        self._next_power = 1
        self._last: tuple[dict[str, int], Fraction] | None = None

    def takes(self, kind: str, text: str) -> bool:
        """Read one piece; say whether it fits."""
        lowered = text.casefold()
        if text == "*":
            return True
        if text == "/" or (lowered in _PER and self._last is not None):
            self._sign, self._last = -1, None
            return True
        if lowered in _POWERS:
            self._next_power = _POWERS[lowered]
            return True
        times = int(text) if kind == "power" else _AFTER.get(lowered, 0)
        if times:
            return abs(times) <= _MAX_POWER and self._multiply(times - 1)
        self._last = _known().get(_singular(text))
        self.names.append(_singular(text))
        times, self._next_power = self._next_power, 1
        return self._multiply(times)

    def _multiply(self, times: int) -> bool:
        if self._last is None:
            return False
        powers, factor = self._last
        self.factor *= factor ** (self._sign * times)
        for base, power in powers.items():
            self.powers[base] = self.powers.get(base, 0) + power * self._sign * times
        return True


def _singular(word: str) -> str:
    lowered = word.casefold().rstrip(".")
    if lowered in _known():
        return lowered
    if len(word) <= _SYMBOL and not word.islower():
        return word
    return lowered.removesuffix("s") or lowered
