"""The tree that an answer is parsed into: plain data, bounded in depth and size by the parser."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

__all__ = [
    "SET_OPS",
    "Apply",
    "Based",
    "Constant",
    "Group",
    "Matrix",
    "Node",
    "Number",
    "Refused",
    "Relation",
    "Symbol",
    "Words",
    "children",
    "ratio",
    "scalar",
    "symbols",
    "walk",
]


class Refused(ValueError):
    """What stands there is not understood, or is too large to look at: never the reader's failure."""


@dataclass(frozen=True, slots=True)
class Number:
    """An exact rational number."""

    value: Fraction


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
    """An operation on its arguments: `add`, `mul` (any number of them), `neg`, `inv`, `pow`, `sin`, ..."""

    op: str
    args: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Several items between brackets; a bare list has none, and a set has braces."""

    left: str
    right: str
    items: tuple["Node", ...]

    @property
    def ordered(self) -> bool:
        """Whether the place of an item matters: in a tuple or an interval it does."""
        return self.left not in ("", "{")


@dataclass(frozen=True, slots=True)
class Relation:
    """A chain of sides: `a = b`, `a < b <= c`, `x in S`, the ratio `a : b`."""

    ops: tuple[str, ...]
    sides: tuple["Node", ...]


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
class Words:
    """Plain words, in lower case."""

    text: str


Node = Number | Symbol | Constant | Apply | Group | Relation | Matrix | Based | Words


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly under a node."""
    match node:
        case Apply(args=below) | Group(items=below) | Relation(sides=below):
            return below
        case Matrix(rows=rows):
            return tuple(entry for row in rows for entry in row)
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


def scalar(node: Node) -> Node:
    """Return a node that can stand in arithmetic.

    Raises:
        Refused: It is a list, a relation, words or a set.
    """
    if isinstance(node, Number | Symbol | Constant) or (isinstance(node, Apply) and node.op not in SET_OPS):
        return node
    raise Refused(f"arithmetic on {type(node).__name__}")


def ratio(top: Node, bottom: Node) -> Node:
    """Return the node of a fraction."""
    return Apply("mul", (top, Apply("inv", (bottom,))))
