"""Assignments, chains, equations and inequalities."""

from fractions import Fraction
from random import Random

from rlvr_math.pairs.forms import apart, decimal, frac, poly, signed, term
from rlvr_math.pairs.rule import Draw, rule

__all__: list[str] = []


@rule
def assignment(rng: Random) -> Draw:
    """Draw a value with the name of what has it."""
    value, name = rng.randint(-50, 99), rng.choice("xynabmtz")
    good = [f"{name} = {value}", f"{name}={value}", str(value)]
    bad = [
        f"{name} = {value + 1}",
        f"{name} = {value * 10 + 1}",
        str(value - 1),
        rf"{name} > {value}",
        rf"{name} \ne {value}",
    ]
    return Draw([str(value), f"{name} = {value}"], good, [*bad, f"{name} = {-value}" if value else "1"])


@rule
def assignment_chain(rng: Random) -> Draw:
    """Draw a chain of equal values; one false link makes it false."""
    a, b, c = rng.randint(2, 30), rng.randint(2, 30), rng.randint(2, 9)
    value, name = a * b + c, rng.choice("xyn")
    good = [
        f"{name} = {a * b} + {c} = {value}",
        rf"{a} \cdot {b} + {c} = {value}",
        rf"{name} = {a} \cdot {b} + {c} = {a * b} + {c} = {value}",
    ]
    bad = [
        f"{name} = {a * b} + {c} = {value + 1}",
        f"{a * b} + {c + 1} = {value}",
        f"{name} = {value - 1} = {value}",
        f"{name} = {value} = {value + 1}",
    ]
    return Draw([str(value)], [*good, f"{name} = {value} = {value}.0"], [*bad, f"{a} = {value}"])


@rule
def assignment_of_fractions(rng: Random) -> Draw:
    """Draw a fraction, reduced link by link."""
    k, b, a = rng.randint(2, 9), rng.choice([4, 5, 8, 20, 25]), rng.randint(1, 60)
    value = Fraction(a, b)
    good = [
        rf"x = \frac{{{k * a}}}{{{k * b}}} = \frac{{{a}}}{{{b}}} = {decimal(value)}",
        rf"\frac{{{k * a}}}{{{k * b}}} = \frac{{{a}}}{{{b}}}",
    ]
    bad = [
        rf"\frac{{{k * a}}}{{{k * b}}} = \frac{{{a + 1}}}{{{b}}}",
        rf"x = \frac{{{a}}}{{{b}}} = {decimal(value + 1)}",
    ]
    bad += [rf"x = \frac{{{k * a + 1}}}{{{k * b}}} = \frac{{{a}}}{{{b}}}", rf"x = \frac{{{a + 1}}}{{{b}}}"]
    return Draw([frac(value)], good, bad)


@rule
def false_equation(rng: Random) -> Draw:
    """Draw an equation of two numbers, one of them the reference: it is false and equals nothing."""
    value, other = rng.sample(range(2, 400), 2)
    bad = [f"{other} = {value}", f"{value} = {other}", f"x = {other} = {value}", f"x = {value} = {other}"]
    bad += [
        f"{other} = {other + 1} = {value}",
        rf"\frac{{{other}}}{{1}} = {value}",
        f"{other}={value}={value}",
    ]
    return Draw(
        [str(value)], [f"{value} = {value}", f"x = {value} = {value}", f"{value - 1} + 1 = {value}"], bad
    )


@rule
def approximation(rng: Random) -> Draw:
    r"""Draw a value with the remark `\approx`."""
    a, b = rng.randint(2, 12), rng.choice([2, 3, 5, 6, 7, 10, 11])
    shown = f"{a * b**0.5:.2f}"
    good = [
        rf"{a}\sqrt{{{b}}} \approx {shown}",
        rf"x = {a}\sqrt{{{b}}} \approx {shown}",
        rf"x = {a}\sqrt{{{b}}}",
        rf"\sqrt{{{a * a * b}}} \approx {shown}",
    ]
    bad = [
        shown,
        rf"{a + 1}\sqrt{{{b}}} \approx {shown}",
        f"x = {shown}",
        rf"{shown} \approx {a}\sqrt{{{b}}}",
        f"{a * b**0.5:.4f}",
    ]
    return Draw([rf"{a}\sqrt{{{b}}}"], good, bad)


