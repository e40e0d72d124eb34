"""The words that mean something in an answer: functions, hedges, scales, numbers, synonyms."""

import re

__all__ = [
    "DENIALS",
    "FUNCTIONS",
    "GREEK",
    "HEDGES",
    "LETTER_UNITS",
    "MATH_WORDS",
    "PARTS",
    "SCALES",
    "canonical",
    "number_of",
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
        "or", "and", "not", "no", "nor", "neither", "either", "if", "else", "maybe", "perhaps", "possibly",
        "but", "than", "never", "none", "between", "except", "unless", "to", "versus", "vs", "without",
        "approximately", "about", "least", "most", "over", "under", "minus", "plus", "times", "isn", "cannot",
    }
)  # fmt: skip
"""Words that make what they stand beside more, less or other than the number."""

DENIALS = frozenset(
    {
        "not", "no", "nor", "neither", "either", "maybe", "perhaps", "possibly", "never", "or", "between",
        "isn",
        "cannot", "unless", "except", "if", "without", "wasn", "aren", "wrong", "incorrect",
    }
)  # fmt: skip
"""Words in the last sentence that take back, or leave open, an answer without a mark."""

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
_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {word: index for index, word in enumerate(_UNITS)} | {
    word: 10 * index for index, word in enumerate(_TENS, start=2)
}
_THOUSANDS = SCALES.keys() - {"hundred"}
_SPLIT = re.compile(r"[a-z]+")
_MAX_NUMBER_WORDS = 12


def canonical(text: str) -> str:
    """Return words in one spelling: no case, articles or punctuation, one of several synonyms.

    >>> canonical("No solutions."), canonical("the Hyperbola"), canonical("yes and no")
    ('no solution', 'hyperbola', 'yes and no')
    """
    words = [
        word for word in re.findall("[a-z-]+", text.casefold().replace("'", "")) if word not in _ARTICLES
    ]
    joined = " ".join(words) or " ".join(text.casefold().split())
    return _SYNONYMS.get(joined, joined)


def number_of(text: str) -> int | None:
    """Return the whole number that English words write, below a quadrillion, or None.

    >>> number_of("seven"), number_of("twenty-one"), number_of("two hundred and five thousand")
    (7, 21, 205000)
    >>> number_of("hundred apples"), number_of("one two")
    (None, None)
    """
    words = [word for word in _SPLIT.findall(text.casefold()) if word != "and"]
    if not words or len(words) > _MAX_NUMBER_WORDS or re.search(r"[^A-Za-z\s-]", text):
        return None
    total, group, before = 0, 0, ""
    for word in words:
        value = _VALUES.get(word)
        if value is not None:
            if not _follows(value, before):
                return None
            group += value
        elif word == "hundred" and 0 < group < 10:
            group *= 100
        elif (
            word in SCALES and word != "hundred" and group > 0 and (total == 0 or SCALES[word] < _last(total))
        ):
            total, group = total + group * SCALES[word], 0
        else:
            return None
        before = word
    return total + group


def _follows(value: int, before: str) -> bool:
    if before in _TENS:
        return 0 < value < 10
    return before not in _VALUES


def _last(total: int) -> int:
    """Return the smallest scale that a total of scales can have been built with."""
    return next(scale for scale in sorted(SCALES.values()) if total % (scale * 1000) or scale == 10**12)
