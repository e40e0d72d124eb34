"""Functions and notation: trigonometric and other identities, absolute values, what a sign takes in."""

from random import Random

from rlvr_math.pairs.forms import apart, poly
from rlvr_math.pairs.rule import Draw, rule

__all__: list[str] = []


@rule
def trig_identities(rng: Random) -> Draw:
    """Draw expressions that a trigonometric identity makes equal."""
    x, k = rng.choice(["x", "t", r"\theta", r"\alpha"]), rng.randint(2, 9)
    sin, cos, tan = rf"\sin {x}", rf"\cos {x}", rf"\tan {x}"
    return rng.choice([
        Draw([rf"\sin 2{x}"], [rf"2\sin {x} \cos {x}", rf"\sin(2{x})", rf"\sin({x}+{x})"],
             [f"2{sin}", rf"\sin^2 {x}", rf"\cos 2{x}", rf"{sin}{cos}"]),
        Draw([rf"\cos 2{x}"], [rf"1 - 2\sin^2 {x}", rf"2\cos^2 {x} - 1", rf"\cos^2 {x} - \sin^2 {x}"],
             [f"2{cos}", rf"\cos^2 {x}", rf"1 + 2\sin^2 {x}"]),
        Draw([tan], [rf"\frac{{{sin}}}{{{cos}}}", rf"\frac{{1}}{{\cot {x}}}", rf"{sin} \sec {x}"],
             [rf"\frac{{{cos}}}{{{sin}}}", rf"\cot {x}", f"-{tan}"]),
        Draw([str(k)], [rf"{k}\sin^2 {x} + {k}\cos^2 {x}", rf"{k}\sec^2 {x} - {k}\tan^2 {x}"],
             [f"{k}{sin} + {k}{cos}", rf"{k}\sin^2 {x} - {k}\cos^2 {x}"]),
        Draw([rf"\cos {k}{x}"], [rf"\sin\left(\frac{{\pi}}{{2}} - {k}{x}\right)", rf"\cos(-{k}{x})"],
             [rf"-\cos {k}{x}", rf"\cos {k + 1}{x}", rf"{k}{cos}", rf"\sin {k}{x}"]),
        Draw([rf"\sin^2 {x}"], [rf"({sin})^2", rf"1 - \cos^2 {x}", rf"\frac{{1 - \cos 2{x}}}{{2}}"],
             [rf"\cos^2 {x}", f"2{sin}", rf"\sin(\sin {x})", rf"\sin^3 {x}"]),
        Draw([rf"\sec {x}"], [rf"\frac{{1}}{{{cos}}}", rf"({cos})^{{-1}}"],
             [rf"\cos^{{-1}} {x}", rf"\frac{{1}}{{{sin}}}", rf"\csc {x}"]),
    ])  # fmt: skip


@rule
def log_and_exp(rng: Random) -> Draw:
    """Draw exponentials and logarithms of letters."""
    k, x = rng.randint(2, 9), rng.choice("xyt")
    return rng.choice([
        Draw([f"e^{{{k}{x}}}"], [f"(e^{x})^{k}", rf"\exp({k}{x})", f"(e^{{{k}}})^{x}"],
             [f"e^{{{x}+{k}}}", f"{k}e^{x}", f"e^{{{x}^{k}}}", f"e^{{-{k}{x}}}"]),
        Draw([f"e^{{{x}+{k}}}"], [rf"e^{k} \cdot e^{x}", f"e^{x} e^{k}"],
             [f"e^{x} + e^{k}", f"e^{{{k}{x}}}", f"e^{x} + {k}"]),
        Draw([f"{k}e^{x} + {x}"], [f"{x} + {k}e^{x}", rf"{x}+{k}\exp({x})"],
             [f"{k}e^{x} - {x}", f"{k}e^{{2{x}}} + {x}", f"{k + 1}e^{x} + {x}"]),
        Draw([rf"\frac{{\ln {x}}}{{{k}}}"], [rf"\frac{{1}}{{{k}}}\ln {x}", rf"(\ln {x})/{k}"],
             [rf"{k}\ln {x}", rf"\ln\frac{{{x}}}{{{k}}}", rf"\frac{{\log {x}}}{{{k}}}"]),
        Draw([rf"{x}\ln {k}"], [rf"\ln({k}^{x})", rf"(\ln {k}){x}"],
             [rf"{k}\ln {x}", rf"\ln({k}{x})", rf"{x}\log {k}"]),
    ])  # fmt: skip


