r"""A bounded recursive-descent parser from an answer's text (LaTeX or plain) to a tree.

Nothing is evaluated and nothing is guessed: what the grammar does not know is `Refused`.

    listing  = row (";" row)*                          a `;` parts rows of items
    row      = relation (("," | "and" | "or") relation)*
    relation = ratio (("=" | "<" | "\in" | "\approx" | ...) ratio)*
    ratio    = union (":" union)*
    union    = sum (("\cup" | "\cap" | "\setminus") sum)*
    sum      = product (("+" | "-" | "\pm") product)*
    product  = power (("*" | "/" | nothing) power)* unit?
    power    = atom ("^" power | "!" | "%" | "\degree")*

Policy: `1/2x` is read from left to right, `x^10` and `\sqrt10` take the whole number, `\frac43` takes digits,
`2\frac34` and `2 3/4` are mixed numbers, `\log` is to base 10, `e` and `i` are the constants.
"""

from fractions import Fraction

from rlvr_math.units import Unit, unit_of
from rlvr_math.values import matrices
from rlvr_math.values.atoms import atom, call, starts_atom
from rlvr_math.values.cursor import Cursor
from rlvr_math.values.numerals import literal, number
from rlvr_math.values.tokens import Token, tokens
from rlvr_math.values.tree import (
    Apply,
    Group,
    Matrix,
    Node,
    Number,
    Quantity,
    Refused,
    Relation,
    Symbol,
    Words,
    ratio,
    scalar,
)
from rlvr_math.words import HEDGES, LETTER_UNITS, PARTS, SCALES

__all__ = ["parse"]

_MAX_POSTFIX = 3
_RELATIONS = {
    "=": "=", "<": "<", ">": ">", "\\leq": "<=", "\\geq": ">=", "\\neq": "!=", "\\in": "in",
    "\\approx": "~", "\\equiv": "=",
}  # fmt: skip
_SET_OPS = {"\\cup": "union", "\\cap": "intersection", "\\setminus": "setminus"}
_SIGNS = {"+": "", "-": "neg", "\\pm": "pm", "\\mp": "mp"}
_POSTFIX = {"!": "factorial", "%": "percent", "\\permille": "permille", "\\degree": "degree"}
_MARKS = ("percent", "permille", "degree")
_MONEY = {"\\dollar": "dollar", "\\euro": "euro", "\\pounds": "sterling", "\\yen": "yen"}
_TEMPERATURES = {"C": "celsius", "F": "fahrenheit"}
_NUMERIC = (Number, Apply)
_JOINTS = (",", "and", "or")


def parse(text: str) -> Node:
    """Parse the normal form of an answer.

    >>> parse("2x")
    Apply(op='mul', args=(Number(value=Fraction(2, 1), places=None), Symbol(name='x')))

    Raises:
        Refused: The text is not of the grammar, or too deep, or too long.
    """
    at = Cursor(tokens(text), listing=_listing, power=_power)
    node = at.inside()
    if at.token.kind != "end":
        raise Refused(f"unexpected {at.token.text!r}")
    return node


def _listing(at: Cursor) -> Node:
    rows = [_row(at)]
    while at.accept(";"):
        rows.append(_row(at))
    if len(rows) == 1:
        return rows[0]
    if not any(isinstance(row, Group) and not row.left for row in rows):
        return Group("", "", tuple(rows), ";")
    return Group("", "", tuple(_as_tuple(row) for row in rows), ";")


def _as_tuple(row: Node) -> Node:
    """Return a row between semicolons as the tuple that it is, as each of `p=5, q=2; p=7, q=2`."""
    return Group("(", ")", row.items) if isinstance(row, Group) and not row.left else row


def _row(at: Cursor) -> Node:
    items, joined = [_relation(at)], ","
    while at.is_at(*_JOINTS):
        joined = at.read().text
        if at.accept("and", "or"):
            joined = at.previous.text
        items.append(_relation(at))
    return items[0] if len(items) == 1 else Group("", "", tuple(items), joined)


def _relation(at: Cursor) -> Node:
    at.accept("\\approx")
    sides, ops = [_ratio(at)], []
    while at.is_at(*_RELATIONS):
        ops.append(_RELATIONS[at.read().text])
        sides.append(_ratio(at))
    if at.is_at("\\pmod", "\\mod", "\\bmod"):
        sides[-1] = _modulo(at, sides[-1])
    return Relation(tuple(ops), tuple(sides)) if ops else sides[0]


