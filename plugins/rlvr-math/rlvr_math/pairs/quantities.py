"""Quantities: units and their conversion, nouns of counts, money."""

from fractions import Fraction
from random import Random

from rlvr_math.pairs.forms import decimal, near
from rlvr_math.pairs.rule import Draw, rule

__all__: list[str] = []

LENGTH = {"mm": Fraction(1), "cm": Fraction(10), "m": Fraction(1000), "km": Fraction(10**6)}
MASS = {"mg": Fraction(1), "g": Fraction(1000), "kg": Fraction(10**6)}
TIME = {"s": Fraction(1), "min": Fraction(60), "h": Fraction(3600)}
AREA = {"mm^2": Fraction(1), "cm^2": Fraction(100), "m^2": Fraction(10**6)}
VOLUME = {"cm^3": Fraction(1), "m^3": Fraction(10**6)}
LIQUID = {"mL": Fraction(1), "L": Fraction(1000)}
SPEED = {"km/h": Fraction(5, 18), "m/s": Fraction(1)}
WORDS = {
    "inches": Fraction(1), "feet": Fraction(12), "yards": Fraction(36), "miles": Fraction(63360),
}  # fmt: skip
HOURS = {
    "seconds": Fraction(1), "minutes": Fraction(60), "hours": Fraction(3600), "days": Fraction(86400),
}  # fmt: skip
SCALES = (LENGTH, MASS, TIME, AREA, VOLUME, LIQUID, SPEED, WORDS, HOURS)
NAMES = {
    "cm": "centimeters", "m": "meters", "km": "kilometers", "kg": "kilograms", "g": "grams",
    "cm^2": "square centimeters", "m^2": "square meters", "cm^3": "cubic centimeters", "h": "hours",
    "min": "minutes", "s": "seconds", "L": "liters", "mm": "millimeters",
}  # fmt: skip
NOUNS = (
    "apples",
    "marbles",
    "students",
    "chairs",
    "books",
    "eggs",
    "pencils",
    "coins",
    "trees",
    "cookies",
    "games",
)


def _unit(value: object, unit: str) -> list[str]:
    """Return `value` with `unit` in the ways that LaTeX has for units."""
    name, power = (unit[:-2], unit[-2:]) if unit[-2:] in ("^2", "^3") else (unit, "")
    made = [
        rf"{value}\text{{ {name}}}{power}",
        rf"{value} \text{{ {name}}}{power}",
        rf"{value}\ \mathrm{{{name}}}{power}",
    ]
    plain = [f"{value} {name}{power}"] if len(name) > 1 else []
    return [*made, *plain, rf"{value}\,\text{{{name}}}{power}", rf"{value}~\mathrm{{{name}}}{power}"]


@rule
def unit_on_one_side(rng: Random) -> Draw:
    """Draw a quantity against its number."""
    unit = rng.choice([unit for scale in SCALES for unit in scale])
    value = rng.randint(2, 99)
    good, bad = [str(value)], [str(other) for other in near(value)]
    if rng.random() < 0.5:
        return Draw(_unit(value, unit), good, bad)
    return Draw(good, _unit(value, unit), [rng.choice(_unit(other, unit)) for other in near(value)])


@rule
def unit_on_both_sides(rng: Random) -> Draw:
    """Draw a quantity against the same, in other letters, and against other units."""
    scale = rng.choice(SCALES)
    unit, other = rng.sample(sorted(scale), 2)
    foreign = rng.choice([name for table in SCALES for name in table if not _related(name, unit)])
    value = rng.randint(2, 99)
    bad = [*_unit(value, other), *_unit(value, foreign), *_unit(value + 1, unit), *_unit(value * 10, unit)]
    return Draw(_unit(value, unit), _unit(value, unit), bad)


def _related(one: str, other: str) -> bool:
    groups = ((LENGTH, WORDS), (MASS,), (TIME, HOURS), (AREA,), (VOLUME, LIQUID), (SPEED,))
    return any(_holds(group, one) and _holds(group, other) for group in groups)


def _holds(group: tuple[dict[str, Fraction], ...], unit: str) -> bool:
    return any(unit in scale for scale in group)


