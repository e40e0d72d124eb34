"""Pipes to confined children: written and read under deadlines, and never for longer than they take."""

import contextlib
import os
import select
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Literal

from rlvr.untrusted import Limits

__all__ = ["GRACE_S", "End", "Over", "Pipe", "drain", "feed", "pipes", "read", "write"]

Over = Literal["", "timeout", "output"]
GRACE_S = 0.5
"""How much longer than the child's own deadline the trusted side waits."""

PIPE_BYTES = 60_000


class End:
    """One end of a pipe; closing it twice does nothing, so that no other file is closed by mistake."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        """Return the descriptor; -1 once closed or taken."""
        return self._descriptor

    def take(self) -> int:
        """Return the descriptor, which is the caller's to close from now on."""
        descriptor, self._descriptor = self._descriptor, -1
        return descriptor

    def close(self) -> None:
        """Close it, if it is open."""
        descriptor = self.take()
        if descriptor >= 0:
            os.close(descriptor)


class Pipe:
    """Both ends of a pipe."""

    def __init__(self) -> None:
        self.read, self.write = map(End, os.pipe())


@contextlib.contextmanager
def pipes(count: int) -> Iterator[list[Pipe]]:
    """Lend so many pipes; what is still open afterwards is closed."""
    made: list[Pipe] = []
    try:
        made.extend(Pipe() for _ in range(count))
        yield made
    finally:
        for pipe in made:
            pipe.read.close()
            pipe.write.close()


def feed(end: End, data: bytes) -> None:
    """Write to a pipe and close it; in a thread only if it does not fit."""
    if len(data) <= PIPE_BYTES:
        with contextlib.suppress(OSError):
            os.write(end.fileno(), data)
        end.close()
    else:
        threading.Thread(target=_feed_slowly, args=(end.take(), data), daemon=True).start()


def _feed_slowly(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    with contextlib.suppress(OSError):
        while left:
            left = left[os.write(descriptor, left) :]
    os.close(descriptor)


def drain(ends: Sequence[End], limits: Limits) -> tuple[list[bytes], Over]:
    """Read pipes to their ends, the deadline or the output limit, close them, and say which it was."""
    descriptors = [end.fileno() for end in ends]
    texts = {descriptor: bytearray() for descriptor in descriptors}
    until, most = time.monotonic() + limits.wall_s + GRACE_S, limits.output_kb << 10
    over: Over = ""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN | select.POLLHUP)
    open_ones = set(descriptors)
    while open_ones and not over:
        ready = poll.poll(max(0.0, until - time.monotonic()) * 1e3)
        if not ready:
            over = "timeout"
        for descriptor, _ in ready:
            chunk = os.read(descriptor, 1 << 16)
            texts[descriptor] += chunk
            if not chunk:
                poll.unregister(descriptor)
                open_ones.discard(descriptor)
            elif len(texts[descriptor]) > most:
                over = "output"
    for end in ends:
        end.close()
    return [bytes(texts[descriptor][:most]) for descriptor in descriptors], over


def write(end: End, data: bytes, until: float) -> None:
    """Write all of it by a time on the monotonic clock.

    Raises:
        TimeoutError: The other side did not take it.
    """
    descriptor = end.fileno()
    os.set_blocking(descriptor, False)
    left = memoryview(data)
    while left:
        _, writable, _ = select.select([], [descriptor], [], max(0.0, until - time.monotonic()))
        if not writable:
            raise TimeoutError
        with contextlib.suppress(BlockingIOError):
            left = left[os.write(descriptor, left) :]


def read(end: End, size: int, until: float) -> bytes:
    """Return exactly so many bytes by a time on the monotonic clock.

    Raises:
        TimeoutError: They did not come.
        EOFError: The other side is closed.
    """
    data = b""
    while len(data) < size:
        ready, _, _ = select.select([end], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        chunk = os.read(end.fileno(), min(1 << 16, size - len(data)))
        if not chunk:
            raise EOFError
        data += chunk
    return data
