"""An algebraic normal form: a sum of rational multiples of products of powers.

Two trees with the same form are equal. Two forms of letters, roots of primes, `pi`, `e` and `i` alone that
differ are different: such products are linearly independent over the rationals (Besicovitch 1940, for the
roots; `pi` and `e` are taken to be independent). A form that holds a function as a whole, as `sin(x)`, can
differ from an equal one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from rlvr_math.values.exact import exact
from rlvr_math.values.tree import Apply, Constant, Node, Number, Refused, Symbol, Undefined

__all__ = ["Form", "form", "form_if_defined"]

_MAX_TERMS = 200
_MAX_STEPS = 3_000
_MAX_BITS = 8_000
_MAX_PRIME = 1_000
_MAX_POWER = 60
_ODD_ROOTS = frozenset({3, 5, 7, 9, 11})
_HALF = Fraction(1, 2)

_Key = tuple[object, ...]
_Monomial = tuple[tuple[_Key, Fraction], ...]
_Terms = dict[_Monomial, Fraction]
_I: _Key = ("i",)
_SCALES = {"neg": Fraction(-1), "percent": Fraction(1, 100), "permille": Fraction(1, 1000)}
_POSITIVE = frozenset({"c", "p"})


@dataclass(frozen=True, slots=True)
class Form:
    """A normal form; if it is `certain`, a different one is of a different value."""

    terms: tuple[tuple[_Monomial, Fraction], ...]
    certain: bool


class _NoForm(Exception):
    """The tree is not of this form, or too large for it."""


def form(node: Node) -> Form | None:
    r"""Return the normal form of a tree, or None where it has none of bounded size.

    >>> from rlvr_math.values.parse import parse
    >>> form(parse(r"\frac{6}{\sqrt{12}}")) == form(parse(r"\sqrt{3}")), form(parse("(x+1)^2")).certain
    (True, True)
    """
    try:
        return form_if_defined(node)
    except Undefined:
        return None


def form_if_defined(node: Node) -> Form | None:
    """Return the normal form as `form` does.

    Raises:
        Undefined: A division by what is zero.
    """
    builder = _Builder()
    try:
        terms = builder.of(node)
    except Undefined:
        raise
    except (_NoForm, Refused):
        return None
    return Form(_frozen(terms), builder.certain)


def _frozen(terms: Mapping[_Monomial, Fraction]) -> tuple[tuple[_Monomial, Fraction], ...]:
    return tuple(sorted(terms.items()))


class _Builder:
    def __init__(self) -> None:
        self.certain = True
        self._steps = 0

    def of(self, node: Node) -> _Terms:
        """Return the terms of a tree."""
        match node:
            case Number(value=value):
                return _constant(value)
            case Symbol(name=name):
                return _generator(("s", name))
            case Constant(name="pi" | "e" as name):
                return _generator(("c", name))
            case Constant(name="i"):
                return _generator(_I)
            case Apply(op=op, args=args):
                return self._applied(op, args, node)
            case _:
                raise _NoForm

    def _applied(self, op: str, args: tuple[Node, ...], node: Apply) -> _Terms:
        match op:
            case "add":
                return self._sum(args)
            case "mul":
                return self._product(args)
            case "inv":
                return self._power(self.of(args[0]), Fraction(-1))
            case "neg" | "percent" | "permille":
                return self._times(self.of(args[0]), _constant(_SCALES[op]))
            case "degree":
                return self._times(
                    self._times(self.of(args[0]), _generator(("c", "pi"))), _constant(Fraction(1, 180))
                )
            case "pow":
                return self._raised(*args)
            case "root":
                return self._raised(args[0], Apply("inv", (args[1],)))
            case _:
                return self._function(op, args, node)

    def _sum(self, args: tuple[Node, ...]) -> _Terms:
        total: _Terms = {}
        for arg in args:
            for monomial, factor in self.of(arg).items():
                _add(total, monomial, factor)
        return self._bounded(total)

    def _product(self, args: tuple[Node, ...]) -> _Terms:
        product = self.of(args[0])
        for arg in args[1:]:
            product = self._times(product, self.of(arg))
        return product

    def _times(self, one: _Terms, other: _Terms) -> _Terms:
        self._steps += len(one) * len(other)
        if self._steps > _MAX_STEPS:
            raise _NoForm
        product: _Terms = {}
        for first, factor in one.items():
            for second, other_factor in other.items():
                scale, monomial = _merged(first, second)
                _add(product, monomial, factor * other_factor * scale)
        return self._bounded(product)

    def _raised(self, base: Node, exponent: Node) -> _Terms:
        power = _rational(self.of(exponent))
        if power is None:
            return self._whole("pow", [self.of(base), self.of(exponent)])
        return self._power(self.of(base), power)

    def _power(self, base: _Terms, power: Fraction) -> _Terms:
        if not base:
            if power <= 0:
                raise Undefined("division by zero")
            return {}
        if len(base) == 1:
            ((monomial, factor),) = base.items()
            found = self._monomial_power(monomial, factor, power)
            if found is not None:
                return found
        if power.denominator != 1 or not 0 < power <= _MAX_POWER:
            return self._whole("power", [base, _constant(power)])
        result, square, left = _constant(Fraction(1)), base, int(power)
        while left:
            if left & 1:
                result = self._times(result, square)
            left >>= 1
            square = self._times(square, square) if left else square
        return result

    def _monomial_power(self, monomial: _Monomial, factor: Fraction, power: Fraction) -> _Terms | None:
        if power.denominator == 1:
            if abs(power) * _bits(factor) > _MAX_BITS:
                raise _NoForm
            return self._scaled(factor ** int(power), [(key, exponent * power) for key, exponent in monomial])
        if factor == 1 and len(monomial) == 1 and monomial[0][1] == 1 and monomial[0][0][0] == "s":
            return {((monomial[0][0], power),): Fraction(1)}
        if any(key[0] not in _POSITIVE for key, _ in monomial):
            return None
        sign: list[tuple[_Key, Fraction]] = []
        scale = Fraction(1)
        if factor < 0:
            if power.denominator == 2:
                sign = [(_I, Fraction(power.numerator))]
            elif power.denominator in _ODD_ROOTS:
                scale = Fraction(-1 if power.numerator % 2 else 1)
            else:
                return None
        roots = [(("p", prime), count * power) for prime, count in _factors(abs(factor))]
        powers = [(key, exponent * power) for key, exponent in monomial]
        return self._scaled(scale, [*sign, *roots, *powers])

    def _scaled(self, factor: Fraction, powers: list[tuple[_Key, Fraction]]) -> _Terms:
        scale, monomial = _normal(powers)
        return self._bounded({monomial: factor * scale})

    def _function(self, op: str, args: tuple[Node, ...], node: Apply) -> _Terms:
        value = exact(node)
        if value is not None:
            return _constant(value)
        if op in ("pm", "mp", "call", "union", "intersection", "setminus"):
            raise _NoForm
        return self._whole(op, [self.of(arg) for arg in args])

    def _whole(self, op: str, args: list[_Terms]) -> _Terms:
        self.certain = False
        return _generator(("f", op, *(_frozen(arg) for arg in args)))

    def _bounded(self, terms: _Terms) -> _Terms:
        if len(terms) > _MAX_TERMS or any(_bits(factor) > _MAX_BITS for factor in terms.values()):
            raise _NoForm
        return terms


def _constant(value: Fraction) -> _Terms:
    return {(): value} if value else {}


def _generator(key: _Key) -> _Terms:
    return {((key, Fraction(1)),): Fraction(1)}


def _add(terms: _Terms, monomial: _Monomial, factor: Fraction) -> None:
    total = terms.get(monomial, 0) + factor
    if total:
        terms[monomial] = total
    else:
        terms.pop(monomial, None)


def _rational(terms: _Terms) -> Fraction | None:
    if not terms:
        return Fraction(0)
    return terms[()] if len(terms) == 1 and () in terms else None


def _merged(one: _Monomial, other: _Monomial) -> tuple[Fraction, _Monomial]:
    if not one or not other:
        return Fraction(1), one or other
    return _normal([*one, *other])


def _normal(powers: list[tuple[_Key, Fraction]]) -> tuple[Fraction, _Monomial]:
    """Gather powers of one generator; whole powers of a prime and even powers of `i` go to the factor."""
    gathered: dict[_Key, Fraction] = {}
    for key, exponent in powers:
        gathered[key] = gathered.get(key, Fraction(0)) + exponent
    scale = Fraction(1)
    for key in [key for key in gathered if key[0] in ("p", "i")]:
        exponent = gathered[key]
        whole = exponent.numerator // exponent.denominator
        if key == _I:
            scale *= (1, 1, -1, -1)[whole % 4]
            gathered[key] = Fraction(whole % 2)
        elif whole:
            prime = key[1]
            if not isinstance(prime, int) or abs(whole) * prime.bit_length() > _MAX_BITS:
                raise _NoForm
            scale *= Fraction(prime) ** whole
            gathered[key] = exponent - whole
    return scale, tuple(sorted((key, exponent) for key, exponent in gathered.items() if exponent))


def _factors(value: Fraction) -> list[tuple[int, int]]:
    return [*_primes(value.numerator), *((prime, -count) for prime, count in _primes(value.denominator))]


def _primes(number: int) -> list[tuple[int, int]]:
    """Return the prime factors of a number that has none large, with their counts."""
    if number.bit_length() > _MAX_BITS // 8:
        raise _NoForm
    found: list[tuple[int, int]] = []
    for prime in _SMALL_PRIMES:
        if prime * prime > number:
            break
        count = 0
        while number % prime == 0:
            number //= prime
            count += 1
        if count:
            found.append((prime, count))
    if number >= _MAX_PRIME * _MAX_PRIME:
        raise _NoForm
    return [*found, (number, 1)] if number > 1 else found


def _bits(value: Fraction) -> int:
    return value.numerator.bit_length() + value.denominator.bit_length()


_SMALL_PRIMES = tuple(n for n in range(2, _MAX_PRIME) if all(n % k for k in range(2, int(n**0.5) + 1)))