@rule
def line_forms(rng: Random) -> Draw:
    """Draw a line: its equation in any form, and the expression that gives y."""
    m, c = rng.choice([-6, -5, -4, -3, -2, 2, 3, 4, 5, 7]), rng.choice([-9, -7, -4, -2, 1, 3, 5, 8])
    body = poly([m, c])
    good = [
        f"y = {body}",
        f"{term(m, 'x')} - y{signed(c)} = 0",
        f"y - {term(m, 'x')} = {c}" if m > 0 else f"y + {term(-m, 'x')} = {c}",
    ]
    good += [
        f"2y = {poly([2 * m, 2 * c])}",
        f"{body} = y",
        body,
        f"0 = y{signed(-c)}{apart(['', term(-m, 'x')])}",
    ]
    bad = [
        f"y = {poly([m, -c])}",
        f"y = {poly([-m, c])}",
        f"x = {poly([m, c], 'y')}",
        f"y = {poly([m + 10, c])}",
        poly([m, c + 1]),
    ]
    return Draw(
        good[:1], good, [*bad, f"2y = {body}", f"{term(m, 'x')} + y{signed(c)} = 0", f"y = {term(m, 'x')}"]
    )


@rule
def equation_factor(rng: Random) -> Draw:
    """Draw an equation of two letters, multiplied, turned, rearranged."""
    a, b, c = rng.randint(2, 9), rng.choice([-7, -5, -3, 2, 4, 7]), rng.randint(1, 20)
    k = rng.randint(2, 5)
    good = [
        _linear(a, b, c),
        _linear(k * a, k * b, k * c),
        f"{c} = {_linear(a, b, c).split(' = ')[0]}",
        _linear(-a, -b, -c),
    ]
    good += [f"{_linear(a, b, c).split(' = ')[0]} - {c} = 0"]
    bad = [
        _linear(a, -b, c),
        _linear(a, b, -c),
        _linear(k * a, b, c),
        _linear(a, b, c + 1),
        _linear(k * a, k * b, c),
    ]
    return Draw(good[:1], good, bad)


def _linear(a: int, b: int, c: int) -> str:
    return f"{apart([term(a, 'x'), term(b, 'y')])} = {c}"


@rule
def circles(rng: Random) -> Draw:
    """Draw a circle with its square completed and multiplied out."""
    a, b, r = rng.choice([-5, -3, -2, 1, 4, 6]), rng.choice([-6, -4, -1, 2, 3, 5]), rng.randint(2, 9)
    good = [
        f"(x{signed(-a)})^2 + (y{signed(-b)})^2 = {r * r}",
        f"(y{signed(-b)})^2 + (x{signed(-a)})^2 = {r}^2",
    ]
    good += [f"x^2 + y^2{signed(-2 * a)}x{signed(-2 * b)}y{signed(a * a + b * b - r * r)} = 0"]
    bad = [f"(x{signed(a)})^2 + (y{signed(-b)})^2 = {r * r}", f"(x{signed(-a)})^2 + (y{signed(-b)})^2 = {r}"]
    bad += [
        f"(x{signed(-a)})^2 - (y{signed(-b)})^2 = {r * r}",
        f"(x{signed(-a)})^2 + (y{signed(b)})^2 = {r * r}",
    ]
    return Draw(good[:1] + good[2:], good, [*bad, f"(x{signed(-a)})^2 + (y{signed(-b)})^2 = {r * r + 1}"])


@rule
def equations_in_letters(rng: Random) -> Draw:
    """Draw a formula of a name and an expression, turned around and with its terms moved."""
    a, n = rng.randint(2, 9), rng.choice([2, 3])
    good = [
        f"y = {a}x^{n} - x",
        f"{a}x^{n} - x = y",
        f"y + x = {a}x^{n}",
        f"{a}x^{n} - x",
        f"y = x({a}x^{{{n - 1}}} - 1)",
    ]
    bad = [
        f"y = {a}x^{n} + x",
        f"y = x - {a}x^{n}",
        f"y^2 = {a}x^{n} - x",
        f"y = {a + 1}x^{n} - x",
        f"y < {a}x^{n} - x",
    ]
    return Draw(good[:1], good, bad)


