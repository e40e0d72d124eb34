"""Constants and what counts: pi, e, i, factorials, binomials."""

from fractions import Fraction
from math import comb, factorial
from random import Random

from rlvr_math.pairs.forms import coprime, frac, signed, term
from rlvr_math.pairs.rule import Draw, rule

__all__: list[str] = []


@rule
def pi_multiple(rng: Random) -> Draw:
    """Draw a multiple of pi."""
    value = coprime(rng, 1, 12)
    a, b = value.numerator, value.denominator
    top = "" if a == 1 else str(a)
    good = [
        rf"\frac{{{top}\pi}}{{{b}}}",
        rf"\frac{{{a}}}{{{b}}}\pi",
        rf"{top}\pi/{b}",
        rf"\frac{{{2 * a}\pi}}{{{2 * b}}}",
    ]
    good += [f"{top}\u03c0/{b}", rf"\pi \cdot \frac{{{a}}}{{{b}}}", rf"\frac{{\pi}}{{{b}}} \cdot {a}"]
    bad = [frac(value), rf"-\frac{{{a}\pi}}{{{b}}}", rf"\frac{{{b}\pi}}{{{a}}}", rf"\frac{{{a}}}{{{b}\pi}}"]
    bad += [rf"\frac{{{a + 1}\pi}}{{{b}}}", rf"\frac{{{a}\pi^2}}{{{b}}}", f"{float(3.14 * value):.4f}"]
    return Draw(good[:1], good, bad)


@rule
def pi_sum(rng: Random) -> Draw:
    """Draw a sum of a number and a multiple of pi, as areas are."""
    a, b = rng.randint(2, 40), rng.randint(2, 40)
    good = [
        rf"{a}\pi - {b}",
        rf"-{b} + {a}\pi",
        rf"{a}\left(\pi - {frac(Fraction(b, a))}\right)",
        rf"\pi \cdot {a} - {b}",
    ]
    good += [rf"\frac{{{3 * a}\pi - {3 * b}}}{{3}}"]
    bad = [
        rf"{a}\pi + {b}",
        rf"{b} - {a}\pi",
        rf"{a - 1}\pi - {b}",
        rf"{a}(\pi - {b})",
        f"{a - b}\\pi",
        rf"{a}\pi^2 - {b}",
    ]
    return Draw(good[:1], good, bad)


@rule
def e_powers(rng: Random) -> Draw:
    """Draw powers of e."""
    a, b = rng.randint(2, 9), rng.randint(2, 9)
    k = a - b
    if k == 0 or rng.random() < 0.4:
        good = [
            f"e^{{{a + b}}}",
            rf"e^{a} \cdot e^{b}",
            rf"\exp({a + b})",
            rf"\frac{{1}}{{e^{{-{a + b}}}}}",
            f"(e^{{{a + b}}})",
        ]
        bad = [
            f"e^{{{2 * a + b}}}",
            f"e^{{-{a + b}}}",
            f"e^{a} + e^{b}",
            rf"{a + b}e",
            f"{a + b}^e",
            f"e^{{{a + b + 1}}}",
        ]
        return Draw(good[:1], good, bad)
    good = [f"e^{{{k}}}", rf"\frac{{e^{a}}}{{e^{b}}}", f"e^{a}e^{{-{b}}}", rf"\exp({k})"]
    bad = [f"e^{{{-k}}}", f"e^{a} - e^{b}", f"e^{{{k + 1}}}", f"-e^{{{k}}}", rf"{k}e"]
    return Draw(good[:1], good, [text for text in bad if not (k == 1 and text == "1e")])


@rule
def complex_order(rng: Random) -> Draw:
    """Draw a complex number in either order."""
    a, b = rng.randint(1, 20), rng.choice([-7, -5, -3, -1, 1, 2, 4, 6, 9])
    good = [
        f"{a}{_i(b)}",
        f"{term(b, 'i')} + {a}",
        rf"{a} + ({b})i",
        rf"\frac{{{2 * a}{_i(2 * b)}}}{{2}}",
        f"{a}{_i(b)[:-1]} i",
    ]
    bad = [
        f"{a}{_i(-b)}",
        f"-{a}{_i(b)}",
        f"{a + 1}{_i(b)}",
        f"{a}{signed(b)}",
        f"{a}{_i(b + 10)}",
        f"{a}i{signed(b)}",
    ]
    good[-1] = good[-1] if abs(b) > 1 else good[0]
    return Draw(good[:1], good, bad if a != b else bad[:-1])


@rule
def complex_product(rng: Random) -> Draw:
    """Draw a product or a quotient of complex numbers."""
    a, b, c, d = (rng.randint(1, 6) for _ in range(4))
    real, imaginary = a * c - b * d, a * d + b * c
    value = f"{real}{_i(imaginary)}" if real else term(imaginary, "i")
    norm = c * c + d * d
    good = [f"({a}{_i(b)})({c}{_i(d)})", rf"({c}{_i(d)}) \cdot ({a}{_i(b)})"]
    good += [rf"\frac{{{norm}({a}{_i(b)})}}{{{c}{_i(-d)}}}", rf"{real} + {imaginary}i"]
    bad = [f"{real}{_i(-imaginary)}", rf"{a * c + b * d + 1}{_i(imaginary)}", f"{a * c}{_i(b * d)}"]
    bad += [f"({a}{_i(b)})({c}{_i(-d)})", f"({a}{_i(-b)})({c}{_i(d)})", f"{real + 1}{_i(imaginary)}"]
    return Draw([value], good, bad)


