r"""A tree as text that people read: one way to write each, with no more brackets than it needs."""

import math
from fractions import Fraction

from rlvr_math.values.exact import exact
from rlvr_math.values.tree import (
    Apply,
    Based,
    Builder,
    Choice,
    Constant,
    Group,
    Matrix,
    Moment,
    Node,
    Number,
    Quantity,
    Refused,
    Relation,
    Symbol,
    Words,
)

__all__ = ["form", "written"]

_RELATION, _SET, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(7)
_SETS = {"union": " union ", "intersection": " intersection ", "setminus": " without "}
_BEHIND = {"factorial": "!", "percent": "%", "permille": " permille", "degree": " degrees"}
_BEFORE = {"neg": "-", "pm": "+-", "mp": "-+"}
_MOST_BITS = 12_000
_TIME_FIELDS = 1


def form(node: Node) -> str:
    r"""Return a tree as text, with its value where that is a number that stands there as an expression.

    >>> from rlvr_math.values.parse import parse
    >>> form(parse("0.50")), form(parse(r"2\cdot3+1")), form(parse("x+1"))
    ('1/2 (2 decimals)', '2 * 3 + 1 = 7', 'x + 1')
    """
    shown = written(node)
    if isinstance(node, Number):
        return f"{shown} ({node.places} decimal{'s'[: node.places != 1]})" if node.places else shown
    try:
        value = exact(node) if isinstance(node, Apply) else None
    except Refused:
        return shown
    if value is None or _number(value) == shown.replace(" ", ""):
        return shown if value is None else _number(value)
    return f"{shown} = {_number(value)}"


def written(node: Node) -> str:
    r"""Return a tree as text.

    >>> from rlvr_math.values.parse import parse
    >>> written(parse(r"\frac{1}{2}x^{2}-\sqrt{3}")), written(parse(r"(x+1)(x-1)"))
    ('1 / 2 * x^2 - sqrt(3)', '(x + 1) * (x - 1)')
    >>> written(parse(r"x \leq 3")), written(parse("(1,2]")), written(parse("2^{x+1}"))
    ('x <= 3', '(1, 2]', '2^(x + 1)')
    """
    return _at(node, _RELATION)


def _at(node: Node, least: int) -> str:
    """Write a node where something that binds as `least` does may stand without brackets."""
    text, binds = _node(node)
    return text if binds >= least else f"({text})"


def _node(node: Node) -> tuple[str, int]:
    match node:
        case Apply():
            return _apply(node)
        case Number(value=value):
            whole = value.denominator == 1
            return _number(value), _SIGN if value < 0 else _ATOM if whole else _PRODUCT
        case Relation(ops=ops, sides=sides):
            rest = (f" {op} {_at(side, _SET)}" for op, side in zip(ops, sides[1:], strict=True))
            return _at(sides[0], _SET) + "".join(rest), _RELATION
        case Quantity(value=value, unit=unit):
            return f"{_at(value, _PRODUCT)} {unit.name}", _PRODUCT
        case _:
            return _leaf(node), _ATOM


def _leaf(node: Node) -> str:
    match node:
        case Symbol(name=name) | Constant(name=name):
            return name.removeprefix("\\")
        case Words(text=text):
            return f'"{text}"'
        case Based(digits=digits, base=base):
            return f"{digits} in base {base}"
        case Choice(label=label, content=content):
            return f"choice {label}" + (f": {written(content)}" if content is not None else "")
        case Moment(fields=fields):
            return _moment(fields)
        case _:
            return _collection(node)


def _collection(node: Node) -> str:
    match node:
        case Group(left=left, right=right, items=items, joined=joined):
            joint = f" {joined} " if joined.isalpha() else f"{joined} "
            opening, closing = ("pieces{", "}") if left == "\\{" else (left, right)
            return opening + joint.join(map(written, items)) + closing
        case Matrix(rows=rows):
            return "[" + ", ".join("[" + ", ".join(map(written, row)) + "]" for row in rows) + "]"
        case Builder(variable=variable, condition=condition):
            return f"{{{written(variable)} | {written(condition)}}}"
        case _:
            raise AssertionError(f"unreachable: {type(node).__name__} is written elsewhere")


def _apply(node: Apply) -> tuple[str, int]:
    op, args = node.op, node.args
    if op == "add":
        return _sum(args), _SUM
    if op == "mul":
        return _product(args), _PRODUCT
    if op == "inv":
        return f"1 / {_at(args[0], _SIGN)}", _PRODUCT
    if op in _BEFORE:
        return _BEFORE[op] + _at(args[0], _PRODUCT), _SIGN
    if op in _SETS:
        return _SETS[op].join(_at(arg, _SUM) for arg in args), _SET
    if op in _BEHIND:
        return _at(args[0], _ATOM) + _BEHIND[op], _POWER
    return _named(op, args)


def _named(op: str, args: tuple[Node, ...]) -> tuple[str, int]:
    match op, args:
        case "pow", (base, exponent):
            return f"{_at(base, _ATOM)}^{_at(exponent, _ATOM)}", _POWER
        case "mod", (value, modulus):
            return f"{_at(value, _SUM)} mod {_at(modulus, _ATOM)}", _SET
        case "root", (value, Number(value=degree)) if degree == 2:
            return f"sqrt({written(value)})", _ATOM
        case "call", (name, *given):
            return f"{written(name)}({', '.join(map(written, given))})", _ATOM
        case _:
            return f"{op}({', '.join(map(written, args))})", _ATOM


def _sum(terms: tuple[Node, ...]) -> str:
    text = _at(terms[0], _PRODUCT)
    for term in terms[1:]:
        sign = term.op if isinstance(term, Apply) and term.op in _BEFORE else ""
        if isinstance(term, Apply) and sign:
            text += f" {_BEFORE[sign]} {_at(term.args[0], _PRODUCT)}"
        else:
            text += f" + {_at(term, _PRODUCT)}"
    return text


def _product(factors: tuple[Node, ...]) -> str:
    text = _at(factors[0], _PRODUCT if _is_leading(factors[0]) else _SIGN)
    for factor in factors[1:]:
        if isinstance(factor, Apply) and factor.op == "inv":
            text += f" / {_at(factor.args[0], _POWER)}"
        else:
            text += f" * {_at(factor, _POWER)}"
    return text


def _is_leading(node: Node) -> bool:
    # A product may begin with one, read from left to right; later it needs brackets.
    return isinstance(node, Apply) and node.op == "mul"


def _number(value: Fraction) -> str:
    bits = max(value.numerator.bit_length(), value.denominator.bit_length())
    if bits > _MOST_BITS:
        return f"<a number of about {math.ceil(bits * math.log10(2)):,} digits>"
    return str(value)


def _moment(fields: tuple[int, ...]) -> str:
    if len(fields) == _TIME_FIELDS:
        hours, seconds = divmod(fields[0], 3600)
        return f"{hours:02}:{seconds // 60:02}:{seconds % 60:02}"
    year, month, day = fields
    return f"{year or '????'}-{month:02}-{day:02}"
