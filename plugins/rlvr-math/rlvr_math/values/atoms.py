"""The atoms of the grammar: numerals, names, brackets, fractions, roots, functions, matrices."""

from collections.abc import Callable, Mapping

from rlvr_math.values.conjugate import conjugate
from rlvr_math.values.cursor import Cursor
from rlvr_math.values.numerals import based, literal, number, repeating
from rlvr_math.values.tables import table
from rlvr_math.values.tokens import Token
from rlvr_math.values.tree import (
    Apply,
    Based,
    Builder,
    Constant,
    Group,
    Matrix,
    Node,
    Number,
    Refused,
    Relation,
    Symbol,
    Words,
    ratio,
    scalar,
)
from rlvr_math.words import FUNCTIONS, GREEK

__all__ = ["atom", "call", "starts_atom"]

_CONSTANTS = {"\\pi": "pi", "\\infty": "infinity", "e": "e", "i": "i"}
_CLOSERS = {
    "(": (")", "]"), "[": ("]", ")"), "\\{": ("\\}",), "{": ("}",), "\\langle": ("\\rangle",),
}  # fmt: skip
_ROUNDED = {"\\lfloor": ("floor", "\\rfloor"), "\\lceil": ("ceil", "\\rceil")}
_NAMES = frozenset("\\" + name for name in GREEK)
_FUNCTIONS = frozenset("\\" + name for name in FUNCTIONS)
_STARTS = (
    frozenset({"(", "[", "{", "\\{", "\\langle", "\\frac", "\\sqrt", "\\binom", "\\max", "\\min"})
    | _ROUNDED.keys() | _CONSTANTS.keys() | _NAMES | _FUNCTIONS
)  # fmt: skip
_AFTER_CALL = frozenset({"=", "<", ">", "\\leq", "\\geq", "\\neq", "\\in", "\\approx", "\\equiv", ":"})
_BEGIN = Token("matrix", "begin")
_MAX_SUBSCRIPT = 12
_MAX_BUILDER_HEAD = 8
_BEFORE_NUMBER = frozenset({"!", ")", "}", "]"})
_NO_CALL = frozenset("xzn")


def starts_atom(at: Cursor) -> bool:
    """Say whether a factor can start here without a sign before it; a number can after a bracket or `!`."""
    if at.is_at("|"):
        return not at.in_bars
    if at.token.kind == "number":
        return at.previous.text in _BEFORE_NUMBER or (at.previous.kind == "letter" and at.peek(1).text == "^")
    return at.token.kind == "letter" or at.token == _BEGIN or at.is_at(*_STARTS)


def atom(at: Cursor) -> Node:
    """Parse one atom."""
    token = at.read()
    match token.kind:
        case "number":
            return _numeral(at, token.text)
        case "letter":
            return _named(at, token.text)
        case "words":
            return Words(token.text.casefold())
        case "matrix":
            return table(at, token)
        case "mark" | "command":
            return _command(at, token.text)
        case _:
            raise Refused(f"unexpected {token.text!r}")


def call(at: Cursor) -> Node | None:
    """Parse a named function at its arguments on one side of a relation, as `f(x)`; None if none stands here.

    `a(b+c)` is a product, and so is `x(x+1)`: the arguments of a call are single letters or numbers.
    """
    name = at.token
    if name.kind != "letter" and name.text not in _NAMES:
        return None
    opening = _title_length(at)
    closing = at.closing(opening) if at.peek(opening).text == "(" else None
    if closing is None or at.peek(closing + 1).text not in _AFTER_CALL:
        return None
    inside = [at.peek(index) for index in range(opening + 1, closing)]
    if not _are_arguments(name.text, inside):
        return None
    title = "".join(at.read().text for _ in range(opening))
    group = atom(at)
    return Apply("call", (Symbol(title), *(group.items if isinstance(group, Group) else (group,))))


