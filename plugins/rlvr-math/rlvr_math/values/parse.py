r"""A bounded recursive-descent parser from an answer's text (LaTeX or plain) to a tree.

Nothing is evaluated and nothing is guessed: what the grammar does not know is `Refused`.

    listing  = relation (("," | ";" | "and") relation)*
    relation = union (("=" | "<" | "\in" | ":" | ...) union)*
    union    = sum (("\cup" | "\cap" | "\setminus") sum)*
    sum      = product (("+" | "-" | "\pm") product)*
    product  = power (("*" | "/" | nothing) power)*
    power    = atom ("^" power | "!" | "%" | "\degree")*

Policy: `1/2x` is read from left to right, `x^10` and `\sqrt10` take the whole number, `\frac43` takes digits,
`2\frac34` and `2 3/4` are mixed numbers, `\log` is to base 10, `e` and `i` are the constants.
"""

from fractions import Fraction

from rlvr_math.values.atoms import atom, starts_atom
from rlvr_math.values.cursor import Cursor
from rlvr_math.values.numerals import literal
from rlvr_math.values.tokens import Token, tokens
from rlvr_math.values.tree import Apply, Group, Node, Number, Refused, Relation, ratio, scalar
from rlvr_math.words import SCALES

__all__ = ["parse"]

_MAX_POSTFIX = 3
_RELATIONS = {
    "=": "=", "<": "<", ">": ">", "\\leq": "<=", "\\geq": ">=", "\\neq": "!=", "\\in": "in", ":": ":",
}  # fmt: skip
_SET_OPS = {"\\cup": "union", "\\cap": "intersection", "\\setminus": "setminus"}
_SIGNS = {"+": "", "-": "neg", "\\pm": "pm", "\\mp": "mp"}
_POSTFIX = {"!": "factorial", "%": "percent", "\\degree": "degree"}


def parse(text: str) -> Node:
    """Parse the normal form of an answer.

    >>> parse("2x")
    Apply(op='mul', args=(Number(value=Fraction(2, 1)), Symbol(name='x')))

    Raises:
        Refused: The text is not of the grammar, or too deep, or too long.
    """
    at = Cursor(tokens(text), listing=_listing, power=_power)
    node = at.inside()
    if at.token.kind != "end":
        raise Refused(f"unexpected {at.token.text!r}")
    return node


def _listing(at: Cursor) -> Node:
    items = [_relation(at)]
    while at.accept(",", ";", "and"):
        at.accept("and")
        items.append(_relation(at))
    return items[0] if len(items) == 1 else Group("", "", tuple(items))


def _relation(at: Cursor) -> Node:
    sides, ops = [_union(at)], []
    while at.is_at(*_RELATIONS):
        ops.append(_RELATIONS[at.read().text])
        sides.append(_union(at))
    return Relation(tuple(ops), tuple(sides)) if ops else sides[0]


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
        terms.append(_term(at))
    return terms[0] if len(terms) == 1 else Apply("add", tuple(scalar(term) for term in terms))


def _term(at: Cursor) -> Node:
    """Parse a term with its sign: `-x^2` is `-(x^2)`."""
    sign = _SIGNS[at.read().text] if at.is_at(*_SIGNS) else ""
    node = _product(at)
    return Apply(sign, (scalar(node),)) if sign else node


def _product(at: Cursor) -> Node:
    factors = _mixed(at, at.power())
    while True:
        if at.accept("\\cdot"):
            factors.append(_factor(at))
        elif at.accept("/", "\\div"):
            factors.append(Apply("inv", (scalar(_factor(at)),)))
        elif at.token.kind == "scale":
            factors.append(Number(Fraction(SCALES[at.read().text])))
        elif starts_atom(at) and not isinstance(factors[-1], Group):
            factors.append(at.power())
        else:
            break
    return factors[0] if len(factors) == 1 else Apply("mul", tuple(scalar(one) for one in factors))


def _factor(at: Cursor) -> Node:
    """Parse what follows an operator, where a sign may stand."""
    sign = at.accept("-")
    node = at.power()
    return Apply("neg", (scalar(node),)) if sign else node


def _mixed(at: Cursor, first: Node) -> list[Node]:
    r"""Parse the fraction of a mixed number, `2\frac34` or `2 3/4`, if one follows its whole part."""
    if not isinstance(first, Number) or not at.previous.text.isdecimal():
        return [first]
    if at.is_at("\\frac"):
        part = at.power()
        proper = _proper(part)
        return [first, part] if proper is None else [Number(first.value + proper)]
    if at.token.kind == "number" and at.ahead.text == "/":
        top = Number(literal(at.read().text))
        at.expect("/")
        proper = _proper(ratio(top, at.power()))
        if proper is None:
            raise Refused("two numbers side by side")
        return [Number(first.value + proper)]
    return [first]


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
            node = Apply("pow", (scalar(node), scalar(_factor(at))))
        elif at.is_at(*_POSTFIX):
            node = Apply(_POSTFIX[at.read().text], (scalar(node),))
            if at.is_at("!"):
                raise Refused("a double factorial")
    return node
