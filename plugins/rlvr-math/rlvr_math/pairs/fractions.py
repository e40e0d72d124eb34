"""Fractions: their commands and signs, unreduced, nested, mixed, as sums, powers and decimals."""

from fractions import Fraction
from random import Random

from rlvr_math.pairs.forms import coprime, decimal, frac, fracs, wrong_fractions
from rlvr_math.pairs.rule import Draw, rule

__all__: list[str] = []


@rule
def frac_commands(rng: Random) -> Draw:
    """Draw a fraction in the commands that LaTeX has for it."""
    value = coprime(rng, 2, 60)
    a, b = value.numerator, value.denominator
    good = [
        *fracs(value),
        rf"{{{a} \over {b}}}",
        rf"{a} \div {b}",
        rf"\left(\frac{{{a}}}{{{b}}}\right)",
        f"({a})/({b})",
    ]
    bad = [rng.choice(fracs(other)) for other in wrong_fractions(value)]
    return Draw([frac(value), str(value)], good, [*bad, rf"{b} \div {a}"])


@rule
def frac_digits(rng: Random) -> Draw:
    r"""Draw a fraction of digits without braces: `\frac34` is three quarters."""
    a, b = rng.sample([1, 2, 3, 4, 5, 7, 9], 2)
    good = [
        rf"\frac{a}{b}",
        rf"\frac {a}{b}",
        rf"\frac {a} {b}",
        rf"\dfrac{a}{b}",
        rf"\frac{{{a}}}{b}",
        rf"\tfrac{a}{b}",
    ]
    bad = [rf"\frac{b}{a}", rf"-\frac{a}{b}", str(10 * a + b), rf"\frac{{{a}{b}}}{{{b}}}", f"{a}.{b}"]
    return Draw([rf"\frac{{{a}}}{{{b}}}", f"{a}/{b}"], good, bad)


@rule
def frac_unreduced(rng: Random) -> Draw:
    """Draw a fraction that was not brought to lowest terms."""
    value, k = coprime(rng, 2, 40), rng.randint(2, 12)
    a, b = value.numerator * k, value.denominator * k
    good = [rf"\frac{{{a}}}{{{b}}}", f"{a}/{b}", rf"\dfrac{{{a}}}{{{b}}}"]
    bad = [
        rf"\frac{{{b}}}{{{a}}}",
        f"{a + 1}/{b}",
        rf"\frac{{{a}}}{{{b + 1}}}",
        rf"\frac{{{a * k}}}{{{b}}}",
        f"-{a}/{b}",
    ]
    return Draw([frac(value)], good, bad)


@rule
def frac_sign(rng: Random) -> Draw:
    """Draw a negative fraction, its sign in front, above or below."""
    value = coprime(rng, 2, 60)
    a, b = value.numerator, value.denominator
    good = [
        rf"-\frac{{{a}}}{{{b}}}",
        rf"\frac{{-{a}}}{{{b}}}",
        rf"\frac{{{a}}}{{-{b}}}",
        f"-{a}/{b}",
        f"(-{a})/{b}",
    ]
    bad = [
        rf"\frac{{{a}}}{{{b}}}",
        rf"\frac{{-{a}}}{{-{b}}}",
        rf"-\frac{{-{a}}}{{{b}}}",
        f"{a}/{b}",
        f"-{b}/{a}",
    ]
    return Draw([rf"-\frac{{{a}}}{{{b}}}", rf"\frac{{-{a}}}{{{b}}}"], good, bad)


@rule
def frac_decimal(rng: Random) -> Draw:
    """Draw a fraction whose decimals end."""
    value = Fraction(rng.randint(1, 99), rng.choice([2, 4, 5, 8, 16, 20, 25, 40, 125]))
    while value.denominator == 1:
        value += Fraction(1, 8)
    text = decimal(value) or ""
    bad = [
        decimal(other) or frac(other)
        for other in (value + 1, value * 10, value / 10, -value, value + Fraction(1, 2))
    ]
    return Draw([frac(value), text], [text, *fracs(value)], [*bad, frac(1 / value)])


@rule
def frac_sum(rng: Random) -> Draw:
    """Draw a sum of fractions that was left standing."""
    one, other = coprime(rng, 2, 15), coprime(rng, 2, 15)
    value = one + other
    mediant = Fraction(one.numerator + other.numerator, one.denominator + other.denominator)
    good = [f"{frac(one)} + {frac(other)}", f"{one} + {other}", f"{frac(other)}+{frac(one)}", frac(value)]
    bad = [frac(mediant), f"{frac(one)} - {frac(other)}", f"{one} - {other}", frac(value + 1)]
    return Draw([frac(value)], good, [*bad, rf"{frac(one)} + {frac(2 * other)}"])


