"""Notations of their own: degrees, bases, ratios, times of the day, dates."""

from fractions import Fraction
from random import Random

from rlvr_math.pairs.forms import coprime, frac
from rlvr_math.pairs.rule import Draw, rule

__all__: list[str] = []

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November",
    "December",
)  # fmt: skip


@rule
def degrees(rng: Random) -> Draw:
    """Draw an angle in degrees: its number, or its radians, when the sign is there."""
    value = rng.choice(
        [10, 15, 18, 20, 24, 30, 36, 45, 50, 60, 75, 80, 100, 120, 135, 140, 150, 165, 200, 270]
    )
    part = Fraction(value, 180)
    top = r"\pi" if part.numerator == 1 else rf"{part.numerator}\pi"
    radians = rf"\frac{{{top}}}{{{part.denominator}}}"
    good = [
        rf"{value}^\circ",
        rf"{value}^{{\circ}}",
        str(value),
        radians,
        f"{value}\u00b0",
        rf"{value} \text{{ degrees}}",
    ]
    bad = [
        rf"{value + 5}^\circ",
        rf"{value * 10}^\circ",
        str(value + 1),
        rf"\frac{{{part.denominator}\pi}}{{{part.numerator}}}",
    ]
    return Draw(
        [rf"{value}^\circ", rf"{value}^{{\circ}}"],
        good,
        [*bad, rf"-{value}^\circ", rf"\frac{{\pi}}{{{value}}}"],
    )


@rule
def degrees_are_not_radians(rng: Random) -> Draw:
    """Draw an angle in radians, which is no bare number of degrees."""
    value = rng.choice([12, 15, 20, 30, 36, 40, 45, 60, 72, 90, 120, 135, 150, 210, 240, 300])
    part = Fraction(value, 180)
    top = r"\pi" if part.numerator == 1 else rf"{part.numerator}\pi"
    good = [
        rf"{value}^\circ",
        rf"{top}/{part.denominator}",
        rf"\frac{{{part.numerator}}}{{{part.denominator}}}\pi",
    ]
    bad = [str(value), rf"{value + 10}^\circ", rf"{value}\pi", frac(part), rf"-{value}^\circ", str(value * 2)]
    return Draw([rf"\frac{{{top}}}{{{part.denominator}}}"], good, bad)


@rule
def base_numbers(rng: Random) -> Draw:
    """Draw a numeral with its base; it is not its value."""
    base = rng.randint(3, 8)
    digits = str(rng.randint(1, base - 1)) + "".join(
        str(rng.randrange(base)) for _ in range(rng.randint(2, 4))
    )
    value = int(digits, base)
    good = [f"{digits}_{base}", f"{digits}_{{{base}}}", digits]
    bad = [str(value), f"{digits}_{base + 1}", f"{digits[::-1]}1_{{{base}}}", f"{digits}0_{base}"]
    last = (int(digits[-1]) + 1) % base
    return Draw(
        [f"{digits}_{base}", f"{digits}_{{{base}}}"],
        good,
        [*bad, f"{digits[:-1]}{last}_{{{base}}}", f"{digits}_9"],
    )


@rule
def ratios(rng: Random) -> Draw:
    """Draw a ratio, reduced or not, as a fraction, or turned around."""
    value, k = coprime(rng, 1, 9), rng.randint(2, 5)
    p, q = value.numerator, value.denominator
    good = [f"{p}:{q}", f"{p} : {q}", frac(value), str(value), f"{p * 7} : {q * 7}"]
    bad = [f"{q}:{p}", f"{p + q} : {q}", frac(1 / value), f"{p}:{q}:1", f"{p + k} : {q}"]
    return Draw([f"{p}:{q}"], [*good, rf"{k * p} : {k * q}"], bad)


@rule
def ratios_of_three(rng: Random) -> Draw:
    """Draw a ratio of three parts."""
    a, b, c = rng.sample(range(1, 12), 3)
    k = rng.randint(2, 6)
    good = [f"{a}:{b}:{c}", f"{a} : {b} : {c}", f"{k * a}:{k * b}:{k * c}"]
    bad = [
        f"{b}:{a}:{c}",
        f"{c}:{b}:{a}",
        f"{a}:{b}",
        f"{a + 12}:{b}:{c}",
        f"{k * a}:{b}:{c}",
        f"{b} : {c} : {a}",
    ]
    return Draw([f"{a}:{b}:{c}"], good, bad)


@rule
def times(rng: Random) -> Draw:
    """Draw a time of the afternoon."""
    hour, minute = rng.randint(1, 11), rng.randint(1, 58)
    good = [f"{hour}:{minute:02} {half}" for half in ("p.m.", "pm", "PM", "P.M.")]
    good += [rf"{hour}:{minute:02} \text{{ p.m.}}", f"{hour + 12}:{minute:02}"]
    bad = [f"{hour}:{minute:02} a.m.", f"{hour}:{minute + 1:02} p.m.", f"{hour % 11 + 1}:{minute:02} pm"]
    bad += [rf"{hour}:{minute:02} \text{{ am}}", f"{(hour + 13) % 24:02}:{minute:02}"]
    return Draw([f"{hour}:{minute:02} p.m.", rf"{hour}:{minute:02} \text{{ p.m.}}"], good, bad)


@rule
def dates(rng: Random) -> Draw:
    """Draw a date; with slashes it equals only itself."""
    day, month, year = rng.randint(1, 27), rng.randint(1, 11), rng.randint(1900, 2030)
    good = [
        f"{MONTHS[month - 1]} {day}, {year}",
        f"{day} {MONTHS[month - 1]} {year}",
        f"{year}-{month:02}-{day:02}",
    ]
    bad = [
        f"{MONTHS[month]} {day}, {year}",
        f"{day + 1} {MONTHS[month - 1]} {year}",
        f"{year + 1}-{month:02}-{day:02}",
    ]
    slashes = [f"{month}/{day}/{year}", f"{day:02}/{month:02}/{year}"]
    if rng.random() < 0.2:
        return Draw(slashes[:1], slashes[:1], good)
    return Draw(good, good, [*bad, *slashes, f"{year}-{month + 1:02}-{day:02}"])
