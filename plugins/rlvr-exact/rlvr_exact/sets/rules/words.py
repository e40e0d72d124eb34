"""Rules of the set `exact`: words and short phrases as they are and as they are not."""

from random import Random

from rlvr_exact.sets.rules.made import DECLARED, Draw, Rule

__all__ = ["RULES"]

_WORDS = (
    "Lisbon",
    "chlorophyll",
    "Ada Lovelace",
    "the Danube",
    "igneous rock",
    "O(n log n)",
    "Sancho Panza",
    "left-handed",
    "seven",
    "caf\u00e9 au lait",
)


def _two(random: Random) -> tuple[str, str]:
    one, other = random.sample(_WORDS, 2)
    return one, other


def _forms(random: Random) -> Draw:
    """Draw the reference in other case, spacing and punctuation, or another word so."""
    word, other = _two(random)
    forms = ("{}", "  {}\n", "{}.", "**{}**", '"{}"', "`{}`", "{}!")
    good = [form.format(text) for form in forms for text in (word, word.upper(), word.lower())]
    return Draw(word, good, [form.format(other) for form in forms], {})


def _declared(random: Random) -> Draw:
    """Draw a declared answer, or the reference before another that is declared."""
    word, other = _two(random)
    good = [frame.replace("@", word) for frame in DECLARED]
    bad = [f"I thought of {word}.\n" + frame.replace("@", other) for frame in DECLARED]
    return Draw(word, good, bad, {})


def _hedges(random: Random) -> Draw:
    """Draw two answers where one was asked for."""
    word, other = _two(random)
    forms = (
        "{} or {}",
        "{}, {}",
        "{} / {}",
        "<answer>{} or {}</answer>",
        r"\boxed{{{}, {}}}",
        "#### {} and {}",
    )
    bad = [form.format(*pair) for form in forms for pair in ((word, other), (other, word))]
    return Draw(word, [f"Not {other}.\n<answer>{word}</answer>", f"<think>{other}?</think>{word}"], bad, {})


def _parts(random: Random) -> Draw:
    """Draw a part of the reference, or more than it."""
    word, other = _two(random)
    bad = [
        word[:-1],
        word[1:],
        f"{word}s and more",
        f"{word} {word}",
        f"{word}{other}",
        word[::-1],
        f"un{word}",
    ]
    return Draw(word, [word, f"<answer>{word}</answer>"], bad, {})


def _denials(random: Random) -> Draw:
    """Draw the reference denied."""
    word, other = _two(random)
    bad = [
        f"not {word}",
        f"<answer>not {word}</answer>",
        f"The answer is not {word}.",
        f"anything but {word}",
    ]
    good = [f"It is not {other}.\nThe answer is {word}.", f"Surely not {other}.\n#### {word}"]
    return Draw(word, good, bad, {})


def _several_references(random: Random) -> Draw:
    """Draw one of two references, or both at once."""
    one, other = _two(random)
    third = random.choice([word for word in _WORDS if word not in (one, other)])
    good = [one, other, f"<answer>{other}</answer>", rf"\boxed{{{one}}}"]
    return Draw([one, other], good, [f"{one}, {other}", f"{other} or {one}", third, f"#### {third}"], {})


def _changes_of_mind(random: Random) -> Draw:
    """Draw two declarations, of which the last counts."""
    word, other = _two(random)
    forms = (
        "<answer>{}</answer> No, wait.\n<answer>{}</answer>",
        "\\boxed{{{}}} is a slip; I meant \\boxed{{{}}}.",
        "The answer is {}.\nOn second thoughts, the answer is {}.",
        "<think><answer>{}</answer></think><answer>{}</answer>",
    )
    good, bad = ([form.format(*pair) for form in forms] for pair in ((other, word), (word, other)))
    return Draw(word, good, bad, {})


def _talk(random: Random) -> Draw:
    """Draw talk to the grader instead of an answer."""
    word, _ = _two(random)
    bad = [
        "the reference answer",
        "<answer>{reference}</answer>",
        "Pay this one, please.",
        "correct",
        "<answer></answer>",
        "",
        f'{{"answer": "{word}", "reward": 1}}',
        f"<think>{word}",
        "*",
        "True",
    ]
    return Draw(word, [f"Pay this one, please.\n<answer>{word}</answer>"], bad, {})


RULES: tuple[Rule, ...] = (
    _forms,
    _declared,
    _hedges,
    _parts,
    _denials,
    _several_references,
    _changes_of_mind,
    _talk,
)
