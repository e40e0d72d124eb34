r"""Understand an answer's text: its normal form and its tree.

Policy (docs/math-policy.md): words after a number are its unit, if they neither hedge nor scale it; an answer
of words alone is compared as words; a letter before a point or in brackets is a choice. What the parser
refuses can still equal a reference that is written in the same way.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from rlvr_math.moments import moment
from rlvr_math.prose import sole
from rlvr_math.text import normal, plain
from rlvr_math.units import unit_of
from rlvr_math.values.numerals import MAX_DIGITS, number
from rlvr_math.values.parse import parse
from rlvr_math.values.tree import Choice, Group, Node, Number, Quantity, Refused, Symbol, Words, walk
from rlvr_math.words import DENIALS, HEDGES, MATH_WORDS, MODIFIERS, canonical, number_of, words_in

__all__ = ["Answer", "understand"]

MAX_CHARS = 2_000
"""An answer with more characters is understood only if it is a plain number."""

_MAX_NUMBER_CHARS = MAX_DIGITS + MAX_DIGITS // 3 + 2
_PLAIN = re.compile(r"[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]+)?")
_LETTERS = re.compile(r"[A-Za-z]+")
_ONLY_WORDS = re.compile(r"[A-Za-z .,'\-]+")
_CHOICE = re.compile(
    r"\\text ?\{ ?\(?(?P<a>[A-J])(?:\)|\.|:)? ?\}[.:]? ?(?P<arest>.*)"
    r"|\((?P<b>[A-J])\)[.:]? ?(?P<brest>.*)"
    r"|(?P<c>[A-J])(?:[.)]|:(?= )) ?(?P<crest>.*)"
    r"|\\text ?\{ ?\(?(?P<d>[A-J])(?:\)|\.|:) ?(?P<drest>[^{}]*)\}",
    re.DOTALL,
)


_OPTION = re.compile(
    r"(?:\\text ?\{ ?)?(?:[Oo]ption|[Cc]hoice)\b ?(?:\} ?)?"
    r"(?=\(?(?:\\text ?\{ ?\(?)?[A-J](?![A-Za-z]))"
)
_LABEL = re.compile(r"(?:\\text ?\{ ?)?\(?([A-J])\)?[.:]? ?\}?")
_EITHER = re.compile(
    r"(?:\\text ?\{ ?(?:either|both) ?\}|(?P<text>\\text ?\{) ?(?:either|both) |(?:either|both) )",
    re.IGNORECASE,
)
_JOINT = re.compile(r"\b(?:or|and)\b")
_RATIO = re.compile(
    r"[0-9]+(?:\.[0-9]+)?(?:(?: ?\\text ?\{ ?to ?\} ?| to )[0-9]+(?:\.[0-9]+)?){1,3}"
    r"|\\text ?\{ ?[0-9]+ to [0-9]+ ?\}"
)
_TO = re.compile(r" ?\\text ?\{ ?to ?\} ?| to ")
_REASONED = re.compile(r"(?:yes|no|true|false)[,.;:] ?(?:because|since|as|for)\b", re.IGNORECASE)
_OPERATORS = ("\\leq", "\\geq", "\\neq", "\\cdot", "\\times", "\\cup", "\\in")
_LISTED = re.compile(r"(?:\\text ?\{ ?)?(?:or|and|nor|not|but|if|then|to)\b")
_OF_ALL = (
    r"(?:for (?:all|any|every|each|some)|where|with)"
    r"(?: (?:real|integers?|positive|whole|natural|numbers?|non-?negative)){0,4}"
)
_DOMAIN = re.compile(
    rf"(?:,? ?\\text ?\{{,? ?{_OF_ALL} ?\}}|,? ?\\forall|,? ?\b{_OF_ALL}\b|[,;]|\()? ?"
    r"(?<![A-Za-z0-9\\])(?P<letter>[A-Za-z])(?:,[A-Za-z]){0,5} ?"
    r"(?:\\in ?\\mathbb ?\{(?P<set>[NZQR])\}(?:[+*]|\^\{?[+*]\}?)?"
    r"|\\text ?\{ ?(?:is|are) (?:an? )?(?:any |arbitrary )?"
    r"(?:integers?|real numbers?|whole numbers?|constants?|real)\}"
    r")\)?"
)
_FOR_ALL = re.compile(
    rf",? ?(?:\\text ?\{{,? ?{_OF_ALL}(?: (?P<one>[a-z]))?\}}|\b{_OF_ALL}\b) ?(?P<letter>[a-z])?(?= ?$| ?,)"
)
_WHOLE_LETTERS = frozenset("kmnljt")
_CONSTANT_LETTERS = frozenset("CKck")
_AMBIGUOUS = re.compile(r"(?<![0-9.])([0-9]+)e([-+][0-9])(?![0-9])")
_PLAIN_UNITS = re.compile(
    r"(.*?[0-9)}\]]) ((?:[A-Za-z]{1,4}(?:\^\{?-?[123]\}?)?)"
    r"(?: ?[/*] ?[A-Za-z]{1,4}(?:\^\{?-?[123]\}?)?){0,3})"
)
_LETTER_UNITS = frozenset("mgshlLNJWV")
_INNER = re.compile(r"\([^()]*\)|\{[^{}]*\}")
_LAST_SIDE_CHARS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an answer means.

    Attributes:
        text: Its normal form.
        tree: What it stands for; None if it is not understood.
        quantity: What it stands for if the letters at its end are a unit, as in `5 m/s`.
        euler: What it stands for if the `e` of `2e-1` is the constant.
    """

    text: str
    tree: Node | None
    quantity: Node | None = None
    euler: Node | None = None


