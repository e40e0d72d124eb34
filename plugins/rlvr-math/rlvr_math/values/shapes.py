"""Other shapes of the same answer: both signs of `±`, the value of `x = 5`, the intervals of `x > 3`."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from rlvr_math.units import is_known, unit_of
from rlvr_math.values.algebra import form
from rlvr_math.values.exact import exact
from rlvr_math.values.tree import (
    SET_OPS,
    Apply,
    Builder,
    Choice,
    Constant,
    Group,
    Matrix,
    Node,
    Number,
    Quantity,
    Refused,
    Relation,
    Symbol,
    Words,
    symbols,
    walk,
)
from rlvr_math.words import DENIALS, HEDGES, MODIFIERS, NOT_NAMES, SCALES

__all__ = [
    "as_quantity",
    "assigned",
    "branches",
    "intervals",
    "is_left_to_do",
    "is_name",
    "labelled",
    "ordered_names",
    "replaced",
    "sign",
    "tuple_of",
    "unmarked",
]

_SIGNS = {"degree": "degrees", "percent": "percent", "permille": "permille"}
_FLIPPED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_INFINITY = Constant("infinity")
_BELOW = Apply("neg", (_INFINITY,))
REALS = Group("(", ")", (_BELOW, _INFINITY))
_MAX_INTERVALS = 12
_TEN = 10
_SCALE_VALUES = frozenset(SCALES.values())
_UNNAMING = HEDGES | DENIALS | MODIFIERS | NOT_NAMES
_COORDINATES = frozenset("xyz")


def branches(node: Node) -> Node:
    r"""Return an answer with one `±` as the list of its two values; in a list or set, item by item.

    >>> from rlvr_math.values.parse import parse
    >>> branches(parse(r"\pm x")) == parse("x, -x")
    True
    """
    if isinstance(node, Group) and not node.ordered:
        items = tuple(branch for item in node.items for branch in _of_item(item))
        return Group(node.left, node.right, items, node.joined)
    both = _of_item(node)
    return both[0] if len(both) == 1 else Group("", "", both)


def _of_item(node: Node) -> tuple[Node, ...]:
    signs = [one.op for one in walk(node) if isinstance(one, Apply) and one.op in ("pm", "mp")]
    if signs.count("pm") != 1 and signs != ["mp"]:
        return (node,)
    return (_with_sign(node, plus=True), _with_sign(node, plus=False))


def _with_sign(node: Node, *, plus: bool) -> Node:
    match node:
        case Apply(op="pm" | "mp" as op, args=(inside,)):
            return inside if plus == (op == "pm") else Apply("neg", (inside,))
        case _:
            return _mapped(node, lambda below: _with_sign(below, plus=plus))


def _mapped(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return a node with each of those under it changed."""
    match node:
        case Apply(op=op, args=args):
            return Apply(op, tuple(change(arg) for arg in args))
        case Group(left=left, right=right, items=items, joined=joined):
            return Group(left, right, tuple(change(item) for item in items), joined)
        case Relation(ops=ops, sides=sides):
            return Relation(ops, tuple(change(side) for side in sides))
        case Matrix(rows=rows):
            return Matrix(tuple(tuple(change(entry) for entry in row) for row in rows))
        case Quantity(value=value, unit=unit):
            return Quantity(change(value), unit)
        case Builder(variable=variable, condition=condition):
            return Builder(change(variable), change(condition))
        case _:
            return node


def replaced(node: Node, name: str, by: Node) -> Node:
    """Return a tree with a node in the place of a letter.

    >>> from rlvr_math.values.parse import parse
    >>> replaced(parse("2x+y"), "x", parse("t")) == parse("2t+y")
    True
    """
    if isinstance(node, Symbol):
        return by if node.name == name else node
    return _mapped(node, lambda below: replaced(below, name, by))


