"""Ask sympy in a process of its own, which is killed when its time is up.

The process starts at the first question, answers one question at a time over its pipes, and is replaced after
a question that it did not answer. Trees cross as JSON; no text is ever evaluated. Run as a program, this
module is the process's own side.

Covered: time (from outside), memory and processor time (by rlimits), a crash. Not covered: anything else that
code in sympy could do; it sees only trees built node by node.
"""

import json
import os
import select
import subprocess
import sys
import threading
from fractions import Fraction
from typing import Any

from rlvr_math.values.tree import Apply, Constant, Node, Number, Refused, Symbol, walk

__all__ = ["Prover", "main"]

SECONDS = 0.9
"""How long a caller waits for one answer, once the process is ready for questions."""

_START_SECONDS = 10.0
_MAX_NODES = 80
_MEMORY = 1 << 30
_PROCESSOR_SECONDS = 3


class Prover:
    """Says whether two trees are identical; at most one process, started at the first question.

    Threads take turns; a process that was forked off starts its own.
    """

    def __init__(self, *, seconds: float = SECONDS, start_seconds: float = _START_SECONDS) -> None:
        self._seconds = seconds
        self._start_seconds = start_seconds
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def __call__(self, one: Node, other: Node) -> bool | None:
        """Return whether two trees are identical; None where sympy cannot tell, or not in time."""
        if sum(1 for tree in (one, other) for _ in walk(tree)) > _MAX_NODES:
            return None
        try:
            question = json.dumps([_packed(one), _packed(other)]).encode() + b"\n"
        except Refused:
            return None
        if not self._turn.acquire(timeout=self._seconds):
            return None
        try:
            return self._answer(question)
        finally:
            self._turn.release()

    def close(self) -> None:
        """Kill the process, if there is one of ours, and let go of its pipes."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        if self._owner == os.getpid():
            process.kill()
            process.wait()
        else:
            # It is the child of whom we were forked from: not ours to wait for.
            process.returncode = 0

    def _answer(self, question: bytes) -> bool | None:
        process = self._running()
        try:
            if process is None or process.stdin is None:
                return None
            process.stdin.write(question)
            process.stdin.flush()
            line = _line_of(process, self._seconds)
        except OSError:
            line = b""
        if not line:
            self.close()
            return None
        found: bool | None = json.loads(line)
        return found

    def _running(self) -> subprocess.Popen[bytes] | None:
        """Return the process, ready for a question; how long it starts is no question's doing."""
        if self._process is not None and (self._owner != os.getpid() or self._process.poll() is not None):
            self.close()
        if self._process is None:
            self._owner = os.getpid()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "rlvr_math.prover"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
            if not _line_of(self._process, self._start_seconds):
                self.close()
        return self._process

    def __del__(self) -> None:
        """Kill the process with its last user."""
        self.close()


def _line_of(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """Return the next line that a process writes; nothing where it writes none in time."""
    if process.stdout is None:
        return b""
    ready, _, _ = select.select([process.stdout], [], [], seconds)
    return process.stdout.readline() if ready else b""


def _packed(node: Node) -> Any:
    match node:
        case Number(value=value):
            return ["number", str(value.numerator), str(value.denominator)]
        case Symbol(name=name):
            return ["symbol", name]
        case Constant(name=name):
            return ["constant", name]
        case Apply(op=op, args=args):
            return [op, *map(_packed, args)]
        case _:
            raise Refused(f"no number: {type(node).__name__}")


def _unpacked(packed: Any) -> Node:
    op, *rest = packed
    match op:
        case "number":
            return Number(Fraction(int(rest[0]), int(rest[1])))
        case "symbol":
            return Symbol(rest[0])
        case "constant":
            return Constant(rest[0])
        case _:
            return Apply(op, tuple(map(_unpacked, rest)))


def main() -> None:
    """Answer questions from standard input, one line each, until it ends."""
    from rlvr_math.values.symbolic import identical

    identical(Number(Fraction(1)), Number(Fraction(1)))  # loads sympy
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin.buffer:
        _limit()
        try:
            one, other = map(_unpacked, json.loads(line))
            found = identical(one, other)
        except Exception:  # noqa: BLE001 - whatever sympy raises, the question is not answered
            found = None
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


def _limit() -> None:
    """Bound memory, and processor time for one more question: an orphan ends by itself."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + _PROCESSOR_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


if __name__ == "__main__":
    main()
