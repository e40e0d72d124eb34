"""The sandbox `local`: untrusted Python on this Linux machine, without a daemon, as root or not.

Covered: the host's files (only /usr and the interpreter, read-only, are there), environment and processes
(private pid, mount, ipc, net, uts namespaces), the network (none, and no sockets), other runs (fresh
namespaces and memory for each), the tests and expected values (never in the process or in the server that
it is cloned from), privileges (an unprivileged user, no capabilities, no_new_privs, seccomp), memory,
processor and wall-clock time, processes, output, file bytes and inodes; left-over processes (they end with
the first).

Not covered: faults of the kernel behind the system calls that are left; side channels through shared
processors and caches; what /usr of this machine holds is readable. For code that attacks kernels use a
virtual machine.
"""

import contextlib
import json
import os
import struct
import time
from collections.abc import Mapping
from typing import Any, Self

from rlvr.errors import SandboxUnavailable
from rlvr.untrusted import Answered, Ended, Examined, Limits, Outcome, Program, decoded, encoded
from rlvr_sandbox_local import jail
from rlvr_sandbox_local.pipes import GRACE_S, End, Over, drain, feed, pipes, read, write
from rlvr_sandbox_local.servers import Ending, Pool, Server
from rlvr_sandbox_local.wire import HEADER

__all__ = ["LocalSandbox", "LocalSession", "local"]

_LAYERS = ("bubblewrap", "user-namespace", "pid", "mount", "ipc", "net", "uts", "seccomp", "rlimits")
_MEMORY_STATUS = 71


def local(*, servers: int = 0) -> "LocalSandbox":
    """Return the sandbox; `servers` fork servers of each kind at most (0: one more than there are cores)."""
    return LocalSandbox(servers=servers or len(os.sched_getaffinity(0)) + 1)


class LocalSandbox:
    """Runs untrusted code in clones of resident fork servers; starts them when they are first needed."""

    def __init__(self, *, servers: int = 2) -> None:
        self._servers = servers
        self._pools = {role: Pool(servers) for role in ("candidate", "examiner")}

    @property
    def layers(self) -> Mapping[str, bool]:
        """Which layers of isolation are active here."""
        jail.require()
        return dict.fromkeys(_LAYERS, True)

    def run(self, program: Program, limits: Limits) -> Outcome:
        """Run a program to its end or to a limit."""
        order = {"source": program.source, "files": dict(program.files)}
        with self._pools["candidate"].server() as server, pipes(4) as (request, stdin, stdout, stderr):
            server.spawn(b"p", [request.read, stdin.read, stdout.write, stderr.write], limits)
            feed(request.write, json.dumps(order).encode())
            feed(stdin.write, program.stdin.encode("utf-8", "replace"))
            texts, over = drain([stdout.read, stderr.read], limits)
            if over:
                server.kill()
            end = server.wait()
        ended: Ended = "output" if over == "output" else end.ended
        if ended == "exit" and end.exit_code == _MEMORY_STATUS:
            ended = "memory"
        return Outcome(
            ended=ended,
            exit_code=end.exit_code,
            stdout=texts[0].decode("utf-8", "replace"),
            stderr=texts[1].decode("utf-8", "replace"),
            wall_s=end.wall_s,
            cpu_s=end.cpu_s,
            memory_mb=end.memory_mb,
        )

    def open(self, source: str, limits: Limits) -> "LocalSession":
        """Load source whose functions will be called."""
        pool = self._pools["candidate"]
        server = pool.take()
        try:
            with pipes(3) as (request, calls, answers):
                server.spawn(b"c", [request.read, calls.read, answers.write], limits)
                feed(request.write, json.dumps({"source": source}).encode())
                ends = End(calls.write.take()), End(answers.read.take())
            return LocalSession(pool, server, *ends, limits)
        except BaseException:
            pool.give_back(server, sound=False)
            raise

    def examine(self, source: str, test: str, *, entry_point: str, limits: Limits) -> Examined:
        """Run trusted test code on a function that lives in another child, of another server."""
        order = {"test": test, "entry_point": entry_point}
        with (
            self._pools["candidate"].server() as candidate,
            self._pools["examiner"].server() as examiner,
            pipes(5) as (source_in, order_in, calls, answers, verdict),
        ):
            candidate.spawn(b"c", [source_in.read, calls.read, answers.write], limits)
            examiner.spawn(b"e", [order_in.read, verdict.write, answers.read, calls.write], limits)
            feed(source_in.write, json.dumps({"source": source}).encode())
            feed(order_in.write, json.dumps(order).encode())
            (said,), over = drain([verdict.read], limits)
            if over:
                examiner.kill()
            examined = examiner.wait()
            candidate.kill()
            end = candidate.wait()
        return _verdict(said, over, examined, end)

    def close(self) -> None:
        """End every fork server, and all that they started."""
        for pool in self._pools.values():
            pool.close()

    def __enter__(self) -> Self:
        """Return the sandbox."""
        return self

    def __exit__(self, *_: object) -> None:
        """End every fork server."""
        self.close()


