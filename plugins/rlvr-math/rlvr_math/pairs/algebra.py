"""Polynomials, rational expressions and roots in letters, in several renderings of one."""

from random import Random

from rlvr_math.pairs.forms import apart, poly, signed, term
from rlvr_math.pairs.rule import Draw, rule

__all__: list[str] = []


def _coefficient(rng: Random) -> int:
    return rng.choice([-9, -7, -5, -4, -3, -2, 2, 3, 4, 5, 6, 7, 8])


def _terms(factors: list[int], name: str) -> list[str]:
    """Return the terms of a polynomial, none of them zero, the highest power first."""
    return [
        poly([factor] + [0] * power, name)
        for power, factor in zip(range(len(factors) - 1, -1, -1), factors, strict=True)
    ]


@rule
def poly_order(rng: Random) -> Draw:
    """Draw a polynomial with its terms in any order."""
    factors, name = [_coefficient(rng) for _ in range(rng.randint(2, 5))], rng.choice("xyntab")
    terms = _terms(factors, name)
    good = [
        poly(factors, name),
        apart(terms[::-1]),
        apart(rng.sample(terms, len(terms))),
        f"({poly(factors, name)})",
    ]
    at = rng.randrange(len(factors))
    turned = [factor * (-1 if index == at else 1) for index, factor in enumerate(factors)]
    changed = [factor + (1 if index == at else 0) for index, factor in enumerate(factors)]
    bad = [
        poly(turned, name),
        poly(changed, name),
        poly([*factors, 0], name),
        poly([-one for one in factors], name),
    ]
    bad += [poly(factors[::-1], name)] if factors != factors[::-1] else []
    return Draw(good[:1], good, [*bad, poly(factors, "z")])


@rule
def poly_factored(rng: Random) -> Draw:
    """Draw a quadratic with its factors."""
    a, b, k = _coefficient(rng), _coefficient(rng), rng.randint(1, 5)
    while a == -b:
        b = _coefficient(rng)
    head = "" if k == 1 else str(k)
    factors = [k, k * (a + b), k * a * b]
    good = [f"{head}(x{signed(a)})(x{signed(b)})", f"{head}(x{signed(b)})(x{signed(a)})", poly(factors)]
    good += [
        rf"{head}\left(x{signed(a)}\right)\cdot\left(x{signed(b)}\right)",
        f"({a} + x)(x{signed(b)})" if k == 1 else good[0],
    ]
    bad = [
        f"{head}(x{signed(-a)})(x{signed(-b)})",
        f"{head}(x{signed(a)})(x{signed(b + 1)})",
        poly([k, k * a * b, k * (a + b)]),
    ]
    bad += [
        poly([k, -k * (a + b), k * a * b]),
        f"{k + 1}(x{signed(a)})(x{signed(b)})",
        f"{head}(x{signed(a)}) + (x{signed(b)})",
    ]
    return Draw([poly(factors), good[0]], good, bad if a * b != a + b else [*bad[:2], *bad[3:]])


@rule
def poly_square(rng: Random) -> Draw:
    """Draw a square or a cube of a binomial, expanded."""
    a, b, name = rng.randint(1, 4), _coefficient(rng), rng.choice("xyn")
    body = f"{term(a, name)}{signed(b)}"
    if rng.random() < 0.5:
        good = [
            f"({body})^2",
            poly([a * a, 2 * a * b, b * b], name),
            f"({body})({body})",
            f"({apart([str(b), term(a, name)])})^2",
        ]
        bad = [
            poly([a * a, 0, b * b], name),
            poly([a * a, a * b, b * b], name),
            f"({term(a, name)}{signed(-b)})^2",
            f"({body})^3",
        ]
        return Draw(good[:2], good, bad)
    good = [f"({body})^3", poly([a**3, 3 * a * a * b, 3 * a * b * b, b**3], name), f"({body})({body})^2"]
    bad = [
        poly([a**3, 0, 0, b**3], name),
        poly([a**3, 3 * a * b, 3 * a * b * b, b**3 + 1], name),
        f"-({body})^3",
        f"({body})^2",
    ]
    return Draw(good[:2], good, bad)


@rule
def poly_vertex(rng: Random) -> Draw:
    """Draw a quadratic with its square completed."""
    a, h, k = rng.randint(1, 5), _coefficient(rng), _coefficient(rng)
    head = "" if a == 1 else str(a)
    good = [
        f"{head}(x{signed(-h)})^2{signed(k)}",
        poly([a, -2 * a * h, a * h * h + k]),
        f"{apart([str(k), f'{head}(x{signed(-h)})^2'])}",
    ]
    bad = [
        f"{head}(x{signed(h)})^2{signed(k)}",
        f"{head}(x{signed(-h)})^2{signed(-k)}",
        poly([a, 2 * a * h, a * h * h + k]),
    ]
    bad += [
        poly([a, -2 * a * h, a * h * h - k]),
        f"{a + 1}(x{signed(-h)})^2{signed(k)}",
        f"{head}(x{signed(-h)}){signed(k)}",
    ]
    return Draw(good[:2], good, bad)


