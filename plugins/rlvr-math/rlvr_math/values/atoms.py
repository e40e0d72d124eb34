"""The atoms of the grammar: numerals, names, brackets, fractions, roots, functions, matrices."""

from rlvr_math.values.cursor import Cursor
from rlvr_math.values.numerals import based, literal, repeating
from rlvr_math.values.tokens import Token
from rlvr_math.values.tree import (
    Apply,
    Based,
    Constant,
    Group,
    Matrix,
    Node,
    Number,
    Refused,
    Symbol,
    Words,
    ratio,
    scalar,
)
from rlvr_math.words import FUNCTIONS, GREEK

__all__ = ["atom", "starts_atom"]

_CONSTANTS = {"\\pi": "pi", "\\infty": "infinity", "e": "e", "i": "i"}
_CLOSERS = {
    "(": (")", "]"), "[": ("]", ")"), "\\{": ("\\}",), "{": ("}",), "\\langle": ("\\rangle",),
}  # fmt: skip
_ROUNDED = {"\\lfloor": ("floor", "\\rfloor"), "\\lceil": ("ceil", "\\rceil")}
_NAMES = frozenset("\\" + name for name in GREEK)
_FUNCTIONS = frozenset("\\" + name for name in FUNCTIONS)
_STARTS = (
    frozenset({"(", "[", "{", "\\{", "\\langle", "\\frac", "\\sqrt", "\\binom"})
    | _ROUNDED.keys() | _CONSTANTS.keys() | _NAMES | _FUNCTIONS
)  # fmt: skip
_MAX_SUBSCRIPT = 12


def starts_atom(at: Cursor) -> bool:
    """Say whether a factor can start here without a sign before it; a number cannot."""
    if at.is_at("|"):
        return not at.in_bars
    return at.token.kind == "letter" or at.is_at(*_STARTS)


def atom(at: Cursor) -> Node:
    """Parse one atom."""
    token = at.read()
    match token.kind:
        case "number":
            return _numeral(at, token.text)
        case "letter":
            return _named(at, token.text)
        case "words":
            return Words(token.text)
        case "matrix":
            return _matrix(at, token)
        case "mark" | "command":
            return _command(at, token.text)
        case _:
            raise Refused(f"unexpected {token.text!r}")


def _command(at: Cursor, name: str) -> Node:
    if name in _CLOSERS:
        return _group(at, name)
    if name in _NAMES or name in _CONSTANTS:
        return _named(at, name)
    if name in _FUNCTIONS and name not in ("\\sqrt", "\\abs"):
        return _function(at, name[1:])
    if name in _ROUNDED:
        return _rounded(at, *_ROUNDED[name])
    rules = {
        "|": _bars, "\\abs": _absolute, "\\frac": _fraction, "\\binom": _binomial, "\\sqrt": _root,
        "\\mathbb": _number_set, "\\emptyset": _empty,
    }  # fmt: skip
    if name not in rules:
        raise Refused(f"unexpected {name!r}")
    return rules[name](at)


def _numeral(at: Cursor, text: str) -> Node:
    if at.accept("\\overline"):
        at.expect("{")
        period = at.read()
        at.expect("}")
        return Number(repeating(text, period.text if period.text.isdecimal() else ""))
    if at.accept("_"):
        return Based(text.lstrip("0"), based(text, _subscript(at)))
    return Number(literal(text))


def _named(at: Cursor, name: str) -> Node:
    if at.accept("_"):
        return Symbol(f"{name}_{_subscript(at)}")
    return Constant(_CONSTANTS[name]) if name in _CONSTANTS else Symbol(name)


def _subscript(at: Cursor) -> str:
    if not at.accept("{"):
        return at.read().text
    parts = []
    while not at.accept("}"):
        parts.append(at.read().text)
        if len(parts) > _MAX_SUBSCRIPT:
            raise Refused("a long subscript")
    return "".join(parts)


