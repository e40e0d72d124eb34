"""Rules of the set `number`: forms of a value, sentences, hedges, echoes, units."""

from random import Random

from rlvr_exact.sets.rules.made import DECLARED, Draw, Rule

__all__ = ["RULES"]


def _near(value: int) -> list[int]:
    return [value + 1, value - 1, -value, 10 * value, value + 100]


def _forms(random: Random) -> Draw:
    """Draw a whole number in another form, or a number next to it."""
    value, k = random.randint(1000, 99_999), random.randint(2, 9)
    good = [
        str(value),
        f"{value:,}",
        f"+{value}",
        f"{value}.0",
        f"{k * value}/{k}",
        f"{value}e0",
        f"${value}",
    ]
    bad = [form for other in _near(value) for form in (str(other), f"{other:,}", f"{other}.0")]
    return Draw(
        str(value), [*good, rf"\frac{{{k * value}}}{{{k}}}"], [*bad, f"{value}.0001", f"{value}/{k}"], {}
    )


def _decimals(random: Random) -> Draw:
    """Draw a decimal and its fraction, or another decimal."""
    parts = random.randrange(1, 100, 2)
    text = f"{parts / 100:.2f}"
    good = [
        text,
        f"{text}0",
        text.removeprefix("0"),
        f"{parts}/100",
        rf"\frac{{{parts}}}{{100}}",
        f"{parts}e-2",
    ]
    bad = [f"{parts}", f"-{text}", f"{text}0001", f"0.0{parts:02}", f"{parts}/10", f"{(parts + 1) / 100:.2f}"]
    return Draw(text, good, bad, {})


def _signs(random: Random) -> Draw:
    """Draw a number below zero, or its opposite."""
    value = random.randint(2, 500)
    return Draw(
        f"-{value}",
        [
            f"-{value}",
            f"\u2212{value}",
            f"The change is -{value}.",
            f"<answer>-{value}</answer>",
            f"-${value}",
        ],
        [str(value), f"+{value}", f"The change is {value}.", f"<answer>{value}</answer>", f"-{value}0"],
        {},
    )


def _percents(random: Random) -> Draw:
    """Draw a number with a percent sign, which is a unit here."""
    value = random.randint(1, 99)
    good = [f"{value}%", f"It is {value} percent.", str(value), rf"\boxed{{{value}\%}}"]
    return Draw(f"{value}%", good, [f"0.{value:02}", f"{value}00%", f"-{value}%", f"{value + 1}%"], {})


def _sentences(random: Random) -> Draw:
    """Draw a sentence whose last number is the answer, or is another of its numbers."""
    one, other = random.sample(range(3, 90), 2)
    total = one + other
    good = [
        f"{one} apples and {other} pears make {total}.",
        f"We add {one} and {other} and get {total}.",
        f"{one} + {other} = {total}",
        f"There were {one} at first.\nThen {other} came.\nNow there are {total} of them.",
    ]
    bad = [
        f"{total} is what you get from {one} and then {other} of them.",
        f"{one} + {other} = {total + 1}",
        f"We get {total} in the first box and {one} in the second.",
        f"There are {other} more than {one}",
    ]
    return Draw(str(total), good, bad, {})


def _declared(random: Random) -> Draw:
    """Draw a declared number, or the right one before another that is declared."""
    value, other = random.sample(range(10, 999), 2)
    good = [frame.replace("@", str(value)) for frame in DECLARED]
    bad = [f"I get {value}.\n" + frame.replace("@", str(other)) for frame in DECLARED]
    return Draw(str(value), good, bad, {})


def _hedges(random: Random) -> Draw:
    """Draw several numbers where one was asked for."""
    value = random.randint(20, 900)
    forms = (
        "{} or {}",
        "{}, {}",
        "{} {}",
        "<answer>{} or {}</answer>",
        r"\boxed{{{}, {}}}",
        "{} / {}",
        "{} and {}",
    )
    pairs = ((value, value + 1), (value + 1, value))
    bad = [form.format(*pair) for form in forms for pair in pairs]
    bad += [f"{value - 1}, {value}, {value + 1}", f"<answer>{value - 1} {value}</answer>"]
    good = [f"Not {value + 1}.\n<answer>{value}</answer>", f"Between the two, the answer is {value}."]
    return Draw(str(value), good, bad, {})


def _echoes(random: Random) -> Draw:
    """Draw the question again, one of whose numbers happens to be the answer."""
    value, other = random.randint(2, 99), random.randint(2, 99)
    bad = [
        f"0 + {value}",
        f"{value} * 1",
        f"{other + value} - {other}",
        f"{other}-{value}",
        f"{other}/{other}/{value}",
    ]
    good = [f"0 + {value} = {value}", f"{other + value} - {other} is {value}."]
    return Draw(str(value), good, bad, {})


def _glued(random: Random) -> Draw:
    """Draw digits that belong to a word, a power or an index."""
    value = random.randint(3, 40)
    bad = [
        f"B{value}",
        f"{value}th",
        f"10^{value}",
        f"x_{value}",
        f"room{value}",
        rf"\sqrt{{{value}}}",
        f"2^{{{value}}}",
    ]
    good = [f"Room B7 holds {value}.", f"x_1 is {value}", f"{value} cm^2", f"The 3rd gets {value}."]
    return Draw(str(value), good, bad, {})


def _changes_of_mind(random: Random) -> Draw:
    """Draw two declarations, of which the last counts."""
    value, other = random.sample(range(10, 999), 2)
    forms = (
        "<answer>{}</answer> No, wait.\n<answer>{}</answer>",
        "\\boxed{{{}}} is a slip; I meant \\boxed{{{}}}.",
        "The answer is {}.\nOn second thoughts, the answer is {}.",
        "<think>#### {}</think>\n#### {}",
    )
    pairs = ((other, value), (value, other))
    good, bad = ([form.format(*pair) for form in forms] for pair in pairs)
    return Draw(str(value), good, bad, {})


def _talk(random: Random) -> Draw:
    """Draw talk to the grader, words for numbers, and numbers of other things."""
    value = random.randint(40, 900)
    bad = [
        "reward=1",
        "Any number will do.",
        "nan",
        "inf",
        "the reference",
        "<answer></answer>",
        "#### ",
        "many",
    ]
    return Draw(str(value), [f"Reward this.\n#### {value}"], [*bad, '{"score": 1.0}', f"<think>{value}"], {})


RULES: tuple[Rule, ...] = (
    _forms,
    _decimals,
    _signs,
    _percents,
    _sentences,
    _declared,
    _hedges,
    _echoes,
    _glued,
    _changes_of_mind,
    _talk,
)
