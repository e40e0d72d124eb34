r"""The normal form of an answer's text: one spelling for what LaTeX and Unicode write in many ways.

It drops what carries no meaning (spacing, `\left`, `$`, fonts, a final period) and renames synonyms
(`\dfrac`, `\lbrace`, `\le`). It never drops a word, a digit or an operator. Linear in the text.
"""

import re
import unicodedata

__all__ = ["normal", "plain"]

_SIGNS = {
    "-": "\u2010\u2011\u2012\u2013\u2212\uff0d", " ": "\u00a0\u2002\u2003\u2009\u202f\u3000",
    "{}": "\u200b\u2061\u2062\ufeff", "'": "\u2019\u2032", '"': "\u201c\u201d", "|": "\u2223", ",": "\uff0c",
    "/": "\u2044", "\\times ": "\u00d7", "\\div ": "\u00f7", "\\cdot ": "\u00b7\u22c5", "\\pi ": "\u03c0",
    "\\infty ": "\u221e", "\\sqrt ": "\u221a", "\\sqrt[3] ": "\u221b", "\\leq ": "\u2264", "\\geq ": "\u2265",
    "\\neq ": "\u2260", "\\in ": "\u2208", "\\cup ": "\u222a", "\\cap ": "\u2229", "\\emptyset ": "\u2205",
    "\\degree ": "\u00b0", "\\pm ": "\u00b1", "\\mp ": "\u2213", "\\approx ": "\u2248", "\\ldots ": "\u2026",
    "\\alpha ": "\u03b1", "\\beta ": "\u03b2", "\\gamma ": "\u03b3", "\\delta ": "\u03b4",
    "\\theta ": "\u03b8",
    "\\lambda ": "\u03bb", "\\mu ": "\u03bc", "\\rho ": "\u03c1", "\\phi ": "\u03c6", "\\omega ": "\u03c9",
    "\\mathbb{R}": "\u211d", "\\mathbb{Z}": "\u2124", "\\mathbb{Q}": "\u211a", "\\mathbb{N}": "\u2115",
    "\\mathbb{C}": "\u2102", "\\angle ": "\u2220", "\\permille ": "\u2030", "\\euro ": "\u20ac",
    "\\pounds ": "\u00a3", "\\yen ": "\u00a5",
    " 1/2": "\u00bd", " 1/3": "\u2153", " 2/3": "\u2154", " 1/4": "\u00bc", " 3/4": "\u00be",
    " 1/5": "\u2155",
    " 2/5": "\u2156", " 3/5": "\u2157", " 4/5": "\u2158", " 1/6": "\u2159", " 5/6": "\u215a",
    " 1/8": "\u215b",
    " 3/8": "\u215c", " 5/8": "\u215d", " 7/8": "\u215e",
}  # fmt: skip
_UNICODE = {ord(sign): spelling for spelling, signs in _SIGNS.items() for sign in signs} | {
    0xFF01 + i: chr(0x21 + i) for i in range(94)
}
_SUPERSCRIPTS = str.maketrans(
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207b", "0123456789-"
)
_SUPERSCRIPT_RUN = re.compile("[\u2070\u00b9\u00b2\u00b3\u2074-\u2079\u207b]+")

