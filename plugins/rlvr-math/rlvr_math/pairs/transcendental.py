"""Values of logarithms and of trigonometric functions and their inverses."""

from random import Random

from rlvr_math.pairs.rule import Draw, rule

__all__: list[str] = []

ANGLES = (
    (r"\sin", r"\frac{\pi}{6}", 30, r"\frac{1}{2}"),
    (r"\sin", r"\frac{\pi}{4}", 45, r"\frac{\sqrt{2}}{2}"),
    (r"\sin", r"\frac{\pi}{3}", 60, r"\frac{\sqrt{3}}{2}"),
    (r"\cos", r"\frac{\pi}{6}", 30, r"\frac{\sqrt{3}}{2}"),
    (r"\cos", r"\frac{2\pi}{3}", 120, r"-\frac{1}{2}"),
    (r"\cos", r"\frac{3\pi}{4}", 135, r"-\frac{\sqrt{2}}{2}"),
    (r"\tan", r"\frac{\pi}{3}", 60, r"\sqrt{3}"),
    (r"\tan", r"\frac{5\pi}{6}", 150, r"-\frac{1}{\sqrt{3}}"),
    (r"\sin", r"\frac{\pi}{12}", 15, r"\frac{\sqrt{6}-\sqrt{2}}{4}"),
    (r"\cos", r"\frac{\pi}{5}", 36, r"\frac{1+\sqrt{5}}{4}"),
    (r"\tan", r"\frac{\pi}{8}", None, r"\sqrt{2}-1"),
)
ARCS = (
    (r"\arctan", r"\tan^{-1}", "1", r"\frac{\pi}{4}"),
    (r"\arcsin", r"\sin^{-1}", r"\frac{1}{2}", r"\frac{\pi}{6}"),
    (r"\arccos", r"\cos^{-1}", r"\frac{1}{2}", r"\frac{\pi}{3}"),
    (r"\arccos", r"\cos^{-1}", "0", r"\frac{\pi}{2}"),
    (r"\arctan", r"\tan^{-1}", r"\sqrt{3}", r"\frac{\pi}{3}"),
    (r"\arcsin", r"\sin^{-1}", r"-\frac{\sqrt{2}}{2}", r"-\frac{\pi}{4}"),
    (r"\arccos", r"\cos^{-1}", r"-\frac{1}{2}", r"\frac{2\pi}{3}"),
)


@rule
def logarithm_value(rng: Random) -> Draw:
    """Draw a logarithm that comes out even."""
    base, k = rng.choice([2, 3, 4, 5, 6, 7, 10]), rng.choice([-3, -2, 2, 3, 4, 5])
    inner = str(base**k) if k > 0 else rf"\frac{{1}}{{{base**-k}}}"
    head = r"\log" if base == 10 else rf"\log_{base}"
    good = [
        rf"{head} {inner}",
        rf"{head}({inner})",
        rf"\log_{{{base}}}\left({inner}\right)",
        rf"\frac{{\ln {inner}}}{{\ln {base}}}",
    ]
    bad = [
        rf"\ln {inner}",
        rf"\log_{{{base + 1}}} {inner}",
        str(-k),
        str(k + 1),
        rf"-\log_{{{base}}}({inner})",
    ]
    return Draw([str(k)], good, [*bad, rf"\log_{{{base ** abs(k)}}} {base}"])


@rule
def logarithm_laws(rng: Random) -> Draw:
    """Draw a natural logarithm by the laws of logarithms."""
    a, b, k = rng.randint(2, 9), rng.randint(2, 9), rng.randint(2, 4)
    if rng.random() < 0.5:
        good = [rf"\ln {a} + \ln {b}", rf"\ln({a} \cdot {b})", rf"\ln {a * b}", rf"\ln{{{a * b}}}"]
        bad = [
            rf"\ln({a} + {b})",
            rf"\ln {a} \cdot \ln {b}",
            rf"\log {a * b}",
            rf"\ln {a * b + 1}",
            rf"\ln {a} - \ln {b}",
        ]
        return Draw([rf"\ln {a * b}"], good, bad if a * b != a + b else bad[1:])
    good = [
        rf"{k}\ln {a}",
        rf"\ln {a**k}",
        rf"\ln({a}^{k})",
        rf"-\ln\frac{{1}}{{{a**k}}}",
        rf"\ln\left({a**k}\right)",
    ]
    bad = [
        rf"(\ln {a})^{k}",
        rf"\ln {a * k + a**k}",
        rf"{k}\log {a}",
        rf"{k + 1}\ln {a}",
        rf"-{k}\ln {a}",
        rf"\ln({a} + {k + a**k})",
    ]
    return Draw(good[:2], good, bad)


@rule
def logarithm_base(rng: Random) -> Draw:
    """Draw a logarithm to a base as a quotient of logarithms to any other."""
    a, b = rng.sample([2, 3, 5, 7, 11, 13], 2)
    good = [
        rf"\log_{{{a}}} {b}",
        rf"\frac{{\ln {b}}}{{\ln {a}}}",
        rf"\frac{{\log {b}}}{{\log {a}}}",
        rf"\frac{{1}}{{\log_{{{b}}} {a}}}",
    ]
    good += [rf"\log_{{{a * a}}} {b * b}", rf"\frac{{\log_{{2}} {b}}}{{\log_{{2}} {a}}}"]
    bad = [
        rf"\log_{{{b}}} {a}",
        rf"\frac{{\ln {a}}}{{\ln {b}}}",
        rf"\ln {b} - \ln {a}",
        rf"\log_{{{a}}} {b + 1}",
        rf"\log {b}",
        rf"\frac{{{b}}}{{{a}}}",
    ]
    return Draw(good[:2], good, bad)


@rule
def trig_values(rng: Random) -> Draw:
    """Draw the sine, cosine or tangent of a special angle; `30` without its sign is no degree."""
    function, angle, degrees, value = rng.choice(ANGLES)
    good = [rf"{function}{angle}", rf"{function}\left({angle}\right)", value]
    bad = [
        rf"-{function}{angle}",
        rf"{function}^2{angle}",
        rf"2{value}" if value[0] == "\\" else value[1:],
        f"1 + {value}",
    ]
    if degrees:
        good += [rf"{function} {degrees}^\circ", rf"{function}({degrees}^{{\circ}})"]
        bad += [f"{function} {degrees}", rf"{function} {degrees + 10}^\circ"]
    return Draw([value], good, bad)


@rule
def trig_inverse(rng: Random) -> Draw:
    """Draw an inverse function; its exponent of minus one is no reciprocal."""
    function, power, argument, value = rng.choice(ARCS)
    good = [rf"{function}\left({argument}\right)", rf"{power}\left({argument}\right)", value]
    plain = function.replace("arc", "")
    bad = [
        rf"\frac{{1}}{{{plain}\left({argument}\right)}}",
        rf"{plain}\left({argument}\right)",
        f"{value} + 2",
    ]
    return Draw(
        [value],
        good,
        [*bad, rf"{function}\left({argument}\right) + \pi", rf"-{power}\left({argument}\right) - \pi"],
    )
