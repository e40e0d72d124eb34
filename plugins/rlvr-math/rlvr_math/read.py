r"""Read the answer out of a completion: which words of it are the answer, and by which rule.

The rules, in their order, are the table "Reading" of docs/math-policy.md: box, boxes, tag, hashes, phrase,
bare, formula, last_number. The first that finds something decides. Every step is linear in the length of the
text.
"""

import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rlvr.extract import Box, after_marker, boxes, visible_span
from rlvr_math.prose import clause, run_around, sole
from rlvr_math.spans import SENTENCE_END, formulas, inside, is_joint
from rlvr_math.tasks import is_bounded, is_task
from rlvr_math.text import normal
from rlvr_math.words import (
    DENIALS,
    DOUBTS,
    HEDGES,
    MATH_WORDS,
    MODIFIERS,
    NOT_NOUNS,
    PARTS,
    PLACES,
    SCALES,
    words_in,
)

__all__ = ["Level", "Reading", "Rule", "read", "reference"]

Level = Literal["box", "marked", "any"]
Rule = Literal["box", "boxes", "tag", "hashes", "phrase", "bare", "formula", "last_number"]

_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])[-+\u2212]?\$?(?:(?:[0-9]{1,3}(?:,[0-9]{3}){1,20}(?![0-9])|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)"
    r"(?:/[0-9]+(?:\.[0-9]+)?)?(?:(?=(?:[cmk]?m|[km]?g|ml|L)(?:[\u00b2\u00b3]|\b))|(?![\w]|\.[0-9]))"
    r"(?:\s?(?:\\?%|percent\b|percentage\b|pct\b))?"
)
_PHRASE = re.compile(
    r"(?:\banswers?\b[ \t*_]{0,4}(?:is\b|are\b|:|=|(?=\$|\\\(|\\\[))"
    r"|\bcorrect (?:option|choice)\b[ \t*_]{0,4}(?:is\b|:)"
    r"|(?:\u7b54\u6848|\u6545\u9009|\u6545\u586b|\u041e\u0442\u0432\u0435\u0442|Antwort|R\u00e9ponse|Respuesta|Risposta)"
    r"[ \t*_]{0,3}(?:\u662f|\u4e3a|:|\uff1a|(?=[0-9A-Z$\\]))"
    r"|^[ \t*_(\[#]{0,6}A(?:nswer)?[ \t*_]{0,3}:)[ \t*_:.]{0,6}(?:\n[-*] )?",
    re.IGNORECASE | re.MULTILINE,
)
_DECORATION = re.compile(r"\s*(?:\^|\\(?:square|blacksquare|qed|Box)\b)")
_QUESTION = re.compile(r"^[^.!]{0,200}\?(?=\s|$)")
_HEADING = re.compile(r"(?:step|part|case|problem|question|section|note|example|solution)\b", re.IGNORECASE)
_DASH = re.compile(r"(?:(?<=\s)[-\u2010-\u2015\u2212~]|[0-9]\s+to)\s*$")
_TOUCHED = re.compile(r"[0-9\u221a^~<>\u00b1!]|[-\u2010-\u2015\u2212] ?#")
_SAID = re.compile(r"\b(?:is|are|equals|be|was) (?:equal to )?(\$[^$]{1,200}\$|[-+]?[0-9][0-9,./]*%?)\**$")
_LETTERS = re.compile("[A-Za-z]+")
_SO = re.compile(r"[\s,;:.$]*(?:and )?(?:so|thus|hence|therefore)\b(?! that)", re.IGNORECASE)
_AGAIN = re.compile(
    r",? (?:and|or)(?: also)?(?: (?:the|my|another|other|final|correct|right|second))*[ *_]{1,4}$",
    re.IGNORECASE,
)
_OPENERS = frozenset({"", "$$", "$", "\\[", "\\(", "**", "```"})
_BARE_CHARS = 300
_PHRASE_CHARS = 2_000
_SOLUTION_CHARS = 200
_SENTENCE_CHARS = 200
_NEAR_CHARS = 40
_MAX_JOINED = 32


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
    ('18 dollars', '3, 5')
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
        if len(set(contents)) > 1 and contents[-1]:
            return Reading(
                text=", ".join(contents),
                rule="boxes",
                start=joined[0].start,
                end=last.end,
                pieces=tuple(contents),
            )
    shown = _with_what_is_around(text, outer[-1], last)
    return Reading(text=shown, rule="box", start=last.content, end=last.content_end)