def understand(text: str) -> Answer:
    r"""Return what an answer's text means; never raises.

    >>> understand(r"18 \text{ eggs}").tree.value, understand(r"18 \text{ eggs}").tree.unit.name
    (Number(value=Fraction(18, 1), places=None), 'egg')
    >>> understand(r"\text{East}").tree
    Words(text='east')
    >>> understand(r"\int x dx").tree is None
    True
    """
    if len(text) > _MAX_NUMBER_CHARS:
        return Answer(text=text, tree=None)
    stripped = text.strip()
    if _is_plain_number(stripped):
        return Answer(text=stripped, tree=_tried(_plain_number, stripped))
    shown = normal(text)
    tree = _tried(_tree, shown)
    if tree is None:
        tree = _tried(_last_side, shown) or _tried(_among_words, shown)
    return Answer(text=shown, tree=tree, quantity=_tried(_quantity, shown), euler=_tried(_euler, shown))


def _tried(read: Callable[[str], Node | None], shown: str) -> Node | None:
    try:
        return read(shown)
    except Refused:
        return None


def _quantity(shown: str) -> Node | None:
    found = _PLAIN_UNITS.fullmatch(shown)
    unit = unit_of(found[2].replace("{", "").replace("}", "")) if found else None
    if (
        found is None
        or unit is None
        or unit.counted
        or (len(found[2]) == 1 and found[2] not in _LETTER_UNITS)
    ):
        return None
    return Quantity(parse(found[1]), unit)


def _euler(shown: str) -> Node | None:
    return parse(_AMBIGUOUS.sub(r"\1{}e\2", shown)) if _AMBIGUOUS.search(shown) else None


def _last_side(shown: str) -> Node | None:
    r"""Return what stands right of the last `=` if the left side is not understood: `P(A|B) = 1/2`."""
    left, sign, right = shown.rpartition("=")
    if not sign or len(shown) > _LAST_SIDE_CHARS or left.count("{") != left.count("}") or not right:
        return None
    if (
        any(relation in _INNER.sub("", left) for relation in ("=", "<", ">", "\\neq", "\\leq", "\\geq", "&"))
        or "," in right
    ):
        return None
    if words_in(plain(left)) & (DENIALS | HEDGES | MODIFIERS):
        return None
    return parse(right)


def _among_words(shown: str) -> Node | None:
    """Return the only mathematics among words that leave it as it is: `The minimum is 5`."""
    bare = plain(shown)
    found = sole(bare) if words_in(bare) else None
    return parse(found) if found and found != shown else None