@rule
def inequality_turned(rng: Random) -> Draw:
    """Draw an inequality from either side, and with a factor."""
    sign = rng.choice([">", "<", r"\ge", r"\le"])
    back = {">": "<", "<": ">", r"\ge": r"\le", r"\le": r"\ge"}[sign]
    open_or_closed = {">": r"\ge", "<": r"\le", r"\ge": ">", r"\le": "<"}[sign]
    a, k = rng.choice([-8, -5, -2, 1, 3, 4, 7, 12]), rng.randint(2, 5)
    good = [
        f"x {sign} {a}",
        f"{a} {back} x",
        f"{k}x {sign} {k * a}",
        f"-x {back} {-a}",
        f"-{k}x {back} {-k * a}",
    ]
    good += [f"x{signed(-a)} {sign} 0", f"x {_unicode(sign)} {a}"]
    bad = [
        f"x {back} {a}",
        f"x {open_or_closed} {a}",
        f"x {sign} {a + 1}",
        f"x {sign} {-a}",
        f"-x {sign} {-a}",
        f"x = {a}",
    ]
    return Draw([f"x {sign} {a}"], good, [*bad, f"{a} {sign} x", f"{a}"])


def _unicode(sign: str) -> str:
    return {r"\ge": "\u2265", r"\le": "\u2264"}.get(sign, sign)


@rule
def inequality_interval(rng: Random) -> Draw:
    """Draw an inequality and its interval, with open and closed ends."""
    a = rng.choice([-8, -5, -2, -1, 1, 3, 4, 7, 12])
    sign, start, end = rng.choice([(">", "(", ""), (r"\ge", "[", ""), ("<", "", ")"), (r"\le", "", "]")])
    interval = rf"{start}{a}, \infty)" if start else rf"(-\infty, {a}{end}"
    wrong = {"(": "[", "[": "(", ")": "]", "]": ")"}
    good = [
        interval,
        rf"\{{x \mid x {sign} {a}\}}",
        f"x {sign} {a}",
        rf"\left{interval[:-1]}\right{interval[-1]}",
    ]
    bad = [
        rf"{wrong[start]}{a}, \infty)" if start else rf"(-\infty, {a}{wrong[end]}",
        rf"(-\infty, {a})" if start else rf"({a}, \infty)",
    ]
    bad += [rf"\{{x \mid x {sign} {a + 1}\}}", interval.replace(str(a), str(a + 2)), rf"\{{x \mid x = {a}\}}"]
    return Draw([f"x {sign} {a}", interval], good, bad)


@rule
def inequality_chain(rng: Random) -> Draw:
    """Draw two bounds as a chain, as an interval, or apart."""
    a, b = sorted(rng.sample(range(-12, 15), 2))
    left, right = rng.choice(["<", r"\le"]), rng.choice(["<", r"\le"])
    opening, closing = "(" if left == "<" else "[", ")" if right == "<" else "]"
    flip = {"<": r"\le", r"\le": "<"}
    turned = {"<": ">", r"\le": r"\ge"}
    good = [
        f"{a} {left} x {right} {b}",
        f"{opening}{a}, {b}{closing}",
        f"{b} {turned[right]} x {turned[left]} {a}",
    ]
    good += [rf"\{{x \mid {a} {left} x {right} {b}\}}", f"{2 * a} {left} 2x {right} {2 * b}"]
    bad = [
        f"{a} {flip[left]} x {right} {b}",
        f"{a} {left} x {flip[right]} {b}",
        f"{a} {left} x {right} {b + 1}",
        f"x {right} {b}",
    ]
    bad += [
        f"{a - 1} {left} x {right} {b}",
        f"{opening}{a}, {b + 2}{closing}",
        f"{a} {left} x",
        f"x < {a} or x > {b}",
    ]
    return Draw(good[:2], good, bad)