@rule
def absolute_values(rng: Random) -> Draw:
    """Draw absolute values, of numbers and of letters: a root of a square is one."""
    a, x = rng.randint(2, 30), rng.choice("xy")
    return rng.choice([
        Draw([str(a)], [f"|-{a}|", rf"\left|{-a}\right|", rf"\lvert -{a} \rvert",
             f"|{a + 3} - {2 * a + 3}|"], [f"-|{a}|", f"-|-{a}|", f"|{a + 1}|"]),
        Draw([f"|{x}|"], [rf"\sqrt{{{x}^2}}", f"|-{x}|", rf"\left|{x}\right|", rf"\lvert {x} \rvert"],
             [x, f"-{x}", f"-|{x}|", f"{x}^2"]),
        Draw([x], [f"({x})", rf"\sqrt[3]{{{x}^3}}", f"-(-{x})"],
             [rf"\sqrt{{{x}^2}}", f"|{x}|", rf"\sqrt{{{x}}}"]),
        Draw([f"|{x} - {a}|"], [f"|{a} - {x}|", rf"\sqrt{{({x} - {a})^2}}"],
             [f"{x} - {a}", f"|{x} + {a}|", f"|{x}| - {a}"]),
    ])  # fmt: skip


@rule
def rounding_brackets(rng: Random) -> Draw:
    """Draw floors and ceilings of numbers."""
    a, b = rng.randint(2, 40), rng.randint(1, 9)
    floor = Draw(
        [str(a)],
        [rf"\lfloor {a}.{b} \rfloor", rf"\left\lfloor \frac{{{2 * a + 1}}}{{2}} \right\rfloor"],
        [rf"\lceil {a}.{b} \rceil", rf"\lfloor -{a}.{b} \rfloor", f"{a}.{b}"],
    )
    ceiling = Draw(
        [str(a + 1)],
        [rf"\lceil {a}.{b} \rceil", rf"\lfloor {a + 1}.{b} \rfloor"],
        [rf"\lfloor {a}.{b} \rfloor", rf"\lceil {a + 1}.{b} \rceil", f"{a}.{b}"],
    )
    return rng.choice([floor, ceiling])


@rule
def what_a_sign_takes(rng: Random) -> Draw:
    """Draw expressions whose signs reach as far as the policy says."""
    a, b, x = rng.randint(2, 9), rng.randint(10, 30), rng.choice("xyn")
    return rng.choice([
        Draw([rf"\frac{{1}}{{{a}}}{x}"], [f"1/{a}{x}", rf"\frac1{a}{x}", rf"\frac{{{x}}}{{{a}}}"],
             [rf"\frac{{1}}{{{a}{x}}}", f"1/({a}{x})", f"{a}{x}"]),
        Draw([f"{x}^{{{b}}}"],
             [f"{x}^{b}", f"({x}^{{{b // 2}}})^2" if b % 2 == 0 else rf"{x} \cdot {x}^{{{b - 1}}}"],
             [f"{x}^{{{b // 10}}}{b % 10}", f"{x}^{{{b + 1}}}", f"{b}{x}"]),
        Draw([rf"\sqrt{{{b}}}"], [rf"\sqrt{b}", f"\u221a{b}", rf"\sqrt {b}"],
             [rf"\sqrt{{{b // 10}}} \cdot {b % 10 + 2}", rf"\sqrt{{{b}0}}"]),
        Draw([rf"\sin({a}{x})"], [rf"\sin {a}{x}", rf"\sin{{{a}{x}}}"],
             [rf"{x}\sin {a}", rf"\sin({a}) \cdot {x}", rf"{a}\sin {x}"]),
        Draw([rf"\arcsin {x}"], [rf"\sin^{{-1}} {x}", rf"\sin^{{-1}}({x})"],
             [rf"\frac{{1}}{{\sin {x}}}", rf"(\sin {x})^{{-1}}", rf"\csc {x}"]),
        Draw([f"-{a**2}"], [f"-{a}^2", f"-({a})^2", rf"-{a} \cdot {a}"],
             [f"(-{a})^2", f"{a}^2", f"-{2 * a + a * a}"]),
        Draw([str(2 ** (a % 3 + 2) ** 2)], [f"2^{{{a % 3 + 2}^2}}", f"2^{{({a % 3 + 2})^{{2}}}}"],
             [f"(2^{a % 3 + 2})^2"] if a % 3 else ["(2^2)^3"]),
        Draw([f"{a}({x} + {b})"], [f"{a}{x} + {a * b}", rf"{a} \cdot ({x} + {b})", f"({x}+{b})({a})"],
             [f"{a}{x} + {b}", f"({a}{x}) + {b}", f"{x} + {a * b}"]),
    ])  # fmt: skip


