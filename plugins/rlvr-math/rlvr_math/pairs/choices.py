"""Multiple choice, yes and no, words, number words and ordinals, undefined values."""

from random import Random

from rlvr_math.pairs.rule import Draw, rule

__all__: list[str] = []

ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
GROUPS = (
    ("ellipse", "parabola", "hyperbola", "circle"),
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    ("Alice", "Bob", "Carla", "Dmitri", "Evelyn"),
    ("even", "odd", "neither"),
    ("red", "blue", "green", "yellow"),
    ("increasing", "decreasing", "constant"),
    ("east", "west", "north", "south"),
)
NONE = (
    "no solution",
    "no solutions",
    r"\emptyset",
    r"\text{no solution}",
    r"\text{No solutions}",
    r"\varnothing",
)


@rule
def choice_letters(rng: Random) -> Draw:
    """Draw the letter of a choice in its brackets and fonts."""
    one, other = rng.sample("ABCDE", 2)
    good = [
        one,
        f"({one})",
        rf"\textbf{{({one})}}",
        rf"\text{{({one})}}",
        rf"\text{{{one}}}",
        rf"\mathrm{{({one})}}",
        rf"\textbf{{{one}}}",
    ]
    bad = [
        other,
        f"({other})",
        rf"\textbf{{({other})}}",
        f"{one}, {other}",
        rf"\text{{{other}}}",
        f"({one}), ({other})",
    ]
    return Draw(
        [one, f"({one})", rf"\text{{({one})}}"], good, [*bad, rf"\text{{not }} {one}", f"{one}{other}"]
    )


@rule
def choice_texts(rng: Random) -> Draw:
    """Draw a choice with its text: both may leave it out, or it must be the same."""
    one, other = rng.sample("ABCDE", 2)
    value = rng.randint(2, 99)
    good = [
        f"{one}. {value}",
        rf"\text{{({one}) }}{value}",
        rf"\textbf{{({one})}}\ {value}",
        f"({one}) {value}",
    ]
    bad = [f"{other}. {value}", rf"\text{{({other}) }}{value}", rf"\textbf{{({other})}}\ {value}"]
    if rng.random() < 0.5:
        return Draw([one, f"({one})"], good, [*bad, other])
    texts = [f"{one}. {value + 1}", rf"\text{{({one}) }}{value * 10}", rf"\textbf{{({one})}}\ {value - 1}"]
    return Draw(good[:3], [*good, one, f"({one})"], [*bad, *texts, f"({other})"])


@rule
def yes_and_no(rng: Random) -> Draw:
    """Draw yes or no, true or false."""
    one, other = rng.choice([("yes", "no"), ("no", "yes"), ("true", "false"), ("false", "true")])
    good = [rf"\text{{{form}}}" for form in (one, one.title(), one.upper(), f"{one}.")] + [one, one.title()]
    bad = [
        rf"\text{{{form}}}"
        for form in (other, other.title(), f"{one} and {other}", f"not {one}", f"{one} or {other}")
    ]
    return Draw([rf"\text{{{one.title()}}}", one.title(), one], good, [*bad, other, f"{one}, {other}"])


@rule
def words(rng: Random) -> Draw:
    """Draw a word, whose case, article and final point do not matter."""
    group = rng.choice(GROUPS)
    one, other = rng.sample(group, 2)
    good = [
        one,
        rf"\text{{{one}}}",
        rf"\text{{{one.upper()}}}",
        rf"\text{{{one}.}}",
        rf"\text{{{one.title()}}}",
    ]
    good += [rf"\text{{a {one}}}", rf"\text{{the {one}}}"] if group == GROUPS[0] and one != "ellipse" else []
    bad = [
        rf"\text{{{form}}}"
        for form in (other, f"not {one}", f"{one} or {other}", f"{one} and {other}", f"non{one}")
    ]
    return Draw([rf"\text{{{one}}}", one], good, [*bad, other])


@rule
def no_solution(rng: Random) -> Draw:
    """Draw the empty set and its names."""
    value = rng.randint(0, 50)
    bad = [
        str(value),
        rf"\{{{value}\}}",
        rf"x = {value}",
        r"\mathbb{R}",
        r"\text{one solution}",
        rf"({value}, \infty)",
        r"\infty",
    ]
    return Draw(NONE[:4], NONE, [*bad, r"\text{infinitely many solutions}"])


@rule
def number_words(rng: Random) -> Draw:
    """Draw a number in words."""
    value = rng.choice([rng.randint(0, 20), rng.randint(21, 99), rng.randint(100, 999)])
    others = [value + 1, value + 10, abs(value - 1) + (value == 0) * 2]
    good = [_said(value), rf"\text{{{_said(value)}}}", rf"\text{{{_said(value).capitalize()}}}"]
    bad = [rf"\text{{{_said(other)}}}" for other in others if other < 1000]
    return Draw(
        [str(value)], good, [*bad, rf"\text{{minus {_said(value + 1)}}}", rf"\text{{not {_said(value)}}}"]
    )


def _said(value: int) -> str:
    if value < 20:
        return ONES[value]
    if value < 100:
        return TENS[value // 10] + (f"-{ONES[value % 10]}" if value % 10 else "")
    rest = f" {_said(value % 100)}" if value % 100 else ""
    return f"{ONES[value // 100]} hundred{rest}"


@rule
def ordinals(rng: Random) -> Draw:
    """Draw a number with the ending of an ordinal."""
    value = rng.randint(1, 120)
    good = [
        _ordinal(value),
        rf"{value}\text{{{_ordinal(value)[-2:]}}}",
        rf"{value}^{{\text{{{_ordinal(value)[-2:]}}}}}",
        rf"\text{{{_ordinal(value)}}}",
    ]
    bad = [_ordinal(value + 1), rf"\text{{{_ordinal(value + 10)}}}", str(value + 1), _ordinal(value * 10)]
    return Draw([str(value), rf"{value}\text{{{_ordinal(value)[-2:]}}}"], good, bad)


def _ordinal(value: int) -> str:
    ending = "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{ending}"


@rule
def undefined_values(rng: Random) -> Draw:
    """Draw what has no value: it equals only what is written in the same way."""
    n = rng.randint(2, 30)
    shapes = [
        r"\frac{1}{0}",
        r"\frac{0}{0}",
        r"\infty - \infty",
        rf"\frac{{{n}}}{{0}}",
        r"\text{undefined}",
        rf"\frac{{{n}}}{{{n} - {n}}}",
    ]
    one = rng.choice(shapes)
    bad = [text for text in shapes if text != one] + [str(n), "0", "1", r"\infty", r"-\infty", r"\text{NaN}"]
    return Draw([one], [one], bad)


@rule
def infinity(rng: Random) -> Draw:
    """Draw infinity with its sign."""
    sign, n = rng.choice(["", "-"]), rng.randint(10, 10**6)
    good = [rf"{sign}\infty", f"{sign}\u221e", rf"{sign} \infty"]
    bad = [
        "\\infty" if sign else r"-\infty",
        "0",
        str(n),
        r"\frac{1}{0}",
        r"\infty - \infty",
        f"{sign}{n}",
        r"\emptyset",
    ]
    return Draw([rf"{sign}\infty"], good, bad)