def _group(at: Cursor, opener: str) -> Node:
    r"""Parse brackets: around one thing they only group it, unless they are `\{\}`."""
    if opener == "\\{" and at.accept("\\}"):
        return Group("{", "}", ())
    inside = at.inside()
    closer = at.expect(*_CLOSERS[opener])
    several = isinstance(inside, Group) and not inside.left
    if opener in ("{", "\\{"):
        items = inside.items if isinstance(inside, Group) and several else (inside,)
        return Group("{", "}", items) if several or opener == "\\{" else inside
    if isinstance(inside, Group) and several:
        return Group(opener, closer, inside.items)
    if (opener, closer) not in (("(", ")"), ("[", "]")):
        raise Refused(f"one value between {opener!r} and {closer!r}")
    return inside


def _bars(at: Cursor) -> Node:
    inside = scalar(at.inside(bars=True))
    at.expect("|")
    return Apply("abs", (inside,))


def _rounded(at: Cursor, op: str, closer: str) -> Node:
    inside = scalar(at.inside())
    at.expect(closer)
    return Apply(op, (inside,))


def _argument(at: Cursor) -> Node:
    r"""Parse one argument as TeX does: a group, a command, or a single letter or digit."""
    if at.token.kind == "number":
        return Number(literal(at.split_digit().text))
    with at.deeper():
        return scalar(atom(at))


def _fraction(at: Cursor) -> Node:
    top = _argument(at)
    return ratio(top, _argument(at))


def _binomial(at: Cursor) -> Node:
    top = _argument(at)
    return Apply("binom", (top, _argument(at)))


def _root(at: Cursor) -> Node:
    r"""Parse `\sqrt`; unlike TeX's, its argument takes a whole number: `\sqrt13`."""
    degree: Node = Number(literal("2"))
    if at.accept("["):
        degree = scalar(at.inside())
        at.expect("]")
    return Apply("root", (_whole_argument(at), degree))


def _absolute(at: Cursor) -> Node:
    return Apply("abs", (_whole_argument(at),))


def _whole_argument(at: Cursor) -> Node:
    with at.deeper():
        return scalar(atom(at))


def _function(at: Cursor, name: str) -> Node:
    base: Node | None = None
    if at.accept("_"):
        base = _argument(at)
        if name != "log":
            raise Refused(f"a subscript of {name!r}")
    exponent = scalar(at.power()) if at.accept("^") else None
    argument = _applied(at)
    node = Apply("log", (argument, base)) if base else Apply({"lg": "log"}.get(name, name), (argument,))
    if exponent == Apply("neg", (Number(literal("1")),)) and name in ("sin", "cos", "tan"):
        return Apply("arc" + name, (argument,))
    return Apply("pow", (node, exponent)) if exponent else node


def _applied(at: Cursor) -> Node:
    r"""Parse what a function is applied to: a bracket, else a product of letters as in `\sin 2x`."""
    if at.is_at("(", "[", "{", "|"):
        return _whole_argument(at)
    sign = at.accept("-")
    factors = [scalar(at.power())]
    while at.token.kind == "letter" or at.is_at("\\pi", *_NAMES):
        factors.append(scalar(at.power()))
    node = factors[0] if len(factors) == 1 else Apply("mul", tuple(factors))
    return Apply("neg", (node,)) if sign else node


def _matrix(at: Cursor, begin: Token) -> Node:
    if begin.text != "begin":
        raise Refused("unexpected end of a matrix")
    rows: list[tuple[Node, ...]] = []
    while at.token.kind != "matrix":
        row = [at.inside()]
        while at.accept("&"):
            row.append(at.inside())
        rows.append(tuple(row))
        if not at.accept("\\\\"):
            break
    if at.read() != Token("matrix", "end") or len({len(row) for row in rows}) != 1:
        raise Refused("a matrix that is not rectangular")
    return Matrix(tuple(rows))


def _number_set(at: Cursor) -> Node:
    braced = at.accept("{")
    letter = at.read()
    if braced:
        at.expect("}")
    if letter.kind != "letter":
        raise Refused("a set of numbers without its letter")
    return Constant(letter.text * 2)


def _empty(at: Cursor) -> Node:
    del at
    return Group("{", "}", ())