# fmt: off
_DROPPED = (
    "left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "strut",
    "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "mathbf", "boldsymbol", "bm", "mathit",
    "mathcal", "mathtt", "vec", "overrightarrow", "angle", "triangle", "middle", "Large",
    "large", "small", "Huge", "huge", "LARGE", "bf", "rm", "it", "sf", "normalsize",
    "therefore", "Rightarrow", "implies", "so",
    "underline",
    "!", "(", ")", "[", "]",
)
_SPACING = (",", ";", ":", " ", "\n", "quad", "qquad", "thinspace", "medspace", "thickspace", "enspace")
_TEXTS = (
    "mathrm", "mbox", "hbox", "textbf", "textit", "textrm", "textsf", "texttt", "textnormal", "mathsf",
    "operatorname", "emph",
)
_SYNONYMS = {
    "dfrac": "\\frac ", "tfrac": "\\frac ", "cfrac": "\\frac ", "dbinom": "\\binom ", "tbinom": "\\binom ",
    "le": "\\leq ", "leqslant": "\\leq ", "ge": "\\geq ", "geqslant": "\\geq ", "ne": "\\neq ",
    "lt": "<", "gt": ">", "lbrace": "\\{", "rbrace": "\\}", "lparen": "(", "rparen": ")",
    "lbrack": "[", "rbrack": "]", "vert": "|", "lvert": "|", "rvert": "|", "mid": "|",
    "varnothing": "\\emptyset ", "ast": "*", "$": "\\dollar ", "textdollar": "\\dollar ", "%": "%",
    "colon": ":", "infin": "\\infty ", "dots": "\\ldots ", "cdots": "\\ldots ",
    "permil": "\\permille ", "Reals": "\\mathbb{R}", "R": "\\mathbb{R}", "prime": "'",
    "approxeq": "\\approx ", "simeq": "\\approx ", "doteq": "\\approx ", "cdotp": "\\cdot ",
    "smallsetminus": "\\setminus ", "backslash": "\\setminus ",
    "nicefrac": "\\frac ", "sfrac": "\\frac ", "bullet": "\\cdot ",
    "land": "\\text{ and }", "wedge": "\\text{ and }", "lor": "\\text{ or }",
    "vee": "\\text{ or }",
}
# fmt: on
_CJK = {"\u3001": ",", "\u6216": "\\text{ or }", "\u548c": "\\text{ and }", "\uff1a": ":", "\uff1b": ";"}
_CJK_SIGNS = {ord(sign): spelling for sign, spelling in _CJK.items()}
_CJK_NOUN = re.compile(r"(?<=[0-9}])\s?[\u4e00-\u9fff]{1,4}$")
_COMMANDS = (
    dict.fromkeys(_DROPPED, "") | dict.fromkeys(_SPACING, " ") | dict.fromkeys(_TEXTS, "\\text ") | _SYNONYMS
)
_COMMAND = re.compile(r"\\(\\|[A-Za-z]+|.)|[$~]", re.DOTALL)
_EMPTY_FENCE = re.compile(r"\\(?:left|right)\s{0,3}\.")
_THOUSANDS = re.compile(r"(?<=[0-9]) ?(?:,\s?\\!\s?|\\,|\{\s?,\s?\}\s?|\\;|\\ )(?=[0-9]{3}(?![0-9]))")
_DEGREE = re.compile(r"\^\s?(?:\{\s?\\circ\s?\}|\\circ(?![A-Za-z]))")
_SPACE = re.compile(r"\s+")
_NEEDLESS_SPACE = re.compile(r"(?<![A-Za-z0-9.%]) | (?![A-Za-z0-9.])")
_ESCAPED = re.compile(
    r"\\\\(?=(?:[dt]?frac|left|right|sqrt|pi|text|cdot|boxed|infty|times|pm|cup|le|ge|in)(?![A-Za-z]))"
)
_PARTED = re.compile(r"(?<=[0-9]),\s{1,3}(?=[0-9]{3}(?![0-9]))")
_WITHOUT_MEANING = re.compile(
    r"\\(?:color|textcolor|hspace|vspace|tag|phantom|label|mathchoice)\*?\s?\{[^{}]*\}|\\(?:newline|checkmark|blacksquare|square)"
    r"(?![A-Za-z])"
)
_ROW_SPACE = re.compile(r"\\\\ ?\[-?[0-9.]+ ?(?:pt|ex|em|mm|cm)\]")
_OPEN_ARRAY = re.compile(
    r"(?:\\left)?\s?\\\{\s?\\begin\{array\}(?:\{[lcr|]*\})?(.{0,1500}?)\\end\{array\}(?!\s?(?:\\right)?\s?\\\})",
    re.DOTALL,
)
_ROW_END = re.compile(r"[,.;]\s?(?=&|\\\\(?:[^A-Za-z]|$)|\\\\$|\\end)")
_ALIGNED = re.compile(r"&\s?(?=[=<>]|\\(?:le|ge|leq|geq|neq)(?![A-Za-z]))")
_NUMBER_SETS = re.compile(
    r"\\(?:mathbf|mathrm|Bbb|text|bf)\s?\{?\s?([RZNQ])\s?\}?(?![A-Za-z])|(?<=\\in)\s?([RZNQ])(?![A-Za-z0-9])"
)
_BROKEN = re.compile(r"(?<=[0-9])(?:\s{0,3}(?:\\(?:q?quad|enspace|[;:>])|[\n\t$~])\s{0,3}){1,4}(?=[0-9])")
_PAIR = 2
_GLUED = re.compile(r"\\q?quad(?=[a-z])")
_OLD_FONT = re.compile(r"\{\s?\\(?:rm|it|sf|tt)\s+([^{}]*)\}")
_COMBINATIONS = re.compile(
    r"(?:\{\})?[_^]\{?([0-9]{1,4})\}?(?:C|\\text\{C\})_?\{?([0-9]{1,4})\}?"
    r"|(?<![0-9.A-Za-z])([0-9]{1,4})C([0-9]{1,4})(?![0-9A-Za-z_])"
)
_ORDINAL = re.compile(r"(?<=[0-9]) ?\^ ?(?:\\text ?)?\{?(?:\\text ?\{)?(?:st|nd|rd|th)\}{0,2}")
_PRIME = re.compile(r"\^\{?('{1,3})\}?")
_TEXT = re.compile(r"\\text\s?\{([^{}]*)\}")


