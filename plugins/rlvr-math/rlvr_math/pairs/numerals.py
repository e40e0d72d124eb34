"""Whole numbers and decimals: separators, signs, powers, other digits, percent, rounding, huge and tiny."""

from decimal import Decimal
from fractions import Fraction
from random import Random

from rlvr_math.pairs.forms import decimal, frac, fracs, grouped, misprints, near, wrong_fractions
from rlvr_math.pairs.rule import Draw, rule

__all__: list[str] = []

ALPHABETS = "\uff10\u0660\u0966\u06f0"  # the zeros of full-width, Arabic-Indic, Devanagari, Persian digits


@rule
def int_separators(rng: Random) -> Draw:
    """Draw a number of four digits or more with separators between groups of three."""
    value = rng.randint(1000, 10 ** rng.randint(4, 14))
    spaced = [",", r"\,", "{,}", " ", r"\ ", r",\!"]
    bad = [grouped(other, rng.choice(spaced)) for other in misprints(rng, value)]
    return Draw([str(value), grouped(value, ",")], [grouped(value, by) for by in spaced], bad)


@rule
def int_sign(rng: Random) -> Draw:
    """Draw a number with its sign, or the number of the other sign."""
    value = rng.randint(1, 999)
    minus = [f"-{value}", f"{{-{value}}}", f"(-{value})", f"\u2212{value}", f"- {value}"]
    plus = [f"+{value}", str(value), f"-(-{value})", f"{{{value}}}"]
    return Draw([f"-{value}"], minus, plus) if rng.random() < 0.5 else Draw([str(value)], plus, minus)


@rule
def int_plain(rng: Random) -> Draw:
    """Draw a whole number and the numbers it is mistaken for."""
    value, k = rng.randint(2, 999), rng.randint(2, 9)
    good = [str(value), f"{value}.0", f"{value}.00", rf"\frac{{{k * value}}}{{{k}}}", f"{k * value}/{k}"]
    return Draw([str(value)], good, [str(other) for other in near(value)])


@rule
def int_sums(rng: Random) -> Draw:
    """Draw arithmetic that was left standing."""
    a, b, c = rng.randint(2, 30), rng.randint(2, 30), rng.randint(2, 9)
    value = a * b + c
    good = [rf"{a} \cdot {b} + {c}", rf"{c} + {a} \times {b}", f"{value + a} - {a}", f"{a}*{b}+{c}"]
    bad = [rf"{a} \cdot ({b} + {c})", rf"{a} \cdot {b} - {c}", f"{a} + {b} + {c + value}", f"{value}-{a}"]
    return Draw([str(value)], [*good, f"({a})({b}) + {c}", f"{value * c} / {c}"], bad)


@rule
def int_powers(rng: Random) -> Draw:
    """Draw a power, its value, and the powers it is mistaken for."""
    base, k = rng.randint(2, 7), rng.randint(3, 9)
    good = [f"{base}^{k}", f"{base}^{{{k}}}", rf"{base} \cdot {base}^{{{k - 1}}}", str(base**k)]
    others = [(base, k + 1), (base, k - 1), (base + 1, k), (k, base)]
    bad = [f"{a}^{{{b}}}" for a, b in others if a**b != base**k]
    bad += [rf"{base} \cdot {k}", str(base**k + 1), f"-{base}^{k}"]
    return Draw([str(base**k), f"{base}^{{{k}}}"], good, bad)


@rule
def int_digits(rng: Random) -> Draw:
    """Draw a number in the digits of another alphabet."""
    value, zero = rng.randint(10000, 10**8), rng.choice(ALPHABETS)
    table = str.maketrans("0123456789", "".join(chr(ord(zero) + digit) for digit in range(10)))
    bad = [str(other).translate(table) for other in misprints(rng, value)]
    return Draw([str(value)], [str(value).translate(table)], bad)


@rule
def int_long(rng: Random) -> Draw:
    """Draw a number of 20 to 60 digits, beyond what a float can tell apart."""
    value = rng.randint(10**19, 10 ** rng.randint(20, 60))
    k, rest = rng.randint(2, 9), rng.randint(10, 99)
    good = [grouped(value, ","), f"{value - rest} + {rest}", rf"\frac{{{value * k}}}{{{k}}}"]
    bad = [str(other) for other in misprints(rng, value)] + [f"{value}0", str(value)[:-1]]
    return Draw([str(value)], [*good, grouped(value, r"\,")], bad)


