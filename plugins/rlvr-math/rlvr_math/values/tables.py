"""Tables of the grammar: matrices, systems of equations, functions in pieces."""

from rlvr_math.values.cursor import Cursor
from rlvr_math.values.tokens import Token
from rlvr_math.values.tree import Group, Matrix, Node, Refused

__all__ = ["table"]

_SYSTEM = ("begin system", "end system")
_CONDITIONAL = frozenset({"if", "for", "when", "where"})


def table(at: Cursor, begin: Token) -> Node:
    """Parse a matrix or a system of equations, from behind its beginning."""
    if begin.text == _SYSTEM[0]:
        return _system(at)
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


def _system(at: Cursor) -> Node:
    r"""Parse the rows of `cases`: a list, as a system is meant, or pairs of value and condition."""
    rows, pieces = [at.inside()], []
    while True:
        if at.accept("&"):
            while at.token.kind == "words" and at.token.text.casefold() in _CONDITIONAL:
                at.read()
            pieces.append(Group("(", ")", (rows.pop(), at.inside())))
        if not at.accept("\\\\") or at.token.text == _SYSTEM[1]:
            break
        rows.append(at.inside())
    if at.read().text != _SYSTEM[1] or (rows and pieces):
        raise Refused("a system of two kinds")
    return Group("\\{", "", tuple(pieces)) if pieces else Group("", "", tuple(rows), "and")
