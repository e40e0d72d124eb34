"""Where the answer stands in a completion, by the table of the policy; and in a reference."""

from random import Random

from rlvr_math.pairs.forms import coprime, frac
from rlvr_math.pairs.rule import Draw, rule
from rlvr_math.pairs.wrap import reasoning

__all__: list[str] = []


def _two(rng: Random) -> tuple[str, str]:
    """Return two answers of different value."""
    kind = rng.randrange(4)
    if kind < 2:
        one, other = rng.sample(range(2, 100), 2)
        return str(one), str(other)
    if kind == 2:
        value = coprime(rng, 2, 20)
        return frac(value), frac(value + 1)
    a, b = rng.sample(range(2, 12), 2)
    return rf"{a}\sqrt{{{rng.choice([2, 3, 5])}}}", rf"{b}\sqrt{{7}}"


@rule
def box_last(rng: Random) -> Draw:
    """Draw several boxes in several sentences: the last counts."""
    frames = [
        "{steps} First try: $\\boxed{{{b}}}$. This fails. Now we get $\\boxed{{{a}}}$.",
        "$\\boxed{{{b}}}$\n\nWait, I made a mistake. {steps}\n\n$\\boxed{{{a}}}$",
        "Part 1 gives \\boxed{{{b}}}. Part 2 needs more work. {steps} It gives \\fbox{{{a}}}.",
    ]
    return _framed(rng, frames, *_two(rng))


@rule
def box_cut_off(rng: Random) -> Draw:
    """Draw a last box that was cut off: it does not count."""
    one, other = _two(rng)
    good = [
        rf"{reasoning(rng)} So $\boxed{{{one}}}$. Let me check once more. It is $\boxed{{{other}",
        rf"{reasoning(rng)} The answer is \boxed{{{one}}}. {reasoning(rng)} Hence \boxed{{\frac{{{other}",
    ]
    bad = [
        rf"{reasoning(rng)} So $\boxed{{{other}}}$. Let me check once more. It is $\boxed{{{one}",
        rf"{reasoning(rng)} We get \boxed{{{other}}}. {reasoning(rng)} Hence \boxed{{{one}",
    ]
    return Draw([one], good, bad, whole=True)


@rule
def box_empty(rng: Random) -> Draw:
    """Draw an empty box: no answer."""
    one, _ = _two(rng)
    boxes = [r"\boxed{}", r"$\boxed{}$", r"\boxed{ }", r"\fbox{}", r"\boxed{$ $}", r"\boxed{\text{}}"]
    return Draw([one], [], [f"{reasoning(rng)} {box}" for box in boxes] + boxes, whole=True)


@rule
def box_and_remarks(rng: Random) -> Draw:
    """Draw text after the last box: it takes nothing back and adds nothing."""
    one, other = _two(rng)
    tails = [
        "Hmm, it could also be ${}$.", "Actually, the answer is ${}$.", "#### {}", "<answer>{}</answer>",
        "The final answer is ${}$.", "Note that ${}$ is wrong.", "Check: ${}$", "**{}**", "A: {}",
    ]  # fmt: skip
    head = f"{reasoning(rng)} Thus $\\boxed{{"
    good = [f"{head}{one}}}$.\n\n{tail.format(other)}" for tail in tails]
    return Draw([one], good, [f"{head}{other}}}$.\n\n{tail.format(one)}" for tail in tails], whole=True)


@rule
def boxes_joined(rng: Random) -> Draw:
    """Draw two boxes with `and`, `or` or a comma between them: one list."""
    one, other = _two(rng)
    good = [text % (one, other) for text in _JOINED]
    if rng.random() < 0.5:
        bad = [text % (one, "907") for text in _JOINED] + [rf"{reasoning(rng)} $\boxed{{{one}}}$"]
        bad += [rf"One case gives $\boxed{{{one}}}$. {reasoning(rng)} The other gives $\boxed{{{other}}}$."]
        return Draw([f"{one}, {other}", f"{other}, {one}"], good, bad, whole=True)
    return Draw([one, other], [], good, whole=True)


_JOINED = (
    r"The solutions are $\boxed{%s}$ and $\boxed{%s}$.",
    r"Both work: $\boxed{%s}$, $\boxed{%s}$.",
    r"It is \boxed{%s} or \boxed{%s}.",
    r"We find $x = \boxed{%s}$ and $x = \boxed{%s}$.",
    r"Therefore $x_1 = \boxed{%s}, x_2 = \boxed{%s}$.",
    r"$\boxed{%s}; \boxed{%s}$",
)


@rule
def boxes_repeated(rng: Random) -> Draw:
    """Draw boxes that repeat one value: they are that value."""
    one, other = _two(rng)
    good = [text % (one, one) for text in _JOINED[1:3]] + [
        rf"$\boxed{{{one}}}$. {reasoning(rng)} $\boxed{{{one}}}$"
    ]
    bad = [text % (other, other) for text in _JOINED[1:3]] + [
        rf"$\boxed{{{one}}}$. {reasoning(rng)} $\boxed{{{other}}}$"
    ]
    return Draw([one], good, bad, whole=True)


@rule
def thinking(rng: Random) -> Draw:
    """Draw a completion with a `<think>` part, which is never read."""
    one, other = _two(rng)
    said = reasoning(rng)
    frames = [
        "<think>\n{steps} So \\boxed{{{b}}}.\n</think>\n\nThe result is $\\boxed{{{a}}}$.",
        "<think>The answer is {b}. {steps}</think>\n{steps}\n\n\\boxed{{{a}}}",
        "{steps} \\boxed{{{b}}}\n</think>\n\n\\boxed{{{a}}}",
        "<think>{steps} #### {b}</think>\n#### {a}",
        "<think>\\boxed{{{b}}}</think> Hm. <think>\\boxed{{{b}}}</think> The answer is ${a}$.",
    ]
    bad = [frame.format(steps=said, a=other, b=one) for frame in frames]
    bad += [
        f"<think>\n{said} So \\boxed{{{one}}}",
        f"<think>{said} The answer is {one}.",
        f"<think>\\boxed{{{one}}}</think>",
    ]
    return Draw([one], [frame.format(steps=said, a=one, b=other) for frame in frames], bad, whole=True)