def _title_length(at: Cursor) -> int:
    """Return of how many tokens the name of a function is: `f`, `f_1`, `f''`, `f^{-1}`."""
    length = 3 if at.peek(1).text == "_" and at.peek(2).kind in ("number", "letter") else 1
    while at.peek(length).text == "'":
        length += 1
    inverse = [at.peek(length + step).text for step in range(5)]
    return length + 5 if inverse == ["^", "{", "-", "1", "}"] else length


def _are_arguments(name: str, inside: list[Token]) -> bool:
    """Say whether these are single letters or numbers with commas; after `x` or `n`, capitals only."""
    if inside and inside[0].text == "-":
        inside = inside[1:]
    if not inside or len(inside) % 2 == 0 or any(one.text != "," for one in inside[1::2]):
        return False
    given = inside[::2]
    if name in _NO_CALL:
        return all(one.kind == "letter" and one.text.isupper() for one in given)
    return all(one.kind in ("letter", "number") or one.text in _NAMES for one in given)


def _command(at: Cursor, name: str) -> Node:
    if name in _CLOSERS:
        return _based(at) if name == "(" and _is_based(at) else _group(at, name)
    if name in _NAMES or name in _CONSTANTS:
        return _named(at, name)
    if name in _FUNCTIONS and name not in ("\\sqrt", "\\abs"):
        return _function(at, name[1:])
    if name in _ROUNDED:
        return _rounded(at, *_ROUNDED[name])
    rule = _RULES.get(name)
    if rule is None:
        raise Refused(f"unexpected {name!r}")
    return rule(at)


def _numeral(at: Cursor, text: str) -> Node:
    if "." in text and at.is_at("\\overline", "\\bar", "\\dot", "(", "\\ldots"):
        found = _repeating(at, text)
        if found is not None:
            return found
    if at.accept("_"):
        return Based(text.lstrip("0"), based(text, _subscript(at)))
    return number(text)


def _repeating(at: Cursor, text: str) -> Node | None:
    r"""Parse the period of `0.1\overline{6}`, `0.1(6)`, `0.1\dot{4}2\dot{8}` or `0.333\ldots`."""
    if at.is_at("("):
        if at.peek(1).kind != "number" or not at.peek(1).text.isdecimal() or at.peek(2).text != ")":
            return None
        at.read()
        period = at.read().text
        at.read()
        return Number(repeating(text, period))
    if at.accept("\\ldots"):
        last = text[-1]
        if not text.endswith(last * 3) or last == ".":
            raise Refused("dots after no period")
        return Number(repeating(text.rstrip(last), last))
    dotted = at.read().text == "\\dot"
    period = _digits(at)
    if dotted and at.token.kind == "number" and at.peek(1).text == "\\dot":
        period += at.read().text
        at.read()
        period += _digits(at)
    elif dotted and at.accept("\\dot"):
        period += _digits(at)
    return Number(repeating(text, period))


def _digits(at: Cursor) -> str:
    braced = at.accept("{")
    found = at.read()
    if braced:
        at.expect("}")
    if not found.text.isdecimal():
        raise Refused("a period that is no digits")
    return found.text


def _named(at: Cursor, name: str) -> Node:
    if name in ("C", "P") and _is_pair_of_numbers(at):
        group = atom(at)
        return Apply("call", (Symbol(name), *(group.items if isinstance(group, Group) else ())))
    if at.accept("_"):
        return Symbol(f"{name}_{_subscript(at)}")
    return Constant(_CONSTANTS[name]) if name in _CONSTANTS else Symbol(name)


def _is_pair_of_numbers(at: Cursor) -> bool:
    signs = [at.peek(index).text for index in (0, 2, 4)]
    return signs == ["(", ",", ")"] and at.peek(1).kind == at.peek(3).kind == "number"


def _subscript(at: Cursor) -> str:
    if not at.accept("{"):
        return at.read().text
    parts = []
    while not at.accept("}"):
        part = at.read().text
        parts.append("" if part in ("(", ")") else part)
        if len(parts) > _MAX_SUBSCRIPT:
            raise Refused("a long subscript")
    return "".join(parts)


