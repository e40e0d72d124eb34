"""Two scalars: equal by some stage, or by what the policy lets pass: a sign dropped, a rounded decimal."""

from fractions import Fraction

from rlvr_math.judge.policy import Policy
from rlvr_math.values.algebra import form
from rlvr_math.values.equality import STAGES, Equality
from rlvr_math.values.rounding import rounds, within
from rlvr_math.values.shapes import replaced, sign, unmarked
from rlvr_math.values.tree import SET_OPS, Apply, Constant, Node, Number, Symbol, symbols

__all__ = ["Scalars", "is_scalar"]

_PARAMETERS = frozenset("kmnlj")
_INTEGRATION = frozenset({"C", "c", "K", "C_1"})


def is_scalar(node: Node) -> bool:
    """Say whether a node stands for one number, perhaps of letters."""
    return isinstance(node, Number | Symbol | Constant) or (
        isinstance(node, Apply) and node.op not in SET_OPS
    )


class Scalars:
    """Compares scalars in one comparison of answers.

    Attributes:
        stage: What decided last: a stage of `Equality`, or what a caller names.
        undecided: Whether some pair was left open.
    """

    def __init__(self, policy: Policy, equality: Equality) -> None:
        self._policy = policy
        self._equality = equality
        self.stage = ""
        self.undecided = False

    def same(self, one: Node, other: Node) -> bool:
        """Compare two scalars, the second a reference's; a sign on one side only may be ignored.

        With a sign on one side, the bare number and the value are both accepted: `50%` is `50` and `1/2`.
        """
        signs = {sign(one), sign(other)}
        if signs == {""}:
            return self.equal(one, other) or self._passes(one, other)
        bare = unmarked(one), unmarked(other)
        if len(signs) == 1:
            return self.equal(*bare) or self._passes(*bare)
        if "" not in signs:
            return self.equal(one, other)
        return any(self.equal(*pair) or self._passes(*pair) for pair in (bare, (one, other)))

    def equal(self, one: Node, other: Node) -> bool:
        """Say whether two scalars are equal, and record the stage that said so."""
        verdict = self._equality.verdict(one, other, prove=not self.undecided)
        if self.stage == "" or self.stage in STAGES:
            self.stage = verdict.stage
        self.undecided |= verdict.equal is None
        return verdict.equal is True

    def factor_sign(self, one: Node, other: Node) -> int:
        """Return the sign of the constant that one tree is of the other; 0 where there is none."""
        return self._equality.factor_sign(one, other)

    def _passes(self, one: Node, other: Node) -> bool:
        names = symbols(one), symbols(other)
        if names[0] or names[1]:
            return self._is_renamed(one, other, names[0] - names[1], names[1] - names[0])
        if rounds(one, other, self._policy.rounding):
            self.stage = "rounding"
            return True
        if self._policy.tolerance > 0 and within(one, other, self._policy.tolerance):
            self.stage = "tolerance"
            return True
        return False

    def _is_renamed(self, one: Node, other: Node, extra: frozenset[str], missing: frozenset[str]) -> bool:
        r"""Compare with a parameter renamed: the whole number of `k\pi`, or a constant of integration."""
        if len(extra) != 1 or len(missing) != 1:
            return False
        (old,), (new,) = extra, missing
        whole = {old, new} <= _PARAMETERS and _counts_turns(one, old) and _counts_turns(other, new)
        added = "C" in {old, new} <= _INTEGRATION and _is_term(one, old) and _is_term(other, new)
        return (whole or added) and self.equal(replaced(one, old, Symbol(new)), other)


def _counts_turns(node: Node, name: str) -> bool:
    r"""Say whether a letter stands once, in a multiple of itself and `pi`, as the `k` of `x + 2k\pi`."""
    found = form(node)
    if found is None:
        return False
    letter: tuple[object, ...] = ("s", name)
    holding = [monomial for monomial, _ in found.terms if letter in [key for key, _ in monomial]]
    return holding == [((("c", "pi"), Fraction(1)), (letter, Fraction(1)))]


def _is_term(node: Node, name: str) -> bool:
    """Say whether a letter stands alone in a sum with other letters, as a constant of integration does."""
    alone = isinstance(node, Apply) and node.op == "add" and node.args.count(Symbol(name)) == 1
    return alone and len(symbols(node)) > 1
