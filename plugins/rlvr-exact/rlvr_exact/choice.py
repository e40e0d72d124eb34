r"""The `choice` verifier: multiple choice, one letter answered.

Policy. The answer is what `rlvr_exact.reading` finds declared, else any line of the visible text that is
an answer by its form. These forms give a letter: B, (B), [B], B., **B**, "B) Paris", "B. Paris", "(b)",
"option B", "B because ...". A bare capital before other words is no answer ("A city", "I think"), nor is
a small letter without brackets before words. With `metadata["choices"]` (a list of texts, or letter ->
text) the text of a choice alone is its letter.

Two different letters are no answer: "B or C", "A, B", an echoed list of all choices, and a letter with
the text of another choice, pay 0.0 with the reason several_answers. A letter only mentioned in the reason
given for another ("B because A is wrong") is no second answer. Of several declarations the last counts.
"""

import re
from collections.abc import Mapping
from typing import Any

from rlvr.errors import InputError
from rlvr.explain import explaining
from rlvr.scoring import judged
from rlvr.types import Completion, Explanation, Score, Task, Verifier
from rlvr_exact.exact import key, references
from rlvr_exact.reading import Place, declaration, declared, shown, visible, visible_at

__all__ = ["ALPHABET", "choice", "letters_given"]

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SPARE = 100
_OPEN = r"[*_`$\s\"'\u201c]{0,8}"
_LEAD = rf"{_OPEN}(?:(?:the\s)?(?:correct\s)?(?:answer|option|choice|letter)(?:\sis)?:?\s)?{_OPEN}"
_GIVEN = re.compile(
    rf"{_LEAD}(?:[(\[]\s?(?P<closed>[A-Z])\s?[)\]]|(?P<bare>[A-Z])(?![\w'\u2019]))(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_ALONE = re.compile(r"[\s.,;:!?)\]*_`$\"'\u201d]*")
_MARKED = re.compile(r"[*_`]{0,3}(?:[)\].:]|\s[-\u2013\u2014:]\s)")
_REASON = re.compile(r"[*_`]{0,3}(?:[,;.]|\s?[-\u2013\u2014])?\s(?:because|since|as|for|due|which|is)\b")
_END = r"[*_`)\].:$\s]{0,8}"
_OTHER = r"[*_`$(\[]{0,4}(?P<letter>[B-HJ-Z]|[AI](?!\s(?!because|since|as|is)[a-z]))(?![\w'\u2019])"
_AND = re.compile(
    rf"{_END}(?:[,;/|&+]|\b(?:or|and)\b)\s{{0,4}}"
    rf"(?:(?:or|and|maybe|perhaps|possibly|also|either|option|choice|the|answer|is)\s){{0,4}}{_OTHER}"
)
_BESIDE = re.compile(rf"{_END}\s{_OTHER}(?=\s{{0,4}}(?:[).:,;/*\]]|$|or\b|and\b|[A-Z](?!\w)))")
_LATER = re.compile(r"(?:(?:\b(?:or|and)\s|[,;/|]\s?)[*_(]{0,3}([A-Z])[).:]|(?:(?<=\s)|(?=\())\(?([A-Z])\))")
_WHY = re.compile(r"\b(?:because|since|as|due|which|not|rather|instead|while|whereas)\b")


def choice(*, letters: str = "ABCDE") -> Verifier:
    """Return the verifier; `letters` are the choices of a task whose metadata has none.

    Reasons: correct, wrong_answer, several_answers, no_answer; unreadable_reference (unscored).
    """
    if len(letters) < 2 or len(set(letters)) < len(letters) or not set(letters) <= set(ALPHABET):
        raise InputError(f"choice: letters = {letters!r}: expected different capitals, as in 'ABCD'.")

    def verify(task: Task, completion: Completion) -> Score:
        choices = _choices(task.metadata.get("choices")) or dict.fromkeys(letters, "")
        right = {one for text in references(task.answer) for one in _right(text, choices)}
        if not right:
            return Score.unscored("unreadable_reference")
        given = letters_given(visible(completion.text), choices)
        if not given:
            return Score(reward=0.0, reason="no_answer")
        if len(given) > 1:
            return Score(reward=0.0, answer=shown(", ".join(given)), reason="several_answers")
        correct = given[0] in right
        return Score(reward=float(correct), answer=given[0], reason="correct" if correct else "wrong_answer")

    def explain(task: Task, completion: Completion) -> Explanation:
        tried = judged(verify, task, completion)
        choices = _choices(task.metadata.get("choices")) or dict.fromkeys(letters, "")
        right = {one for text in references(task.answer) for one in _right(text, choices)}
        text, at = visible(completion.text), visible_at(completion.text)
        rule, places = _places(text, choices)
        return Explanation(
            score=tried.score,
            read=", ".join(text[start:end] for start, end in places),
            rule=rule if places else "",
            spans=tuple((at + start, at + end) for start, end in places),
            forms={
                "answer": _listed(letters_given(text, choices), choices),
                "reference": _listed(sorted(right), choices),
            },
            stage="letter" if places and right else "",
            ms={"total": tried.ms},
        )

    return explaining(verify, explain)