def _group(at: Cursor, opener: str) -> Node:
    r"""Parse brackets: around one thing they only group it, unless they are `\{\}`."""
    if opener == "\\{":
        if at.accept("\\}"):
            return Group("{", "}", ())
        if _is_builder(at):
            return _builder(at)
    inside = _infix(at, at.inside())
    closer = at.expect(*_CLOSERS[opener])
    several = isinstance(inside, Group) and not inside.left
    if opener in ("{", "\\{"):
        items = inside.items if isinstance(inside, Group) and several else (inside,)
        return Group("{", "}", items) if several or opener == "\\{" else inside
    if isinstance(inside, Group) and several:
        return Group("(", ")", inside.items) if opener == "\\langle" else Group(opener, closer, inside.items)
    if isinstance(inside, Matrix) or (opener, closer) == ("(", ")"):
        return inside
    if (opener, closer) != ("[", "]"):
        raise Refused(f"one value between {opener!r} and {closer!r}")
    return inside


def _is_based(at: Cursor) -> bool:
    return at.peek(1).text == ")" and at.peek(2).text == "_" and at.token.text.isdecimal()


def _based(at: Cursor) -> Node:
    """Parse `(1011)_2` from its digits on."""
    digits = at.read().text
    at.expect(")")
    at.expect("_")
    return Based(digits.lstrip("0"), based(digits, _subscript(at)))


def _infix(at: Cursor, top: Node) -> Node:
    r"""Parse `{n \choose k}` and `{a \over b}` from their middle on."""
    if at.accept("\\choose"):
        return Apply("binom", (scalar(top), scalar(at.inside())))
    return ratio(scalar(top), scalar(at.inside())) if at.accept("\\over") else top


def _is_builder(at: Cursor) -> bool:
    r"""Say whether `\{` opens a set by its condition: a variable, then a bar or a colon."""
    closing = at.closing(-1)
    if closing is None or (at.token.kind != "letter" and at.token.text not in ("(", *_NAMES)):
        return False
    ahead = [at.peek(index).text for index in range(min(closing, _MAX_BUILDER_HEAD))]
    signs = [index for index, text in enumerate(ahead) if text in ("|", ":")]
    if not signs or any(text in ("+", "-", "^", "\\cdot") for text in ahead[: signs[0]]):
        return False
    bars = sum(at.peek(index).text == "|" for index in range(closing))
    return ahead[signs[0]] == ":" or bars % 2 == 1


def _builder(at: Cursor) -> Node:
    variable = atom(at)
    domain: Node | None = None
    if at.accept("\\in"):
        with at.deeper():
            domain = atom(at)
    at.expect("|", ":")
    condition = at.inside()
    at.expect("\\}")
    if domain is not None and domain != Constant("RR"):
        condition = Group("", "", (condition, Relation(("in",), (variable, domain))), "and")
    return Builder(variable, condition)


def _bars(at: Cursor) -> Node:
    inside = at.inside(bars=True)
    if isinstance(inside, Matrix):
        raise Refused("a determinant")
    at.expect("|", "\\|")
    return Apply("abs", (scalar(inside),))


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


def _conjugate(at: Cursor) -> Node:
    return conjugate(_argument(at))


def _largest(at: Cursor) -> Node:
    return _extreme(at, "max")


def _smallest(at: Cursor) -> Node:
    return _extreme(at, "min")


def _extreme(at: Cursor, op: str) -> Node:
    r"""Parse the values between brackets, of which `\max` or `\min` is one."""
    with at.deeper():
        given = atom(at) if at.is_at("(", "[", "\\{") else None
    if not isinstance(given, Group) or len(given.items) == 1:
        raise Refused("values to choose from")
    return Apply(op, tuple(scalar(item) for item in given.items))


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


_RULES: Mapping[str, Callable[[Cursor], Node]] = {
    "|": _bars, "\\|": _bars, "\\abs": _absolute, "\\frac": _fraction, "\\binom": _binomial,
    "\\sqrt": _root, "\\mathbb": _number_set, "\\emptyset": _empty, "\\overline": _conjugate,
    "\\bar": _conjugate, "\\max": _largest, "\\min": _smallest,
}  # fmt: skip