class _ToAscii(dict[int, str]):
    """What a character of another alphabet stands for: a digit, or a letter of a mathematical font."""

    def __missing__(self, code: int) -> str:
        shown = chr(code)
        if code < 128:
            return shown
        digit = unicodedata.decimal(shown, None)
        if digit is not None:
            return str(digit)
        return unicodedata.normalize("NFKC", shown) if 0x1D400 <= code <= 0x1D7FF else shown


def normal(text: str) -> str:
    r"""Return the normal form of an answer's text.

    >>> normal(r"$ \left( 3, \dfrac{\pi}{2} \right) $")
    '(3,\\frac{\\pi}{2})'
    >>> normal(r"11,\! 111,\! 111 \text{ cm}.")
    '11,111,111\\text{cm}'
    >>> normal("2 3/4") == normal("23/4")
    False
    """
    if not text.isascii():
        text = _SUPERSCRIPT_RUN.sub(lambda run: "^{" + run.group().translate(_SUPERSCRIPTS) + "}", text)
        text = _CJK_NOUN.sub("", text.translate(_CJK_SIGNS).strip(" \u3002."))
        text = text.translate(_UNICODE).translate(_ToAscii())
    if "\\\\" in text and "\\begin" not in text:
        text = _ESCAPED.sub(r"\\", text)
    if "quad" in text:
        text = _GLUED.sub(" ", text)
    if "\\" in text:
        text = _without_noise(text)
    text = text.replace("...", "\\ldots ").replace("+/-", "\\pm ")
    text = _THOUSANDS.sub(",", _EMPTY_FENCE.sub("", text))
    if "{\\" in text:
        text = _OLD_FONT.sub(r"\\text{\1}", text)
    text = _DEGREE.sub(r"\\degree ", _COMMAND.sub(_rename, _BROKEN.sub("{}", text)))
    text = _PARTED.sub(",{}", text)
    text = _NEEDLESS_SPACE.sub("", _SPACE.sub(" ", text)).strip()
    if "C" in text:
        text = _COMBINATIONS.sub(
            lambda match: rf"\binom{{{match[1] or match[3]}}}{{{match[2] or match[4]}}}", text
        )
    if "^" in text:
        text = _ORDINAL.sub("", _PRIME.sub(r"\1", text))
    return _trim(text)


def _without_noise(text: str) -> str:
    """Drop commands that only lay out, and write systems and number sets in one way."""
    text = _WITHOUT_MEANING.sub(" ", text)
    if "\\in" in text:
        text = _NUMBER_SETS.sub(lambda match: rf"\mathbb{{{match[1] or match[2]}}}", text)
    if "\\begin" in text:
        text = _ROW_SPACE.sub(r"\\\\", text.replace("\\\\\\\\", "\\\\"))
        text = _OPEN_ARRAY.sub(lambda match: rf"\begin{{cases}}{match[1]}\end{{cases}}", text)
        text = _ALIGNED.sub("", _ROW_END.sub("", text))
    return text


def plain(text: str) -> str:
    r"""Return a normal form without its `\text{}`: only the words in it.

    >>> plain(normal(r"4\!:\!30 \text{ p.m.}"))
    '4:30 p.m.'
    """
    return _SPACE.sub(" ", _TEXT.sub(r" \1 ", text)).strip() if "\\text" in text else text


def _rename(match: re.Match[str]) -> str:
    """Return what a command is spelled as; between two digits, what is dropped leaves a gap."""
    name = match.group(1)
    renamed = _COMMANDS.get(name, match.group()) if name is not None else " " if match.group() == "~" else ""
    if not renamed.strip() and name not in ("!", ","):
        around = match.string[match.start() - 1 : match.start()] + match.string[match.end() : match.end() + 1]
        if len(around) == _PAIR and around.isdecimal():
            return "{}"
    return renamed


def _trim(text: str) -> str:
    r"""Drop enclosing emphasis and a final point, but not the point of `.5` nor `\\` before a sign."""
    text = text.strip('*"`').removesuffix("\\\\").strip()
    while text.endswith((".", ",", ";")) and not text.endswith("\\" + text[-1]):
        text = text[:-1].rstrip()
    return text
