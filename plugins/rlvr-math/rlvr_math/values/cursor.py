"""Where the parser stands: the tokens, how far they are read, how deep it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rlvr_math.values.tokens import Token
from rlvr_math.values.tree import Node, Refused

__all__ = ["Cursor"]

MAX_DEPTH = 60
_OPEN = frozenset({"(", "[", "{", "\\{"})
_CLOSE = frozenset({")", "]", "}", "\\}"})


class Cursor:
    """The tokens of one text and a position in them.

    `listing` and `power` are the two rules of the grammar that an atom holds inside.
    """

    def __init__(
        self, found: list[Token], *, listing: Callable[["Cursor"], Node], power: Callable[["Cursor"], Node]
    ) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0
        self._listing = listing
        self._power = power
        self.in_bars = False

    @property
    def token(self) -> Token:
        """The token that is next."""
        return self._tokens[self._at]

    @property
    def previous(self) -> Token:
        """The token that was read last."""
        return self._tokens[self._at - 1]

    def peek(self, steps: int) -> Token:
        """Return the token that many after the next; the last one at the end."""
        return self._tokens[min(self._at + steps, len(self._tokens) - 1)]

    def closing(self, steps: int) -> int | None:
        """Return how far ahead the bracket closes that opens that many tokens after the next."""
        depth = 0
        for index in range(self._at + steps, len(self._tokens)):
            depth += self._tokens[index].text in _OPEN
            depth -= self._tokens[index].text in _CLOSE
            if depth == 0:
                return index - self._at
        return None

    def read(self) -> Token:
        """Return the next token and go past it."""
        token = self.token
        if token.kind == "end":
            raise Refused("unexpected end")
        self._at += 1
        return token

    def is_at(self, *texts: str) -> bool:
        """Say whether the next token is one of these signs or commands."""
        return self.token.kind in ("mark", "command") and self.token.text in texts

    def accept(self, *texts: str) -> bool:
        """Go past the next token if it is one of these; say whether it was."""
        found = self.is_at(*texts)
        self._at += found
        return found

    def expect(self, *texts: str) -> str:
        """Go past one of these and return which it was; anything else is refused."""
        if not self.is_at(*texts):
            raise Refused(f"expected {texts[0]!r}, found {self.token.text!r}")
        return self.read().text

    def split_digit(self) -> Token:
        r"""Read a token, but only the first digit of a number, as the arguments of `\frac43` do."""
        token = self.token
        if token.kind != "number" or len(token.text) == 1:
            return self.read()
        self._tokens[self._at] = Token("number", token.text[1:])
        return Token("number", token.text[0])

    def inside(self, *, bars: bool = False) -> Node:
        """Parse what stands inside a bracket, up to its closing sign."""
        outer, self.in_bars = self.in_bars, bars
        with self.deeper():
            node = self._listing(self)
        self.in_bars = outer
        return node

    def power(self) -> Node:
        """Parse one factor with its exponents."""
        with self.deeper():
            return self._power(self)

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Count one level of nesting.

        Raises:
            Refused: There are too many.
        """
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Refused("too deep")
        yield
        self._depth -= 1