def assigned(relation: Relation) -> Node | None:
    r"""Return the value of `x = 5`, `5 = x`, `f(x) = 2x`, `(x, y) = (1, 2)`, `x \in S` or `label: 5`.

    None unless one side is a name: a single variable, a function at its arguments, a tuple of variables,
    words, or the name of a length or an angle in capital letters.

    >>> from rlvr_math.values.parse import parse
    >>> assigned(parse("x=5")), assigned(parse("12=37"))
    (Number(value=Fraction(5, 1), places=None), None)
    """
    match relation:
        case Relation(ops=("=" | "in" | ":",), sides=(Words(text=text), value)):
            return None if _UNNAMING.intersection(text.split()) else value
        case Relation(ops=(":",), sides=(Symbol(), Number() | Quantity() as value)):
            return value
        case Relation(ops=("=" | "in",), sides=(name, value)) if is_name(name) and _gives(name, value):
            return _by_name(name, value)
        case Relation(ops=("=",), sides=(value, name)) if is_name(name) and _gives(name, value):
            return _by_name(name, value)
        case _:
            return None


def _by_name(name: Node, value: Node) -> Node:
    """Return the values of `(y, x) = (1, 2)` in the order of the letters."""
    if not (isinstance(name, Group) and isinstance(value, Group) and len(name.items) == len(value.items)):
        return value
    letters = [item.name.strip("\\") for item in name.items if isinstance(item, Symbol)]
    if len(set(letters)) < len(name.items):
        return value
    ordered = sorted(zip(letters, value.items, strict=True), key=lambda pair: pair[0])
    return Group(value.left, value.right, tuple(item for _, item in ordered))


def _gives(name: Node, value: Node) -> bool:
    """Say whether a name can stand for a value: an expression of letters only for one without letters."""
    return not isinstance(name, Apply) or name.op == "call" or name.op in SET_OPS or not symbols(value)


def is_name(node: Node) -> bool:
    """Say whether a side of an equation only names what the other side gives."""
    match node:
        case Symbol() | Apply(op="call") | Words() | Constant(name="e"):
            return True
        case Relation(ops=(":", *_), sides=sides):
            return all(isinstance(side, Symbol) for side in sides)
        case Group(left="(", items=items):
            return all(isinstance(item, Symbol) for item in items)
        case Apply(op=op, args=args) if op in SET_OPS:
            return all(isinstance(arg, Symbol) for arg in args)
        case Apply():
            return _is_quantity_name(node)
        case _:
            return False


def _is_quantity_name(node: Apply) -> bool:
    r"""Say whether an expression names what is asked for, as `m+n`, `AB`, `|z|`; not `2x` or `x+y`.

    It holds letters and no number but a power; sums and products of `x`, `y` and `z` alone are equations.
    """
    found = list(walk(node))
    letters = {one.name for one in found if isinstance(one, Symbol)}
    powers = [arg for one in found if isinstance(one, Apply) and one.op == "pow" for arg in one.args[1:]]
    numbers = [one for one in found if isinstance(one, Number | Constant)]
    if not letters:
        return False
    if node.op in ("sin", "cos", "tan", "abs"):
        return len(letters) <= len(found)
    return len(letters) > 1 and len(numbers) == len(powers) and not letters <= _COORDINATES


def _value_of(node: Node) -> Node:
    """Return what an assignment gives; any other node as it is."""
    if isinstance(node, Relation):
        given = assigned(node)
        return node if given is None else given
    return node


def tuple_of(node: Node) -> Node | None:
    """Return a vector as its tuple, and assignments to different letters as the tuple of their values.

    >>> from rlvr_math.values.parse import parse
    >>> tuple_of(parse("x=1, y=2")) == parse("(1, 2)")
    True
    """
    match node:
        case Matrix(rows=rows) if all(len(row) == 1 for row in rows):
            return Group("(", ")", tuple(row[0] for row in rows))
        case Matrix(rows=(row,)):
            return Group("(", ")", row)
        case Group(left="" | "(", items=items) if items and all(_is_assignment(item) for item in items):
            named = {item.sides[0]: item.sides[1] for item in items if isinstance(item, Relation)}
            ordered = sorted(named, key=lambda name: name.name if isinstance(name, Symbol) else "")
            return (
                Group("(", ")", tuple(named[name] for name in ordered)) if len(named) == len(items) else None
            )
        case _:
            return None


def _is_assignment(node: Node) -> bool:
    return isinstance(node, Relation) and node.ops == ("=",) and isinstance(node.sides[0], Symbol)