@rule
def poly_letters(rng: Random) -> Draw:
    """Draw a polynomial in two letters; a letter is renamed by nobody."""
    a, b = rng.randint(2, 9), rng.randint(2, 9)
    p, q = rng.sample("abcmnpqrtuvxyz", 2)
    good = [
        f"{a}{p} + {b}{q}",
        f"{b}{q} + {a}{p}",
        rf"{a} \cdot {p} + {b} \cdot {q}",
        f"{a}*{p}+{b}*{q}",
        f"{a + 1}{p} + {b}{q} - {p}",
    ]
    bad = [
        f"{a}{p} - {b}{q}",
        f"{a}{p}",
        f"{a}{p}^2 + {b}{q}",
        f"{a * b}{p}{q}",
        f"{a + 1}{p} + {b}{q}",
        f"{a}{p} + {b}w",
    ]
    return Draw(good[:1], good, [*bad, f"{a}{q} + {b}{p}"] if a != b else bad)


@rule
def poly_identities(rng: Random) -> Draw:
    """Draw sums and differences of powers of two letters."""
    p, q = rng.sample("abxy", 2)
    return rng.choice([
        Draw([f"{p}^2 - {q}^2"], [f"({p}-{q})({p}+{q})", f"-({q}^2 - {p}^2)"],
             [f"({p}-{q})^2", f"{q}^2 - {p}^2", f"{p}^2 + {q}^2"]),
        Draw([f"{p}^3 + {q}^3"], [f"({p}+{q})({p}^2 - {p}{q} + {q}^2)"],
             [f"({p}+{q})^3", f"({p}+{q})({p}^2 + {p}{q} + {q}^2)"]),
        Draw([f"({p} + {q})^2"], [f"{p}^2 + 2{p}{q} + {q}^2", f"({q} + {p})^2"],
             [f"{p}^2 + {q}^2", f"{p}^2 + {p}{q} + {q}^2"]),
        Draw([f"3{p}{q}"], [f"3{q}{p}", rf"3{p} \cdot {q}", rf"{q} \times 3{p}"],
             [f"3({p} + {q})", f"3{p}^{q}", f"3{p}{q}^2", rf"\frac{{3{p}}}{{{q}}}"]),
        Draw([f"{p}^2 {q}"], [rf"{p} \cdot {q}{p}", f"{q}{p}^2"], [f"{p}{q}^2", f"({p}{q})^2", f"2{p}{q}"]),
    ])  # fmt: skip


@rule
def rational_cancelled(rng: Random) -> Draw:
    """Draw a fraction of polynomials with a factor that cancels."""
    a, b, c = rng.sample([-6, -5, -4, -3, -2, 2, 3, 4, 5, 6, 7], 3)
    top, bottom = poly([1, a + c, a * c]), poly([1, b + c, b * c])
    good = [
        rf"\frac{{{top}}}{{{bottom}}}",
        rf"\frac{{x{signed(a)}}}{{x{signed(b)}}}",
        f"(x{signed(a)})/(x{signed(b)})",
    ]
    good += [rf"1 + \frac{{{a - b}}}{{x{signed(b)}}}", rf"\frac{{-x{signed(-a)}}}{{-x{signed(-b)}}}"]
    bad = [
        rf"\frac{{x{signed(b)}}}{{x{signed(a)}}}",
        rf"\frac{{x{signed(a)}}}{{x{signed(-b)}}}",
        f"(x{signed(a)})(x{signed(b)})",
    ]
    bad += [rf"-\frac{{x{signed(a)}}}{{x{signed(b)}}}", rf"\frac{{x{signed(a + 1)}}}{{x{signed(b)}}}"]
    return Draw(good[1:2], good, bad)


@rule
def rational_sum(rng: Random) -> Draw:
    """Draw a sum of two simple fractions, apart and over one denominator."""
    a, b = rng.sample([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6], 2)
    p, q = rng.randint(1, 6), rng.randint(1, 6)
    good = [
        rf"\frac{{{p}}}{{x{signed(a)}}} + \frac{{{q}}}{{x{signed(b)}}}",
        f"{p}/(x{signed(a)}) + {q}/(x{signed(b)})",
    ]
    top = poly([p + q, p * b + q * a])
    good += [
        rf"\frac{{{top}}}{{(x{signed(a)})(x{signed(b)})}}",
        rf"\frac{{{top}}}{{{poly([1, a + b, a * b])}}}",
    ]
    bad = [
        rf"\frac{{{p}}}{{x{signed(a)}}} - \frac{{{q}}}{{x{signed(b)}}}",
        rf"\frac{{{p + q}}}{{2x{signed(a + b)}}}",
    ]
    bad += [
        rf"\frac{{{p + 1}}}{{x{signed(a)}}} + \frac{{{q}}}{{x{signed(b)}}}",
        rf"\frac{{{top}}}{{x{signed(a)}}}",
    ]
    return Draw(good[:1] + good[3:], good, [*bad, f"{p}/x{signed(a)} + {q}/x{signed(b)}"])