@rule
def named_functions(rng: Random) -> Draw:
    """Draw a function by its name, its body, or with another letter."""
    factors = [rng.randint(1, 9), rng.randint(1, 9), rng.choice([-5, -3, -2, 1, 4, 7])]
    body, name = poly(factors), rng.choice("fgh")
    good = [
        f"{name}(x) = {body}",
        f"{name}(t) = {poly(factors, 't')}",
        body,
        f"{name}(x)={apart([str(factors[2]), poly([*factors[:2], 0])])}",
    ]
    wrong = poly([factors[0], factors[1], factors[2] + 1])
    bad = [
        f"{name}(x) = {wrong}",
        wrong,
        f"{name}(x) = {poly([factors[0], -factors[1], factors[2]])}",
        f"{name}(t) = {poly([factors[0] + 1, *factors[1:]], 't')}",
    ]
    return Draw(good[:1], good, [*bad, f"{name}(x) = x", f"{name}(x) = -({body})"])


@rule
def parameters(rng: Random) -> Draw:
    """Draw the whole number that every solution has: its letter does not matter."""
    part, factor, other = rng.randint(3, 12), *rng.sample(["", "2", "3", "4"], 2)
    head = rf"\frac{{\pi}}{{{part}}}"
    good = [
        rf"{head} + {factor}k\pi",
        rf"{head} + {factor}n\pi",
        rf"{factor}k\pi + {head}",
        rf"{factor}n\pi+{head}",
    ]
    bad = [
        rf"{head} + {other}k\pi",
        head,
        rf"-{head} + {factor}k\pi",
        rf"\frac{{\pi}}{{{part + 1}}} + {factor}n\pi",
    ]
    return Draw(good[:2], good, [*bad, rf"{factor}k\pi", rf"{head} + {other}n\pi"])


@rule
def constants_of_integration(rng: Random) -> Draw:
    """Draw an antiderivative: its constant has no case, and belongs to it."""
    a, n = rng.randint(2, 9), rng.randint(2, 6)
    body = rng.choice(
        [rf"\frac{{x^{n}}}{{{a}}}", f"{a}x^{n}", rf"{a}\sin x", rf"{a}\ln x", f"{a}e^x", f"x^{n} + {a}x"]
    )
    good = [f"{body} + C", f"{body} + c", f"C + {body}", f"{body}+C"]
    return Draw(good[:1], good, [body, f"{a + 1}{body} + C", f"-{body} + C", f"x + {body} + C"])


@rule
def unevaluated(rng: Random) -> Draw:
    """Draw sums, integrals and limits that were left standing: they are not worked out for the policy."""
    n, a = rng.randint(5, 100), rng.randint(2, 9)
    return rng.choice([
        Draw([str(n * (n + 1) // 2)], [], [rf"\sum_{{k=1}}^{{{n}}} k", rf"\sum_{{i=0}}^{{{n}}} i"]),
        Draw([str(2 * a * a)], [], [rf"\int_0^{{{2 * a}}} x \, dx"]),
        Draw([str(a)], [], [rf"\lim_{{x \to 0}} \frac{{\sin {a}x}}{{x}}",
             rf"\lim_{{n \to \infty}} \frac{{{a}n}}{{n+1}}"]),
    ])  # fmt: skip