def _with_what_is_around(text: str, outer: Box, inner: Box) -> str:
    r"""Return the content of a box, with what stands around it in another: `\boxed{5 or \boxed{6}}`."""
    content = text[inner.content : inner.content_end]
    if outer == inner or not outer.content <= inner.start < outer.content_end:
        return content
    before, after = text[outer.content : inner.start], text[inner.end : outer.content_end]
    beside = any(character.isalnum() for character in re.sub(r"\\[A-Za-z]+", "", before + after))
    return before + content + after if beside else content


def _outermost(found: Sequence[Box]) -> list[Box]:
    kept: list[Box] = []
    for box in found:
        if not kept or box.start >= kept[-1].end:
            kept.append(box)
    return kept


def _joined(text: str, found: Sequence[Box]) -> list[Box]:
    """Return the last boxes that make one answer: those with only a joint between them."""
    return list(found[_first_joined(text, [(box.start, box.end) for box in found]) :])


def _first_joined(text: str, spans: Sequence[tuple[int, int]], *, strict: bool = False) -> int:
    """Return the index of the first of the last places that have only joints between them."""
    first = len(spans) - 1
    least = max(0, len(spans) - _MAX_JOINED)
    while first > least and is_joint(text[spans[first - 1][1] : spans[first][0]], strict=strict):
        first -= 1
    return first


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
    if _HEADING.match(found):
        return None
    return _sole(_sentence(found)), start, start + len(line)


def _after_phrase(text: str) -> _Found | None:
    before, last = None, None
    for match in _PHRASE.finditer(text):
        before, last = last, match
    if last is None:
        return None
    end = last.end()
    if _is_doubted(text, last.start(), end):
        return "", end, end
    other = _named_before(text, before, last) if before else ""
    start = before.end() if before and other else end
    rest = text[end : end + _PHRASE_CHARS]
    formula = _displayed(rest)
    if formula is not None:
        return other + formula, start, end + len(rest)
    lines = rest.split("\n")
    found = next((line.strip() for line in lines if line.strip() not in _OPENERS), "")
    shown = _sole(_sentence(found))
    return (other + shown, start, end + len(rest.partition("\n")[0])) if shown else None


def _named_before(text: str, before: re.Match[str], last: re.Match[str]) -> str:
    """Return the first answer of `the answer is 3 and the answer is 5` and a comma, if they are two."""
    between = text[before.end() : last.start()]
    again = _AGAIN.search(between) if len(between) <= _SENTENCE_CHARS else None
    if again is None or "\n" in between or SENTENCE_END.search(between):
        return ""
    first = _sole(between[: again.start()].strip())
    line = text[last.end() : last.end() + _PHRASE_CHARS].partition("\n")[0]
    return "" if not first or normal(first) == normal(_sole(_sentence(line).strip())) else first + ", "


def _is_doubted(text: str, start: int, end: int) -> bool:
    """Say whether "the answer is" is denied, supposed or asked, or is the first of several options."""
    before = SENTENCE_END.split(text[max(0, start - _SENTENCE_CHARS) : start].rpartition("\n")[2])[-1]
    line, _, after = text[end : end + _PHRASE_CHARS].partition("\n")
    question = _QUESTION.search(line)
    listed = text[start:end].lstrip(" \t*_([#")[:2] in ("A:", "A ") and re.match(
        r"\s*[*_(]{0,3}B[.:)]", after
    )
    return not DOUBTS.isdisjoint(_lowered(before)) or question is not None or bool(listed)


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
    spans = formulas(shown)
    if len(spans) == 1 and spans[0][1] - spans[0][0] < len(shown) - 4:
        return None
    return (shown, 0, len(text)) if words_in(shown) <= _MATHEMATICAL else None


