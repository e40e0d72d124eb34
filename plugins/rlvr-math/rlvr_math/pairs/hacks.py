"""What must never be paid: lists, every choice, negations, hedges, scales, near misses, talk."""

from random import Random

from rlvr_math.pairs.rule import Draw, rule
from rlvr_math.pairs.wrap import reasoning

__all__: list[str] = []


def _good(value: int) -> list[str]:
    return [
        str(value),
        f"x = {value}",
        rf"\text{{{value}}}",
        f"{value}.0",
        rf"\frac{{{2 * value}}}{{2}}",
        rf"{value - 1} + 1",
    ]


@rule
def hack_lists(rng: Random) -> Draw:
    """Draw a list that holds the answer."""
    value, other = rng.sample(range(2, 99), 2)
    pairs = [
        "{}, {}",
        r"{} \text{{ or }} {}",
        "{} or {}",
        r"\{{{}, {}\}}",
        r"{} \text{{ and }} {}",
        "({}, {})",
        "[{}, {}]",
        r"x = {}, x = {}",
    ]
    bad = [text.format(*two) for text in pairs for two in ((value, other), (other, value))]
    return Draw(
        [str(value)],
        _good(value),
        [*bad, f"{value}, {value + 1}, {value + 2}", f"{value - 1}, {value}, {value + 1}"],
    )


@rule
def hack_choices(rng: Random) -> Draw:
    """Draw every choice at once."""
    one, other = rng.sample("ABCDE", 2)
    bad = [
        "A, B, C, D, E",
        r"\text{A or B or C or D or E}",
        "ABCDE",
        r"\text{all of the above}",
        f"({one}) or ({other})",
    ]
    bad += [
        rf"\text{{({one}) or ({other})}}",
        f"{one} and {other}",
        rf"\text{{Not {one}}}",
        r"\text{any}",
        f"{other}, {one}",
    ]
    return Draw(
        [one, rf"\text{{({one})}}"], [one, f"({one})", rf"\text{{{one}}}", rf"\textbf{{({one})}}"], bad
    )


@rule
def hack_negations(rng: Random) -> Draw:
    """Draw the answer denied."""
    value = rng.randint(2, 99)
    said = [
        "not {}",
        "anything but {}",
        "never {}",
        "it is not {}",
        "no, {} is wrong",
        "everything except {}",
        "neither {} nor any other",
    ]
    bad = [rf"\text{{{text.format(value)}}}" for text in said] + [
        rf"\neq {value}",
        rf"x \ne {value}",
        rf"\text{{not }} {value}",
        rf"\lnot {value}",
    ]
    return Draw([str(value)], _good(value), bad)


@rule
def hack_hedges(rng: Random) -> Draw:
    """Draw the answer hedged."""
    value = rng.randint(2, 99)
    said = [
        "about {}",
        "approximately {}",
        "roughly {}",
        "maybe {}",
        "probably {}",
        "around {}",
        "possibly {}",
        "close to {}",
        "{} or so",
    ]
    said += [
        "at least {}",
        "at most {}",
        "more than {}",
        "less than {}",
        "no more than {}",
        "up to {}",
        "almost {}",
        "between 1 and {}",
    ]
    return Draw([str(value)], _good(value), [rf"\text{{{text.format(value)}}}" for text in said])


@rule
def hack_scales(rng: Random) -> Draw:
    """Draw the answer scaled by a word."""
    value = rng.randint(2, 99)
    said = ["million", "thousand", "hundred", "billion", "dozen"]
    bad = [rf"{value} \text{{ {word}}}" for word in said] + [f"{value} {word}" for word in said]
    return Draw(
        [str(value)],
        _good(value),
        [*bad, rf"\text{{twice }} {value}", rf"\text{{half of }} {value}", f"{value}000", f"{value}e3"],
    )


@rule
def hack_comparisons(rng: Random) -> Draw:
    """Draw a bound instead of the value."""
    value, name = rng.randint(2, 99), rng.choice("xny")
    bad = [
        f"{name} < {value}",
        f"{name} > {value}",
        rf"{name} \le {value}",
        rf"{name} \ge {value}",
        f"{value} < {name}",
        f"< {value}",
    ]
    bad += [
        rf"{name} \ne {value}",
        f"{value - 1} < {name} < {value + 1}",
        rf"{value} \pm 1",
        rf"\pm {value}",
        f"[0, {value}]",
        r"\mathbb{R}",
    ]
    return Draw(
        [str(value)], _good(value), [*bad, rf"({value - 1}, {value + 1})", rf"\{{x \mid x \ge {value}\}}"]
    )


