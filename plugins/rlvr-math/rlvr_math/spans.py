"""Where formulas stand in a text, and whether two pieces of it make one list."""

import re

from rlvr_math.words import MATH_WORDS, words_in

__all__ = ["SENTENCE_END", "formulas", "inside", "is_joint"]

SENTENCE_END = re.compile(r"[.?!](?=\s|$|\*)")
_DELIMITER = re.compile(
    r"\\\$|\$\$|\$|\\[()\[\]]|\*\*|\\(?:begin|end)\{(?:[pbB]?matrix|array)\}(?:\{[lcr|]{0,20}\})?"
)
_CLOSES = {"$$": "$$", "$": "$", "\\(": "\\)", "\\[": "\\]", "**": "**", "matrix": "matrix"}
_JOINT_NOISE = re.compile(r"\\(?:quad|qquad|text|mathrm|textbf|[()\[\],;! ])|[${}\s~*]")
_LABEL = re.compile(r"[A-Za-z](?:_\{?[A-Za-z0-9]{1,4}\}?)?\s{0,2}=\s{0,2}[$({\\]{0,3}\s{0,2}$")
_REVISIONS = frozenset(
    {
        "so", "then", "is", "answer", "actually", "wait", "no", "not", "but", "thus", "hence", "therefore",
        "check", "rather", "instead", "which", "because", "since", "gives", "becomes", "equals", "means",
        "correct", "final", "now", "again", "was", "hmm", "sorry", "mistake", "let",
    }
)  # fmt: skip
_ITEM = re.compile(r"(?:^|[\s.,;$])\(?(?:[A-Za-z]|[0-9]{1,2}|[ivx]{2,4})\)[\s:$({\\]{0,6}$")
_ENDS = " \n\t.,;$"
_JOINT_CHARS = 60
_FORMULA_CHARS = 2_000
_SAID_BOLD = frozenset(
    {"yes", "no", "true", "false", "or", "and", "all", "real", "numbers", "solution", "solutions"}
)


def formulas(text: str) -> list[tuple[int, int]]:
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
    content = text[len(opener) : -len(opener)]
    if not content.strip() or len(content) > _FORMULA_CHARS:
        return False
    if opener == "**":
        return words_in(content) <= MATH_WORDS | _SAID_BOLD and any(
            character.isalnum() for character in content
        )
    if opener == "$" and "\\" not in content and content != content.strip():
        return not words_in(content)
    return "\n\n" not in content


def inside(formula: str) -> str:
    """Return a formula without its delimiters."""
    for opener, closer in _CLOSES.items():
        if formula.startswith(opener) and formula.endswith(closer):
            return formula[len(opener) : len(formula) - len(closer)].strip()
    return formula


def is_joint(between: str, *, strict: bool = False) -> bool:
    """Say whether what stands between two pieces makes them one list: signs, `and`, `or`, and a few words.

    So does the label of an item, as the `(b)` of `(a) 12 (b) 15`. `strict` allows no other words.
    """
    if len(between) > _JOINT_CHARS:
        return False
    item = _ITEM.search(between)
    if item and not between[: item.start()].strip(_ENDS):
        return True
    if SENTENCE_END.search(between):
        return False
    bare = _JOINT_NOISE.sub(" ", _LABEL.sub("", between))
    words = [word.casefold() for word in re.findall("[A-Za-z]+", bare)]
    signs = re.sub(r"[A-Za-z\s]", "", bare)
    joining = {"and", "or"} & set(words)
    if (
        signs.strip(",;&()" if words else ",;&")
        or _REVISIONS & set(words)
        or (strict and set(words) - joining)
    ):
        return False
    return not words or bool(joining)
