"""The words that mean something in an answer: functions, hedges, scales, numbers, synonyms."""

import re
from fractions import Fraction

__all__ = [
    "DENIALS",
    "DOUBTS",
    "FUNCTIONS",
    "GREEK",
    "HEDGES",
    "LETTER_UNITS",
    "MATH_WORDS",
    "MODIFIERS",
    "NOT_NAMES",
    "NOT_NOUNS",
    "PARTS",
    "PLACES",
    "SCALES",
    "canonical",
    "number_of",
    "words_in",
]

FUNCTIONS = frozenset(
    {
        "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan",
        "sinh", "cosh", "tanh", "ln", "log", "lg", "exp", "sqrt", "abs",
    }
)  # fmt: skip
GREEK = frozenset(
    {
        "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "vartheta",
        "iota", "kappa", "lambda", "mu", "nu", "xi", "rho", "sigma", "tau", "upsilon", "phi", "varphi",
        "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Sigma", "Phi", "Psi", "Omega",
        "ell",
    }
)  # fmt: skip
MATH_WORDS = FUNCTIONS | {"pi", "infinity", "inf", "oo", "theta", "alpha", "beta"}
"""Words that stand for mathematics when written without a backslash."""

HEDGES = frozenset(
    {
        "probably", "almost", "likely", "unlikely", "guess", "around", "roughly", "nearly", "circa", "wrong",
        "or", "and", "not", "no", "nor", "neither", "either", "if", "else", "maybe", "perhaps", "possibly",
        "but", "than", "never", "none", "between", "except", "unless", "to", "versus", "vs", "without",
        "approximately", "about", "least", "most", "over", "under", "minus", "plus", "times", "isn", "cannot",
    }
)  # fmt: skip
"""Words that make what they stand beside more, less or other than the number."""

NOT_NOUNS = frozenset(
    {
        "squared", "cubed", "factorial", "repeating", "recurring", "reciprocal", "halved", "doubled", "pair",
        "pairs", "score", "gross", "dozens", "lakh", "crore", "grand", "bn", "mn", "point", "divided",
        "multiplied",
        "base", "mod", "modulo", "below", "above", "negative", "wrong", "incorrect", "invalid", "rejected",
        "extraneous", "roughly", "probably", "unsure", "less", "fewer", "more", "max", "maximum", "minimum",
        "iff",
        "false", "true", "is", "are", "was", "inverse", "root", "roots", "power", "nearly", "almost",
        "unknown",
        "twice", "double", "triple", "impossible", "undefined", "error", "zero",
    }
)  # fmt: skip
"""Words behind a number that are no noun of what is counted."""

NOT_NAMES = frozenset({"anything", "twice", "double", "half", "wrong", "incorrect", "error", "excluding"})
"""Words that, before a colon or an equals sign, are no name of what follows."""

DOUBTS = frozenset(
    {
        "don", "doesn", "didn", "think", "impossible", "wrong", "incorrect", "if", "whether", "isn", "not",
        "cannot", "never", "unless", "suppose", "assume", "unlikely", "doubt", "unsure",
    }
)  # fmt: skip
"""Words before "the answer is" that keep it from being one."""

PLACES = frozenset(
    {
        "line", "problem", "step", "theorem", "lemma", "page", "code", "equation", "figure", "table",
        "chapter",
        "section", "confidence", "case", "part", "question", "exercise", "hardly", "exceeds", "below",
        "above",
        "differs", "option",
    }
)  # fmt: skip
"""Words before a number that only point somewhere, or do not give it as the answer."""

DENIALS = frozenset(
    {
        "not", "no", "nor", "neither", "either", "maybe", "perhaps", "possibly", "never", "or", "between",
        "isn",
        "cannot", "unless", "except", "if", "without", "wasn", "aren", "wrong", "incorrect",
        "roughly", "nearly", "unknown", "unsure", "stuck", "doubt", "doesn", "don", "invalid", "rejected",
    }
)  # fmt: skip
"""Words in the last sentence that take back, or leave open, an answer without a mark."""

MODIFIERS = frozenset(
    {
        "root", "roots", "square", "cube", "squared", "cubed", "power", "factorial", "negative", "double",
        "twice",
        "triple", "half", "log", "inverse", "reciprocal", "opposite", "out", "multiple", "multiples",
        "divisor",
        "divisors", "factor", "factors", "complement", "subtracting", "adding", "sine", "cosine",
        "distance", "far",
        "greater", "smaller", "larger", "exceeding", "digits", "modulo", "false", "unclear", "undetermined",
        "hundredths", "sixths", "remains",
    }
)  # fmt: skip
"""Words that make another value of the number beside them."""

SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
"""Words that multiply the number before them, with their factor."""

PARTS = frozenset(
    {
        "half", "halves", "third", "thirds", "quarter", "quarters", "fourth", "fourths", "fifth", "fifths",
        "tenth", "tenths", "dozen", "percent",
    }
)  # fmt: skip
"""Words that change the number before them and are not read: an answer with one is not cut short."""

LETTER_UNITS = frozenset("mgshlLJNWVACFKa")
"""Single letters that are units in `\\text{}`; `i` and `e` there are the constants."""

