"""Rational expressions of any size, compared modulo large primes at random points.

(Schwartz 1980, Zippel 1979.) An identity holds modulo every prime; a difference of degree d vanishes at a
random point with a chance of at most d / 2^61 for each prime. Letters, `pi` and `e` are points; `i` is a root
of -1, for the primes are 1 modulo 4.
"""

from random import Random

from rlvr_math.values.tree import Apply, Constant, Node, Number, Refused, Symbol

__all__ = ["agree", "proportional"]

_PRIMES = (2305843009213693921, 2305843009213693693, 2305843009213693669)
_MAX_FACTORIAL = 20_000
_MAX_EXPONENT_BITS = 4_000
_TRIES = 2
_PLACES = 3


class _NoResidue(Exception):
    """The tree holds what has no residue: a root, a function."""


class _Pole(Exception):
    """A denominator vanishes at this point."""


def agree(one: Node, other: Node, *, seed: str) -> bool | None:
    r"""Say whether two rational expressions agree modulo three primes at secret points; None for other trees.

    >>> from rlvr_math.values.parse import parse
    >>> agree(parse("2^{100009}"), parse("2*2^{100008}"), seed="any")
    True
    >>> agree(parse(r"\sqrt2"), parse("2"), seed="any") is None
    True
    """
    try:
        return all(_agree_modulo(one, other, prime, f"{seed}:{prime}") for prime in _PRIMES)
    except (_NoResidue, Refused):
        return None


def proportional(one: Node, other: Node, *, seed: str) -> bool | None:
    """Say whether one rational expression is a constant times the other; None for other trees.

    >>> from rlvr_math.values.parse import parse
    >>> proportional(parse("2x-4"), parse("2-x"), seed="any")
    True
    >>> proportional(parse("x"), parse("x+1"), seed="any")
    False
    """
    try:
        return all(_proportional_modulo(one, other, prime, f"{seed}:{prime}") for prime in _PRIMES[:2])
    except (_NoResidue, _Pole, Refused):
        return None


def _proportional_modulo(one: Node, other: Node, prime: int, seed: str) -> bool:
    fields = [_Field(prime, f"{seed}:{place}") for place in range(_PLACES)]
    pairs = [(field.value(one), field.value(other)) for field in fields]
    a, b = pairs[0]
    return a != 0 != b and all((a * d - b * c) % prime == 0 for c, d in pairs[1:])


def _agree_modulo(one: Node, other: Node, prime: int, seed: str) -> bool:
    for attempt in range(_TRIES):
        field = _Field(prime, f"{seed}:{attempt}")
        try:
            return field.value(one) == field.value(other)
        except _Pole:
            continue
    raise _NoResidue


class _Field:
    """Values modulo one prime, at one point."""

    def __init__(self, prime: int, seed: str) -> None:
        self._prime = prime
        self._seed = seed
        self._points: dict[str, int] = {}

    def value(self, node: Node) -> int:
        """Return the residue of a tree."""
        match node:
            case Number(value=value):
                return value.numerator % self._prime * self._inverse(value.denominator) % self._prime
            case Symbol(name=name) | Constant(name="pi" | "e" as name):
                return self._point(f"{type(node).__name__}:{name}")
            case Constant(name="i"):
                return _root_of_minus_one(self._prime)
            case Apply(op=op, args=args):
                return self._applied(op, args)
            case _:
                raise _NoResidue

    def _point(self, name: str) -> int:
        if name not in self._points:
            self._points[name] = Random(f"{self._seed}:{name}").randrange(2, self._prime)
        return self._points[name]

    def _applied(self, op: str, args: tuple[Node, ...]) -> int:
        match op:
            case "pow":
                return self._power(*args)
            case "factorial":
                return self._factorial(_whole(args[0]))
            case "binom":
                return self._binomial(_whole(args[0]), _whole(args[1]))
            case _:
                return self._arithmetic(op, [self.value(arg) for arg in args])

    def _arithmetic(self, op: str, values: list[int]) -> int:
        match op:
            case "add":
                return sum(values) % self._prime
            case "mul":
                product = 1
                for value in values:
                    product = product * value % self._prime
                return product
            case "neg":
                return -values[0] % self._prime
            case "inv":
                return self._inverse(values[0])
            case "percent":
                return values[0] * self._inverse(100) % self._prime
            case _:
                raise _NoResidue

    def _inverse(self, value: int) -> int:
        if value % self._prime == 0:
            raise _Pole
        return pow(value, -1, self._prime)

    def _power(self, base: Node, exponent: Node) -> int:
        """Return a power, by Fermat's little theorem: the exponent counts modulo the prime less one."""
        value = self.value(base)
        if value == 0:
            raise _NoResidue
        return pow(value, _exponent(exponent, self._prime - 1), self._prime)

    def _factorial(self, number: int) -> int:
        product = 1
        for factor in range(2, number + 1):
            product = product * factor % self._prime
        return product

    def _binomial(self, top: int, bottom: int) -> int:
        if bottom > top:
            return 0
        below = self._factorial(bottom) * self._factorial(top - bottom) % self._prime
        return self._factorial(top) * self._inverse(below) % self._prime


def _exponent(node: Node, modulus: int, *, depth: int = 0) -> int:
    """Return a whole exponent modulo a number; towers only of two floors above it."""
    match node:
        case Number(value=value) if value.denominator == 1:
            return int(value) % modulus
        case Apply(op="neg", args=(inside,)):
            return -_exponent(inside, modulus, depth=depth) % modulus
        case Apply(op="add", args=args):
            return sum(_exponent(arg, modulus, depth=depth) for arg in args) % modulus
        case Apply(op="mul", args=args):
            product = 1
            for arg in args:
                product = product * _exponent(arg, modulus, depth=depth) % modulus
            return product
        case Apply(op="pow", args=(base, exponent)):
            return pow(_exponent(base, modulus, depth=depth), _small(exponent), modulus)
        case _:
            raise _NoResidue


def _small(node: Node) -> int:
    """Return the exact value of a small whole exponent, 0 or more."""
    match node:
        case Number(value=value) if value.denominator == 1 and value >= 0:
            return int(value)
        case Apply(op="pow", args=(Number(value=base), Number(value=power))):
            if base.denominator != 1 or power.denominator != 1 or base < 0 or power < 0:
                raise _NoResidue
            if power * base.numerator.bit_length() > _MAX_EXPONENT_BITS:
                raise _NoResidue
            return int(int(base) ** int(power))
        case _:
            raise _NoResidue


def _whole(node: Node) -> int:
    if not isinstance(node, Number) or node.value.denominator != 1 or not 0 <= node.value <= _MAX_FACTORIAL:
        raise _NoResidue
    return int(node.value)


def _root_of_minus_one(prime: int) -> int:
    """Return a square root of -1: a power of the first number that is no square (Euler's criterion)."""
    candidate = 2
    while pow(candidate, (prime - 1) // 2, prime) == 1:
        candidate += 1
    return pow(candidate, (prime - 1) // 4, prime)
