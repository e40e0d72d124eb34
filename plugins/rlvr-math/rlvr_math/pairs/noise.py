"""What changes no value: spacing, fonts, delimiters, Unicode signs, superscripts."""

from random import Random

from rlvr_math.pairs.forms import coprime, frac, poly, signed, wrong_fractions
from rlvr_math.pairs.rule import Draw, rule

__all__: list[str] = []

HIGH = str.maketrans("0123456789-", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207b")
WIDE = str.maketrans({chr(one): chr(one + 0xFEE0) for one in range(0x21, 0x7F) if not chr(one).isalpha()})


def _noisy(text: str) -> list[str]:
    return [
        rf"\displaystyle {text}", rf"{{{text}}}", rf"\ {text}\ ", rf"\left({text}\right)", rf"\!{text}\!",
        rf"\,{text}\,",
        rf"\quad {text}", f"{text}.", f"${text}$", rf"\({text}\)", rf"{text}\;", f"~{text}",
        rf"\displaystyle{{{text}}}",
    ]  # fmt: skip


@rule
def noise_around_numbers(rng: Random) -> Draw:
    """Draw a whole number in LaTeX that changes nothing."""
    value = rng.randint(-99, 999)
    fonts = [
        rf"\text{{{value}}}",
        rf"\mathrm{{{value}}}",
        rf"\mathbf{{{value}}}",
        rf"\textbf{{{value}}}",
        rf"\boldsymbol{{{value}}}",
    ]
    bad = [rng.choice(_noisy(str(other))) for other in (value + 1, value - 1, value * 10 + 5, -value - 1)]
    return Draw(
        [str(value)],
        [*_noisy(str(value)), *fonts],
        [*bad, rf"\text{{{value + 2}}}", rf"\mathbf{{{value - 3}}}"],
    )


@rule
def noise_around_fractions(rng: Random) -> Draw:
    """Draw a fraction in LaTeX that changes nothing."""
    value = coprime(rng, 2, 60)
    bad = [rng.choice(_noisy(frac(other))) for other in wrong_fractions(value)]
    return Draw([frac(value)], _noisy(frac(value, rng.choice([r"\frac", r"\dfrac"]))), bad)


@rule
def noise_inside(rng: Random) -> Draw:
    """Draw an expression with spacing between its parts."""
    a, b, c = rng.randint(2, 20), rng.choice([2, 3, 5, 7]), rng.randint(2, 9)
    good = [
        rf"\frac{{\,{a}\sqrt{{{b}}}\,}}{{{c}}}",
        rf"\dfrac {{{a} \sqrt{{ {b} }} }} {{ {c} }}",
        rf"\frac{{{a}\!\sqrt{{{b}}}}}{{{c}}}",
        rf"{{\frac{{{a}{{\sqrt{{{b}}}}}}}{{{c}}}}}",
    ]
    bad = [
        rf"\frac{{\,{a + 1}\sqrt{{{b}}}\,}}{{{c}}}",
        rf"\dfrac {{{a} \sqrt{{ {b + 8} }} }} {{ {c} }}",
        rf"-\frac{{{a}\!\sqrt{{{b}}}}}{{{c}}}",
    ]
    return Draw(
        [rf"\frac{{{a}\sqrt{{{b}}}}}{{{c}}}"], good, [*bad, rf"\frac{{\,{a}\sqrt{{{b}}}\,}}{{{c + 1}}}"]
    )


@rule
def noise_in_polynomials(rng: Random) -> Draw:
    """Draw a polynomial with big brackets, braces and dots."""
    a, b, c = rng.randint(2, 9), rng.randint(1, 9), rng.randint(2, 9)
    good = [
        rf"{a}\left(x{signed(b)}\right)\left(x - {c}\right)",
        rf"{a}\bigl(x{signed(b)}\bigr)\bigl(x-{c}\bigr)",
        rf"{a}{{(x+{b})}}{{(x-{c})}}",
        rf"{a}\cdot(x+{b})\,(x-{c})",
    ]
    bad = [
        rf"{a}\left(x{signed(-b)}\right)\left(x - {c}\right)",
        rf"{a}\bigl(x{signed(b)}\bigr)\bigl(x+{c}\bigr)",
        rf"{a + 1}\left(x{signed(b)}\right)\left(x - {c}\right)",
    ]
    return Draw(
        [poly([a, a * (b - c), -a * b * c]), f"{a}(x{signed(b)})(x{signed(-c)})"],
        good,
        [*bad, rf"{a}\left(x + {b} - {c}\right)"],
    )


@rule
def unicode_signs(rng: Random) -> Draw:
    """Draw arithmetic in Unicode signs."""
    a, b, c = rng.randint(2, 30), rng.randint(2, 30), rng.choice([2, 3, 5, 7])
    return rng.choice([
        Draw([str(a * b)], [f"{a}\u00d7{b}", f"{a}\u00b7{b}", f"{a} \u22c5 {b}"],
             [f"{a}\u00d7{b + 1}", f"{a}\u00f7{b}", f"{a}\u2212{b}"]),
        Draw([rf"\frac{{{a}}}{{{a + b}}}"], [f"{a}\u00f7{a + b}", f"{a}\u2044{a + b}"],
             [f"{a + b}\u00f7{a}", f"{a}\u00d7{a + b}", f"{a}\u2212{a + b}"]),
        Draw([f"-{a}"], [f"\u2212{a}", f"{b}\u2212{a + b}"],
             [str(a), f"\u2212{a + 1}", f"{a}\u2212{2 * a + 1}"]),
        Draw([rf"{a}\sqrt{{{c}}}"], [f"{a}\u221a{c}", f"{a}\u221a({c})"],
             [f"{a + 1}\u221a{c}", f"{a}\u221a{c + 10}", f"\u2212{a}\u221a{c}"]),
        Draw([rf"{a}\pi"], [f"{a}\u03c0", f"{a} \u00d7 \u03c0"],
             [f"{a + 1}\u03c0", f"{a}\u03c0\u00b2", f"\u2212{a}\u03c0", f"\u03c0/{a}"]),
        Draw([rf"x \ge {a}"], [f"x \u2265 {a}", f"{a} \u2264 x"],
             [f"x \u2264 {a}", f"x > {a}", f"x \u2265 {a + 1}"]),
        Draw([rf"{a} \pm \sqrt{{{c}}}"], [f"{a} \u00b1 \u221a{c}", f"{a}\u00b1\u221a{c}"],
             [f"{a} + \u221a{c}", f"{b + 30} \u00b1 \u221a{c}"]),
    ])  # fmt: skip


@rule
def unicode_superscripts(rng: Random) -> Draw:
    """Draw powers in superscript digits."""
    base, k = rng.randint(2, 9), rng.choice([-12, -3, -2, 2, 3, 4, 5, 10, 12])
    high = str(k).translate(HIGH)
    if rng.random() < 0.5:
        bad = [
            f"{base}{str(k + 1).translate(HIGH)}",
            f"{base + 1}{high}",
            f"-{base}{high}",
            f"{base}{str(-k).translate(HIGH)}",
        ]
        return Draw([f"{base}^{{{k}}}"], [f"{base}{high}"], bad)
    bad = [
        f"{base}x{str(k + 1).translate(HIGH)}",
        f"{base + 1}x{high}",
        f"{base}x",
        f"{base}y{high}",
        f"{base}x{str(-k).translate(HIGH)}",
    ]
    return Draw([f"{base}x^{{{k}}}"], [f"{base}x{high}", f"{base} x{high}"], bad)


@rule
def unicode_fractions(rng: Random) -> Draw:
    """Draw the fractions that are single characters."""
    table = {
        "\u00bd": r"\frac{1}{2}",
        "\u00bc": r"\frac{1}{4}",
        "\u00be": r"\frac{3}{4}",
        "\u2153": r"\frac{1}{3}",
        "\u2154": r"\frac{2}{3}",
        "\u215b": r"\frac{1}{8}",
    }
    one, other = rng.sample(list(table), 2)
    whole = rng.randint(1, 20)
    if rng.random() < 0.5:
        return Draw([table[one]], [one], [other, f"-{one}", f"{whole}{one}", f"-{other}"])
    return Draw(
        [f"{whole}{table[one]}"],
        [f"{whole}{one}", f"{whole} {one}"],
        [f"{whole}{other}", f"{whole + 1}{one}", one, f"-{whole}{one}"],
    )


@rule
def full_width(rng: Random) -> Draw:
    """Draw numbers and fractions in full-width characters."""
    a, b = rng.randint(2, 99), rng.choice([7, 11, 13, 101])
    good, bad = [f"{a}/{b}", f"({a})/{b}"], [f"{a + 1}/{b}", f"-{a}/{b}", f"{a}.{b}", f"{a}+{b}"]
    return Draw(
        [rf"\frac{{{a}}}{{{b}}}"],
        [text.translate(WIDE) for text in good],
        [text.translate(WIDE) for text in bad],
    )