@rule
def int_huge(rng: Random) -> Draw:
    """Draw a power that no float holds."""
    base, k = rng.randint(2, 13), rng.randint(400, 1500)
    power = f"{base}^{{{k}}}"
    good = [
        rf"{base} \cdot {base}^{{{k - 1}}}",
        rf"\frac{{{base}^{{{k + 1}}}}}{{{base}}}",
        f"{power} + 1 - 1",
    ]
    good += [rf"({base}^{{{k // 4}}})^4 \cdot {base}^{{{k % 4}}}"]
    bad = [f"{power} + 1", f"{base}^{{{k - 1}}}", f"{base}^{{{k + 1}}}", f"{base + 1}^{{{k}}}", f"-{power}"]
    return Draw([power], good, [*bad, rf"{base + 1} \cdot {base}^{{{k - 1}}}", f"{power} - 1"])


@rule
def tiny(rng: Random) -> Draw:
    """Draw a number that a float difference would take for nothing."""
    k, m = rng.randint(15, 60), rng.randint(1, 9)
    value = rf"{m} \cdot 10^{{-{k}}}"
    good = [
        f"{m}e-{k}",
        rf"\frac{{{m}}}{{10^{{{k}}}}}",
        "0." + "0" * (k - 1) + str(m),
        rf"{m}0 \times 10^{{-{k + 1}}}",
    ]
    bad = [rf"{m + 1} \cdot 10^{{-{k}}}", f"{m}e-{k + 1}", "0", f"-{value}", rf"{m} \cdot 10^{{{k}}}"]
    return Draw([value], good, [*bad, "0." + "0" * k + str(m)])


@rule
def tiny_difference(rng: Random) -> Draw:
    """Draw a number that lies next to a simple one."""
    k, n = rng.randint(18, 40), rng.randint(1, 99)
    good = [
        f"{n} + 10^{{-{k}}}",
        rf"{n} + \frac{{1}}{{10^{{{k}}}}}",
        rf"\frac{{{n} \cdot 10^{{{k}}} + 1}}{{10^{{{k}}}}}",
    ]
    bad = [str(n), f"{n} - 10^{{-{k}}}", rf"{n} + 2 \cdot 10^{{-{k}}}", f"{n} + 10^{{-{k + 1}}}"]
    return Draw(good[:1], good, bad)


@rule
def decimal_zeros(rng: Random) -> Draw:
    """Draw a decimal of two digits, with and without the zeros that change nothing."""
    a, b = rng.randint(1, 9), rng.randint(1, 9)
    good = [f"{a}.{b}", f"{a}.{b}0", f"{a}.{b}00", frac(Fraction(10 * a + b, 10)), f"{10 * a + b}/10"]
    bad = [f"{a}.0{b}", f"{a}{b}", f".{a}{b}", f"-{a}.{b}", f"{a}.{b}1", f"{a}.{10 - b}5"]
    return Draw([f"{a}.{b}"], good, bad)


@rule
def decimal_point(rng: Random) -> Draw:
    """Draw a decimal below one, with and without its zero."""
    digits = str(rng.randint(1, 99)) + str(rng.randint(1, 9))
    value = Fraction(int(digits), 10 ** len(digits))
    bad = [f"0.0{digits}", f"-.{digits}", digits, f"1.{digits}", frac(1 / value), frac(value * 10)]
    return Draw([frac(value), f"0.{digits}"], [f".{digits}", f"0.{digits}", f"0.{digits}0"], bad)


@rule
def repeating(rng: Random) -> Draw:
    """Draw a repeating decimal in its notations, against its fraction."""
    head = str(rng.randint(0, 99)) if rng.random() < 0.5 else ""
    tail = (
        str(rng.randint(1, 8))
        if rng.random() < 0.6
        else str(rng.choice([12, 27, 36, 45, 63, 81, 142857, 135]))
    )
    value = _repeating(head, tail)
    good = [f"0.{head}\\overline{{{tail}}}", f"0.{head}({tail})", *fracs(value)]
    if len(tail) == 1:
        good.append(f"0.{head}\\dot{{{tail}}}")
    others = [(head, str(int(tail) + 1)), (head + "0", tail), ("3" + head, tail)]
    bad = [f"0.{a}\\overline{{{b}}}" for a, b in others if _repeating(a, b) != value]
    bad += [f"0.{head}{(tail * 6)[:5]}", f"0.{head}{tail}", *(frac(one) for one in wrong_fractions(value))]
    return Draw([frac(value), f"0.{head}\\overline{{{tail}}}"], good, bad)


def _repeating(head: str, tail: str) -> Fraction:
    return (int(head or 0) + Fraction(int(tail), int("9" * len(tail)))) / int("1" + "0" * len(head))