class LocalSession:
    """Untrusted source in a child of its own; ends when closed, or when a call outlives the limits."""

    def __init__(self, pool: "Pool", server: "Server", calls: End, answers: End, limits: Limits) -> None:
        self._pool = pool
        self._server: Server | None = server
        self._calls = calls
        self._answers = answers
        self._limits = limits
        self._until = time.monotonic() + limits.wall_s + GRACE_S
        self._fault = self._answer()

    def call(self, name: str, *args: Any, **kwargs: Any) -> Answered:
        """Call a function, or `Class.method` on a fresh instance, with plain values."""
        if self._fault.ended or self._fault.raised:
            return self._fault
        plain = {key: encoded(value) for key, value in kwargs.items()}
        payload = json.dumps([name, [encoded(value) for value in args], plain]).encode()
        try:
            write(self._calls, HEADER.pack(len(payload)) + payload, self._until)
        except (OSError, TimeoutError):
            return self._lost("timeout" if time.monotonic() >= self._until else "signal")
        return self._answer()

    def close(self) -> None:
        """End the child."""
        self._lost("exit")

    def __enter__(self) -> Self:
        """Return the session."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        self.close()

    def _answer(self) -> Answered:
        try:
            size = HEADER.unpack(read(self._answers, HEADER.size, self._until))[0]
            if size > self._limits.output_kb << 10:
                return self._lost("output")
            data = json.loads(read(self._answers, size, self._until))
            return _answered(data)
        except TimeoutError:
            return self._lost("timeout")
        except (EOFError, OSError):
            return self._lost("signal")
        except (ValueError, RecursionError):
            return self._lost("exit")

    def _lost(self, ended: Ended) -> Answered:
        if self._server is not None:
            server, self._server = self._server, None
            self._calls.close()
            self._answers.close()
            with contextlib.suppress(SandboxUnavailable):
                server.kill()
                end = server.wait()
                ended = "timeout" if end.ended == "timeout" else ended
            self._pool.give_back(server)
            self._fault = Answered(ended=ended)
        return self._fault


def _answered(data: Any) -> Answered:
    if not isinstance(data, dict):
        raise ValueError("no answer")  # noqa: TRY004 - of a stranger's data
    if "e" in data:
        return Answered(raised=str(data["e"])[:60] or "Exception")
    args = data.get("a", [])
    if not isinstance(args, list):
        raise ValueError("no arguments")  # noqa: TRY004
    return Answered(value=decoded(data.get("v")), args=tuple(decoded(one) for one in args))


def _verdict(said: bytes, over: Over, examined: Ending, candidate: Ending) -> Examined:
    late = "timeout" in (over, examined.ended, candidate.ended)
    ended: Ended | None = "timeout" if late else None
    if ended is None and candidate.ended == "exit" and candidate.exit_code == _MEMORY_STATUS:
        ended = "memory"
    try:
        size = HEADER.unpack(said[: HEADER.size])[0]
        data = json.loads(said[HEADER.size : HEADER.size + size])
        passed, why = data["passed"] is True, str(data["why"])
    except (struct.error, ValueError, KeyError, TypeError):
        passed, why = False, f"the test did not finish ({over or examined.ended})"
    return Examined(passed=passed, why=why, ended=None if passed else ended)