def letters_given(text: str, choices: Mapping[str, str]) -> list[str]:
    """Return the different letters that a visible text gives as its answer, sorted.

    `choices` maps each letter to the `rlvr_exact.exact.key` of its text, or to nothing.

    >>> four = dict.fromkeys("ABCD", "")
    >>> letters_given("The answer is B) because A is wrong", four), letters_given("A city", four)
    (['B'], [])
    >>> letters_given("B or C", four), letters_given("Paris", {"A": "rome", "B": "paris"})
    (['B', 'C'], ['B'])
    """
    answer = declared(text)
    region = text if answer is None else answer
    whole = _by_text(region, choices)
    if whole:
        return [whole]
    given: set[str] = set()
    for line in region.splitlines():
        given |= _of_line(line, choices)
    return sorted(given)


def _places(text: str, choices: Mapping[str, str]) -> tuple[str, list[tuple[int, int]]]:
    """Return the rule and the places of all letters, or the text of a choice, that are the answer."""
    region = declaration(text) or Place(0, len(text), "lines")
    if _by_text(text[region.start : region.end], choices):
        return f"{region.rule}, text of a choice", [(region.start, region.end)]
    found, start = [], region.start
    for line in text[region.start : region.end].splitlines(keepends=True):
        found += [(start + first, start + last) for first, last in _line_places(line.rstrip(), choices)]
        start += len(line)
    return region.rule, found


def _line_places(line: str, choices: Mapping[str, str]) -> list[tuple[int, int]]:
    match, given = _GIVEN.match(line), _of_line(line, choices)
    if match is None or not given:
        return []
    first = match.span("closed" if match.group("closed") else "bare")
    rest, at = match.group("rest"), match.start("rest")
    bare = rest.lstrip("*_`)].:- ")
    if _by_text(bare, choices):
        return [first, (len(line) - len(bare), len(line))]
    others = [place for letter, place in _others(rest) if letter in given]
    first_given = line[slice(*first)].upper() in given
    return [first] * first_given + [(at + start, at + end) for start, end in sorted(others)]


def _listed(found: list[str], choices: Mapping[str, str]) -> str:
    return " or ".join(f"{letter} ({choices[letter]})" if choices[letter] else letter for letter in found)


def _of_line(line: str, choices: Mapping[str, str]) -> set[str]:
    match = _GIVEN.match(line)
    if match is None:
        return set()
    closed, rest = match.group("closed"), match.group("rest")
    letter = closed or match.group("bare")
    if not _is_answer(letter, rest, closed=closed is not None):
        return set()
    said = _by_text(rest.lstrip("*_`)].:- "), choices)
    if said:
        return {letter.upper(), said} & choices.keys()
    return {letter.upper(), *(other for other, _ in _others(rest))} & choices.keys()


def _is_answer(letter: str, rest: str, *, closed: bool) -> bool:
    if closed or _ALONE.fullmatch(rest):
        return True
    if letter.islower():
        return rest.startswith(")")
    return rest.startswith(",") or any(form.match(rest) for form in (_MARKED, _REASON, _AND, _BESIDE))


def _others(rest: str) -> list[tuple[str, tuple[int, int]]]:
    """Return the letters that follow a first one as further answers, each with its place."""
    found = []
    match = _AND.match(rest) or _BESIDE.match(rest)
    while match:
        found.append((match.group("letter"), match.span("letter")))
        match = _AND.match(rest, match.end()) or _BESIDE.match(rest, match.end())
    why = _WHY.search(rest)
    listed = rest[: why.start()] if why else rest
    return found + [
        (one.group(one.lastindex or 0), one.span(one.lastindex or 0)) for one in _LATER.finditer(listed)
    ]


def _right(reference: str, choices: Mapping[str, str]) -> list[str]:
    letter = reference.strip().strip("()[].:").upper()
    found = letter if letter in choices else _by_text(reference, choices)
    return [found] if found else []


def _by_text(text: str, choices: Mapping[str, str]) -> str | None:
    # Composing accents costs the square of their number: what is much longer than every choice is none.
    if not text.strip() or len(text) > 3 * max(map(len, choices.values())) + _SPARE:
        return None
    wanted = key(text)
    found = [letter for letter, one in choices.items() if one == wanted]
    return found[0] if len(found) == 1 else None


def _choices(given: Any) -> dict[str, str]:
    if isinstance(given, Mapping):
        return {str(letter).strip().upper(): key(str(text)) for letter, text in given.items()}
    if isinstance(given, list | tuple) and len(given) <= len(ALPHABET):
        return {letter: key(str(text)) for letter, text in zip(ALPHABET, given, strict=False)}
    return {}