@rule
def percent(rng: Random) -> Draw:
    """Draw a percentage: its number with the sign dropped, or the part that it is."""
    value = Fraction(rng.choice([rng.randint(2, 99), rng.randint(1, 39) + 0.5]))
    text = decimal(value) or ""
    part = value / 100
    good = [
        rf"{text}\%",
        f"{text}%",
        text,
        frac(part),
        decimal(part) or "",
        rf"{text} \%",
        rf"{text}\text{{ percent}}",
    ]
    others = [value + 1, value - 1, value + 10, -value]
    bad = [rf"{decimal(other)}\%" for other in others] + [
        frac(part + Fraction(1, 100)),
        frac(part / 10),
    ]
    return Draw([rf"{text}\%"], good, [*bad, frac(1 / part + 100)])


@rule
def percent_of_part(rng: Random) -> Draw:
    """Draw a part, which is its percentage and is not the bare number of percents."""
    value = Fraction(rng.choice([1, 3, 7, 9, 11, 13]), rng.choice([4, 5, 8, 10, 20, 25, 40]))
    text = decimal(value * 100)
    good = [rf"{text}\%", f"{text}%", rf"{text}\,\%"]
    bad = [str(text), rf"{decimal(value * 100 + 1)}\%", rf"{decimal(value * 1000)}\%", rf"-{text}\%"]
    return Draw([frac(value), str(value)], good, bad)


@rule
def permille(rng: Random) -> Draw:
    """Draw a rate per thousand."""
    value = rng.randint(1, 99)
    part = Fraction(value, 1000)
    good = [rf"{value}\permille", f"{value}\u2030", str(value), frac(part)]
    bad = [
        rf"{value + 1}\permille",
        f"{value}0\u2030",
        frac(part * 10),
        frac(part + Fraction(1, 1000)),
        f"-{value}",
    ]
    return Draw([rf"{value}\permille", f"{value}\u2030"], good, bad)


@rule
def scientific(rng: Random) -> Draw:
    """Draw a number with a power of ten, in its notations and plain."""
    a, b, k = rng.randint(1, 9), rng.randint(1, 9), rng.choice([-7, -5, -3, -2, 2, 3, 4, 6, 9, 12])
    value = Fraction(10 * a + b, 10) * Fraction(10) ** k
    good = [*_scientific(f"{a}.{b}", k), decimal(value) or "", rf"{a}{b} \times 10^{{{k - 1}}}"]
    wrong = ((f"{a}.{b}", k + 1), (f"{a}.{b}", -k), (f"{b + a}.{a}", k))
    bad = [text for lead, power in wrong for text in _scientific(lead, power)[:2]]
    return Draw(good[1:2] + good[-2:-1], good, [*bad, f"-{a}.{b}e{k}", f"{a}.{b}"])


def _scientific(lead: str, k: int) -> list[str]:
    return [
        f"{lead}e{k}",
        rf"{lead} \times 10^{{{k}}}",
        f"{lead}*10^{{{k}}}",
        rf"{lead}\cdot10^{{{k}}}",
        f"{lead}E{k}",
    ]


@rule
def rounding_reference(rng: Random) -> Draw:
    """Draw a decimal reference of three digits or more, which stands for what rounds to it."""
    places = rng.randint(2, 3)
    unit = Fraction(1, 10**places)
    value = rng.randint(110, 99999) * unit
    shown = _decimal(value, places)
    good = [frac(value + unit / 7), frac(value - unit / 3), _decimal(value - unit * 4 / 10, places + 1)]
    bad = [_decimal(value + unit, places), _decimal(value - unit * 6 / 10, places + 1), frac(value + unit)]
    shorter = _decimal(value, places - 1)
    bad += [shorter] if Fraction(shorter) != value else []
    return Draw([shown], good, [*bad, frac(value - unit * 2 / 3), frac(-value)])


@rule
def rounding_exact(rng: Random) -> Draw:
    """Draw an exact reference, which no decimal of fewer than twelve digits equals."""
    value = Fraction(rng.randint(1, 50), rng.choice([3, 7, 9, 11, 13, 17, 19]))
    while value.denominator == 1:
        value = Fraction(rng.randint(1, 50), rng.choice([3, 7, 9, 11, 13, 17, 19]))
    digits = f"{Decimal(value.numerator) / Decimal(value.denominator):.28f}"
    lead = 0 if value >= 1 else next(at for at, digit in enumerate(digits[2:]) if digit != "0")
    bad = [_decimal(value, lead + places) for places in (2, 3, 4, 6, 9)]
    long = _decimal(value, lead + rng.randint(12, 15))
    wrong = long[:-1] + str((int(long[-1]) + rng.choice([2, 4, 6])) % 10)
    return Draw([frac(value)], [long, *fracs(value)], [*bad, wrong])


def _decimal(value: Fraction, places: int) -> str:
    """Return `value` rounded to `places` decimals; all of them are shown."""
    return f"{Decimal(round(value * 10**places)).scaleb(-places):.{places}f}"