@rule
def letter_powers(rng: Random) -> Draw:
    """Draw powers of a letter, also negative and broken ones."""
    a, b = rng.randint(2, 5), rng.randint(2, 5)
    k, name = rng.randint(2, 9), rng.choice("xyz")
    return rng.choice([
        Draw([f"{name}^{{{a + b}}}"], [f"{name}^{a} {name}^{b}", rf"{name}^{a} \cdot {name}^{b}"],
             [f"{name}^{{{a + b + 1}}}", f"{name}^{a} + {name}^{b}", f"{a + b}{name}",
             f"{name}^{{-{a + b}}}"]),
        Draw([f"{name}^{{{a * b}}}"], [f"({name}^{a})^{b}", f"({name}^{b})^{{{a}}}"],
             [f"{name}^{{{a * b + 1}}}", f"({name}^{a})^{{{b + 1}}}", f"{a * b}{name}"]),
        Draw([rf"\frac{{{k}}}{{{name}^{a}}}"], [f"{k}{name}^{{-{a}}}", f"{k}/{name}^{a}"],
             [f"{k}{name}^{a}", f"({k}{name})^{{-{a}}}", rf"\frac{{1}}{{{k}{name}^{a}}}",
             rf"\frac{{{k}}}{{{name}^{{{a + 1}}}}}"]),
        Draw([rf"\sqrt{{{name}}}"],
             [f"{name}^{{1/2}}", rf"{name}^{{\frac{{1}}{{2}}}}", rf"\frac{{{name}}}{{\sqrt{{{name}}}}}"],
             [rf"\frac{{{name}}}{{2}}", rf"-\sqrt{{{name}}}", rf"\sqrt{{{name} + 1}}",
             rf"\sqrt[3]{{{name}}}"]),
        Draw([rf"\frac{{{k}}}{{\sqrt{{{name}}}}}"],
             [rf"\frac{{{k}\sqrt{{{name}}}}}{{{name}}}", f"{k}{name}^{{-1/2}}"],
             [rf"{k}\sqrt{{{name}}}", rf"\frac{{\sqrt{{{name}}}}}{{{k}}}", rf"\frac{{{k}}}{{{name}}}"]),
        Draw([f"({k}{name})^{a}"], [f"{k**a}{name}^{a}", rf"{k}^{a} \cdot {name}^{a}"],
             [f"{k}{name}^{a}", f"{k**a + 1}{name}^{a}", f"{k**a}{name}", f"({k}{name})^{{{a + 1}}}"]),
    ])  # fmt: skip


@rule
def letter_exponents(rng: Random) -> Draw:
    """Draw powers with a letter in the exponent, as closed forms have them."""
    a, k = rng.choice([2, 3, 5, 7]), rng.randint(1, 4)
    n = rng.choice("nkm")
    return rng.choice([
        Draw([f"{a}^{{{n}+{k}}}"], [rf"{a**k} \cdot {a}^{n}", rf"{a}^{n} \times {a}^{k}"],
             [f"{a}^{{{n}-{k}}}", f"{a}^{n} + {a}^{k}", f"{a}^{n} + {k}",
             f"{a}^{{{k}{n}+1}}"][: 4 if k > 1 else 3]),
        Draw([f"{a * a}^{n}"], [f"{a}^{{2{n}}}", f"({a}^{n})^2"],
             [f"{a}^{{{n}+2}}", f"{a}^{{{n}^2}}", rf"2 \cdot {a}^{n}", f"{a * a}^{{2{n}}}"]),
        Draw([rf"\frac{{{a}^{{{n}+1}} - 1}}{{{a + 1}}}"],
             [rf"\frac{{{a} \cdot {a}^{n} - 1}}{{{a + 1}}}", rf"({a}^{{{n}+1}} - 1)/{a + 1}"],
             [rf"\frac{{{a}^{n} - 1}}{{{a + 1}}}", rf"{a}^{{{n}+1}} - \frac{{1}}{{{a + 1}}}",
             rf"\frac{{{a}^{{{n}+1}} + 1}}{{{a + 1}}}"]),
        Draw([f"{a}^{{-{n}}}"], [rf"\frac{{1}}{{{a}^{n}}}", rf"\left(\frac{{1}}{{{a}}}\right)^{n}"],
             [f"-{a}^{n}", f"{a}^{n}", rf"\frac{{1}}{{{a}{n}}}"]),
        Draw([rf"\frac{{{n}({n}+1)}}{{2}}"],
             [rf"\frac{{{n}^2 + {n}}}{{2}}", rf"\frac12 {n}^2 + \frac12 {n}", f"{n}({n}+1)/2"],
             [rf"\frac{{{n}({n}-1)}}{{2}}", rf"\frac{{{n}^2 + 1}}{{2}}", f"{n}({n}+1)",
             rf"\frac{{({n}+1)({n}+2)}}{{2}}"]),
    ])  # fmt: skip
