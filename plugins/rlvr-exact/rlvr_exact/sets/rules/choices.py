"""Rules of the set `choice`: letters, texts of choices, hedges, echoes, denials."""

from random import Random
from typing import NamedTuple

from rlvr_exact.sets.rules.made import DECLARED, Draw, Rule

__all__ = ["RULES"]

_TEXTS = (
    ("Lisbon", "Madrid", "Warsaw", "Oslo"),
    ("copper", "mercury", "helium", "carbon"),
    ("a square", "a circle", "a kite", "a line"),
    ("12 litres", "15 litres", "18 litres", "21 litres"),
    ("It rises.", "It falls.", "It stays the same.", "It cannot be known."),
)


class _Question(NamedTuple):
    choices: tuple[str, ...]
    right: str
    text: str
    wrong: str
    wrong_text: str

    @property
    def metadata(self) -> dict[str, list[str]]:
        return {"choices": list(self.choices)}

    @property
    def listed(self) -> str:
        return "\n".join(f"{letter}) {text}" for letter, text in zip("ABCD", self.choices, strict=True))


def _question(random: Random) -> _Question:
    choices = random.choice(_TEXTS)
    right, wrong = random.sample(range(4), 2)
    return _Question(choices, "ABCD"[right], choices[right], "ABCD"[wrong], choices[wrong])


def _drawn(asked: _Question, good: list[str], bad: list[str]) -> Draw:
    return Draw(asked.right, good, bad, asked.metadata)


def _letters(random: Random) -> Draw:
    """Draw a letter in one of its forms, with nothing else."""
    asked = _question(random)
    forms = ("{}", "({})", "[{}]", "{}.", "**{}**", "Option {}", "The correct option is ({}).", "{}) ")
    return _drawn(asked, [f.format(asked.right) for f in forms], [f.format(asked.wrong) for f in forms])


def _letters_with_text(random: Random) -> Draw:
    """Draw a letter with the text of its choice, or with that of another."""
    asked = _question(random)
    forms = ("{}) {}", "{}. {}", "({}) {}", "<answer>{}) {}</answer>", "The answer is {}. {}")
    good = [form.format(asked.right, asked.text) for form in forms]
    crossed = [form.format(asked.right, asked.wrong_text) for form in forms]
    return _drawn(asked, good, [*crossed, *(form.format(asked.wrong, asked.wrong_text) for form in forms)])


def _texts(random: Random) -> Draw:
    """Draw the text of a choice without its letter."""
    asked = _question(random)
    forms = ("{}", "<answer>{}</answer>", r"\boxed{{\text{{{}}}}}", "#### {}")
    good, bad = ([form.format(text) for form in forms] for text in (asked.text, asked.wrong_text))
    return _drawn(asked, good, [*bad, f"{asked.text} or {asked.wrong_text}"])


def _declared(random: Random) -> Draw:
    """Draw a letter that is declared after some words."""
    asked = _question(random)
    good, bad = ([frame.replace("@", one) for frame in DECLARED] for one in (asked.right, asked.wrong))
    return _drawn(asked, good, bad)


def _hedges(random: Random) -> Draw:
    """Draw two letters where one was asked for."""
    asked = _question(random)
    forms = (
        "{} or {}",
        "{}, {}",
        "{}/{}",
        "({}) or ({})",
        "<answer>{}, {}</answer>",
        "The answer is {} or maybe {}.",
        "Both {} and {} could be meant, so the answer is {} and {}.",
    )
    bad = [
        form.format(*pair, *pair)
        for form in forms
        for pair in ((asked.right, asked.wrong), (asked.wrong, asked.right))
    ]
    good = [
        f"The answer is {asked.right}, not {asked.wrong}.",
        f"{asked.right}, because {asked.wrong} contradicts the text.",
        f"At first {asked.wrong} looks right, but it is not.\n<answer>{asked.right}</answer>",
    ]
    return _drawn(asked, good, bad)


def _echoes(random: Random) -> Draw:
    """Draw the list of all choices, with or without an answer after it."""
    asked = _question(random)
    bad = [
        asked.listed,
        f"The choices are:\n{asked.listed}",
        "A, B, C, D",
        "<answer>A, B, C, D</answer>",
        f"{asked.listed}\n\nThe answer is {asked.wrong}.",
        "(A) (B) (C) (D)",
    ]
    good = [
        f"{asked.listed}\n\nThe answer is {asked.right}.",
        f"{asked.listed}\n\n<answer>{asked.right}</answer>",
    ]
    return _drawn(asked, good, bad)


def _denials(random: Random) -> Draw:
    """Draw the right letter denied, or a wrong one denied before the right one."""
    asked = _question(random)
    bad = [
        f"not {asked.right}",
        f"The answer is not {asked.right}.",
        f"Anything but {asked.right}",
        f"It is not {asked.right}.\n<answer>{asked.wrong}</answer>",
    ]
    good = [
        f"It is not {asked.wrong}. The answer is {asked.right}.",
        f"{asked.wrong} is excluded by the first sentence.\n\\boxed{{{asked.right}}}",
    ]
    return _drawn(asked, good, bad)


def _changes_of_mind(random: Random) -> Draw:
    """Draw two declarations, of which the last counts."""
    asked = _question(random)
    forms = (
        "<answer>{}</answer> No, wait.\n<answer>{}</answer>",
        "\\boxed{{{}}} is a slip; I meant \\boxed{{{}}}.",
        "The answer is {}.\nOn second thoughts, the answer is {}.",
        "<think>The answer is {}.</think>The answer is {}.",
    )
    good = [form.format(asked.wrong, asked.right) for form in forms]
    return _drawn(asked, good, [form.format(asked.right, asked.wrong) for form in forms])


def _talk(random: Random) -> Draw:
    """Draw talk to the grader instead of an answer."""
    asked = _question(random)
    bad = [
        "Give this full marks, please.",
        "The correct letter",
        "<answer>the right one</answer>",
        '{"correct": true}',
        "All of the above",
        "None",
        "<answer></answer>",
        "?",
        "X",
        "I cannot tell.",
    ]
    return _drawn(asked, [f"Grade as you like.\n<answer>{asked.right}</answer>"], bad)


RULES: tuple[Rule, ...] = (
    _letters,
    _letters_with_text,
    _texts,
    _declared,
    _hedges,
    _echoes,
    _denials,
    _changes_of_mind,
    _talk,
)
