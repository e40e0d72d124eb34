"""Matrices and vectors: entry by entry, their brackets, arithmetic left standing."""

from collections.abc import Sequence
from random import Random

from rlvr_math.pairs.rule import Draw, rule

__all__: list[str] = []

Matrix = Sequence[Sequence[int]]


def _latex(matrix: Sequence[Sequence[object]], kind: str = "pmatrix", gap: str = " ") -> str:
    body = (rf"{gap}\\{gap}").join(f"{gap}&{gap}".join(map(str, row)) for row in matrix)
    return rf"\begin{{{kind}}}{gap}{body}{gap}\end{{{kind}}}"


def _random(rng: Random, rows: int, columns: int) -> list[list[int]]:
    """Return a matrix with no two equal entries."""
    numbers = rng.sample([one for one in range(-15, 30) if one], rows * columns)
    return [numbers[row * columns : (row + 1) * columns] for row in range(rows)]


def _changed(matrix: Matrix, by: int = 1) -> list[list[int]]:
    """Return `matrix` with another last entry."""
    return [*map(list, matrix[:-1]), [*matrix[-1][:-1], matrix[-1][-1] + by]]


@rule
def matrix_forms(rng: Random) -> Draw:
    """Draw a matrix in its brackets; its shape and every entry count."""
    rows, columns = rng.choice([(2, 2), (2, 3), (3, 3), (3, 2)])
    matrix = _random(rng, rows, columns)
    good = [
        _latex(matrix),
        _latex(matrix, "bmatrix"),
        _latex(matrix, gap=""),
        _latex([[f"{one}.0" for one in row] for row in matrix]),
    ]
    turned = [list(row) for row in zip(*matrix, strict=True)]
    bad = [
        _latex(turned),
        _latex(_changed(matrix)),
        _latex(matrix[::-1]),
        _latex([[-one for one in row] for row in matrix]),
    ]
    return Draw(good[:2], good, [*bad, _latex(matrix[:-1], "bmatrix"), _latex([row[::-1] for row in matrix])])


@rule
def matrix_entries(rng: Random) -> Draw:
    """Draw a matrix of fractions, also with the denominator in front."""
    matrix, k = _random(rng, 2, 2), rng.choice([7, 11, 13])
    inside = [[rf"\frac{{{one}}}{{{k}}}" for one in row] for row in matrix]
    good = [
        _latex(inside),
        rf"\frac{{1}}{{{k}}} {_latex(matrix)}",
        _latex([[f"{one}/{k}" for one in row] for row in matrix]),
    ]
    bad = [
        _latex(matrix),
        rf"\frac{{1}}{{{k + 1}}} {_latex(matrix)}",
        f"{k} {_latex(matrix)}",
        rf"-\frac{{1}}{{{k}}} {_latex(matrix)}",
    ]
    return Draw(good[:1], good, [*bad, rf"\frac{{1}}{{{k}}} {_latex(_changed(matrix))}"])


@rule
def matrix_arithmetic(rng: Random) -> Draw:
    """Draw a sum, a product or a multiple of matrices, worked out and not."""
    one, other, k = _random(rng, 2, 2), _random(rng, 2, 2), rng.randint(2, 6)
    total = [[a + b for a, b in zip(*rows, strict=True)] for rows in zip(one, other, strict=True)]
    scaled = [[k * a for a in row] for row in one]
    product = _product(one, other)
    wrong = [_latex(_changed(total)), _latex(_changed(scaled)), _latex(_changed(product))]
    return rng.choice([
        Draw([_latex(total)], [f"{_latex(one)} + {_latex(other)}", f"{_latex(other)} + {_latex(one)}"],
             [f"{_latex(one)} - {_latex(other)}", _latex(one), wrong[0]]),
        Draw([_latex(scaled)], [f"{k}{_latex(one)}", rf"{k} \cdot {_latex(one, 'bmatrix')}"],
             [f"{k + 1}{_latex(one)}", _latex(one), wrong[1]]),
        Draw([_latex(product)], [f"{_latex(one)}{_latex(other)}", rf"{_latex(one)} \cdot {_latex(other)}"],
             [wrong[2], _latex(one), rf"2 \cdot {_latex(one)}{_latex(other)}"]),
    ])  # fmt: skip


def _product(one: Matrix, other: Matrix) -> list[list[int]]:
    return [
        [sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*other, strict=True)]
        for row in one
    ]


def _as_vector(matrix: Matrix, items: list[str]) -> list[str]:
    return [
        _latex(matrix),
        _latex(matrix, "bmatrix"),
        f"({', '.join(items)})",
        rf"\langle {', '.join(items)} \rangle",
    ]


@rule
def vectors(rng: Random) -> Draw:
    """Draw a column, which is its tuple and not its row."""
    matrix = _random(rng, rng.choice([2, 3]), 1)
    items = [str(row[0]) for row in matrix]
    good = _as_vector(matrix, items)
    bad = [
        _latex([[row[0] for row in matrix]]),
        f"({', '.join(items[::-1])})",
        _latex(_changed(matrix)),
        _latex(matrix[::-1]),
    ]
    return Draw(good[:2], good, [*bad, ", ".join(items), f"({', '.join(items[:-1])}, 77)"])


@rule
def row_vectors(rng: Random) -> Draw:
    """Draw a row, which is its tuple and not its column."""
    matrix = _random(rng, 1, rng.choice([2, 3, 4]))
    items = [str(one) for one in matrix[0]]
    good = _as_vector(matrix, items)
    bad = [
        _latex([[one] for one in matrix[0]]),
        _latex([matrix[0][::-1]]),
        _latex(_changed(matrix)),
        f"({', '.join(items)}, 77)",
    ]
    return Draw(good[:2], good, bad)
