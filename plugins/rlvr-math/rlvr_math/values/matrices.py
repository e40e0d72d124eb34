"""Sums and products of matrices, entry by entry, as trees."""

from collections.abc import Sequence
from functools import reduce

from rlvr_math.values.tree import Apply, Matrix, Node, Refused, scalar

__all__ = ["added", "multiplied"]

_MAX_ENTRIES = 64


def added(terms: Sequence[Node]) -> Matrix:
    """Return the sum of matrices of one shape.

    Raises:
        Refused: A term is no matrix, or the shapes differ.
    """
    found = [_matrix(term) for term in terms]
    shape = [len(row) for row in found[0].rows]
    if any([len(row) for row in one.rows] != shape for one in found):
        raise Refused("a sum of matrices of different shapes")
    return Matrix(
        tuple(
            tuple(Apply("add", tuple(map(scalar, entries))) for entries in zip(*rows, strict=True))
            for rows in zip(*(one.rows for one in found), strict=True)
        )
    )


def multiplied(factors: Sequence[Node]) -> Matrix:
    """Return the product of matrices and scalars, in their order.

    Raises:
        Refused: The shapes do not fit, or the product is large.
    """
    found = [factor for factor in factors if isinstance(factor, Matrix)]
    product = reduce(_times, found)
    scalars = tuple(scalar(factor) for factor in factors if not isinstance(factor, Matrix))
    if not scalars:
        return product
    return Matrix(tuple(tuple(Apply("mul", (*scalars, scalar(one))) for one in row) for row in product.rows))


def _times(one: Matrix, other: Matrix) -> Matrix:
    width, columns = len(one.rows[0]), list(zip(*other.rows, strict=True))
    if width != len(other.rows) or len(one.rows) * len(columns) * width > _MAX_ENTRIES:
        raise Refused("a product of matrices that do not fit")
    return Matrix(tuple(tuple(_dot(row, column) for column in columns) for row in one.rows))


def _dot(row: Sequence[Node], column: Sequence[Node]) -> Node:
    terms = tuple(Apply("mul", (scalar(a), scalar(b))) for a, b in zip(row, column, strict=True))
    return terms[0] if len(terms) == 1 else Apply("add", terms)


def _matrix(node: Node) -> Matrix:
    if not isinstance(node, Matrix):
        raise Refused("a sum of a matrix and a number")
    return node