def ordered_names(items: Sequence[Node]) -> bool:
    """Say whether items are assignments to different letters, which have an order of their own."""
    names = [
        str(item.sides[0]).partition("_")[0]
        for item in items
        if _is_assignment(item) and isinstance(item, Relation)
    ]
    return len(items) > 1 and len(set(names)) == len(items)


def intervals(node: Node) -> list[Group] | None:
    r"""Return the intervals whose union a node is: an inequality, a set by its condition, a union, the reals.

    >>> from rlvr_math.values.parse import parse
    >>> intervals(parse(r"x<-1 or x>4")) == intervals(parse(r"(-\infty,-1)\cup(4,\infty)"))
    True
    >>> intervals(parse("2<x<=5")) == [parse("(2,5]")], intervals(parse("x^2>4"))
    (True, None)
    """
    match node:
        case Group(left="(" | "[", items=(_, _)):
            return [node]
        case Apply(op="union", args=parts) | Group(left="", items=parts, joined="or"):
            return _joined(parts)
        case Group(left="", items=parts):
            return _overlap(parts)
        case Builder(variable=Symbol() as variable, condition=inside) if symbols(variable) <= symbols(inside):
            return intervals(inside)
        case Relation(ops=("in",), sides=(Symbol(), inside)):
            return intervals(inside)
        case Relation():
            return _of_relation(node)
        case Constant(name="RR") | Words(text="all real numbers"):
            return [REALS]
        case _:
            return None


def _joined(parts: Sequence[Node]) -> list[Group] | None:
    found: list[Group] = []
    for part in parts:
        inside = intervals(part)
        if inside is None or len(found) + len(inside) > _MAX_INTERVALS:
            return None
        found.extend(inside)
    return found


def _overlap(parts: Sequence[Node]) -> list[Group] | None:
    """Return the interval between a lower and an upper bound side by side, as `x > 3 and x < 5`."""
    if len(parts) != 2 or not all(isinstance(part, Relation) for part in parts):
        return None
    found = [_of_relation(part) for part in parts if isinstance(part, Relation)]
    names = {name for part in parts for name in symbols(part)}
    if len(names) != 1 or any(one is None or len(one) != 1 for one in found):
        return None
    first, second = (one[0] for one in found if one is not None)
    if first.items[1] == _INFINITY and second.items[0] == _BELOW:
        return [Group(first.left, second.right, (first.items[0], second.items[1]))]
    if second.items[1] == _INFINITY and first.items[0] == _BELOW:
        return [Group(second.left, first.right, (second.items[0], first.items[1]))]
    return None


def _of_relation(relation: Relation) -> list[Group] | None:
    match relation:
        case Relation(ops=("<" | "<=" as first, "<" | "<=" as second), sides=(low, name, high)) if (
            _is_variable(name)
        ):
            return [_between(first, low, high, second)]
        case Relation(ops=(">" | ">=" as first, ">" | ">=" as second), sides=(high, name, low)) if (
            _is_variable(name)
        ):
            return [_between(second, low, high, first)]
        case Relation(
            ops=("<" | "<=" as first, "<" | "<=" as second),
            sides=(low, Apply(op="abs", args=(Symbol(),)), high),
        ):
            return [_between(first, low, high, second), _between(second, _minus(high), _minus(low), first)]
        case Relation(ops=("!=",), sides=(name, hole)) if isinstance(name, Symbol):
            return [_between("<", _BELOW, hole, "<"), _between("<", hole, _INFINITY, "<")]
        case Relation(ops=(op,), sides=(left, right)) if op in _FLIPPED:
            return _half_line(left, op, right)
        case Relation(ops=(first, second), sides=(low, middle, high)) if first[0] == second[0] in "<>":
            return _overlap((Relation((first,), (low, middle)), Relation((second,), (middle, high))))
        case _:
            return None


def _half_line(left: Node, op: str, right: Node) -> list[Group] | None:
    if not _is_variable(left):
        left, op, right = right, _FLIPPED[op], left
    if not _is_variable(left) or symbols(left) & symbols(right):
        return _linear(left, op, right)
    return [_between(op, right, _INFINITY, "<") if ">" in op else _between("<", _BELOW, right, op)]


