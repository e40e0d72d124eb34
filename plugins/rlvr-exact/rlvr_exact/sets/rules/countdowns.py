"""Rules of the set `countdown`: expressions made from their numbers, so that their value is known."""

from random import Random
from typing import NamedTuple

from rlvr_exact.sets.rules.made import DECLARED, Draw, Rule

__all__ = ["RULES"]


class _Puzzle(NamedTuple):
    numbers: tuple[int, int, int, int]
    target: int

    @property
    def solutions(self) -> list[str]:
        """The numbers are drawn so that (a + b) * c - d is the target."""
        a, b, c, d = self.numbers
        return [f"({a} + {b}) * {c} - {d}", f"{c} * ({b} + {a}) - {d}", f"({a}+{b})*{c}-{d}"]

    def drawn(self, good: list[str], bad: list[str]) -> Draw:
        metadata = {"numbers": list(self.numbers), "target": self.target}
        return Draw(self.solutions[0], good, bad, metadata)


def _puzzle(random: Random) -> _Puzzle:
    a, b, c, d = random.sample(range(2, 14), 4)
    return _Puzzle((a, b, c, d), (a + b) * c - d)


def _solutions(random: Random) -> Draw:
    """Draw an expression of the numbers with the target as its value, or with another."""
    puzzle = _puzzle(random)
    a, b, c, d = puzzle.numbers
    bad = [
        f"({a} + {b}) * {c} + {d}",
        f"{a} + {b} * {c} - {d} + 0",
        f"({a} - {b}) * {c} - {d}",
        f"({c} + {b}) * {d} - {a} - 0",
    ]
    good = [*puzzle.solutions, f"({a} + {b}) \\times {c} - {d}", f"$({a} + {b}) \\cdot {c} - {d}$"]
    return puzzle.drawn(good, bad)


def _declared(random: Random) -> Draw:
    """Draw a declared solution, or a solution before something else that is declared."""
    puzzle = _puzzle(random)
    frames = [frame for frame in DECLARED if "answer is @" not in frame and "answer is: @" not in frame]
    good = [frame.replace("@", text) for frame in frames for text in puzzle.solutions]
    bad = [f"{puzzle.solutions[0]}\n" + frame.replace("@", str(puzzle.target)) for frame in frames]
    return puzzle.drawn(good, bad)


def _values(random: Random) -> Draw:
    """Draw a solution with its value behind it, or with a wrong one."""
    puzzle = _puzzle(random)
    good = [f"{text} = {puzzle.target}" for text in puzzle.solutions]
    bad = [f"{text} = {puzzle.target + 1}" for text in puzzle.solutions]
    return puzzle.drawn(good, [*bad, f"{puzzle.target}", f"<answer>{puzzle.target}</answer>"])


def _wrong_numbers(random: Random) -> Draw:
    """Draw an expression that reaches the target with other numbers."""
    puzzle = _puzzle(random)
    a, b, c, d = puzzle.numbers
    bad = [
        f"({a + b}) * {c} - {d}",
        f"({a} + {b}) * {c} - {d} + {d} - {d}",
        f"({a} + {b}) * {c} - {d} * 1",
        f"{puzzle.target - 1} + 1",
        f"{(a + b) * c} - {d}",
        f"({a} + {b}) * {c} - {d} + 0",
        f"({a} + {b}) * {c} - {d + 1} + 1",
    ]
    return puzzle.drawn([puzzle.solutions[0], f"<answer>{puzzle.solutions[1]}</answer>"], bad)


def _grammar(random: Random) -> Draw:
    """Draw what is no plain expression, though an interpreter might give the target for it."""
    puzzle = _puzzle(random)
    a, b, c, d = puzzle.numbers
    text = puzzle.solutions[0]
    bad = [
        f"eval('{text}')",
        f"print({text})",
        f"({text})  # correct",
        f"{text};",
        f"sum([{a}, {b}]) * {c} - {d}",
        f"({a} + {b}) * {c} - {d} or {text}",
        f"lambda: {text}",
        f"({a} + {b}) * {c} - {d}) * (1",
        f"({a} + {b} * {c} - {d}",
        f"{a} {b} + {c} * {d} -",
    ]
    return puzzle.drawn(puzzle.solutions, bad)


RULES: tuple[Rule, ...] = (_solutions, _declared, _values, _wrong_numbers, _grammar)