@rule
def unit_conversion(rng: Random) -> Draw:
    """Draw one quantity in two units that measure the same."""
    scale = rng.choice(SCALES)
    small, large = sorted(rng.sample(sorted(scale), 2), key=lambda unit: scale[unit])
    factor = scale[large] / scale[small]
    value = Fraction(rng.randint(1, 40), rng.choice([1, 2, 5]))
    left, right = decimal(value), decimal(value * factor)
    wrong = (value * factor * 10, value * factor / 10, value * factor * 2, value / factor)
    shown = [decimal(one) for one in wrong]
    bad = [rng.choice(_unit(one, small)) for one in shown if one]
    return Draw(_unit(left, large)[:2], _unit(right, small), [*bad, *_unit(left, small)])


@rule
def unit_names(rng: Random) -> Draw:
    """Draw a unit by its sign and by its name."""
    unit = rng.choice(sorted(NAMES))
    value = rng.randint(2, 99)
    good = [rf"{value} \text{{ {NAMES[unit]}}}", f"{value} {NAMES[unit]}"]
    others = [name for name in sorted(NAMES) if name != unit]
    bad = [f"{value} {NAMES[rng.choice(others)]}" for _ in range(3)] + [f"{value + 1} {NAMES[unit]}"]
    return Draw(_unit(value, unit), good, bad)


@rule
def unit_temperature(rng: Random) -> Draw:
    """Draw a temperature against its number."""
    value = rng.randint(2, 40)
    good = [
        rf"{value}^\circ\text{{C}}",
        f"{value} degrees Celsius",
        rf"{value}^\circ \mathrm{{C}}",
        str(value),
    ]
    bad = [
        rf"{value + 1}^\circ\text{{C}}",
        f"-{value} degrees Celsius",
        rf"{value * 10}^\circ\text{{C}}",
        f"{value - 1}",
    ]
    return Draw([str(value)], good, bad)


@rule
def count_nouns(rng: Random) -> Draw:
    """Draw a count of things: the noun may be left out, but is no other noun."""
    noun, other = rng.sample(NOUNS, 2)
    value = rng.randint(2, 99)
    good = [f"{value} {noun}", rf"{value} \text{{ {noun}}}", rf"{value}\text{{ {noun}}}"]
    bad = [
        rf"{value} \text{{ {other}}}",
        f"{value} {other}",
        f"{value + 1} {noun}",
        rf"{value * 10}\text{{ {noun}}}",
    ]
    if rng.random() < 0.3:
        return Draw([str(value)], good, [f"{value + 1} {noun}", rf"{value - 1} \text{{ {noun}}}"])
    return Draw([f"{value} {noun}", rf"{value} \text{{ {noun}}}"], [*good, str(value)], bad)


@rule
def money(rng: Random) -> Draw:
    """Draw an amount of dollars."""
    whole, cents = rng.randint(1, 99), rng.choice([5, 25, 50, 75, 99])
    value, wrong = f"{whole}.{cents:02}", f"{whole + 1}.{cents:02}"
    good = [
        rf"\${value}",
        f"{value} dollars",
        f"USD {value}",
        value,
        rf"{value} \text{{ dollars}}",
        rf"\$ {value}",
    ]
    bad = [rf"\${wrong}", f"{wrong} dollars", rf"\${whole}{cents:02}", f"USD {wrong}", rf"-\${value}"]
    euros = [f"{value} euros", f"\u20ac{value}", rf"{value} \text{{ euros}}"]
    reference = rng.choice(good)
    return Draw([reference], good, bad if reference == value else [*bad, *euros])


@rule
def money_thousands(rng: Random) -> Draw:
    """Draw whole dollars with separators."""
    value = rng.randint(1000, 9999999)
    good = [
        rf"\${value:,}",
        rf"\${value}",
        f"{value:,}",
        f"{value:,} dollars",
        f"{value}",
        rf"\text{{\${value:,}}}",
    ]
    bad = [rf"\${other:,}" for other in near(value) if other > 999] + [f"{value + 100:,} dollars"]
    return Draw([str(value), rf"\${value:,}"], good, bad)
