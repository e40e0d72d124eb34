r"""Read the answer out of a completion: which words of it are the answer, and by which rule.

The rules, in their order, are the table "Reading" of docs/math-policy.md: box, boxes, tag, hashes, phrase,
bare, formula, last_number. The first that finds something decides. Every step is linear in the length of the
text.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rlvr.extract import Box, after_marker, boxes, visible_span
from rlvr_math.words import DENIALS, HEDGES, MATH_WORDS, PARTS, SCALES

__all__ = ["Level", "Reading", "Rule", "read", "reference"]

Level = Literal["box", "marked", "any"]
Rule = Literal["box", "boxes", "tag", "hashes", "phrase", "bare", "formula", "last_number"]

_NUMBER = re.compile(
    r"(?<![\w.])[-+\u2212]?\$?(?:(?:[0-9]{1,3}(?:,[0-9]{3}){1,20}(?![0-9])|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)"
    r"(?:/[0-9]+(?:\.[0-9]+)?)?(?:(?=(?:[cmk]?m|[km]?g|ml|L)(?:[\u00b2\u00b3]|\b))|(?![\w]|\.[0-9]))"
    r"(?:\s?(?:\\?%|percent\b|percentage\b|pct\b))?"
)
_PHRASE = re.compile(
    r"(?:\banswer\b[ \t*_]{0,4}(?:is\b|:|=|(?=\$|\\\(|\\\[))"
    r"|^[ \t*_]{0,4}A(?:nswer)?[ \t*_]{0,3}:)[ \t*_:]{0,6}",
    re.IGNORECASE | re.MULTILINE,
)
_SAID = re.compile(r"\b(?:is|are|equals|be|was) (?:equal to )?(\$[^$]{1,200}\$|[-+]?[0-9][0-9,./]*%?)\**$")
_SENTENCE_END = re.compile(r"[.?!](?=\s|$|\*)")
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")
_DELIMITER = re.compile(
    r"\\\$|\$\$|\$|\\[()\[\]]|\*\*|\\(?:begin|end)\{(?:[pbB]?matrix|array)\}(?:\{[lcr|]{0,20}\})?"
)
_CLOSES = {"$$": "$$", "$": "$", "\\(": "\\)", "\\[": "\\]", "**": "**", "matrix": "matrix"}
_JOINT_NOISE = re.compile(r"\\(?:quad|qquad|text|mathrm|textbf|[()\[\],;! ])|[${}\s~*]")
_LABEL = re.compile(r"[A-Za-z](?:_\{?[A-Za-z0-9]{1,4}\}?)?\s{0,2}=\s{0,2}[$({\\]{0,3}\s{0,2}$")
_OPENERS = frozenset({"", "$$", "$", "\\[", "\\(", "**", "```"})
_REVISIONS = frozenset(
    {
        "so", "then", "is", "answer", "actually", "wait", "no", "not", "but", "thus", "hence", "therefore",
        "check", "rather", "instead", "which", "because", "since", "gives", "becomes", "equals", "means",
        "correct", "final", "now", "again", "was", "hmm", "sorry", "mistake", "let",
    }
)  # fmt: skip
_BARE_CHARS = 300
_PHRASE_CHARS = 2_000
_SOLUTION_CHARS = 200
_JOINT_CHARS = 60
_SENTENCE_CHARS = 200
_MAX_JOINED = 32
_FORMULA_CHARS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The text of an answer, the rule that found it, and where it stands.

    Attributes:
        text: The answer; several pieces are joined by commas.
        pieces: The contents of several boxes.
        rule: The name of the rule.
        start: Where it starts in the completion.
        end: Where it ends.
        whole: All that followed a phrase: an answer in words is compared as a whole, too.
    """

    text: str
    rule: Rule
    start: int = 0
    end: int = 0
    whole: str = ""
    pieces: tuple[str, ...] = ()


_Found = tuple[str, int, int]
"""A text and its place."""


def read(text: str, *, level: Level = "any") -> Reading | None:
    r"""Return the answer of a completion, or None; `level` sets how far down the rules go.

    >>> read(r"So it is \boxed{\frac{1}{2}}.").text, read("6 * 7 = 42\n#### 42").rule
    ('\\frac{1}{2}', 'hashes')
    >>> read("The answer is 18 dollars every day.").text, read(r"\boxed{3} and \boxed{5}").text
    ('18', '3, 5')
    >>> read("She has 3 left, so 3 * 2 = 6 in all", level="marked") is None
    True
    """
    start, end = visible_span(text)
    shown = text[start:end]
    found = _from_boxes(shown)
    if found is not None:
        return _placed(found, start)
    if level == "box":
        return None
    for rule, find in _MARKED if level == "marked" else _ALL:
        here = find(shown)
        if here is not None and here[0].strip():
            whole = shown[here[1] : here[1] + _PHRASE_CHARS].strip() if rule == "phrase" else ""
            return Reading(text=here[0], rule=rule, start=start + here[1], end=start + here[2], whole=whole)
        if here is not None:
            return None
    return None