def _last_formula(text: str) -> _Found | None:
    """Find the last formula, if no number stands free after it and its sentence takes nothing back."""
    spans = [span for span in formulas(text) if not _DECORATION.match(inside(text[slice(*span)]))]
    while len(spans) > 1 and _is_side_clause(text[spans[-2][1] : spans[-1][0]]):
        spans.pop()
    if not spans:
        return None
    first = _first_joined(text, spans, strict=True)
    start, end = spans[first][0], spans[-1][1]
    after = _NUMBER.search(text, end)
    if after and not _is_side_clause(text[end : after.start()]):
        return None
    if _takes_back(text, start) or _takes_back_after(text, end):
        return "", start, end
    if is_task(text, start, end) or is_bounded(text[max(0, start - _NEAR_CHARS) : start]):
        return "", start, end
    return ", ".join(inside(text[a:b]) for a, b in spans[first:]), start, end


def _is_side_clause(between: str) -> bool:
    """Say whether what follows in the sentence gives a reason or a place: `$5$, attained when $x=1$`."""
    return (
        len(between) < _SENTENCE_CHARS
        and not _SO.match(between)
        and not SENTENCE_END.search(between)
        and clause("5" + between) != "5" + between
    )


def _last_number(text: str) -> _Found | None:
    """Find the last number that stands free, with the mathematics around it; several make a list."""
    matches = deque(_NUMBER.finditer(text), maxlen=_MAX_JOINED)
    if not matches or _takes_back(text, matches[-1].start()):
        return None
    spans = [match.span() for match in matches]
    first = _first_joined(text, spans, strict=True)
    if first < len(spans) - 1:
        return ", ".join(text[a:b] for a, b in spans[first:]), spans[first][0], spans[-1][1]
    start, end = run_around(text, matches[-1].start()) or spans[-1]
    if _is_modified(text, start, end) or is_task(text, start, end):
        return None
    side = text.rfind("=", start, end) + 1
    return text[side or start : end].strip(), side or start, end


def _is_modified(text: str, start: int, end: int) -> bool:
    """Say whether the words beside a number make another value of it: `at least 5`, `negative 5`."""
    near = text[max(0, start - _NEAR_CHARS) : start]
    if _DASH.search(near) or is_bounded(near):
        return True
    before, after = _lowered(near)[-2:], _lowered(text[end : end + 30])[:1]
    return not _MODIFYING.isdisjoint(before) or not _AFTER.isdisjoint(after)


def _takes_back(text: str, position: int) -> bool:
    """Say whether the sentence before a place denies or leaves open what stands there."""
    before = text[max(0, position - _SENTENCE_CHARS) : position]
    if len(before) == _SENTENCE_CHARS:
        before = before.partition(" ")[2]
    sentence = SENTENCE_END.split(before)[-1].rpartition("\n\n")[2]
    return not DENIALS.isdisjoint(_lowered(sentence)) or "n't" in sentence


def _takes_back_after(text: str, position: int) -> bool:
    after = text[position : position + _SENTENCE_CHARS]
    sentence = _sentence(after if len(after) < _SENTENCE_CHARS else after.rpartition(" ")[0])
    return not DENIALS.isdisjoint(_lowered(sentence))


def _lowered(text: str) -> list[str]:
    """Return every run of letters in its order, in lower case: single letters and commands, too."""
    return [word.casefold() for word in _LETTERS.findall(text)]


def _sentence(text: str) -> str:
    end = SENTENCE_END.search(text)
    return text[: end.start()] if end and text[end.start()] != "!" else text


def _sole(text: str) -> str:
    """Return the only piece of mathematics among words; the whole text where that is not clear."""
    shown = clause(text)
    words = words_in(shown)
    if not words or words & _MEANINGFUL:
        return shown
    spans = formulas(shown)
    if spans and is_bounded(shown[: spans[0][0]]):
        return shown
    said = _SAID.search(shown)
    if said and not said.group(1).strip("$").isalpha():
        return said.group(1)
    if len(spans) == 1 and not _TOUCHED.search(shown[: spans[0][0]] + "#" + shown[spans[0][1] :]):
        return inside(shown[slice(*spans[0])])
    return shown if spans else sole(shown) or shown


_MATHEMATICAL = MATH_WORDS | {"percent", "percentage", "pct", "and", "or"}
_MODIFYING = (HEDGES | MODIFIERS | PLACES) - {"over", "to", "and"}
_AFTER = SCALES.keys() | PARTS | MODIFIERS | HEDGES | NOT_NOUNS
_MEANINGFUL = HEDGES | PARTS | PLACES | MODIFIERS | MATH_WORDS | SCALES.keys()
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