def _linear(left: Node, op: str, right: Node) -> list[Group] | None:
    """Solve an inequality of the first degree in its only letter: `2x > 6`."""
    names = symbols(left) | symbols(right)
    if len(names) != 1 or not all(isinstance(side, Number | Symbol | Apply) for side in (left, right)):
        return None
    found = form(Apply("add", (left, Apply("neg", (right,)))))
    if found is None or not found.certain:
        return None
    key = ((("s", next(iter(names))), Fraction(1)),)
    terms = dict(found.terms)
    slope, rest = terms.pop(key, None), terms.pop((), Fraction(0))
    if slope is None or terms:
        return None
    root = Number(-rest / slope)
    above = (">" in op) == (slope > 0)
    bracket = "<=" if "=" in op else "<"
    return [_between(bracket, root, _INFINITY, "<") if above else _between("<", _BELOW, root, bracket)]


def _minus(node: Node) -> Node:
    return Apply("neg", (node,))


def _is_variable(node: Node) -> bool:
    return isinstance(node, Symbol) or (isinstance(node, Apply) and node.op == "call")


def _between(first: str, low: Node, high: Node, second: str) -> Group:
    return Group("[" if "=" in first else "(", "]" if "=" in second else ")", (low, high))


def sign(node: Node) -> str:
    """Return the name of the sign that a scalar ends in, `degrees`, `percent` or `permille`, or nothing.

    >>> from rlvr_math.values.parse import parse
    >>> sign(parse("-50%")), sign(parse("50"))
    ('percent', '')
    """
    match node:
        case Apply(op="neg", args=(inside,)):
            return sign(inside)
        case Apply(op=op):
            return _SIGNS.get(op, "")
        case _:
            return ""


def unmarked(node: Node) -> Node:
    """Return a scalar without its degree or percent sign.

    >>> from rlvr_math.values.parse import parse
    >>> unmarked(parse("-50%")) == parse("-50")
    True
    """
    match node:
        case Apply(op="degree" | "percent" | "permille", args=(inside,)):
            return inside
        case Apply(op="neg", args=(inside,)):
            return Apply("neg", (unmarked(inside),))
        case _:
            return node


def as_quantity(node: Node) -> Node:
    """Return a product that ends in the letter of a unit as a quantity, to be compared with one.

    >>> from rlvr_math.values.parse import parse
    >>> as_quantity(parse("5000m")).unit.name
    'm'
    """
    match node:
        case Apply(op="mul", args=(*factors, Symbol(name=name))) if len(name) == 1 and is_known(name):
            unit = unit_of(name)
            value = factors[0] if len(factors) == 1 else Apply("mul", tuple(factors))
            return node if unit is None or symbols(value) else Quantity(value, unit)
        case _:
            return node


def labelled(node: Node) -> Choice | None:
    """Return a choice, or the single capital letter that can be one."""
    if isinstance(node, Choice):
        return node
    if isinstance(node, Symbol) and len(node.name) == 1 and node.name.isupper():
        return Choice(node.name, None)
    return None


def is_left_to_do(node: Node | None) -> bool:
    r"""Say whether this is arithmetic that was not done, as `17 \cdot 23` or `5!`: a task, not its answer.

    A fraction, a mixed number, a sign and a power of ten are ways to write a number.

    >>> from rlvr_math.values.parse import parse
    >>> [is_left_to_do(parse(text)) for text in ("2+2", r"\frac{6}{12}", r"1.5\cdot10^3", "3^4", r"2\sqrt2")]
    [True, False, False, True, False]
    """
    if node is None:
        return False
    try:
        if exact(node) is None:
            return False
    except Refused:
        return False
    return any(isinstance(one, Apply) and _is_step(one) for one in walk(node))


def _is_step(node: Apply) -> bool:
    match node:
        case Apply(op="pow", args=(Number(value=base), _)):
            return base != _TEN
        case Apply(op="mul", args=args):
            return sum(not _is_inverse_or_power_of_ten(arg) for arg in args) > 1
        case Apply(op=op):
            return op in ("add", "pow", "factorial", "binom", "call", "floor", "ceil", "abs")


def _is_inverse_or_power_of_ten(node: Node) -> bool:
    match node:
        case Apply(op="inv"):
            return True
        case Apply(op="pow", args=(Number(value=base), _)):
            return base == _TEN
        case _:
            return isinstance(node, Number) and node.value in _SCALE_VALUES