_ARTICLES = frozenset({"the", "a", "an", "is", "are", "it", "its", "there", "only", "just", "answer"})
_SYNONYMS = {
    **dict.fromkeys(
        ("no solutions", "no real solution", "no real solutions", "none", "empty set", "no roots", "no root"),
        "no solution",
    ),
    **dict.fromkeys(
        ("all reals", "all real", "any real number", "all real x", "every real number", "real numbers"),
        "all real numbers",
    ),
    **dict.fromkeys(
        ("infinite", "infinitely", "infinitely many solutions", "infinite solutions", "infinite number"),
        "infinitely many",
    ),
    "dne": "does not exist",
}
_SHORT_WORDS = frozenset({"yes", "no", "odd", "dne", "one", "two", "six", "ten", "all", "any", "nan"})
_CASED = 3
_OPINION = re.compile(r"(yes|no|true|false)[,.;:] ?(?=[a-z])", re.IGNORECASE)
_OPPOSITE = {"yes": {"no", "not"}, "no": {"yes"}, "true": {"false", "not"}, "false": {"true"}}
_ENDINGS = ("does not exist", "diverges", "converges")
_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {word: index for index, word in enumerate(_UNITS)} | {
    word: 10 * index for index, word in enumerate(_TENS, start=2)
}
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
)  # fmt: skip
_PART_VALUES = (
    {word: index for index, word in enumerate(_ORDINALS, start=1)}
    | {f"{word}s": index for index, word in enumerate(_ORDINALS, start=1) if index > 2}
    | {"half": 2, "halves": 2, "quarter": 4, "quarters": 4, "hundredth": 100, "hundredths": 100}
)
_TEN = 10
_THOUSANDS = SCALES.keys() - {"hundred"}
_SPLIT = re.compile(r"[a-z]+")
_MAX_NUMBER_WORDS = 12
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")


def words_in(text: str) -> set[str]:
    r"""Return the words of a text, in lower case, that are no commands and no single letters.

    >>> sorted(words_in(r"It is \frac12 of It"))
    ['is', 'it', 'of']
    """
    return {word.casefold() for word in _WORD.findall(text)}


def canonical(text: str) -> str:
    """Return words in one spelling: no case, articles or punctuation, one of several synonyms.

    >>> canonical("No solutions."), canonical("the Hyperbola"), canonical("yes and no"), canonical("Mg")
    ('no solution', 'hyperbola', 'yes and no', 'Mg')
    >>> canonical("Yes, it is possible."), canonical("The limit does not exist")
    ('yes', 'does not exist')
    """
    shown = text.strip()
    if len(shown) <= _CASED and not shown.islower() and shown.casefold() not in _SHORT_WORDS:
        return shown.casefold() if len(shown) == _CASED and shown.istitle() else shown
    said = _OPINION.match(shown)
    if said and not _OPPOSITE[said[1].casefold()] & set(re.findall("[a-z]+", shown.casefold())):
        return said[1].casefold()
    found = re.findall("[a-z-]+", shown.casefold().replace("'", ""))
    joined = " ".join(word for word in found if word not in _ARTICLES) or " ".join(shown.casefold().split())
    ending = next((ending for ending in _ENDINGS if joined.endswith(ending)), joined)
    return _SYNONYMS.get(ending, ending)


def number_of(text: str) -> Fraction | None:
    """Return the number that English words write, below a quadrillion, or None.

    >>> [str(number_of(text)) for text in ("seven", "twenty-one", "two hundred and five thousand")]
    ['7', '21', '205000']
    >>> [str(number_of(text)) for text in ("negative five", "three fourths", "first", "one two")]
    ['-5', '3/4', '1', 'None']
    """
    words = [word for word in _SPLIT.findall(text.casefold()) if word != "and"]
    if not words or len(words) > _MAX_NUMBER_WORDS or re.search(r"[^A-Za-z\s-]", text):
        return None
    sign = 1
    if words[0] in ("negative", "minus"):
        sign, words = -1, words[1:]
    value = _fraction(words) or _whole(words)
    return None if value is None else Fraction(sign * value)


def _fraction(words: list[str]) -> Fraction | None:
    """Read `a half`, `three fourths` and, alone, an ordinal."""
    part = _PART_VALUES.get(words[-1]) if words else None
    if part is None:
        return None
    tops = words[:-1]
    if not tops:
        alone = words[-1] in _ORDINALS
        return Fraction(1, 2) if words == ["half"] else Fraction(part) if alone else None
    top = 1 if tops == ["a"] else _whole(tops)
    return Fraction(top, part) if top else None


def _whole(words: list[str]) -> int | None:
    total, group, before = 0, 0, ""
    for word in words:
        value = _VALUES.get(word)
        if value is not None:
            if not _follows(value, before):
                return None
            group += value
        elif word == "hundred" and 0 < group < _TEN:
            group *= 100
        elif word in _THOUSANDS and group > 0 and (total == 0 or SCALES[word] < _last(total)):
            total, group = total + group * SCALES[word], 0
        else:
            return None
        before = word
    return total + group if words else None


def _follows(value: int, before: str) -> bool:
    if before in _TENS:
        return 0 < value < _TEN
    return before not in _VALUES


def _last(total: int) -> int:
    """Return the smallest scale that a total of scales can have been built with."""
    return next(scale for scale in sorted(SCALES.values()) if total % (scale * 1000) or scale == 10**12)