@rule
def frac_product(rng: Random) -> Draw:
    """Draw a product or a quotient of fractions that was left standing."""
    one, other = coprime(rng, 2, 15), coprime(rng, 2, 15)
    good = [
        rf"{frac(one)} \cdot {frac(other)}",
        rf"{frac(one)} \times {frac(other)}",
        rf"\frac{{{frac(one)}}}{{{frac(1 / other)}}}",
        rf"{frac(one)} \div {frac(1 / other)}",
        rf"\left({frac(one)}\right)\left({frac(other)}\right)",
    ]
    bad = [
        rf"\frac{{{frac(one)}}}{{{frac(other)}}}",
        rf"{frac(one)} \cdot {frac(1 / other)}",
        frac(-one * other),
    ]
    return Draw(
        [frac(one * other)], good, [*bad, frac(one * other + 1), rf"{frac(2 * one)} \times {frac(other)}"]
    )


@rule
def frac_power(rng: Random) -> Draw:
    """Draw a power of a fraction, also with a negative exponent."""
    value, k = coprime(rng, 2, 9), rng.randint(2, 3)
    a, b = value.numerator, value.denominator
    good = [
        rf"\left(\frac{{{a}}}{{{b}}}\right)^{k}",
        rf"\left(\frac{{{b}}}{{{a}}}\right)^{{-{k}}}",
        f"({a}/{b})^{k}",
    ]
    good += [rf"\frac{{{a}^{k}}}{{{b}^{k}}}", rf"{a}^{k} \cdot {b}^{{-{k}}}"]
    bad = [rf"\left(\frac{{{a}}}{{{b}}}\right)^{{-{k}}}", rf"\frac{{{a}^{k}}}{{{b}}}", f"({b}/{a})^{k}"]
    bad += [rf"\left(\frac{{{a}}}{{{b}}}\right)^{{{k + 1}}}", f"-({a}/{b})^{k}"]
    return Draw([frac(value**k)], good, bad)


@rule
def inverse_power(rng: Random) -> Draw:
    """Draw a negative power of a whole number."""
    base, k = rng.randint(2, 12), rng.randint(1, 4)
    good = [
        f"{base}^{{-{k}}}",
        rf"\frac{{1}}{{{base}^{k}}}",
        f"1/{base**k}",
        rf"\frac{{{base}}}{{{base}^{{{k + 1}}}}}",
    ]
    bad = [f"{base}^{{{k}}}", f"-{base}^{{{k}}}", f"{base}^{{-{k + 1}}}", rf"-\frac{{1}}{{{base}^{k}}}"]
    return Draw([frac(Fraction(1, base**k))], good, [*bad, f"{base + 1}^{{-{k}}}"])


@rule
def frac_nested(rng: Random) -> Draw:
    """Draw a continued fraction."""
    a, b, c = (rng.randint(2, 9) for _ in range(3))
    value = a + 1 / (b + Fraction(1, c))
    good = [rf"{a} + \frac{{1}}{{{b} + \frac{{1}}{{{c}}}}}", rf"{a}+\cfrac{{1}}{{{b}+\cfrac{{1}}{{{c}}}}}"]
    good += [f"{a} + 1/({b} + 1/{c})", rf"{a} + \dfrac{{{c}}}{{{b * c + 1}}}"]
    bad = [
        rf"{a} + \frac{{1}}{{{b}}} + \frac{{1}}{{{c}}}",
        rf"\frac{{1}}{{{a} + \frac{{1}}{{{b} + \frac{{1}}{{{c}}}}}}}",
    ]
    return Draw([frac(value)], good, [*bad, frac(value - 1), rf"{a} - \frac{{1}}{{{b} + \frac{{1}}{{{c}}}}}"])


@rule
def mixed(rng: Random) -> Draw:
    """Draw a mixed number; it is a sum and no product."""
    part, whole = Fraction(1, 1), rng.randint(1, 12)
    while part >= 1:
        part = coprime(rng, 1, 12)
    value, latex = whole + part, frac(part)
    good = [
        f"{whole}{latex}",
        f"{whole} {latex}",
        f"{whole} {part}",
        frac(value),
        rf"{whole}\,{latex}",
        f"{whole} + {part}",
    ]
    product = whole * part
    bad = [frac(product), rf"{whole} \cdot {latex}", f"{whole + 1}{latex}", f"-{whole}{latex}"]
    bad += [f"{whole}{frac(1 - part)}"] if part != Fraction(1, 2) else []
    return Draw([frac(value), f"{whole}{latex}"], [*good, decimal(value) or good[0]], bad)


@rule
def mixed_negative(rng: Random) -> Draw:
    """Draw a negative mixed number: the sign is that of the whole and of the part."""
    part, whole = Fraction(1, 1), rng.randint(1, 12)
    while part >= 1:
        part = coprime(rng, 1, 12)
    good = [f"-{whole}{frac(part)}", f"-{whole} {frac(part)}", frac(-whole - part), f"-{whole} {part}"]
    bad = [
        f"{whole}{frac(part)}",
        rf"-{whole} + {frac(part)}",
        frac(part - whole),
        f"-{whole + 1}{frac(part)}",
    ]
    return Draw([frac(-whole - part), f"-{whole}{frac(part)}"], good, bad)
