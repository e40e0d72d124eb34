"""The hold on fork servers: started in a jail, lent to one run at a time, replaced in doubt."""

import array
import contextlib
import os
import queue
import select
import socket
import tempfile
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rlvr.errors import SandboxUnavailable
from rlvr.untrusted import Ended, Limits
from rlvr_sandbox_local import filters, jail
from rlvr_sandbox_local.pipes import End
from rlvr_sandbox_local.wire import ANSWER, REQUEST

__all__ = ["Ending", "Pool", "Server"]

_START_S = 10.0
_MAX_RUNS = 5_000


class Ending(NamedTuple):
    """How a child ended."""

    ended: Ended
    exit_code: int
    wall_s: float
    cpu_s: float
    memory_mb: float


class Server:
    """One fork server in its jail; one child at a time."""

    def __init__(self) -> None:
        bwrap = jail.require()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the server
        with tempfile.TemporaryFile() as programs:
            programs.write(filters.compiled())
            programs.seek(0)
            self._process = jail.start(bwrap, theirs.fileno(), programs.fileno(), self._complaints.fileno())
        theirs.close()
        self.runs = 0
        self._control.settimeout(_START_S)
        if self._receive() != b"ready":
            why = self._complaint()
            self.close()
            raise SandboxUnavailable(f"a fork server did not start in its jail: {why}.")

    @property
    def alive(self) -> bool:
        """Whether it waits for its next run: not ended, and silent."""
        speaking, _, _ = select.select([self._control], [], [], 0)
        return not speaking and self._process.poll() is None

    def spawn(self, role: bytes, ends: Sequence[End], limits: Limits) -> None:
        """Start a child that holds these ends of pipes, which are no longer ours.

        Raises:
            SandboxUnavailable: The server is gone.
        """
        self.runs += 1
        request = REQUEST.pack(role, limits.wall_s, limits.memory_mb, limits.processes, limits.file_mb)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [end.fileno() for end in ends]))]
        try:
            self._control.sendmsg([request], rights)
        except OSError as error:
            raise SandboxUnavailable(f"a fork server is gone: {error}.") from None
        finally:
            for end in ends:
                end.close()
        self._control.settimeout(limits.wall_s + _START_S)

    def kill(self) -> None:
        """End the child now."""
        with contextlib.suppress(OSError):
            self._control.send(b"K")

    def wait(self) -> Ending:
        """Return how the child ended.

        Raises:
            SandboxUnavailable: The server is gone.
        """
        message = self._receive()
        if len(message) != ANSWER.size:
            raise SandboxUnavailable("a fork server ended in the middle of a run.")
        word, status, wall_s, cpu_s, rss_kb = ANSWER.unpack(message)
        if word.startswith(b"open"):
            raise SandboxUnavailable(f"a run could not be confined, and did not run: {self._complaint()}.")
        code = os.waitstatus_to_exitcode(status)
        ended: Ended = "timeout" if word.startswith(b"timeout") else "exit" if code >= 0 else "signal"
        return Ending(ended, code, wall_s, cpu_s, rss_kb / 1024)

    def close(self) -> None:
        """End the server; its jail and all in it end with it."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        self._complaints.close()

    def _complaint(self) -> str:
        """Return the last line that the server or a child that could not be confined left."""
        self._complaints.seek(0)
        words = self._complaints.read().decode("utf-8", "replace").strip()
        return words.rpartition("\n")[2][:200] or "no word of why"

    def _receive(self) -> bytes:
        try:
            return self._control.recv(256)
        except OSError:
            return b""


class Pool:
    """Fork servers of one kind, each lent to one run at a time, replaced after many runs or any doubt."""

    def __init__(self, size: int) -> None:
        self._free: queue.LifoQueue[Server | None] = queue.LifoQueue()
        for _ in range(size):
            self._free.put(None)
        self._size = size
        self._owner = os.getpid()

    def take(self) -> Server:
        """Return a free server, started if it must be; waits for one."""
        if self._owner != os.getpid():
            raise SandboxUnavailable("a sandbox does not cross a fork: make one in the process that uses it.")
        server = self._free.get()
        if server is not None and server.alive:
            return server
        if server is not None:
            server.close()
        try:
            return Server()
        except BaseException:
            self._free.put(None)
            raise

    def give_back(self, server: Server, *, sound: bool = True) -> None:
        """Put a server back; one that is worn or in doubt is ended, and its place is free."""
        if not sound or server.runs >= _MAX_RUNS:
            server.close()
            self._free.put(None)
        else:
            self._free.put(server)

    @contextlib.contextmanager
    def server(self) -> Iterator["Server"]:
        """Lend a server; it is ended if anything went wrong with it."""
        server = self.take()
        try:
            yield server
        except BaseException:
            self.give_back(server, sound=False)
            raise
        self.give_back(server)

    def close(self) -> None:
        """End every server that is not lent."""
        for _ in range(self._size):
            with contextlib.suppress(queue.Empty):
                server = self._free.get_nowait()
                if server is not None:
                    server.close()