@rule
def complex_units(rng: Random) -> Draw:
    """Draw powers of i, roots of negative numbers, points of the unit circle."""
    k, a = rng.randint(2, 99), rng.randint(2, 12)
    power = ("1", "i", "-1", "-i")
    b = rng.choice([2, 3, 5, 7])
    return rng.choice([
        Draw([power[k % 4]], [f"i^{{{k}}}", f"i^{{{k + 4}}}"],
             [f"i^{{{k + 1}}}", f"i^{{{k + 2}}}", f"-i^{{{k}}}"]),
        Draw([f"{a}i"], [rf"\sqrt{{-{a * a}}}", rf"{a} \cdot i"],
             [rf"\sqrt{{{a * a}}}", f"-{a}", rf"-\sqrt{{-{a * a}}}", f"{a}"]),
        Draw([rf"{a}i\sqrt{{{b}}}"], [rf"\sqrt{{-{a * a * b}}}", rf"{a}\sqrt{{{b}}}i"],
             [rf"{a}\sqrt{{{b}}}", rf"-{a}i\sqrt{{{b}}}"]),
        Draw([f"-{a}i"], [rf"\frac{{{a}}}{{i}}", rf"{a}i^3"], [rf"\frac{{{a}}}{{-i}}", f"{a}i", f"-{a}"]),
        Draw([rf"{a} + {a}\sqrt{{3}}i"],
             [rf"{2 * a}e^{{i\pi/3}}", rf"{2 * a}(\cos 60^\circ + i\sin 60^\circ)"],
             [rf"{2 * a}e^{{-i\pi/3}}", rf"{a}e^{{i\pi/3}}", rf"{2 * a}e^{{i\pi/6}}",
             rf"{a}\sqrt{{3}} + {a}i"]),
        Draw([f"-{a}"], [rf"{a}e^{{i\pi}}", f"{a}i^2"], [rf"{a}e^{{2i\pi}}", rf"{a}e^{{i\pi/2}}", f"{a}i"]),
    ])  # fmt: skip


def _i(factor: int) -> str:
    sign = " - " if factor < 0 else " + "
    return f"{sign}{term(abs(factor), 'i')}"


@rule
def factorials(rng: Random) -> Draw:
    """Draw a factorial or a quotient of two."""
    n, k = rng.randint(5, 12), rng.randint(1, 3)
    if rng.random() < 0.5:
        good = [f"{n}!", rf"{n} \cdot {n - 1}!", str(factorial(n)), rf"\frac{{{n + 1}!}}{{{n + 1}}}"]
        bad = [
            f"{n - 1}!",
            f"{n + 1}!",
            f"{n}",
            rf"{n} \cdot {n}!",
            str(factorial(n) + 1),
            f"{n}!!",
            f"-{n}!",
        ]
        return Draw(good[:1] + good[2:3], good, bad)
    good = [rf"\frac{{{n}!}}{{{n - k}!}}", rf"{n}!/{n - k}!", str(factorial(n) // factorial(n - k))]
    bad = [
        rf"\frac{{{n}!}}{{{n - k - 1}!}}",
        rf"\frac{{{n - k}!}}{{{n}!}}",
        f"{k}!",
        rf"\frac{{{n}!}}{{({n - k}!)^2}}",
    ]
    return Draw(good[2:], good, bad)


@rule
def factorials_huge(rng: Random) -> Draw:
    """Draw a factorial of hundreds of digits."""
    n = rng.randint(60, 400)
    good = [
        rf"{n} \cdot {n - 1}!",
        rf"\frac{{{n + 1}!}}{{{n + 1}}}",
        f"{n}! + 1 - 1",
        rf"{n * (n - 1)} \cdot {n - 2}!",
    ]
    bad = [
        f"{n}! + 1",
        f"{n - 1}!",
        rf"{n + 1} \cdot {n - 1}!",
        rf"{n} \cdot {n}!",
        f"{n + 1}!",
        f"{n}! - 1",
        f"-{n}!",
    ]
    return Draw([f"{n}!"], good, bad)


@rule
def binomials(rng: Random) -> Draw:
    """Draw a binomial coefficient in its notations."""
    n, k = rng.randint(6, 15), rng.randint(2, 3)
    good = [
        rf"\binom{{{n}}}{{{k}}}",
        rf"{{{n} \choose {k}}}",
        rf"\dbinom{{{n}}}{{{n - k}}}",
        str(comb(n, k)),
        f"C({n}, {k})",
    ]
    good += [
        rf"\frac{{{n}!}}{{{k}!{n - k}!}}",
        rf"\frac{{{n}!}}{{{k}! \cdot ({n}-{k})!}}",
        rf"{{}}_{{{n}}}C_{{{k}}}",
        f"{n}C{k}",
    ]
    bad = [
        rf"\binom{{{n}}}{{{k + 1}}}",
        rf"\binom{{{n + 1}}}{{{k}}}",
        rf"\frac{{{n}!}}{{{n - k}!}}",
        str(comb(n, k) + 1),
    ]
    bad += [rf"\binom{{{n}}}{{{k - 1}}}", rf"\frac{{{n}}}{{{k}}}", rf"{{{n} \choose {k + 1}}}"]
    bad = [text for text in bad if not (n == 2 * k + 1 and str(k + 1) in text)]
    return Draw(good[:1] + good[3:4], good, bad)