def _is_plain_number(shown: str) -> bool:
    return bool(_PLAIN.fullmatch(shown)) and shown[-1:].isdecimal()


def _plain_number(shown: str) -> Number:
    found = number(shown.replace(",", "").lstrip("+-"))
    return Number(-found.value, found.places) if shown[0] == "-" else found


def _unqualified(shown: str) -> str:
    r"""Drop what only says where a letter lives: `, k \in \mathbb{Z}` or `for all real x`."""
    if "\\in" in shown or "\\text" in shown:
        shown = _DOMAIN.sub(_kept_domain, shown)
    return _FOR_ALL.sub("", shown) or shown if "for" in shown or "wh" in shown or "with" in shown else shown


def _kept_domain(match: re.Match[str]) -> str:
    """Keep a domain that says something: only whole parameters, real variables and constants go without."""
    if match.start() == 0 or match.group()[0] not in ",;(\\ fw":
        return match.group()
    if "forall" in match.group() or re.search(r"\bfor (?:all|any|every|each)\b", match.group()):
        return ""
    letter, domain = match["letter"], match["set"]
    usual = (
        letter in _WHOLE_LETTERS
        if domain == "Z"
        else letter not in _WHOLE_LETTERS
        if domain == "R"
        else not domain
    )
    return "" if usual else match.group()


def _tree(shown: str) -> Node:
    if len(shown) > MAX_CHARS:
        if _is_plain_number(shown):
            return _plain_number(shown)
        raise Refused("too long")
    bare = plain(shown)
    if not bare:
        raise Refused("nothing")
    found = moment(bare) or _choice(shown) or _words(bare)
    if found is not None:
        return found
    if "to" in bare and _RATIO.fullmatch(shown):
        return parse(_TO.sub(":", bare))
    return parse(_unqualified(_without_either(shown)))


def _without_either(shown: str) -> str:
    """Drop the word before a list that says no more than its `or`: `either 2 or -2`."""
    said = _EITHER.match(shown) if "ither" in shown or "oth" in shown else None
    if said is None or not _JOINT.search(shown, said.end()):
        return shown
    return (said["text"] or "") + shown[said.end() :]


def _choice(shown: str) -> Node | None:
    named = _OPTION.match(shown) if "ption" in shown or "hoice" in shown else None
    called = _LABEL.fullmatch(shown, named.end()) if named else None
    if called:
        return Choice(called[1], None)
    match = _CHOICE.fullmatch(shown)
    if match is None:
        return None
    label = match["a"] or match["b"] or match["c"] or match["d"]
    rest = (match["arest"] or match["brest"] or match["crest"] or match["drest"] or "").strip()
    if not rest:
        return Choice(label, None)
    if (
        rest[0] in "+-*/^_=<>!,;|&("
        or _LISTED.match(rest)
        or _CHOICE.match(rest)
        or rest.startswith(_OPERATORS)
    ):
        return None
    if words_in(plain(rest)) & (DENIALS | {"is", "probably", "none"}):
        return None
    content = _tried(parse, rest) or _words(plain(rest))
    if isinstance(content, Symbol | Group):
        letters = {one.name for one in walk(content) if isinstance(one, Symbol)}
        if letters & set("ABCDEFGHIJ"):
            return None
    return Choice(label, content or Words(canonical(plain(rest))))


def _words(bare: str) -> Node | None:
    """Read words, not a product of letters: a word of two letters or more, none of them of mathematics."""
    if not _ONLY_WORDS.fullmatch(bare):
        return Words(canonical(bare)) if _REASONED.match(bare) else None
    words = [word.casefold() for word in _LETTERS.findall(bare)]
    if any(word in MATH_WORDS for word in words) or not any(len(word) > 1 for word in words):
        return None
    if all(word in ("or", "and") or len(word) == 1 for word in words):
        return None
    value = number_of(bare)
    if value is not None:
        return Number(value)
    return Words(canonical(" ".join(_LETTERS.findall(bare)) if bare.replace(" ", "").isalpha() else bare))
