"""The words that mean something in an answer: functions, hedges, scales, units."""

__all__ = [
    "FUNCTIONS",
    "GREEK",
    "HEDGES",
    "LETTER_UNITS",
    "MATH_WORDS",
    "PARTS",
    "SCALES",
    "SHORT_UNITS",
    "UNIT_NAMES",
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

SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
"""Words that multiply the number before them, with their factor."""

PARTS = frozenset(
    {
        "half", "halves", "third", "thirds", "quarter", "quarters", "fourth", "fourths", "fifth", "fifths",
        "tenth", "tenths", "dozen", "squared", "cubed", "percent",
    }
)  # fmt: skip
"""Words that change the number before them and are not read: an answer with one is not cut short."""

SHORT_UNITS = frozenset(
    {
        "cm", "mm", "km", "nm", "kg", "mg", "lb", "lbs", "oz", "ml", "cl", "kl", "ft", "in", "yd", "mi",
        "hr", "hrs", "min", "sec", "ms", "mph", "kph", "sq", "cu", "per", "of", "a", "an", "the", "am",
        "pm", "usd", "day",
    }
)  # fmt: skip
"""Words of at most three letters that can stand in a unit after a number."""

LETTER_UNITS = frozenset("mgshlLJNWVACFKa")
"""Single letters that are units in `\\text{}`; `i` and `e` there are the constants."""

UNIT_NAMES = {
    "dollar": "dollars", "usd": "dollars", "degree": "degrees", "deg": "degrees", "percent": "percent",
    "centimeter": "cm", "centimetre": "cm", "meter": "m", "metre": "m", "kilometer": "km", "kilometre": "km",
    "kilogram": "kg", "gram": "g", "inch": "in", "inche": "in", "foot": "ft", "feet": "ft", "yard": "yd",
    "mile": "mi", "hour": "h", "hr": "h", "minute": "min", "second": "s", "sec": "s", "pound": "lb",
    "ounce": "oz", "liter": "l", "litre": "l", "milliliter": "ml", "millilitre": "ml",
}  # fmt: skip
"""Other names of a unit, by its singular in lower case."""
