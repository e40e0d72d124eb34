"""Two scalars: equal by some stage, or by what the policy lets pass: a sign dropped, a rounded decimal."""

from rlvr_math.judge.policy import Policy
from rlvr_math.values.equality import STAGES, Equality
from rlvr_math.values.rounding import rounds, within
from rlvr_math.values.shapes import replaced, sign, unmarked
from rlvr_math.values.tree import SET_OPS, Apply, Constant, Node, Number, Symbol, symbols, walk

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
        verdict = self._equality.verdict(one, other)
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
        whole = {old, new} <= _PARAMETERS and _turns(one) and _turns(other)
        added = {old, new} <= _INTEGRATION and _is_term(one, old) and _is_term(other, new)
        return (whole or added) and self.equal(replaced(one, old, Symbol(new)), other)


def _turns(node: Node) -> bool:
    """Say whether a tree holds `pi` or degrees: what a whole number of turns is written with."""
    return any(one == Constant("pi") or (isinstance(one, Apply) and one.op == "degree") for one in walk(node))


def _is_term(node: Node, name: str) -> bool:
    """Say whether a letter stands alone in a sum, as a constant of integration does."""
    return isinstance(node, Apply) and node.op == "add" and node.args.count(Symbol(name)) == 1