def _modulo(at: Cursor, value: Node) -> Node:
    r"""Parse the modulus behind a residue, as in `x \equiv 3 \pmod 7`; whole residues are reduced."""
    at.read()
    modulus = at.power()
    match value, modulus:
        case Number(value=residue), Number(value=base) if (
            residue.denominator == base.denominator == 1 and base > 0
        ):
            return Apply("mod", (Number(residue % base), modulus))
        case _:
            return Apply("mod", (scalar(value), scalar(modulus)))


def _ratio(at: Cursor) -> Node:
    terms = [call(at) or _union(at)]
    while at.accept(":"):
        terms.append(call(at) or _union(at))
    return Relation((":",) * (len(terms) - 1), tuple(terms)) if len(terms) > 1 else terms[0]


def _union(at: Cursor) -> Node:
    node = _sum(at)
    while at.is_at(*_SET_OPS) or (at.token == Token("letter", "U") and isinstance(node, Group)):
        op = _SET_OPS.get(at.read().text, "union")
        flat = isinstance(node, Apply) and node.op == op != "setminus"
        before = node.args if flat and isinstance(node, Apply) else (node,)
        node = Apply(op, (*before, _sum(at)))
    return node


def _sum(at: Cursor) -> Node:
    terms = [_term(at)]
    while at.is_at(*_SIGNS):
        terms.append(_term(at, inner=True))
    if len(terms) == 1:
        return terms[0]
    if any(isinstance(term, Matrix) for term in terms):
        return matrices.added(terms)
    return Apply("add", tuple(scalar(term) for term in terms))


def _negated(at: Cursor) -> Node:
    """Parse the second sign of `a + -b`."""
    at.expect("-")
    return Apply("neg", (scalar(_product(at)),))


def _term(at: Cursor, *, inner: bool = False) -> Node:
    """Parse a term with its sign: `-x^2` is `-(x^2)`; an `inner` one may have a second sign."""
    sign = _SIGNS[at.read().text] if at.is_at(*_SIGNS) else ""
    node = _negated(at) if inner and at.is_at("-") else _product(at)
    if not sign:
        return node
    if isinstance(node, Quantity):
        return Quantity(Apply(sign, (scalar(node.value),)), node.unit)
    if isinstance(node, Matrix) and sign == "neg":
        return matrices.multiplied([Number(Fraction(-1)), node])
    return Apply(sign, (scalar(node),))


def _product(at: Cursor) -> Node:
    money = _money(at)
    if at.token.kind == "words" and at.peek(1).kind == "number":
        raise Refused("words before a number")
    factors = _mixed(at, at.power())
    while True:
        if at.accept("\\cdot"):
            factors += _mixed(at, _factor(at))
        elif at.is_at("/", "\\div") and not _is_unit(at.peek(1)):
            at.read()
            factors.append(Apply("inv", (scalar(_factor(at)),)))
        elif at.token.kind == "scale":
            factors.append(Number(Fraction(SCALES[at.read().text])))
        elif starts_atom(at) and not isinstance(factors[-1], Group | Words) and not _is_unit(at.token):
            factors.append(at.power())
        else:
            break
    node = _multiplied(factors)
    unit = _unit(at, node)
    if money and unit and money != unit:
        raise Refused("two units of money")
    named = money or unit
    return node if named is None else Quantity(node, named)


def _multiplied(factors: list[Node]) -> Node:
    if len(factors) == 1:
        return factors[0]
    if any(isinstance(factor, Matrix) for factor in factors):
        return matrices.multiplied(factors)
    if (
        isinstance(factors[-1], Group)
        and factors[-1].left == "("
        and all(isinstance(one, _NUMERIC) for one in factors[:-1])
    ):
        scale = factors[:-1]
        return Group("(", ")", tuple(Apply("mul", (*scale, scalar(item))) for item in factors[-1].items))
    return Apply("mul", tuple(scalar(one) for one in factors))


def _factor(at: Cursor) -> Node:
    """Parse what follows an operator, where a sign may stand."""
    sign = at.is_at("-", "+") and at.read().text == "-"
    node = at.power()
    return Apply("neg", (scalar(node),)) if sign else node


def _money(at: Cursor) -> Unit | None:
    if at.is_at(*_MONEY):
        return unit_of(_MONEY[at.read().text])
    return None


def _is_unit(token: Token) -> bool:
    return token.kind == "words" or (token.upright and token.text in LETTER_UNITS)


def _is_plain_unit(token: Token) -> bool:
    r"""Say whether a letter outside `\text{}` can be a unit where one is looked for: the `h` of `km/h`."""
    return token.kind == "letter" and token.text in LETTER_UNITS