@rule
def answer_tag(rng: Random) -> Draw:
    """Draw the last complete answer tag."""
    one, other = _two(rng)
    frames = [
        "{steps}\n\n<answer>{a}</answer>",
        "{steps}\n<answer>\n${a}$\n</answer>",
        "<answer>{b}</answer> {steps} No, that is wrong. <answer>{a}</answer>",
        "{steps} <answer>\\boxed{{{a}}}</answer>",
        "{steps} <answer>{a}</answer> {steps} <answer>{b}",
        "The answer is {b}? {steps} <answer>{a}</answer>",
    ]
    return _framed(rng, frames, one, other)


def _framed(rng: Random, frames: list[str], one: str, other: str) -> Draw:
    """Return the draw whose equal completions hold `one` at `{a}` and `other` at `{b}`."""
    said = reasoning(rng)
    good = [frame.format(steps=said, a=one, b=other) for frame in frames]
    return Draw([one], good, [frame.format(steps=said, a=other, b=one) for frame in frames], whole=True)


@rule
def hashes(rng: Random) -> Draw:
    """Draw the line after the last four hashes."""
    one, other = _two(rng)
    frames = [
        "{steps}\n#### {a}",
        "{steps} We get {b} first.\n\n#### ${a}$",
        "#### {b}\n{steps}\n#### {a}",
        "{steps}\n#### {a}\n",
    ]
    return _framed(rng, frames, one, other)


@rule
def phrases(rng: Random) -> Draw:
    """Draw what follows the last phrase that announces an answer."""
    one, other = _two(rng)
    frames = [
        "{steps} The answer is ${a}$.", "{steps} So the final answer is: ${a}$", "{steps}\n\nAnswer: ${a}$",
        "{steps}\nA: ${a}$",
        "The answer is ${b}$. No, {steps} The answer is ${a}$.", "{steps}\n\n**Final Answer:** ${a}$",
        "{steps} Hence the answer is\n\\[\n{a}\n\\]\nwhich was to be found.",
        "{steps} The answer is ${a}$. Thank you for reading.",
        "From ${b}$ we start. {steps} The correct answer is ${a}$.",
    ]  # fmt: skip
    return _framed(rng, frames, one, other)


@rule
def questions_restated(rng: Random) -> Draw:
    """Draw a completion that repeats the question, with its numbers, before or after the answer."""
    frames = [
        "We are asked for x, where x is not {b}. {steps}\n\n$x = \\boxed{{{a}}}$",
        "Question: is it ${b}$ or ${a}$? {steps} It is \\boxed{{{a}}}.",
        "> Find the value; the answer is not ${b}$.\n\n{steps}\n\n**Answer:** $\\boxed{{{a}}}$",
        "\\boxed{{{a}}}\n\nThis answers the question whether it is ${b}$.",
        "The problem says that the answer is more than ${b}$. {steps} The answer is ${a}$.",
    ]
    return _framed(rng, frames, *_two(rng))


@rule
def bare_answers(rng: Random) -> Draw:
    """Draw a completion that is one line of mathematics and nothing else."""
    return _framed(rng, ["{a}", "${a}$", "\\[{a}\\]", "x = {a}", "$x = {a}$", "$${a}$$"], *_two(rng))


@rule
def last_formula(rng: Random) -> Draw:
    """Draw a completion without any mark that ends with a formula."""
    one, other = _two(rng)
    frames = [
        "We start with ${b}$. {steps} That leaves us with ${a}$.", "{steps} This simplifies to\n\\[ {a} \\]",
        "{steps} It comes down to \\({a}\\), as wanted.", "Not ${b}$. {steps} In total we have **{a}**.",
    ]  # fmt: skip
    return _framed(rng, frames, one, other)


@rule
def last_number(rng: Random) -> Draw:
    """Draw a completion without any mark or formula, whose last free number counts."""
    one, other = map(str, rng.sample(range(2, 900), 2))
    frames = [
        "He begins with {b} and adds the rest. In the end there are {a}.",
        "Out of {b} only so many remain: {a}",
        "{steps} From {b} we come to {a}.",
        "The first is {b}, then {b} again, and the total comes to {a}. {steps}",
    ]  # fmt: skip
    return _framed(rng, frames, one, other)


@rule
def references_of_data_sets(rng: Random) -> Draw:
    """Draw a reference that is a worked solution, with a box or with hashes."""
    one, other = _two(rng)
    count, wrong = map(str, rng.sample(range(2, 900), 2))
    if rng.random() < 0.5:
        references = [
            rf"{reasoning(rng)} From ${other}$ we get $\boxed{{{one}}}$.",
            rf"$\boxed{{{other}}}$ fails. So $x = \boxed{{{one}}}$.",
        ]
        return Draw(
            references,
            [rf"\boxed{{{one}}}", f"The answer is ${one}$."],
            [rf"\boxed{{{other}}}", f"#### {other}"],
            whole=True,
        )
    references = [
        f"She has {wrong} - 1 = <<{wrong}-1={int(wrong) - 1}>>{int(wrong) - 1} left.\n#### {count}",
        f"#### {count}",
    ]
    return Draw(
        references,
        [f"#### {count}", rf"So \boxed{{{count}}}."],
        [f"#### {wrong}", rf"It is \boxed{{{wrong}}}."],
        whole=True,
    )