def reference(text: str) -> str | None:
    r"""Return the answer that a reference text holds: itself, or that of a worked solution.

    A text with `####` or a box in it is never itself an answer: it is a solution, read as one; so is a long
    text in which "the answer is" stands. The only box of a reference may have lost its end.

    >>> reference("2 + 2 = 4\n#### 4"), reference("4"), reference(" ")
    ('4', '4', None)
    """
    if "####" in text:
        return after_marker(text, "####") or None
    if len(text) > _SOLUTION_CHARS and "box" not in text and _PHRASE.search(text):
        said = _after_phrase(text)
        return said[0].strip() or None if said else None
    if "boxed" in text or "\\fbox" in text:
        found = _from_boxes(text)
        if found is not None:
            return found.text.strip() or None
        return text[text.rfind("box") :].partition("{")[2].partition("\n")[0].strip() or None
    return text.strip() or None


def _placed(found: Reading, start: int) -> Reading | None:
    if not found.text.strip(" $"):
        return None
    return replace(found, start=start + found.start, end=start + found.end)


def _from_boxes(text: str) -> Reading | None:
    if "box" not in text:
        return None
    found = boxes(text)
    if not found:
        return None
    last = found[-1]
    outer = _outermost(found)
    if last in outer and len(outer) > 1:
        joined = _joined(text, outer)
        contents = [text[box.content : box.content_end].strip() for box in joined]
        if len(set(contents)) > 1:
            return Reading(
                text=", ".join(contents),
                rule="boxes",
                start=joined[0].start,
                end=last.end,
                pieces=tuple(contents),
            )
    return Reading(
        text=text[last.content : last.content_end], rule="box", start=last.content, end=last.content_end
    )


def _outermost(found: Sequence[Box]) -> list[Box]:
    kept: list[Box] = []
    for box in found:
        if not kept or box.start >= kept[-1].end:
            kept.append(box)
    return kept


def _joined(text: str, found: Sequence[Box]) -> list[Box]:
    """Return the last boxes that make one answer: those with only a joint between them."""
    return list(found[_first_joined(text, [(box.start, box.end) for box in found]) :])


def _first_joined(text: str, spans: Sequence[tuple[int, int]]) -> int:
    """Return the index of the first of the last places that have only joints between them."""
    first = len(spans) - 1
    least = max(0, len(spans) - _MAX_JOINED)
    while first > least and _is_joint(text[spans[first - 1][1] : spans[first][0]]):
        first -= 1
    return first


def _is_joint(between: str) -> bool:
    """Say whether what stands between two pieces makes them one list: signs, `and`, `or`, a few words."""
    if len(between) > _JOINT_CHARS or _SENTENCE_END.search(between):
        return False
    bare = _JOINT_NOISE.sub(" ", _LABEL.sub("", between))
    words = [word.casefold() for word in re.findall("[A-Za-z]+", bare)]
    signs = re.sub(r"[A-Za-z\s]", "", bare)
    if signs.strip(",;&()" if words else ",;&") or _REVISIONS & set(words):
        return False
    return not words or bool({"and", "or"} & set(words)) or "," in signs


def _in_tag(text: str) -> _Found | None:
    end = text.rfind("</answer>")
    start = text.rfind("<answer>", 0, max(end, 0))
    if start < 0 or end < 0:
        return None
    start += len("<answer>")
    return _sole(text[start : min(end, start + _PHRASE_CHARS)].strip()), start, end


def _after_hashes(text: str) -> _Found | None:
    start = text.rfind("####")
    if start < 0:
        return None
    start += len("####")
    line, _, after = text[start : start + _PHRASE_CHARS].partition("\n")
    found = line.strip()
    if not found or found[0] in "#*" or (after.strip() and re.match("[A-Za-z]{2,}", found)):
        return None
    return _sole(_sentence(found)), start, start + len(line)


def _after_phrase(text: str) -> _Found | None:
    end = -1
    for match in _PHRASE.finditer(text):
        end = match.end()
    if end < 0:
        return None
    rest = text[end : end + _PHRASE_CHARS]
    formula = _displayed(rest)
    if formula is not None:
        return formula, end, end + len(rest)
    lines = rest.split("\n")
    found = next((line.strip() for line in lines if line.strip() not in _OPENERS), "")
    shown = _sole(_sentence(found))
    return (shown, end, end + len(rest.partition("\n")[0])) if shown else None


def _displayed(rest: str) -> str | None:
    """Return the displayed formula that a text starts with, if it runs over lines or holds a matrix."""
    opened = rest.lstrip()
    for opener, closer in (("$$", "$$"), ("\\[", "\\]"), ("$", "$"), ("\\(", "\\)")):
        if opened.startswith(opener):
            end = opened.find(closer, len(opener))
            inside = opened[len(opener) : end] if end >= 0 else ""
            tail = opened[end + len(closer) :].partition("\n")[0].strip(" .*")
            return inside if inside.strip() and not tail and ("\n" in inside or "\\begin" in inside) else None
    return None


def _bare(text: str) -> _Found | None:
    shown = text.strip()
    if not shown or len(shown) > _BARE_CHARS or "\n" in shown:
        return None
    spans = _formulas(shown)
    if len(spans) == 1 and spans[0][1] - spans[0][0] < len(shown) - 4:
        return None
    mathematical = all(word.casefold() in _MATHEMATICAL for word in _WORD.findall(shown))
    return (shown, 0, len(text)) if mathematical else None


