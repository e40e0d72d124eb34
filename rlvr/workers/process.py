"""The pool's side of its processes: one zygote that forks, and the workers that judge."""

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rlvr.errors import PoolError
from rlvr.isolated import environ_for
from rlvr.workers.wire import Progress, decode_result

if TYPE_CHECKING:
    from rlvr.workers.pool import Ticket

__all__ = ["Worker", "Zygote", "ZygoteDied"]

_BATCH_MS = 12.0
_BATCH_ITEMS = 512
_BATCH_BYTES = 1 << 18
_GRACE_S = 5.0
_REPLY_S = 30.0


class ZygoteDied(Exception):
    """The zygote is gone, and with it every worker: start another."""


class Zygote:
    """A process that has the verifier loaded and forks workers from itself.

    Attributes:
        plugin: What it loaded, as `distribution/name@version#hash8`.

    Raises:
        PoolError: The verifier cannot be made, or not in time.
    """

    def __init__(
        self,
        order: Mapping[str, Any],
        *,
        start_timeout_s: float,
        interpreter: Path | None = None,
        output: int | None = None,
    ) -> None:
        self._control, theirs = socket.socketpair()
        environ = {"OMP_NUM_THREADS": "1", **environ_for(interpreter)}
        self._process = subprocess.Popen(
            [str(interpreter or sys.executable), "-P", "-m", "rlvr.workers.zygote", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,
            env=environ,
        )
        theirs.close()
        self._control.settimeout(start_timeout_s)
        answer = self._ask_first(order, start_timeout_s)
        if "error" in answer:
            self.close()
            raise PoolError(answer["error"])
        self.plugin: str = answer["plugin"]
        self._control.settimeout(_REPLY_S)

    def fork(self) -> "Worker":
        """Return a new worker, ready to judge."""
        ours, theirs = socket.socketpair()
        with tempfile.TemporaryFile() as shared:
            shared.truncate(Progress.SIZE)
            progress = Progress(shared.fileno())
            try:
                socket.send_fds(self._control, [b"fork"], [theirs.fileno(), shared.fileno()])
                pid = int(self._reply())
            except (OSError, ZygoteDied):
                ours.close()
                progress.close()
                raise ZygoteDied from None
            finally:
                theirs.close()
        return Worker(self, ours, pid, progress)

    def reap(self, pid: int) -> int:
        """Kill a worker with all that it started, and return its wait status."""
        try:
            self._control.sendall(str(pid).encode())
            return int(self._reply())
        except OSError:
            raise ZygoteDied from None

    def close(self) -> None:
        """End the zygote, which takes its workers along, and wait until it is gone."""
        self._control.close()
        try:
            self._process.wait(timeout=_GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask_first(self, order: Mapping[str, Any], start_timeout_s: float) -> dict[str, Any]:
        try:
            self._control.sendall(json.dumps(order).encode() + b"\n")
            line = self._control.makefile("rb").readline()
        except TypeError as error:
            self.close()
            raise PoolError(f"the options cannot cross to a worker: {error}.") from None
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self.close()
            raise PoolError(
                f"{order['name']!r} was not ready within {start_timeout_s:g} s: raise start_timeout_s, "
                "or see what its factory waits for."
            ) from None
        if not line:
            self.close()
            raise PoolError(
                f"the process that loads {order['name']!r} ended with exit code {self._process.returncode}: "
                "see its words above."
            )
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _reply(self) -> bytes:
        answer = self._control.recv(64)
        if not answer:
            raise ZygoteDied
        return answer


class Worker:
    """One process that judges, and what it has been given."""

    def __init__(self, zygote: Zygote, channel: socket.socket, pid: int, progress: Progress) -> None:
        channel.setblocking(False)
        self.zygote = zygote
        self.channel = channel
        self.pid = pid
        self.tickets: dict[int, Ticket] = {}
        self.gone = False
        self.selector: selectors.BaseSelector | None = None
        self._progress = progress
        self._outgoing = bytearray()
        self._incoming = b""
        self._bytes_held = 0
        self._pace_ms: float | None = None
        self._heard = time.monotonic()

    def room(self) -> int:
        """How many more completions it should hold: some milliseconds of work, so that none starves."""
        if self._bytes_held > _BATCH_BYTES:
            return 0
        target = 1 if self._pace_ms is None else int(_BATCH_MS / max(self._pace_ms, 1e-3))
        target = max(1, min(_BATCH_ITEMS, target))
        return target - len(self.tickets) if len(self.tickets) <= target // 2 else 0

    def give(self, ticket: "Ticket") -> None:
        """Add a completion to what it holds; `send` carries it over."""
        if not self.tickets:
            self._heard = time.monotonic()
        self.tickets[ticket.sequence] = ticket
        self._bytes_held += len(ticket.line)
        self._outgoing += ticket.line

    def send(self) -> None:
        """Send what the channel takes now; the selector says when it takes more."""
        if self._outgoing and not self.gone:
            try:
                del self._outgoing[: self.channel.send(self._outgoing)]
            except BlockingIOError:
                pass
            except OSError:
                self.gone = True
        if self.selector is not None:
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._outgoing else 0)
            if self.selector.get_key(self.channel).events != events:
                self.selector.modify(self.channel, events, self)

    def receive(self) -> int:
        """Take the verdicts that have arrived; return how many."""
        chunks = [self._incoming, *self._chunks()]
        *lines, self._incoming = b"".join(chunks).split(b"\n")
        judged = 0
        for line in lines:
            sequence, score, ms = decode_result(line)
            ticket = self.tickets.pop(sequence)
            self._bytes_held -= len(ticket.line)
            self._pace_ms = ms if self._pace_ms is None else 0.8 * self._pace_ms + 0.2 * ms
            ticket.done(score, ms)
            judged += 1
        return judged

    def current(self) -> "Ticket | None":
        """Return what it is judging now; None between two."""
        return self.tickets.get(self._progress.read()[0])

    def divided(self) -> bool:
        """Say whether the verifier forked off a child that came back from judging."""
        return self._progress.divided()

    def seconds_left(self, timeout_s: float) -> float:
        """Return the seconds until its current completion is over the deadline (or it counts as lost)."""
        sequence, started = self._progress.read()
        if sequence in self.tickets:
            return started + timeout_s - time.monotonic()
        return self._heard + timeout_s + _GRACE_S - time.monotonic()

    def close(self) -> None:
        """Let go of the channel and the shared memory."""
        self.channel.close()
        self._progress.close()

    def _chunks(self) -> list[bytes]:
        chunks: list[bytes] = []
        while True:
            try:
                chunk = self.channel.recv(1 << 18)
            except BlockingIOError:
                break
            except OSError:
                chunk = b""
            if not chunk:
                self.gone = True
                break
            chunks.append(chunk)
        if chunks:
            self._heard = time.monotonic()
        return chunks
