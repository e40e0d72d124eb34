"""The tree that an answer is parsed into: plain data, bounded in depth and size by the parser."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from rlvr_math.units import Unit

__all__ = [
    "SET_OPS",
    "Apply",
    "Based",
    "Builder",
    "Choice",
    "Constant",
    "Group",
    "Matrix",
    "Moment",
    "Node",
    "Number",
    "Quantity",
    "Refused",
    "Relation",
    "Symbol",
    "Undefined",
    "Words",
    "children",
    "ratio",
    "scalar",
    "symbols",
    "walk",
]


class Refused(ValueError):
    """What stands there is not understood, or is too large to look at: never the reader's failure."""


class Undefined(Refused):
    """What stands there has no value: a division by zero."""


@dataclass(frozen=True, slots=True)
class Number:
    """An exact rational number.

    Attributes:
        value: The number.
        places: How many decimals were written, if it was written with a decimal point.
    """

    value: Fraction
    places: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A variable, with its subscript if it has one."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """One of `pi`, `e`, `i`, `infinity`, or a set of numbers such as `RR`."""

    name: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation on its arguments: `add`, `mul` (any number of them), `neg`, `inv`, `pow`, `sin`, ...

    `call` is a function with a name of its own at its arguments, as the `f(x)` of `f(x) = 2x`.
    """

    op: str
    args: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Group:
    r"""Several items between brackets; a bare list has none, a set braces, the pieces of a function `\{`.

    Attributes:
        joined: What stands between the items: a comma, a semicolon, `and`, `or`.
    """

    left: str
    right: str
    items: tuple["Node", ...]
    joined: str = field(default=",", compare=False)

    @property
    def ordered(self) -> bool:
        """Whether the place of an item matters: in a tuple or an interval it does."""
        return self.left not in ("", "{", "\\{")


@dataclass(frozen=True, slots=True)
class Relation:
    """A chain of sides: `a = b`, `a < b <= c`, `x in S`, the ratio `a : b`."""

    ops: tuple[str, ...]
    sides: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Builder:
    r"""A set by its condition, as `\{x | x > 3\}`."""

    variable: "Node"
    condition: "Node"


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of entries."""

    rows: tuple[tuple["Node", ...], ...]


@dataclass(frozen=True, slots=True)
class Based:
    """A numeral written in a base, as in `204_5`."""

    digits: str
    base: int


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with its unit, as `10 cm`."""

    value: "Node"
    unit: Unit


@dataclass(frozen=True, slots=True)
class Choice:
    """The letter of an answer to choose, with the text that stood behind it, if one did."""

    label: str
    content: "Node | None"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of day, in seconds from midnight, or a date, as year, month, day (0 where it is not said)."""

    fields: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Plain words, in lower case."""

    text: str


Node = (
    Number
    | Symbol
    | Constant
    | Apply
    | Group
    | Relation
    | Builder
    | Matrix
    | Based
    | Quantity
    | Choice
    | Moment
    | Words
)


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly under a node."""
    match node:
        case Apply(args=below) | Group(items=below) | Relation(sides=below):
            return below
        case Matrix(rows=rows):
            return tuple(entry for row in rows for entry in row)
        case Builder(variable=variable, condition=condition):
            return (variable, condition)
        case Quantity(value=value):
            return (value,)
        case Choice(content=content) if content is not None:
            return (content,)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it."""
    pending = [node]
    while pending:
        found = pending.pop()
        yield found
        pending.extend(children(found))


def symbols(node: Node) -> frozenset[str]:
    """Return the names of the variables in a tree."""
    return frozenset(found.name for found in walk(node) if isinstance(found, Symbol))


SET_OPS = frozenset({"union", "intersection", "setminus"})
"""The operations whose value is a set."""

_LEAVES = (Number, Symbol, Constant)


def scalar(node: Node) -> Node:
    """Return a node that can stand in arithmetic.

    Raises:
        Refused: It is a list, a relation, words or a set.
    """
    if isinstance(node, _LEAVES) or (isinstance(node, Apply) and node.op not in SET_OPS):
        return node
    raise Refused(f"arithmetic on {type(node).__name__}")


def ratio(top: Node, bottom: Node) -> Node:
    """Return the node of a fraction."""
    return Apply("mul", (top, Apply("inv", (bottom,))))