def _unit(at: Cursor, node: Node) -> Unit | None:
    """Parse the unit behind a value: words, powers of them, and what they are divided by."""
    if isinstance(node, Words) or not _is_unit(at.token):
        return None
    degrees = isinstance(node, Apply) and node.op == "degree"
    if degrees and at.token.text in _TEMPERATURES:
        return unit_of(_TEMPERATURES[at.read().text])
    parts = []
    while _is_unit(at.token) or (
        at.is_at("/", "\\cdot") and (_is_unit(at.peek(1)) or _is_plain_unit(at.peek(1)))
    ):
        token = at.read()
        if token.text == "/" and _is_plain_unit(at.token):
            parts.append("/")
            token = at.read()
        parts.append("*" if token.text == "\\cdot" else token.text)
        if at.accept("^"):
            parts.append("^" + _unit_power(at))
    words = " ".join(parts)
    hedged = (HEDGES | PARTS).intersection(words.casefold().split())
    unit = None if hedged else unit_of(words)
    if unit is None:
        raise Refused(f"no unit: {words!r}")
    return unit


def _unit_power(at: Cursor) -> str:
    braced = at.accept("{")
    sign = "-" if at.accept("-") else ""
    power = at.read()
    if braced:
        at.expect("}")
    if power.kind != "number" or len(power.text) != 1:
        raise Refused("a unit's power")
    return sign + power.text


def _mixed(at: Cursor, first: Node) -> list[Node]:
    r"""Parse the fraction of a mixed number, `2\frac34` or `2 3/4`, if one follows its whole part."""
    if not isinstance(first, Number) or not at.previous.text.isdecimal():
        return [first]
    if at.is_at("\\frac"):
        return _with_fraction(first, at.power())
    if at.token.kind == "number" and at.peek(1).text == "/":
        top = Number(literal(at.read().text))
        at.expect("/")
        bottom = at.power()
        if isinstance(bottom, Apply) and bottom.op in _MARKS:
            found = _with_fraction(first, Apply(bottom.op, (ratio(top, bottom.args[0]),)))
        else:
            found = _with_fraction(first, ratio(top, bottom))
        if len(found) > 1:
            raise Refused("two numbers side by side")
        return found
    return [first]


def _with_fraction(first: Number, part: Node) -> list[Node]:
    """Return a mixed number, its sign on the whole of it; both parts where they make none."""
    marked = isinstance(part, Apply) and part.op in _MARKS
    proper = _proper(part.args[0] if isinstance(part, Apply) and marked else part)
    if proper is None:
        return [first, part]
    mixed = Number(first.value + proper)
    return [Apply(part.op, (mixed,)) if isinstance(part, Apply) and marked else mixed]


def _proper(node: Node) -> Fraction | None:
    """Return the value of a fraction of two whole numbers, if it is between 0 and 1."""
    match node:
        case Apply(op="mul", args=(Number(value=top), Apply(op="inv", args=(Number(value=bottom),)))):
            whole = top.denominator == bottom.denominator == 1
            return top / bottom if whole and 0 < top < bottom else None
        case _:
            return None


def _power(at: Cursor) -> Node:
    node = atom(at)
    for _ in range(_MAX_POSTFIX):
        if at.accept("^"):
            node = _raised(node, _factor(at))
        elif at.is_at(*_POSTFIX):
            node = Apply(_POSTFIX[at.read().text], (scalar(node),))
            if at.is_at("!"):
                raise Refused("a double factorial")
        elif at.is_at("'") and isinstance(node, Symbol):
            at.read()
            node = Symbol(node.name + "'")
    return node


def _raised(node: Node, exponent: Node) -> Node:
    r"""Return a power; `C_5^2` is the number of combinations, as `\binom52` is."""
    match node, exponent:
        case Symbol(name=name), Number() if name[:2] == "C_" and name[2:].isdecimal():
            return Apply("binom", (Number(number(name[2:]).value), exponent))
        case Symbol(name=name), Number() if name[:2] == "A_" and name[2:].isdecimal():
            return Apply("call", (Symbol("P"), Number(number(name[2:]).value), exponent))
        case Matrix(rows=rows), Symbol(name="T"):
            return Matrix(tuple(zip(*rows, strict=True)))
        case Group(left="(", items=items), Symbol(name="T"):
            return Matrix(tuple((item,) for item in items))
        case _:
            return Apply("pow", (scalar(node), scalar(exponent)))