def _last_formula(text: str) -> _Found | None:
    """Find the last formula, if no number stands free after it and its sentence takes nothing back."""
    spans = _formulas(text)
    if not spans:
        return None
    first = _first_joined(text, spans)
    start, end = spans[first][0], spans[-1][1]
    if _NUMBER.search(text, end):
        return None
    if _takes_back(text, start) or _takes_back_after(text, end):
        return "", start, end
    return ", ".join(_inside(text[a:b]) for a, b in spans[first:]), start, end


def _formulas(text: str) -> list[tuple[int, int]]:
    r"""Return where formulas stand: between dollars, `\( \)`, `\[ \]`, in bold, or a matrix of its own."""
    found: list[tuple[int, int]] = []
    opened: tuple[str, int] | None = None
    for match in _DELIMITER.finditer(text):
        sign = match.group()
        kind = "matrix" if sign.startswith(("\\begin", "\\end")) else sign
        if opened is None:
            opened = (kind, match.start()) if kind in _CLOSES and not sign.startswith("\\end") else None
        elif _closes(opened[0], sign):
            if _is_formula(text[opened[1] : match.end()], opened[0]):
                found.append((opened[1], match.end()))
                opened = None
            else:
                opened = (sign, match.start()) if opened[0] == "$" else None
    return found


def _closes(opener: str, sign: str) -> bool:
    return sign.startswith("\\end") if opener == "matrix" else sign == _CLOSES[opener]


def _is_formula(text: str, opener: str) -> bool:
    if opener == "matrix":
        return len(text) <= _FORMULA_CHARS
    inside = text[len(opener) : -len(opener)]
    if not inside.strip() or len(inside) > _FORMULA_CHARS:
        return False
    if opener == "**":
        plain = all(word.casefold() in MATH_WORDS for word in _WORD.findall(inside))
        return plain and any(character.isalnum() for character in inside)
    if opener == "$" and "\\" not in inside and inside != inside.strip():
        return not _WORD.search(inside)
    return "\n\n" not in inside


def _inside(formula: str) -> str:
    for opener, closer in _CLOSES.items():
        if formula.startswith(opener) and formula.endswith(closer):
            return formula[len(opener) : len(formula) - len(closer)].strip()
    return formula


def _last_number(text: str) -> _Found | None:
    before, last = None, None
    for match in _NUMBER.finditer(text):
        before, last = last, match
    if last is None:
        return None
    listed = before is not None and _is_joint(text[before.end() : last.start()])
    if listed or _takes_back(text, last.start()):
        return None
    return last.group(), last.start(), last.end()


def _takes_back(text: str, position: int) -> bool:
    """Say whether the sentence before a place denies or leaves open what stands there."""
    before = text[max(0, position - _SENTENCE_CHARS) : position]
    if len(before) == _SENTENCE_CHARS:
        before = before.partition(" ")[2]
    sentence = _SENTENCE_END.split(before)[-1].rpartition("\n\n")[2]
    words = {word.casefold() for word in re.findall("[A-Za-z]+", sentence)}
    return bool(words & DENIALS) or "n't" in sentence


def _takes_back_after(text: str, position: int) -> bool:
    sentence = _sentence(text[position : position + _SENTENCE_CHARS]).rpartition(" ")[0]
    words = {word.casefold() for word in re.findall("[A-Za-z]+", sentence)}
    return bool(words & DENIALS)


def _sentence(text: str) -> str:
    end = _SENTENCE_END.search(text)
    return text[: end.start()] if end and text[end.start()] != "!" else text


def _sole(text: str) -> str:
    """Return the only piece of mathematics among words; the whole text where that is not clear."""
    words = {word.casefold() for word in _WORD.findall(text)}
    if not words or words & _MEANINGFUL:
        return text
    spans = _formulas(text)
    said = _SAID.search(text)
    if said and not said.group(1).strip("$").isalpha():
        return said.group(1)
    if len(spans) == 1:
        outside = text[: spans[0][0]] + " " + text[spans[0][1] :]
        if not re.search("[0-9]", outside):
            return _inside(text[slice(*spans[0])])
    if spans:
        return text
    numbers: list[str] = _NUMBER.findall(text)
    return numbers[0] if len(numbers) == 1 and len(re.findall("[0-9.,/]+", text)) == 1 else text


_MATHEMATICAL = MATH_WORDS | {"percent", "percentage", "pct", "and", "or"}
_MEANINGFUL = HEDGES | PARTS | MATH_WORDS | SCALES.keys()
_MARKED: tuple[tuple[Rule, Callable[[str], _Found | None]], ...] = (
    ("tag", _in_tag),
    ("hashes", _after_hashes),
    ("phrase", _after_phrase),
)
_ALL: tuple[tuple[Rule, Callable[[str], _Found | None]], ...] = (
    *_MARKED,
    ("bare", _bare),
    ("formula", _last_formula),
    ("last_number", _last_number),
)
