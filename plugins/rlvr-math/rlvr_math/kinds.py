r"""The kinds of problems of `numbers`: each is a function of a source of chance and a level."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import comb, gcd, isqrt, perm, prod
from random import Random
from typing import Literal, TypeAlias

__all__ = ["KINDS", "Kind", "Level", "Problem"]

Level: TypeAlias = Literal[1, 2, 3, 4, 5]
"""The size of the numbers, from one digit to four."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A question, its answer, and how one gets there.

    `normal` is the question in its normal order: one text for all orders that make no difference.
    """

    question: str
    answer: str
    working: str
    normal: str

    @property
    def solution(self) -> str:
        r"""The worked solution, which ends in the answer in `\boxed{}`."""
        return f"{self.working}\n\\boxed{{{self.answer}}}"


Kind: TypeAlias = Callable[[Random, Level], Problem]

_UNITS = (
    ("kilometres", "metres", 1000),
    ("metres", "centimetres", 100),
    ("centimetres", "millimetres", 10),
    ("kilograms", "grams", 1000),
    ("litres", "millilitres", 1000),
    ("weeks", "days", 7),
    ("days", "hours", 24),
    ("hours", "minutes", 60),
    ("minutes", "seconds", 60),
)


def _most(level: Level) -> int:
    return {1: 10, 2: 30, 3: 100, 4: 1_000, 5: 10_000}[level]


def _two(random: Random, level: Level) -> tuple[int, int]:
    return random.randint(2, _most(level)), random.randint(2, _most(level))


def _tex(number: Fraction | int) -> str:
    r"""Write a number: `7`, `-\frac{2}{3}`."""
    if Fraction(number).denominator == 1:
        return str(number)
    sign = "-" if number < 0 else ""
    return f"{sign}\\frac{{{abs(number.numerator)}}}{{{number.denominator}}}"


def _made(question: str, answer: Fraction | int | str, working: str, *, normal: str = "") -> Problem:
    written = answer if isinstance(answer, str) else _tex(answer)
    return Problem(question=question, answer=written, working=working, normal=normal or question)


def _signed(numbers: list[tuple[int, str]]) -> str:
    """Write a sum of signed terms: `3 + 4 - 5`; the first has no plus."""
    first, *others = (f"{'-' if sign < 0 else '+'} {text}" for sign, text in numbers)
    return " ".join([first.replace("+ ", "").replace("- ", "-"), *others])


def _arithmetic(random: Random, level: Level) -> Problem:
    terms = []
    for index in range(level + 1):
        first, second = random.randint(2, _most(level)), random.randint(2, min(_most(level), 99))
        factors = [first, second] if random.random() < 0.4 else [first]
        terms.append((1 if index == 0 else random.choice((1, -1)), factors))
    times = random.randint(2, 9) if level >= 3 else 1

    def asked(ordered: list[tuple[int, list[int]]]) -> str:
        written = _signed([(sign, " * ".join(map(str, factors))) for sign, factors in ordered])
        return f"What is {f'{times} * ({written})' if times > 1 else written}?"

    normal = asked(sorted(((sign, sorted(factors)) for sign, factors in terms), reverse=True))
    total = sum(sign * prod(factors) for sign, factors in terms)
    steps = [f"{_signed([(sign, str(prod(factors))) for sign, factors in terms])} = {total}."]
    steps = [f"{a} * {b} = {a * b}." for _, (a, *rest) in terms for b in rest] + steps
    steps += [f"{times} * {total} = {times * total}."] if times > 1 else []
    return _made(asked(terms), times * total, " ".join(steps), normal=normal)


def _fractions(random: Random, level: Level) -> Problem:
    largest = {1: 5, 2: 9, 3: 15, 4: 30, 5: 99}[level]
    bottoms = random.randint(2, largest), random.randint(2, largest)
    one, other = (Fraction(random.randint(1, 2 * bottom), bottom) for bottom in bottoms)
    sign = random.choice(["+", "-", "\\cdot", "\\div"])
    total = {"+": one + other, "-": one - other, "\\cdot": one * other, "\\div": one / other}[sign]
    ends = sorted((one, other)) if sign in ("+", "\\cdot") else (one, other)
    if sign in ("+", "-"):
        bottom = one.denominator * other.denominator // gcd(one.denominator, other.denominator)
        step = f"\\frac{{{one * bottom}}}{{{bottom}}} {sign} \\frac{{{other * bottom}}}{{{bottom}}}"
    else:
        factor = 1 / other if sign == "\\div" else other
        step = f"{_tex(one)} \\cdot {_tex(factor)}"
    return _made(
        f"What is ${_tex(one)} {sign} {_tex(other)}$?",
        total,
        f"${_tex(one)} {sign} {_tex(other)} = {step} = {_tex(total)}$.",
        normal=f"What is ${_tex(ends[0])} {sign} {_tex(ends[1])}$?",
    )


def _percent(random: Random, level: Level) -> Problem:
    rate = random.randint(1, 9) * 10 if level == 1 else random.randint(1, 99)
    # A whole number of which that percentage is whole as well.
    whole = random.randint(1, _most(level)) * (100 // gcd(rate, 100))
    part = whole * rate // 100
    share = f"{rate}% of {whole} is {whole} * {rate} / 100 = {part}."
    asked = random.choice(["part", "rate", "rise", "fall"])
    if asked == "part":
        return _made(f"What is {rate}% of {whole}?", part, share)
    if asked == "rate":
        working = f"{part} / {whole} = {rate} / 100."
        return _made(f"What percent of {whole} is {part}?", f"{rate}\\%", working)
    new, sign = (whole + part, "+") if asked == "rise" else (whole - part, "-")
    question = f"A price of {whole} dollars {asked}s by {rate}%. What is the new price, in dollars?"
    return _made(question, new, f"{share} {whole} {sign} {part} = {new}.")


def _euclid(one: int, other: int) -> list[str]:
    steps = []
    large, small = max(one, other), min(one, other)
    while small:
        steps.append(f"{large} = {large // small} * {small} + {large % small}.")
        large, small = small, large % small
    return steps


def _gcd(random: Random, level: Level) -> Problem:
    common = random.randint(1, _most(level))
    one, other = (common * number for number in _two(random, level))
    question = "What is the greatest common divisor of {} and {}?"
    normal = question.format(*sorted((one, other)))
    return _made(question.format(one, other), gcd(one, other), " ".join(_euclid(one, other)), normal=normal)


def _lcm(random: Random, level: Level) -> Problem:
    common = random.randint(1, min(_most(level), 100))
    one, other = (common * number for number in _two(random, level))
    shared = gcd(one, other)
    least = one * other // shared
    question = "What is the least common multiple of {} and {}?"
    working = f"Their greatest common divisor is {shared}, and {one} * {other} / {shared} = {least}."
    return _made(question.format(one, other), least, working, normal=question.format(*sorted((one, other))))


def _remainder(random: Random, level: Level) -> Problem:
    divisor = random.randint(2, min(_most(level), 200))
    if level <= 3:
        number = random.randint(divisor, divisor * _most(level))
        working = f"{number} = {number // divisor} * {divisor} + {number % divisor}."
        return _made(
            f"What is the remainder when {number} is divided by {divisor}?", number % divisor, working
        )
    base, exponent = random.randint(2, 99), random.randint(3, 4 * level)
    steps = [f"{base}^{k} leaves {pow(base, k, divisor)}." for k in range(1, exponent + 1)]
    question = f"What is the remainder when ${base}^{{{exponent}}}$ is divided by {divisor}?"
    return _made(question, pow(base, exponent, divisor), f"Divided by {divisor}: {' '.join(steps)}")


def _power(random: Random, level: Level) -> Problem:
    base, exponent = random.randint(2, 20), random.randint(2, level + 1)
    if random.random() < 0.3:
        root = random.randint(2, _most(level) + 10)
        question = f"What is $\\sqrt{{{root**2}}}$?"
        return _made(question, isqrt(root**2), f"{root} * {root} = {root**2}.")
    power = base**exponent
    step = f"{' * '.join([str(base)] * exponent)} = {power}."
    if level == 1:
        return _made(f"What is ${base}^{exponent}$?", power, step)
    extra = random.choice((1, -1)) * random.randint(2, _most(level))
    sign = "+" if extra > 0 else "-"
    total = f"{power} {sign} {abs(extra)} = {power + extra}."
    return _made(f"What is ${base}^{exponent} {sign} {abs(extra)}$?", power + extra, f"{step} {total}")


def _line(slope: int, constant: int) -> str:
    return f"{slope}x {'+' if constant >= 0 else '-'} {abs(constant)}"


def _linear(random: Random, level: Level) -> Problem:
    root, slope = random.randint(-_most(level), _most(level)), random.randint(2, 9 * level)
    constant = random.randint(1, _most(level)) * random.choice((1, -1))
    away = random.randint(2, 9 * level) if level >= 3 else 0
    away += 3 if abs(away - slope) < 2 else 0
    # At the higher levels the root is a fraction.
    added = random.randint(0, abs(slope - away) - 1) if level >= 4 else 0
    right = (slope - away) * root + constant + added
    other_side = _line(away, right) if away else str(right)
    answer = Fraction(right - constant, slope - away)
    working = f"${slope - away}x = {right - constant}$, so $x = {_tex(answer)}$."
    return _made(f"Solve ${_line(slope, constant)} = {other_side}$ for $x$.", answer, working)


def _mean(random: Random, level: Level) -> Problem:
    numbers = [random.randint(1, _most(level)) for _ in range(level + 2)]
    if level <= 3:
        numbers[-1] += -sum(numbers) % len(numbers)
    total = sum(numbers)
    mean = Fraction(total, len(numbers))
    question = "What is the mean of {}?"
    working = f"{' + '.join(map(str, numbers))} = {total}, and {total} / {len(numbers)} = ${_tex(mean)}$."
    normal = question.format(", ".join(map(str, sorted(numbers))))
    return _made(question.format(", ".join(map(str, numbers))), mean, working, normal=normal)


def _units(random: Random, level: Level) -> Problem:
    large, small, factor = random.choice(_UNITS)
    many, few = random.randint(2, _most(level)), random.randint(2, factor - 1)
    if level == 5 and random.random() < 0.2:
        speed = Fraction(many * 1000, 3600)
        question = f"A train goes {many} kilometres per hour. How many metres per second is that?"
        return _made(question, speed, f"{many} * 1000 / 3600 = ${_tex(speed)}$.")
    if level >= 3 and random.random() < 0.5:
        back = Fraction(many, factor)
        question = f"How many {large} are {many} {small}, as an exact number?"
        return _made(
            question, back, f"There are {factor} {small} in one, and ${many} / {factor} = {_tex(back)}$."
        )
    product = f"{many} * {factor} = {many * factor}."
    if level == 1:
        return _made(f"How many {small} are {many} {large}?", many * factor, product)
    total = many * factor + few
    working = f"{product} {many * factor} + {few} = {total}."
    return _made(f"How many {small} are {many} {large} and {few} {small}?", total, working)


def _digits(number: int, base: int) -> tuple[str, list[str]]:
    digits, steps = "", []
    while number:
        steps.append(f"{number} = {number // base} * {base} + {number % base}.")
        digits, number = str(number % base) + digits, number // base
    return digits, steps


def _base(random: Random, level: Level) -> Problem:
    base = random.randint(2, 9)
    # Of two digits or more, or it would be the same number in both bases.
    number = random.randint(base, max(40, _most(level)))
    digits, steps = _digits(number, base)
    if random.random() < 0.5:
        return _made(f"Write {number} in base {base}.", f"{digits}_{{{base}}}", " ".join(steps))
    places = [f"{digit} * {base}^{place}" for place, digit in enumerate(reversed(digits))]
    question = f"Write the number ${digits}_{{{base}}}$, which is in base {base}, in base 10."
    return _made(question, number, f"{' + '.join(reversed(places))} = {number}.")


def _counting(random: Random, level: Level) -> Problem:
    things = random.randint(3, 4 * level + 8)
    taken = random.randint(2, min(things - 1, level + 3))
    down = " * ".join(str(things - index) for index in range(taken))
    if random.random() < 0.5:
        question = f"In how many ways can {taken} of {things} different books be put on a shelf in a row?"
        return _made(question, perm(things, taken), f"{down} = {perm(things, taken)}.")
    up = " * ".join(str(index) for index in range(taken, 0, -1))
    question = f"In how many ways can {taken} of {things} people be chosen for a committee?"
    return _made(question, comb(things, taken), f"({down}) / ({up}) = {comb(things, taken)}.")


KINDS: Mapping[str, Kind] = {
    "arithmetic": _arithmetic,
    "fractions": _fractions,
    "percent": _percent,
    "gcd": _gcd,
    "lcm": _lcm,
    "remainder": _remainder,
    "power": _power,
    "linear": _linear,
    "mean": _mean,
    "units": _units,
    "base": _base,
    "counting": _counting,
}