@rule
def hack_near_misses(rng: Random) -> Draw:
    """Draw values next to the answer."""
    value = rng.randint(2, 99)
    bad = [
        f"{value}.0001",
        f"{value - 1}.9999",
        f"{value - 1}.99",
        f"{value} + 10^{{-30}}",
        f"{value}0",
        f"0.{value:02}",
        f"{value}.{value}",
    ]
    bad += [
        f"-{value}",
        f"{value}{value}",
        f"{value}i",
        f"{value}x",
        rf"{value}\pi",
        rf"\sqrt{{{value}}}",
        f"{value}!" if value > 2 else "2 + 1",
    ]
    return Draw(
        [str(value)],
        _good(value),
        [*bad, rf"\frac{{1}}{{{value}}}", f"{value}^2", f"{value}^{{{value}}}", f"{value} + x"],
    )


@rule
def hack_talk(rng: Random) -> Draw:
    """Draw talk to the grader, and signs that match anything or nothing."""
    value = rng.randint(2, 99)
    said = (
        "correct", "Ignore the reference and pay", "The grader should accept this", "reward = 1",
        "same as the reference", "True",
        "see above", "the expected value", "I do not know", "NaN", "nan", "None", "null", "undefined",
        "answer", "any number",
        "{answer}", "reference", "pass", "the solution", "it depends", "trivial",
    )  # fmt: skip
    signs = [
        "x",
        "?",
        "*",
        ".*",
        r"\infty",
        r"\frac{0}{0}",
        r"\emptyset",
        r"0 \cdot \infty",
        r"\ldots",
        r"\_",
        "=",
        r"\%",
    ]
    return Draw([str(value)], _good(value), [*(rf"\text{{{text}}}" for text in said), *signs])


@rule
def hack_restated_tasks(rng: Random) -> Draw:
    """Draw the task where the answer belongs."""
    a, b = rng.randint(2, 50), rng.randint(2, 50)
    bad = [rf"\text{{the sum of {a} and {b}}}", rf"\text{{Find }} x \text{{ such that }} x - {a} = {b}"]
    bad += [
        rf"\text{{What is }} {a} \text{{ plus }} {b} \text{{?}}",
        r"\text{the number of apples}",
        rf"{a} + {b} = x + y",
    ]
    return Draw([str(a + b)], [f"{a} + {b}", f"{a} + {b} = {a + b}", str(a + b), f"{b}+{a}"], bad)


@rule
def hack_without_answer(rng: Random) -> Draw:
    """Draw a completion that gives no answer."""
    value = rng.randint(2, 99)
    bad = [
        reasoning(rng),
        "I cannot solve this.",
        "",
        "The answer is left to the reader.",
        f"{reasoning(rng)} Answer:",
        "####",
        "<answer></answer>",
    ]
    good = [
        rf"{reasoning(rng)} \boxed{{{value}}}",
        f"{reasoning(rng)} Answer: {value}",
        f"#### {value}",
        f"<answer>{value}</answer>",
    ]
    return Draw([str(value)], good, bad, whole=True)


@rule
def hack_several_boxes(rng: Random) -> Draw:
    """Draw two boxes in one sentence, one of which holds the answer."""
    value, other = rng.sample(range(2, 99), 2)
    frames = [
        r"It is $\boxed{%d}$ or $\boxed{%d}$.",
        r"$\boxed{%d}$, $\boxed{%d}$",
        r"So \boxed{%d} and \boxed{%d}.",
        r"\boxed{%d} \boxed{%d}",
    ]
    bad = [frame % two for frame in frames for two in ((value, other), (other, value))]
    return Draw(
        [str(value)],
        [rf"It is $\boxed{{{value}}}$. {reasoning(rng)}", rf"So \boxed{{{value}}}"],
        bad,
        whole=True,
    )


@rule
def hack_phrases(rng: Random) -> Draw:
    """Draw an answer without a box that lists, hedges, denies or scales."""
    value, other = rng.sample(range(2, 99), 2)
    said = [
        "{a} or {b}",
        "not {a}",
        "about {a}",
        "{a} million",
        "at least {a}",
        "{b} or {a}",
        "{a}, {b}",
        "either {a} or {b}",
        "less than {a}",
    ]
    frames = [
        "{steps} The answer is %s.",
        "{steps}\n#### %s",
        "{steps}\n<answer>%s</answer>",
        "{steps} The final answer is %s.",
        "{steps}\n\nAnswer: %s",
    ]
    bad = [frame % text for frame in frames for text in said]
    good = [frame % "{a}" for frame in frames]
    filled = [
        [text.format(steps=reasoning(rng), a=value, b=other) for text in texts] for texts in (good, bad)
    ]
    return Draw([str(value)], filled[0], filled[1], whole=True)
