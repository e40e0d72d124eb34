r"""The normal form of an answer's text: one spelling for what LaTeX and Unicode write in many ways.

It drops what carries no meaning (spacing, `\left`, `$`, fonts, a final period) and renames synonyms
(`\dfrac`, `\lbrace`, `\le`). It never drops a word, a digit or an operator. Linear in the text.
"""

import re

__all__ = ["normal"]

_UNICODE = str.maketrans(
    {
        "\u2212": "-", "\u2013": "-", "\u00d7": "\\times ", "\u00f7": "\\div ", "\u00b7": "\\cdot ",
        "\u22c5": "\\cdot ", "\u03c0": "\\pi ", "\u221e": "\\infty ", "\u221a": "\\sqrt ",
        "\u2264": "\\leq ", "\u2265": "\\geq ", "\u2260": "\\neq ", "\u2208": "\\in ",
        "\u222a": "\\cup ", "\u2229": "\\cap ", "\u2205": "\\emptyset ", "\u00b0": "\\degree ",
        "\u00b1": "\\pm ", "\u2213": "\\mp ", "\u03b8": "\\theta ", "\u03b1": "\\alpha ",
        "\u03b2": "\\beta ", "\u211d": "\\mathbb{R}", "\u00a0": " ", "\u2009": " ", "\u202f": " ",
        "\u2044": "/", "\u00bd": " 1/2", "\u00bc": " 1/4", "\u00be": " 3/4", "\u2153": " 1/3",
        "\u2154": " 2/3", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2061": "",
        "\u20ac": "\\euro ", "\u00a3": "\\pounds ",
    }
    | {chr(0xFF01 + i): chr(0x21 + i) for i in range(94)}
)  # fmt: skip
_SUPERSCRIPTS = str.maketrans(
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207b", "0123456789-"
)
_SUPERSCRIPT_RUN = re.compile("[\u2070\u00b9\u00b2\u00b3\u2074-\u2079\u207b]+")

# fmt: off
_DROPPED = (
    "left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "strut",
    "displaystyle", "textstyle", "limits", "nolimits", "mathbf", "boldsymbol", "bm", "mathit", "mathcal",
    "!", "(", ")", "[", "]",
)
_SPACING = (",", ";", ":", " ", "\n", "quad", "qquad", "thinspace", "medspace", "thickspace", "enspace")
_TEXTS = (
    "mathrm", "mbox", "hbox", "textbf", "textit", "textrm", "textsf", "textnormal", "mathsf", "operatorname",
)
_SYNONYMS = {
    "dfrac": "\\frac ", "tfrac": "\\frac ", "cfrac": "\\frac ", "dbinom": "\\binom ", "tbinom": "\\binom ",
    "le": "\\leq ", "leqslant": "\\leq ", "ge": "\\geq ", "geqslant": "\\geq ", "ne": "\\neq ",
    "lt": "<", "gt": ">", "lbrace": "\\{", "rbrace": "\\}", "lparen": "(", "rparen": ")",
    "lbrack": "[", "rbrack": "]", "vert": "|", "lvert": "|", "rvert": "|", "mid": "|",
    "varnothing": "\\emptyset ", "ast": "*", "$": "\\dollar ", "textdollar": "\\dollar ", "%": "%",
    "colon": ":", "infin": "\\infty ",
}
# fmt: on
_COMMANDS = (
    dict.fromkeys(_DROPPED, "") | dict.fromkeys(_SPACING, " ") | dict.fromkeys(_TEXTS, "\\text ") | _SYNONYMS
)
_COMMAND = re.compile(r"\\(\\|[A-Za-z]+|.)|[$~]", re.DOTALL)
_EMPTY_FENCE = re.compile(r"\\(?:left|right)\s{0,3}\.")
_THOUSANDS = re.compile(r"(?<=[0-9])(?:,\s?\\!\s?|\\,|\{,\}\s?|\\;)(?=[0-9]{3}(?![0-9]))")
_DEGREE = re.compile(r"\^\s?(?:\{\s?\\circ\s?\}|\\circ(?![A-Za-z]))")
_SPACE = re.compile(r"\s+")
_NEEDLESS_SPACE = re.compile(r"(?<![A-Za-z0-9.%]) | (?![A-Za-z0-9.])")


def normal(text: str) -> str:
    r"""Return the normal form of an answer's text.

    >>> normal(r"$ \left( 3, \dfrac{\pi}{2} \right) $")
    '(3,\\frac{\\pi}{2})'
    >>> normal(r"11,\! 111,\! 111 \text{ cm}.")
    '11,111,111\\text{cm}'
    >>> normal("2 3/4") == normal("23/4")
    False
    """
    text = _SUPERSCRIPT_RUN.sub(lambda run: "^{" + run.group().translate(_SUPERSCRIPTS) + "}", text)
    text = _THOUSANDS.sub(",", _EMPTY_FENCE.sub("", text.translate(_UNICODE)))
    text = _DEGREE.sub(r"\\degree ", _COMMAND.sub(_rename, text))
    text = _NEEDLESS_SPACE.sub("", _SPACE.sub(" ", text)).strip()
    return _trim(text)


def _rename(match: re.Match[str]) -> str:
    name = match.group(1)
    if name is None:
        return " " if match.group() == "~" else ""
    return _COMMANDS.get(name, match.group())


def _trim(text: str) -> str:
    r"""Drop enclosing emphasis and a final point, but not the point of `.5` nor `\\` before a sign."""
    text = text.strip('*"`').strip()
    while text.endswith((".", ",", ";")) and not text.endswith("\\" + text[-1]):
        text = text[:-1].rstrip()
    return text
